"""What confuses with what, and which neurons matter for telling the two apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.analysis.ablation import pair_needs
from toolkit.network import Network, Responses

_MOST_PAIRS = 12
_NEURONS = 5


def pairs_of(
    network: Network,
    responses: Responses,
    labels: ArrayLike,
    confusion: NDArray[np.int64],
) -> list[dict[str, Any]]:
    """Return the pairs of digits that are confused most, and the neurons that each needs most.

    Parameters
    ----------
    network : Network
    responses : Responses
        To some digits.
    labels : array_like of int, shape (n,)
        Theirs.
    confusion : ndarray of int, shape (classes, classes)
        Row: label; column: answer.

    Returns
    -------
    list of dict
        Falling by how many are confused: ``one`` and ``other`` (the first the smaller),
        ``one_as_other`` and ``other_as_one`` (counts), and ``neurons``: those without which most
        of the two are confused, ``neuron`` and ``fall`` (of accuracy among the two alone).
    """
    classes = np.asarray(labels)
    both, many = confusion + confusion.T, len(confusion)
    ranked = sorted(
        (-int(both[one, other]), one, other)
        for one in range(many) for other in range(one + 1, many)
    )  # fmt: skip
    found = []
    for count, one, other in ranked[:_MOST_PAIRS]:
        if not count or not all((classes == each).any() for each in (one, other)):
            continue
        falls = pair_needs(network, responses, classes, one, other).falls
        neurons = [
            (float(fall), layer, index)
            for layer, its in enumerate(falls, 1)
            for index, fall in enumerate(its)
        ]
        # Outputs are left out: without that of a class it is not read at all.
        hidden = [each for each in neurons if each[1] < len(network.layers)]
        most = sorted(hidden, key=lambda each: (-each[0], each[1], each[2]))[:_NEURONS]
        found.append(
            {
                "one": one,
                "other": other,
                "one_as_other": int(confusion[one, other]),
                "other_as_one": int(confusion[other, one]),
                "neurons": [
                    {"neuron": f"{layer}.{index}", "fall": fall} for fall, layer, index in most
                ],
            }
        )
    return found
