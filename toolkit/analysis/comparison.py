"""Two networks side by side: what they read, and where their weights differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolkit.analysis.whole.alignment import Matching, matched_distances
from toolkit.digits.digitset import DigitSet
from toolkit.network import Layer, Network
from toolkit.scoring import Score, score


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two networks on the same digits.

    Attributes
    ----------
    one, other : Score
    distances : tuple of ndarray of float64, each (size,)
        ``distances[k]`` belongs to layer ``k + 1``: how far each neuron's incoming weights and
        bias are apart, as Euclidean distance; nan where either has one that is not finite, or,
        neurons being matched, where one has no match.
    """

    one: Score
    other: Score
    distances: tuple[NDArray[np.float64], ...]

    @property
    def only_one(self) -> NDArray[np.intp]:
        """Positions of the digits that the first alone reads right."""
        return self.one.gained_since(self.other)

    @property
    def only_other(self) -> NDArray[np.intp]:
        """Positions of the digits that the second alone reads right."""
        return self.other.gained_since(self.one)

    def furthest(self, count: int) -> list[tuple[int, int, float]]:
        """Return layer, index and distance of the neurons that differ most, those that differ.

        Where it is not known how far, it is infinite.
        """
        found = [
            (number, index, float(distance))
            for number, layer in enumerate(self.distances, 1)
            for index, distance in enumerate(np.where(np.isnan(layer), np.inf, layer))
            if distance > 0
        ]
        return sorted(found, key=lambda each: (-each[2], each[0], each[1]))[:count]


def compare(
    one: Network, other: Network, digits: DigitSet, matchings: tuple[Matching, ...] | None = None
) -> Comparison:
    """Compare two networks on a digit set.

    Parameters
    ----------
    one, other : Network
        Of one shape, unless their neurons are matched.
    digits : DigitSet
    matchings : tuple of Matching, optional
        As :func:`~toolkit.analysis.match_neurons` returns them: whose neuron is held beside whose;
        by default those of the same number.

    Raises
    ------
    ValueError
        If their shapes differ and neurons are not matched, or they do not take the digits.
    """
    if matchings is not None:
        distances = matched_distances(one, other, matchings)
    elif one.sizes == other.sizes:
        distances = tuple(map(_distances, one.layers, other.layers))
    else:
        raise ValueError(f"other: expected a network of sizes {one.sizes}; got {other.sizes}")
    return Comparison(score(one, digits), score(other, digits), distances)


def _distances(one: Layer, other: Layer) -> NDArray[np.float64]:
    if one is other:
        return np.zeros(one.size)
    with np.errstate(invalid="ignore", over="ignore"):
        weights = np.subtract(one.weights, other.weights, dtype=np.float64)
        biases = np.subtract(one.biases, other.biases, dtype=np.float64)
        # Equal infinities are no difference.
        weights[one.weights == other.weights] = 0
        biases[one.biases == other.biases] = 0
        result: NDArray[np.float64] = np.sqrt((weights**2).sum(axis=1) + biases**2)
    return result
