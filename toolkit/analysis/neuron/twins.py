"""Which neurons of a layer do nearly the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolkit.analysis.remarks import correlations, correlations_with
from toolkit.network import Network, Responses

Double = NDArray[np.float64]

_MANY = 128
"""Neurons, from which on a part of the digits is enough to compare them by."""


@dataclass(frozen=True, eq=False)
class Twins:
    """How alike the neurons of a layer are, pair by pair.

    Attributes
    ----------
    layer : int
    by_weights : ndarray of float64, shape (size, size), in [-1, 1]
        Cosine of the angle between their incoming weights; 0 with a neuron that has none, or
        some that are not finite.
    by_activations : ndarray of float64, shape (size, size), in [-1, 1]
        Pearson's correlation of their activations over the digits; 0 with a neuron whose
        activation stands still or is not finite.
    nearest : ndarray of int, shape (size,)
        For each the other neuron with the largest `by_activations`, of either sign; by
        `by_weights` where it correlates with none; -1 in a layer of one neuron.
    similarity : ndarray of float64, shape (size,), in [-1, 1]
        Its correlation with that neuron.
    """

    layer: int
    by_weights: Double
    by_activations: Double
    nearest: NDArray[np.intp]
    similarity: Double


def twins(network: Network, responses: Responses, layer: int) -> Twins:
    """Compare the neurons of a layer by what they look at and by what they say.

    Two may look at different pixels and say the same, since digits light pixels together: what
    they say decides which is the nearest.

    Parameters
    ----------
    network : Network
    responses : Responses
        Its own, to n digits, n at least 1.
    layer : int

    Raises
    ------
    ValueError
        If the network has no such layer, or the responses are not its own or of no digits.
    """
    weights = network.layer(layer).weights
    activations = activations_of(network, responses, layer)
    by_weights = _cosines(weights)
    by_activations = correlations(activations, most=_most(len(weights)))
    # A hair of the weights' likeness settles it where the activations say nothing.
    likeness = np.abs(by_activations) + 1e-9 * np.abs(by_weights)
    np.fill_diagonal(likeness, -1)
    own = np.arange(len(weights))
    if len(weights) == 1:
        return Twins(layer, by_weights, by_activations, np.array([-1]), np.zeros(1))
    nearest = np.argmax(likeness, axis=1)
    return Twins(layer, by_weights, by_activations, nearest, by_activations[own, nearest])


def twins_of(
    network: Network, responses: Responses, layer: int, index: int
) -> tuple[Double, Double]:
    """Return one row of each table of :func:`twins`, in time and memory of the layer's size.

    Parameters
    ----------
    network, responses, layer
        As :func:`twins` takes them.
    index : int

    Returns
    -------
    by_weights, by_activations : ndarray of float64, shape (size,), in [-1, 1]

    Raises
    ------
    ValueError
        If the network has no such neuron, or the responses are not its own or of no digits.
    """
    network.check_neuron(layer, index)
    weights = network.layer(layer).weights
    activations = activations_of(network, responses, layer)
    with np.errstate(all="ignore"):
        # Summed in float64, without a copy of all weights that wide.
        lengths = np.sqrt(np.einsum("ij,ij->i", weights, weights, dtype=np.float64))
        own = weights[index].astype(np.float64)
        products = np.einsum("ij,j->i", weights, own, dtype=np.float64)
        both = lengths * lengths[index]
        good = np.isfinite(both) & (both > 0)
        by_weights = np.clip(np.where(good, products, 0) / np.where(good, both, 1), -1, 1)
    return by_weights, correlations_with(activations, index, most=_most(len(weights)))


def _most(size: int) -> int | None:
    return 4000 if size > _MANY else None


def activations_of(network: Network, responses: Responses, layer: int) -> NDArray[np.float32]:
    """Return a layer's activations, shape (n, size), once they are seen to be the network's.

    Raises
    ------
    ValueError
        If the network has no such layer, or the responses are not its own or of no digits.
    """
    network.layer(layer)
    shapes = [each.shape for each in responses.activations]
    count = shapes[-1][0] if len(shapes[-1]) == 2 else 0
    if not count or shapes != [(count, size) for size in network.sizes[1:]]:
        raise ValueError(
            f"responses: expected those of {network.sizes[1:]} neurons to one digit or more; "
            f"got {shapes}"
        )
    return responses.activations[layer - 1]


def _cosines(weights: NDArray[np.float32]) -> Double:
    values = weights.astype(np.float64)
    lengths = np.sqrt((values**2).sum(axis=1))
    good = np.isfinite(lengths) & (lengths > 0)
    scaled = np.where(good[:, None], values, 0) / np.where(good, lengths, 1)[:, None]
    found: Double = np.clip(scaled @ scaled.T, -1, 1)
    return found
