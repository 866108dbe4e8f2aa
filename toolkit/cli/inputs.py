"""What the commands work on: networks by name, by file or from standard input, and digits."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit import shipped
from toolkit.cli.output import STANDARD, read_input, say
from toolkit.digits import DigitSet, open_digits
from toolkit.formats import LIMITS, NetworkFileError, Reading, read, settled
from toolkit.network import Network

if TYPE_CHECKING:
    from toolkit.formats.meaning.interpretation import Interpretation

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


def understood(
    found: Reading, digits: DigitSet | None, arguments: argparse.Namespace
) -> tuple[list[Interpretation], int]:
    """Return the ways to understand what a file says, and which of them is taken.

    Parameters
    ----------
    found : Reading
    digits : DigitSet, optional
        What to try on; without it, conventions decide.
    arguments : Namespace
        ``activation``, ``pixels`` and ``way``, as :func:`toolkit.cli.options.add_understanding`
        adds them.

    Raises
    ------
    ValueError
        If there is no way of that number, or the file says another thing.
    """
    from toolkit.formats.meaning.interpretation import possibilities
    from toolkit.formats.meaning.ways import Chosen

    ways = possibilities(found, digits, chosen=Chosen(arguments.activation, arguments.pixels))
    number = arguments.way or 1
    if number > len(ways):
        raise ValueError(f"way: expected 1 to {len(ways)}; got {number}")
    return ways, number - 1


def check_open(name: str, arguments: argparse.Namespace) -> None:
    """Refuse what was chosen of a network that ships, which leaves nothing open.

    Raises
    ------
    ValueError
    """
    if _asked(arguments):
        raise ValueError(
            "--way, --activation and --pixels choose what a file leaves open; "
            f"{name} comes with the toolkit and leaves nothing open"
        )


def _asked(arguments: argparse.Namespace) -> bool:
    return any((arguments.activation, arguments.pixels, arguments.way))


def open_network(
    name: str,
    digits: DigitSet | None = None,
    arguments: argparse.Namespace | None = None,
    *,
    one_of_two: bool = False,
) -> Network:
    """Open a network by name, by file or from standard input.

    Parameters
    ----------
    name : str
    digits : DigitSet, optional
        What to try on where a file leaves something open; by default those that can be had, and
        only if something is open.
    arguments : Namespace, optional
        As for :func:`understood`.
    one_of_two : bool
        Whether what was chosen may be meant for another network: one that leaves nothing open is
        then opened as it is.

    Raises
    ------
    NetworkFileError, OSError
        As for :func:`read_network`.
    ValueError
        As for :func:`understood` and :func:`check_open`.
    """
    found = read_network(name)
    arguments = arguments or argparse.Namespace(activation=None, pixels=None, way=None)
    if isinstance(found, Network):
        if not one_of_two:
            check_open(name, arguments)
        return found
    whole = settled(found) if one_of_two or not _asked(arguments) else None
    if whole is not None:
        return whole
    if digits is None:
        digits = digits_if_any(None, "what the file leaves open is decided by convention")
    ways, taken = understood(found, digits, arguments)
    if ways[taken].guess:
        say(
            f"{name}: {ways[taken].guess}; taken was: {ways[taken].summary}; "
            "'toolkit info' lists others, which --way, --activation and --pixels choose"
        )
    return ways[taken].network


def _standard_input() -> bytes:
    try:
        return read_input(LIMITS.file_bytes)
    except ValueError as error:
        raise NetworkFileError(str(error)) from error
