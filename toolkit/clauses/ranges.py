"""What counts as off and on for a neuron: its activation when it does not, and when it does."""

from __future__ import annotations

import numpy as np

from toolkit.network import Float, Network

Ranges = tuple[tuple[float, float], ...]

_DIGITS = 3
_NARROWEST = 0.01
_USUAL = {"tanh": (-1.0, 1.0)}


def usual_ranges(network: Network, layer: int) -> Ranges:
    """Return off and on of the inputs of a layer as their activation has them: 0 and 1, or −1."""
    below = network.layer(layer - 1)
    return (_USUAL.get(below.activation, (0.0, 1.0)),) * below.size


def measured_ranges(network: Network, layer: int, activations: Float) -> Ranges:
    """Return off and on of each input of a layer, measured over digits.

    Off is the mean of those activations that are below the middle of the smallest and the
    largest, on the mean of the others: a neuron that fires for one digit in fifty has its range
    as one has that fires for half of them.  Of one that hardly varies the usual range is taken.

    Parameters
    ----------
    network : Network
    layer : int
        From 2 on; its inputs are the neurons below.
    activations : ndarray of float32, shape (n, inputs)
        Of those neurons, over some digits: ``responses.activations[layer - 2]``.

    Returns
    -------
    tuple of (float, float)
        For each input, rounded to three decimals.
    """
    usual = usual_ranges(network, layer)
    found = []
    for at, each in enumerate(usual):
        values = activations[:, at].astype(np.float64)
        if not len(values) or not np.isfinite(values).all():
            found.append(each)
            continue
        middle = (values.min() + values.max()) / 2
        upper = values > middle
        if not upper.any() or values.max() - values.min() < _NARROWEST:
            found.append(each)
            continue
        low, high = float(values[~upper].mean()), float(values[upper].mean())
        found.append((round(low, _DIGITS), round(high, _DIGITS)))
    return tuple(
        pair if pair[1] - pair[0] >= _NARROWEST / 2 else each
        for pair, each in zip(found, usual, strict=True)
    )
