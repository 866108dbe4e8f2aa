"""What neurons answer to bars and edges: measured through the real network, not read from weights.

As physiologists do with a cortical cell: bars and edges of every angle are
shown at every place, and the largest answer at each angle makes the
orientation tuning curve.  Selectivity is one minus the circular variance
(Ringach, Shapley & Hawken, *Orientation selectivity in macaque V1*, 2002,
eq. 1): 1 where a neuron answers to one angle alone, 0 where to all alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from toolkit.analysis.shapes.drawing import Float, draw
from toolkit.grid import Grid
from toolkit.network import Network

BAR_ANGLES = np.arange(0.0, 180.0, 7.5)
"""Degrees counter-clockwise from lying; a bar and the same turned by half are one."""
EDGE_ANGLES = np.arange(0.0, 360.0, 15.0)
"""Of the bright side's edge: at 0 the bright side is above."""

_SIDE = 28.0
_BAR = (12.0, 2.5)  # length and width of a bar, cells of MNIST's grid
_PATCH = (14.0, 7.0)  # length of an edge, and depth of its bright side
_STEP = 2.0  # cells from place to place
_LEAST = 5  # cells a side


@dataclass(frozen=True, eq=False)
class Tuning:
    """A neuron's answers to bars and edges.

    Attributes
    ----------
    angles : ndarray of float64, shape (24,)
        :data:`BAR_ANGLES`.
    bars : ndarray of float64, shape (24,)
        Rise of the pre-activation above that for a blank picture, for the bar of each angle at the
        place where it rises most; 0 where no bar raises it.
    edge_angles, edges : ndarray of float64, shape (24,)
        The same for edges, over a whole turn.
    selectivity : float, 0 to 1
        For bars; nan where no bar raises it.
    preferred_angle : float
        The angle of the largest answer to a bar, between steps by a parabola, 0 to 180; nan as
        above.
    place : tuple of two float
        Row and column of the bar that it answers to most; nan as above.
    """

    angles: NDArray[np.float64]
    bars: NDArray[np.float64]
    edge_angles: NDArray[np.float64]
    edges: NDArray[np.float64]
    selectivity: float
    preferred_angle: float
    place: tuple[float, float]


def probes(grid: Grid) -> tuple[Float, Float, Float]:
    """Return pictures of bars and of edges, and where they are.

    Returns
    -------
    bars : ndarray of float32, shape (24, places, cells), in [0, 1]
    edges : ndarray of float32, shape (24, places, cells), in [0, 1]
    places : ndarray of float32, shape (places, 2)
        Row and column, in cells.
    """
    return _probes(grid.rows, grid.columns)


@lru_cache(maxsize=2)
def _probes(rows: int, columns: int) -> tuple[Float, Float, Float]:
    grid = Grid(rows, columns)
    unit = max(grid) / _SIDE
    sides = []
    for each in grid:
        count = max(1, round(each / (_STEP * unit)))
        sides.append((np.arange(count) + 0.5) * each / count)
    places = np.stack(np.meshgrid(*sides, indexing="ij"), -1).reshape(-1, 2).astype(np.float32)
    pictures = []
    for angles, (length, width) in ((BAR_ANGLES, _BAR), (EDGE_ANGLES, _PATCH)):
        rows_of = np.zeros((len(angles), len(places), 7), np.float32)
        rows_of[..., :2] = places
        rows_of[..., 2] = angles[:, None]
        rows_of[..., 3], rows_of[..., 4] = length * unit, width * unit
        shape = "line" if angles is BAR_ANGLES else "edge"  # without a dark side
        drawn = draw(shape, rows_of.reshape(-1, 7), grid)
        pictures.append(drawn.reshape(len(angles), len(places), grid.cells))
    for made in (*pictures, places):
        made.setflags(write=False)
    return pictures[0], pictures[1], places


def orientation_tuning(network: Network, layers: Sequence[int] | None = None) -> tuple[
    tuple[Tuning, ...], ...
]:  # fmt: skip
    """Show bars and edges to a network and tell how each neuron answers.

    Parameters
    ----------
    network : Network
    layers : sequence of int, optional
        By default all.

    Returns
    -------
    tuple of tuple of Tuning
        One tuple a layer that was asked for, one Tuning a neuron.

    Raises
    ------
    ValueError
        If the network has no such layer.
    """
    wanted = tuple(range(1, len(network.layers) + 1)) if layers is None else tuple(layers)
    for each in wanted:
        network.layer(each)
    grid = network.grid
    if min(grid) < _LEAST:
        return tuple(tuple(_none() for _ in range(network.layer(each).size)) for each in wanted)
    bars, edges, places = probes(grid)
    top = max(wanted)
    shown = Network(network.layers[:top]) if top < len(network.layers) else network
    with np.errstate(all="ignore"):
        still = shown.forward(np.zeros(grid.cells, np.float32)).pre_activations
        answers = []
        for pictures in (bars, edges):
            z = shown.forward(pictures.reshape(-1, grid.cells)).pre_activations
            rise = [np.maximum(each - blank, 0) for each, blank in zip(z, still, strict=True)]
            answers.append(
                [
                    np.where(np.isfinite(each), each, 0).reshape(*pictures.shape[:2], -1)
                    for each in rise
                ]
            )
    return tuple(
        tuple(
            _tuning(answers[0][each - 1][..., at], answers[1][each - 1][..., at], places)
            for at in range(network.layer(each).size)
        )
        for each in wanted
    )


def _none() -> Tuning:
    nan = float("nan")
    bars, edges = np.zeros(len(BAR_ANGLES)), np.zeros(len(EDGE_ANGLES))
    return Tuning(BAR_ANGLES, bars, EDGE_ANGLES, edges, nan, nan, (nan, nan))


def _tuning(to_bars: Float, to_edges: Float, places: Float) -> Tuning:
    """Make it of answers of shape (angles, places)."""
    bars, edges = (each.max(axis=1).astype(np.float64) for each in (to_bars, to_edges))
    total = bars.sum()
    if not total > 0:
        return _none()
    twice = np.exp(2j * np.radians(BAR_ANGLES))
    best = int(bars.argmax())
    before, here, after = bars[best - 1], bars[best], bars[(best + 1) % len(bars)]
    bend = before - 2 * here + after
    between = 0.0 if bend == 0 else 0.5 * (before - after) / bend
    angle = (BAR_ANGLES[best] + between * (BAR_ANGLES[1] - BAR_ANGLES[0])) % 180.0
    place = places[int(to_bars[best].argmax())]
    return Tuning(
        BAR_ANGLES, bars, EDGE_ANGLES, edges, float(abs(bars @ twice) / total), float(angle),
        (float(place[0]), float(place[1])),
    )  # fmt: skip
