"""Networks in files: one module a format, one :func:`load`, one :func:`save`."""

from __future__ import annotations

import os
from pathlib import Path

from toolkit.files import write_whole
from toolkit.formats import npz
from toolkit.formats.errors import NetworkFileError
from toolkit.network import Network

__all__ = ["NetworkFileError", "load", "save"]


def load(source: str | os.PathLike[str] | bytes, where: str | None = None) -> Network:
    """Read a network from a file or from a file's bytes.

    Parameters
    ----------
    source : path or bytes
    where : str, optional
        What to call the source in an error; by default the file's name.

    Raises
    ------
    NetworkFileError
        If the content is damaged, too large, or no network.
    OSError
        If the file cannot be read.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        data, where = bytes(source), where or "data"
    else:
        path = Path(source)
        where = where or path.name
        if path.is_dir():
            raise NetworkFileError(f"{path}: a folder; expected a file")
        size = path.stat().st_size
        if size > npz.MAX_FILE_BYTES:
            raise NetworkFileError(
                f"{where}: {size >> 20} MiB; at most {npz.MAX_FILE_BYTES >> 20} MiB are read"
            )
        data = path.read_bytes()
    if not data:
        raise NetworkFileError(f"{where}: is empty; save or download it again")
    if not data.startswith(b"PK"):
        raise NetworkFileError(
            f"{where}: not a network this version reads; expected an .npz saved by the toolkit "
            f"(it begins with {data[:8]!r})"
        )
    return npz.loads(data, where)


def save(network: Network, path: str | os.PathLike[str]) -> None:
    """Write a network to a file; an existing one is replaced whole or not at all.

    Parameters
    ----------
    network : Network
    path : path
        Ends in ``.npz``.

    Raises
    ------
    NetworkFileError
        If the ending is another.
    OSError
        If the file cannot be written; what was there stays.
    """
    path = Path(path)
    if path.suffix.lower() != ".npz":
        raise NetworkFileError(f"{path.name}: expected a name that ends in .npz")
    write_whole(path, npz.dumps(network))
