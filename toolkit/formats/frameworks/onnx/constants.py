"""The constant arrays of an ONNX graph."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.beside import Beside
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks.onnx.external import External
from toolkit.formats.guard import Budget, bfloat16, quoted
from toolkit.formats.limits import Limits
from toolkit.formats.meaning.chain import Step

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
CODES = {"<f4": _FLOAT, "<f8": _DOUBLE, "<f2": _FLOAT16, "bfloat16": _BFLOAT16}
"""ONNX's numbers for types of floats, by what :class:`toolkit.origin.Slot` calls them."""
_CODE_OF = {number: code for code, number in CODES.items()}
_CAST = {_FLOAT, _DOUBLE, _FLOAT16}
_EXTERNAL = 1  # TensorProto.DataLocation
FLOATS = {_FLOAT, _DOUBLE, _FLOAT16, _BFLOAT16}
"""ONNX's numbers for types of floats."""


class Constants:
    """A graph's constants by name, each decoded once however often it is used.

    Parameters
    ----------
    where : str
        What to call the file in an error.
    limits : Limits
    beside : callable
        Returns the content of a file beside the model.
    """

    def __init__(self, where: str, limits: Limits, beside: Beside) -> None:
        self._where = where
        self._external = External(beside, where, limits)
        self._budget = Budget(limits, where)
        self._tensors: dict[str, Any] = {}
        self._decoded: dict[str, NDArray[Any]] = {}
        self._derived: dict[str, tuple[str, Any]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._tensors or name in self._derived

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def keep(self, name: str, tensor: Any) -> None:
        """Take a constant: a message, or an array that is decoded already."""
        if name in self:
            raise NetworkFileError(f"{self._where}: two arrays are called {quoted(name)}")
        self._tensors[name] = tensor

    def derive(self, node: Any) -> bool:
        """Take what a node makes of a constant, if it only turns or passes it on."""
        source = node.input[0] if len(node.input) == 1 else ""
        if node.op_type not in ("Transpose", "Identity", "Cast") or source not in self:
            return False
        if len(node.output) != 1 or node.domain == "ai.onnx.ml" or node.output[0] in self:
            return False
        said = {each.name: each for each in node.attribute}
        if node.op_type == "Cast" and ("to" not in said or said["to"].i not in _CAST):
            return False
        self._derived[node.output[0]] = (source, node)
        return True

    def code(self, name: str) -> str:
        """Return a constant's type of floats as :class:`toolkit.origin.Slot` calls it."""
        while name in self._derived:
            name, node = self._derived[name]
            if node.op_type == "Cast":
                return _CODE_OF[next(each.i for each in node.attribute if each.name == "to")]
        tensor = self._tensors[name]
        if isinstance(tensor, np.ndarray):
            return np.dtype(tensor.dtype).newbyteorder("<").str
        return _CODE_OF.get(tensor.data_type, "<f4")

    def known(self, name: str) -> NDArray[Any]:
        """Return a constant that was asked for before."""
        return self._decoded[name]

    def raw(self, tensor: Any) -> bytes:
        """Return the bytes of an array that is kept in another file."""
        kind, _ = _TYPES.get(tensor.data_type, ("", ""))
        if not kind:
            raise NetworkFileError(
                f"{self._where}: {quoted(tensor.name)} is of no type that is read"
            )
        shape = tuple(int(length) for length in tensor.dims)
        declared = self._budget.tensor(shape, np.dtype(kind).itemsize, quoted(tensor.name))
        return bytes(self._external.content(tensor, declared))

    def number(self, name: str) -> NDArray[Any] | None:
        """Return a constant of one number, or None if it is none."""
        tensor = self._tensors.get(name)
        if tensor is None:
            return None
        if name not in self._decoded:
            size = tensor.size if isinstance(tensor, np.ndarray) else math.prod(tensor.dims)
            if size != 1 or (not isinstance(tensor, np.ndarray) and tensor.data_type not in _TYPES):
                return None
            self._decoded[name] = tensor if isinstance(tensor, np.ndarray) else self._decode(tensor)
        values = self._decoded[name]
        return values.reshape(()) if values.size == 1 else None

    def floats(self, step: Step, name: str) -> NDArray[Any]:
        """Return a constant of floats."""
        values = self.of(step, name)
        if values.dtype.kind != "f":
            raise step.refused(
                self._where, f"{quoted(name)} should hold floats; it holds whole numbers"
            )
        return values

    def of(self, step: Step, name: str) -> NDArray[Any]:
        """Return a constant, decoded once however often it is used."""
        way = []
        while name in self._derived and name not in self._decoded:
            way.append(name)
            name = self._derived[name][0]
        values = self._whole(step, name)
        for name in reversed(way):
            _, node = self._derived[name]
            self._budget.take(0 if node.op_type == "Identity" else values.nbytes)
            values = self._decoded[name] = _made(step, node, values, self._where)
        return values

    def _whole(self, step: Step, name: str) -> NDArray[Any]:
        if name not in self._decoded:
            if name not in self._tensors:
                raise step.refused(
                    self._where, f"{quoted(name)} is computed; only constant weights are understood"
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
        raw = tensor.raw_data if tensor.HasField("raw_data") else None
        if tensor.data_location == _EXTERNAL:
            raw = self._external.content(tensor, declared)
        held = len(getattr(tensor, field)) * dtype.itemsize if raw is None else len(raw)
        if held != declared:
            raise NetworkFileError(
                f"{self._where}: {name} declares shape {shape}, {declared} bytes; it holds {held}"
            )
        if raw is not None:
            values = np.frombuffer(raw, dtype)
        elif field == "int32_data" and dtype.itemsize == 2:
            values = np.array(tensor.int32_data, np.int32).astype(np.uint16).view(dtype)
        else:
            values = np.array(getattr(tensor, field), dtype)
        if tensor.data_type == _BFLOAT16:
            values = bfloat16(values)
        return values.reshape(shape)


def _made(step: Step, node: Any, values: NDArray[Any], where: str) -> NDArray[Any]:
    """Return what a node makes of a constant."""
    said = {each.name: each for each in node.attribute}
    if node.op_type == "Identity":
        return values
    if node.op_type == "Cast":
        code = _CODE_OF[said["to"].i]
        with np.errstate(all="ignore"):
            return values.astype(code)
    axes = list(said["perm"].ints) if "perm" in said else list(range(values.ndim))[::-1]
    if sorted(axes) != list(range(values.ndim)):
        raise step.refused(where, f"{quoted(node.output[0])} is turned by axes that it has not")
    return values.transpose(axes)


def value_of(step: Step, node: Any, where: str) -> Any:
    """Return the value of a node that is a constant: a message, or an array."""
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
    raise step.refused(where, "is a constant of a kind that is not understood")
