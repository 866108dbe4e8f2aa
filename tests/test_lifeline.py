"""A child ends with its parent, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="parents and signals are POSIX's")

CHILD = (
    "import os, sys, time; from toolkit.lifeline import die_with\n"
    "die_with(int(sys.argv[1])); print(os.getpid(), flush=True); time.sleep(60)"
)
PARENT = (
    "import os, subprocess, sys\n"
    f"subprocess.run([sys.executable, '-c', {CHILD!r}, sys.argv[1] or str(os.getpid())])"
)


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Where nobody waits for orphans, one that has ended stays in the list.
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and ") Z " in status.read_text())


def wait_for_end(pid: int) -> None:
    deadline = time.monotonic() + 10
    while is_there(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_there(pid)


@pytest.mark.parametrize("stopped", [False, True], ids=["running", "stopped"])
def test_a_child_ends_with_a_parent_that_is_killed(stopped: bool) -> None:
    if stopped and sys.platform != "linux":
        pytest.skip("only Linux's kernel ends a stopped child")
    parent = subprocess.Popen([sys.executable, "-c", PARENT, ""], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    with parent.stdout:
        child = int(parent.stdout.readline())
    if stopped:
        os.kill(child, signal.SIGSTOP)
    assert is_there(child)
    parent.kill()
    parent.wait()
    wait_for_end(child)


def test_a_child_whose_parent_went_before_does_not_begin() -> None:
    done = subprocess.run([sys.executable, "-c", PARENT, "1"], capture_output=True, timeout=20)
    assert done.stdout == b""
