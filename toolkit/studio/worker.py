"""One thread for work beside the letters, which holds up nobody's leaving."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)


class Worker:
    """Does one thing after another, in a thread that ends with the process and not before.

    A pool of :mod:`concurrent.futures` is waited for when the process ends, however long its work
    takes.

    Parameters
    ----------
    name : str
        Of the thread.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._queue: queue.SimpleQueue[tuple[Callable[..., object], tuple[Any, ...]]]
        self._queue = queue.SimpleQueue()

    def submit(self, work: Callable[..., object], *given: Any) -> None:
        """Have something done after all that was handed in before; what it raises is logged."""
        self._queue.put((work, given))
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            work, given = self._queue.get()
            try:
                work(*given)
            except Exception:
                log.exception("%s: work failed", self._name)
            # What it was about is not kept until the next one comes.
            del work, given
