"""The edit that says what a neuron is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from toolkit.edits.base import Edit, EditError, neurons_layer, whole
from toolkit.edits.marks import Touched
from toolkit.network import Network
from toolkit.neuronnames import clean_name


@dataclass(frozen=True)
class NameNeuron(Edit):
    """Call one neuron something, or by its number alone again.

    Parameters
    ----------
    layer, neuron : int
        Of any layer but the input.
    text : str
        At most 40 characters, another for each neuron of a layer; empty takes the name away.
    """

    layer: int
    neuron: int
    text: str
    kind: ClassVar[str] = "name"

    def __post_init__(self) -> None:
        object.__setattr__(self, "layer", whole(self.layer, "layer"))
        object.__setattr__(self, "neuron", whole(self.neuron, "neuron"))
        if isinstance(self.text, str) and not self.text.strip():
            object.__setattr__(self, "text", "")
            return
        try:
            object.__setattr__(self, "text", clean_name(self.text))
        except ValueError as error:
            raise EditError(str(error)) from error

    @property
    def name(self) -> str:
        """For example ``2.4 is called upper loop``."""
        where = f"{self.layer}.{self.neuron}"
        return f"{where} is called {self.text}" if self.text else f"{where} has no name"

    def apply(self, network: Network) -> Network:
        """Return the network with the neuron named."""
        neurons_layer(network, self.layer, self.neuron)
        names = {**network.names, (self.layer, self.neuron): self.text}
        if not self.text:
            del names[self.layer, self.neuron]
        try:
            return replace(network, names=names)
        except ValueError as error:
            raise EditError(str(error)) from error

    def inverse(self, network: Network) -> Edit:
        """Return the edit that calls it what it is called today."""
        neurons_layer(network, self.layer, self.neuron)
        return NameNeuron(self.layer, self.neuron, network.names.get((self.layer, self.neuron), ""))

    def touched(self, network: Network) -> Touched:
        """Return nothing: a name is no weight."""
        return {}

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as a dict."""
        return {
            "kind": self.kind,
            "layer": self.layer,
            "neuron": self.neuron,
            "name": self.text,
        }


def naming_of(record: Mapping[Any, Any]) -> NameNeuron:
    """Read a :class:`NameNeuron` from its dict form."""
    return NameNeuron(record["layer"], record["neuron"], record["name"])
