"""Fetching MNIST while a page stays at hand."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from toolkit.digits.fetching.fetch import (
    FetchCancelled,
    FetchError,
    Reason,
    RemoteFile,
    fetch_mnist,
)


@dataclass(frozen=True)
class FetchState:
    """Where a `FetchJob` stands.

    Parameters
    ----------
    status : str
        ``"ready"`` before the start, then ``"running"``, then ``"done"``, ``"failed"``
        or ``"cancelled"``.
    done, total : int
        Bytes; `total` is 0 until the first piece of news.
    seconds_left : float or None
        None while unknown.
    message : str
        For people: the file under way, where MNIST lies, or what went wrong.
    reason : str
        `FetchError.reason` of what failed, else ``""``.
    """

    status: Literal["ready", "running", "done", "failed", "cancelled"] = "ready"
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    message: str = ""
    reason: Reason | Literal[""] = ""

    @property
    def fraction(self) -> float:
        """Share of the bytes that are there, 0 to 1."""
        return self.done / self.total if self.total else 0.0


class FetchJob:
    """A fetch in a thread of its own, for a button on a page.

    Its methods may be called from any thread.  A job runs once; try again with a new
    one, which keeps what the last one completed.

    Parameters
    ----------
    mirrors, files
        As in `fetch_mnist`.
    """

    def __init__(
        self,
        *,
        mirrors: Sequence[str] | None = None,
        files: Sequence[RemoteFile] | None = None,
    ) -> None:
        self._mirrors, self._files = mirrors, files
        self._state = FetchState()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fetch-mnist", daemon=True)

    @property
    def state(self) -> FetchState:
        """A snapshot of where the job stands; never changes."""
        with self._lock:
            return self._state

    def start(self) -> None:
        """Begin; a job that has begun, ended or been cancelled stays as it is."""
        with self._lock:
            if self._state.status != "ready":
                return
            self._state = FetchState("running", message="calling the first mirror")
        self._thread.start()

    def cancel(self) -> None:
        """Stop; the state says so at once, though a silent mirror may hold the thread on."""
        self._stop.set()
        self._end("cancelled", str(FetchCancelled()), "cancelled")

    def wait(self, seconds: float | None = None) -> FetchState:
        """Wait for the thread's end, at most so many seconds, and return the state."""
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return self.state

    def _run(self) -> None:
        try:
            folder = fetch_mnist(
                mirrors=self._mirrors,
                files=self._files,
                progress=self._note,
                cancelled=self._stop.is_set,
            )
        except FetchError as error:
            self._end("failed", str(error), error.reason)
        except Exception as error:  # nobody would see it in a thread, and the page would wait on
            self._end("failed", f"{type(error).__name__}: {error}", "")
        else:
            self._end("done", f"MNIST is in {folder}", "")

    def _note(self, done: int, total: int, seconds_left: float | None, file: str) -> None:
        with self._lock:
            if self._state.status == "running":
                self._state = FetchState("running", done, total, seconds_left, file)

    def _end(
        self,
        status: Literal["done", "failed", "cancelled"],
        message: str,
        reason: Reason | Literal[""],
    ) -> None:
        with self._lock:
            if self._state.status in ("ready", "running"):
                self._state = replace(
                    self._state, status=status, message=message, reason=reason,
                    seconds_left=0.0 if status == "done" else None,
                )  # fmt: skip
