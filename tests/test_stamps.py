"""Stamps: worked by hand, against the standard library's sines, and as edits."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.page import make_stamps
from toolkit import stamps
from toolkit.digits import DigitSet
from toolkit.edits import EditError, NameNeuron, PutStamp, SetClause, from_dict
from toolkit.grid import Grid
from toolkit.network import Network
from toolkit.stamps import SHAPES, Stamp
from toolkit.stamps.exact import angle_from, cosine_sine, exponential

DRAWN = [shape for shape in SHAPES if shape != "picture"]
FLAT = Network.random((63, 3, 2), seed=4)
NETWORK = FLAT.with_layer(1, grid=Grid(7, 9))


def test_the_arithmetic_is_that_of_sine_exponential_and_angle() -> None:
    degrees = np.linspace(-1000, 1000, 4001)
    cosine, sine = cosine_sine(degrees)
    np.testing.assert_allclose(cosine, np.cos(np.radians(degrees)), atol=1e-14)
    np.testing.assert_allclose(sine, np.sin(np.radians(degrees)), atol=1e-14)
    x = np.linspace(-60, 20, 1001)
    np.testing.assert_allclose(exponential(x), np.exp(x), rtol=1e-12)
    around = np.radians(np.linspace(-180, 180, 721))
    found = angle_from(np.cos(around), np.sin(around))
    np.testing.assert_allclose(found, np.abs(around), atol=1e-14)
    turns = cosine_sine(np.array([0.0, 90, 180, 270, -90]))
    assert [each.tolist() for each in turns] == [[1, 0, -1, 0, 0], [0, 1, 0, -1, -1]]


def by_the_library(s: Stamp, row: int, column: int) -> float:
    """The same shape in plain Python with the machine's own sines: one cell."""

    def ramp(inside: float) -> float:
        return min(max(0.5 + inside / s.number("soft"), 0), 1)

    def hill(x: float, y: float) -> float:
        return 2 ** (-4 * (x * x + y * y))

    assert s.at is not None
    a = math.radians(s.number("angle"))
    x, y = column + 0.5 - s.at[1], s.at[0] - row - 0.5
    u, v = x * math.cos(a) + y * math.sin(a), y * math.cos(a) - x * math.sin(a)
    if s.curvature:
        radius = 1 / s.curvature
        far = math.hypot(u, v + radius)
        turned = math.atan2(abs(u), math.copysign(1, radius) * (v + radius))
        u, v = abs(radius) * turned, math.copysign(far, radius) - radius
    length = s.number("length")
    match s.shape:
        case "edge":
            bright = ramp(v) - ramp(v - s.number("width"))
            dark = ramp(v + s.number("flank")) - ramp(v)
            return (bright - s.number("surround") * dark) * ramp(length / 2 - abs(u))
        case "gabor":
            wave = math.cos(math.pi * v / s.number("width") + math.radians(s.number("phase")))
            wave *= s.number("surround") if wave < 0 else 1
            return wave * hill(u / length, v / s.number("height"))
        case "gradient":
            slope = min(max(2 * v / s.number("height"), -1), 1)
            slope *= s.number("surround") if slope < 0 else 1
            inside = ramp(length / 2 - abs(u)) * ramp(s.number("height") / 2 - abs(v))
            return slope * inside
        case "line" | "arc":
            core = ramp(s.number("width") / 2 - abs(v))
            wide = ramp(s.number("width") / 2 + s.number("flank") - abs(v))
            core, wide = (each * ramp(length / 2 - abs(u)) for each in (core, wide))
        case "rectangle":
            height, flank = s.number("height"), s.number("flank")
            core = ramp(length / 2 - abs(u)) * ramp(height / 2 - abs(v))
            wide = ramp(length / 2 + flank - abs(u)) * ramp(height / 2 + flank - abs(v))
        case "blob":
            height, wider = s.number("height"), 2 * s.number("flank")
            core, wide = (
                hill(u / length, v / height),
                hill(u / (length + wider), v / (height + wider)),
            )
        case _:  # a ring
            p, q = length / 2, s.number("height") / 2
            far, slope = math.hypot(u / p, v / q), math.hypot(u / p**2, v / q**2)
            off = abs((far - 1) * far / slope) if slope else min(p, q)
            core = ramp(s.number("width") / 2 - off)
            wide = ramp(s.number("width") / 2 + s.number("flank") - off)
    return core - s.number("surround") * (wide - core)


