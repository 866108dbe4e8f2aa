"""An experiment as plain data, which JSON holds as it is, and back."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from toolkit import shipped
from toolkit.edits import Edit, EditError, from_dict
from toolkit.experiments.experiment import Experiment
from toolkit.experiments.steps import LONGEST_TEXT, LONGEST_WHY, SavePoint, storable
from toolkit.formats import NetworkFileError
from toolkit.formats.frameworks import npz
from toolkit.network import Network
from toolkit.shown import shown

RECIPE_FORMAT = "weight-map-toolkit recipe"
VERSION = 1

_LARGEST_SEED = 1 << 63


MOST_EDITS = 200_000
"""In no recipe of a person's work is a twentieth of that."""
_MOST_CELLS = 10_000_000
_MOST_POINTS = 10_000


class RecipeError(ValueError):
    """What was given is no recipe: the message says which part, what was expected, what came.

    Attributes
    ----------
    line : int or None
        Of the text, counted from 1, where it is known.
    """

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message if line is None else f"line {line}: {message}")
        self.line = line


class Work:
    """Counts what a recipe asks for: what would take for ever is refused.

    Parameters
    ----------
    edits : int
        So many there are to be.

    Raises
    ------
    RecipeError
        If that is too many.
    """

    def __init__(self, edits: int) -> None:
        if edits > MOST_EDITS:
            raise RecipeError(f"step: expected at most {MOST_EDITS:,} edits; got {edits:,}")
        self._cells = 0

    def add(self, edit: Edit) -> None:
        """Count an edit; raises RecipeError where all of them paint too much."""
        for each in edit.singles:
            self._cells += len(getattr(each, "cells", ()))
        if self._cells > _MOST_CELLS:
            raise RecipeError(
                f"expected strokes of at most {_MOST_CELLS:,} weights in all; got more, up to here"
            )


def record_of(experiment: Experiment) -> dict[str, Any]:
    """Return an experiment as plain data (JSON) that :func:`experiment_of` takes."""
    start: dict[str, Any] = {
        "origin": experiment.origin,
        "name": storable(experiment.start.name),
        "checksum": experiment.start.checksum,
    }
    here = named(experiment.origin)
    if here is None or here.checksum != experiment.start.checksum:
        start["network"] = packed_text(experiment.start)
    return {
        "format": RECIPE_FORMAT,
        "version": VERSION,
        "name": experiment.name,
        "digits": experiment.digits,
        "start": start,
        "cursor": experiment.cursor,
        "edits": [_edit_record(step) for step in experiment.steps],
        "save_points": [
            {
                "name": point.name,
                "made": point.made,
                "cursor": point.cursor,
                "network": packed_text(point.network),
            }
            for point in experiment.save_points
        ],
    }


def _edit_record(step: Any) -> dict[str, Any]:
    record: dict[str, Any] = step.edit.to_dict()
    record["made"] = step.made
    if step.why:
        record["why"] = step.why
    if step.change is not None:
        record["accuracy"] = [step.accuracy_before, step.accuracy_after]
        if step.on:
            record["on"] = step.on
    return record


def experiment_of(record: object, start: Network | None = None) -> Experiment:
    """Read an experiment, under a new id, from a recipe as plain data.

    Of what :func:`record_of` writes, ``format``, ``version`` and ``start.origin`` (or
    ``start.network``) must be there; a missing ``cursor`` means all edits.

    Parameters
    ----------
    record : object
    start : Network, optional
        What to start from, in place of what the recipe names.

    Raises
    ------
    RecipeError
        If it is none, or its start is not to be had, or an edit does not fit.
    """
    if not isinstance(record, Mapping):
        raise RecipeError(f"recipe: expected a JSON object; got {type(record).__name__}")
    if record.get("format") != RECIPE_FORMAT:
        raise RecipeError(
            f"format: expected {RECIPE_FORMAT!r}; got {shown(record.get('format'))}; "
            "this is no experiment's recipe"
        )
    version = record.get("version")
    if isinstance(version, bool) or version != VERSION:
        raise RecipeError(
            f"version: expected {VERSION}; got {shown(version)}; a newer toolkit may read it"
        )
    about = record.get("start")
    if not isinstance(about, Mapping):
        raise RecipeError(f"start: expected an object; got {shown(about)}")
    experiment = begun(record, about, start)
    edits = _list(record, "edits")
    work = Work(len(edits))
    for number, given in enumerate(edits, 1):
        try:
            add(experiment, from_dict(given), given, work)
        except (EditError, RecipeError) as error:
            raise RecipeError(f"edit {number} of {len(edits)}: {error}") from error
    end(record, experiment)
    return experiment


def begun(record: Mapping[str, Any], about: Mapping[str, Any], start: Network | None) -> Experiment:
    """Return the experiment that a recipe begins with, before its first step.

    Raises
    ------
    RecipeError
        If its start is not to be had.
    """
    network = _start(about, start)
    return Experiment(
        network,
        name=_text(record, "name", "name") if "name" in record else None,
        origin=_text(about, "origin", "start.origin"),
        digits=_text(record, "digits", "digits"),
    )


def add(experiment: Experiment, edit: Edit, given: Mapping[str, Any], work: Work) -> None:
    """Make a step, and lay in what a recipe says of it beside its edit.

    Raises
    ------
    EditError, RecipeError
        If it does not fit, or there is too much already.
    """
    work.add(edit)
    experiment.apply(edit, why=_text(given, "why", "why", LONGEST_WHY))
    _tell(experiment, given)


