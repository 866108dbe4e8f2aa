"""What a check may measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.edits import EDIT_KINDS, Edit, Several, same_layer
from toolkit.edits.base import whole
from toolkit.edits.marks import PROVENANCES
from toolkit.exercises.pictures import check_pictures, digits_on, pictures, says
from toolkit.fits import fits
from toolkit.network import Network
from toolkit.scoring import Score, score
from toolkit.shown import shown

if TYPE_CHECKING:
    from toolkit.experiments import Experiment

Parts = Mapping[str, Any]

_TRAINED = {"loaded", "fitted"}


class NotMeasuredError(ValueError):
    """It cannot be measured on this network: the message says why, and what would do."""


@dataclass(frozen=True)
class Made:
    """What somebody made: a network, what the exercise begins with, and the steps, where known."""

    network: Network
    begun: Experiment
    experiment: Experiment | None

    @cached_property
    def score(self) -> Score:
        """How well it reads the drawn digits."""
        digits = digits_on(self.network.grid)
        fits(self.network, digits).check_scored()
        return score(self.network, digits)

    @property
    def start(self) -> Network:
        """The network that the exercise begins with."""
        return self.begun.network

    def steps(self) -> tuple[Experiment, int]:
        """Return the steps it was made in, and how many of them, the first, are the exercise's.

        Raises
        ------
        NotMeasuredError
            If they are not known, or do not go on from what the exercise begins with.
        """
        made, begun = self.experiment, self.begun
        if made is None:
            raise NotMeasuredError(
                "a network's file does not say how it was made; hand in its recipe "
                "(download ▾, recipe of your edits)"
            )
        if _alike(made.start, begun.network):
            return made, 0
        # Or from further back, by the exercise's own steps.
        own = [step.edit for step in begun.steps[: begun.cursor]]
        first = [step.edit for step in made.steps[: made.cursor][: len(own)]]
        if _alike(made.start, begun.start) and first == own:
            return made, len(own)
        raise NotMeasuredError(
            f"its steps begin with another network ({made.start.name[:40] or 'without a name'}) "
            "than the exercise; “start it” on the exercise's card opens the one to go on from"
        )


def _alike(one: Network, other: Network) -> bool:
    return one.sizes == other.sizes and all(map(same_layer, one.layers, other.layers))


@dataclass(frozen=True)
class Measure:
    """A kind of measurement.

    Attributes
    ----------
    parts : tuple of str
        What a check may say of it.
    needed : tuple of str
        What it must.
    of : callable
        Measures: given what was made and the parts.
    share : bool
        Whether it is a share, 0 to 1, shown in percent; else a count.
    says : callable
        Says what is measured, where the exercise does not.
    """

    parts: tuple[str, ...]
    needed: tuple[str, ...]
    of: Callable[[Made, Parts], float]
    share: bool
    says: Callable[[Parts], str]


def neuron_of(text: object, what: str = "neuron") -> tuple[int, int]:
    """Read ``"1.3"`` as layer 1, neuron 3; raises ValueError in words."""
    layer, _, index = text.partition(".") if isinstance(text, str) else ("", "", "")
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in (layer, index)):
        raise ValueError(f'{what}: expected layer.index, such as "1.0"; got {shown(text)}')
    return int(layer), int(index)


def _sums(made: Made, neuron: str, given: Parts) -> NDArray[np.float32]:
    """Return the neuron's pre-activation for each picture."""
    layer, index = neuron_of(neuron)
    try:
        made.network.check_neuron(layer, index)
        shown = pictures(given, made.network.grid)
    except ValueError as error:
        raise NotMeasuredError(str(error)) from error
    sums = made.network.forward(shown).pre_activations[layer - 1][:, index]
    return np.nan_to_num(sums, nan=0.0)


def _separates(made: Made, parts: Parts) -> float:
    """Return how often one of `of` moves the neuron more than one of `over`; a tie counts half."""
    high, low = (_sums(made, parts["neuron"], parts[what]) for what in ("of", "over"))
    ranks = np.sort(low)
    below = np.searchsorted(ranks, high, "left") + np.searchsorted(ranks, high, "right")
    return float(below.sum() / (2 * len(high) * len(low)))


def _fires(made: Made, parts: Parts) -> float:
    return float((_sums(made, parts["neuron"], parts["of"]) > 0).mean())


def _accuracy(made: Made, parts: Parts) -> float:
    right = made.score.predictions == made.score.labels
    if "digits" in parts:
        right = right[np.isin(made.score.labels, parts["digits"])]
    return float(right.mean())


def _worst(made: Made, parts: Parts) -> float:
    return float(np.nanmin(made.score.per_digit))


def _steps(made: Made, parts: Parts) -> float:
    experiment, own = made.steps()
    done = [step.edit for step in experiment.steps[own : experiment.cursor]]
    return float(sum(_count(edit, parts.get("kind")) for edit in done))


