"""A model without its layers' weights, and the same model with a network's.

While a graph is walked, each layer says where its numbers stand.  What is left when those are
taken out, names, nodes and every other constant, is the skeleton that an
:class:`~toolkit.origin.Origin` keeps.  Numbers that stand where nothing can be put back alone (in
a Constant node, turned by a Transpose, used by two layers) get an array of their own there.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks.onnx.constants import CODES, Constants
from toolkit.formats.frameworks.onnx.measure import measure
from toolkit.formats.frameworks.onnx.package import onnx_package
from toolkit.formats.limits import LIMITS
from toolkit.formats.meaning import mark
from toolkit.formats.meaning.chain import Back
from toolkit.network import Network
from toolkit.origin import Origin, Slot

KIND = ".onnx"
_DATA = ("raw_data", "float_data", "double_data", "int32_data", "int64_data", "uint64_data",
         "external_data", "data_location")  # fmt: skip
_LISTS_INPUTS = 4
"""From this IR version on a graph's inputs need not list its constants."""


class WayBack:
    """What of a model goes back as it came.

    Parameters
    ----------
    model : onnx.ModelProto
    constants : Constants
    """

    def __init__(self, model: Any, constants: Constants) -> None:
        self._model, self._constants = model, constants
        graph = model.graph
        uses = Counter(name for node in graph.node for name in node.input)
        uses.update(output.name for output in graph.output)
        initializers = {tensor.name for tensor in graph.initializer}
        self._single = {name for name in initializers if uses[name] == 1}
        self._taken = {*uses, *initializers, *(name for node in graph.node for name in node.output)}
        self._counts: Counter[str] = Counter()
        self._moved: list[tuple[int, int, Slot]] = []
        self._attributes: list[tuple[int, str]] = []
        self._changed: list[tuple[int, str, float]] = []
        self._kept: dict[str, NDArray[Any]] = {}
        self._slots: list[Slot] = []

    def slot(self, index: int, at: int, values: NDArray[Any], turned: bool = False) -> Slot:
        """Return where a node's input is kept.

        Parameters
        ----------
        index : int
            The node's place in the graph.
        at : int
            Which of its inputs.
        values : ndarray
            What it is, shaped as it is to go back.
        turned : bool
            Whether weights lie (in, out) there.
        """
        name = self._model.graph.node[index].input[at]
        slot = Slot(name, values.shape, self._constants.code(name), turned)
        if name not in self._single:
            slot = Slot(self._fresh(name), slot.shape, slot.dtype, turned)
            self._moved.append((index, at, slot))
        self._slots.append(slot)
        return slot

    def _fresh(self, name: str) -> str:
        """Return a name that the graph has not, however often it is asked for one."""
        while True:
            self._counts[name] += 1
            fresh = f"{name}_{self._counts[name]}"
            if fresh not in self._taken:
                self._taken.add(fresh)
                return fresh

    def attribute(self, index: int, name: str, values: NDArray[Any]) -> Slot:
        """Return where an attribute of a node keeps numbers."""
        slot = Slot(f"{self._model.graph.node[index].output[0]}/{name}", values.shape)
        self._slots.append(slot)
        self._attributes.append((index, name))
        return slot

    def spare(self, index: int, at: int) -> str:
        """Return the name of what a node adds to a layer that may have no biases, or nothing."""
        name = self._model.graph.node[index].input[at]
        if name not in self._single or self._constants.code(name) not in ("<f2", "<f4", "<f8"):
            return ""
        self._kept[name] = self._constants.known(name)
        return str(name)

    def change(self, index: int, attribute: str, value: float) -> None:
        """Let a node's attribute have another value: what it did is in the numbers."""
        self._changed.append((index, attribute, value))

    def back(self) -> Back:
        """Return what is left of the model, which is taken apart for it."""
        graph = self._model.graph
        moved = {graph.node[index].input[at] for index, at, _ in self._moved}
        for index, at, slot in self._moved:
            graph.node[index].input[at] = slot.name
        for index, name in self._attributes:
            for attribute in graph.node[index].attribute:
                if attribute.name == name:
                    del attribute.floats[:]
        for index, name, value in self._changed:
            node = graph.node[index]
            if name == "op_type":
                node.op_type = "Add"
                continue
            for attribute in node.attribute:
                if attribute.name == name:
                    attribute.f = value
        named = {slot.name: slot for slot in self._slots}
        for tensor in graph.initializer:
            if tensor.name in named or tensor.name in self._kept:
                _clear(tensor)
        _drop_unused(graph, moved)
        for tensor in graph.initializer:
            if tensor.data_location and tensor.name not in named:
                raw = self._constants.raw(tensor)
                _clear(tensor)
                tensor.raw_data = raw
        for _, _, slot in self._moved:
            tensor = graph.initializer.add(name=slot.name, data_type=CODES[slot.dtype])
            tensor.dims.extend(slot.shape)
            if self._model.ir_version < _LISTS_INPUTS:
                kind = graph.input.add(name=slot.name).type.tensor_type
                kind.elem_type = CODES[slot.dtype]
                for length in slot.shape:
                    kind.shape.dim.add(dim_value=length)
        order = (*named, *self._kept)
        return Back(KIND, self._model.SerializeToString(deterministic=True), self._kept, order)


