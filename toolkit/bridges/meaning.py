"""Deciding what an object leaves open, as for a file."""

from __future__ import annotations

from typing import Any

from toolkit.formats import understood
from toolkit.formats.meaning.reading import Reading
from toolkit.network import Network

_ASKED_FROM = 5  # calls above: whoever called the network's from_...


def decided(reading: Reading, where: str | None = None, **choices: Any) -> Network:
    """Return the network that a reading describes; choices as for :func:`toolkit.formats.load`."""
    return understood(reading, where, _ASKED_FROM, **choices)
