"""Memory that was let go, given back to the system."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import sys
import threading
from pathlib import Path

_CONTAINER = Path("/sys/fs/cgroup/memory.max")
_LEAST, _MOST = 256 << 20, 1 << 30
IDLE_SECONDS = 900.0
"""So long after its last gesture a page's experiment is let go."""
_SECONDS = (1.0, 6.0)
"""Once soon, and once more for what somebody was still at work with."""
_ARENAS = 2
_M_ARENA_MAX = -8  # malloc.h
_lock = threading.Lock()
_waiting = False


def of_this_machine() -> int:
    """Return how many bytes of memory there are, 0 where that is not known; of a container its."""
    found = []
    with contextlib.suppress(OSError, ValueError, AttributeError):
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    with contextlib.suppress(OSError, ValueError):  # "max" is no number
        found.append(int(_CONTAINER.read_text()))
    return min(found, default=0)


MOST_SCORED_BYTES = min(_MOST, max(_LEAST, of_this_machine() // 8))
"""Held of all networks on all digits; what was not used for the longest time goes first.

Thirty people who paint on MNIST's 70,000 hold some 600 MiB, on its 10,000 some 90.
"""


def share_arenas() -> None:
    """Let all threads have memory of the same few arenas; to be called before they are started.

    glibc gives each thread one of its own, and keeps what was freed in it for that thread.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another library than glibc
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


def give_back_soon() -> None:
    """Give freed memory back where the C library would keep it for later, as glibc does.

    To be called when something large is let go; it is done a moment later, once for all who asked
    meanwhile, when nobody holds it any more, and again after what may still have been worked out
    with it.
    """
    global _waiting
    with _lock:
        if _waiting:
            return
        _waiting = True
    for seconds in _SECONDS:
        timer = threading.Timer(seconds, _give_back)
        timer.daemon = True
        timer.start()


def _give_back() -> None:
    global _waiting
    with _lock:
        _waiting = False
    gc.collect()  # pages and experiments know one another
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another library than glibc
            ctypes.CDLL(None).malloc_trim(0)