def end(record: Mapping[str, Any], experiment: Experiment) -> None:
    """Put the cursor where a recipe has it, and its save points there."""
    count = len(experiment.steps)
    cursor = _count(record.get("cursor", count), "cursor")
    if cursor > count:
        raise RecipeError(f"cursor: expected 0 to {count}, the edits; got {cursor}")
    experiment.jump(cursor)
    experiment.save_points = _save_points(record, experiment)


def _tell(experiment: Experiment, given: Mapping[str, Any]) -> None:
    """Lay in what a recipe says of the last step beside its edit."""
    if given.get("made") is not None:
        experiment.steps[-1].made = _number(given["made"], "made")
    accuracy = given.get("accuracy")
    if accuracy is not None:
        if not isinstance(accuracy, list | tuple) or len(accuracy) != 2:
            raise RecipeError(f"accuracy: expected [before, after]; got {shown(accuracy)}")
        before, after = (_number(each, "accuracy", 1) for each in accuracy)
        experiment.measured(len(experiment.steps), before, after, _text(given, "on", "on"))


def _save_points(record: Mapping[str, Any], experiment: Experiment) -> list[SavePoint]:
    points: list[SavePoint] = []
    names: set[str] = set()
    all_given = _list(record, "save_points")
    if len(all_given) > _MOST_POINTS:
        raise RecipeError(
            f"save_point: expected at most {_MOST_POINTS:,} save points; got {len(all_given):,}"
        )
    for number, given in enumerate(all_given, 1):
        what = f"save point {number}"
        if not isinstance(given, Mapping):
            raise RecipeError(f"{what}: expected an object; got {shown(given)}")
        name = storable(_text(given, "name", f"{what} name"))
        if name in names:
            raise RecipeError(f"{what}: expected a name of its own; got {shown(name)} twice")
        names.add(name)
        network = _saved(given, experiment, what)
        if network.sizes != experiment.start.sizes:
            raise RecipeError(
                f"{what}: expected a network of sizes {experiment.start.sizes}, the start's; "
                f"got {network.sizes}"
            )
        made = _number(given.get("made", 0), f"{what} made")
        cursor = _count(given.get("cursor", given.get("after", 0)), what)
        points.append(SavePoint(name, made, cursor, network))
    return points


def _saved(given: Mapping[str, Any], experiment: Experiment, what: str) -> Network:
    """Return a save point's network, of its own or as it was after so many steps."""
    if "after" not in given or "network" in given:
        return _unpacked(given.get("network"), what)
    after, count = _count(given["after"], f"{what} after"), len(experiment.steps)
    if after > count:
        raise RecipeError(f"{what} after: expected 0 to {count}, the edits; got {after}")
    return experiment.network_at(after).renamed(experiment.name)


def _start(about: Mapping[str, Any], given: Network | None) -> Network:
    origin = _text(about, "origin", "start.origin")
    if given is not None:
        network = given
    elif about.get("network") is not None:
        network = _unpacked(about["network"], "start.network")
    else:
        here = named(origin)
        if here is None:
            raise RecipeError(
                "start: expected a 'network', or an 'origin' of "
                f"{', '.join(shipped.names())} or random:SEED; got {shown(origin)}"
                + _of_file(origin)
            )
        network = here
    checksum = about.get("checksum")
    if checksum is not None and checksum != network.checksum:
        raise RecipeError(
            f"start: expected the network of checksum {shown(checksum)}, which the edits were "
            f"made to; {shown(origin or network.name)} here has {network.checksum!r}"
        )
    name = about.get("name")
    if name is not None and name != network.name:
        network = network.renamed(storable(_text(about, "name", "start.name")))
    return network


def _of_file(origin: str) -> str:
    if not Path(origin).suffix:
        return ""
    return ", of which no file is at hand here; a recipe that the workbench wrote holds its start"


def named(origin: str) -> Network | None:
    """Return the network that a name stands for on every machine, else None."""
    if origin in shipped.names():
        return shipped.open_network(origin)
    kind, _, seed = origin.partition(":")
    if kind == "random" and seed.isascii() and seed.isdigit() and len(seed) < 20:
        number = int(seed)
        return Network.random(seed=number) if number < _LARGEST_SEED else None
    return None


def packed_text(network: Network) -> str:
    """Return a network's file as text."""
    return base64.b64encode(npz.dumps(network)).decode("ascii")


def _unpacked(given: object, what: str) -> Network:
    if not isinstance(given, str):
        raise RecipeError(f"{what}: expected a network's .npz as base64 text; got {shown(given)}")
    try:
        return npz.loads(base64.b64decode(given, validate=True), what)
    except (binascii.Error, UnicodeError) as error:
        raise RecipeError(f"{what}: expected base64 text; {error}") from error
    except NetworkFileError as error:
        raise RecipeError(str(error)) from error
    except ValueError as error:
        raise RecipeError(f"{what}: expected base64 text; {error}") from error


def _text(record: Mapping[str, Any], key: str, what: str, most: int = LONGEST_TEXT) -> str:
    value = record.get(key, "")
    if not isinstance(value, str) or len(value) > most:
        raise RecipeError(f"{what}: expected text of at most {most} characters; got {shown(value)}")
    return value


def _list(record: Mapping[str, Any], key: str) -> list[Any] | tuple[Any, ...]:
    value = record.get(key, [])
    if not isinstance(value, list | tuple):
        raise RecipeError(f"{key}: expected a list; got {shown(value)}")
    return value


def _count(value: object, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 53:
        raise RecipeError(f"{what}: expected a whole number from 0; got {shown(value)}")
    return value


def _number(value: object, what: str, most: float = 1e12) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value if isinstance(value, float) else 0.0)
        or not 0 <= value <= most
    ):
        raise RecipeError(f"{what}: expected a number from 0 to {most:g}; got {shown(value)}")
    return float(value)
