"""Several edits that are one step: done together, undone together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from toolkit.edits.base import Edit, EditError, sequence, text
from toolkit.edits.layers import ReplaceLayers, SetActivation, same_layer
from toolkit.edits.marks import Marks, Touched
from toolkit.edits.naming import NameNeuron
from toolkit.edits.neurons import SetNeurons
from toolkit.network import Layer, Network

MOST_EDITS = 2048
_MOST_EFFORT = 4096
_MOST_WORK = 1 << 26
"""Weights that are copied: more of it would keep others waiting."""
_LIGHT = frozenset({"bias", "name", "activation"})  # kinds that copy no weights
_LONGEST_LABEL = 80


@dataclass(frozen=True)
class Several(Edit):
    """Edits made one after another as one step, such as a family of stamps for a layer.

    Parameters
    ----------
    edits : sequence of Edit
        One to 2,048, none of them several itself.
    label : str
        The step's name, of at most 80 characters.
    """

    edits: tuple[Edit, ...]
    label: str = "several edits"
    kind: ClassVar[str] = "several"

    def __post_init__(self) -> None:
        edits = sequence(self.edits, "edits")
        if not 1 <= len(edits) <= MOST_EDITS:
            raise EditError(f"edits: expected 1 to {MOST_EDITS:,}; got {len(edits):,}")
        for edit in edits:
            if not isinstance(edit, Edit) or isinstance(edit, Several):
                raise EditError(f"edits: expected single edits; got {type(edit).__name__}")
        object.__setattr__(self, "edits", edits)
        object.__setattr__(self, "label", text(self.label, "label", _LONGEST_LABEL))

    @property
    def singles(self) -> tuple[Edit, ...]:
        """All of them."""
        return self.edits

    @cached_property
    def effort(self) -> int:
        """That of all of them."""
        return sum(edit.effort for edit in self.edits)

    @property
    def name(self) -> str:
        """The label."""
        return self.label

    def apply(self, network: Network) -> Network:
        """Return the network with all edits made, or none: one that does not fit stops all."""
        work = sum(_work(edit, network) for edit in self.edits)
        if work > _MOST_WORK:
            raise EditError(
                f"edits: expected fewer at once on a network as wide as this; got {len(self.edits)}"
            )
        if self.effort > _MOST_EFFORT:
            raise EditError(
                f"edits: expected fewer nested or weighed clauses at once; got {len(self.edits)} "
                "edits, most of them such"
            )
        for number, edit in enumerate(self.edits, 1):
            try:
                network = edit.apply(network)
            except EditError as error:
                raise EditError(f"edit {number} of {len(self.edits)}: {error}") from error
        return network

    def inverse(self, network: Network) -> Edit:
        """Return what undoes them: what they leave otherwise is put back, each neuron once."""
        return self.made(network)[1]

    def made(self, network: Network) -> tuple[Network, Edit]:
        """Return the network with all of them made, and what undoes them."""
        after = self.apply(network)
        return after, self._back(network, after)

    def _back(self, network: Network, after: Network) -> Edit:
        label = f"undo {self.label}"[:_LONGEST_LABEL]
        undone: list[Edit] = []
        for number, (old, new) in enumerate(zip(network.layers, after.layers, strict=True), 1):
            rows = _rows_that_differ(old, new)
            if rows:
                undone.append(SetNeurons.of(network, number, rows, label))
            if old.activation != new.activation:
                undone.append(SetActivation(number, old.activation))
        # A name is free for one neuron when no other has it any more.
        changed = [key for key in {**network.names, **after.names}
                   if network.names.get(key) != after.names.get(key)]  # fmt: skip
        named: list[Edit] = [NameNeuron(*key, "") for key in changed if key in after.names]
        named += [NameNeuron(*key, network.names[key]) for key in changed if key in network.names]
        if len(undone) + len(named) > MOST_EDITS:  # all of them at once then
            named = [ReplaceLayers({}, label, names=network.names)]
        undone += named
        return Several(tuple(undone), label) if undone else ReplaceLayers({}, label)

    def touched(self, network: Network) -> Touched:
        """Return what any of the edits sets."""
        found: dict[int, tuple[NDArray[np.bool_], NDArray[np.bool_]]] = {}
        for edit in self.edits:
            for number, (weights, biases) in edit.touched(network).items():
                layer = network.layer(number)
                none = np.zeros(layer.weights.shape, bool), np.zeros(layer.biases.shape, bool)
                masks = found.setdefault(number, none)
                masks[0][weights] = True
                masks[1][biases] = True
            network = edit.apply(network)
        return found

    def mark(self, marks: Marks, network: Network) -> None:
        """Note what becomes of the weights by each edit in turn."""
        for edit in self.edits:
            edit.mark(marks, network)
            network = edit.apply(network)

    def to_dict(self) -> dict[str, Any]:
        """Return the edits as a dict."""
        return {
            "kind": self.kind,
            "label": self.label,
            "edits": [edit.to_dict() for edit in self.edits],
        }


def _work(edit: Edit, network: Network) -> int:
    """Return how many weights an edit copies, at most."""
    if edit.kind in _LIGHT:
        return 0
    sizes = [layer.weights.size for layer in network.layers]
    number = getattr(edit, "layer", None)
    if not isinstance(number, int) or not 1 <= number <= len(sizes):
        return sum(sizes)
    return sum(sizes[number - 1 : number + 1]) if edit.kind == "combine" else sizes[number - 1]


def _rows_that_differ(old: Layer, new: Layer) -> tuple[int, ...]:
    if same_layer(old, new):
        return ()
    differ = old.biases.view(np.uint32) != new.biases.view(np.uint32)
    differ |= (old.weights.view(np.uint32) != new.weights.view(np.uint32)).any(axis=1)
    return tuple(np.flatnonzero(differ).tolist())
