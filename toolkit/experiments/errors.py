"""What can go wrong with a workspace, in a code, in fields and in words."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

_LITTLE_ROOM = 1 << 16
_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}
_FULL = {errno.ENOSPC, errno.EDQUOT}


class WorkspaceError(Exception):
    """A workspace cannot do what was asked; what it kept before is as it was.

    Attributes
    ----------
    code : str
        One of disk-full, read-only, locked, newer, damaged, no-such, stale, unreadable.
    fields : dict
        What the words are about; ``file`` is there always.
    """

    def __init__(self, code: str, text: str, **fields: Any) -> None:
        super().__init__(text)
        self.code = code
        self.fields = fields

    def __str__(self) -> str:
        return str(self.args[0])


class NoSuchExperiment(WorkspaceError, KeyError):  # noqa: N818 - told by its code
    """The workspace has no experiment of that id."""

    def __init__(self, id: str, file: str) -> None:
        shown = id if len(id) <= 40 else f"{id[:39]}…"
        super().__init__(
            "no-such",
            f"There is no experiment {shown!r} in the workspace {file}; "
            "it may have been deleted, or be in another workspace.",
            file=file, id=shown,
        )  # fmt: skip


class StaleExperiment(WorkspaceError):  # noqa: N818 - told by its code
    """Somebody else changed the experiment in the workspace since it was loaded."""

    def __init__(self, id: str, file: str, expected: int | None, found: int) -> None:
        super().__init__(
            "stale",
            f"The experiment {id} in the workspace {file} was changed by another program: expected "
            f"revision {'none' if expected is None else expected}, found {found}. "
            "Load it again and repeat the change.",
            file=file, id=id, expected=expected, found=found,
        )  # fmt: skip


class DamageError(Exception):
    """A file's content is not what was written: the message says what was found."""


_ELSEWHERE = (
    "name another file with the environment variable TOOLKIT_WORKSPACE or with "
    "'toolkit app --workspace FILE'"
)


def disk_full(file: str) -> WorkspaceError:
    """Return the error that there is no room left."""
    return WorkspaceError(
        "disk-full",
        f"The change could not be saved: the disk that holds the workspace {file} is full. What "
        "was saved before is safe. Free some space and try again.",
        file=file,
    )  # fmt: skip


def read_only(file: str) -> WorkspaceError:
    """Return the error that nothing can be written."""
    return WorkspaceError(
        "read-only",
        f"Nothing can be saved: the workspace {file}, or the folder it is in, may be read but not "
        f"written. Allow writing there, or {_ELSEWHERE}.",
        file=file,
    )  # fmt: skip


def locked(file: str, seconds: float) -> WorkspaceError:
    """Return the error that another program writes and does not end."""
    return WorkspaceError(
        "locked",
        f"The workspace {file} is locked by another program; waited {seconds:g} seconds for it. "
        "Try again, or end the program that holds it.",
        file=file, seconds=seconds,
    )  # fmt: skip


def newer(file: str, expected: int, found: str) -> WorkspaceError:
    """Return the error that a newer toolkit made the file."""
    return WorkspaceError(
        "newer",
        f"The workspace {file} is of version {found[:20]}; expected {expected}. A newer toolkit "
        f"made it, and it was left as it is. Upgrade the toolkit, or {_ELSEWHERE}.",
        file=file, expected=expected, found=found[:20],
    )  # fmt: skip


def damaged(file: str, found: str) -> WorkspaceError:
    """Return the error that a file is damaged."""
    return WorkspaceError(
        "damaged",
        f"The workspace {file} is damaged: {found}. Restart the toolkit to have its last whole "
        f"state restored, or {_ELSEWHERE}.",
        file=file, found=found,
    )  # fmt: skip


def unreadable(file: str, found: str) -> WorkspaceError:
    """Return the error that a file is no workspace, or cannot be read at all."""
    return WorkspaceError(
        "unreadable",
        f"The workspace {file} cannot be used: {found}. It was left as it is; {_ELSEWHERE}.",
        file=file, found=found,
    )  # fmt: skip


def explain(error: BaseException, path: Path, seconds: float) -> WorkspaceError | DamageError:
    """Return what an error of SQLite or of the system means for the workspace at `path`."""
    file = str(path)
    if isinstance(error, OSError):
        if error.errno in _FULL:
            return disk_full(file)
        if error.errno in _READ_ONLY:
            return read_only(file)
        return unreadable(file, error.strerror or type(error).__name__)
    if isinstance(error, UnicodeError | OverflowError):
        return unreadable(file, f"a value came that it cannot hold ({error})")
    if "Could not decode" in str(error):
        return DamageError("a text in it is none")
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return disk_full(file)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return read_only(file)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return locked(file, seconds)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return DamageError(str(error))
        case _:
            return _by_the_disk(error, path)


def _by_the_disk(error: BaseException, path: Path) -> WorkspaceError:
    """Return what an error means that SQLite could not name; the disk may tell."""
    if path.is_dir():
        return unreadable(str(path), "expected a file; it is a folder")
    folder = path.parent
    writable = os.access(folder, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))
    if folder.is_dir() and not writable:
        return read_only(str(path))
    try:
        if shutil.disk_usage(folder).free < _LITTLE_ROOM:
            return disk_full(str(path))
    except OSError:
        pass
    return unreadable(str(path), f"SQLite says: {error}")
