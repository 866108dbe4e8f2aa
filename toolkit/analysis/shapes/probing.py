"""What neurons answer to bars and edges that are shown to the network itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolkit.analysis.shapes.family import Float, places
from toolkit.grid import Grid
from toolkit.network import Network

Double = NDArray[np.float64]

BAR_STEP, EDGE_STEP = 15, 15
"""Degrees between probes."""
PLACES = 10
"""Rows and columns of places at which each bar is shown."""
RIMS = 16
"""Places at which each edge is shown."""
LENGTH, BAR_WIDTH = 12.0, 3.0
"""Cells of a 28×28 map: a bar's length and width."""

_MARGIN = 4.0  # of the outermost places, in cells of a 28×28 map
_LEAST_SIDE = 5


@dataclass(frozen=True)
class Tuning:
    """How strongly a neuron answers to bars and edges, by their angle.

    An answer is what the pre-activation is more than on the blank picture, at the place where it
    is most; 0 where it is nowhere more.

    Attributes
    ----------
    angles : ndarray of float, shape (12,)
        Of the bars, in degrees from lying left to right, counter-clockwise, 0 to 165.
    bars : ndarray of float, shape (12,), 0 or more
        Answers to white bars on black.
    bar_activations : ndarray of float, shape (12,)
        The activations on the same pictures.
    edge_angles : ndarray of float, shape (24,)
        0 to 345; at 0 the bright side is above, at 90 on the left.
    edges : ndarray of float, shape (24,), 0 or more
        Answers to edges: all on one side of a straight rim is white.  (A patch of white has rims on
        its other sides too, by which a neuron for edges could not tell them from bars.)
    selectivity : float, 0 to 1
        For orientation, of the bars: |Σ R(θ) e^{2iθ}| / Σ R(θ), which is 1 − the circular variance
        (Ringach, Shapley & Hawken 2002; Swindale 1998): 0 where all angles are alike, 1 where it
        answers at one alone.  0 where it answers to none.
    preferred_angle : float, 0 to 180, or nan
        Degrees: half the direction of that sum.  nan where it answers to no bar.
    preferred_edge : float, 0 to 360, or nan
        Of edges: the preferred angle, or that and 180°, whichever is nearer to the direction of
        Σ R(θ) e^{iθ} over the edges; nan where it answers to none.
    place : (float, float)
        Row and column, in cells, of the middle of the bar that it answers to most; nan where it
        answers to none.
    """

    angles: Double
    bars: Double
    bar_activations: Double
    edge_angles: Double
    edges: Double
    selectivity: float
    preferred_angle: float
    preferred_edge: float
    place: tuple[float, float]


def orientation_tuning(network: Network, layer: int) -> tuple[Tuning, ...]:
    """Measure the tuning of each neuron of a layer with probe pictures.

    Bars of 12 cells (of 28) at 10×10 places and every 15°, and edges at 16 distances from the
    middle, run through the network as it is, biases and activation functions of the layers below
    included.

    Parameters
    ----------
    network : Network
    layer : int

    Returns
    -------
    tuple of Tuning, one a neuron
        Blank ones where the picture has fewer than 5 rows or columns.

    Raises
    ------
    ValueError
        If the network has no such layer.
    """
    network.layer(layer)
    return tunings(network, [layer])[0]


def tunings(network: Network, layers: Sequence[int]) -> list[tuple[Tuning, ...]]:
    """Measure the tuning of all neurons of some layers, each picture shown once."""
    grid = network.grid
    bar_angles = np.arange(0.0, 180, BAR_STEP)
    edge_angles = np.arange(0.0, 360, EDGE_STEP)
    if min(grid) < _LEAST_SIDE:
        return [
            tuple(_tuning(bar_angles, np.zeros(12), np.zeros(12), edge_angles, np.zeros(24), None)
                  for _ in range(network.layer(number).size))
            for number in layers
        ]  # fmt: skip
    at = _places(grid)
    sizes = [network.layer(number).size for number in layers]
    bars = [np.zeros((len(bar_angles), size)) for size in sizes]
    fires = [np.zeros((len(bar_angles), size)) for size in sizes]
    where = [np.zeros((len(bar_angles), size), np.intp) for size in sizes]
    edges = [np.zeros((len(edge_angles), size)) for size in sizes]
    with np.errstate(all="ignore"):
        blank = network.forward(np.zeros(grid.cells, np.float32))
        base = [blank.pre_activations[number - 1].astype(np.float64) for number in layers]
        for k, angle in enumerate(edge_angles.tolist()):
            kinds = ("bar", "edge") if angle < 180 else ("edge",)
            for kind in kinds:
                where_ = at if kind == "bar" else _rims(angle, grid)
                trace = network.forward(probes(kind, angle, where_, grid))
                for j, number in enumerate(layers):
                    z = trace.pre_activations[number - 1]
                    more = np.nan_to_num(z - base[j], nan=0.0, posinf=0.0, neginf=0.0)
                    if kind == "edge":
                        edges[j][k] = more.max(axis=0)
                        continue
                    where[j][k] = more.argmax(axis=0)
                    bars[j][k] = more.max(axis=0)
                    a = trace.activations[number - 1]
                    fires[j][k] = np.take_along_axis(a, where[j][k][None], axis=0)[0]
    found = []
    for j, size in enumerate(sizes):
        best = where[j][bars[j].argmax(axis=0), np.arange(size)]
        found.append(
            tuple(
                _tuning(bar_angles, bars[j][:, i], fires[j][:, i], edge_angles, edges[j][:, i],
                        (float(at[best[i], 0]), float(at[best[i], 1])))
                for i in range(size)
            )
        )  # fmt: skip
    return found


