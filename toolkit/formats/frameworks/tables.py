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

import io
import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.containers.json_text import json_of
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, quoted
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning import mark
from toolkit.formats.meaning.mark import Mark
from toolkit.formats.meaning.pairing import from_arrays, in_natural_order
from toolkit.formats.meaning.reading import Reading
from toolkit.network import ACTIVATIONS, Network

SUFFIXES = (".csv", ".txt", ".tsv", ".dat")

_TITLE = b"# weight-map-toolkit network"
_SEPARATORS = re.compile(r"[,;\t]\s*|\s+", re.ASCII)
_NUMBER = re.compile(
    r"[-+]?(?:(?:[0-9]{1,400}\.?[0-9]{0,400}|\.[0-9]{1,400})(?:[eE][-+]?[0-9]{1,9})?|nan|inf)",
    re.IGNORECASE,
)
_LINE = re.compile(r"[-+.0-9eEnaifNAIF,;\s]*", re.ASCII)
_BYTES_A_LINE = 256
_BYTES_A_NUMBER = 32
_BETWEEN = (b",", b";", *(bytes([byte]) for byte in b" \t\r\v\f"))
_MOST_IN_A_LINE = 1 << 20  # more inputs than any picture has pixels
_LONGEST_NAME = 100


@dataclass(eq=False)
class _Table:
    """One matrix and the comment above it."""

    comment: str
    values: NDArray[np.float64]


def looks_like(data: bytes) -> bool:
    """Tell whether bytes are text whose first line, but for comments, holds numbers alone."""
    if data.startswith(_TITLE):
        return True
    head = data[:4096].removeprefix(b"\xef\xbb\xbf")
    if b"\0" in head:
        return False
    for line in head.decode("latin-1").splitlines():
        line = line.strip()
        if line and not line.startswith("#"):
            first = _SEPARATORS.split(line, maxsplit=1)[0]
            return bool(_NUMBER.fullmatch(first))
    return False


def read(data: bytes, where: str = "file", limits: Limits = LIMITS) -> Reading:
    """Read a network from one text of matrices.

    Raises
    ------
    NetworkFileError
        Also if an entry is no number, or rows differ in length.
    """
    tables = _parse(data, where, Budget(limits, where))
    names: list[str] = []
    activations: list[str] = []
    for number, table in enumerate(tables, 1):
        words = table.comment.split()
        names.append(words[0] if words else f"matrix {number}")
        if len(words) > 1 and words[1] in ACTIVATIONS:
            activations.append(words[1])
    said = _mark(data, where, limits)
    ours = said is not None or data.startswith(_TITLE)
    reading = from_arrays(
        "matrices as text",
        [(name, _vector(table.values, name)) for name, table in zip(names, tables, strict=True)],
        where,
        limits,
        inputs_first=False if ours else None,
    )
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
    arrays = []
    for name, data in files:
        tables = _parse(data, f"{where}: {quoted(name)}", budget)
        if len(tables) != 1:
            raise NetworkFileError(
                f"{where}: {quoted(name)} holds {len(tables)} matrices; expected one a file"
            )
        stem = name.rpartition("/")[2].rpartition(".")[0]
        arrays.append((stem, _vector(tables[0].values, stem)))
    return from_arrays("matrices as text, one a file", in_natural_order(arrays), where, limits)


def _vector(values: NDArray[np.float64], name: str) -> NDArray[Any]:
    """Return one line or one column of what is called biases as 1-D."""
    is_bias = re.match(r"(?:.*[._/ 0-9])?(?:b|bias|biases|intercepts?)[_ ]?[0-9]*$", name.lower())
    return values.ravel() if is_bias and 1 in values.shape else values


def _parse(data: bytes, where: str, budget: Budget) -> list[_Table]:
    data = data.removeprefix(b"\xef\xbb\xbf")
    lines, between = data.count(b"\n"), sum(map(data.count, _BETWEEN))
    budget.take(lines * _BYTES_A_LINE + between * _BYTES_A_NUMBER)
    tables: list[_Table] = []
    values = np.empty(lines + between + 1)  # no more than stand between these
    start = end = columns = 0
    comment = ""

    def finish() -> None:
        nonlocal comment, start
        if end > start:
            rows = values[start:end].reshape(-1, columns)
            budget.tensor(rows.shape, 8, f"matrix {len(tables) + 1}")
            tables.append(_Table(comment, rows))
            start, comment = end, ""

    for number, raw in enumerate(io.BytesIO(data), 1):
        try:
            line = raw.decode("utf-8").strip()
        except UnicodeDecodeError as error:
            raise NetworkFileError(
                f"{where}: line {number}: text that is not UTF-8 (byte {error.start})"
            ) from error
        if not line:
            finish()
            continue
        if line.startswith("#"):
            finish()
            comment = line[1:_LONGEST_NAME].strip()
            continue
        if len(raw) > _MOST_IN_A_LINE and sum(map(raw.count, _BETWEEN)) > _MOST_IN_A_LINE:
            raise NetworkFileError(
                f"{where}: line {number} holds more than {_MOST_IN_A_LINE:,} numbers, the most "
                "that is read"
            )
        row = _numbers(line)
        if row is None:
            entry = next((each for each in _SEPARATORS.split(line) if not _NUMBER.fullmatch(each)),
                         line)  # fmt: skip
            raise NetworkFileError(f"{where}: line {number}: {quoted(entry)} is no number")
        if end > start and len(row) != columns:
            raise NetworkFileError(
                f"{where}: ragged: line {number} holds {len(row)} numbers, the lines above "
                f"{columns}"
            )
        columns = len(row)
        values[end : end + columns] = row
        end += columns
    finish()
    if not tables:
        raise NetworkFileError(f"{where}: holds no matrix")
    return tables


def _numbers(line: str) -> list[float] | None:
    """Return a line's numbers; None if one is none, or too large where it does not say "inf"."""
    if not _LINE.fullmatch(line):
        return None
    line = line.rstrip(",; \t")
    found = _floats(line.split("," if "," in line else ";" if ";" in line else None))
    if found is None:
        found = _floats(_SEPARATORS.split(line))  # separators of several kinds
    if found is None or ("i" not in line.lower() and (math.inf in found or -math.inf in found)):
        return None
    return found


def _floats(entries: list[str]) -> list[float] | None:
    try:
        return list(map(float, entries))
    except ValueError:
        return None


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
