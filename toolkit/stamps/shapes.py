"""What each shape looks like: its numbers made into levels on a grid.

A level is a whole number of 4096ths, 4096 being the shape's full strength: so no last digit of
what is worked out decides a weight.  The page's ``core/stamps.js`` does the same in the same order.

A cell's place is its middle: that of the first cell of a map is (0.5, 0.5), the middle of a map of
28×28 is (14, 14).  Each shape is described in its own frame, as it lies at angle 0: `u` runs along
it to the right, `v` across it upwards; the angle turns it counter-clockwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from toolkit.grid import Grid
from toolkit.stamps.exact import Double, angle_from, cosine_sine, exponential

if TYPE_CHECKING:
    from toolkit.stamps.stamp import Stamp

ONE = 4096
"""The level of a shape's full strength."""

_STRAIGHT = 1e-6  # a circle of a million cells bends nothing that fits a map
_HALF_HIGH = 2.772588722239781  # 4 ln 2: e^(−_HALF_HIGH / 4) is a half

_Frame: TypeAlias = tuple[Double, Double]


def levels(stamp: Stamp, grid: Grid) -> Double:
    """Return a stamp's levels, whole numbers in float64, shape (cells,)."""
    if stamp.levels is not None:
        found = np.array(stamp.levels, np.float64)
    else:
        found = np.floor(DRAW[stamp.shape](stamp, _frame(stamp, grid)) * float(ONE) + 0.5)
    return balanced(found) if stamp.zero_sum else found


def balanced(found: Double) -> Double:
    """Return levels whose sum is zero.

    The negative ones are scaled until they balance the positive ones.  Where they are less than
    a quarter of these, the mean is taken off all instead: a sliver of a dark side that is left on
    the map should not weigh as much as the whole bright one.
    """
    if not len(found):
        return found
    positive = float(np.where(found > 0, found, 0.0).sum())  # whole numbers: exact in any order
    negative = -float(np.where(found < 0, found, 0.0).sum())
    if 4.0 * negative < positive:
        mean = float(np.floor((positive - negative) / len(found)))
        return _nudged(found - mean, np.ones(len(found), bool))
    below = found < 0
    scaled = np.floor(-found * positive / negative + 0.5) if negative > 0 else found
    return _nudged(np.where(below, -scaled, found) + 0.0, below)


