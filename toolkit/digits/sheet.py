"""Many digits on one sheet."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .digitset import DigitSet
from .form import SIDE

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
        One digit or more, of 784 pixels each.
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
        If there are no digits, they have another size, or a number does not fit.

    Examples
    --------
    >>> contact_sheet(DigitSet(np.zeros((7, 784), np.uint8), np.zeros(7, int)), columns=4).shape
    (62, 122)
    """
    if not len(digits) or digits.pixels.shape[1] != SIDE * SIDE:
        raise ValueError(
            f"digits: expected one or more of {SIDE * SIDE} pixels; got {digits.pixels.shape}"
        )
    if columns is None:
        columns = math.ceil(math.sqrt(len(digits)))
    for name, value in (("columns", columns), ("pixels_per_cell", pixels_per_cell)):
        if value < 1:
            raise ValueError(f"{name}: expected 1 or more; got {value}")
    columns = min(columns, len(digits))
    rows = -(-len(digits) // columns)
    side = SIDE * pixels_per_cell
    places = np.full((rows * columns, GAP + side, GAP + side), GROUND, np.uint8)
    images = digits.pixels.reshape(-1, SIDE, SIDE)
    enlarged = images.repeat(pixels_per_cell, axis=1).repeat(pixels_per_cell, axis=2)
    places[: len(digits), GAP:, GAP:] = enlarged
    sheet = places.reshape(rows, columns, GAP + side, GAP + side).swapaxes(1, 2)
    return np.pad(
        sheet.reshape(rows * (GAP + side), columns * (GAP + side)),
        ((0, GAP), (0, GAP)),
        constant_values=GROUND,
    )
