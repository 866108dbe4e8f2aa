"""How well some of the classes are read: 0, 1 and 7 alone, say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.network import winner
from toolkit.scoring import Score


@dataclass(frozen=True, eq=False)
class SubsetScore:
    """Scores on the digits of some classes.

    Attributes
    ----------
    classes : tuple of int
        Rising.
    score : Score
        With all answers open, as the network reads them.
    among : Score
        Where no other answer than the chosen classes counts: the largest of their outputs wins.
    """

    classes: tuple[int, ...]
    score: Score
    among: Score


def subset_score(outputs: ArrayLike, labels: ArrayLike, classes: Iterable[int]) -> SubsetScore:
    """Score the digits of some classes alone.

    Parameters
    ----------
    outputs : array_like of float, shape (classes, n)
        Pre-activations of the outputs.
    labels : array_like of int, shape (n,)
    classes : iterable of int, each 0..classes - 1
        At least one.

    Raises
    ------
    ValueError
        If a class is none, or a shape does not fit.

    Examples
    --------
    >>> z = np.zeros((10, 2)); z[5] = 2; z[1, 0] = z[7, 1] = 1
    >>> found = subset_score(z, [1, 7], [1, 7])
    >>> found.score.accuracy, found.among.accuracy
    (0.0, 1.0)
    """
    z, truth = np.asarray(outputs), np.asarray(labels).astype(np.uint8)
    if z.ndim != 2 or z.shape[1] != len(truth):
        raise ValueError(f"outputs: expected shape (classes, {len(truth)}); got {z.shape}")
    chosen, many = tuple(sorted(set(classes))), len(z)
    if not chosen or not set(chosen) <= set(range(many)):
        raise ValueError(f"classes: expected some of 0 to {many - 1}; got {list(chosen)!r:.60}")
    kept = np.isin(truth, chosen)
    z, truth = z[:, kept], truth[kept]
    answers: NDArray[np.uint8] = np.array(chosen, np.uint8)
    return SubsetScore(
        chosen,
        Score(winner(z, axis=0).astype(np.uint8), truth, many, many),
        Score(answers[winner(z[answers], axis=0)], truth, many, many),
    )
