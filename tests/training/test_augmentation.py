"""Deformed digits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from toolkit.training import Augmentation

STILL = Augmentation(shift=0, rotation=0, scale=0, slant=0, bend=0)


def disc(row: float = 13.5, column: float = 13.5) -> NDArray[np.uint8]:
    """Return a soft disc around a point, as one digit."""
    rows, columns = np.indices((28, 28))
    distance = np.hypot(rows - row, columns - column)
    return (255 * np.clip(6 - distance, 0, 1)).astype(np.uint8).reshape(1, 784)


def centre(image: NDArray[np.float32]) -> tuple[float, float]:
    picture = image.reshape(28, 28)
    rows, columns = np.indices((28, 28))
    return (
        float((rows * picture).sum() / picture.sum()),
        float((columns * picture).sum() / picture.sum()),
    )


def test_no_deformation_gives_the_digits_back() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 784)).astype(np.uint8)
    got = STILL.deform(pixels, np.random.default_rng(0))
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, pixels / 255, atol=1e-5)


def test_everything_stays_a_picture() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (50, 784)).astype(np.uint8)
    wild = Augmentation(shift=30, rotation=180, scale=0.9, slant=2, bend=5)
    got = wild.deform(pixels, np.random.default_rng(1))
    assert got.shape == (50, 784)
    assert got.min() >= 0
    assert got.max() <= 1


def test_a_shift_moves_the_centre_no_further_than_asked() -> None:
    digits = np.repeat(disc(), 200, axis=0)
    shifted = Augmentation(shift=3, rotation=0, scale=0, slant=0)
    moved = np.array([centre(d) for d in shifted.deform(digits, np.random.default_rng(0))])
    far = np.abs(moved - 13.5)
    assert far.max() <= 3.01
    assert far.max(axis=0) == pytest.approx([3, 3], abs=0.15)


def test_a_rotation_keeps_the_distance_from_the_middle() -> None:
    digits = np.repeat(disc(column=19.5), 100, axis=0)
    turned = Augmentation(shift=0, rotation=40, scale=0, slant=0)
    centres = np.array([centre(d) for d in turned.deform(digits, np.random.default_rng(0))])
    rows, columns = (centres - 13.5).T
    assert np.hypot(rows, columns) == pytest.approx(np.full(100, 6), abs=0.1)
    angles = np.degrees(np.arctan2(rows, columns))
    assert np.abs(angles).max() == pytest.approx(40, abs=2)
    assert angles.min() < -30
    assert angles.max() > 30


def test_a_scale_changes_the_ink_by_its_square() -> None:
    digits = np.repeat(disc(), 300, axis=0)
    scaled = Augmentation(shift=0, rotation=0, scale=0.2, slant=0)
    ink = scaled.deform(digits, np.random.default_rng(0)).sum(axis=1) / (disc().sum() / 255)
    assert 0.62 < ink.min() < 0.7
    assert 1.35 < ink.max() < 1.46


def test_a_slant_moves_the_top_against_the_bottom() -> None:
    bar = np.zeros((28, 28), np.uint8)
    bar[4:24, 13:15] = 255
    slanted = Augmentation(shift=0, rotation=0, scale=0, slant=0.5)
    got = slanted.deform(np.repeat(bar.reshape(1, 784), 100, 0), np.random.default_rng(0))
    across = np.arange(28)
    for picture in got.reshape(100, 28, 28):
        top, bottom = ((picture[r] * across).sum() / picture[r].sum() for r in (6, 21))
        assert abs(top - bottom) <= 0.5 * 15 + 0.1
        assert top - 13.5 == pytest.approx(13.5 - bottom, abs=0.05)


def test_bending_has_the_spread_asked_for() -> None:
    rows, columns = Augmentation(0, 0, 0, 0, bend=0.7)._sources(500, 28, np.random.default_rng(0))
    still_rows, still_columns = STILL._sources(500, 28, np.random.default_rng(0))
    for bent, still in ((rows, still_rows), (columns, still_columns)):
        assert (bent - still).std() == pytest.approx(0.7, rel=0.05)
        # Smooth: neighbours move together.
        steps = np.diff((bent - still).reshape(500, 28, 28), axis=1)
        assert steps.std() < 0.25


def test_the_generator_decides() -> None:
    first, again, other = (
        Augmentation().deform(disc(), np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


@pytest.mark.parametrize(
    ("amounts", "message"),
    [
        ({"shift": -1}, "shift: expected 0 or more; got -1"),
        ({"rotation": math.nan}, "rotation: expected 0 or more; got nan"),
        ({"scale": 1}, "scale: expected a fraction less than 1; got 1"),
        ({"bend": math.inf}, "bend: expected 0 or more; got inf"),
    ],
)
def test_amounts_are_checked(amounts: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Augmentation(**amounts)


def test_pictures_must_be_square() -> None:
    with pytest.raises(ValueError, match="pixels: expected square pictures; got 10"):
        STILL.deform(np.zeros((1, 10), np.uint8), np.random.default_rng(0))
