"""Changes to a network, as data.

An edit is described first and applied later: the same record serves a
preview, undo, saving and replay.  ``edit.apply(network)`` returns a new
network and leaves the old one as it was; ``edit.inverse(network)`` is the edit
that brings `network` back, bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from toolkit.network import Layer, Network, check_activation


class EditError(ValueError):
    """An edit does not fit: its message says which part, what was expected and what came."""


def _whole(value: object, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise EditError(f"{what}: expected a whole number; got {value!r}")
    return int(value)


def _number(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.floating | np.integer):
        raise EditError(f"{what}: expected a number; got {value!r}")
    with np.errstate(over="ignore"):
        try:
            rounded = float(np.float32(value))
        except OverflowError:
            rounded = math.inf
    if not math.isfinite(rounded):
        raise EditError(f"{what}: expected a finite number of float32's range; got {value!r}")
    return rounded


class Edit:
    """What all edits share: :meth:`apply`, :meth:`inverse`, :attr:`name` and a form as a dict."""

    kind: ClassVar[str]

    def apply(self, network: Network) -> Network:
        """Return the edited network.

        Raises
        ------
        EditError
            If the edit does not fit the network.
        """
        raise NotImplementedError

    def inverse(self, network: Network) -> Edit:
        """Return the edit that undoes this one, made for the network as it is before it."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """A few words for a list of steps."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as plain numbers, text, lists and dicts (JSON)."""
        raise NotImplementedError


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
        cells = tuple(_whole(cell, "cells") for cell in self.cells)
        values = tuple(_number(value, "values") for value in self.values)
        if len(cells) != len(values):
            raise EditError(f"values: expected {len(cells)}, one for each cell; got {len(values)}")
        if len(set(cells)) != len(cells):
            raise EditError("cells: expected each once; got one twice")
        object.__setattr__(self, "cells", cells)
        object.__setattr__(self, "values", values)

    @property
    def name(self) -> str:
        """For example ``brush on 1.3, 24 weights``."""
        count = len(self.cells)
        return (
            f"{self.tool} on {self.layer}.{self.neuron}, {count} weight{'s' if count != 1 else ''}"
        )

    def _check(self, network: Network) -> Layer:
        layer = _neuron_layer(network, self.layer, self.neuron)
        if self.cells and not 0 <= min(self.cells) <= max(self.cells) < layer.inputs:
            raise EditError(
                f"cells: expected 0 to {layer.inputs - 1}; "
                f"got {min(self.cells)} to {max(self.cells)}"
            )
        return layer

    def apply(self, network: Network) -> Network:
        """Return the network with the weights set."""
        weights = self._check(network).weights.copy()
        weights[self.neuron, list(self.cells)] = self.values
        weights.setflags(write=False)
        return network.with_layer(self.layer, weights=weights)

    def inverse(self, network: Network) -> Edit:
        """Return the edit that sets the same cells to today's weights."""
        old = self._check(network).weights[self.neuron, list(self.cells)]
        if not np.isfinite(old).all():
            return _restore(network, self.layer)
        return SetWeights(
            self.layer, self.neuron, self.cells, tuple(map(float, old)), f"undo {self.tool}"
        )

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
    """Set one neuron's bias, rounded to float32; finite."""

    layer: int
    neuron: int
    value: float
    kind: ClassVar[str] = "bias"

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", _number(self.value, "bias"))

    @property
    def name(self) -> str:
        """For example ``bias of 1.3 to −2.5``."""
        return f"bias of {self.layer}.{self.neuron} to {self.value:.3g}".replace("-", "−")

    def apply(self, network: Network) -> Network:
        """Return the network with the bias set."""
        biases = _neuron_layer(network, self.layer, self.neuron).biases.copy()
        biases[self.neuron] = self.value
        biases.setflags(write=False)
        return network.with_layer(self.layer, biases=biases)

    def inverse(self, network: Network) -> Edit:
        """Return the edit that sets today's bias."""
        old = float(_neuron_layer(network, self.layer, self.neuron).biases[self.neuron])
        if not math.isfinite(old):
            return _restore(network, self.layer)
        return SetBias(self.layer, self.neuron, old)

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as a dict."""
        return {
            "kind": self.kind,
            "layer": self.layer,
            "neuron": self.neuron,
            "value": self.value,
        }


@dataclass(frozen=True)
class SetActivation(Edit):
    """Change the activation function of a layer."""

    layer: int
    activation: str
    kind: ClassVar[str] = "activation"

    def __post_init__(self) -> None:
        try:
            check_activation(self.activation)
        except ValueError as error:
            raise EditError(str(error)) from error

    @property
    def name(self) -> str:
        """For example ``layer 1 to relu``."""
        return f"layer {self.layer} to {self.activation}"

    def apply(self, network: Network) -> Network:
        """Return the network with the layer's activation changed."""
        _layer(network, self.layer)
        return network.with_layer(self.layer, activation=self.activation)

    def inverse(self, network: Network) -> Edit:
        """Return the edit that sets today's activation."""
        return SetActivation(self.layer, _layer(network, self.layer).activation)

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as a dict."""
        return {"kind": self.kind, "layer": self.layer, "activation": self.activation}


@dataclass(frozen=True, eq=False)
class ReplaceLayers(Edit):
    """Put whole layers in the place of others, as resetting does.

    Parameters
    ----------
    layers : mapping of int to Layer
        By number; each of the same shape as the one it replaces.
    label : str
        The edit's name.
    """

    layers: Mapping[int, Layer]
    label: str
    kind: ClassVar[str] = "layers"

    @property
    def name(self) -> str:
        """The label."""
        return self.label

    def apply(self, network: Network) -> Network:
        """Return the network with the layers replaced."""
        for number, layer in self.layers.items():
            if _layer(network, number).weights.shape != layer.weights.shape:
                raise EditError(
                    f"layer {number}: expected weights of shape "
                    f"{_layer(network, number).weights.shape}; got {layer.weights.shape}"
                )
            network = network.with_layer(
                number, weights=layer.weights, biases=layer.biases, activation=layer.activation
            )
        return network

    def inverse(self, network: Network) -> Edit:
        """Return the edit that puts today's layers back."""
        return ReplaceLayers(
            {number: _layer(network, number) for number in self.layers}, f"undo {self.label}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as a dict."""
        return {
            "kind": self.kind,
            "label": self.label,
            "layers": {
                str(number): {
                    "weights": layer.weights.tolist(),
                    "biases": layer.biases.tolist(),
                    "activation": layer.activation,
                }
                for number, layer in self.layers.items()
            },
        }


def replace_map(
    network: Network, layer: int, neuron: int, values: Iterable[float], tool: str = "replace"
) -> SetWeights:
    """Describe the replacement of all incoming weights of a neuron, of shape (in,)."""
    values = tuple(values)
    expected = _neuron_layer(network, layer, neuron).inputs
    if len(values) != expected:
        raise EditError(f"values: expected {expected}, one for each input; got {len(values)}")
    return SetWeights(layer, neuron, tuple(range(expected)), values, tool)


def reset(network: Network, original: Network, layer: int | None, neuron: int | None) -> Edit:
    """Describe bringing a neuron, a layer (`neuron` None) or all (`layer` None too) back.

    Parameters
    ----------
    network, original : Network
        As it is, and as it should be again; of the same shape.
    layer, neuron : int or None
    """
    if network.sizes != original.sizes:
        raise EditError(f"original: expected sizes {network.sizes}; got {original.sizes}")
    if layer is None:
        numbers = range(1, len(network.layers) + 1)
        return ReplaceLayers({n: original.layer(n) for n in numbers}, "reset all")
    today = _layer(network, layer)
    if neuron is None:
        return ReplaceLayers({layer: original.layer(layer)}, f"reset layer {layer}")
    _neuron_layer(network, layer, neuron)
    weights, biases = today.weights.copy(), today.biases.copy()
    weights[neuron] = original.layer(layer).weights[neuron]
    biases[neuron] = original.layer(layer).biases[neuron]
    changed = Layer(weights, biases, today.activation)
    return ReplaceLayers({layer: changed}, f"reset {layer}.{neuron}")


def from_dict(record: object) -> Edit:
    """Read an edit from its dict form, checking every part.

    Raises
    ------
    EditError
        If a part is missing, unknown or of the wrong kind.
    """
    if not isinstance(record, Mapping):
        raise EditError(f"edit: expected a dict; got {type(record).__name__}")
    try:
        match record.get("kind"):
            case "weights":
                cells, values = record["cells"], record["values"]
                for part, what in ((cells, "cells"), (values, "values")):
                    if not isinstance(part, Sequence) or isinstance(part, str):
                        raise EditError(f"{what}: expected a list; got {type(part).__name__}")
                return SetWeights(
                    _whole(record["layer"], "layer"),
                    _whole(record["neuron"], "neuron"),
                    tuple(cells),
                    tuple(values),
                    str(record.get("tool", "set"))[:40],
                )
            case "bias":
                return SetBias(
                    _whole(record["layer"], "layer"),
                    _whole(record["neuron"], "neuron"),
                    record["value"],
                )
            case "activation":
                return SetActivation(_whole(record["layer"], "layer"), record["activation"])
            case "layers":
                layers = {
                    int(number): Layer(part["weights"], part["biases"], part["activation"])
                    for number, part in record["layers"].items()
                }
                return ReplaceLayers(layers, str(record.get("label", "replace layers"))[:80])
            case other:
                raise EditError(
                    f"kind: expected weights, bias, activation or layers; got {other!r}"
                )
    except KeyError as error:
        raise EditError(
            f"edit of kind {record.get('kind')!r}: {error.args[0]} is missing"
        ) from None
    except (AttributeError, TypeError, ValueError) as error:
        if isinstance(error, EditError):
            raise
        raise EditError(f"edit of kind {record.get('kind')!r}: {error}") from error


def _layer(network: Network, number: int) -> Layer:
    try:
        return network.layer(number)
    except ValueError as error:
        raise EditError(str(error)) from error


def _neuron_layer(network: Network, layer: int, neuron: int) -> Layer:
    try:
        network.check_neuron(layer, neuron)
    except ValueError as error:
        raise EditError(str(error)) from error
    return network.layer(layer)


def _restore(network: Network, layer: int) -> Edit:
    # A loaded network may hold NaN or infinity, which no stroke may set but undo must restore.
    return ReplaceLayers({layer: network.layer(layer)}, f"restore layer {layer}")
