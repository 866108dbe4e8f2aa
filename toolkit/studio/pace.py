"""How often a thing may be done: some at once, and then one after another."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.experiments import Experiment

_STEPS_OF_ONE, _BYTES_OF_ONE = 500, 16 << 20
"""An experiment of so many steps, or so large networks in it, takes as long again as any."""


class Pace:
    """Counts what is done, and forgets it in time.

    Parameters
    ----------
    at_once : float
        So much may be done without a pause.
    seconds : float
        After so long one more may be.
    clock : callable
        Tells the time, in seconds.
    """

    def __init__(
        self, at_once: float, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._at_once, self._seconds, self._clock = at_once, seconds, clock
        self._done, self._told = 0.0, clock()
        self._lock = threading.Lock()

    def wait(self) -> float:
        """Return after how many seconds one may be done; 0 if it may at once."""
        with self._lock:
            self._forget()
            return max(0.0, self._done - self._at_once) * self._seconds

    def done(self, much: float) -> None:
        """Note that so much was done; more than there was room for is waited for later."""
        with self._lock:
            self._forget()  # what time has passed so far is for what was done so far
            self._done += much

    def _forget(self) -> None:
        now = self._clock()
        self._done = max(0.0, self._done - (now - self._told) / self._seconds)
        self._told = now


def copying(*paces: Pace) -> Callable[[Experiment], None]:
    """See that an experiment may be copied now; return what notes how much it was.

    Raises
    ------
    ValueError
        If too many were copied a moment ago, or too large ones.
    """
    wait = max(pace.wait() for pace in paces)
    if wait > 0:
        raise ValueError(
            "expected fewer copies of experiments at a time; "
            f"the next can be made in {math.ceil(wait):,} s"
        )

    def note(kept: Experiment) -> None:
        size = 4 * kept.start.parameters * (len(kept.landmarks) + len(kept.save_points))
        for pace in paces:
            pace.done(1 + len(kept.steps) / _STEPS_OF_ONE + size / _BYTES_OF_ONE)

    return note
