"""The loss of a network on a batch and its gradient, by backpropagation.

The equations are those of Nielsen, *Neural Networks and Deep Learning* (2015),
chapter 2, and Goodfellow, Bengio & Courville, *Deep Learning* (2016), section 6.5.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from toolkit.activations import backward
from toolkit.network import ACTIVATIONS, Float, Network

LOSSES = ("cross-entropy", "mse")
"""Names of the loss functions; :func:`gradients` defines them."""

CROSS_ENTROPY_OUTPUTS = ("sigmoid", "softmax", "identity")
"""Activation functions of an output layer that cross-entropy is defined for."""


def gradients(
    network: Network, images: ArrayLike, labels: ArrayLike, loss: str = "cross-entropy"
) -> tuple[float, list[tuple[Float, Float]]]:
    """Return the mean loss of a batch and its derivative by every weight and bias.

    Parameters
    ----------
    network : Network
    images : array_like of float, shape (n, inputs)
        Pixels in [0, 1].
    labels : array_like, shape (n,) of int or (n, outputs) of float
        The right answers, each 0 to outputs - 1; or for each digit the output that is
        wanted of every output neuron, each from 0 to 1.
    loss : {"cross-entropy", "mse"}
        For one digit with outputs *a* (pre-activations *z*) and wanted outputs *y*; the value
        returned is the mean over the digits.

        ``"cross-entropy"`` follows the output layer's activation function.  Softmax:
        ``-sum(y log a)``.  Identity: the same with ``softmax(z)`` for *a*, the outputs being
        read as logits.  Sigmoid: ``-sum(y log a + (1 - y) log(1 - a))`` over the ten outputs,
        each a yes-or-no of its own (Nielsen, chapter 3, eq. 63).  All three give the output
        layer the error ``a - y`` (Goodfellow et al., section 6.2.2).  It is not defined for
        outputs of other functions.

        ``"mse"``: ``sum((a - y)**2)`` over the outputs, without Nielsen's factor of one half.

    Returns
    -------
    value : float
        The mean loss, in natural units (nats for cross-entropy).
    per_layer : list of (ndarray, ndarray)
        For each layer the derivatives by its weights, shape (out, in), and its biases, (out,).

    Raises
    ------
    ValueError
        If the loss is unknown or does not fit the output layer, or a shape or label does not
        fit.

    Examples
    --------
    >>> net = Network.blank((2, 2))
    >>> value, [(by_weights, by_biases)] = gradients(net, [[1.0, 0.0]], [0], loss="mse")
    >>> value
    0.5
    >>> by_biases
    array([-0.25,  0.25], dtype=float32)
    """
    check_loss(loss, network)
    x = np.asarray(images, dtype=np.float32)
    if x.ndim != 2 or x.shape[1] != network.sizes[0] or not len(x):
        raise ValueError(f"images: expected shape (n, {network.sizes[0]}), n at least 1; "
                         f"got {x.shape}")  # fmt: skip
    targets = wanted_outputs(labels, len(x), network.sizes[-1])
    parameters = [(layer.weights, layer.biases) for layer in network.layers]
    out = [(np.empty_like(weights), np.empty_like(biases)) for weights, biases in parameters]
    value = backpropagate(parameters, network.activations, x, targets, loss, out)
    return value, out


def check_loss(loss: str, network: Network) -> None:
    """Raise ValueError unless the loss exists and fits the network's output layer."""
    if loss not in LOSSES:
        raise ValueError(f"loss: expected one of {', '.join(LOSSES)}; got {loss!r}")
    output = network.activations[-1]
    if loss == "cross-entropy" and output not in CROSS_ENTROPY_OUTPUTS:
        raise ValueError(
            f"loss: cross-entropy expects an output layer of "
            f"{', '.join(CROSS_ENTROPY_OUTPUTS)}; got {output} (use mse)"
        )


