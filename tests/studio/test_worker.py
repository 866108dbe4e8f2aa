"""Work beside the letters: one thing after another, and nobody's leaving waits for it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

from toolkit.studio.worker import Worker


def test_work_is_done_in_turn_and_a_failure_stops_none_after_it() -> None:
    worker, done, ready = Worker("test"), list[int](), threading.Event()
    worker.submit(lambda: done.append(1))
    worker.submit(lambda: 1 / 0)
    worker.submit(done.append, 2)
    worker.submit(ready.set)
    assert ready.wait(10)
    assert done == [1, 2]


def test_a_process_ends_though_work_is_under_way() -> None:
    code = (
        "import time; from toolkit.studio.worker import Worker; "
        "Worker('test').submit(time.sleep, 60); time.sleep(0.1)"
    )
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", code], check=True, timeout=50)
    assert time.monotonic() - began < 45
