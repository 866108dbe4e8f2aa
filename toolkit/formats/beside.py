"""The files that stand beside a model: what some formats keep their numbers in.

A name in a file is a stranger's.  It is looked up among files that were given together with the
model, or in its own folder, and is never a path.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from toolkit.files import read_whole
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import check_size
from toolkit.formats.limits import Limits

Beside = Callable[[str], bytes | None]
"""Returns the content of the file of that name, or None if there is none."""


def nothing(name: str) -> None:
    """Return None: the model stands alone."""


def is_plain(name: str) -> bool:
    """Tell whether a name is one within a folder, on any system."""
    return (
        0 < len(name) <= 255
        and name not in (".", "..")
        and not set(name) & set('/\\:\0')
        and name.isprintable()
    )  # fmt: skip


def among(files: Mapping[str, bytes]) -> Beside:
    """Look among files that were given together."""
    return files.get


def in_folder(folder: Path, where: str, limits: Limits) -> Beside:
    """Look in a folder: at files in it, not at what a link there points to.

    Raises
    ------
    NetworkFileError
        When asked, if the file is too large or a link.
    """

    def find(name: str) -> bytes | None:
        path = folder / name
        try:
            about = path.lstat()
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(about.st_mode):
            raise NetworkFileError(
                f"{where}: {name!r} beside it is a link or no file; copy the file itself there"
            )
        check_size(about.st_size, name, limits)
        return read_whole(path, limits.file_bytes, name)

    return find
