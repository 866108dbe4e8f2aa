"""Score a network on a digit set, and keep the score current as edits arrive.

A stroke changes a few weights of one neuron, so a few rows of the transposed
digit set are all that need be read.  For the sum of many such small updates to
equal a full forward pass *bit for bit*, the first layer is summed exactly:
pixels are whole numbers 0..255 and a neuron's weights are rounded to a fixed
point relative to the largest sum they can reach, far below float32's own
rounding of that sum, so every product and partial sum is a float64 without
error and the order of summation cannot matter.  Later layers are small and run
in full, from the first one that changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.activations import fires_above
from toolkit.digits.digitset import DigitSet
from toolkit.fits import SHELL, check_laid, classes_for, fits
from toolkit.network import Float, Layer, Network, Responses, winner
from toolkit.scored import Score

__all__ = ["Score", "Scorer", "score"]

_CHUNK_CELLS = 784 * 4096  # of digits per block in a full pass: as float64 26 MB
_ROUNDED_CELLS = 784 * 512  # of weights per block
_ROWS_AT_ONCE = 512
_FEW_CELLS = 400  # of a row: with more of them changed it is summed anew, a block at a time


def score(network: Network, digits: DigitSet) -> Score:
    """Score `network` on `digits` by a full forward pass.

    Where it takes pictures of another size they are laid on its grid first, and of a very wide
    network some are used, as in the shell.

    Raises
    ------
    ValueError
        If the network takes no pictures, or has more than 256 outputs.
    """
    if network.sizes[0] != digits.pixels.shape[1]:
        digits = fits(network, digits, SHELL).lay(digits)
    return Scorer(digits).update(network)


class Scorer:
    """Keeps the score of one changing network current.

    Parameters
    ----------
    digits : DigitSet
        Its transposed pixels are shared by all scorers of the set.

    Attributes
    ----------
    score : Score or None
        Of the network last given to :meth:`update`.

    Notes
    -----
    Work arrays are (neurons, digits), so that each neuron is one contiguous row and the same call
    computes it in a full pass and in an update.  What is handed out is turned to (digits,
    neurons), as in a :class:`~toolkit.network.Trace`.  Kept are the first layer's sums, with the
    fixed point of each, and the hidden layers' activations.  None is written again once it is
    there, but for this scorer's own activations of the first layer: twins share all the others.
    """

    def __init__(self, digits: DigitSet) -> None:
        self.digits = digits
        self.score: Score | None = None
        self._columns = digits.columns
        self._network: Network | None = None
        self._responses: Responses | None = None
        self._origin: Scorer | None = None
        self._fixed: list[NDArray[np.float64]] = []
        self._bits: NDArray[np.intp] = np.empty(0, np.intp)
        self._sums: list[NDArray[np.float64]] = []
        self._a: list[Float] = []  # of the hidden layers
        self._owns_first = False
        self._outputs: Float = np.empty((0, 0), np.float32)

    def fork(self) -> Scorer:
        """Return a scorer of the same network that shares all it holds with this one.

        This one is not to be updated after that.
        """
        twin = Scorer(self.digits)
        twin.score, twin._network, twin._origin = self.score, self._network, self
        twin._fixed, twin._sums, twin._a = [*self._fixed], [*self._sums], [*self._a]
        twin._bits, twin._outputs = self._bits, self._outputs
        return twin

    def part(self) -> None:
        """Let go of the one it was forked from, where it holds as much itself as it shares."""
        if self._origin is not None and 2 * self.bytes > self._origin.bytes:
            self._origin = None

    @property
    def bytes(self) -> int:
        """How much memory it takes, without what it shares with the one it was forked from."""
        held = {id(each): each.nbytes for each in self._arrays()}
        if self._origin is not None:
            for each in self._origin._arrays():
                held.pop(id(each), None)
        return sum(held.values())

    def _arrays(self) -> Iterator[NDArray[Any]]:
        for arrays in (self._fixed, self._sums, self._a):
            yield from arrays
        yield self._bits
        yield self._outputs

    def update(self, network: Network) -> Score:
        """Return the score of `network`, recomputing what differs from the last one seen.

        Raises
        ------
        ValueError
            If the network does not take the digits' pixels or has more than 256 outputs.
        """
        check_laid(network, self.digits)
        known = self._network
        if known is None or known.sizes != network.sizes:
            self._allocate(network)
            known = None
        elif self.score is not None and all(map(_same_layer, known.layers, network.layers)):
            self._network = network
            return self.score
        # Until all of it is done the work arrays belong to no network.
        self._network, self._responses = None, None
        with np.errstate(over="ignore", invalid="ignore"):
            changed = self._update_first(network.layers[0], known.layers[0] if known else None)
            for at in range(1, len(network.layers)):
                before = known.layers[at] if known else None
                changed = self._update_later(network.layers[at], before, at, changed)
        self._network = network
        predictions = winner(self._outputs, 0, network.activations[-1]).astype(np.uint8)
        outputs = len(self._outputs)
        classes = classes_for(outputs, self.digits)
        self.score = Score(predictions, self.digits.labels, outputs, classes)
        return self.score

    def pre_activation(self, layer: int, index: int) -> Float:
        """Return one neuron's pre-activations, shape (n,), but for the last bit of some of them.

        Raises
        ------
        ValueError
            If no network was scored yet.
        """
        network = self._scored_network()
        if layer == len(network.layers):
            outputs: Float = self._outputs[index]
            return outputs
        found = network.layer(layer)
        with np.errstate(over="ignore", invalid="ignore"):
            if layer == 1:
                return self._first(found, index)
            z: Float = found.weights[index] @ self._a[layer - 2] + found.biases[index]
            return z

    def weighted_sum(self, layer: int, index: int) -> Float:
        """Return one neuron's weighted sums, shape (n,), without the bias, however large that is.

        Raises
        ------
        ValueError
            If no network was scored yet.
        """
        found = self._scored_network().layer(layer)
        if layer == 1:
            return (self._sums[index] / 255).astype(np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            sums: Float = found.weights[index] @ self._a[layer - 2]
            return sums

    def activations(self, layer: int, of: slice = slice(None)) -> tuple[NDArray[np.bool_], Float]:
        """Return which of some neurons of a layer fire, and their activations, each (n, size).

        A neuron fires where its pre-activation is above zero.

        Raises
        ------
        ValueError
            If no network was scored yet.
        """
        network = self._scored_network()
        found = network.layer(layer)
        above = fires_above(found.activation)
        last = layer == len(network.layers)
        if last or above is None:
            z = self._outputs.T if last else self.responses.pre_activations[layer - 1]
            with np.errstate(over="ignore", invalid="ignore"):
                return z[:, of] > 0, found.activate(z)[:, of]
        a = self._a[layer - 1][of].T
        return a > np.float32(above), a

    @property
    def responses(self) -> Responses:
        """The last network's responses to all digits, read-only; an update changes them.

        Raises
        ------
        ValueError
            If no network was scored yet.
        """
        network = self._scored_network()
        if self._responses is None:
            # Nothing in a score asks for these, so they are made here.
            with np.errstate(over="ignore", invalid="ignore"):
                hidden = [
                    self._all_first(layer) if at == 0 else self._weighted(layer, at)
                    for at, layer in enumerate(network.layers[:-1])
                ]
                outputs = network.layers[-1].activate(self._outputs.T)
            self._responses = Responses(
                tuple(_turned(z) for z in (*hidden, self._outputs)),
                (*(_turned(a) for a in self._a), _turned(outputs.T)),
                function=network.activations[-1],
            )
        return self._responses

    def _scored_network(self) -> Network:
        if self._network is None:
            raise ValueError("scorer: expected a network first; update it with one")
        return self._network

    def _allocate(self, network: Network) -> None:
        n = len(self.digits)
        no_sums, no_weights = np.zeros(n), np.zeros(network.sizes[0])
        self._origin = None
        self._fixed = [no_weights] * network.sizes[1]
        self._bits = np.zeros(network.sizes[1], np.intp)
        self._sums = [no_sums] * network.sizes[1]
        self._a = [np.empty((0, n), np.float32) for _ in network.sizes[1:-1]]
        if self._a:
            self._a[0] = np.zeros((network.sizes[1], n), np.float32)
        self._owns_first = True

    def _update_first(self, layer: Layer, before: Layer | None) -> bool:
        """Bring the first layer up to date, and tell whether anything changed."""
        if before is layer:
            return False
        rows = np.arange(layer.size)
        touched = rows if before is None else _rows_that_differ(layer.weights, before.weights)
        self._sum(layer, touched)
        if before is not None and layer.activation == before.activation:
            moved = layer.biases.view(np.uint32) != before.biases.view(np.uint32)
            rows = np.union1d(touched, np.flatnonzero(moved))
        if not len(rows):
            return False
        if not self._a:
            self._outputs = self._all_first(layer)
        elif layer.activation == "softmax":
            self._a[0], self._owns_first = _activated(layer, self._all_first(layer)), True
        else:
            if not self._owns_first:
                self._a[0], self._owns_first = self._a[0].copy(), True
            for row in rows:
                self._a[0][row] = layer.activate(self._first(layer, row))
        return True

    def _first(self, layer: Layer, row: int | np.intp) -> Float:
        """Return the pre-activations of one neuron of the first layer."""
        exact: NDArray[np.float64] = self._sums[row] / 255 + np.float64(layer.biases[row])
        return exact.astype(np.float32)

    def _all_first(self, layer: Layer) -> Float:
        z = np.empty((layer.size, len(self.digits)), np.float32)
        for row in range(layer.size):
            z[row] = self._first(layer, row)
        return z

    def _sum(self, layer: Layer, rows: NDArray[np.intp]) -> None:
        """Bring the sums of some neurons to what their weights are now."""
        if not len(rows):
            return
        self._bits = self._bits.copy()
        # Weights are rounded and compared in several arrays as large: a few rows at a time.
        step = max(1, _ROUNDED_CELLS // layer.inputs)
        anew = [self._sum_some(layer, rows[at : at + step]) for at in range(0, len(rows), step)]
        # Of many rows as many again would be in memory; a block each keeps it small.
        wanted = np.concatenate(anew)
        for at in range(0, len(wanted), _ROWS_AT_ONCE):
            self._sum_anew(wanted[at : at + _ROWS_AT_ONCE])

    def _sum_some(self, layer: Layer, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Correct sums by what changed; return the neurons that have to be summed anew."""
        fixed, bits = _fixed_point(layer.weights[rows], self.digits.brightest)
        old, old_bits = np.array([self._fixed[row] for row in rows]), self._bits[rows]
        # What is not finite cannot be corrected by a difference, nor what has another fixed
        # point, but for zeros, which are the same in any.
        finite = np.isfinite(fixed).all(axis=1) & np.isfinite(old).all(axis=1)
        near = finite & ((bits == old_bits) | ~old.any(axis=1))
        for at in np.flatnonzero(near):
            cells = np.flatnonzero(fixed[at] != old[at])
            if len(cells) > _FEW_CELLS:
                near[at] = False
                continue
            delta = fixed[at, cells] - old[at, cells]
            corrected = delta @ self._columns[cells].astype(np.float64)
            corrected += self._sums[rows[at]]
            self._sums[rows[at]] = corrected
        for row, weights in zip(rows, fixed, strict=True):
            self._fixed[row] = weights.copy()
        self._bits[rows] = bits
        anew: NDArray[np.intp] = rows[~near]
        return anew

    def _sum_anew(self, rows: NDArray[np.intp]) -> None:
        """Sum neurons over all their weights that are not zero."""
        fixed = np.array([self._fixed[row] for row in rows])
        cells = np.flatnonzero(fixed.any(axis=0))
        if len(cells) < fixed.shape[1]:
            fixed = fixed[:, cells]
        for row in rows:
            self._sums[row] = np.empty(len(self.digits))
        step = max(1, _CHUNK_CELLS // max(1, *fixed.shape))
        for start in range(0, len(self.digits), step):
            part = slice(start, start + step)
            block = fixed @ self._columns[cells, part].astype(np.float64)
            for row, sums in zip(rows, block, strict=True):
                self._sums[row][part] = sums

    def _update_later(
        self, layer: Layer, before: Layer | None, at: int, below_changed: bool
    ) -> bool:
        """Bring layer ``at + 1`` up to date, and tell whether anything may have changed."""
        if not below_changed and before is not None and _same_layer(layer, before):
            return False
        z = self._weighted(layer, at)
        if at == len(self._a):
            self._outputs = z
        else:
            self._a[at] = _activated(layer, z)
        return True

    def _weighted(self, layer: Layer, at: int) -> Float:
        """Return the pre-activations of layer ``at + 1``, not the first."""
        z: Float = np.matmul(layer.weights, self._a[at - 1])
        z += layer.biases[:, None]
        return z


def _activated(layer: Layer, z: Float) -> Float:
    """Turn pre-activations, shape (neurons, digits), into activations, in their place."""
    if layer.activation == "softmax":
        step = max(1, _CHUNK_CELLS // layer.size)
        for start in range(0, z.shape[1], step):
            part = slice(start, start + step)
            z[:, part] = layer.activate(z[:, part].T).T
    else:
        for row in range(layer.size):
            z[row] = layer.activate(z[row])
    return z


def _turned(array: Float) -> Float:
    """Return a read-only view of (neurons, digits) as (digits, neurons)."""
    view = array.T
    view.setflags(write=False)
    return view


def _same_layer(one: Layer, other: Layer) -> bool:
    """Tell whether two layers of one shape are the same bit for bit."""
    return one is other or (
        one.activation == other.activation
        and np.array_equal(one.biases.view(np.uint32), other.biases.view(np.uint32))
        and not len(_rows_that_differ(one.weights, other.weights))
    )


def _rows_that_differ(one: Float, other: Float) -> NDArray[np.intp]:
    """Return the rows in which some bit differs, so that NaN equals itself."""
    return np.flatnonzero((one.view(np.uint32) != other.view(np.uint32)).any(axis=1))


def _fixed_point(
    weights: Float, brightest: NDArray[np.uint8]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Round each row to so few binary places that all sums over the digits are exact in float64.

    A row's places depend on that row alone, and so do the rounded weights: the fixed point is a
    2^-36 of the largest sum the row can reach, or finer.
    """
    wide = np.ascontiguousarray(weights, np.float64)
    reach = (np.abs(wide) * brightest).sum(axis=1)
    # Below 2^exponent; where it is not finite no place would do, and any will.
    _, exponent = np.frexp(np.where(np.isfinite(reach), reach, 1.0))
    # Sums of one row fit 51 bits, of two rows' difference 52.  In steps of 8, so that a stroke
    # rarely changes its row's fixed point.
    bits = ((51 - exponent.astype(np.intp)) // 8 * 8)[:, None]
    return np.ldexp(np.rint(np.ldexp(wide, bits)), -bits), bits[:, 0]
