"""Whether a clause is a weighted vote of its inputs, which is all that one neuron can decide.

A neuron compares a weighted sum with a threshold.  Which truth tables such a
sum can follow is decided here exactly, in whole numbers and fractions: by the
linear programme that asks for the smallest weights that keep every
combination on its side (Muroga, *Threshold Logic and its Applications*, 1971,
chapter 5), solved with the dual simplex method and Bland's rule.  Only
combinations that the weights so far get wrong are added to it.

The smallest weights also bear most: those that are ``W`` together and part the
combinations by 1 still do so while each input is short of its off or on by
less than ``1 / (W + 1)`` of its range.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm

import numpy as np
from numpy.typing import NDArray

from toolkit.clauses.expressions import (
    AtLeast,
    Clause,
    Not,
    Ref,
    Truth,
    Vote,
    inputs_of,
    is_literal,
    table,
)

MOST_NESTED = 12
"""Inputs of a clause whose combinations must be gone through with the linear programme."""

TOLERANCES = tuple(map(Fraction, ("0.1", "0.05", "0.02", "0.01", "0")))
_KEPT = 256


@dataclass(frozen=True)
class Ballot:
    """A weighted vote: where the clause holds the sum is `on` or more, elsewhere `off` or less.

    Attributes
    ----------
    weights : mapping of int to Fraction
        By input.
    on, off : Fraction
        Reached by some combination each; ``on > off``.
    """

    weights: dict[int, Fraction]
    on: Fraction
    off: Fraction

    def middle(self) -> tuple[Fraction, Fraction]:
        """Return the threshold, and how far short of off or on each input may be."""
        up = sum((weight for weight in self.weights.values() if weight > 0), Fraction(0))
        down = sum((weight for weight in self.weights.values() if weight < 0), Fraction(0))
        for tolerance in TOLERANCES:
            on = (1 - tolerance) * self.on + tolerance * down
            off = (1 - tolerance) * self.off + tolerance * up
            middle = (on + off) / 2
            if on > off and self.off < middle < self.on:
                return middle, tolerance
        raise AssertionError("a ballot's on is above its off")


@dataclass(frozen=True)
class Constant:
    """The clause holds always, or never."""

    always: bool


@lru_cache(_KEPT)
def ballot_of(clause: Clause) -> Ballot | Constant | None:
    """Return the vote that decides a clause; None where there is none.

    A vote keeps the weights that it has.

    Raises
    ------
    ValueError
        If more inputs are nested than can be gone through.
    """
    flat = _flat(clause)
    if flat is not None:
        return flat
    inputs = inputs_of(clause)
    vote = _vote(clause)
    if len(inputs) > MOST_NESTED and vote is None:
        raise ValueError(
            f"expected at most {MOST_NESTED} neurons where and, or and not are nested; "
            f"got {len(inputs)}"
        )
    given, truth = table(clause, inputs)
    if truth.all() or not truth.any():
        return Constant(bool(truth[0]))
    weights = vote if vote is not None else _weights(given, truth)
    return None if weights is None else _ballot(inputs, weights, given, truth)


@lru_cache(_KEPT)
def steadier_of(clause: Clause) -> Vote | None:
    """Return the vote with the smallest weights where it bears more than one as it is written.

    None for what is no vote, or bears inputs a tenth short of off and on, or no better than others
    would, or has more inputs than can be gone through.
    """
    vote, inputs = _vote(clause), inputs_of(clause)
    own = None if vote is None or len(inputs) > MOST_NESTED else ballot_of(clause)
    if not isinstance(own, Ballot):
        return None
    tolerance = own.middle()[1]
    given, truth = table(clause, inputs)
    weights = None if tolerance >= TOLERANCES[0] else _weights(given, truth)
    if weights is None:
        return None
    scale = lcm(*(weight.denominator for weight in weights))
    found = _ballot(inputs, [scale * weight for weight in weights], given, truth)
    if found.middle()[1] <= tolerance:
        return None
    terms = tuple((weight, index) for index, weight in found.weights.items() if weight)
    return Vote(terms, (found.on + found.off) / 2)


def _ballot(inputs: tuple[int, ...], weights: list[Fraction], given: Truth, truth: Truth) -> Ballot:
    scale = lcm(*(weight.denominator for weight in weights))
    whole = np.array([int(weight * scale) for weight in weights], np.int64)
    sums = given.astype(np.int64) @ whole
    on, off = Fraction(int(sums[truth].min()), scale), Fraction(int(sums[~truth].max()), scale)
    return Ballot(dict(zip(inputs, weights, strict=True)), on, off)


def _flat(clause: Clause) -> Ballot | None:
    """Return the vote of literals of different inputs, at least some of which must hold."""
    turned = isinstance(clause, Not)
    inner = clause.part if isinstance(clause, Not) else clause
    counted = AtLeast(1, (inner,)) if isinstance(inner, Ref) else inner
    if not isinstance(counted, AtLeast) or not all(map(is_literal, counted.parts)):
        return None
    inputs = inputs_of(counted)
    if len(inputs) < len(counted.parts):
        return None
    sign = -1 if turned else 1
    weights = {
        index: Fraction(-sign if isinstance(part, Not) else sign)
        for index, part in zip(inputs, counted.parts, strict=True)
    }
    against = sum(isinstance(part, Not) for part in counted.parts)
    least = Fraction(counted.count - against)
    return Ballot(weights, 1 - least, -least) if turned else Ballot(weights, least, least - 1)


def _vote(clause: Clause) -> list[Fraction] | None:
    if isinstance(clause, Not) and (found := _vote(clause.part)) is not None:
        return [-weight for weight in found]
    return [weight for weight, _ in clause.terms] if isinstance(clause, Vote) else None


def _weights(given: Truth, truth: Truth) -> list[Fraction] | None:
    """Return the smallest weights that part the combinations; None where none do."""
    count = given.shape[1]
    signs = []
    for at in range(count):
        # Rows in order of their number: those that differ in this input alone lie 2**at apart.
        pairs = truth.reshape(-1, 2, 1 << at)
        raises, lowers = pairs[:, 1] & ~pairs[:, 0], pairs[:, 0] & ~pairs[:, 1]
        if raises.any() and lowers.any():
            return None
        signs.append(-1 if lowers.any() else 1)
    points = np.where(np.array(signs) < 0, ~given, given).astype(np.int64)
    programme = _Programme(count)
    while True:
        found = programme.solve()
        if found is None:
            return None
        scale = lcm(*(value.denominator for value in found))
        whole = [int(value * scale) for value in found]
        sums = points @ np.array(whole[:-1], object if max(whole) > 1 << 40 else np.int64)
        least = whole[-1] + scale
        wrong = [
            _worst(points, truth & (sums < least), sums, 1),
            _worst(points, ~truth & (sums > whole[-1]), sums, -1),
        ]
        if wrong == [None, None]:
            return [sign * value for sign, value in zip(signs, found, strict=False)]
        for point, side in zip(wrong, (1, -1), strict=True):
            if point is not None:
                programme.add([*(side * int(each) for each in point), -side],
                              1 if side > 0 else 0)  # fmt: skip


def _worst(
    points: NDArray[np.int64], wrong: Truth, sums: NDArray[np.int64], side: int
) -> tuple[int, ...] | None:
    """Return the point furthest on the wrong side; of several that say most."""
    at = np.flatnonzero(wrong)
    if not len(at):
        return None
    size = side * points[at].sum(axis=1)
    best = at[np.lexsort((size, side * sums[at]))[0]]
    return tuple(points[best].tolist())


class _Programme:
    """Smallest sum of weights, none below zero, under constraints that come one by one.

    A dictionary in Chvátal's sense: each basic variable as a constant and a sum over the
    nonbasic ones.  Variables 0 to count - 1 are the weights, `count` the threshold, which costs
    nothing; from there on each is what a constraint has to spare.

    All its numbers are whole, over one denominator (Edmonds' and Bareiss's way: each is a minor of
    the constraints, so that every division leaves nothing).  Of coefficients of -1, 0 and 1 and at
    most 12 weights none is above 14^7 (Hadamard), and products of two are within 64 bits.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.over = 1
        self.free = list(range(count + 1))
        self.basic: list[int] = []
        # A column for each nonbasic variable, one for constants; the last row is the costs'.
        self.rows = np.zeros((1, count + 2), np.int64)
        self.rows[0, :count] = 1
        self.next = count + 1

    def add(self, coefficients: list[int], least: int) -> None:
        """Ask for ``coefficients · variables >= least``."""
        row = np.zeros(self.count + 2, np.int64)
        row[-1] = -least * self.over
        for variable, coefficient in enumerate(coefficients):
            if variable in self.basic:
                row += coefficient * self.rows[self.basic.index(variable)]
            else:
                row[self.free.index(variable)] += coefficient * self.over
        self.rows = np.vstack((self.rows[:-1], row, self.rows[-1:]))
        self.basic.append(self.next)
        self.next += 1

    def solve(self) -> list[Fraction] | None:
        """Return the weights and the threshold; None where no numbers do."""
        while True:
            short = np.flatnonzero(self.rows[:-1, -1] < 0).tolist()
            if not short:
                ends = dict(zip(self.basic, self.rows[:-1, -1].tolist(), strict=True))
                return [Fraction(ends.get(at, 0), self.over) for at in range(self.count + 1)]
            leaving = min(short, key=self.basic.__getitem__)
            row, costs = self.rows[leaving, :-1].tolist(), self.rows[-1, :-1].tolist()
            ways = [
                (Fraction(cost, coefficient), self.free[at], at)
                for at, (cost, coefficient) in enumerate(zip(costs, row, strict=True))
                if coefficient > 0
            ]
            if not ways:
                return None
            self._pivot(leaving, min(ways)[2])

    def _pivot(self, leaving: int, at: int) -> None:
        row, column = self.rows[leaving].copy(), self.rows[:, at].copy()
        by = int(row[at])
        self.rows = (self.rows * by - column[:, None] * row) // self.over
        self.rows[:, at] = column
        self.rows[leaving] = -row
        self.rows[leaving, at] = self.over
        self.over = by
        self.basic[leaving], self.free[at] = self.free[at], self.basic[leaving]
