"""How activation functions run: where they rise and turn, their derivatives, which output wins."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.activations.functions import (
    CUBIC,
    TANH_FORM,
    Real,
    falling,
    sigmoid,
    size,
    tanh_form,
    upper_tail,
    upper_tail_slope,
)
from toolkit.activations.names import ACTIVATIONS, family


def non_decreasing(name: str) -> bool:
    """Tell whether a larger pre-activation never has a smaller activation.

    GELU and SiLU fall before they rise, and so do elu and leaky_relu with a negative parameter.
    """
    kind, parameter = family(name)
    return kind not in ("gelu", "gelu_tanh", "silu") and not parameter < 0


def fires_above(name: str) -> float | None:
    """Return what an activation is above where its pre-activation is above zero, and only there.

    None where it does not show: a softmax's hangs together with others', and functions that fall
    below zero have the same activation on either side.

    Examples
    --------
    >>> fires_above("sigmoid"), fires_above("gelu"), fires_above("softmax")
    (0.5, 0.0, None)
    """
    kind, parameter = family(name)
    if kind == "softmax" or parameter < 0:
        return None
    return float(ACTIVATIONS[name](np.zeros(1, np.float32))[0])


def kinks(name: str) -> tuple[float, ...]:
    """Return at which pre-activations a function is not smooth."""
    kind, _ = family(name)
    return {"hard_sigmoid": (-3.0, 3.0)}.get(
        kind, (0.0,) if kind in ("relu", "leaky_relu", "elu") else ()
    )


def straight(name: str) -> bool:
    """Tell whether a function is made of straight lines."""
    return family(name)[0] in ("identity", "relu", "leaky_relu", "hard_sigmoid")


def derivative(name: str, z: Real, a: Real) -> Real:
    """Return the derivative of an activation function, each neuron by itself.

    Parameters
    ----------
    name : str
        A key of :data:`ACTIVATIONS`.
    z, a : ndarray of float, one shape
        Pre-activations, and what the function makes of them.

    Returns
    -------
    ndarray of their shape and type
        Of softmax the derivative of each activation by its own pre-activation.  At a kink that of
        the side below, where a ReLU is off; at infinity its limit.
    """
    kind, parameter = family(name)
    found: Real
    match kind:
        case "sigmoid" | "softmax":
            found = a * (1 - a)
        case "tanh":
            found = 1 - a * a
        case "relu":
            found = _kept(z, np.where(z > 0, 1, 0))
        case "leaky_relu":
            found = _kept(z, np.where(z > 0, 1, parameter))
        case "elu":
            found = _kept(z, np.where(z > 0, 1, a + parameter))
        case "softplus":
            found = sigmoid(z)
        case "hard_sigmoid":
            found = _kept(z, np.where(np.abs(z) < 3, 1 / 6, 0))
        case "gelu":
            x = size(z, 40)
            tail = upper_tail(x) + x * upper_tail_slope(x)
            found = np.where(z > 0, 1 - tail, tail)
        case "gelu_tanh":
            x = size(z, 22)
            share = falling(tanh_form(x))
            steep = TANH_FORM * (1 + 3 * CUBIC * x * x)
            tail = share - x * steep * share * (1 - share)
            found = np.where(z > 0, 1 - tail, tail)
        case "silu":
            x = size(z, 800)
            share = falling(x)
            tail = share - x * share * (1 - share)
            found = np.where(z > 0, 1 - tail, tail)
        case _:
            found = np.ones_like(z)
    return found


def _kept(z: Real, found: NDArray[np.floating]) -> Real:
    """Return what was found in z's type."""
    result: Real = found.astype(z.dtype, copy=False)
    return result


def backward(name: str, slope: Real, z: Real, a: Real) -> Real:
    """Turn derivatives by a layer's activations into those by its pre-activations.

    Parameters
    ----------
    name : str
        A key of :data:`ACTIVATIONS`.
    slope, z, a : ndarray of float, shape (..., size)
        The derivatives, pre-activations and activations.

    Returns
    -------
    ndarray, shape (..., size)
    """
    if name == "identity":
        return slope
    if name == "softmax":
        mixed: Real = a * (slope - (slope * a).sum(axis=-1, keepdims=True))
        return mixed
    if name == "relu":
        return slope * (z > 0)
    result: Real = slope * derivative(name, z, a)
    return result


def winner(z: ArrayLike, axis: int = -1, activation: str | None = None) -> NDArray[np.intp]:
    """Return which output neuron wins, the lowest where several tie; NaN wins over any number.

    Read from the pre-activations: where an activation function is non-decreasing, their largest
    is also a largest activation, and outputs that saturate at 1.0 are still told apart.  Where it
    is not (see :func:`non_decreasing`), the largest activation wins.

    Parameters
    ----------
    z : array_like of float, shape (..., outputs) for the last axis
    axis : int
        Which one the outputs are on.
    activation : str, optional
        The output layer's; by default a non-decreasing one.

    Returns
    -------
    ndarray of int, one axis fewer
    """
    return np.asarray(np.argmax(ranking(np.asarray(z), activation), axis=axis))


def ranking(z: NDArray[np.floating], activation: str | None) -> NDArray[np.floating]:
    """Return what outputs are ranked by: pre-activations, or activations where those may fall."""
    if activation is None or non_decreasing(activation):
        return z
    return ACTIVATIONS[activation](z)
