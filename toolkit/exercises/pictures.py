"""Pictures that a neuron is shown: digits of some classes, bars, rings, nothing.

Bars and rings are made here from whole numbers and square roots, so that they are the same on
every machine.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.digits import DigitSet, open_digits
from toolkit.grid import Grid
from toolkit.shown import shown

Images = NDArray[np.float32]

DIGITS = 2000
"""So many drawn digits, of those to test, are what every exercise measures on."""

_SIDE = 28
_GAPS = {"top": (-1, 0), "bottom": (1, 0), "left": (0, -1), "right": (0, 1)}
_MOST = 5000


@lru_cache(maxsize=1)
def drawn() -> DigitSet:
    """Return the drawn digits that exercises measure on."""
    return open_digits("drawn", "test", DIGITS)


@lru_cache(maxsize=4)
def digits_on(grid: Grid) -> DigitSet:
    """Return them on the grid that a network takes."""
    return drawn().fitted(grid)


def check_pictures(given: object, what: str) -> Mapping[str, Any]:
    """Return a description of pictures that can be made; raises ValueError in words."""
    if not isinstance(given, Mapping) or not given:
        raise ValueError(
            f'{what}: expected pictures, such as {{digits = [1]}} or {{bar = "across"}}'
        )
    kinds = [kind for kind in _MAKERS if kind in given]
    if len(kinds) != 1:
        raise ValueError(f"{what}: expected one of {', '.join(_MAKERS)}; got {', '.join(given)}")
    known, check, _ = _MAKERS[kinds[0]]
    for key in given:
        if key not in (kinds[0], *known):
            raise ValueError(
                f"{what}: there is no {str(key)[:40]!r} of {kinds[0]}; expected {', '.join(known)}"
                if known
                else f"{what}: {kinds[0]} has nothing else to it; got {str(key)[:40]!r}"
            )
    check(given, what)
    return given


def pictures(given: Mapping[str, Any], grid: Grid) -> Images:
    """Return pictures of shape (n, pixels), float32 in [0, 1].

    Parameters
    ----------
    given : mapping
        As :func:`check_pictures` takes it.
    grid : Grid
        That the network takes; bars and rings are for 28×28.

    Raises
    ------
    ValueError
        If the grid is another one and the pictures are not digits.
    """
    kind = next(kind for kind in _MAKERS if kind in given)
    if kind != "digits" and tuple(grid) != (_SIDE, _SIDE):
        raise ValueError(f"expected a network for pictures of 28×28; got one for {grid}")
    shown: Images = _MAKERS[kind][2](given, grid)
    return shown


def says(given: Mapping[str, Any]) -> str:
    """Say in a few words what pictures are meant."""
    if "digits" in given:
        return _listed([f"{digit}s" for digit in given["digits"]])
    if "bar" in given:
        return "bars lying across" if given["bar"] == "across" else "upright bars"
    if "ring" in given:
        gap = given.get("gap")
        return f"rings open at the {gap}" if gap else "rings"
    return "an empty picture"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _check_digits(given: Mapping[str, Any], what: str) -> None:
    classes = given["digits"]
    if (
        not isinstance(classes, list)
        or not classes
        or not all(type(each) is int and 0 <= each <= 9 for each in classes)
        or len(set(classes)) != len(classes)
    ):
        raise ValueError(f"{what}: expected digits from 0 to 9, each once; got {shown(classes)}")


def _digits(given: Mapping[str, Any], grid: Grid) -> Images:
    digits = digits_on(grid)
    return digits.images[np.isin(digits.labels, given["digits"])]


def _check_bar(given: Mapping[str, Any], what: str) -> None:
    if given["bar"] not in ("across", "upright"):
        raise ValueError(f'{what}: expected bar = "across" or "upright"; got {shown(given["bar"])}')
    spans = {key: _span(given, key, what) for key in ("rows", "columns", "thick")}
    along, across = "columns", "rows"
    if given["bar"] == "upright":
        along, across = across, along
    _check_within(spans[along], 0, _SIDE - 1, f"{what}: {along}")
    thick = spans["thick"][1]
    _check_within(spans[across], 0, _SIDE - thick, f"{what}: {across}", f"bars {thick} thick")


def _bars(given: Mapping[str, Any], grid: Grid) -> Images:
    """Return a bar for each place: across, each of `rows` is its uppermost row; else the like."""
    rows, columns = _span(given, "rows"), _span(given, "columns")
    across = given["bar"] == "across"
    low, high = rows if across else columns
    found = []
    for start, thick in product(range(low, high + 1), _range(_span(given, "thick"))):
        picture = np.zeros((_SIDE, _SIDE), np.float32)
        if across:
            picture[start : start + thick, columns[0] : columns[1] + 1] = 1
        else:
            picture[rows[0] : rows[1] + 1, start : start + thick] = 1
        found.append(picture.ravel())
    return np.array(found)


def _check_ring(given: Mapping[str, Any], what: str) -> None:
    if given["ring"] is not True:
        raise ValueError(f"{what}: expected ring = true; got {shown(given['ring'])}")
    if given.get("gap", "top") not in list(_GAPS):
        raise ValueError(f"{what}: expected a gap at {', '.join(_GAPS)}; got {shown(given['gap'])}")
    keys = ("rows", "columns", "height", "width", "thick")
    spans = {key: _span(given, key, what) for key in keys}
    if math.prod(high - low + 1 for low, high in spans.values()) > _MOST:
        raise ValueError(f"{what}: expected at most {_MOST:,} rings; the numbers given make more")
    for key, size, word in (("rows", "height", "high"), ("columns", "width", "wide")):
        most = spans[size][1]
        low, fit = -(-most // 2), f"rings {most} {word}"
        _check_within(spans[key], low, _SIDE - low, f"{what}: {key}", fit)


def _rings(given: Mapping[str, Any], grid: Grid) -> Images:
    """Return a ring, or an ellipse, for each middle and size; with a gap, a third of it open."""
    found = []
    spans = [_range(_span(given, key)) for key in ("rows", "columns", "height", "width", "thick")]
    row, column = np.mgrid[:_SIDE, :_SIDE] + 0.5
    for middle_row, middle_column, height, width, thick in product(*spans):
        down, right = row - middle_row, column - middle_column
        away = np.sqrt((2 * down / height) ** 2 + (2 * right / width) ** 2)
        # How far from the line, in cells: along the shorter way of the two.
        far = np.abs(away - 1) * min(height, width) / 2
        picture = np.clip(thick / 2 + 0.5 - far, 0, 1)
        if "gap" in given:
            y, x = _GAPS[given["gap"]]
            ahead, aside = down * y + right * x, np.abs(down * x + right * y)
            picture[(ahead > 0) & (aside < ahead)] = 0
        found.append(picture.ravel().astype(np.float32))
    return np.array(found)


def _check_within(span: tuple[int, int], low: int, high: int, what: str, fit: str = "") -> None:
    if not low <= span[0] <= span[1] <= high:
        raise ValueError(
            f"{what}: expected [first, last] within {low} to {high}"
            f"{f', so that {fit} lie on the picture' if fit else ''}; got {list(span)}"
        )


def _check_blank(given: Mapping[str, Any], what: str) -> None:
    if given["blank"] is not True:
        raise ValueError(f"{what}: expected blank = true; got {shown(given['blank'])}")


def _blank(given: Mapping[str, Any], grid: Grid) -> Images:
    return np.zeros((1, grid.cells), np.float32)


_DEFAULT = {
    "rows": [4, 23], "columns": [7, 20], "thick": [2, 4], "height": [18, 18], "width": [14, 14],
}  # fmt: skip
_RING_DEFAULT = {"rows": [14, 14], "columns": [14, 14], "thick": [3, 3]}


def _span(given: Mapping[str, Any], key: str, what: str = "") -> tuple[int, int]:
    default = (_RING_DEFAULT if "ring" in given else {}).get(key, _DEFAULT[key])
    value = given.get(key, default)
    pair = [value, value] if isinstance(value, int) else value
    least = 0 if key in ("rows", "columns") else 1
    if (
        not isinstance(pair, list)
        or len(pair) != 2
        or not all(isinstance(each, int) and not isinstance(each, bool) for each in pair)
        or not least <= pair[0] <= pair[1] <= _SIDE
    ):
        raise ValueError(
            f"{what}: {key}: expected [first, last] within {least} to {_SIDE}; got {shown(value)}"
        )
    return pair[0], pair[1]


def _range(span: tuple[int, int]) -> range:
    return range(span[0], span[1] + 1)


_MAKERS: Mapping[str, tuple[tuple[str, ...], Any, Any]] = {
    "digits": ((), _check_digits, _digits),
    "bar": (("rows", "columns", "thick"), _check_bar, _bars),
    "ring": (("rows", "columns", "height", "width", "thick", "gap"), _check_ring, _rings),
    "blank": ((), _check_blank, _blank),
}
