"""An ``.npz`` of digits as arrays, through the containers that read networks' files."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from toolkit.formats.containers import npy
from toolkit.formats.containers.zip import Archive
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, quoted
from toolkit.formats.limits import Limits

MAX_BYTES = 256 * 2**20
"""The most that one array may hold, decoded."""

_MAX_MEMBERS, _MAX_RANK = 64, 4
# A directory of a megabyte already names ten thousand members.
_ARCHIVE = Limits(file_bytes=1 << 30, decoded_bytes=_MAX_MEMBERS * MAX_BYTES, header_bytes=1 << 16)
_ARRAY = Limits(decoded_bytes=MAX_BYTES, rank=_MAX_RANK)
_NAMES = {"c8": "complex64", "c16": "complex128"}


class ArrayArchive:
    """Arrays of numbers by name, each read when it is asked for.

    Parameters
    ----------
    data : bytes
    path : Path
        What to call the file in an error.

    Attributes
    ----------
    names : list of str
        Without ``.npy``.

    Raises
    ------
    ValueError
        If it is no archive, or a damaged one, or of more than 64 arrays.
    """

    def __init__(self, data: bytes, path: Path) -> None:
        try:
            self._archive = Archive(data, str(path), _ARCHIVE)
        except NetworkFileError as error:
            raise ValueError(
                f"{path}: expected an .npz archive; got something else or a damaged one "
                f"({_words(error, path)})"
            ) from error
        self._path = path
        self._members = {name.removesuffix(".npy"): name for name in self._archive.members}
        self.names = list(self._members)
        if len(self.names) > _MAX_MEMBERS:
            raise ValueError(
                f"{path}: expected at most {_MAX_MEMBERS} arrays; got {len(self.names)}; is it "
                "the right file?"
            )

    def read(self, name: str) -> NDArray[Any]:
        """Return an array of whole numbers, floats or booleans.

        Parameters
        ----------
        name : str
            One of `names`.

        Raises
        ------
        ValueError
            If it holds something else, more than 256 MiB or another number of bytes than its
            header says, or is damaged.
        """
        where, member = f"{self._path}: {name}", self._members[name]
        try:
            head = self._archive.head(member, npy.MOST_HEAD)
            if head[:6] == npy.MAGIC and head[6:7] not in (b"\1", b"\2"):
                version = ".".join(map(str, head[6:8]))
                raise ValueError(f"{where}: expected .npy version 1 or 2; got {version}")
            header = npy.header_of(head, "it", where)
            dtype = header.dtype
            if header.holds_objects:
                raise ValueError(
                    f"{where}: expected numbers; got Python objects, which are not read"
                )
            if dtype is None or dtype.kind not in "uifb":
                got = _NAMES.get(header.descr[1:], header.descr)
                raise ValueError(f"{where}: expected numbers; got {quoted(got)[1:-1]}")
            if len(header.shape) > _MAX_RANK or any(length < 0 for length in header.shape):
                raise ValueError(f"{where}: expected 1 to 4 dimensions; got shape {header.shape}")
            size = math.prod(header.shape) * dtype.itemsize
            if size > MAX_BYTES:
                raise ValueError(
                    f"{where}: expected at most {MAX_BYTES // 2**20} MiB; its header announces "
                    f"{size / 2**20:,.0f} MiB; save it as uint8, or a part of it"
                )
            # Compared before it is unpacked: a header that lies takes no memory.
            if self._archive.members[member].size != header.start + size:
                raise ValueError(
                    f"{where}: expected {size:,} bytes; got fewer or more; save it again"
                )
            return npy.loads(self._archive.read(member), "it", Budget(_ARRAY, where))
        except NetworkFileError as error:
            raise ValueError(
                f"{where}: expected an array; got a damaged one ({_words(error, where)})"
            ) from error


def _words(error: NetworkFileError, where: object) -> str:
    """Return what a container says, without the name that stands before it already."""
    return str(error).removeprefix(f"{where}: ").removeprefix("damaged: ")
