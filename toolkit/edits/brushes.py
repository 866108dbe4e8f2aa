"""Edits that change weights by what they are: a brush's stroke, smoothing.

The page's own code does the same arithmetic, in the same order: double
precision, each operation rounded by itself, then one rounding to float32.  So
what the page shows during a stroke and what is kept after it are equal bit
for bit, also where the stroke is laid on weights that the page had not seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from toolkit.edits.base import (
    LONGEST_TOOL,
    Edit,
    EditError,
    cells_once,
    counted,
    double,
    layer_with_cells,
    left_by,
    one_each,
    text,
    whole,
)
from toolkit.edits.marks import (
    PROVENANCES,
    Marks,
    Touched,
    bits,
    cells_of,
    counting,
    united,
)
from toolkit.edits.weights import bring_back, with_cells
from toolkit.network import Float, Network


@dataclass(frozen=True)
class Stroke(Edit):
    """Change some incoming weights of one neuron: ``new = keep * old + put``.

    Parameters
    ----------
    layer, neuron : int
    cells : sequence of int
        Indices of the weights, each once.
    keep, put : sequence of float, one for each cell
        Finite.  ``keep`` 1 adds, ``keep`` 0 sets.
    tool : str
        What made it, for its name.

    Notes
    -----
    An old weight that is not finite counts as 0.  Where the result, rounded to float32, is not
    finite, the cell keeps its old weight, or that 0.
    """

    layer: int
    neuron: int
    cells: tuple[int, ...]
    keep: tuple[float, ...]
    put: tuple[float, ...]
    tool: str = "brush"
    kind: ClassVar[str] = "stroke"

    def __post_init__(self) -> None:
        object.__setattr__(self, "layer", whole(self.layer, "layer"))
        object.__setattr__(self, "neuron", whole(self.neuron, "neuron"))
        cells = cells_once(self.cells)
        object.__setattr__(self, "cells", cells)
        object.__setattr__(self, "keep", _doubles(self.keep, "keep", cells))
        object.__setattr__(self, "put", _doubles(self.put, "put", cells))
        object.__setattr__(self, "tool", text(self.tool, "tool", LONGEST_TOOL))

    @property
    def name(self) -> str:
        """For example ``brush on 1.3, 24 weights``, or ``key on 2.3, from 1.5 +0.1``."""
        keep, put = set(self.keep), set(self.put)
        alike = len(put) == 1 and keep in ({0.0}, {1.0})
        done = ("add" if keep == {1.0} else "set", self.put[0]) if alike else None
        return counted(self.tool, self.layer, self.neuron, self.cells, done)

    def apply(self, network: Network) -> Network:
        """Return the network with the stroke laid on."""
        layer = layer_with_cells(network, self.layer, self.neuron, self.cells)
        old = finite(layer.weights[self.neuron, list(self.cells)])
        with np.errstate(over="ignore", invalid="ignore"):
            new = np.array(self.keep) * old
            new += np.array(self.put)
        values = rounded(new, old)
        return with_cells(network, self.layer, self.neuron, self.cells, values)

    def inverse(self, network: Network) -> Edit:
        """Return the edit that sets the same cells to today's weights."""
        return bring_back(network, self.layer, self.neuron, self.cells, self.tool)

    def touched(self, network: Network) -> Touched:
        """Return the cells."""
        layer_with_cells(network, self.layer, self.neuron, self.cells)
        return cells_of(self.layer, self.neuron, self.cells)

    @property
    def leaves(self) -> str:
        """What the cells are then: painted, or coached where the coach did it."""
        return left_by(self.tool)

    @property
    def mixed(self) -> NDArray[np.bool_]:
        """The cells of which something is kept."""
        kept: NDArray[np.bool_] = np.array(self.keep) != 0
        return kept

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as a dict; one number stands for a list of the same ones."""
        return {
            "kind": self.kind,
            "layer": self.layer,
            "neuron": self.neuron,
            "cells": list(self.cells),
            "keep": _short(self.keep),
            "put": _short(self.put),
            "tool": self.tool,
        }


@dataclass(frozen=True)
class Smooth(Edit):
    """Draw some incoming weights of one neuron towards the mean around them.

    ``new = old + amount * (mean - old)``, the mean being that of the up to 3×3 weights around
    the cell and of the cell itself, all as they are before the edit.

    Parameters
    ----------
    layer, neuron : int
    cells : sequence of int
        Indices of the weights, each once.
    amounts : sequence of float, one for each cell
        0 leaves the cell, 1 makes it the mean.
    columns : int
        Of the grid in which the weights are neighbours; what lies outside it does not count.
    tool : str
        What made it, for its name.

    Notes
    -----
    An old weight that is not finite counts as 0, but not where it is a neighbour.  Where the
    result, rounded to float32, is not finite, the cell keeps its old weight, or that 0.
    """

    layer: int
    neuron: int
    cells: tuple[int, ...]
    amounts: tuple[float, ...]
    columns: int
    tool: str = "smooth"
    kind: ClassVar[str] = "smooth"

    def __post_init__(self) -> None:
        object.__setattr__(self, "layer", whole(self.layer, "layer"))
        object.__setattr__(self, "neuron", whole(self.neuron, "neuron"))
        cells = cells_once(self.cells)
        object.__setattr__(self, "cells", cells)
        object.__setattr__(self, "amounts", _doubles(self.amounts, "amounts", cells))
        object.__setattr__(self, "columns", whole(self.columns, "columns"))
        object.__setattr__(self, "tool", text(self.tool, "tool", LONGEST_TOOL))

    @property
    def name(self) -> str:
        """For example ``smooth on 1.3, 24 weights``."""
        return counted(self.tool, self.layer, self.neuron, self.cells)

    def apply(self, network: Network) -> Network:
        """Return the network with the cells smoothed."""
        layer = layer_with_cells(network, self.layer, self.neuron, self.cells)
        if not 1 <= self.columns <= layer.inputs:
            raise EditError(f"columns: expected 1 to {layer.inputs}; got {self.columns}")
        row = layer.weights[self.neuron]
        cells = np.array(self.cells, np.intp)
        old = finite(row[cells])
        with np.errstate(over="ignore", invalid="ignore"):
            difference = _means(row, cells, self.columns) - old
            difference *= np.array(self.amounts)
            new = old + difference
        values = rounded(new, old)
        return with_cells(network, self.layer, self.neuron, self.cells, values)

    def inverse(self, network: Network) -> Edit:
        """Return the edit that sets the same cells to today's weights."""
        return bring_back(network, self.layer, self.neuron, self.cells, self.tool)

    def touched(self, network: Network) -> Touched:
        """Return the cells."""
        layer_with_cells(network, self.layer, self.neuron, self.cells)
        return cells_of(self.layer, self.neuron, self.cells)

    @property
    def leaves(self) -> str:
        """What the cells are then: painted, or coached where the coach did it."""
        return left_by(self.tool)

    def mark(self, marks: Marks, network: Network) -> None:
        """Note what the cells are then, by all that flows into each."""
        where, _ = self.touched(network)[self.layer]
        cells, row = np.array(self.cells, np.intp), network.layer(self.layer).weights[self.neuron]
        then = marks.weights[self.layer - 1][self.neuron]
        found = np.full(len(cells), PROVENANCES.index(self.leaves), np.uint8)
        for kind in np.unique(then[counting(row)]):
            part = ((then == kind) & counting(row)).astype(np.float64)
            flows = (_means(part, cells, self.columns) > 0) & (np.array(self.amounts) != 0)
            found = united(found, True, kind, flows)
        new = self.apply(network).layer(self.layer).weights[where]
        then[cells] = np.where(bits(row[cells]) == bits(new), then[cells], found)

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as a dict; one number stands for a list of the same ones."""
        return {
            "kind": self.kind,
            "layer": self.layer,
            "neuron": self.neuron,
            "cells": list(self.cells),
            "amounts": _short(self.amounts),
            "columns": self.columns,
            "tool": self.tool,
        }


def spread(value: object, what: str, cells: object) -> object:
    """Return one number as a list of it, one for each cell; lists as they are."""
    if isinstance(value, int | float) and isinstance(cells, list | tuple):
        return (double(value, what),) * len(cells)
    return value


def _doubles(value: object, what: str, cells: tuple[int, ...]) -> tuple[float, ...]:
    return tuple(double(number, what) for number in one_each(value, what, cells))


def _short(values: tuple[float, ...]) -> list[float] | float:
    if not values:
        return []
    first = values[0]
    # Zero and minus zero are equal, and not the same.
    same = all(
        value == first and math.copysign(1, value) == math.copysign(1, first) for value in values
    )
    return first if same else list(values)


def finite(weights: Float) -> NDArray[np.float64]:
    """Return weights in double precision, those that are not finite as 0."""
    with np.errstate(invalid="ignore"):  # some of the numbers that are none are signals
        old = weights.astype(np.float64)
    old[~np.isfinite(old)] = 0
    return old


def rounded(new: NDArray[np.float64], old: NDArray[np.float64]) -> Float:
    """Return new weights as float32, the old ones where they are not finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = new.astype(np.float32)
    return np.where(np.isfinite(rounded), rounded, old.astype(np.float32))


def _means(row: Float, cells: NDArray[np.intp], columns: int) -> NDArray[np.float64]:
    """Return for each cell the mean of the weights around it, summed row by row."""
    rows = -(-len(row) // columns)
    cell_row, cell_column = np.divmod(cells, columns)
    sums, counts = np.zeros(len(cells)), np.zeros(len(cells))
    for r in (cell_row - 1, cell_row, cell_row + 1):
        for c in (cell_column - 1, cell_column, cell_column + 1):
            there = r * columns + c
            inside = (r >= 0) & (r < rows) & (c >= 0) & (c < columns) & (there < len(row))
            sums[inside] += row[there[inside]]
            counts += inside
    return sums / counts
