"""Weight to colour: palettes with black for zero, scales, and pictures composed of many maps.

Brightness stands for size, hue for sign.  Colours that no palette holds mark
what is not on the scale:

==================  =====================================================
clipped positive    the palette's positive colour, paler
clipped negative    the palette's negative colour, paler
NaN                 magenta (:data:`NAN`)
plus infinity       white (:data:`PLUS_INFINITY`)
minus infinity      yellow (:data:`MINUS_INFINITY`)
never-lit pixel     greyed: three parts grey, one part its own colour
==================  =====================================================
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.grid import Grid

Float = NDArray[np.float32]
Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

STEPS = 255
"""Steps of brightness from zero to the limit; a lookup table has ``2 * STEPS + 1`` rows."""

NAN: Colour = (255, 0, 255)
PLUS_INFINITY: Colour = (255, 255, 255)
MINUS_INFINITY: Colour = (255, 255, 0)
NEVER_LIT: Colour = (96, 96, 96)
BACKGROUND: Colour = (44, 46, 52)
"""What shows between the maps of a composed picture; not black, since black is a weight of zero."""


@dataclass(frozen=True)
class Palette:
    """The two end colours of a palette, and how it shows weights beyond them.

    Parameters
    ----------
    positive, negative : tuple of int
        RGB, each 0..255, of a weight at ``+limit`` and at ``-limit``.
    clipped_positive, clipped_negative : tuple of int
        RGB of finite weights above ``+limit`` and below ``-limit``.
    """

    positive: Colour
    negative: Colour
    clipped_positive: Colour
    clipped_negative: Colour


PALETTES: Mapping[str, Palette] = MappingProxyType(
    {
        "green-red": Palette((40, 232, 88), (255, 62, 54), (186, 255, 200), (255, 196, 190)),
        "blue-orange": Palette((64, 168, 255), (255, 146, 26), (196, 228, 255), (255, 224, 178)),
        "red-blue": Palette((255, 84, 72), (74, 144, 255), (255, 202, 196), (200, 222, 255)),
    }
)
"""Palettes by name, the positive colour first.

