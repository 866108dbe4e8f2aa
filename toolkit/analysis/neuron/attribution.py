"""Why one output is above another, for a digit: split over neurons, and exactly over pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.activations import kinks, straight
from toolkit.analysis.blame import blame
from toolkit.analysis.neuron.gradients import as_digit, back, double, first_sums, forward
from toolkit.analysis.neurons import contributions
from toolkit.network import Layer, Network, Responses

Double = NDArray[np.float64]

_CURVED = np.polynomial.legendre.leggauss(5)
_STRAIGHT = np.polynomial.legendre.leggauss(1)  # exact between turns of straight lines
_STEPS = 8  # to begin with: one alone may be right by its symmetry and wrong in each half
_MANY_STEPS = 1024
_MOST_STEPS = 2048
_MOST_ROUNDS = 60  # a step of the path is then no longer two numbers apart


@dataclass(frozen=True, eq=False)
class PixelSplit:
    """The difference of two outputs' pre-activations for a digit, over neurons and over pixels.

    Attributes
    ----------
    winner, other : int
        The outputs.
    difference : float
        ``z[winner] - z[other]`` for the digit.
    blank : float
        The same for the baseline, which no pixel accounts for.
    neurons : ndarray of float64, shape (size of the last hidden layer,)
        What each puts `winner` above `other`, exact as it stands: with `bias` they add up to the
        difference.
    bias : float
        The difference of the outputs' biases.
    pixels : ndarray of float64, shape (inputs,)
        Integrated gradients: with `blank` they add up to the difference, but for `error`.
    error : float
        By how much they do not, not below zero; nan or inf where the network's numbers are.
    linear : ndarray of float64, shape (inputs,)
        One step of the path instead of many: the gradient at the digit times the change.
    linear_error : float
        By how much, with `blank`, these do not add up to the difference.
    steps : int
        In how many pieces the path was taken.
    """

    winner: int
    other: int
    difference: float
    blank: float
    neurons: Double
    bias: float
    pixels: Double
    error: float
    linear: Double
    linear_error: float
    steps: int


def pixel_split(
    network: Network,
    digit: ArrayLike,
    winner: int | None = None,
    other: int | None = None,
    *,
    baseline: ArrayLike | None = None,
    tolerance: float = 1e-6,
) -> PixelSplit:
    """Split why `winner` is above `other` for a digit down to its pixels, by integrated gradients.

    Along the straight line from the baseline to the digit a pixel's part is its change times its
    mean derivative (Sundararajan, Taly & Yan, *Axiomatic Attribution for Deep Networks*, 2017,
    equation 1).  What the parts of a piece of the line add up to is known (proposition 1,
    completeness), so pieces that miss it are halved until all together are within `tolerance`:
    the kink of a ReLU, or a steep sigmoid's step, is closed in on.

    Parameters
    ----------
    network : Network
    digit : array_like of float, shape (inputs,)
        Pixels in [0, 1].
    winner : int, optional
        By default the network's answer.
    other : int, optional
        By default the runner-up.
    baseline : array_like of float, shape (inputs,), optional
        By default a blank picture.
    tolerance : float, above 0
        Of the sum over the pixels; where it is finer than float64 can tell, the error says so.

    Raises
    ------
    ValueError
        If a shape or value does not fit, or the two outputs are not two of the network's.

    Examples
    --------
    >>> from toolkit.network import Layer
    >>> net = Network((Layer([[1, 0], [1, 1]], [0, -1], "relu"), Layer([[1, 4], [0, 0]], [0, 0])))
    >>> found = pixel_split(net, [1, 1], 0, 1)
    >>> found.difference, found.neurons.tolist(), found.pixels.round(6).tolist()
    (5.0, [1.0, 4.0], [3.0, 2.0])
    """
    x = as_digit(network, digit, "digit")
    base = np.zeros_like(x) if baseline is None else as_digit(network, baseline, "baseline")
    if not tolerance > 0:
        raise ValueError(f"tolerance: expected a number above 0; got {tolerance!r}")
    by_neuron = blame(network, x, other, winner=winner, reference=base)
    winner, other = by_neuron.winner, by_neuron.other
    with np.errstate(all="ignore"):
        first = double(network.layers[0])
        start, change = first_sums(network, base), first @ (x - base)
        values, slopes = _along(network, start, change, winner, other)
        ends = values(np.array([0.0, 1.0]))
        edges = _edges(network.layers[:-1], start, change)
        lines = all(straight(each.activation) for each in network.layers[:-1])
        nodes, weights = _STRAIGHT if lines else _CURVED
        mean_slope, steps = _integrated(values, slopes, edges, change, tolerance, nodes, weights)
        # The line is straight, so pixels come in once, after all of it.
        pixels = (mean_slope @ first) * (x - base)
        linear = (slopes(np.array([1.0]))[0] @ first) * (x - base)
        moved = ends[1] - ends[0]
        return PixelSplit(
            winner,
            other,
            difference=float(ends[1]),
            blank=float(ends[0]),
            neurons=by_neuron.parts[-1],
            bias=by_neuron.rest[-1],
            pixels=pixels,
            error=float(abs(pixels.sum() - moved)),
            linear=linear,
            linear_error=float(abs(linear.sum() - moved)),
            steps=steps,
        )


Along = Callable[[Double], Double]


def _along(
    network: Network, start: Double, change: Double, winner: int, other: int
) -> tuple[Along, Along]:
    """Return the difference of the outputs along the line, and its slope by the first sums."""
    layers = network.layers
    top = np.zeros(layers[-1].size)
    top[winner], top[other] = 1, -1

    def values(t: Double) -> Double:
        z = forward(layers, start + np.multiply.outer(t, change))[0][-1]
        return np.asarray(z[:, winner] - z[:, other])

    def slopes(t: Double) -> Double:
        zs, activations = forward(layers, start + np.multiply.outer(t, change))
        return back(layers, np.broadcast_to(top, zs[-1].shape), zs, activations)

    return values, slopes


def _edges(hidden: Sequence[Layer], start: Double, change: Double) -> Double:
    """Return where to cut the line to begin with: where straight lines turn, as far as is known.

    Up to the first layer that is curved, sums are straight between the turns of those below.
    """
    edges = np.linspace(0, 1, _STEPS + 1)
    for at, layer in enumerate(hidden):
        if len(edges) > _MANY_STEPS:
            break
        for kink in kinks(layer.activation):
            z = forward(hidden[: at + 1], start + np.multiply.outer(edges, change))[0][-1] - kink
            step, neuron = np.nonzero(z[:-1] * z[1:] < 0)
            here, there = z[step, neuron], z[step + 1, neuron]
            turns = edges[step] + here / (here - there) * (edges[step + 1] - edges[step])
            edges = np.unique(np.r_[edges, turns[np.isfinite(turns)]])
        if not straight(layer.activation):
            break
    return edges


def _integrated(
    values: Along,
    slopes: Along,
    edges: Double,
    change: Double,
    tolerance: float,
    nodes: Double,
    weights: Double,
) -> tuple[Double, int]:
    """Return the mean slope over the line, and in how many pieces that was taken."""
    low, high = edges[:-1], edges[1:]
    at_edges = values(edges)
    at_low, at_high = at_edges[:-1], at_edges[1:]
    # Pieces that miss by what float64 rounds to are not what others want halving for.
    rounding = 16 * np.finfo(np.float64).eps * np.abs(at_edges).max()

    def measured(low: Double, high: Double, moved: Double) -> tuple[Double, Double]:
        half = (high - low) / 2
        t = (low + high)[:, None] / 2 + half[:, None] * nodes
        found = slopes(t.ravel()).reshape(len(low), len(nodes), -1)
        parts = np.einsum("k,nkj->nj", weights, found) * half[:, None]
        return parts, np.abs(parts @ change - moved)

    parts, errors = measured(low, high, at_high - at_low)
    for _ in range(_MOST_ROUNDS):
        if not errors.sum() > tolerance:
            break
        middle = (low + high) / 2
        wrong = (errors > max(tolerance / len(errors), rounding)) & (low < middle) & (middle < high)
        room = _MOST_STEPS - len(low)
        if not wrong.any() or room <= 0:
            break
        if np.count_nonzero(wrong) > room:
            wrong[np.argsort(np.where(wrong, -errors, 0), kind="stable")[room:]] = False
        middle = middle[wrong]
        at_middle = values(middle)
        new_low, new_high = np.r_[low[wrong], middle], np.r_[middle, high[wrong]]
        new_at_low = np.r_[at_low[wrong], at_middle]
        new_at_high = np.r_[at_middle, at_high[wrong]]
        new_parts, new_errors = measured(new_low, new_high, new_at_high - new_at_low)
        right = ~wrong
        low, high = np.r_[low[right], new_low], np.r_[high[right], new_high]
        at_low, at_high = np.r_[at_low[right], new_at_low], np.r_[at_high[right], new_at_high]
        parts, errors = np.r_[parts[right], new_parts], np.r_[errors[right], new_errors]
    return parts.sum(axis=0), len(low)


@dataclass(frozen=True)
class Contribution:
    """What one input adds to a neuron's pre-activation.

    Attributes
    ----------
    input : int
        Its number among the neuron's inputs.
    row, column : int or None
        Of the pixel, where it is one.
    neuron : (int, int) or None
        Layer and index, where it is one.
    name : str
        "row 3, column 4", or what the neuron is called.
    value : float
        Weight times input.
    """

    input: int
    row: int | None
    column: int | None
    neuron: tuple[int, int] | None
    name: str
    value: float


def largest_contributions(
    network: Network, trace: Responses, layer: int, index: int, count: int = 5
) -> tuple[Contribution, ...]:
    """Return the inputs that add or take away most in a neuron's weighted sum.

    Parameters
    ----------
    network : Network
    trace : Trace, or for later layers Responses
        Of one digit.
    layer, index : int
        The neuron.
    count : int
        At most so many; those that add nothing are none.

    Returns
    -------
    tuple of Contribution
        The largest in absolute value first; not-a-number before all.

    Raises
    ------
    ValueError
        If the network has no such neuron, or the trace is not of one digit.
    """
    values = contributions(network, trace, layer, index).astype(np.float64)
    if values.ndim != 1:
        raise ValueError(f"trace: expected that of one digit; got {len(values)}")
    sizes = np.where(np.isnan(values), np.inf, np.abs(values))
    found = []
    for at in np.argsort(-sizes, kind="stable")[: max(0, count)]:
        if sizes[at] == 0:
            break
        row = column = neuron = None
        if layer == 1:
            row, column = (int(each) for each in divmod(int(at), network.grid.columns))
            name = f"row {row}, column {column}"
        else:
            neuron = layer - 1, int(at)
            name = network.called(*neuron)
        found.append(Contribution(int(at), row, column, neuron, name, float(values[at])))
    return tuple(found)
