"""Whether a network is right as often as it is sure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.analysis.whole.mistakes import check_labels, check_responses, confidences
from toolkit.network import Responses


@dataclass(frozen=True, eq=False)
class Calibration:
    """Confidence and accuracy, in bins of confidence.

    Attributes
    ----------
    edges : ndarray of float64, shape (bins + 1,)
        Evenly spaced from 0 to 1.  A bin holds its upper edge, the first one both.
    confidence, accuracy : ndarray of float64, shape (bins,), in [0, 1]
        Mean confidence of the digits in each bin, and the share of them read right; nan where
        there are none.
    counts : ndarray of int64, shape (bins,)
        Digits in each bin; those without a confidence are in none.
    error : float, 0..1
        Expected calibration error: the mean distance of accuracy and confidence, each bin counted
        by its digits.  nan where there are no digits.
    largest : float, 0..1
        Maximum calibration error: the largest such distance.
    """

    edges: NDArray[np.float64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    counts: NDArray[np.int64]
    error: float
    largest: float


def calibration(
    responses: Responses, labels: ArrayLike, bins: int = 15, *, activation: str | None = None
) -> Calibration:
    """Compare how sure a network is with how often it is right.

    Bins of equal width, expected and maximum calibration error as Guo, Pleiss, Sun & Weinberger,
    "On calibration of modern neural networks" (2017), eq. 3 and 5, define them (after Naeini,
    Cooper & Hauskrecht 2015).

    Parameters
    ----------
    responses : Responses
        Of n digits.
    labels : array_like of int, shape (n,)
    bins : int, at least 1
    activation : str, optional
        As in :func:`confidences`, which says what confidence is.

    Returns
    -------
    Calibration

    Raises
    ------
    ValueError
        If shapes do not fit, or there is no bin.
    """
    z, _ = check_responses(responses)
    classes = check_labels(labels, len(z))
    if bins < 1:
        raise ValueError(f"bins: expected 1 or more; got {bins}")
    sure = confidences(responses, activation=activation)
    known = ~np.isnan(sure)
    sure, right = sure[known], (responses.predictions == classes)[known]
    edges = np.linspace(0, 1, bins + 1)
    place = np.digitize(sure, edges[1:-1], right=True)
    counts = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        confidence = np.bincount(place, sure, bins) / counts
        accuracy = np.bincount(place, right, bins) / counts
    filled = counts > 0
    apart = np.abs(accuracy - confidence)[filled]
    if not len(sure):
        return Calibration(edges, confidence, accuracy, counts, np.nan, np.nan)
    error = float(counts[filled] @ apart / len(sure))
    return Calibration(edges, confidence, accuracy, counts, error, float(apart.max()))
