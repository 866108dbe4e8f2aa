"""The best match of a weight map among ideal shapes and digits' means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.analysis.shapes.bank import LEAST_SIDE, coarse
from toolkit.analysis.shapes.family import (
    COLUMN,
    FREE,
    KINDS,
    LEAST_LONG,
    LEAST_TURN,
    SHAPES,
    Float,
    as_stamp,
    draw,
    kind_of,
    places,
    scaled,
)
from toolkit.grid import Grid
from toolkit.stamps import Stamp

_CANDIDATES = 2  # of each shape, refined
_STEPS = (1.0, 0.6, 0.4, 0.3, 0.2, 0.15, 0.1, 0.1)  # by which slopes are taken: ever nearer
_DAMPING = np.array([0.03, 0.5, 4.0])
_LARGEST_SIDE = 40
_COARSE_SIDE = 16
_AT_ONCE = 48  # maps


@dataclass(frozen=True)
class Match:
    """An ideal shape as it lies best on a map.

    Attributes
    ----------
    shape : {"edge", "line", "arc", "blob"}
        What it counts as: a ring is an arc, a Gabor an edge or a line by its phase.
    stamp : Stamp
        On the map's grid; the strength's sign says whether it is bright or dark.
    correlation : float, 0 to 1
        Pearson's, over the cells that count.
    """

    shape: str
    stamp: Stamp
    correlation: float


@dataclass(frozen=True)
class Matches:
    """What a map was compared with.

    Attributes
    ----------
    best : Match or None
        None where the map is blank or too small for a shape: fewer than 5 rows or columns.
    by_shape : mapping of str to Match
        The best that counts as an edge, line, arc or blob.
    template : int or None
        The digit whose mean it is most like.
    template_correlation : float, -1 to 1
        With its mean or with what its mean has more than the mean of all, whichever is larger in
        size; negative where the map is dark where the digit is.
    noise_share : float, 0 to 1
        Of the map's variance, how much changes from cell to cell: see :func:`noise_shares`.
    cells : int
        Over how many cells it was compared.
    """

    best: Match | None
    by_shape: Mapping[str, Match]
    template: int | None
    template_correlation: float
    noise_share: float
    cells: int


def match_maps(
    maps: ArrayLike,
    grid: Grid | None = None,
    lit: ArrayLike | None = None,
    class_means: ArrayLike | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Matches, ...]:
    """Find for each map the ideal shape, and the digit, that it correlates best with.

    A coarse look over a bank of shapes at all places (:mod:`toolkit.analysis.shapes.bank`), then
    the best two of each shape are refined on the map itself by damped Gauss-Newton steps
    (Marquardt 1963) on the correlation, the brightness and the mean being projected out (Golub &
    Pereyra 1973).

    Maps whose shorter side is over 40 cells are averaged, by two and two cells or more, and all is
    said of what that gives; stamps are in cells of the map itself.

    Parameters
    ----------
    maps : array_like of float, shape (n, rows, columns), or with a grid (n, cells)
        NaN and infinite values are taken for 0.
    grid : Grid, optional
        By default the maps'.
    lit : array_like of bool, shape (cells,), optional
        Which cells count: those that any digit lights.  By default all.
    class_means : array_like of float, shape (classes, cells), optional
        The digits' means; a row of zeros where there is none.  Without them nothing is a template.
    progress : callable, optional
        Called with how many maps are done, and of how many.

    Returns
    -------
    tuple of Matches, one a map

    Raises
    ------
    ValueError
        If a shape does not fit.
    """
    values = np.asarray(maps, np.float32)
    if values.ndim == 2 and grid is not None and values.shape[1] == grid.cells:
        values = values.reshape(len(values), grid.rows, grid.columns)
    if values.ndim != 3:
        raise ValueError(f"maps: expected shape (n, rows, columns); got {values.shape}")
    grid = Grid(*values.shape[1:]) if grid is None else grid
    if values.shape[1:] != (grid.rows, grid.columns):
        raise ValueError(f"maps: expected maps of {grid}; got shape {values.shape}")
    counts = np.ones(grid.cells, bool) if lit is None else np.asarray(lit, bool).ravel()
    if len(counts) != grid.cells:
        raise ValueError(f"lit: expected {grid.cells}, one for each cell; got {len(counts)}")
    means = None if class_means is None else np.nan_to_num(np.asarray(class_means, np.float32))
    if means is not None and (means.ndim != 2 or means.shape[1] != grid.cells):
        raise ValueError(f"class_means: expected shape (classes, {grid.cells}); got {means.shape}")
    flat = finite(values.reshape(len(values), -1), counts)
    factor = _factor(grid, _LARGEST_SIDE)
    flat, fine, lit_ = _averaged(flat, grid, counts, factor)
    if means is not None:
        means = _averaged(means, grid, counts, factor)[0]
    noise = noise_shares(flat.reshape(-1, fine.rows, fine.columns), lit_)
    templates = _templates(flat, lit_, means)
    found: list[Matches] = []
    for first in range(0, len(flat), _AT_ONCE):
        shapes = _shapes(flat[first : first + _AT_ONCE], fine, lit_, factor)
        for place, by_shape in enumerate(shapes, first):
            best = max(by_shape.values(), key=lambda match: match.correlation, default=None)
            cells = int(lit_.sum())
            found.append(Matches(best, by_shape, *templates[place], float(noise[place]), cells))
        if progress is not None:
            progress(len(found), len(flat))
    return tuple(found)


def finite(values: Float, lit: NDArray[np.bool_]) -> Float:
    """Return maps scaled so that the largest is 1; 0 for what is not finite or does not count."""
    good = np.isfinite(values) & lit
    clean = np.where(good, values, np.float32(0))
    largest = np.abs(clean).max(axis=1, initial=0, keepdims=True)
    # Below the smallest normal number a division would overflow.
    scaled_: Float = np.where(largest > 1e-37, clean / np.maximum(largest, 1e-37), 0)
    return scaled_.astype(np.float32)


def unit(values: NDArray[np.floating], lit: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return maps centred over the cells that count, zero elsewhere, of length 1 (or blank)."""
    kept = np.where(lit, values, 0).astype(np.float32)
    centred = np.where(lit, kept - kept.sum(-1, keepdims=True) / max(int(lit.sum()), 1), 0)
    length = np.sqrt((centred**2).sum(-1, keepdims=True))
    result: NDArray[np.float32] = np.where(length > 1e-5, centred / np.maximum(length, 1e-5), 0)
    return result.astype(np.float32)


