"""Painted strokes, one a line.

A line says the tool, what it does to a weight, how strongly, and where::

    rectangle set 1.5 3-5:4-20
    brush add -0.25 10:3-6 11:2-7 @gIDA/4A=

The first cell numbers are rows, those after the colon columns; without a colon they are the
weights' own numbers, as of a layer whose inputs are no picture.  What a soft brush covers less
than whole is in bytes after ``@``: as many 256ths as each says, and one more.

The page's brushes paint in 256ths, so a line brings back the very numbers of a stroke; one that
is not of this kind is not written so.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.grid import Grid

_Doubles = NDArray[np.float64]

STEPS = 256
"""Coverage is counted in as many parts."""

_WORD = re.compile(r"[a-z][a-z-]{0,39}\Z")
_RUN = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?\Z", re.ASCII)
_MOST_CELLS = 1 << 20

# New = keep × old + put, of the share that is covered and the strength: as the page has it.
_LINES: dict[str, Callable[[_Doubles, float], tuple[_Doubles, _Doubles]]] = {
    "set": lambda share, strength: (1 - share, share * strength + 0),
    "add": lambda share, strength: (np.ones_like(share), share * strength + 0),
    "scale": lambda share, strength: (1 + share * (abs(strength) - 1), np.zeros_like(share)),
    "erase": lambda share, strength: (1 - share, np.zeros_like(share)),
}
_STRONG = ("set", "add", "scale")
MODES = (*_LINES, "smooth")


def line_of(edit: dict[str, Any], grid: Grid) -> str | None:
    """Return a stroke, or a smoothing, as a line; None where no line says it to the last bit.

    Parameters
    ----------
    edit : dict
        Of kind ``stroke`` or ``smooth``.
    grid : Grid
        Of its layer's weights.
    """
    if not _WORD.match(edit["tool"]) or not edit["cells"]:
        return None
    if edit["cells"] != sorted(edit["cells"]) or not 0 <= edit["cells"][-1] < grid.cells:
        return None
    found = _smoothing(edit, grid) if edit["kind"] == "smooth" else _stroke(edit)
    if found is None:
        return None
    mode, strength, share = found
    words = [edit["tool"], mode]
    if mode in _STRONG:
        words.append(repr(strength))
    words += cells_text(edit["cells"], grid).split()
    if (share != 1).any():
        parts = np.rint(share * STEPS).astype(int) - 1
        words.append("@" + base64.b64encode(bytes(parts.tolist())).decode().rstrip("="))
    return " ".join(words)


def edit_of(line: str, layer: int, neuron: int, grid: Grid) -> dict[str, Any]:
    """Read a line: the edit as a dict.

    Raises
    ------
    ValueError
        In words, if it is none.
    """
    tool, *words = line.split()
    if not _WORD.match(tool):
        raise ValueError(f"expected a tool's name, such as brush; got {tool!r:.40}")
    mode = words.pop(0) if words else ""
    if mode not in MODES:
        raise ValueError(f"expected {', '.join(MODES)} after the tool; got {mode!r:.40}")
    strength = _number(words.pop(0) if words else "") if mode in _STRONG else 0.0
    covered = words.pop() if words and words[-1].startswith("@") else None
    cells = cells_of(" ".join(words), grid)
    share = np.ones(len(cells)) if covered is None else _shares(covered, len(cells))
    about: dict[str, Any] = {"layer": layer, "neuron": neuron, "cells": cells}
    if mode == "smooth":
        amounts = short(share)
        return {
            "kind": "smooth", **about, "amounts": amounts, "columns": grid.columns, "tool": tool
        }  # fmt: skip
    keep, put = _LINES[mode](share, strength)
    return {"kind": "stroke", **about, "keep": short(keep), "put": short(put), "tool": tool}


def cells_text(cells: Iterable[int], grid: Grid) -> str:
    """Return rising cell numbers in runs: ``3-5:4-20 6:7``, rows before the colon.

    Of a grid of one row there is no colon.
    """
    by_row: dict[int, list[int]] = {}
    for cell in cells:
        by_row.setdefault(cell // grid.columns, []).append(cell % grid.columns)
    texts = {row: [_run_text(*run) for run in _runs(columns)] for row, columns in by_row.items()}
    if not grid.is_picture:
        return " ".join(text for row in texts.values() for text in row)
    words = []
    for first, last, columns in _alike(texts):
        words += [f"{_run_text(first, last)}:{each}" for each in columns]
    return " ".join(words)


def cells_of(text: str, grid: Grid) -> list[int]:
    """Read cell numbers from runs; they come out rising.

    Raises
    ------
    ValueError
        In words, if there are none, or one is outside the grid or said twice.
    """
    cells: list[int] = []
    for word in text.split():
        if ":" in word:
            rows, columns = (
                _run_of(part, word, most, what)
                for part, most, what in zip(
                    word.split(":", 1), grid, ("rows", "columns"), strict=True
                )
            )
            cells += [row * grid.columns + column for row in rows for column in columns]
        else:
            cells += _run_of(word, word, grid.cells, "weights")
        if len(cells) > _MOST_CELLS:
            raise ValueError(f"expected at most {_MOST_CELLS:,} cells; got more")
    if not cells:
        raise ValueError("expected cells, such as 3-5:4-20 for rows 3 to 5 and columns 4 to 20")
    if len(set(cells)) != len(cells):
        raise ValueError("expected each cell once; got one twice")
    return sorted(cells)


def short(values: _Doubles) -> list[float] | float:
    """Return one number that stands for a list of the same ones, or the list."""
    same = (values == values[0]).all() and (np.signbit(values) == np.signbit(values[0])).all()
    return float(values[0]) if same else values.tolist()


def _stroke(edit: dict[str, Any]) -> tuple[str, float, _Doubles] | None:
    """Find the mode, strength and shares that a stroke's numbers come from."""
    keep, put = (_spread(edit[what], len(edit["cells"])) for what in ("keep", "put"))
    for mode, make in _LINES.items():
        for strength, share in _guesses(mode, keep, put):
            if not (math.isfinite(strength) and _in_parts(share)):
                continue
            with np.errstate(over="ignore", invalid="ignore"):
                made = make(share, strength)
            if made[0].tobytes() == keep.tobytes() and made[1].tobytes() == put.tobytes():
                return mode, strength, share
    return None


