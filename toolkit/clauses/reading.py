"""Reading a clause that a person wrote.

::

    clause  = choice {"," choice}                        all of them
    choice  = joint {"or" joint}
    joint   = single {("and" | "but") single}
    single  = "not" single | "(" clause ")" | counted | vote | neuron
    counted = ("at least" | "at most") NUMBER "of" list | ("all" | "any" | "none") "of" list
    list    = "(" choice {"," choice} ")"
    vote    = term {("+" | "-") term} (">" | ">=" | "<" | "<=") NUMBER
    term    = [NUMBER "*"] neuron
    neuron  = a name | "a name in quotes" | LAYER.INDEX

``&``, ``|`` and ``!`` do for and, or and not; *the* before a neuron counts for nothing.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from fractions import Fraction

from toolkit.clauses.errors import ClauseError
from toolkit.clauses.expressions import (
    KEYWORDS,
    AtLeast,
    Clause,
    Not,
    Ref,
    Vote,
    inputs_of,
    number,
)

LONGEST_TEXT = 1000
MOST_NEURONS = 16
_DEEPEST = 20
_LARGEST = 1_000_000

_NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_NEURON = re.compile(r"(\d+)\.(\d+)(?![\w.])")
_WORD = re.compile(r"[^\W_][\w'’-]*")
_QUOTED = re.compile(r'["“”]([^"“”]*)["“”]')
_THRESHOLD = re.compile(r"(>=|<=|[<>≥≤])\s*[-−]?\s*(?:\d+(?:\.\d+)?|\.\d+)\s*\Z")
_COMPARISON = re.compile(r">=|<=|[<>≥≤]")


def read_clause(text: str, layer: int, inputs: int, names: Mapping[int, str]) -> Clause:
    """Read a clause for a neuron of a layer.

    Parameters
    ----------
    text : str
        At most 1000 characters, of at most 16 neurons.
    layer : int
        The neuron's own; it speaks of the layer below.
    inputs : int
        How many neurons that has.
    names : mapping of int to str
        What those are called.

    Raises
    ------
    ClauseError
        With the place, what was expected there, and names much like an unknown one.

    Examples
    --------
    >>> read_clause("bar and not 1.2", 2, 4, {0: "bar"})
    AtLeast(count=2, parts=(Ref(index=0), Not(part=Ref(index=2))))
    """
    if not isinstance(text, str):
        raise ClauseError(f"clause: expected text; got {type(text).__name__}")
    if len(text) > LONGEST_TEXT:
        raise ClauseError(
            f"clause: expected at most {LONGEST_TEXT} characters; got {len(text):,}",
            LONGEST_TEXT, len(text),
        )  # fmt: skip
    if layer < 2:
        raise ClauseError("clause: expected a neuron of a layer from 2 on; got layer 1, which "
                          "sees pixels and no neurons")  # fmt: skip
    reader = _Reader(text, layer - 1, inputs, names)
    clause = reader.whole()
    count = len(inputs_of(clause))
    if count > MOST_NEURONS:
        raise ClauseError(f"clause: expected at most {MOST_NEURONS} neurons; got {count}")
    return clause


def with_threshold(text: str, threshold: Fraction) -> str:
    """Return the text of a weighted vote with another number at its end; nothing else changes.

    Examples
    --------
    >>> with_threshold(".7*bar - .2*hole > .4", Fraction(1, 2))
    '.7*bar - .2*hole > 0.5'
    """
    found = _THRESHOLD.search(text)
    if found is None:
        return text
    less = found.group(1) in ("<", "<=", "≤")
    return f"{text[: found.end(1)]} {number(-threshold if less else threshold)}"


class _Reader:
    def __init__(self, text: str, below: int, inputs: int, names: Mapping[int, str]) -> None:
        self.text, self.below, self.inputs = text, below, inputs
        self.at = self.depth = 0
        self.names = names
        longest = sorted(names.items(), key=lambda each: -len(each[1]))
        self.patterns = [
            (re.compile(r"\s+".join(map(re.escape, name.split())), re.IGNORECASE), index)
            for index, name in longest
        ]

    def whole(self) -> Clause:
        if self.peek() == "":
            raise self.error("a neuron", 0)
        clause = self.clause()
        if self.peek() != "":
            raise self.error('"and", "or" or the end')
        return clause

    def clause(self) -> Clause:
        parts = [self.choice()]
        while self.take(","):
            _ = self.keyword("and") or self.keyword("but")
            parts.append(self.choice())
        return _joined(parts, every=True)

    def choice(self) -> Clause:
        parts = [self.joint()]
        while self.keyword("or") or self.take("|"):
            parts.append(self.joint())
        return _joined(parts, every=False)

    def joint(self) -> Clause:
        parts = [self.single()]
        while self.keyword("and") or self.keyword("but") or self.take("&"):
            parts.append(self.single())
        return _joined(parts, every=True)

    def single(self) -> Clause:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ClauseError(
                f"clause: at character {self.at + 1}: it is nested deeper than {_DEEPEST}",
                self.at, len(self.text),
            )  # fmt: skip
        try:
            return self._single()
        finally:
            self.depth -= 1

    def _single(self) -> Clause:
        self.peek()
        start = self.at
        found = self.known()
        if found is None:
            if self.keyword("not") or self.take("!"):
                return Not(self.single())
            if self.take("("):
                clause = self.clause()
                self.close(start)
                return clause
            for word in ("at", "all", "any", "none"):
                if self.keyword(word):
                    return self.counted(word)
        after = self.peek()
        if found is not None and after not in tuple("+-−*<>≥≤"):
            return Ref(found)
        self.at = start
        number = _NUMBER.match(self.text, self.at)
        if found is not None or self.peek() in tuple("+-−") or (
            number and self.text[number.end() :].lstrip()[:1] == "*"
        ):  # fmt: skip
            return self.vote()
        return Ref(self.neuron())

    def counted(self, word: str) -> Clause:
        if word == "at":
            how = next((each for each in ("least", "most") if self.keyword(each)), "")
            if not how:
                raise self.error('"least" or "most"')
            self.peek()
            start = self.at
            count = self.number("a whole number")
            if count.denominator != 1:
                raise self.error("a whole number", start)
        if not self.keyword("of"):
            raise self.error('"of"')
        if self.peek() != "(":
            raise self.error('"(" and neurons between commas')
        opened = self.at
        self.take("(")
        parts = [self.choice()]
        while self.take(","):
            parts.append(self.choice())
        self.close(opened)
        listed = tuple(parts)
        if word == "at":
            most = len(listed) - (how == "most")
            least = 1 if how == "least" else 0
            if not least <= count <= most:
                end = self.at
                raise ClauseError(
                    f"clause: at character {start + 1}: expected {least} to {most} of "
                    f"{len(listed)}; got {count}",
                    start, end,
                )  # fmt: skip
            if how == "least":
                return AtLeast(int(count), listed)
            return Not(AtLeast(int(count) + 1, listed))
        if word == "none":
            return Not(AtLeast(1, listed))
        return AtLeast(len(listed) if word == "all" else 1, listed)

    def vote(self) -> Clause:
        terms: dict[int, Fraction] = {}
        sign = 1
        first = True
        while True:
            if self.take("-") or self.take("−"):
                sign = -1
            elif self.take("+"):
                sign = 1
            elif not first:
                break
            weight, index = self.term()
            terms[index] = terms.get(index, Fraction(0)) + sign * weight
            first, sign = False, 1
        self.peek()
        found = _COMPARISON.match(self.text, self.at)
        if found is None:
            raise self.error('"+", "-", or ">" and a number')
        self.at = found.end()
        negative = bool(self.take("-") or self.take("−"))
        threshold = self.number("a number") * (-1 if negative else 1)
        more = found.group()[0] in ">≥"
        reached = found.group() in (">=", "≥", "<=", "≤")
        if not more:
            return Vote(tuple((-weight, index) for index, weight in terms.items()), -threshold,
                        reached)  # fmt: skip
        return Vote(tuple((weight, index) for index, weight in terms.items()), threshold, reached)

    def term(self) -> tuple[Fraction, int]:
        self.peek()
        if self.known(keep=True) is None:
            found = _NUMBER.match(self.text, self.at)
            if found and self.text[found.end() :].lstrip()[:1] == "*":
                weight = self.number("a number")
                self.take("*")
                return weight, self.neuron()
        index = self.neuron()
        return (self.number("a number"), index) if self.take("*") else (Fraction(1), index)

    def number(self, expected: str) -> Fraction:
        self.peek()
        found = _NUMBER.match(self.text, self.at)
        if found is None:
            raise self.error(expected)
        digits = found.group()
        if len(digits) > 14 or Fraction(digits) > _LARGEST or len(digits.partition(".")[2]) > 6:
            raise self.error("a number of at most six decimals and a million")
        self.at = found.end()
        return Fraction(digits)

    def neuron(self) -> int:
        self.peek()
        index = self.known()
        if index is None:
            if self.text[self.at : self.at + 1] in ("", ")", ","):
                raise self.error("a neuron")
            raise self.unknown()
        return index

    def known(self, keep: bool = False) -> int | None:
        """Return the neuron named here, and go past it unless it is to be kept."""
        self.peek()
        start = self.at
        if self.keyword("the"):
            self.peek()
        index, end = self.named()
        self.at = start if keep or index is None else end
        return index

    def named(self) -> tuple[int | None, int]:
        if quoted := _QUOTED.match(self.text, self.at):
            name = " ".join(quoted.group(1).split()).casefold()
            for index, known in self.names.items():
                if known.casefold() == name:
                    return index, quoted.end()
            raise self.unknown()
        for pattern, index in self.patterns:
            found = pattern.match(self.text, self.at)
            # A name ends where a word does: "bar" is not the start of "barrel" or of "bar-end".
            if found and not re.match(r"[\w'’]|-\w", self.text[found.end() :]):
                return index, found.end()
        if found := _NEURON.match(self.text, self.at):
            # 1.4*loop weighs loop.
            if self.text[found.end() :].lstrip()[:1] == "*":
                return None, self.at
            layer, index = int(found.group(1)), int(found.group(2))
            if layer != self.below or index >= self.inputs:
                raise ClauseError(
                    f"clause: at character {self.at + 1}, {found.group()}: expected a neuron of "
                    f"the layer below, {self.below}.0 to {self.below}.{self.inputs - 1}",
                    self.at, found.end(),
                )  # fmt: skip
            return index, found.end()
        return None, self.at

    def unknown(self) -> ClauseError:
        """Return the error for words that name no neuron."""
        start = end = self.at
        if quoted := _QUOTED.match(self.text, start):
            end = quoted.end()
        else:
            while word := _WORD.match(self.text, end):
                if word.group().casefold() in KEYWORDS:
                    break
                end = word.end()
                end += len(self.text[end:]) - len(self.text[end:].lstrip())
        said = self.text[start:end].strip().strip('"“”')
        if not said:
            return self.error("a neuron")
        known = {name.casefold(): name for name in self.names.values()}
        close = difflib.get_close_matches(said.casefold(), known, 3, 0.6)
        close = close or [
            each for each in known if set(said.casefold().split()) & set(each.split())
        ]
        if close:
            hint = f"did you mean {' or '.join(f'{known[each]!r}' for each in close[:3])}?"
        elif known:
            hint = f"there are {', '.join(list(known.values())[:6])}{', …' * (len(known) > 6)}"
        else:
            hint = f"its neurons have no names yet; write {self.below}.0 or name them"
        return ClauseError(
            f"clause: at character {start + 1}, {said!r}: no neuron of layer {self.below} is "
            f"called that; {hint}",
            start, start + len(self.text[start:end].rstrip()),
        )  # fmt: skip

    def peek(self) -> str:
        """Go past spaces and return the next character, or nothing at the end."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.text[self.at : self.at + 1]

    def take(self, character: str) -> bool:
        if self.peek() != character:
            return False
        self.at += 1
        return True

    def keyword(self, word: str) -> bool:
        self.peek()
        found = _WORD.match(self.text, self.at)
        if found is None or found.group().casefold() != word:
            return False
        self.at = found.end()
        return True

    def close(self, opened: int) -> None:
        if not self.take(")"):
            raise self.error(f'"and", "or", "," or ")" for the "(" at character {opened + 1}')

    def error(self, expected: str, at: int | None = None) -> ClauseError:
        start = self.at if at is None else at
        found = _WORD.match(self.text, start) or re.compile(r"\S").match(self.text, start)
        got = f"got {found.group()!r}" if found else "it ends there"
        return ClauseError(
            f"clause: at character {start + 1}: expected {expected}; {got}",
            start, found.end() if found else start,
        )  # fmt: skip


def _joined(parts: list[Clause], every: bool) -> Clause:
    """Return all of the parts, or one of them; what joins in the same way is one with it."""
    if len(parts) == 1:
        return parts[0]
    found: list[Clause] = []
    for part in parts:
        alike = isinstance(part, AtLeast) and len(part.parts) > 1 and (
            part.count == (len(part.parts) if every else 1)
        )  # fmt: skip
        found += part.parts if alike and isinstance(part, AtLeast) else [part]
    return AtLeast(len(found) if every else 1, tuple(found))
