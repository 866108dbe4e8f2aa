"""Writing a recipe's text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from toolkit.experiments.experiment import Experiment
from toolkit.experiments.recipes.forms import WHY, grid_of, step_of
from toolkit.experiments.recipes.painted import line_of
from toolkit.experiments.recipes.record import RECIPE_FORMAT, VERSION, named, packed_text
from toolkit.experiments.steps import SavePoint, Step, storable

_HEAD = "# A network, step by step: 'toolkit replay' makes it of this, the same bits everywhere."
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_WIDE = 100


def write_recipe(experiment: Experiment, *, everything: bool = False) -> str:
    """Return an experiment's recipe as TOML.

    Strokes of one neuron that follow one another are lines of one step; a save point is the
    number of steps it comes after.

    Parameters
    ----------
    experiment : Experiment
    everything : bool
        Steps that have been undone too, and of each when it was made and the accuracies measured;
        by default what is in force.
    """
    steps = experiment.steps if everything else experiment.steps[: experiment.cursor]
    blocks = ["\n".join(_head(experiment, len(steps)))]
    blocks += [_table("step", step) for step in _steps(experiment, steps, everything)]
    blocks += [
        _table("save_point", _point(experiment, point, len(steps), everything))
        for point in experiment.save_points
    ]
    return "\n\n".join(blocks) + "\n"


def _head(experiment: Experiment, steps: int) -> Iterator[str]:
    yield _HEAD
    yield _pair("format", RECIPE_FORMAT)
    yield _pair("version", VERSION)
    yield _pair("name", experiment.name)
    if experiment.digits:
        yield _pair("digits", experiment.digits)
    if experiment.cursor != steps:
        yield _pair("cursor", experiment.cursor)
    start, origin = experiment.start, experiment.origin
    here = named(origin)
    same = here is not None and (here.name, here.checksum) == (start.name, start.checksum)
    if same and (origin == "blank" or origin.startswith("random")):
        yield _pair("start", origin)
        return
    yield "\n[start]"
    yield _pair("origin", origin)
    yield _pair("name", storable(start.name))
    yield _pair("checksum", start.checksum)
    if here is None or here.checksum != start.checksum:
        yield f"network = '{packed_text(start)}'"


def _steps(
    experiment: Experiment, steps: Iterable[Step], everything: bool
) -> Iterator[Mapping[str, Any]]:
    network = experiment.start  # for its sizes and grids, which no step changes
    lined = [(step, _line(step, experiment)) for step in steps]
    for key, group in groupby(
        enumerate(lined), lambda each: _together(each[0], each[1], everything)
    ):
        members = [pair for _, pair in group]
        if isinstance(key, int):
            ((step, _),) = members
            edit = step.edit.to_dict()
            yield {**step_of(edit, network), **_beside(step, everything)}
            continue
        layer, neuron, why = key[:3]
        lines = "\n".join(line for _, line in members if line is not None)
        about = _beside(members[0][0], everything) or ({WHY: why} if why else {})
        yield {"neuron": f"{layer}.{neuron}", "paint": _Lines(lines), **about}


class _Lines(str):
    """Text that is written a line at a time; without quotes of three."""


def _together(at: int, pair: tuple[Step, str | None], everything: bool) -> Any:
    """Return what strokes that are lines of one step share."""
    step, line = pair
    if line is None:
        return at
    edit: Any = step.edit
    return edit.layer, edit.neuron, step.why, at if everything else None


def _line(step: Step, experiment: Experiment) -> str | None:
    edit: Any = step.edit
    if edit.kind not in ("stroke", "smooth"):
        return None
    return line_of(edit.to_dict(), grid_of(experiment.start, edit.layer))


def _beside(step: Step, everything: bool) -> dict[str, Any]:
    said: dict[str, Any] = {WHY: step.why} if step.why else {}
    if everything:
        said["made"] = step.made
        if step.change is not None:
            said["accuracy"] = [step.accuracy_before, step.accuracy_after]
            if step.on:
                said["on"] = step.on
    return said


def _point(
    experiment: Experiment, point: SavePoint, steps: int, everything: bool
) -> dict[str, Any]:
    said: dict[str, Any] = {"name": point.name, **({"made": point.made} if everything else {})}
    if point.cursor <= steps:
        then = experiment.network_at(point.cursor)
        if (then.checksum, then.names) == (point.network.checksum, point.network.names):
            return {**said, "after": point.cursor}
    return {**said, "cursor": point.cursor, "network": packed_text(point.network)}


def _table(name: str, parts: Mapping[str, Any]) -> str:
    tables = {
        key: value
        for key, value in parts.items()
        if isinstance(value, list) and value and isinstance(value[0], Mapping)
    }
    lines = [f"[[{name}]]"]
    lines += [_pair(key, value) for key, value in parts.items() if key not in tables]
    for key, rows in tables.items():
        inline = ",\n".join(f"  {_value(row)}" for row in rows)
        lines.append(f"{_key(key)} = [\n{inline},\n]")
    return "\n".join(lines)


def _pair(key: str, value: object) -> str:
    return f"{_key(key)} = {_value(value)}"


def _key(key: str) -> str:
    return key if _BARE.match(key) else _text(key)


def _value(value: object) -> str:
    if isinstance(value, _Lines):
        return f"'''\n{value}\n'''" if "\n" in value else f"'{value}'"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and 0 < abs(value) < 1e9:
        return str(int(value))
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        pairs = [_pair(str(key), each) for key, each in value.items() if each is not None]
        return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
    if isinstance(value, list | tuple):
        return _list([_value(each) for each in value])
    raise TypeError(f"expected text, numbers, lists or dicts; got {type(value).__name__}")


def _list(texts: list[str]) -> str:
    flat = f"[{', '.join(texts)}]"
    if len(flat) <= _WIDE or "\n" in flat:
        return flat
    lines, line = [], " "
    for text in texts:
        if len(line) + len(text) + 2 > _WIDE and line.strip():
            lines.append(line)
            line = " "
        line += f" {text},"
    return "\n".join(["[", *lines, line, "]"])


def _text(text: str) -> str:
    whole = text.encode("utf-8", "replace").decode()
    if len(whole) > _WIDE and _BASE64.match(whole):
        return f"'{whole}'"  # read at once, where a text with escapes is read letter by letter
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")


_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}\Z")
