"""TOML and JSON, from whoever wrote them: what takes for ever is refused before it is begun."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from typing import Any

MOST_PARTS = 64
"""So many names may stand before one another in a key, as in ``a.b.c``."""

_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+"""
_CHAIN = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_PART}\.[ \t]*+){{{MOST_PARTS}}}")


class TextError(ValueError):
    """A text is no TOML, or no JSON: the message says what was expected.

    Parameters
    ----------
    text : str
    line : int, optional
        Where that is not a part of the text.
    """

    def __init__(self, text: str, line: int | None = None) -> None:
        super().__init__(text)
        self.line = line


def read_toml(text: str) -> dict[str, Any]:
    """Return what a text holds.

    Raises
    ------
    TextError
        If it is no TOML, or one of its keys has parts without end.
    """
    # Of a key's parts the reader makes a list for each, of all before it.
    chain = _CHAIN.search(text)
    if chain is not None:
        line = text.count("\n", 0, chain.start()) + 1
        raise TextError(f"expected names of at most {MOST_PARTS} parts, as a.b.c has three", line)
    found: dict[str, Any] = _read(tomllib.loads, text, "TOML")
    return found


def read_json(text: str) -> Any:
    """Return what a text holds; raises TextError if it is no JSON."""
    return _read(json.loads, text, "JSON")


def _read(loads: Callable[[str], Any], text: str, what: str) -> Any:
    try:
        return loads(text)
    except RecursionError as error:
        raise TextError(f"expected {what}; got lists in lists without end") from error
    except ValueError as error:
        raise TextError(f"expected {what} text; {str(error)[:200]}") from error
