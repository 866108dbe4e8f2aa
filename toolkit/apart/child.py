"""The child's side: bound itself, do one job, answer, end; and end where the parent does."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import traceback
from pathlib import Path

from toolkit.apart.wire import Message, end_asked, pack

_GRACE_SECONDS = 3
"""By so much the child's own clock runs longer than the parent's, which ends it as a rule."""
_NICE, _NICE_TO_WAIT = 10, 5
_MOST_WRITTEN = 16 << 20  # bytes a file
_BIRTHS = {
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "os.system",
    "subprocess.Popen",
}  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC
_OUT_OF_MEMORY = pack({"failed": "MemoryError"})


def main() -> None:
    """Do the job that comes in on standard input; the answer goes out on standard output."""
    seconds, memory_bytes = (int(each) for each in sys.argv[2:4])
    # What the terminal's Ctrl+C means is the parent's to decide.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    alone = "writes" not in sys.argv[4:]
    bound(seconds, memory_bytes, alone=alone)
    # What a library prints is not to mix with the answer.
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    message = Message(_read_all())
    _watch_the_pipe()
    if alone:
        _forbid_more()
    try:
        answer = _do(message)
    except MemoryError:
        answer = _OUT_OF_MEMORY
    with os.fdopen(out, "wb") as file:
        file.writelines(answer)
    # Nothing of the child is to be tidied up, and threads are not waited for.
    sys.stderr.flush()
    os._exit(0)


def _do(message: Message) -> list[bytes]:
    from toolkit.apart.jobs import JOBS

    try:
        said, arrays = JOBS[message.said["job"]](message)
    except ValueError as error:
        if isinstance(error.__cause__, MemoryError):
            return _OUT_OF_MEMORY
        return pack({"refused": str(error)})
    except MemoryError:
        raise
    except Exception as error:
        traceback.print_exc()
        return pack({"failed": type(error).__name__})
    return pack(said, arrays)


def _read_all() -> bytearray:
    """Read as much as the first eight bytes, the whole message's length, say."""
    size = int.from_bytes(_read(8), "little")
    return _read(size)


def _read(size: int) -> bytearray:
    data = bytearray(size)
    view, at = memoryview(data), 0
    while at < size:
        got = os.readv(0, [view[at:]]) if hasattr(os, "readv") else _readinto(view[at:])
        if not got:
            os._exit(1)  # the parent is gone
        at += got
    return data


def _readinto(view: memoryview) -> int:
    piece = os.read(0, min(len(view), 1 << 20))
    view[: len(piece)] = piece
    return len(piece)


def _watch_the_pipe() -> None:
    """End this process when the pipe from the parent closes: the parent is gone.

    It holds on every system, and at once.  A byte that comes by it asks the job to come to an end.
    """

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1):
                end_asked.set()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def bound(seconds: int, memory_bytes: int, *, alone: bool = True) -> None:
    """Bound this process: time on the clock and of computing, memory, files; and yield to others.

    Parameters
    ----------
    seconds : int
    memory_bytes : int
        Of address space, the interpreter and its libraries included.
    alone : bool
        Whether it may write no file.
    """
    try:
        import resource
    except ImportError:  # not on Windows, where the parent's clock alone holds
        return
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0 if alone else _MOST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    # Past the first it is told, past the second it is killed.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    # Should the parent be stopped, its clock stands still.
    signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE_SECONDS)
    with contextlib.suppress(OSError):
        os.nice(_NICE if alone else _NICE_TO_WAIT)
    with contextlib.suppress(OSError):
        # Where the machine's own memory runs out, this process goes and not the server.
        Path("/proc/self/oom_score_adj").write_text("1000")


def _forbid_more() -> None:
    """Let nothing be started or written from here: by Python's own hook, by the system's limits.

    The limits alone do not hold root, nor keep a file from being made, nor are there on Windows.
    """

    def refuse(event: str, given: tuple[object, ...]) -> None:
        if event in _BIRTHS:
            raise PermissionError(f"{event}: what reads files starts no other process")
        if event == "open":
            path, _, flags = given
            if isinstance(flags, int) and flags & _WRITING and not isinstance(path, int):
                raise PermissionError("open: what reads files writes none")

    sys.addaudithook(refuse)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
