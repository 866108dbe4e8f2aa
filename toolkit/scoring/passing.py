"""A forward pass over a digit set that follows a network as it changes.

Of the first layer the sums (:mod:`toolkit.scoring.sums`) and the activations are kept, and of a
wide network the second layer's pre-activations.  All else is computed some digits at a time, from
the first layer that changed up to the winner, so that what one layer has made is in the cache for
the next and is not written to memory.  Arrays are (neurons, digits): each neuron is one row.

Activations of later layers are kept where they are asked for, or where a layer above them is worked
on, until they change.  They are those of a full pass, bit for bit, whatever the network was before.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.digits.digitset import DigitSet
from toolkit.network import Float, Layer
from toolkit.scoring import bounds
from toolkit.scoring.bounds import Sizes
from toolkit.scoring.kernels import (
    activate,
    largest,
    rows_that_differ,
    squashes,
    weigh,
)
from toolkit.scoring.resolving import reach
from toolkit.scoring.second import WIDE, Second
from toolkit.scoring.sums import Double, ExactSums, Rows

_CELLS = 1 << 17  # of one layer at once
_FEWEST_DIGITS = 256  # at once: with fewer the calls would cost more than the work
_FEW = 4  # neurons of which it is told how far they moved
_ROOM = 1.25  # times the largest activation met: up to there bounds hold without being made anew


@dataclass(frozen=True)
class Change:
    """What an update changed.

    Attributes
    ----------
    start : int
        The first layer of which pre-activations are others, the second where the first's are.
    moved : ndarray of int
        Neurons of the first layer whose activations are others.
    delta : ndarray of float32, shape (len(moved), n), or None
        By how much, where these are few.
    most : ndarray of float64, shape (size of the first layer,)
        The largest of its activations in size, before and after.
    """

    start: int
    moved: Rows
    delta: Float | None
    most: Double


class Pass:
    """What is kept of a network's responses to digits.

    Parameters
    ----------
    digits : DigitSet
    sizes : sequence of int
        The network's, the input first.

    Attributes
    ----------
    first : ExactSums
    second : Second or None
    sizes : list of Sizes
        Of the layers it was updated with.
    """

    def __init__(self, digits: DigitSet, sizes: Sequence[int]) -> None:
        self.n = len(digits)
        self.first = ExactSums(digits, sizes[1])
        hidden, last = sizes[1:-1], len(sizes) - 2
        self._a = np.empty((hidden[0] if hidden else 0, self.n), np.float32)
        self._owns_a = True
        self.second = Second(sizes[1], sizes[2], self.n) if last > 1 and hidden[0] >= WIDE else None
        self.sizes: list[Sizes] = []
        self._asked: dict[int, Float] = {}  # activations of later layers; outputs of the last
        self._rough = False  # whether those came from corrected sums
        # What no activation exceeds in size, for each hidden layer.
        self._most: list[Double] = [np.zeros(size) for size in hidden]
        self._step = max(_FEWEST_DIGITS, _CELLS // max(sizes[1:]))

    def fork(self) -> Pass:
        """Return a twin; each of the two makes copies of what it writes from now on."""
        twin = Pass.__new__(Pass)
        self._owns_a = False
        twin.__dict__.update(self.__dict__)
        twin.first, twin._asked, twin._most = self.first.fork(), {**self._asked}, [*self._most]
        twin.second = self.second and self.second.fork()
        return twin

    def arrays(self) -> Iterator[NDArray[Any]]:
        """Yield all that is kept of digits or weights, not what is of neurons alone."""
        yield from self.first.arrays()
        yield self._a
        if self.second is not None:
            yield self.second.z
        yield from self._asked.values()

    def update(self, layers: Sequence[Layer], before: Sequence[Layer] | None) -> Change | None:
        """Bring what is kept to what `layers` are.

        Parameters
        ----------
        layers : sequence of Layer
        before : sequence of Layer or None
            What it was brought to last; None where it was to nothing yet.

        Returns
        -------
        Change or None
            None where nothing is another.
        """
        was: Sequence[Layer | None] = before or [None] * len(layers)
        rows = [rows_that_differ(*pair) for pair in zip(layers, was, strict=True)]
        start = next((
            at for at, (layer, old, (_, moved)) in enumerate(zip(layers, was, rows, strict=True))
            if len(moved) or old is None or layer.activation != old.activation
        ), None)  # fmt: skip
        if start is None:
            return None
        known = {id(sizes.layer): sizes for sizes in self.sizes}
        self.sizes = [known.get(id(layer)) or Sizes(layer) for layer in layers]
        if start == 0:
            self.first.update(layers[0], rows[0][0])
        moved, delta = rows[0][1], None
        if len(layers) == 1:
            self._asked = {}
            return Change(0, moved, None, np.empty(0))
        largest = self._most[0]
        if start == 0:
            moved, delta = self._follow(layers[0], was[0], moved)
            start = 1
        self._asked = {at: kept for at, kept in self._asked.items() if at < start}
        self._rough &= bool(self._asked)
        if self.second is not None and start == 1:
            self.second.follow(self.sizes[1], rows[1][1], moved, delta, (largest, self._most[0]))
        return Change(start, moved, delta, np.maximum(largest, self._most[0]))

    def reach(self, layers: Sequence[Layer]) -> float:
        """Return what :func:`toolkit.scoring.resolving.reach` says of the layers."""
        return reach(layers, [sizes.extent for sizes in self.sizes])

    def run(
        self, layers: Sequence[Layer], start: int, which: Rows | None = None
    ) -> Iterator[tuple[slice | Rows, Float, Double]]:
        """Compute what a network answers, some digits at a time.

        Only where no number is too large for float32, and to the end.

        Parameters
        ----------
        layers : sequence of Layer
        start : int
            As the :class:`Change` has it.
        which : ndarray of int, optional
            Which digits, in order; by default all.

        Yields
        ------
        part : slice or ndarray of int
            Which digits.
        z : ndarray of float32, shape (outputs, digits)
            Their outputs' pre-activations, to be written to as one likes.
        off : ndarray of float64, shape (outputs,)
            How far what ranks them may be off: see :func:`~toolkit.scoring.bounds.of_ranks`.
        """
        begin, wanted = start, {}
        if start > 1 and start - 1 not in self._asked:
            begin = 1 + max(self._asked, default=0)
            if which is None:
                # Whoever works on a layer goes on with it: what goes into it is kept.
                wanted = self._room(layers, [start - 1])
                self._rough |= begin == 1 and self.second is not None and self.second.loose
        yield from self._run(layers, begin, len(layers), wanted, which)
        self._asked.update(wanted)

    def a(self, layers: Sequence[Layer], at: int) -> Float:
        """Return the activations of layer ``at + 1``; of the last layer what goes into them."""
        if at == 0 and len(layers) > 1:
            return self._a
        if self._rough:
            self._asked, self._rough = {}, False
        if at not in self._asked:
            begin = 1 + max((k for k in self._asked if k < at), default=0)
            if begin == 1 and self.second is not None and self.second.loose:
                self.second.all_anew(self.sizes[1], self._most[0])
            begin = min(begin, len(layers) - 1)
            wanted = self._room(layers, range(begin, at + 1))
            for _ in self._run(layers, begin, at + 1, wanted):
                pass
            self._asked.update(wanted)
        return self._asked[at]

    def _room(self, layers: Sequence[Layer], which: Iterable[int]) -> dict[int, Float]:
        return {at: np.empty((layers[at].size, self.n), np.float32) for at in which}

    def z(self, layers: Sequence[Layer], at: int) -> Float:
        """Return the pre-activations of layer ``at + 1``."""
        if at == len(layers) - 1:
            return self.a(layers, at)
        z = np.empty((layers[at].size, self.n), np.float32)
        below = self.a(layers, at - 1) if at else None
        for part in self._parts():
            if below is None:
                z[:, part] = self.first.z(layers[0], np.arange(len(z)), part)
            else:
                weigh(layers[at], below[:, part], z[:, part])
        return z

    def _parts(self) -> Iterator[slice]:
        for start in range(0, self.n, self._step):
            yield slice(start, min(start + self._step, self.n))

    def _some(self, source: Float, which: Rows | None) -> Iterator[tuple[slice | Rows, Float]]:
        """Yield some digits at a time, and what is known of them."""
        if which is None:
            for part in self._parts():
                yield part, source[:, part]
        else:
            for start in range(0, len(which), self._step):
                some = which[start : start + self._step]
                yield some, source.take(some, axis=1)

    def _run(
        self, layers: Sequence[Layer], start: int, stop: int, wanted: dict[int, Float],
        which: Rows | None = None,
    ) -> Iterator[tuple[slice | Rows, Float, Double]]:  # fmt: skip
        """Go from what is known below layer `start` to before layer `stop`; keep what is wanted."""
        last, off = len(layers) - 1, None
        source = self._asked.get(start - 1, self._a)
        hidden = [at for at in range(start, min(stop, last)) if not squashes(layers[at])]
        for at in range(max(start, 1), min(stop, last)):
            if at not in hidden:
                self._most[at] = np.ones(layers[at].size)
        met = {at: np.zeros(layers[at].size) for at in hidden}
        widest = max(layer.size for layer in layers)
        many = min(self._step, self.n if which is None else len(which))
        spaces = np.empty((2, widest * many), np.float32)
        with contextlib.nullcontext() if self.second is None or start > 1 else self.second:
            for part, below in self._some(source, which):
                a, many = below, below.shape[1]
                for at in range(start, stop):
                    z = spaces[at % 2, : layers[at].size * many].reshape(-1, many)
                    weighed = self._weigh(layers, at, part, a, z)
                    if at < last:
                        activate(layers[at], weighed, z)
                    if at in met:
                        met[at] = np.maximum(met[at], largest(layers[at], z))
                    if at in wanted:
                        wanted[at][:, part] = z
                    a = z
                if off is None or any((met[at] > self._most[at]).any() for at in hidden):
                    for at in hidden:
                        self._most[at] = np.maximum(self._most[at], _ROOM * met[at])
                    off = self._off(layers)
                yield part, a, off
        for at in hidden:
            self._most[at] = _ROOM * met[at]

    def _weigh(
        self, layers: Sequence[Layer], at: int, part: slice | Rows, a: Float, z: Float
    ) -> Float:
        """Return a layer's pre-activations, in `z` or where they are kept."""
        if at == 1 and self.second is not None:
            return self.second.brought_up(layers[1], part, a, z)
        if at:
            weigh(layers[at], a, z)
        else:
            z[...] = self.first.z(layers[0], np.arange(len(z)), part)
        return z

    def _off(self, layers: Sequence[Layer]) -> Double:
        """Return how far what ranks the outputs may be off."""
        first, last = self.sizes[0], layers[-1]
        if len(layers) == 1:
            reach = first.times(np.ones(last.inputs))[0] + first.biases
            return bounds.of_ranks(last, 2 * bounds.SINGLE * reach, reach, bounds.SINGLE)
        off = bounds.of_first(first, self._most[0])
        for at, layer in enumerate(layers[1:], 1):
            own = self.second.off if at == 1 and self.second is not None else None
            z, reach = bounds.of_products(self.sizes[at], off, self._most[at - 1], own)
            if layer is not last:
                off = bounds.of_activations(layer, z, self._most[at])
        return bounds.of_ranks(last, z, reach, bounds.SINGLE)

    def _follow(self, layer: Layer, before: Layer | None, moved: Rows) -> tuple[Rows, Float | None]:
        """Bring the first layer's activations up to date.

        Parameters
        ----------
        layer : Layer
        before : Layer or None
        moved : ndarray of int
            Neurons whose pre-activations are others.

        Returns
        -------
        moved : ndarray of int
            Neurons whose activations are others.
        delta : ndarray of float32, shape (len(moved), n), or None
            By how much, where that is of use and known.
        """
        mixed = layer.activation == "softmax"
        if mixed or before is None or layer.activation != before.activation:
            moved = np.arange(layer.size)
        whole, delta = len(moved) == layer.size, None
        few = _FEW if self.second is None else self.second.few
        if before is not None and len(moved) <= few:
            delta = -self._a[moved]
        if not self._owns_a:
            self._a, self._owns_a = np.empty_like(self._a) if whole else self._a.copy(), True
        if whole:
            for part in self._parts():
                z = self.first.z(layer, moved, part).astype(np.float32)
                activate(layer, z, z)
                self._a[:, part] = z
        else:
            for row in moved:
                z = self.first.z(layer, np.array([row])).astype(np.float32)
                activate(layer, z, z)
                self._a[row] = z[0]
        if delta is not None:
            delta += self._a[moved]
        self._most[0] = self._most[0].copy()
        if squashes(layer):
            self._most[0][:] = 1
        elif self.n:
            self._most[0][moved] = largest(layer, self._a[moved])
        return moved, delta
