"""What the machine could do at most: bytes moved, multiply-adds and exponentials a second.

A task's limit is what it *has to* move and compute, whoever writes it, at the rates that NumPy
reaches on the same machine with nothing else to do: a copy of as many bytes, so that what fits
into a cache is measured there; a product of matrices of the task's own shape; an exponential of a
block.  The largest of the three is the limit (Williams, Waterman & Patterson 2009, "Roofline").
It is no promise that all three can be had at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from toolkit.benchmarks.clock import Spread
from toolkit.benchmarks.records import Limit

_LEAST_SECONDS = 0.004
_TRIES = 7
_LEAST_BYTES, _MOST_BYTES = 1 << 16, 1 << 28
_COLUMNS = 2048
_BLOCK = 1 << 14


@dataclass(frozen=True)
class Needs:
    """What a task has to do.

    Attributes
    ----------
    bytes : float
        Read and written, each once.
    multiply_adds : float
    rows, inner : int
        Of the matrices that hold most of them: (rows, inner) by (inner, digits).
    exponentials : float
    """

    bytes: float
    multiply_adds: float = 0
    rows: int = 512
    inner: int = 512
    exponentials: float = 0


def limit_of(ways: Sequence[Needs]) -> Limit:
    """Return the least that one of several ways of a task could take, its share not known yet."""
    return min((_limit(each) for each in ways), key=lambda limit: limit.seconds)


def shared(limit: Limit, ours: Spread) -> Limit:
    """Return a limit with the share of it that a median reaches."""
    return replace(limit, share=limit.seconds / ours.median)


def _limit(needs: Needs) -> Limit:
    memory = needs.bytes / bytes_a_second(int(needs.bytes))
    adds = needs.multiply_adds and needs.multiply_adds / multiply_adds_a_second(
        needs.rows, needs.inner
    )
    exponentials = needs.exponentials and needs.exponentials / exponentials_a_second()
    return Limit(memory, adds, exponentials, max(memory, adds, exponentials), 0.0)


def bytes_a_second(size: int) -> float:
    """Return how many bytes a copy reads and writes a second, where it moves `size` in all."""
    return _copying(max(_LEAST_BYTES, min(_MOST_BYTES, 1 << (size - 1).bit_length())))


@cache
def _copying(size: int) -> float:
    source, target = np.zeros(size // 2, np.uint8), np.empty(size // 2, np.uint8)
    source[:] = 1  # zeros would be one page of memory, read over and over
    return size / _least(lambda: np.copyto(target, source))


@cache
def multiply_adds_a_second(rows: int, inner: int) -> float:
    """Return the rate of a float32 product of (rows, inner) by (inner, 2,048)."""
    rng = np.random.default_rng(0)
    left = rng.random((rows, inner), dtype=np.float32)
    right = rng.random((inner, _COLUMNS), dtype=np.float32)
    out = np.empty((rows, _COLUMNS), np.float32)
    return rows * inner * _COLUMNS / _least(lambda: np.matmul(left, right, out=out))


@cache
def exponentials_a_second() -> float:
    """Return how many float32 exponentials NumPy computes a second, in a cache."""
    values = np.linspace(-8, 8, _BLOCK, dtype=np.float32)
    out = np.empty_like(values)
    return _BLOCK / _least(lambda: np.exp(values, out=out))


def rates() -> dict[str, float]:
    """Return what the machine gives: of memory too large for its caches, of a large product."""
    return {
        "bytes": _copying(_MOST_BYTES),
        "multiply_adds": multiply_adds_a_second(512, 784),
        "exponentials": exponentials_a_second(),
    }


def _least(work: Callable[[], object]) -> float:
    """Return the least seconds that a piece of work took, of several tries.

    Others on the machine can only make it slower, and a limit is what it gives alone.
    """
    times = 1
    found: list[float] = []
    while len(found) < _TRIES:
        start = time.perf_counter()
        for _ in range(times):
            work()
        taken = time.perf_counter() - start
        if taken < _LEAST_SECONDS and not found:  # too short for the clock
            times *= 2
            continue
        found.append(taken / times)
    return min(found)
