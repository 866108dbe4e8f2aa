"""The family of ideal shapes, many drawn at once: what a map is compared with.

The shapes are those of :mod:`toolkit.stamps`, in its frame (`u` along the shape to the right, `v`
across it upwards, angles counter-clockwise, a cell's place its middle), in plain float32 instead
of its exact levels: here thousands are drawn for one map, and a last digit decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.grid import Grid
from toolkit.stamps import Stamp

Float = NDArray[np.float32]
_Array = NDArray[Any]  # float32, which is lost on the way through some of NumPy's types

NAMES = ("row", "column", "angle", "length", "width", "curvature", "surround", "ratio", "soft",
         "phase")  # fmt: skip
"""The columns of an array of parameters; a shape reads those that it has."""
COLUMN: Mapping[str, int] = MappingProxyType({name: k for k, name in enumerate(NAMES)})

SHAPES = ("edge", "line", "arc", "blob", "ring", "gabor")
KINDS = ("edge", "line", "arc", "blob")
"""What a match counts as: a ring as an arc, a Gabor as an edge or a line by its phase."""


@dataclass(frozen=True)
class Range:
    """Of one parameter: smallest, largest, and the step by which its slope is taken."""

    low: float
    high: float
    step: float


_PLACE = {"row": Range(2, 26, 0.5), "column": Range(2, 26, 0.5), "angle": Range(-1e9, 1e9, 4)}
_STROKE = {"length": Range(5, 26, 1), "width": Range(1.2, 8, 0.4), "surround": Range(0, 1, 0.15)}

FREE: Mapping[str, Mapping[str, Range]] = MappingProxyType(
    {
        # Both sides count in an edge: with one of them much weaker it would be a broad line.
        "edge": {**_PLACE, "length": Range(5, 26, 1), "width": Range(1.2, 9, 0.4),
                 "surround": Range(0.5, 2, 0.15), "curvature": Range(-0.05, 0.05, 0.01),
                 "soft": Range(0.8, 6, 0.4)},
        "line": {**_PLACE, **_STROKE, "soft": Range(0.8, 4, 0.4)},
        "arc": {**_PLACE, **_STROKE, "curvature": Range(-0.4, 0.4, 0.012),
                "soft": Range(0.8, 4, 0.4)},
        "blob": {**_PLACE, "length": Range(2.5, 16, 0.5), "ratio": Range(0.6, 1.67, 0.08),
                 "surround": Range(0, 1, 0.15)},
        "ring": {**_PLACE, "length": Range(5, 20, 0.5), "ratio": Range(0.6, 1.67, 0.08),
                 "width": Range(1.2, 6, 0.4), "surround": Range(0, 1, 0.15)},
        # Its height is at most two stripes and a half: more would be a grating.
        "gabor": {**_PLACE, "length": Range(5, 24, 0.8), "width": Range(2, 9, 0.4),
                  "ratio": Range(1, 2.5, 0.12), "phase": Range(-1e9, 1e9, 8)},
    }
)  # fmt: skip
"""What may vary in each shape, in cells of a map whose shorter side is 28.

