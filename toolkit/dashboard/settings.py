"""What whoever starts the server may set in its environment."""

from __future__ import annotations

import os
import re

from toolkit.studio.memory import IDLE_SECONDS, MOST_SCORED_BYTES

MOST_PAGES = 64
"""A class of thirty, each with a second tab; ``TOOLKIT_MOST_PAGES`` names another number."""


def most_pages() -> int:
    """Return how many pages this server takes.

    Raises
    ------
    ValueError
        If ``TOOLKIT_MOST_PAGES`` is no whole number above zero.
    """
    return _whole_number("TOOLKIT_MOST_PAGES", MOST_PAGES)


def idle_seconds() -> float:
    """Return how long after its last gesture a page's experiment is let go.

    Raises
    ------
    ValueError
        If ``TOOLKIT_IDLE_SECONDS`` is no whole number above zero.
    """
    return _whole_number("TOOLKIT_IDLE_SECONDS", int(IDLE_SECONDS))


def most_scored_bytes() -> int:
    """Return how much memory may be taken by what is known of networks on digits.

    Raises
    ------
    ValueError
        If ``TOOLKIT_SCORED_MIB`` is no whole number above zero.
    """
    return _whole_number("TOOLKIT_SCORED_MIB", MOST_SCORED_BYTES >> 20) << 20


def _whole_number(variable: str, usual: int) -> int:
    named = os.environ.get(variable, "")
    if not named:
        return usual
    if not re.fullmatch(r"0*[1-9][0-9]{0,8}", named):
        raise ValueError(f"{variable}: expected a whole number above zero; got {named[:40]!r}")
    return int(named)
