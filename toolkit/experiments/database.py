"""One connection to a workspace's database: transactions, and errors said in words.

SQLite keeps a write-ahead log and waits for the disk at each commit (WAL with
``synchronous=FULL``): one wait a commit where a rollback journal needs three.
Measured for a stroke of 25 cells: 0.3 ms, against 1.1 ms with
``journal_mode=DELETE`` and ``synchronous=EXTRA``.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from toolkit.experiments import schema
from toolkit.experiments.errors import (
    DamageError,
    WorkspaceError,
    explain,
    newer,
    unreadable,
)

WAIT_SECONDS = 2.0
"""How long to wait for another program that writes."""


def shown(where: Path | str) -> str:
    """Return where a workspace is as people are told, without a password."""
    if isinstance(where, Path):
        return str(where)
    try:
        return make_url(where).render_as_string()
    except (ArgumentError, ValueError):
        return "(a URL that cannot be read)"


class Database:
    """A connection, shared by threads, to a file or to another database that SQLAlchemy knows.

    Parameters
    ----------
    where : Path or str
        A file, or an SQLAlchemy URL.
    for_reading : bool
        Open a file that neither it nor its folder can be written; what another program writes
        meanwhile is not seen.
    """

    def __init__(self, where: Path | str, *, for_reading: bool = False) -> None:
        self.where = where
        self.for_reading = for_reading
        self.lock = threading.RLock()
        self.broken = False
        self._begin = "BEGIN"
        with self._words():
            if isinstance(where, str):
                self._engine = create_engine(where)
            else:
                # Through a function of ours: a path may hold what means something in a URL.
                self._engine = create_engine("sqlite://", creator=self._connect, poolclass=NullPool)
                event.listen(self._engine, "connect", _prepare)
                event.listen(self._engine, "begin", self._begin_transaction)
            self._connection = self._engine.connect()
        self._seen = self._stamp()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give the connection in a transaction that sees one state and writes nothing."""
        with self.lock, self._words():
            self._begin = "BEGIN"
            with self._connection.begin():
                yield self._connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the connection in a transaction: all of it is on the disk afterwards, or nothing."""
        with self.lock, self._words():
            self._begin = "BEGIN IMMEDIATE"
            with self._connection.begin():
                yield self._connection

    def close(self) -> None:
        """Let the file go."""
        with self.lock:
            try:
                self._connection.close()
                self._engine.dispose()
            except SQLAlchemyError:  # a connection that broke has nothing left to lose
                pass

    def is_current(self) -> bool:
        """Tell whether the file is still the one that was opened."""
        return self._stamp() == self._seen

    def check_structure(self) -> None:
        """Raise DamageError if the file's pages do not hang together."""
        with self.reading() as connection:
            found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
        if found != "ok":
            raise DamageError(" ".join(found.replace("*** in database main ***", "").split()))

    def check_format(self) -> bool:
        """Tell whether there is a workspace; False if there is nothing yet.

        Raises
        ------
        WorkspaceError
            If a newer toolkit made it, or it is another program's database.
        DamageError
            If a table is missing.
        """
        with self.reading() as connection:
            inspector = inspect(connection)
            tables = set(inspector.get_table_names())
            if not tables:
                return False
            known: dict[str, str] = {}
            if "meta" in tables:
                known.update((row.key, row.value) for row in connection.execute(_ALL_META))
            if known.get("format") != schema.FORMAT:
                raise unreadable(shown(self.where), "it is the database of another program")
            if known.get("version") not in (str(schema.VERSION), *schema.OLDER):
                raise newer(shown(self.where), schema.VERSION, str(known.get("version")))
            for table in schema.metadata.sorted_tables:
                if table.name not in tables:
                    raise DamageError(f"the table {table.name} is missing")
                columns = {column["name"] for column in inspector.get_columns(table.name)}
                if not columns >= set(table.columns.keys()):
                    raise DamageError(f"the table {table.name} lacks columns")
        return True

    def raise_version(self) -> None:
        """Make an older workspace one of this version, which older toolkits leave alone."""
        version = schema.meta.c.key == "version"
        older = version & schema.meta.c.value.in_(schema.OLDER)
        with self.reading() as connection:
            if connection.execute(schema.meta.select().where(older)).first() is None:
                return
        with self.writing() as connection:
            connection.execute(schema.meta.update().where(older).values(value=str(schema.VERSION)))

    def create_tables(self) -> None:
        """Make an empty workspace, unless another program just made it."""
        with self.writing() as connection:
            if inspect(connection).get_table_names():
                return
            schema.metadata.create_all(connection)
            connection.execute(
                schema.meta.insert(),
                [
                    {"key": "format", "value": schema.FORMAT},
                    {"key": "version", "value": str(schema.VERSION)},
                ],
            )

    def keep_a_log(self) -> None:
        """Switch an SQLite file to a write-ahead log, or to the safest journal without one."""
        if isinstance(self.where, str) or self.for_reading:
            return
        with self.lock, self._words():
            cursor = self._driver.cursor()
            mode = cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            cursor.execute(f"PRAGMA synchronous={'FULL' if mode == 'wal' else 'EXTRA'}")
            cursor.close()

    def _connect(self) -> sqlite3.Connection:
        immutable = "?immutable=1" if self.for_reading else ""
        return sqlite3.connect(
            f"{Path(self.where).absolute().as_uri()}{immutable}",
            uri=True, timeout=WAIT_SECONDS, check_same_thread=False, isolation_level=None,
        )  # fmt: skip

    @property
    def _driver(self) -> Any:
        return self._connection.connection.dbapi_connection

    def _begin_transaction(self, connection: Connection) -> None:
        connection.exec_driver_sql(self._begin)

    def _stamp(self) -> tuple[int, ...] | None:
        """Return what tells a file from another one that took its place."""
        if isinstance(self.where, str):
            return ()
        try:
            status = self.where.stat()
        except OSError:
            return None
        stamp = (status.st_dev, status.st_ino)
        return (*stamp, status.st_mtime_ns, status.st_size) if self.for_reading else stamp

    @contextmanager
    def _words(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self._explained(error.orig or error) from error
        except (sqlite3.Error, OSError, UnicodeError, OverflowError) as error:
            # PRAGMAs go to the driver itself, whose errors come bare.
            raise self._explained(error) from error
        except (SQLAlchemyError, ImportError) as error:
            self.broken = True
            raise unreadable(shown(self.where), str(error).splitlines()[0]) from error

    def _explained(self, error: BaseException) -> WorkspaceError | DamageError:
        path = Path("database") if isinstance(self.where, str) else self.where
        told = explain(error, path, WAIT_SECONDS)
        # A connection that met damage or a failing disk is not used again; one that may not write
        # stays so, whatever becomes of the file.
        if isinstance(told, DamageError) or told.code in ("unreadable", "read-only"):
            self.broken = True
        return told


_ALL_META = select(schema.meta.c.key, schema.meta.c.value)


def _prepare(connection: Any, record: object) -> None:
    """Ask for what SQLite does not do by itself."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def log_of(path: Path) -> Path:
    """Return where SQLite keeps a file's write-ahead log."""
    return Path(f"{os.fspath(path)}-wal")
