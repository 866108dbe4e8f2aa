"""Where each weight and bias comes from: a mark for every one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.network import Network

PROVENANCES = ("blank", "loaded", "painted", "stamped", "clause", "coached", "fitted")
"""What a weight or bias may be; a mark is an index into these.

blank: zero from the start; loaded: came with a network; painted: set by a person's hand, with a
brush or as a number; stamped: rendered from a shape; clause: worked out from a sentence about the
neurons below; coached: last moved by a step along the loss's gradient; fitted: trained.
"""

Mark = NDArray[np.uint8]

Touched = Mapping[int, tuple[Any, Any]]
"""By the number of a layer: which of its weights, as a mask of shape (out, in) or a pair of arrays
of rows and columns, and which of its biases, as a mask of shape (out,) or indices."""


@dataclass(frozen=True, eq=False)
class Marks:
    """A mark for each weight and bias of a network.

    Attributes
    ----------
    weights : tuple of ndarray of uint8, each (out, in)
        ``weights[k]`` belongs to layer ``k + 1``; each an index into :data:`PROVENANCES`.
    biases : tuple of ndarray of uint8, each (out,)
    """

    weights: tuple[Mark, ...]
    biases: tuple[Mark, ...]

    @classmethod
    def uniform(cls, network: Network, provenance: str) -> Marks:
        """Mark all weights and biases of a network alike."""
        code = PROVENANCES.index(provenance)
        return cls(
            tuple(np.full(layer.weights.shape, code, np.uint8) for layer in network.layers),
            tuple(np.full(layer.biases.shape, code, np.uint8) for layer in network.layers),
        )

    def copy(self) -> Marks:
        """Return marks of their own, to be changed."""
        return Marks(
            tuple(part.copy() for part in self.weights), tuple(part.copy() for part in self.biases)
        )

    def freeze(self) -> None:
        """Let nobody change them any more."""
        for part in (*self.weights, *self.biases):
            part.setflags(write=False)

    def set(self, touched: Touched, provenance: str) -> None:
        """Mark some weights and biases."""
        code = PROVENANCES.index(provenance)
        for number, (weights, biases) in touched.items():
            self.weights[number - 1][weights] = code
            self.biases[number - 1][biases] = code

    def take(self, touched: Touched, other: Marks) -> None:
        """Mark some weights and biases as others are."""
        for number, (weights, biases) in touched.items():
            at = number - 1
            self.weights[at][weights] = other.weights[at][weights]
            self.biases[at][biases] = other.biases[at][biases]

    def counts(self, layer: int | None = None) -> dict[str, int]:
        """Return how many weights and biases there are of each provenance, in one layer or all."""
        parts = [*self.weights, *self.biases]
        if layer is not None:
            parts = [self.weights[layer - 1], self.biases[layer - 1]]
        total = np.zeros(len(PROVENANCES), np.int64)
        for part in parts:
            total += np.bincount(part.ravel(), minlength=len(PROVENANCES))
        return dict(zip(PROVENANCES, total.tolist(), strict=True))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Marks) or len(self.weights) != len(other.weights):
            return False
        mine, theirs = (*self.weights, *self.biases), (*other.weights, *other.biases)
        return all(map(np.array_equal, mine, theirs))

    def __hash__(self) -> int:
        return hash(tuple(part.tobytes() for part in (*self.weights, *self.biases)))


NO_BIASES: NDArray[np.intp] = np.empty(0, np.intp)
NO_WEIGHTS = (NO_BIASES, NO_BIASES)


def cells_of(layer: int, neuron: int, cells: tuple[int, ...]) -> Touched:
    """Return what an edit touches that changes some incoming weights of one neuron."""
    columns = np.array(cells, np.intp)
    return {layer: ((np.full(len(columns), neuron, np.intp), columns), NO_BIASES)}
