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
from tests.browser.bench_page import BenchPage
from tests.browser.server import chromium, dashboard
from tests.dashboard.talk import Talk
from toolkit.benchmarks import Job, Part, Result, Setting

_STROKES = 40
# Runs in the page: notes when the pointer goes up and when the next accuracy stands there.
WATCH = """() => {
  window.latencies = [];
  let up = 0;
  bench.root.addEventListener('pointerup', () => { up = performance.now(); }, true);
  new MutationObserver(() => {
    if (!up) return;
    const from = up;
    up = 0;
    requestAnimationFrame(() => latencies.push(performance.now() - from));
  }).observe(bench.root.querySelector('.accuracy'), {attributes: true, attributeFilter: ['data-revision']});
  bench.frames.length = 0;
}"""  # noqa: E501


def _measure(setting: Setting) -> dict[str, Result]:
    found: dict[str, Result] = {}
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
                _stroke(bench, number)
        for name, bench in pages.items():
            found |= _found(name, bench)
        bench = pages["one"]
        bench.page.evaluate("latencies.length = 0, bench.frames.length = 0")
        with _twenty_nine_others(address):
            bench.page.wait_for_timeout(2000)
            for number in range(_STROKES):
                _stroke(bench, number)
            bench.settle()
        found |= _found("thirty", bench)
    return found


def _stroke(bench: BenchPage, number: int) -> None:
    row, column = 3 + (7 * number) % 20, 3 + (5 * number) % 16
    bench.page.bring_to_front()
    bench.stroke((row, column), (row + 3, column + 6), steps=8)
    bench.page.wait_for_timeout(200)


def _warm_page(browser: Browser, address: str) -> BenchPage:
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.add_init_script("localStorage.setItem('weight-map-toolkit.hint', 'seen')")
    page.goto(f"{address}/?neuron=1.3")
    bench = BenchPage(page)
    for number in range(5):  # the first strokes warm both sides up
        bench.stroke((5 + number, 5), (8 + number, 12))
        bench.settle()
    page.evaluate(WATCH)
    return bench


def _found(name: str, bench: BenchPage) -> dict[str, Result]:
    bench.page.bring_to_front()
    bench.settle()
    return {
        f"page.accuracy.{name}": from_ms(bench.page.evaluate("latencies")),
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
    figures |= {f"page.frame.{key}": f"a painted frame, {says}" for key, says in who.items()}
    return [Job(figures, partial(_measure, setting))]


PART = Part("page", "a stroke in the page, to its accuracy", _jobs)
