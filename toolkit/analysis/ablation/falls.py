"""How much a network's accuracy needs each of its neurons: in all, by digit, by pair of digits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.activations import ranking
from toolkit.analysis.ablation.holding import (
    Replacement,
    check_neurons,
    each_without,
    rerun,
    stand_ins,
    without,
)
from toolkit.digits.digitset import MOST_CLASSES, check_classes, classes_of
from toolkit.network import Float, Network, Responses, winner
from toolkit.scoring import Score

Double = NDArray[np.float64]


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
    replacement: Replacement = "mean",
) -> Usefulness:
    """Measure the fall in accuracy when one neuron at a time stops telling digits apart.

    The neuron's activation is replaced by its mean over the images, so that
    what is taken away is what it says about the digit and not its share in
    the next layer's bias.  With ``"zero"`` that share goes as well; a neuron
    that is nearly always on then seems useful although it says nothing.  Both
    are in use (Morcos et al. 2018 compare them).  In the output layer, where
    the prediction is read from the pre-activations, those are replaced.

    Only the layers above the neuron are run again; above a wide layer the first of these is
    corrected rather than computed anew, which may decide a near tie the other way.

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
    found = _ablations(network, images, labels, replacement)
    return Usefulness(found[0].accuracy, tuple(each.falls for each in found))


@dataclass(frozen=True, eq=False)
class Ablations:
    """Fall in accuracy without each neuron of a layer, in all and by digit.

    Attributes
    ----------
    layer : int
    accuracy : float, 0..1
        Of the whole network.
    falls : ndarray of float64, shape (size,), in [-1, 1]
        As in :class:`Usefulness`.
    per_digit : ndarray of float64, shape (size, classes), in [-1, 1]
        Fall of the accuracy on each class; nan where there is none of it.
    """

    layer: int
    accuracy: float
    falls: Double
    per_digit: Double


def ablations(
    network: Network, responses: Responses, labels: ArrayLike, replacement: Replacement = "mean"
) -> tuple[Ablations, ...]:
    """Measure what the network reads worse without each neuron, one at a time.

    The figures are those of :func:`usefulness`, with those of each digit.

    Parameters
    ----------
    network : Network
    responses : Responses
        Its own, to n digits, n at least 1.
    labels : array_like of int, shape (n,)
    replacement : {"mean", "zero"}
        As in :func:`usefulness`.

    Returns
    -------
    tuple of Ablations, one a layer

    Raises
    ------
    ValueError
        If a shape or value does not fit.
    """
    _labels_of(responses, labels)
    return _ablations(network, responses, labels, replacement)


@dataclass(frozen=True, eq=False)
class Ablated:
    """How a network reads with and without some neurons.

    Attributes
    ----------
    neurons : tuple of (int, int)
        Layer and index of each.
    replacement : {"mean", "zero"}
    before, after : Score
    per_digit : ndarray of float64, shape (classes,), in [-1, 1]
        Fall of the accuracy on each digit; nan where there is none of it.
    pairs : ndarray of int64, shape (classes, classes)
        Digits of a label (row) read as each answer (column), how many more without.
    pair_falls : ndarray of float64, shape (classes, classes), in [-1, 1]
        Symmetric, zero on the diagonal: fall of the accuracy among the digits of two classes when
        only these two outputs compete; nan where there are none of either.
    """

    neurons: tuple[tuple[int, int], ...]
    replacement: Replacement
    before: Score
    after: Score
    per_digit: Double
    pairs: NDArray[np.int64]
    pair_falls: Double


def ablation(
    network: Network,
    responses: Responses,
    labels: ArrayLike,
    neurons: Iterable[tuple[int, int]],
    replacement: Replacement = "mean",
) -> Ablated:
    """Measure what the network reads worse without some neurons, all of them gone at once.

    The figures are those of a full evaluation of the network that :func:`without` makes.

    Parameters
    ----------
    network : Network
        Of as many outputs as there are classes, 10 or more where labels reach further, or fewer.
    responses : Responses
        Its own, to n digits, n at least 1.
    labels : array_like of int, shape (n,)
    neurons : iterable of (layer, index)
    replacement : {"mean", "zero"}

    Raises
    ------
    ValueError
        If there is no such neuron, or a shape or value does not fit.
    """
    classes = _labels_of(responses, labels)
    many = max(classes_of(classes), network.sizes[-1])
    if many > MOST_CLASSES:
        raise ValueError(
            f"network: expected at most {MOST_CLASSES} outputs; got {network.sizes[-1]}"
        )
    which = check_neurons(network, neurons)
    with np.errstate(all="ignore"):
        changed = without(network, responses, which, replacement)
        output = network.activations[-1]
        logits = ranking(responses.logits, output)
        lost = ranking(rerun(changed, responses, which), output) if which else logits
        before, after = (
            Score(winner(each).astype(np.uint8), classes.astype(np.uint8), many, many)
            for each in (logits, lost)
        )
        pair_falls = _pair_accuracies(logits, classes) - _pair_accuracies(lost, classes)
    return Ablated(
        which,
        replacement,
        before,
        after,
        before.per_digit - after.per_digit,
        after.confusion - before.confusion,
        pair_falls,
    )


