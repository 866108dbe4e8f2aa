"""Tensors out of a PyTorch file's storages, each checked against what its storage holds."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.containers.stand_ins import StoredTensor
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, bfloat16, quoted
from toolkit.formats.meaning.tensors import Tensor

CODES = {
    "FloatStorage": "f4",
    "DoubleStorage": "f8",
    "HalfStorage": "f2",
    "BFloat16Storage": "u2",
    "LongStorage": "i8",
    "IntStorage": "i4",
    "ShortStorage": "i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "b1",
}


class Storages:
    """Tensors out of a file's storages.

    Parameters
    ----------
    size : callable
        The bytes that a storage has, by its key; None where there is none.
    content : callable
        Those bytes.
    order : str
        ``"<"`` or ``">"``.
    budget : Budget
    """

    def __init__(
        self,
        size: Callable[[str], int | None],
        content: Callable[[str], bytes | memoryview],
        order: str,
        budget: Budget,
    ) -> None:
        self._size = size
        self._content = content
        self._order = order
        self._budget = budget
        self._read: dict[str, bytes | memoryview] = {}

    def tensor(self, name: str, tensor: StoredTensor | NDArray[Any]) -> Tensor:
        """Return one tensor, or an array that stands for one.

        Raises
        ------
        NetworkFileError
            If it does not lie in its storage, or its numbers are of no type that is read.
        """
        where, shown = self._budget.where, quoted(name)
        if isinstance(tensor, np.ndarray):
            self._budget.tensor(tensor.shape, tensor.itemsize, shown)
            return Tensor(name, tensor, tensor.dtype.str)
        storage = tensor.storage
        if storage.kind not in CODES:
            raise NetworkFileError(
                f"{where}: {shown} holds numbers of type {storage.kind.removesuffix('Storage')}, "
                "which are not read; save it as .float()"
            )
        kind = np.dtype(self._order + CODES[storage.kind])
        held = self._size(storage.key)
        if held is None:
            raise NetworkFileError(f"{where}: the numbers of {shown} are missing")
        if storage.count < 0 or held != storage.count * kind.itemsize:
            raise NetworkFileError(
                f"{where}: the storage of {shown} should hold {_count(storage.count)} "
                f"numbers of {kind.itemsize} bytes; it holds {held} bytes"
            )
        shape, strides = tensor.shape, tensor.strides
        if (
            not isinstance(shape, tuple)
            or not isinstance(strides, tuple)
            or len(shape) != len(strides)
            or not all(type(step) is int and step >= 0 for step in (tensor.offset, *strides))
        ):
            raise NetworkFileError(f"{where}: {shown} declares a shape or strides that are none")
        taken = self._budget.tensor(shape, kind.itemsize, shown)
        is_bfloat16 = storage.kind == "BFloat16Storage"
        if is_bfloat16:
            self._budget.take(taken)  # widened here
        assert isinstance(tensor.offset, int)
        reach = tensor.offset + sum(
            (size - 1) * step for size, step in zip(shape, strides, strict=True)
        )
        count = math.prod(shape)
        if count and (reach >= storage.count or count > storage.count):
            raise NetworkFileError(
                f"{where}: {shown} of shape {shape} reaches beyond its storage of "
                f"{storage.count} numbers, or uses them more than once"
            )
        dtype = "bfloat16" if is_bfloat16 else kind.str
        if not count:
            return Tensor(name, np.zeros(shape, np.float32), dtype)
        if storage.key not in self._read:
            self._read[storage.key] = self._content(storage.key)
        flat = np.frombuffer(self._read[storage.key], kind)
        view = np.ndarray(
            shape,
            kind,
            flat,
            tensor.offset * kind.itemsize,
            # Where there is one step to take, its length means nothing, and may be absurd.
            tuple(
                step * kind.itemsize if size > 1 else 0
                for size, step in zip(shape, strides, strict=True)
            ),
        )
        place = (storage.key, tensor.offset, strides)
        return Tensor(name, bfloat16(view) if is_bfloat16 else view, dtype, place)


def _count(count: int) -> str:
    """Show a declared count to people, however absurd."""
    return str(count) if abs(count) < 10**12 else "10^12 or more"
