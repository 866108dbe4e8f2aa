"""Text to matrices: CSV, or columns apart by semicolons, tabs or blanks, with or without a header.

A text holds one matrix, or several with a blank line between them; a line that begins with ``#`` is
a comment, and one right above a matrix names it.  What programs write beside the numbers is told
from them and never taken for some: a first line with words or an empty cell in it, a column that
counts the rows below such a line, decimal commas.  A first line of numbers is one of the matrix
unless it counts its columns; whether it then is, is for whoever knows what fits.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, quoted

_SEPARATORS = re.compile(r"[,;\t]\s*|\s+", re.ASCII)
_NUMBER = re.compile(
    r"[-+]?(?:(?:[0-9]{1,400}\.?[0-9]{0,400}|\.[0-9]{1,400})(?:[eE][-+]?[0-9]{1,9})?|nan|inf)",
    re.IGNORECASE,
)
_LINE = re.compile(r"[-+.0-9eEnaifNAIF,;\s]*", re.ASCII)
# A comma with a digit on either side, and columns apart by something else.
_DECIMAL_COMMA = re.compile(
    r"[0-9],[0-9][-+0-9eE]{0,40}[ ]{0,9}(?:[;\t]|(?<= )[-+]?[0-9])"
    r"|[;\t][ ]{0,9}[-+]?[0-9]{1,40},[0-9]",
    re.ASCII,
)
_BYTES_A_LINE = 256
_BYTES_A_NUMBER = 32
_BETWEEN = (b",", b";", *(bytes([byte]) for byte in b" \t\r\v\f"))
_MOST_IN_A_LINE = 1 << 20  # more inputs than any picture has pixels
_LONGEST_NAME = 100
_HEAD = 1 << 16
_COUNTS = ("", "index", "id", "row", "neuron", "unnamed: 0", "#", "x", "rownames")
"""What a column that counts the rows is called."""
_ABSENT = ("na", "n/a", "null", "none", "-")
_CERTAIN = 4
"""Numbers in order that are no weights, where all others have decimals."""


@dataclass(eq=False)
class Table:
    """One matrix and what stands around it.

    Attributes
    ----------
    comment : str
        The comment above it.
    values : ndarray of float64, 2-D
    titles : tuple of str
        What the columns are called, one each; empty where no line says it.
    counted : bool
        Whether the first row could be the columns' numbers: ``0,1,2`` or ``1,2,3``, whole,
        above rows that all have decimals.
    certain : bool
        ... and is no row of weights: there are too many for chance.
    notes : tuple of str
        How the text was understood, a few words each.
    """

    comment: str
    values: NDArray[np.float64]
    titles: tuple[str, ...] = ()
    counted: bool = False
    certain: bool = False
    notes: tuple[str, ...] = ()


def looks_like(data: bytes) -> bool:
    """Tell whether bytes are text of numbers, but for comments and a line of words above them."""
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf")
    if b"\0" in head:
        return False
    text = head.decode("latin-1").replace('"', "")
    comma = _has_decimal_comma(text)
    seen: list[str] = []
    for line in text.splitlines():
        line = line.strip()
        if line and not line.startswith("#"):
            seen.append(line)
            if len(seen) == 2:
                break
    if not seen:
        return False
    first = _SEPARATORS.split(seen[0], maxsplit=1)[0]
    if _NUMBER.fullmatch(first):
        return True
    if len(seen) < 2 or len(cells := _cells(seen[1], comma)) < 2:
        return False
    # The line of words stands above as many numbers, of which the first may be a name.
    fits = len(_cells(seen[0], comma)) in (1, len(cells), len(cells) - 1)
    return fits and all(_NUMBER.fullmatch(_dotted(cell, comma)) for cell in cells[1:])


def parse(data: bytes, where: str, budget: Budget, *, comma: bool = False) -> list[Table]:
    """Read the matrices of a text.

    Parameters
    ----------
    data : bytes
    where : str
    budget : Budget
    comma : bool
        Whether numbers are known to be written 0,5; else the text decides.

    Raises
    ------
    NetworkFileError
        If there is none, an entry is no number, rows differ in length, or it asks for too much.
    """
    comma = comma or has_decimal_comma(data)
    return _Parser(data.removeprefix(b"\xef\xbb\xbf"), where, budget, comma).run()


def has_decimal_comma(data: bytes) -> bool:
    """Tell whether numbers are written 0,5: no point, and columns apart by something else."""
    return _has_decimal_comma(data[:_HEAD].decode("latin-1"))


class _Parser:
    def __init__(self, data: bytes, where: str, budget: Budget, comma: bool) -> None:
        self.data, self.where, self.budget = data, where, budget
        lines, between = data.count(b"\n"), sum(map(data.count, _BETWEEN))
        budget.take(lines * _BYTES_A_LINE + between * _BYTES_A_NUMBER)
        self.values = np.empty(lines + between + 1)  # no more than stand between these
        self.comma = comma
        self.tables: list[Table] = []
        self.start = self.end = self.columns = 0
        self.comment = ""
        self._begin()

    def _begin(self) -> None:
        self.titles: list[str] = []
        self.title_line = 0
        self.rows = 0
        self.counted = self.labelled = self.tabbed = False
        self.from_0 = self.from_1 = self.decimals = True

    def run(self) -> list[Table]:
        for number, raw in enumerate(io.BytesIO(self.data), 1):
            try:
                line = raw.decode("utf-8").strip()
            except UnicodeDecodeError as error:
                raise NetworkFileError(
                    f"{self.where}: line {number}: text that is not UTF-8 (byte {error.start})"
                ) from error
            if not line.strip(",;"):  # a spreadsheet's blank line
                self._finish()
            elif line.startswith("#"):
                self._finish()
                self.comment = line[1:_LONGEST_NAME].strip()
            else:
                self._take(number, raw, line)
        self._finish()
        if not self.tables:
            raise NetworkFileError(f"{self.where}: holds no matrix")
        return self.tables

    def _take(self, number: int, raw: bytes, line: str) -> None:
        if len(raw) > _MOST_IN_A_LINE and sum(map(raw.count, _BETWEEN)) > _MOST_IN_A_LINE:
            raise NetworkFileError(
                f"{self.where}: line {number} holds more than {_MOST_IN_A_LINE:,} numbers, the "
                "most that is read"
            )
        if '"' in line:
            line = line.replace('"', "").strip()
        row = _numbers(line, self.comma)
        if row is None and self.titles and self.titles[0].lower() in _COUNTS:
            row = self._labelled(line)
        if row is None:
            if self.end == self.start and not self.titles and self._is_header(line):
                self.titles, self.title_line = _cells(line, self.comma), number
                return
            raise self._no_number(number, line)
        if self.tabbed and self.rows == 1 and self.counted and len(row) == self.columns + 1:
            # pandas' first line: an empty cell above the index, and a tab behind it.
            self.titles, self.title_line = ["", *map(str, range(self.columns))], number - 1
            self.end, self.rows, self.counted = self.start, 0, False
        if self.end > self.start and len(row) != self.columns:
            raise NetworkFileError(
                f"{self.where}: ragged: line {number} holds {len(row)} numbers, the lines above "
                f"{self.columns}"
            )
        if self.end == self.start:
            self.columns = len(row)
            self.counted = not self.titles and _counts(line, self.comma)
            self.tabbed = raw.startswith(b"\t")
        if not (self.counted and self.rows == 0):
            self._watch(line)
        self.rows += 1
        self.values[self.end : self.end + self.columns] = row
        self.end += self.columns

    def _watch(self, line: str) -> None:
        """See whether the first column still counts the rows, and all others have decimals."""
        first = line.split(_separator(line, self.comma), 1)[0].strip()
        self.from_0 = self.from_0 and first == str(self.rows)
        self.from_1 = self.from_1 and first == str(self.rows + 1)
        if self.decimals and (self.counted or self.from_0 or self.from_1):
            whole = sum(cell.lstrip("+-").isdecimal() for cell in _cells(line, self.comma))
            self.decimals = whole == (0 if self.counted else 1)

    def _labelled(self, line: str) -> list[float] | None:
        """Return the numbers of a row that begins with its name."""
        cells = _cells(line, self.comma)[1:]
        found = _floats([_dotted(cell, self.comma) for cell in cells])
        if not found or not all(_NUMBER.fullmatch(_dotted(cell, self.comma)) for cell in cells):
            return None
        self.labelled = True
        return [0.0, *found]

    def _is_header(self, line: str) -> bool:
        """Tell whether a line is one of words, or begins with the empty cell above a count."""
        cells = _cells(line, self.comma)
        words = cells if cells[0] else cells[1:]
        if words and not cells[0] and _is_count(words):
            return True
        return bool(words) and not any(
            _NUMBER.fullmatch(_dotted(cell, self.comma)) or cell.lower() in _ABSENT
            for cell in words
        )

    def _no_number(self, number: int, line: str) -> NetworkFileError:
        entry = next(
            (each for each in _SEPARATORS.split(line) if not _NUMBER.fullmatch(each)), line
        )
        return NetworkFileError(f"{self.where}: line {number}: {quoted(entry)} is no number")

    def _finish(self) -> None:
        if self.end == self.start:
            if self.titles:
                raise self._no_number(self.title_line, ",".join(self.titles))
            return
        rows = self.values[self.start : self.end].reshape(-1, self.columns)
        self.budget.tensor(rows.shape, 8, f"matrix {len(self.tables) + 1}")
        titles = self._titles()
        notes: list[str] = []
        counts = self.from_0 or self.from_1
        indexed = self.labelled or (counts and bool(titles) and titles[0].lower() in _COUNTS)
        if not titles and not self.counted:
            indexed = counts and self.decimals and len(rows) >= _CERTAIN and self.columns > 1
        if titles:
            notes.append("the first line names the columns")
        if indexed and self.columns > 1:
            rows, titles = rows[:, 1:], titles[1:]
            notes.append("the first column counts the rows")
        if self.comma:
            notes.append("numbers have decimal commas")
        counted = self.counted and self.decimals and len(rows) > 1
        certain = counted and self.columns >= _CERTAIN
        self.tables.append(Table(self.comment, rows, tuple(titles), counted, certain, tuple(notes)))
        self.start, self.comment = self.end, ""
        self._begin()

    def _titles(self) -> list[str]:
        missing = self.columns - len(self.titles)
        if not self.titles or not missing:
            return self.titles
        if len(self.titles) == 1 and not self.comment:
            self.comment = self.titles[0][:_LONGEST_NAME]  # a name above the matrix
            return []
        if missing == 1 and (self.labelled or self.from_0 or self.from_1):
            return ["", *self.titles]  # as R leaves the cell above the rows' names out
        raise NetworkFileError(
            f"{self.where}: ragged: line {self.title_line} names {len(self.titles)} columns; the "
            f"lines below hold {self.columns}"
        )


def _has_decimal_comma(text: str) -> bool:
    lines = (line.strip() for line in text.splitlines())
    numbers = [line for line in lines if line and not line.startswith("#")][:20]
    return (
        not any("." in line or ", " in line for line in numbers)
        and any(_DECIMAL_COMMA.search(line.replace('"', "")) for line in numbers)
    )  # fmt: skip


def _dotted(cell: str, comma: bool) -> str:
    return cell.replace(",", ".") if comma else cell


def _separator(line: str, comma: bool) -> str | None:
    return next((mark for mark in (";\t" if comma else ",;\t") if mark in line), None)


def _cells(line: str, comma: bool) -> list[str]:
    return [cell.strip() for cell in line.split(_separator(line, comma))]


def _counts(line: str, comma: bool) -> bool:
    """Tell whether a line is exactly 0, 1, 2 and so on, or 1, 2, 3."""
    return _is_count(_cells(line, comma))


def _is_count(cells: list[str]) -> bool:
    return cells == [str(n) for n in range(len(cells))] or (
        len(cells) > 1 and cells == [str(n) for n in range(1, len(cells) + 1)]
    )


def _numbers(line: str, comma: bool = False) -> list[float] | None:
    """Return a line's numbers; None if one is none, or too large where it does not say "inf"."""
    if not _LINE.fullmatch(line):
        return None
    line = line.rstrip(",; \t")
    if comma:
        found = _floats([_dotted(cell, comma) for cell in line.split(_separator(line, comma))])
    else:
        found = _floats(line.split(_separator(line, comma)))
        if found is None:
            found = _floats(_SEPARATORS.split(line))  # separators of several kinds
    if found is None or ("i" not in line.lower() and (math.inf in found or -math.inf in found)):
        return None
    return found


def _floats(entries: Sequence[str]) -> list[float] | None:
    try:
        return list(map(float, entries))
    except ValueError:
        return None
