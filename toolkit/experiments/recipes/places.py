"""On which lines of a recipe's text its steps and their parts stand."""

from __future__ import annotations

import re
from functools import cached_property

_MARK = re.compile(r"'''|\"\"\"|['\"#\n\[\]{}]")
_BASIC_END = re.compile(r'(?:\\.|[^"\\\n])*"')
_LONG_END = re.compile(r'(?:\\.|[^\\])*?"""(?!")', re.DOTALL)
_HEADER = re.compile(r"\s*\[\[?\s*([^\]]*?)\s*\]")
_KEY = re.compile(r"\s*([^=\s]+)\s*=")


class Places:
    """Finds lines in a text that is TOML.

    Parameters
    ----------
    text : str
        It is looked into only where somebody asks.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def line(self, table: str, number: int = 0, key: str = "") -> int | None:
        """Return the line of a key, else of its table; None where that is not told by a line.

        Parameters
        ----------
        table : str
            ``"step"`` or another; empty for what stands above all.
        number : int
            Which of them, from 0.
        key : str
            ``"edits 2"`` is the second table in a list of them.
        """
        found = self._lines.get((table, number, key))
        return self._lines.get((table, number, "")) if found is None else found

    @cached_property
    def _lines(self) -> dict[tuple[str, int, str], int]:
        lines: dict[tuple[str, int, str], int] = {}
        counts: dict[str, int] = {}
        where = ("", 0)
        for number, line, inner in self._statements():
            header = _HEADER.match(line)
            if header is not None:
                name = header[1].strip("\"'")
                if "." in name:  # a part of the table before it
                    lines.setdefault((*where, name.partition(".")[2]), number)
                    continue
                counts[name] = counts.get(name, -1) + 1
                where = (name, counts[name])
                lines[(*where, "")] = number
                continue
            key = _KEY.match(line)
            if key is not None:
                name = key[1].strip("\"'").partition(".")[0]
                lines.setdefault((*where, name), number)
                for at, place in enumerate(inner, 1):
                    lines.setdefault((*where, f"{name} {at}"), place)
        return lines

    def _statements(self) -> list[tuple[int, str, list[int]]]:
        """Return where a statement begins, the text of its first line, and where tables in it do.

        These are the tables of a list, ``edits = [{…}, {…}]``.
        """
        text = self._text
        found: list[tuple[int, str, list[int]]] = []
        starts, at, depth, line = True, 0, 0, 1
        begun = 0
        while True:
            if starts:
                end = text.find("\n", at)
                found.append((line, text[at : end if end >= 0 else len(text)][:200], []))
                begun, starts = at, False
            mark = _MARK.search(text, at)
            if mark is None:
                return found
            word, at = mark[0], mark.end()
            if word == "\n":
                line += 1
                starts = depth <= 0
            elif word == "#":
                at = _end(text, "\n", at, -1)
            elif word == "'":
                at = _end(text, "'", at, 0)
            elif word == "'''":
                at, before = _end(text, "'''", at, 0), at
                line += text.count("\n", before, at)
            elif word in '"""':
                match = (_BASIC_END if word == '"' else _LONG_END).match(text, at)
                at, before = (len(text) if match is None else match.end()), at
                line += text.count("\n", before, at)
            elif not _is_header(text, begun):
                if word == "{" and depth == 1:
                    found[-1][2].append(line)
                depth += 1 if word in "[{" else -1


def _is_header(text: str, begun: int) -> bool:
    return text[begun : begun + 80].lstrip(" \t").startswith("[")


def _end(text: str, mark: str, at: int, less: int) -> int:
    """Return where a mark that is looked for ends, or the text."""
    found = text.find(mark, at)
    return len(text) if found < 0 else found + len(mark) + less
