"""Moves of whole maps, and copies, swaps and averages of neurons."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.page import make_moves
from toolkit.edits import Combine, EditError, Marks, Move, NameNeuron, PutStamp, from_dict
from toolkit.grid import Grid
from toolkit.network import Float, Network
from toolkit.stamps import Stamp

FLAT = Network.random((20, 3, 2), seed=6)
NETWORK = FLAT.with_layer(1, grid=make_moves.GRID, biases=[0.5, -1, 2])
STRANGE = np.array([0x7FC12345, 0xFF800000, 0x80000000, 0x7F800001], np.uint32).view(np.float32)
BROKEN = NETWORK.with_layer(1, weights=np.tile(STRANGE, (3, 5)), biases=[np.nan, np.inf, 1])


def one(weights: object, grid: Grid | None = None) -> Network:
    """Return a network of one neuron with these weights and a bias of 2."""
    picture = np.array(weights, np.float32)
    found = grid or Grid(*picture.shape)
    network = Network.blank((found.cells, 1))
    return network.with_layer(1, weights=picture.reshape(1, -1), biases=[2], grid=found)


def moved(weights: object, move: str, **numbers: Any) -> Float:
    network = one(weights)
    after = Move(1, 0, move, **numbers).apply(network).layer(1).weights
    return after.reshape(*network.grid)


def test_flips_and_quarter_turns_are_exact() -> None:
    map_ = np.random.default_rng(1).normal(size=(5, 5)).astype(np.float32)
    np.testing.assert_array_equal(moved(map_, "flip"), map_[:, ::-1])
    np.testing.assert_array_equal(moved(map_, "flip", axis="top-bottom"), map_[::-1])
    for turns in (-1, 1, 2, 3, 4):
        turned = moved(map_, "rotate", angle=90 * turns)
        np.testing.assert_array_equal(turned, np.rot90(map_, turns))
    flat = map_[:3]
    np.testing.assert_array_equal(moved(flat, "rotate", angle=180), flat[::-1, ::-1])


def test_a_turned_map_is_the_map_of_the_turned_shape() -> None:
    upright = Stamp("blob", at=(10, 14), angle=0, length=12, height=5)
    turned = Stamp("blob", at=(14, 10), angle=90, length=12, height=5)
    np.testing.assert_array_equal(moved(upright.render(), "rotate", angle=90), turned.render())
    # A quarter turn in three steps blurs a little, and points the same way.
    third = moved(upright.render(), "rotate", angle=30)
    at = 14 - 4 * math.cos(math.radians(30)), 14 - 4 * math.sin(math.radians(30))
    slanted = Stamp("blob", at=at, angle=30, length=12, height=5).render()
    np.testing.assert_allclose(third, slanted, atol=0.05)


def test_shifts_by_fractions_share_a_weight_between_cells() -> None:
    map_ = np.zeros((4, 4), np.float32)
    map_[1, 1] = 8
    expected = np.zeros((4, 4))
    expected[1:3, 2:4] = [[4.5, 1.5], [1.5, 0.5]]
    np.testing.assert_array_equal(moved(map_, "shift", rows=0.25, columns=1.25), expected)
    np.testing.assert_array_equal(moved(map_, "shift", rows=-2), np.zeros((4, 4)))
    np.testing.assert_array_equal(moved(map_, "shift", rows=1000, columns=-999.5), np.zeros((4, 4)))


def test_scaling_with_its_bias_leaves_on_which_digits_it_fires() -> None:
    digits = np.random.default_rng(3).random((200, 20)).astype(np.float32)
    before = NETWORK.forward(digits).pre_activations[0]
    after = Move(1, 2, "scale", factor=0.25).apply(NETWORK).forward(digits).pre_activations[0]
    np.testing.assert_array_equal(before[:, 2] > 0, after[:, 2] > 0)
    np.testing.assert_allclose(after[:, 2], before[:, 2] / 4, rtol=1e-5)
    np.testing.assert_array_equal(after[:, :2], before[:, :2])
    alone = Move(1, 2, "scale", factor=0.25, with_bias=False).apply(NETWORK).layer(1)
    assert alone.biases[2] == 2
    opposite = Move(1, 2, "invert").apply(NETWORK).forward(digits).pre_activations[0]
    np.testing.assert_array_equal(opposite[:, 2], -before[:, 2])


@pytest.mark.parametrize(
    ("measure", "expected"),
    [("largest", [3, -4]), ("sum", [12 / 7, -16 / 7]), ("length", [2.4, -3.2])],
)  # fmt: skip
def test_normalising_gives_the_measure_that_is_wanted(measure: str, expected: list[float]) -> None:
    network = one([[6, -8]])
    edit = Move(1, 0, "normalise", size=4, measure=measure)
    after = edit.apply(network).layer(1)
    np.testing.assert_allclose(after.weights[0], expected, rtol=1e-6)
    np.testing.assert_allclose(after.biases[0], 2 * expected[0] / 6, rtol=1e-6)
    np.testing.assert_array_equal(edit.apply(one([[0, 0]])).layer(1).weights, [[0, 0]])


def test_blurring_weighs_what_is_around_and_sharpening_takes_it_off() -> None:
    map_ = np.random.default_rng(2).normal(size=(6, 4)).astype(np.float32)
    kernel = [math.exp(-d * d / (2 * 0.8**2)) for d in range(4)]
    expected = np.zeros((6, 4))
    for r, c in np.ndindex(6, 4):
        weights = np.zeros((6, 4))
        for y, x in np.ndindex(6, 4):
            if abs(y - r) <= 3 and abs(x - c) <= 3:
                weights[y, x] = kernel[abs(y - r)] * kernel[abs(x - c)]
        expected[r, c] = (weights * map_).sum() / weights.sum()
    np.testing.assert_allclose(moved(map_, "blur", radius=0.8), expected, atol=1e-6)
    sharp = moved(map_, "sharpen", radius=0.8, amount=1.5)
    np.testing.assert_allclose(sharp, map_ + 1.5 * (map_ - expected), atol=1e-5)
    np.testing.assert_allclose(moved(np.ones((3, 3)), "blur", radius=9), np.ones((3, 3)))


def test_thresholds_and_masks_by_hand() -> None:
    map_ = [[0.5, -0.5, 0.1], [-2, 0, 2]]
    at = {"level": 0.5}
    np.testing.assert_array_equal(
        moved(map_, "threshold", **at), np.float32([[0.5, -0.5, 0], [-2, 0, 2]])
    )
    np.testing.assert_array_equal(
        moved(map_, "threshold", keep="positive", **at), np.float32([[0.5, 0, 0], [0, 0, 2]])
    )
    np.testing.assert_array_equal(
        moved(map_, "threshold", keep="negative", **at), np.float32([[0, -0.5, 0], [-2, 0, 0]])
    )
    np.testing.assert_array_equal(moved(map_, "mask", cells=[3, 1]), [[0, -0.5, 0], [-2, 0, 0]])
    region = [0, 1, 2, 3]
    np.testing.assert_array_equal(
        moved(map_, "mask", region=region), np.float32([[0, -0.5, 0.1], [0, 0, 2]])
    )
    np.testing.assert_array_equal(
        moved(map_, "mask", region=region, outside=False), [[0.5, 0, 0], [-2, 0, 0]]
    )


def test_a_swap_with_what_the_neurons_feed_leaves_the_answers_and_one_without_does_not() -> None:
    digits = np.random.default_rng(3).random((50, 20)).astype(np.float32)
    before = NETWORK.forward(digits).outputs
    swapped = Combine("swap", 1, 0, 2, outgoing=True).apply(NETWORK)
    np.testing.assert_allclose(swapped.forward(digits).outputs, before, atol=1e-6)
    np.testing.assert_array_equal(swapped.layer(1).biases, [2, -1, 0.5])
    alone = Combine("swap", 1, 0, 2).apply(NETWORK)
    assert alone.layer(1) is not NETWORK.layer(1)
    assert alone.layer(2) is NETWORK.layer(2)
    assert abs(alone.forward(digits).outputs - before).max() > 1e-3


def test_a_name_goes_with_the_neuron_that_is_swapped_and_comes_back() -> None:
    network = NETWORK
    for neuron, name in ((0, "top bar"), (1, "post")):
        network = NameNeuron(1, neuron, name).apply(network)
    edit = Combine("swap", 1, 0, 2)
    after = edit.apply(network)
    assert after.names == {(1, 2): "top bar", (1, 1): "post"}
    assert edit.inverse(network).apply(after).names == network.names
    assert Combine("copy", 1, 0, 2).apply(network).names == network.names


def test_copies_and_averages_by_hand() -> None:
    network = Network.blank((2, 2, 1)).with_layer(1, weights=[[1, 2], [3, -2]], biases=[4, 0])
    network = network.with_layer(2, weights=[[5, 7]])
    copied = Combine("copy", 1, 0, 1, outgoing=True).apply(network)
    np.testing.assert_array_equal(copied.layer(1).weights, [[1, 2], [1, 2]])
    np.testing.assert_array_equal(copied.layer(1).biases, [4, 4])
    np.testing.assert_array_equal(copied.layer(2).weights, [[5, 5]])
    mean = Combine("average", 1, 0, 1).apply(network)
    np.testing.assert_array_equal(mean.layer(1).weights, [[1, 2], [2, 0]])
    np.testing.assert_array_equal(mean.layer(1).biases, [4, 2])
    np.testing.assert_array_equal(mean.layer(2).weights, [[5, 7]])


def test_a_step_says_what_was_done_and_how_much() -> None:
    said = {
        "flip 1.0 left–right": Move(1, 0, "flip"),
        "rotate 1.0 by −33.5°": Move(1, 0, "rotate", angle=-33.5),
        "shift 1.0 by −1 rows, 0.25 columns": Move(1, 0, "shift", rows=-1, columns=0.25),
        "scale 1.0 by 0.5, with its bias": Move(1, 0, "scale", factor=0.5),
        "normalise 1.0: sum 4": Move(1, 0, "normalise", size=4, measure="sum", with_bias=False),
        "blur 1.0, radius 1": Move(1, 0, "blur"),
        "sharpen 1.0 by 2, radius 1": Move(1, 0, "sharpen", amount=2),
        "threshold 1.0 at 0.2, positive ones kept": Move(
            1, 0, "threshold", level=0.2, keep="positive"
        ),
        "invert 1.0, with its bias": Move(1, 0, "invert"),
        "keep 1 cell of 1.0": Move(1, 0, "mask", cells=[3]),
        "erase rows 1 to 2, columns 0 to 3 of 1.0": Move(
            1, 0, "mask", region=[1, 0, 3, 4], outside=False
        ),
        "swap 1.0 and 1.2, with what they feed": Combine("swap", 1, 0, 2, outgoing=True),
        "copy 1.0 to 1.2": Combine("copy", 1, 0, 2),
        "average of 1.0 and 1.2 in 1.2": Combine("average", 1, 0, 2),
    }
    assert {edit.name: edit for edit in said.values()} == said


@st.composite
def changes(draw: st.DrawFn) -> Any:
    rng = np.random.default_rng(draw(st.integers(0, 1 << 30)))
    layer = draw(st.integers(1, 2))
    if draw(st.booleans()):
        neuron = int(rng.integers(NETWORK.layer(layer).size))
        record = {
            "kind": "move",
            "layer": layer,
            "neuron": neuron,
            **make_moves.some_move(rng, layer),
        }
        return from_dict(record)
    how = draw(st.sampled_from(["copy", "swap", "average"]))
    outgoing, with_bias = draw(st.booleans()), draw(st.booleans())
    return Combine(how, layer, 1, 0, layer == 1 and outgoing, with_bias)


@settings(deadline=None, max_examples=50)
@given(changes(), st.sampled_from([NETWORK, BROKEN]))
def test_a_move_is_undone_to_the_same_bits_and_survives_as_json(
    edit: Any, network: Network
) -> None:
    after = edit.apply(network)
    back = edit.inverse(network)
    for each in (edit, back):
        again = from_dict(json.loads(json.dumps(each.to_dict(), allow_nan=False)))
        assert again == each
        assert again.name == each.name
    assert (
        from_dict(json.loads(json.dumps(back.to_dict()))).apply(after).checksum == network.checksum
    )
    assert back.inverse(after).apply(network).checksum == after.checksum


@settings(deadline=None, max_examples=50)
@given(changes())
def test_a_move_touches_what_it_changes(edit: Any) -> None:
    after, touched = edit.apply(NETWORK), edit.touched(NETWORK)
    for number in (1, 2):
        weights = NETWORK.layer(number).weights != after.layer(number).weights
        biases = NETWORK.layer(number).biases != after.layer(number).biases
        if number not in touched:
            assert not weights.any() and not biases.any()
            continue
        marked = np.zeros_like(weights), np.zeros_like(biases)
        marked[0][touched[number][0]] = True
        marked[1][touched[number][1]] = True
        assert not (weights & ~marked[0]).any()
        assert not (biases & ~marked[1]).any()


def test_a_moved_stamp_is_still_stamped() -> None:
    blank = Network.blank((784, 3, 2))
    stamp = PutStamp(1, 0, Stamp("edge", at=(6, 6), length=4))
    marks, network = Marks.uniform(blank, "blank"), blank
    edits = [
        stamp, Move(1, 0, "rotate", angle=33), Move(1, 0, "flip"), Move(1, 0, "shift", rows=2.5),
        Move(1, 0, "blur"), Move(1, 0, "scale", factor=2), Combine("copy", 1, 0, 1),
        Combine("average", 1, 1, 2), Combine("swap", 1, 0, 2, outgoing=True),
    ]  # fmt: skip
    for edit in edits:
        edit.mark(marks, network)
        network = edit.apply(network)
    where = network.layer(1).weights != 0
    assert where.any(axis=1).all()
    assert (marks.weights[0][where] == 3).all()  # stamped
    assert marks.counts()["painted"] == 0


EVERYTHING = """
from toolkit.edits import Move
from toolkit.network import Network
from toolkit.stamps import FAMILIES
net = Network.blank()
for family in FAMILIES.values():
    net = family.on_layer(mode="add", strength=0.7, zero_sum=True).apply(net)
