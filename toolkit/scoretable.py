"""A score as a table: how many of each class there are, are read right, and as what else."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

_COLUMNS = ("class", "digits", "right", "accuracy", "most often taken for", "times")


class ScoreTable:
    """What a :class:`~toolkit.scoring.Score` shows of itself, by mixing in."""

    if TYPE_CHECKING:  # what the class that it is mixed into has
        images: Any
        correct: Any
        accuracy: Any
        confusion: Any
        unscored: Any

    def rows(self) -> list[dict[str, Any]]:
        """Return a record for each class, as for ``pandas.DataFrame``.

        Returns
        -------
        list of dict
            ``class``; ``digits``, how many the set has of it; ``right``, None where nothing is
            scored; ``accuracy`` in [0, 1], nan where the set has none; ``most often taken for``,
            the other class that they were read as most often, None where all were right;
            ``times``, how often that was.

        Examples
        --------
        >>> from toolkit import open_digits, open_network, score
        >>> table = score(open_network("templates"), open_digits("drawn").subset(slice(500)))
        >>> table.rows()[1]["class"], sum(row["digits"] for row in table.rows())
        (1, 500)
        """
        found = []
        for number, counts in enumerate(self.confusion):
            digits = int(counts.sum())
            right = None if self.unscored else int(counts[number])
            share = right / digits if digits and right is not None else np.nan
            others = counts.copy()
            if not self.unscored:
                others[number] = 0
            taken, times = int(others.argmax()), int(others.max())
            row = (number, digits, right, share, taken if times else None, times)
            found.append(dict(zip(_COLUMNS, row, strict=True)))
        return found

    def to_csv(self) -> str:
        """Return the table as CSV text, with a line of names; what there is none of is empty."""
        lines = [",".join(_COLUMNS)]
        for row in self.rows():
            known = ("" if value is None or value != value else value for value in row.values())
            lines.append(",".join(map(str, known)))
        return "\n".join(lines) + "\n"

    def _cells(self) -> list[list[str]]:
        return [
            [
                str(row["class"]),
                f"{row['digits']:,}",
                "–" if row["right"] is None else f"{row['right']:,}",
                "–" if np.isnan(row["accuracy"]) else f"{row['accuracy']:.1%}",
                "–" if row["most often taken for"] is None else str(row["most often taken for"]),
                f"{row['times']:,}",
            ]
            for row in self.rows()
        ]

    @property
    def _whole(self) -> str:
        if self.unscored:
            return str(self.unscored)
        share = f"{self.accuracy:.2%}" if self.images else "none"
        return f"{share} read right: {self.correct:,} of {self.images:,}"

    def __repr__(self) -> str:
        table = [list(_COLUMNS), *self._cells()]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in table
        ]
        return "\n".join([self._whole, *lines])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in _COLUMNS)
        body = "".join(
            f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in self._cells()
        )
        return f"<table><caption>{escape(self._whole)}</caption><tr>{head}</tr>{body}</table>"
