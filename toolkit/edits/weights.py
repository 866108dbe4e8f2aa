"""Edits that set weights and biases to given values."""

from __future__ import annotations

import math
from collections.abc import Iterable
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
    layer_with_cells,
    left_by,
    neurons_layer,
    one_each,
    single,
    text,
    whole,
)
from toolkit.edits.layers import restore
from toolkit.edits.marks import NO_WEIGHTS, Touched, cells_of
from toolkit.network import Float, Network


@dataclass(frozen=True)
class SetWeights(Edit):
    """Set some incoming weights of one neuron.

    Parameters
    ----------
    layer, neuron : int
    cells : sequence of int
        Indices of the weights, each once; for a 28×28 map, ``28 * row + column``.
    values : sequence of float
        The new weights, absolute, rounded to float32; finite.
    tool : str
        What made it ("brush", "line", ...), for its name.
    """

    layer: int
    neuron: int
    cells: tuple[int, ...]
    values: tuple[float, ...]
    tool: str = "set"
    kind: ClassVar[str] = "weights"

    def __post_init__(self) -> None:
        object.__setattr__(self, "layer", whole(self.layer, "layer"))
        object.__setattr__(self, "neuron", whole(self.neuron, "neuron"))
        cells = cells_once(self.cells)
        values = tuple(single(value, "values") for value in one_each(self.values, "values", cells))
        object.__setattr__(self, "cells", cells)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "tool", text(self.tool, "tool", LONGEST_TOOL))

    @property
    def name(self) -> str:
        """For example ``brush on 1.3, 24 weights to 1.2``, or ``set on 2.3, from 1.5 to 0.4``."""
        alike = len(set(self.values)) == 1
        done = ("set", self.values[0]) if alike else None
        return counted(self.tool, self.layer, self.neuron, self.cells, done)

    def apply(self, network: Network) -> Network:
        """Return the network with the weights set."""
        layer_with_cells(network, self.layer, self.neuron, self.cells)
        values = np.array(self.values, np.float32)
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

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as a dict."""
        return {
            "kind": self.kind,
            "layer": self.layer,
            "neuron": self.neuron,
            "cells": list(self.cells),
            "values": list(self.values),
            "tool": self.tool,
        }


@dataclass(frozen=True)
class SetBias(Edit):
    """Set one neuron's bias, rounded to float32; finite; `tool` is what did it."""

    layer: int
    neuron: int
    value: float
    tool: str = "set"
    kind: ClassVar[str] = "bias"

    def __post_init__(self) -> None:
        object.__setattr__(self, "layer", whole(self.layer, "layer"))
        object.__setattr__(self, "neuron", whole(self.neuron, "neuron"))
        object.__setattr__(self, "value", single(self.value, "bias"))
        object.__setattr__(self, "tool", text(self.tool, "tool", LONGEST_TOOL))

    @property
    def name(self) -> str:
        """For example ``bias of 1.3 to −2.5``."""
        return f"bias of {self.layer}.{self.neuron} to {self.value:.3g}".replace("-", "−")

    def apply(self, network: Network) -> Network:
        """Return the network with the bias set."""
        biases = neurons_layer(network, self.layer, self.neuron).biases.copy()
        biases[self.neuron] = self.value
        biases.setflags(write=False)
        return network.with_layer(self.layer, biases=biases)

    def inverse(self, network: Network) -> Edit:
        """Return the edit that sets today's bias."""
        old = float(neurons_layer(network, self.layer, self.neuron).biases[self.neuron])
        if not math.isfinite(old):
            return restore(network, self.layer)
        return SetBias(self.layer, self.neuron, old)

    def touched(self, network: Network) -> Touched:
        """Return the bias."""
        neurons_layer(network, self.layer, self.neuron)
        return {self.layer: (NO_WEIGHTS, np.array([self.neuron], np.intp))}

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as a dict."""
        return {
            "kind": self.kind,
            "layer": self.layer,
            "neuron": self.neuron,
            "value": self.value,
            **({"tool": self.tool} if self.tool != "set" else {}),
        }

    @property
    def leaves(self) -> str:
        """What the bias is then: painted, unless it was pasted or the coach's."""
        return left_by(self.tool)


def replace_map(
    network: Network, layer: int, neuron: int, values: Iterable[float], tool: str = "replace"
) -> SetWeights:
    """Describe the replacement of all incoming weights of a neuron, of shape (in,)."""
    values = tuple(values)
    expected = neurons_layer(network, layer, neuron).inputs
    if len(values) != expected:
        raise EditError(f"values: expected {expected}, one for each input; got {len(values)}")
    return SetWeights(layer, neuron, tuple(range(expected)), values, tool)


def with_cells(
    network: Network,
    layer: int,
    neuron: int,
    cells: tuple[int, ...] | NDArray[np.intp],
    values: Float,
) -> Network:
    """Return the network with some weights of a neuron replaced by values of shape (cells,)."""
    weights = network.layer(layer).weights.copy()
    weights[neuron, np.asarray(cells, np.intp)] = values
    weights.setflags(write=False)
    return network.with_layer(layer, weights=weights)


def bring_back(
    network: Network, layer: int, neuron: int, cells: tuple[int, ...], tool: str
) -> Edit:
    """Return the edit that sets the cells to today's weights, bit for bit."""
    old = layer_with_cells(network, layer, neuron, cells).weights[neuron, list(cells)]
    if not np.isfinite(old).all():
        return restore(network, layer)
    return SetWeights(layer, neuron, cells, tuple(old.tolist()), f"undo {tool}")
