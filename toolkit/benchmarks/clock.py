"""Several ways of one thing timed in turn, and what their times come to."""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

LEAST_ROUNDS = 3
"""So many there are, however long one takes."""


@dataclass(frozen=True)
class Spread:
    """What repeated measurements come to, all in one unit.

    Attributes
    ----------
    median : float
    low, high : float
        First and third quartile.
    p95, most : float
        95th percentile, and the largest.
    runs : int
        How many there were, 1 or more.
    """

    median: float
    low: float
    high: float
    p95: float
    most: float
    runs: int


def spread_of(values: Sequence[float]) -> Spread:
    """Return what measurements come to; between two of them, quartiles are interpolated.

    Raises
    ------
    ValueError
        If there is none, or one is not a finite number.

    Examples
    --------
    >>> spread_of([4, 1, 2, 3, 5])
    Spread(median=3, low=2.0, high=4.0, p95=4.8, most=5, runs=5)
    """
    if not values or not all(map(math.isfinite, values)):
        raise ValueError(f"values: expected one finite number or more; got {list(values)}")
    ordered = sorted(values)
    low, high, p95 = (_quantile(ordered, share) for share in (0.25, 0.75, 0.95))
    return Spread(statistics.median(ordered), low, high, p95, ordered[-1], len(ordered))


def _quantile(ordered: Sequence[float], share: float) -> float:
    at = share * (len(ordered) - 1)
    below = math.floor(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (at - below) * (ordered[above] - ordered[below])


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Return how many times as long a peer took, round by round; above 1 ours is the faster."""
    return [b / a for a, b in zip(ours, theirs, strict=True)]


def timed(prepare: Callable[[], Callable[[], object]]) -> Callable[[], float]:
    """Return a way for :func:`in_turn`: what `prepare` returns is called, and the seconds taken.

    Parameters
    ----------
    prepare : callable
        Called before each run, outside the time, for what is new in each: the next network.
    """

    def run() -> float:
        work = prepare()
        was_on = gc.isenabled()
        gc.disable()  # else it collects what another way has left
        try:
            start = time.perf_counter()
            work()
            return time.perf_counter() - start
        finally:
            if was_on:
                gc.enable()

    return run


def alone(work: Callable[[], object]) -> Callable[[], float]:
    """Return :func:`timed` of what needs no preparing."""
    return timed(lambda: work)


def in_turn(
    ways: Sequence[Callable[[], float]], rounds: int, *, seconds: float = math.inf
) -> list[list[float]]:
    """Measure several ways of one thing, one after the other, round by round.

    Every second round goes backwards, so that what slows the machine down slowly, and what each
    way leaves in the caches, meets all of them alike.  A round before the first warms them up.

    Parameters
    ----------
    ways : sequence of callable
        Each runs once and returns what it took.
    rounds : int
    seconds : float
        After so many no further round is begun, where :data:`LEAST_ROUNDS` are done.

    Returns
    -------
    list of list of float
        For each way its values, round by round.
    """
    found: list[list[float]] = [[] for _ in ways]
    for way in ways:
        way()
    start = time.perf_counter()
    for number in range(rounds):
        if number >= LEAST_ROUNDS and time.perf_counter() - start > seconds:
            break
        order = range(len(ways)) if number % 2 == 0 else range(len(ways) - 1, -1, -1)
        for at in order:
            found[at].append(ways[at]())
    return found
