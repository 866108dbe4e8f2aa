"""Sine, cosine, exponential and angle from + − × ÷ and square root alone.

A machine's own ``sin`` or ``exp`` may differ from another's in the last digit.  These five
operations are rounded in one way everywhere, so what is made of them, one operation after
another, has the same bits on every machine; the page's ``core/exact.js`` does the same operations
in the same order.  All take and return float64, elementwise.

Series as in Abramowitz & Stegun, 4.2.1, 4.3.65, 4.3.66 and 4.4.42, after the argument was made
small.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Double: TypeAlias = NDArray[np.float64]

PI = 3.141592653589793
_RADIANS = 0.017453292519943295  # in a degree
_LEAST = -60.0  # below it the exponential is 0 for every use here
_MOST = 60.0


def exponential(x: Double) -> Double:
    """Return e to the power of `x`; `x` outside −60 to 60 counts as the nearer of these."""
    small = np.minimum(np.maximum(x, _LEAST), _MOST) / 1024.0
    power = _series(small, 9)
    for _ in range(10):  # e^x = (e^(x/1024))^1024
        power *= power
    return power


def _series(x: Double, terms: int) -> Double:
    """Return 1 + x (1 + x/2 (1 + x/3 (...)))."""
    total, term = np.ones_like(x), np.empty_like(x)
    for k in range(terms, 0, -1):
        np.divide(x, float(k), out=term)
        total *= term
        total += 1.0
    return total


def cosine_sine(degrees: Double) -> tuple[Double, Double]:
    """Return cosine and sine of angles in degrees; exactly 0 and ±1 at the quarter turns."""
    turned = degrees - 360.0 * np.floor(degrees / 360.0)
    quarter = np.floor(turned / 90.0 + 0.5)
    x = (turned - 90.0 * quarter) * _RADIANS  # −π/4 to π/4
    square = x * x
    sine, cosine = np.ones_like(x), np.ones_like(x)
    for k in range(8, 0, -1):
        sine = 1.0 - square / float(2 * k * (2 * k + 1)) * sine
        cosine = 1.0 - square / float((2 * k - 1) * 2 * k) * cosine
    sine = x * sine
    quarter = quarter - 4.0 * np.floor(quarter / 4.0)
    first = np.where(
        quarter == 0, cosine, np.where(quarter == 1, -sine, np.where(quarter == 2, -cosine, sine))
    )
    second = np.where(
        quarter == 0, sine, np.where(quarter == 1, cosine, np.where(quarter == 2, -sine, -cosine))
    )
    return first + 0.0, second + 0.0  # no minus zero


def angle_from(x: Double, y: Double) -> Double:
    """Return the angle between the x-axis and (x, y), 0 to π, `y` counting as positive."""
    rise = np.abs(y)
    below = np.sqrt(x * x + rise * rise) + np.abs(x)
    # The tangent of half the angle, then thrice of half of that.
    tangent = np.where(below > 0, rise / np.where(below > 0, below, 1.0), 0.0)
    for _ in range(3):
        tangent = tangent / (1.0 + np.sqrt(1.0 + tangent * tangent))
    square = tangent * tangent
    total = np.zeros_like(tangent)
    for k in range(17, 0, -2):
        total = 1.0 / float(k) - square * total
    angle = 16.0 * (tangent * total)
    return np.where(x < 0, PI - angle, angle)