`ratio` is the height by the length of a blob and a ring, by the width of a stripe of a Gabor.
"""

LEAST_TURN = 45.0
"""Degrees through which an arc turns at least: less is a line that is a little bent."""

LEAST_LONG: Mapping[str, float] = MappingProxyType(
    {"edge": 1.3, "line": 2.2, "arc": 2.2, "gabor": 1.6}
)
"""Length by width, at least: a stroke as short as it is wide is a spot."""

_SIZES = ("row", "column", "length", "width", "soft")
_HALF_HIGH = 2.772588722239781  # 4 ln 2


def scaled(name: str, share: float) -> float:
    """Return by what a parameter is multiplied on a grid that is `share` as large as 28×28."""
    return share if name in _SIZES else 1 / share if name == "curvature" else 1.0


def places(grid: Grid) -> tuple[Float, Float]:
    """Return the row and the column of the middle of each cell, both of shape (cells,)."""
    rows, columns = np.divmod(np.arange(grid.cells), grid.columns)
    return (rows + 0.5).astype(np.float32), (columns + 0.5).astype(np.float32)


def draw(shape: str, parameters: NDArray[np.floating], rows: Float, columns: Float) -> Float:
    """Draw many of a shape.

    Parameters
    ----------
    shape : str
        One of :data:`SHAPES`.
    parameters : ndarray of float, shape (k, 10)
        Columns as :data:`NAMES` has them.
    rows, columns : ndarray of float32, shape (cells,)
        Where the cells are.

    Returns
    -------
    ndarray of float32, shape (k, cells)
    """
    p = {name: column[:, None] for name, column in zip(NAMES, parameters.T.astype(np.float32),
                                                       strict=True)}  # fmt: skip
    turned = np.radians(p["angle"])
    cosine, sine = np.cos(turned), np.sin(turned)
    right, up = columns - p["column"], p["row"] - rows
    u, v = right * cosine + up * sine, up * cosine - right * sine
    found: Float = _DRAWN[shape](p, u, v)
    return found


def _ramp(inside: _Array, soft: _Array) -> _Array:
    result: _Array = np.clip(inside / soft + np.float32(0.5), 0, 1)
    return result


def _bent(u: _Array, v: _Array, curvature: _Array) -> tuple[_Array, _Array]:
    if not curvature.any():
        return u, v
    bend = np.where(np.abs(curvature) < 1e-4, np.float32(1e-4), curvature).astype(np.float32)
    side, radius = np.sign(bend), (1 / np.abs(bend)).astype(np.float32)
    y = side * v + radius
    return radius * np.arctan2(u, y), side * (np.sqrt(u * u + y * y) - radius)


def _edge(p: Mapping[str, _Array], u: _Array, v: _Array) -> _Array:
    u, v = _bent(u, v, p["curvature"])
    soft = p["soft"]
    here = _ramp(v, soft)
    across = here - _ramp(v - p["width"], soft)
    across -= p["surround"] * (_ramp(v + p["width"], soft) - here)
    across *= _ramp(p["length"] / 2 - np.abs(u), soft)
    return across


def _stroke(p: Mapping[str, _Array], inside: _Array) -> _Array:
    core = _ramp(inside, p["soft"])
    around = _ramp(inside + p["width"], p["soft"])
    result: _Array = (1 + p["surround"]) * core - p["surround"] * around
    return result


def _line(p: Mapping[str, _Array], u: _Array, v: _Array) -> _Array:
    u, v = _bent(u, v, p["curvature"])
    drawn: _Array = _stroke(p, p["width"] / 2 - np.abs(v))
    drawn *= _ramp(p["length"] / 2 - np.abs(u), p["soft"])
    return drawn


def _ring(p: Mapping[str, _Array], u: _Array, v: _Array) -> _Array:
    a, b = p["length"] / 2, p["length"] * p["ratio"] / 2
    x, y = u / a, v / b
    far = np.sqrt(x * x + y * y) + np.float32(1e-6)
    slope = np.sqrt((x / a) ** 2 + (y / b) ** 2) + np.float32(1e-6)
    return _stroke(p, p["width"] / 2 - np.abs((far - 1) * far / slope))


def _hill(u: _Array, v: _Array, length: _Array, height: _Array) -> _Array:
    result: _Array = np.exp(np.float32(-_HALF_HIGH) * ((u / length) ** 2 + (v / height) ** 2))
    return result


def _blob(p: Mapping[str, _Array], u: _Array, v: _Array) -> _Array:
    length, height = p["length"], p["length"] * p["ratio"]
    core = _hill(u, v, length, height)
    if not p["surround"].any():
        return core
    # The surround is as wide on either side as the spot's half.
    around = _hill(u, v, 2 * length, height + length)
    result: _Array = (1 + p["surround"]) * core - p["surround"] * around
    return result


def _gabor(p: Mapping[str, _Array], u: _Array, v: _Array) -> _Array:
    stripes = np.cos(np.float32(np.pi) * v / p["width"] + np.radians(p["phase"]))
    result: _Array = stripes * _hill(u, v, p["length"], p["width"] * p["ratio"])
    return result


_DRAWN = {"edge": _edge, "line": _line, "arc": _line, "ring": _ring, "blob": _blob, "gabor": _gabor}


def kind_of(shape: str, parameters: NDArray[np.floating]) -> str:
    """Return what one of a shape counts as: one of :data:`KINDS`."""
    if shape == "gabor":
        phase = np.radians(parameters[COLUMN["phase"]])
        return "edge" if abs(np.sin(phase)) > abs(np.cos(phase)) else "line"
    return "arc" if shape == "ring" else shape


def as_stamp(shape: str, parameters: NDArray[np.floating], factor: float, sign: float) -> Stamp:
    """Return one of a shape as a stamp.

    Parameters
    ----------
    shape : str
    parameters : ndarray of float, shape (10,)
    factor : float
        How many cells of the stamp's grid a cell of the parameters' is.
    sign : {1.0, -1.0}
        Of its strength.
    """
    value = dict(zip(NAMES, parameters.tolist(), strict=True))
    size = {name: round(value[name] * factor, 2) for name in _SIZES}
    at, angle = (size["row"], size["column"]), value["angle"] % 360
    width, surround = size["width"], round(value["surround"], 3)
    if shape == "edge" and sign < 0:
        angle = (angle + 180) % 360
        # Bright and dark side change places, and so does what is stronger; the ends bend over.
        sign, surround = value["surround"], round(1 / value["surround"], 3)
        value["curvature"] = -value["curvature"]
    if shape == "arc" and value["curvature"] < 0:
        angle, value["curvature"] = (angle + 180) % 360, -value["curvature"]
    if shape in ("line", "blob", "gabor", "ring"):
        angle %= 180
        if shape == "gabor" and value["angle"] % 360 >= 180:
            value["phase"] = -value["phase"]
    common: dict[str, Any] = {"at": at, "angle": round(angle, 2), "strength": sign}
    length, height = size["length"], round(size["length"] * value["ratio"], 2)
    if shape == "gabor":
        common |= {
            "height": round(width * value["ratio"], 2),
            "phase": round(value["phase"] % 360, 2),
        }
        return Stamp("gabor", length=length, width=width, surround=1.0, **common)
    common |= {"length": length, "surround": surround}
    if shape == "blob":
        return Stamp("blob", height=height, flank=round(length / 2, 2), **common)
    common |= {"width": width, "flank": width, "soft": max(size["soft"], 0.1)}
    if shape == "ring":
        return Stamp("ring", height=height, **common)
    curvature = round(value["curvature"] / factor, 5)
    return Stamp(shape, curvature=min(max(curvature, -1.0), 1.0), **common)
