"""Measures what the project promises about speed: ``make bench``.

Each figure stands beside a peer or the plain way, timed in turn in the same run, since machines
drift.  Nothing here asserts a time.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser

from tests.benchmarks.analysing import report
from tests.benchmarks.checkout import checkout
from tests.benchmarks.clicks import clicks
from tests.benchmarks.reading import reading
from tests.browser.bench_page import BenchPage
from tests.browser.server import Server, browser_path, chromium, dashboard
from tests.dashboard.talk import Talk
from toolkit.digits import DigitSet, generate, open_digits
from toolkit.edits import SetWeights
from toolkit.network import Network
from toolkit.palette import as_maps, compose
from toolkit.pictures import to_png
from toolkit.scoring import Scorer

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


def in_turn(runs: int, *ways: Callable[[], Any]) -> list[list[float]]:
    """Time several ways of one thing, one after the other, `runs` times; seconds."""
    times: list[list[float]] = [[] for _ in ways]
    for way in ways:
        way()
    for _ in range(runs):
        for way, found in zip(ways, times, strict=True):
            start = time.perf_counter()
            way()
            found.append(time.perf_counter() - start)
    return times


def show(what: str, ours: list[float], peer: str = "", theirs: list[float] | None = None) -> None:
    """Print the median of a row, and the ratio to its peer's, run by run."""
    line = f"{what:<52} {1e3 * statistics.median(ours):9.2f} ms"
    if theirs:
        ratio = statistics.median(b / a for a, b in zip(ours, theirs, strict=True))
        line += f"   {peer}: {1e3 * statistics.median(theirs):9.2f} ms, ×{ratio:.1f}"
    print(line, flush=True)


def digits_for_timing(split: str) -> DigitSet:
    """Return the real MNIST if a test variable names it, drawn digits else."""
    folder = os.environ.get("TOOLKIT_TEST_MNIST")
    return open_digits(folder or "drawn", split)


def rescoring() -> None:
    """After a stroke of 25 cells: what it touched, against a full forward pass."""
    for split in ("test", "train"):
        _rescoring(digits_for_timing(split))


def _rescoring(digits: DigitSet) -> None:
    rng = np.random.default_rng(0)
    scorer, images, network = Scorer(digits), digits.images, Network.random()
    scorer.update(network)

    def update() -> None:
        nonlocal network
        cells = rng.choice(784, 25, replace=False)
        edit = SetWeights(1, int(rng.integers(16)), tuple(cells), tuple(rng.normal(size=25)))
        network = edit.apply(network)
        scorer.update(network)

    ours, theirs = in_turn(20, update, lambda: network.forward(images).predictions)
    show(f"re-score {len(digits):,} digits after a stroke", ours, "NumPy, full forward", theirs)


def pictures() -> None:
    """Sixteen maps as one PNG, against a matplotlib figure of sixteen axes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    network = Network.random()

    def composed() -> None:
        to_png(compose(as_maps(network.layer(1).weights)))

    def figure() -> None:
        drawn = Figure(figsize=(6, 6))
        for index, weights in enumerate(network.layer(1).weights, 1):
            drawn.add_subplot(4, 4, index).imshow(weights.reshape(28, 28))
        FigureCanvasAgg(drawn).draw()

    ours, theirs = in_turn(10, composed, figure)
    show("sixteen maps as one PNG", ours, "matplotlib, 16 axes", theirs)


def training() -> None:
    """One epoch of mini-batch Adam, against scikit-learn's."""
    from sklearn.neural_network import MLPClassifier

    from toolkit.training import train

    digits = digits_for_timing("train")
    images, labels = digits.images, digits.labels

    def ours() -> None:
        train(Network.random(activations=("relu", "relu", "softmax")), digits, epochs=1,
              validation=None)  # fmt: skip

    def peer() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            MLPClassifier((16, 16), batch_size=100, max_iter=1).fit(images, labels)

    mine, theirs = in_turn(5, ours, peer)
    show(f"one epoch of {len(digits):,} digits, batch 100", mine, "scikit-learn", theirs)


def analysing() -> None:
    """The report on a network, from a shell; and the accuracy without each of its neurons."""
    digits = digits_for_timing("test")
    report(digits, show, in_turn, os.environ.get("TOOLKIT_TEST_MNIST", "drawn"))


def drawing() -> None:
    """Ten thousand drawn digits, made from nothing."""
    show("draw 10,000 digits", in_turn(2, lambda: generate(10_000, seed=5))[0])


