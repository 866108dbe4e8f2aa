"""Scoring again after each kind of change, beside full forward passes on the same digits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import numpy as np

from toolkit.benchmarks.clock import alone, timed
from toolkit.benchmarks.limits import Needs
from toolkit.benchmarks.parts.measuring import Way, beside
from toolkit.benchmarks.peers import forward_passes
from toolkit.benchmarks.records import Job, Part, Result, job
from toolkit.benchmarks.setting import Setting
from toolkit.digits import DigitSet
from toolkit.edits import SetBias, SetWeights
from toolkit.network import Network
from toolkit.scoring import Scorer
from toolkit.shipped import open_network

CELLS = 21
"""Of a stroke: three cells wide, seven long."""

WIDE = (784, 512, 512, 10)

Change = Callable[[Network, np.random.Generator], Network]


def stroke(network: Network, rng: np.random.Generator, cells: int = CELLS) -> Network:
    """Return a network with new weights at random cells of a random neuron of layer 1."""
    first = network.layer(1)
    where = rng.choice(first.inputs, cells, replace=False).tolist()
    neuron = int(rng.integers(first.size))
    return SetWeights(1, neuron, tuple(where), tuple(rng.normal(size=cells).tolist())).apply(
        network
    )


def _bias(network: Network, rng: np.random.Generator) -> Network:
    neuron = int(rng.integers(network.sizes[1]))
    return SetBias(1, neuron, float(rng.normal())).apply(network)


def _whole_map(network: Network, rng: np.random.Generator) -> Network:
    return stroke(network, rng, network.sizes[0])


def _later(network: Network, rng: np.random.Generator) -> Network:
    inputs = network.sizes[1]
    weights = tuple(rng.normal(size=inputs).tolist())
    neuron = int(rng.integers(network.sizes[2]))
    return SetWeights(2, neuron, tuple(range(inputs)), weights).apply(network)


def after(change: Change, network: Network, digits: DigitSet) -> Way:
    """Return a way that changes a network, untimed, and scores it again."""
    rng, scorer, now = np.random.default_rng(0), Scorer(digits), network
    scorer.update(network)

    def prepare() -> Callable[[], object]:
        nonlocal now
        now = change(now, rng)
        return partial(scorer.update, now)

    return timed(prepare)


def back(network: Network, digits: DigitSet) -> Way:
    """Return a way that scores again when a stroke is taken back."""
    rng, scorer = np.random.default_rng(0), Scorer(digits)

    def prepare() -> Callable[[], object]:
        scorer.update(network)
        scorer.update(stroke(network, rng))
        return partial(scorer.update, network)

    return timed(prepare)


def anew(network: Network, digits: DigitSet) -> Way:
    """Return a way that scores with nothing known before."""
    return alone(lambda: Scorer(digits).update(network))


def compared(setting: Setting, ours: Way, network: Network, digits: DigitSet,
             needs: list[Needs]) -> Result:  # fmt: skip
    """Measure a way of scoring beside each peer's full forward pass."""
    passes = forward_passes(network, digits, setting.threads)
    right = {
        name: float(np.mean(run() == digits.labels))
        for name, run in passes.items()
        if not isinstance(run, str)
    }
    score = Scorer(digits).update(network)
    ways = {name: run if isinstance(run, str) else alone(run) for name, run in passes.items()}
    # Strokes change the network, and peers read on with the one that was begun with.
    return beside(setting, ours, ways, accuracy=score.accuracy, accuracies=right, needs=needs)


def needs_after(network: Network, n: int, cells: int = CELLS) -> list[Needs]:
    """Return what scoring again after a stroke on layer 1 has to do, by either way.

    Whoever does it reads the touched pixels, a byte each, and the neuron's sum so far, writes the
    new one, 8 bytes each since it is exact, and computes one activation.  Layer 2 comes from the
    change of that one, its sums read and written; or from all activations below it, read.  What is
    above is computed in full.  The answer is written and the label read, a byte each.
    """
    sizes = network.sizes
    sigmoid = network.activations[0] == "sigmoid"
    touched = cells + 16 + 4 + 2
    above = sum(a * b for a, b in pairwise(sizes[2:]))
    exponentials = n * (1 + sum(sizes[2:-1])) if sigmoid else 0
    by_change = Needs(
        n * (touched + 8 * sizes[2]), n * (cells + sizes[2] + above),
        sizes[-1], sizes[-2], exponentials,
    )  # fmt: skip
    in_full = Needs(
        n * (touched + 4 * (sizes[1] - 1)), n * (cells + sizes[1] * sizes[2] + above),
        sizes[2], sizes[1], exponentials,
    )  # fmt: skip
    return [by_change, in_full]


