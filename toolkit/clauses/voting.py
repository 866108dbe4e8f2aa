"""Whether a clause is a weighted vote of its inputs, which is all that one neuron can decide.

A neuron compares a weighted sum with a threshold.  Which truth tables such a
sum can follow is decided here exactly, in whole numbers and fractions: by the
linear programme that asks for the smallest weights that keep every
combination on its side (Muroga, *Threshold Logic and its Applications*, 1971,
chapter 5), solved with the dual simplex method and Bland's rule.  Only
combinations that the weights so far get wrong are added to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
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


@dataclass(frozen=True)
class Constant:
    """The clause holds always, or never."""

    always: bool


def ballot_of(clause: Clause) -> Ballot | Constant | None:
    """Return the vote that decides a clause; None where there is none.

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
    if weights is None:
        return None
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
    """

    def __init__(self, count: int) -> None:
        self.free = list(range(count + 1))
        self.costs = [Fraction(1)] * count + [Fraction(0)]
        self.rows: dict[int, list[Fraction]] = {}  # of basic variables: coefficients, constant
        self.count = count
        self.next = count + 1

    def add(self, coefficients: list[int], least: int) -> None:
        """Ask for ``coefficients · variables >= least``."""
        row = [Fraction(0)] * len(self.free) + [Fraction(-least)]
        for variable, coefficient in enumerate(coefficients):
            if variable in self.rows:
                known = self.rows[variable]
                row = [one + coefficient * other for one, other in zip(row, known, strict=True)]
            else:
                row[self.free.index(variable)] += coefficient
        self.rows[self.next] = row
        self.next += 1

    def solve(self) -> list[Fraction] | None:
        """Return the weights and the threshold; None where no numbers do."""
        while True:
            short = [name for name, row in self.rows.items() if row[-1] < 0]
            if not short:
                zero = [Fraction(0)]
                return [self.rows.get(at, zero)[-1] for at in range(self.count + 1)]
            leaving = min(short)
            row = self.rows.pop(leaving)
            ways = [
                (cost / coefficient, self.free[at], at)
                for at, (cost, coefficient) in enumerate(zip(self.costs, row, strict=False))
                if coefficient > 0
            ]
            if not ways:
                return None
            self._pivot(leaving, row, min(ways)[2])

    def _pivot(self, leaving: int, row: list[Fraction], at: int) -> None:
        entering, self.free[at] = self.free[at], leaving
        by = row[at]
        solved = [-each / by for each in row]
        solved[at] = 1 / by
        for name, other in self.rows.items():
            if factor := other[at]:
                merged = [one + factor * new for one, new in zip(other, solved, strict=True)]
                merged[at] = factor * solved[at]
                self.rows[name] = merged
        if factor := self.costs[at]:
            self.costs = [one + factor * new for one, new in zip(self.costs, solved, strict=False)]
            self.costs[at] = factor * solved[at]
        self.rows[entering] = solved
