"""What stands around fully connected layers is folded into them, and gives the same outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning.affine import SAME, Affine, at_rest, folded
from toolkit.formats.meaning.chain import Chain, Step
from toolkit.formats.meaning.reading import Reading
from toolkit.network import ACTIVATIONS

NORM = Step("norm", "BatchNormalization")
ONES = np.ones((2, 2), np.float32)


def chain(limits: Limits = LIMITS) -> Chain:
    return Chain("file", limits)


def outputs(reading: Reading, x: Any) -> Any:
    for raw in reading.layers:
        weights = raw.weights.T if raw.inputs_first else raw.weights
        x = x @ weights.astype(np.float64).T + (0 if raw.biases is None else raw.biases)
        x = ACTIVATIONS[raw.activation or "identity"](x)
    return x


def test_an_affine_step_is_folded_into_the_layer_before_it() -> None:
    taken = chain()
    taken.dense(Step("a", "Dense"), np.float32([[1, 2], [3, 4]]), np.float32([5, 6]))
    taken.affine(NORM, np.float32([10, -1]), np.float32([0.5, 7]))
    layer = taken.done("form").layers[0]
    np.testing.assert_array_equal(layer.weights, [[10, 20], [-3, -4]])
    np.testing.assert_array_equal(layer.biases, [50.5, 1])


def test_behind_an_activation_it_is_folded_into_the_layer_after_it() -> None:
    taken = chain()
    taken.dense(Step("a", "Dense"), ONES, None, "tanh")
    taken.affine(NORM, np.float32([10, -1]), np.float32([0.5, 7]))
    taken.dense(Step("b", "Dense"), np.float32([[1, 2], [3, 4]]), np.float32([5, 6]))
    first, second = taken.done("form").layers
    assert (first.weights, first.biases) == (pytest.approx(ONES), None)
    np.testing.assert_array_equal(second.weights, [[10, -2], [30, -4]])
    np.testing.assert_array_equal(second.biases, [5 + 0.5 + 14, 6 + 1.5 + 28])


def test_before_the_first_layer_one_number_is_the_input_map_and_one_for_each_is_folded() -> None:
    taken = chain()
    taken.affine(NORM, 2.0, -1.0)
    taken.dense(Step("a", "Dense"), ONES, None)
    reading = taken.done("form")
    assert reading.input_map == (2.0, -1.0)
    np.testing.assert_array_equal(reading.layers[0].weights, ONES)

    taken = chain()
    taken.affine(NORM, np.float32([2, 3]), np.float32([-1, 1]))
    taken.dense(Step("a", "Dense"), np.float32([[1, 2], [3, 4]]), None, inputs_first=True)
    reading = taken.done("form")
    assert reading.input_map is None
    np.testing.assert_array_equal(reading.layers[0].weights, [[2, 4], [9, 12]])
    np.testing.assert_array_equal(reading.layers[0].biases, [-1 + 3, -2 + 4])
    assert any("scales each input" in note for note in reading.notes)


def test_what_changes_nothing_leaves_the_bits_alone() -> None:
    taken, weights = chain(), np.float32([[0.1, np.nan], [np.inf, 0.3]])
    taken.dense(Step("a", "Dense"), weights, None, "relu")
    taken.affine(NORM, 1.0, 0.0)  # even behind all
    layer = taken.done("form").layers[0]
    np.testing.assert_array_equal(layer.weights, weights)
    assert layer.biases is None


@given(st.lists(st.sampled_from(["dense", "affine", "add", "tanh"]), max_size=8), st.integers(0))
def test_any_row_of_steps_gives_what_they_give_one_by_one(kinds: list[str], seed: int) -> None:
    rng, taken = np.random.default_rng(seed % 2**32), chain()
    x = want = rng.random((4, 2))
    steps = ["dense", *kinds, "dense"]
    bent = True  # whether a function was taken since the last layer
    for kind in steps:
        if kind == "dense":
            weights, biases = rng.normal(size=(2, 2)), rng.normal(size=2)
            inputs_first = bool(rng.integers(2))
            step = Step("dense", "Dense")
            taken.dense(step, weights.T if inputs_first else weights, biases, "identity",
                        inputs_first)  # fmt: skip
            want, bent = want @ weights.T + biases, False
        elif kind == "tanh":
            if bent:
                continue  # two functions in a row are refused
            taken.activate(Step("tanh", "Tanh"), "tanh")
            want, bent = np.tanh(want), True
        else:
            scale, shift = rng.normal(size=2), rng.normal(size=2)
            if kind == "affine":
                taken.affine(NORM, scale, shift)
                want = want * scale + shift
            else:
                taken.add(Step("add", "Add"), shift)
                want = want + shift
    np.testing.assert_allclose(outputs(taken.done("form"), x), want, rtol=1e-4, atol=1e-4)


def test_batch_normalisation_at_rest_worked_by_hand() -> None:
    scale, shift = at_rest([1.0, 2.0], [3.0, 8.0], 1.0, [4.0, 6.0], [0.5, 0.0])
    np.testing.assert_array_equal(scale, [2, 2])  # 4 / sqrt(3 + 1), 6 / sqrt(8 + 1)
    np.testing.assert_array_equal(shift, [0.5 - 2, -4])
    scale, shift = at_rest([1.0], [3.0], 1.0)
    assert (scale, shift) == ([0.5], [-0.5])


def test_folding_goes_through_wide_layers_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    weights, biases = rng.random((7, 5), np.float32), rng.random(7, np.float32)
    before, after = (Affine.of(rng.random(n), rng.random(n)) for n in (5, 7))
    whole = folded(weights, biases, before, after)
    monkeypatch.setattr("toolkit.formats.meaning.affine._FOLDED_AT_ONCE", 10)
    for one, other in zip(whole, folded(weights, biases, before, after), strict=True):
        np.testing.assert_array_equal(one, other)
    turned, _ = folded(weights.T, biases, before, after, inputs_first=True)
    np.testing.assert_array_equal(turned.T, whole[0])
    assert folded(weights, None, SAME, SAME)[1] is None


REFUSED: dict[str, tuple[Callable[[Chain], Any], str]] = {
    "behind the last activation": (
        lambda c: (c.dense(NORM, ONES, None, "relu"), c.affine(NORM, 2.0, 0.0), c.done("form")),
        "scales what the last layer gives after its activation function",
    ),
    "a function behind it": (
        lambda c: (c.dense(NORM, ONES, None, "relu"), c.affine(NORM, 2.0, 0.0),
                   c.activate(NORM, "tanh")),
        "a second activation function, after relu",
    ),
    "no word of the function": (
        lambda c: (c.dense(NORM, ONES, None, None), c.affine(NORM, 2.0, 0.0)),
        "may stand before or after the activation function",
    ),
    "not finite": (
        lambda c: (c.dense(NORM, ONES, None), c.affine(NORM, np.nan, 0.0)),
        "scales a layer's outputs by a number that is not finite",
    ),
    "becomes infinite": (
        lambda c: (c.dense(NORM, ONES, None), *(c.affine(NORM, 1e300, 0.0) for _ in "12")),
        "scales a layer's outputs by a number that is not finite",
    ),
    "too many": (
        lambda c: (c.dense(NORM, ONES, None), c.affine(NORM, np.ones(3), 0.0)),
        "one for each of the 2 neurons; got 3",
    ),
    "scale and shift apart": (
        lambda c: (c.dense(NORM, ONES, None), c.affine(NORM, np.ones(2), np.ones(3))),
        "scales 2 numbers and shifts 3",
    ),
    "a matrix": (
        lambda c: (c.dense(NORM, ONES, None), c.affine(NORM, ONES, 0.0)),
        r"got a constant of shape \(2, 2\)",
    ),
    "other inputs": (
        lambda c: (c.affine(NORM, np.ones(3), 0.0), c.dense(NORM, ONES, None)),
        "takes 2 inputs; the scaling has 3",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_folded_is_refused_in_words(name: str) -> None:
    act, message = REFUSED[name]
    with pytest.raises(NetworkFileError, match=message):
        act(chain())


def test_each_step_counts() -> None:
    taken = chain(Limits(decoded_bytes=1000))
    taken.dense(NORM, ONES, None)
    with pytest.raises(NetworkFileError, match="would unpack to"):
        for _ in range(1000):
            taken.affine(NORM, 1.0, 0.5)
