"""ONNX, read and written with the ``onnx`` package, nothing executed.

A fully connected network is a row of nodes: Gemm, or MatMul and Add, an activation function, the
next.  Around it stand what exporters put there: flattening, scaling of the input by constants, a
choice of the winning class at the end.  Those are understood; any other node is refused by name.

The message is measured before it is parsed: weights may be large, but all that describes them
must fit the header's limit, since a parsed message takes many times its bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.chain import Chain, Step
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, mebibytes, quoted
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.reading import Reading
from toolkit.network import Network

_INSTALL = "pip install 'weight-map-toolkit[formats]'"
_PRODUCER = "weight-map-toolkit"
_OPSET, _IR_VERSION = 13, 7
"""The first opset whose softmax works on the last axis; old enough for any runtime in use."""

_ACTIVATIONS = {"Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softmax": "softmax"}
_OPERATORS = {"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "softmax": "Softmax"}
_PASSED = {"Identity", "Dropout", "Squeeze", "Unsqueeze"}
_ANSWERS = {"ArgMax", "TopK", "ZipMap", "ArrayFeatureExtractor"}
"""Nodes that name the winner; what they are given is what a network answers here."""
_SHAPES = {"Shape", "Gather", "Unsqueeze", "Squeeze", "Concat", "Slice", "Cast", "Mul", "Identity"}
"""Nodes of which exporters compute the batch's size for a Reshape."""
_DOMAINS = {"", "ai.onnx", "ai.onnx.ml"}

# ONNX's numbers for its types of tensor elements.
_FLOAT, _INT32, _INT64, _FLOAT16, _DOUBLE, _BFLOAT16 = 1, 6, 7, 10, 11, 16
_TYPES: dict[int, tuple[str, str]] = {
    _FLOAT: ("<f4", "float_data"),
    _DOUBLE: ("<f8", "double_data"),
    _FLOAT16: ("<f2", "int32_data"),
    _BFLOAT16: ("<u2", "int32_data"),
    _INT32: ("<i4", "int32_data"),
    _INT64: ("<i8", "int64_data"),
}
_FLOATS = {_FLOAT, _DOUBLE, _FLOAT16}


def read(data: bytes, where: str = "file", limits: Limits = LIMITS) -> Reading:
    """Read a network from the bytes of an ONNX file.

    Parameters
    ----------
    data : bytes
    where : str
        What to call the file in an error.
    limits : Limits

    Returns
    -------
    Reading
        Weights are (out, in), activations as the graph has them.

    Raises
    ------
    NetworkFileError
        If it is damaged, asks for too much, keeps data in other files, or is not one row of
        fully connected layers; or if the ``onnx`` package is not installed.
    """
    if len(data) > limits.file_bytes:
        raise NetworkFileError(
            f"{where}: {mebibytes(len(data))}; at most {mebibytes(limits.file_bytes)} are read"
        )
    _measure(data, where, limits)
    onnx = _onnx(where)
    try:
        model = onnx.load_model_from_string(data)
        reading = _Graph(model, where, limits).reading()
    except NetworkFileError:
        raise
    except Exception as error:  # protobuf's errors have no common kind
        raise _damaged(where, f"{type(error).__name__}: {quoted(str(error))[1:-1]}") from error
    return reading


def dumps(network: Network) -> bytes:
    """Return the network as an ONNX file; the same network gives the same bytes.

    Its input ``pixels`` has shape (batch, inputs), its output ``outputs`` (batch, neurons).

    Parameters
    ----------
    network : Network

    Raises
    ------
    NetworkFileError
        If the ``onnx`` package is not installed.
    """
    onnx = _onnx("the network")
    make, single = onnx.helper, onnx.TensorProto.FLOAT
    nodes, tensors, last = [], [], "pixels"
    for number, layer in enumerate(network.layers, 1):
        names = [f"weights_{number}", f"biases_{number}"]
        for name, values in zip(names, (layer.weights, layer.biases), strict=True):
            raw = np.ascontiguousarray(values, "<f4").tobytes()
            tensors.append(make.make_tensor(name, single, values.shape, raw, raw=True))
        operator = _OPERATORS.get(layer.activation)
        final = "outputs" if number == len(network.layers) else f"activations_{number}"
        summed = final if operator is None else f"sums_{number}"
        nodes.append(make.make_node("Gemm", [last, *names], [summed], f"layer_{number}", transB=1))
        if operator is not None:
            at = {"axis": -1} if operator == "Softmax" else {}
            nodes.append(make.make_node(operator, [summed], [final], f"activation_{number}", **at))
        last = final
    ends = [
        make.make_tensor_value_info(name, single, ["batch", size])
        for name, size in (("pixels", network.sizes[0]), ("outputs", network.sizes[-1]))
    ]
    graph = make.make_graph(nodes, network.name, ends[:1], ends[1:], tensors)
    model = make.make_model(
        graph,
        producer_name=_PRODUCER,
        ir_version=_IR_VERSION,
        opset_imports=[make.make_opsetid("", _OPSET)],
    )
    said = {"provenance": json.dumps(dict(network.provenance), ensure_ascii=False)}
    make.set_model_props(model, said)
    return bytes(model.SerializeToString(deterministic=True))


