"""The tables of a workspace.

An experiment is a row with what lists show of it; its start and, every so many
steps, its network are snapshots; a step is its edit and its inverse as JSON.
What cannot be checked otherwise carries a ``check`` of its content, since a
database notices a broken page but not a changed letter.
"""

from __future__ import annotations

import zlib

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

FORMAT = "weight-map-toolkit workspace"
VERSION = 2
"""Raised when an older toolkit would take for damage what a newer one keeps."""
OLDER = ("1",)
"""Versions that are read, and become this one: 1 knew five activation functions and ten outputs."""

metadata = MetaData()


def _experiment() -> Column[str]:
    owner = ForeignKey("experiments.id", ondelete="CASCADE")
    return Column("experiment", String(32), owner, primary_key=True)


meta = Table(
    "meta",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

experiments = Table(
    "experiments",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("digits", Text, nullable=False),
    Column("sizes", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("changed", Double, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("listed", Boolean, nullable=False),
    Column("binned", Double),
    Column("cursor", Integer, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("points", Integer, nullable=False),
    Column("accuracy", Double),
    Column("checksum", String(16), nullable=False),
)

snapshots = Table(
    "snapshots",
    metadata,
    _experiment(),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("network", LargeBinary, nullable=False),
    Column("check", BigInteger, nullable=False),
)

steps = Table(
    "steps",
    metadata,
    _experiment(),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("made", Double, nullable=False),
    Column("accuracy_before", Double),
    Column("accuracy_after", Double),
    Column("edit", Text, nullable=False),
    Column("inverse", Text, nullable=False),
    Column("check", BigInteger, nullable=False),
)

save_points = Table(
    "save_points",
    metadata,
    _experiment(),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("made", Double, nullable=False),
    Column("cursor", Integer, nullable=False),
    Column("network", LargeBinary, nullable=False),
    Column("check", BigInteger, nullable=False),
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    _experiment(),
    Column("client", String(200), primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

PARTS = (snapshots, steps, save_points, acknowledgements)
"""The tables that belong to an experiment."""


def check_of(experiment: object, position: object, *parts: object) -> int:
    """Return the check of a row's content, which also tells where it belongs."""
    check = zlib.crc32(f"{experiment}/{position}".encode())
    for part in parts:
        # In a damaged file anything may stand anywhere.
        data = part if isinstance(part, bytes) else str(part).encode("utf-8", "replace")
        check = zlib.crc32(data, check)
    return check
