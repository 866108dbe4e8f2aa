"""Networks from arrays in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.bridges.meaning import decided
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks import nested
from toolkit.formats.meaning.pairing import from_arrays, from_lists
from toolkit.formats.meaning.reading import Reading
from toolkit.network import Network

_WHERE = "arrays"


def network_of(arrays: Mapping[str, Any] | Sequence[Any], **choices: Any) -> Network:
    """Return the network of weights and biases; see :meth:`toolkit.Network.from_arrays`."""
    return decided(_reading(arrays), **choices)


def _reading(arrays: Mapping[str, Any] | Sequence[Any]) -> Reading:
    if isinstance(arrays, Mapping):
        if any(_dimensions(value) not in (0, 1, 2) for value in arrays.values()
               if isinstance(value, list | tuple | Mapping)):  # fmt: skip
            return nested.read(_plain(arrays), "a dict", _WHERE)
        named = [(str(name), _array(value, repr(name))) for name, value in arrays.items()]
        return from_arrays("arrays by name", named, _WHERE)
    if isinstance(arrays, str | bytes) or not isinstance(arrays, Sequence) or not len(arrays):
        raise NetworkFileError(
            f"{_WHERE}: expected a dict or a list of arrays; got {type(arrays).__name__}"
        )
    in_order = _dimensions(arrays[0]) == 2 and all(_dimensions(part) in (1, 2) for part in arrays)
    if not in_order and all(
        isinstance(part, Sequence) and not isinstance(part, str) for part in arrays
    ):
        two_lists = len(arrays) == 2 and all(np.ndim(part) != 2 for part in arrays[0])
        pairs = all(len(part) == 2 for part in arrays)
        if pairs and all(np.ndim(part[0]) == 2 and np.ndim(part[1]) < 2 for part in arrays):
            weights, biases = zip(*arrays, strict=True)
        elif len(arrays) == 2 and not two_lists:
            weights, biases = arrays
        else:
            raise NetworkFileError(
                f"{_WHERE}: expected pairs of weights and biases, or a list of all weights and "
                "one of all biases"
            )
        return from_lists(
            "arrays in order",
            [_array(part, f"weights {n}") for n, part in enumerate(weights, 1)],
            [None if part is None else _array(part, f"biases {n}")
             for n, part in enumerate(biases, 1)],
            _WHERE,
        )  # fmt: skip
    ordered = [(f"array {n}", _array(part, f"array {n}")) for n, part in enumerate(arrays, 1)]
    return from_arrays("arrays in order", ordered, _WHERE)


def _dimensions(values: Any) -> int | None:
    """Return how many dimensions an array has; None if it is none."""
    try:
        return None if isinstance(values, Mapping) else np.ndim(values)
    except ValueError:  # lists of several lengths
        return None


def _plain(arrays: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        str(name): _plain(value) if isinstance(value, Mapping) else value
        for name, value in arrays.items()
    }


def _array(values: Any, name: str) -> NDArray[Any]:
    try:
        array = np.asarray(values)
    except (TypeError, ValueError) as error:
        raise NetworkFileError(f"{_WHERE}: {name}: expected numbers; got {error}") from error
    if array.dtype.kind not in "fiub":
        raise NetworkFileError(f"{_WHERE}: {name}: expected numbers; got {array.dtype}")
    return array
