"""The digit sets that the dashboard offers, opened once for all sessions."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from toolkit.digits import DigitSet, FetchJob, default_source, find_mnist, open_digits


@dataclass(frozen=True)
class Source:
    """A set of digits on offer; one that is not `ready` is listed with a `note` saying why."""

    name: str
    label: str
    note: str = ""
    ready: bool = True
    fetchable: bool = False


class Library:
    """Opens digit sets by name; shared between sessions, so what it gives is never changed."""

    def __init__(self) -> None:
        self._open: dict[str, DigitSet] = {}
        self._lock = Lock()
        self._job: FetchJob | None = None

    def fetch(self) -> None:
        """Begin to download MNIST, if no download is under way.

        From the mirror that the environment variable ``TOOLKIT_MNIST_MIRROR`` names, if it is
        set: a class behind a wall may have one of its own.
        """
        with self._lock:
            if self._job is None or self._job.state.status != "running":
                own = os.environ.get("TOOLKIT_MNIST_MIRROR")
                self._job = FetchJob(mirrors=[own] if own else None)
                self._job.start()

    def cancel_fetch(self) -> None:
        """Stop a download that is under way."""
        if self._job is not None:
            self._job.cancel()

    def fetching(self) -> dict[str, Any] | None:
        """Return how far the last download is, as plain data; None before the first."""
        return None if self._job is None else asdict(self._job.state)

    def sources(self) -> list[Source]:
        """Return what can be opened on this machine, the preferred one first."""
        found = [
            Source("mnist", "MNIST", "10,000 test images")
            if find_mnist()
            else Source("mnist", "MNIST", "fetch it, 11 MB", ready=False, fetchable=True),
            Source("drawn", "drawn digits", "built in"),
        ]
        named = os.environ.get("TOOLKIT_DIGITS")
        if named and named not in {"mnist", "drawn"}:
            found.insert(0, Source(named, Path(named).name, "IDX folder"))
        return found

    def listing(self) -> list[dict[str, Any]]:
        """Return the sources as plain data."""
        return [asdict(source) for source in self.sources()]

    def open(self, name: str | None = None) -> DigitSet:
        """Return the test digits of a source, by default the preferred one.

        Raises
        ------
        ValueError
            If it is not one of :meth:`sources`, or its files are no digits.
        OSError
            If its files cannot be read.
        """
        name = name or default_source()
        if name not in {source.name for source in self.sources()}:
            raise ValueError(f"digits: expected one of the sources listed; got {name[:60]!r}")
        with self._lock:
            if name not in self._open:
                digits = open_digits(name, split="test")
                _ = digits.columns  # the scorer's form, made once here and not at a first stroke
                self._open[name] = digits
            return self._open[name]
