"""What every reader asks before it takes memory, and how it names what a file holds."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.limits import Limits

INSTALL = "pip install 'weight-map-toolkit[formats]'"
"""What brings the packages that some formats need."""

_LONGEST_QUOTE = 60
BYTES_A_VALUE = 32
"""What one number costs as a Python object in a list."""
BYTES_A_PART = 128
"""What is counted for a part of a pickle that is gone over, besides its name."""


def quoted(text: object) -> str:
    """Return text from a file as an error may show it: short, and with nothing that prints oddly.

    Parameters
    ----------
    text : object
        Anything but text is named by its type alone.
    """
    if not isinstance(text, str):
        return type(text).__name__
    shown = ascii(text[:_LONGEST_QUOTE])
    return shown if len(text) <= _LONGEST_QUOTE else shown[:-1] + "..." + shown[-1]


def mebibytes(count: int) -> str:
    """Return a number of bytes for people; how absurd it is shows, however large."""
    return f"{count >> 20} MiB" if count < 1 << 70 else "more than 10^15 MiB"


def check_size(count: int, where: str, limits: Limits) -> None:
    """Raise unless a file of so many bytes is read.

    Raises
    ------
    NetworkFileError
        If it is larger than the limits allow.
    """
    if count > limits.file_bytes:
        raise NetworkFileError(
            f"{where}: {mebibytes(count)}; at most {mebibytes(limits.file_bytes)} are read"
        )


class Budget:
    """How many bytes a file may still unpack to, and how many may still be gone over.

    Parameters
    ----------
    limits : Limits
    where : str
        What to call the file in an error.
    """

    def __init__(self, limits: Limits, where: str) -> None:
        self.limits = limits
        self.where = where
        self._taken = 0
        self._spent = 0
        self._tensors = 0

    def take(self, count: int) -> None:
        """Count bytes that are about to be unpacked.

        Raises
        ------
        NetworkFileError
            If all so far come to more than the limit.
        """
        self._taken += count
        if count < 0 or self._taken > self.limits.decoded_bytes:
            raise NetworkFileError(
                f"{self.where}: would unpack to {mebibytes(self._taken)}; at most "
                f"{mebibytes(self.limits.decoded_bytes)} are read"
            )

    def spend(self, count: int) -> None:
        """Count bytes that are about to be gone over, once more where it is not the first time.

        Raises
        ------
        NetworkFileError
            If all so far come to more than the limit.
        """
        self._spent += count
        if self._spent > self.limits.work_bytes:
            raise NetworkFileError(
                f"{self.where}: uses its parts so often that reading it would go over "
                f"{mebibytes(self._spent)}; at most {mebibytes(self.limits.work_bytes)} are"
            )

    def tensor(self, shape: Sequence[object], itemsize: int, what: str) -> int:
        """Check an array's shape as :meth:`check` does, and count it and its bytes."""
        count = self.check(shape, itemsize, what)
        self._tensors += 1
        if self._tensors > self.limits.tensors:
            raise NetworkFileError(f"{self.where}: more than {self.limits.tensors} arrays")
        self.take(count)
        return count

    def check(self, shape: Sequence[object], itemsize: int, what: str) -> int:
        """Check an array's shape.

        Parameters
        ----------
        shape : sequence
            As the file declares it; each entry should be a whole number, 0 or more.
        itemsize : int
        what : str
            The array's name, for an error.

        Returns
        -------
        int
            Its size in bytes.

        Raises
        ------
        NetworkFileError
            If the shape is no shape, has too many dimensions or asks for too much.
        """
        if len(shape) > self.limits.rank:
            raise NetworkFileError(
                f"{self.where}: {what} has {len(shape)} dimensions; at most {self.limits.rank} "
                "are read"
            )
        entries = [entry for entry in shape if type(entry) is int and entry >= 0]
        if len(entries) != len(shape):
            raise NetworkFileError(
                f"{self.where}: {what} declares a shape that is none: expected whole numbers, "
                "0 or more"
            )
        # Zero times a billion is zero bytes, and yet no shape that NumPy holds.
        if math.prod(max(entry, 1) for entry in entries) * itemsize > self.limits.decoded_bytes:
            raise NetworkFileError(
                f"{self.where}: {what} declares shape {shown_shape(entries)}, "
                f"{mebibytes(math.prod(entries) * itemsize)}; at most "
                f"{mebibytes(self.limits.decoded_bytes)} are read"
            )
        return math.prod(entries) * itemsize


def shown_shape(shape: Sequence[int]) -> str:
    """Return a shape for people, however many digits a file gives it."""
    return "(" + ", ".join(str(n) if n < 10**12 else "10^12 or more" for n in shape) + ")"


def as_float32(array: NDArray[Any]) -> NDArray[np.float32]:
    """Return an array as float32; what is too large becomes infinite, in silence."""
    with np.errstate(all="ignore"):
        return np.ascontiguousarray(array, dtype=np.float32)


def bfloat16(raw: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Widen the upper halves of float32 values, which NumPy has no type for."""
    wide = raw.astype(np.uint32)
    wide <<= np.uint32(16)
    return wide.view(np.float32)


def natural(name: str) -> list[tuple[int, int, str]]:
    """Return a sort key that puts ``layer10`` behind ``layer2``."""
    parts = re.split(r"([0-9]{1,18})", name[:1000])
    return [
        (1, int(part), "") if part.isascii() and part.isdigit() else (0, 0, part)
        for part in parts
        if part
    ]
