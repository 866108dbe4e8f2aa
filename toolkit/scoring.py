"""Score a network on a digit set, and keep the score current as edits arrive.

A stroke changes a few weights of one neuron, so a few rows of the transposed
digit set are all that need be read.  For the sum of many such small updates to
equal a full forward pass *bit for bit*, the first layer is summed exactly:
pixels are whole numbers 0..255 and weights are rounded to a fixed point, far
below float32's own rounding of the sum, so every product and partial sum is a
float64 without error and the order of summation cannot matter.  Later layers
are small and run in full, from the first one that changed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolkit.digits.digitset import DigitSet
from toolkit.network import Network

_CHUNK = 4096  # digits per block in a full pass: 784 × 4096 float64 are 26 MB
_FINEST_BITS = 32  # binary places kept of a first-layer weight


@dataclass(frozen=True, eq=False)
class Score:
    """How well a network reads a digit set.

    Attributes
    ----------
    predictions : ndarray of uint8, shape (n,)
    labels : ndarray of uint8, shape (n,)
    """

    predictions: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    @property
    def images(self) -> int:
        """Number of digits."""
        return len(self.labels)

    @property
    def correct(self) -> int:
        """Number of digits read as their label."""
        return int(np.count_nonzero(self.predictions == self.labels))

    @property
    def accuracy(self) -> float:
        """Share read right, in [0, 1]; nan for an empty set."""
        return self.correct / self.images if self.images else float("nan")

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Counts of shape (10, 10): row the label, column the prediction."""
        pairs = 10 * self.labels.astype(np.int64) + self.predictions
        return np.bincount(pairs, minlength=100).reshape(10, 10)

    @property
    def per_digit(self) -> NDArray[np.float64]:
        """Accuracy on each digit 0..9, shape (10,); nan where the set has none of it."""
        confusion = self.confusion
        counts = confusion.sum(axis=1)
        with np.errstate(invalid="ignore"):
            result: NDArray[np.float64] = np.diagonal(confusion) / counts
        return result

    @property
    def wrong(self) -> NDArray[np.intp]:
        """Positions of the digits read wrong."""
        return np.flatnonzero(self.predictions != self.labels)

    def gained_since(self, before: Score) -> NDArray[np.intp]:
        """Positions read right now and wrong before."""
        return np.flatnonzero(
            (self.predictions == self.labels) & (before.predictions != before.labels)
        )

    def lost_since(self, before: Score) -> NDArray[np.intp]:
        """Positions read wrong now and right before."""
        return before.gained_since(self)


def score(network: Network, digits: DigitSet) -> Score:
    """Score `network` on `digits` by a full forward pass.

    Raises
    ------
    ValueError
        If the network does not take the digits' pixels or has not ten outputs.
    """
    return Scorer(digits).update(network)