def _onnx(what: str) -> Any:
    try:
        import onnx
        import onnx.helper
    except ImportError as error:
        raise NetworkFileError(
            f"{what}: an ONNX file is read and written by the onnx package: {_INSTALL}"
        ) from error
    return onnx


def _damaged(where: str, how: str) -> NetworkFileError:
    return NetworkFileError(f"{where}: damaged, or no ONNX file ({how}); save or download it again")


# --- Measuring a message without parsing it ---------------------------------------------------

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_GRAPH, _NODE, _INITIALIZER, _ATTRIBUTE, _TENSOR = (7,), (7, 1), (7, 5), (7, 1, 5), (7, 1, 5, 5)
_WALKED = {_GRAPH, _NODE, _INITIALIZER, _ATTRIBUTE, _TENSOR}
_PAYLOADS = {(*tensor, field) for tensor in (_INITIALIZER, _TENSOR) for field in (4, 9, 10)}
"""Where a message keeps weights: float_data, raw_data and double_data, as large parsed as not."""


def _measure(data: bytes, where: str, limits: Limits) -> None:
    """Refuse a message that describes too much for what it holds.

    A node of two bytes takes a hundred parsed; sixty-four megabytes of them would take more than
    the machine has.
    """
    counts = {_NODE: 0, _INITIALIZER: 0}
    described = 0
    waiting: list[tuple[tuple[int, ...], int, int]] = [((), 0, len(data))]
    while waiting:
        path, start, end = waiting.pop()
        for field, at, stop, after in _fields(data, start, end, where):
            place = (*path, field)
            described += (at - start) if place in _PAYLOADS else (after - start)
            start = after
            if place in counts:
                counts[place] += 1
                if counts[place] > limits.tensors:
                    raise NetworkFileError(f"{where}: more than {limits.tensors} nodes or arrays")
            if place in _WALKED:
                described -= stop - at
                waiting.append((place, at, stop))
            if described > limits.header_bytes:
                raise NetworkFileError(
                    f"{where}: all but its weights takes more than "
                    f"{mebibytes(limits.header_bytes)}, the most that is read"
                )