def _places(grid: Grid) -> Float:
    """Return the places of the probes' middles, shape (100, 2)."""
    margin = _MARGIN * min(grid) / 28
    down = np.linspace(margin, grid.rows - margin, PLACES)
    along = np.linspace(margin, grid.columns - margin, PLACES)
    return np.stack(np.meshgrid(down, along, indexing="ij"), -1).reshape(-1, 2).astype(np.float32)


def _rims(angle: float, grid: Grid) -> Float:
    """Return places on the rims of edges of one angle, from side to side, shape (16, 2)."""
    up, along = np.cos(np.radians(angle)), -np.sin(np.radians(angle))
    # As far as the picture reaches in that direction.
    reach = (abs(up) * grid.rows + abs(along) * grid.columns) / 2 - _MARGIN * min(grid) / 28
    away = np.linspace(-reach, reach, RIMS)
    middle = np.array([grid.rows / 2, grid.columns / 2])
    found: Float = (middle + away[:, None] * np.array([-up, along])).astype(np.float32)
    return found


def probes(kind: str, angle: float, at: Float, grid: Grid) -> Float:
    """Draw probe pictures of one angle.

    Parameters
    ----------
    kind : {"bar", "edge"}
        An edge's place is one on its rim.
    angle : float
        Degrees.
    at : ndarray of float, shape (k, 2)
        Rows and columns, in cells.
    grid : Grid

    Returns
    -------
    ndarray of float32, shape (k, cells), in [0, 1]
        White on black; a rim fades over one cell.
    """
    share = np.float32(min(grid) / 28)
    rows, columns = places(grid)
    turned = np.radians(np.float32(angle))
    cosine, sine = np.cos(turned), np.sin(turned)
    right, up = columns - at[:, 1:], at[:, :1] - rows
    u, v = right * cosine + up * sine, up * cosine - right * sine
    half = np.float32(0.5)
    if kind == "edge":
        side: Float = np.clip(half + v, 0, 1)
        return side
    along = np.clip(half + share * LENGTH / 2 - np.abs(u), 0, 1)
    across = np.clip(half + share * BAR_WIDTH / 2 - np.abs(v), 0, 1)
    result: Float = (along * across).astype(np.float32)
    return result


def _tuning(
    angles: Double,
    bars: Double,
    activations: Double,
    edge_angles: Double,
    edges: Double,
    place: tuple[float, float] | None,
) -> Tuning:
    bars, edges = np.maximum(bars, 0), np.maximum(edges, 0)
    total = float(bars.sum())
    vector = complex((bars * np.exp(2j * np.radians(angles))).sum())
    answers = total > 0 and np.isfinite(total)
    preferred = float(np.degrees(np.angle(vector)) / 2 % 180) if answers else np.nan
    # Bars are short and say the axis better; which side is bright, edges alone say.
    towards = complex((edges * np.exp(1j * np.radians(edge_angles))).sum())
    edge = np.nan
    if abs(towards) > 0 and np.isfinite(towards):
        edge = float(np.degrees(np.angle(towards)) % 360)
        if answers:
            turned = np.cos(np.radians(edge - preferred)) < 0
            edge = (preferred + 180 * bool(turned)) % 360
    return Tuning(
        angles, bars, activations, edge_angles, edges,
        min(abs(vector) / total, 1.0) if answers else 0.0,
        preferred, edge, place if answers and place is not None else (np.nan, np.nan),
    )  # fmt: skip
