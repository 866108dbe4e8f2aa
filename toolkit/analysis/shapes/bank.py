"""The coarse look: where, and about how, each shape lies best on maps of half the resolution.

Cross-correlation with every shape of a bank at every place at once by fast Fourier transform,
normalised over the cells that count: for a shape `t` moved by `s`, over a set `L` of cells,

    r(s) = Σ_L (w − w̄) t_s / ( |w − w̄| · √(Σ_L t_s² − (Σ_L t_s)² / |L|) )

whose denominator does not depend on the map (Padfield 2012, "Masked object registration in the
Fourier domain", eq. 9, where one of two masks is everything).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from toolkit.analysis.shapes.family import COLUMN, NAMES, SHAPES, Float, draw, scaled
from toolkit.grid import Grid

LEAST_SEEN = 0.5
"""Share of a shape's energy that lies on cells that count: what is mostly off the map is none."""
LEAST_SIDE = 5
"""Cells of a map's shorter side, from which on a shape can be told on it."""

_ANGLES = tuple(range(0, 180, 15))
_ROUND = tuple(range(0, 360, 15))


def bank_parameters(shape: str) -> NDArray[np.float64]:
    """Return the bank's parameters of a shape for a map of 28×28, shape (k, 10), place 0, 0."""
    listed = {
        # angle, length, width, curvature, surround, ratio, soft, phase
        "edge": product(_ANGLES, (7, 12, 18), (2, 3.5, 6), (0,), (1,), (1,), (2,), (0,)),
        "line": product(_ANGLES, (8, 12, 18), (2, 3, 5), (0,), (0.5,), (1,), (2,), (0,)),
        "arc": product(_ROUND, (11, 16), (3,), (0.1, 0.16, 0.23), (0.5,), (1,), (2,), (0,)),
        "blob": [
            *product((0,), (4, 6, 9, 13), (3,), (0,), (0, 0.6), (1,), (2,), (0,)),
            *product((0, 45, 90, 135), (4, 6, 9), (3,), (0,), (0.3,), (1.5,), (2,), (0,)),
        ],
        "ring": [
            *product((0,), (7, 10, 14), (3,), (0,), (0.5,), (1,), (2,), (0,)),
            *product((0, 45, 90, 135), (8, 12), (3,), (0,), (0.5,), (1.4,), (2,), (0,)),
        ],
        "gabor": product(_ANGLES, (8, 14), (3, 5), (0,), (1,), (1.6,), (2,), (0, 90)),
    }[shape]
    found = np.array(list(listed), np.float64)
    return np.hstack([np.zeros((len(found), 2)), found])


@dataclass(frozen=True)
class _Bank:
    size: tuple[int, int]  # of the transform
    transforms: NDArray[np.complex64]  # (k, size[0], size[1] // 2 + 1)
    scale: Float  # (k, cells): 1 / the denominator, 0 where the shape is mostly off the map
    shapes: tuple[str, ...]  # (k,)
    parameters: NDArray[np.float64]  # (k, 10), in cells of this grid


