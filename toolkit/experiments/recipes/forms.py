"""What a step says in a recipe, and the edit it stands for.

An edit's dict names layer and neuron by two numbers, and its kind by a word; a recipe's step
says ``neuron = "1.3"`` and, in place of the kind, what is done: ``stamp = "edge"``,
``bias = -2.5``.  A kind that has no such form of its own is ``edit = "kind"`` and its parts.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

import numpy as np

from toolkit.edits import EditError, from_dict
from toolkit.experiments.recipes.painted import cells_of, cells_text
from toolkit.grid import Grid
from toolkit.network import Network

Table = dict[str, Any]

WHY = "why"

# What is done -> the kind of the edit, and the part of it that the value is.
ACTIONS: Mapping[str, tuple[str, str]] = {
    "stamp": ("stamp", "shape"),
    "move": ("move", "move"),
    "combine": ("combine", "how"),
    "clause": ("clause", "text"),
    "column": ("column", "input"),
    "stroke": ("stroke", "tool"),
    "smooth": ("smooth", "tool"),
    "weights": ("weights", "values"),
    "layers": ("layers", "label"),
    "several": ("several", "label"),
    "activation": ("activation", "activation"),
    "bias": ("bias", "value"),
    "name": ("name", "name"),
}
RIDERS = ("bias", "name")
"""What a step may say beside what else it does; they are edits of their own, made after it."""

_BY_KIND = {kind: (action, part) for action, (kind, part) in ACTIONS.items()}
_OF_SEVERAL = re.compile(r"(edits:|edit) (\d{1,9}) of \d+: ")
_NEURONS = ("neuron", "from", "to")  # written as layer.index
_OF_A_NEURON = {"stamp", "move", "clause", "stroke", "smooth", "weights", "bias", "name"}
_MANY = 24  # more numbers than so many are shorter as bytes


def step_of(edit: Mapping[str, Any], network: Network) -> Table:
    """Return an edit's dict as a recipe's step says it.

    Parameters
    ----------
    edit : mapping
    network : Network
        That it is made to.
    """
    parts = {key: value for key, value in edit.items() if key != "kind" and value is not None}
    layer = parts.get("layer")
    step: Table = {}
    numbered = [key for key in _NEURONS if isinstance(parts.get(key), int)]
    if isinstance(layer, int) and numbered:
        del parts["layer"]
        step.update({key: f"{layer}.{parts.pop(key)}" for key in numbered})
    elif isinstance(layer, int):
        step["layer"] = parts.pop("layer")
    action, part = _BY_KIND.get(edit["kind"], ("edit", ""))
    step[action] = parts.pop(part) if part else edit["kind"]
    if edit["kind"] in ("weights", "stroke", "smooth"):
        parts["cells"] = _cells_said(parts["cells"], network, layer)
    if edit["kind"] == "weights":
        step["weights"] = _numbers_said(step["weights"])
        if parts["tool"] == "set":
            del parts["tool"]
    if edit["kind"] == "bias":
        step["bias"] = _shortest(step["bias"])
    if edit["kind"] == "layers":
        parts["layer"] = [
            {"number": int(key), **value} for key, value in parts.pop("layers").items()
        ]
    if edit["kind"] == "several":
        parts["edits"] = [step_of(each, network) for each in parts["edits"]]
    step.update(parts)
    return step


def edits_of(step: Mapping[str, Any], network: Network) -> list[Table]:
    """Read a step: its edits as dicts, the first what it does, then what rides along.

    Raises
    ------
    EditError
        If it says nothing to be done, or more than one thing, or what no edit knows.
    """
    given = {key: value for key, value in step.items() if key != WHY}
    if "edit" in given:  # whose parts may be called as other actions are
        return [_edit_of("edit", given, network)]
    main = [key for key in given if key in ACTIONS and key not in RIDERS]
    main = main or [key for key in RIDERS if key in given][:1]
    if not main:
        raise EditError(
            f"expected one of {', '.join(ACTIONS)}; got {', '.join(given) or 'nothing'}"
        )
    if len(main) > 1:
        raise EditError(f"{main[1]}: a step does one thing; this one has {main[0]} already")
    extra = {key: given.pop(key) for key in RIDERS if key in given and key != main[0]}
    neuron = {key: given[key] for key in given if key in ("neuron", "layer")}
    return [
        _edit_of(main[0], given, network),
        *(_edit_of(key, {**neuron, key: value}, network) for key, value in extra.items()),
    ]


def part_of(step: Mapping[str, Any], said: str) -> tuple[str, str]:
    """Return the part that an error is about, as the step calls it, and the error's text so.

    Parameters
    ----------
    step : mapping
    said : str
        What an edit says; it begins with its own name for the part.
    """
    named, colon, rest = said.partition(":")
    if named not in step and colon:
        for action, (_, part) in {**ACTIONS, "edit": ("", "kind")}.items():
            if action in step and named == part:
                return action, f"{action}:{rest}"
    key = named.partition(" ")[0]
    if key not in step and key in ("layer", *_NEURONS):
        key = next((each for each in _NEURONS if each in step), key)
    return key, said


def inner_of(step: Mapping[str, Any], said: str) -> tuple[int, str] | None:
    """Return which of a step's several edits an error is about, from 1, and what it says of it.

    Parameters
    ----------
    step : mapping
    said : str
        By the place in the recipe's list, or among the edits that this stands for.
    """
    match = _OF_SEVERAL.match(said)
    inner = step.get("edits")
    if match is None or not isinstance(inner, list):
        return None
    number, rest = int(match[2]), said[match.end() :]
    if match[1] == "edit":
        ends = accumulate(map(count_of, inner))
        number = next((at for at, end in enumerate(ends, 1) if number <= end), len(inner))
    if not 1 <= number <= len(inner):
        return None
    return number, f"edits: {number} of {len(inner)}: {part_of(inner[number - 1], rest)[1]}"


def count_of(step: Mapping[str, Any]) -> int:
    """Return how many edits a step is, but for those that paint."""
    return 1 if "edit" in step else sum(key in ACTIONS for key in step)


def _edit_of(action: str, given: Mapping[str, Any], network: Network) -> Table:
    parts = dict(given)
    value = parts.pop(action)
    kind, part = ACTIONS.get(action, (value, ""))
    if not isinstance(kind, str):
        raise EditError(f"edit: expected the name of a kind; got {type(kind).__name__}")
    edit: Table = {**_numbered(parts), "kind": kind, **({part: value} if part else {})}
    layer = edit.get("layer")
    if isinstance(edit.get("cells"), str):
        edit["cells"] = _cells_read(edit["cells"], network, layer)
    if kind == "weights":
        edit["values"] = _numbers_read(value, edit.get("cells"))
    if kind == "layers":
        edit["layers"] = _layers(edit.pop("layer", None))
    if kind == "several":
        edit["edits"] = _together(_tables(edit, "edits"), network)
    _check_known(edit, parts, action, part)
    return edit


def _together(steps: list[Mapping[str, Any]], network: Network) -> list[Table]:
    edits = []
    for number, step in enumerate(steps, 1):
        try:
            edits += edits_of(step, network)
        except ValueError as error:
            raise EditError(f"edits: {number} of {len(steps)}: {error}") from error
    return edits


def _check_known(edit: Table, parts: Table, action: str, part: str) -> None:
    """Refuse parts that the edit does not have: a slip of the pen would count for nothing."""
    if edit["kind"] in _OF_A_NEURON and "neuron" not in edit:
        raise EditError('neuron: expected layer.index, such as "1.3"; it is missing')
    made = from_dict(edit)
    known = {*made.to_dict(), *getattr(made, "__dataclass_fields__", ())} - {"kind", part}
    if edit["kind"] == "layers":
        known = known - {"layers"} | {"layer"}
    unknown = [key for key in parts if key not in known]
    if unknown:
        has = ", ".join(sorted(known))
        raise EditError(f"{unknown[0]}: there is no such part of {action}; it has {has}")


def _numbered(parts: Table) -> Table:
    """Return parts with ``"1.3"`` as layer 1 and neuron 3."""
    found, layers = {}, set()
    for key, value in parts.items():
        if key in _NEURONS and isinstance(value, str):
            layer, _, index = value.partition(".")
            if not all(
                each.isascii() and each.isdigit() and len(each) < 10 for each in (layer, index)
            ):
                raise EditError(f'{key}: expected layer.index, such as "1.3"; got {value!r:.40}')
            layers.add(int(layer))
            found[key] = int(index)
        elif key in _NEURONS and isinstance(value, float):
            raise EditError(f'{key}: expected layer.index in quotes, such as "1.3"; got {value}')
        else:
            found[key] = value
    if len(layers) > 1:
        raise EditError(f"expected neurons of one layer; got {' and '.join(map(str, layers))}")
    return {**({"layer": layers.pop()} if layers else {}), **found}


def grid_of(network: Network, layer: int) -> Grid:
    """Return the grid in which a recipe counts a layer's weights: rows are of pictures alone."""
    found = network.layer(layer)
    return found.grid if layer == 1 else Grid(1, found.inputs)


