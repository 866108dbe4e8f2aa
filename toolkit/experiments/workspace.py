"""Where experiments are kept: each change in a transaction of its own, on the disk when it ends."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import platformdirs
import sqlalchemy as sa

from toolkit.experiments import rows, schema
from toolkit.experiments.backup import Backup
from toolkit.experiments.database import Database, shown
from toolkit.experiments.entry import Entry
from toolkit.experiments.errors import (
    DamageError,
    NoSuchExperiment,
    StaleExperiment,
    WorkspaceError,
    damaged,
    read_only,
)
from toolkit.experiments.experiment import Experiment
from toolkit.experiments.opening import open_file, open_other, repair_again
from toolkit.experiments.parts import Parts, parts_of
from toolkit.experiments.repair import Repair
from toolkit.network import Network

VARIABLE = "TOOLKIT_WORKSPACE"
"""Environment variable that names the file to use."""
BIN_DAYS = 30
"""After so many days in the bin an experiment is deleted."""

_DAY = 86_400.0
_MOST_IDS = 500
_TURN_SECONDS = 0.002
"""For who waits, between the pieces of what is long."""
_SHOWN = (
    "id", "name", "origin", "sizes", "digits", "created", "changed", "binned", "cursor", "steps",
    "accuracy", "revision",
)  # fmt: skip


_Fetch = Callable[[sa.Connection, Any], tuple[Any, ...]]


def default_location() -> Path:
    """Return where experiments are kept if nobody says otherwise."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    return Path(platformdirs.user_data_dir("weight-map-toolkit")) / "workspace.sqlite"