def _clear(tensor: Any) -> None:
    for field in _DATA:
        tensor.ClearField(field)


def _drop_unused(graph: Any, names: set[str]) -> None:
    """Drop what made or held values of these names, where nothing else uses them."""
    uses = Counter(name for node in graph.node for name in node.input)
    uses.update(output.name for output in graph.output)
    makers = {name: node for node in graph.node for name in node.output}
    waiting, dropped = sorted(names), set[str]()
    while waiting:
        name = waiting.pop()
        node = makers.get(name)
        if uses[name] or name in dropped:
            continue
        if node is not None and any(uses[each] for each in node.output):
            continue
        dropped |= {name} if node is None else set(node.output)
        for each in () if node is None else node.input:
            uses[each] -= 1
            waiting.append(each)
    for held in (graph.initializer, graph.input):
        _keep(held, [each for each in held if each.name not in dropped])
    _keep(graph.node, [each for each in graph.node if not dropped & set(each.output)])


def _keep(held: Any, some: list[Any]) -> None:
    """Let a message's list hold some of what it holds."""
    if len(some) < len(held):
        copies = [type(each).FromString(each.SerializeToString()) for each in some]
        del held[:]
        held.extend(copies)


def _mark(model: Any, network: Network, origin: Origin) -> None:
    """Say in the model's metadata what its graph leaves open, in place of what is there of ours."""
    for entry in [entry for entry in model.metadata_props if entry.key == mark.KEY]:
        model.metadata_props.remove(entry)
    scale, shift = origin.places[0].before
    fed = _pixels(model, scale, shift) if np.ndim(scale) or np.ndim(shift) else (scale, shift)
    model.metadata_props.add(key=mark.KEY, value=mark.text_of(network, fed))


def _pixels(model: Any, scale: Any, shift: Any) -> tuple[float, float] | None:
    """Return what a graph that scales each input is itself fed, where its layer is fed this."""
    from toolkit.formats.frameworks.onnx.reader import read  # which asks this module

    own = read(model.SerializeToString(), "the network").origin
    if own is None:
        return None
    each, most = own.places[0].before, int(np.argmax(np.abs(own.places[0].before[0])))
    count = max(map(np.size, (scale, shift, *each)))
    wanted, plus, by, add = (np.broadcast_to(part, count) for part in (scale, shift, *each))
    with np.errstate(all="ignore"):
        found = wanted[most] / by[most], (plus[most] - add[most]) / by[most]
        fits = np.allclose(by * found[0], wanted) and np.allclose(by * found[1] + add, plus)
    if not fits:
        return None
    return float(np.round(found[0], 12)), float(np.round(found[1], 12))


def dumps_back(network: Network) -> bytes:
    """Return the model that a network was read from, with what the network is now.

    The graph, its names, shapes and types are the model's own.  Numbers that it kept in other
    files stand in it.

    Raises
    ------
    ValueError
        If the model has no place for what the network is.
    NetworkFileError
        If the ``onnx`` package is not installed, or what was kept of the model is damaged.
    """
    onnx = onnx_package("the network")
    origin = network.origin
    if origin is None or origin.kind != KIND:
        raise ValueError("the network was not read from an ONNX model whose form is kept")
    with np.errstate(all="ignore"):  # not-a-number of a kind that complains when it is copied
        arrays = origin.arrays(network)
    where = "what is kept of the network's file"
    measure(origin.skeleton, where, LIMITS)
    try:
        model = onnx.load_model_from_string(origin.skeleton)
    except Exception as error:  # protobuf's errors have no common kind
        raise NetworkFileError(f"{where}: damaged ({type(error).__name__})") from error
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    nodes = {node.output[0]: node for node in model.graph.node if node.output}
    for name, array in arrays.items():
        tensor = tensors.get(name)
        if tensor is not None:
            _clear(tensor)
            del tensor.dims[:]
            tensor.dims.extend(array.shape)
            tensor.raw_data = np.ascontiguousarray(array).tobytes()
            continue
        output, _, attribute = name.rpartition("/")
        holders = [each for each in getattr(nodes.get(output), "attribute", ())
                   if each.name == attribute]  # fmt: skip
        if len(holders) != 1:
            raise NetworkFileError(f"{where}: holds no array {name[:80]!r}")
        holders[0].floats.extend(array.ravel().tolist())
    _mark(model, network, origin)
    return bytes(model.SerializeToString(deterministic=True))
