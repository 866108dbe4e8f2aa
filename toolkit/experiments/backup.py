"""A copy of the workspace beside it, made every few minutes, for when the file is damaged."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from toolkit.experiments.schema import check_of

EVERY_SECONDS = 300.0
_PAGES_AT_A_TIME = 2000
_ROOM_LEFT = 16 << 20
_LEFT_SECONDS = 3600.0


def backup_of(path: Path) -> Path:
    """Return where the copy of a workspace is kept."""
    return Path(f"{os.fspath(path)}.backup")


class Backup:
    """Copies a workspace's file in a thread of its own, while it is written to.

    The copy is read through before it takes the place of the one before: a
    file that is damaged where SQLite does not notice leaves the older copy as it was.

    Parameters
    ----------
    path : Path
        The workspace's file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._thread: threading.Thread | None = None
        self._made: float | None = None
        self._behind = False
        self._ending = threading.Event()

    def make_if_due(self, *, written: bool = False) -> None:
        """Begin a copy if the last one is some minutes old and none is being made.

        Parameters
        ----------
        written : bool
            Whether something was written just now.
        """
        self._behind = self._behind or written
        if self._made is not None and time.monotonic() - self._made < EVERY_SECONDS:
            return
        if self._thread is not None and self._thread.is_alive():
            return
        self._made, self._behind = time.monotonic(), False
        self._thread = threading.Thread(target=self._make, name="workspace-backup", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End a copy that is being made, and make a last one of what was written since."""
        if self._thread is not None:
            self._thread.join(1.0)
            self._ending.set()
            self._thread.join()
            self._ending.clear()
        if self._behind:
            self._make()
        self._thread, self._made, self._behind = None, None, False

    def _make(self) -> None:
        tidy(self.path)
        # A copy that cannot be made is no reason to disturb anybody's work.
        with contextlib.suppress(OSError, sqlite3.Error, _GivenUpError):
            copy_whole(self.path, backup_of(self.path), self._go_on)

    def _go_on(self, status: int, remaining: int, total: int) -> None:
        if self._ending.is_set():
            raise _GivenUpError


def tidy(path: Path) -> None:
    """Remove what programs that were killed left beside a workspace."""
    name = glob.escape(path.name)
    for pattern in (f"{name}.backup.*.part*", f"{name}-wal.*.held"):
        for leftover in path.parent.glob(pattern):
            with contextlib.suppress(OSError):
                if time.time() - leftover.stat().st_mtime > _LEFT_SECONDS:
                    leftover.unlink()


class _GivenUpError(Exception):
    """The workspace is being closed."""


def copy_whole(
    path: Path, target: Path, progress: Callable[[int, int, int], object] | None = None
) -> None:
    """Copy a workspace to `target`, if all of it can be read.

    Raises
    ------
    OSError, sqlite3.Error
        If it cannot be copied; what `target` was stays.
    """
    size = path.stat().st_size
    if shutil.disk_usage(path.parent).free < 2 * size + _ROOM_LEFT:
        return  # the last room on the disk is for the work itself
    part = Path(f"{target}.{os.getpid()}.part")
    try:
        source = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        copy = sqlite3.connect(part, isolation_level=None)
        try:
            copy.execute("PRAGMA synchronous=OFF")
            source.backup(copy, pages=_PAGES_AT_A_TIME, progress=progress, sleep=0.001)
            copy.execute("PRAGMA journal_mode=DELETE")
            whole = all_whole(copy)
        finally:
            copy.close()
            source.close()
        if whole:
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.replace(target)
    finally:
        for leftover in (part, Path(f"{part}-journal")):
            leftover.unlink(missing_ok=True)


def all_whole(connection: sqlite3.Connection) -> bool:
    """Tell whether all of an open workspace's rows are there, and are what was written."""
    missing = (
        "SELECT count(*) FROM experiments AS e WHERE"
        " steps != (SELECT count(*) FROM steps WHERE experiment = e.id) OR"
        " points != (SELECT count(*) FROM save_points WHERE experiment = e.id)"
    )
    queries = (
        'SELECT experiment, position, edit, inverse, "check" FROM steps',
        'SELECT experiment, position, network, "check" FROM snapshots',
        'SELECT experiment, number, network, name, "check" FROM save_points',
    )
    try:
        return not connection.execute(missing).fetchone()[0] and all(
            check_of(*row[:-1]) == row[-1] for query in queries for row in connection.execute(query)
        )
    except sqlite3.Error:
        return False
