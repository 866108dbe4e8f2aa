"""What belongs to an experiment, as rows to be written: at once, or a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert

from toolkit.experiments import schema
from toolkit.experiments.experiment import Experiment, Kept
from toolkit.experiments.schema import check_of
from toolkit.experiments.steps import packed

MOST_IN_A_PIECE = 1 << 20
"""Bytes that are written without a pause."""
_BYTES_A_ROW = 1000
"""What a row costs beside its content, in the time that as many bytes take."""

_ADD = [(table.name, insert(table)) for table in (schema.steps, schema.snapshots,
                                                  schema.save_points)]  # fmt: skip


@dataclass(frozen=True)
class Parts:
    """Rows of an experiment's steps, snapshots and save points, their checks included."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    snapshots: list[dict[str, Any]] = field(default_factory=list)
    save_points: list[dict[str, Any]] = field(default_factory=list)

    def write(self, connection: Connection) -> None:
        """Add the rows to their tables."""
        for name, statement in _ADD:
            found = getattr(self, name)
            if found:
                connection.execute(statement, found)

    def pieces(self) -> Iterator[Parts]:
        """Give the same rows in order, some at a time: the start, steps, networks between."""
        piece, size = Parts(), 0
        start = [row for row in self.snapshots if row["position"] == 0]
        between = [row for row in self.snapshots if row["position"] != 0]
        for name, rows in (("snapshots", start), ("steps", self.steps),
                           ("snapshots", between), ("save_points", self.save_points)):  # fmt: skip
            for row in rows:
                taken = _size_of(row)
                if size and size + taken > MOST_IN_A_PIECE:
                    yield piece
                    piece, size = Parts(), 0
                getattr(piece, name).append(row)
                size += taken
        yield piece


def _size_of(row: dict[str, Any]) -> int:
    content = [row["network"]] if "network" in row else [row["edit"], row["inverse"]]
    return _BYTES_A_ROW + sum(map(len, content))


def parts_of(experiment: Experiment, kept: Kept | None) -> Parts:
    """Return what a store does not have yet; that takes a while, so that no lock is held for it."""
    last, first = (-1, 0) if kept is None else (kept.steps, kept.save_points)
    return Parts(
        _steps(experiment, max(last, 0)),
        [
            _snapshot(experiment.id, at, packed(network))
            for at, network in experiment.landmarks.items()
            if at > last
        ],
        _save_points(experiment, first),
    )


def _steps(experiment: Experiment, first: int) -> list[dict[str, Any]]:
    rows = []
    for position, step in enumerate(experiment.steps[first:], first):
        edit, inverse = step.texts()
        rows.append(
            {
                "experiment": experiment.id,
                "position": position,
                "name": step.name,
                "client": step.client,
                "made": step.made,
                "accuracy_before": step.accuracy_before,
                "accuracy_after": step.accuracy_after,
                "edit": edit,
                "inverse": inverse,
                "check": check_of(experiment.id, position, edit, inverse),
            }
        )
    return rows


def _snapshot(id: str, position: int, data: bytes) -> dict[str, Any]:
    return {
        "experiment": id,
        "position": position,
        "network": data,
        "check": check_of(id, position, data),
    }


def _save_points(experiment: Experiment, first: int) -> list[dict[str, Any]]:
    rows = []
    for number, point in enumerate(experiment.save_points[first:], first):
        data = packed(point.kept)
        rows.append(
            {
                "experiment": experiment.id,
                "number": number,
                "name": point.name,
                "made": point.made,
                "cursor": point.cursor,
                "network": data,
                "check": check_of(experiment.id, number, data, point.name),
            }
        )
    return rows
