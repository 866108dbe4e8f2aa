"""The networks that an experiment may start from, as an address names them."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit import shipped
from toolkit.fits import fits
from toolkit.network import Network
from toolkit.studio.exercises import START, exercise_named
from toolkit.studio.library import Library
from toolkit.studio.notices import Notice

if TYPE_CHECKING:
    from toolkit.studio.desk import Desk

DEFAULT_NETWORK = "mnist-sigmoid"


def with_digits(desk: Desk, asked: Mapping[str, Any]) -> tuple[Mapping[str, Any], Notice | None]:
    """Lay the digits that an address names on the desk of a draft; a kept experiment has its own.

    Parameters
    ----------
    desk : Desk
    asked : mapping
        What of the experiment is to be shown: ``digits`` is the name of a source.

    Returns
    -------
    mapping
        What is to be shown still: a digit's number says nothing in another set than its own.
    Notice or None
        That they are not to be had, and which are in use instead.
    """
    name = asked.get("digits")
    if not name or not desk.draft:
        return asked, None
    try:
        desk.use_digits(str(name))
    except (ValueError, OSError):
        fields = {"name": str(name)[:40], "instead": desk.laid.digits.name}
        kept = {key: value for key, value in asked.items() if key != "digit"}
        return kept, Notice("digits-replaced", fields, "error")
    return asked, None


class Starts:
    """Opens them.

    Parameters
    ----------
    library : Library
        Has the digits that they must fit.
    started_with : str
        What a bare address opens: a shipped name, or a path that whoever started the server named.
    """

    def __init__(self, library: Library, started_with: str = DEFAULT_NETWORK) -> None:
        self._library = library
        self._started_with = started_with
        self._lock = threading.Lock()
        self._count = 0

    def network(self, start: Mapping[str, Any]) -> tuple[Network, str]:
        """Return a network, and its name as an experiment keeps it.

        Parameters
        ----------
        start : mapping
            ``network``, the name of one that ships, ``random`` with a ``seed``, ``exercise:NAME``
            for what an exercise starts from, or nothing for what the server was started with.

        Raises
        ------
        ValueError, OSError
            If there is none such, or it cannot be read, or does not fit.
        """
        name = str(start.get("network") or "")
        if name == "random":
            seed = self._seed(start.get("seed"))
            return Network.random(seed=seed), f"random:{seed}" if seed else "random"
        if name in shipped.names():
            return shipped.open_network(name), name
        if name.startswith(START):
            exercise = exercise_named(name.removeprefix(START))
            return exercise.start, name
        # A name from an address is never a path: only what the server was started with may be.
        if name not in ("", "file"):
            raise ValueError(f"No network named {name[:60]!r} ships with the toolkit.")
        named = self._started_with in shipped.names()
        source: str | Path = self._started_with if named else Path(self._started_with)
        digits = self._library.laid_or_drawn(None, Network.blank()).digits
        network = shipped.open_network(source, digits)
        fits(network, digits).check()
        return network, self._started_with if named else "file"

    def _seed(self, seed: object) -> int:
        if seed == "new":
            with self._lock:
                self._count += 1
                count = self._count
            return int(np.random.default_rng([count, time.time_ns()]).integers(1 << 31))
        if seed is None:
            return 0
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 1 << 53:
            raise ValueError(f"seed: expected a whole number from 0; got {seed!r:.40}")
        return seed
