"""The difference of two outputs, split over neurons: by hand, and complete."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.analysis import blame
from toolkit.digits import generate
from toolkit.network import ACTIVATIONS, Layer, Network

DIGITS = generate(20, seed=5)
LINEAR = Network(
    (
        Layer([[1, 2], [3, 4]], [0.5, -1], "identity"),
        Layer([[1, 1], [-1, 0]], [0, 2], "identity"),
        Layer([[2, 1], [0, 3], [-4, -4]], [1, 0, 0], "sigmoid"),
    )
)


def test_a_linear_network_by_hand() -> None:
    # x = (1, 1): layer 1 is (3.5, 6), layer 2 (9.5, -1.5), sums (18.5, -4.5, -32).
    found = blame(LINEAR, [1, 1], other=1)
    assert (found.winner, found.difference) == (0, 23.0)
    # W3[0] - W3[1] = (2, -2), so (19, 3), and the biases' difference 1.
    np.testing.assert_allclose(found.parts[2], [19, 3])
    assert found.rest[2] == 1
    # Against the blank picture: there layer 1 is (0.5, -1), layer 2 (-0.5, 1.5), difference -3;
    # its neurons' slopes are (2 + 2, 2) and their changes (3, 7).
    np.testing.assert_allclose(found.parts[1], [12, 14])
    assert found.rest[1] == -3
    # A pixel's slope is (4, 2) W1 = (10, 16).
    np.testing.assert_allclose(found.parts[0], [10, 16])
    assert found.rest[0] == -3
    assert found.most(2) == [(2, 0, 19.0), (1, 1, 14.0)]


def test_against_another_picture_only_what_changed_counts() -> None:
    found = blame(LINEAR, [1, 1], other=1, reference=[1, 0])
    np.testing.assert_allclose(found.parts[0], [0, 16])
    np.testing.assert_allclose(found.parts[1], [4 * 2, 2 * 4])
    assert found.rest[0] == found.rest[1] == 7


def test_one_bent_neuron_by_hand() -> None:
    # ReLU turns -1 into 0 for the blank picture and leaves 1: slope 1 / 2 on the way between.
    network = Network((Layer([[2.0]], [-1.0], "relu"), Layer([[3.0], [0.0]], [0, 0])))
    found = blame(network, [1.0], other=1)
    assert (found.difference, found.parts[1].tolist(), found.rest[1]) == (3.0, [3.0], 0.0)
    assert (found.parts[0].tolist(), found.rest[0]) == ([3.0], 0.0)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 1000),
    st.lists(st.sampled_from(sorted(ACTIVATIONS)), min_size=4, max_size=4),
    st.sampled_from(["blank", "mean", "same"]),
)
def test_the_parts_of_every_layer_add_up_to_the_difference(
    seed: int, activations: list[str], against: str
) -> None:
    network = Network.random((784, 9, 7, 8, 10), activations, seed=seed)
    digit = DIGITS.images[seed % 20]
    reference = {"blank": None, "mean": DIGITS.images.mean(axis=0), "same": digit}[against]
    found = blame(network, digit, reference=reference)
    z = network.forward(digit).logits
    assert found.winner == z.argmax()
    assert found.other == np.argsort(-z)[1]
    assert found.difference == pytest.approx(z[found.winner] - z[found.other], abs=1e-4)
    for parts, rest in zip(found.parts, found.rest, strict=True):
        assert parts.sum() + rest == pytest.approx(found.difference, abs=1e-9)
    base = np.zeros(784) if reference is None else reference
    there = network.forward(base).logits
    assert found.rest[0] == pytest.approx(there[found.winner] - there[found.other], abs=1e-4)


def test_a_network_without_hidden_layers_is_split_over_its_pixels() -> None:
    network = Network.random((784, 10), seed=3)
    found = blame(network, DIGITS.images[0], other=4, winner=2)
    (only,) = found.parts
    weights = network.layers[0].weights
    np.testing.assert_allclose(only, (weights[2] - weights[4]) * DIGITS.images[0], rtol=1e-6)
    assert found.most() == []


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"other": 10}, "other: neuron: expected 3.0 to 3.9"),
        ({"winner": -1}, "winner: neuron: expected"),
        ({"winner": 4, "other": 4}, "other: expected another output than the winner, 4"),
        ({"reference": np.zeros(9)}, r"reference: expected shape \(784,\)"),
    ],
)
def test_what_does_not_fit_is_said(more: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        blame(Network.random(seed=0), DIGITS.images[0], **more)  # type: ignore[arg-type]
