"""A brush held down in a real page, and what the page's own clock says of it."""

from __future__ import annotations

import math
import time
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from playwright.sync_api import Browser

from tests.browser.bench_page import BenchPage, until

HERTZ = 60
_SCORED = "bench.following.live?.status.state === 'ready' && bench.following.live.current"
# Notes when frames begin, how long after the pointer's event each was painted, and when there was
# a new accuracy.  What is posted while a frame is drawn is read once it is painted.
_NOTE = """() => {
  const noted = window.noted = {frames: [], painted: [], accuracies: [], over: false};
  let moved = 0;
  const channel = new MessageChannel();
  channel.port1.onmessage = ({data}) => noted.painted.push(performance.now() - data);
  bench.root.addEventListener('pointermove', (event) => { moved ||= event.timeStamp; }, true);
  bench.bell.on('frame', () => { if (moved) channel.port2.postMessage(moved); moved = 0; });
  bench.following.live?.bell.on('result', () => noted.accuracies.push(performance.now()));
  const beat = (at) => {
    noted.frames.push(at);
    if (!noted.over) requestAnimationFrame(beat);
  };
  requestAnimationFrame(beat);
}"""
_READ = "() => { noted.over = true; return noted; }"


@dataclass(frozen=True)
class Noted:
    """What a page noted while it was painted on.

    Attributes
    ----------
    frames : list of float
        Milliseconds from each frame to the next.
    painted : list of float
        Milliseconds from the first pointer event that a frame shows until it was painted.
    accuracies : list of int
        How many there were in each whole second.
    """

    frames: list[float]
    painted: list[float]
    accuracies: list[int]


def open_bench(running: Browser, address: str, *, live: bool = True) -> BenchPage:
    """Open the workbench; a stroke has warmed it up.

    Parameters
    ----------
    running : Browser
    address : str
    live : bool
        Whether to wait until it scores live.
    """
    page = running.new_page(viewport={"width": 1366, "height": 768})
    page.add_init_script("localStorage.setItem('weight-map-toolkit.hint', 'seen')")
    page.goto(f"{address}/?neuron=1.3")
    bench = BenchPage(page)
    if live:
        until(page, _SCORED, timeout=60_000)
    stroke(bench, 1)
    bench.settle()
    return bench


def stroke(bench: BenchPage, seconds: float) -> None:
    """Paint without lifting the brush, the pointer moved `HERTZ` times a second.

    Where a move takes longer the next ones are left out, as a mouse's would be.
    """
    box, mouse = bench.map_box(), bench.page.mouse
    began, number = time.perf_counter(), 0
    mouse.move(*_place(box, 0))
    mouse.down()
    while (passed := time.perf_counter() - began) < seconds:
        if passed * HERTZ >= number:
            number = math.floor(passed * HERTZ) + 1
            mouse.move(*_place(box, passed))
        else:
            time.sleep(max(0.0, number / HERTZ - passed))
    mouse.up()


def _place(box: dict[str, float], at: float) -> tuple[float, float]:
    """Return where the pointer is after so many seconds: a path that crosses the whole map."""
    across, down = math.sin(2.3 * at), math.sin(3.7 * at + 1)
    return (
        box["x"] + box["width"] * (0.5 + 0.42 * across),
        box["y"] + box["height"] * (0.5 + 0.42 * down),
    )


def noted(bench: BenchPage, seconds: float) -> Noted:
    """Paint for so long, and return what the page noted meanwhile."""
    bench.js(_NOTE)
    stroke(bench, seconds)
    found = bench.js(_READ)
    bench.settle()
    frames = found["frames"]
    by_second = Counter(int((at - frames[0]) / 1000) for at in found["accuracies"])
    whole = range(int((frames[-1] - frames[0]) / 1000))  # the last, begun one is left out
    return Noted(
        [after - before for before, after in pairwise(frames)], found["painted"],
        [by_second[each] for each in whole],
    )  # fmt: skip
