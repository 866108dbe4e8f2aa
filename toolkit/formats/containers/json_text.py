"""JSON read strictly, and the matrices that stand in it as lists of lists."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import BYTES_A_VALUE, mebibytes
from toolkit.formats.limits import Limits

_BYTES_A_CONTAINER = 256  # one list or dict, with its share of what holds it
_BYTES_A_PAIR = 256  # ... and one key with its value


def matrix_of(rows: object, what: str, where: str) -> NDArray[np.float64]:
    """Return nested lists of numbers, as JSON or a pickle holds them, as an array.

    Parameters
    ----------
    rows : list of lists of numbers, or list of numbers
    what, where : str
        The array's and the file's name, for an error.

    Returns
    -------
    ndarray of float64, 1-D or 2-D

    Raises
    ------
    NetworkFileError
        If it is something else, ragged, or holds what float32 cannot.
    """
    if not isinstance(rows, list | tuple) or not rows:
        raise NetworkFileError(f"{where}: {what} should be a list of numbers or of rows")
    nested = isinstance(rows[0], list | tuple)
    lines = rows if nested else [rows]
    length = len(lines[0])
    for number, line in enumerate(lines, 1):
        if not isinstance(line, list | tuple) or not set(map(type, line)) <= {int, float}:
            raise NetworkFileError(f"{where}: {what}, row {number}: expected numbers alone")
        if len(line) != length:
            raise NetworkFileError(
                f"{where}: {what} is ragged: row {number} holds {len(line)} numbers, "
                f"row 1 holds {length}"
            )
    try:
        array = np.array(lines if nested else lines[0], dtype=np.float64)
    except OverflowError:
        array = np.array([np.inf])
    if not (np.abs(array) <= np.finfo(np.float32).max).all():
        raise NetworkFileError(f"{where}: {what} holds a number that is not finite as float32")
    return array


def json_of(data: bytes, where: str, limits: Limits) -> Any:
    """Parse JSON text strictly: no NaN, no infinity, no key twice, no bomb.

    Raises
    ------
    NetworkFileError
        If it is damaged, nested too deeply or holds more than the limits allow.
    """
    containers = data.count(b"[") + data.count(b"{")
    unpacked = (
        data.count(b",") * BYTES_A_VALUE
        + data.count(b":") * _BYTES_A_PAIR
        + containers * _BYTES_A_CONTAINER
    )
    if unpacked > limits.decoded_bytes:
        raise NetworkFileError(
            f"{where}: JSON that would unpack to about {mebibytes(unpacked)}; at most "
            f"{mebibytes(limits.decoded_bytes)} are read"
        )

    def refuse(constant: str) -> None:
        raise NetworkFileError(f"{where}: holds {constant}, which is no number in JSON")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise NetworkFileError(f"{where}: names a key twice in one JSON object")
        return found

    try:
        return json.loads(data.decode("utf-8"), parse_constant=refuse, object_pairs_hook=once)
    except RecursionError as error:
        raise NetworkFileError(f"{where}: JSON nested too deeply") from error
    except NetworkFileError:
        raise
    except ValueError as error:
        raise NetworkFileError(
            f"{where}: damaged JSON ({str(error)[:100]}); save or download it again"
        ) from error
