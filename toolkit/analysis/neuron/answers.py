"""What a neuron answers to: which digits excite it, and how well its firing tells each class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.digits.digitset import check_classes, classes_of
from toolkit.network import Responses

Double = NDArray[np.float64]

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Which of a class's pre-activations :attr:`NeuronAnswers.quantiles` holds."""

_ROWS_AT_ONCE = 2000


@dataclass(frozen=True, eq=False)
class NeuronAnswers:
    """What one neuron answers to over a digit set.

    Attributes
    ----------
    most, least, at_threshold : ndarray of int, shape (count,) or shorter
        Positions of the digits with the largest, the smallest, and the nearest to the threshold
        of its pre-activations, the most so first; digits with NaN left out.
    quantiles : ndarray of float64, shape (classes, 5)
        Of the pre-activation by class, at :data:`QUANTILES`; nan where there is no digit of it.
    auc : ndarray of float64, shape (classes,), in [0, 1]
        How well its pre-activation tells "it is this class" from the rest: the probability that
        a digit of the class has a larger one than a digit of another, ties counted half
        (Hanley & McNeil, *The meaning and use of the area under a ROC curve*, 1982).  nan where
        either is missing.
    selectivity : float, in [0, 1]
        See :class:`AnswerTable`.
    best_class : int
        The class it tells best by `auc`, or -1 where none can be told.
    fires : float, in [0, 1]
        Share of digits whose pre-activation is above the threshold.
    threshold : float
    mean_difference : ndarray of float64, shape (pixels,), in [-1, 1], or None
        Mean image of the digits on which it fires minus that of those on which it does not; None
        where no images were given, or it fires on all or none.
    """

    most: NDArray[np.intp]
    least: NDArray[np.intp]
    at_threshold: NDArray[np.intp]
    quantiles: Double
    auc: Double
    selectivity: float
    best_class: int
    fires: float
    threshold: float
    mean_difference: Double | None


@dataclass(frozen=True, eq=False)
class AnswerTable:
    """What each neuron of a layer answers to.

    Attributes
    ----------
    layer : int
    auc : ndarray of float64, shape (size, classes), in [0, 1]
        As :attr:`NeuronAnswers.auc`; a row of nan for a neuron with a NaN pre-activation.
    selectivity : ndarray of float64, shape (size,), in [0, 1]
        Class selectivity index: of the mean activations by class, (largest − mean of the others) /
        (largest + mean of the others) (Morcos et al., *On the importance of single directions for
        generalization*, 2018, section 2.2).  Where one of the means is below zero, as tanh's may
        be, all are counted from the least of them.  0 where they do not differ.
    best_class : ndarray of int, shape (size,)
        The class it tells best by `auc`, or -1.
    fires : ndarray of float64, shape (size,), in [0, 1]
        Share of digits whose pre-activation is above zero.
    """

    layer: int
    auc: Double
    selectivity: Double
    best_class: NDArray[np.intp]
    fires: Double


def answers_to(
    z: ArrayLike,
    labels: ArrayLike,
    *,
    images: ArrayLike | None = None,
    threshold: float = 0.0,
    count: int = 12,
    activations: ArrayLike | None = None,
    many: int | None = None,
) -> NeuronAnswers:
    """Return what a neuron answers to.

    Parameters
    ----------
    z : array_like of float, shape (n,)
        Its pre-activations.
    labels : array_like of int, shape (n,)
    images : array_like, shape (n, pixels), optional
        float in [0, 1], or uint8 in 0..255.
    threshold : float
        It fires above this.
    count : int, at least 0
        Digits of each kind.
    activations : array_like of float, shape (n,), optional
        For the selectivity; by default what the pre-activation has above the threshold.
    many : int, optional
        How many classes there are; by default 10, or more where labels reach further.

    Raises
    ------
    ValueError
        If a shape or value does not fit.
    """
    sums = np.asarray(z, np.float64)
    if sums.ndim != 1:
        raise ValueError(f"z: expected shape (n,); got {sums.shape}")
    classes = _classes(labels, len(sums))
    many = many or classes_of(classes)
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 0:
        raise ValueError(f"count: expected a whole number of 0 or more; got {count!r}")
    fires = sums > threshold
    with np.errstate(all="ignore"):
        a = np.maximum(sums - threshold, 0) if activations is None else np.asarray(activations)
        if a.shape != sums.shape:
            raise ValueError(f"activations: expected shape {sums.shape}; got {a.shape}")
        known = np.flatnonzero(~np.isnan(sums))
        rising = known[np.argsort(sums[known], kind="stable")]
        falling = known[np.argsort(-sums[known], kind="stable")]
        near = known[np.argsort(np.abs(sums[known] - threshold), kind="stable")]
        quantiles = np.full((many, len(QUANTILES)), np.nan)
        for digit in range(many):
            mine = sums[classes == digit]
            if len(mine):
                quantiles[digit] = np.quantile(mine, QUANTILES)
        auc = _auc(sums[None], classes, many)
        selective = _selectivity(a[:, None], classes)
    return NeuronAnswers(
        most=falling[:count],
        least=rising[:count],
        at_threshold=near[:count],
        quantiles=quantiles,
        auc=auc[0],
        selectivity=float(selective[0]),
        best_class=int(_best(auc)[0]),
        fires=float(fires.mean()) if len(fires) else float("nan"),
        threshold=float(threshold),
        mean_difference=None if images is None else _mean_difference(images, fires),
    )


