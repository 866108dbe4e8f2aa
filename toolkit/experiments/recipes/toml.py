"""TOML, read from whoever wrote it: what takes for ever is refused before it is begun."""

from __future__ import annotations

import re
import tomllib
from typing import Any

MOST_PARTS = 64
"""So many names may stand before one another in a key, as in ``a.b.c``."""

_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+"""
_CHAIN = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_PART}\.[ \t]*+){{{MOST_PARTS}}}")


class TomlError(ValueError):
    """A text is no TOML: the message says what was expected.

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
    TomlError
        If it is no TOML, or one of its keys has parts without end.
    """
    # Of a key's parts the reader makes a list for each, of all before it.
    chain = _CHAIN.search(text)
    if chain is not None:
        line = text.count("\n", 0, chain.start()) + 1
        raise TomlError(f"expected names of at most {MOST_PARTS} parts, as a.b.c has three", line)
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise TomlError("expected TOML; got lists in lists without end") from error
    except ValueError as error:
        raise TomlError(f"expected TOML text; {str(error)[:200]}") from error
