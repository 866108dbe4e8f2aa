"""Which output wins: on every digit what the shared arithmetic says, at ties and near them too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from toolkit.digits import DigitSet, generate
from toolkit.edits import SetBias, SetWeights
from toolkit.network import ACTIVATIONS, Layer, Network
from toolkit.scoring import Scorer, resolving, winners
from toolkit.scoring.sums import ExactSums

DIGITS = generate(200, seed=3)
NAMES = [*ACTIVATIONS, "leaky_relu(-0.5)", "elu(-2)"]


def resolved(network: Network, digits: DigitSet = DIGITS) -> NDArray[Any]:
    sums, rows = ExactSums(digits, network.sizes[1]), np.arange(network.sizes[1])
    sums.update(network.layers[0], rows)
    return resolving.resolve(network.layers, sums.z(network.layers[0], rows))


def predicted(network: Network, digits: DigitSet = DIGITS) -> NDArray[Any]:
    return Scorer(digits).update(network).predictions


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Networks of which outputs tie, nearly tie, saturate, or are of huge or tiny weights."""
    sizes = draw(st.sampled_from([(784, 10), (784, 6, 10), (784, 5, 4, 10), (784, 66, 5, 10)]))
    count = len(sizes) - 1
    names = draw(st.lists(st.sampled_from(NAMES), min_size=count, max_size=count))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    layers = []
    for into, size, name in zip(sizes, sizes[1:], names, strict=False):
        match draw(st.sampled_from(["usual", "whole", "zero", "few", "huge", "tiny"])):
            case "whole":
                weights = rng.integers(-2, 3, (size, into)).astype(float)
            case "zero":
                weights = np.zeros((size, into))
            case "few":
                weights = rng.normal(size=(size, into)) * (rng.random((size, into)) < 0.05)
            case kind:
                weights = rng.normal(0, 2 / np.sqrt(into), (size, into))
                weights *= {"usual": 1, "huge": 1e9, "tiny": 1e-30}[kind]
        biases = rng.normal(size=size) * draw(st.sampled_from([0, 0, 1, 1e6]))
        layers.append(Layer(weights, biases, name))
    last = layers[-1]
    match draw(st.sampled_from(["as it is", "twins", "all but twins", "all the same"])):
        case "twins":
            weights = last.weights[rng.integers(0, 10, 10)]
            layers[-1] = Layer(weights, np.zeros(10), last.activation)
        case "all but twins":  # a last bit apart
            weights = last.weights[[0, 0, 0, 1, 1, 1, 2, 2, 3, 4]].copy()
            some = rng.random(weights.shape) < 0.3
            weights = np.where(some, np.nextafter(weights, np.float32(9)), weights)
            layers[-1] = Layer(
                weights, last.biases[[0, 0, 0, 1, 1, 1, 2, 2, 3, 4]], last.activation
            )
        case "all the same":
            layers[-1] = Layer(last.weights[[0] * 10], last.biases[[0] * 10], last.activation)
    return Network(tuple(layers))


@settings(max_examples=150, deadline=None)
@given(networks())
def test_each_digit_has_the_winner_of_the_shared_arithmetic(network: Network) -> None:
    assert resolving.reach(network.layers) <= resolving.MOST
    np.testing.assert_array_equal(predicted(network), resolved(network))


@settings(max_examples=40, deadline=None)
@given(networks(), st.data())
def test_and_so_after_edits_of_any_layer(network: Network, data: st.DataObject) -> None:
    scorer, seen = Scorer(DIGITS), [network]
    for _ in range(data.draw(st.integers(2, 6))):
        np.testing.assert_array_equal(scorer.update(network).predictions, resolved(network))
        if data.draw(st.integers(0, 3)) == 0:
            network = data.draw(st.sampled_from(seen))
            continue
        layer = data.draw(st.integers(1, len(network.layers)))
        into, size = network.sizes[layer - 1 : layer + 1]
        neuron = data.draw(st.integers(0, size - 1))
        rng = np.random.default_rng(data.draw(st.integers(0, 99)))
        if data.draw(st.booleans()):
            cells = rng.choice(into, min(into, 15), replace=False)
            values = rng.normal(size=len(cells))
            network = SetWeights(layer, neuron, tuple(cells.tolist()), tuple(values)).apply(network)
        else:
            network = SetBias(layer, neuron, float(rng.normal())).apply(network)
        seen.append(network)