@pytest.mark.parametrize("shape", DRAWN)
def test_a_shape_is_what_it_is_said_to_be(shape: str) -> None:
    rng = np.random.default_rng(5)
    for _ in range(12):
        stamp = replace(
            Stamp.from_dict(make_stamps.some_stamp(rng, shape)), strength=1, zero_sum=False
        )
        expected = [[by_the_library(stamp, r, c) for c in range(9)] for r in range(7)]
        np.testing.assert_allclose(stamp.render((7, 9)), expected, atol=1.01 / 8192)


def test_shapes_worked_by_hand() -> None:
    edge = stamps.edge(at=(2, 1.5), angle=0, length=2, width=1, strength=2)
    zero = [0, 0, 0]
    # Two cells long, its middle on a cell's: half of the cell on either side.
    np.testing.assert_array_equal(edge.render((4, 3)), [zero, [1, 2, 1], [-1, -2, -1], zero])
    cross = stamps.line(at=(1.5, 1.5), angle=90, length=9, width=1, surround=0.25, flank=1)
    np.testing.assert_array_equal(cross.render((3, 3)), [[-0.25, 1, -0.25]] * 3)
    box = stamps.rectangle(at=(2.5, 2.5), length=3, height=1, surround=1, flank=1)
    around = [-1, -1, -1, -1, -1]
    np.testing.assert_array_equal(
        box.render((5, 5)), [[0] * 5, around, [-1, 1, 1, 1, -1], around, [0] * 5]
    )
    slope = stamps.gradient(at=(2, 0.5), length=9, height=4, surround=0.5)
    np.testing.assert_array_equal(slope.render((4, 1)).ravel(), [0.75, 0.25, -0.125, -0.375])


def test_angles_turn_counter_clockwise_and_positive_curvature_lets_the_ends_hang() -> None:
    up = stamps.edge(at=(14, 14), angle=0, length=20).render()
    for turns in range(1, 4):
        turned = stamps.edge(at=(14, 14), angle=90 * turns, length=20).render()
        np.testing.assert_array_equal(turned, np.rot90(up, turns))
    top = stamps.arc(at=(8.5, 14.5), length=16, width=1, curvature=1 / 8, surround=0).render()
    assert top[8, 14] == 1
    assert top[8, 7] == 0 < top[11:14, 7].max()
    bowl = stamps.arc(at=(19.5, 14.5), length=16, width=1, curvature=-1 / 8, surround=0).render()
    np.testing.assert_array_equal(bowl, top[::-1])
    ring = stamps.ring(at=(14, 14), radius=5, width=2, surround=0).render()
    assert ring[14, 14] == 0
    assert ring[14, 8] > 0.5 < ring[8, 14]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 1 << 30), st.sampled_from(DRAWN), st.sampled_from([(7, 9), (28, 28), (1, 5)]))
def test_a_balanced_stamp_sums_to_zero(seed: int, shape: str, grid: tuple[int, int]) -> None:
    record = make_stamps.some_stamp(np.random.default_rng(seed), shape)
    stamp = replace(Stamp.from_dict(record), zero_sum=True, strength=0.75)
    assert stamp.weights(Grid(*grid)).sum() == 0


def test_balancing_by_hand() -> None:
    def balanced(*levels: float) -> list[float]:
        return stamps.picture(levels, zero_sum=True).render((1, len(levels))).ravel().tolist()

    assert balanced(1, 0.5, 0, -0.5) == [1, 0.5, 0, -1.5]  # the dark part thrice
    assert balanced(0.25, -0.5, -0.5) == [0.25, -0.125, -0.125]  # the dark part a quarter
    assert balanced(1, 0, 0, 0) == [0.75, -0.25, -0.25, -0.25]  # none: the mean is taken off
    assert balanced(1, 1, -0.0625, 0.0625) == [0.5, 0.5, -0.5625, -0.4375]  # a sliver
    assert balanced(-1, -0.5, 0) == [0, 0, 0]  # nothing bright


@pytest.mark.parametrize(
    ("mode", "amount", "expected"),
    [("add", 1, [1.0, 1.5, -2.0]), ("replace", 1, [0, 0.5, -1]), ("blend", 0.5, [0.5, 0.75, -1])],
)
def test_a_stamp_is_added_or_takes_the_place_or_is_blended(
    mode: str, amount: float, expected: list[float]
) -> None:
    network = Network.blank((3, 2)).with_layer(1, weights=[[1, 1, -1], [9, 9, 9]])
    edit = stamps.picture([0, 0.5, -1]).on(1, 0, mode, amount)
    after = edit.apply(network).layer(1)
    np.testing.assert_array_equal(after.weights, [expected, [9, 9, 9]])
    touched = edit.touched(network)[1][0]
    assert sorted(touched[1].tolist()) == ([1, 2] if mode == "add" else [0, 1, 2])
    assert edit.inverse(network).apply(edit.apply(network)).checksum == network.checksum


