"""One value of a pickle or a JSON text as an array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.containers.json_text import matrix_of
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import BYTES_A_VALUE, Budget

EXPECTED = "expected [weights, biases], each a list of arrays, or a dict of arrays by name"
"""What such a file should hold, for an error."""


def depth_of(item: Any) -> int:
    """Return how many dimensions arrays and nested lists have by their first entries, at most 4."""
    depth = 0
    while depth < 4:
        if isinstance(item, np.ndarray):
            return depth + item.ndim
        if not isinstance(item, list | tuple) or not item:
            break
        item, depth = item[0], depth + 1
    return depth


def array_of(item: Any, what: str, budget: Budget) -> NDArray[Any]:
    """Return an array, or nested lists of numbers as one.

    Raises
    ------
    NetworkFileError
        If it is neither, ragged, or more than the budget has left.
    """
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
    raise NetworkFileError(f"{budget.where}: {what} is {kind_of(item)}; {EXPECTED}")


def kind_of(value: Any) -> str:
    """Say what a value is, for an error."""
    if isinstance(value, list | tuple):
        return "an empty list" if not value else "a list"
    names = {dict: "a dict", str: "text", bytes: "bytes", type(None): "None", int: "a number",
             float: "a number", bool: "a truth value", np.ndarray: "one array"}  # fmt: skip
    return names.get(type(value), "an object")
