"""Single ``.npy`` arrays: the header is read as data, never evaluated."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, quoted, shown_shape

MAGIC = b"\x93NUMPY"
_MOST_HEADER = 4096
_HEADER = re.compile(
    r"\{\s*'descr':\s*'(?P<descr>[^']{1,20})',\s*'fortran_order':\s*(?P<fortran>True|False),"
    r"\s*'shape':\s*\((?P<shape>[-0-9L, ]*)\),?\s*\}\s*"
)
_OBJECTS = re.compile(r"'descr':\s*'[|<>=]?O")
_NUMBERS = re.compile(r"[<>|=]?(?:f[248]|[iu][1248]|b1|\?)")
_TEXT = re.compile(r"[<>|=]?U[0-9]{1,9}")


def loads(data: bytes, what: str, budget: Budget) -> NDArray[Any]:
    """Read one array of numbers or of text.

    Parameters
    ----------
    data : bytes
    what : str
        What to call the array in an error.
    budget : Budget

    Returns
    -------
    ndarray
        Read-only, over `data`.

    Raises
    ------
    NetworkFileError
        If it is damaged, holds Python objects, or declares what it does not hold.
    """
    where = budget.where
    if data[:6] != MAGIC or len(data) < 10:
        raise NetworkFileError(
            f"{where}: damaged: {what} is no .npy array; save or download it again"
        )
    width = 2 if data[6] == 1 else 4
    start = 8 + width
    length = int.from_bytes(data[8:start], "little")
    if data[6] not in (1, 2, 3) or length > _MOST_HEADER or start + length > len(data):
        raise NetworkFileError(f"{where}: damaged: {what} has no header that .npy knows")
    header = data[start : start + length].decode("latin-1")
    found = _HEADER.fullmatch(header)
    if _OBJECTS.search(header):
        raise NetworkFileError(
            f"{where}: {what} contains Python objects that would have to be executed; "
            "save plain arrays"
        )
    if found is None:
        raise NetworkFileError(f"{where}: damaged: {what} has no header that .npy knows")
    descr = found["descr"]
    if not (_NUMBERS.fullmatch(descr) or _TEXT.fullmatch(descr)):
        raise NetworkFileError(
            f"{where}: {what} holds {quoted(descr)}; expected floats, whole numbers or text"
        )
    try:
        shape = [int(entry.rstrip("L")) for entry in found["shape"].split(",") if entry.strip()]
        dtype = np.dtype(descr)
    except (ValueError, TypeError) as error:
        raise NetworkFileError(f"{where}: damaged: {what} has no header that .npy knows") from error
    expected = budget.tensor(shape, max(dtype.itemsize, 1), what)
    content = memoryview(data)[start + length :]
    if expected != len(content):
        raise NetworkFileError(
            f"{where}: {what} declares shape {shown_shape(shape)} of {dtype}, {expected} bytes; "
            f"it holds {len(content)}"
        )
    if dtype.itemsize == 0:
        return np.zeros(shape, dtype)
    array: NDArray[Any] = np.frombuffer(content, dtype).reshape(
        tuple(shape), order="F" if found["fortran"] == "True" else "C"
    )
    return array
