"""Experiments as rows, and rows as experiments."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, insert, select, update

from toolkit.experiments import schema
from toolkit.experiments.errors import DamageError
from toolkit.experiments.experiment import Experiment, Kept
from toolkit.experiments.parts import Parts, parts_of
from toolkit.experiments.schema import check_of
from toolkit.experiments.steps import SavePoint, Step, StoredNetwork
from toolkit.formats import NetworkFileError
from toolkit.formats.frameworks import npz
from toolkit.network import Network

Row = RowMapping | dict[str, Any]

# Made once: what a statement says is the same for every stroke.
_SWAP = (
    update(schema.experiments)
    .where(
        schema.experiments.c.id == bindparam("which"),
        schema.experiments.c.revision == bindparam("base"),
    )
    .values({
        **{name: bindparam(name) for name in ("name", "digits", "changed", "revision", "listed",
                                              "cursor", "steps", "points", "checksum")},
        "accuracy": func.coalesce(bindparam("accuracy"), schema.experiments.c.accuracy),
    })
)  # fmt: skip
_ADD, _ADD_SEQ = insert(schema.experiments), insert(schema.acknowledgements)
_DROP_STEPS = delete(schema.steps).where(
    schema.steps.c.experiment == bindparam("which"), schema.steps.c.position >= bindparam("first")
)
_DROP_SNAPSHOTS = delete(schema.snapshots).where(
    schema.snapshots.c.experiment == bindparam("which"),
    schema.snapshots.c.position > bindparam("last"),
)
_DROP_SAVE_POINTS = delete(schema.save_points).where(
    schema.save_points.c.experiment == bindparam("which"),
    schema.save_points.c.number >= bindparam("first"),
)
_MEASURED = (
    update(schema.steps)
    .where(
        schema.steps.c.experiment == bindparam("which"), schema.steps.c.position == bindparam("at")
    )
    .values(accuracy_before=bindparam("before"), accuracy_after=bindparam("after"))
)
_RAISE_SEQ = (
    update(schema.acknowledgements)
    .where(
        schema.acknowledgements.c.experiment == bindparam("which"),
        schema.acknowledgements.c.client == bindparam("who"),
        schema.acknowledgements.c.seq < bindparam("high"),
    )
    .values(seq=bindparam("high"))
)
_SEQ = select(schema.acknowledgements.c.seq).where(
    schema.acknowledgements.c.experiment == bindparam("which"),
    schema.acknowledgements.c.client == bindparam("who"),
)
_ONE = select(schema.experiments).where(schema.experiments.c.id == bindparam("which"))


def _all_of(table: Any, order: Any) -> Any:
    return select(table).where(table.c.experiment == bindparam("which")).order_by(order)


_STEPS = _all_of(schema.steps, schema.steps.c.position)
_SNAPSHOTS = _all_of(schema.snapshots, schema.snapshots.c.position)
_SAVE_POINTS = _all_of(schema.save_points, schema.save_points.c.number)


def row_of(connection: Connection, id: str) -> Row | None:
    """Return an experiment's own row, None if there is none."""
    return connection.execute(_ONE, {"which": id}).mappings().first()


def add(
    connection: Connection,
    experiment: Experiment,
    listed: bool,
    accuracy: float | None,
    parts: Parts | None = None,
) -> Kept:
    """Write an experiment that is not there yet."""
    _add_row(connection, experiment, _state(experiment, listed, accuracy))
    (parts or parts_of(experiment, None)).write(connection)
    return kept_of(experiment)


def _add_row(connection: Connection, experiment: Experiment, state: dict[str, Any]) -> None:
    row = {
        "id": experiment.id,
        "origin": experiment.origin,
        "sizes": json.dumps(experiment.start.sizes),
        "created": experiment.created,
    }
    connection.execute(_ADD, {**row, **state})


def begin(connection: Connection, experiment: Experiment, piece: Parts) -> None:
    """Write the start of an experiment that comes in pieces; it is in no list until all is there.

    Whatever comes between, what is stored is a whole experiment: its first steps, undone.
    """
    state = _so_far(experiment, len(piece.steps), len(piece.save_points))
    _add_row(connection, experiment, state)
    piece.write(connection)


