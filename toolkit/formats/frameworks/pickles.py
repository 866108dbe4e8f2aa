"""Pickled lists of NumPy arrays, as Nielsen's code and its descendants save them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.containers import inert_pickle
from toolkit.formats.containers.json_text import matrix_of
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks import nielsen
from toolkit.formats.guard import BYTES_A_VALUE, Budget, quoted
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning.pairing import from_arrays, from_lists
from toolkit.formats.meaning.reading import Reading

_OLD_TORCH = bytes.fromhex("8a0a6cfc9c46f9206aa850192e")  # PyTorch's number before version 1.6
_OLD_STARTS = (b"(lp", b"(dp", b"((l", b"(i__", b"cnumpy", b"ccopy_reg", b"c__main__")
_EXPECTED = "expected [weights, biases], each a list of arrays, or a dict of arrays by name"


def looks_like(data: bytes) -> bool:
    """Tell whether bytes begin as a pickle does, of whatever protocol; or begin and end so."""
    if data[:1] == b"\x80" and len(data) > 1 and data[1] <= 5:
        return True
    if data.startswith(_OLD_STARTS):
        return True
    return data[:1] in (b"(", b"]", b"}", b"c", b"l", b"d") and data[-1:] == b"."


def read(data: bytes, where: str = "file", limits: Limits = LIMITS) -> Reading:
    """Read a pickle of ``[weights, biases]``, or of arrays by name.

    Nothing in it is executed: see :mod:`toolkit.formats.containers.inert_pickle`.

    Parameters
    ----------
    data : bytes
        Any protocol, Python 2's included.

    Raises
    ------
    NetworkFileError
        Also if it holds anything else.
    """
    if data[:2] == b"\x80\x02" and data[2:15] == _OLD_TORCH:
        raise NetworkFileError(
            f"{where}: a PyTorch file in the form before version 1.6; load it in PyTorch and "
            "torch.save the state_dict again, or save it as .safetensors"
        )
    value = inert_pickle.loads(data, Budget(limits, where))
    meta: dict[str, Any] = {}
    if isinstance(value, dict):
        meta = value
        lowered = {key.lower(): part for key, part in value.items()}
        if isinstance(lowered.get("weights"), list | tuple) and "biases" in lowered:
            value = [lowered["weights"], lowered["biases"]]
    budget = Budget(limits, where)
    if isinstance(value, dict):
        named = [
            (key, _array(part, quoted(key), budget))
            for key, part in value.items()
            if isinstance(part, np.ndarray | list)
        ]
        return from_arrays("pickled dict of arrays", named, where, limits)
    weights, biases = _halves(value, where, budget)
    inputs_first = None
    if all(bias is not None and bias.ndim == 2 and bias.shape[1] == 1 for bias in biases):
        inputs_first = False  # Nielsen's columns: w·a + b
    form = "pickled lists of NumPy arrays"
    reading = from_lists(form, weights, biases, where, limits, inputs_first=inputs_first)
    return nielsen.all_sigmoid(reading) if isinstance(meta.get("cost"), str) else reading


def _halves(
    value: Any, where: str, budget: Budget
) -> tuple[list[NDArray[Any]], list[NDArray[Any] | None]]:
    """Split what a pickle holds into weights and biases, whichever of the usual ways it goes."""
    if not isinstance(value, list | tuple) or not value:
        raise NetworkFileError(
            f"{where}: not a network this version reads: a pickle of {_kind(value)}; {_EXPECTED}"
        )
    items = list(value)
    if len(items) > budget.limits.tensors:
        raise NetworkFileError(f"{where}: more than {budget.limits.tensors} arrays; {_EXPECTED}")
    depth = _depth(items[0])
    if depth == 2:
        first, second = items[::2], items[1::2]
    elif depth == 3 and all(_is_pair(item) for item in items):
        first, second = [item[0] for item in items], [item[1] for item in items]
    elif depth == 3 and len(items) == 2 and isinstance(items[1], list | tuple):
        first, second = list(items[0]), list(items[1])
    else:
        raise NetworkFileError(f"{where}: a pickle of lists that are no layers; {_EXPECTED}")
    if len(first) != len(second):
        raise NetworkFileError(
            f"{where}: {len(first)} weights and {len(second)} biases; expected as many"
        )
    if max(len(first), len(second)) > budget.limits.tensors:
        raise NetworkFileError(f"{where}: more than {budget.limits.tensors} arrays; {_EXPECTED}")
    return (
        [_array(item, f"weights {n}", budget) for n, item in enumerate(first, 1)],
        [
            None if item is None else _array(item, f"biases {n}", budget)
            for n, item in enumerate(second, 1)
        ],
    )


def _depth(item: Any) -> int:
    """Return how many dimensions arrays and nested lists have by their first entries, at most 4."""
    depth = 0
    while depth < 4:
        if isinstance(item, np.ndarray):
            return depth + item.ndim
        if not isinstance(item, list | tuple) or not item:
            break
        item, depth = item[0], depth + 1
    return depth


def _is_pair(item: Any) -> bool:
    """Tell (weights, biases) of one layer from the weights of two."""
    if not isinstance(item, list | tuple) or len(item) != 2 or _depth(item[0]) != 2:
        return False
    weights, biases = item
    if _depth(biases) == 2:
        return 0 < len(biases) == len(weights) and len(biases[0]) == 1
    return _depth(biases) == 1


def _array(item: Any, what: str, budget: Budget) -> NDArray[Any]:
    if isinstance(item, np.ndarray):
        if item.dtype.kind not in "fiub":
            raise NetworkFileError(f"{budget.where}: {what} holds {item.dtype}; expected numbers")
        # The same array may stand in many places, and each becomes a copy.
        budget.tensor(item.shape, item.itemsize, what)
        return item
    if isinstance(item, list | tuple) and item:
        rows = len(item)
        columns = len(item[0]) if isinstance(item[0], list | tuple) else 1
        # A row costs something too where it is empty, and a remembered one may stand everywhere.
        budget.tensor((rows, max(columns, 1)), BYTES_A_VALUE, what)
        return matrix_of(item, what, budget.where)
    raise NetworkFileError(f"{budget.where}: {what} is {_kind(item)}; {_EXPECTED}")


def _kind(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "an empty list"
    names = {dict: "a dict", str: "text", bytes: "bytes", type(None): "None", int: "a number",
             float: "a number", bool: "a truth value", np.ndarray: "one array"}  # fmt: skip
    return names.get(type(value), "an object")
