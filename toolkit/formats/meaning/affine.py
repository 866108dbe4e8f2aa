"""``scale * x + shift``, number by number: composed, and folded into a fully connected layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

_FOLDED_AT_ONCE = 1 << 20  # weights, in double precision


@dataclass(frozen=True, eq=False)
class Affine:
    """``scale * x + shift``.

    Attributes
    ----------
    scale, shift : ndarray of float64, shape () or (n,)
        One number for all, or one for each.
    """

    scale: NDArray[np.float64]
    shift: NDArray[np.float64]

    @classmethod
    def of(cls, scale: ArrayLike, shift: ArrayLike) -> Affine:
        """Make one of numbers, or of arrays of one row."""
        scales, shifts = (np.asarray(part, np.float64) for part in (scale, shift))
        return cls(*(p.reshape(() if p.size == 1 else -1) for p in (scales, shifts)))

    @property
    def size(self) -> int:
        """For how many numbers it has one each; 1 where one for all."""
        return max(self.scale.size, self.shift.size)

    @property
    def trivial(self) -> bool:
        """Whether it changes nothing."""
        return bool((self.scale == 1).all() and (self.shift == 0).all())

    @property
    def finite(self) -> bool:
        """Whether all its numbers are."""
        return bool(np.isfinite(self.scale).all() and np.isfinite(self.shift).all())

    def then(self, other: Affine) -> Affine:
        """Return both in one: this first, the other of what it gives."""
        with np.errstate(all="ignore"):
            return Affine(other.scale * self.scale, other.scale * self.shift + other.shift)

    @property
    def parts(self) -> tuple[Any, Any]:
        """Scale and shift: floats where one number is for all, else arrays."""
        scale, shift = (part if part.ndim else float(part) for part in (self.scale, self.shift))
        return scale, shift


SAME = Affine.of(1.0, 0.0)
"""What changes nothing."""


def at_rest(
    mean: ArrayLike,
    variance: ArrayLike,
    epsilon: float,
    gamma: ArrayLike | None = None,
    beta: ArrayLike | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return batch normalisation, once training is over, as ``(scale, shift)``.

    ``gamma * (x - mean) / sqrt(variance + epsilon) + beta`` (Ioffe & Szegedy 2015, algorithm 2).

    Parameters
    ----------
    mean, variance : array_like of float, shape (n,)
        The running ones.
    epsilon : float
    gamma, beta : array_like of float, shape (n,), optional
        1 and 0 where there is none.
    """
    with np.errstate(all="ignore"):
        scale = 1 / np.sqrt(np.asarray(variance, np.float64) + epsilon)
        if gamma is not None:
            scale = np.asarray(gamma, np.float64) * scale
        shift = -np.asarray(mean, np.float64) * scale
        if beta is not None:
            shift = shift + np.asarray(beta, np.float64)
    return scale, shift


def folded(
    weights: NDArray[Any],
    biases: NDArray[Any] | None,
    before: Affine,
    after: Affine,
    inputs_first: bool = False,
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Return a layer that does by itself what stands before and after it.

    Parameters
    ----------
    weights : ndarray, shape (out, in), or (in, out) with `inputs_first`
    biases : ndarray, shape (out,), or None
    before : Affine, for all inputs or for each
        The layer given is fed ``before(x)``; the one returned is fed x.
    after : Affine, for all neurons or for each
        The one returned gives ``after(z)`` for the other's z.
    inputs_first : bool

    Returns
    -------
    weights : ndarray of float32, shaped as those given
    biases : ndarray of float32, shape (out,), or None where there are none
    """
    matrix = weights.T if inputs_first else weights
    out, inputs = matrix.shape
    result, sums = np.empty(matrix.shape, np.float32), np.zeros(out)
    shift, some = np.broadcast_to(before.shift, inputs), max(1, _FOLDED_AT_ONCE // inputs)
    scale = np.broadcast_to(after.scale, out)
    with np.errstate(all="ignore"):
        for start in range(0, out, some):
            rows = slice(start, start + some)
            wide = np.asarray(matrix[rows], np.float64)
            if before.shift.any():
                sums[rows] = wide @ shift
            result[rows] = wide * before.scale * scale[rows, None]
        if biases is not None or before.shift.any() or after.shift.any():
            whole = sums if biases is None else sums + biases
            biases = (scale * whole + after.shift).astype(np.float32)
    return (result.T if inputs_first else result), biases
