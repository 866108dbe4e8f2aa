"""In which order a file's layers follow one another, where it does not say so."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.formats.frameworks.keras.held import Held, comes_before, stem_and_number
from toolkit.formats.guard import natural, quoted

_MOST_SOUGHT = 64
_MOST_STEPS = 20_000

Ends = tuple[int, int]


@dataclass(frozen=True)
class Order:
    """What is known of an order.

    Attributes
    ----------
    indices : tuple of int, or None
        Of the layers, from the input on; None where it is not known.
    note : str
        What it was told by, where the file does not say it.
    why : str
        Why it is not known.
    """

    indices: tuple[int, ...] | None
    note: str = ""
    why: str = ""


def order_of(layers: Sequence[Held], ends: Sequence[Ends], listed: bool) -> Order:
    """Return the order of layers.

    The file's own where it lists them.  Else numbers in their names tell, as Keras counts the
    layers of one class, then their shapes, and where several orders fit, the numbers that Keras
    gives layers as they are made.

    Parameters
    ----------
    layers : sequence of Held
        In the file's order.
    ends : sequence of (int, int)
        What each takes, and how many neurons it has.
    listed : bool
        Whether the file lists its layers in order.
    """
    given = tuple(range(len(layers)))
    if listed:
        if _fits(given, ends):
            return Order(given)
        return _sought(layers, ends, [0] * len(layers))
    by_number = sorted(given, key=lambda n: natural(layers[n].place))
    if all(comes_before(layers[a], layers[b]) for a, b in itertools.pairwise(by_number)):
        if _fits(by_number, ends):
            return Order(tuple(by_number))
    elif len(layers) > _MOST_SOUGHT:
        return Order(None, why=f"does not say the order of its {len(layers)} layers")
    if len(layers) <= _MOST_SOUGHT:
        earlier = [sum(1 << a for a in given if comes_before(layers[a], layers[b])) for b in given]
        order = _sought(layers, ends, earlier)
        if order.indices is not None or order.why:
            return order
    return _sought(layers, ends, [0] * len(layers))


def _sought(layers: Sequence[Held], ends: Sequence[Ends], earlier: Sequence[int]) -> Order:
    """Return the one order that fits; without `indices` and `why` where none does."""
    if len(layers) > _MOST_SOUGHT:
        return Order(None)
    found = _chains(ends, earlier)
    if found is None:
        return Order(None, why="does not say its layers' order, and too many could fit")
    if not found:
        return Order(None)
    if len(found) == 1:
        return Order(found[0], _said(layers, found[0], "their shapes fit in this one"))
    made = _as_made(layers)
    if made is not None and _fits(made, ends) and _allowed(made, earlier):
        why = "their shapes fit in several; taken as their names are numbered"
        return Order(made, _said(layers, made, why))
    first, second = found
    apart = next(n for n in range(len(first)) if first[n] != second[n])
    one, other = (quoted(layers[order[apart]].place) for order in found)
    return Order(
        None,
        why=f"does not say its layers' order, and their shapes fit in several: {one} and {other} "
        "could change places. Save the whole model (model.save('name.keras')), or its Dense layers "
        "in one keras.Sequential, which numbers them",
    )


def _said(layers: Sequence[Held], order: Sequence[int], why: str) -> str:
    names = ", ".join(quoted(layers[n].place) for n in order[:12])
    return (
        f"The file does not say its layers' order; {why}: {names}"
        f"{', ...' if len(order) > 12 else ''}."
    )


def _as_made(layers: Sequence[Held]) -> tuple[int, ...] | None:
    """Return the order by the numbers of names that Keras gave, if it gave all of one class."""
    split = [stem_and_number(held.name) for held in layers]
    if len({stem for stem, _ in split}) > 1 or len(set(split)) < len(split):
        return None
    return tuple(sorted(range(len(layers)), key=lambda n: split[n][1]))


def _fits(order: Sequence[int], ends: Sequence[Ends]) -> bool:
    return all(ends[below][1] == ends[above][0] for below, above in itertools.pairwise(order))


def _allowed(order: Sequence[int], earlier: Sequence[int]) -> bool:
    used = 0
    for n in order:
        if earlier[n] & ~used:
            return False
        used |= 1 << n
    return True


def _chains(ends: Sequence[Ends], earlier: Sequence[int]) -> list[tuple[int, ...]] | None:
    """Return orders in which each takes what the one before gives: two at most.

    Parameters
    ----------
    ends : sequence of (int, int)
    earlier : sequence of int
        A bit for each that must come before.

    Returns
    -------
    list of tuple of int, or None
        None where the search was broken off.
    """
    count, used = len(ends), 0
    found: list[tuple[int, ...]] = []
    path: list[int] = []
    ways = [iter(range(count))]
    for _ in range(_MOST_STEPS):
        chosen = next(ways[-1], None)
        if chosen is None:
            ways.pop()
            if not ways:
                return found
            used ^= 1 << path.pop()
            continue
        if used >> chosen & 1 or earlier[chosen] & ~used:
            continue
        if path and ends[path[-1]][1] != ends[chosen][0]:
            continue
        path.append(chosen)
        used |= 1 << chosen
        if len(path) == count:
            found.append(tuple(path))
            if len(found) == 2:
                return found
            used ^= 1 << path.pop()
            continue
        ways.append(iter(range(count)))
    return None
