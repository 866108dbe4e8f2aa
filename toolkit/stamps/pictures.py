"""Stamps that show labelled digits: a class's mean, the difference of two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.stamps.makers import picture
from toolkit.stamps.shapes import ONE
from toolkit.stamps.stamp import Stamp

if TYPE_CHECKING:
    from toolkit.digits import DigitSet


def class_mean(digits: DigitSet, of: int, *, strength: float = 1, zero_sum: bool = False) -> Stamp:
    """Make a stamp of the mean image of one class.

    Parameters
    ----------
    digits : DigitSet
    of : int
        The class, 0 to 9.
    strength : float
        The weight where every digit of the class has full ink.
    zero_sum : bool

    Raises
    ------
    ValueError
        If there is no digit of that class.

    Examples
    --------
    >>> import toolkit
    >>> three = class_mean(toolkit.open_digits("drawn"), 3, strength=2)
    >>> three.shape
    'picture'
    """
    return picture(_mean(digits, of), strength=strength, zero_sum=zero_sum)


def class_difference(
    digits: DigitSet, of: int, less: int, *, strength: float = 1, zero_sum: bool = False
) -> Stamp:
    """Make a stamp of the mean image of class `of` less that of class `less`.

    Bright where the one has more ink, dark where the other has.  Each mean is taken in 4096ths,
    as the workbench does.  Parameters and errors as in :func:`class_mean`.
    """
    return picture(_mean(digits, of) - _mean(digits, less), strength=strength, zero_sum=zero_sum)


def _mean(digits: DigitSet, of: int) -> NDArray[np.float64]:
    if not (digits.labels == of).any():
        raise ValueError(f"of: expected a class that {digits.name} has digits of; got {of!r:.40}")
    return mean_levels(digits, of) / float(ONE)


def mean_levels(digits: DigitSet, of: int) -> NDArray[np.int64]:
    """Return a class's mean image in 4096ths of full ink; zeros where it has no digit.

    Parameters
    ----------
    digits : DigitSet
    of : int
        The class, 0 to 9.
    """
    chosen = digits.pixels[digits.labels == of]
    full = 255 * max(len(chosen), 1)
    # Whole numbers to the last: the same on every machine.
    levels: NDArray[np.int64] = (2 * ONE * chosen.sum(axis=0, dtype=np.int64) + full) // (2 * full)
    return levels
