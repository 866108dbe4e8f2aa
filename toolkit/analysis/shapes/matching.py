"""Which ideal shape a weight map is most like.

A map and a shape are compared by their correlation over the pixels that digits
ever light: brightness and contrast do not count, nor do weights that never
meet any ink.  Every shape of a coarse family is laid at every other cell of a
map of half the resolution; the best of each kind are then moved, turned and
stretched at full resolution until nothing more is gained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.analysis.shapes.drawing import (
    ANGLE,
    COLUMN,
    CURVATURE,
    LENGTH,
    NUMBERS,
    ROW,
    SURROUND,
    WIDTH,
    Float,
    as_stamp,
    draw,
)
from toolkit.grid import Grid
from toolkit.stamps import Stamp

KINDS: Mapping[str, str] = {
    "edge": "edge", "steps": "edge", "line": "line", "stripes": "line", "arc": "arc",
    "ring": "arc", "blob": "blob",
}  # fmt: skip
"""Of which kind each shape of the family is: a Gabor is an edge or a line by its phase."""

_SIDE = 28.0  # cells: lengths below are those on MNIST's grid
_ANGLES = 12  # of half a turn; the other half is the same shapes upside down
_FIRST = 2  # starting places a shape and map that are followed
_ROUNDS = 9
_LEAST_CELLS = 12
# Row, column, angle, length, width, curvature, surround: the first step of the search.
_STEPS = np.array([1.0, 1.0, 7.5, 3.0, 1.0, 0.05, 0.3], np.float32)
_LOW = np.array([-2.0, -2.0, -1e4, 3.0, 1.0, -0.4, 0.0], np.float32)
_HIGH = np.array([30.0, 30.0, 1e4, 40.0, 9.0, 0.4, 1.5], np.float32)


@dataclass(frozen=True, eq=False)
class Match:
    """One shape laid where it fits best.

    Attributes
    ----------
    shape : {"edge", "line", "arc", "blob"}
    stamp : Stamp
        The ideal; its strength is negative where the map is dark where the shape is bright.
    correlation : float, 0 to 1
        Of map and stamp, over the pixels that digits ever light.
    """

    shape: str
    stamp: Stamp
    correlation: float


@dataclass(frozen=True, eq=False)
class Matches:
    """What a map is like.

    Attributes
    ----------
    best : Match or None
        None where the map is flat, or is no picture.
    by_shape : mapping of str to Match
        The best of each kind.
    template : int or None
        The class whose mean picture the map is most like, or most unlike.
    template_correlation : float, -1 to 1
        With that mean picture, or with what sets it apart from the mean of all; 0 without digits.
    noise_share : float, 0 to 1
        How much of the map's variance is noise from cell to cell.
    cells : int
        Over how many pixels it was compared.
    """

    best: Match | None
    by_shape: Mapping[str, Match]
    template: int | None
    template_correlation: float
    noise_share: float
    cells: int


def match_maps(
    maps: ArrayLike,
    grid: Grid,
    lit: ArrayLike | None = None,
    class_means: ArrayLike | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Matches, ...]:
    """Find what each map is most like.

    Parameters
    ----------
    maps : array_like of float, shape (n, cells) or (n, rows, columns)
        Numbers that are not finite count as 0.
    grid : Grid
    lit : array_like of bool, shape (cells,), optional
        The pixels that digits ever light; by default all.
    class_means : array_like of float, shape (10, cells), optional
        Mean picture of each class.
    progress : callable, optional
        Told how many of how many kinds are done.

    Returns
    -------
    tuple of Matches, one a map

    Raises
    ------
    ValueError
        If a shape does not fit.
    """
    values = np.asarray(maps, np.float32)
    values = values.reshape(len(values), -1)
    shown = np.ones(grid.cells, bool) if lit is None else np.asarray(lit, bool)
    if values.shape[1] != grid.cells or shown.shape != (grid.cells,):
        raise ValueError(
            f"maps: expected {grid.cells} cells each, and as many in lit; got {values.shape[1]} "
            f"and {shown.shape}"
        )
    values = np.where(np.isfinite(values), values, np.float32(0))
    plain = standardised(values, shown)
    flat = np.asarray(~plain.any(axis=1))
    noise = noise_shares(values, grid, shown)
    templates = _templates(plain, class_means, shown)
    found: list[dict[str, Match]] = [{} for _ in values]
    usable = grid.is_picture and shown.sum() >= _LEAST_CELLS and min(grid) >= 5
    for done, shape in enumerate(KINDS):
        if progress is not None:
            progress(done, len(KINDS))
        if not usable or flat.all():
            break
        for each, match in zip(found, _best(shape, values, plain, grid, shown), strict=True):
            known = each.get(match.shape)
            if known is None or match.correlation > known.correlation:
                each[match.shape] = match
    return tuple(
        Matches(
            None if flat[at] or not each else max(each.values(), key=lambda m: m.correlation),
            {} if flat[at] else each,
            *(templates[at] if not flat[at] else (None, 0.0)),
            float(noise[at]),
            int(shown.sum()),
        )
        for at, each in enumerate(found)
    )


def standardised(values: Float, lit: NDArray[np.bool_]) -> Float:
    """Return rows' lit cells without their mean and of length 1; rows of 0 where all are equal."""
    chosen: NDArray[Any] = values[:, lit]
    largest = np.abs(chosen).max(axis=1, keepdims=True, initial=0)
    chosen = chosen / np.where(largest > 0, largest, 1)
    chosen = chosen - chosen.mean(axis=1, keepdims=True)
    length = np.sqrt((chosen * chosen).sum(axis=1, keepdims=True))
    still = length <= 1e-4 * np.sqrt(max(1, chosen.shape[1]))
    found: Float = np.where(still, 0, chosen / np.where(still, 1, length)).astype(np.float32)
    return found


