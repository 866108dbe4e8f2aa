"""What is read from a browser's trace."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.painting import work_by_event


def piece(name: str, at: float, ms: float, thread: int = 7, worked: float | None = None,
          **data: str) -> dict[str, Any]:  # fmt: skip
    found = {"name": name, "ph": "X", "pid": 1, "tid": thread, "ts": 1000 * at, "dur": 1000 * ms,
             "args": {"data": data}}  # fmt: skip
    return found if worked is None else {**found, "tdur": 1000 * worked}


def test_work_belongs_to_the_event_that_it_follows_and_only_of_the_thread_that_had_it() -> None:
    moved = {"type": "pointermove"}
    events = [
        piece("RunTask", 0, 1),  # before there was any
        piece("RunTask", 10, 4), piece("EventDispatch", 11, 2, **moved),
        piece("RunTask", 15, 3, worked=1),  # the frame: for two of its three ms others had the core
        piece("RunTask", 16, 50, thread=8),  # a worker's
        piece("RunTask", 26, 2), piece("EventDispatch", 26.5, 1, **moved),
        piece("EventDispatch", 27, 1, type="mousemove"),
        piece("RunTask", 42, 9), piece("EventDispatch", 43, 1, **moved),
        piece("EventDispatch", 60, 1, thread=8, **moved),  # another page's
    ]  # fmt: skip
    assert work_by_event(events, {"RunTask"}) == [5, 2]
    assert work_by_event(events, {"EventDispatch"}) == [2, 2]
