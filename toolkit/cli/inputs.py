"""What the commands work on: networks by name, by file or from standard input, and digits."""

from __future__ import annotations

import os
from pathlib import Path

from toolkit import shipped
from toolkit.cli.output import STANDARD, read_input, say
from toolkit.digits import DigitSet, open_digits
from toolkit.formats import LIMITS, NetworkFileError, Reading, read, settled
from toolkit.network import Network

STANDARD_INPUT = "standard input"


def digits_for(named: str | None, split: str = "test") -> DigitSet:
    """Open digits; where nobody named any and MNIST is damaged, the drawn ones, and say so.

    Raises
    ------
    ValueError, OSError
        If the digits that were named, here or in TOOLKIT_DIGITS, cannot be opened.
    """
    try:
        return open_digits(named, split)
    except (ValueError, OSError) as error:
        if named is not None or os.environ.get("TOOLKIT_DIGITS"):
            raise
        say(f"{error}; the drawn digits are used until then")
        return open_digits("drawn", split)


def digits_if_any(named: str | None, without: str) -> DigitSet | None:
    """Open digits that are good to have; where there are none, say so and what it means.

    Parameters
    ----------
    named : str, optional
        Digits that were asked for by name are had, or the error is raised.
    without : str
        What happens without digits.
    """
    try:
        return digits_for(named)
    except (ValueError, OSError) as error:
        if named is not None:
            raise
        say(f"{error}; {without}")
        return None


def read_network(name: str) -> Reading | Network:
    """Return what a file or standard input says of a network, or a network that ships.

    Raises
    ------
    NetworkFileError
        If there is no such network, or it cannot be read as one.
    OSError
        If the file cannot be read.
    """
    if name == STANDARD:
        return read(_standard_input(), STANDARD_INPUT)
    if name in shipped.names() or not Path(name).exists():
        return shipped.open_network(name)
    return read(name, where=name)


def open_network(name: str, digits: DigitSet | None = None) -> Network:
    """Open a network by name, by file or from standard input.

    Parameters
    ----------
    name : str
    digits : DigitSet, optional
        What to try on where a file leaves something open; by default those that can be had, and
        only if something is open.

    Raises
    ------
    NetworkFileError, OSError
        As for :func:`read_network`.
    """
    found = read_network(name)
    if isinstance(found, Network):
        return found
    whole = settled(found)
    if whole is not None:
        return whole
    from toolkit.formats.meaning.interpretation import interpret

    if digits is None:
        digits = digits_if_any(None, "what the file leaves open is decided by convention")
    return interpret(found, digits).network


def _standard_input() -> bytes:
    try:
        return read_input(LIMITS.file_bytes)
    except ValueError as error:
        raise NetworkFileError(str(error)) from error
