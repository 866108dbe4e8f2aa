"""How sure a network is of its answers, and the wrong ones that it is surest of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.activations import ranking
from toolkit.network import ACTIVATIONS, Float, Responses, check_activation

# How far outputs may be from what an activation function makes of their logits: a rounding.
_CLOSE = 1e-5
_PROBABILITIES = ("sigmoid", "softmax", "hard_sigmoid")


@dataclass(frozen=True)
class Mistake:
    """A digit read wrong.

    Attributes
    ----------
    number : int
        Its position among the digits.
    label, read : int
        What it is, and what it was read as.
    confidence : float, 0..1
        In the wrong answer, as :func:`confidences` says.
    runner_up : int or None
        The answer that would be next; None where there is one output alone.
    """

    number: int
    label: int
    read: int
    confidence: float
    runner_up: int | None


def confidences(responses: Responses, *, activation: str | None = None) -> NDArray[np.float64]:
    """Return how sure the network is of each answer.

    The winner's probability, which depends on what the outputs are:

    - softmax: a probability already, one of all outputs that add up to 1;
    - sigmoid and hard_sigmoid: the winner's activation as it is.  Such outputs are yes-or-no
      answers of their own, one a class, that need not add up to 1: the figure is how sure it is
      of this class, whatever it says of the others, and may be below one half for all;
    - others, as tanh, ReLU and identity: no probabilities; the softmax of what the outputs are
      ranked by (the pre-activations, see :func:`toolkit.activations.ranking`) stands in.

    Parameters
    ----------
    responses : Responses
        Of n digits.
    activation : str, optional
        The output layer's; by default it is told from how outputs follow from logits.

    Returns
    -------
    ndarray of float64, shape (n,), in [0, 1]
        nan where a logit is nan, or where softmax has none for infinite ones.

    Raises
    ------
    ValueError
        If the responses are of a single digit, or there is no such activation function.

    Examples
    --------
    >>> from toolkit.network import Layer, Network
    >>> net = Network((Layer([[1], [3]], [0, 0], "softmax"),))
    >>> confidences(net.forward([[0], [1]])).round(3)
    array([0.5  , 0.881])
    """
    z, a = check_responses(responses)
    kind = _kind(z, a) if activation is None else check_activation(activation)
    with np.errstate(all="ignore"):
        if kind in _PROBABILITIES:
            won = np.take_along_axis(a, responses.predictions[:, None], axis=1)[:, 0]
            found = won.astype(np.float64)
        else:
            logits = np.asarray(ranking(z, kind or responses.function), np.float64)
            found = 1 / np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1)
    return np.where(np.isnan(z).any(axis=1), np.nan, found)


def mistakes(
    responses: Responses,
    labels: ArrayLike,
    count: int = 50,
    *,
    activation: str | None = None,
) -> tuple[Mistake, ...]:
    """Return the digits read wrong, those first that the network is surest of.

    Parameters
    ----------
    responses : Responses
        Of n digits.
    labels : array_like of int, shape (n,)
    count : int, at least 0
        At most so many.
    activation : str, optional
        As in :func:`confidences`.

    Returns
    -------
    tuple of Mistake
        Of equal confidence, as where outputs saturate, the one whose winner has the larger
        pre-activation comes first, then the one of lower number.  Where the confidence is nan
        there is no answer, and none is listed.

    Raises
    ------
    ValueError
        If shapes do not fit, or count is negative.
    """
    z, _ = check_responses(responses)
    z = np.asarray(ranking(z, activation or responses.function))
    classes = check_labels(labels, len(z))
    if count < 0:
        raise ValueError(f"count: expected 0 or more; got {count}")
    sure, read = confidences(responses, activation=activation), responses.predictions
    wrong = np.flatnonzero((read != classes) & ~np.isnan(sure))
    first = np.lexsort((wrong, -z[wrong, read[wrong]], -sure[wrong]))[:count]
    found = []
    for number in wrong[first].tolist():
        ranked = np.argsort(-z[number], kind="stable").tolist()
        second = next((each for each in ranked if each != read[number]), None)
        found.append(
            Mistake(number, int(classes[number]), int(read[number]), float(sure[number]), second)
        )
    return tuple(found)


def check_responses(responses: Responses) -> tuple[Float, Float]:
    """Return logits and outputs, both of shape (n, size).

    Raises
    ------
    ValueError
        If they are of a single digit.
    """
    z, a = responses.logits, responses.outputs
    if z.ndim != 2 or a.shape != z.shape:
        raise ValueError(
            f"responses: expected outputs of shape (n, size), a row a digit; "
            f"got {z.shape} and {a.shape}"
        )
    return z, a


def check_labels(labels: ArrayLike, count: int) -> NDArray[np.int64]:
    """Return labels as whole numbers.

    Raises
    ------
    ValueError
        If there are not `count` of them, or they are no whole numbers.
    """
    classes = np.asarray(labels)
    if classes.shape != (count,):
        raise ValueError(f"labels: expected shape ({count},), one a digit; got {classes.shape}")
    if classes.size and classes.dtype.kind not in "iu":
        raise ValueError(f"labels: expected whole numbers; got {classes.dtype}")
    return classes.astype(np.int64)


def _kind(z: Float, a: Float) -> str:
    """Tell what made outputs of logits, or "" for what is no probability."""
    with np.errstate(all="ignore"):
        for name in _PROBABILITIES:
            if np.allclose(ACTIVATIONS[name](z), a, rtol=0, atol=_CLOSE, equal_nan=True):
                return name
    return ""
