"""Rows and columns of a map or a picture."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Grid:
    """The rows and columns in which pixels, or a neuron's incoming weights, are shown.

    Cells are numbered row by row; it unpacks as ``rows, columns``.

    Parameters
    ----------
    rows, columns : int, at least 1

    Examples
    --------
    >>> Grid.of(784)
    Grid(rows=28, columns=28)
    >>> rows, columns = Grid(20, 30)
    """

    rows: int
    columns: int

    def __post_init__(self) -> None:
        for what in ("rows", "columns"):
            object.__setattr__(self, what, _count(getattr(self, what), what))

    @classmethod
    def of(cls, cells: int) -> Grid:
        """Return the grid for so many cells where nobody says which.

        As near a square as divides evenly, no taller than wide; a prime number gives a single row.

        Raises
        ------
        ValueError
            If `cells` is not a whole number of 1 or more.
        """
        cells = _count(cells, "cells")
        rows = next(r for r in range(math.isqrt(cells), 0, -1) if cells % r == 0)
        return cls(rows, cells // rows)

    @property
    def cells(self) -> int:
        """How many there are."""
        return self.rows * self.columns

    @property
    def is_picture(self) -> bool:
        """Tell whether it is more than a single row."""
        return self.rows > 1

    def __iter__(self) -> Iterator[int]:
        return iter((self.rows, self.columns))

    def __str__(self) -> str:
        return f"{self.rows}×{self.columns}"


def _count(value: int, what: str) -> int:
    try:
        count = operator.index(value)
    except TypeError:
        count = 0
    if isinstance(value, bool) or count < 1:
        raise ValueError(f"{what}: expected a whole number of 1 or more; got {value!r}")
    return count