moves = {
    "rotate": {"angle": 33}, "shift": {"rows": 0.3, "columns": -1.7}, "blur": {}, "sharpen": {},
    "normalise": {"measure": "length"}, "scale": {"factor": 1 / 3}, "threshold": {}, "invert": {},
}
for neuron, (move, numbers) in enumerate(moves.items()):
    net = Move(1, neuron, move, **numbers).apply(net)
print(net.checksum)
"""


def test_what_a_recipe_stamps_and_moves_has_these_bits_on_every_machine() -> None:
    """If this fails, recipes written earlier no longer give the network they gave."""
    # Once as this machine works fastest, once without its wide instructions.
    for disabled in ("", "X86_V3 X86_V4 AVX2 FMA3 AVX512F AVX512_SKX AVX512_ICL"):
        environment = {**os.environ, "NPY_DISABLE_CPU_FEATURES": disabled}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", EVERYTHING],
            env=environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.stdout.strip() == "5676e9305613cf65", done.stderr


def test_the_page_is_tested_on_moves_of_today() -> None:
    assert make_moves.cases() == json.loads(make_moves.PLACE.read_text())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Move(1, 0, "spin"), "move: expected one of flip, rotate"),
        (lambda: Move(1, 0, "rotate", angle=math.nan), "angle: expected a finite number"),
        (lambda: Move(1, 0, "rotate", angle=4000), "angle: expected a number from -3600 to 3600"),
        (lambda: Move(1, 0, "rotate", factor=2), "factor: a move of kind rotate has none"),
        (lambda: Move(1, 0, "flip", axis="diagonal"), "axis: expected one of left-right"),
        (lambda: Move(1, 0, "scale", with_bias=1), "with_bias: expected true or false"),
        (lambda: Move(1, 0, "mask"), "mask: expected either cells or a region"),
        (lambda: Move(1, 0, "mask", cells=[1], region=[0, 0, 1, 1]), "either cells or a region"),
        (lambda: Move(1, 0, "mask", cells=[1, 1]), "cells: expected numbers of cells, each once"),
        (lambda: Move(1, 0, "mask", cells=[20]).apply(NETWORK), "cells: expected 0 to 19; got 20"),
        (lambda: Move(1, 0, "mask", region=[1, 0, 1, 2]), "region: expected first row"),
        (
            lambda: Move(1, 0, "mask", region=[0, 0, 5, 5]).apply(NETWORK),
            "region: expected within 4×5",
        ),
        (
            lambda: Move(2, 0, "rotate", angle=1).apply(NETWORK),
            "the weights of layer 2 make no picture, so that one may scale, .* got rotate",
        ),
        (lambda: Move(1, 3, "flip").apply(NETWORK), "expected 1.0 to 1.2; got 1.3"),
        (lambda: Combine("add", 1, 0, 1), "how: expected one of copy, swap, average"),
        (lambda: Combine("copy", 1, 1, 1), "to: expected another neuron than 1"),
        (lambda: Combine("copy", 1, 0, 3).apply(NETWORK), "expected 1.0 to 1.2; got 1.3"),
        (lambda: Combine("copy", 2, 0, 1, outgoing=True).apply(NETWORK), "layer 2 is the last"),
        (lambda: Combine("copy", 1, 0, 1, outgoing=1), "outgoing: expected true or false"),
        (lambda: Combine("copy", 1, 0, 1, with_bias=1), "with_bias: expected true or false"),
        (lambda: from_dict({"kind": "move", "layer": 1, "neuron": 0}), "move is missing"),
        (lambda: from_dict({"kind": "combine", "how": "copy", "layer": 1, "to": 0}), "from is"),
    ],
)  # fmt: skip
def test_a_move_that_does_not_fit_is_refused_by_name(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(EditError, match=message):
        make()
