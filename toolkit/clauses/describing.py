"""What a neuron's weights say, as a clause: the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from toolkit.clauses.expressions import AtLeast, Clause, Not, Ref, Vote
from toolkit.network import Network

_SLIGHT = 0.05  # of the largest weight: what is smaller is left out
_ALIKE = 0.12
_MOST_TERMS = 8


def describe(
    network: Network, layer: int, neuron: int, ranges: Sequence[Sequence[float]]
) -> Clause | None:
    """Return the clause that a neuron of a later layer comes close to.

    Where its strong weights are alike, it counts its inputs: and, or, at least so many.  Else it
    weighs them: up to eight, in steps of a hundredth of the largest.

    Parameters
    ----------
    network : Network
    layer, neuron : int
    ranges : sequence of (float, float)
        Activation of each input when off and when on.

    Returns
    -------
    Clause or None
        None where no weight says anything: all are zero, or some are not finite.
    """
    found = network.layer(layer)
    weights, bias = found.weights[neuron].astype(np.float64), float(found.biases[neuron])
    low, high = np.array(ranges, np.float64).T
    with np.errstate(all="ignore"):
        steps = weights * (high - low)
        threshold = -bias - float(weights @ low)
    largest = float(np.abs(steps).max())
    if not (np.isfinite(steps).all() and np.isfinite(threshold) and largest > 0):
        return None
    strong = np.flatnonzero(np.abs(steps) >= _SLIGHT * largest)
    strong = np.sort(strong[np.argsort(-np.abs(steps[strong]), kind="stable")][:_MOST_TERMS])
    sizes = np.abs(steps[strong])
    against = int((steps[strong] < 0).sum())
    mean = float(sizes.mean())
    if float(sizes.min()) >= (1 - _ALIKE) * mean and float(sizes.max()) <= (1 + _ALIKE) * mean:
        count = int(np.floor(threshold / mean)) + 1 + against
        if 1 <= count <= len(strong):
            parts = tuple(Not(Ref(int(at))) if steps[at] < 0 else Ref(int(at)) for at in strong)
            return parts[0] if len(parts) == 1 else AtLeast(count, parts)
    terms = tuple((_hundredths(steps[at] / largest), int(at)) for at in strong)
    return Vote(terms, _hundredths(threshold / largest))


def _hundredths(value: float) -> Fraction:
    return Fraction(round(max(-1e6, min(1e6, value)) * 100), 100)
