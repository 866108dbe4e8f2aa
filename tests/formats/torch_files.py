"""PyTorch's files without PyTorch: Python's own pickler, and arrays that stand for tensors."""

from __future__ import annotations

import io
import pickle
import sys
import types
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from tests.formats.samples import torch_zip

MAGIC = 0x1950A86A20F9469CFC6C
_KINDS = {"f4": "Float", "f8": "Double", "f2": "Half", "i8": "Long", "i1": "Char"}


class _Storage:
    """A storage while it is pickled."""

    def __init__(self, kind: type, key: str, count: int) -> None:
        self.described = ("storage", kind, key, "cpu", count)


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, torch: dict[str, types.ModuleType]) -> None:
        super().__init__(file, 2)
        self.torch = torch
        self.storages: dict[str, bytes] = {}
        self.counts: dict[str, int] = {}

    def persistent_id(self, value: Any) -> Any:
        return value.described if isinstance(value, _Storage) else None

    def reducer_override(self, value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return NotImplemented
        key = str(len(self.storages))
        flat = np.ascontiguousarray(value)
        self.storages[key], self.counts[key] = flat.tobytes(), flat.size
        kind = getattr(self.torch["torch"], _KINDS[value.dtype.str[1:]] + "Storage")
        strides = tuple(int(np.prod(value.shape[n + 1 :])) for n in range(value.ndim))
        return self.torch["torch._utils"]._rebuild_tensor_v2, (
            _Storage(kind, key, flat.size), 0, value.shape, strides, False, OrderedDict(),
        )  # fmt: skip


@contextmanager
def torch_names(*more: str) -> Iterator[dict[str, Any]]:
    """Let pickle find PyTorch's names, and `more` classes (``"torch.nn.modules.linear.Linear"``).

    Yields
    ------
    dict of str to object
        Modules, and those classes, by their full names.
    """
    names = ["torch._utils._rebuild_tensor_v2", *(f"torch.{kind}Storage" for kind in
             _KINDS.values()), *more]  # fmt: skip
    found: dict[str, Any] = {"torch": types.ModuleType("torch")}
    for full in names:
        module, _, name = full.rpartition(".")
        above = module.rpartition(".")[0]
        if above and above != "torch":
            found.setdefault(above, types.ModuleType(above))
        found.setdefault(module, types.ModuleType(module))
        made = type(name, (), {"__module__": module})
        setattr(found[module], name, made)
        found[full] = made
    modules = {name: part for name, part in found.items() if isinstance(part, types.ModuleType)}
    with mock.patch.dict(sys.modules, modules):
        yield found


def saved(value: Any, *more: str, legacy: bool = False) -> bytes:
    """Return what ``torch.save`` makes of a value whose tensors are arrays."""
    with torch_names(*more) as torch:
        buffer = io.BytesIO()
        pickler = _Pickler(buffer, torch)
        pickler.dump(value(torch) if callable(value) else value)
    if not legacy:
        return torch_zip(buffer.getvalue(), pickler.storages)
    machine = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"int": 4}}
    parts = [pickle.dumps(part, 2) for part in (MAGIC, 1001, machine)]
    parts += [buffer.getvalue(), pickle.dumps(list(pickler.storages), 2)]
    for key, raw in pickler.storages.items():
        parts += [pickler.counts[key].to_bytes(8, "little"), raw]
    return b"".join(parts)


def linear(
    *sizes: int, prefix: str = "", biased: bool = True, seed: int = 0, dtype: str = "<f4"
) -> dict[str, NDArray[Any]]:
    """Return the state_dict of ``nn.Sequential`` with a layer and an activation in turn."""
    rng = np.random.default_rng(seed)
    found: dict[str, NDArray[Any]] = {}
    for number, (into, out) in enumerate(pairwise(sizes)):
        found[f"{prefix}{2 * number}.weight"] = rng.normal(0, 1, (out, into)).astype(dtype)
        if biased:
            found[f"{prefix}{2 * number}.bias"] = rng.normal(0, 1, out).astype(dtype)
    return found


def module(torch: dict[str, Any], name: str, **parts: Any) -> Any:
    """Return a whole module of a class: its tensors and its modules by name."""
    made = torch[name]()
    made._parameters = {key: part for key, part in parts.items() if isinstance(part, np.ndarray)}
    made._buffers = {}
    made._non_persistent_buffers_set = set()
    made._modules = {key.lstrip("_"): part for key, part in parts.items()
                     if not isinstance(part, np.ndarray)}  # fmt: skip
    made.training = False
    return made
