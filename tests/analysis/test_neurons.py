from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.analysis import composed_maps, contributions, layer_inputs, layer_statistics, norms
from toolkit.network import ACTIVATIONS, Layer, Network

# 2-2-1, worked by hand: z1 = (1·2 − 1·3 + 1, 0·2 + 2·3 − 1) = (0, 5), a1 = (0, 5), z2 = 0 − 15 + 2.
SMALL = Network(
    (Layer([[1, -1], [0, 2]], [1, -1], "relu"), Layer([[4, -3]], [2], "identity")), "small"
)


def test_contributions_are_weight_times_input() -> None:
    trace = SMALL.forward([2, 3])
    assert contributions(SMALL, trace, 1, 0).tolist() == [2, -3]
    assert contributions(SMALL, trace, 1, 1).tolist() == [0, 6]
    assert layer_inputs(trace, 2).tolist() == [0, 5]
    assert contributions(SMALL, trace, 2, 0).tolist() == [0, -15]
    assert trace.outputs.tolist() == [-13]


@given(st.integers(0, 2**32 - 1), st.sampled_from(sorted(ACTIVATIONS)))
def test_contributions_and_bias_add_up_to_the_pre_activation(seed: int, activation: str) -> None:
    network = Network.random((12, 5, 4, 3), activation, seed=seed)
    digits = np.random.default_rng(seed).random((6, 12), dtype=np.float32)
    trace = network.forward(digits)
    for number, layer in enumerate(network.layers, 1):
        for index in range(layer.size):
            total = contributions(network, trace, number, index).sum(axis=1) + layer.biases[index]
            np.testing.assert_allclose(
                total, trace.pre_activations[number - 1][:, index], rtol=1e-4, atol=1e-5
            )


def test_a_neuron_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match=r"1\.0 to 1\.1; got 1\.2"):
        contributions(SMALL, SMALL.forward([1, 1]), 1, 2)
    with pytest.raises(ValueError, match="layer"):
        composed_maps(SMALL, 3)


def test_composed_maps_are_products_of_the_weights() -> None:
    assert composed_maps(SMALL, 1).tolist() == [[1, -1], [0, 2]]
    assert composed_maps(SMALL, 2).tolist() == [[4, -10]]


@given(st.integers(0, 2**32 - 1))
def test_composed_maps_are_exact_for_identity_layers_without_biases(seed: int) -> None:
    network = Network.random((9, 6, 5, 4), "identity", seed=seed)
    digits = np.random.default_rng(seed).random((3, 9), dtype=np.float32)
    np.testing.assert_allclose(
        network.forward(digits).outputs, digits @ composed_maps(network, 3).T, atol=1e-5
    )


def test_broken_weights_compose_without_an_error() -> None:
    broken = SMALL.with_layer(1, weights=[[np.inf, -1], [np.nan, 2]])
    with np.errstate(all="raise"):
        assert not np.isfinite(composed_maps(broken, 2)[0, 0])


def test_statistics_of_a_small_network() -> None:
    first, second = layer_statistics(SMALL)
    assert (first.layer, first.neurons, first.inputs, first.activation) == (1, 2, 2, "relu")
    assert (first.least, first.largest, first.mean) == (-1, 2, 0.5)
    assert first.spread == pytest.approx(np.sqrt(5 / 4))
    assert (first.zeros, first.not_finite) == (1, 0)
    assert (first.bias_least, first.bias_largest) == (-1, 1)
    np.testing.assert_allclose(first.norms, [np.sqrt(2), 2])
    assert second.norms.tolist() == [5]


def test_statistics_leave_out_what_is_not_finite_and_count_it() -> None:
    broken = Network((Layer([[np.nan, 3], [np.inf, -4]], [np.nan, 7]),))
    (found,) = layer_statistics(broken)
    assert (found.least, found.largest, found.not_finite, found.bias_largest) == (-4, 3, 3, 7)
    assert np.isnan(found.norms[0])
    assert found.norms[1] == np.inf
    (nothing,) = layer_statistics(Network((Layer([[np.nan]], [np.inf]),)))
    assert (nothing.least, nothing.bias_least, nothing.not_finite) == (0, 0, 2)


def test_lengths_of_huge_weights_do_not_overflow() -> None:
    np.testing.assert_allclose(norms([[3e30, 4e30]]), [5e30])