``green-red`` is the default.  ``blue-orange`` and ``red-blue`` stay apart in
the common forms of colour blindness; ``red-blue`` has the colours that papers
often give to positive and negative.
"""

DEFAULT_PALETTE = "green-red"

# Rows of the full table that follow the 511 of `lookup_table`; then come those of weights as they
# are greyed, in the same order.
_CLIPPED_NEGATIVE, _CLIPPED_POSITIVE, _MINUS, _PLUS, _NAN = range(2 * STEPS + 1, 2 * STEPS + 6)
_GREYED = _NAN + 1


def check_palette(name: object) -> str:
    """Return `name` if it names a palette.

    Raises
    ------
    ValueError
        If it does not; the message lists those that do.
    """
    if not isinstance(name, str) or name not in PALETTES:
        raise ValueError(f"palette: expected one of {', '.join(PALETTES)}; got {name!r}")
    return name


def _check_positive(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise ValueError(f"{what}: expected a number above 0; got {value!r}")
    number = float(value)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"{what}: expected a number above 0; got {value!r}")
    return number


def lookup_table(palette: str = DEFAULT_PALETTE, gamma: float = 1.0) -> Image:
    """Return the palette's colours from ``-limit`` to ``+limit``.

    Parameters
    ----------
    palette : str
        A key of :data:`PALETTES`.
    gamma : float, above 0
        Brightness is ``(|weight| / limit) ** gamma``: below 1 small weights are brighter than
        in proportion, above 1 darker.

    Returns
    -------
    ndarray of uint8, shape (511, 3), read-only
        Row 0 is ``-limit``, row 255 zero (black), row 510 ``+limit``.

    Raises
    ------
    ValueError
        If there is no such palette, or gamma is not above 0.
    """
    return _table(check_palette(palette), _check_positive(gamma, "gamma"))[: 2 * STEPS + 1]


@lru_cache(maxsize=64)
def _table(palette: str, gamma: float) -> Image:
    chosen = PALETTES[palette]
    brightness = (np.arange(STEPS + 1) / STEPS) ** gamma
    negative = np.rint(brightness[:0:-1, None] * np.array(chosen.negative))
    positive = np.rint(brightness[:, None] * np.array(chosen.positive))
    marks = (chosen.clipped_negative, chosen.clipped_positive, MINUS_INFINITY, PLUS_INFINITY, NAN)
    plain = np.concatenate([negative, positive, np.array(marks)]).astype(np.int64)
    greyed = (plain + 3 * np.array(NEVER_LIT)) // 4
    greyed[_MINUS:] = plain[_MINUS:]
    table: Image = np.concatenate([plain, greyed]).astype(np.uint8)
    table.setflags(write=False)
    return table


def limit_of(values: ArrayLike) -> float:
    """Return the largest finite size in `values`, or 1.0 where there is none above zero.

    Parameters
    ----------
    values : array_like of float, any shape
    """
    sizes = np.abs(np.asarray(values, dtype=np.float32))
    largest = np.max(sizes, initial=0, where=np.isfinite(sizes))
    return float(largest) if largest > 0 else 1.0


@dataclass(frozen=True)
class Scale:
    """How sizes of weights become brightness.

    Parameters
    ----------
    kind : {"neuron", "shared", "fixed"}
        Whether each map has its own limit, all have the largest one's, or `limit` is given.
    limit : float, above 0, optional
        Size of the brightest weight; for ``"fixed"`` alone, in units of the weights.
    gamma : float, above 0
        As in :func:`lookup_table`.

    Raises
    ------
    ValueError
        If a value is out of range, or `limit` is missing or not wanted.
    """

    kind: Literal["neuron", "shared", "fixed"] = "neuron"
    limit: float | None = None
    gamma: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in ("neuron", "shared", "fixed"):
            raise ValueError(f"scale: expected neuron, shared or fixed; got {self.kind!r}")
        if (self.kind == "fixed") != (self.limit is not None):
            raise ValueError(f"limit: expected with a fixed scale only; got {self.limit!r} "
                             f"with {self.kind!r}")  # fmt: skip
        if self.limit is not None:
            _check_positive(self.limit, "limit")
        _check_positive(self.gamma, "gamma")

    def limits(self, maps: ArrayLike) -> Float:
        """Return the limit of each map.

        Parameters
        ----------
        maps : array_like of float, shape (n, ...)

        Returns
        -------
        ndarray of float32, shape (n,), each above 0
            From finite values alone; 1 for a map (or, shared, a set of maps) without any
            that is not zero.
        """
        array = np.asarray(maps, dtype=np.float32)
        if self.kind == "neuron":
            sizes = np.abs(array.reshape(len(array), -1))
            largest = np.max(sizes, axis=1, initial=0, where=np.isfinite(sizes))
            return np.where(largest > 0, largest, np.float32(1))
        limit = self.limit if self.limit is not None else limit_of(array)
        return np.full(len(array), limit, dtype=np.float32)

    def describe(self, maps: ArrayLike) -> str:
        """Say in a few words what full brightness means, for a caption beside `maps`."""
        limits = self.limits(maps)
        gamma = "" if self.gamma == 1 else f", gamma {self.gamma:g}"
        if self.kind == "neuron" and len(limits) > 1:
            return f"each map on its own scale{gamma}"
        limit = f"±{limits[0]:.3g}" if len(limits) else "none"
        return f"brightest at {limit}{gamma}"


def colour(
    values: ArrayLike,
    *,
    limit: ArrayLike,
    palette: str = DEFAULT_PALETTE,
    gamma: float = 1.0,
    never_lit: ArrayLike | None = None,
) -> Image:
    """Turn weights into colours.

    Parameters
    ----------
    values : array_like of float, any shape
    limit : float, or array_like that broadcasts to the shape of `values`, above 0
        Size of the brightest weight.  Finite ones above it get the clipped colour.
    palette : str
        A key of :data:`PALETTES`.
    gamma : float, above 0
        As in :func:`lookup_table`.
    never_lit : array_like of bool that broadcasts to the shape of `values`, optional
        Weights to grey, their pixels being dark in every digit.  NaN and infinite ones keep
        their mark.

    Returns
    -------
    ndarray of uint8, shape (..., 3), the others as in `values`

    Raises
    ------
    ValueError
        If the palette, gamma, a limit or a shape does not fit.
    """
    table = _table(check_palette(palette), _check_positive(gamma, "gamma"))
    colours: Image = table[_rows(values, limit, never_lit)]
    return colours


def _rows(values: ArrayLike, limit: ArrayLike, never_lit: ArrayLike | None) -> NDArray[np.intp]:
    """Return for each weight its row of the full table; arguments as in :func:`colour`."""
    with np.errstate(over="ignore"):
        weights = np.asarray(values).astype(np.float32)
        limits = np.asarray(limit, dtype=np.float32)
    if not (np.isfinite(limits) & (limits > 0)).all():
        raise ValueError(f"limit: expected finite and above 0; got {limit!r}")
    # No finite weight is above the largest one that is stored, so limits of that size never clip.
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.clip(np.rint(weights / limits * STEPS), -STEPS, STEPS) + STEPS
        above, below = weights > limits, weights < -limits
    rows = np.where(np.isnan(steps), _NAN, steps).astype(np.intp)
    if above.any() or below.any():
        rows[above] = _CLIPPED_POSITIVE
        rows[below] = _CLIPPED_NEGATIVE
        rows[weights == np.inf] = _PLUS
        rows[weights == -np.inf] = _MINUS
    if never_lit is not None:
        rows[np.broadcast_to(np.asarray(never_lit, dtype=bool), rows.shape)] += _GREYED
    return rows


def as_maps(weights: ArrayLike, grid: Grid | None = None) -> Float:
    """Reshape rows of incoming weights into maps.

    Parameters
    ----------
    weights : array_like of float, shape (n, inputs)
    grid : Grid, optional
        By default ``Grid.of(inputs)``.

    Returns
    -------
    ndarray of float32, shape (n, rows, columns)
    """
    array = np.asarray(weights, dtype=np.float32)
    if array.ndim != 2:
        raise ValueError(f"weights: expected shape (n, inputs); got {array.shape}")
    return array.reshape(len(array), *(grid or Grid.of(array.shape[1])))


def compose(
    maps: ArrayLike,
    *,
    columns: int | None = None,
    pixels_per_cell: int = 4,
    gap: int = 6,
    scale: Scale | None = None,
    palette: str = DEFAULT_PALETTE,
    never_lit: ArrayLike | None = None,
    background: Sequence[int] = BACKGROUND,
) -> Image:
    """Lay maps out in a grid and return the picture.

    Parameters
    ----------
    maps : array_like of float, shape (n, rows, columns), n at least 1
        In reading order.
    columns : int, optional
        Maps a row; by default 8, or 5 where that gives full rows and 8 does not; of more than 64
        maps as many as there are rows.
    pixels_per_cell : int, at least 1
        Each weight is a square of this many pixels a side.
    gap : int, at least 0
        Pixels between maps and around them.
    scale : Scale, optional
        By default each map has its own.
    palette : str
        A key of :data:`PALETTES`.
    never_lit : array_like of bool, shape (rows, columns), optional
        As in :func:`colour`.
    background : sequence of three int, each 0..255
        Colour of the gaps.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)

    Raises
    ------
    ValueError
        If a shape or value does not fit.
    """
    array = np.asarray(maps, dtype=np.float32)
    if array.ndim != 3 or array.size == 0:
        raise ValueError(f"maps: expected shape (n, rows, columns), none 0; got {array.shape}")
    count, height, width = array.shape
    across = _default_columns(count) if columns is None else columns
    for what, value, least in (
        ("columns", across, 1),
        ("pixels_per_cell", pixels_per_cell, 1),
        ("gap", gap, 0),
    ):
        if value < least:
            raise ValueError(f"{what}: expected {least} or more; got {value}")
    chosen = scale or Scale()
    table = _table(check_palette(palette), chosen.gamma)
    rows = _rows(array, chosen.limits(array)[:, None, None], never_lit)
    across = min(across, count)
    down = -(-count // across)
    tall, wide = height * pixels_per_cell, width * pixels_per_cell
    # Each line of cells is made once and laid as often as cells are high.
    cells = table.repeat(pixels_per_cell, axis=0).reshape(len(table), -1)[rows]
    gaps = np.tile(np.asarray(background, np.uint8), gap + across * (wide + gap))
    lines = np.empty((down, height, len(gaps)), np.uint8)
    lines[:] = gaps
    for column in range(across):
        left = 3 * (gap + column * (wide + gap))
        ones = cells[column::across].reshape(-1, height, 3 * wide)
        lines[: len(ones), :, left : left + 3 * wide] = ones
    picture = np.empty((gap + down * (tall + gap), len(gaps)), np.uint8)
    picture[:gap] = gaps
    bands = picture[gap:].reshape(down, tall + gap, len(gaps))
    bands[:, tall:] = gaps
    for line in range(pixels_per_cell):
        bands[:, line:tall:pixels_per_cell] = lines
    return picture.reshape(len(picture), -1, 3)


def _default_columns(count: int) -> int:
    if count > 64:
        return math.isqrt(count - 1) + 1
    return 5 if count % 5 == 0 and count % 8 else 8
