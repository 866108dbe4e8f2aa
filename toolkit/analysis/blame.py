"""Why one output is above another: the difference split over the neurons of each layer.

The last hidden layer is split as it stands.  Below it the rescale rule of
DeepLIFT (Shrikumar, Greenside & Kundaje, *Learning Important Features Through
Propagating Activation Differences*, 2017, section 3.5.1) splits what the digit
changes against a reference picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.activations import derivative, ranking
from toolkit.network import Network

Double = NDArray[np.float64]

_STILL = 1e-7
"""Below it a change of a weighted sum is none that a ratio could be made of (section 3.5.1)."""


@dataclass(frozen=True, eq=False)
class Blame:
    """The difference of two outputs' weighted sums, layer by layer.

    Attributes
    ----------
    winner, other : int
        The outputs.
    difference : float
        ``z[winner] - z[other]``, from the weighted sums with their biases.
    parts : tuple of ndarray of float64
        ``parts[k]``, of shape (size of layer k,), says how much each neuron of layer *k* puts
        `winner` above `other`; layer 0 are the pixels.
    rest : tuple of float
        What no neuron of the layer accounts for: ``parts[k].sum() + rest[k]`` is the difference.
        Of the last layer below the outputs it is the difference of the outputs' biases, of those
        further down the difference that the reference picture itself comes to.
    """

    winner: int
    other: int
    difference: float
    parts: tuple[Double, ...]
    rest: tuple[float, ...]

    def most(self, count: int = 3) -> list[tuple[int, int, float]]:
        """Return the hidden neurons most to blame: layer, index and part, the largest first."""
        found = [
            (layer, index, float(part))
            for layer, parts in enumerate(self.parts[1:], 1)
            for index, part in enumerate(parts)
            if part > 0
        ]
        return sorted(found, key=lambda each: -each[2])[:count]


def blame(
    network: Network,
    digit: ArrayLike,
    other: int | None = None,
    *,
    winner: int | None = None,
    reference: ArrayLike | None = None,
) -> Blame:
    """Split why `winner` is above `other` for a digit.

    Of the layer below the outputs, a neuron's part is the difference of its two weights times its
    activation: exact as it stands.  Further down a neuron's part is how much its activation
    differs from that for the reference, times what such a difference comes to above, each
    activation function taken as the straight line between its two values.  The parts of every
    layer add up to the same difference, whatever is between; for a network of identity functions
    they are the weights' product times the change.

    Parameters
    ----------
    network : Network
    digit : array_like of float, shape (inputs,)
        Pixels in [0, 1].
    other : int, optional
        The output compared with, such as the digit's label; by default the runner-up.
    winner : int, optional
        By default the network's answer.
    reference : array_like of float, shape (inputs,), optional
        The picture that lower layers are compared with; by default a blank one.  A mean of many
        digits shows what is particular to this one.

    Returns
    -------
    Blame
        Not finite where the network's numbers are not.  Softmax in a hidden layer ties neurons to
        one another: a neuron whose sum is the same as for the reference then has no part of its
        own, and its share is missing.

    Raises
    ------
    ValueError
        If a shape does not fit, or the two outputs are not two of the network's.

    Examples
    --------
    >>> from toolkit.network import Layer
    >>> below = Layer([[1, 2], [3, 4]], [0, 0], "identity")
    >>> net = Network((below, Layer([[1, 1], [0, 1]], [0, 0])))
    >>> found = blame(net, [1, 1], other=1)
    >>> found.difference, found.parts[1].tolist(), found.parts[0].tolist()
    (3.0, [3.0, 0.0], [1.0, 2.0])
    """
    x = np.asarray(digit, np.float64)
    base = np.zeros_like(x) if reference is None else np.asarray(reference, np.float64)
    for name, value in (("digit", x), ("reference", base)):
        if value.shape != (network.sizes[0],):
            raise ValueError(f"{name}: expected shape ({network.sizes[0]},); got {value.shape}")
    with np.errstate(all="ignore"):
        z, a = _forward(network, x)
        z0, a0 = _forward(network, base)
        outputs = ranking(z[-1], network.activations[-1])
        winner = int(np.argmax(outputs)) if winner is None else _output(network, winner, "winner")
        if other is None:
            ranked = np.argsort(-outputs, kind="stable")
            other = int(ranked[ranked != winner][0]) if len(ranked) > 1 else winner
        other = _output(network, other, "other")
        if other == winner:
            raise ValueError(f"other: expected another output than the winner, {winner}")
        return _split(network, winner, other, (z, a), (z0, a0))


def _split(
    network: Network,
    winner: int,
    other: int,
    shown: tuple[list[Double], list[Double]],
    reference: tuple[list[Double], list[Double]],
) -> Blame:
    (z, a), (z0, a0) = shown, reference
    top = network.layers[-1]
    weights, biases = top.weights.astype(np.float64), top.biases.astype(np.float64)
    slope: Double = weights[winner] - weights[other]
    bias = float(biases[winner] - biases[other])
    parts, rest = [slope * a[-1]], [bias]
    then = float(slope @ a0[-1]) + bias
    for k in range(len(network.layers) - 1, 0, -1):
        moved = z[k - 1] - z0[k - 1]
        still = np.abs(moved) <= _STILL
        ratio = (a[k] - a0[k]) / np.where(still, 1, moved)
        activation = network.activations[k - 1]
        through = slope * np.where(still, derivative(activation, z[k - 1], a[k]), ratio)
        slope = through @ network.layers[k - 1].weights.astype(np.float64)
        parts.insert(0, slope * (a[k - 1] - a0[k - 1]))
        rest.insert(0, then)
    return Blame(winner, other, float(parts[-1].sum()) + bias, tuple(parts), tuple(rest))


def _forward(network: Network, x: Double) -> tuple[list[Double], list[Double]]:
    """Return pre-activations of all layers, and activations from the input to the last hidden."""
    zs: list[Double] = []
    activations = [x]
    for layer in network.layers:
        z = layer.weights.astype(np.float64) @ activations[-1] + layer.biases
        zs.append(z)
        activations.append(np.asarray(layer.activate(z), np.float64))  # type: ignore[arg-type]
    return zs, activations[:-1]


def _output(network: Network, index: int, what: str) -> int:
    try:
        network.check_neuron(len(network.layers), index)
    except ValueError as error:
        raise ValueError(f"{what}: {error}") from error
    return int(index)
