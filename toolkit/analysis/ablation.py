"""How much a network's accuracy needs each of its neurons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.network import Network, Responses, winner


@dataclass(frozen=True)
class Usefulness:
    """Fall in accuracy without each neuron.

    Attributes
    ----------
    accuracy : float, 0..1
        Of the whole network.
    falls : tuple of ndarray of float64, each of shape (size,), in [-1, 1]
        ``falls[k]`` belongs to layer ``k + 1``.  0.02 means that two digits in a hundred more
        are misread without the neuron; below zero, that the network reads better without it.
    """

    accuracy: float
    falls: tuple[NDArray[np.float64], ...]

    def of(self, layer: int, index: int) -> float:
        """Return the fall for neuron ``layer.index``."""
        return float(self.falls[layer - 1][index])


def usefulness(
    network: Network,
    images: ArrayLike | Responses,
    labels: ArrayLike,
    *,
    replacement: Literal["mean", "zero"] = "mean",
) -> Usefulness:
    """Measure the fall in accuracy when one neuron at a time stops telling digits apart.

    The neuron's activation is replaced by its mean over the images, so that
    what is taken away is what it says about the digit and not its share in
    the next layer's bias.  With ``"zero"`` that share goes as well; a neuron
    that is nearly always on then seems useful although it says nothing.  Both
    are in use (Morcos et al. 2018 compare them).  In the output layer, where
    the prediction is read from the pre-activations, those are replaced.

    Only the layers above the neuron are run again, and the first of these is corrected rather than
    computed anew, so the cost of a neuron is that of the layers above it.

    Parameters
    ----------
    network : Network
    images : array_like of float, shape (n, pixels), or Responses; n at least 1
        The network's own responses to images, such as a Trace, save a forward pass.
    labels : array_like of int, shape (n,)
    replacement : {"mean", "zero"}
        What takes the place of the neuron's activation.

    Returns
    -------
    Usefulness

    Raises
    ------
    ValueError
        If shapes do not fit, there are no images, or `replacement` is neither of the two.
    """
    if replacement not in ("mean", "zero"):
        raise ValueError(f"replacement: expected mean or zero; got {replacement!r}")
    with np.errstate(all="ignore"):
        passed = images if isinstance(images, Responses) else network.forward(images)
        classes, shape = np.asarray(labels), passed.logits.shape
        if len(shape) != 2 or not shape[0]:
            raise ValueError(
                "images: expected shape (n, pixels), n at least 1; "
                f"got some whose outputs have shape {shape}"
            )
        if classes.shape != shape[:1]:
            raise ValueError(f"labels: expected shape {shape[:1]}; got {classes.shape}")
        accuracy = float(np.mean(passed.predictions == classes))
        falls = []
        for number in range(1, len(network.layers) + 1):
            top = number == len(network.layers)
            values = passed.logits if top else passed.activations[number - 1]
            # In float64, so that the mean of equal values is that value and nothing changes.
            stand_ins = (
                values.mean(axis=0, dtype=np.float64).astype(np.float32)
                if replacement == "mean"
                else np.zeros(values.shape[1], np.float32)
            )
            without = np.empty(values.shape[1])
            for index, stand_in in enumerate(stand_ins):
                predictions = _predictions_without(network, passed, number, index, stand_in)
                without[index] = np.mean(predictions == classes)
            falls.append(accuracy - without)
    return Usefulness(accuracy, tuple(falls))


def _predictions_without(
    network: Network, passed: Responses, layer: int, index: int, stand_in: np.float32
) -> NDArray[np.intp]:
    """Run the layers above neuron ``layer.index`` with `stand_in` for its activation."""
    if layer == len(network.layers):
        logits = passed.logits.copy()
        logits[:, index] = stand_in
        return winner(logits)
    above, values = network.layers[layer], passed.activations[layer - 1]
    change = stand_in - values[:, index]
    z = passed.pre_activations[layer] + np.multiply.outer(change, above.weights[:, index])
    if not np.isfinite(z).all():
        # What is not finite cannot be corrected by a difference.
        replaced = values.copy()
        replaced[:, index] = stand_in
        z = replaced @ above.weights.T + above.biases
    for below, later in zip(network.layers[layer:], network.layers[layer + 1 :], strict=False):
        z = below.activate(z) @ later.weights.T + later.biases
    return winner(z)
