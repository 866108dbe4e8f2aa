"""Moves of a neuron's whole map: turned, shifted, scaled, blurred and so on.

Double precision, each operation rounded by itself, then one rounding to float32; the page's
``core/moves.js`` does the same in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from toolkit.edits.base import Edit, EditError, double, neurons_layer, sequence, whole
from toolkit.edits.brushes import finite, rounded
from toolkit.edits.marks import Marks, Touched, flowing
from toolkit.edits.neurons import SetNeurons, with_rows
from toolkit.grid import Grid
from toolkit.network import Float, Layer, Network
from toolkit.shown import shown
from toolkit.stamps.exact import Double, cosine_sine, exponential
from toolkit.stamps.stamp import plain

AXES = ("left-right", "top-bottom")
MEASURES = ("largest", "sum", "length")
SIGNS = ("both", "positive", "negative")

_Check: TypeAlias = Callable[[object, str], Any]


def _between(low: float, high: float) -> _Check:
    def check(value: object, what: str) -> float:
        found = double(value, what)
        if not low <= found <= high:
            raise EditError(f"{what}: expected a number from {low:g} to {high:g}; got {found:g}")
        return found + 0.0

    return check


def _one_of(names: tuple[str, ...]) -> _Check:
    def check(value: object, what: str) -> str:
        if not isinstance(value, str) or value not in names:
            raise EditError(f"{what}: expected one of {', '.join(names)}; got {shown(value)}")
        return value

    return check


def _flag(value: object, what: str) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise EditError(f"{what}: expected true or false; got {shown(value)}")
    return bool(value)


def _cells(value: object, what: str) -> tuple[int, ...]:
    cells = tuple(whole(cell, what) for cell in sequence(value, what))
    if len(set(cells)) != len(cells) or any(cell < 0 for cell in cells):
        raise EditError(f"{what}: expected numbers of cells, each once; got {shown(value)}")
    return cells


def _region(value: object, what: str) -> tuple[int, int, int, int]:
    parts = tuple(whole(part, what) for part in sequence(value, what))
    if len(parts) != 4 or not (0 <= parts[0] < parts[2] and 0 <= parts[1] < parts[3]):
        raise EditError(
            f"{what}: expected first row, first column, and row and column after the last; "
            f"got {shown(value)}"
        )
    return parts


_WITH_BIAS: tuple[_Check, Any] = (_flag, True)
_RADIUS: tuple[_Check, Any] = (_between(0.1, 50), 1.0)

MOVES: Mapping[str, Mapping[str, tuple[_Check, Any]]] = MappingProxyType(
    {
        "flip": {"axis": (_one_of(AXES), "left-right")},
        "rotate": {"angle": (_between(-3600, 3600), 90.0)},
        "shift": {"rows": (_between(-1000, 1000), 0.0), "columns": (_between(-1000, 1000), 0.0)},
        "scale": {"factor": (_between(-1e6, 1e6), 1.0), "with_bias": _WITH_BIAS},
        "normalise": {
            "size": (_between(0, 1e6), 1.0),
            "measure": (_one_of(MEASURES), "largest"),
            "with_bias": _WITH_BIAS,
        },
        "blur": {"radius": _RADIUS},
        "sharpen": {"radius": _RADIUS, "amount": (_between(0, 100), 1.0)},
        "threshold": {"level": (_between(0, 1e6), 0.1), "keep": (_one_of(SIGNS), "both")},
        "invert": {"with_bias": _WITH_BIAS},
        "mask": {"cells": (_cells, None), "region": (_region, None), "outside": (_flag, True)},
    }
)
"""The moves, and the numbers that each has: how one is checked, and what it is where not given."""

_FLOWING = ("rotate", "shift", "blur", "sharpen")

ANYWHERE = ("scale", "normalise", "threshold", "invert")
"""Moves that need no picture: they fit later layers too."""

_NAMES = {name for numbers in MOVES.values() for name in numbers}


@dataclass(frozen=True, init=False)
class Move(Edit):
    """Move the whole map of one neuron.

    Parameters
    ----------
    layer, neuron : int
    move : str
        ``flip`` along an ``axis``, "left-right" or "top-bottom".

        ``rotate`` about the map's middle, by ``angle`` degrees counter-clockwise.

        ``shift`` by ``rows`` downwards and ``columns`` to the right, -1000 to 1000, with
        fractions.

        ``scale`` all weights by a ``factor``, -1e6 to 1e6; ``with_bias`` the bias too, so that a
        positive factor leaves on which digits the neuron fires.

        ``normalise``: scale so that the weights' ``measure`` is ``size``, 0 to 1e6; the measure is
        "largest" size, "sum" of sizes, or "length", the root of the sum of squares.  With
        ``with_bias`` the bias too.

        ``blur``: each weight becomes the mean of those around, weighted as a Gaussian of standard
        deviation ``radius``, 0.1 to 50 cells; what lies off the map does not count.

        ``sharpen``: the opposite, ``old + amount * (old - blurred)``, ``amount`` 0 to 100.

        ``threshold``: weights smaller than ``level`` become 0, and with ``keep`` "positive" or
        "negative" all of the other sign.

        ``invert`` every weight's sign; ``with_bias`` the bias's too: it then fires exactly when
        it did not.

        ``mask``: what is outside ``cells``, or outside a ``region`` (first row, first column, row
        and column after the last), becomes 0; with ``outside`` false what is inside.
    **numbers
        As said above; what is not given is as in :data:`MOVES`.

    Notes
    -----
    An old weight that is not finite counts as 0 where it is reckoned with; a flip or a mask leaves
    it as it is.  Where the result, rounded to float32, is not finite, the weight stays.

    Examples
    --------
    >>> from toolkit.edits import Move
    >>> net = Network.blank((4, 1)).with_layer(1, weights=[[1, 2, 3, 4]])
    >>> Move(1, 0, "flip").apply(net).layer(1).weights.tolist()  # 2×2
    [[2.0, 1.0, 4.0, 3.0]]
    >>> Move(1, 0, "rotate", angle=30).name
    'rotate 1.0 by 30°'
    """

    layer: int
    neuron: int
    move: str
    numbers: tuple[tuple[str, Any], ...]
    kind: ClassVar[str] = "move"

    def __init__(self, layer: int, neuron: int, move: str, **numbers: Any) -> None:
        object.__setattr__(self, "layer", whole(layer, "layer"))
        object.__setattr__(self, "neuron", whole(neuron, "neuron"))
        if not isinstance(move, str) or move not in MOVES:
            raise EditError(f"move: expected one of {', '.join(MOVES)}; got {shown(move)}")
        object.__setattr__(self, "move", move)
        for name in numbers:
            if name not in MOVES[move]:
                raise EditError(f"{name}: a move of kind {move} has none")
        found = []
        for name, (check, usual) in MOVES[move].items():
            value = usual if numbers.get(name) is None else numbers[name]
            if value is not None:
                found.append((name, check(value, name)))
        object.__setattr__(self, "numbers", tuple(found))
        if move == "mask" and ("cells" in dict(found)) == ("region" in dict(found)):
            raise EditError("mask: expected either cells or a region")

    def number(self, name: str) -> Any:
        """Return one of its numbers, None where it has none of that name."""
        return dict(self.numbers).get(name)

    @property
    def name(self) -> str:
        """For example ``rotate 1.3 by 30°``."""
        where = f"{self.layer}.{self.neuron}"
        given = dict(self.numbers)
        bias = ", with its bias" if given.get("with_bias") else ""
        match self.move:
            case "flip":
                text = f"flip {where} {self.number('axis').replace('-', '–')}"
            case "rotate":
                text = f"rotate {where} by {self.number('angle'):.4g}°"
            case "shift":
                text = f"shift {where} by {given['rows']:.3g} rows, {given['columns']:.3g} columns"
            case "scale":
                text = f"scale {where} by {given['factor']:.3g}{bias}"
            case "normalise":
                text = f"normalise {where}: {given['measure']} {given['size']:.3g}{bias}"
            case "blur":
                text = f"blur {where}, radius {given['radius']:.3g}"
            case "sharpen":
                text = f"sharpen {where} by {given['amount']:.3g}, radius {given['radius']:.3g}"
            case "threshold":
                kept = "" if given["keep"] == "both" else f", {given['keep']} ones kept"
                text = f"threshold {where} at {given['level']:.3g}{kept}"
            case "invert":
                text = f"invert {where}{bias}"
            case _:
                verb, region = "keep" if given["outside"] else "erase", given.get("region")
                if region is None:
                    count = len(given["cells"])
                    part = f"{count} cell{'s' if count != 1 else ''}"
                else:
                    top, left, bottom, right = region
                    part = f"rows {top} to {bottom - 1}, columns {left} to {right - 1}"
                text = f"{verb} {part} of {where}"
        return text.replace("-", "−")

    def apply(self, network: Network) -> Network:
        """Return the network with the neuron's map moved."""
        layer = self._fit(network)
        row, bias = self._moved(layer.weights[self.neuron], layer.biases[self.neuron], layer.grid)
        weights, biases = layer.weights.copy(), layer.biases.copy()
        weights[self.neuron], biases[self.neuron] = row, bias
        return with_rows(network, self.layer, weights, biases)

    def inverse(self, network: Network) -> Edit:
        """Return the edit that puts the neuron back as it is today."""
        self._fit(network)
        return SetNeurons.of(network, self.layer, (self.neuron,), f"undo {self.name}")

    def touched(self, network: Network) -> Touched:
        """Return the weights and the bias whose bits it changes."""
        before, after = self._fit(network), self.apply(network).layer(self.layer)
        weights = np.zeros(before.weights.shape, bool)
        weights[self.neuron] = _differ(before.weights[self.neuron], after.weights[self.neuron])
        return {self.layer: (weights, _differ(before.biases, after.biases))}

    def mark(self, marks: Marks, network: Network) -> None:
        """Let every weight stay what it is: a moved stamp is still stamped.

        Where weights flow into others, these are what all are that flow into them.
        """
        row = marks.weights[self.layer - 1][self.neuron]
        if self.move == "flip":
            row[:] = row[_flipped(self._fit(network).grid, self.number("axis"))]
        elif self.move in _FLOWING:
            layer = self._fit(network)
            found = flowing(row, layer.weights[self.neuron], lambda part: self._flow(part, layer))
            # A map that is turned or shifted goes along whole.
            changed = self.touched(network)[self.layer][0][self.neuron]
            row[:] = np.where(changed | (self.move in ("rotate", "shift")), found, row)

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as a dict."""
        numbers = {name: _plain(value) for name, value in self.numbers}
        return {
            "kind": self.kind,
            "layer": self.layer,
            "neuron": self.neuron,
            "move": self.move,
            **numbers,
        }

    def _fit(self, network: Network) -> Layer:
        layer = neurons_layer(network, self.layer, self.neuron)
        if self.layer != 1 and self.move not in ANYWHERE:
            raise EditError(
                f"move: the weights of layer {self.layer} make no picture, so that one may "
                f"{', '.join(ANYWHERE)} them; got {self.move}"
            )
        cells, region = self.number("cells"), self.number("region")
        if cells and max(cells) >= layer.inputs:
            raise EditError(f"cells: expected 0 to {layer.inputs - 1}; got {max(cells)}")
        if region and (region[2] > layer.grid.rows or region[3] > layer.grid.columns):
            raise EditError(f"region: expected within {layer.grid}; got {shown(region)}")
        return layer

    def _moved(self, row: Float, bias: np.float32, grid: Grid) -> tuple[Float, np.float32]:
        if self.move == "flip":
            return row[_flipped(grid, self.number("axis"))], bias
        old = finite(row)
        match self.move:
            case "rotate" | "shift":
                new = self._placed(old, grid)
            case "scale" | "normalise":
                factor = self.number("factor")
                if factor is None:
                    today = _measured(old, self.number("measure"))
                    factor = self.number("size") / today if today > 0 else 1.0
                new = old * factor + 0.0
                bias = self._with(bias, factor)
            case "blur":
                new = _blurred(old, grid, self.number("radius"))
            case "sharpen":
                new = old + self.number("amount") * (
                    old - _blurred(old, grid, self.number("radius"))
                )
            case "threshold":
                keep = self.number("keep")
                good = np.abs(old) >= self.number("level")
                good &= (
                    (old > 0) if keep == "positive" else (old < 0) if keep == "negative" else True
                )
                new = np.where(good, old, 0.0)
            case "invert":
                new = -old + 0.0
                bias = self._with(bias, -1.0)
            case _:
                return np.where(
                    self._inside(grid) == self.number("outside"), row, np.float32(0)
                ), bias
        return rounded(new, old), bias

    def _flow(self, part: Double, layer: Layer) -> Double:
        """Return where something is of a part of the map, 1 there and 0 elsewhere, once moved."""
        if self.move in ("blur", "sharpen"):
            spread = _blurred(part, layer.grid, self.number("radius"))
            return spread if self.move == "blur" else np.maximum(part, spread)
        return self._placed(part, layer.grid)

    def _placed(self, old: Double, grid: Grid) -> Double:
        if self.move == "rotate":
            return _rotated(old, grid, self.number("angle"))
        rows, columns = _places(grid)
        return _sampled(old, grid, rows - self.number("rows"), columns - self.number("columns"))

    def _with(self, bias: np.float32, factor: float) -> np.float32:
        if not self.number("with_bias"):
            return bias
        old = finite(np.array([bias]))
        scaled: np.float32 = rounded(old * factor + 0.0, old)[0]
        return scaled

    def _inside(self, grid: Grid) -> NDArray[np.bool_]:
        inside = np.zeros((grid.rows, grid.columns), bool)
        region = self.number("region")
        if region is None:
            inside.ravel()[list(self.number("cells"))] = True
        else:
            inside[region[0] : region[2], region[1] : region[3]] = True
        return inside.ravel()


def move_of(record: Mapping[Any, Any]) -> Move:
    """Read a :class:`Move` from its dict form."""
    numbers = {name: record[name] for name in _NAMES if record.get(name) is not None}
    return Move(record["layer"], record["neuron"], record["move"], **numbers)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return plain(value)
    return list(value) if isinstance(value, tuple) else value


def _differ(one: Float, other: Float) -> NDArray[np.bool_]:
    different: NDArray[np.bool_] = one.view(np.uint32) != other.view(np.uint32)
    return different


def _flipped(grid: Grid, axis: str) -> NDArray[np.intp]:
    cells = np.arange(grid.cells).reshape(grid.rows, grid.columns)
    return (cells[:, ::-1] if axis == "left-right" else cells[::-1]).ravel()


def _places(grid: Grid) -> tuple[Double, Double]:
    rows, columns = np.divmod(np.arange(grid.cells), grid.columns)
    return rows.astype(np.float64), columns.astype(np.float64)


def _rotated(old: Double, grid: Grid, angle: float) -> Double:
    cosine, sine = cosine_sine(np.array([angle]))
    rows, columns = _places(grid)
    middle, centre = grid.rows / 2.0, grid.columns / 2.0
    right, up = columns + 0.5 - centre, middle - (rows + 0.5)
    there_right, there_up = right * cosine + up * sine, up * cosine - right * sine
    return _sampled(old, grid, middle - there_up - 0.5, centre + there_right - 0.5)


def _sampled(old: Double, grid: Grid, rows: Double, columns: Double) -> Double:
    """Return the weights at places between cells, from the four around each; 0 off the map."""
    top, left = np.floor(rows), np.floor(columns)
    down, right = rows - top, columns - left

    def at(r: Double, c: Double) -> Double:
        inside = (r >= 0) & (r < grid.rows) & (c >= 0) & (c < grid.columns)
        where = np.where(inside, r * grid.columns + c, 0.0).astype(np.intp)
        return np.where(inside, old[where], 0.0)

    upper = at(top, left) * (1.0 - right) + at(top, left + 1.0) * right
    lower = at(top + 1.0, left) * (1.0 - right) + at(top + 1.0, left + 1.0) * right
    return upper * (1.0 - down) + lower * down + 0.0


def _measured(old: Double, measure: str) -> float:
    sizes = np.abs(old)
    if measure == "largest":
        return float(sizes.max())
    # One after another: how np.sum groups its terms is its own affair.
    if measure == "sum":
        return float(np.add.accumulate(sizes)[-1])
    return float(np.sqrt(np.add.accumulate(sizes * sizes)[-1]))


def _blurred(old: Double, grid: Grid, radius: float) -> Double:
    picture = old.reshape(grid.rows, grid.columns)
    return _along(_along(picture, radius).T, radius).T.ravel()


def _along(picture: Double, radius: float) -> Double:
    """Return a picture blurred down its columns."""
    rows = len(picture)
    reach = min(int(np.ceil(3.0 * radius)), rows - 1)
    total, weight = np.zeros_like(picture), np.zeros((rows, 1))
    steps = range(-reach, reach + 1)
    kernels = exponential(np.array([-(step * step) / (2.0 * radius * radius) for step in steps]))
    for step, kernel in zip(steps, kernels, strict=True):
        here = slice(max(0, -step), min(rows, rows - step))
        there = slice(max(0, step), min(rows, rows + step))
        total[here] += kernel * picture[there]
        weight[here] += kernel
    return total / weight
