"""Deciding what an object leaves open, as for a file."""

from __future__ import annotations

from typing import Any

from toolkit.formats import understood
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.meaning.reading import Reading
from toolkit.network import Network

_CHOICES = ("digits", "activations", "pixels", "orientation")
_ASKED_FROM = 5  # calls above: whoever called the network's from_...


def decided(reading: Reading, where: str | None = None, **choices: Any) -> Network:
    """Return the network that a reading describes; choices as for :func:`toolkit.formats.load`."""
    for name in choices:
        if name not in _CHOICES:
            raise TypeError(f"{name!r} is no choice; there are {', '.join(_CHOICES)}")
    digits = choices.get("digits")
    if digits is not None and not hasattr(digits, "labels"):
        raise NetworkFileError(
            f"digits: expected a DigitSet, as open_digits gives; got {digits!r:.60}"
        )
    return understood(reading, where, _ASKED_FROM, **choices)
