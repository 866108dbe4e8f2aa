"""The picture a neuron likes best: no better one is found by other means."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from toolkit.analysis.neuron import gradient_map, maximise
from toolkit.network import ACTIVATIONS, Layer, Network


def cost(network: Network, layer: int, index: int, x: np.ndarray, scale: float,
         smoothness: float, size: float) -> float:  # fmt: skip
    """Return the stated cost of a picture, plainly."""
    a = z = np.asarray(x, np.float64)
    for each in network.layers[:layer]:
        z = each.weights.astype(np.float64) @ a + each.biases
        a = np.asarray(ACTIVATIONS[each.activation](z))  # type: ignore[arg-type]
    rows, columns = network.grid
    rough = 0.0
    for r in range(rows):
        for c in range(columns):
            here = x[r * columns + c]
            if r + 1 < rows:
                rough += (here - x[(r + 1) * columns + c]) ** 2
            if c + 1 < columns:
                rough += (here - x[r * columns + c + 1]) ** 2
    return float(size * np.sum(x**2) / 2 + smoothness * rough / 2 - z[index] / scale)


def test_without_smoothness_a_weight_of_the_mean_size_is_as_bright_as_the_prior_says() -> None:
    network = Network((Layer([[1, -1, 1, -1], [7, 7, -7, 7]], [0, 0]),))
    # The same picture whatever the strength, and no darker or brighter than ink can be.
    for index, expected in ((0, [0.5, 0, 0.5, 0]), (1, [0.5, 0.5, 0, 0.5])):
        found = maximise(network, 1, index, smoothness=0, size=2)
        assert found.image == pytest.approx(expected, abs=1e-3)
    bright = maximise(network, 1, 0, smoothness=0, size=0)
    assert bright.image.tolist() == [1, 0, 1, 0]
    assert (bright.pre_activation, bright.activation) == (2, pytest.approx(1 / (1 + np.exp(-2))))


def test_smoothness_evens_out() -> None:
    network = Network.random((36, 4, 3), seed=2)
    pictures = [maximise(network, 1, 0, smoothness=each).image.reshape(6, 6) for each in (0, 1, 10)]
    rough = [float(np.sum(np.diff(each, axis=0) ** 2) / np.sum(each**2)) for each in pictures]
    assert rough[0] > 1.5 * rough[1] > 2.25 * rough[2]


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.3, 1.0]))
def test_in_the_first_layer_it_is_the_best_there_is(seed: int, smoothness: float) -> None:
    network = Network.random((12, 3, 2), seed=seed)
    found = maximise(network, 1, 1, smoothness=smoothness, size=0.5)
    scale = float(np.sqrt(np.mean(network.layers[0].weights[1].astype(float) ** 2)))

    def to_least(x: np.ndarray) -> float:
        return cost(network, 1, 1, x, scale, smoothness, 0.5)

    best = minimize(to_least, np.full(12, 0.5), method="L-BFGS-B", bounds=[(0, 1)] * 12)
    assert to_least(found.image) <= best.fun + 1e-5
    assert found.image == pytest.approx(best.x, abs=0.01)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["sigmoid", "tanh", "softmax", "identity"]))
def test_further_up_no_small_change_betters_it(seed: int, activation: str) -> None:
    network = Network.random((12, 5, 4, 3), activation, seed=seed)
    found = maximise(network, 3, 2, steps=2000)
    x = found.image.astype(np.float64)
    assert found.steps < 2000
    start = np.maximum(
        network.layers[2].weights[2] @ network.layers[1].weights @ network.layers[0].weights, 0
    )
    start = start / start.max() if start.any() else start
    scale = float(np.sqrt(np.mean(gradient_map(network, start, 3, 2) ** 2)))
    here = cost(network, 3, 2, x, scale, 1, 1)
    rng = np.random.default_rng(seed)
    for _ in range(30):
        near = np.clip(x + 0.02 * rng.normal(size=12), 0, 1)
        assert cost(network, 3, 2, near, scale, 1, 1) > here - 1e-4
    # And of pictures of as much ink none by chance excites it more.
    others = rng.permuted(np.tile(x, (200, 1)), axis=1).astype(np.float32)
    answers = network.forward(others).logits[:, 2]
    assert found.pre_activation >= np.quantile(answers, 0.95)


def test_it_is_the_same_each_time_and_what_it_says_is_the_network_s_answer() -> None:
    network = Network.random((25, 6, 5), "relu", seed=1)
    found = maximise(network, 2, 4)
    assert np.array_equal(found.image, maximise(network, 2, 4).image)
    trace = network.forward(found.image)
    assert found.pre_activation == trace.logits[4]
    assert found.activation == trace.outputs[4]
    assert 0 <= found.image.min() <= found.image.max() <= 1


@pytest.mark.parametrize("weight", [0.0, np.nan, np.inf, 1e30])
def test_blank_broken_and_huge_neurons_end_at_once(weight: float) -> None:
    network = Network((Layer(np.full((2, 9), weight), [0, 1]), Layer([[1, 1]], [0])))
    with np.errstate(all="raise"):
        for layer in (1, 2):
            found = maximise(network, layer, 0)
            assert np.isfinite(found.image).all()
            assert found.steps < 200


def test_a_real_size_takes_little_time() -> None:
    network = Network.random(seed=5)
    start = time.process_time()
    for layer in (1, 2, 3):
        maximise(network, layer, 7)
    assert (time.process_time() - start) / 3 < 0.06


def test_arguments_are_checked() -> None:
    network = Network.blank((4, 2))
    with pytest.raises(ValueError, match="neuron: expected"):
        maximise(network, 1, 2)
    with pytest.raises(ValueError, match="size: expected a finite number, 0 or more; got -1"):
        maximise(network, 1, 0, size=-1)
    with pytest.raises(ValueError, match="smoothness: expected"):
        maximise(network, 1, 0, smoothness=np.inf)
    with pytest.raises(ValueError, match="steps: expected"):
        maximise(network, 1, 0, steps=0)