def answer_table(
    responses: Responses, labels: ArrayLike, many: int | None = None
) -> tuple[AnswerTable, ...]:
    """Return what each neuron answers to, one table a layer, the first hidden layer first.

    Parameters
    ----------
    responses : Responses of n digits
    labels : array_like of int, shape (n,)
    many : int, optional
        As in :func:`answers_to`.

    Raises
    ------
    ValueError
        If a shape or value does not fit.
    """
    if responses.logits.ndim != 2:
        raise ValueError(
            f"responses: expected those to a batch of digits; got outputs of shape "
            f"{responses.logits.shape}"
        )
    classes = _classes(labels, len(responses.logits))
    tables = []
    both = zip(responses.pre_activations, responses.activations, strict=True)
    for number, (z, a) in enumerate(both, 1):
        with np.errstate(all="ignore"):
            auc = _auc(z.T, classes, many or classes_of(classes))
            fires = (
                np.count_nonzero(z > 0, axis=0) / len(z) if len(z) else np.full(z.shape[1], np.nan)
            )
            tables.append(AnswerTable(number, auc, _selectivity(a, classes), _best(auc), fires))
    return tuple(tables)


def _classes(labels: ArrayLike, count: int) -> NDArray[np.intp]:
    classes = np.asarray(labels)
    if classes.shape != (count,):
        raise ValueError(f"labels: expected shape ({count},), one for each digit; "
                         f"got {classes.shape}")  # fmt: skip
    return check_classes(classes)


def _auc(sums: NDArray[np.floating], classes: NDArray[np.intp], many: int) -> Double:
    """Return the AUC of each class for each row of sums, from the ranks of its digits."""
    counts = np.bincount(classes, minlength=many).astype(np.float64)
    pairs = counts * (len(classes) - counts)
    found = np.full((len(sums), many), np.nan)
    for row, values in enumerate(sums):
        if not len(values) or np.isnan(values).any():
            continue
        order = np.argsort(values)
        ordered = values[order]
        first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        last = np.r_[first[1:], len(ordered)]
        # Those that tie share the mean of the ranks 1..n that they take up.
        ranks = np.repeat((first + last + 1) / 2, last - first)
        total = np.bincount(classes[order], weights=ranks, minlength=many)
        won = total - counts * (counts + 1) / 2
        found[row] = np.divide(won, pairs, out=np.full(many, np.nan), where=pairs > 0)
    return found


def _selectivity(activations: NDArray[np.floating], classes: NDArray[np.intp]) -> Double:
    """Return the class selectivity index of each column."""
    counts = np.bincount(classes)
    there = np.flatnonzero(counts)
    if not len(there):
        return np.full(activations.shape[1], np.nan)
    means = np.array([activations[classes == c].mean(axis=0, dtype=np.float64) for c in there])
    means -= np.minimum(means.min(axis=0), 0)
    if len(there) == 1:
        return np.where(np.isfinite(means[0]), 0.0, np.nan)
    largest = means.max(axis=0)
    others = (means.sum(axis=0) - largest) / (len(there) - 1)
    both = largest + others
    index: Double = np.where(both == 0, 0.0, (largest - others) / np.where(both == 0, 1, both))
    return index


def _best(auc: Double) -> NDArray[np.intp]:
    known = ~np.isnan(auc)
    best = np.argmax(np.where(known, auc, -1), axis=1)
    return np.where(known.any(axis=1), best, -1)


def _mean_difference(images: ArrayLike, fires: NDArray[np.bool_]) -> Double | None:
    pixels = np.asarray(images)
    if pixels.ndim != 2 or len(pixels) != len(fires):
        raise ValueError(f"images: expected shape ({len(fires)}, pixels); got {pixels.shape}")
    firing = np.count_nonzero(fires)
    if firing in (0, len(fires)):
        return None
    # One weighting gives the difference of both means in one pass.
    weights = np.where(fires, 1 / firing, -1 / (len(fires) - firing))
    total = np.zeros(pixels.shape[1])
    for start in range(0, len(pixels), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        total += weights[part] @ pixels[part].astype(np.float64)
    return total / 255 if pixels.dtype == np.uint8 else total
