"""Child processes that end with their parent, however it ends.

A parent that is killed can tell nobody.  So the child looks to it: a process that the
toolkit starts, the dashboard's server as well as the reader of strangers' files, calls
`die_with` first of all, with the parent's id, which it was handed as an argument or in its
environment.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1  # of Linux's prctl
_LOOK_SECONDS = 0.5


def die_with(parent: int) -> None:
    """End this process, with SIGKILL's certainty, once its parent is gone.

    On Linux the kernel does it, even while this process is stopped; it does so as well when the
    parent's *thread* that started this process ends, which therefore should live as long.
    Elsewhere a thread looks twice a second.

    Parameters
    ----------
    parent : int
        The parent's process id, as it knew it itself.
    """
    if os.name != "posix":
        return
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    else:
        threading.Thread(target=_watch, args=(parent,), name="lifeline", daemon=True).start()
    if os.getppid() != parent:  # it went while this process was starting
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)
