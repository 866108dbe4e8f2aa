"""Which neurons fire for which class: for each layer one table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.digits.digitset import MOST_CLASSES, classes_of
from toolkit.network import Float, Responses


@dataclass(frozen=True, eq=False)
class ClassTable:
    """How a layer's neurons answer to each class.

    A neuron *fires* on a digit where its pre-activation is above zero: for a sigmoid that is an
    activation above one half, for ReLU one above zero.

    Attributes
    ----------
    fires : ndarray of float32, shape (size, classes)
        Share of each class's digits on which the neuron fires, in [0, 1]; nan where a class has no
        digit.
    means : ndarray of float32, shape (size, classes)
        Mean activation over each class's digits; nan as above.
    counts : ndarray of int64, shape (classes,)
        Digits of each class.
    """

    fires: Float
    means: Float
    counts: NDArray[np.int64]


def shares_of_classes(labels: ArrayLike, classes: int | None = None) -> Float:
    """Return for each digit one over the size of its class, in its class's column.

    Weighted sums with it are means over each class.

    Parameters
    ----------
    labels : array_like of int, shape (n,)
    classes : int, optional
        How many there are; by default 10, or more where labels reach further.

    Returns
    -------
    ndarray of float32, shape (n, classes)
    """
    numbers = np.asarray(labels)
    classes = classes or classes_of(numbers)
    if numbers.ndim != 1 or not np.isin(numbers, range(min(classes, MOST_CLASSES))).all():
        raise ValueError(
            f"labels: expected n whole numbers 0 to {min(classes, MOST_CLASSES) - 1}; got shape "
            f"{numbers.shape}"
        )
    counts = np.bincount(numbers.astype(np.intp), minlength=classes)
    shares = np.zeros((len(numbers), classes), np.float32)
    shares[np.arange(len(numbers)), numbers] = 1 / counts[numbers]
    return shares


def class_tables(
    responses: Responses, labels: ArrayLike, classes: int | None = None
) -> tuple[ClassTable, ...]:
    """Return the table of every layer, by a network's responses to n digits.

    `classes` as in :func:`shares_of_classes`.

    Raises
    ------
    ValueError
        If there is not one label for each digit.
    """
    shares = shares_of_classes(labels, classes)
    layers = zip(responses.pre_activations, responses.activations, strict=True)
    return tuple(class_table(z > 0, a, labels, shares) for z, a in layers)


def class_table(
    fired: ArrayLike,
    activations: ArrayLike,
    labels: ArrayLike,
    shares: Float | None = None,
) -> ClassTable:
    """Count on which share of each class a layer's neurons fire, and average what they answer.

    Parameters
    ----------
    fired : array_like of bool, shape (n, size)
        Whether each neuron of a layer fires on each digit.
    activations : array_like of float, shape (n, size)
    labels : array_like of int, shape (n,)
    shares : ndarray of float32, shape (n, classes), optional
        What :func:`shares_of_classes` says of the labels, where that is at hand.

    Raises
    ------
    ValueError
        If shapes do not fit.
    """
    which, a = np.asarray(fired, dtype=bool), np.asarray(activations)
    numbers = np.asarray(labels)
    if which.ndim != 2 or which.shape != a.shape or len(which) != len(numbers):
        raise ValueError(
            f"activations: expected shape ({len(numbers)}, size), as what fired; got "
            f"{a.shape} and {which.shape}"
        )
    weights = shares_of_classes(numbers) if shares is None else shares
    counts = np.bincount(numbers.astype(np.intp), minlength=weights.shape[1])
    with np.errstate(over="ignore", invalid="ignore"):
        fires = which.astype(np.float32).T @ weights
        means = a.astype(np.float32, copy=False).T @ weights
        # One number that is not finite spoils its own class alone, and not the neuron's others.
        for row in np.flatnonzero(~np.isfinite(means).all(axis=1)):
            means[row] = np.bincount(numbers, a[:, row], weights.shape[1]) / np.maximum(counts, 1)
    fires[:, counts == 0] = np.nan
    means[:, counts == 0] = np.nan
    return ClassTable(fires, means, counts)