class Scorer:
    """Keeps the score of one changing network current.

    Parameters
    ----------
    digits : DigitSet
        Its transposed pixels are shared by all scorers of the set.

    Notes
    -----
    Work arrays are (neurons, digits), so that each neuron is one contiguous row
    and the same call computes it in a full pass and in an update.
    """

    def __init__(self, digits: DigitSet) -> None:
        self.digits = digits
        self._columns = digits.columns
        self._network: Network | None = None
        self._fixed: NDArray[np.float64] = np.empty((0, 0))
        self._bits: NDArray[np.int64] = np.empty(0, np.int64)
        self._sums: NDArray[np.float64] = np.empty((0, 0))
        self._z: list[NDArray[np.float32]] = []
        self._a: list[NDArray[np.float32]] = []
        self.score: Score | None = None

    def update(self, network: Network) -> Score:
        """Return the score of `network`, recomputing what differs from the last one seen."""
        if network.sizes[0] != len(self._columns) or network.sizes[-1] != 10:
            raise ValueError(
                f"network: expected {len(self._columns)} inputs, the digits' pixels, and 10 "
                f"outputs; got {'-'.join(map(str, network.sizes))}"
            )
        known = self._network
        if known is None or known.sizes != network.sizes:
            self._allocate(network)
            known = None
        elif self.score is not None and known == network:
            return self.score
        # Until all of it is done the work arrays belong to no network.
        self._network = None
        changed = self._update_first(network, known)
        for number in range(2, len(network.layers) + 1):
            changed = self._update_later(network, known, number, changed)
        self._network = network
        predictions = np.argmax(self._z[-1], axis=0).astype(np.uint8)
        self.score = Score(predictions, self.digits.labels)
        return self.score

    def pre_activations(self, layer: int) -> NDArray[np.float32]:
        """Return layer `layer`'s pre-activations over the set, shape (neurons, n); do not write."""
        return self._z[layer - 1]

    def activations(self, layer: int) -> NDArray[np.float32]:
        """Return layer `layer`'s activations over the set, shape (neurons, n); do not write."""
        return self._a[layer - 1]

    def _allocate(self, network: Network) -> None:
        n = len(self.digits)
        self._sums = np.zeros((network.sizes[1], n))
        self._z = [np.zeros((size, n), np.float32) for size in network.sizes[1:]]
        self._a = [np.zeros((size, n), np.float32) for size in network.sizes[1:]]

    def _update_first(self, network: Network, known: Network | None) -> bool:
        layer = network.layers[0]
        fixed, bits = _fixed_point(layer.weights)
        if known is None:
            self._sum_rows(fixed, np.arange(layer.size))
            rows = np.arange(layer.size)
        else:
            before = known.layers[0]
            different = fixed != self._fixed  # NaN differs from itself: such rows run in full
            whole = (bits != self._bits) | ~np.isfinite(fixed).all(1)
            whole |= ~np.isfinite(self._fixed).all(1)
            whole &= different.any(1) | (bits != self._bits)
            if whole.any():
                self._sum_rows(fixed, np.flatnonzero(whole))
            touched = different.any(1)
            for row in np.flatnonzero(touched & ~whole):
                cells = np.flatnonzero(different[row])
                delta = fixed[row, cells] - self._fixed[row, cells]
                self._sums[row] += delta @ self._columns[cells].astype(np.float64)
            rows = np.flatnonzero(touched | whole | (layer.biases != before.biases))
            if layer.activation != before.activation:
                rows = np.arange(layer.size)
        self._fixed, self._bits = fixed, bits
        for row in rows:
            self._z[0][row] = self._sums[row] / 255 + np.float64(layer.biases[row])
        self._activate(network, 1, rows)
        return len(rows) > 0

    def _sum_rows(self, fixed: NDArray[np.float64], rows: NDArray[np.intp]) -> None:
        with np.errstate(invalid="ignore"):
            for start in range(0, len(self.digits), _CHUNK):
                block = self._columns[:, start : start + _CHUNK].astype(np.float64)
                self._sums[rows, start : start + _CHUNK] = fixed[rows] @ block

    def _update_later(
        self, network: Network, known: Network | None, number: int, below_changed: bool
    ) -> bool:
        layer = network.layers[number - 1]
        before = known.layers[number - 1] if known else None
        if not below_changed and before is not None:
            same = (
                np.array_equal(layer.weights, before.weights)
                and np.array_equal(layer.biases, before.biases)
                and layer.activation == before.activation
            )
            if same:
                return False
        z = self._z[number - 1]
        with np.errstate(invalid="ignore", over="ignore"):
            np.matmul(layer.weights, self._a[number - 2], out=z)
            z += layer.biases[:, None]
        if number < len(network.layers):
            self._activate(network, number, np.arange(layer.size))
        return True

    def _activate(self, network: Network, number: int, rows: NDArray[np.intp]) -> None:
        layer = network.layers[number - 1]
        z, a = self._z[number - 1], self._a[number - 1]
        with np.errstate(invalid="ignore", over="ignore"):
            if layer.activation == "softmax":
                if len(rows):
                    a[:] = layer.activate(z.T).T
            elif len(rows) == layer.size:
                a[:] = layer.activate(z)
            else:
                for row in rows:
                    a[row] = layer.activate(z[row])


def _fixed_point(
    weights: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Round each row to binary places so few that sums over 8-bit pixels are exact in float64."""
    wide = weights.astype(np.float64)
    with np.errstate(invalid="ignore"):
        reach = 255 * np.abs(wide).sum(axis=1)
    # 52 bits for the sum, in steps of 8 so that a stroke rarely changes a row's grid.
    with np.errstate(divide="ignore"):
        needed = np.ceil(np.log2(np.where(np.isfinite(reach), reach, 1) + 1))
    bits = np.minimum(_FINEST_BITS, np.floor((52 - needed) / 8) * 8).astype(np.int64)
    unit = np.ldexp(1.0, bits)[:, None]
    return np.rint(wide * unit) / unit, bits
