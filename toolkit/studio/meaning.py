"""What a neuron is for: its clause, while it is written, and where its threshold should lie."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from toolkit.analysis.steepness import steepness
from toolkit.analysis.thresholds import Threshold, firing_on, separate
from toolkit.clauses import Clause, ClauseError, describe, measured_ranges, sentence, written
from toolkit.clauses.compiling import SHARPNESS, Compiled, bounded
from toolkit.clauses.expressions import Vote
from toolkit.clauses.ranges import Ranges
from toolkit.edits import PROVENANCES, EditError, Marks, SetClause
from toolkit.edits.base import whole
from toolkit.network import Layer, Network
from toolkit.shown import shown
from toolkit.studio.asloaded import weighted_sums
from toolkit.studio.extras import EXTRAS
from toolkit.studio.origins import marks_of
from toolkit.studio.questions import QUESTIONS, Question

if TYPE_CHECKING:
    from toolkit.studio.desk import Desk
    from toolkit.studio.view import View

_MOST_AT_ONCE = 256  # neurons of a layer whose thresholds are found together
_PLAIN_IS_HARD = 12.0  # of and, or and not: with the usual sharpness most digits are far from it
_MADE = PROVENANCES.index("clause")

_ranges: WeakKeyDictionary[Desk, dict[int, tuple[tuple[Layer, ...], object, Ranges]]]
_ranges = WeakKeyDictionary()


def ranges_of(desk: Desk, layer: int) -> Ranges:
    """Return off and on of a layer's inputs over the desk's digits; its lock is held."""
    below, laid = desk.network.layers[: layer - 1], desk.laid
    known = _ranges.setdefault(desk, {})
    found = known.get(layer)
    if found is None or found[1] is not laid or any(
        one is not other for one, other in zip(found[0], below, strict=True)
    ):  # fmt: skip
        _, activations = desk.scorer.activations(layer - 1)
        found = known[layer] = below, laid, measured_ranges(desk.network, layer, activations)
    return found[2]


def clause(desk: Desk, view: View, which: str) -> dict[str, Any] | None:
    """Return what the selected neuron's weights say, as a clause and as a sentence.

    None until it is known where they come from.
    """
    layer, neuron = view.selected
    if layer < 2 or (marks := marks_of(desk)) is None:
        return None
    network, ranges = desk.network, ranges_of(desk, layer)
    said: dict[str, Any] = {
        "layer": layer, "neuron": neuron, "ranges": [list(pair) for pair in ranges],
    }  # fmt: skip
    made = _made_by(desk, layer, neuron, marks)
    if made is not None:
        bias, own = made.compiled(network).bias, float(network.layer(layer).biases[neuron])
        made = made.with_bias(network, own)
        return {
            **said, "made": True, "text": made.text, "sharpness": made.sharpness,
            "sentence": made.sentence(network), "biased": None if own == bias else own,
            **_steep(desk, made),
        }  # fmt: skip
    found = describe(network, layer, neuron, ranges)
    if found is None:
        return {**said, "made": False, "text": "", "sharpness": SHARPNESS, "sentence": ""}
    text, sharpness = _near(network, layer, neuron, found, ranges)
    return {
        **said, "made": False, "text": text, "sharpness": sharpness,
        "sentence": sentence(found, lambda index: network.called(layer - 1, index)),
    }  # fmt: skip


def _near(
    network: Network, layer: int, neuron: int, found: Clause, ranges: Ranges
) -> tuple[str, float]:
    """Return the text of what describes a neuron, and with which sharpness it comes close to it."""
    text = written(found, lambda index: network.called(layer - 1, index))
    return text, _sharpness(network, layer, neuron, text, ranges)


def _sharpness(network: Network, layer: int, neuron: int, text: str, ranges: Ranges) -> float:
    """Return the sharpness with which a clause would make weights as large as a neuron has."""
    try:
        made = SetClause(layer, neuron, text, 1.0, ranges).compiled(network).weights
    except EditError:
        return SHARPNESS
    own = network.layer(layer).weights[neuron].astype(np.float64)
    made = made.astype(np.float64)
    one, other = float(np.linalg.norm(own)), float(np.linalg.norm(made))
    if not (0 < one < math.inf and 0 < other < math.inf):
        return SHARPNESS
    return bounded(one / other)


def _made_by(desk: Desk, layer: int, neuron: int, marks: Marks | None) -> SetClause | None:
    """Return the clause that the neuron's weights come from, if they still are as it made them.

    Its bias may have been set since.
    """
    experiment, network = desk.experiment, desk.network
    if marks is None or (marks.weights[layer - 1][neuron] != _MADE).any():
        return None
    for step in reversed(experiment.steps[: experiment.cursor]):
        if not step.may_be(SetClause.kind):
            continue
        for edit in reversed(step.edit.singles):
            if not isinstance(edit, SetClause) or (edit.layer, edit.neuron) != (layer, neuron):
                continue
            try:
                made = edit.compiled(network)
            except EditError:  # a neuron that it speaks of is called something else by now
                return None
            same = np.array_equal(made.weights, network.layer(layer).weights[neuron])
            return edit if same else None
    return None


def _now(desk: Desk, layer: int, neuron: int) -> SetClause | None:
    """Return the clause that the neuron's weights are or come close to; its lock is held."""
    network, made = desk.network, _made_by(desk, layer, neuron, marks_of(desk))
    if made is not None:
        return made.with_bias(network, float(network.layer(layer).biases[neuron]))
    ranges = ranges_of(desk, layer)
    found = describe(network, layer, neuron, ranges)
    if found is None:
        return None
    return SetClause(layer, neuron, *_near(network, layer, neuron, found, ranges), ranges)


