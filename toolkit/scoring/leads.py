"""By how much each digit's winner leads, so that few digits need be decided anew after an edit.

Of each digit a lead is kept: in the shared arithmetic the winning output is larger than any other
by at least that.  How much of it an edit can take away is bounded from the weights alone, and from
how much the activations of the neurons moved that it touched; where some lead remains the winner
is as before, and nothing above the first layer is computed for that digit.

The bound is interval arithmetic.  Let neuron j of the first layer move by d > 0.  Then layer after
layer each activation moves by something from `low` d to `high` d: a sum of products by what the
signs of its weights make of these, a function by a slope between its gentlest and its steepest.  Of
two outputs the difference falls by no more than what the differences of their weights make of it,
and where d < 0 the other end of each interval counts.  To that comes, in size alone, what other
weights or biases of a later layer can change, what rounding in float64 does to the old numbers and
to the new, and what is not known of d, which is of float32.  The lead itself is float32, and each
step rounds it down.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from toolkit.activations import non_decreasing
from toolkit.network import Float, Layer
from toolkit.scoring import bounds
from toolkit.scoring.kernels import squashes
from toolkit.scoring.passing import Change, Pass
from toolkit.scoring.sums import Double, Rows

_MOST_OUTPUTS = 32  # all pairs of them are looked at
_WORTH = 0.6  # of the digits: with more of them open all are decided anew, in one go
_DOWN = np.float32(1 - 2.0**-21)
_UP = 1 + 2.0**-20
_SPARE = 2.0**-40  # more than float64 rounds in these sums


class Leads:
    """Which output won, and by how much it leads.

    Attributes
    ----------
    won : ndarray of uint8, shape (n,)
        Empty until it is kept.
    """

    def __init__(self) -> None:
        self.won = np.empty(0, np.uint8)
        self._lead = np.empty(0, np.float32)
        self._layers: Sequence[Layer] | None = None
        self._numbers: Rows = np.empty(0, np.intp)

    @property
    def arrays(self) -> tuple[NDArray[np.uint8], Float]:
        """What is kept of digits; none is written again once it is there."""
        return self.won, self._lead

    def forget(self) -> None:
        """Have all digits decided anew at the next edit."""
        self._layers = None

    def keep(
        self, layers: Sequence[Layer], numbers: Rows, won: NDArray[np.uint8], lead: Float
    ) -> None:
        """Keep which outputs won, of which `numbers`, and by how much they lead, at least."""
        self.won, self._lead, self._layers, self._numbers = won, lead, layers, numbers

    def open_after(
        self, change: Change, kept: Pass, layers: Sequence[Layer], numbers: Rows
    ) -> tuple[Rows, Float] | None:
        """Return the digits that an edit may have decided otherwise, and all leads as they are now.

        Parameters
        ----------
        change : Change
            What the pass was brought up to date by.
        kept : Pass
        layers : sequence of Layer
        numbers : ndarray of int
            Of the outputs that can win.

        Returns
        -------
        tuple or None
            None where all digits are to be decided anew.
        """
        before, self._layers = self._layers, None
        if before is None or not self._comparable(before, change, layers, numbers):
            return None
        lead = self._lead * _DOWN - self._loss(before, change, kept, layers, numbers)
        open_ = np.flatnonzero(~(lead > 0))
        return None if len(open_) > _WORTH * len(lead) else (open_, lead)

    def _comparable(
        self, before: Sequence[Layer], change: Change, layers: Sequence[Layer], numbers: Rows
    ) -> bool:
        """Tell whether a bound can be had, and is no more work than it saves."""
        pairs = list(zip(before, layers, strict=True))
        if len(numbers) > _MOST_OUTPUTS or not np.array_equal(numbers, self._numbers):
            return False
        if any(one.activation != two.activation for one, two in pairs):
            return False
        # Either what goes into later layers is another, or they are.
        below = change.delta is not None and all(one is two for one, two in pairs[1:])
        return non_decreasing(layers[-1].activation) and (below or not len(change.moved))

    def _loss(
        self, before: Sequence[Layer], change: Change, kept: Pass, layers: Sequence[Layer],
        numbers: Rows,
    ) -> Float:  # fmt: skip
        """Return how much of each digit's lead may be gone, shape (n,)."""
        falls = _falls(before, change, kept, layers, numbers)
        # By the number of the output that won.
        table = np.zeros((len(falls), 256), np.float32)
        table[:, numbers] = falls * _UP
        loss: Float = table[-1].take(self.won)
        for k, moved in enumerate(() if change.delta is None else change.delta):
            up, down = table[2 * k].take(self.won), table[2 * k + 1].take(self.won)
            up *= moved
            down *= moved
            loss += np.maximum(up, np.negative(down, out=down), out=up)
        loss *= np.float32(_UP)
        return loss


