"""Which digits of a source: what stands behind its name and a colon."""

from __future__ import annotations

import os
from pathlib import Path

PARTS = ("test", "train", "all")
"""What may stand behind a source and a colon: the digits to test, to train, or both."""


def parted(source: str | Path) -> tuple[str, str]:
    """Return a source without the part that is named behind it, and the part.

    A path that is there is taken as it is, whatever it ends in.

    Examples
    --------
    >>> parted("mnist:all"), parted("mnist")
    (('mnist', 'all'), ('mnist', 'test'))
    """
    text = str(source)
    base, _, part = text.rpartition(":")
    if base and part in PARTS and not os.path.exists(text):  # noqa: PTH110  # asks of any text
        return base, part
    return text, "test"


def part_of(source: str | Path, part: str) -> str:
    """Return how a part of a source is named; the other way round: :func:`parted`."""
    return str(source) if part == "test" else f"{source}:{part}"
