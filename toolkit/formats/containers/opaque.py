"""Objects of PyTorch checkpoints that are no numbers: names as data, and nothing behind them.

A checkpoint keeps beside its tensors what its training was told: an ``argparse.Namespace``, a
path, a set, a class of somebody's own.  Each becomes an :class:`Opaque`, which says what it is
called and takes up whatever its instructions would have given it.  Nothing is fetched or called
either way; what decides between an opaque record and a refusal is what a person should be told.
The names of Python's own library, of NumPy and of PyTorch are known one by one: those of data
are opaque, and any other (``os.system``) is refused, since no honest checkpoint calls it and
whoever opens the file elsewhere would.  A class from elsewhere is opaque.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from toolkit.formats.guard import quoted


@dataclass(frozen=True)
class Name:
    """A global's name, as data."""

    module: str
    name: str

    def __str__(self) -> str:
        return quoted(f"{self.module}.{self.name}")[1:-1]


@dataclass(eq=False, slots=True)
class Opaque:
    """Something of which only the name is known.

    Attributes
    ----------
    name : Name
        Of the class, or of what would have made it.
    state : dict or None
        Its attributes where the pickle gives them, such as a module's; walk them with a bound.
    """

    name: Name
    state: dict[str, Any] | None = None


SET = Name("builtins", "set")

_NOT_READ = {
    "_rebuild_qtensor": "a quantised tensor; dequantize it first",
    "_rebuild_sparse_tensor": "a sparse tensor; save its to_dense()",
    "_rebuild_sparse_csr_tensor": "a sparse tensor; save its to_dense()",
    "_rebuild_nested_tensor": "a nested tensor, which is no matrix",
    "_rebuild_meta_tensor_no_storage": "a tensor without numbers (of the device 'meta')",
    "_rebuild_tensor_v3": "a tensor of a type that is not read; save its float()",
    "_rebuild_wrapper_subclass": "a tensor of a class of its own; save its plain tensor",
    "_rebuild_device_tensor_from_numpy": "a tensor of another device; save its cpu()",
    "_rebuild_device_tensor_from_cpu_tensor": "a tensor of another device; save its cpu()",
}


def tensor_not_read(value: object) -> str:
    """Return in words what kind of tensor an opaque record is, else ``""``."""
    if isinstance(value, Opaque) and value.name.module == "torch._utils":
        return _NOT_READ.get(value.name.name, "")
    return ""


_PATHS = ("Path", "PurePath", "PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath")
_BUILTINS = ("set", "frozenset", "list", "dict", "tuple", "int", "float", "str", "bool", "bytes",
             "bytearray", "complex", "range", "slice", "object", "long", "unicode")  # fmt: skip
_NUMBERS = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16",
            "uint32", "uint64")  # fmt: skip
_DATA: dict[str, tuple[str, ...]] = {
    "argparse": ("Namespace",),
    "builtins": _BUILTINS,
    "__builtin__": _BUILTINS,
    "collections": ("Counter", "deque", "ChainMap", "UserDict"),
    "pathlib": _PATHS,
    "pathlib._local": _PATHS,
    "datetime": ("datetime", "date", "time", "timedelta", "timezone"),
    "decimal": ("Decimal",),
    "fractions": ("Fraction",),
    "uuid": ("UUID",),
    "types": ("SimpleNamespace", "MappingProxyType"),
    "numpy": (*_NUMBERS, "bool_", "bool"),
    "numpy.random._pickle": (
        "__randomstate_ctor", "__generator_ctor", "__bit_generator_ctor",
    ),
    "torch": (
        *_NUMBERS, "device", "Tensor", "bool", "float", "double", "half", "bfloat16", "int", "long",
        "short", "complex32", "complex64", "complex128", "cfloat", "cdouble",
        "qint8", "quint8", "qint32",
        "float8_e4m3fn", "float8_e5m2", "per_tensor_affine", "per_channel_affine",
        "contiguous_format", "preserve_format", "channels_last",
    ),
    "torch.serialization": ("_get_layout",),
    "torch.torch_version": ("TorchVersion",),
    "torch._utils": tuple(_NOT_READ),
}  # fmt: skip
_DATA_BELOW = ("torch.nn.", "torch.optim.")
"""Modules, losses, optimisers and schedules: classes and functions as names."""

_KNOWN_ROOTS = frozenset(
    {*sys.stdlib_module_names, "numpy", "torch", "__builtin__", "commands", "copy_reg", "popen2",
     "urllib2", "cPickle", "exceptions", "new", "thread"}
) - {"__main__"}  # fmt: skip


def is_opaque(found: Name) -> bool:
    """Tell whether a name of a checkpoint becomes an opaque record."""
    root = found.module.partition(".")[0]
    if root not in _KNOWN_ROOTS:
        return root != ""
    return found.name in _DATA.get(found.module, ()) or found.module.startswith(_DATA_BELOW)
