"""Which output wins where two are nearly as large: an arithmetic with the same bits everywhere.

BLAS adds in an order of its own, and one machine's ``exp`` is not another's in the last digit, so
two outputs that nearly tie would be decided in one way here and in another there.  Such digits are
decided in this arithmetic: float64 with + − × ÷ and comparisons alone, each rounded by itself (no
fused multiply-add), one after another in the order that is written down here.  The page's
``live/resolving.js`` does the same operations in the same order.

A network's outputs, from the pre-activations z of its first layer, which are exact sums over 255,
plus the bias:

- a_i = f(z_i), with f as :func:`activate` has it;
- of each later layer, neuron j: t = 0; for i from 0 upwards t = t + W_ji a_i; z_j = t + b_j.
  Weights and biases are float32 and are widened.

The winner is the first of the largest z of the last layer, or of the largest f(z) where f may fall
(:func:`toolkit.activations.non_decreasing`).

Arrays are (neurons, digits), as everywhere in this package: each operation is done for all digits
at once, and no digit's bits depend on which others are there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from toolkit.activations import family, non_decreasing
from toolkit.activations.functions import CUBIC, TAIL, TAIL_SCALE, TANH_FORM
from toolkit.network import Layer
from toolkit.stamps.exact import exponential

Double: TypeAlias = NDArray[np.float64]

MOST = 1e300
"""What no number of a network may exceed in size (see :func:`reach`) for its digits to be resolved:
up to it nothing overflows, and every operation is a number."""

SQUASHING = ("sigmoid", "tanh", "hard_sigmoid", "softmax")
"""Functions whose activations are never larger than 1 in size."""

_CELLS = 1 << 17  # of one array at once: it stays in the cache


def resolve(layers: Sequence[Layer], z: Double) -> NDArray[np.intp]:
    """Return which output wins.

    Parameters
    ----------
    layers : sequence of Layer
        All of a network's, the first too, whose :func:`reach` is at most :data:`MOST`.
    z : ndarray of float64, shape (neurons of the first layer, digits)
        Its pre-activations.

    Returns
    -------
    ndarray of int, shape (digits,)
    """
    found = np.empty(z.shape[1], np.intp)
    step = max(1, _CELLS // max(layer.size for layer in layers))
    for start in range(0, len(found), step):
        part = slice(start, start + step)
        ranked = outputs(layers, z[:, part])
        if not non_decreasing(layers[-1].activation):
            ranked = activate(layers[-1].activation, ranked)
        found[part] = ranked.argmax(axis=0)
    return found


def outputs(layers: Sequence[Layer], z: Double) -> Double:
    """Return the pre-activations of the last layer, shape (outputs, digits); as :func:`resolve`."""
    for below, layer in pairwise(layers):
        a = activate(below.activation, z)
        weights = layer.weights.astype(np.float64)
        z, term = np.zeros((2, layer.size, z.shape[1]))
        # What is nowhere lit adds 0 to each sum, none of which is ever a −0.
        for i in np.flatnonzero(a.any(axis=1)):
            z += np.multiply(weights[:, i, None], a[i], out=term)
        z += layer.biases[:, None]
    return z


def reach(layers: Sequence[Layer], extents: Sequence[tuple[float, float]] | None = None) -> float:
    """Return what no number in :func:`outputs` exceeds in size, whatever the digits are.

    Of each layer (the largest row's sum of |W|) A + (the largest |b|), and from that what its
    activations do not exceed, A: 1 of those that squash; else one more than it, times the
    parameter where that is above 1.  Pixels are at most 1.  Infinite or nan where a weight is.

    Parameters
    ----------
    layers : sequence of Layer
    extents : sequence of (float, float), optional
        As :func:`extent` gives them, where they are known.
    """
    largest, most = 0.0, 1.0
    for layer, (row, bias) in zip(layers, extents or map(extent, layers), strict=True):
        z = row * most + bias
        kind, parameter = family(layer.activation)
        factor = abs(parameter) if abs(parameter) > 1 else 1.0
        most = 1.0 if kind in SQUASHING else (z + 1.0) * factor
        if not z <= math.inf:
            return math.nan
        largest = max(largest, z, most)
    return largest


def extent(layer: Layer) -> tuple[float, float]:
    """Return the largest row's sum of |W|, and the largest |b|."""
    with np.errstate(over="ignore", invalid="ignore"):
        rows = np.abs(layer.weights).sum(axis=1, dtype=np.float64)
        return float(rows.max()), float(np.abs(layer.biases).max())


def activate(name: str, z: Double) -> Double:
    """Apply an activation function, in operations whose order is the one written here.

    ``exponential`` is that of :mod:`toolkit.stamps.exact`: outside −60 to 60 it is that of the
    nearer of these, and what is lost by it is below 1e-24.  A parameter is rounded to float32
    first.  ``max(z, 0)`` is z where z > 0, and 0 elsewhere.

    Parameters
    ----------
    name : str
        A key of :data:`~toolkit.activations.ACTIVATIONS`.
    z : ndarray of float64, shape (neurons, digits)

    Returns
    -------
    ndarray of float64, shape (neurons, digits)
    """
    kind, parameter = family(name)
    by = float(np.float32(parameter))
    match kind:
        case "sigmoid":
            return 1.0 / (1.0 + exponential(-z))
        case "relu":
            return _above(z)
        case "tanh":
            return 1.0 - 2.0 / (exponential(2.0 * z) + 1.0)
        case "leaky_relu":
            return np.where(z > 0, z, by * z)
        case "elu":
            return np.where(z > 0, z, by * (exponential(z) - 1.0))
        case "hard_sigmoid":
            share = z / 6.0 + 0.5
            return np.where(share > 0, np.where(share < 1, share, 1.0), 0.0)
        case "softplus":
            return _above(z) + _log_one_more(exponential(-np.abs(z)))
        # As in toolkit/activations: what ReLU gives, less |z| times a share that falls with |z|.
        case "gelu":
            x = np.minimum(np.abs(z), 40.0)
            return _above(z) - x * _upper_tail(x)
        case "gelu_tanh":
            x = np.minimum(np.abs(z), 22.0)
            return _above(z) - x * _falling((x + CUBIC * x * x * x) * TANH_FORM)
        case "silu":
            x = np.minimum(np.abs(z), 60.0)
            return _above(z) - x * _falling(x)
        case "softmax":
            return _softmax(z)
    return z


def _above(z: Double) -> Double:
    return np.where(z > 0, z, 0.0)


def _falling(x: Double) -> Double:
    """Return p / (1 + p), p being the exponential of −x: the sigmoid of −x."""
    power = exponential(-x)
    return power / (1.0 + power)


def _log_one_more(y: Double) -> Double:
    """Return log(1 + y) for y from 0 to 1.

    2 s (1 + s²/3 + s⁴/5 + ... + s²⁸/29) with s = y / (2 + y): Abramowitz & Stegun, 4.1.27.
    """
    s = y / (2.0 + y)
    square = s * s
    total = np.zeros_like(s)
    for k in range(29, 0, -2):
        total = 1.0 / float(k) + square * total
    return 2.0 * (s * total)


def _upper_tail(x: Double) -> Double:
    """Return how much of the normal distribution lies above x: (t P(t)) exp((−x / 2) x)."""
    t = 1.0 / (1.0 + TAIL_SCALE * x)
    total = np.full_like(x, TAIL[-1])
    for coefficient in TAIL[-2::-1]:
        total = total * t + coefficient
    return total * t * exponential(-0.5 * x * x)


def _softmax(z: Double) -> Double:
    """Return exp(z − largest) over the sum of these, from the first neuron on."""
    powers = exponential(z - z.max(axis=0))
    total = np.zeros(z.shape[1])
    for power in powers:
        total = total + power
    return powers / total
