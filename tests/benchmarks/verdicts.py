"""How often a verdict is right, on networks whose first layer is known, and what the shipped are.

``python -m tests.benchmarks.verdicts`` prints the tables of ``toolkit/analysis/shapes/README.md``
(some four minutes); ``--networks 10`` is quicker, ``--networks 0`` leaves the known ones out.  With
``TOOLKIT_TEST_MNIST`` the shipped networks are looked at with MNIST's digits, without it with the
drawn ones.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter

import numpy as np

from toolkit import open_digits, open_network
from toolkit.analysis import class_means
from toolkit.analysis.shapes import VERDICTS, verdicts
from toolkit.analysis.shapes.truth import truth_network
from toolkit.digits import DigitSet
from toolkit.network import Network
from toolkit.training import train

SIGNAL_TO_NOISE = (np.inf, 4.0, 2.0, 1.0, 0.5)
FIRST_SEED = 1_000_000
"""Of the final table; the thresholds were chosen on seeds 0 to 29."""
SHIPPED = ("mnist-sigmoid", "mnist-relu", "drawn-sigmoid", "handmade", "templates", "random")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=100, help="for each level of noise")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    given = parser.parse_args()
    if given.networks:
        known(given.networks, given.first_seed)
    shipped()


def known(networks: int, first_seed: int) -> None:
    """Print confusion tables and how far angles are off."""
    drawn = open_digits("drawn")
    # Templates are means of other digits than those that verdicts compare with.
    shown, others = drawn.subset(slice(0, None, 20)), drawn.subset(slice(10, None, 20))
    lit, means = shown.pixels.any(axis=0), class_means(others.pixels, others.labels)
    summary = []
    for number, ratio in enumerate(SIGNAL_TO_NOISE):
        counts: Counter[tuple[str, str]] = Counter()
        off: dict[str, list[float]] = {"match": [], "bars": [], "edges": [], "lines": []}
        peaks = []
        for seed in range(first_seed + number * networks, first_seed + (number + 1) * networks):
            truth = truth_network(seed, ratio, lit, means)
            (found,) = verdicts(
                truth.network, images=shown.pixels, labels=shown.labels, layers=(1,),
                responses=truth.network.forward(shown.images),
            )  # fmt: skip
            for kind, stamp, each in zip(truth.kinds, truth.stamps, found, strict=True):
                counts[kind, each.kind] += 1
                if stamp is None or kind not in ("edge", "line"):
                    continue
                clean = stamp.render().ravel()[lit]
                peaks.append(np.abs(clean).max() / np.sqrt((clean**2).mean()))
                if each.kind != kind:
                    continue
                true = (stamp.angle or 0) + (180 if stamp.strength < 0 else 0)
                if kind == "line":
                    off["lines"].append(_apart(each.angle, true, 180))
                    continue
                off["match"].append(_apart(each.angle, true, 360))
                off["bars"].append(_apart(each.tuning.preferred_angle, true, 180))
                off["edges"].append(_apart(each.tuning.preferred_edge, true, 360))
        _confusion(ratio, counts, float(np.median(peaks)))
        right = sum(count for (true, said), count in counts.items() if true == said)
        cells = [f"{ratio:g}", f"{right / sum(counts.values()):.1%}"]
        for values in off.values():
            error = np.array(values)
            cells.append(f"{(error <= 10).mean():.1%} ({np.nanmedian(error):.1f}°)")
        summary.append(cells)
    print("| signal-to-noise | right | edges' angle, by match | by bars | by bars and edges "
          "| lines' angle, by match |")  # fmt: skip
    print("|---" * 6 + "|")
    for cells in summary:
        print("| " + " | ".join(cells) + " |")
    print()


def _apart(one: float, other: float, turn: float) -> float:
    return abs((one - other + turn / 2) % turn - turn / 2)


def _confusion(ratio: float, counts: Counter[tuple[str, str]], peak: float) -> None:
    total = sum(counts.values())
    print(f"**Signal-to-noise {ratio:g}**, {total} maps", end="")
    print("" if np.isinf(ratio) else f"; a stroke's height is {peak * ratio:.1f} times the noise's"
          " standard deviation", end="\n\n")  # fmt: skip
    print("| is \\ called | " + " | ".join(VERDICTS) + " | right |")
    print("|---" * (len(VERDICTS) + 2) + "|")
    for true in VERDICTS:
        row = [counts[true, said] for said in VERDICTS]
        cells = " | ".join(str(count) if count else "" for count in row)
        print(f"| {true} | {cells} | {counts[true, true] / max(sum(row), 1):.1%} |")
    print()


def shipped() -> None:
    """Print what the first layers of the shipped networks are, and of one without decay."""
    folder = os.environ.get("TOOLKIT_TEST_MNIST")
    digits = open_digits(folder or "drawn")
    networks = [open_network(name) for name in SHIPPED]
    networks.append(_without_decay(folder))
    print(f"With {digits.name}, {len(digits.labels):,} images:\n")
    print("| network | " + " | ".join(VERDICTS) + " | edge score: least, median, most | seconds |")
    print("|---" * (len(VERDICTS) + 3) + "|")
    for network in networks:
        started = time.process_time()
        found = verdicts(network, images=digits.pixels, labels=digits.labels)
        took = time.process_time() - started
        counts = Counter(each.kind for each in found[0])
        scores = sorted(each.edge_score for each in found[0])
        cells = " | ".join(str(counts[kind]) if counts[kind] else "" for kind in VERDICTS)
        three = f"{scores[0]:.2f}, {np.median(scores):.2f}, {scores[-1]:.2f}"
        print(f"| `{network.name}` | {cells} | {three} | {took:.1f} |")


def _without_decay(folder: str | None) -> Network:
    digits: DigitSet = open_digits(folder or "drawn", "train")
    start = Network.random(seed=0, activations="sigmoid")
    trained = train(start, digits, epochs=10, weight_decay=0, seed=0).network
    return trained.renamed("trained without decay")


if __name__ == "__main__":
    main()
