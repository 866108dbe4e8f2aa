"""Opening a workspace's file: whatever state it is in."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from toolkit.experiments.backup import backup_of
from toolkit.experiments.database import WAIT_SECONDS, Database, log_of
from toolkit.experiments.errors import (
    DamageError,
    WorkspaceError,
    damaged,
    explain,
    read_only,
    unreadable,
)
from toolkit.experiments.repair import Repair, alone, repair

_OUR_SUFFIXES = {".sqlite", ".sqlite3", ".db"}


def open_file(path: Path) -> tuple[Database, Repair | None]:
    """Open a workspace's file, making it if there is none and repairing it if it is damaged.

    Returns
    -------
    Database
    Repair or None
        What was done to a damaged file.

    Raises
    ------
    WorkspaceError
        If it cannot be had; the file is then as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise unreadable(str(path), "expected a file; it is a folder")
    except OSError as error:
        raise explain(error, path, WAIT_SECONDS) from error
    try:
        return _open(path), None
    except DamageError as damage:
        return _opened_after_repair(path, str(damage))
    except WorkspaceError as error:
        if error.code not in ("read-only", "disk-full", "unreadable"):
            raise
        database = _open_for_reading(path)
        if database is None:
            raise
        return database, None


def open_other(url: str) -> Database:
    """Open a database that SQLAlchemy knows, making the tables if there are none."""
    database = Database(url)
    try:
        if database.check_format():
            database.raise_version()
        else:
            database.create_tables()
    except BaseException:
        database.close()
        raise
    return database


def _open(path: Path) -> Database:
    _check_there(path)
    if path.exists() and not os.access(path, os.W_OK) and not _has_log(path):
        # SQLite would leave a log of the same permissions, which stays read-only for good.
        raise read_only(str(path))
    with _log_held(path):
        database = Database(path)
        try:
            there = database.check_format()
            if there:
                database.check_structure()
                database.keep_a_log()
                database.raise_version()
            else:
                database.keep_a_log()
                database.create_tables()
        except BaseException:
            database.close()
            raise
    return database


@contextlib.contextmanager
def _log_held(path: Path) -> Iterator[None]:
    """Keep the log of a damaged file, which SQLite deletes where the first page is lost."""
    log, held = log_of(path), Path(f"{log_of(path)}.{os.getpid()}.held")
    if not _has_log(path):
        yield
        return
    with contextlib.suppress(OSError):
        held.unlink(missing_ok=True)
        held.hardlink_to(log)
    try:
        yield
    except DamageError:
        if held.exists() and not log.exists():
            held.replace(log)
        raise
    finally:
        held.unlink(missing_ok=True)


def _check_there(path: Path) -> None:
    """Raise DamageError where nothing is left of a file that has a backup."""
    if not backup_of(path).exists():
        return
    # SQLite takes a missing or an empty file for a new one, and deletes the log that belongs to it.
    if not path.exists():
        raise DamageError("the file is missing")
    if not path.stat().st_size:
        raise DamageError("the file is empty")


def _opened_after_repair(path: Path, found: str) -> tuple[Database, Repair | None]:
    if path.suffix not in _OUR_SUFFIXES and not backup_of(path).exists():
        # Perhaps not ours at all, but a file that was named by mistake.
        raise unreadable(str(path), f"expected a workspace's SQLite file; {found}")
    with alone(path):
        try:
            return _open(path), None  # another program was faster
        except DamageError as damage:
            done = repair(path, str(damage))
        try:
            return _open(path), done
        except DamageError as damage:
            raise damaged(str(path), str(damage)) from damage


def _has_log(path: Path) -> bool:
    """Tell whether the last changes are in a log and not yet in the file."""
    log = log_of(path)
    return log.exists() and log.stat().st_size > 0


def _open_for_reading(path: Path) -> Database | None:
    """Open a file that cannot be written, None if it is not to be had even so."""
    if not path.is_file() or _has_log(path):
        return None
    try:
        database = Database(path, for_reading=True)
    except (WorkspaceError, DamageError):
        return None
    try:
        if database.check_format():
            database.check_structure()
            return database
    except (WorkspaceError, DamageError):
        pass
    database.close()
    return None


def repair_again(path: Path, found: str) -> tuple[Database, Repair]:
    """Repair a file whose damage showed only as it was read, and open it."""
    with alone(path):
        done = repair(path, found)
        try:
            return _open(path), done
        except DamageError as damage:
            raise damaged(str(path), str(damage)) from damage
