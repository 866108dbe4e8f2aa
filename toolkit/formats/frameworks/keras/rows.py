"""Keras's configuration of a model: which layers it lists, models within models unfolded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import quoted
from toolkit.formats.limits import Limits
from toolkit.formats.meaning.chain import Step

_KERAS = {"keras", "tf_keras", "tensorflow", "keras_core", "builtins"}
"""Packages of which Keras's own layers come."""
_MODELS = {"Sequential": "sequential", "Functional": "functional", "Model": "functional"}
_COUNTED = _MODELS | {
    "Dense": "dense",
    "BatchNormalization": "batch_normalization",
    "Normalization": "normalization",
}
"""Under what name the newer layout counts the layers of a class."""
_DEEPEST = 24


@dataclass(frozen=True)
class Row:
    """One layer that a configuration lists.

    Attributes
    ----------
    step : Step
    settings : dict
        Its ``config``.
    place : str
        Where the newer layout keeps its arrays: ``"layers/sequential/layers/dense_1"``.
    top : str
        The name of the outermost layer, or model, that it is in; its own where it is in none.
    """

    step: Step
    settings: dict[str, Any]
    place: str
    top: str

    @property
    def has_arrays(self) -> bool:
        """Whether a layer of its class has arrays in the file."""
        return self.step.kind in _COUNTED and self.step.kind not in _MODELS

    @property
    def nested(self) -> bool:
        """Whether it is in a model that is a layer itself."""
        return self.place.count("/") > 1


def rows_of(config: Any, where: str, limits: Limits) -> tuple[str, list[Row]]:
    """Return a model's name, and its layers from the input on.

    Raises
    ------
    NetworkFileError
        If the model is of another class than Keras's own two, its layers form no row, or models
        are nested too deeply.
    """
    kind, settings = class_and_config(config, where, "the model's configuration")
    if kind not in _MODELS:
        raise NetworkFileError(
            f"{where}: a model of class {quoted(kind)}; what its own code does is not in the file. "
            "Save model.save_weights('name.weights.h5') if it is a row of Dense layers"
        )
    rows: list[Row] = []
    waiting = [_members(kind, settings, where, "", "")]
    while waiting:
        row = next(waiting[-1], None)
        if row is None:
            waiting.pop()
        elif row.step.kind in _MODELS:
            if len(waiting) > _DEEPEST:
                raise NetworkFileError(
                    f"{where}: {row.step}: models within models, more than {_DEEPEST} deep"
                )
            waiting.append(_members(row.step.kind, row.settings, where, f"{row.place}/", row.top))
        else:
            rows.append(row)
            if len(rows) > limits.tensors:
                raise NetworkFileError(
                    f"{where}: its configuration lists more than {limits.tensors} layers"
                )
    name = settings.get("name")
    return name if isinstance(name, str) else "network", rows


def _members(
    kind: str, settings: dict[str, Any], where: str, place: str, top: str
) -> Iterator[Row]:
    """Yield the layers of one model, from its input on."""
    listed = settings.get("layers")
    if not isinstance(listed, list):
        raise NetworkFileError(f"{where}: its configuration lists no layers")
    entries = [class_and_config(entry, where, "a layer") for entry in listed]
    for raw, (class_name, own) in zip(listed, entries, strict=True):
        _check_keras_own(raw, Step(str(own.get("name", "")), class_name), where)
    seen: dict[str, int] = {}
    rows = []
    for raw, (class_name, own) in zip(listed, entries, strict=True):
        counted = _COUNTED.get(class_name, "")
        number = seen[counted] = seen.get(counted, -1) + 1
        name = str(own.get("name", raw.get("name", "")))
        rows.append(
            Row(
                Step(name, class_name), own,
                f"{place}layers/{counted}{f'_{number}' * bool(number)}", top or name,
            )
        )  # fmt: skip
    if kind == "Sequential":
        yield from rows
        return
    order = _in_a_row(listed, [row.step for row in rows], where)
    last = rows[order[-1]].step
    for given in _sources(settings.get("output_layers")):
        if given != last.name:
            raise NetworkFileError(
                f"{where}: its model gives out {quoted(given)} beside or before {last}; save one "
                "whose only output is its last layer"
            )
    yield from (rows[n] for n in order)


def _check_keras_own(entry: dict[str, Any], step: Step, where: str) -> None:
    """Refuse a class of somebody's own, which may be called as one of Keras's is."""
    module = entry.get("module", "keras")
    if not (isinstance(module, str) and module.partition(".")[0] in _KERAS):
        raise step.refused(
            where, "is of a class that is not Keras's own, whose code is not in the file; if what "
            "it does is known, build the model of Keras's layers and save that",
        )  # fmt: skip


def class_and_config(entry: Any, where: str, what: str) -> tuple[str, dict[str, Any]]:
    """Return the class and the settings that an entry of a configuration gives."""
    if isinstance(entry, dict):
        kind, settings = entry.get("class_name"), entry.get("config")
        if isinstance(kind, str) and isinstance(settings, dict):
            return kind, settings
    raise NetworkFileError(f"{where}: {what} should be a class_name and a config")


def _in_a_row(listed: list[Any], steps: list[Step], where: str) -> list[int]:
    """Return the order of a functional model's layers from its input on, if they form one row."""
    follower: dict[str, int] = {}
    starts = []
    for index, (raw, step) in enumerate(zip(listed, steps, strict=True)):
        sources = list(_sources(raw.get("inbound_nodes")))
        if not sources:
            starts.append(index)
        elif len(sources) > 1:
            raise NetworkFileError(
                f"{where}: {step}: takes {len(sources)} inputs or is used more than once; only "
                "layers in one row are understood"
            )
        elif sources[0] in follower:
            raise NetworkFileError(
                f"{where}: {step}: branches off from {quoted(sources[0])}; only layers in one row "
                "are understood"
            )
        else:
            follower[sources[0]] = index
    if len(starts) != 1:
        raise NetworkFileError(f"{where}: expected one input; its model has {len(starts)}")
    order = starts
    while (index := follower.get(steps[order[-1]].name, -1)) >= 0:
        order.append(index)
        if len(order) > len(steps):
            break
    if len(order) != len(steps):
        raise NetworkFileError(f"{where}: its layers do not form one row from input to output")
    return order


def _sources(nodes: Any) -> Iterator[str]:
    """Yield the names of the layers that a layer's calls take their input from."""
    waiting = [nodes]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            history = node.get("keras_history")
            if isinstance(history, list) and history and isinstance(history[0], str):
                yield history[0]
            else:
                waiting.extend(node.values())
        elif isinstance(node, list):
            # Keras 2: ["dense", node index, tensor index, arguments]
            if len(node) >= 3 and isinstance(node[0], str) and isinstance(node[1], int):
                yield node[0]
            else:
                waiting.extend(node)