def go_on(
    connection: Connection, experiment: Experiment, piece: Parts, steps: int, points: int
) -> bool:
    """Write a further piece, with which there are so many steps and save points."""
    piece.write(connection)
    return _put(connection, experiment, _so_far(experiment, steps, points))


def complete(
    connection: Connection, experiment: Experiment, listed: bool, accuracy: float | None
) -> bool:
    """Put the cursor where it is, now that all pieces are there."""
    return _put(connection, experiment, _state(experiment, listed, accuracy))


def _put(connection: Connection, experiment: Experiment, state: dict[str, Any]) -> bool:
    known = {"which": experiment.id, "base": experiment.revision}
    return connection.execute(_SWAP, {**known, **state}).rowcount == 1


def _so_far(experiment: Experiment, steps: int, points: int) -> dict[str, Any]:
    return {
        **_state(experiment, False, None),
        "cursor": 0,
        "steps": steps,
        "points": points,
        "checksum": experiment.start.checksum,
    }


def swap(
    connection: Connection, experiment: Experiment, accuracy: float | None, parts: Parts
) -> Kept | None:
    """Make the stored state the experiment's, writing what changed; None if it is stale."""
    kept = experiment.kept
    base = -1 if kept is None else kept.revision
    done = connection.execute(
        _SWAP, {"which": experiment.id, "base": base, **_state(experiment, True, accuracy)}
    )
    if kept is None or done.rowcount != 1:
        return None
    if kept.steps < kept.stored:
        connection.execute(_DROP_STEPS, {"which": experiment.id, "first": kept.steps})
        connection.execute(_DROP_SNAPSHOTS, {"which": experiment.id, "last": kept.steps})
    if len(experiment.save_points) < kept.save_points:
        first = len(experiment.save_points)
        connection.execute(_DROP_SAVE_POINTS, {"which": experiment.id, "first": first})
    parts.write(connection)
    _measured(connection, experiment, kept)
    return kept_of(experiment)


def _state(experiment: Experiment, listed: bool, accuracy: float | None) -> dict[str, Any]:
    return {
        "name": experiment.name,
        "digits": experiment.digits,
        "changed": experiment.changed,
        "revision": experiment.revision,
        "listed": listed,
        "cursor": experiment.cursor,
        "steps": len(experiment.steps),
        "points": len(experiment.save_points),
        "accuracy": accuracy,
        "checksum": experiment.network.checksum,
    }


def kept_of(experiment: Experiment) -> Kept:
    """Return what a store has that has all of the experiment."""
    count = len(experiment.steps)
    last = experiment.steps[experiment.cursor - 1] if experiment.cursor else None
    measured = None if last is None else (last.accuracy_before, last.accuracy_after)
    return Kept(experiment.revision, count, count, len(experiment.save_points), last, measured)


def _measured(connection: Connection, experiment: Experiment, kept: Kept) -> None:
    """Write accuracies that were measured for the step before the cursor after it was kept."""
    at = experiment.cursor - 1
    if not 0 <= at < kept.steps:
        return
    step = experiment.steps[at]
    now = (step.accuracy_before, step.accuracy_after)
    if now != (None, None) and (step is not kept.last or now != kept.measured):
        connection.execute(
            _MEASURED, {"which": experiment.id, "at": at, "before": now[0], "after": now[1]}
        )


def acknowledge(connection: Connection, id: str, client: str, seq: int) -> None:
    """Raise the number of the last letter seen of a client."""
    whose = {"which": id, "who": client}
    if connection.execute(_RAISE_SEQ, {**whose, "high": seq}).rowcount:
        return
    if connection.execute(_SEQ, whose).scalar() is None:
        connection.execute(_ADD_SEQ, {"experiment": id, "client": client, "seq": seq})


def parts_in(connection: Connection, row: Row) -> list[Sequence[Row]]:
    """Return all rows of an experiment, as :func:`experiment_of` takes them beside its own."""
    which = {"which": row["id"]}
    return [
        connection.execute(wanted, which).mappings().all()
        for wanted in (_STEPS, _SNAPSHOTS, _SAVE_POINTS)
    ]


