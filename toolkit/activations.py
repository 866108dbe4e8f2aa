"""Activation functions by name, and which output neuron wins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float = NDArray[np.float32]


def _sigmoid(z: Float) -> Float:
    # tanh saturates without overflow where exp(-z) would not.
    half = np.float32(0.5)
    result: Float = half * np.tanh(half * z) + half
    return result


def _softmax(z: Float) -> Float:
    shifted = np.exp(z - z.max(axis=-1, keepdims=True))
    result: Float = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


ACTIVATIONS: Mapping[str, Callable[[Float], Float]] = MappingProxyType(
    {
        "sigmoid": _sigmoid,
        "relu": lambda z: np.maximum(z, np.float32(0)),
        "tanh": np.tanh,
        "identity": lambda z: z,
        "softmax": _softmax,
    }
)
"""Activation functions by name; each maps an array of pre-activations, last axis the neurons."""


def winner(z: ArrayLike, axis: int = -1) -> NDArray[np.intp]:
    """Return which output neuron wins, the lowest where several tie; NaN wins over any number.

    Read from the pre-activations: every activation function here is
    non-decreasing, so their largest is also a largest activation, and outputs
    that saturate at 1.0 are still told apart.

    Parameters
    ----------
    z : array_like of float, shape (..., outputs) for the last axis
    axis : int
        Which one the outputs are on.

    Returns
    -------
    ndarray of int, one axis fewer
    """
    return np.asarray(np.argmax(np.asarray(z), axis=axis))


def check_activation(name: object) -> str:
    """Return `name` if it names an activation function.

    Raises
    ------
    ValueError
        If it does not; the message lists those that do.
    """
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise ValueError(f"activation: expected one of {', '.join(ACTIVATIONS)}; got {name!r:.60}")
    return name
