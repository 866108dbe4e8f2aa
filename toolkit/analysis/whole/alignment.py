"""Whose neuron is whose in two networks: an optimal assignment, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from toolkit.analysis.whole.similarity import check_same_digits
from toolkit.network import Float, Layer, Network, Responses

Double = NDArray[np.float64]

WAYS = ("weights", "activations")

# Of two neurons that point the same way the one as long, and of the same bias, is the closer one;
# too little to outweigh a direction.
_LENGTH_COUNTS = 1e-6


@dataclass(frozen=True, eq=False)
class Matching:
    """Which neuron of another network does what each neuron of a layer does.

    Attributes
    ----------
    order : ndarray of int64, shape (size,)
        ``order[j]`` is the other's neuron that is matched to neuron *j*; -1 where none is left.
    similarity : ndarray of float64, shape (size,), -1..1
        Cosine of their incoming weights, or correlation of their activations, after `sign`; nan
        where there is no match, or what is compared is not finite, or stands still.
    sign : ndarray of int64, shape (size,)
        -1 where a tanh neuron is the negative of its match: with all its weights, incoming and
        outgoing, and its bias times -1 it does the same.  1 for every other.
    """

    order: NDArray[np.int64]
    similarity: Double
    sign: NDArray[np.int64]


def match_neurons(
    one: Network,
    other: Network,
    *,
    by: str = "weights",
    responses: tuple[Responses, Responses] | None = None,
) -> tuple[Matching, ...]:
    """Match the neurons of two networks, no neuron to two.

    Hidden neurons have no order: exchanged, with their outgoing weights, they make the same
    network, and a tanh neuron may be turned to its negative (Hecht-Nielsen 1990; Sussmann 1992).
    In each layer those are matched that have the largest sum of similarities, a linear sum
    assignment (Kuhn 1955, solved as scipy does, after Crouse 2016):

    - ``"weights"``: cosine of incoming weights.  A later layer's inputs are first put into the
      order, and sign, in which the layer below was matched, so that any permutation of a network
      is found (weight matching, one layer after the other: Ainsworth, Hayase & Srinivasa, "Git
      Re-Basin", 2023, sec. 3.2).  Of neurons as similar those whose weights and bias are closest.
    - ``"activations"``: correlation over the same digits (Li et al., "Convergent learning", 2016;
      "Git Re-Basin", sec. 3.1).  Neurons that answer the same to each of them, as all do that
      never fire, nothing tells apart: any of them is matched to any.

    Outputs have an order, the digits, and are matched as they stand.

    Parameters
    ----------
    one, other : Network
        Layers may be of different sizes: the smaller one is matched whole.  Of different depth,
        the hidden layers that both have are matched and their outputs are not.
    by : {"weights", "activations"}
    responses : tuple of two Responses, optional
        Of `one` and of `other` to the same digits; for ``"activations"``.

    Returns
    -------
    tuple of Matching
        One a layer, the first hidden one first.

    Raises
    ------
    ValueError
        If `by` is neither of the two, the networks take inputs of different sizes and weights are
        to be compared, or the responses are missing or not theirs.
    """
    if by not in WAYS:
        raise ValueError(f"by: expected one of {', '.join(WAYS)}; got {by!r}")
    if by == "activations":
        first, second = _checked(one, other, responses)
    else:
        _check_inputs(one, other)
    hidden = min(len(one.layers), len(other.layers)) - 1
    count = hidden + (len(one.layers) == len(other.layers))
    below = _in_place(one.sizes[0], other.sizes[0])
    found: list[Matching] = []
    for at in range(count):
        pair = one.layers[at], other.layers[at]
        if by == "weights":
            a, b = _incoming(*pair, below)
            biases = tuple(_finite(layer.biases)[:, None] for layer in pair)
            lengths = np.hstack([a, biases[0]]), np.hstack([b, biases[1]])
            bad = [_broken(layer.weights, axis=1) for layer in pair]
        else:
            values = _finite(first.activations[at]).T, _finite(second.activations[at]).T
            a, b = map(_centred, values)
            lengths, bad = values, [_broken(s.activations[at], axis=0) for s in (first, second)]
        similarity = _cosines(a, b)
        turns = at < hidden and all(layer.activation == "tanh" for layer in pair)
        if at < hidden:
            below = _assigned(similarity, lengths, bad, turns)
        else:
            below = _in_place(*similarity.shape)
            below = _judged(below, similarity, bad)
        found.append(below)
    return tuple(found)


def rearranged(other: Network, matchings: tuple[Matching, ...]) -> Network:
    """Return a network with its neurons in the order, and sign, of those that they are matched to.

    It answers as before (but for rounding), and its maps stand beside those that they are to be
    compared with.

    Parameters
    ----------
    other : Network
        The second one that :func:`match_neurons` was given.
    matchings : tuple of Matching
        What that returned, for two networks of one shape.

    Returns
    -------
    Network

    Raises
    ------
    ValueError
        If a layer's matching does not name each of its neurons once.
    """
    sizes = other.sizes[1:]
    if tuple(len(each.order) for each in matchings) != sizes or any(
        sorted(each.order.tolist()) != list(range(len(each.order))) for each in matchings
    ):
        raise ValueError(
            f"matchings: expected each of {sizes} neurons once, of networks of one shape; "
            f"got {[each.order.tolist() for each in matchings]!s:.60}"
        )
    below = _in_place(other.sizes[0], other.sizes[0])
    layers, names = [], {}
    for number, (layer, here) in enumerate(zip(other.layers, matchings, strict=True), 1):
        signs = here.sign.astype(np.float32)
        weights = layer.weights[here.order] * signs[:, None]
        weights = weights[:, below.order] * below.sign.astype(np.float32)
        layers.append(replace(layer, weights=weights, biases=layer.biases[here.order] * signs))
        for place, index in enumerate(here.order.tolist()):
            if (number, index) in other.names:
                names[number, place] = other.names[number, index]
        below = here
    return replace(other, layers=tuple(layers), names=names)


def matched_distances(
    one: Network, other: Network, matchings: tuple[Matching, ...]
) -> tuple[Double, ...]:
    """Return how far each neuron's incoming weights and bias are from its match's.

    Parameters
    ----------
    one, other : Network
        Of as many inputs.
    matchings : tuple of Matching
        What :func:`match_neurons` returned for them.

    Returns
    -------
    tuple of ndarray of float64, each (size,), one for each matching
        Euclidean distance, the other's weights in the order and sign in which the layer below is
        matched; an input without a counterpart counts as one with a weight of zero there.  nan
        where there is no match, or either has a number that is not finite.

    Raises
    ------
    ValueError
        If the networks take inputs of different sizes, or a matching is not of a layer's size.
    """
    _check_inputs(one, other)
    sizes = tuple(len(each.order) for each in matchings)
    if sizes != one.sizes[1 : len(sizes) + 1] or len(sizes) >= len(other.sizes):
        raise ValueError(f"matchings: expected those of {one.sizes[1:]} neurons; got {sizes}")
    below, found = _in_place(one.sizes[0], other.sizes[0]), []
    for at, here in enumerate(matchings):
        pair = one.layers[at], other.layers[at]
        a, b = _incoming(*pair, below)
        bias, others = (layer.biases.astype(np.float64) for layer in pair)
        bad = [_broken(layer.weights, axis=1) for layer in pair]
        with np.errstate(invalid="ignore"):
            apart = ((a - b[here.order] * here.sign[:, None]) ** 2).sum(axis=1)
            apart += (bias - others[here.order] * here.sign) ** 2
        wrong = (here.order < 0) | bad[0] | bad[1][here.order] | ~np.isfinite(apart)
        found.append(np.sqrt(np.where(wrong, np.nan, apart)))
        below = here
    return tuple(found)


def _check_inputs(one: Network, other: Network) -> None:
    if one.sizes[0] != other.sizes[0]:
        raise ValueError(f"other: expected {one.sizes[0]} inputs, as one has; got {other.sizes[0]}")


def _checked(
    one: Network, other: Network, responses: tuple[Responses, Responses] | None
) -> tuple[Responses, Responses]:
    if responses is None:
        raise ValueError("responses: expected those of both networks to match by activations; "
                         "got none")  # fmt: skip
    first, second = responses
    check_same_digits(first, second)
    for network, its in ((one, first), (other, second)):
        sizes = tuple(a.shape[-1] for a in its.activations)
        if sizes != network.sizes[1:]:
            raise ValueError(
                f"responses: expected those of {network.sizes[1:]} neurons; got {sizes}"
            )
    if not len(first.logits):
        raise ValueError("responses: expected those to one digit or more; got none")
    return first, second


def _incoming(one: Layer, other: Layer, below: Matching) -> tuple[Double, Double]:
    """Return both layers' weights, the inputs that are matched first and in one order."""
    a, b = _finite(one.weights), _finite(other.weights)
    paired = below.order >= 0
    order = below.order[paired]
    b_alone = np.setdiff1d(np.arange(b.shape[1]), order)
    both = b[:, order] * below.sign[paired]
    # What has no counterpart meets a zero: it counts for the length, and for nothing in common.
    a_alone = a[:, ~paired]
    return (
        np.hstack([a[:, paired], a_alone, np.zeros((len(a), len(b_alone)))]),
        np.hstack([both, np.zeros((len(b), a_alone.shape[1])), b[:, b_alone]]),
    )


def _finite(values: Float) -> Double:
    return np.where(np.isfinite(values), values, 0).astype(np.float64)


def _broken(values: Float, axis: int) -> NDArray[np.bool_]:
    return np.asarray(~np.isfinite(values).all(axis=axis))


def _centred(rows: Double) -> Double:
    # The mean of equal values may miss them by a rounding, which would pass for a pattern.
    still = np.ptp(rows, axis=1, keepdims=True) == 0
    return np.where(still, 0, rows - rows.mean(axis=1, keepdims=True))


def _lengths(rows: Double) -> Double:
    found: Double = np.sqrt((rows**2).sum(axis=1))
    return found


def _cosines(a: Double, b: Double) -> Double:
    """Return the cosine of each row of `a` with each of `b`; nan with a row of zeros."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return (a @ b.T) / np.outer(_lengths(a), _lengths(b))


def _assigned(
    similarity: Double,
    lengths: tuple[Double, Double],
    bad: list[NDArray[np.bool_]],
    turns: bool,
) -> Matching:
    # Heavy, and needed for nothing else that a server does at rest.
    from scipy.optimize import linear_sum_assignment

    a, b = lengths
    known, product = np.nan_to_num(similarity), a @ b.T
    # Which way round a neuron without weights is, its bias tells.
    way = np.where(np.isnan(similarity), product, known)
    sign = np.where(turns & (way < 0), -1, 1)
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.clip(1 - 2 * sign * product / squares, 0, 2)
    # Two neurons without any weight are as close as can be.
    apart = np.where(squares > 0, apart, 0)
    rows, columns = linear_sum_assignment(known * sign - _LENGTH_COUNTS * apart, maximize=True)
    order = np.full(len(a), -1)
    order[rows] = columns
    signs = np.ones(len(a), np.int64)
    signs[rows] = sign[rows, columns]
    return _judged(Matching(order, np.empty(0), signs), similarity, bad)


def _judged(matching: Matching, similarity: Double, bad: list[NDArray[np.bool_]]) -> Matching:
    order = matching.order
    found = similarity[np.arange(len(order)), order] * matching.sign
    wrong = (order < 0) | bad[0] | bad[1][order]
    return replace(matching, similarity=np.where(wrong, np.nan, np.clip(found, -1, 1)))


def _in_place(size: int, other: int) -> Matching:
    order = np.where(np.arange(size) < other, np.arange(size), -1)
    return Matching(order, np.ones(size), np.ones(size, np.int64))