def _fields(data: bytes, at: int, end: int, where: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield each field's number, where its content starts and stops, and where the next begins."""
    while at < end:
        key, at = _varint(data, at, end, where)
        field, kind = key >> 3, key & 7
        if kind == _VARINT:
            start = at
            _, at = _varint(data, at, end, where)
        elif kind == _LENGTH:
            length, start = _varint(data, at, end, where)
            at = start + length
        elif kind in (_FIXED32, _FIXED64):
            start = at
            at += 4 if kind == _FIXED32 else 8
        else:
            raise _damaged(where, f"a field of wire type {kind}")
        if at > end:
            raise _damaged(where, "it breaks off")
        # A number where a message belongs has nothing to walk.
        yield field if kind == _LENGTH else -field, start, at, at


def _varint(data: bytes, at: int, end: int, where: str) -> tuple[int, int]:
    value = shift = 0
    while at < end:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise _damaged(where, "a number of more than 64 bits")
    raise _damaged(where, "it breaks off")


# --- Walking the graph ------------------------------------------------------------------------


class _Graph:
    """A parsed model, walked from its input along its one row of nodes.

    Parameters
    ----------
    model : onnx.ModelProto
    where : str
    limits : Limits

    Raises
    ------
    NetworkFileError
        If it holds what a row of layers does not need.
    """

    def __init__(self, model: Any, where: str, limits: Limits) -> None:
        self._model, self._graph, self._where, self._limits = model, model.graph, where, limits
        self._budget = Budget(limits, where)
        self._chain = Chain(where, limits)
        self._opset = max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")),
                          default=1)  # fmt: skip
        self._flat = True
        self._tensors: dict[str, Any] = {}
        self._decoded: dict[str, NDArray[Any]] = {}
        if len(model.functions):
            raise NetworkFileError(
                f"{where}: defines functions of its own ({quoted(model.functions[0].name)}); "
                "export without them"
            )
        if len(self._graph.sparse_initializer):
            raise NetworkFileError(f"{where}: holds sparse arrays; export them dense")
        for tensor in self._graph.initializer:
            self._keep(tensor.name, tensor)
        self._nodes = []
        for index, node in enumerate(self._graph.node):
            step = Step(node.name or next(iter(node.output), "") or f"node {index}", node.op_type)
            if node.domain not in _DOMAINS:
                raise self._chain.refuse(step, f"of domain {quoted(node.domain)} is not understood")
            if node.op_type == "Constant" and node.domain != "ai.onnx.ml":
                self._keep(next(iter(node.output), ""), self._constant_of(step, node))
            else:
                self._nodes.append((step, node))
        self._consumers: dict[str, list[int]] = {}
        makers: set[str] = set(self._tensors)
        for index, (step, node) in enumerate(self._nodes):
            for name in set(node.input) - {""}:
                self._consumers.setdefault(name, []).append(index)
            for name in node.output:
                if name in makers and name:
                    raise self._chain.refuse(step, f"makes {quoted(name)} a second time")
                makers.add(name)

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
        provenance = {}
        producer = " ".join(filter(None, (self._model.producer_name, self._model.producer_version)))
        if self._model.producer_name == _PRODUCER:
            provenance = self._our_provenance()
        elif producer:
            provenance["made with"] = quoted(producer)[1:-1]
        return self._chain.done("ONNX", self._graph.name[:200] or "network", provenance)

    def _our_provenance(self) -> dict[str, str]:
        for entry in self._model.metadata_props:
            if entry.key == "provenance":
                try:
                    said = json.loads(entry.value)
                    return {str(key): str(value) for key, value in said.items()}
                except (ValueError, AttributeError, RecursionError):
                    break
        return {}

    def _input(self) -> str:
        inputs = [value for value in self._graph.input if value.name not in self._tensors]
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
            elif not inputs <= set(self._tensors) or not inputs:
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
            if self._constant(step, node.input[2]).any():
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
        weights = self._floats(step, node.input[1])
        with np.errstate(all="ignore"):
            if said["alpha"] != 1:
                weights = weights * np.float32(said["alpha"])
            biases = None
            if len(node.input) > 2 and node.input[2] and said["beta"]:
                biases = self._floats(step, node.input[2])
                if said["beta"] != 1:
                    biases = biases * np.float32(said["beta"])
        self._chain.dense(step, weights if said["transB"] else weights.T, None)
        if biases is not None:
            self._chain.add(step, biases)

    def _take_matmul(self, step: Step, node: Any, current: str) -> None:
        if len(node.input) != 2 or node.input[0] != current or node.input[1] == current:
            raise self._chain.refuse(step, "should multiply what comes in by a constant, in order")
        self._check_flat(step)
        weights = self._floats(step, node.input[1])
        self._chain.dense(step, weights.T, None)

    def _other(self, step: Step, node: Any, current: str) -> tuple[NDArray[Any], bool]:
        """Return the constant that a node of two inputs takes, and whether it stands first."""
        if len(node.input) != 2 or node.input[0] == node.input[1]:
            raise self._chain.refuse(step, "expected the row's value and a constant")
        first = node.input[1] == current
        return self._floats(step, node.input[0 if first else 1]), first

    def _take_sum(self, step: Step, node: Any, current: str) -> None:
        values, first = self._other(step, node, current)
        if step.kind == "Add":
            self._chain.add(step, values)
        elif not first:
            self._chain.add(step, -values)
        elif not self._chain.started:
            self._chain.scale(step, -1.0, values)  # ink and paper exchanged
        else:
            raise self._chain.refuse(step, "takes a layer's activations from a constant")

    def _take_product(self, step: Step, node: Any, current: str) -> None:
        values, first = self._other(step, node, current)
        if step.kind == "Div":
            if first:
                raise self._chain.refuse(step, "divides a constant by what comes in")
            with np.errstate(all="ignore"):
                values = 1 / values.astype(np.float64)
        self._chain.scale(step, values, 0.0)

    def _take_scaler(self, step: Step, node: Any, current: str) -> None:
        said = self._attributes(step, node, offset=[0.0], scale=[1.0])
        offset, scale = (np.array(said[key], np.float64) for key in ("offset", "scale"))
        if not offset.size or not scale.size or (offset.size != scale.size and scale.size != 1):
            raise self._chain.refuse(step, "expected as many offsets as scales")
        with np.errstate(all="ignore"):
            self._chain.scale(step, scale, -offset * scale)

    def _take_flatten(self, step: Step, node: Any, current: str) -> None:
        if self._attributes(step, node, axis=1)["axis"] != 1:
            raise self._chain.refuse(step, "flattens along an axis other than 1")
        self._flat = True

    def _take_reshape(self, step: Step, node: Any, current: str) -> None:
        name = node.input[1] if len(node.input) > 1 else ""
        if name in self._tensors:
            self._flat = self._constant(step, name).size == 2
        elif self._is_shape(name):
            self._flat = True  # as wide as the next layer's inputs, or that is refused
        else:
            raise self._chain.refuse(step, "reshapes to what is neither constant nor the batch's")

    def _is_shape(self, name: str) -> bool:
        """Tell whether a value is computed from shapes and constants alone."""
        makers = {output: node for _, node in self._nodes for output in node.output}
        waiting, seen = [name], set()
        while waiting:
            value = waiting.pop()
            if value in self._tensors or value in seen:
                continue
            seen.add(value)
            node = makers.get(value)
            if node is None or node.op_type not in _SHAPES:
                return False
            if node.op_type != "Shape":
                waiting.extend(filter(None, node.input))
        return bool(name)

    def _take_cast(self, step: Step, node: Any, current: str) -> None:
        if self._attributes(step, node, to=0)["to"] not in (*_FLOATS, _BFLOAT16):
            raise self._chain.refuse(step, "rounds to something other than floats")

    def _take_softmax(self, step: Step, node: Any, current: str) -> None:
        axis = self._attributes(step, node, axis=1 if self._opset < _OPSET else -1)["axis"]
        if axis not in (1, -1):
            raise self._chain.refuse(step, f"works along axis {axis}; expected the last")
        note = (
            "The file ends in log-softmax; it is shown as softmax, whose logarithm that is."
            if step.kind == "LogSoftmax"
            else ""
        )
        self._chain.activate(step, "softmax", note)

    def _check_flat(self, step: Step) -> None:
        if not self._flat:
            raise self._chain.refuse(step, "acts on each row of a picture; put a Flatten before it")

    # Attributes and constants.

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

    def _constant_of(self, step: Step, node: Any) -> Any:
        for attribute in node.attribute:
            if attribute.name == "value" and attribute.HasField("t"):
                return attribute.t
            if attribute.name == "value_float":
                return np.array(attribute.f, np.float32)
            if attribute.name == "value_int":
                return np.array(attribute.i, np.int64)
            if attribute.name == "value_floats":
                return np.array(attribute.floats, np.float32)
            if attribute.name == "value_ints":
                return np.array(attribute.ints, np.int64)
        raise self._chain.refuse(step, "is a constant of a kind that is not understood")

    def _keep(self, name: str, tensor: Any) -> None:
        if name in self._tensors:
            raise NetworkFileError(f"{self._where}: two arrays are called {quoted(name)}")
        if not isinstance(tensor, np.ndarray) and (
            tensor.data_location == 1 or len(tensor.external_data)
        ):
            raise NetworkFileError(
                f"{self._where}: the array {quoted(name)} is kept in another file; export the "
                "model in one file"
            )
        self._tensors[name] = tensor

    def _floats(self, step: Step, name: str) -> NDArray[Any]:
        values = self._constant(step, name)
        if values.dtype.kind != "f":
            raise self._chain.refuse(step, f"{quoted(name)} should hold floats; it holds whole "
                                     "numbers")  # fmt: skip
        return values

    def _constant(self, step: Step, name: str) -> NDArray[Any]:
        """Return a constant, decoded once however often it is used."""
        if name not in self._decoded:
            if name not in self._tensors:
                raise self._chain.refuse(
                    step, f"{quoted(name)} is computed; only constant weights are understood"
                )
            tensor = self._tensors[name]
            whole = isinstance(tensor, np.ndarray)
            self._decoded[name] = tensor if whole else self._decode(tensor)
        return self._decoded[name]

    def _decode(self, tensor: Any) -> NDArray[Any]:
        name = f"the array {quoted(tensor.name)}"
        if tensor.data_type not in _TYPES:
            raise NetworkFileError(
                f"{self._where}: {name} holds elements of ONNX type {tensor.data_type}; expected "
                "floats of 16, 32 or 64 bits"
            )
        kind, field = _TYPES[tensor.data_type]
        shape = tuple(int(length) for length in tensor.dims)
        dtype = np.dtype(kind)
        declared = self._budget.tensor(shape, dtype.itemsize, name)
        if tensor.HasField("raw_data"):
            held = len(tensor.raw_data)
        else:
            held = len(getattr(tensor, field)) * dtype.itemsize
        if held != declared:
            raise NetworkFileError(
                f"{self._where}: {name} declares shape {shape}, {declared} bytes; it holds {held}"
            )
        if tensor.HasField("raw_data"):
            values = np.frombuffer(tensor.raw_data, dtype)
        elif field == "int32_data" and dtype.itemsize == 2:
            values = np.array(tensor.int32_data, np.int32).astype(np.uint16).view(dtype)
        else:
            values = np.array(getattr(tensor, field), dtype)
        if tensor.data_type == _BFLOAT16:
            values = (values.astype(np.uint32) << np.uint32(16)).view(np.float32)
        return values.reshape(shape)
