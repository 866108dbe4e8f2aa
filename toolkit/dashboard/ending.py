"""How the server ends when it is asked to: once, cleanly, and however often it is asked."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from types import FrameType

from toolkit.lifeline import die_with

SECONDS = 4.0
"""After so long what still runs is given up; each change that was acknowledged is on the disk."""

_PARENT = "TOOLKIT_PARENT"


class Ending:
    """Takes the signals that ask a server to end, and passes on the first alone.

    The server below (Uvicorn) forces its end at a second signal, and after its work raises what it
    got once more: either shows as a traceback.
    """

    def __init__(self) -> None:
        self.asked = False

    def watch(self) -> None:
        """Begin, in the server's main thread, once its own handlers are in place."""
        parent = os.environ.pop(_PARENT, "")
        if parent.isdecimal():
            die_with(int(parent))
        if threading.current_thread() is not threading.main_thread():
            return
        below = signal.getsignal(signal.SIGTERM)
        if not callable(below):  # nobody would end the server: leave it to the system
            return

        def end(number: int, frame: FrameType | None) -> None:
            if not self.asked:
                self.asked = True
                threading.Thread(target=_give_up, name="give-up", daemon=True).start()
                below(signal.SIGTERM, frame)

        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, end)

    def end(self) -> None:
        """End the process if it was asked to: all is closed, and nobody else needs to be told."""
        if self.asked:
            _leave()


def _give_up() -> None:
    time.sleep(SECONDS)
    _leave()


def _leave() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
    os._exit(0)