def _asked(desk: Desk, view: View, head: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Answer what a clause would make of a neuron, or what is wrong with it and where.

    Where its sharpness may be another, as one that nobody chose may, what the numbers of a weighted
    sentence weigh stays as some of them change.
    """
    with desk.lock:
        network = desk.network
        layer, neuron = head.get("layer"), head.get("neuron")
        edit = SetClause(layer, neuron, head.get("text"), head.get("sharpness", SHARPNESS))  # type: ignore[arg-type]  # checked there
        try:
            network.check_neuron(edit.layer, edit.neuron)
            if edit.layer < 2:
                raise ValueError("clause: expected a neuron of a layer from 2 on")
            now = _now(desk, edit.layer, edit.neuron)
            # One made with the usual ranges, as a recipe's is, keeps them while it is changed.
            usual = now is not None and not now.ranges
            ranges = () if usual else ranges_of(desk, edit.layer)
        except ValueError as error:
            return {"wrong": str(error), "start": 0, "end": 0}, b""
    edit = SetClause(edit.layer, edit.neuron, edit.text, edit.sharpness, ranges)
    if head.get("as_strong") is True and now is not None:
        edit = edit.as_strong_as(now, network)
    try:
        made = edit.compiled(network)
    except EditError as error:
        cause = error.__cause__
        place = (cause.start, cause.end) if isinstance(cause, ClauseError) else (0, 0)
        return {"wrong": str(error), "start": place[0], "end": place[1]}, b""
    return {
        "edit": edit.to_dict(), "sentence": edit.sentence(network), "bias": made.bias,
        "tolerance": made.tolerance, "steadier": edit.steadier(network),
        **_steep(desk, edit, made),
    }, made.weights.astype("<f4").tobytes()  # fmt: skip


def _steep(desk: Desk, edit: SetClause, made: Compiled | None = None) -> dict[str, Any]:
    """Return where z lies on the digits, or would lie, and a sharpness less hard or less faint."""
    layer, neuron, sharpness = edit.layer, edit.neuron, edit.sharpness
    plain = not isinstance(edit.clause(desk.network), Vote)
    with desk.lock, np.errstate(over="ignore", invalid="ignore"):
        own = desk.network.layer(layer)
        weights = own.weights[neuron] if made is None else made.weights
        bias = own.biases[neuron] if made is None else np.float32(made.bias)
        _, activations = desk.scorer.activations(layer - 1)
        z = activations @ weights + bias
        found = steepness(z, own.activation, *([_PLAIN_IS_HARD] if plain else []))
    if found is None:
        return {}
    softer = found.soften and bounded(sharpness * found.soften, 2)
    if softer and plain:  # which at the usual sharpness is not wrong
        softer = max(softer, SHARPNESS)
    sharper = found.sharpen and bounded(sharpness * found.sharpen, 2)
    return {
        "z": [found.low, found.high],
        "softer": softer if softer and softer < sharpness else None,
        "sharper": sharper if sharper and sharper > sharpness else None,
    }


def _threshold(desk: Desk, view: View, head: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Answer which bias a neuron needs, to part some classes from the rest or to fire so often.

    Classes are parted on training digits: what labels teach is scored on others.
    """
    with desk.lock:
        network, source = desk.network, desk.laid.source
        layer, neuron = whole(head.get("layer"), "layer"), whole(head.get("neuron"), "neuron")
        network.check_neuron(layer, neuron)
    if "share" in head:
        share = head["share"]
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise ValueError(f"share: expected a number from 0 to 1; got {shown(share)}")
        if head.get("whole_layer") is True:
            return _of_layer(desk, layer, float(share)), b""
        with desk.lock:
            sums = desk.scorer.weighted_sum(layer, neuron)
        return _told(firing_on(sums, float(share))), b""
    classes, many = head.get("classes"), desk.laid.digits.classes
    if not isinstance(classes, list) or not all(
        isinstance(each, int) and 0 <= each < many for each in classes
    ):
        raise ValueError(f"classes: expected some of 0 to {many - 1}")
    taught = desk.library.training(source, network)
    sums = weighted_sums(network, taught, layer, neuron)
    found = separate(sums, np.isin(taught.labels, classes))
    return {**_told(found), "digits": taught.name}, b""


def _of_layer(desk: Desk, layer: int, share: float) -> dict[str, Any]:
    """Return the bias with which each neuron of a layer that has weights fires on a share."""
    with desk.lock:
        rows = desk.network.layer(layer).weights
    if len(rows) > _MOST_AT_ONCE:
        raise ValueError(f"layer: expected at most {_MOST_AT_ONCE} neurons; got {len(rows):,}")
    found = []
    for neuron in np.flatnonzero(rows.any(axis=1)).tolist():
        with desk.lock:
            sums = desk.scorer.weighted_sum(layer, neuron)
        found.append((neuron, firing_on(sums, share)))
    if not found:
        raise ValueError("layer: expected weights; all are zero, so no threshold matters")
    shares = [each.share for _, each in found]
    return {
        "biases": [[neuron, each.bias] for neuron, each in found],
        "least": min(shares), "most": max(shares),
    }  # fmt: skip


def _told(found: Threshold) -> dict[str, Any]:
    chosen = not math.isnan(found.chosen)
    return {
        "bias": found.bias,
        "share": found.share,
        "chosen": found.chosen if chosen else None,
        "others": found.others if chosen else None,
    }


EXTRAS["clause"] = clause
QUESTIONS["clause"] = Question(_asked)
QUESTIONS["threshold"] = Question(_threshold, long=True)
