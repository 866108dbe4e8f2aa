"""Bounds: of what float32 makes, nothing is farther from the shared arithmetic than they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.digits import generate
from toolkit.edits import SetWeights
from toolkit.network import ACTIVATIONS, Layer, Network
from toolkit.scoring import bounds, resolving
from toolkit.scoring.passing import Pass
from toolkit.scoring.sums import ExactSums

DIGITS = generate(120, seed=5)
NAMES = [*ACTIVATIONS, "leaky_relu(-3)", "elu(40)", "elu(-2)"]
U = bounds.SINGLE


def inputs() -> Any:
    rng = np.random.default_rng(0)
    near = [rng.normal(0, spread, 40_000) for spread in (0.01, 1, 5, 20)]
    far = 10.0 ** rng.uniform(-38, 30, 20_000) * rng.choice([-1, 1], 20_000)
    return np.concatenate([*near, far, np.linspace(-100, 100, 100_001)])


@pytest.mark.parametrize("name", [name for name in NAMES if name != "softmax"])
def test_functions_are_as_near_and_as_steep_as_is_reckoned_with(name: str) -> None:
    slope, rounded, moved = bounds.curve(name)
    z = inputs().astype(np.float32)
    with np.errstate(under="ignore", over="ignore"):
        found = ACTIVATIONS[name](z).astype(np.float64)
    exact = resolving.activate(name, z[None].astype(np.float64))[0]
    off = np.abs(found - exact) / (U * np.maximum(1, np.abs(exact)))
    # A single product is rounded by one unit at the most; other functions by half of what is said.
    assert off.max() <= (rounded if name.startswith("leaky") else rounded / 2)
    wide = inputs()
    near = wide.astype(np.float32).astype(np.float64)
    exact, near = (resolving.activate(name, each[None])[0] for each in (wide, near))
    size = np.maximum(1, np.abs(exact))
    assert (np.abs(near - exact) <= U * moved * size + 1e-12 * rounded * size).all()
    grid = np.linspace(-30, 30, 600_001)
    steps = np.diff(resolving.activate(name, grid[None])[0]) / np.diff(grid)
    assert 0.97 * slope <= np.abs(steps).max() <= slope * (1 + 1e-7)
    least, greatest = bounds.slopes(name)
    assert least - 1e-6 <= steps.min() <= least + 0.02 * greatest
    assert 0.97 * greatest <= steps.max() <= greatest * (1 + 1e-7)


def test_of_a_softmax_too() -> None:
    rng = np.random.default_rng(0)
    for size in (2, 16, 300):
        layer = Layer(np.zeros((size, 3)), np.zeros(size), "softmax")
        z = rng.normal(0, 10.0 ** rng.uniform(-1, 2, (2000, 1)), (2000, size)).astype(np.float32)
        exact = resolving.activate("softmax", z.T.astype(float)).T
        most = bounds.of_activations(layer, np.zeros(size), np.ones(size))
        assert (np.abs(layer.activate(z) - exact) <= most / 2).all()
        moved = rng.uniform(-1, 1, z.shape) * 1e-3
        other = resolving.activate("softmax", (z + moved).T).T
        assert (np.abs(other - exact) <= bounds.curve("softmax")[0] * 1e-3).all()


def test_a_sum_worked_by_hand() -> None:
    # Of two products and a bias: a product, their sum, none after that, the bias.
    one = bounds.of_a_sum(2, np.array([5.0]))
    assert one == pytest.approx(5 * 4 * U / (1 - 4 * U))
    # Of 130 products 64 at a time: two sums are added to the first.
    assert bounds.of_a_sum(130, np.array([1.0])) == pytest.approx(68 * U, rel=1e-4)
    sizes = bounds.Sizes(Layer(np.array([[2.0, -3.0]]), np.array([-4.0])))
    assert sizes.times(np.array([1.0, 10.0])).tolist() == [[32]]
    assert sizes.extent == (5, 4)
    off, reach = bounds.of_products(sizes, np.array([0.5, 0.25]), np.ones(2), np.array([0.125]))
    assert off[0] == pytest.approx(2 * 0.5 + 3 * 0.25 + 0.125)
    assert reach[0] == pytest.approx(2 * 1.5 + 3 * 1.25 + 4 + off[0])


def resolved(network: Network) -> np.ndarray[Any, Any]:
    """Return the outputs' pre-activations in the shared arithmetic."""
    sums = ExactSums(DIGITS, network.sizes[1])
    rows = np.arange(network.sizes[1])
    sums.update(network.layers[0], rows)
    return resolving.outputs(network.layers, sums.z(network.layers[0], rows))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_outputs_are_no_farther_off_than_is_said(data: st.DataObject) -> None:
    sizes = data.draw(st.sampled_from([(784, 10), (784, 6, 10), (784, 20, 9, 10), (784, 66, 5, 9)]))
    names = data.draw(st.lists(st.sampled_from(NAMES), min_size=3, max_size=3))[: len(sizes) - 1]
    names[-1] = data.draw(st.sampled_from(["sigmoid", "softmax", "identity"]))
    network = Network.random(sizes, names, seed=data.draw(st.integers(0, 5)))
    scale = 10.0 ** data.draw(st.integers(-2, 2))
    for number in range(1, len(sizes)):
        layer = network.layer(number)
        network = network.with_layer(number, weights=layer.weights * np.float32(scale))
    kept, before = Pass(DIGITS, network.sizes), None
    rng = np.random.default_rng(data.draw(st.integers(0, 5)))
    with np.errstate(under="ignore", over="ignore", invalid="ignore"):
        for _ in range(data.draw(st.integers(1, 8))):
            change = kept.update(network.layers, before)
            assert change is not None
            exact = resolved(network)
            for part, z, off in kept.run(network.layers, change.start):
                assert (np.abs(z - exact[:, part]) <= off[:, None]).all()
            before = network.layers
            cells = tuple(rng.choice(784, 21, replace=False).tolist())
            row = int(rng.integers(network.sizes[1]))
            network = SetWeights(1, row, cells, tuple(rng.normal(0, scale, 21))).apply(network)
