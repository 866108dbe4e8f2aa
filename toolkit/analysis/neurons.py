"""What one neuron takes from a digit, and what it looks for through the layers below it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from toolkit.network import Network, Responses, Trace

Float = NDArray[np.float32]


def layer_inputs(responses: Responses, layer: int) -> Float:
    """Return what `layer` was given in a forward pass: pixels, or the activations below it.

    Parameters
    ----------
    responses : Responses
        For layer 1 a Trace, which has the pixels.
    layer : int, 1 being the first hidden layer

    Returns
    -------
    ndarray of float32, shape (in,) or (n, in)

    Raises
    ------
    ValueError
        If layer 1 is asked for and there are no pixels.
    """
    if layer > 1:
        return responses.activations[layer - 2]
    if not isinstance(responses, Trace):
        raise ValueError("responses: expected a Trace, which has the inputs; got Responses alone")
    return responses.inputs


def contributions(network: Network, trace: Responses, layer: int, index: int) -> Float:
    """Return weight times input for each input of a neuron.

    Together with the bias they add up to the neuron's pre-activation.

    Parameters
    ----------
    network : Network
        The one that made `trace`.
    trace : Trace, or for later layers Responses
        Of one digit, or of a batch.
    layer, index : int
        The neuron.

    Returns
    -------
    ndarray of float32, shape (in,) or (n, in)

    Raises
    ------
    ValueError
        If the network has no such neuron.

    Examples
    --------
    >>> from toolkit.network import Layer
    >>> net = Network((Layer([[2, -3]], [1]),))
    >>> contributions(net, net.forward([0.5, 1]), 1, 0)
    array([ 1., -3.], dtype=float32)
    """
    network.check_neuron(layer, index)
    with np.errstate(over="ignore", invalid="ignore"):
        product: Float = layer_inputs(trace, layer) * network.layer(layer).weights[index]
    return product


def composed_maps(network: Network, layer: int) -> Float:
    """Return the maps of a layer's neurons over the input: ``W2 W1`` for layer 2, and so on.

    This is what the neurons would look for if every activation function
    below them were the identity and every bias zero: a linear approximation.
    For layer 1 it is exact, the weights themselves.

    Parameters
    ----------
    network : Network
    layer : int

    Returns
    -------
    ndarray of float32, shape (size, pixels)
        Row *j* is the map of neuron ``layer.j``.

    Raises
    ------
    ValueError
        If the network has no such layer.
    """
    weights = network.layer(layer).weights
    with np.errstate(over="ignore", invalid="ignore"):
        for below in reversed(network.layers[: layer - 1]):
            weights = weights @ below.weights
    return weights
