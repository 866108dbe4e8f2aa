"""Putting a damaged workspace back to its last whole state."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import update

from toolkit.experiments import rows, schema
from toolkit.experiments.backup import backup_of
from toolkit.experiments.database import WAIT_SECONDS, Database, log_of
from toolkit.experiments.errors import explain
from toolkit.experiments.experiment import Experiment
from toolkit.experiments.salvage import Found, filled, found_in, longest, whole

_WAIT_FOR_ANOTHER = 60.0
# Whoever holds an experiment in memory must find that the stored one is another.
_REVISIONS_AHEAD = 1000


@dataclass(frozen=True)
class Repair:
    """What was done to a damaged file.

    Attributes
    ----------
    code : str
        ``"repaired"``.
    fields : mapping
        ``file``; ``found``, what was wrong; ``aside``, where the damaged file is now, or None;
        ``experiments`` and ``steps``, how many are there again; ``shortened``, names of
        experiments whose last steps are lost; ``lost``, how many experiments could not be read;
        ``from_backup``, how many came from the backup.
    """

    fields: Mapping[str, Any]
    code: str = field(default="repaired")

    def __str__(self) -> str:
        told = self.fields
        shortened = ", ".join(repr(name) for name in told["shortened"][:5])
        parts = [
            f"The workspace {told['file']} was damaged: {told['found']}.",
            f"It was put back to its last whole state: {_count(told['experiments'], 'experiment')}"
            f" with {_count(told['steps'], 'step')}.",
        ]
        if told["from_backup"]:
            parts.append(f"{_count(told['from_backup'], 'experiment')} came from the backup.")
        if shortened:
            parts.append(f"The last steps of {shortened} are lost.")
        if told["lost"]:
            parts.append(f"{_count(told['lost'], 'experiment')} could not be read.")
        if told["aside"]:
            parts.append(f"The damaged file is kept as {told['aside']}.")
        return " ".join(parts)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' if number != 1 else ''}"


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other programs from repairing the same file meanwhile.

    What holds is SQLite's lock on a file of its own, which ends with the program that holds it.

    Raises
    ------
    WorkspaceError
        If another one repairs it and does not end.
    """
    guard = Path(f"{os.fspath(path)}.repair")
    try:
        connection = sqlite3.connect(guard, timeout=_WAIT_FOR_ANOTHER, isolation_level=None)
        try:
            connection.execute("BEGIN EXCLUSIVE")
            yield
        finally:
            connection.close()
            guard.unlink(missing_ok=True)
    except (sqlite3.Error, OSError) as error:
        raise explain(error, path, WAIT_SECONDS) from error


def repair(path: Path, found: str) -> Repair:
    """Make a file whole again from what can be read of it and of its backup.

    Parameters
    ----------
    path : Path
        The damaged file; it is kept aside.  There may be none.
    found : str
        What is wrong with it, for the words.

    Raises
    ------
    WorkspaceError
        If there is no room, or nothing can be written; the file is then as it was.
    """
    new = Path(f"{os.fspath(path)}.new")
    try:
        _remove(new)
        tally = _fill(new, found_in(path), found_in(backup_of(path)))
        aside = _swap(path, new)
    except (OSError, sqlite3.Error) as error:
        raise explain(error, path, WAIT_SECONDS) from error
    finally:
        with contextlib.suppress(OSError):
            _remove(new)
    return Repair(
        {"file": str(path), "found": found, "aside": None if aside is None else str(aside), **tally}
    )


def _remove(path: Path) -> None:
    for each in (path, log_of(path), Path(f"{os.fspath(path)}-shm")):
        each.unlink(missing_ok=True)


def _fill(new: Path, here: Mapping[str, Found], older: Mapping[str, Found]) -> dict[str, Any]:
    """Write all that is whole into a new file; return what there is to tell."""
    tally: dict[str, Any] = {
        "experiments": 0, "steps": 0, "from_backup": 0, "lost": 0, "shortened": [],
    }  # fmt: skip
    database = Database(new)
    try:
        database.create_tables()
        for id in dict.fromkeys([*here, *older]):
            best = _best(id, here.get(id, Found()), older.get(id))
            if best is None:
                tally["lost"] += 1
                continue
            experiment, source, kind = best
            with database.writing() as connection:
                _write(connection, experiment, source)
            tally["experiments"] += 1
            tally["steps"] += len(experiment.steps)
            tally["from_backup"] += kind == "backup"
            if kind != "whole":
                tally["shortened"].append(experiment.name)
    finally:
        database.close()
    return tally


def _best(
    id: str,
    here: Found,
    older: Found | None,
) -> tuple[Experiment, Found, str] | None:
    """Return the most that can be had of an experiment, where it is from, and what it is."""
    if here.row is None and older is None and not here.snapshots:
        return None
    both = filled(here, older)
    found = whole(both) or whole(here)
    if found is not None and both.revision >= (older.revision if older else -1):
        kind = "whole" if here.row is not None else "backup"
        return found, both, kind
    partly = longest(id, here)
    before = None if older is None else whole(older) or longest(id, older)
    if before is not None and (partly is None or len(before.steps) >= len(partly.steps)):
        assert older is not None
        return before, older, "backup"
    return None if partly is None else (partly, here, "shortened")


def _write(connection: Any, experiment: Experiment, source: Found) -> None:
    row = source.row or {}
    experiment.revision = max(experiment.revision, source.revision) + _REVISIONS_AHEAD
    rows.add(connection, experiment, bool(row.get("listed", True)), row.get("accuracy"))
    if row.get("binned") is not None:
        connection.execute(
            update(schema.experiments)
            .where(schema.experiments.c.id == experiment.id)
            .values(binned=row["binned"])
        )
    for client, seq in source.acknowledged.items():
        rows.acknowledge(connection, experiment.id, client, seq)


def _swap(path: Path, new: Path) -> Path | None:
    """Put the new file in the damaged one's place; return where that one is now."""
    with new.open("rb+") as file:
        os.fsync(file.fileno())
    aside = None
    if path.exists():
        aside = _free_name(path)
        # A second name first, so that at no moment there is no file.
        try:
            aside.hardlink_to(path)
        except OSError:
            path.replace(aside)
        # A log left behind would be laid over the new file.
        if log_of(path).exists():
            log_of(path).replace(log_of(aside))
    log_of(path).unlink(missing_ok=True)
    Path(f"{os.fspath(path)}-shm").unlink(missing_ok=True)
    new.replace(path)
    return aside


def _free_name(path: Path) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for number in range(1000):
        suffix = f"-{number}" if number else ""
        aside = Path(f"{os.fspath(path)}.damaged-{stamp}{suffix}")
        if not aside.exists():
            break
    return aside
