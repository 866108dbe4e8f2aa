"""Edits of whole layers: another activation function, other weights and biases at once."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from toolkit.edits.base import Edit, EditError, layer_of, neurons_layer, text, whole
from toolkit.edits.marks import Touched
from toolkit.network import Float, Layer, Network, check_activation
from toolkit.neuronnames import names_of, names_told
from toolkit.shown import shown

_LONGEST_LABEL = 80
_LONGEST_BY = 20


@dataclass(frozen=True)
class SetActivation(Edit):
    """Change the activation function of a layer."""

    layer: int
    activation: str
    kind: ClassVar[str] = "activation"

    def __post_init__(self) -> None:
        object.__setattr__(self, "layer", whole(self.layer, "layer"))
        try:
            object.__setattr__(self, "activation", check_activation(self.activation))
        except ValueError as error:
            raise EditError(str(error)) from error

    @property
    def name(self) -> str:
        """For example ``layer 1 to relu``."""
        return f"layer {self.layer} to {self.activation}"

    def apply(self, network: Network) -> Network:
        """Return the network with the layer's activation changed."""
        layer_of(network, self.layer)
        return network.with_layer(self.layer, activation=self.activation)

    def inverse(self, network: Network) -> Edit:
        """Return the edit that sets today's activation."""
        return SetActivation(self.layer, layer_of(network, self.layer).activation)

    def touched(self, network: Network) -> Touched:
        """Return nothing: weights and biases stay what they are."""
        return {}

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
        The edit's name, of at most 80 characters.
    by : str
        What did it, of at most 20 characters: ``"fit"``, ``"reset"``, ``"restore"``; empty where
        nobody said.
    names : mapping of (int, int) to str, optional
        What neurons are called then, by (layer, index), all that have a name; by default what they
        are called already.

    Notes
    -----
    As a dict the weights and biases are ``{"float32": base64 of the little-endian bytes, "shape":
    [...]}``: short, and every bit of a NaN survives.  Lists of numbers are read as well.
    """

    layers: Mapping[int, Layer]
    label: str
    by: str = ""
    names: Mapping[tuple[int, int], str] | None = None
    kind: ClassVar[str] = "layers"

    def __post_init__(self) -> None:
        layers = {whole(number, "layer"): layer for number, layer in self.layers.items()}
        object.__setattr__(self, "layers", layers)
        object.__setattr__(self, "label", text(self.label, "label", _LONGEST_LABEL))
        object.__setattr__(self, "by", text(self.by, "by", _LONGEST_BY))
        if self.names is not None:
            object.__setattr__(self, "names", dict(self.names))

    @property
    def name(self) -> str:
        """The label."""
        return self.label

    def apply(self, network: Network) -> Network:
        """Return the network with the layers replaced."""
        for number, layer in self.layers.items():
            expected = layer_of(network, number).weights.shape
            if expected != layer.weights.shape:
                raise EditError(
                    f"layer {number}: expected weights of shape {expected}; "
                    f"got {layer.weights.shape}"
                )
            network = network.with_layer(
                number, weights=layer.weights, biases=layer.biases, activation=layer.activation
            )
        if self.names is None or self.names == network.names:
            return network
        try:
            return replace(network, names=self.names)
        except ValueError as error:
            raise EditError(str(error)) from error

    def inverse(self, network: Network) -> Edit:
        """Return the edit that puts today's layers back."""
        today = {number: layer_of(network, number) for number in self.layers}
        names = None if self.names is None else network.names
        return ReplaceLayers(today, f"undo {self.label}", names=names)

    def touched(self, network: Network) -> Touched:
        """Return the weights and biases whose bits it changes."""
        return {
            number: (
                _differ(layer.weights, layer_of(network, number).weights),
                _differ(layer.biases, layer_of(network, number).biases),
            )
            for number, layer in self.layers.items()
        }

    @property
    def leaves(self) -> str:
        """What the weights that it changes are then: fitted, or as loaded from elsewhere."""
        return "fitted" if self.by == "fit" else "loaded"

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as a dict."""
        return {
            "kind": self.kind,
            "label": self.label,
            **({"by": self.by} if self.by else {}),
            **({} if self.names is None else {"names": names_told(self.names)}),
            "layers": {
                str(number): {
                    "weights": _packed(layer.weights),
                    "biases": _packed(layer.biases),
                    "activation": layer.activation,
                }
                for number, layer in self.layers.items()
            },
        }

    def __eq__(self, other: object) -> bool:
        """Compare numbers, label, who did it, names and layers, bit for bit."""
        return (
            isinstance(other, ReplaceLayers)
            and (self.label, self.by, self.names) == (other.label, other.by, other.names)
            and list(self.layers) == list(other.layers)
            and all(same_layer(self.layers[number], other.layers[number]) for number in self.layers)
        )

    def __hash__(self) -> int:
        return hash((self.label, self.by, tuple(self.layers)))


def same_layer(one: Layer, other: Layer) -> bool:
    """Tell whether two layers are the same, bit for bit."""
    return one is other or (
        one.activation == other.activation
        and _same_bits(one.weights, other.weights)
        and _same_bits(one.biases, other.biases)
    )


def _differ(one: Float, other: Float) -> NDArray[np.bool_]:
    differ: NDArray[np.bool_] = one.view(np.uint32) != other.view(np.uint32)
    return differ


def _same_bits(one: Float, other: Float) -> bool:
    return one is other or (one.shape == other.shape and one.tobytes() == other.tobytes())


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
        layers = {n: original.layer(n) for n in numbers}
        return ReplaceLayers(layers, "reset all", "reset", _other(network, original.names))
    layer = whole(layer, "layer")
    today = layer_of(network, layer)
    kept = {key: name for key, name in network.names.items() if key[0] != layer}
    then = {key: name for key, name in original.names.items() if key[0] == layer}
    if neuron is None:
        names = _other(network, {**kept, **then})
        return ReplaceLayers({layer: original.layer(layer)}, f"reset layer {layer}", "reset", names)
    neuron = whole(neuron, "neuron")
    neurons_layer(network, layer, neuron)
    weights, biases = today.weights.copy(), today.biases.copy()
    weights[neuron] = original.layer(layer).weights[neuron]
    biases[neuron] = original.layer(layer).biases[neuron]
    changed = Layer(weights, biases, today.activation, today.grid)
    here = (layer, neuron)
    others = {key: name for key, name in network.names.items() if key != here}
    taken = {name.casefold() for key, name in others.items() if key[0] == layer}
    own = {here: then[here]} if here in then and then[here].casefold() not in taken else {}
    names = _other(network, {**others, **own})
    return ReplaceLayers({layer: changed}, f"reset {layer}.{neuron}", "reset", names)


def _other(
    network: Network, names: Mapping[tuple[int, int], str]
) -> Mapping[tuple[int, int], str] | None:
    """Return names, where the network has others."""
    return None if dict(names) == network.names else names


def restore(network: Network, layer: int) -> Edit:
    """Describe putting today's layer back, whatever it holds.

    A loaded network may hold NaN or infinity, which no stroke may set but undo must restore.
    """
    return ReplaceLayers({layer: network.layer(layer)}, f"restore layer {layer}")


def replace_layers_of(record: Mapping[Any, Any]) -> ReplaceLayers:
    """Read a :class:`ReplaceLayers` from its dict form."""
    given = record["layers"]
    if not isinstance(given, Mapping):
        raise EditError(f"layers: expected a dict by number; got {type(given).__name__}")
    layers = {}
    for key, part in given.items():
        if not (isinstance(key, str) and key.isascii() and key.isdigit() and len(key) < 10):
            raise EditError(f"layers: expected a layer's number; got {shown(key)}")
        if not isinstance(part, Mapping):
            raise EditError(f"layer {key}: expected a dict; got {type(part).__name__}")
        weights = _array(part["weights"], f"layer {key} weights", 2)
        biases = _array(part["biases"], f"layer {key} biases", 1)
        layers[int(key)] = Layer(weights, biases, part["activation"])
    label, by, names = record.get("label", "replace layers"), record.get("by", ""), None
    if record.get("names") is not None:
        try:
            names = names_of(record["names"])
        except ValueError as error:
            raise EditError(str(error)) from error
    return ReplaceLayers(layers, label, by, names)


def _packed(array: Float) -> dict[str, Any]:
    data = array.astype("<f4", copy=False).tobytes()
    return {"float32": base64.b64encode(data).decode("ascii"), "shape": list(array.shape)}


def _array(value: object, what: str, ndim: int) -> Float:
    """Read an array from base64 or from lists of numbers."""
    if isinstance(value, Mapping):
        return _unpacked(value, what, ndim)
    if not isinstance(value, list | tuple):
        raise EditError(
            f"{what}: expected lists of numbers or float32 with its shape; "
            f"got {type(value).__name__}"
        )
    try:
        numbers = np.array(value)
    except ValueError as error:
        raise EditError(f"{what}: expected rows of the same length; got others") from error
    if numbers.ndim != ndim or numbers.dtype.kind not in "iuf":
        raise EditError(
            f"{what}: expected numbers in {ndim} dimension{'s' if ndim > 1 else ''}; "
            f"got {shown(value)}"
        )
    with np.errstate(over="ignore"):
        array = numbers.astype(np.float32)
    if (np.isinf(array) & np.isfinite(numbers)).any():
        raise EditError(f"{what}: expected numbers of float32's range; got {shown(value)}")
    return array


def _unpacked(value: Mapping[Any, Any], what: str, ndim: int) -> Float:
    data, given = value["float32"], value["shape"]
    if not isinstance(data, str):
        raise EditError(f"{what}: expected base64 text; got {type(data).__name__}")
    if not isinstance(given, list | tuple) or len(given) != ndim:
        raise EditError(f"{what}: expected a shape of {ndim} numbers; got {shown(given)}")
    shape = tuple(whole(size, f"{what} shape") for size in given)
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EditError(f"{what}: expected base64 text; {error}") from error
    if min(shape) < 0 or math.prod(shape) * 4 != len(content):
        raise EditError(
            f"{what}: expected 4 bytes for each of shape {shape}; got {len(content):,} bytes"
        )
    return np.frombuffer(content, "<f4").astype(np.float32).reshape(shape)
