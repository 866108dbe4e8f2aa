from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

import toolkit
from toolkit.analysis import composed_maps
from toolkit.grid import Grid
from toolkit.network import Layer, Network
from toolkit.palette import (
    BACKGROUND,
    MINUS_INFINITY,
    NAN,
    PALETTES,
    PLUS_INFINITY,
    Scale,
    as_maps,
    check_palette,
    colour,
    compose,
    limit_of,
    lookup_table,
)
from toolkit.pictures import maps_png, to_png

any_weights = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=3, max_dims=3, max_side=6),
    elements=st.floats(width=32),
)
palettes = st.sampled_from(sorted(PALETTES))
gammas = st.floats(0.2, 4)


@pytest.mark.parametrize("name", PALETTES)
def test_a_table_runs_from_negative_through_black_to_positive(name: str) -> None:
    table = lookup_table(name)
    assert table.shape == (511, 3)
    assert table.dtype == np.uint8
    assert tuple(table[0]) == PALETTES[name].negative
    assert tuple(table[255]) == (0, 0, 0)
    assert tuple(table[510]) == PALETTES[name].positive
    brightness = table.sum(axis=1).astype(int)
    assert (np.diff(brightness[255:]) >= 0).all()
    assert (np.diff(brightness[:256]) <= 0).all()


def test_green_is_positive_and_red_negative_by_default() -> None:
    (positive, negative) = colour([1.0, -1.0], limit=1).astype(int)
    assert positive.argmax() == 1
    assert negative.argmax() == 0


def test_half_the_limit_has_half_the_brightness_and_gamma_bends_that() -> None:
    end = np.array(PALETTES["green-red"].positive)
    # 128 of 255 steps is the nearest to a half; 0.5 ** 2 is a quarter.
    np.testing.assert_array_equal(colour([0.5], limit=1)[0], np.rint(end * 128 / 255))
    squared = colour([0.5], limit=1, gamma=2)[0]
    np.testing.assert_array_equal(squared, np.rint(end * (128 / 255) ** 2))


@pytest.mark.parametrize("name", PALETTES)
def test_what_is_off_the_scale_has_a_colour_of_its_own(name: str) -> None:
    shown = colour([np.nan, np.inf, -np.inf, 2, -2], limit=1, palette=name)
    expected = [
        NAN, PLUS_INFINITY, MINUS_INFINITY,
        PALETTES[name].clipped_positive, PALETTES[name].clipped_negative,
    ]  # fmt: skip
    assert [tuple(c) for c in shown.tolist()] == expected
    assert len(set(expected)) == 5
    in_palette = {tuple(c) for c in lookup_table(name).tolist()}
    assert in_palette.isdisjoint(expected)


def test_weights_at_the_limit_are_not_clipped() -> None:
    shown = colour(np.float32([0.1, -0.1]), limit=0.1)
    assert [tuple(c) for c in shown.tolist()] == [
        PALETTES["green-red"].positive, PALETTES["green-red"].negative,
    ]  # fmt: skip


