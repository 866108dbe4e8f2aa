"""What parent and child hand each other: plain data as JSON, and arrays of numbers."""

from __future__ import annotations

import json
import math
import sys
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

NEWS = b"\x1e"
"""Begins a line on a child's standard error that tells how far it is, as JSON."""
end_asked = threading.Event()
"""Set in a child that is asked to come to an end, with what it has by then."""
_TYPES = ("<f4", "|u1")
_LENGTH = 8  # bytes, little-endian


def pack(said: dict[str, Any], arrays: Sequence[Array] = (), file_bytes: int = 0) -> list[bytes]:
    """Return the pieces of a message.

    Parameters
    ----------
    said : dict
        As JSON takes it.
    arrays : sequence of ndarray of float32 or uint8
    file_bytes : int
        How many bytes of a file follow the message.
    """
    plain = [np.ascontiguousarray(each, _type_of(each)) for each in arrays]
    listing = [[each.dtype.str, list(each.shape)] for each in plain]
    head = json.dumps({"said": said, "arrays": listing, "file": file_bytes}).encode()
    return [len(head).to_bytes(_LENGTH, "little"), head, *(each.tobytes() for each in plain)]


def tell(said: dict[str, Any]) -> None:
    """Tell the parent how far this child's job is; nothing to one that does not listen."""
    sys.stderr.buffer.write(NEWS + json.dumps(said).encode() + b"\n")
    sys.stderr.buffer.flush()


def _type_of(array: Array) -> str:
    return "<f4" if array.dtype == np.float32 else "|u1" if array.dtype == np.uint8 else _no(array)


def _no(array: Array) -> str:
    raise TypeError(f"array: expected float32 or uint8; got {array.dtype}")


class Message:
    """What came, checked: its parts lie in the bytes as the head says.

    Parameters
    ----------
    data : bytes-like
        A whole message.

    Attributes
    ----------
    said : dict
    arrays : list of ndarray, read-only
    file : memoryview
        The file's bytes that followed.

    Raises
    ------
    ValueError
        If it is none.
    """

    def __init__(self, data: bytes | bytearray) -> None:
        view = memoryview(data).toreadonly()
        start = _LENGTH + int.from_bytes(view[:_LENGTH], "little")
        if not _LENGTH < start <= len(view):
            raise ValueError("message: cut short")
        head = json.loads(bytes(view[_LENGTH:start]))
        self.said: dict[str, Any] = head["said"]
        self.arrays: list[Array] = []
        for kind, shape in head["arrays"]:
            if kind not in _TYPES or min(shape, default=0) < 0:
                raise ValueError("message: expected arrays of float32 or uint8")
            count = math.prod(shape)
            end = start + count * np.dtype(kind).itemsize
            if end > len(view):
                raise ValueError("message: cut short")
            self.arrays.append(np.frombuffer(view[start:end], kind).reshape(shape))
            start = end
        self.file = view[start:]
        if len(self.file) != head["file"]:
            raise ValueError("message: cut short, or longer than it says")
