"""Weights in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.network import Network


@dataclass(frozen=True)
class LayerStatistics:
    """Weights and biases of one layer; least, largest, mean and spread over finite weights.

    Attributes
    ----------
    layer : int
    neurons, inputs : int
    activation : str
    least, largest, mean, spread : float
        `spread` is the standard deviation.  All are 0 where no weight is finite.
    zeros, not_finite : int
        Weights that are exactly zero; weights and biases that are NaN or infinite.
    bias_least, bias_largest : float
        Over finite biases.
    norms : ndarray of float32, shape (neurons,)
        Euclidean length of each neuron's weights.
    """

    layer: int
    neurons: int
    inputs: int
    activation: str
    least: float
    largest: float
    mean: float
    spread: float
    zeros: int
    not_finite: int
    bias_least: float
    bias_largest: float
    norms: NDArray[np.float32]


def norms(weights: ArrayLike) -> NDArray[np.float32]:
    """Return the Euclidean length of each row; NaN or infinite where a weight is.

    Parameters
    ----------
    weights : array_like of float, shape (out, in)

    Returns
    -------
    ndarray of float32, shape (out,)
    """
    # Squares of float32 fit float64, so nothing but an infinite weight gives an infinite length.
    with np.errstate(over="ignore"):
        lengths = np.linalg.norm(np.asarray(weights, dtype=np.float64), axis=1)
        return np.asarray(lengths, dtype=np.float32)


def layer_statistics(network: Network) -> tuple[LayerStatistics, ...]:
    """Return the statistics of each layer, the first hidden one first."""
    return tuple(_statistics(network, number) for number in range(1, len(network.layers) + 1))


def _statistics(network: Network, number: int) -> LayerStatistics:
    layer = network.layer(number)
    weights = layer.weights[np.isfinite(layer.weights)].astype(np.float64)
    biases = layer.biases[np.isfinite(layer.biases)].astype(np.float64)
    if not weights.size:
        weights = np.zeros(1)
    if not biases.size:
        biases = np.zeros(1)
    bad = [int(np.sum(~np.isfinite(values))) for values in (layer.weights, layer.biases)]
    return LayerStatistics(
        layer=number,
        neurons=layer.size,
        inputs=layer.inputs,
        activation=layer.activation,
        least=float(weights.min()),
        largest=float(weights.max()),
        mean=float(weights.mean()),
        spread=float(weights.std()),
        zeros=int(np.sum(layer.weights == 0)),
        not_finite=sum(bad),
        bias_least=float(biases.min()),
        bias_largest=float(biases.max()),
        norms=norms(layer.weights),
    )