def _count(edit: Edit, kind: str | None) -> int:
    return 1 if kind is None else sum(each.kind == kind for each in edit.singles)


def _made_of(made: Made, parts: Parts) -> float:
    """Return which share of the weights, or biases, or both, comes from where it may.

    What the coach moved does not count where it may have been trained before.
    """
    experiment, only = made.steps()[0], set(parts["only"])
    marks, layer, part = experiment.provenance(), parts.get("layer"), parts.get("part")
    if not only & _TRAINED and _brings_trained(experiment):
        only.discard("coached")
    found = [
        kind
        for name, kinds in (("weights", marks.weights), ("biases", marks.biases))
        for number, kind in enumerate(kinds, 1)
        if part in (None, name) and layer in (None, number)
    ]
    allowed = [PROVENANCES.index(name) for name in only]
    return float(np.isin(np.concatenate([kind.ravel() for kind in found]), allowed).mean())


def _brings_trained(experiment: Experiment) -> bool:
    """Tell whether the start or a step in force has what is loaded or fitted in it."""
    if any(layer.weights.any() or layer.biases.any() for layer in experiment.start.layers):
        return True
    return any(
        one.leaves in _TRAINED and getattr(one, "by", "") not in ("reset", "restore")
        for step in experiment.steps[: experiment.cursor]
        for one in step.edit.singles
    )


def _changed(made: Made, parts: Parts) -> float:
    """Return how many weights of a neuron are others than at the start."""
    layer, index = neuron_of(parts["neuron"])
    if made.network.sizes != made.start.sizes:
        raise NotMeasuredError(
            f"expected a network of sizes {made.start.sizes}, the start's; got {made.network.sizes}"
        )
    now, then = (each.layer(layer).weights[index] for each in (made.network, made.start))
    return float(np.count_nonzero(now != then))


MEASURES: Mapping[str, Measure] = {
    "separates": Measure(
        ("neuron", "of", "over"), ("neuron", "of", "over"), _separates, True,
        lambda parts: f"{parts['neuron']} answers more to {says(parts['of'])} "
        f"than to {says(parts['over'])}",
    ),
    "fires": Measure(
        ("neuron", "of"), ("neuron", "of"), _fires, True,
        lambda parts: f"{parts['neuron']} fires for {says(parts['of'])}",
    ),
    "accuracy": Measure(
        ("digits",), (), _accuracy, True,
        lambda parts: f"reads {says(parts)} right" if parts.get("digits") else "reads digits right",
    ),
    "worst": Measure((), (), _worst, True, lambda parts: "the digit that is read worst"),
    "steps": Measure(
        ("kind",), (), _steps, False,
        lambda parts: f"steps of the kind {parts['kind']}" if parts.get("kind") else "steps",
    ),
    "made-of": Measure(
        ("layer", "part", "only"), ("only",), _made_of, True,
        lambda parts: f"{parts.get('part', 'weights and biases')} that are "
        f"{' or '.join(parts['only'])}",
    ),
    "changed": Measure(
        ("neuron",), ("neuron",), _changed, False,
        lambda parts: f"weights of {parts['neuron']} that were changed",
    ),
}  # fmt: skip
"""By name."""


_KINDS = [kind for kind in EDIT_KINDS if kind != Several.kind]  # each of several is counted


def check_parts(measure: str, parts: Parts, network: Network) -> None:
    """Refuse parts of a check that cannot be measured; raises ValueError in words."""
    known = MEASURES[measure]
    for key in known.needed:
        if key not in parts:
            raise ValueError(f"{key}: {measure} needs it; it is missing")
    for key in parts:
        if key not in known.parts:
            raise ValueError(
                f"{key[:40]}: there is no such part of {measure}; "
                f"it has {', '.join(known.parts) or 'none'}"
            )
    if "neuron" in parts:
        layer, index = neuron_of(parts["neuron"])
        network.check_neuron(layer, index)
    for what in ("of", "over"):
        if what in parts:
            check_pictures(parts[what], what)
    if "digits" in parts:
        check_pictures({"digits": parts["digits"]}, "digits")
    if "layer" in parts:
        network.layer(whole(parts["layer"], "layer"))
    if "kind" in parts and parts["kind"] not in _KINDS:
        raise ValueError(f"kind: expected one of {', '.join(_KINDS)}; got {shown(parts['kind'])}")
    if parts.get("part", "weights") not in ("weights", "biases"):
        raise ValueError(f"part: expected weights or biases; got {shown(parts['part'])}")
    if "only" in parts:
        only = parts["only"]
        if not isinstance(only, list) or not only or not all(each in PROVENANCES for each in only):
            raise ValueError(f"only: expected some of {', '.join(PROVENANCES)}; got {shown(only)}")
