"""What the few known names in a pickle stand for: NumPy's arrays and PyTorch's tensors.

The names are words to compare with; nothing is fetched or called by them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.containers.advice import advice_for
from toolkit.formats.containers.opaque import Name, Opaque, is_opaque
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, quoted

MOST_INSTRUCTIONS = 1_000_000
"""Of one pickle; also the largest whole number that a dict may have as a key."""
_MOST_NAMES = 10_000  # of different globals


@dataclass(frozen=True)
class Storage:
    """What a PyTorch pickle says of a tensor's storage; its numbers lie elsewhere.

    Attributes
    ----------
    kind : str
        ``FloatStorage`` and the like.
    key : str
    count : int
        Numbers in it.
    """

    kind: str
    key: str
    count: int


@dataclass(frozen=True)
class StoredTensor:
    """A tensor as a view of a storage; nothing about it is checked yet."""

    storage: Storage
    offset: object
    shape: object
    strides: object


@dataclass(eq=False)
class Dtype:
    """A NumPy dtype while its instructions run."""

    code: str
    order: str = "<"

    def of_numpy(self) -> np.dtype[Any]:
        """Return it as NumPy's own; one of objects has none."""
        return np.dtype(self.code if self.code == "b1" else self.order + self.code)


@dataclass(eq=False)
class Shell:
    """An array between its creation and its content."""

    memo_keys: list[int] = field(default_factory=list)


@dataclass(eq=False)
class Wrapped(Shell):
    """An array of joblib's, whose numbers follow its description in the pickle."""


WRAPPER = Name("joblib.numpy_pickle", "NumpyArrayWrapper")
_BYTES_A_PAIR = 128
_ORDERS = ("<", ">", "|", "=")
_NUMPY = ("numpy", "numpy.core.multiarray", "numpy._core.multiarray")
_NUMERIC = ("numpy.core.numeric", "numpy._core.numeric")
_DTYPE = Name("numpy", "dtype")
_DTYPE_CODES = re.compile(r"f[248]|[iu][1248]|b1")
_TORCH_STORAGES = frozenset(
    f"{kind}Storage"
    for kind in ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte",
                 "Bool", "ComplexFloat", "ComplexDouble", "QInt8", "QUInt8", "QInt32", "Untyped")
)  # fmt: skip


