"""A stroke's way: from the pointer that goes up, to the server and back, to a painted frame.

The page notes it by its own clock.  A hand lets go at any moment of a frame, and so does the mouse
here: Chromium's driver alone would let go whenever a frame was just painted.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.browser.bench_page import BenchPage

STAGES = ("sent", "told", "stands", "painted")
"""What happens after the pointer went up, in this order: the letter is given to the socket, the
first frame comes back, the accuracy stands in the page, a frame that has it begins to be drawn."""
_FRAME_MS = 1000 / 60

_WATCH = """() => {
  window.trips = [];
  let trip = null, from = 0;
  const note = (stage) => { if (trip) trip[stage] ??= performance.now() - from; };
  bench.root.addEventListener('pointerup', () => { from = performance.now(); trip = {}; }, true);
  const { line } = bench.post;
  const send = line.send.bind(line);
  line.send = (frame) => { note('sent'); return send(frame); };
  const { onFrame } = line.heard;
  line.heard.onFrame = (frame) => { note('told'); onFrame(frame); };
  new MutationObserver(() => {
    if (!trip) return;
    note('stands');
    const done = trip, begun = from;
    trip = null;
    requestAnimationFrame(() => { done.painted = performance.now() - begun; trips.push(done); });
  }).observe(bench.root.querySelector('.accuracy'), {attributes: true, attributeFilter: ['data-revision']});
}"""  # noqa: E501


@dataclass(frozen=True)
class Trips:
    """Strokes that were watched.

    Attributes
    ----------
    after : dict of str to list of float
        Milliseconds from the pointer's going up to each of ``STAGES``, a stroke each.
    """

    after: dict[str, list[float]]

    @property
    def parts(self) -> dict[str, list[float]]:
        """Milliseconds between one stage and the next, which add up to the last."""
        before, found = [0.0] * len(self.after["painted"]), {}
        for stage in STAGES:
            at = self.after[stage]
            found[stage] = [later - earlier for earlier, later in zip(before, at, strict=True)]
            before = at
        return found


def watch(bench: BenchPage) -> None:
    """Have a page note its strokes from now on."""
    bench.page.evaluate(_WATCH)


def watched(bench: BenchPage) -> Trips:
    """Return the strokes noted since this was last asked."""
    bench.page.bring_to_front()
    bench.settle()
    found = bench.page.evaluate("trips.splice(0)")
    found = [
        trip for trip in found if set(STAGES) <= set(trip)
    ]  # not those that a reload cut short
    return Trips({stage: [trip[stage] for trip in found] for stage in STAGES})


def stroke(bench: BenchPage, number: int, rng: random.Random) -> None:
    """Paint a short stroke, let go of it at any moment of a frame, and wait for its answer."""
    row, column = 3 + (7 * number) % 20, 3 + (5 * number) % 16
    bench.stroke((row, column), (row + 3, column + 6), steps=8, release=False)
    bench.page.wait_for_timeout(rng.uniform(0, _FRAME_MS))
    bench.page.mouse.up()
    bench.page.wait_for_timeout(200)