@pytest.mark.parametrize("size", [1e30, 3e38])
def test_sums_beyond_float32_are_decided_beyond_it(size: float) -> None:
    # In float32 outputs are infinite, or none.
    network = usual = Network.random((784, 6, 5, 10), "identity", seed=4)
    for number in (1, 2, 3):
        weights = network.layer(number).weights.astype(float)
        weights *= size / np.abs(weights).max()
        network = network.with_layer(number, weights=weights)
    found = predicted(network)
    np.testing.assert_array_equal(found, resolved(network))
    assert np.mean(found == predicted(usual)) > 0.9


def test_beyond_float64_it_is_what_float32_says() -> None:
    layers = [Layer(np.full((4, 784), 1e38), np.zeros(4), "relu")]
    layers += [Layer(np.full((4, 4), 1e38), np.zeros(4), "relu")] * 8
    layers += [Layer(np.full((10, 4), 1e38), np.zeros(10), "identity")]
    assert not resolving.reach(layers) <= resolving.MOST
    assert set(predicted(Network(tuple(layers))).tolist()) == {0}


def test_of_a_wide_network_in_the_dark_only_what_may_be_lit_is_added_up() -> None:
    network = Network.random((784, 80, 70, 10), "relu", seed=1)
    second = network.layer(2)
    for lit in (0, 1, 3):
        biases = np.full(70, -1e3)
        biases[:lit] = 0
        dark = network.with_layer(2, weights=-np.abs(second.weights), biases=biases)
        if lit:
            weights = dark.layer(2).weights.copy()
            weights[:lit] = second.weights[:lit]
            dark = dark.with_layer(2, weights=weights)
        # All digits tie that light no neuron of the second layer.
        np.testing.assert_array_equal(predicted(dark), resolved(dark))


def test_leading_worked_by_hand() -> None:
    ranked = np.array([[1.0, 1.0, 5.0], [2.0, 1.1, 5.0], [0.0, 0.0, 5.0]], np.float32)
    numbers = np.array([2, 5, 7])
    # 1.1 leads 1.0 by less than both may be off.
    won, lead = winners.leading(ranked.copy(), np.full(3, 0.06), numbers)
    np.testing.assert_allclose(lead, [1 - 0.12, 0.1 - 0.12, 0 - 0.12], atol=1e-6)
    assert won[0] == 5
    # What may be off by much is no matter where it is far behind.
    won, lead = winners.leading(ranked.copy(), np.array([0.01, 0.01, 0.8]), numbers)
    np.testing.assert_allclose(lead, [1 - 0.02, 0.1 - 0.02, -0.02], atol=1e-6)
    assert won[:2].tolist() == [5, 5]


def test_only_near_ties_are_decided_again(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    resolve = resolving.resolve

    def counted(layers: Any, z: NDArray[Any]) -> NDArray[Any]:
        seen.append(z.shape[1])
        return resolve(layers, z)

    monkeypatch.setattr(resolving, "resolve", counted)
    predicted(Network.random(seed=3))
    assert sum(seen) < 3
    predicted(Network.blank())
    assert sum(seen) < 3, "of outputs that are all the same the first wins"
    last = Network.random(seed=3).layer(3)
    tied = Network.random(seed=3).with_layer(3, weights=last.weights[[0, 0, *range(8)]])
    predicted(tied)
    assert sum(seen) < 6, "nor is one considered that is the same as another"