def in_the_browser() -> None:
    """Pointer up to the new accuracy in the page: now, and with an older commit beside it.

    BEFORE names the commit, for example ``make bench BEFORE=b1f7e94``.
    """
    path = browser_path()
    if not path:
        print("no browser: the page was not measured")
        return
    digits = os.environ.get("TOOLKIT_TEST_MNIST", "drawn")
    with ExitStack() as stack:
        browser = stack.enter_context(chromium(path))
        address = stack.enter_context(dashboard("mnist-sigmoid", digits))
        pages = {"": _warm_page(browser, address)}
        if before := os.environ.get("BEFORE"):
            folder = stack.enter_context(checkout(before))
            old = stack.enter_context(dashboard("mnist-sigmoid", digits, folder))
            pages[f", {before}"] = _warm_page(browser, old)
        for number in range(40):
            row, column = 3 + (7 * number) % 20, 3 + (5 * number) % 16
            for bench in pages.values():
                bench.page.bring_to_front()
                bench.stroke((row, column), (row + 3, column + 6), steps=8)
                bench.page.wait_for_timeout(200)
        for name, bench in pages.items():
            _show_page(name, bench)
        bench = pages[""]
        bench.page.bring_to_front()
        bench.page.evaluate("latencies.length = 0")
        with _twenty_nine_others(address):
            bench.page.wait_for_timeout(2000)
            for number in range(40):
                row, column = 3 + (7 * number) % 20, 3 + (5 * number) % 16
                bench.stroke((row, column), (row + 3, column + 6), steps=8)
                bench.page.wait_for_timeout(200)
            bench.settle()
        _show_page(", 30 people", bench)


_WALK = """async () => {
  const within = (tree) => [...tree.querySelectorAll('*')].flatMap(
    (each) => each.shadowRoot ? [...each.shadowRoot.querySelectorAll('.looking')] : []);
  const [root] = within(document), waits = new Set(['ideal', 'tuning', 'maximised']);
  const stale = () => [...root.querySelectorAll('.figure.stale')].some(
    (each) => !each.hidden && !waits.has(each.dataset.figure));
  const taken = [];
  for (let k = 0; k < 25; k++) {
    const begun = performance.now();
    root.looking.step(1);
    do await new Promise((resolve) => setTimeout(resolve)); while (stale());
    taken.push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return taken.slice(5);
}"""


def looking() -> None:
    """From a click on the next neuron to all figures of the page Neuron that need no analysis."""
    path = browser_path()
    if not path:
        return
    digits = os.environ.get("TOOLKIT_TEST_MNIST", "drawn")
    with chromium(path) as browser, dashboard("mnist-sigmoid", digits) as address:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(f"{address}/neuron?neuron=1.0")
        page.locator(".looking:not(.waiting)").wait_for()
        page.locator(".analysis").wait_for(state="hidden", timeout=120_000)
        taken = sorted(page.evaluate(_WALK))
        print(f"{'another neuron → all that it does':<60} {statistics.median(taken):9.2f} ms   "
              f"95th percentile {taken[int(0.95 * len(taken))]:.1f} ms, "
              f"{len(taken)} clicks")  # fmt: skip


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


def _show_page(name: str, bench: BenchPage) -> None:
    bench.page.bring_to_front()
    bench.settle()
    latencies = sorted(bench.page.evaluate("latencies"))
    frames = sorted(bench.page.evaluate("bench.frames"))
    ninetyfifth = latencies[int(0.95 * len(latencies))]
    print(f"{'pointer up → new accuracy on 10,000 digits' + name:<60} "
          f"{statistics.median(latencies):9.2f} ms   95th percentile {ninetyfifth:.1f} ms, "
          f"{len(latencies)} strokes")  # fmt: skip
    print(f"{'painted frame' + name:<60} {statistics.median(frames):9.2f} ms   "
          f"longest {frames[-1]:.1f} ms, {len(frames)} frames")  # fmt: skip


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


def memory() -> None:
    """What the server holds: at rest, after 2,000 strokes, after 400 who came and went."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "workspace.sqlite").start()
        assert server.process is not None

        def now(what: str) -> None:
            text = Path(f"/proc/{server.process.pid}/status").read_text()  # type: ignore[union-attr]
            line = next(line for line in text.splitlines() if line.startswith("VmRSS"))
            print(f"{what:<60} {int(line.split()[1]) / 1024:9.0f} MiB", flush=True)

        try:
            if not Path("/proc/self/status").exists():
                print("memory: only measured where there is /proc")
                return
            now("server at rest")
            talk = Talk(server.address)
            talk.visit()
            now("one person")
            for count in (1000, 1000):
                for number in range(count):
                    talk.stroke(number % 784, number / 100, number % 16)
                now(f"after {count} strokes more")
            for _ in range(4):
                for number in range(100):
                    other = Talk(server.address)
                    other.visit()
                    other.stroke(number)
                    other.close()
                now("after 100 more who came, painted and went")
        finally:
            server.close()


def main() -> None:
    """Run all, or those named on the command line."""
    parts = {
        part.__name__: part
        for part in (
            rescoring,
            pictures,
            drawing,
            reading,
            training,
            analysing,
            in_the_browser,
            looking,
            clicks,
            memory,
        )
    }
    print(f"{Path(sys.executable).name} {sys.version.split()[0]}, NumPy {np.__version__}, "
          f"{os.cpu_count()} cores")  # fmt: skip
    for name in sys.argv[1:] or parts:
        parts[name]()


if __name__ == "__main__":
    main()