def test_never_lit_pixels_are_grey_and_not_a_number_still_shows() -> None:
    shown = colour([1.0, 0.0, np.nan], limit=1, never_lit=[True, True, True])
    assert tuple(shown[1]) == (72, 72, 72)
    end = np.array(PALETTES["green-red"].positive)
    np.testing.assert_array_equal(shown[0], (end + 3 * 96) // 4)
    assert tuple(shown[2]) == NAN


def test_limits_come_from_finite_weights_and_are_never_zero() -> None:
    maps = np.array([[1, -3, np.inf], [0, 0, 0], [np.nan, 2, 0]], np.float32)
    np.testing.assert_array_equal(Scale().limits(maps), [3, 1, 2])
    np.testing.assert_array_equal(Scale("shared").limits(maps), [3, 3, 3])
    np.testing.assert_array_equal(Scale("fixed", 0.5).limits(maps), [0.5, 0.5, 0.5])
    assert limit_of([np.nan, np.inf]) == 1
    assert limit_of([]) == 1
    assert limit_of([-2.5, 1]) == 2.5


def test_a_scale_says_what_full_brightness_means() -> None:
    maps = np.array([[[1.0]], [[-2.0]]])
    assert Scale().describe(maps) == "each map on its own scale"
    assert Scale().describe(maps[:1]) == "brightest at ±1"
    assert Scale("shared", gamma=0.5).describe(maps) == "brightest at ±2, gamma 0.5"


@given(any_weights, palettes, gammas, st.sampled_from(["neuron", "shared"]))
def test_every_array_of_weights_can_be_shown(
    maps: np.ndarray, palette: str, gamma: float, kind: str
) -> None:
    picture = compose(
        maps, scale=Scale(kind, gamma=gamma), palette=palette, pixels_per_cell=1, gap=0, columns=1
    )
    count, rows, columns = maps.shape
    assert picture.shape == (count * rows, columns, 3)
    assert picture.dtype == np.uint8
    cells = picture.reshape((*maps.shape, 3))
    assert (cells[np.isnan(maps)] == NAN).all()
    assert (cells[maps == 0] == 0).all()
    assert (cells[maps == np.inf] == PLUS_INFINITY).all()


@given(any_weights, st.floats(1e-3, 1e3), gammas)
def test_colours_do_not_depend_on_the_unit_of_the_weights(
    maps: np.ndarray, limit: float, gamma: float
) -> None:
    # Powers of two, so that scaling is exact; denormals and overflow aside.
    fine = np.where(np.isfinite(maps) & (np.abs(maps) < 1e30) & (np.abs(maps) > 1e-30), maps, 0)
    np.testing.assert_array_equal(
        colour(fine, limit=limit, gamma=gamma), colour(fine * 4, limit=np.float32(limit) * 4,
                                                       gamma=gamma)
    )  # fmt: skip


def test_a_composed_picture_holds_each_map_in_its_place() -> None:
    maps = np.zeros((3, 2, 2), np.float32)
    maps[2, 0, 1] = 1
    picture = compose(maps, columns=2, pixels_per_cell=3, gap=1)
    # Two columns of 6 pixels, two rows of 6, a gap of 1 around each.
    assert picture.shape == (15, 15, 3)
    green = (picture == PALETTES["green-red"].positive).all(axis=2)
    assert np.argwhere(green).min(axis=0).tolist() == [8, 4]
    assert np.argwhere(green).max(axis=0).tolist() == [10, 6]
    assert tuple(picture[0, 0]) == BACKGROUND
    assert tuple(picture[14, 14]) == BACKGROUND
    assert tuple(picture[10, 10]) == BACKGROUND


@given(any_weights, st.integers(1, 3), st.integers(0, 3), st.integers(1, 7), st.data())
def test_each_cell_is_a_square_of_its_colour(
    maps: np.ndarray, side: int, gap: int, columns: int, data: st.DataObject
) -> None:
    _, rows, across = maps.shape
    mask = data.draw(hnp.arrays(bool, (rows, across)))
    picture = compose(
        maps, columns=columns, pixels_per_cell=side, gap=gap, never_lit=mask, background=(1, 2, 3)
    )
    left = np.ones(picture.shape[:2], bool)
    for place, values in enumerate(maps):
        top = gap + place // columns * (rows * side + gap)
        edge = gap + place % columns * (across * side + gap)
        where = np.s_[top : top + rows * side, edge : edge + across * side]
        one = colour(values, limit=limit_of(values), never_lit=mask)
        np.testing.assert_array_equal(picture[where], np.kron(one, np.ones((side, side, 1))))
        left[where] = False
    assert (picture[left] == (1, 2, 3)).all()


@pytest.mark.parametrize(("count", "across"), [(16, 8), (10, 5), (64, 8), (65, 9), (4096, 64)])
def test_many_maps_are_laid_out_in_about_a_square(count: int, across: int) -> None:
    picture = compose(np.zeros((count, 1, 1)), pixels_per_cell=1, gap=0)
    assert picture.shape == (-(-count // across), across, 3)


def test_rows_of_weights_become_maps_on_their_grid() -> None:
    weights = np.arange(12, dtype=np.float32).reshape(2, 6)
    assert as_maps(weights)[1].tolist() == [[6, 7, 8], [9, 10, 11]]
    assert as_maps(weights, Grid(3, 2))[1].tolist() == [[6, 7], [8, 9], [10, 11]]


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: check_palette("pink"), "palette"),
        (lambda: check_palette(3), "palette"),
        (lambda: lookup_table(gamma=0), "gamma"),
        (lambda: lookup_table(gamma=float("nan")), "gamma"),
        (lambda: lookup_table(gamma=True), "gamma"),
        (lambda: colour([1], limit=0), "limit"),
        (lambda: colour([1], limit=[np.nan]), "limit"),
        (lambda: Scale("mine"), "scale"),
        (lambda: Scale("fixed"), "limit"),
        (lambda: Scale("neuron", 2), "limit"),
        (lambda: Scale("fixed", -2), "limit"),
        (lambda: Scale(gamma=-1), "gamma"),
        (lambda: compose(np.zeros((2, 2))), "maps"),
        (lambda: compose(np.zeros((0, 2, 2))), "maps"),
        (lambda: compose(np.zeros((1, 2, 2)), columns=0), "columns"),
        (lambda: compose(np.zeros((1, 2, 2)), pixels_per_cell=0), "pixels_per_cell"),
        (lambda: compose(np.zeros((1, 2, 2)), gap=-1), "gap"),
        (lambda: as_maps(np.zeros(4)), "weights"),
        (lambda: to_png(np.zeros((2, 2, 3))), "image"),
        (lambda: to_png(np.zeros((2, 2, 4), np.uint8)), "image"),
        (lambda: to_png(np.zeros((2, 0), np.uint8)), "image"),
    ],
)
def test_an_error_names_the_argument(call, name: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=rf"^{name}: expected .*; got "):
        call()