def _nudged(found: Double, which: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Double:
    """Return levels with the sum's last units taken off the first of some cells, one each."""
    over = float(found.sum())
    some = np.flatnonzero(which)[: int(abs(over))]
    nudged = found.copy()
    nudged[some] -= 1.0 if over > 0 else -1.0
    return nudged


def _frame(stamp: Stamp, grid: Grid) -> _Frame:
    """Return each cell's place along and across the shape, both of shape (cells,)."""
    assert stamp.at is not None and stamp.angle is not None
    cosine, sine = cosine_sine(np.array([stamp.angle]))
    rows, columns = np.divmod(np.arange(grid.cells), grid.columns)
    right = columns + 0.5 - stamp.at[1]
    up = stamp.at[0] - (rows + 0.5)
    return right * cosine + up * sine, up * cosine - right * sine


def _bent(frame: _Frame, curvature: float) -> _Frame:
    """Return places along and across a circle's arc; positive curvature bends the ends down."""
    u, v = frame
    if abs(curvature) < _STRAIGHT:
        return frame
    side = 1.0 if curvature > 0 else -1.0
    radius = 1.0 / abs(curvature)
    y = side * v + radius
    return radius * angle_from(y, u), side * (np.sqrt(u * u + y * y) - radius)


def _ramp(inside: Double, soft: float) -> Double:
    """Return 0 outside, 1 inside, a half at the rim; `inside` is the distance from the rim."""
    return np.minimum(np.maximum(0.5 + inside / soft, 0.0), 1.0)


def _surrounded(core: Double, around: Double, depth: float) -> Double:
    """Return 1 where the core is, −depth where only what is around it is."""
    return (1.0 + depth) * core - depth * around


def _edge(s: Stamp, frame: _Frame) -> Double:
    u, v = _bent(frame, s.number("curvature"))
    soft, bright, dark = s.number("soft"), s.number("width"), s.number("flank")
    here = _ramp(v, soft)
    across = here - _ramp(v - bright, soft)
    across = across - s.number("surround") * (_ramp(v + dark, soft) - here)
    return across * _ramp(s.number("length") / 2.0 - np.abs(u), soft)


def _line(s: Stamp, frame: _Frame) -> Double:
    u, v = _bent(frame, s.number("curvature"))
    soft, half = s.number("soft"), s.number("width") / 2.0
    inside = half - np.abs(v)
    across = _surrounded(
        _ramp(inside, soft), _ramp(inside + s.number("flank"), soft), s.number("surround")
    )
    return across * _ramp(s.number("length") / 2.0 - np.abs(u), soft)


def _ring(s: Stamp, frame: _Frame) -> Double:
    """Distance from an ellipse to first order (Sampson 1982); exact for a circle."""
    u, v = frame
    a, b = s.number("length") / 2.0, s.number("height") / 2.0
    x, y = u / a, v / b
    far = np.sqrt(x * x + y * y)
    gx, gy = x / a, y / b
    slope = np.sqrt(gx * gx + gy * gy)
    outside = np.where(slope > 0, (far - 1.0) * far / np.where(slope > 0, slope, 1.0), -min(a, b))
    inside, soft = s.number("width") / 2.0 - np.abs(outside), s.number("soft")
    return _surrounded(
        _ramp(inside, soft), _ramp(inside + s.number("flank"), soft), s.number("surround")
    )


def _hill(frame: _Frame, length: float, height: float) -> Double:
    """Return a Gauss's hill that is half as high on the ellipse of these axes."""
    x, y = frame[0] / length, frame[1] / height
    return exponential(-_HALF_HIGH * (x * x + y * y))


def _blob(s: Stamp, frame: _Frame) -> Double:
    length, height, wider = s.number("length"), s.number("height"), 2.0 * s.number("flank")
    core = _hill(frame, length, height)
    return _surrounded(core, _hill(frame, length + wider, height + wider), s.number("surround"))


def _gabor(s: Stamp, frame: _Frame) -> Double:
    stripes, _ = cosine_sine(180.0 * frame[1] / s.number("width") + s.number("phase"))
    stripes = np.where(stripes < 0, stripes * s.number("surround"), stripes)
    return stripes * _hill(frame, s.number("length"), s.number("height"))


def _gradient(s: Stamp, frame: _Frame) -> Double:
    u, v = frame
    along, across, soft = s.number("length") / 2.0, s.number("height") / 2.0, s.number("soft")
    slope = np.minimum(np.maximum(v / across, -1.0), 1.0)
    slope = np.where(slope < 0, slope * s.number("surround"), slope)
    return slope * _ramp(along - np.abs(u), soft) * _ramp(across - np.abs(v), soft)


def _rectangle(s: Stamp, frame: _Frame) -> Double:
    along = s.number("length") / 2.0 - np.abs(frame[0])
    across = s.number("height") / 2.0 - np.abs(frame[1])
    soft, wider = s.number("soft"), s.number("flank")
    core = _ramp(along, soft) * _ramp(across, soft)
    around = _ramp(along + wider, soft) * _ramp(across + wider, soft)
    return _surrounded(core, around, s.number("surround"))


DRAW: Mapping[str, Callable[[Stamp, _Frame], Double]] = MappingProxyType(
    {
        "edge": _edge,
        "line": _line,
        "arc": _line,
        "ring": _ring,
        "blob": _blob,
        "gabor": _gabor,
        "gradient": _gradient,
        "rectangle": _rectangle,
    }
)
