"""Many digits on one sheet."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from toolkit.digits.digitset import DigitSet

GAP = 2
"""Pixels between two digits."""
GROUND = 64
"""Grey of the gaps and of places without a digit; a digit's own ground is black."""


def contact_sheet(
    digits: DigitSet, *, columns: int | None = None, pixels_per_cell: int = 1
) -> NDArray[np.uint8]:
    """Lay out digits in rows, in their order.

    Parameters
    ----------
    digits : DigitSet
        One digit or more.
    columns : int, optional, 1 or more
        Digits in a row; as many as make the sheet about square by default.
    pixels_per_cell : int, 1 or more
        Side of the square that each of a digit's pixels becomes.

    Returns
    -------
    ndarray of uint8, shape (height, width)
        Grey, ink white on black, gaps dark grey.

    Raises
    ------
    ValueError
        If there are no digits, or a number does not fit.

    Examples
    --------
    >>> contact_sheet(DigitSet(np.zeros((7, 784), np.uint8), np.zeros(7, int)), columns=4).shape
    (62, 122)
    """
    if not len(digits):
        raise ValueError("digits: expected one or more; got none")
    if columns is None:
        columns = math.ceil(math.sqrt(len(digits)))
    for name, value in (("columns", columns), ("pixels_per_cell", pixels_per_cell)):
        if value < 1:
            raise ValueError(f"{name}: expected 1 or more; got {value}")
    columns = min(columns, len(digits))
    rows = -(-len(digits) // columns)
    high, wide = (GAP + cells * pixels_per_cell for cells in digits.grid)
    places = np.full((rows * columns, high, wide), GROUND, np.uint8)
    images = digits.pixels.reshape(len(digits), *digits.grid)
    enlarged = images.repeat(pixels_per_cell, axis=1).repeat(pixels_per_cell, axis=2)
    places[: len(digits), GAP:, GAP:] = enlarged
    sheet = places.reshape(rows, columns, high, wide).swapaxes(1, 2)
    return np.pad(
        sheet.reshape(rows * high, columns * wide), ((0, GAP), (0, GAP)), constant_values=GROUND
    )
