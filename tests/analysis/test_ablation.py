from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.analysis import usefulness
from toolkit.network import ACTIVATIONS, Layer, Network

# Neuron 1.0 copies the pixel that tells 0 from 1; 1.1 copies one that nobody listens to.
TELLING = Network(
    (
        Layer([[1, 0], [0, 1]], [0, 0], "relu"),
        Layer([[-2, 0], [2, 0]], [1, -1], "identity"),
    )
)
IMAGES = np.array([[0, 1], [0, 0], [1, 1], [1, 0], [0, 1]], np.float32)
LABELS = np.array([0, 0, 1, 1, 0])


def test_what_tells_digits_apart_is_useful_and_what_nobody_hears_is_not() -> None:
    found = usefulness(TELLING, IMAGES, LABELS)
    assert found.accuracy == 1
    # Held at its mean, 0.4, neuron 1.0 makes every answer 0: three of five are right.
    assert found.falls[0].tolist() == pytest.approx([0.4, 0])
    assert found.of(1, 0) == pytest.approx(0.4)


def test_an_output_held_at_its_mean_is_measured_too() -> None:
    found = usefulness(TELLING, IMAGES, LABELS)
    # Logits of the zeros are (1, -1), of the ones (-1, 1); output 0 on average 0.2, output 1 -0.2.
    assert found.falls[1].tolist() == pytest.approx([0, 0])


def test_by_zero_a_constant_neuron_seems_useful_and_by_its_mean_it_does_not() -> None:
    # 1.1 is always 1 and lifts output 1 to where it wins on the ones.
    network = Network(
        (
            Layer([[1, 0], [0, 0]], [0, 1], "relu"),
            Layer([[0, 1], [2, 0]], [0, 0], "identity"),
        )
    )
    assert usefulness(network, IMAGES, LABELS).falls[0][1] == 0
    by_zero = usefulness(network, IMAGES, LABELS, replacement="zero")
    # Without the 1 both outputs are 0 on the zeros, a tie that goes to 0; the ones stay right.
    assert by_zero.falls[0].tolist() == pytest.approx([0.4, 0])


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(sorted(ACTIVATIONS)),
    st.sampled_from(["mean", "zero"]),
)
def test_falls_equal_a_full_pass_of_a_network_without_the_neuron(
    seed: int, activation: str, replacement: Literal["mean", "zero"]
) -> None:
    rng = np.random.default_rng(seed)
    network = Network.random((6, 5, 4, 3), activation, seed=seed)
    images, labels = rng.random((40, 6), dtype=np.float32), rng.integers(0, 3, 40)
    trace = network.forward(images)
    found = usefulness(network, trace, labels, replacement=replacement)
    for layer in (1, 2):
        for index in range(network.layers[layer - 1].size):
            held = trace.activations[layer - 1][:, index].mean() if replacement == "mean" else 0
            # Cut off from the layer above, whose biases take over what it stands for.
            above = network.layers[layer]
            weights, biases = above.weights.copy(), above.biases + above.weights[:, index] * held
            weights[:, index] = 0
            without = network.with_layer(layer + 1, weights=weights, biases=biases)
            expected = np.mean(trace.predictions == labels) - np.mean(
                without.forward(images).predictions == labels
            )
            # A near tie may fall either way: one digit of 40.
            assert found.of(layer, index) == pytest.approx(expected, abs=0.03)


def test_broken_weights_give_numbers_all_the_same() -> None:
    broken = TELLING.with_layer(1, weights=[[np.nan, np.inf], [1, 1]])
    with np.errstate(all="raise"):
        found = usefulness(broken, IMAGES, LABELS)
    assert all(np.isfinite(falls).all() for falls in found.falls)


def test_arguments_are_checked() -> None:
    with pytest.raises(ValueError, match="labels: expected shape"):
        usefulness(TELLING, IMAGES, LABELS[:2])
    with pytest.raises(ValueError, match="images: expected shape"):
        usefulness(TELLING, np.zeros((0, 2)), [])
    with pytest.raises(ValueError, match="replacement: expected mean or zero"):
        usefulness(TELLING, IMAGES, LABELS, replacement="median")  # type: ignore[arg-type]