def _cells_said(cells: list[int], network: Network, layer: Any) -> Any:
    grid = grid_of(network, layer)
    fits = cells == sorted(cells) and (not cells or 0 <= cells[0] <= cells[-1] < grid.cells)
    return cells_text(cells, grid) if fits and cells else cells


def _cells_read(text: str, network: Network, layer: Any) -> list[int]:
    if isinstance(layer, bool) or not isinstance(layer, int):
        raise EditError('neuron: expected layer.index, such as "1.3"; it is missing')
    try:
        return cells_of(text, grid_of(network, layer))
    except ValueError as error:
        raise EditError(f"cells: {error}") from error


def _numbers_said(values: list[float]) -> Any:
    if len(values) > 1 and len(set(map(repr, values))) == 1:
        return _shortest(values[0])
    if len(values) <= _MANY:
        return list(map(_shortest, values))
    return base64.b64encode(np.array(values, "<f4").tobytes()).decode()


def _shortest(value: float) -> float:
    """Return the shortest decimal that is the same number once it is rounded to float32."""
    decimal = float(str(np.float32(value)))
    return decimal if np.float32(decimal) == np.float32(value) == value else value


def _numbers_read(value: Any, cells: Any) -> Any:
    if isinstance(value, float | int) and not isinstance(value, bool) and isinstance(cells, list):
        return [value] * len(cells)
    if not isinstance(value, str):
        return value
    try:
        found = base64.b64decode(value, validate=True)
        return np.frombuffer(found, "<f4").tolist()
    except (binascii.Error, ValueError) as error:
        raise EditError(f"weights: expected float32 numbers as base64; {error}") from error


def _layers(given: Any) -> Table:
    layers = {}
    for one in _tables({"layer": given}, "layer"):
        number = one.get("number")
        if isinstance(number, bool) or not isinstance(number, int) or not 0 < number < 10**9:
            raise EditError("layer: expected each with its number, such as number = 1")
        layers[str(number)] = one
    return layers


def _tables(record: Mapping[str, Any], what: str) -> list[Mapping[str, Any]]:
    value = record.get(what)
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise EditError(f"{what}: expected a list of tables; got {type(value).__name__}")
    return value
