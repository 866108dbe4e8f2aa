"""The two networks that ship beside the hand-made one, to measure it by.

One takes its first layer from labelled pictures without any training; the other keeps the
hand-made first layer and trains the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from toolkit.digits.digitset import DigitSet
from toolkit.network import Layer, Network
from toolkit.training.descent import Epoch
from toolkit.training.fitting import Fitted, fit_rest

BESIDE: Mapping[str, str] = MappingProxyType(
    {
        "templates": "the mean images of the ten classes as maps, passed on unchanged; not trained",
        "handmade-fitted": "the hand-made first layer held, the layers above it trained",
    }
)
"""What each is, in a few words, by the network's name."""

_SLOPE = 0.125
_PASS = 8.0
_EPOCHS = 30
_COMMAND = "toolkit train --plan {0} --digits mnist -o {0}.npz"


def templates(digits: DigitSet) -> Network:
    """Return the network of 784-16-16-10 that says which class's mean image is nearest.

    Neuron c of layer 1 has the mean image of class c, less the mean of the ten, and the bias that
    makes the weighted sum fall with the distance to it (up to what all ten have in common); six
    neurons stay blank.  Layers 2 and 3 pass each of the ten on.

    Parameters
    ----------
    digits : DigitSet
        Training digits.

    Raises
    ------
    ValueError
        If there is a class of which it has none.
    """
    if digits.classes != 10:
        raise ValueError(f"digits: expected ten classes; got {digits.classes}")
    missing = sorted(set(range(10)) - set(digits.labels.tolist()))
    if missing:
        raise ValueError(f"digits: expected some of every class; got none of {missing[0]}")
    means = np.array([digits.images[digits.labels == c].mean(0, np.float64) for c in range(10)])
    maps = means - means.mean(0)
    lengths = (means**2).sum(1) / 2
    # Around zero on the whole, so that the sigmoids of layer 1 do not saturate.
    offsets = lengths.mean() - lengths
    weights = np.zeros((16, means.shape[1]), np.float32)
    weights[:10] = _SLOPE * maps
    biases = np.zeros(16, np.float32)
    biases[:10] = _SLOPE * offsets
    passed = np.zeros((16, 16), np.float32)
    passed[range(10), range(10)] = _PASS
    threshold = np.where(np.arange(16) < 10, -_PASS / 2, 0).astype(np.float32)
    network = Network(
        (
            Layer(weights, biases, "sigmoid", digits.grid),
            Layer(passed, threshold, "sigmoid"),
            Layer(passed[:10], threshold[:10], "sigmoid"),
        ),
        names={(layer, c): f"mean {c}" for layer in (1, 2) for c in range(10)},
    )
    return network.renamed(
        "templates",
        origin="made from the mean images of the ten classes",
        method=BESIDE["templates"],
        data=f"{digits.name}: {len(digits):,} images",
        command=_COMMAND.format("templates"),
    )


def fitted_above(
    network: Network,
    digits: DigitSet,
    *,
    epochs: int = _EPOCHS,
    seed: int = 0,
    on_epoch: Callable[[Epoch], bool | None] | None = None,
) -> Fitted:
    """Hold the first layer and train the layers above it anew, as :func:`fit_rest` does.

    Parameters
    ----------
    network : Network
    digits : DigitSet
        Training digits; a tenth is set aside to choose the epoch by.
    epochs, seed, on_epoch
        As in :func:`fit_rest`.

    Raises
    ------
    ValueError
        If the digits do not fit the network.
    """
    result = fit_rest(
        network, digits, hold="1", anew=True, epochs=epochs, seed=seed, on_epoch=on_epoch
    )
    # Above the first layer no neuron is what it was called any more.
    names = {where: name for where, name in network.names.items() if where[0] == 1}
    fitted = replace(result.network, names=names, provenance={}).renamed(
        f"{network.name}-fitted",
        origin=f"layer 1 of {network.name}, held; layers 2 and 3 trained",
        method=BESIDE["handmade-fitted"],
        data=f"{digits.name}: {result.learned:,} images learned, {result.chosen_on:,} to choose by",
        seed=str(seed),
        validation=f"{result.after:.2%} of the images set aside",
        command=_COMMAND.format("handmade-fitted"),
    )
    return replace(result, network=fitted)