def noise_shares(maps: Float, lit: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Estimate how much of each map's variance is noise that neighbours do not share.

    What shapes have in common is that neighbours are alike: the covariance of cells falls about
    evenly with their distance where rims are sharp.  The straight line through the covariances at
    distances 1 and 2, taken to distance 0, is what is shared; what the variance has more is the
    "nugget" of geostatistics (Matheron 1963; Cressie 1993, section 2.3).

    Parameters
    ----------
    maps : ndarray of float32, shape (n, rows, columns)
    lit : ndarray of bool, shape (cells,)
        Only pairs of these count.

    Returns
    -------
    ndarray of float, shape (n,), 0 to 1
        0 where a map is blank; 1 where the cells have no neighbours that count.
    """
    rows, columns = maps.shape[1:]
    centred = unit(maps.reshape(len(maps), -1), lit).reshape(maps.shape).astype(np.float64)
    mask = lit.reshape(rows, columns)
    power = (centred**2).sum((1, 2)) / max(int(lit.sum()), 1)

    def covariance(distance: int) -> NDArray[np.float64]:
        down = (centred[:, distance:] * centred[:, :-distance]).sum((1, 2))
        along = (centred[:, :, distance:] * centred[:, :, :-distance]).sum((1, 2))
        pairs = (mask[distance:] & mask[:-distance]).sum()
        pairs += (mask[:, distance:] & mask[:, :-distance]).sum()
        result: NDArray[np.float64] = (down + along) / max(int(pairs), 1)
        return result

    shared = 2 * covariance(1) - covariance(2)
    share = 1 - shared / np.where(power > 0, power, 1)
    result: NDArray[np.float64] = np.where(power > 0, np.clip(share, 0, 1), 0)
    return result


def _templates(
    flat: Float, lit: NDArray[np.bool_], means: Float | None
) -> list[tuple[int | None, float]]:
    if means is None:
        return [(None, 0.0)] * len(flat)
    there = np.asarray(means.any(axis=1))
    if not there.any():
        return [(None, 0.0)] * len(flat)
    more = np.where(there[:, None], means - means[there].mean(axis=0), 0)
    both = np.stack([unit(flat, lit) @ unit(means, lit).T, unit(flat, lit) @ unit(more, lit).T])
    both = both.reshape(2, len(flat), len(means)).transpose(1, 0, 2).reshape(len(flat), -1)
    best = np.abs(both).argmax(axis=1)
    return [
        (int(k % len(means)), float(row[k])) if row[k] else (None, 0.0)
        for row, k in zip(both, best.tolist(), strict=True)
    ]


def _averaged(
    maps: Float, grid: Grid, lit: NDArray[np.bool_], factor: int
) -> tuple[Float, Grid, NDArray[np.bool_]]:
    """Return maps of blocks of cells, each the mean of those that count."""
    if factor == 1:
        return maps, grid, lit
    rows, columns = -(-grid.rows // factor), -(-grid.columns // factor)
    edge = ((0, rows * factor - grid.rows), (0, columns * factor - grid.columns))
    mask = np.pad(lit.reshape(grid.rows, grid.columns), edge)
    full = np.pad((maps * lit).reshape(len(maps), grid.rows, grid.columns), ((0, 0), *edge))
    counts = mask.reshape(rows, factor, columns, factor).sum((1, 3))
    sums = full.reshape(len(maps), rows, factor, columns, factor).sum((2, 4))
    smaller = (sums / np.maximum(counts, 1)).reshape(len(maps), -1).astype(np.float32)
    # A block of which a corner counts would weigh as much as a whole one.
    return smaller, Grid(rows, columns), counts.ravel() * 2 >= factor * factor


def _factor(grid: Grid, side: int) -> int:
    """Return how many cells to average, each way, for a shorter side of at most `side`."""
    # A long strip costs as much as a square of its longer side.
    return max(-(-min(grid) // side), -(-max(grid) // (3 * side)))


def _shapes(
    maps: Float, fine: Grid, counts: NDArray[np.bool_], factor: int
) -> list[dict[str, Match]]:
    found: list[dict[str, Match]] = [{} for _ in maps]
    if min(fine) < LEAST_SIDE or counts.sum() < LEAST_SIDE**2:
        return found
    some = unit(maps, counts)
    halved = _factor(fine, _COARSE_SIDE)
    small, coarse_grid, coarse_lit = _averaged(maps, fine, counts, halved)
    if min(coarse_grid) < LEAST_SIDE:
        return found
    starts = coarse(unit(small, coarse_lit), coarse_grid, coarse_lit, _CANDIDATES)
    blank = ~some.any(axis=1)
    at = tuple(place[counts] for place in places(fine))
    share = min(fine) / 28
    for shape in SHAPES:
        parameters, values = starts[shape]
        count = parameters.shape[1]
        parameters, values = parameters.reshape(len(values) * count, -1), values.ravel()
        for name in ("row", "column", "length", "width", "soft", "curvature"):
            parameters[:, COLUMN[name]] *= scaled(name, halved)
        parameters[:, COLUMN["soft"]] = 1.2
        sign = np.where(values < 0, -1.0, 1.0)
        target = np.repeat(some[:, counts], count, axis=0) * sign[:, None].astype(np.float32)
        parameters, r = _refined(shape, parameters, target, at, fine, share)
        for place in np.flatnonzero(~np.repeat(blank, count)).tolist():
            kind, matches = kind_of(shape, parameters[place]), found[place // count]
            if r[place] > 0 and (kind not in matches or r[place] > matches[kind].correlation):
                stamp = as_stamp(shape, parameters[place], factor, float(sign[place]))
                matches[kind] = Match(kind, stamp, min(float(r[place]), 1.0))
    return [{kind: each[kind] for kind in KINDS if kind in each} for each in found]


def _refined(
    shape: str,
    start: NDArray[np.float64],
    target: Float,
    at: tuple[Float, ...],
    grid: Grid,
    share: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Climb from each start to where the shape correlates best with its target.

    With t the shape, centred and of length 1, the correlation is r = y·t, and to second order it
    is highest at the step d of  r (J Jᵀ) d = J y,  J the slopes of t: its curvature along t is
    −J Jᵀ, since its length stays 1, and across it what is left of y is neglected, as by Gauss.
    """
    names = list(FREE[shape])
    columns = np.array([COLUMN[name] for name in names])
    scale = np.array([scaled(name, share) for name in names])
    low = np.array([FREE[shape][name].low for name in names]) * scale
    high = np.array([FREE[shape][name].high for name in names]) * scale
    step = np.array([FREE[shape][name].step for name in names]) * scale
    for name, most in (("row", grid.rows), ("column", grid.columns)):
        high[names.index(name)] = most - 2 * share
    everything = np.ones(len(at[0]), bool)

    def look(parameters: NDArray[np.float64]) -> Float:
        many = parameters.reshape(-1, parameters.shape[-1])
        drawn = unit(draw(shape, many, at[0], at[1]), everything)
        return drawn.reshape(*parameters.shape[:-1], -1)

    def bound(parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        parameters[..., columns] = np.clip(parameters[..., columns], low, high)
        if shape in LEAST_LONG:
            least = LEAST_LONG[shape] * parameters[..., COLUMN["width"]]
            parameters[..., COLUMN["length"]] = np.maximum(parameters[..., COLUMN["length"]], least)
        if shape == "arc":
            length = parameters[..., COLUMN["length"]]
            curvature = parameters[..., COLUMN["curvature"]]
            turn = np.clip(np.abs(curvature) * length, np.radians(LEAST_TURN), np.radians(300))
            side = np.where(curvature < 0, -1.0, 1.0)
            parameters[..., COLUMN["curvature"]] = side * turn / length
        return parameters

    p = bound(start.copy())
    t = look(p)
    r = np.einsum("nc,nc->n", t, target).astype(np.float64)
    who = np.arange(len(p))
    for shorter in _STEPS:
        moved = np.repeat(p[:, None], len(names), axis=1)
        moved[:, np.arange(len(names)), columns] += shorter * step
        slopes = (look(moved) - t[:, None]) / np.float32(shorter)
        normal = (slopes @ slopes.transpose(0, 2, 1)).astype(np.float64)
        normal *= np.maximum(r, 0.1)[:, None, None]
        pull = np.einsum("ndc,nc->nd", slopes, target).astype(np.float64)
        spread = np.einsum("ndd->nd", normal)
        damped = normal[:, None] + (
            _DAMPING[:, None, None] * (spread + 1e-6)[:, None, None, :] * np.eye(len(names))
        )
        move = np.linalg.solve(damped, np.repeat(pull[:, None, :, None], len(_DAMPING), 1))[..., 0]
        tried = np.repeat(p[:, None], len(_DAMPING), axis=1)
        tried[..., columns] += np.clip(move, -4, 4) * step
        tried = bound(tried)
        drawn = look(tried)
        values = np.einsum("ndc,nc->nd", drawn, target).astype(np.float64)
        best = values.argmax(axis=1)
        better = values[who, best] > r
        p = np.where(better[:, None], tried[who, best], p)
        t = np.where(better[:, None], drawn[who, best], t)
        r = np.where(better, values[who, best], r)
    return p, r
