"""PyTorch's ``.pt`` and ``.pth`` files (the zip form), read without PyTorch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.containers import inert_pickle
from toolkit.formats.containers.stand_ins import StoredTensor
from toolkit.formats.containers.zip import Archive
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, bfloat16, quoted
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning.pairing import from_arrays
from toolkit.formats.meaning.reading import Reading

_CODES = {
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
_WRAPPINGS = ("state_dict", "model_state_dict", "model", "net", "network", "weights", "params")
_ADVICE = "load it in PyTorch and torch.save the model's state_dict()"


def is_torch(archive: Archive) -> bool:
    """Tell whether an archive is PyTorch's, by its members' names."""
    return any(name.rpartition("/")[2] == "data.pkl" for name in archive.members)


def is_legacy_tar(data: bytes) -> bool:
    """Tell whether bytes are a tar archive, PyTorch's form of 2016."""
    return data[257:262] == b"ustar"


def refuse_tar(where: str) -> NetworkFileError:
    """Return the error for a tar archive."""
    return NetworkFileError(
        f"{where}: a tar archive, as PyTorch wrote in its first versions; {_ADVICE} again"
    )


def read(archive: Archive, where: str = "file", limits: Limits = LIMITS) -> Reading:
    """Read a state_dict.

    Parameters
    ----------
    archive : Archive
        One that :func:`is_torch`.

    Raises
    ------
    NetworkFileError
        Also if it is TorchScript, holds other objects, or tensors that do not lie in their storage.
    """
    pickles = [name for name in archive.members if name.rpartition("/")[2] == "data.pkl"]
    root = pickles[0].rpartition("/")[0]
    root = f"{root}/" if root else ""
    if f"{root}constants.pkl" in archive.members or any(
        name.startswith(f"{root}code/") for name in archive.members
    ):
        raise NetworkFileError(
            f"{where}: a TorchScript program, whose code would have to be executed; {_ADVICE} "
            "instead"
        )
    if len(pickles) > 1:
        raise NetworkFileError(f"{where}: holds two data.pkl; {_ADVICE} again")
    order = "<"
    if f"{root}byteorder" in archive.members:
        order = {b"little": "<", b"big": ">"}.get(archive.read(f"{root}byteorder"), "")
        if not order:
            raise NetworkFileError(f"{where}: says nothing of its byte order; {_ADVICE} again")
    if archive.members[pickles[0]].size > limits.header_bytes:
        raise NetworkFileError(
            f"{where}: its data.pkl has {archive.members[pickles[0]].size >> 10} KiB; at most "
            f"{limits.header_bytes >> 10} KiB are read; {_ADVICE} alone"
        )
    value = inert_pickle.loads(archive.read(pickles[0]), Budget(limits, where), torch=True)
    notes: list[str] = []
    entries = _state_dict(value, where, notes)
    storages = _Storages(archive, f"{root}data/", order, Budget(limits, where))
    arrays = [(name, storages.tensor(name, tensor)) for name, tensor in entries]
    return from_arrays("PyTorch state_dict", arrays, where, limits, inputs_first=False, notes=notes)


def _state_dict(value: Any, where: str, notes: list[str]) -> list[tuple[str, StoredTensor]]:
    """Find the tensors by name, in a checkpoint's own dict if they are wrapped."""
    if isinstance(value, list | tuple) and any(isinstance(part, StoredTensor) for part in value):
        value = {str(number): part for number, part in enumerate(value)}
    for _ in range(2):
        if not isinstance(value, dict):
            break
        tensors = [(name, part) for name, part in value.items() if isinstance(part, StoredTensor)]
        if tensors:
            rest = [quoted(name) for name in value if not isinstance(value[name], StoredTensor)]
            if rest:
                notes.append(f"Left out what are no tensors: {', '.join(rest[:6])}.")
            return tensors
        inside = next(
            (name for name in _WRAPPINGS if isinstance(value.get(name), dict)), None
        )  # fmt: skip
        if inside is None:
            break
        notes.append(f"Took the tensors under {quoted(inside)} of a checkpoint.")
        value = value[inside]
    raise NetworkFileError(
        f"{where}: a PyTorch file that holds no state_dict (a dict of tensors by name); {_ADVICE}"
    )


class _Storages:
    """Tensors out of an archive's storages, each checked against what its storage holds."""

    def __init__(self, archive: Archive, folder: str, order: str, budget: Budget) -> None:
        self._archive = archive
        self._folder = folder
        self._order = order
        self._budget = budget
        self._read: dict[str, bytes] = {}

    def tensor(self, name: str, tensor: StoredTensor) -> NDArray[Any]:
        where, shown = self._budget.where, quoted(name)
        storage = tensor.storage
        kind = np.dtype(self._order + _CODES[storage.kind])
        member = self._archive.members.get(self._folder + storage.key)
        if member is None:
            raise NetworkFileError(f"{where}: the numbers of {shown} are missing")
        if storage.count < 0 or member.size != storage.count * kind.itemsize:
            raise NetworkFileError(
                f"{where}: the storage of {shown} should hold {_count(storage.count)} "
                f"numbers of {kind.itemsize} bytes; it holds {member.size} bytes"
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
        if storage.kind == "BFloat16Storage":
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
        if not count:
            return np.zeros(shape, np.float32)
        if storage.key not in self._read:
            self._read[storage.key] = self._archive.read(member.name)
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
        return bfloat16(view) if storage.kind == "BFloat16Storage" else view


def _count(count: int) -> str:
    """Show a declared count to people, however absurd."""
    return str(count) if abs(count) < 10**12 else "10^12 or more"
