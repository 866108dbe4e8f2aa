"""The shared arithmetic: worked by hand, against the functions it stands for, digit by digit."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.network import ACTIVATIONS, Layer, Network, winner
from toolkit.scoring import resolving

NAMES = [*ACTIVATIONS, "leaky_relu(0.25)", "leaky_relu(-0.5)", "elu(0.5)", "elu(-2)"]


def layer(weights: list[list[float]], biases: list[float], activation: str = "identity") -> Layer:
    return Layer(np.array(weights, np.float32), np.array(biases, np.float32), activation)


@pytest.mark.parametrize("name", NAMES)
def test_functions_are_those_of_the_networks_but_for_a_trillionth(name: str) -> None:
    z = np.concatenate([np.linspace(-70, 70, 4001), [0.0, -0.0, 1e-9, -1e9, 1e9, 1e300, -1e300]])
    z = np.stack([z, z[::-1]])
    with np.errstate(over="ignore", under="ignore"):
        expected = ACTIVATIONS[name](z.T).T
    found = resolving.activate(name, z)
    # 0.01 is no float32; and of GELU's tail its fit is in all of them, so that it shows nowhere.
    near = 1e-9 if name == "leaky_relu" else 1e-12
    assert found.dtype == np.float64
    assert (np.abs(found - expected) <= near * np.maximum(1, np.abs(z))).all()


@pytest.mark.parametrize(
    ("name", "z", "value"),
    [
        ("sigmoid", 0, 0.5),
        ("sigmoid", math.log(3), 0.75),
        ("tanh", 0, 0),
        ("tanh", math.log(2), 0.6),
        ("relu", -2, 0),
        ("relu", 2, 2),
        ("leaky_relu(0.25)", -2, -0.5),
        ("elu(0.5)", -math.log(2), -0.25),
        ("softplus", 0, math.log(2)),
        ("softplus", math.log(3), math.log(4)),
        ("hard_sigmoid", 1.5, 0.75),
        ("hard_sigmoid", -4, 0),
        ("silu", math.log(3), 0.75 * math.log(3)),
        ("identity", -7, -7),
    ],
)
def test_functions_worked_by_hand(name: str, z: float, value: float) -> None:
    found = float(resolving.activate(name, np.array([[float(z)]]))[0, 0])
    assert found == pytest.approx(value, abs=1e-12)


def test_a_softmax_is_shares_of_the_sum() -> None:
    z = np.log([[1.0, 4.0], [2.0, 4.0], [5.0, 8.0]])
    np.testing.assert_allclose(
        resolving.activate("softmax", z), [[1 / 8, 1 / 4], [2 / 8, 1 / 4], [5 / 8, 1 / 2]],
        rtol=1e-12,
    )  # fmt: skip


def test_outputs_worked_by_hand() -> None:
    # a = (3, 0), z = (2·3 − 1, −3 + 4).
    layers = [layer([[1.0]] * 2, [0, 0], "relu"), layer([[2, 9], [-1, 9]], [-1, 4])]
    z = np.array([[3.0], [-3.0]])
    assert resolving.outputs(layers, z).tolist() == [[5], [1]]
    assert resolving.resolve(layers, z).tolist() == [0]
    assert resolving.resolve(layers[:1], z).tolist() == [0]


def test_sums_are_taken_from_the_first_input_on() -> None:
    # 2^53 + 1 is no float64: the ones before it count, the ones after it are lost one by one.
    big = 2.0**53
    layers = [layer([[1.0]] * 4, [0] * 4), layer([[1, 1, 1, 1]], [0])]
    for order, total in (((1, 1, big, 0), big + 2), ((big, 1, 1, 0), big), ((big, 0, 1, 1), big)):
        found = resolving.outputs(layers, np.array(order, float)[:, None])
        assert found.tolist() == [[total]]


def by_fractions(a: list[float], weights: list[float], bias: float) -> float:
    """The same sum in exact fractions, rounded to a float after each operation."""
    total = 0.0
    for w, x in zip(weights, a, strict=True):
        total = float(Fraction(total) + Fraction(float(Fraction(w) * Fraction(x))))
    return float(Fraction(total) + Fraction(bias))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_each_product_and_each_sum_is_rounded_by_itself(seed: int, inputs: int) -> None:
    rng = np.random.default_rng(seed)
    row, bias = (rng.normal(size=many).astype(np.float32) for many in (inputs, 1))
    a = rng.normal(size=inputs) * (rng.random(inputs) < 0.8)
    layers = [layer([[1.0]] * inputs, [0] * inputs), Layer(row[None], bias, "identity")]
    expected = by_fractions(a.tolist(), row.tolist(), float(bias[0]))
    assert resolving.outputs(layers, a[:, None]).tolist() == [[expected]]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_digit_depends_on_which_others_are_there(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(NAMES), min_size=3, max_size=3))
    network = Network.random((9, 7, 6, 5), names, seed=data.draw(st.integers(0, 9)))
    z = np.random.default_rng(0).normal(0, 3, (7, 30))
    whole = resolving.outputs(network.layers, z)
    for at in range(30):
        alone = resolving.outputs(network.layers, z[:, [at]])
        np.testing.assert_array_equal(alone[:, 0].view(np.uint64), whole[:, at].view(np.uint64))
    np.testing.assert_array_equal(
        resolving.resolve(network.layers, z), winner(whole, 0, network.activations[-1])
    )


@pytest.mark.parametrize(
    ("activation", "z", "wins"),
    [
        ("identity", [1, 3, 3], 1),  # the first of two
        ("sigmoid", [900, 901, 902], 2),  # as large, but not from as much
        ("gelu", [-0.7, -30, -0.8], 1),  # falls, and comes back to 0
        ("leaky_relu(-1)", [2, -3, 1], 1),
    ],
)
def test_who_wins(activation: str, z: list[float], wins: int) -> None:
    layers = [layer([[1.0]] * 3, [0] * 3, activation)]
    assert resolving.resolve(layers, np.array(z, float)[:, None]).tolist() == [wins]


def test_how_large_numbers_can_get() -> None:
    two = [layer([[1, -2], [3, 0]], [0, 5], "relu"), layer([[1, 1]], [-7])]
    assert resolving.reach(two) == 2 * (3 + 5 + 1) + 7 + 1
    squashed = [layer([[1e30]], [0], "sigmoid"), layer([[2]], [1])]
    assert resolving.reach(squashed) == float(np.float32(1e30))
    deep = [layer([[1e38]], [0])] * 8
    assert not resolving.reach(deep) <= resolving.MOST
    for broken in (np.nan, np.inf, -np.inf):
        assert not resolving.reach([layer([[broken]], [0]), layer([[0]], [0])]) <= resolving.MOST
        assert not resolving.reach([layer([[0]], [broken], "sigmoid")]) <= resolving.MOST
