"""Reading a recipe's text."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from toolkit import shipped
from toolkit.edits import EditError, from_dict
from toolkit.experiments.experiment import Experiment
from toolkit.experiments.recipes import record as plain
from toolkit.experiments.recipes.forms import (
    RIDERS,
    WHY,
    count_of,
    edits_of,
    grid_of,
    inner_of,
    part_of,
)
from toolkit.experiments.recipes.painted import edit_of
from toolkit.experiments.recipes.places import Places
from toolkit.experiments.recipes.record import RECIPE_FORMAT, VERSION, RecipeError
from toolkit.experiments.recipes.texts import TextError, read_json, read_toml
from toolkit.network import Network
from toolkit.shown import shown

PAINT = "paint"

_FORMAT_LINE = re.compile(
    rb"^\s*format\s*=\s*[\"']" + re.escape(RECIPE_FORMAT.encode()) + rb"[\"']", re.MULTILINE
)
_SAVE_POINT = re.compile(r"save point (\d+)(?: (\w+))?: ")
_BESIDE = {"made", "accuracy", "on"}  # what is said of a step and is no part of its edit
_KNOWN = ("format", "version", "name", "digits", "start", "cursor", "step", "save_point")
_KNOWN_OF_START = ("origin", "name", "checksum", "network")


def is_recipe_text(head: bytes, name: str = "") -> bool:
    """Tell whether a file is a recipe, and not a network, from how it begins.

    Parameters
    ----------
    head : bytes
        Some 4 kB.
    name : str
        The file's: one that ends in ``.toml`` is no network's.
    """
    if head.lstrip()[:1] == b"{":
        return RECIPE_FORMAT.encode() in head
    return _FORMAT_LINE.search(head) is not None or name.lower().endswith(".toml")


def read_recipe(
    text: str | bytes,
    start: Network | None = None,
    beside: Path | None = None,
    *,
    within: tuple[str, Collection[str]] = (RECIPE_FORMAT, ()),
) -> Experiment:
    """Read an experiment from its recipe's text, under a new id.

    Parameters
    ----------
    text : str or bytes
        TOML, or JSON; bytes in UTF-8.
    start : Network, optional
        What to start from, in place of what the recipe names.
    beside : Path, optional
        The recipe's folder: a start may be the name of a network's file in it.
    within : (str, collection of str)
        The format that the text must name, and further parts of it that are not read here: an
        exercise holds a recipe of what one starts from.

    Raises
    ------
    RecipeError
        If it is none, or its start is not to be had, or a step does not fit; of TOML the message
        begins with the line.
    """
    if isinstance(text, bytes):
        text = _decoded(text)
    text = text.removeprefix("\ufeff")
    try:
        if text.lstrip()[:1] == "{":
            return plain.experiment_of(read_json(text), start)
        return _Recipe(text, *within).experiment(start, beside)
    except TextError as error:
        raise RecipeError(f"recipe: {error}", error.line) from error


def _decoded(data: bytes) -> str:
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RecipeError("expected text in UTF-8; got other bytes", line) from error


class _Recipe:
    """A recipe's text as TOML, on the way to an experiment."""

    def __init__(self, text: str, named: str, others: Collection[str]) -> None:
        self._format, self._others = named, others
        self._places = Places(text)
        self._record = read_toml(text)
        self._lines = text.split("\n")

    def experiment(self, start: Network | None, beside: Path | None) -> Experiment:
        record = self._record
        self._check(record)
        about = self._start(record.get("start"))
        origin = about.get("origin")
        if start is None and beside is not None and "network" not in about:
            start = _file(origin, beside)
        try:
            experiment = plain.begun(record, about, start)
        except RecipeError as error:
            raise self._at(error, "", 0) from error
        steps = self._tables("step")
        self._work = plain.Work(sum(map(_count, steps)))
        for number, step in enumerate(steps):
            for line, part, edit in self._edits(number, step, experiment.start):
                self._add(experiment, number, line, part, edit)
        points = self._tables("save_point")
        try:
            plain.end({**record, "save_points": points}, experiment)
        except RecipeError as error:
            raise self._at(error, "", 0) from error
        return experiment

    def _check(self, record: Mapping[str, Any]) -> None:
        if record.get("format") != self._format:
            got = record.get("format")
            raise RecipeError(
                f'format: expected a first line format = "{self._format}"; '
                + ("it is missing" if got is None else f"got {shown(got)}"),
                self._places.line("", 0, "format"),
            )
        version = record.get("version", VERSION)
        if isinstance(version, bool) or version != VERSION:
            raise RecipeError(
                f"version: expected {VERSION}; got {shown(version)}; a newer toolkit may read it",
                self._places.line("", 0, "version"),
            )
        self._only(record, (*_KNOWN, *self._others), "", 0, "recipe")

    def _start(self, given: object) -> Mapping[str, Any]:
        if isinstance(given, str):
            return {"origin": given}
        if isinstance(given, Mapping):
            self._only(given, _KNOWN_OF_START, "start", 0, "start")
            return given
        raise RecipeError(
            f'start: expected a network to start from, such as start = "blank"; '
            f"got {'nothing' if given is None else shown(given)}",
            self._places.line("", 0, "start"),
        )

    def _only(
        self, given: Mapping[str, Any], known: tuple[str, ...], table: str, number: int, what: str
    ) -> None:
        for key in given:
            if key not in known:
                raise RecipeError(
                    f"{key[:40]}: there is no such part of a {what}; it has {', '.join(known)}",
                    self._places.line(table, number, key) or self._places.line(key),
                )

    def _tables(self, what: str) -> list[Mapping[str, Any]]:
        given = self._record.get(what, [])
        if not isinstance(given, list) or not all(isinstance(each, Mapping) for each in given):
            raise RecipeError(
                f"{what}: expected each as [[{what}]]; got {shown(given)}",
                self._places.line(what) or self._places.line("", 0, what),
            )
        return given

    def _edits(
        self, number: int, step: Mapping[str, Any], network: Network
    ) -> Iterator[tuple[int | None, Mapping[str, Any], Mapping[str, Any]]]:
        """Give a step's edits: the line each stands on, what is said beside it, its dict."""
        said = {key: value for key, value in step.items() if key in _BESIDE or key == WHY}
        done = {key: value for key, value in step.items() if key not in _BESIDE}
        if PAINT in step:
            yield from self._painted(number, step, said, network)
            return
        try:
            edits = edits_of(done, network)
        except (EditError, ValueError) as error:
            raise self._at(error, "step", number) from error
        for edit in edits:
            yield None, said, edit

    def _painted(
        self, number: int, step: Mapping[str, Any], said: Mapping[str, Any], network: Network
    ) -> Iterator[tuple[int | None, Mapping[str, Any], Mapping[str, Any]]]:
        known = ("neuron", PAINT, WHY, *RIDERS, *_BESIDE)
        self._only(step, known, "step", number, "step that paints")
        text, at = step[PAINT], self._places.line("step", number, PAINT)
        if not isinstance(text, str):
            error = RecipeError(f"{PAINT}: expected lines of text; got {shown(text)}")
            raise self._at(error, "step", number)
        try:
            layer, neuron, grid = self._painter(step, network)
        except ValueError as error:
            raise self._at(error, "step", number) from error
        if at is not None and self._lines[at - 1].rstrip().endswith(("'''", '"""')):
            at += 1
        for offset, line in enumerate(text.split("\n")):
            stroke, _, why = line.partition("#")
            if not stroke.strip():
                continue
            here = None if at is None else at + offset
            try:
                edit = edit_of(stroke, layer, neuron, grid)
            except ValueError as error:
                raise RecipeError(f"step {number + 1}: {PAINT}: {error}", here) from error
            yield here, ({**said, WHY: why.strip()} if why.strip() else said), edit
        for key in RIDERS:
            if key in step:
                try:
                    (edit,) = edits_of({"neuron": step["neuron"], key: step[key]}, network)
                except EditError as error:
                    raise self._at(error, "step", number) from error
                yield None, said, edit

    def _painter(self, step: Mapping[str, Any], network: Network) -> tuple[int, int, Any]:
        (edit,) = edits_of({"neuron": step.get("neuron"), "bias": 0.0}, network)
        layer, neuron = edit["layer"], edit["neuron"]
        network.check_neuron(layer, neuron)
        return layer, neuron, grid_of(network, layer)

    def _add(
        self,
        experiment: Experiment,
        number: int,
        line: int | None,
        said: Mapping[str, Any],
        edit: Mapping[str, Any],
    ) -> None:
        try:
            plain.add(experiment, from_dict(edit), said, self._work)
        except (EditError, RecipeError) as error:
            if line is not None:
                raise RecipeError(f"step {number + 1}: {error}", line) from error
            raise self._at(error, "step", number) from error

    def _at(self, error: Exception, table: str, number: int) -> RecipeError:
        """Say on which line what an error names stands, and which step that is."""
        said = str(error)
        if table == "step":
            return self._in_step(said, number)
        key, _, part = said.partition(":")[0].partition(" ")[0].partition(".")
        point = _SAVE_POINT.match(said)
        if point is not None:
            line = self._places.line("save_point", int(point[1]) - 1, point[2] or "")
            return RecipeError(said, line)
        line = self._places.line(table, number, key)
        if line is None and part:
            line = self._places.line(key, 0, part)
        return RecipeError(said, line)

    def _in_step(self, said: str, number: int) -> RecipeError:
        step = self._record["step"][number]
        inner = inner_of(step, said)
        if inner is None:
            key, said = part_of(step, said)
            line = self._places.line("step", number, key)
        else:
            at, said = inner
            line = self._places.line("step", number, f"edits {at}")
        return RecipeError(f"step {number + 1}: {said}", line)


def _count(step: Mapping[str, Any]) -> int:
    """Return how many edits a step is, at most: each line that paints is one."""
    painted = step.get(PAINT)
    lines = painted.split("\n") if isinstance(painted, str) else ()
    return count_of(step) + sum(1 for line in lines if line.strip())


def _file(origin: object, folder: Path) -> Network | None:
    """Open a network's file beside a recipe; None where the start is no file's name."""
    if not isinstance(origin, str) or plain.named(origin) is not None:
        return None
    if not origin or Path(origin).name != origin or "\\" in origin or "\0" in origin:
        return None
    path = folder / origin
    if not path.is_file():
        return None
    try:
        return shipped.open_network(path)
    except (ValueError, OSError) as error:
        raise RecipeError(f"start: {error}") from error
