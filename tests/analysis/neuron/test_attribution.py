"""Why one output is above another, and what a neuron looks for in a digit."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.analysis import blame, contributions
from toolkit.analysis.neuron import gradient_map, largest_contributions, pixel_split
from toolkit.digits import open_digits
from toolkit.network import ACTIVATIONS, Layer, Network
from toolkit.shipped import open_network

# 1.1 turns on half of the way from blank to (1, 1).
TURNING = Network((Layer([[1, 0], [1, 1]], [0, -1], "relu"), Layer([[1, 4], [0, 0]], [2, 0])))


def random_network(seed: int, activation: str, steep: float = 2) -> Network:
    rng = np.random.default_rng(seed)
    drawn = Network.random((9, 6, 5, 4), activation, seed=seed)
    return Network(
        tuple(
            Layer(steep * each.weights, rng.normal(size=each.size), activation)
            for each in drawn.layers
        )
    )


def plain_values(network: Network, pictures: np.ndarray, layer: int, of: str) -> np.ndarray:
    a = z = np.asarray(pictures, np.float64)
    for each in network.layers[:layer]:
        z = a @ each.weights.T.astype(np.float64) + each.biases
        a = np.asarray(ACTIVATIONS[each.activation](z))  # type: ignore[arg-type]
    return z if of == "pre_activation" else a


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(sorted(ACTIVATIONS)),
    st.sampled_from(["pre_activation", "activation"]),
)
def test_the_gradient_is_the_finite_difference(seed: int, activation: str, of: str) -> None:
    network = random_network(seed, activation)
    digit = np.random.default_rng(seed).random(9)
    step = 1e-6
    shifted = digit + step * np.vstack([np.eye(9), -np.eye(9)])
    for layer in (1, 2, 3):
        values = plain_values(network, shifted, layer, of)
        for index in (0, 3):
            found = gradient_map(network, digit, layer, index, of=of)
            expected = (values[:9, index] - values[9:, index]) / (2 * step)
            assert found == pytest.approx(expected, abs=1e-7)


def test_in_the_first_layer_it_is_the_weights() -> None:
    assert gradient_map(TURNING, [0.1, 0.2], 1, 1).tolist() == [1, 1]
    # Off, a ReLU answers to nothing.
    assert gradient_map(TURNING, [0.1, 0.2], 1, 1, of="activation").tolist() == [0, 0]
    assert gradient_map(TURNING, [0.1, 0.2], 2, 0).tolist() == [1, 0]


def test_a_split_by_hand() -> None:
    found = pixel_split(TURNING, [1, 1], 0, 1)
    assert (found.difference, found.blank, found.bias) == (7, 2, 2)
    assert found.neurons.tolist() == [1, 4]
    # On for half of the way, 1.1's 4 are shared out evenly.
    assert found.pixels == pytest.approx([3, 2], abs=1e-6)
    # The slope at the digit takes it as on all of the way: 4 too much.
    assert found.linear.tolist() == [5, 4]
    assert found.linear_error == 4


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.sampled_from(sorted(ACTIVATIONS)), st.sampled_from([1, 10, 1000])
)
def test_neurons_and_pixels_add_up_to_the_difference(
    seed: int, activation: str, steep: float
) -> None:
    network = random_network(seed, activation, steep)
    rng = np.random.default_rng(seed)
    digit, baseline = rng.random((2, 9))
    found = pixel_split(network, digit, 1, 3, baseline=baseline)
    z = plain_values(network, np.array([digit, baseline]), 3, "pre_activation")
    assert found.difference == pytest.approx(z[0, 1] - z[0, 3], rel=1e-9)
    assert found.blank == pytest.approx(z[1, 1] - z[1, 3], rel=1e-9)
    assert found.neurons.sum() + found.bias == pytest.approx(found.difference, rel=1e-9)
    missing = abs(found.pixels.sum() + found.blank - found.difference)
    scale = np.abs(z).max()
    assert missing == pytest.approx(found.error, abs=1e-12 * scale)
    assert found.error <= max(2e-6, 1e-10 * scale)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(sorted(ACTIVATIONS)))
def test_pixels_have_their_mean_derivative_times_their_change(seed: int, activation: str) -> None:
    network = random_network(seed, activation)
    digit = np.random.default_rng(seed).random(9)
    found = pixel_split(network, digit, 0, 2)
    path = [
        gradient_map(network, digit * t, 3, 0) - gradient_map(network, digit * t, 3, 2)
        for t in (np.arange(400) + 0.5) / 400
    ]
    assert found.pixels == pytest.approx(np.mean(path, axis=0) * digit, abs=0.02)
    linear = gradient_map(network, digit, 3, 0) - gradient_map(network, digit, 3, 2)
    assert found.linear == pytest.approx(linear * digit)


@pytest.mark.parametrize("sizes", [(20, 60, 3), (20, 400, 200, 3)])
def test_through_wide_relus_it_is_exact_whatever_the_tolerance(sizes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(7)
    drawn = Network.random(sizes, "relu", seed=7)
    network = Network(
        tuple(
            Layer(each.weights, 0.3 * rng.normal(size=each.size), "relu") for each in drawn.layers
        )
    )
    # Between the turns of all of them nothing is left to halve.
    found = pixel_split(network, rng.random(20), 0, 1, tolerance=1.0)
    assert found.steps > 20
    assert found.error < 1e-12
    assert found.linear_error > 1e-3


def test_a_network_of_one_layer_is_split_at_once() -> None:
    network = Network((Layer([[1, 2], [3, -1]], [0, 1]),))
    found = pixel_split(network, [1, 0.5], other=0)
    assert found.winner == 1
    assert found.pixels.tolist() == pytest.approx([2, -1.5])
    assert found.linear_error == pytest.approx(0, abs=1e-12)


def test_the_default_is_the_answer_against_the_runner_up() -> None:
    network = random_network(4, "tanh")
    found, same = pixel_split(network, np.ones(9)), blame(network, np.ones(9))
    assert (found.winner, found.other) == (same.winner, same.other)
    assert found.neurons.tolist() == same.parts[-1].tolist()


def test_a_cliff_is_ended_and_its_error_said() -> None:
    cliff = Network((Layer([[1e30, 0]], [-5e29], "sigmoid"), Layer([[1e8], [0]], [0, 0])))
    found = pixel_split(cliff, [1, 1], 0, 1)
    assert found.difference == 1e8
    assert found.error == pytest.approx(abs(found.pixels.sum() - 1e8))
    assert found.error > 1


def test_broken_networks_are_not_followed() -> None:
    broken = TURNING.with_layer(1, weights=[[np.nan, 1], [np.inf, 1]])
    with np.errstate(all="raise"):
        found = pixel_split(broken, [1, 1], 0, 1)
        gradient = gradient_map(broken, [1, 1], 2, 0)
    assert np.isnan(found.error)
    assert np.isnan(gradient).any()


@pytest.mark.mnist
def test_contributions_and_splits_of_real_digits_add_up(mnist_folder: Path) -> None:
    digits = open_digits(str(mnist_folder))
    for name in ("mnist-sigmoid", "mnist-relu"):
        network = open_network(name)
        trace = network.forward(digits.images[:500])
        for number, layer in enumerate(network.layers, 1):
            for index in range(layer.size):
                parts = contributions(network, trace, number, index)
                missing = parts.sum(axis=1) + layer.biases[index]
                missing -= trace.pre_activations[number - 1][:, index]
                assert np.abs(missing).max() < 1e-5
        start = time.process_time()
        for image in digits.images[100:130]:
            found = pixel_split(network, image)
            assert found.error <= 1e-6
            assert abs(found.neurons.sum() + found.bias - found.difference) < 1e-9
        assert (time.process_time() - start) / 30 < 0.01


def test_the_largest_contributions_are_named() -> None:
    network = Network(
        (Layer([[1, 0, 0, -5, 2, 0]], [0], "identity"), Layer([[2]], [0])),
        names={(1, 0): "left bar"},
    )
    trace = network.forward([1, 1, 1, 0.5, 0.25, 1])
    found = largest_contributions(network, trace, 1, 0)
    assert [(each.row, each.column, each.value) for each in found] == [
        (1, 0, -2.5), (0, 0, 1), (1, 1, 0.5),
    ]  # fmt: skip
    assert found[0].name == "row 1, column 0"
    assert len(largest_contributions(network, trace, 1, 0, 1)) == 1
    above = largest_contributions(network, trace, 2, 0)[0]
    assert (above.name, above.neuron, above.value) == ("left bar", (1, 0), -2)
    with pytest.raises(ValueError, match="trace: expected that of one digit"):
        largest_contributions(network, network.forward(np.ones((3, 6))), 1, 0)


def test_arguments_are_checked() -> None:
    with pytest.raises(ValueError, match="of: expected pre_activation or activation"):
        gradient_map(TURNING, [1, 1], 1, 0, of="loss")
    with pytest.raises(ValueError, match=r"digit: expected shape \(2,\)"):
        gradient_map(TURNING, [1], 1, 0)
    with pytest.raises(ValueError, match="neuron: expected"):
        gradient_map(TURNING, [1, 1], 1, 2)
    with pytest.raises(ValueError, match="baseline: expected shape"):
        pixel_split(TURNING, [1, 1], 0, 1, baseline=[1])
    with pytest.raises(ValueError, match="tolerance: expected a number above 0"):
        pixel_split(TURNING, [1, 1], 0, 1, tolerance=0)
    with pytest.raises(ValueError, match="other: expected another output"):
        pixel_split(TURNING, [1, 1], 0, 0)


def test_in_the_first_layer_a_broken_neuron_is_not_seen_in_the_gradient_of_another() -> None:
    broken = Network((Layer([[np.nan, 1], [2, 3]], [0, 0], "relu"), Layer([[0, 1]], [0])))
    assert gradient_map(broken, [1, 1], 1, 1).tolist() == [2, 3]
    assert gradient_map(broken, [1, 1], 1, 1, of="activation").tolist() == [2, 3]
    assert np.isnan(gradient_map(broken, [1, 1], 1, 0)).tolist() == [True, False]
