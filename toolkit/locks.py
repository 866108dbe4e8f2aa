"""One process at a time: a lock that the system opens when its holder ends, even if killed.

As a script, for the Makefile, which has nothing but Python when it sets up::

    python toolkit/locks.py FILE "what is said to who waits" COMMAND ARGUMENT...
"""

import contextlib
import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

_LOOK_SECONDS = 0.1
_HELD = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}


@contextlib.contextmanager
def held(
    path: str, waiting: Callable[[], None], look: Callable[[], None] = lambda: None
) -> Iterator[int]:
    """Hold a lock.

    Parameters
    ----------
    path : str
        A file, which is made if need be and stays.
    waiting : callable
        Called once if somebody else holds the lock, before it is waited for.
    look : callable, optional
        Called again and again while waiting; what it raises ends that.

    Yields
    ------
    int
        The open file; the lock ends with it.

    Raises
    ------
    OSError
        If the file cannot be made, or files are not locked where it is.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        told = False
        while not _taken(handle):
            if not told:
                waiting()
                told = True
            look()
            time.sleep(_LOOK_SECONDS)
        yield handle
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _HELD:
            raise
        return False
    return True


def _run_alone(path: str, said: str, command: list[str]) -> int:
    """Run a command while nobody else runs one under the same lock."""
    with contextlib.ExitStack() as stack:
        try:
            waiting = held(path, lambda: print(said, file=sys.stderr, flush=True))
            os.set_inheritable(stack.enter_context(waiting), True)
        except OSError as error:
            print(f"{path}: no lock ({error.strerror}); start no second one meanwhile",
                  file=sys.stderr, flush=True)  # fmt: skip
        if os.name == "posix":
            # The command takes the place of this process, and the lock with it: it is held until
            # the last process has ended that works under it.
            os.execvp(command[0], command)
        return subprocess.run(command).returncode


if __name__ == "__main__":
    try:
        sys.exit(_run_alone(sys.argv[1], sys.argv[2], sys.argv[3:]))
    except KeyboardInterrupt:
        sys.exit(130)
