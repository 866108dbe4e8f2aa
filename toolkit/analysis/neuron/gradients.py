"""How a neuron answers to each pixel of a picture: exact backpropagation, in float64."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.activations import backward
from toolkit.network import Layer, Network

Double = NDArray[np.float64]

OF = ("pre_activation", "activation")


def gradient_map(
    network: Network, digit: ArrayLike, layer: int, index: int, *, of: str = "pre_activation"
) -> Double:
    """Return the derivative of a neuron's answer by each pixel, for a digit.

    What it looks for in this digit: a saliency map, without the absolute value (Simonyan, Vedaldi
    & Zisserman, *Deep Inside Convolutional Networks*, 2013, section 3).  In the first layer it is
    the weights themselves, whatever the digit.

    Parameters
    ----------
    network : Network
    digit : array_like of float, shape (inputs,)
        Pixels in [0, 1].
    layer, index : int
        The neuron.
    of : {"pre_activation", "activation"}

    Returns
    -------
    ndarray of float64, shape (inputs,)
        Per unit of ink.  A ReLU that is exactly at its threshold counts as off; not finite where
        the network's numbers are not.

    Raises
    ------
    ValueError
        If the network has no such neuron, a shape does not fit or `of` is neither.

    Examples
    --------
    >>> net = Network((Layer([[1, 2], [3, 4]], [0, -9], "relu"), Layer([[5, 1]], [0])))
    >>> gradient_map(net, [1, 1], 2, 0)
    array([ 5., 10.])
    """
    network.check_neuron(layer, index)
    if of not in OF:
        raise ValueError(f"of: expected {' or '.join(OF)}; got {of!r:.60}")
    x = as_digit(network, digit, "digit")
    layers = network.layers[:layer]
    with np.errstate(all="ignore"):
        zs, activations = forward(layers, first_sums(network, x)[None])
        slope = np.zeros((1, layers[-1].size))
        slope[0, index] = 1
        if of == "activation":
            slope = through(layers[-1], slope, zs[-1], activations[-1])
        first = back(layers, slope, zs, activations)[0]
        # But by softmax no neuron of the first layer hears another: one whose weights are no
        # numbers is not seen.
        alone = layer == 1 and (of == "pre_activation" or layers[0].activation != "softmax")
        heard = np.array([index]) if alone else slice(None)
        found: Double = first[heard] @ double(layers[0])[heard]
    return found


def as_digit(network: Network, digit: ArrayLike, what: str) -> Double:
    """Return one picture in float64.

    Raises
    ------
    ValueError
        If its shape does not fit.
    """
    x = np.asarray(digit, np.float64)
    if x.shape != (network.sizes[0],):
        raise ValueError(f"{what}: expected shape ({network.sizes[0]},); got {x.shape}")
    return x


def double(layer: Layer) -> Double:
    """Return a layer's weights in float64."""
    return layer.weights.astype(np.float64)


def first_sums(network: Network, x: Double) -> Double:
    """Return the first layer's pre-activations."""
    first = network.layers[0]
    sums: Double = double(first) @ x + first.biases
    return sums


def forward(
    layers: Sequence[Layer], sums: Double, weights: Sequence[Double] | None = None
) -> tuple[list[Double], list[Double]]:
    """Run layers from the first one's pre-activations, shape (n, size), on.

    Parameters
    ----------
    layers : sequence of Layer
    sums : ndarray of float64, shape (n, size)
    weights : sequence of ndarray of float64, optional
        The layers' own, for who runs them many times.

    Returns
    -------
    list of ndarray, list of ndarray
        Pre-activations and activations of each layer, each (n, size).
    """
    zs, activations = [sums], [_activated(layers[0], sums)]
    for at, layer in enumerate(layers[1:], 1):
        own = double(layer) if weights is None else weights[at]
        zs.append(activations[-1] @ own.T + layer.biases)
        activations.append(_activated(layer, zs[-1]))
    return zs, activations


def back(
    layers: Sequence[Layer],
    slope: Double,
    zs: Sequence[Double],
    activations: Sequence[Double],
    weights: Sequence[Double] | None = None,
) -> Double:
    """Carry derivatives by the last layer's pre-activations down to the first one's.

    Parameters
    ----------
    layers : sequence of Layer
    slope : ndarray of float64, shape (n, size of the last)
    zs, activations : sequence of ndarray
        As :func:`forward` returns them.
    weights
        As there.

    Returns
    -------
    ndarray of float64, shape (n, size of the first)
    """
    for at in range(len(layers) - 1, 0, -1):
        own = double(layers[at]) if weights is None else weights[at]
        slope = through(layers[at - 1], slope @ own, zs[at - 1], activations[at - 1])
    return slope


def through(layer: Layer, slope: Double, z: Double, a: Double) -> Double:
    """Turn derivatives by a layer's activations into those by its pre-activations."""
    return backward(layer.activation, slope, z, a)


def _activated(layer: Layer, z: Double) -> Double:
    return np.asarray(layer.activate(z), np.float64)  # type: ignore[arg-type]
