"""What the loss would have one do to a neuron's weights: shown, and done only where one paints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.edits import EditError, Stroke
from toolkit.edits.base import COACH
from toolkit.network import Float, Network
from toolkit.training.backpropagation import LOSSES, check_loss, gradients


@dataclass(frozen=True, eq=False)
class Advice:
    """The loss's slope at a network, by every weight and bias.

    Attributes
    ----------
    loss : float
        Mean over the digits, in the units of :func:`~toolkit.training.gradients`; 0 without any.
    name : {"cross-entropy", "mse"}
        Which loss.
    digits : int
        On how many digits.
    slopes : tuple of (ndarray of float32 (out, in), ndarray of float32 (out,))
        For each layer the derivatives by its weights and by its biases.  A weight with a slope
        above zero is to be taken down, one below zero to be raised.
    """

    loss: float
    name: str
    digits: int
    slopes: tuple[tuple[Float, Float], ...]

    def of(self, layer: int, neuron: int) -> tuple[Float, float]:
        """Return the slopes by a neuron's incoming weights, shape (in,), and by its bias."""
        weights, biases = self.slopes[layer - 1]
        return weights[neuron], float(biases[neuron])


def advise(
    network: Network,
    images: ArrayLike,
    labels: ArrayLike,
    of: str | int = "all",
    loss: str | None = None,
) -> Advice:
    """Return the gradient of the mean loss over some digits, as training would have it.

    Parameters
    ----------
    network : Network
    images : array_like of float, shape (n, inputs)
        Pixels in [0, 1].
    labels : array_like of int, shape (n,)
    of : "all", "wrong" or int
        All of the digits, those that the network reads wrong now, or those of one class.
    loss : {"cross-entropy", "mse"}, optional
        By default cross-entropy, which the trainer takes too, and mse for output layers for which
        that is not defined.

    Returns
    -------
    Advice
        Of no digits, such as the mistakes of a network that makes none: all zeros.

    Raises
    ------
    ValueError
        If `of` is none of these, a shape or label does not fit, or the loss does not.

    Examples
    --------
    >>> advice = advise(Network.blank((2, 2)), [[1.0, 0.0]], [0])
    >>> row, bias = advice.of(1, 0)
    >>> row.tolist(), bias
    ([-0.5, 0.0], -0.5)
    """
    if loss is None:
        loss = _loss_for(network)
    x, y = np.asarray(images, np.float32), np.asarray(labels)
    if x.ndim != 2 or y.shape != x.shape[:1]:
        raise ValueError(
            f"images, labels: expected shapes (n, inputs) and (n,); got {x.shape} and {y.shape}"
        )
    if of == "wrong":
        with np.errstate(all="ignore"):
            chosen = network.forward(x).predictions != y
    elif isinstance(of, int) and not isinstance(of, bool) and 0 <= of < network.sizes[-1]:
        chosen = y == of
    elif of == "all":
        chosen = np.ones(len(y), bool)
    else:
        raise ValueError(
            f"of: expected all, wrong or a class, 0 to {network.sizes[-1] - 1}; got {of!r:.40}"
        )
    if not chosen.all():
        x, y = x[chosen], y[chosen]
    if not len(x):
        check_loss(loss, network)
        slopes = [
            (np.zeros_like(layer.weights), np.zeros_like(layer.biases)) for layer in network.layers
        ]
        return Advice(0.0, loss, 0, tuple(slopes))
    with np.errstate(all="ignore"):
        value, slopes = gradients(network, x, y, loss)
    return Advice(value, loss, len(x), tuple(slopes))


def _loss_for(network: Network) -> str:
    for name in LOSSES:
        try:
            check_loss(name, network)
        except ValueError:
            continue
        return name
    raise ValueError("loss: none fits the network's output layer")


def small_step(
    layer: int, neuron: int, slope: ArrayLike, coverage: ArrayLike, rate: float
) -> Stroke:
    """Describe a step down the slope under a brush: ``new = old - rate * slope * coverage``.

    Parameters
    ----------
    layer, neuron : int
    slope : array_like of float, shape (in,)
        By the neuron's incoming weights, as :meth:`Advice.of` has it.
    coverage : array_like of float, shape (in,), in [0, 1]
        How far the brush covers each; where it is 0 nothing is touched, nor where the slope is 0
        or not finite.
    rate : float, above 0

    Raises
    ------
    EditError
        If a shape does not fit.

    Examples
    --------
    >>> small_step(2, 0, [0.5, -1.0, 2.0], [1, 0.5, 0], rate=0.1).put
    (-0.05, 0.05)
    """
    slopes, covered = _row(slope, "slope"), _row(coverage, "coverage")
    if slopes.shape != covered.shape:
        raise EditError(f"coverage: expected shape {slopes.shape}; got {covered.shape}")
    with np.errstate(all="ignore"):
        # In this order, as in the page.
        puts = -(covered * (np.float64(rate) * slopes))
    cells = np.flatnonzero((covered > 0) & (puts != 0) & np.isfinite(puts))
    puts = puts[cells]
    return Stroke(
        layer, neuron, tuple(cells.tolist()), (1.0,) * len(cells), tuple(puts.tolist()), COACH
    )


def _row(values: ArrayLike | Iterable[float], what: str) -> NDArray[np.float64]:
    row = np.asarray(values, np.float64)
    if row.ndim != 1:
        raise EditError(f"{what}: expected shape (in,); got {row.shape}")
    return row
