"""A training that is watched, in a child process, and the film of one."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from threading import BoundedSemaphore
from typing import Any

from toolkit.apart.lessons import described, digits_of, received, sent
from toolkit.apart.parent import Bounds, Lane, Leash, run
from toolkit.apart.wire import Array, Message, end_asked, tell
from toolkit.digits.digitset import DigitSet
from toolkit.network import Network
from toolkit.training import Epoch, Learning, TrainingResult, watch

LEARNING = Lane("train", "training", "trained", BoundedSemaphore(1))
FILMING = Lane("film", "filming", "filmed")
MOST_KEPT_BYTES = 24 << 20
"""Of one training's networks."""
LONGEST_SECONDS = 1500.0
"""After so long a training ends with what it has."""
_LOOKED_AT = 2000  # digits: they say which pixels are ever lit, and what templates look like
_LEARNING = Bounds(seconds=1800.0, waiting_seconds=3600.0)
_FILMING = Bounds(seconds=60.0, waiting_seconds=20.0)

Kinds = dict[int, list[str]]


@dataclass(frozen=True)
class Watched:
    """A training and what its neurons were called on the way.

    Attributes
    ----------
    learning : Learning
    kinds : dict of int to list of str
        By epoch, of some that were kept, the verdict on each neuron of the first layer.
    """

    learning: Learning
    kinds: Kinds


def learn_apart(
    network: Network,
    digits: DigitSet,
    plan: Mapping[str, Any],
    leash: Leash | None = None,
    told: Callable[[dict[str, Any]], None] | None = None,
    *,
    verdicts: bool = True,
) -> Watched:
    """Train a network in a child process, and keep how it learned.

    Parameters
    ----------
    network : Network
    digits : DigitSet
        What to learn.
    plan : mapping
        What :func:`toolkit.training.watch` takes beside these.
    leash : Leash, optional
        Who asks by it for an end gets what was learned so far.
    told : callable, optional
        Called with ``begun`` once a process has it, with each epoch's record, and with
        ``looking`` and ``of`` while verdicts are worked out.
    verdicts : bool
        Whether to work them out.

    Raises
    ------
    ValueError
        If an argument does not fit.
    ApartError
        If it takes too much memory or time, could not be done at all, or was stopped.
    """
    arrays, said = sent(network)
    said |= {"digits": [described(digits)], "plan": dict(plan), "verdicts": verdicts}
    answer = run(
        "learn", network.name, said, [*arrays, digits.pixels, digits.labels],
        bounds=_LEARNING, lane=LEARNING, leash=leash, told=told,
    )  # fmt: skip
    kinds = {int(epoch): names for epoch, names in answer.said["kinds"]}
    return Watched(_learning(network, answer.said, answer.arrays), kinds)


def learn(message: Message) -> tuple[dict[str, Any], list[Array]]:
    """Do it: the child's side of :func:`learn_apart`."""
    network, rest = received(message)
    (digits,) = digits_of(message.said["digits"], rest)
    from toolkit.analysis.watched import kinds_while_learning

    tell({"begun": True})
    until = time.monotonic() + LONGEST_SECONDS

    def told(epoch: Epoch) -> bool:
        tell(asdict(epoch))
        return not end_asked.is_set() and time.monotonic() < until

    learning = watch(
        network, digits, most_bytes=MOST_KEPT_BYTES, told=told, **message.said["plan"]
    )  # fmt: skip
    # Asked for an end again, it ends with the verdicts that it has.
    end_asked.clear()

    def looking(done: int, of: int) -> bool:
        tell({"looking": done, "of": of})
        return not end_asked.is_set()

    some = digits.subset(slice(_LOOKED_AT))
    wanted = message.said["verdicts"] and learning.records
    kinds = {} if not wanted else kinds_while_learning(
        dict(zip(learning.epochs, learning.networks, strict=True)), some.images, some.labels,
        best=learning.best, told=looking,
    )  # fmt: skip
    return {**_said(learning), "kinds": list(kinds.items())}, _arrays(learning)


def film_apart(watched: Watched, where: str, palette: str) -> bytes:
    """Return a training as a GIF, as :func:`toolkit.plots.film` makes it, from a child process.

    Raises
    ------
    ApartError
        If it takes too much memory or time, or could not be done at all.
    """
    learning = watched.learning
    said = {**_said(learning), **sent(learning.networks[0])[1], "palette": palette}
    said["kinds"] = list(watched.kinds.items())
    answer = run(
        "film", where, said, _arrays(learning), bounds=_FILMING, lane=FILMING
    )  # fmt: skip
    return answer.arrays[0].tobytes()


def film_of(message: Message) -> tuple[Learning, Kinds, str]:
    """Return what :func:`film_apart` sent."""
    said = message.said
    network, _ = received(message)
    kinds = {int(epoch): names for epoch, names in said["kinds"]}
    return _learning(network, said, message.arrays), kinds, said["palette"]


def _said(learning: Learning) -> dict[str, Any]:
    return {
        "epochs": list(learning.epochs),
        "every": learning.every,
        "start": learning.start_accuracy,
        "records": [asdict(each) for each in learning.records],
        "because": learning.result.stopped_because,
        "finished": learning.result.finished,
    }


def _arrays(learning: Learning) -> list[Array]:
    return [array for each in learning.networks for array in sent(each)[0]]


def _learning(network: Network, said: Mapping[str, Any], arrays: Sequence[Array]) -> Learning:
    count, networks = 2 * len(network.layers), []
    for at in range(0, len(arrays), count):
        made = network
        for number in range(1, len(network.layers) + 1):
            weights, biases = arrays[at + 2 * number - 2 : at + 2 * number]
            made = made.with_layer(number, weights=weights, biases=biases)
        networks.append(made)
    records = tuple(Epoch(**each) for each in said["records"])
    kept = tuple(said["epochs"])
    result = TrainingResult(networks[-1], records, said["because"], said["finished"])
    found = Learning(result, said["start"], kept, tuple(networks), said["every"])
    best = networks[kept.index(found.best)]
    return Learning(
        TrainingResult(best, records, said["because"], said["finished"]),
        said["start"], kept, tuple(networks), said["every"],
    )  # fmt: skip
