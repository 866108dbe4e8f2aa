import numpy as np
import pytest

from toolkit.digits import DigitSet, contact_sheet, generate
from toolkit.digits.sheet import GAP, GROUND

DIGITS = generate(7)


@pytest.mark.parametrize("cell", [1, 3])
@pytest.mark.parametrize("columns", [1, 4, 7, 9, None])
def test_every_digit_stands_in_its_place(columns, cell):
    sheet = contact_sheet(DIGITS, columns=columns, pixels_per_cell=cell)
    wide = {None: 3, 9: 7}.get(columns, columns)
    side = 28 * cell + GAP
    assert sheet.shape == (-(-7 // wide) * side + GAP, wide * side + GAP)
    for index in range(7):
        top, left = index // wide * side + GAP, index % wide * side + GAP
        place = sheet[top : top + 28 * cell, left : left + 28 * cell]
        expected = np.kron(DIGITS.pixels[index].reshape(28, 28), np.ones((cell, cell), np.uint8))
        np.testing.assert_array_equal(place, expected)
    assert (sheet[:GAP] == GROUND).all()
    assert (sheet[:, -GAP:] == GROUND).all()


def test_digits_of_another_grid_keep_it() -> None:
    pixels = np.arange(2 * 6, dtype=np.uint8).reshape(2, 2, 3)
    sheet = contact_sheet(DigitSet(pixels, [0, 1]), columns=2)
    assert sheet.shape == (2 + 2 * GAP, 2 * 3 + 3 * GAP)
    np.testing.assert_array_equal(sheet[GAP : GAP + 2, -GAP - 3 : -GAP], pixels[1])


def test_a_place_without_a_digit_is_told_from_an_empty_digit():
    assert (contact_sheet(DIGITS, columns=4)[-28:, -28:] == GROUND).all()


@pytest.mark.parametrize(
    ("digits", "more", "message"),
    [
        (DIGITS.subset(slice(0)), {}, "digits: expected one or more; got none"),
        (DIGITS, {"columns": 0}, "columns: expected 1 or more; got 0"),
        (DIGITS, {"pixels_per_cell": 0}, "pixels_per_cell: expected 1 or more; got 0"),
    ],
    ids=["none", "no columns", "no pixels"],
)
def test_what_makes_no_sheet_is_refused(digits, more, message):
    with pytest.raises(ValueError, match=message):
        contact_sheet(digits, **more)