def noise_shares(values: Float, grid: Grid, lit: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Estimate how much of each map's variance is white noise.

    What a mask that is blind to slopes leaves of a picture is noise, where most of the picture is
    smooth (Immerkær, *Fast noise variance estimation*, 1996, eq. 2); taken by the median of its
    sizes, so that the rims of shapes, which are few, do not count.
    """
    pictures = np.asarray(values, np.float64).reshape(len(values), *grid)
    if min(grid) < 3:
        return np.zeros(len(values))
    whole = lit.reshape(tuple(grid))
    left = np.zeros((len(values), grid.rows - 2, grid.columns - 2))
    inside = np.ones(left.shape[1:], bool)
    for (down, one), (across, other) in product(enumerate((1, -2, 1)), repeat=2):
        place = np.s_[down : down + left.shape[1], across : across + left.shape[2]]
        left += one * other * pictures[(slice(None), *place)]
        inside &= whole[place]
    variance = np.asarray(values, np.float64)[:, lit].var(axis=1) if lit.any() else np.zeros(1)
    if not inside.any():
        return np.zeros(len(values))
    spread = np.median(np.abs(left[:, inside]), axis=1) / 0.6745 / 6
    found: NDArray[np.float64] = np.clip(spread**2 / np.where(variance > 0, variance, 1), 0, 1)
    return found


def _templates(
    plain: Float, class_means: ArrayLike | None, lit: NDArray[np.bool_]
) -> list[tuple[int | None, float]]:
    if class_means is None:
        return [(None, 0.0)] * len(plain)
    means = np.asarray(class_means, np.float32)
    kinds = np.concatenate([means, means - means.mean(axis=0)])
    alike = plain @ standardised(kinds, lit).T
    best = np.abs(alike).argmax(axis=1)
    return [
        (int(place % len(means)), float(row[place])) for row, place in zip(alike, best, strict=True)
    ]


def _best(
    shape: str, values: Float, plain: Float, grid: Grid, lit: NDArray[np.bool_]
) -> Iterator[Match]:
    """Give the best match of one shape for each map."""
    starts = np.stack(_coarse(shape, values, grid, lit))  # (starts, maps, numbers)
    count = len(starts) * len(plain)
    numbers = starts.reshape(count, len(NUMBERS))
    targets = np.tile(np.arange(len(plain)), len(starts))
    unit = max(grid) / _SIDE
    scale = _units(unit)
    steps = np.tile(_STEPS * scale, (count, 1))
    free = _free(shape)
    alike = _alike(shape, numbers, plain, targets, grid, lit)
    for _ in range(_ROUNDS):
        moves = np.zeros((2 * len(free), len(NUMBERS)), np.float32)
        moves[np.arange(2 * len(free)), np.repeat(free, 2)] = np.tile([1, -1], len(free))
        tried = numbers[:, None] + moves * steps[:, None]
        tried = np.clip(tried, _LOW * scale, _HIGH * scale).reshape(-1, len(NUMBERS))
        gained = _alike(shape, tried, plain, np.repeat(targets, len(moves)), grid, lit)
        gained = gained.reshape(count, len(moves))
        best = np.abs(gained).argmax(axis=1)
        each = np.arange(count)
        better = np.abs(gained[each, best]) > np.abs(alike)
        numbers = np.where(
            better[:, None], tried.reshape(count, len(moves), -1)[each, best], numbers
        )
        alike = np.where(better, gained[each, best], alike)
        steps = np.where(better[:, None], steps, steps / 2)
    for at in range(len(plain)):
        ours = np.flatnonzero(targets == at)
        first = ours[np.abs(alike[ours]).argmax()]
        yield _match(shape, numbers[first], float(alike[first]))


def _match(shape: str, numbers: Float, alike: float) -> Match:
    told = numbers.copy()
    if shape in ("edge", "steps"):  # upside down is the same with its sides exchanged
        told[ANGLE] += 180.0 if alike < 0 and told[SURROUND] > 0 else 0.0
        told[ANGLE] %= 360.0
        strength = 1.0
        if told[SURROUND] > 0 and alike < 0 and shape == "edge":
            strength = 1.0
    else:
        told[ANGLE] %= 360.0 if shape == "arc" else 180.0
        strength = 1.0 if alike >= 0 else -1.0
    return Match(KINDS[shape], as_stamp(shape, told, strength), abs(alike))


def _alike(
    shape: str, numbers: Float, plain: Float, targets: NDArray[np.intp], grid: Grid,
    lit: NDArray[np.bool_],
) -> Float:  # fmt: skip
    drawn = standardised(draw(shape, numbers, grid), lit)
    found: Float = np.einsum("ij,ij->i", drawn, plain[targets])
    return found


def _units(unit: float) -> Float:
    scale = np.full(len(NUMBERS), unit, np.float32)
    scale[[ANGLE, SURROUND]] = 1
    scale[CURVATURE] = 1 / unit
    return scale


def _free(shape: str) -> Sequence[int]:
    """Return which numbers of a shape may change."""
    place = (ROW, COLUMN)
    return {
        "edge": (*place, ANGLE, LENGTH, WIDTH),
        "line": (*place, ANGLE, LENGTH, WIDTH, SURROUND),
        "arc": (*place, ANGLE, LENGTH, WIDTH, CURVATURE, SURROUND),
        "ring": (*place, LENGTH, WIDTH, SURROUND),
        "blob": (*place, LENGTH, SURROUND),
        "stripes": (*place, ANGLE, LENGTH, WIDTH),
        "steps": (*place, ANGLE, LENGTH, WIDTH),
    }[shape]


def _kernels(shape: str) -> Float:
    """Return the coarse family of a shape, in the middle, shape (n, 7)."""
    half = np.arange(_ANGLES) * 180.0 / _ANGLES
    whole = np.arange(2 * _ANGLES) * 180.0 / _ANGLES
    family: dict[str, tuple[Any, ...]] = {
        "edge": (half, (8, 14, 22), (2, 3.5, 6), (0,), (1,)),
        "line": (half, (8, 14, 22), (2, 3.5, 6), (0,), (0.5,)),
        "arc": (whole, (10, 16), (2, 4), (0.1, 0.2), (0.5,)),
        "ring": ((0,), (7, 11, 15), (2, 4), (0,), (0.5,)),
        "blob": ((0,), (4, 7, 11), (3,), (0,), (0, 0.6)),
        "stripes": (half, (8, 14), (3, 5), (0,), (1,)),
        "steps": (half, (8, 14), (3, 5), (0,), (1,)),
    }
    rows = product((0.0,), (0.0,), *family[shape])
    return np.array(list(rows), np.float32)


def _coarse(shape: str, values: Float, grid: Grid, lit: NDArray[np.bool_]) -> list[Float]:
    """Return the best places of a shape's coarse family: :data:`_FIRST` arrays, one row a map."""
    unit = max(grid) / _SIDE
    # Cells of the coarse map: two of MNIST's, on any grid.
    size = max(1, round(2 * unit))
    small = Grid(-(-grid.rows // size), -(-grid.columns // size))
    maps, mask = _pooled(values, grid, small, size), _pooled(lit[None], grid, small, size)[0] >= 0.5
    if mask.sum() < 4:
        mask = np.ones(small.cells, bool)
    plain = standardised(maps, mask)
    kernels = _kernels(shape) * _units(unit)
    centred = kernels.copy()
    # Drawn once in the middle of a canvas of three by three maps' reach; a map is a window of it.
    wide = Grid(2 * small.rows - 1, 2 * small.columns - 1)
    fine = Grid(wide.rows * size, wide.columns * size)
    middle = ((small.rows - 0.5) * size, (small.columns - 0.5) * size)
    centred[:, ROW], centred[:, COLUMN] = middle
    canvas = _pooled(draw(shape, centred, fine), fine, wide, size).reshape(len(kernels), *wide)
    windows = np.lib.stride_tricks.sliding_window_view(canvas, tuple(small), axis=(1, 2))
    best = np.full((_FIRST, len(maps)), -1.0, np.float32)
    where = np.zeros((_FIRST, len(maps), len(NUMBERS)), np.float32)
    for at, kernel in enumerate(kernels):
        # Window (i, j) has the kernel's middle at cell (rows - 1 - i, columns - 1 - j).
        laid = windows[at].reshape(-1, small.cells)
        alike = np.abs(standardised(laid, mask) @ plain.T)
        place = alike.argmax(axis=0)
        value = alike[place, np.arange(len(maps))]
        row, column = np.divmod(place, windows.shape[2])
        numbers = np.tile(kernel, (len(maps), 1))
        numbers[:, ROW] = (small.rows - 0.5 - row) * size
        numbers[:, COLUMN] = (small.columns - 0.5 - column) * size
        for rank in range(_FIRST):
            better = value > best[rank]
            best[rank], value = (
                np.where(better, value, best[rank]),
                np.where(better, best[rank], value),
            )
            swapped = np.where(better[:, None], numbers, where[rank])
            numbers, where[rank] = np.where(better[:, None], where[rank], numbers), swapped
    return list(where)


def _pooled(values: NDArray[np.generic], grid: Grid, small: Grid, size: int) -> Float:
    """Return pictures with the mean of each square of `size` cells for one."""
    padded = np.zeros((len(values), small.rows * size, small.columns * size), np.float32)
    padded[:, : grid.rows, : grid.columns] = values.reshape(len(values), *grid)
    found: Float = padded.reshape(len(values), small.rows, size, small.columns, size).mean(
        axis=(2, 4)
    )
    return found.reshape(len(values), small.cells)
