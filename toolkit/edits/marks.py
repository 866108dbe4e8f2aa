"""Where each weight and bias comes from: a mark for every one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.network import Float, Network

PROVENANCES = ("blank", "loaded", "painted", "stamped", "clause", "coached", "fitted", "mixed")
"""What a weight or bias may be; a mark is an index into these.

blank: zero from the start; loaded: came with a network; painted: set by a person's hand, with a
brush or as a number; stamped: rendered from a shape; clause: worked out from a sentence about the
neurons below; coached: last moved by a step along the loss's gradient; fitted: trained; mixed: in
part loaded or fitted, as where paint was added to a loaded weight.

A mixture is of its part that is least a person's own: with a loaded or fitted weight it is mixed,
until it is replaced; of the others, with a coached one coached; what is zero, and what changes no
bit, is no part.  What a step of the coach moved is coached, whatever it was: nobody's own either.
"""

HAND = ("painted", "stamped", "clause")
"""What a person has set."""

Mark = NDArray[np.uint8]
Float64 = NDArray[np.float64]

_BLANK, _COACHED, _MIXED = map(PROVENANCES.index, ("blank", "coached", "mixed"))
_TRAINED = np.isin(PROVENANCES, ("loaded", "fitted", "mixed"))
_OTHERS = ~np.isin(PROVENANCES, ("blank", *HAND))

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

    def lay(
        self,
        touched: Touched,
        provenance: str,
        before: Network,
        after: Callable[[], Network],
        mixed: bool | NDArray[np.bool_] = False,
    ) -> None:
        """Mark what an edit has set, where it changed it.

        Parameters
        ----------
        touched : mapping
        provenance : str
            What the edit leaves.
        before : Network
        after : callable
            Gives the network after the edit; it is asked for where that counts.
        mixed : bool or ndarray of bool
            Which of the weights that are touched have something left of what they were.
        """
        code = PROVENANCES.index(provenance)
        if code == _COACHED:
            mixed = False
        for number, (weights, biases) in touched.items():
            layer, at = before.layer(number), number - 1
            for marks, values, where, kept, name in (
                (self.weights[at], layer.weights, weights, mixed, "weights"),
                (self.biases[at], layer.biases, biases, False, "biases"),
            ):
                then, old = marks[where], values[where]
                others = _OTHERS[then] & counting(old)
                if _OTHERS[code] or np.any(kept) or others.any():
                    new = getattr(after().layer(number), name)[where]
                    # What stays as it was is what it was, but for a person's own that takes the
                    # place of a person's own, or of a zero.
                    stays = (others | kept | _OTHERS[code]) & (bits(old) == bits(new))
                    made = np.where(kept, united(np.uint8(code), True, then, counting(old)), code)
                    marks[where] = np.where(stays, then, made)
                else:
                    marks[where] = code

    @property
    def has_trained(self) -> bool:
        """Whether any weight or bias is loaded, fitted, or mixed with such."""
        return any(_TRAINED[part].any() for part in (*self.weights, *self.biases))

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


def counting(values: Float) -> NDArray[np.bool_]:
    """Tell which weights count where they are mixed: one that is zero or not finite does not."""
    counts: NDArray[np.bool_] = np.isfinite(values) & (values != 0)
    return counts


def bits(values: Float) -> NDArray[np.uint32]:
    """Return weights as they are stored, to be compared bit for bit."""
    return np.ascontiguousarray(values).view(np.uint32)


def united(first: Any, counts: Any, second: Any, also: Any) -> Mark:
    """Return what the mixtures of two weights are, of which each counts or does not."""
    coached = (first == _COACHED) | (second == _COACHED)
    both = np.where(_TRAINED[first] | _TRAINED[second], _MIXED, np.where(coached, _COACHED, first))
    both = np.where(first == second, first, both)
    neither = np.where(first == _BLANK, second, first)
    found = np.select([counts & also, counts & ~also, also], [both, first, second], neither)
    marks: Mark = found.astype(np.uint8)
    return marks


def flowing(marks: Mark, values: Float, flow: Callable[[Float64], Float64]) -> Mark:
    """Return what weights of shape (in,) are after some flowed into others.

    Parameters
    ----------
    marks, values : ndarray of shape (in,)
        Before.
    flow : callable
        Given 1 where a weight is and 0 elsewhere, says where of it something is then.
    """
    kinds = np.unique(marks)
    if len(kinds) == 1:
        return marks.copy()
    counts = counting(values)
    there = {int(kind): flow(((marks == kind) & counts).astype(np.float64)) for kind in kinds}
    # Of a person's own kinds the one of which most is there; zeros lie where they were carried.
    own = [kind for kind in there if not _OTHERS[kind]]
    shares = np.array([there.pop(kind) for kind in own] or [np.zeros(len(marks))])
    found = np.array(own or [_BLANK], np.uint8)[shares.argmax(axis=0)]
    some = shares.max(axis=0) > 0
    for kind, share in there.items():
        found = united(found, some, np.uint8(kind), share > 0)
        some = some | (share > 0)
    zeros = np.array([flow((marks == kind).astype(np.float64)) for kind in kinds])
    most = np.uint8(np.bincount(marks).argmax())  # comes in from beyond the map
    carried = np.where(zeros.max(axis=0) > 0, kinds[zeros.argmax(axis=0)], most)
    return np.where(some, found, carried).astype(np.uint8)


NO_BIASES: NDArray[np.intp] = np.empty(0, np.intp)
NO_WEIGHTS = (NO_BIASES, NO_BIASES)


def cells_of(layer: int, neuron: int, cells: tuple[int, ...]) -> Touched:
    """Return what an edit touches that changes some incoming weights of one neuron."""
    columns = np.array(cells, np.intp)
    return {layer: ((np.full(len(columns), neuron, np.intp), columns), NO_BIASES)}