def _guesses(mode: str, keep: _Doubles, put: _Doubles) -> Iterator[tuple[float, _Doubles]]:
    """Give what strength and shares may be; what is wrong is found by making the stroke."""
    with np.errstate(all="ignore"):
        if mode == "erase":
            yield 0.0, 1 - keep
        elif mode == "set":
            share = 1 - keep
            at = int(np.argmax(share))
            for strength in _near(float(put[at] / share[at])):
                yield strength, share
        else:
            change = put if mode == "add" else keep - 1
            at = int(np.argmax(np.abs(change)))
            if change[at] == 0:
                yield float(mode == "scale"), np.ones_like(keep)
                return
            # Of what is covered most, most often the whole is.
            for part in range(STEPS, 0, -1):
                most = float(change[at] / (part / STEPS))
                share = np.rint(change / most * STEPS) / STEPS
                for strength in _near(most if mode == "add" else 1 + most):
                    yield strength, share


def _near(number: float) -> tuple[float, ...]:
    """Return a number, its next ones, and the decimal that it probably was."""
    if not math.isfinite(number):
        return ()
    after, before = math.nextafter(number, math.inf), math.nextafter(number, -math.inf)
    return (float(f"{number:.12g}"), number, after, before)


def _in_parts(share: _Doubles) -> bool:
    parts = share * STEPS
    return bool(((parts >= 1) & (parts <= STEPS) & (parts == np.rint(parts))).all())


def _smoothing(edit: dict[str, Any], grid: Grid) -> tuple[str, float, _Doubles] | None:
    share = _spread(edit["amounts"], len(edit["cells"]))
    return ("smooth", 0.0, share) if edit["columns"] == grid.columns and _in_parts(share) else None


def _spread(value: Any, count: int) -> _Doubles:
    return np.full(count, value, float) if isinstance(value, float | int) else np.array(value)


def _shares(word: str, count: int) -> _Doubles:
    text = word[1:]
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"expected bytes as base64 after @; {error}") from error
    if len(found) != count:
        raise ValueError(f"expected {count} bytes after @, one for each cell; got {len(found)}")
    return (np.frombuffer(found, np.uint8).astype(float) + 1) / STEPS


def _number(word: str) -> float:
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"expected a strength, such as 0.5 or -2; got {word!r:.40}")
    return number


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    groups = groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])
    runs = [[number for _, number in group] for _, group in groups]
    return [(run[0], run[-1]) for run in runs]


def _alike(texts: dict[int, list[str]]) -> list[tuple[int, int, list[str]]]:
    """Join rows that follow one another and have the same columns, where it is one run."""
    found: list[tuple[int, int, list[str]]] = []
    for row, columns in texts.items():
        if found and found[-1][1] == row - 1 and found[-1][2] == columns and len(columns) == 1:
            found[-1] = (found[-1][0], row, columns)
        else:
            found.append((row, row, columns))
    return found


def _run_text(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _run_of(part: str, word: str, count: int, what: str) -> range:
    match = _RUN.match(part)
    if match is None:
        raise ValueError(f"expected cells, such as 3-5:4-20 or 7; got {word!r:.40}")
    first, last = int(match[1]), int(match[2] or match[1])
    if not first <= last < count:
        raise ValueError(f"{what}: expected first-last within 0 to {count - 1}; got {part}")
    return range(first, last + 1)
