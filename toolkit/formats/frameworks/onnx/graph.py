"""Walking an ONNX graph from its input along its one row of nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.beside import Beside
from toolkit.formats.containers.json_text import json_of
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks.onnx.constants import FLOATS, Constants, value_of
from toolkit.formats.frameworks.onnx.package import OPSET, PRODUCER
from toolkit.formats.guard import quoted
from toolkit.formats.limits import Limits
from toolkit.formats.meaning import mark
from toolkit.formats.meaning.chain import Chain, Step
from toolkit.formats.meaning.mark import Mark
from toolkit.formats.meaning.reading import Reading

_ACTIVATIONS = {"Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softmax": "softmax"}
_PASSED = {"Identity", "Dropout", "Squeeze", "Unsqueeze"}
_ANSWERS = {"ArgMax", "TopK", "ZipMap", "ArrayFeatureExtractor"}
"""Nodes that name the winner; what they are given is what a network answers here."""
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
        self._flat = True
        self._constants = Constants(where, limits, beside)
        if len(model.functions):
            raise NetworkFileError(
                f"{where}: defines functions of its own ({quoted(model.functions[0].name)}); "
                "export without them"
            )
        if len(self._graph.sparse_initializer):
            raise NetworkFileError(f"{where}: holds sparse arrays; export them dense")
        for tensor in self._graph.initializer:
            self._constants.keep(tensor.name, tensor)
        self._nodes = []
        for index, node in enumerate(self._graph.node):
            step = Step(node.name or next(iter(node.output), "") or f"node {index}", node.op_type)
            if node.domain not in _DOMAINS:
                raise self._chain.refuse(step, f"of domain {quoted(node.domain)} is not understood")
            if node.op_type == "Constant" and node.domain != "ai.onnx.ml":
                self._constants.keep(next(iter(node.output), ""), value_of(step, node, where))
            else:
                self._nodes.append((step, node))
        self._consumers: dict[str, list[int]] = {}
        self._makers: dict[str, Any] = dict.fromkeys(self._constants)
        self._shapes: set[str] = set()
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
        while True:
            index = self._next(current, visited)
            if index is None:
                break
            visited.add(index)
            step, node = self._nodes[index]
            self._take(step, node, current)
            if not node.output or not node.output[0]:
                raise self._chain.refuse(step, "has no output")
            current = node.output[0]
        self._check_rest(visited)
        answers = {output.name for output in self._graph.output}
        if current not in answers and current not in self._consumers:
            raise NetworkFileError(
                f"{self._where}: its row ends in {quoted(current)}, which is not its output"
            )
        producer = " ".join(filter(None, (self._model.producer_name, self._model.producer_version)))
        ours = self._mark()
        provenance = {"made with": quoted(producer)[1:-1]} if producer and ours is None else {}
        reading = self._chain.done("ONNX", self._graph.name[:200] or "network", provenance)
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
        kind = inputs[0].type.tensor_type
        if kind.HasField("shape") and len(kind.shape.dim) > 2:
            self._flat = False
        return str(inputs[0].name)

    def _next(self, current: str, visited: set[int]) -> int | None:
        """Return the one node that goes on from a value; None at the end."""
        found = []
        for index in self._consumers.get(current, []):
            step, node = self._nodes[index]
            if index in visited:
                raise self._chain.refuse(step, "goes in a circle")
            if node.op_type in _ANSWERS and self._chain.started:
                continue
            if node.op_type == "Shape":
                continue
            found.append(index)
        if len(found) > 1:
            steps = " and ".join(str(self._nodes[index][0]) for index in found[:3])
            raise NetworkFileError(
                f"{self._where}: {quoted(current)} goes to {steps}; only layers in one row are "
                "understood"
            )
        return found[0] if found else None

    def _check_rest(self, visited: set[int]) -> None:
        """Refuse nodes that are neither in the row nor about shapes, constants or the winner."""
        aside: set[str] = set()
        for index, (step, node) in enumerate(self._nodes):
            if index in visited:
                continue
            inputs = set(node.input) - {""}
            if node.op_type in _ANSWERS or inputs & aside:
                aside |= set(node.output)
            elif node.op_type == "Shape" or node.op_type in _SHAPES:
                continue
            elif not inputs or not all(name in self._constants for name in inputs):
                raise self._chain.refuse(step, "is not in the row from the input to the output")
        if aside:
            self._chain.notes.append(
                "The file's own choice of the winning class is left out; here the largest output "
                "wins."
            )

    # Each kind of node, in the row.

    def _take(self, step: Step, node: Any, current: str) -> None:
        if node.domain == "ai.onnx.ml" and step.kind != "Scaler":
            raise self._refuse_kind(step)
        takers: dict[str, Callable[[Step, Any, str], None]] = {
            "Gemm": self._take_gemm, "MatMul": self._take_matmul, "Add": self._take_sum,
            "Sub": self._take_sum, "Mul": self._take_product, "Div": self._take_product,
            "Scaler": self._take_scaler, "Flatten": self._take_flatten,
            "Reshape": self._take_reshape, "Cast": self._take_cast,
            "Softmax": self._take_softmax, "LogSoftmax": self._take_softmax,
        }  # fmt: skip
        if node.input[0] != current and step.kind not in ("Add", "Mul", "MatMul", "Sub", "Div"):
            raise self._chain.refuse(step, "takes the row's value elsewhere than first")
        if step.kind in takers:
            takers[step.kind](step, node, current)
        elif step.kind in _ACTIVATIONS:
            self._chain.activate(step, _ACTIVATIONS[step.kind])
        elif step.kind == "Dropout" and len(node.input) > 2 and node.input[2]:
            training = self._constants.of(step, node.input[2])
            if training.size > 1 or training.any():
                raise self._chain.refuse(step, "is set to training; export the model for inference")
        elif step.kind not in _PASSED:
            raise self._refuse_kind(step)

    def _refuse_kind(self, step: Step) -> NetworkFileError:
        return self._chain.refuse(
            step, "is not understood; only fully connected layers in a row are (Gemm, or MatMul "
            "and Add), with Relu, Sigmoid, Tanh, Softmax, Flatten, Reshape and constant scaling",
        )  # fmt: skip

    def _take_gemm(self, step: Step, node: Any, current: str) -> None:
        said = self._attributes(step, node, alpha=1.0, beta=1.0, transA=0, transB=0)
        if said["transA"]:
            raise self._chain.refuse(step, "transposes its input")
        if len(node.input) < 2:
            raise self._chain.refuse(step, "has no weights")
        self._check_flat(step)
        weights = self._constants.floats(step, node.input[1])
        with np.errstate(all="ignore"):
            if said["alpha"] != 1:
                weights = weights * np.float32(said["alpha"])
            biases = None
            if len(node.input) > 2 and node.input[2] and said["beta"]:
                biases = self._constants.floats(step, node.input[2])
                if said["beta"] != 1:
                    biases = biases * np.float32(said["beta"])
        self._chain.dense(step, weights if said["transB"] else weights.T, None)
        if biases is not None:
            self._chain.add(step, biases)

    def _take_matmul(self, step: Step, node: Any, current: str) -> None:
        if len(node.input) != 2 or node.input[0] != current or node.input[1] == current:
            raise self._chain.refuse(step, "should multiply what comes in by a constant, in order")
        self._check_flat(step)
        weights = self._constants.floats(step, node.input[1])
        self._chain.dense(step, weights.T, None)

    def _other(self, step: Step, node: Any, current: str) -> tuple[NDArray[Any], bool]:
        """Return the constant that a node of two inputs takes, and whether it stands first."""
        if len(node.input) != 2 or node.input[0] == node.input[1]:
            raise self._chain.refuse(step, "expected the row's value and a constant")
        first = node.input[1] == current
        return self._constants.floats(step, node.input[0 if first else 1]), first

    def _take_sum(self, step: Step, node: Any, current: str) -> None:
        values, first = self._other(step, node, current)
        if step.kind == "Add":
            self._chain.add(step, values)
        elif not first:
            self._chain.add(step, -values)
        else:
            self._chain.affine(step, -1.0, values)  # before a first layer: ink and paper exchanged

    def _take_product(self, step: Step, node: Any, current: str) -> None:
        values, first = self._other(step, node, current)
        if step.kind == "Div":
            if first:
                raise self._chain.refuse(step, "divides a constant by what comes in")
            with np.errstate(all="ignore"):
                values = 1 / values.astype(np.float64)
        self._chain.affine(step, values, 0.0)

    def _take_scaler(self, step: Step, node: Any, current: str) -> None:
        said = self._attributes(step, node, offset=[0.0], scale=[1.0])
        offset, scale = (np.array(said[key], np.float64) for key in ("offset", "scale"))
        if not offset.size or not scale.size or (offset.size != scale.size and scale.size != 1):
            raise self._chain.refuse(step, "expected as many offsets as scales")
        with np.errstate(all="ignore"):
            self._chain.affine(step, scale, -offset * scale)

    def _take_flatten(self, step: Step, node: Any, current: str) -> None:
        if self._attributes(step, node, axis=1)["axis"] != 1:
            raise self._chain.refuse(step, "flattens along an axis other than 1")
        self._flat = True

    def _take_reshape(self, step: Step, node: Any, current: str) -> None:
        name = node.input[1] if len(node.input) > 1 else ""
        if name in self._constants:
            self._flat = self._constants.of(step, name).size == 2
        elif self._is_shape(name):
            self._flat = True  # as wide as the next layer's inputs, or that is refused
        else:
            raise self._chain.refuse(step, "reshapes to what is neither constant nor the batch's")

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

    def _take_cast(self, step: Step, node: Any, current: str) -> None:
        if self._attributes(step, node, to=0)["to"] not in FLOATS:
            raise self._chain.refuse(step, "rounds to something other than floats")

    def _take_softmax(self, step: Step, node: Any, current: str) -> None:
        axis = self._attributes(step, node, axis=1 if self._opset < OPSET else -1)["axis"]
        if axis not in (1, -1):
            raise self._chain.refuse(step, f"works along axis {axis}; expected the last")
        if step.kind == "LogSoftmax":
            self._chain.log_softmax(step)
        else:
            self._chain.activate(step, "softmax")

    def _check_flat(self, step: Step) -> None:
        if not self._flat:
            raise self._chain.refuse(step, "acts on each row of a picture; put a Flatten before it")

    # Attributes.

    def _attributes(self, step: Step, node: Any, **usual: Any) -> dict[str, Any]:
        """Return a node's attributes, each of the type that its usual value has."""
        found = dict(usual)
        for attribute in node.attribute:
            if attribute.name not in usual:
                continue
            # ONNX's numbers for an attribute's type: float, whole number, floats.
            wanted = {float: 1, int: 2, list: 6}[type(usual[attribute.name])]
            if attribute.type != wanted:
                raise self._chain.refuse(
                    step, f"its attribute {quoted(attribute.name)} is of the wrong type"
                )
            values = {1: attribute.f, 2: attribute.i, 6: attribute.floats}[wanted]
            found[attribute.name] = list(values) if wanted == 6 else values
        return found
