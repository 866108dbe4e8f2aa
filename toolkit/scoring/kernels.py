"""What numbers go through from one layer to the next; arrays are (neurons, digits)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from toolkit.activations import family
from toolkit.network import Float, Layer
from toolkit.scoring.resolving import SQUASHING
from toolkit.scoring.sums import Double, Rows

TERMS = 64
"""Products that one matrix product adds up; of more inputs such sums are added, which rounds less
than one long sum does."""


def weigh(layer: Layer, a: Float, out: Float) -> None:
    """Write a layer's pre-activations, shape (size, digits), from what is below it."""
    multiply(layer.weights, a, out)
    out += layer.biases[:, None]


def multiply(weights: Float, a: Float, out: Float) -> None:
    """Write the product of weights and activations."""
    if len(a) == 1:
        np.multiply(weights, a, out=out)
        return
    np.matmul(weights[:, :TERMS], a[:TERMS], out=out)
    for at in range(TERMS, len(a), TERMS):
        out += np.matmul(weights[:, at : at + TERMS], a[at : at + TERMS])


def activate(layer: Layer, z: Float, out: Float) -> None:
    """Write activations; `out` may be `z`.  The usual ones come without arrays between."""
    match layer.activation:
        case "sigmoid":  # as toolkit.activations has it
            np.multiply(z, np.float32(0.5), out=out)
            np.tanh(out, out=out)
            out *= np.float32(0.5)
            out += np.float32(0.5)
        case "relu":
            # Of two arrays NumPy finds the larger several times faster than of one and a number.
            np.maximum(z, np.zeros(z.shape[1], np.float32), out=out)
        case _:
            out[...] = layer.activate(z.T).T


def squashes(layer: Layer) -> bool:
    """Tell whether no activation of a layer is larger than 1 in size."""
    return family(layer.activation)[0] in SQUASHING


def largest(layer: Layer, a: Float) -> Double:
    """Return each neuron's largest activation in size."""
    found: Float = a.max(axis=1)
    if layer.activation != "relu":
        found = np.maximum(found, -a.min(axis=1))
    return found.astype(np.float64)


def differ(one: Float, other: Float) -> NDArray[np.bool_]:
    """Tell where some bit differs, so that NaN equals itself."""
    result: NDArray[np.bool_] = one.view(np.uint32) != other.view(np.uint32)
    return result


def rows_that_differ(layer: Layer, before: Layer | None) -> tuple[Rows, Rows]:
    """Return the neurons whose weights differ, and those whose weights or bias do.

    Parameters
    ----------
    layer : Layer
    before : Layer or None
        One of the same shape; None, where there was none, differs in all.
    """
    if layer is before:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    if before is None:
        return np.arange(layer.size), np.arange(layer.size)
    weights = differ(layer.weights, before.weights).any(axis=1)
    return np.flatnonzero(weights), np.flatnonzero(weights | differ(layer.biases, before.biases))