@lru_cache(maxsize=4)
def _bank(rows: int, columns: int, lit: bytes) -> _Bank:
    """Make the bank for a grid and the cells that count; some 5 MB for 14×14."""
    share = min(rows, columns) / 28
    size = (2 * rows + 8, 2 * columns + 8)
    mask = np.frombuffer(lit, bool).reshape(rows, columns).astype(np.float32)
    shapes, parameters = [], []
    for shape in SHAPES:
        some = bank_parameters(shape)
        for name in NAMES:
            some[:, COLUMN[name]] *= scaled(name, share)
        # What fades over less than a cell would be drawn by chance.
        some[:, COLUMN["soft"]] = np.maximum(some[:, COLUMN["soft"]], 1.0)
        shapes += [shape] * len(some)
        parameters.append(some)
    stacked = np.vstack(parameters)
    down = np.fft.fftfreq(size[0], 1 / size[0]).astype(np.float32)
    along = np.fft.fftfreq(size[1], 1 / size[1]).astype(np.float32)
    at_rows, at_columns = np.repeat(down, size[1]), np.tile(along, size[0])
    drawn = np.concatenate(
        [
            draw(shape, stacked[[s == shape for s in shapes]], at_rows, at_columns)
            for shape in SHAPES
        ]
    ).reshape(-1, *size)
    transforms = np.fft.rfft2(drawn).conj().astype(np.complex64)
    seen = np.fft.rfft2(mask, size)
    squares = np.fft.irfft2(seen * np.fft.rfft2(drawn**2).conj(), size)[:, :rows, :columns]
    sums = np.fft.irfft2(seen * transforms, size)[:, :rows, :columns]
    energy = squares - sums**2 / max(mask.sum(), 1)
    whole = (drawn**2).sum((1, 2))[:, None, None]
    good = (squares >= LEAST_SEEN * whole) & (energy > 1e-3 * whole)
    scale = np.where(good, 1 / np.sqrt(np.where(good, energy, 1)), 0).astype(np.float32)
    return _Bank(size, transforms, scale.reshape(len(scale), -1), tuple(shapes), stacked)


def coarse(
    maps: Float, grid: Grid, lit: NDArray[np.bool_], count: int
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return, for each shape, the `count` best placed members of the bank for each map.

    Parameters
    ----------
    maps : ndarray of float32, shape (n, cells)
        Centred over the cells that count, zero elsewhere, of length 1.
    grid : Grid
    lit : ndarray of bool, shape (cells,)
    count : int
        Of candidates for each; they differ in more than their place.

    Returns
    -------
    dict of str to (ndarray (n, count, 10), ndarray (n, count))
        Parameters in cells of this grid, and their correlations, signed.
    """
    bank = _bank(grid.rows, grid.columns, np.ascontiguousarray(lit, bool).tobytes())
    shapes = np.array(bank.shapes)
    found = {
        shape: (np.zeros((len(maps), count, len(NAMES))), np.zeros((len(maps), count)))
        for shape in SHAPES
    }
    for first in range(len(maps)):
        image = np.fft.rfft2(maps[first].reshape(grid.rows, grid.columns), bank.size)
        together = image.astype(np.complex64) * bank.transforms
        values = np.fft.irfft2(together, bank.size)[:, : grid.rows, : grid.columns]
        values = values.reshape(len(shapes), -1) * bank.scale
        where = np.abs(values).argmax(axis=1)
        best = values[np.arange(len(values)), where]
        for shape in SHAPES:
            members = np.flatnonzero(shapes == shape)
            order = members[np.argsort(-np.abs(best[members]), kind="stable")]
            chosen = _apart(order, where, bank, grid, count)
            parameters = bank.parameters[chosen].copy()
            down, along = np.divmod(where[chosen], grid.columns)
            parameters[:, COLUMN["row"]], parameters[:, COLUMN["column"]] = down + 0.5, along + 0.5
            found[shape][0][first], found[shape][1][first] = parameters, best[chosen]
    return found


def _apart(
    order: NDArray[np.intp], where: NDArray[np.intp], bank: _Bank, grid: Grid, count: int
) -> NDArray[np.intp]:
    """Return the first few members that lie apart or are turned by more than a step."""
    near = max(2, min(grid) // 6)
    chosen: list[int] = []
    for member in order.tolist():
        row, column = divmod(int(where[member]), grid.columns)
        angle = bank.parameters[member, COLUMN["angle"]]
        for other in chosen:
            other_row, other_column = divmod(int(where[other]), grid.columns)
            turned = abs((bank.parameters[other, COLUMN["angle"]] - angle + 90) % 180 - 90)
            if max(abs(row - other_row), abs(column - other_column)) < near and turned <= 30:
                break
        else:
            chosen.append(member)
            if len(chosen) == count:
                break
    return np.array((chosen + order.tolist())[:count])
