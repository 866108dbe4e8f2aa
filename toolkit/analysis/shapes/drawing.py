"""Many ideal shapes drawn at once, as arrays.

The same shapes as :mod:`toolkit.stamps` has, in float32 and by the thousand:
what is compared with a weight map need not have a stamp's exact bits.  Places
are in cells of the map, angles in degrees counter-clockwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.grid import Grid
from toolkit.stamps import Stamp

Float = NDArray[np.float32]
_Array = NDArray[Any]

NUMBERS = ("row", "column", "angle", "length", "width", "curvature", "surround")
"""What a shape is described by, in this order: the columns of an array of shapes."""
ROW, COLUMN, ANGLE, LENGTH, WIDTH, CURVATURE, SURROUND = range(len(NUMBERS))

_HALF_HIGH = 4 * float(np.log(2))  # of a Gauss's hill that is half as high at half its length
_STRAIGHT = np.float32(1e-4)
_AT_ONCE = 1 << 21  # cells


def draw(shape: str, numbers: NDArray[Any], grid: Grid) -> Float:
    """Return shapes of one kind on a grid, bright parts at 1.

    Parameters
    ----------
    shape : str
        A key of :data:`SHAPES`.
    numbers : array_like of float, shape (n, 7)
        A row a shape, columns as :data:`NUMBERS` names them.
    grid : Grid

    Returns
    -------
    ndarray of float32, shape (n, cells)
    """
    rows = np.asarray(numbers, np.float32)
    found = np.empty((len(rows), grid.cells), np.float32)
    step = max(1, _AT_ONCE // grid.cells)
    down, across = np.divmod(np.arange(grid.cells, dtype=np.float32), np.float32(grid.columns))
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        angle = np.radians(part[:, ANGLE])[:, None]
        cosine, sine = np.cos(angle), np.sin(angle)
        right = across + np.float32(0.5) - part[:, COLUMN, None]
        up = part[:, ROW, None] - (down + np.float32(0.5))
        u, v = right * cosine + up * sine, up * cosine - right * sine
        found[start : start + step] = SHAPES[shape](part, u, v)
    return found


def as_stamp(shape: str, numbers: NDArray[Any], strength: float = 1.0) -> Stamp:
    """Return one such shape as a stamp, to be laid on a map or shown."""
    row, column, angle, length, width, curvature, surround = (
        round(float(each), 3) for each in numbers
    )
    given: dict[str, Any] = {"at": (row, column), "strength": strength, "surround": surround}
    match shape:
        case "blob":
            return Stamp("blob", angle=0.0, length=length, height=length, flank=width, **given)
        case "ring":
            return Stamp("ring", angle=0.0, length=length, height=length, width=width,
                         flank=width, **given)  # fmt: skip
        case "stripes" | "steps":
            phase = 0.0 if shape == "stripes" else 90.0
            given.pop("surround")
            return Stamp("gabor", angle=angle, length=length, height=2 * width, width=width,
                         phase=phase, surround=1.0, **given)  # fmt: skip
        case _:
            return Stamp(shape, angle=angle, length=length, width=width, curvature=curvature,
                         flank=width, **given)  # fmt: skip


def _ramp(inside: _Array) -> _Array:
    return np.clip(inside + np.float32(0.5), 0, 1)


def _bent(rows: _Array, u: _Array, v: _Array) -> tuple[_Array, _Array]:
    curvature = rows[:, CURVATURE, None]
    if not (np.abs(curvature) >= _STRAIGHT).any():
        return u, v
    side = np.where(curvature < 0, np.float32(-1), np.float32(1))
    radius = 1 / np.maximum(np.abs(curvature), _STRAIGHT)
    y = side * v + radius
    return radius * np.arctan2(u, y), side * (np.hypot(u, y) - radius)


def _edge(rows: _Array, u: _Array, v: _Array) -> _Array:
    width = rows[:, WIDTH, None]
    here = _ramp(v)
    across = here - _ramp(v - width) - rows[:, SURROUND, None] * (_ramp(v + width) - here)
    found: _Array = across * _ramp(rows[:, LENGTH, None] / 2 - np.abs(u))
    return found


def _surrounded(inside: _Array, rows: _Array) -> _Array:
    depth = rows[:, SURROUND, None]
    found: _Array = (1 + depth) * _ramp(inside) - depth * _ramp(inside + rows[:, WIDTH, None])
    return found


def _line(rows: _Array, u: _Array, v: _Array) -> _Array:
    u, v = _bent(rows, u, v)
    across = _surrounded(rows[:, WIDTH, None] / 2 - np.abs(v), rows)
    return across * _ramp(rows[:, LENGTH, None] / 2 - np.abs(u))


def _ring(rows: _Array, u: _Array, v: _Array) -> _Array:
    away = np.abs(np.hypot(u, v) - rows[:, LENGTH, None] / 2)
    return _surrounded(rows[:, WIDTH, None] / 2 - away, rows)


def _blob(rows: _Array, u: _Array, v: _Array) -> _Array:
    square, length = u * u + v * v, rows[:, LENGTH, None]
    depth, wider = rows[:, SURROUND, None], length + 2 * rows[:, WIDTH, None]
    core = np.exp(-_HALF_HIGH * square / (length * length))
    found: _Array = (1 + depth) * core - depth * np.exp(-_HALF_HIGH * square / (wider * wider))
    return found


def _gabor(rows: _Array, u: _Array, v: _Array, phase: float) -> _Array:
    width, length = rows[:, WIDTH, None], rows[:, LENGTH, None]
    hill = np.exp(-_HALF_HIGH * ((u / length) ** 2 + (v / (2 * width)) ** 2))
    found: _Array = np.cos(np.float32(np.pi) * v / width + np.float32(np.radians(phase))) * hill
    return found


def _stripes(rows: _Array, u: _Array, v: _Array) -> _Array:
    return _gabor(rows, u, v, 0.0)


def _steps(rows: _Array, u: _Array, v: _Array) -> _Array:
    return _gabor(rows, u, v, 90.0)


SHAPES: Mapping[str, Callable[[_Array, _Array, _Array], _Array]] = MappingProxyType(
    {
        "edge": _edge,
        "line": _line,
        "arc": _line,
        "ring": _ring,
        "blob": _blob,
        "stripes": _stripes,
        "steps": _steps,
    }
)
"""The family: ``stripes`` is a Gabor with a bright stripe in its middle, ``steps`` one with an edge
there; the others are named as stamps are."""
