"""How well the network does: on chosen classes, at its best so far, with another bias."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from toolkit.activations import ranking
from toolkit.analysis import subset_score
from toolkit.edits import Edit, SetNeurons, from_dict
from toolkit.experiments import Step
from toolkit.network import Network
from toolkit.scoring import Score, Scorer
from toolkit.studio.answer import ridges
from toolkit.studio.extras import EXTRAS
from toolkit.studio.questions import QUESTIONS, Question

if TYPE_CHECKING:
    from toolkit.studio.desk import Desk
    from toolkit.studio.view import View


def subset(desk: Desk, view: View, which: str) -> dict[str, Any]:
    """Return how well the classes named are read, ``subset/017``, or ``subset/0.17.46``."""
    parts = [each for each in which.split(".") if each] if "." in which else list(which)
    if not parts or not all(each.isascii() and each.isdigit() and len(each) < 4 for each in parts):
        raise ValueError(f"subset: expected digits, as in 017 or 0.17; got {which!r:.40}")
    desk.score.check_scored()
    scorer, last = desk.scorer, len(desk.network.layers)
    z = np.stack([scorer.pre_activation(last, each) for each in range(desk.score.outputs)])
    outputs = ranking(z, desk.network.activations[-1])
    found = subset_score(outputs, desk.laid.digits.labels, map(int, parts))
    return {
        "classes": list(found.classes),
        "images": found.score.images,
        "correct": found.score.correct,
        "among": found.among.correct,
    }


class _Best:
    """The best step so far, for each number of steps: found once a step.

    Steps count that were measured on the digits of one source.

    Parameters
    ----------
    source : str
    unsaid : str
        What those were measured on that do not say it.
    """

    def __init__(self, source: str, unsaid: str) -> None:
        self.source, self._unsaid = source, unsaid
        self._seen: list[tuple[Step, int, float]] = []  # step, number and accuracy of the best

    def of(self, steps: list[Step]) -> tuple[int, float] | None:
        """Return number and accuracy of the best step; None where none was measured."""
        seen = self._seen
        # Steps are only added at the end, or cut off there: one that is the same stands for all
        # before it.
        while seen and (len(seen) > len(steps) or seen[-1][0] is not steps[len(seen) - 1]):
            seen.pop()
        for number in range(len(seen) + 1, len(steps) + 1):
            step = steps[number - 1]
            best, accuracy = seen[-1][1:] if seen else (0, -1.0)
            after = step.accuracy_after
            here = (step.on or self._unsaid) == self.source
            if here and after is not None and after > accuracy:
                best, accuracy = number, after
            seen.append((step, best, accuracy))
        return seen[-1][1:] if seen and seen[-1][1] else None


_BEST: WeakKeyDictionary[Desk, _Best] = WeakKeyDictionary()


def best(desk: Desk, view: View, which: str) -> dict[str, Any]:
    """Return after how many steps the accuracy was best, 0 as loaded, and what it was."""
    steps, source = desk.experiment.steps, desk.laid.source
    known = _BEST.get(desk)
    if known is None or known.source != source:
        known = _BEST[desk] = _Best(source, desk.measured_on)
    found, start = known.of(steps), desk.start_score.accuracy
    if found is None or not found[1] > start:
        return {"step": 0, "accuracy": None if np.isnan(start) else start}
    return {"step": found[0], "accuracy": found[1]}


def bias(desk: Desk, view: View, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return the accuracy that a neuron's bias would give, with nothing changed.

    Parameters
    ----------
    desk : Desk
    view : View
    asked : mapping
        ``layer``, ``neuron`` and ``value``.
    """
    edit = from_dict({"kind": "bias", **{part: asked.get(part) for part in _BIAS}})
    network, scorer, found = _tried(desk, edit)
    sums, _ = ridges(network, asked["layer"], asked["neuron"], scorer, desk.laid.digits)
    fired = {"bias": sums["bias"], "fired": sums["fired"]}
    return {**fired, "accuracy": found.known_accuracy, "correct": found.correct,
            "images": found.images}, b""  # fmt: skip


def tried(desk: Desk, view: View, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return the ridges that a neuron would have after an edit, with nothing changed.

    Parameters
    ----------
    desk : Desk
    view : View
    asked : mapping
        ``layer`` and ``neuron``, and the ``edit`` as a dict.
    """
    edit, layer, neuron = from_dict(asked.get("edit")), asked.get("layer"), asked.get("neuron")
    desk.network.check_neuron(layer, neuron)  # type: ignore[arg-type]  # checked there
    network, scorer, _ = _tried(desk, edit, (layer, neuron))  # type: ignore[arg-type]
    sums, counts = ridges(network, layer, neuron, scorer, desk.laid.digits)  # type: ignore[arg-type]
    return {"sums": sums}, counts


def _tried(
    desk: Desk, edit: Edit, alone: tuple[int, int] | None = None
) -> tuple[Network, Scorer, Score]:
    if edit.effort > _MOST_TRIED:
        raise ValueError("edits: expected fewer to be tried at once")
    with desk.lock:
        sizes = desk.network.sizes
        later = sum(into * out for into, out in pairwise(sizes[1:]))
        if sizes[1] > _WIDEST or later > _WIDEST**2:
            raise ValueError("this network is too wide for an edit to be tried out at once")
        # Let go at once, so that the desk's own scorer may be updated all the same.
        network, scorer = edit.apply(desk.network), desk.scorer.fork()
        if alone is not None and alone[0] == 1 and network.sizes == desk.network.sizes:
            # Whatever becomes of the others, a neuron of the first layer does not hear it.
            own = SetNeurons.of(network, 1, (alone[1],), "tried")
            network = own.apply(desk.network).with_layer(1, activation=network.activations[0])
        return network, scorer, scorer.update(network)


_BIAS = ("layer", "neuron", "value")
_MOST_TRIED = 64
_WIDEST = 256  # neurons of a layer, up to which it takes a few milliseconds

EXTRAS.update({"subset": subset, "best": best})
QUESTIONS.update({"bias": Question(bias), "tried": Question(tried)})
