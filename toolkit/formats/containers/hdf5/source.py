"""The bytes of an HDF5 file: each look at them is counted, and none goes past their end."""

from __future__ import annotations

import struct

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, quoted
from toolkit.formats.limits import Limits

NOWHERE = 0xFFFFFFFFFFFFFFFF
"""The address of what was never written."""

_STEPS_AN_OBJECT = 64
_DESCRIBED_AT_MOST = 16  # times the limit of one header: all objects' headers together


class Source:
    """A file's bytes, and how much of them may still be looked at.

    Parameters
    ----------
    data : bytes
    where : str
        What to call the file in an error.
    limits : Limits
    """

    def __init__(self, data: bytes, where: str, limits: Limits) -> None:
        self.data, self.where, self.limits = data, where, limits
        self.budget = Budget(limits, where)
        self._steps = _STEPS_AN_OBJECT * limits.tensors
        self._described = _DESCRIBED_AT_MOST * limits.header_bytes

    def damaged(self, how: str) -> NetworkFileError:
        """Return the error for bytes that contradict themselves."""
        return NetworkFileError(
            f"{self.where}: damaged, or no HDF5 file ({how}); save or download it again"
        )

    def refuse(self, path: str, why: str) -> NetworkFileError:
        """Return the error for an object that is not read, by its path."""
        return NetworkFileError(f"{self.where}: {quoted(path or '/')} {why}")

    def newer(self, path: str, what: str) -> NetworkFileError:
        """Return the error for a form that Keras does not write."""
        return self.refuse(
            path, f"is in a newer form of HDF5 ({what}) than Keras writes; save it with Keras, or "
            "write its arrays to a file opened with libver='earliest' (h5py), without track_order",
        )  # fmt: skip

    def at(self, address: int, size: int) -> bytes:
        """Return so many bytes from an address on; one step."""
        self._steps -= 1
        if self._steps < 0:
            raise NetworkFileError(f"{self.where}: describes more objects than are read")
        if address + size > len(self.data):
            raise self.damaged("it points past its end")
        return self.data[address : address + size]

    def numbers(self, form: str, address: int) -> tuple[int, ...]:
        """Return the numbers at an address, laid out as :mod:`struct` says it."""
        return struct.unpack(form, self.at(address, struct.calcsize(form)))

    def first(self, content: bytes, size: int) -> bytes:
        """Return the first bytes of a message, which must have as many."""
        if len(content) < size:
            raise self.damaged("a message breaks off")
        return content[:size]

    def describe(self, count: int) -> None:
        """Count bytes of objects' headers and of their paths."""
        self._described -= count
        if self._described < 0:
            raise NetworkFileError(f"{self.where}: describes more than is read")
