"""What can still be read of a damaged workspace's file."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolkit.experiments import rows
from toolkit.experiments.database import Database, log_of
from toolkit.experiments.errors import DamageError, WorkspaceError
from toolkit.experiments.experiment import Experiment

_PAGE = 4096
_ROWS_AT_A_TIME = 50
_STRIDE = 16
_LONG_STRIDE = 1 << 12
_UNKNOWN = 1 << 24

Row = dict[str, Any]


@dataclass
class Found:
    """What a file has of one experiment.

    Attributes
    ----------
    row : dict or None
        Its own row.
    steps, snapshots, save_points : dict
        Whole rows by position or number.
    acknowledged : dict
        Last letter seen, by client.
    """

    row: Row | None = None
    steps: dict[int, Row] = field(default_factory=dict)
    snapshots: dict[int, Row] = field(default_factory=dict)
    save_points: dict[int, Row] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)

    @property
    def revision(self) -> int:
        """How far the experiment was."""
        return -1 if self.row is None else int(self.row["revision"])


def found_in(path: Path) -> dict[str, Found]:
    """Return all that can be read of a workspace's file, by experiment's id.

    The file and its log stay as they are: a copy is read, where a lost first
    page, which is the same in all workspaces, is put back.
    """
    if not path.is_file():
        return {}
    with tempfile.TemporaryDirectory(prefix="workspace-") as folder:
        try:
            found = _read_copy(path, Path(folder), mend=False)
        except (UnicodeError, LookupError, TypeError):
            found = {}  # columns are not called what they were: the first page says how
        if not found and path.stat().st_size:
            found = _read_copy(path, Path(folder), mend=True)
    return found


def _read_copy(path: Path, folder: Path, mend: bool) -> dict[str, Found]:
    copy = folder / ("mended.sqlite" if mend else "copy.sqlite")
    shutil.copyfile(path, copy)
    if log_of(path).exists():
        shutil.copyfile(log_of(path), log_of(copy))
    if mend:
        _put_first_page(copy, folder)
    with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        # A file that was cut short is read as far as it goes.
        with contextlib.suppress(sqlite3.Error):
            connection.execute("PRAGMA writable_schema=ON")
        return _read(connection)


def _put_first_page(copy: Path, folder: Path) -> None:
    """Lay the first page of an empty workspace over a file's own."""
    empty = folder / "empty.sqlite"
    database = Database(empty)
    database.keep_a_log()
    database.create_tables()
    database.close()
    page = bytearray(empty.read_bytes()[:_PAGE])
    with copy.open("rb+") as file:
        pages = max(1, -(-file.seek(0, 2) // _PAGE))
        page[28:32] = pages.to_bytes(4, "big")  # how many there are
        page[32:40] = bytes(8)  # none of them is free, as far as is known
        file.seek(0)
        file.write(page)


def _read(connection: sqlite3.Connection) -> dict[str, Found]:
    found: defaultdict[str, Found] = defaultdict(Found)
    for row in _rows(connection, "experiments"):
        if _is_whole_row(row):
            found[row["id"]].row = row
    for row in _rows(connection, "steps"):
        if rows.is_whole_step(row):
            found[row["experiment"]].steps[row["position"]] = row
    for row in _rows(connection, "snapshots"):
        if rows.is_whole_snapshot(row):
            found[row["experiment"]].snapshots[row["position"]] = row
    for row in _rows(connection, "save_points"):
        if rows.is_whole_save_point(row):
            found[row["experiment"]].save_points[row["number"]] = row
    for row in _rows(connection, "acknowledgements"):
        if isinstance(row["client"], str) and isinstance(row["seq"], int):
            found[row["experiment"]].acknowledged[row["client"]] = row["seq"]
    return dict(found)


def _is_whole_row(row: Row) -> bool:
    """Tell whether an experiment's row has values of the right types."""
    types: dict[str, type | tuple[type, ...]] = {
        "id": str, "name": str, "origin": str, "digits": str, "created": float, "changed": float,
        "revision": int, "cursor": int, "steps": int, "points": int, "checksum": str,
        "binned": (float, type(None)), "accuracy": (float, type(None)),
    }  # fmt: skip
    return all(isinstance(row[key], kind) for key, kind in types.items()) and (
        0 <= row["cursor"] <= row["steps"]
    )


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[Row]:
    """Give a table's rows in the order of their numbers, passing over those that are broken."""
    query = f"SELECT rowid AS at, * FROM {table} NOT INDEXED WHERE rowid > ? ORDER BY rowid LIMIT ?"
    last, gap = 0, 1
    most = _most(connection, table)
    stride = _STRIDE if most < _UNKNOWN else _LONG_STRIDE
    while last < most:
        read = 0
        try:
            for row in connection.execute(query, (last, _ROWS_AT_A_TIME)):
                values = dict(row)
                last = values.pop("at")
                read, gap = read + 1, 1
                yield values
        except sqlite3.Error:
            # Step over what cannot be read, in ever larger strides.
            last += gap
            gap = min(2 * gap, stride) if not read else 1
        else:
            if read < _ROWS_AT_A_TIME:
                return


def _most(connection: sqlite3.Connection, table: str) -> int:
    """Return the number of a table's last row, or as large a one as it may have."""
    try:
        value = connection.execute(f"SELECT max(rowid) FROM {table} NOT INDEXED").fetchone()[0]
    except sqlite3.Error:
        return _UNKNOWN
    return value if isinstance(value, int) else 0


def filled(found: Found, older: Found | None) -> Found:
    """Return what was found, its gaps filled from an older copy."""
    if older is None:
        return found
    return Found(
        found.row or older.row,
        {**older.steps, **found.steps},
        # Of another branch perhaps, but for the start.
        {**{at: row for at, row in older.snapshots.items() if not at}, **found.snapshots},
        {**older.save_points, **found.save_points},
        {
            client: max(found.acknowledged.get(client, 0), older.acknowledged.get(client, 0))
            for client in {**found.acknowledged, **older.acknowledged}
        },
    )


def whole(found: Found) -> Experiment | None:
    """Return the experiment if all of it is there."""
    if found.row is None:
        return None
    count = found.row["steps"]
    try:
        experiment = rows.experiment_of(
            found.row,
            [found.steps[at] for at in sorted(found.steps) if at < count],
            [found.snapshots[at] for at in sorted(found.snapshots) if at <= count],
            [found.save_points[number] for number in sorted(found.save_points)],
        )
        return experiment if _is_coherent(experiment) else None
    except (DamageError, WorkspaceError, ValueError, TypeError, KeyError):
        return None


def _is_coherent(experiment: Experiment) -> bool:
    """Tell whether each step follows the one before, wherever their rows come from."""
    network = experiment.start
    for step in experiment.steps:
        if step.edit.inverse(network) != step.inverse:
            return False
        network = step.edit.apply(network)
    return True


def longest(id: str, found: Found) -> Experiment | None:
    """Return the experiment as far as its steps can be replayed from the start."""
    if 0 not in found.snapshots:
        return None
    steps = rows.steps_of([found.steps[at] for at in sorted(found.steps)], 0)
    row = found.row or {}
    try:
        start = rows.network_of(found.snapshots[0])
        experiment = Experiment(
            start,
            id=id,
            name=row.get("name", start.name),
            origin=row.get("origin", "file"),
            digits=row.get("digits", ""),
        )
        for step in steps[: row.get("steps", len(steps))]:
            experiment.apply(step.edit)
            experiment.steps[-1] = step
    except (DamageError, ValueError, TypeError):
        return None
    if row.get("cursor", len(steps)) < experiment.cursor:
        experiment.jump(row["cursor"])
    points = [found.save_points[number] for number in sorted(found.save_points)]
    experiment.save_points = [rows.point_of(point) for point in points]
    experiment.created = row.get("created", experiment.created)
    experiment.changed = row.get("changed", experiment.changed)
    return experiment
