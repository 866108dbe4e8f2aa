"""Walking an ONNX graph from its input along its one row of nodes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from toolkit.formats.beside import Beside
from toolkit.formats.containers.json_text import json_of
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks.onnx.classifiers import (
    ANSWERS,
    LINEAR,
    ONE_OF_TWO,
    take_linear,
    takes_share,
)
from toolkit.formats.frameworks.onnx.constants import Constants, value_of
from toolkit.formats.frameworks.onnx.functions import FORMS, Function, function_from
from toolkit.formats.frameworks.onnx.nodes import Row
from toolkit.formats.frameworks.onnx.package import PRODUCER
from toolkit.formats.frameworks.onnx.way_back import WayBack
from toolkit.formats.guard import quoted
from toolkit.formats.limits import Limits
from toolkit.formats.meaning import mark
from toolkit.formats.meaning.chain import Chain, Step
from toolkit.formats.meaning.mark import Mark
from toolkit.formats.meaning.reading import Reading
from toolkit.grid import Grid

_WHOLE = {2, 3, 5, 6, 7}
"""ONNX's numbers for types of whole numbers: of such an input pixels go to 255."""
_SAME_ORDER = {"Identity", "Cast", "Dropout", "Normalizer", "Softmax", "LogSoftmax", "Reshape"}
"""Nodes behind which the same class wins."""
_SHAPES = {"Shape", "Gather", "Unsqueeze", "Squeeze", "Concat", "Slice", "Cast", "Mul", "Identity"}
"""Nodes of which exporters compute the batch's size for a Reshape."""
_DOMAINS = {"", "ai.onnx", "ai.onnx.ml"}


