"""Edits that put whole neurons back, bit for bit, whatever they hold."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from toolkit.edits.base import Edit, EditError, neurons_layer, sequence, text, whole
from toolkit.edits.marks import Touched
from toolkit.network import Float, Network
from toolkit.shown import shown

_LONGEST_LABEL = 80
_MOST_NEURONS = 1 << 16


@dataclass(frozen=True)
class SetNeurons(Edit):
    """Set all incoming weights and the bias of some neurons of a layer.

    Parameters
    ----------
    layer : int
    neurons : sequence of int
        Each once.
    weights : bytes
        Little-endian float32, one row of all incoming weights for each neuron.
    biases : bytes
        Little-endian float32, one for each neuron.
    label : str
        The edit's name, of at most 80 characters.

    Notes
    -----
    As a dict weights and biases are base64, so that every bit of a NaN survives.
    """

    layer: int
    neurons: tuple[int, ...]
    weights: bytes
    biases: bytes
    label: str = "neurons"
    kind: ClassVar[str] = "neurons"

    def __post_init__(self) -> None:
        object.__setattr__(self, "layer", whole(self.layer, "layer"))
        neurons = tuple(whole(each, "neurons") for each in sequence(self.neurons, "neurons"))
        if len(set(neurons)) != len(neurons) or not 0 < len(neurons) <= _MOST_NEURONS:
            raise EditError(
                f"neurons: expected 1 to {_MOST_NEURONS:,}, each once; got {shown(neurons)}"
            )
        object.__setattr__(self, "neurons", neurons)
        if len(self.biases) != 4 * len(neurons) or len(self.weights) % (4 * len(neurons)):
            raise EditError(
                f"neurons: expected weights and a bias of 4 bytes each for {len(neurons)} neurons; "
                f"got {len(self.weights):,} and {len(self.biases):,} bytes"
            )
        object.__setattr__(self, "label", text(self.label, "label", _LONGEST_LABEL))

    @classmethod
    def of(cls, network: Network, layer: int, neurons: tuple[int, ...], label: str) -> SetNeurons:
        """Describe setting neurons to what they are in a network."""
        for neuron in neurons:
            neurons_layer(network, layer, neuron)
        found = network.layer(layer)
        rows = list(neurons)
        return cls(layer, neurons, _packed(found.weights[rows]), _packed(found.biases[rows]), label)

    @property
    def name(self) -> str:
        """The label."""
        return self.label

    def apply(self, network: Network) -> Network:
        """Return the network with the neurons set."""
        inputs = self._fit(network)
        rows, found = list(self.neurons), network.layer(self.layer)
        weights, biases = found.weights.copy(), found.biases.copy()
        weights[rows] = _unpacked(self.weights).reshape(len(rows), inputs)
        biases[rows] = _unpacked(self.biases)
        return with_rows(network, self.layer, weights, biases)

    def inverse(self, network: Network) -> Edit:
        """Return the edit that sets the same neurons to what they are today."""
        self._fit(network)
        return SetNeurons.of(network, self.layer, self.neurons, f"undo {self.label}")

    def touched(self, network: Network) -> Touched:
        """Return all weights and the bias of each."""
        return rows_of(self.layer, self.neurons, self._fit(network))

    @property
    def leaves(self) -> str:
        """What the weights that it changes are then: as loaded from elsewhere."""
        return "loaded"

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as a dict."""
        return {
            "kind": self.kind,
            "layer": self.layer,
            "neurons": list(self.neurons),
            "rows": base64.b64encode(self.weights).decode("ascii"),
            "biases": base64.b64encode(self.biases).decode("ascii"),
            "label": self.label,
        }

    def _fit(self, network: Network) -> int:
        for neuron in self.neurons:
            neurons_layer(network, self.layer, neuron)
        inputs = network.layer(self.layer).inputs
        if len(self.weights) != 4 * len(self.neurons) * inputs:
            raise EditError(
                f"weights: expected {inputs} for each neuron; "
                f"got {len(self.weights) // 4 / len(self.neurons):g}"
            )
        return inputs


def neurons_of(record: Mapping[Any, Any]) -> SetNeurons:
    """Read a :class:`SetNeurons` from its dict form."""
    return SetNeurons(
        record["layer"], record["neurons"], _bytes(record["rows"], "rows"),
        _bytes(record["biases"], "biases"), record.get("label", "neurons"),
    )  # fmt: skip


def rows_of(layer: int, neurons: tuple[int, ...], inputs: int) -> Touched:
    """Return what an edit touches that sets whole neurons: all weights and the bias of each."""
    rows: NDArray[np.intp] = np.array(neurons, np.intp)
    return {layer: ((np.repeat(rows, inputs), np.tile(np.arange(inputs), len(rows))), rows)}


def with_rows(network: Network, layer: int, weights: Float, biases: Float) -> Network:
    """Return the network with other weights and biases in a layer, arrays of its own."""
    weights.setflags(write=False)
    biases.setflags(write=False)
    return network.with_layer(layer, weights=weights, biases=biases)


def _packed(array: Float) -> bytes:
    return array.astype("<f4", copy=False).tobytes()


def _unpacked(content: bytes) -> Float:
    return np.frombuffer(content, "<f4").astype(np.float32, copy=False)


def _bytes(value: object, what: str) -> bytes:
    if not isinstance(value, str):
        raise EditError(f"{what}: expected base64 text; got {shown(value)}")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EditError(f"{what}: expected base64 text; {error}") from error
