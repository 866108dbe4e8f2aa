"""How the network shown reads: its mistakes, how sure it is, and what it makes of nonsense.

``pair-needs`` tells by which neurons two digits are told apart, ``closest`` which neurons of a
layer are most alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.analysis import layer_statistics
from toolkit.analysis.ablation import pair_needs
from toolkit.analysis.remarks import ALIKE, correlations
from toolkit.analysis.whole import calibration, mistakes, nonsense
from toolkit.fits import sample
from toolkit.network import Responses
from toolkit.studio.analysis import MOST_DIGITS
from toolkit.studio.questions import QUESTIONS, Question

if TYPE_CHECKING:
    from toolkit.studio.desk import Desk
    from toolkit.studio.view import View

_SHOWN_MISTAKES = 60
_REPLACEMENTS = ("mean", "zero")
_WORK = 1_000_000_000
"""Activations above a neuron that is left out, over all neurons and digits."""
_FEWEST = 100
_WIDEST = 1024  # layer whose neurons are held beside one another


def _reading(desk: Desk, view: View, head: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return the mistakes of which it is most sure, its calibration, and its layers in numbers.

    After the head come the mistakes' pictures.
    """
    with desk.lock:
        network, laid, read = desk.network, desk.laid, desk.score
        # Of the last layer alone: nothing here asks what those below answer.
        z = np.stack(
            [desk.scorer.pre_activation(len(network.layers), k) for k in range(read.outputs)], 1
        )
    with np.errstate(all="ignore"):
        output = network.layers[-1]
        answers = Responses(
            (z,), (output.activate(z),), function=output.activation, won=read.predictions
        )
        # What is not scored has no mistakes, and is not right as often as it is sure.
        count = 0 if read.unscored else _SHOWN_MISTAKES
        wrong = mistakes(answers, laid.digits.labels, count)
        sure = calibration(answers, laid.digits.labels)
    reply = {
        "accuracy": read.known_accuracy,
        "unscored": read.unscored,
        "correct": read.correct,
        "images": read.images,
        "mistakes": [
            [int(laid.numbers[each.number]), int(each.label), int(each.read),
             finite(each.confidence), each.runner_up]
            for each in wrong
        ],
        "calibration": None if read.unscored else {
            "edges": plain(sure.edges),
            "confidence": plain(sure.confidence),
            "accuracy": plain(sure.accuracy),
            "counts": [int(count) for count in sure.counts],
            "error": finite(sure.error),
        },
        "layers": [
            {
                "layer": each.layer,
                "neurons": each.neurons,
                "inputs": each.inputs,
                "activation": each.activation,
                "least": each.least,
                "largest": each.largest,
                "spread": each.spread,
                "zeros": each.zeros,
                "not_finite": each.not_finite,
            }
            for each in layer_statistics(network)
        ],
    }  # fmt: skip
    return reply, laid.digits.pixels[[each.number for each in wrong]].tobytes()


def _nonsense(desk: Desk, view: View, head: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return what the network makes of pictures that are no digits, and some of these pictures."""
    with desk.lock:
        network, laid = desk.network, desk.laid
    pixels = laid.digits.pixels
    # As the analysis takes them, so that both show the same pictures.
    if len(pixels) > MOST_DIGITS:
        pixels = pixels[sample(len(pixels), MOST_DIGITS)]
    found = nonsense(network, pixels)
    kinds = [
        {
            "kind": each.kind,
            "count": each.count,
            "answers": each.answers.tolist(),
            "mean": finite(each.mean),
            "median": finite(each.median),
            "sure": finite(each.sure),
            "examples": [
                [int(read), finite(sure)]
                for read, sure in zip(each.read, each.confidence, strict=True)
            ],
        }
        for each in found
    ]
    return {"kinds": kinds}, b"".join(each.examples.tobytes() for each in found)


def _needs(desk: Desk, view: View, head: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return what telling two digits apart, ``one`` and ``other``, loses without each neuron.

    Of hidden neurons, a list a layer; a neuron's place is taken by its mean, or by zero where
    ``replacement`` says so.
    """
    one, other, replacement = (head.get(name) for name in ("one", "other", "replacement"))
    if replacement not in _REPLACEMENTS:
        raise ValueError(f"replacement: expected mean or zero; got {replacement!r:.60}")
    desk.score.check_scored()
    with desk.lock:
        network, labels, responses = desk.network, desk.laid.digits.labels, desk.scorer.responses
    some = _affordable(network.sizes[1:], len(labels))
    if some < len(labels):
        part = sample(len(labels), some)
        z, a = (
            [each[part] for each in side]
            for side in (responses.pre_activations, responses.activations)
        )
        responses = Responses(tuple(z), tuple(a), function=network.activations[-1])
        labels = labels[part]
    found = pair_needs(network, responses, labels, one, other, replacement)  # type: ignore[arg-type]
    return {
        "images": int(np.isin(labels, (found.one, found.other)).sum()),
        "accuracy": finite(found.accuracy),
        "falls": [plain(layer) for layer in found.falls[:-1]],
    }, b""


def _affordable(sizes: tuple[int, ...], count: int) -> int:
    """Return on how many of the digits each neuron can be left out in turn while a page waits.

    Raises
    ------
    ValueError
        If the network is too wide for that.
    """
    work = sum(size * sum(sizes[at + 1 :]) for at, size in enumerate(sizes))
    if work * _FEWEST > _WORK:
        raise ValueError("the network is too wide to leave out each of its neurons in turn here")
    return min(count, _WORK // max(1, work))


def _closest(desk: Desk, view: View, head: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return of each layer the two neurons that are most alike, and from where on they are one.

    Layers that are too wide for that are left out.
    """
    with desk.lock:
        responses = desk.scorer.responses
    found = []
    for layer, a in enumerate(responses.activations, 1):
        if a.shape[1] > _WIDEST:
            continue
        alike = np.triu(correlations(a), 1)
        one, other = np.unravel_index(np.argmax(np.abs(alike)), alike.shape)
        if one != other:
            found.append([layer, int(one), int(other), float(alike[one, other])])
    return {"threshold": ALIKE, "pairs": found}, b""


def plain(values: NDArray[Any]) -> list[float | None]:
    """Return numbers as plain data; None in the place of one that is not finite."""
    return [finite(value) for value in values]


def finite(value: float) -> float | None:
    """Return a number as plain data; None if it is not finite."""
    return float(value) if np.isfinite(value) else None


QUESTIONS["reading"] = Question(_reading)
QUESTIONS["nonsense"] = Question(_nonsense, long=True)
QUESTIONS["pair-needs"] = Question(_needs, long=True)
QUESTIONS["closest"] = Question(_closest, long=True)