class Graph:
    """A parsed model, walked from its input along its one row of nodes.

    Parameters
    ----------
    model : onnx.ModelProto
    where : str
    limits : Limits
    beside : callable
        Returns the content of a file beside the model.

    Raises
    ------
    NetworkFileError
        If it holds what a row of layers does not need.
    """

    def __init__(self, model: Any, where: str, limits: Limits, beside: Beside) -> None:
        self._model, self._graph, self._where, self._limits = model, model.graph, where, limits
        self._chain = Chain(where, limits)
        self._opset = max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")),
                          default=1)  # fmt: skip
        self._constants = Constants(where, limits, beside)
        if len(model.functions):
            raise NetworkFileError(
                f"{where}: defines functions of its own ({quoted(model.functions[0].name)}); "
                "export it with a newer exporter, or take them in with "
                "onnx.inliner.inline_local_functions(model)"
            )
        if len(self._graph.sparse_initializer):
            raise NetworkFileError(f"{where}: holds sparse arrays; export them dense")
        for tensor in self._graph.initializer:
            self._constants.keep(tensor.name, tensor)
        self._nodes: list[tuple[Step, Any]] = []
        self._places: list[int] = []  # of each in the graph
        for index, node in enumerate(self._graph.node):
            step = Step(node.name or next(iter(node.output), "") or f"node {index}", node.op_type)
            if node.domain not in _DOMAINS:
                raise self._chain.refuse(step, f"of domain {quoted(node.domain)} is not understood")
            if node.op_type == "Constant" and node.domain != "ai.onnx.ml":
                self._constants.keep(next(iter(node.output), ""), value_of(step, node, where))
            elif not self._constants.derive(node):
                self._nodes.append((step, node))
                self._places.append(index)
        self._consumers: dict[str, list[int]] = {}
        self._makers: dict[str, Any] = dict.fromkeys(self._constants)
        self._shapes: set[str] = set()
        self._given = ""  # what the graph gives besides its last value
        self._aside: set[str] = set()  # what only hands on the last value
        self._ends = {output.name for output in self._graph.output}
        self._way_back = WayBack(model, self._constants)
        for index, (step, node) in enumerate(self._nodes):
            for name in set(node.input) - {""}:
                self._consumers.setdefault(name, []).append(index)
            for name in node.output:
                if name in self._makers and name:
                    raise self._chain.refuse(step, f"makes {quoted(name)} a second time")
                self._makers[name] = node

    def reading(self) -> Reading:
        """Return what the graph says."""
        current, visited = self._input(), set[int]()
        dims = self._dims()
        self._row = Row(self._chain, self._constants, self._opset, self._way_back, dims,
                        self._is_shape)  # fmt: skip
        while True:
            found = self._next(current, visited)
            if len(found) > 1 or (found and self._nodes[found[0]][1].op_type in FORMS):
                function = self._function(current)
                if function is not None:
                    visited |= set(function.nodes)
                    current = function.output
                    continue
            if not found or (len(found) > 1 and self._ends_in(current, found)):
                break
            if len(found) > 1:
                steps = " and ".join(str(self._nodes[index][0]) for index in found[:3])
                raise NetworkFileError(
                    f"{self._where}: {quoted(current)} goes to {steps}; only layers in one row "
                    "are understood"
                )
            visited.add(found[0])
            self._check_given(current, found[0])
            current = self._taken(found[0], current)
        self._check_rest(visited)
        if self._given and current not in self._ends:
            raise NetworkFileError(
                f"{self._where}: gives {quoted(self._given)}, and goes on from there to another "
                "choice of its own; export it with the outputs alone"
            )
        if current not in self._ends and current not in self._consumers:
            raise NetworkFileError(
                f"{self._where}: its row ends in {quoted(current)}, which is not its output"
            )
        producer = " ".join(filter(None, (self._model.producer_name, self._model.producer_version)))
        ours = self._mark()
        provenance = {"made with": quoted(producer)[1:-1]} if producer and ours is None else {}
        name = self._graph.name[:200] or "network"
        reading = self._chain.done("ONNX", name, provenance, self._way_back.back())
        reading = self._with_grid(reading, dims)
        return reading if ours is None else ours.on(reading)

    def _mark(self) -> Mark | None:
        """Return what our own metadata says; None where there is none."""
        said = {entry.key: entry.value for entry in self._model.metadata_props}
        if mark.KEY in said:
            return mark.of(self._json(said[mark.KEY]), self._where)
        if self._model.producer_name != PRODUCER:
            return None
        # As it was written before there was a mark.
        return mark.of({"provenance": self._json(said.get("provenance", "{}"))}, self._where)

    def _json(self, text: str) -> Any:
        return json_of(text.encode("utf-8", "replace"), f"{self._where}: metadata", self._limits)

    def _input(self) -> str:
        inputs = [value for value in self._graph.input if value.name not in self._constants]
        if len(inputs) != 1:
            names = ", ".join(quoted(value.name) for value in inputs[:6]) or "none"
            raise NetworkFileError(f"{self._where}: expected one input, a picture; it has {names}")
        return str(inputs[0].name)

    def _dims(self) -> tuple[int, ...]:
        """Return a picture's shape as the input declares it; 0 where it does not say a length."""
        (value,) = (each for each in self._graph.input if each.name not in self._constants)
        kind = value.type.tensor_type
        if kind.elem_type in _WHOLE:
            self._chain.scale(Step(value.name, "input"), 255.0, 0.0)
            self._chain.notes.append("The file's network takes pixels as whole numbers to 255.")
        dims = kind.shape.dim if kind.HasField("shape") else ()
        return tuple(max(0, int(dim.dim_value)) for dim in dims[1:])

    def _with_grid(self, reading: Reading, dims: tuple[int, ...]) -> Reading:
        """Return a reading with the pictures' rows and columns, where those are no square."""
        lengths = [length for length in dims if length != 1]
        if len(lengths) != 2 or lengths[0] == lengths[1]:
            return reading
        first, *more = reading.layers
        if math.prod(lengths) != first.weights.shape[1]:
            return reading
        return replace(reading, layers=(replace(first, grid=Grid(*lengths)), *more))

    def _next(self, current: str, visited: set[int]) -> list[int]:
        """Return the nodes that go on from a value, but those that name the winner."""
        found = []
        for index in self._consumers.get(current, []):
            step, node = self._nodes[index]
            if index in visited:
                raise self._chain.refuse(step, "goes in a circle")
            if node.op_type in ANSWERS and self._chain.started:
                continue
            if node.op_type != "Shape":
                found.append(index)
        return found

    def _taken(self, index: int, current: str) -> str:
        """Take the one node that goes on from a value; return what the row comes to."""
        (step, node), place = self._nodes[index], self._places[index]
        if not node.output or not node.output[0]:
            raise self._chain.refuse(step, "has no output")
        attributes = self._row.attributes
        if node.op_type in LINEAR and node.domain == "ai.onnx.ml":
            return take_linear(step, node, place, self._chain, self._way_back, attributes)
        if node.op_type == "Normalizer":
            norm = attributes(step, node, norm=b"MAX")["norm"]
            if takes_share(step, self._chain, norm):
                return str(node.output[0])
        self._row.take(step, node, place, current)
        return str(node.output[0])

    def _check_given(self, current: str, index: int) -> None:
        """Refuse a step that changes what was given as the answer before."""
        step, node = self._nodes[index]
        if not self._chain.started or node.op_type in _SAME_ORDER:
            return
        self._given = current if current in self._ends else self._given
        for other in self._consumers.get(current, []):
            answer = self._nodes[other][0]
            if answer.kind in ANSWERS:
                raise self._chain.refuse(step, f"changes what {answer} answers by")

    def _function(self, current: str) -> Function | None:
        """Take an activation function that is spelt out from a value on, if there is one."""
        function = function_from(
            current, self._nodes, self._consumers, self._constants.number, self._ends
        )  # fmt: skip
        if function is not None:
            step = self._nodes[function.nodes[0]][0]
            if not self._chain.started:
                raise self._chain.refuse(step, "an activation function before the first layer")
            self._chain.affine(step, *function.before)
            self._chain.activate(step, function.name)
            self._chain.affine(step, *function.after)
        return function

    def _ends_in(self, current: str, found: list[int]) -> bool:
        """Tell whether a value is the last, and what takes it only hands it on in other forms."""
        if not self._chain.started:
            return False
        nodes = {self._nodes[index][1].op_type: self._nodes[index][1] for index in found}
        if set(nodes) == {"Concat", "Sub"} and len(found) == 2 and self._chain.outputs == 1:
            sub, concat = nodes["Sub"], nodes["Concat"]
            one = self._constants.number(sub.input[0])
            axis = self._row.attributes(self._nodes[found[0]][0], concat, axis=1)["axis"]
            if one != 1 or list(concat.input) != [sub.output[0], current] or axis not in (1, -1):
                return False
            self._chain.notes.append(ONE_OF_TWO)
            self._aside |= set(sub.output) | set(concat.output)
            return True
        if set(nodes) == {"Slice"} and self._are_columns(found):
            # Each output by a name of its own.
            self._aside |= {name for index in found for name in self._nodes[index][1].output}
            return True
        return False

    def _are_columns(self, found: list[int]) -> bool:
        """Tell whether nodes cut a value into all its columns, one each."""
        ends = []
        for index in found:
            parts = [self._constants.number(name) for name in self._nodes[index][1].input[1:]]
            if len(parts) != 3 or any(part is None for part in parts) or parts[2] != 1:
                return False
            ends.append(tuple(int(part) for part in parts[:2] if part is not None))
        return sorted(ends) == [(at, at + 1) for at in range(self._chain.outputs)]

    def _check_rest(self, visited: set[int]) -> None:
        """Refuse nodes that are neither in the row nor about shapes, constants or the winner."""
        aside = set(self._aside)
        for index, (step, node) in enumerate(self._nodes):
            if index in visited:
                continue
            inputs = set(node.input) - {""}
            if set(node.output) & self._aside:
                continue
            if inputs & self._aside and node.op_type not in (ANSWERS | _SAME_ORDER):
                raise self._chain.refuse(step, "changes what is given as an output of its own")
            if inputs & self._aside and node.op_type not in ANSWERS:
                self._aside |= set(node.output)
            elif node.op_type in ANSWERS or inputs & aside:
                aside |= set(node.output)
            elif node.op_type == "Shape" or node.op_type in _SHAPES:
                continue
            elif not inputs or not all(name in self._constants for name in inputs):
                raise self._chain.refuse(step, "is not in the row from the input to the output")
        if aside - self._aside:
            self._chain.notes.append(
                "The file's own choice of the winning class is left out; here the largest output "
                "wins."
            )

    def _is_shape(self, name: str) -> bool:
        """Tell whether a value is computed from shapes and constants alone."""
        waiting, seen = [name], set[str]()
        while waiting:
            value = waiting.pop()
            if value in self._constants or value in seen or value in self._shapes:
                continue
            seen.add(value)
            node = self._makers.get(value)
            if node is None or node.op_type not in _SHAPES:
                return False
            if node.op_type != "Shape":
                waiting.extend(filter(None, node.input))
        self._shapes |= seen  # however many nodes ask, each value is looked at once
        return bool(name)
