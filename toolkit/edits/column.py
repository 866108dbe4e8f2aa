"""The edit that sets what one input weighs in several neurons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from toolkit.edits.base import (
    LONGEST_TOOL,
    Edit,
    EditError,
    layer_of,
    left_by,
    one_each,
    sequence,
    single,
    text,
    whole,
)
from toolkit.edits.layers import restore
from toolkit.edits.marks import NO_BIASES, Touched
from toolkit.network import Layer, Network
from toolkit.shown import shown


@dataclass(frozen=True)
class SetColumn(Edit):
    """Set the weights that one input has into several neurons of a layer.

    Parameters
    ----------
    layer : int
        Of the neurons.
    input : int
        Index of the input: of a neuron of the layer below, or of a pixel.
    neurons : sequence of int
        Each once.
    values : sequence of float
        The new weights, absolute, rounded to float32; finite.
    tool : str
        What did it.
    """

    layer: int
    input: int
    neurons: tuple[int, ...]
    values: tuple[float, ...]
    tool: str = "set"
    kind: ClassVar[str] = "column"

    def __post_init__(self) -> None:
        object.__setattr__(self, "layer", whole(self.layer, "layer"))
        object.__setattr__(self, "input", whole(self.input, "input"))
        neurons = tuple(whole(each, "neurons") for each in sequence(self.neurons, "neurons"))
        if len(set(neurons)) != len(neurons):
            raise EditError(f"neurons: expected each once; got {shown(neurons)}")
        values = tuple(
            single(value, "values") for value in one_each(self.values, "values", neurons)
        )
        object.__setattr__(self, "neurons", neurons)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "tool", text(self.tool, "tool", LONGEST_TOOL))

    @property
    def name(self) -> str:
        """For example ``1.8 into layer 2, 3 weights``."""
        count = len(self.neurons)
        source = f"{self.layer - 1}.{self.input}" if self.layer > 1 else f"pixel {self.input}"
        return f"{source} into layer {self.layer}, {count} weight{'s' if count != 1 else ''}"

    def apply(self, network: Network) -> Network:
        """Return the network with the weights set."""
        weights = self._layer(network).weights.copy()
        weights[list(self.neurons), self.input] = np.array(self.values, np.float32)
        weights.setflags(write=False)
        return network.with_layer(self.layer, weights=weights)

    def inverse(self, network: Network) -> Edit:
        """Return the edit that sets the same weights to what they are today."""
        old = self._layer(network).weights[list(self.neurons), self.input]
        if not np.isfinite(old).all():
            return restore(network, self.layer)
        return SetColumn(self.layer, self.input, self.neurons, tuple(old.tolist()))

    def touched(self, network: Network) -> Touched:
        """Return the weights."""
        self._layer(network)
        rows = np.array(self.neurons, np.intp)
        return {self.layer: ((rows, np.full(len(rows), self.input, np.intp)), NO_BIASES)}

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as a dict."""
        return {
            "kind": self.kind,
            "layer": self.layer,
            "input": self.input,
            "neurons": list(self.neurons),
            "values": list(self.values),
            **({"tool": self.tool} if self.tool != "set" else {}),
        }

    @property
    def leaves(self) -> str:
        """What the weights are then: painted, unless they were pasted or the coach's."""
        return left_by(self.tool)

    def _layer(self, network: Network) -> Layer:
        layer = layer_of(network, self.layer)
        if not 0 <= self.input < layer.inputs:
            raise EditError(f"input: expected 0 to {layer.inputs - 1}; got {self.input}")
        if self.neurons and not 0 <= min(self.neurons) <= max(self.neurons) < layer.size:
            raise EditError(
                f"neurons: expected 0 to {layer.size - 1}; "
                f"got {min(self.neurons)} to {max(self.neurons)}"
            )
        return layer


def column_of(record: Mapping[Any, Any]) -> SetColumn:
    """Read a :class:`SetColumn` from its dict form."""
    return SetColumn(
        record["layer"], record["input"], record["neurons"], record["values"],
        record.get("tool", "set"),
    )  # fmt: skip
