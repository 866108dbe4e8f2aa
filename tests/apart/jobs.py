"""A child with jobs that go wrong, in the place of the one that reads files."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[2]))

from toolkit.apart import child, jobs
from toolkit.apart.wire import Message

Answer = tuple[dict[str, Any], list[Any]]


def slow(message: Message) -> Answer:
    time.sleep(60)
    return {}, []


def busy(message: Message) -> Answer:
    while True:
        pass


def hungry(message: Message) -> Answer:
    return {"got": len(bytearray(4 << 30))}, []


def wordy(message: Message) -> Answer:
    return {"words": "x" * (40 << 20)}, []


def killed(message: Message) -> Answer:
    os.kill(os.getpid(), signal.SIGSEGV)
    return {}, []


def faulty(message: Message) -> Answer:
    raise AttributeError("'NoneType' object has no attribute 'weights'")


def noisy(message: Message) -> Answer:
    print("a library's own words")
    return {"said": "whole"}, []


def greedy(message: Message) -> Answer:
    Path(message.said["file"]).write_bytes(b"something")
    return {}, []


def greedy_in_c(message: Message) -> Answer:
    """Ask the system itself, past Python and its hooks."""
    system = ctypes.CDLL(None)
    handle = system.open(os.fsencode(message.said["file"]), os.O_CREAT | os.O_WRONLY, 0o600)
    return {"opened": handle >= 0, "written": system.write(handle, b"something", 9)}, []


def breeding(message: Message) -> Answer:
    born = []
    for name, give_birth in {
        "fork": lambda: os.fork() or os._exit(0),
        "system": lambda: os.system("exit 3"),
        "subprocess": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
        "spawn": lambda: os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {}),
    }.items():
        with contextlib.suppress(OSError):
            give_birth()
            born.append(name)
    return {"born": born}, []


jobs.JOBS = {
    each.__name__: each
    for each in (slow, busy, hungry, wordy, killed, faulty, noisy, greedy, greedy_in_c, breeding)
}  # type: ignore[assignment]

if __name__ == "__main__":
    child.main()
