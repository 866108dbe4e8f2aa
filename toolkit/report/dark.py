"""Which pixels no digit lights: of a source's training digits, where these are at hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from toolkit.analysis import never_lit
from toolkit.digits import open_digits, parted
from toolkit.digits.digitset import DigitSet
from toolkit.grid import Grid


def dark_pixels(digits: DigitSet, grid: Grid) -> tuple[NDArray[np.bool_], str]:
    """Return the pixels that no training digit of the same source lights, and of which digits.

    Where the source has none, or they would have to be drawn first, those of the digits
    themselves.

    Parameters
    ----------
    digits : DigitSet
        Laid out for the network.
    grid : Grid
        Of the network's pictures.

    Returns
    -------
    mask : ndarray of bool, shape (pixels,)
    name : str
        What the digits are called.
    """
    if digits.source and parted(digits.source)[0] != "drawn":
        try:
            learned = open_digits(digits.source, "train")
        except (ValueError, OSError):
            learned = None
        if learned is not None and len(learned) and learned.grid.cells == grid.cells:
            return np.asarray(learned.brightest == 0), learned.name
    return never_lit(digits.pixels), digits.name
