"""Activation functions: arrays of pre-activations, float32 or float64, to activations."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Real = TypeVar("Real", NDArray[np.float32], NDArray[np.float64])

# Upper tail of the standard normal distribution, exp(-x²/2) t P(t) with t = 1 / (1 + c x): a
# minimax fit of this project's own, by its constant term first; relative error below 3e-9.
TAIL_SCALE = 0.22
TAIL = (
    0.08776770847767398,
    0.08775218982203195,
    0.08375811952661409,
    0.07290445740827711,
    0.07465364414574138,
    0.005497895575327996,
    0.13792038648357752,
    -0.1513634066576372,
    0.18511118305167512,
    -0.10444182300335796,
    0.020439643744205743,
)
TANH_FORM = 2 * math.sqrt(2 / math.pi)  # Hendrycks & Gimpel 2016, section 2, twice over
CUBIC = 0.044715


def sigmoid(z: Real) -> Real:
    """Return 1 / (1 + exp(-z))."""
    # tanh saturates without overflow where exp(-z) would not.
    result: Real = 0.5 * np.tanh(0.5 * z) + 0.5
    return result


def softmax(z: Real) -> Real:
    """Return exp(z) over the sum of exp(z) of the last axis."""
    shifted = np.exp(z - z.max(axis=-1, keepdims=True))
    result: Real = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


def relu(z: Real) -> Real:
    """Return z, or 0 where that is larger."""
    result: Real = np.maximum(z, np.float32(0))
    return result


def hard_sigmoid(z: Real) -> Real:
    """Return z / 6 + 1/2, kept within 0 and 1."""
    result: Real = np.clip(z / 6 + 0.5, 0, 1)
    return result


def softplus(z: Real) -> Real:
    """Return log(1 + exp(z))."""
    result: Real = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
    return result


# GELU and SiLU are z times a share g(z) with g(-z) = 1 - g(z), so z g(z) is what ReLU gives less
# |z| g(-|z|): nothing overflows, small answers keep their digits, and infinity has its limit.
def size(z: Real, most: float) -> Real:
    """Return |z|, at most `most`: there float64's share is 0 too."""
    result: Real = np.minimum(np.abs(z), most)
    return result


def upper_tail(x: Real) -> Real:
    """Return how much of the normal distribution lies above x, from 0 to 40."""
    t = 1 / (1 + TAIL_SCALE * x)
    series = np.full_like(x, TAIL[-1])
    for coefficient in TAIL[-2::-1]:
        series *= t
        series += coefficient
    series *= t
    series *= np.exp(-0.5 * x * x)
    return series


def upper_tail_slope(x: Real) -> Real:
    """Return the derivative of :func:`upper_tail` as that is computed: sums of slopes are exact."""
    t = 1 / (1 + TAIL_SCALE * x)
    series, slope = np.full_like(x, TAIL[-1]), np.zeros_like(x)
    for coefficient in TAIL[-2::-1]:
        slope *= t
        slope += series
        series *= t
        series += coefficient
    rise = (series + t * slope) * (TAIL_SCALE * t * t)
    result: Real = -np.exp(-0.5 * x * x) * (x * t * series + rise)
    return result


def falling(x: Real) -> Real:
    """Return the sigmoid of -x, for x from 0."""
    power = np.exp(-x)
    result: Real = power / (1 + power)
    return result


def gelu(z: Real) -> Real:
    """Return z times the share of the standard normal distribution that lies below z."""
    x = size(z, 40)
    result: Real = np.maximum(z, 0) - x * upper_tail(x)
    return result


def tanh_form(x: Real) -> Real:
    """Return twice what :func:`gelu_tanh` takes the tanh of."""
    result: Real = np.multiply(x + CUBIC * x * x * x, TANH_FORM)
    return result


def gelu_tanh(z: Real) -> Real:
    """Return GELU's form by tanh."""
    x = size(z, 22)
    result: Real = np.maximum(z, 0) - x * falling(tanh_form(x))
    return result


def silu(z: Real) -> Real:
    """Return z times its sigmoid."""
    x = size(z, 800)
    result: Real = np.maximum(z, 0) - x * falling(x)
    return result


def elu(alpha: float) -> Callable[[Float], Float]:
    """Return the function that is z above zero and α (exp(z) - 1) below."""

    def elu(z: Float) -> Float:
        below: Float = np.multiply(np.expm1(np.minimum(z, 0)), alpha)
        return np.maximum(z, 0) + below

    return elu


def leaky_relu(slope: float) -> Callable[[Float], Float]:
    """Return the function that is z above zero and `slope` times z below."""

    def leaky_relu(z: Float) -> Float:
        below: Float = np.multiply(z, slope)
        # Of two the larger is found several times faster than one is chosen.
        result: Float = np.maximum(z, below) if 0 < slope < 1 else np.where(z > 0, z, below)
        return result

    return leaky_relu
