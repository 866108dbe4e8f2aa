"""Matrices as text: CSV, or columns apart by blanks, tabs or semicolons.

One file holds either one matrix, or several with a blank line between them; a
line that begins with ``#`` is a comment, and one right above a matrix names
it.  What the project writes is a single file, each part named::

    # weight-map-toolkit network, 3-2; each part has its name above it
    # {"name": "mine", ...}

    # weights_1 relu
    0.5,-1,0.25
    0,2,1

    # biases_1
    0.5,-1

The second line is :mod:`toolkit.formats.meaning.mark`'s.

An archive or a folder holds one matrix a file, named by the file.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.containers import text_tables
from toolkit.formats.containers.json_text import json_of
from toolkit.formats.containers.text_tables import Table
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, natural, quoted
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning import mark
from toolkit.formats.meaning.mark import Mark
from toolkit.formats.meaning.pairing import from_arrays, is_part_of_a_layer
from toolkit.formats.meaning.reading import Reading
from toolkit.network import ACTIVATIONS, Network

SUFFIXES = (".csv", ".txt", ".tsv", ".dat")

_TITLE = b"# weight-map-toolkit network"
_BIAS = re.compile(r"bias|biases|intercept", re.IGNORECASE)
_COUNTED = "the first row counts the columns"


def looks_like(data: bytes) -> bool:
    """Tell whether bytes are our own text, or that of numbers."""
    return data.startswith(_TITLE) or text_tables.looks_like(data)


def read(data: bytes, where: str = "file", limits: Limits = LIMITS) -> Reading:
    """Read a network from one text of matrices.

    Raises
    ------
    NetworkFileError
        Also if an entry is no number, or rows differ in length.
    """
    tables = text_tables.parse(data, where, Budget(limits, where))
    named: list[tuple[str, Table]] = []
    activations: list[str] = []
    for number, table in enumerate(tables, 1):
        words = table.comment.split()
        # What begins with another word ("# the output's weights") is a sentence and no name.
        plain = len(words) == 1 or (len(words) > 1 and is_part_of_a_layer(words[0]))
        named.append((words[0] if plain else f"matrix {number}", table))
        if len(words) > 1 and (activation := words[1].rstrip(",;")) in ACTIVATIONS:
            activations.append(activation)
    said = _mark(data, where, limits)
    ours = said is not None or data.startswith(_TITLE)
    reading = _reading("matrices as text", named, where, limits, ours=ours)
    if len(activations) == len(reading.layers):
        reading = reading.with_activations(activations)
    return reading if said is None else said.on(reading)


def _mark(data: bytes, where: str, limits: Limits) -> Mark | None:
    """Return what the line below our title says; None where there is none."""
    if not data.startswith(_TITLE):
        return None
    _, _, line = data[: limits.header_bytes].partition(b"\n")
    line = line.partition(b"\n")[0].strip()
    if not line.startswith(b"# {"):
        return None
    return mark.of(json_of(line[2:], f"{where}: line 2", limits), where)


def read_files(files: list[tuple[str, bytes]], where: str, limits: Limits = LIMITS) -> Reading:
    """Read a network from texts of one matrix each, by their names, numbers by value.

    Raises
    ------
    NetworkFileError
        As :func:`read`; also if a file holds several matrices.
    """
    budget = Budget(limits, where)
    # A column of 0,5 alone could be two: the others tell.
    comma = any(text_tables.has_decimal_comma(data) for _, data in files)
    named = []
    for name, data in files:
        tables = text_tables.parse(data, f"{where}: {quoted(name)}", budget, comma=comma)
        if len(tables) != 1:
            raise NetworkFileError(
                f"{where}: {quoted(name)} holds {len(tables)} matrices; expected one a file"
            )
        named.append((name.rpartition("/")[2].rpartition(".")[0], tables[0]))
    named.sort(key=lambda pair: natural(pair[0]))
    return _reading("matrices as text, one a file", named, where, limits)


def _reading(
    form: str, named: list[tuple[str, Table]], where: str, limits: Limits, *, ours: bool = False
) -> Reading:
    """Read matrices by name; a first row that could count the columns is weights if it fits."""
    understood = Counter(note for _, table in named for note in table.notes)
    notes = [_note(note, count, len(named)) for note, count in understood.items()]
    counted = sum(table.certain for _, table in named)
    doubtful = sum(table.counted for _, table in named) - counted
    if counted:
        notes.append(_note(_COUNTED, counted, len(named)))
    inputs_first = False if ours else None

    def attempt(*, drop: bool) -> Reading:
        arrays = [part for name, table in named for part in _arrays(name, table, drop=drop)]
        return from_arrays(form, arrays, where, limits, inputs_first=inputs_first, notes=notes)

    if not doubtful:
        return attempt(drop=False)
    try:
        reading = attempt(drop=False)
    except NetworkFileError as error:
        notes.append(_note(f"{_COUNTED}; without it the layers fit", doubtful, len(named)))
        with contextlib.suppress(NetworkFileError):
            return attempt(drop=True)
        raise error from None
    note = _note("the first row could count the columns; it is taken for weights", doubtful,
                 len(named))  # fmt: skip
    return replace(reading, notes=(*reading.notes, note))


def _note(said: str, count: int, tables: int) -> str:
    """Return a sentence about so many of a file's tables."""
    if tables == 1:
        return f"{said[0].upper()}{said[1:]}."
    return f"In {count} of {tables} matrices {said}."


def _arrays(name: str, table: Table, *, drop: bool) -> list[tuple[str, NDArray[Any]]]:
    """Return a table's matrix under its name, and a column of biases in it by itself."""
    values = table.values
    if (table.certain or (drop and table.counted)) and len(values) > 1:
        values = values[1:]
    biases = [index for index, title in enumerate(table.titles) if _BIAS.fullmatch(title)]
    if len(biases) == 1 and values.shape[1] > 1:
        return [
            (f"{name}.weight", np.delete(values, biases[0], axis=1)),
            (f"{name}.bias", values[:, biases[0]]),
        ]
    return [(name, _vector(values, name))]


def _vector(values: NDArray[np.float64], name: str) -> NDArray[Any]:
    """Return one line or one column of what is called biases as 1-D."""
    is_bias = re.match(r"(?:.*[._/ 0-9])?(?:b|bias|biases|intercepts?)[_ ]?[0-9]*$", name.lower())
    return values.ravel() if is_bias and 1 in values.shape else values


def dumps(network: Network) -> bytes:
    """Return the network as one text: each part named, each number exact.

    Parameters
    ----------
    network : Network
    """
    shape = "-".join(map(str, network.sizes))
    title = f"{_TITLE.decode()}, {shape}; each part has its name above it"
    parts = [f"{title}\n# {mark.text_of(network)}\n"]
    for number, layer in enumerate(network.layers, 1):
        rows = "\n".join(",".join(map(str, row)) for row in layer.weights)
        parts.append(f"# weights_{number} {layer.activation}\n{rows}\n")
        parts.append(f"# biases_{number}\n{','.join(map(str, layer.biases))}\n")
    return "\n".join(parts).encode()
