"""Digits shifted, turned, thicker, thinner and noisy, and how many are still read."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from toolkit.analysis import robustness
from toolkit.analysis.whole import changed
from toolkit.digits import DigitSet
from toolkit.digits.drawn.drawing import generate
from toolkit.grid import Grid
from toolkit.network import Layer, Network
from toolkit.shipped import open_network

GRID = Grid(9, 12)
IMAGES = np.random.default_rng(2).random((5, 108)).astype(np.float32)
PICTURES = IMAGES.reshape(5, 9, 12)
CROSS = ndimage.generate_binary_structure(2, 1)


def shown(kind: str, amount: float, images: object = IMAGES, grid: Grid = GRID) -> np.ndarray:
    found = changed(images, kind, amount, grid=grid)
    return found.reshape(*found.shape[:2], *grid)


@pytest.mark.parametrize("by", [1, 3, 20])
def test_a_shift_goes_eight_ways_and_what_leaves_is_lost(by: int) -> None:
    ways = [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)]
    for got, (down, across) in zip(shown("shift", by), ways, strict=True):
        expected = ndimage.shift(PICTURES, (0, by * down, by * across), order=0)
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("angle", [-45, 10, 30])
def test_a_rotation_is_scipys_about_the_middle_and_counter_clockwise(angle: int) -> None:
    (got,) = shown("rotation", angle)
    expected = ndimage.rotate(
        PICTURES, angle, axes=(2, 1), reshape=False, order=1, mode="grid-constant"
    )
    np.testing.assert_allclose(got, expected, atol=1e-5)
    bar = np.zeros((1, 9, 9))
    bar[0, 4, 5:] = 1  # to the right of the middle; turned, it points up
    (turned,) = shown("rotation", 45, bar.reshape(1, 81), Grid(9, 9))
    assert turned[0, :4, 5:].sum() > 0.8 * turned.sum()


def test_thicker_and_thinner_are_grey_dilation_and_erosion_by_half_a_pixel_at_each_edge() -> None:
    def steps(change: object, count: int) -> list[np.ndarray]:
        found = [PICTURES]
        for _ in range(count):
            found.append(
                np.stack([change(each, footprint=CROSS, mode="constant") for each in found[-1]])
            )
        return found

    wide, thin = steps(ndimage.grey_dilation, 2), steps(ndimage.grey_erosion, 1)
    for amount, expected in ((2, wide[1]), (3, (wide[1] + wide[2]) / 2), (4, wide[2]),
                             (-2, thin[1]), (-1, (PICTURES + thin[1]) / 2)):  # fmt: skip
        np.testing.assert_allclose(shown("thickness", amount)[0], expected, atol=1e-6)
    stroke = np.zeros((9, 12))
    stroke[:, 4:7] = 1
    for amount in range(-2, 5):  # its width, in ink across it
        (got,) = shown("thickness", amount, stroke.reshape(1, 108))
        assert got[0, 4].sum() == 3 + amount


def test_noise_is_one_draw_scaled_and_clipped() -> None:
    grey = np.full((20, 108), 0.5, np.float32)
    little, more = (changed(grey, "noise", each, grid=GRID)[0] - grey for each in (0.05, 0.1))
    np.testing.assert_allclose(2 * little, more, atol=1e-6)
    assert little.std() == pytest.approx(0.05, rel=0.05)
    wild = changed(grey, "noise", 9, grid=GRID)
    assert (wild.min(), wild.max()) == (0, 1)
    assert (changed(grey, "noise", 0.1, grid=GRID, seed=1)[0] - grey != more).any()


def test_curves_are_shares_read_right_and_at_zero_the_plain_accuracy() -> None:
    digits = generate(1000, seed=3)
    network = open_network("drawn-sigmoid")
    told: list[tuple[float, float]] = []
    curves = robustness(
        network, digits, most=600, progress=lambda done, of: told.append((done, of))
    )
    assert [each.kind for each in curves] == ["shift", "rotation", "thickness", "noise"]
    used = digits.subset(np.sort(np.random.default_rng(0).permutation(len(digits))[:600]))

    def accuracy(images: object) -> float:
        return float(np.mean(network.forward(images).predictions == used.labels))

    for curve in curves:
        assert curve.plain == accuracy(used.images)
        assert curve.images == 600
        assert (np.diff(curve.amounts) > 0).all()
        assert curve.accuracy.argmax() in (np.flatnonzero(curve.amounts == 0)[0] + np.arange(-2, 3))
        if curve.kind != "noise":
            each = [
                np.mean([accuracy(way) for way in
                         changed(used.images, curve.kind, amount, grid=digits.grid)])
                for amount in curve.amounts[[-1, 1]]
            ]  # fmt: skip
            np.testing.assert_allclose(curve.accuracy[[-1, 1]], each, atol=1e-9)
    assert curves[0].accuracy[4] < 0.6 < 0.9 < curves[0].plain
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


def test_a_network_that_reads_ink_alone_does_not_mind_where_it_is() -> None:
    pixels = np.zeros((40, 9, 12), np.uint8)
    pixels[::2, 4, 6] = 255
    digits = DigitSet(pixels, np.arange(1, 41) % 2)
    network = Network((Layer(np.vstack([np.zeros(108), np.ones(108)]), [0, -0.1]),))
    shift, rotation, thickness, _ = robustness(network, digits)
    assert (shift.accuracy == 1).all()
    assert (rotation.accuracy == 1).all()
    # Eroded, a dot of one pixel is gone, and half the digits are read wrong; at half, half is left.
    assert thickness.accuracy.tolist() == [0.5, 1, 1, 1, 1, 1, 1]


@pytest.mark.filterwarnings("error")
def test_broken_networks_no_digits_and_digits_that_do_not_fit() -> None:
    digits = DigitSet(np.zeros((3, 2, 5), np.uint8), np.array([0, 0, 1]))
    broken = Network((Layer(np.full((2, 10), np.nan), [0, 0]),))
    assert all(each.plain == pytest.approx(2 / 3) for each in robustness(broken, digits))
    for each in robustness(broken, digits.subset(slice(0))):
        assert np.isnan(each.accuracy).all()
    with pytest.raises(ValueError, match="digits: expected images of 784 pixels"):
        robustness(Network.random(), digits)
    with pytest.raises(ValueError, match="most, seed: expected 1 or more"):
        robustness(broken, digits, most=0)
    with pytest.raises(ValueError, match="kind: expected one of shift, rotation"):
        changed(IMAGES, "blur", 1, grid=GRID)
    with pytest.raises(ValueError, match=r"images: expected shape \(n, 10\)"):
        changed(IMAGES, "noise", 1, grid=Grid(2, 5))
