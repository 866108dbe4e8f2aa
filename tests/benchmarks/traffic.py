"""Bytes that the page takes: to be opened for the first time and again, and for a stroke."""

from __future__ import annotations

from functools import partial
from typing import Any

from playwright.sync_api import BrowserContext, Page, WebSocket

from tests.benchmarks.browsing import browser
from tests.browser.bench_page import BenchPage, until
from tests.browser.server import chromium, dashboard
from tests.dashboard.talk import fetch
from toolkit.benchmarks import Job, Part, Result, Setting, spread_of

_STROKES = 25
_FIGURES = {
    "traffic.first": "bytes to open the page for the first time",
    "traffic.again": "bytes to open it again",
    "traffic.digits": "bytes of the digits that it scores live, once for each browser",
    "traffic.sent": "bytes sent for a stroke",
    "traffic.received": "bytes received for a stroke",
}


class Meter:
    """Counts what a page sends and receives, as it goes over the line: compressed, with headers.

    What goes by a socket is counted as its messages; what a worker fetches is not the page's.
    """

    def __init__(self, page: Page) -> None:
        self.sent = self.received = 0
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")
        line.on("Network.loadingFinished", self._load)
        page.on("websocket", self._hear)

    def _load(self, event: dict[str, Any]) -> None:
        self.received += event["encodedDataLength"]

    def _hear(self, socket: WebSocket) -> None:
        def sent(data: str | bytes) -> None:
            self.sent += len(data)

        def received(data: str | bytes) -> None:
            self.received += len(data)

        socket.on("framesent", sent)
        socket.on("framereceived", received)


def _open(context: BrowserContext, address: str) -> tuple[BenchPage, Meter]:
    page = context.new_page()
    page.add_init_script("localStorage.setItem('weight-map-toolkit.hint', 'seen')")
    meter = Meter(page)
    page.goto(f"{address}/?neuron=1.3")
    bench = BenchPage(page)
    until(
        page,
        "bench.following.live?.status.state === 'ready' && bench.following.live.current",
        timeout=60_000,
    )
    bench.settle()
    page.wait_for_timeout(1000)  # what is fetched late
    return bench, meter


def _measure(setting: Setting) -> dict[str, Result]:
    source = setting.test.source
    with chromium(browser()) as running, dashboard("mnist-sigmoid", source) as address:
        context = running.new_context(viewport={"width": 1366, "height": 768})
        bench, first = _open(context, address)
        bench.page.close()
        bench, again = _open(context, address)
        sent, received = [], []
        for number in range(_STROKES):
            before = again.sent, again.received
            row, column = 3 + (7 * number) % 20, 3 + (5 * number) % 16
            bench.stroke((row, column), (row + 3, column + 6), steps=8)
            bench.settle()
            bench.page.wait_for_timeout(300)  # what is known late of it
            sent.append(again.sent - before[0])
            received.append(again.received - before[1])
        file = bench.state["digits"]["file"]
        status, _, digits = fetch(f"{address}/weight-maps/digits/{file}", Accept_Encoding="gzip")
        assert status == 200, f"the digits were answered {status}"
    found = {
        "traffic.first": [first.received], "traffic.again": [again.received - sum(received)],
        "traffic.digits": [len(digits)], "traffic.sent": sent, "traffic.received": received,
    }  # fmt: skip
    return {key: Result(spread_of(values), "bytes") for key, values in found.items()}


def _jobs(setting: Setting) -> list[Job]:
    browser()
    return [Job(_FIGURES, partial(_measure, setting))]


PART = Part("traffic", "bytes that the page takes", _jobs)
