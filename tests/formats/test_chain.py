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
from toolkit.formats.meaning.chain import Back, Chain, Step
from toolkit.formats.meaning.reading import Reading
from toolkit.network import ACTIVATIONS, Layer, Network
from toolkit.origin import Slot

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


def network_of(reading: Reading) -> Network:
    return Network(
        tuple(
            Layer(raw.weights.T if raw.inputs_first else raw.weights,
                  np.zeros(2) if raw.biases is None else raw.biases, raw.activation or "")
            for raw in reading.layers
        )
    )  # fmt: skip


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


def test_where_the_file_does_not_say_the_function_it_stays_open_but_behind_the_last() -> None:
    taken = chain()
    for name in "ab":
        taken.dense(Step(name, "Dense"), ONES, None, None)
        taken.affine(NORM, 2.0, np.float32([1, 3]))
        taken.affine(NORM, 10.0, 0.0)
    first, last = taken.done("form").layers
    assert first.norm is not None
    assert (first.weights, last.norm) == (pytest.approx(ONES), None)
    np.testing.assert_array_equal(first.norm, [[20, 20], [10, 30]])
    np.testing.assert_array_equal(last.weights, 20 * ONES)
    np.testing.assert_array_equal(last.biases, [10, 30])


@given(st.booleans(), st.booleans(), st.sampled_from(["identity", "tanh"]), st.integers(0))
def test_what_was_folded_comes_out_again(
    inputs_first: bool, biased: bool, activation: str, seed: int
) -> None:
    rng, taken = np.random.default_rng(seed % 2**32), chain()
    want = {}
    taken.affine(NORM, rng.uniform(0.5, 2, 3), rng.normal(size=3))
    for name, (inputs, out) in {"a": (3, 4), "b": (4, 2)}.items():
        weights, biases = rng.normal(size=(out, inputs)), rng.normal(size=out)
        want |= {f"{name}.w": weights.T if inputs_first else weights}
        want |= {f"{name}.b": biases} if biased else {}
        slots = Slot(f"{name}.w", weights.shape[:: -1 if inputs_first else 1], "<f8", inputs_first)
        taken.dense(
            Step(name, "Dense"),
            want[f"{name}.w"],
            biases if biased else None,
            "identity",
            inputs_first,
            (slots, Slot(f"{name}.b", (out,), "<f8") if biased else None),
        )
        if name == "a":
            taken.activate(Step("act", "Act"), activation)
        taken.affine(NORM, rng.uniform(0.5, 2, out), rng.normal(size=out))
    reading = taken.done("form", back=Back(".x", b"more", {"k": np.ones(1)}, (*want, "k")))
    network = network_of(reading)
    assert reading.origin is not None
    found = reading.origin.arrays(network)
    assert list(found) == [*want, "k"]
    for name, values in want.items():
        np.testing.assert_allclose(found[name], values, atol=2e-5)
    assert (reading.origin.activations, reading.origin.skeleton) == (
        (activation, "identity"),
        b"more",
    )


def test_biases_without_a_place_of_their_own_cannot_be_edited_but_are_undone() -> None:
    taken = chain()
    taken.dense(NORM, ONES, np.float32([1, 2]), slots=(Slot("w", (2, 2)), None))
    reading = taken.done("form", back=Back(".x"))
    assert reading.origin is not None
    network = network_of(reading)
    np.testing.assert_array_equal(reading.origin.arrays(network)["w"], ONES)
    with pytest.raises(ValueError, match="layer 1 has biases now; its file has none"):
        reading.origin.arrays(network.with_layer(1, biases=[1, 3]))


def test_the_way_back_needs_every_slot_and_little_besides() -> None:
    for slot, skeleton, said in ((None, b"", False), (Slot("w", (2, 2)), bytes(1 << 20), True)):
        taken = chain()
        taken.dense(NORM, ONES, None, slots=(slot, None))
        reading = taken.done("form", back=Back(".x", skeleton))
        assert reading.origin is None
        assert any("was not kept" in note for note in reading.notes) == said


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


@pytest.mark.parametrize(
    ("inputs", "scale", "shift", "fed"),
    [
        (784, 1.0, 0.0, (1.0, 0.0)),
        (784, 1 / 255, 0.0, (1.0, 0.0)),
        (784, 1 / 78, -33 / 78, (255 / 78, -33 / 78)),  # a mean of 33 is of bytes
        (64, 1 / 16, 0.0, (1.0, 0.0)),  # scikit-learn's digits
        (64, 1 / 6, -4.9 / 6, (16 / 6, -4.9 / 6)),
        (64, 1 / 255, 0.0, (1.0, 0.0)),
        (64, 2.0, -1.0, (2.0, -1.0)),
    ],
)
def test_a_scaling_says_which_pixels_it_is_for(
    inputs: int, scale: float, shift: float, fed: tuple[float, float]
) -> None:
    chain = Chain("file", LIMITS)
    chain.affine(Step("scaled", "Rescaling"), scale, shift)
    chain.dense(Step("dense", "Dense"), np.ones((3, inputs)), None)
    assert chain.done("form").input_map == pytest.approx(fed)
