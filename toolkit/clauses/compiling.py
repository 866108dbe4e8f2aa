"""A clause as the weights and the bias of a neuron."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from toolkit.clauses.errors import ClauseError
from toolkit.clauses.expressions import AtLeast, Clause, Not, Vote, written
from toolkit.clauses.voting import Ballot, Constant, ballot_of
from toolkit.network import Float

SHARPNESS = 4.0
LEAST_SHARP, MOST_SHARP = 0.001, 100.0

_GRID = 1 << 16
"""Weights are whole numbers of 1/65536, so that no last digit depends on the machine."""
_SAME = 0.01
"""Of the largest weight: so far apart thresholds are the same, as biases are rounded when typed."""
_MOST_TRIED = 16
"""Groups of parts for which it is worked out whether one neuron does, before it is told."""


@dataclass(frozen=True, eq=False)
class Compiled:
    """What a neuron needs to decide a clause.

    Attributes
    ----------
    weights : ndarray of float32, shape (inputs,)
        Zero for inputs that the clause does not speak of.
    bias : float
    tolerance : float
        How much of its range each input may be short of its off or its on, and the neuron still
        decides as the clause does.
    """

    weights: Float
    bias: float
    tolerance: float


def compile_clause(
    clause: Clause,
    ranges: Sequence[Sequence[float]],
    sharpness: float = SHARPNESS,
    called: Callable[[int], str] = str,
) -> Compiled:
    """Work out weights and bias by which a neuron decides a clause.

    With each input at its off or its on, the weighted sum plus bias is at least `sharpness`
    where the clause holds and at most ``-sharpness`` elsewhere.  A sigmoid is then above
    0.98 or below 0.02 for a sharpness of 4; a ReLU at least the sharpness, or 0.  The threshold
    lies where inputs a tenth of their range short are still told apart, if one does so.

    Parameters
    ----------
    clause : Clause
    ranges : sequence of (float, float)
        Activation of each input when off and when on.
    sharpness : float, 0.001 to 100
        How steep the neuron is with it depends on how fine the clause's own numbers are: with
        tenths the same sharpness makes weights ten times as large as with whole numbers.
    called : callable
        Given an input's index, what to call it in an error.

    Raises
    ------
    ClauseError
        If it holds always or never, or one neuron cannot decide it, or an input that it speaks
        of has no range.

    Examples
    --------
    >>> from toolkit.clauses import read_clause
    >>> either = read_clause("1.0 or 1.1", 2, 2, {})
    >>> found = compile_clause(either, [(0, 1), (0, 1)], sharpness=4.5)
    >>> found.weights, found.bias
    (array([10., 10.], dtype=float32), -5.5)
    """
    ballot = decide(clause, called)
    middle, tolerance = ballot.middle()
    weights = np.zeros(len(ranges), np.float32)
    scale = float(sharpness) / _margin(ballot)
    bias = -scale * float(middle)
    for index, weight in ballot.weights.items():
        low, high = map(float, ranges[index])
        if not (math.isfinite(low) and math.isfinite(high) and high - low > 1e-6):
            raise ClauseError(
                f"clause: {called(index)}: expected an activation when on that is above the one "
                f"when off; got {low:g} and {high:g}"
            )
        each = scale * float(weight) / (high - low)
        weights[index] = _on_grid(each)
        # With the weight as it is once rounded, so that its rounding does not shift the threshold.
        bias -= float(weights[index]) * low
    return Compiled(weights, _on_grid(bias), float(tolerance))


def with_bias(
    vote: Vote, ranges: Sequence[Sequence[float]], sharpness: float, weights: Float, bias: float
) -> tuple[Vote, float]:
    """Return the vote that a neuron decides whose bias was set since, and its sharpness.

    Parameters
    ----------
    vote : Vote
    ranges, sharpness
        With which it was compiled.
    weights : ndarray of float32
        What that made, and the neuron has.
    bias : float
        The neuron's own.

    Returns
    -------
    Vote
        The same terms with the threshold that the bias means; the vote itself where that is the
        same, to a hundredth of its largest weight.
    float
        With it the vote makes the same weights.

    Examples
    --------
    >>> from toolkit.clauses import read_clause
    >>> vote = read_clause("1.0 + 1.1 > 1", 2, 2, {})
    >>> made = compile_clause(vote, [(0, 1), (0, 1)])
    >>> bias = -1.6 * made.weights[0]
    >>> with_bias(vote, [(0, 1), (0, 1)], 4.0, made.weights, bias)[0].threshold
    Fraction(8, 5)
    """
    ballot = decide(vote)
    scale = float(sharpness) / _margin(ballot)
    largest = float(max(map(abs, ballot.weights.values())))
    low = sum(float(weights[index]) * float(ranges[index][0]) for index in ballot.weights)
    threshold = -(float(bias) + low) / scale
    if abs(threshold - float(vote.threshold)) <= _SAME * largest or not abs(threshold) < 1e6:
        return vote, sharpness
    digits = max(0, min(6, round(2 - math.log10(largest))))
    meant = replace(vote, threshold=Fraction(round(threshold * 10**digits), 10**digits))
    try:
        sharp = scale * _margin(decide(meant))
    except ClauseError:  # no combination of its inputs on or off comes to that, or all do
        return meant, sharpness
    return meant, bounded(sharp)


def as_strong(vote: Vote, like: Vote, ranges: Sequence[Sequence[float]], weights: Float) -> float:
    """Return the sharpness with which a vote is as strong as another.

    Where a number of them is the same, a term or the threshold, all weigh what they did; else the
    largest does: its terms may be told in other units.

    Parameters
    ----------
    vote : Vote
    like : Vote
        What a neuron decides, or comes close to.
    ranges : sequence of (float, float)
    weights : ndarray, shape (inputs,)
        The neuron's.

    Examples
    --------
    >>> from toolkit.clauses import read_clause
    >>> one, other = (read_clause(f"1.0 + {part}*1.1 > 1", 2, 2, {}) for part in (1, 1.5))
    >>> weights = compile_clause(one, [(0, 1), (0, 1)]).weights
    >>> sharpness = as_strong(other, one, [(0, 1), (0, 1)], weights)
    >>> (compile_clause(other, [(0, 1), (0, 1)], sharpness).weights / weights).round(3)
    array([1. , 1.5], dtype=float32)
    """
    margin = _margin(decide(vote))
    indices = [index for _, index in like.terms]
    numbers = np.array([weight for weight, _ in like.terms], float)
    low, high = np.array([ranges[index] for index in indices], float).T
    scale = float((weights[indices] * (high - low)) @ numbers / (numbers @ numbers))
    if not {*vote.terms} & {*like.terms} and not vote.threshold == like.threshold != 0:
        scale *= float(np.abs(numbers).max() / max(abs(weight) for weight, _ in vote.terms))
    return bounded(scale * margin, digits=6)


def bounded(sharpness: float, digits: int = 3) -> float:
    """Return a sharpness in few digits, and such as a clause may have."""
    return min(MOST_SHARP, max(LEAST_SHARP, float(f"{sharpness:.{digits}g}")))


def _margin(ballot: Ballot) -> float:
    middle, _ = ballot.middle()
    return float(min(ballot.on - middle, middle - ballot.off))


def decide(clause: Clause, called: Callable[[int], str] = str) -> Ballot:
    """Return the weighted vote that decides a clause.

    Raises
    ------
    ClauseError
        If there is none; it says which neurons to make first.
    """
    try:
        ballot = ballot_of(clause)
    except ValueError as error:
        raise ClauseError(f"clause: {error}; make neurons of its parts first") from error
    if isinstance(ballot, Constant):
        raise ClauseError(
            f"clause: it is {'always' if ballot.always else 'never'} so, whatever its neurons do"
        )
    if ballot is None:
        raise ClauseError(
            "clause: one neuron cannot decide this, whatever its weights; "
            + _make_first(clause, called)
        )
    return ballot


def _on_grid(value: float) -> float:
    return float(np.float32(round(value * _GRID) / _GRID))


def _make_first(clause: Clause, called: Callable[[int], str]) -> str:
    """Say which neurons of one layer a neuron of the next can decide a clause with."""
    inner, denied = clause, False
    while isinstance(inner, Not):  # "not (none of ...)" is two of them
        inner, denied = inner.part, not denied
    assert isinstance(inner, AtLeast), "a vote and a literal are decided"
    joint = {1: "or", len(inner.parts): "and"}.get(inner.count)
    # What is said twice is so once.
    parts = tuple(dict.fromkeys(inner.parts)) if joint else inner.parts
    groups: list[tuple[Clause, ...]] = []
    for number, part in enumerate(parts):
        wider = (*groups[-1], part) if groups else (part,)
        joined = joint and 0 < number <= _MOST_TRIED
        if joined and isinstance(_tried(_joined(wider, inner)), Ballot):
            groups[-1] = wider
        else:
            groups.append((part,))
    first = " and ".join(f"({written(_joined(group, inner), called)})" for group in groups)
    numbers = [f"N{at}" for at in range(1, len(groups) + 1)]
    rest = f" {joint} ".join(numbers) if joint else f"at least {inner.count} of "
    rest += "" if joint else f"({', '.join(numbers)})"
    rest = f"not ({rest})" if denied else rest
    return f"make neurons of {first} first, in one layer; then one of the next says {rest} of them"


def _joined(parts: tuple[Clause, ...], like: AtLeast) -> Clause:
    if len(parts) == 1:
        return parts[0]
    return AtLeast(1 if like.count == 1 else len(parts), parts)


def _tried(clause: Clause) -> Ballot | Constant | None:
    try:
        return ballot_of(clause)
    except ValueError:
        return None
