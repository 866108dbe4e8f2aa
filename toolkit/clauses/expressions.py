"""A clause once it is read: what it says of its inputs, as truth and as words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Ref:
    """A neuron of the layer below, on."""

    index: int


@dataclass(frozen=True)
class Not:
    """What does not hold."""

    part: Clause


@dataclass(frozen=True)
class AtLeast:
    """At least `count` of the parts hold: all of them for *and*, one for *or*."""

    count: int
    parts: tuple[Clause, ...]


@dataclass(frozen=True)
class Vote:
    """The weights of the inputs that are on sum to more than a threshold, or to that much too."""

    terms: tuple[tuple[Fraction, int], ...]
    threshold: Fraction
    reached: bool = False


Clause: TypeAlias = Ref | Not | AtLeast | Vote


def inputs_of(clause: Clause) -> tuple[int, ...]:
    """Return the inputs that a clause speaks of, each once, in its order."""
    return tuple(dict.fromkeys(_inputs(clause)))


def _inputs(clause: Clause) -> Iterator[int]:
    match clause:
        case Ref(index):
            yield index
        case Not(part):
            yield from _inputs(part)
        case AtLeast(_, parts):
            for each in parts:
                yield from _inputs(each)
        case Vote(terms):
            yield from (index for _, index in terms)


def holds(clause: Clause, on: Callable[[int], Truth]) -> Truth:
    """Return where a clause holds.

    Parameters
    ----------
    clause : Clause
    on : callable
        Given an input's index, where it is on.
    """
    match clause:
        case Ref(index):
            return on(index)
        case Not(part):
            return ~holds(part, on)
        case AtLeast(count, parts):
            return np.asarray(sum(holds(part, on).astype(np.int64) for part in parts) >= count)
        case Vote(terms, threshold, reached):
            whole = lcm(threshold.denominator, *(weight.denominator for weight, _ in terms))
            total = np.zeros((), np.int64)
            for weight, index in terms:
                total = total + int(weight * whole) * on(index).astype(np.int64)
            least = int(threshold * whole)
            return np.asarray(total >= least if reached else total > least)


def combinations(count: int) -> Truth:
    """Return all combinations of so many inputs, on and off, of shape (2**count, count)."""
    numbers = np.arange(1 << count)[:, None]
    return (numbers >> np.arange(count)[None, :] & 1).astype(bool)


def table(clause: Clause, inputs: tuple[int, ...]) -> tuple[Truth, Truth]:
    """Return all combinations of some inputs, and for which of them a clause holds."""
    given = combinations(len(inputs))
    column = {index: given[:, at] for at, index in enumerate(inputs)}
    return given, np.broadcast_to(holds(clause, column.__getitem__), len(given))


def is_literal(clause: Clause) -> bool:
    """Tell whether it is one input, on or off."""
    return isinstance(clause.part if isinstance(clause, Not) else clause, Ref)


_PLAIN = re.compile(r"[^\W\d_][\w'’-]*(?: [\w'’-]+)*\Z")
KEYWORDS = frozenset(
    ["and", "or", "not", "but", "the", "at", "least", "most", "of", "all", "any", "none"]
)


def written(clause: Clause, called: Callable[[int], str]) -> str:
    """Return a clause as text that reads as the same clause.

    Parameters
    ----------
    clause : Clause
    called : callable
        Given an input's index, its name or number.
    """
    match clause:
        case Ref(index):
            return _named(called(index))
        case Not(AtLeast(count, parts)) if count > 1:
            return f"at most {count - 1} of ({', '.join(written(part, called) for part in parts)})"
        case Not(AtLeast(1, parts)) if len(parts) > 1:
            return f"none of ({', '.join(written(part, called) for part in parts)})"
        case Not(part):
            return f"not {_inner(part, called, Not)}"
        case AtLeast(1, parts) if len(parts) > 1:
            return " or ".join(_inner(part, called, AtLeast) for part in parts)
        case AtLeast(count, parts) if count == len(parts) > 1:
            return " and ".join(_inner(part, called, AtLeast) for part in parts)
        case AtLeast(count, parts):
            return f"at least {count} of ({', '.join(written(part, called) for part in parts)})"
        case Vote(terms, threshold, reached):
            text = _sum(terms, called, "*", "-")
            return f"{text} {'>=' if reached else '>'} {number(threshold)}"


def _inner(part: Clause, called: Callable[[int], str], within: type) -> str:
    text = written(part, called)
    simple = isinstance(part, Ref) or (within is AtLeast and is_literal(part))
    return text if simple or _is_list(part) else f"({text})"


def _is_list(clause: Clause) -> bool:
    """Tell whether it is written as a list: at least, at most or none of some, in parentheses."""
    match clause:
        case Not(AtLeast(count, parts)):
            return count > 1 or len(parts) > 1
        case AtLeast(count, parts):
            return len(parts) == 1 or 1 < count < len(parts)
    return False


def _named(name: str) -> str:
    number = name.replace(".", "", 1).isdigit()
    words = set(name.casefold().split())
    return name if number or (_PLAIN.match(name) and not words & KEYWORDS) else f'"{name}"'


def _sum(
    terms: tuple[tuple[Fraction, int], ...], called: Callable[[int], str], times: str, minus: str
) -> str:
    text = ""
    for weight, index in terms:
        name = _named(called(index))
        size = name if abs(weight) == 1 else f"{number(abs(weight))}{times}{name}"
        if text:
            text += f" {minus if weight < 0 else '+'} {size}"
        else:
            text = f"{minus}{size}" if weight < 0 else size
    return text


def number(value: Fraction) -> str:
    """Return a decimal that is the number, or close to it."""
    return f"{float(value):.6f}".rstrip("0").rstrip(".")


def sentence(clause: Clause, called: Callable[[int], str]) -> str:
    """Return a clause as a person would say it: ``top arc is on and middle bar is off``.

    Parameters
    ----------
    clause, called
        As for :func:`written`.
    """
    match clause:
        case Ref(index):
            return f"{called(index)} is on"
        case Not(Ref(index)):
            return f"{called(index)} is off"
        case Not(AtLeast(count, parts)) if 1 < count <= len(parts):
            return _counted("at most", count - 1, parts, called)
        case Not(AtLeast(1, parts)):
            return _group(parts, called, False, "and")
        case Not(part):
            return f"it is not so that {sentence(part, called)}"
        case AtLeast(count, parts) if count == len(parts):
            return _group(parts, called, True, "and")
        case AtLeast(1, parts):
            return _group(parts, called, True, "or")
        case AtLeast(count, parts):
            return _counted("at least", count, parts, called)
        case Vote(terms, threshold, reached):
            over = "at least" if reached else "more than"
            least = number(threshold).replace("-", "−")
            return f"{_sum(terms, called, '·', '−')} comes to {over} {least}"


def _group(parts: tuple[Clause, ...], called: Callable[[int], str], so: bool, joint: str) -> str:
    """Say that all parts, or one of them, hold; those that are on together, those off together."""
    sides: tuple[list[str], list[str]] = ([], [])
    others = []
    for part in parts:
        inner = part.part if isinstance(part, Not) else part
        if isinstance(inner, Ref):
            sides[isinstance(part, Not) == so].append(called(inner.index))
        else:
            others.append(f"({sentence(part if so else Not(part), called)})")
    said = []
    for names, state in zip(sides, ("on", "off"), strict=True):
        if names:
            verb = "are" if len(names) > 1 and joint == "and" else "is"
            said.append(f"{_list(names, joint)} {verb} {state}")
    return f" {joint} ".join([*said, *others])


def _counted(how: str, count: int, parts: tuple[Clause, ...], called: Callable[[int], str]) -> str:
    if all(isinstance(part, Ref) for part in parts):
        names = [called(part.index) for part in parts if isinstance(part, Ref)]
        return f"{how} {count} of {_list(names, 'and')} {'is' if count == 1 else 'are'} on"
    return f"{how} {count} of these hold: {'; '.join(sentence(part, called) for part in parts)}"


def _list(names: list[str], joint: str) -> str:
    return f" {joint} ".join(filter(None, (", ".join(names[:-1]), names[-1])))