class StandIns:
    """Turns descriptions of arrays and tensors into data.

    Parameters
    ----------
    budget : Budget
        Counts what arrays take.
    torch : bool
        Whether PyTorch's names are known as well.
    """

    def __init__(self, budget: Budget, torch: bool) -> None:
        self.budget = budget
        self.where = budget.where
        self.torch = torch
        self.storages: dict[str, Storage] = {}
        self._names: dict[tuple[str, str], Name | Opaque] = {}

    def damaged(self, how: str) -> NetworkFileError:
        """Return the error for a pickle that is none."""
        return NetworkFileError(
            f"{self.where}: damaged, or no pickle ({how}); save or download it again"
        )

    def refused(self, name: str) -> NetworkFileError:
        """Return the error for what only executing something would make."""
        return NetworkFileError(
            f"{self.where}: contains Python objects that would have to be executed ({name}); "
            f"{advice_for(name)}"
        )

    def key(self, key: Any, place: int = 0) -> str:
        """Return a dict's key as text; `place` tells keys apart that have none."""
        if type(key) is str:
            return key
        if self.torch:
            # As text no two can be made to collide; a key that is neither is told by its place.
            if isinstance(key, int | float | None):
                return str(key)
            return f"({type(key).__name__} {place})"
        # An optimiser's state goes by small numbers; large ones can be made to collide.
        if type(key) is int and 0 <= key < MOST_INSTRUCTIONS:
            return str(key)
        raise NetworkFileError(f"{self.where}: a dict's key is {type(key).__name__}; expected text")

    def stored(self, reference: Any) -> Storage | Opaque:
        """Return what a reference to something outside the pickle stands for."""
        match reference:
            case (str(tag), Name("torch" | "torch.storage", kind), str(key), str(), int(count)) | (
                str(tag),
                Name("torch", kind),
                str(key),
                str(),
                int(count),
                None,
            ) if self.torch and tag == "storage" and kind in _TORCH_STORAGES:
                found = Storage(kind, key, count)
                if self.storages.setdefault(key, found) != found:
                    raise self.damaged("it contradicts itself about a storage")
                return self.storages[key]
            case (str(tag), Opaque() as source, *_) if self.torch and tag == "module":
                return source  # a class beside its source, as older versions keep it
            case _:
                raise self.refused("a reference to an object outside the pickle")

    def named(self, module: str, name: str) -> Name | Opaque:
        """Return a name if it is known, or of what may be opaque."""
        known = self._names.get((module, name))
        if known is not None:
            return known
        found = Name(module, name)
        if _is_allowed(found, self.torch):
            answer: Name | Opaque = found
        elif self.torch and is_opaque(found):
            answer = Opaque(found)
        else:
            raise self.refused(str(found))
        if len(self._names) >= _MOST_NAMES:
            raise self.damaged("it names far too much")
        self._names[module, name] = answer
        return answer

    def set_order(self, dtype: Dtype, state: Any) -> None:
        """Set a dtype's byte order from its state."""
        match state:
            case (int(), str(order), None, None, None, *_) if order in _ORDERS:
                dtype.order = "<" if order in "|=" else order
            case _:
                raise self.refused("a NumPy dtype of named fields")

    def stand_in(self, function: Name, arguments: tuple[Any, ...]) -> Any:
        """Return the data that a call of a known name stands for."""
        # Patterns here compare text alone by value: an array compares element by element.
        match (function.module, function.name), arguments:
            case ((_, "_reconstruct"), (Name("numpy", "ndarray"), (int(),), str() | bytes())):
                return Shell()
            case ((_, "dtype"), (str(code), *_)):
                return self.dtype(code)
            case ((_, "scalar"), (Opaque(), *_)) | ((_, "_frombuffer"), (_, Opaque(), *_)):
                return Opaque(function)
            case ((_, "scalar"), (Dtype() as dtype, raw)):
                return self.filled(dtype, (), self.raw(raw)).item()
            case ((_, "_frombuffer"), (raw, Dtype() as dtype, shape, str(order))):
                return self.filled(dtype, shape, self.raw(raw), order)
            case (("collections", "OrderedDict"), ()):
                return {}
            case (("collections", "OrderedDict"), (list(pairs),)):
                return self.ordered_dict(pairs)
            case (("_codecs", "encode"), (str(text), str(coding))) if coding == "latin1":
                return self.raw(text)
            case (("collections", "OrderedDict"), (dict(items),)):
                self.budget.take(len(items) * _BYTES_A_PAIR)
                return dict(items)
            case (("flax.core.frozen_dict", "FrozenDict"), (dict(items),)):
                self.budget.take(len(items) * _BYTES_A_PAIR)
                return dict(items)
            case (
                ("jax._src.array", "_reconstruct_array"),
                (Name(_, "_reconstruct"), tuple(), tuple(state), *_),
            ):
                return self.array(state)
            case (("collections", "defaultdict"), ()):
                return {}
            case (("collections", "defaultdict"), (None | Name() | Opaque(),)):
                return {}
            case (("torch", "Size"), (tuple(shape),)):
                return shape
            case (
                ("torch._utils", "_rebuild_tensor_v2" | "_rebuild_tensor"),
                (Storage() as storage, offset, shape, strides, *_),
            ):
                return StoredTensor(storage, offset, shape, strides)
            case (
                ("torch._tensor", "_rebuild_from_type_v2"),
                (Name("torch._utils", _) as inner, _, tuple(values), *_),
            ):
                return self.stand_in(inner, values)  # a tensor that has attributes
            case (
                ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state"),
                (StoredTensor() | Opaque() as tensor, *_),
            ):
                return tensor
            case _:
                raise self.refused(f"{function} with arguments of its own")

    def ordered_dict(self, pairs: list[Any]) -> dict[str, Any]:
        """Return a dict of pairs."""
        # A remembered list makes a dict each time it is recalled.
        self.budget.take(len(pairs) * _BYTES_A_PAIR)
        found: dict[str, Any] = {}
        for pair in pairs:
            if not isinstance(pair, list | tuple) or len(pair) != 2:
                raise self.damaged("a dict of what are no pairs")
            found[self.key(pair[0], len(found))] = pair[1]
        return found

    def dtype(self, code: str) -> Dtype | Opaque:
        """Return a dtype by NumPy's code, if it is one of numbers."""
        if code in ("O", "O8", "O4"):
            return Dtype("O")
        order = code[:1] if code[:1] in "<>|=" else ""
        bare = code.removeprefix(order)
        if not _DTYPE_CODES.fullmatch(bare):
            if self.torch:
                return Opaque(_DTYPE)
            raise NetworkFileError(
                f"{self.where}: an array of type {quoted(code)}; expected floats or whole numbers"
            )
        return Dtype(bare, ">" if order == ">" else "<")

    def raw(self, value: Any) -> bytes:
        """Return an array's content, which Python 2 kept as text."""
        if isinstance(value, bytes):
            return value
        if isinstance(value, str):
            try:
                self.budget.take(len(value))
                return value.encode("latin-1")
            except UnicodeEncodeError:
                pass
        raise self.damaged("an array's content is not bytes")

    def array(self, state: Any) -> Any:
        """Return an array from the state that fills it."""
        match state:
            case (int(), tuple(), Opaque() as dtype, *_):
                return dtype
            case (int(), tuple(shape), Dtype() as dtype, bool() | int() as fortran, content):
                if dtype.code == "O":
                    return self.list_of(shape, content)
                return self.filled(dtype, shape, self.raw(content), "F" if fortran else "C")
            case _:
                raise self.damaged("an array's description is none")

    def list_of(self, shape: tuple[Any, ...], content: Any) -> list[Any] | Opaque:
        """Read an array of objects as the list that it is."""
        if len(shape) == 1 and isinstance(content, list) and len(content) == shape[0]:
            return content
        if self.torch:
            return Opaque(_DTYPE)
        raise self.refused("an array of objects")

    def filled(self, dtype: Dtype, shape: Any, raw: bytes, order: str = "C") -> NDArray[Any]:
        """Return an array, once its size is what its shape asks for."""
        if not isinstance(shape, tuple) or dtype.code == "O":
            raise self.refused("an array of objects")
        kind = dtype.of_numpy()
        expected = self.budget.tensor(shape, kind.itemsize, "an array")
        if expected != len(raw):
            raise NetworkFileError(
                f"{self.where}: an array declares shape {shape} of {kind}, {expected} bytes; "
                f"it holds {len(raw)}"
            )
        return np.frombuffer(raw, kind).reshape(shape, order="F" if order == "F" else "C")


_EVERYWHERE = (
    ("collections", "OrderedDict"), ("_codecs", "encode"),
    ("flax.core.frozen_dict", "FrozenDict"), ("jax._src.array", "_reconstruct_array"),
)  # fmt: skip


def _is_allowed(found: Name, torch: bool) -> bool:
    module, name = found.module, found.name
    if name in ("_reconstruct", "scalar"):
        return module in _NUMPY[1:]
    if name in ("ndarray", "dtype"):
        return module == "numpy"
    if name == "_frombuffer":
        return module in _NUMERIC
    if (module, name) in _EVERYWHERE:
        return True
    if not torch:
        return found == WRAPPER
    if module in ("torch", "torch.storage") and name in _TORCH_STORAGES:
        return True
    if (module, name) in (
        ("torch", "Size"),
        ("collections", "defaultdict"),
        ("torch._tensor", "_rebuild_from_type_v2"),
    ):
        return True
    return module == "torch._utils" and name in (
        "_rebuild_tensor",
        "_rebuild_tensor_v2",
        "_rebuild_parameter",
        "_rebuild_parameter_with_state",
    )