def wanted_outputs(labels: ArrayLike, count: int, outputs: int, what: str = "labels") -> Float:
    """Return float32 (count, outputs): labels as ones among zeros, soft ones as they are.

    Raises
    ------
    ValueError
        If the shape or a value does not fit; the message calls the argument `what`.
    """
    array = np.asarray(labels)
    if array.shape == (count,) and array.dtype.kind in "iu":
        if count and not (array.min() >= 0 and array.max() < outputs):
            raise ValueError(f"{what}: expected 0 to {outputs - 1}, one for each output neuron; "
                             f"got {array.min()} to {array.max()}")  # fmt: skip
        ones = np.zeros((count, outputs), np.float32)
        ones[np.arange(count), array] = 1
        return ones
    if array.shape == (count, outputs) and array.dtype.kind in "fiu":
        if count and not (array.min() >= 0 and array.max() <= 1):
            raise ValueError(f"{what}: expected values from 0 to 1; "
                             f"got {array.min():g} to {array.max():g}")  # fmt: skip
        return array.astype(np.float32)
    raise ValueError(
        f"{what}: expected {count} whole numbers or shape ({count}, {outputs}) of float; "
        f"got {array.dtype} of shape {array.shape}"
    )


def backpropagate(
    parameters: Sequence[tuple[Float, Float]],
    activations: Sequence[str],
    x: Float,
    targets: Float,
    loss: str,
    out: Sequence[tuple[Float, Float]],
    unit: float = 1,
) -> float:
    """Write the gradient of the mean loss into `out` and return the loss.  Nothing is checked.

    The inputs are `x` times `unit`; the few sums are multiplied by it, not the many inputs.
    """
    below: list[Float] = [x]
    zs: list[Float] = []
    for (weights, biases), activation in zip(parameters, activations, strict=True):
        z = below[-1] @ weights.T
        if not zs and unit != 1:
            z *= np.float32(unit)
        z += biases
        zs.append(z)
        if len(zs) < len(parameters):
            below.append(ACTIVATIONS[activation](z))
    value, error = _output_error(activations[-1], zs[-1], targets, loss)
    ones = np.ones(len(x), np.float32)  # a product with them is the quickest sum over the digits
    for k in range(len(parameters) - 1, -1, -1):
        np.dot(ones, error, out=out[k][1])
        if k:
            slope = error @ parameters[k][0]
        elif unit != 1:
            error *= np.float32(unit)
        np.matmul(error.T, below[k], out=out[k][0])
        if k:
            error = backward(activations[k - 1], slope, zs[k - 1], below[k])
    return value


def _output_error(activation: str, z: Float, targets: Float, loss: str) -> tuple[float, Float]:
    """Return the mean loss and its derivative by the output layer's pre-activations."""
    count = np.float32(len(z))
    if loss == "mse":
        a = ACTIVATIONS[activation](z)
        error = a - targets
        value = float(np.vdot(error, error)) / len(z)
        return value, backward(activation, error * (2 / count), z, a)
    if activation == "sigmoid":
        # -y log a - (1 - y) log(1 - a) from z, so that a saturated output still has a loss.
        each = np.log1p(np.exp(-np.abs(z)))
        each += np.maximum(z, 0)
        value = float(each.sum() - np.vdot(targets, z)) / len(z)
        error = ACTIVATIONS[activation](z)
        error -= targets
        error /= count
        return value, error
    # A column a digit: the largest and the sum of each are several times quicker than of rows.
    columns, wanted = z.T.copy(), targets.T.copy()
    columns -= np.maximum.reduce(columns)
    powers = np.exp(columns)
    total = np.add.reduce(powers)
    # Soft targets need not add up to one.
    mass = np.add.reduce(wanted)
    value = float(np.dot(mass, np.log(total)) - np.vdot(wanted, columns)) / len(z)
    powers *= mass / total
    powers -= wanted
    powers /= count
    return value, powers.T
