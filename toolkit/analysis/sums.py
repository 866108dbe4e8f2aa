"""How a neuron's weighted sums are spread over the digits, class by class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.analysis.neurons import layer_inputs
from toolkit.digits.digitset import classes_of
from toolkit.network import Network, Responses, Trace


@dataclass(frozen=True)
class ClassHistogram:
    """Counts of a number that each digit has, by class.

    Attributes
    ----------
    counts : ndarray of int64, shape (classes, bins)
        Row *c* counts the digits labelled *c*.
    edges : ndarray of float64, shape (bins + 1,), rising
        Bin *k* is from ``edges[k]`` to below ``edges[k + 1]``; the last holds its upper end too.
    left_out : int
        Digits whose number is outside the edges, NaN or infinite.
    """

    counts: NDArray[np.int64]
    edges: NDArray[np.float64]
    left_out: int


def histogram_by_class(
    values: ArrayLike,
    labels: ArrayLike,
    *,
    bins: int = 60,
    limits: tuple[float, float] | None = None,
    many: int | None = None,
) -> ClassHistogram:
    """Count values by class.

    Parameters
    ----------
    values : array_like of float, shape (n,)
    labels : array_like of int, shape (n,)
    bins : int, at least 1
    limits : (float, float), optional
        The first and the last edge.  By default the least and the largest finite value; half
        a unit to each side of it where all are the same, -0.5 to 0.5 where there is none.
    many : int, optional
        How many classes there are; by default 10, or more where labels reach further.

    Returns
    -------
    ClassHistogram

    Raises
    ------
    ValueError
        If a shape or value does not fit.
    """
    numbers = np.asarray(values, dtype=np.float64)
    classes = np.asarray(labels)
    if numbers.ndim != 1 or classes.shape != numbers.shape:
        raise ValueError(
            f"values, labels: expected shapes (n,) and (n,); got {numbers.shape} and "
            f"{classes.shape}"
        )
    if bins < 1:
        raise ValueError(f"bins: expected 1 or more; got {bins}")
    finite = np.isfinite(numbers)
    if limits is not None:
        low, high = float(limits[0]), float(limits[1])
        if not (np.isfinite((low, high)).all() and low < high):
            raise ValueError(f"limits: expected two finite numbers, rising; got {limits}")
    elif finite.any():
        low, high = float(numbers[finite].min()), float(numbers[finite].max())
    else:
        low = high = 0.0
    edges = np.linspace(low, high, bins + 1)
    # Also where the values lie so close together that the edges between them would be equal.
    if not (np.diff(edges) > 0).all():
        edges = np.linspace(low - 0.5 * max(1, abs(low)), high + 0.5 * max(1, abs(high)), bins + 1)
    inside = finite & (numbers >= edges[0]) & (numbers <= edges[-1])
    place = np.minimum(np.searchsorted(edges, numbers[inside], side="right") - 1, bins - 1)
    many = many or classes_of(classes)
    flat = np.bincount(classes[inside].astype(np.intp) * bins + place, minlength=many * bins)
    return ClassHistogram(
        flat.reshape(many, bins).astype(np.int64), edges, int(len(numbers) - inside.sum())
    )


def weighted_sums(
    network: Network,
    responses: Responses,
    labels: ArrayLike,
    layer: int,
    index: int,
    *,
    bins: int = 60,
    limits: tuple[float, float] | None = None,
) -> ClassHistogram:
    """Count a neuron's weighted sums ``w x`` over a digit set, by class, the bias left out.

    Minus the bias is then the threshold on the same axis: right of it the
    pre-activation is above zero.

    Parameters
    ----------
    network : Network
        The one that made `responses`.
    responses : Responses
        To a batch of n digits; a Trace is one.  Without a Trace's inputs, sums of layer 1 are
        what is left of the pre-activations without the bias: as exact as these, and nothing
        where the bias is not finite.
    labels : array_like of int, shape (n,)
    layer, index : int
        The neuron.
    bins, limits
        As in :func:`histogram_by_class`.

    Returns
    -------
    ClassHistogram

    Raises
    ------
    ValueError
        If the network has no such neuron, or a shape or value does not fit.
    """
    network.check_neuron(layer, index)
    with np.errstate(over="ignore", invalid="ignore"):
        if layer > 1 or isinstance(responses, Trace):
            sums = layer_inputs(responses, layer) @ network.layer(layer).weights[index]
        else:
            sums = responses.pre_activations[0][:, index] - network.layer(1).biases[index]
    return histogram_by_class(sums, labels, bins=bins, limits=limits)