@dataclass(frozen=True, eq=False)
class PairNeeds:
    """Which neurons two digits are told apart by.

    Attributes
    ----------
    one, other : int
        The digits.
    accuracy : float, in [0, 1]
        Among the digits of these two classes when only these two outputs compete.
    falls : tuple of ndarray of float64, each of shape (size,), in [-1, 1]
        Fall of that accuracy without each neuron; ``falls[k]`` belongs to layer ``k + 1``.
    """

    one: int
    other: int
    accuracy: float
    falls: tuple[Double, ...]

    def most(self, count: int = 5) -> list[tuple[int, int, float]]:
        """Return the hidden neurons needed most: layer, index and fall, the largest first."""
        found = [
            (layer, index, float(fall))
            for layer, falls in enumerate(self.falls[:-1], 1)
            for index, fall in enumerate(falls)
        ]
        return sorted(found, key=lambda each: -each[2])[:count]


def pair_needs(
    network: Network,
    responses: Responses,
    labels: ArrayLike,
    one: int,
    other: int,
    replacement: Replacement = "mean",
) -> PairNeeds:
    """Measure which neurons matter for telling two digits apart, such as 4 from 9.

    Parameters
    ----------
    network, responses, labels, replacement
        As in :func:`ablation`.  What takes a neuron's place is its mean over all the digits.
    one, other : int
        Two classes that there are digits of, and outputs for.

    Raises
    ------
    ValueError
        If a shape or value does not fit, or there are none of the two digits.
    """
    classes = _labels_of(responses, labels)
    for name, value in (("one", one), ("other", other)):
        network.check_neuron(len(network.layers), value)
        if not (classes == value).any():
            raise ValueError(f"{name}: expected a digit that there are some of; got {value}")
    if one == other:
        raise ValueError(f"other: expected another digit than the first, {one}")
    chosen = np.isin(classes, (one, other))
    low, high = sorted((one, other))
    is_high = classes[chosen] == high

    output = network.activations[-1]

    def accuracy(logits: NDArray[np.floating]) -> float:
        return float(np.mean((winner(logits[:, [low, high]], activation=output) == 1) == is_high))

    with np.errstate(all="ignore"):
        stands = stand_ins(network, responses, replacement)
        few = Responses(
            tuple(z[chosen] for z in responses.pre_activations),
            tuple(a[chosen] for a in responses.activations),
        )
        whole = accuracy(few.logits)
        falls = [np.empty(size) for size in network.sizes[1:]]
        for layer, index, logits in each_without(network, few, stands):
            falls[layer - 1][index] = whole - accuracy(logits)
    return PairNeeds(int(one), int(other), whole, tuple(falls))


def _ablations(
    network: Network, images: ArrayLike | Responses, labels: ArrayLike, replacement: Replacement
) -> tuple[Ablations, ...]:
    with np.errstate(all="ignore"):
        passed = images if isinstance(images, Responses) else network.forward(images)
        classes, shape = np.asarray(labels), passed.logits.shape
        stands = stand_ins(network, passed, replacement)
        if classes.shape != shape[:1]:
            raise ValueError(f"labels: expected shape {shape[:1]}; got {classes.shape}")
        output = network.activations[-1]
        read = winner(passed.logits, activation=output) == classes
        many = max(classes_of(classes), shape[1])
        digits = np.array([classes == digit for digit in range(many)])
        counts = np.count_nonzero(digits, axis=1)
        before = digits.astype(np.float32) @ read
        falls = [np.empty(size) for size in network.sizes[1:]]
        per_digit = [np.empty((size, many)) for size in network.sizes[1:]]
        # float32 counts exactly up to 2^24 and BLAS has no product of truth values.
        member = digits.astype(np.float32)
        for layer, index, logits in each_without(network, passed, stands):
            still = winner(logits, activation=output) == classes
            falls[layer - 1][index] = np.mean(read) - np.mean(still)
            per_digit[layer - 1][index] = (before - member @ still) / counts
    accuracy = float(np.mean(read))
    return tuple(
        Ablations(number, accuracy, falls[number - 1], per_digit[number - 1])
        for number in range(1, len(network.layers) + 1)
    )


def _pair_accuracies(logits: Float, classes: NDArray[np.intp]) -> Double:
    """Return the accuracy among the digits of two classes when only their outputs compete."""
    size = logits.shape[1]
    many = max(classes_of(classes), size)
    # Not a number wins, as it does among all; an output that is not there never does.
    z = np.full((len(logits), many), -np.inf)
    z[:, :size] = np.where(np.isnan(logits), np.inf, logits)
    won = np.zeros((many, many))
    counts = np.bincount(classes, minlength=many)
    for digit in np.flatnonzero(counts[:size]):
        mine = z[classes == digit]
        own = mine[:, [digit]]
        won[digit, : digit + 1] = np.count_nonzero(own > mine[:, : digit + 1], axis=0)
        won[digit, digit:] = np.count_nonzero(own >= mine[:, digit:], axis=0)
    pairs = counts[:, None] + counts[None]
    accuracies: Double = (won + won.T) / np.where(pairs > 0, pairs, np.nan)
    np.fill_diagonal(accuracies, 1)
    return accuracies


def _labels_of(responses: Responses, labels: ArrayLike) -> NDArray[np.intp]:
    classes = np.asarray(labels)
    if classes.shape != responses.logits.shape[:1]:
        raise ValueError(
            f"labels: expected shape {responses.logits.shape[:1]}; got {classes.shape}"
        )
    return check_classes(classes)
