"""An exercise, and its file."""

from __future__ import annotations

import logging
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from toolkit.exercises.measures import MEASURES, check_parts, neuron_of
from toolkit.experiments import Experiment, RecipeError, read_recipe
from toolkit.experiments.recipes import Places, TextError, read_toml
from toolkit.files import read_whole
from toolkit.network import Network
from toolkit.shown import shown

log = logging.getLogger(__name__)

EXERCISE_FORMAT = "weight-map-toolkit exercise"

VARIABLE = "TOOLKIT_EXERCISES"
"""The environment variable that names a folder of further exercises."""

_MOST_OWN = 100
_SHIPPED = Path(__file__).parent / "shipped"
_MOST_BYTES = 1 << 20
_LONGEST = 1000
_MOST_CHECKS = 20
_MOST_COUNTED = 1_000_000_000
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z")
_OWN = ("format", "title", "goal", "minutes", "select", "hints", "notice", "check")
_OF_RECIPE = ("start", "step")
_BOUNDS = ("at_least", "at_most")


class ExerciseError(ValueError):
    """A file is no exercise: the message says the line, what was expected, what came."""


@dataclass(frozen=True)
class Check:
    """One thing that is measured.

    Attributes
    ----------
    measure : str
        One of :data:`~toolkit.exercises.measures.MEASURES`.
    parts : mapping
        What it measures with.
    at_least, at_most : float
        Within which the figure must be.
    says : str
        What is measured, in words.
    """

    measure: str
    parts: Mapping[str, Any]
    at_least: float = -math.inf
    at_most: float = math.inf
    says: str = ""

    def figure(self, value: float) -> str:
        """Return a value as it is shown."""
        if math.isnan(value):
            return "–"
        return f"{100 * value:.1f}%" if MEASURES[self.measure].share else f"{value:,.0f}"

    @property
    def wanted(self) -> str:
        """What the figure must be, in words."""
        words = []
        if self.at_least > -math.inf:
            words.append(f"at least {self._bound(self.at_least)}")
        if self.at_most < math.inf:
            words.append(f"at most {self._bound(self.at_most)}")
        return " and ".join(words)

    def _bound(self, value: float) -> str:
        return f"{100 * value:g}%" if MEASURES[self.measure].share else f"{value:g}"


@dataclass(frozen=True)
class Exercise:
    """A goal, a start, checks, hints, and what to notice.

    Attributes
    ----------
    name : str
        Of its file, without its ending.
    title, goal, notice : str
    minutes : int
        How long it may take.
    begun : Experiment
        What one starts from, its steps in force.
    select : (int, int)
        Layer and neuron that are in hand at first.
    checks : tuple of Check
    hints : tuple of str
    """

    name: str
    title: str
    goal: str
    notice: str
    minutes: int
    begun: Experiment
    select: tuple[int, int]
    checks: tuple[Check, ...]
    hints: tuple[str, ...] = field(default=())

    @property
    def start(self) -> Network:
        """The network that one starts from."""
        return self.begun.network


@lru_cache(maxsize=1)
def shipped_names() -> tuple[str, ...]:
    """Return the names of the exercises that ship, from the first minute's to the evening's."""
    order = (_SHIPPED / "order.txt").read_text(encoding="utf-8").split()
    return tuple(order)


def names() -> tuple[str, ...]:
    """Return the names of the exercises that ship, and then those of a teacher's folder.

    The environment variable TOOLKIT_EXERCISES names the folder; a file in it is called by its
    name without ``.toml``, which has small letters, digits and hyphens alone.
    """
    return (*shipped_names(), *_own())


def _own() -> dict[str, Path]:
    folder = os.environ.get(VARIABLE)
    if not folder:
        return {}
    try:
        paths = sorted(Path(folder).expanduser().glob("*.toml"))
    except OSError:
        return {}
    found = {path.stem: path for path in paths if _NAME.match(path.stem)}
    return {name: found[name] for name in list(found)[:_MOST_OWN] if name not in shipped_names()}


@lru_cache(maxsize=32)
def _shipped(name: str) -> Exercise:
    return read_exercise((_SHIPPED / f"{name}.toml").read_bytes(), name)


def open_exercise(source: str | Path) -> Exercise:
    """Open an exercise that ships by its name, or any by its file's path.

    Raises
    ------
    ExerciseError
        If there is none such, or the file is none.
    OSError
        If the file cannot be read.
    """
    if str(source) in shipped_names():
        return _shipped(str(source))
    path = _own().get(str(source), Path(source))
    if not path.exists():
        raise ExerciseError(
            f"exercise {str(source)!r}: neither a file nor one that ships ({', '.join(names())})"
        )
    where = path.name if str(source) == path.stem else str(source)
    content = read_whole(path, _MOST_BYTES, where)
    try:
        return read_exercise(content, path.stem, path.absolute().parent)
    except ExerciseError as error:
        raise ExerciseError(f"{where}: {error}") from error


def list_exercises() -> tuple[list[Exercise], list[str]]:
    """Return those of :func:`names` that can be read, and what is wrong with each other file.

    A teacher's file that is wrong takes no other away.
    """
    found, wrong = [], []
    for name in names():
        try:
            found.append(open_exercise(name))
        except OSError as error:
            wrong.append(f"{name}.toml: {error.strerror}" if error.strerror else str(error))
        except ValueError as error:
            wrong.append(str(error))
        except Exception as error:
            log.exception("an exercise cannot be read: %s", name)
            wrong.append(f"{name}.toml: through a fault of this program: {type(error).__name__}")
    return found, wrong


