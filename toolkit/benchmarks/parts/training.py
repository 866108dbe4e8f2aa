"""An epoch of training beside the same elsewhere: batch, optimiser, precision, accuracy alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count, pairwise

import numpy as np

from toolkit.benchmarks.clock import timed
from toolkit.benchmarks.limits import Needs
from toolkit.benchmarks.parts.measuring import Way, beside
from toolkit.benchmarks.peers import (
    AbsentError,
    Learn,
    Read,
    sklearn_training,
    torch_training,
    version_of,
)
from toolkit.benchmarks.records import Job, Part, Result, job
from toolkit.benchmarks.setting import Setting
from toolkit.network import Network
from toolkit.training import train

EPOCHS = 3
"""Of each training that is timed; the figure is of one."""

BATCH = 100
_RATE = 0.001


def _measure(setting: Setting) -> Result:
    digits, threads = setting.train, setting.threads
    torch = partial(torch_training, digits, EPOCHS, BATCH, rate=_RATE, threads=threads)
    makers: dict[str, Callable[[], Learn]] = {
        version_of("torch"): torch,
        f"{version_of('torch')}, fused Adam": partial(torch, fused=True),
        version_of("sklearn"): partial(sklearn_training, digits, EPOCHS, BATCH, rate=_RATE),
    }
    right: dict[str, list[float]] = {}
    peers: dict[str, Way | str] = {}
    for name, make in makers.items():
        try:
            peers[name] = _an_epoch(name, make(), setting, right)
        except AbsentError as error:
            peers[name] = str(error)
    result = beside(
        setting, _an_epoch("", partial(_ours, setting), setting, right), peers,
        needs=[_needs(_start(0), len(digits))], times_as_long=3,
        note=f"Adam, rate {_RATE}, batch {BATCH}, float32, ReLU; accuracies on the test digits "
        f"after {EPOCHS} epochs, means over the rounds; scikit-learn starts from its own weights",
    )  # fmt: skip
    reached = {name: float(np.mean(found)) for name, found in right.items()}
    others = tuple(replace(each, accuracy=reached.get(each.peer)) for each in result.beside)
    return replace(result, accuracy=reached[""], beside=others)


def _start(seed: int) -> Network:
    return Network.random(activations=("relu", "relu", "softmax"), seed=seed)


def _ours(setting: Setting, start: Network, seed: int) -> Read:
    found = train(
        start, setting.train, epochs=EPOCHS, batch_size=BATCH, rate=_RATE, weight_decay=0,
        schedule="constant", optimizer="adamw", loss="cross-entropy", validation=None, seed=seed,
    ).network  # fmt: skip
    return lambda images: found.forward(images).predictions


def _an_epoch(name: str, learn: Learn, setting: Setting, right: dict[str, list[float]]) -> Way:
    """Return a way that trains and gives the seconds of one epoch; notes what was reached.

    Each round has a start and a seed of its own, the same for all.
    """
    seeds = count()
    learned: list[Read] = []

    def prepare() -> Callable[[], object]:
        seed = next(seeds)
        start = _start(seed)
        return lambda: learned.append(learn(start, seed))

    run = timed(prepare)

    def way() -> float:
        seconds = run() / EPOCHS
        answers = learned.pop()(setting.test.images)
        right.setdefault(name, []).append(float(np.mean(answers == setting.test.labels)))
        return seconds

    return way


def _needs(network: Network, n: int) -> Needs:
    """Return what an epoch has to do.

    Forward, each weight's gradient and, but in layer 1, each activation's: three products a
    layer.  Each pixel is read, a byte each; the weights and Adam's two means are read and written
    once a batch.
    """
    layers = list(pairwise(network.sizes))
    adds = n * sum((2 if at == 0 else 3) * a * b for at, (a, b) in enumerate(layers))
    weights, batches = sum(a * b + b for a, b in layers), -(-n // BATCH)
    return Needs(
        n * network.sizes[0] + batches * 24 * weights, adds, network.sizes[1], network.sizes[0],
        n * network.sizes[-1],
    )  # fmt: skip


def _jobs(setting: Setting) -> list[Job]:
    says = f"one epoch of {len(setting.train):,} digits, batch {BATCH}, Adam"
    return [job("training.epoch", says, partial(_measure, setting))]


PART = Part("training", "an epoch of training", _jobs)