def needs_in_full(network: Network, n: int) -> list[Needs]:
    """Return what a full forward pass has to do: each pixel is read, a byte each."""
    sizes = network.sizes
    hidden = n * sum(sizes[1:-1]) if network.activations[0] == "sigmoid" else 0
    adds = n * sum(a * b for a, b in pairwise(sizes))
    return [Needs(n * (sizes[0] + 2), adds, sizes[1], sizes[0], hidden)]


def _jobs(setting: Setting) -> list[Job]:
    small = {"sigmoid": "784-16-16-10, sigmoid", "relu": "784-16-16-10, ReLU"}
    found = [
        _stroke_job(setting, split, kind, says)
        for split in ("test", "train")
        for kind, says in small.items()
    ]
    found += [
        _stroke_job(setting, "test", f"wide-{kind}", f"784-512-512-10, {says}")
        for kind, says in (("sigmoid", "sigmoid"), ("relu", "ReLU"))
    ]
    for key, says, change, needs in (
        ("bias", "a bias", _bias, lambda network, n: needs_after(network, n, 0)),
        ("map", "a whole map", _whole_map, lambda network, n: needs_after(network, n, 784)),
        ("later", "a neuron of layer 2", _later, None),
    ):
        found.append(_change_job(setting, key, says, change, needs))
    found.append(_back_job(setting))
    found.append(_full_job(setting, "train", "sigmoid", small["sigmoid"]))
    found.append(_full_job(setting, "test", "wide-relu", "784-512-512-10, ReLU"))
    return found


def _network(kind: str) -> Network:
    if kind.startswith("wide-"):
        return Network.random(WIDE, kind.removeprefix("wide-"))
    return open_network(f"mnist-{kind}")


def _digits(setting: Setting, split: str) -> DigitSet:
    return setting.test if split == "test" else setting.train


def _called(setting: Setting, split: str) -> str:
    return f"{len(_digits(setting, split)):,} digits"


def _stroke_job(setting: Setting, split: str, kind: str, says: str) -> Job:
    def measure() -> Result:
        network, digits = _network(kind), _digits(setting, split)
        return compared(setting, after(stroke, network, digits), network, digits,
                        needs_after(network, len(digits)))  # fmt: skip

    return job(
        f"rescoring.stroke.{kind}.{split}",
        f"{_called(setting, split)} after a stroke of {CELLS} cells, {says}", measure,
    )  # fmt: skip


def _change_job(
    setting: Setting, key: str, says: str, change: Change,
    needs: Callable[[Network, int], list[Needs]] | None,
) -> Job:  # fmt: skip
    def measure() -> Result:
        network, digits = _network("sigmoid"), setting.train
        return compared(setting, after(change, network, digits), network, digits,
                        needs(network, len(digits)) if needs else [])  # fmt: skip

    return job(
        f"rescoring.{key}.sigmoid.train", f"{_called(setting, 'train')} after {says}", measure
    )


def _back_job(setting: Setting) -> Job:
    def measure() -> Result:
        network, digits = _network("sigmoid"), setting.train
        return compared(setting, back(network, digits), network, digits,
                        needs_after(network, len(digits)))  # fmt: skip

    return job(
        "rescoring.undo.sigmoid.train", f"{_called(setting, 'train')}, a stroke undone", measure
    )


def _full_job(setting: Setting, split: str, kind: str, says: str) -> Job:
    def measure() -> Result:
        network, digits = _network(kind), _digits(setting, split)
        return compared(setting, anew(network, digits), network, digits,
                        needs_in_full(network, len(digits)))  # fmt: skip

    return job(
        f"rescoring.full.{kind}.{split}",
        f"{_called(setting, split)} with nothing known before, {says}", measure,
    )  # fmt: skip


PART = Part("rescoring", "scoring again after a change, in Python", _jobs)