def read_network(connection: Connection, row: Row) -> Network:
    """Return an experiment's network at the cursor, reading no more than that needs."""
    which, cursor = row["id"], row["cursor"]
    near = (
        select(schema.snapshots)
        .where(schema.snapshots.c.experiment == which, schema.snapshots.c.position <= cursor)
        .order_by(schema.snapshots.c.position.desc())
        .limit(1)
    )
    snapshot = connection.execute(near).mappings().first()
    if snapshot is None or not is_whole_snapshot(snapshot):
        raise DamageError(f"the start of experiment {which} cannot be read")
    position = snapshot["position"]
    between = (
        select(schema.steps)
        .where(
            schema.steps.c.experiment == which,
            schema.steps.c.position >= position,
            schema.steps.c.position < cursor,
        )
        .order_by(schema.steps.c.position)
    )
    steps = steps_of(connection.execute(between).mappings(), position)
    network = network_of(snapshot)
    try:
        for step in steps:
            network = step.edit.apply(network)
    except ValueError as error:
        raise DamageError(f"experiment {which}: {error}") from error
    if position + len(steps) != cursor or network.checksum != row["checksum"]:
        raise DamageError(f"the network of experiment {which} is not the one that was saved")
    return network if network.name == row["name"] else network.renamed(row["name"])


def experiment_of(
    row: Row, steps: Iterable[Row], snapshots: Iterable[Row], save_points: Iterable[Row]
) -> Experiment:
    """Return the experiment that rows hold; raises DamageError if they are not whole."""
    id = row["id"]
    known = {
        each["position"]: StoredNetwork(each["network"])
        for each in snapshots
        if is_whole_snapshot(each)
    }
    if 0 not in known:
        raise DamageError(f"the start of experiment {id} cannot be read")
    read_steps = steps_of(steps, 0)
    if len(read_steps) != row["steps"]:
        raise DamageError(
            f"experiment {id}: expected {row['steps']} steps, found {len(read_steps)} whole ones"
        )
    points = [point_of(each) for each in save_points if is_whole_save_point(each)]
    if len(points) != row["points"]:
        raise DamageError(
            f"experiment {id}: expected {row['points']} save points, found {len(points)} whole ones"
        )
    try:
        experiment = Experiment(
            known[0].network, id=id, name=row["name"], origin=row["origin"], digits=row["digits"]
        )
        landmarks = {at: network for at, network in known.items() if at <= len(read_steps)}
        experiment = Experiment.assembled(experiment, read_steps, row["cursor"], points, landmarks)
    except (ValueError, IndexError, NetworkFileError) as error:
        raise DamageError(f"experiment {id}: {error}") from error
    if experiment.network.checksum != row["checksum"]:
        raise DamageError(f"the network of experiment {id} is not the one that was saved")
    experiment.created, experiment.changed = row["created"], row["changed"]
    experiment.revision = row["revision"]
    experiment.kept = kept_of(experiment)
    return experiment


def steps_of(rows: Iterable[Row], first: int) -> list[Step]:
    """Return the steps that rows hold, as far as they are whole and none is missing."""
    steps: list[Step] = []
    for position, row in enumerate(rows, first):
        if row["position"] != position or not is_whole_step(row):
            break
        steps.append(
            Step(
                row["edit"],
                row["inverse"],
                row["client"],
                row["made"],
                row["accuracy_before"],
                row["accuracy_after"],
                name=row["name"],
            )
        )
    return steps


def network_of(row: Row) -> Network:
    """Return the network of a snapshot; raises DamageError if it cannot be read."""
    try:
        return npz.loads(row["network"], "snapshot")
    except NetworkFileError as error:
        raise DamageError(str(error)) from error


def point_of(row: Row) -> SavePoint:
    """Return the save point that a row holds."""
    return SavePoint(row["name"], row["made"], row["cursor"], StoredNetwork(row["network"]))


def is_whole_step(row: Row) -> bool:
    """Tell whether a step's row is what was written."""
    return bool(
        row["check"] == check_of(row["experiment"], row["position"], row["edit"], row["inverse"])
    )


def is_whole_snapshot(row: Row) -> bool:
    """Tell whether a snapshot's row is what was written."""
    return bool(row["check"] == check_of(row["experiment"], row["position"], row["network"]))


def is_whole_save_point(row: Row) -> bool:
    """Tell whether a save point's row is what was written."""
    return bool(
        row["check"] == check_of(row["experiment"], row["number"], row["network"], row["name"])
    )
