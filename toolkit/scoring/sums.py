"""The first layer's weighted sums over a digit set, exact, kept current as weights change.

A stroke changes a few weights of one neuron, so a few rows of the transposed digit set are all
that need be read.  For any number of such updates to give what one sum over all pixels gives, *bit
for bit*, pixels are whole numbers 0..255 and a neuron's weights are rounded to a fixed point
relative to the largest sum they can reach, far below float32's own rounding of that sum: then
every product and partial sum is a float64 without error, and the order of summation cannot matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from toolkit.digits.digitset import DigitSet
from toolkit.network import Float, Layer

Double: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.intp]

_CHUNK_CELLS = 784 * 512  # of digits per block in a full pass: as float64 3 MB
_MANY = 64  # neurons from which on larger blocks pay, of so many times as much
_LARGER = 8
_ROUNDED_CELLS = 784 * 512  # of weights per block
_ROWS_AT_ONCE = 512
_FEW_CELLS = 400  # of a row: with more of them changed it is summed anew, a block at a time
_STROKE_CELLS = 1 << 17  # of digits at once where few cells changed
_FEWEST_DIGITS = 256


class ExactSums:
    """What the neurons of a first layer sum up over digits, without their biases.

    Parameters
    ----------
    digits : DigitSet
    size : int
        How many neurons there are; their weights count as zero at first.

    Notes
    -----
    Arrays are never written again once they are there, so that twins share them.
    """

    def __init__(self, digits: DigitSet, size: int) -> None:
        self._digits, self._columns = digits, digits.columns
        self._fixed: list[Double] = [np.zeros(digits.pixels.shape[1])] * size
        self._bits: Rows = np.zeros(size, np.intp)
        self._sums: list[Double] = [np.zeros(len(digits))] * size

    def fork(self) -> ExactSums:
        """Return a twin that shares all arrays with this one."""
        twin = ExactSums(self._digits, 0)
        twin._fixed, twin._bits, twin._sums = [*self._fixed], self._bits, [*self._sums]
        return twin

    def arrays(self) -> Iterator[NDArray[Any]]:
        """Yield all arrays that it holds."""
        yield from self._fixed
        yield self._bits
        yield from self._sums

    def of(self, row: int) -> Double:
        """Return one neuron's sums, shape (n,), of pixels from 0 to 1."""
        result: Double = self._sums[row] / 255
        return result

    def z(self, layer: Layer, rows: Rows, part: slice | Rows = slice(None)) -> Double:
        """Return some neurons' pre-activations to some digits, shape (rows, digits).

        Each is its sum / 255, plus its bias: divided first, and the bias widened.
        """
        some = [self._sums[row] for row in rows]
        if isinstance(part, slice):
            z = np.array([sums[part] for sums in some])
        else:
            z = np.array([sums.take(part) for sums in some])
        z /= 255
        z += layer.biases[rows, None].astype(np.float64)
        return z

    def update(self, layer: Layer, rows: Rows) -> None:
        """Bring the sums of some neurons to what their weights in `layer` are."""
        if not len(rows):
            return
        self._bits = self._bits.copy()
        # Weights are rounded and compared in several arrays as large: a few rows at a time.
        step = max(1, _ROUNDED_CELLS // layer.inputs)
        anew = [self._correct(layer, rows[at : at + step]) for at in range(0, len(rows), step)]
        # Of many rows as many again would be in memory; a block each keeps it small.
        wanted = np.concatenate(anew)
        for at in range(0, len(wanted), _ROWS_AT_ONCE):
            self._sum_anew(wanted[at : at + _ROWS_AT_ONCE])

    def _correct(self, layer: Layer, rows: Rows) -> Rows:
        """Correct sums by what changed; return the neurons that have to be summed anew."""
        fixed, bits = fixed_point(layer.weights[rows], self._digits.brightest)
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
            self._add(rows[at], cells, fixed[at, cells] - old[at, cells])
        for row, weights in zip(rows, fixed, strict=True):
            self._fixed[row] = weights.copy()
        self._bits[rows] = bits
        anew: Rows = rows[~near]
        return anew

    def _add(self, row: np.intp, cells: Rows, delta: Double) -> None:
        corrected = np.empty(len(self._digits))
        step = max(_FEWEST_DIGITS, _STROKE_CELLS // max(1, len(cells)))
        for start in range(0, len(corrected), step):
            part = slice(start, start + step)
            np.matmul(delta, self._columns[cells, part].astype(np.float64), out=corrected[part])
        corrected += self._sums[row]
        self._sums[row] = corrected

    def _sum_anew(self, rows: Rows) -> None:
        """Sum neurons over all their weights that are not zero."""
        fixed = np.array([self._fixed[row] for row in rows])
        cells = np.flatnonzero(fixed.any(axis=0))
        if len(cells) < fixed.shape[1]:
            fixed = fixed[:, cells]
        for row in rows:
            self._sums[row] = np.empty(len(self._digits))
        cells_at_once = _CHUNK_CELLS * (_LARGER if len(rows) >= _MANY else 1)
        step = max(1, cells_at_once // max(1, *fixed.shape))
        for start in range(0, len(self._digits), step):
            part = slice(start, start + step)
            block = fixed @ self._columns[cells, part].astype(np.float64)
            for row, sums in zip(rows, block, strict=True):
                self._sums[row][part] = sums


def fixed_point(weights: Float, brightest: NDArray[np.uint8]) -> tuple[Double, Rows]:
    """Round each row to so few binary places that all sums over the digits are exact in float64.

    A row's places depend on that row alone, and so do the rounded weights: the fixed point is a
    2^-36 of the largest sum the row can reach, or finer.

    Parameters
    ----------
    weights : ndarray of float32, shape (rows, pixels)
    brightest : ndarray of uint8, shape (pixels,)
        Each pixel's largest value in any digit.

    Returns
    -------
    fixed : ndarray of float64, shape (rows, pixels)
    bits : ndarray of int, shape (rows,)
        How many binary places each row has, a multiple of 8.
    """
    wide = np.ascontiguousarray(weights, np.float64)
    # From the first pixel on, so that the page, which does it too, has the same bits.
    reach = np.add.accumulate(np.abs(wide) * brightest, axis=1)[:, -1]
    # Below 2^exponent; where it is not finite no place would do, and any will.
    _, exponent = np.frexp(np.where(np.isfinite(reach), reach, 1.0))
    # Sums of one row fit 51 bits, of two rows' difference 52.  In steps of 8, so that a stroke
    # rarely changes its row's fixed point.
    bits = ((51 - exponent.astype(np.intp)) // 8 * 8)[:, None]
    return np.ldexp(np.rint(np.ldexp(wide, bits)), -bits), bits[:, 0]
