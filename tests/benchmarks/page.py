"""Pointer up to the new accuracy in the page: now, and with an older commit beside it.

BEFORE names the commit, for example ``make bench PARTS=page BEFORE=b1f7e94``.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from playwright.sync_api import Browser

from tests.benchmarks.browsing import browser, from_ms
from tests.benchmarks.checkout import checkout
from tests.benchmarks.round_trip import stroke, watch, watched
from tests.browser.bench_page import BenchPage
from tests.browser.server import chromium, dashboard
from tests.dashboard.talk import Talk
from toolkit.benchmarks import Job, Part, Result, Setting

_STROKES = 40
_PARTS = {
    "sent": "until its letter leaves",
    "told": "until the first frame from the server, the step saved",
    "stands": "until it stands in the page",
    "painted": "until a frame with it",
}


def _measure(setting: Setting) -> dict[str, Result]:
    found: dict[str, Result] = {}
    rng = random.Random(0)
    source = setting.test.source
    with ExitStack() as stack:
        running = stack.enter_context(chromium(browser()))
        address = stack.enter_context(dashboard("mnist-sigmoid", source))
        pages = {"one": _warm_page(running, address)}
        if before := os.environ.get("BEFORE"):
            folder = stack.enter_context(checkout(before))
            old = stack.enter_context(dashboard("mnist-sigmoid", source, folder))
            pages["before"] = _warm_page(running, old)
        for number in range(_STROKES):
            for bench in pages.values():
                bench.page.bring_to_front()
                stroke(bench, number, rng)
        for name, bench in pages.items():
            found |= _found(name, bench)
        bench = pages["one"]
        bench.page.bring_to_front()
        bench.page.evaluate("bench.frames.length = 0")
        with _twenty_nine_others(address):
            bench.page.wait_for_timeout(2000)
            for number in range(_STROKES):
                stroke(bench, number, rng)
        found |= _found("thirty", bench)
    return found


def _warm_page(browser: Browser, address: str) -> BenchPage:
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.add_init_script("localStorage.setItem('weight-map-toolkit.hint', 'seen')")
    page.goto(f"{address}/?neuron=1.3")
    bench = BenchPage(page)
    for number in range(5):  # the first strokes warm both sides up
        bench.stroke((5 + number, 5), (8 + number, 12))
        bench.settle()
    watch(bench)
    page.evaluate("bench.frames.length = 0")
    return bench


def _found(name: str, bench: BenchPage) -> dict[str, Result]:
    trips = watched(bench)
    parts = {f"page.{stage}.{name}": from_ms(took) for stage, took in trips.parts.items()}
    return {
        f"page.accuracy.{name}": from_ms(trips.after["painted"]),
        **parts,
        f"page.frame.{name}": from_ms(bench.page.evaluate("bench.frames")),
    }


@contextmanager
def _twenty_nine_others(address: str) -> Iterator[None]:
    """Let 29 people paint, each a stroke in about a second, on the page's socket."""
    over = threading.Event()

    def person(number: int) -> None:
        rng = random.Random(number)
        talk = Talk(address)
        talk.visit(network="mnist-sigmoid")
        while not over.wait(rng.uniform(0.6, 1.4)):
            talk.stroke(rng.randrange(784), rng.uniform(-1, 1), rng.randrange(16))
        talk.close()

    people = [threading.Thread(target=person, args=(number,)) for number in range(29)]
    for each in people:
        each.start()
    try:
        yield
    finally:
        over.set()
        for each in people:
            each.join()


def _jobs(setting: Setting) -> list[Job]:
    browser()
    who = {"one": "one person", "thirty": "30 people"}
    if before := os.environ.get("BEFORE"):
        who["before"] = before
    figures = {f"page.accuracy.{key}": f"pointer up → the new accuracy in the page, {says}"
               for key, says in who.items()}  # fmt: skip
    figures |= {f"page.{stage}.{key}": f"… of which {part}, {says}"
                for key, says in who.items() for stage, part in _PARTS.items()}  # fmt: skip
    figures |= {f"page.frame.{key}": f"a painted frame, {says}" for key, says in who.items()}
    return [Job(figures, partial(_measure, setting))]


PART = Part("page", "a stroke in the page, to its accuracy", _jobs)