class Workspace:
    """Experiments in one file, for all threads of a program.

    A file that is damaged is put back to its last whole state, and `repaired`
    tells so.  Where it cannot be opened at all, making a workspace does not
    raise; each call does, after trying again.

    Parameters
    ----------
    where : str or Path, optional
        An SQLite file, made if there is none, or an SQLAlchemy URL; by default
        :func:`default_location`.

    Attributes
    ----------
    location : str
        What a person is told it is.
    repaired : Repair or None
        What was done to a damaged file; as text, a few sentences.
    """

    def __init__(self, where: str | Path | None = None) -> None:
        if where is None:
            named = os.environ.get(VARIABLE, "")
            where = named if "://" in named else default_location()
        is_url = isinstance(where, str) and "://" in where
        self._path = None if is_url else Path(where).absolute()
        self._url = str(where) if is_url else ""
        self.repaired: Repair | None = None
        self.location = shown(self._path or self._url)
        self._lock = threading.RLock()
        self._database: Database | None = None
        self._backup = None if self._path is None else Backup(self._path)
        # What is wrong is told when something is to be read or kept; a page opens without.
        with suppress(WorkspaceError):
            self._opened()

    def close(self) -> None:
        """Let the file go; what is kept is on the disk already."""
        if self._backup is not None:
            self._backup.close()
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    # Keeping

    def create(
        self,
        experiment: Experiment,
        *,
        listed: bool = True,
        client: str = "",
        seq: int = 0,
        accuracy: float | None = None,
    ) -> None:
        """Keep an experiment that the workspace does not have.

        A long one is kept in pieces, so that nobody who writes meanwhile waits for all of it; it
        is listed when it is whole, and what ends before is deleted again.

        Parameters
        ----------
        experiment : Experiment
        listed : bool
            Whether it is in the list at once, or from its first commit on.
        client, seq : str, int
            The letter that is answered by this.
        accuracy : float, optional
            In [0, 1].

        Raises
        ------
        WorkspaceError
            If it cannot be kept; StaleExperiment if it is there already.
        """
        first, *others = parts_of(experiment, None).pieces()
        with self._writing() as connection:
            found = rows.row_of(connection, experiment.id)
            if found is not None:
                raise StaleExperiment(experiment.id, self.location, None, found["revision"])
            if others:
                rows.begin(connection, experiment, first)
            else:
                rows.add(connection, experiment, listed, accuracy, first)
                if client:
                    rows.acknowledge(connection, experiment.id, client, seq)
        if others:
            try:
                self._add(experiment, first, others)
                with self._writing() as connection:
                    if not rows.complete(connection, experiment, listed, accuracy):
                        raise NoSuchExperiment(experiment.id, self.location)
                    if client:
                        rows.acknowledge(connection, experiment.id, client, seq)
            except BaseException:
                with suppress(WorkspaceError):
                    self.delete(experiment.id)
                raise
        experiment.kept = rows.kept_of(experiment)

    def _add(self, experiment: Experiment, first: Parts, others: list[Parts]) -> None:
        """Keep the further pieces of a long experiment, each in a transaction of its own."""
        steps, points = len(first.steps), len(first.save_points)
        for piece in others:
            self._let_others_in()
            steps, points = steps + len(piece.steps), points + len(piece.save_points)
            with self._writing() as connection:
                if not rows.go_on(connection, experiment, piece, steps, points):
                    raise NoSuchExperiment(experiment.id, self.location)

    @staticmethod
    def _let_others_in() -> None:
        # A lock that is let go and taken again at once is never handed on.
        time.sleep(_TURN_SECONDS)

    def commit(
        self,
        experiment: Experiment,
        *,
        client: str = "",
        seq: int = 0,
        accuracy: float | None = None,
    ) -> None:
        """Make what is stored of an experiment what it is now, in one transaction.

        It is on the disk when this returns, and the experiment is listed.
        Parameters are those of :meth:`create`; without an accuracy the one
        measured before stays.

        Raises
        ------
        StaleExperiment
            If somebody else changed it since it was loaded: load it again.
        NoSuchExperiment
            If it was never created, or was deleted.
        WorkspaceError
            If it cannot be kept; store and experiment are then as they were, and it may be tried
            again.
        """
        parts = parts_of(experiment, experiment.kept)
        with self._writing() as connection:
            kept = rows.swap(connection, experiment, accuracy, parts)
            if kept is None:
                found = rows.row_of(connection, experiment.id)
                if found is None:
                    raise NoSuchExperiment(experiment.id, self.location)
                base = None if experiment.kept is None else experiment.kept.revision
                raise StaleExperiment(experiment.id, self.location, base, found["revision"])
            if client:
                rows.acknowledge(connection, experiment.id, client, seq)
        experiment.kept = kept

    def acknowledge(self, id: str, client: str, seq: int) -> None:
        """Note that a letter was seen although nothing came of it."""
        with self._writing() as connection:
            if rows.row_of(connection, id) is None:
                raise NoSuchExperiment(id, self.location)
            rows.acknowledge(connection, id, client, seq)

    # Reading

    def acknowledged(self, id: str) -> dict[str, int]:
        """Return for each client the number of its last letter that was seen."""
        table = schema.acknowledgements
        with self._reading() as connection:
            found = connection.execute(
                sa.select(table.c.client, table.c.seq).where(table.c.experiment == id)
            )
            return {row.client: row.seq for row in found}

    def load(self, id: str) -> Experiment:
        """Return an experiment as it was kept last.

        Raises
        ------
        NoSuchExperiment
            If there is none of that id.
        WorkspaceError
            If it cannot be read.
        """
        found: Experiment = self._read_one(
            id, lambda connection, row: (row, *rows.parts_in(connection, row)), rows.experiment_of
        )
        return found

    def network(self, id: str) -> Network:
        """Return an experiment's network at its cursor, without reading all of its steps."""
        found: Network = self._read_one(
            id, lambda connection, row: (rows.read_network(connection, row),), lambda it: it
        )
        return found

    def entries(self, *, ids: Sequence[str] | None = None, binned: bool = False) -> list[Entry]:
        """Return the experiments that are listed, those changed last first.

        Parameters
        ----------
        ids : sequence of str, optional
            Of these alone.
        binned : bool
            Those in the bin, in place of those that are not.
        """
        return self._entries(ids, binned, None)

    def last(self, ids: Sequence[str] | None = None) -> Entry | None:
        """Return the experiment changed last, None if there is none."""
        return next(iter(self._entries(ids, False, 1)), None)

    def _entries(self, ids: Sequence[str] | None, binned: bool, most: int | None) -> list[Entry]:
        table = schema.experiments
        many = ids is not None and len(ids) > _MOST_IDS
        wanted = sa.select(*(table.c[name] for name in _SHOWN)).where(
            table.c.listed, table.c.binned.is_not(None) if binned else table.c.binned.is_(None)
        )
        if ids is not None and not many:
            wanted = wanted.where(table.c.id.in_(list(ids)))
        wanted = wanted.order_by(table.c.changed.desc(), table.c.id)
        with self._reading() as connection:
            found = connection.execute(wanted if many else wanted.limit(most)).mappings().all()
        if many:
            among = set(ids or ())
            found = [row for row in found if row["id"] in among][:most]
        return [Entry(**{**row, "sizes": tuple(json.loads(row["sizes"]))}) for row in found]

    # The list

    def bin(self, id: str) -> None:
        """Put an experiment into the bin, where it is kept for some weeks."""
        self._set(id, binned=time.time())

    def unbin(self, id: str) -> None:
        """Take an experiment out of the bin, and list it."""
        self._set(id, binned=None, listed=True)

    def unlist(self, id: str) -> None:
        """Take an experiment off the list until its next commit."""
        self._set(id, listed=False)

    def delete(self, id: str) -> None:
        """Delete an experiment for good."""
        with self._writing() as connection:
            table = schema.experiments
            if not connection.execute(sa.delete(table).where(table.c.id == id)).rowcount:
                raise NoSuchExperiment(id, self.location)

    def purge(self, older_than_days: float = BIN_DAYS) -> int:
        """Delete what has been in the bin, untouched, for so long; return how many that were."""
        with self._writing() as connection:
            return _purge(connection, older_than_days)

    def _set(self, id: str, **values: Any) -> None:
        with self._writing() as connection:
            table = schema.experiments
            done = connection.execute(sa.update(table).where(table.c.id == id).values(**values))
            if not done.rowcount:
                raise NoSuchExperiment(id, self.location)

    # The file

    def _opened(self, *, to_write: bool = False) -> Database:
        """Return the database, opened anew where the file is another one than it was."""
        database = self._database
        if database is not None:
            if database.is_current() and not (to_write and database.for_reading):
                return database
            database.close()
            self._database = None
        if self._path is None:
            database = open_other(self._url)
        else:
            database, repaired = open_file(self._path)
            self.repaired = repaired or self.repaired
        self._database = database
        if database.for_reading:
            if to_write:
                raise read_only(self.location)
            return database
        try:
            with database.writing() as connection:
                _purge(connection, BIN_DAYS)
        except WorkspaceError as error:
            # To tidy up can wait until there is room, or nobody else writes.
            if to_write and error.code != "locked":
                raise
        if self._backup is not None:
            self._backup.make_if_due()
        return database

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with self._lock:
            try:
                with self._opened(to_write=True).writing() as connection:
                    yield connection
            except DamageError as damage:
                raise damaged(self.location, str(damage)) from damage
            finally:
                # Not sure to be whole any more, or to have come back: looked at anew next time.
                self._forget_if_broken()
            if self._backup is not None:
                self._backup.make_if_due(written=True)

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with self._lock:
            try:
                with self._opened().reading() as connection:
                    yield connection
            except DamageError as damage:
                raise damaged(self.location, str(damage)) from damage
            finally:
                self._forget_if_broken()

    def _forget_if_broken(self) -> None:
        if self._database is not None and self._database.broken:
            self._database.close()
            self._database = None

    def _read_one(self, id: str, fetch: _Fetch, make: Callable[..., Any]) -> Any:
        try:
            # What is made of long rows takes a while, in which others are not kept waiting.
            return make(*self._fetched(id, fetch))
        except DamageError:
            pass
        with self._lock:
            try:
                return make(*self._fetched(id, fetch))
            except DamageError as damage:
                if self._path is None or self._opened().for_reading:
                    raise damaged(self.location, str(damage)) from damage
                found = str(damage)
            # What SQLite did not notice when the file was opened shows as it is read.
            self._let_go()
            self._database, self.repaired = repair_again(self._path, found)
            try:
                return make(*self._fetched(id, fetch))
            except DamageError as damage:
                raise damaged(self.location, str(damage)) from damage

    def _fetched(self, id: str, fetch: _Fetch) -> tuple[Any, ...]:
        with self._lock, self._opened().reading() as connection:
            row = rows.row_of(connection, id)
            if row is None:
                raise NoSuchExperiment(id, self.location)
            return fetch(connection, row)

    def _let_go(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


def _purge(connection: sa.Connection, days: float) -> int:
    """Delete what is in the bin, or on no list with nothing in force, for so long."""
    table, before = schema.experiments, time.time() - days * _DAY
    # On no list and with a cursor at the start is also what a program was killed over that came
    # in pieces.
    forgotten = sa.or_(
        table.c.binned < before, sa.and_(sa.not_(table.c.listed), table.c.cursor == 0)
    )
    gone = sa.delete(table).where(forgotten, table.c.changed < before)
    return connection.execute(gone).rowcount