def test_a_stamp_on_what_is_not_finite_is_undone_to_the_same_bits() -> None:
    strange = np.array([[0x7FC12345, 0xFF800000, 0x80000000]], np.uint32).view(np.float32)
    network = Network.blank((3, 1)).with_layer(1, weights=strange, biases=[np.nan])
    for mode in ("add", "replace", "blend"):
        edit = stamps.picture([0.5, 0.5, 0.5]).on(1, 0, mode, 0.5)
        after = edit.apply(network)
        assert np.isfinite(after.layer(1).weights).all()
        back = from_dict(json.loads(json.dumps(edit.inverse(network).to_dict())))
        assert back.apply(after).checksum == network.checksum


@settings(deadline=None, max_examples=50)
@given(
    st.integers(0, 1 << 30), st.sampled_from(DRAWN), st.sampled_from(["add", "replace", "blend"])
)
def test_a_stamp_survives_as_json(seed: int, shape: str, mode: str) -> None:
    record = make_stamps.some_stamp(np.random.default_rng(seed), shape)
    edit = from_dict({"kind": "stamp", "layer": 1, "neuron": 2, **record, "mode": mode})
    again = from_dict(json.loads(json.dumps(edit.to_dict(), allow_nan=False)))
    assert again == edit
    assert again.name == edit.name
    assert again.apply(NETWORK).checksum == edit.apply(NETWORK).checksum


def test_numbers_left_out_are_the_usual_ones() -> None:
    assert stamps.ring(length=8).height == 8
    assert stamps.line(width=5).flank == 5
    assert Stamp.from_dict({"shape": "line", "width": 5, "angle": None}) == stamps.line(width=5)
    assert stamps.edge() == Stamp("edge")
    for shape in DRAWN:
        assert getattr(stamps, shape)() == Stamp(shape), shape


@pytest.mark.parametrize("key", stamps.FAMILIES)
def test_a_family_gives_sixteen_neurons_sixteen_features_as_one_step(key: str) -> None:
    family = stamps.FAMILIES[key]
    names = [name for name, _ in family.members]
    assert len(set(names)) == len(set(family.stamps)) == 16
    before = Network.random((784, 16, 10), seed=2)
    step = family.on_layer(strength=3)
    after = step.apply(before)
    maps = after.layer(1).weights
    np.testing.assert_array_equal(maps, [3 * stamp.render().ravel() for stamp in family.stamps])
    assert maps.max(axis=1).min() > 1.5, "each has something bright on the map"
    assert step.inverse(before).apply(after).checksum == before.checksum
    assert [edit.neuron for edit in family.edits([5, 2, 9])] == [5, 2, 9]
    # Called what they are, whatever they were called, in one step that is taken back as one.
    called = NameNeuron(1, 3, names[0]).apply(before)
    step = family.on_layer(range(15, -1, -1), named=True)
    after = step.apply(called)
    assert after.names == {(1, 15 - k): name for k, name in enumerate(names)}
    back = step.inverse(called).apply(after)
    assert (back.names, back.checksum) == (called.names, before.checksum)
    clause = f"{names[15]} and {names[7]} and not {names[4]}"
    assert SetClause(2, 0, clause).apply(after).layer(2).weights[0, 0] > 0


def test_a_family_is_fitted_to_maps_of_another_size() -> None:
    twice = stamps.line(at=(7, 21), angle=30, length=9, width=3).fitted((56, 56))
    assert twice == stamps.line(at=(14, 42), angle=30, length=18, width=6, soft=2)
    bent = stamps.arc(at=(7, 7), curvature=0.2).fitted((14, 28))
    assert (bent.at, bent.length, bent.curvature) == ((3.5, 7), 7, 0.4)
    network = Network.random((20 * 20, 16, 10), seed=0)
    after = stamps.FAMILIES["strokes"].on_layer(grid=network.grid).apply(network)
    maps = after.layer(1).weights.reshape(16, 20, 20)
    for at, (_, stamp) in enumerate(stamps.FAMILIES["strokes"].members):
        assert stamp.at is not None
        bright = np.argwhere(maps[at] == maps[at].max()).mean(axis=0) + 0.5
        np.testing.assert_allclose(bright, np.array(stamp.at) * 20 / 28, atol=0.8)