def _falls(
    before: Sequence[Layer], change: Change, kept: Pass, layers: Sequence[Layer], numbers: Rows
) -> Double:
    """Return by how much the lead of an output may fall.

    Returns
    -------
    ndarray of float64, shape (2 * moved neurons + 1, outputs)
        For each by which a neuron of the first layer moved upwards, and downwards; and at last
        what it may fall by whatever the digit is.
    """
    off, most = bounds.of_first(kept.sizes[0], change.most), change.most
    low = np.zeros((len(change.moved), len(off)))
    low[np.arange(len(low)), change.moved] = 1
    high, slack = low, np.zeros(len(off))
    slack[change.moved] = 2 * off[change.moved]  # of the difference of two such
    most = most + off
    last = layers[-1]
    for layer, was, sizes in zip(layers[1:], before[1:], kept.sizes[1:], strict=True):
        carried, terms = sizes.times(slack, most)
        terms += sizes.biases
        edit = None if layer is was else _edit(layer, was)
        other = 0.0 if edit is None else np.abs(edit) @ np.append(most, 1)
        rounding = 2 * bounds.gamma(layer.inputs + 2, bounds.DOUBLE) * (terms + other)
        if layer is last:
            break
        low, high = _sloped(layer, *_through(sizes.weights, low, high))
        slope, _, _ = bounds.curve(layer.activation)
        most = np.ones(layer.size) if squashes(layer) else slope * (terms + other + 1)
        slack = bounds.of_activations(layer, carried + rounding + other, most, bounds.DOUBLE)
        slack += bounds.rounded(layer, most, bounds.DOUBLE)
    # Of each output that won, and each other: by what their difference changes.
    apart = sizes.weights[numbers, None] - sizes.weights[numbers]
    least, greatest = _through(apart.reshape(-1, last.inputs), low, high)
    shape = (len(low), len(numbers), len(numbers))
    falls = np.empty((2 * len(low) + 1, len(numbers)))
    falls[0:-1:2] = -least.reshape(shape).min(axis=2)
    falls[1:-1:2] = greatest.reshape(shape).max(axis=2)
    always = np.abs(apart) @ slack + rounding[numbers, None] + rounding[numbers]
    if edit is not None:
        edit = edit[numbers]
        always += np.abs(edit[:, None] - edit) @ np.append(most, 1)
    falls[-1] = always.max(axis=1)
    return falls


def _edit(layer: Layer, was: Layer) -> Double:
    """Return by how much weights and biases are others, shape (size, inputs + 1)."""
    now, then = (
        np.column_stack([each.weights, each.biases]).astype(np.float64) for each in (layer, was)
    )
    return now - then


def _through(weights: Double, low: Double, high: Double) -> tuple[Double, Double]:
    """Return from where to where sums move, shape (k, size), as their inputs do, (k, inputs)."""
    up, down = np.maximum(weights, 0).T, np.minimum(weights, 0).T
    rounding = _SPARE * (np.maximum(np.abs(low), np.abs(high)) @ (up - down))
    return low @ up + high @ down - rounding, high @ up + low @ down + rounding


def _sloped(layer: Layer, low: Double, high: Double) -> tuple[Double, Double]:
    """Return from where to where activations move as their pre-activations do."""
    gentlest, steepest = bounds.slopes(layer.activation)
    if layer.activation == "softmax":
        most = steepest * np.maximum(np.abs(low), np.abs(high)).max(axis=1, keepdims=True)
        return np.broadcast_to(-most, low.shape), np.broadcast_to(most, low.shape)
    # A product of two ranges ends where they do.
    ends = (gentlest * low, steepest * low, gentlest * high, steepest * high)
    return reduce(np.minimum, ends), reduce(np.maximum, ends)
