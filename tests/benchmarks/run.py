"""Measures what the project promises about speed: ``make bench``.

Each figure stands beside a peer or the plain way, timed in turn in the same run, since machines
drift.  Nothing here asserts a time.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.browser.bench_page import BenchPage
from tests.browser.server import browser_path, chromium, dashboard
from toolkit.digits import DigitSet, generate, open_digits
from toolkit.edits import SetWeights
from toolkit.network import Network
from toolkit.palette import as_maps, compose
from toolkit.pictures import to_png
from toolkit.scoring import Scorer

# Runs in the page: notes when the pointer goes up and when the next accuracy stands there.
_WATCH = """() => {
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


def drawing() -> None:
    """Ten thousand drawn digits, made from nothing."""
    show("draw 10,000 digits", in_turn(2, lambda: generate(10_000, seed=5))[0])


def in_the_browser() -> None:
    """Pointer up to the new accuracy in the page, and the frames while the brush moves."""
    path = browser_path()
    if not path:
        print("no browser: the page was not measured")
        return
    digits = os.environ.get("TOOLKIT_TEST_MNIST", "drawn")
    with chromium(path) as browser, dashboard("mnist-sigmoid", digits) as address:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.add_init_script("localStorage.setItem('weight-map-toolkit.hint', 'seen')")
        page.goto(f"{address}/?neuron=1.3")
        bench = BenchPage(page)
        for number in range(5):  # the first strokes warm both sides up
            bench.stroke((5 + number, 5), (8 + number, 12))
            bench.settle()
        page.evaluate(_WATCH)
        for number in range(40):
            row, column = 3 + (7 * number) % 20, 3 + (5 * number) % 16
            bench.stroke((row, column), (row + 3, column + 6), steps=8)
            page.wait_for_timeout(200)
        bench.settle()
        latencies, frames = (
            sorted(page.evaluate("latencies")),
            sorted(page.evaluate("bench.frames")),
        )
    ninetyfifth = latencies[int(0.95 * len(latencies))]
    print(f"{'pointer up → new accuracy on 10,000 digits':<52} "
          f"{statistics.median(latencies):9.2f} ms   95th percentile {ninetyfifth:.1f} ms, "
          f"{len(latencies)} strokes")  # fmt: skip
    print(f"{'painted frame':<52} {statistics.median(frames):9.2f} ms   "
          f"longest {frames[-1]:.1f} ms, {len(frames)} frames")  # fmt: skip


def main() -> None:
    """Run all, or those named on the command line."""
    parts = {
        part.__name__: part for part in (rescoring, pictures, drawing, training, in_the_browser)
    }
    print(f"{Path(sys.executable).name} {sys.version.split()[0]}, NumPy {np.__version__}, "
          f"{os.cpu_count()} cores")  # fmt: skip
    for name in sys.argv[1:] or parts:
        parts[name]()


if __name__ == "__main__":
    main()