def test_edges_around_the_frame_have_their_bright_side_inside() -> None:
    rows, columns = np.mgrid[:28, :28] + 0.5
    for name, stamp in stamps.FAMILIES["edges"].members:
        levels = stamp.render()
        away = np.hypot((rows - 14) / 9, (columns - 14) / 7)
        assert (away * levels).sum() < -5, name


def test_a_mean_and_a_difference_of_means_by_hand() -> None:
    pixels = np.array([[0, 255], [255, 255], [51, 102]], np.uint8)
    digits = DigitSet(pixels, [3, 3, 5])
    three = stamps.class_mean(digits, 3, strength=2).render((1, 2))
    np.testing.assert_array_equal(three, [[1, 2]])
    apart = stamps.class_difference(digits, 3, 5).render((1, 2))
    np.testing.assert_allclose(apart, [[0.5 - 0.2, 1 - 0.4]], atol=1 / 8192)
    thirds = DigitSet(np.array([[1], [0], [0]], np.uint8), [4, 4, 4])
    assert stamps.class_mean(thirds, 4).levels == (5,), "4096 / 765 to the nearest"
    with pytest.raises(ValueError, match="expected a class that digits has digits of; got 7"):
        stamps.class_mean(digits, 7)


def test_the_page_is_tested_on_stamps_of_today() -> None:
    assert make_stamps.everything() == json.loads(make_stamps.PLACE.read_text())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Stamp("star"), "shape: expected one of edge"),
        (lambda: Stamp(["edge"]), "shape: expected one of edge"),
        (lambda: Stamp("blob", curvature=0.1), "curvature: a stamp of shape blob has none"),
        (lambda: Stamp("edge", levels=(1,)), "levels: a stamp of shape edge has none"),
        (lambda: Stamp("picture", at=(1, 1), levels=(1,)), "at: a stamp of shape picture"),
        (lambda: Stamp("picture"), "levels is missing"),
        (lambda: stamps.edge(angle=math.nan), "angle: expected a number from -3600 to 3600"),
        (lambda: stamps.edge(length=0), "length: expected a number from 0.1 to 1000; got 0"),
        (lambda: stamps.edge(width=True), "width: expected a number"),
        (lambda: stamps.edge(at=3), "at: expected row and column; got 3"),
        (lambda: stamps.edge(at=(1, 2, 3)), "at: expected row and column; got 3 numbers"),
        (lambda: stamps.edge(at=(1, 10**400)), "at: expected a number from -1000"),
        (lambda: stamps.edge(strength="1"), "strength: expected a number"),
        (lambda: stamps.edge(zero_sum=1), "zero_sum: expected true or false"),
        (lambda: stamps.picture([2]), "levels: expected a number from -1 to 1; got 2"),
        (lambda: stamps.picture([]), "levels: expected 1 to"),
        (lambda: Stamp("picture", levels="AAAA"), "levels: expected 2 bytes"),
        (lambda: Stamp("picture", levels="é"), "levels: expected base64"),
        (lambda: Stamp("picture", levels="/38="), "levels: expected 1 to .* the largest 8"),
        (lambda: stamps.picture([1]).render(), "levels: expected 784, one for each cell of 28×28"),
    ],
)  # fmt: skip
def test_a_stamp_that_is_none_is_refused_by_name(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: stamps.edge().on(2, 0).apply(NETWORK), "layer: expected 1, whose weights"),
        (lambda: stamps.edge().on(1, 3).apply(NETWORK), "expected 1.0 to 1.2; got 1.3"),
        (lambda: stamps.picture([1]).on(1, 0).apply(NETWORK), "levels: expected 63"),
        (lambda: stamps.edge().on(1, 0, "multiply"), "mode: expected one of add, replace, blend"),
        (lambda: stamps.edge().on(1, 0, "blend", 2), "amount: expected a number from 0 to 1"),
        (lambda: PutStamp(1, 0, "edge"), "stamp: expected a Stamp; got str"),
        (lambda: from_dict({"kind": "stamp", "layer": 1, "neuron": 0}), "shape is missing"),
        (lambda: from_dict({"kind": "stamp", "shape": "edge", "neuron": 0}), "layer is missing"),
    ],
)  # fmt: skip
def test_a_stamp_that_does_not_fit_is_refused_by_name(
    make: Callable[[], Any], message: str
) -> None:
    with pytest.raises(EditError, match=message):
        make()
