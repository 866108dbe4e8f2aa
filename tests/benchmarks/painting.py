"""Ten seconds under the brush, sixty pointer events a second, with all digits scored live.

Headless Chromium draws without a graphics card here.  The pointer is moved by the browser's own
input, as a mouse would; the page is read by its clock, and its main thread by Chromium's trace.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from tests.benchmarks.browsing import browser, from_ms
from tests.benchmarks.brushing import noted, open_bench, stroke
from tests.browser.bench_page import BenchPage
from tests.browser.server import chromium, dashboard
from toolkit.benchmarks import Job, Part, Result, Setting, spread_of
from toolkit.digits import DigitSet, write_idx

SECONDS = 10
_TRACED_SECONDS = 4
_WITHIN_MS = 17
_TASKS = "disabled-by-default-devtools.timeline"
# Whatever a thread does in one go, and what of it is the page's script.
_WORK = {
    "work": {"RunTask"},
    "script": {"EventDispatch", "FireAnimationFrame", "HandlePostMessage", "TimerFire"},
}
_SAYS = {
    "painted": "pointer event → painted frame, {} digits live",
    "work": "main thread's work for each pointer event, painting and all, {} digits live",
    "script": "… of which the page's own script, {} digits live",
    "frames": f"frames within {_WITHIN_MS} ms over {SECONDS} s of painting, {{}} digits live",
    "accuracies": "new accuracies a second while painting, {} digits live",
}


def painted(bench: BenchPage) -> dict[str, Result]:
    """Paint, and return what came of it: ``painted``, ``frames`` and ``accuracies``."""
    found = noted(bench, SECONDS)
    within = sum(each <= _WITHIN_MS for each in found.frames) / len(found.frames)
    return {
        "painted": from_ms(found.painted),
        "frames": Result(spread_of([100 * within]), "%", "more",
                         note=f"longest {max(found.frames):.0f} ms, of {len(found.frames)}"),
        "accuracies": Result(spread_of(found.accuracies), "1/s", "more"),
    }  # fmt: skip


def main_thread(running: Browser, bench: BenchPage) -> dict[str, Result]:
    """Paint once more under Chromium's trace; return ``work`` and ``script`` per pointer event."""
    running.start_tracing(page=bench.page, categories=["devtools.timeline", _TASKS])
    stroke(bench, _TRACED_SECONDS)
    trace = json.loads(running.stop_tracing())
    bench.settle()
    return {
        name: from_ms(work_by_event(trace["traceEvents"], names)) for name, names in _WORK.items()
    }


def work_by_event(events: list[dict[str, Any]], names: Collection[str]) -> list[float]:
    """Return, for each pointer event, the ms that its thread worked until the next.

    Parameters
    ----------
    events : list of dict
        Of a trace: times in microseconds, ``tdur`` those of them that the thread had a core.
    names : collection of str
        Of the pieces of work that are counted; none of them lies within another.
    """
    moves = [each for each in events if each["name"] == "EventDispatch"
             and each["args"]["data"]["type"] == "pointermove"]  # fmt: skip
    ((thread, _),) = Counter((each["pid"], each["tid"]) for each in moves).most_common(1)
    at = sorted(each["ts"] for each in moves if (each["pid"], each["tid"]) == thread)
    pieces = sorted(
        (each["ts"], each["dur"], each.get("tdur", each["dur"])) for each in events
        if each["name"] in names and each["ph"] == "X" and (each["pid"], each["tid"]) == thread
    )  # fmt: skip
    # A task belongs to the last event that came before its end: the event lies within it.
    work, move = [0.0] * len(at), -1
    for start, length, worked in pieces:
        while move + 1 < len(at) and at[move + 1] < start + length:
            move += 1
        if move >= 0:
            work[move] += worked / 1000
    return work[:-1]  # after the last one comes whatever a release brings


@contextmanager
def _folder(digits: DigitSet) -> Iterator[str]:
    """Give a folder that has these digits as its test digits."""
    with tempfile.TemporaryDirectory() as folder:
        images = digits.pixels.reshape(-1, *digits.grid)
        write_idx(Path(folder) / "t10k-images-idx3-ubyte", images)
        write_idx(Path(folder) / "t10k-labels-idx1-ubyte", digits.labels)
        yield folder


def _measure(setting: Setting, which: str) -> dict[str, Result]:
    digits = setting.test if which == "test" else setting.all
    with _folder(digits) as folder, chromium(browser()) as running, \
            dashboard("mnist-sigmoid", folder) as address:  # fmt: skip
        bench = open_bench(running, address)
        found = painted(bench) | main_thread(running, bench)
        return {f"painting.{name}.{which}": result for name, result in found.items()}


def _jobs(setting: Setting) -> list[Job]:
    browser()
    counts = {"test": len(setting.test), "all": len(setting.all)}
    return [
        Job({f"painting.{name}.{which}": says.format(f"{n:,}") for name, says in _SAYS.items()},
            partial(_measure, setting, which))
        for which, n in counts.items()
    ]  # fmt: skip


PART = Part("painting", "frames, work and live accuracies under the brush", _jobs)
