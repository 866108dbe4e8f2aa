"""Several edits that are one step: done together, undone together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from toolkit.edits.base import Edit, EditError, sequence, text
from toolkit.edits.marks import Marks, Touched
from toolkit.network import Network

MOST_EDITS = 256
_LONGEST_LABEL = 80


@dataclass(frozen=True)
class Several(Edit):
    """Edits made one after another as one step, such as a family of stamps for a layer.

    Parameters
    ----------
    edits : sequence of Edit
        One to 256, none of them several itself.
    label : str
        The step's name, of at most 80 characters.
    """

    edits: tuple[Edit, ...]
    label: str = "several edits"
    kind: ClassVar[str] = "several"

    def __post_init__(self) -> None:
        edits = sequence(self.edits, "edits")
        if not 1 <= len(edits) <= MOST_EDITS:
            raise EditError(f"edits: expected 1 to {MOST_EDITS}; got {len(edits):,}")
        for edit in edits:
            if not isinstance(edit, Edit) or isinstance(edit, Several):
                raise EditError(f"edits: expected single edits; got {type(edit).__name__}")
        object.__setattr__(self, "edits", edits)
        object.__setattr__(self, "label", text(self.label, "label", _LONGEST_LABEL))

    @property
    def name(self) -> str:
        """The label."""
        return self.label

    def apply(self, network: Network) -> Network:
        """Return the network with all edits made, or none: one that does not fit stops all."""
        for number, edit in enumerate(self.edits, 1):
            try:
                network = edit.apply(network)
            except EditError as error:
                raise EditError(f"edit {number} of {len(self.edits)}: {error}") from error
        return network

    def inverse(self, network: Network) -> Edit:
        """Return the edits that undo these, the last first."""
        undone: list[Edit] = []
        for edit in self.edits:
            undone.append(edit.inverse(network))
            network = edit.apply(network)
        return Several(tuple(reversed(undone)), f"undo {self.label}"[:_LONGEST_LABEL])

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
