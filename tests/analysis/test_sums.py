from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from toolkit.analysis import contributions, histogram_by_class, weighted_sums
from toolkit.network import Layer, Network, Responses


def test_counts_and_edges_by_hand() -> None:
    found = histogram_by_class([0, 1, 1.9, 4], [2, 2, 5, 5], bins=4)
    assert found.edges.tolist() == [0, 1, 2, 3, 4]
    assert found.counts[2].tolist() == [1, 1, 0, 0]
    assert found.counts[5].tolist() == [0, 1, 0, 1]
    assert found.counts.sum() == 4
    assert found.left_out == 0


def test_the_bias_is_left_out_so_that_minus_it_is_the_threshold() -> None:
    network = Network((Layer([[1, -1], [0, 2]], [10, -1], "relu"), Layer([[4, -3]], [2])))
    trace = network.forward([[2, 3], [1, 0]])
    # w·x of neuron 1.0 is −1 and 1.
    found = weighted_sums(network, trace, [0, 1], 1, 0, bins=2)
    assert found.edges.tolist() == [-1, 0, 1]
    assert found.counts[:2].tolist() == [[1, 0], [0, 1]]
    # a1 = (9, 5) and (11, 0), so that neuron 2.0 is at 21 and 44.
    assert weighted_sums(network, trace, [0, 1], 2, 0, bins=1).edges.tolist() == [21, 44]
    with pytest.raises(ValueError, match=r"2\.1"):
        weighted_sums(network, trace, [0, 1], 2, 1)


def test_responses_without_the_inputs_give_the_same_sums() -> None:
    network = Network((Layer([[1, -1], [0, 2]], [10, -1], "relu"), Layer([[4, -3]], [2])))
    trace = network.forward([[2, 3], [1, 0]])
    responses = Responses(trace.pre_activations, trace.activations)
    for layer, edges in ((1, [-1, 0, 1]), (2, [21, 32.5, 44])):
        found = weighted_sums(network, responses, [0, 1], layer, 0, bins=2)
        assert found.edges.tolist() == edges
        assert found.counts[:2].tolist() == [[1, 0], [0, 1]]
    with pytest.raises(ValueError, match="expected a Trace, which has the inputs"):
        contributions(network, responses, 1, 0)
    assert contributions(network, responses, 2, 0).tolist() == [[36, -15], [44, 0]]


@given(
    hnp.arrays(np.float32, st.integers(0, 50), elements=st.floats(width=32)),
    st.integers(1, 20),
    st.integers(0, 2**32 - 1),
)
def test_every_finite_value_is_counted_once(values: np.ndarray, bins: int, seed: int) -> None:
    labels = np.random.default_rng(seed).integers(0, 10, len(values))
    found = histogram_by_class(values, labels, bins=bins)
    finite = np.isfinite(values)
    assert found.left_out == (~finite).sum()
    assert found.counts.shape == (10, bins)
    assert (np.diff(found.edges) > 0).all()
    np.testing.assert_array_equal(
        found.counts.sum(axis=1), np.bincount(labels[finite], minlength=10)
    )


@given(st.integers(0, 2**32 - 1))
def test_counts_agree_with_numpys_histogram(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, labels = rng.normal(size=200), rng.integers(0, 10, 200)
    found = histogram_by_class(values, labels, bins=7)
    for digit in range(10):
        expected, _ = np.histogram(values[labels == digit], bins=found.edges)
        np.testing.assert_array_equal(found.counts[digit], expected)


def test_equal_values_and_none_at_all_have_edges_around_them() -> None:
    assert histogram_by_class([3, 3], [0, 1], bins=2).edges.tolist() == [1.5, 3, 4.5]
    assert histogram_by_class([0, 0], [0, 1], bins=1).edges.tolist() == [-0.5, 0.5]
    assert histogram_by_class([], [], bins=1).edges.tolist() == [-0.5, 0.5]


def test_values_beyond_given_limits_are_left_out() -> None:
    found = histogram_by_class([-5, 0, 1, 5], [0, 0, 0, 0], bins=1, limits=(0, 1))
    assert found.counts.sum() == 2
    assert found.left_out == 2


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"bins": 0}, "bins"),
        ({"limits": (1, 1)}, "limits"),
        ({"limits": (0, np.inf)}, "limits"),
    ],
)
def test_arguments_are_checked(arguments: dict, name: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(ValueError, match=name):
        histogram_by_class([1.0], [1], **arguments)
    with pytest.raises(ValueError, match="values, labels"):
        histogram_by_class([1.0], [1, 2])
