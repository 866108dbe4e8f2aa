"""In which order layers follow one another, where a file does not say it and several orders fit.

Numbers in names decide where they can; else few orders are tried on digits, and many refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from toolkit.formats.guard import quoted
from toolkit.formats.meaning.reading import Reading

if TYPE_CHECKING:
    from toolkit.formats.meaning.interpretation import Interpretation

MOST_TRIED = 6
"""Orders of one file: those of three layers of one shape."""
_MOST_STEPS = 20_000
_CLEARLY = 0.1  # of digits, by which one order reads more than every other
_READS = 0.4
_SHOWN = 6
_LISTED = re.compile(r"(?P<list>(?:.*\.)?)(?P<number>[0-9]{1,9})", re.DOTALL)
_NEXT = 2  # by which numbers differ where one function stands between two layers
_DIGITS = re.compile(r"([0-9]{1,9})")

ADVICE = (
    "number the layers' names in their order (layer1, layer2, ...), or save them in it, and save "
    "the file again"
)


def fitting(ends: Sequence[tuple[int, int]], names: Sequence[str]) -> list[tuple[int, ...]]:
    """Return the orders in which each layer takes what the one before gives.

    Parameters
    ----------
    ends : sequence of (int, int)
        What each layer takes and gives.
    names : sequence of str
        Layers whose names differ in their numbers alone keep the order of these.

    Returns
    -------
    list of tuple of int
        Indices of layers, earlier layers first; at most one more than :data:`MOST_TRIED`, and only
        what is found in bounded time.
    """
    takers: dict[int, list[int]] = {}
    for n, (into, _) in enumerate(ends):
        takers.setdefault(into, []).append(n)
    waits_for = _numbered_before(names)

    def candidates(path: list[int]) -> Iterator[int]:
        used = set(path)
        follow = takers.get(ends[path[-1]][1], []) if path else range(len(ends))
        return iter([n for n in follow if n not in used and waits_for.get(n, n) in {n, *used}])

    found: list[tuple[int, ...]] = []
    path: list[int] = []
    open_choices = [candidates(path)]
    for _ in range(_MOST_STEPS):
        if len(path) == len(ends):
            found.append(tuple(path))
            if len(found) > MOST_TRIED:
                break
        chosen = next(open_choices[-1], None)
        if chosen is not None:
            path.append(chosen)
            open_choices.append(candidates(path))
            continue
        open_choices.pop()
        if not open_choices:
            break
        path.pop()
    return found


def _numbered_before(names: Sequence[str]) -> dict[int, int]:
    """Return, for each layer that has one, the layer of the next lower number."""
    alike: dict[tuple[str, ...], list[tuple[list[int], int]]] = {}
    for n, name in enumerate(names):
        parts = _DIGITS.split(name)
        if len(parts) > 1:
            alike.setdefault(tuple(parts[::2]), []).append(([int(p) for p in parts[1::2]], n))
    found: dict[int, int] = {}
    for group in alike.values():
        group.sort()
        found |= {n: below for (_, below), (_, n) in pairwise(group)}
    return found


def gap(names: Sequence[str]) -> str:
    """Say where numbers of one list leave room for more than a function; ``""`` where nowhere.

    Parameters
    ----------
    names : sequence of str
        Of layers and normalisations: ``"0"``, ``"net.3"``.
    """
    matches = [_LISTED.fullmatch(name) for name in names]
    listed = [match for match in matches if match is not None]
    if len(listed) < len(names) or len({match["list"] for match in listed}) != 1:
        return ""
    own = listed[0]["list"]
    numbers = sorted(int(match["number"]) for match in listed)
    for below, above in pairwise(numbers):
        if above - below > _NEXT:
            return (
                f"Between {quoted(own + str(below))} and "
                f"{quoted(own + str(above))} there is room for "
                f"{above - below - 1} modules without numbers of their own: a function, and what "
                "is taken to change nothing, as a dropout does."
            )
    return ""


def tried(
    reading: Reading, possibilities: Callable[[Reading], list[Interpretation]]
) -> list[Interpretation]:
    """Return the ways to understand a file in the order that reads most digits.

    Parameters
    ----------
    reading : Reading
        One that has several orders.
    possibilities : callable
        Gives the ways of one order.
    """
    found = [possibilities(reading.in_order(order)) for order in reading.orders]
    scores = [ways[0].accuracy for ways in found]
    known = [score or 0.0 for score in scores]
    best = known.index(max(known))
    first, *others = found[best]
    names = ", ".join(quoted(layer.name) for layer in first.reading.layers[:_SHOWN])
    open_still = f"in which order its layers follow is not said, and {len(found)} orders fit"
    if scores[best] is None:
        guess = f"{open_still}; taken was {names}; {ADVICE}"
        return [replace(first, guess=_joined(guess, first.guess)), *others]
    second = max(known[:best] + known[best + 1 :])
    read = f"{names} reads {known[best]:.1%} of the digits it was tried on, the next {second:.1%}"
    note = f"The file does not say in which order its layers follow, and {len(found)} fit: {read}."
    first = replace(first, notes=(note, *first.notes))
    if known[best] < _READS or known[best] - second < _CLEARLY:
        first = replace(first, guess=_joined(f"{open_still}: {read}; {ADVICE}", first.guess))
    return [first, *others]


def _joined(guess: str, more: str) -> str:
    return f"{guess}; {more}" if more else guess
