"""Digits in MNIST's form on other grids."""

from __future__ import annotations

import numpy as np

from toolkit.digits import DigitSet, load_drawn
from toolkit.grid import Grid

DIGITS = load_drawn(300, seed=4)
IMAGES = DIGITS.pixels.reshape(-1, 28, 28)


def test_up_to_32_by_32_they_are_padded_and_not_stretched() -> None:
    padded = DIGITS.fitted(Grid(32, 32))
    assert padded.name.endswith(", 32×32")
    pictures = padded.pixels.reshape(-1, 32, 32)
    np.testing.assert_array_equal(pictures[:, 2:30, 2:30], IMAGES)
    assert pictures.sum() == IMAGES.sum(dtype=np.int64)
    uneven = DIGITS.fitted(Grid(29, 32)).pixels.reshape(-1, 29, 32)
    np.testing.assert_array_equal(uneven[:, :28, 2:30], IMAGES)
    assert DIGITS.fitted(Grid(64, 64)).checksum == DIGITS.resized(64, 64).checksum


def test_where_a_set_has_no_margin_it_is_cut_off() -> None:
    np.testing.assert_array_equal(
        DIGITS.fitted(Grid(20, 20)).pixels.reshape(-1, 20, 20), IMAGES[:, 4:24, 4:24]
    )
    cut = DigitSet(IMAGES[:, 4:24, 4:24], DIGITS.labels)
    np.testing.assert_array_equal(DIGITS.fitted(Grid(16, 16)).pixels, cut.resized(16, 16).pixels)
    assert DIGITS.fitted(Grid(14, 14)).checksum == DIGITS.resized(14, 14).checksum


def test_on_8_by_8_each_digit_fills_the_height_from_its_own_box_worked_by_hand() -> None:
    pictures = np.zeros((3, 28, 28), np.uint8)
    pictures[0, 6:22, 10:18] = 200  # 16 high: each of 8 rows covers 2; 19.2 wide, 2.4 a column
    pictures[1, 3:11, 20:24] = 255  # 8 high, elsewhere and smaller: the same form
    got = DigitSet(pictures, np.zeros(3, int)).fitted(Grid(8, 8)).pixels.reshape(3, 8, 8)
    # The ink is columns 10 to 18 about 14; the grid's are 4.4 + 2.4 n: 1.6 pixels of column 2 …
    row = np.rint(200 * np.array([0, 0, 1.6 / 2.4, 1, 1, 1.6 / 2.4, 0, 0]))
    np.testing.assert_array_equal(got[0], np.tile(row, (8, 1)))
    np.testing.assert_array_equal(got[1], np.tile(np.rint(row * 255 / 200), (8, 1)))
    assert not got[2].any(), "no ink at all"


def test_three_times_as_tall_as_wide_takes_three_pictures() -> None:
    stacked = DIGITS.fitted(Grid(84, 28)).pixels.reshape(-1, 3, 28, 28)
    for channel in range(3):
        np.testing.assert_array_equal(stacked[:, channel], IMAGES)
    padded = DIGITS.fitted(Grid(96, 32)).pixels.reshape(-1, 3, 32, 32)
    np.testing.assert_array_equal(padded[:, 1, 2:30, 2:30], IMAGES)
