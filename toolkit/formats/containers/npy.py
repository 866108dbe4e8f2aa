"""Single ``.npy`` arrays: the header is read as data, never evaluated."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.containers.advice import ARRAYS
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, quoted, shown_shape

MAGIC = b"\x93NUMPY"
_MOST_HEADER = 4096
MOST_HEAD = 12 + _MOST_HEADER
"""Bytes that are enough to know an array by."""

_HEADER = re.compile(
    r"\{\s*'descr':\s*'(?P<descr>[^']{1,20})',\s*'fortran_order':\s*(?P<fortran>True|False),"
    r"\s*'shape':\s*\((?P<shape>[-0-9L, ]*)\),?\s*\}\s*"
)
_OBJECTS = re.compile(r"'descr':\s*'[|<>=]?O")
_NUMBERS = re.compile(r"[<>|=]?(?:f[248]|[iu][1248]|b1|\?)")
_TEXT = re.compile(r"[<>|=]?U[0-9]{1,9}")


@dataclass(frozen=True)
class Header:
    """What an array says of itself; nothing about it is checked yet.

    Attributes
    ----------
    shape : tuple of int
        As declared: entries may be negative or absurd.
    descr : str
        NumPy's code of its elements, such as ``<f4``.
    fortran : bool
        Whether the first index runs fastest.
    start : int
        Where its numbers begin, in bytes.
    """

    shape: tuple[int, ...]
    descr: str
    fortran: bool
    start: int

    @property
    def dtype(self) -> np.dtype[Any] | None:
        """The elements' type; None unless they are numbers or text."""
        known = _NUMBERS.fullmatch(self.descr) or _TEXT.fullmatch(self.descr)
        return np.dtype(self.descr) if known else None

    @property
    def holds_objects(self) -> bool:
        """Whether its elements are Python objects, which only executing something would make."""
        return self.descr.lstrip("<>|=").startswith("O")


def _objects(what: str, where: str) -> NetworkFileError:
    return NetworkFileError(
        f"{where}: {what} contains Python objects that would have to be executed; {ARRAYS}"
    )


def header_of(data: bytes, what: str, where: str) -> Header:
    """Read an array's header as data; nothing in it is evaluated.

    Parameters
    ----------
    data : bytes
        At least the first :data:`MOST_HEAD`, or all there is.
    what, where : str
        What to call the array and its file in an error.

    Raises
    ------
    NetworkFileError
        If it is none.
    """
    if data[:6] != MAGIC or len(data) < 10:
        raise NetworkFileError(
            f"{where}: damaged: {what} is no .npy array; save or download it again"
        )
    width = 2 if data[6] == 1 else 4
    start = 8 + width
    length = int.from_bytes(data[8:start], "little")
    unknown = f"{where}: damaged: {what} has no header that .npy knows"
    if length > _MOST_HEADER:
        raise NetworkFileError(f"{unknown}: {length:,} bytes are too large for one")
    if data[6] not in (1, 2, 3) or start + length > len(data):
        raise NetworkFileError(unknown)
    header = data[start : start + length].decode("latin-1")
    found = _HEADER.fullmatch(header)
    if found is None:
        if _OBJECTS.search(header):
            raise _objects(what, where)
        raise NetworkFileError(unknown)
    try:
        shape = [int(entry.rstrip("L")) for entry in found["shape"].split(",") if entry.strip()]
    except ValueError as error:
        raise NetworkFileError(unknown) from error
    return Header(tuple(shape), found["descr"], found["fortran"] == "True", start + length)


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
    header = header_of(data, what, where)
    shape, dtype = header.shape, header.dtype
    if header.holds_objects:
        raise _objects(what, where)
    if dtype is None:
        raise NetworkFileError(
            f"{where}: {what} holds {quoted(header.descr)}; expected floats, whole numbers or text"
        )
    expected = budget.tensor(shape, max(dtype.itemsize, 1), what)
    content = memoryview(data)[header.start :]
    if expected != len(content):
        raise NetworkFileError(
            f"{where}: {what} declares shape {shown_shape(shape)} of {dtype}, {expected} bytes; "
            f"it holds {len(content)}"
        )
    if dtype.itemsize == 0:
        return np.zeros(shape, dtype)
    array: NDArray[Any] = np.frombuffer(content, dtype).reshape(
        shape, order="F" if header.fortran else "C"
    )
    if dtype.kind == "U" and array.size:
        # A number that is no character's would end in an error that is no exception of Python's.
        codes = np.frombuffer(content, np.dtype("u4").newbyteorder(dtype.byteorder))
        if codes.max() > sys.maxunicode:
            raise NetworkFileError(f"{where}: damaged: {what} holds what is no text")
    return array