def test_a_png_holds_the_picture_bit_for_bit_and_is_the_same_each_time() -> None:
    picture = compose(np.linspace(-1, 1, 32).reshape(2, 4, 4))
    data = to_png(picture)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), picture)
    assert to_png(picture) == data


@given(
    hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9))),
    st.booleans(), st.integers(1, 3), st.integers(1, 30),
)  # fmt: skip
def test_any_picture_comes_back_from_its_png(
    grey: np.ndarray, coloured: bool, repeats: int, block: int
) -> None:
    picture = grey.repeat(repeats, axis=0)
    if coloured:
        picture = np.stack([picture, picture // 2, 255 - picture], axis=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("toolkit.pictures._BLOCK", block)
        data = to_png(picture)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), picture)


def test_the_maps_of_a_network_stand_below_one_another() -> None:
    network = Network.random((9, 3, 2))
    picture = np.asarray(Image.open(io.BytesIO(maps_png(network, order={1: [2, 0]}))))
    first = compose(network.layer(1).weights[[2, 0]].reshape(2, 3, 3))
    second = compose(composed_maps(network, 2).reshape(2, 3, 3))
    np.testing.assert_array_equal(picture, np.concatenate([first, second]))
    with pytest.raises(ValueError, match="expected 1 to 4,096 neurons in a picture; got 4,097"):
        maps_png(Network.blank((4, 4097)))


def test_a_notebook_shows_the_first_layers_maps() -> None:
    assert toolkit.Network is Network
    data = Network((Layer(np.ones((3, 4)), np.zeros(3)),))._repr_png_()
    assert data is not None
    # Three maps of 2 × 2 cells, 3 pixels a cell, and four gaps of 6 pixels.
    assert Image.open(io.BytesIO(data)).size == (3 * 6 + 4 * 6, 6 + 2 * 6)


def test_all_public_names_are_there() -> None:
    for name in toolkit.__all__:
        assert getattr(toolkit, name) is not None
        assert name in dir(toolkit)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = toolkit.nonsense
