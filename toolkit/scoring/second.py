"""The second layer of a wide network, kept and corrected by what changed below it.

Where a stroke changes one of hundreds of neurons, the sums of the layer above change by one product
each, and need not be taken anew over all.  Each such correction rounds a little: how far the sums
may be off is kept, and they are taken anew before that is much more than they are off then.
"""

from __future__ import annotations

from copy import copy

import numpy as np

from toolkit.network import Float, Layer
from toolkit.scoring import bounds
from toolkit.scoring.bounds import Sizes
from toolkit.scoring.kernels import multiply, weigh
from toolkit.scoring.sums import Double, Rows

WIDE = 64
"""Inputs from which on it pays."""
_FEW = 4  # of so many neurons one may have changed
_WORN = 4  # times what a sum may be off that is taken anew
_NONE: Rows = np.empty(0, np.intp)


class Second:
    """Pre-activations of a second layer.

    Parameters
    ----------
    inputs, size, n : int
        Neurons below, its own, and digits.

    Attributes
    ----------
    z : ndarray of float32, shape (size, n)
    off : ndarray of float64, shape (size,)
        How far they may be from what the activations below give.
    loose : bool
        Whether a full pass may have led to other last bits.
    """

    def __init__(self, inputs: int, size: int, n: int) -> None:
        self.z: Float = np.empty((size, n), np.float32)
        self.off: Double = np.full(size, np.inf)
        self.loose = False
        self._inputs = inputs
        self._fresh = 0.0  # how far the worst may be off that is taken anew
        self._owned, self._valid = True, False
        self._rows, self._by = np.arange(size), _NONE
        self._delta: Float | None = None

    def fork(self) -> Second:
        """Return a twin; each of the two makes a copy before it writes."""
        self._owned = False
        return copy(self)

    def all_anew(self, sizes: Sizes, largest: Double) -> None:
        """Have all sums taken anew; `largest` is of the activations below in size."""
        self._change(sizes, np.arange(sizes.layer.size), largest)
        self._fresh, self.loose = float(self.off.max()), False

    @property
    def few(self) -> int:
        """How many neurons below may have changed for their change to be added."""
        return self._inputs // _FEW

    def follow(
        self,
        sizes: Sizes,
        rows: Rows,
        by: Rows,
        delta: Float | None,
        largest: tuple[Double, Double],
    ) -> None:
        """Note what is to be done to bring them up to date, which :meth:`brought_up` then does.

        Parameters
        ----------
        sizes : Sizes
            Of the layer.
        rows : ndarray of int
            Neurons whose own weights or bias changed.
        by : ndarray of int
            Neurons below whose activations changed.
        delta : ndarray of float32, shape (len(by), n), or None
            By how much.  None where that is not known.
        largest : tuple of two ndarrays of float64, shape (inputs,)
            Of the activations below in size, before and now.
        """
        few = len(by) <= self.few and _FEW * len(rows) <= sizes.layer.size
        known = self._valid and (delta is not None or not len(by))
        if not (few and known and self.off.max() <= _WORN * self._fresh):
            self.all_anew(sizes, largest[1])
            return
        self._change(sizes, rows, largest[1], by, delta, (largest[0] + largest[1])[by])
        self.loose = True

    def _change(
        self, sizes: Sizes, rows: Rows, largest: Double,
        by: Rows = _NONE, delta: Float | None = None, moved: Double | None = None,
    ) -> None:  # fmt: skip
        self._rows, self._by, self._delta, self._valid = rows, by, delta, False
        layer, terms = sizes.layer, sizes.times(largest)[0] + sizes.biases
        off = self.off.copy()
        if moved is not None and len(by):
            off += bounds.of_a_change(layer, by, moved, terms + off)
        off[rows] = bounds.of_a_sum(layer.inputs, terms[rows])
        self.off = off
        if not self._owned:
            whole = len(rows) == layer.size
            self.z, self._owned = np.empty_like(self.z) if whole else self.z.copy(), True

    def brought_up(self, layer: Layer, part: slice | Rows, a: Float, space: Float) -> Float:
        """Bring those of some digits up to date, and return them, shape (size, digits).

        Parameters
        ----------
        layer : Layer
        part : slice
            Which digits.
        a : ndarray of float32, shape (inputs, digits)
            The activations below.
        space : ndarray of float32, shape (size, digits)
            Where to work.
        """
        z, rows = self.z[:, part], self._rows
        if len(rows) == layer.size:
            weigh(layer, a, space)
            z[...] = space
            return z
        if self._delta is not None and len(self._by):
            multiply(layer.weights[:, self._by], self._delta[:, part], space)
            z += space
        if len(rows):
            multiply(layer.weights[rows], a, space[: len(rows)])
            z[rows] = space[: len(rows)] + layer.biases[rows, None]
        return z

    def __enter__(self) -> None:
        """Begin to write them for all digits."""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Note that all were written; or, where that came to an end before, that they are none."""
        self._rows, self._by, self._delta, self._valid = _NONE, _NONE, None, kind is None
        self.loose = self.loose or kind is not None