def read_exercise(text: str | bytes, name: str, beside: Path | None = None) -> Exercise:
    """Read an exercise from its text.

    Parameters
    ----------
    text : str or bytes
        TOML; bytes in UTF-8.
    name : str
    beside : Path, optional
        The file's folder, where a network to start from may lie.

    Raises
    ------
    ExerciseError
        If it is none; the message begins with the line where that is known.
    """
    if isinstance(text, bytes):
        try:
            text = text.decode()
        except UnicodeDecodeError as error:
            raise ExerciseError("expected text in UTF-8; got other bytes") from error
    text = text.removeprefix("\ufeff")
    try:
        record = read_toml(text)
    except TextError as error:
        line = "" if error.line is None else f"line {error.line}: "
        raise ExerciseError(f"{line}{error}") from error
    return _Reading(record, Places(text)).exercise(name, text, beside)


class _Reading:
    def __init__(self, record: Mapping[str, Any], places: Places) -> None:
        self.record, self.places = record, places

    def exercise(self, name: str, text: str, beside: Path | None) -> Exercise:
        record = self.record
        if record.get("format") != EXERCISE_FORMAT:
            raise self.error("format", f'expected a first line format = "{EXERCISE_FORMAT}"')
        for key in record:
            if key not in (*_OWN, *_OF_RECIPE):
                has = ", ".join((*_OWN, *_OF_RECIPE))
                raise self.error(key, f"there is no such part of an exercise; it has {has}")
        begun = self.start(text, beside)
        begun.rename(self.text("title")[:60])
        begun.origin = f"exercise:{name[:60]}"
        hints = record.get("hints", [])
        if not isinstance(hints, list) or not all(isinstance(each, str) for each in hints):
            raise self.error("hints", "expected a list of sentences")
        minutes = record.get("minutes", 10)
        if isinstance(minutes, bool) or not isinstance(minutes, int) or not 0 < minutes < 10_000:
            raise self.error("minutes", f"expected a whole number from 1; got {shown(minutes)}")
        try:
            select = neuron_of(record.get("select", "1.0"), "select")
            begun.network.check_neuron(*select)
        except ValueError as error:
            raise self.error("select", str(error).removeprefix("select: ")) from error
        return Exercise(
            name, self.text("title"), self.text("goal"), self.text("notice"), minutes, begun,
            select, self.checks(begun.network), tuple(each[:_LONGEST] for each in hints),
        )  # fmt: skip

    def start(self, text: str, beside: Path | None) -> Experiment:
        """Replay what one starts from: the exercise's start and steps are those of a recipe."""
        # The text itself is read again, so that an error in a step names its line.
        try:
            return read_recipe(text, beside=beside, within=(EXERCISE_FORMAT, _OWN))
        except RecipeError as error:
            raise ExerciseError(str(error)) from error

    def text(self, key: str) -> str:
        value = self.record.get(key)
        if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
            got = "nothing" if value is None else shown(value)
            raise self.error(key, f"expected a text of at most {_LONGEST} characters; got {got}")
        return value

    def checks(self, network: Network) -> tuple[Check, ...]:
        given = self.record.get("check")
        if (
            not isinstance(given, list)
            or not 1 <= len(given) <= _MOST_CHECKS
            or not all(isinstance(each, Mapping) for each in given)
        ):
            raise self.error("check", f"expected 1 to {_MOST_CHECKS} of [[check]]")
        return tuple(self.check(at, each, network) for at, each in enumerate(given))

    def check(self, at: int, given: Mapping[str, Any], network: Network) -> Check:
        measure = given.get("measure")
        if not isinstance(measure, str) or measure not in MEASURES:
            raise self.error(
                "measure", f"expected one of {', '.join(MEASURES)}; got {shown(measure)}", at
            )
        bounds = {key: given[key] for key in _BOUNDS if key in given}
        share = MEASURES[measure].share
        what = "a share, 0 to 1, such as 0.5 for 50%" if share else "a number from 0"
        for key, value in bounds.items():
            if (
                isinstance(value, bool)
                or not isinstance(value, int | float)
                or not 0 <= value <= (1 if share else _MOST_COUNTED)
            ):
                raise self.error(key, f"expected {what}; got {shown(value)}", at)
        if not bounds:
            raise self.error("measure", "expected at_least or at_most beside it; got neither", at)
        if bounds.get("at_least", 0) > bounds.get("at_most", math.inf):
            raise self.error(
                "at_least", f"expected no more than at_most; got {shown(bounds['at_least'])}", at
            )
        parts = {
            key: value for key, value in given.items() if key not in ("measure", "says", *_BOUNDS)
        }
        try:
            check_parts(measure, parts, network)
        except ValueError as error:
            key, _, said = str(error).partition(": ")
            raise self.error(key, said, at) from error
        says = given.get("says") or MEASURES[measure].says(parts)
        if not isinstance(says, str) or len(says) > _LONGEST:
            raise self.error("says", f"expected a sentence; got {shown(says)}", at)
        return Check(
            measure, parts, **{key: float(each) for key, each in bounds.items()}, says=says
        )

    def error(self, key: str, said: str, check: int | None = None) -> ExerciseError:
        """Name the line of what is wrong, and the check where it is one's."""
        if check is None:
            line = self.places.line("", 0, key) or self.places.line(key)
            where = ""
        else:
            line = self.places.line("check", check, key)
            where = f"check {check + 1}: "
        return ExerciseError(f"{f'line {line}: ' if line else ''}{where}{key[:40]}: {said}")
