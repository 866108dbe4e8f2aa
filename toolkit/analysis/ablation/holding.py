"""Networks in which some neurons always answer the same, and what they answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal

import numpy as np

from toolkit.activations import family
from toolkit.network import ACTIVATIONS, Float, Layer, Network, Responses

Replacement = Literal["mean", "zero"]

# Of softmax an answer hangs on the others'; those that fall and rise have no inverse.
_FOLDED = ("softmax", "gelu", "gelu_tanh", "silu")
_WIDE = 64
"""Neurons of a layer, from which on the layer above is corrected and not computed anew."""


def without(
    network: Network,
    responses: Responses,
    neurons: Iterable[tuple[int, int]],
    replacement: Replacement = "mean",
) -> Network:
    """Return a network in which some neurons always answer their mean, or zero.

    They lose their weights, and their biases are where the activation function gives that answer;
    an output neuron's bias is its mean pre-activation, since answers are read from these.  A
    neuron of a softmax layer, whose answer hangs on the others', or of GELU or SiLU, which no bias
    is worked back from, is cut off from the layer above instead, whose biases take over what it
    stands for.

    Parameters
    ----------
    network : Network
    responses : Responses
        Its own, to n digits, n at least 1.
    neurons : iterable of (layer, index)
    replacement : {"mean", "zero"}

    Raises
    ------
    ValueError
        If there is no such neuron, or a shape or value does not fit.
    """
    which = check_neurons(network, neurons)
    stands = stand_ins(network, responses, replacement)
    layers = list(network.layers)
    with np.errstate(all="ignore"):
        for number, index in sorted(set(which)):
            layer, value = layers[number - 1], float(stands[number - 1][index])
            if number < len(layers) and layer.activation in _FOLDED:
                above = layers[number]
                weights = above.weights.copy()
                share = weights[:, index].astype(np.float64) * value
                weights[:, index] = 0
                biases = (above.biases + share).astype(np.float32)
                layers[number] = replace(above, weights=weights, biases=biases)
                continue
            weights, biases = layer.weights.copy(), layer.biases.copy()
            weights[index] = 0
            biases[index] = value if number == len(layers) else _bias_for(layer.activation, value)
            layers[number - 1] = replace(layer, weights=weights, biases=biases)
    if not which:
        return network
    said = f"{', '.join(f'{layer}.{index}' for layer, index in which)} at {replacement}"
    changed = replace(network, layers=tuple(layers))
    return changed.renamed(network.name, without=said)


def _bias_for(activation: str, value: float) -> float:
    """Return the bias with which a neuron without weights answers `value`."""
    if activation == "sigmoid":
        # So far out that float32 gives 0 and 1 themselves.
        return float(np.clip(np.log(value) - np.log1p(-value), -200, 200))
    if activation == "tanh":
        return float(np.clip(np.arctanh(value), -100, 100))
    if activation == "hard_sigmoid":
        return 6 * (value - 0.5)
    if activation == "softplus":
        return float(np.clip(value + np.log(-np.expm1(-value)), -200, None))
    kind, parameter = family(activation)
    if kind == "leaky_relu" and value < 0:
        return value / parameter
    if kind == "elu" and value < 0:
        return float(np.clip(np.log1p(value / parameter), -100, None))
    return value


def stand_ins(network: Network, passed: Responses, replacement: str) -> list[Float]:
    """Return what takes the place of each neuron's activation, an output's pre-activation."""
    if replacement not in ("mean", "zero"):
        raise ValueError(f"replacement: expected mean or zero; got {replacement!r}")
    shape = passed.logits.shape
    if len(shape) != 2 or not shape[0]:
        raise ValueError(
            "images: expected shape (n, pixels), n at least 1; "
            f"got some whose outputs have shape {shape}"
        )
    sizes = tuple(each.shape[-1] for each in passed.activations)
    if sizes != network.sizes[1:]:
        raise ValueError(f"responses: expected those of {network.sizes[1:]} neurons; got {sizes}")
    if replacement == "zero":
        return [np.zeros(size, np.float32) for size in sizes]
    with np.errstate(all="ignore"):
        # In float64, so that the mean of equal values is that value and nothing changes.
        return [
            each.mean(axis=0, dtype=np.float64).astype(np.float32)
            for each in (*passed.activations[:-1], passed.logits)
        ]


def each_without(
    network: Network, passed: Responses, stands: list[Float]
) -> Iterator[tuple[int, int, Float]]:
    """Yield layer and index of each neuron and the logits without it, shape (n, outputs)."""
    for number, layer in enumerate(network.layers, 1):
        top = number == len(network.layers)
        values = passed.logits if top else passed.activations[number - 1]
        for index in range(layer.size):
            stand_in = stands[number - 1][index]
            if top or layer.size <= _WIDE:
                held = values.T.copy()
                held[index] = _answer(layer.activation, stand_in, top)
                yield number, index, held.T if top else _above(network, number, held)
            else:
                yield number, index, _corrected(network, passed, number, index, stand_in)


def _answer(activation: str, stand_in: np.float32, top: bool) -> np.float32:
    """Return what a neuron answers that :func:`without` holds at `stand_in`, to the last bit."""
    if top or activation in _FOLDED:
        return stand_in
    bias = np.array([_bias_for(activation, float(stand_in))], np.float32)
    answer: np.float32 = ACTIVATIONS[activation](bias)[0]
    return answer


def _above(network: Network, number: int, held: Float) -> Float:
    """Run the layers above layer `number` on its activations, shape (size, n)."""
    a = held
    for at in range(number, len(network.layers)):
        layer = network.layers[at]
        # As a Scorer does, so that its score of such a network is this one's.
        z = np.matmul(layer.weights, a)
        z += layer.biases[:, None]
        a = z if at == len(network.layers) - 1 else _activated(layer, z)
    return a.T


def rerun(changed: Network, passed: Responses, which: tuple[tuple[int, int], ...]) -> Float:
    """Return the logits of `changed`, in which the neurons `which` are held."""
    first = min(layer for layer, _ in which)
    top = len(changed.layers)
    a = (passed.logits if first == top else passed.activations[first - 1]).T.copy()
    for number in range(first, top + 1):
        layer = changed.layers[number - 1]
        if number > first:
            z = np.matmul(layer.weights, a)
            z += layer.biases[:, None]
            a = z if number == top else _activated(layer, z)
        elif number == top or layer.activation not in _FOLDED:
            held = [index for at, index in which if at == number]
            own = layer.biases[held]
            a[held] = (own if number == top else layer.activate(own))[:, None]
    logits: Float = a.T
    return logits


def _corrected(
    network: Network, passed: Responses, layer: int, index: int, stand_in: np.float32
) -> Float:
    above, values = network.layers[layer], passed.activations[layer - 1]
    change = stand_in - values[:, index]
    z: Float = passed.pre_activations[layer] + np.multiply.outer(change, above.weights[:, index])
    if not np.isfinite(z).all():
        # What is not finite cannot be corrected by a difference.
        held = values.T.copy()
        held[index] = stand_in
        return _above(network, layer, held)
    for below, later in zip(network.layers[layer:], network.layers[layer + 1 :], strict=False):
        z = below.activate(z) @ later.weights.T + later.biases
    return z


def check_neurons(
    network: Network, neurons: Iterable[tuple[int, int]]
) -> tuple[tuple[int, int], ...]:
    """Return the neurons, once they are seen to be of the network."""
    which = []
    for each in neurons:
        try:
            layer, index = each
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"neurons: expected pairs of layer and index; got {each!r:.60}"
            ) from error
        network.check_neuron(layer, index)
        which.append((int(layer), int(index)))
    return tuple(which)


def _activated(layer: Layer, z: Float) -> Float:
    """Return the activations of pre-activations of shape (size, n)."""
    return layer.activate(z.T).T if layer.activation == "softmax" else layer.activate(z)
