"""What one neuron does, as questions of the page that looks into it.

``neuron``, what it answers to over the digits; ``neuron-digit``, its gradient for the digit shown;
``neuron-why``, the difference of two outputs split down to pixels; ``without``, the network with
the neuron held still; ``neighbours``, which do nearly the same, and its health; ``maximise``,
the picture that it likes best.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.analysis.ablation import ablation, without
from toolkit.analysis.neuron import (
    answers_to,
    gradient_map,
    health_of,
    maximise,
    pixel_split,
    twins_of,
)
from toolkit.analysis.remarks import ALIKE
from toolkit.studio.desk import Desk
from toolkit.studio.questions import QUESTIONS, Question, of_wide

if TYPE_CHECKING:
    from toolkit.studio.view import View

SHOWN = 12
"""Digits of a kind: those that activate a neuron most, least, or just so."""
_TWINS = 5
_DIGITS = 7  # of numbers that travel as text
_REPLACEMENTS = ("mean", "zero")

Reply = tuple[dict[str, Any], bytes]
Asked = Mapping[str, Any]


def neuron(desk: Desk, view: View, asked: Asked) -> Reply:
    """Return what a neuron answers to: digits, quantiles by class, how well it tells each.

    After the text come the mean input when it fires minus when it does not, float32, and then the
    pixels of the digits named, in the order in which they are named.
    """
    layer, index = _neuron(desk, asked)
    with desk.lock:
        laid, score, scorer = desk.laid, desk.score, desk.scorer
        z = np.array(scorer.pre_activation(layer, index))
        _, a = scorer.activations(layer, slice(index, index + 1))
        a = a[:, 0].copy()
    digits = laid.digits
    found = answers_to(z, digits.labels, images=digits.pixels, count=SHOWN, activations=a,
                       many=digits.classes)  # fmt: skip
    kinds = {"most": found.most, "least": found.least, "threshold": found.at_threshold}
    shown = np.concatenate([np.asarray(each, np.intp) for each in kinds.values()])
    difference = found.mean_difference
    said = {
        "digits": {
            kind: [
                [int(laid.numbers[at]), int(digits.labels[at]), int(score.predictions[at]),
                 _number(z[at])]
                for at in which
            ]
            for kind, which in kinds.items()
        },
        "quantiles": _plain(found.quantiles),
        "auc": _plain(found.auc),
        "selectivity": _number(found.selectivity),
        "best_class": int(found.best_class) if found.best_class >= 0 else None,
        "fires": _number(found.fires),
        "difference": difference is not None,
    }  # fmt: skip
    body = b"" if difference is None else _floats(difference)
    return said, body + digits.pixels[shown].tobytes()


def neuron_digit(desk: Desk, view: View, asked: Asked) -> Reply:
    """Return the gradient of a neuron's pre-activation for the digit at hand, float32 a pixel."""
    layer, index = _neuron(desk, asked)
    return {}, _floats(gradient_map(desk.network, _digit(view), layer, index))


def why(desk: Desk, view: View, asked: Asked) -> Reply:
    """Return the difference of two outputs for the digit at hand, split over neurons and pixels.

    After the text come the pixels' parts by integrated gradients, and by the one-step linear path,
    both float32.
    """
    network = desk.network
    last = len(network.layers)
    winner, other = asked.get("winner"), asked.get("other")
    for each in (winner, other):
        network.check_neuron(last, each)  # type: ignore[arg-type]  # it checks
    if winner == other:
        raise ValueError(f"why: expected two different outputs; got {winner} twice")
    found = pixel_split(network, _digit(view), winner, other)
    said = {
        "difference": _number(found.difference),
        "neurons": _plain(found.neurons),
        "biases": _number(found.bias),
        "missed": _number(found.error),
        "linear_missed": _number(found.linear_error),
    }
    return said, _floats(found.pixels) + _floats(found.linear)


def without_it(desk: Desk, view: View, asked: Asked) -> Reply:
    """Return the accuracy with a neuron held at its mean, or at zero, and the digit's outputs."""
    layer, index = _neuron(desk, asked)
    replacement = asked.get("replacement", "mean")
    if replacement not in _REPLACEMENTS:
        raise ValueError(
            f"replacement: expected {' or '.join(_REPLACEMENTS)}; got {replacement!r:.40}"
        )
    desk.score.check_scored()
    with desk.lock:
        network, responses = desk.network, desk.scorer.responses
        labels = desk.laid.digits.labels
    which = [(layer, index)]
    found = ablation(network, responses, labels, which, replacement)
    trace = without(network, responses, which, replacement).forward(_digit(view))
    return {
        "before": _number(found.before.accuracy),
        "after": _number(found.after.accuracy),
        "per_digit": _plain(found.per_digit),
        "pairs": _plain(found.pairs),
        "pair_falls": _plain(found.pair_falls),
        "z": _plain(trace.pre_activations[-1]),
        "a": _plain(trace.activations[-1]),
    }, b""


def neighbours(desk: Desk, view: View, asked: Asked) -> Reply:
    """Return which neurons of its layer a neuron resembles most, and how it is."""
    layer, index = _neuron(desk, asked)
    with desk.lock:
        network, laid, responses = desk.network, desk.laid, desk.scorer.responses
    by_weights, by_activations = twins_of(network, responses, layer, index)
    unlit = desk.library.unlit(laid)
    dark = np.frombuffer(laid.lit, np.uint8) == 0 if unlit is None else unlit
    well = health_of(network, responses, layer, index, dark)
    near = np.abs(np.nan_to_num(by_activations)) + 1e-9 * np.abs(np.nan_to_num(by_weights))
    near[index] = -1.0
    order = np.argsort(-near, kind="stable")[:_TWINS]
    return {
        "twins": [
            {"index": int(at), "weights": _number(by_weights[at]),
             "activations": _number(by_activations[at])}
            for at in order if at != index
        ],
        "health": _plain_record(well),
        "redundant_from": ALIKE,
        "unlit": {
            "pixels": int(dark.sum()), "training": unlit is not None, "digits": laid.digits.name,
        },
    }, b""  # fmt: skip


def maximised(desk: Desk, view: View, asked: Asked) -> Reply:
    """Return the input that maximises a neuron under the prior, float32 a pixel."""
    layer, index = _neuron(desk, asked)
    found = maximise(desk.network, layer, index)
    said = {
        "pre_activation": _number(found.pre_activation),
        "activation": _number(found.activation),
        "steps": int(found.steps),
    }
    return said, _floats(found.image)


def _neuron(desk: Desk, asked: Asked) -> tuple[int, int]:
    layer, index = asked.get("layer"), asked.get("neuron")
    desk.network.check_neuron(layer, index)  # type: ignore[arg-type]  # it checks
    return layer, index  # type: ignore[return-value]


def _digit(view: View) -> NDArray[np.float32]:
    return view.digit.astype(np.float32) / np.float32(255)


def _floats(values: ArrayLike) -> bytes:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(values, "<f4").tobytes()


def _number(value: Any) -> float | None:
    value = float(value)
    return float(f"{value:.{_DIGITS}g}") if np.isfinite(value) else None


def _plain(values: ArrayLike) -> Any:
    array = np.asarray(values, np.float64)
    return [_plain(each) if array.ndim > 1 else _number(each) for each in array]


def _plain_record(record: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in record.__dataclass_fields__:
        value = getattr(record, name)
        if isinstance(value, bool | np.bool_):
            found[name] = bool(value)
        elif value is None or isinstance(value, str | int | np.integer):
            found[name] = int(value) if isinstance(value, np.integer) else value
        elif np.ndim(value):
            found[name] = _plain(value)
        else:
            found[name] = _number(value)
    return found


QUESTIONS.update(
    {
        "neuron": Question(neuron, of_wide),
        "neuron-digit": Question(neuron_digit, of_wide),
        "neuron-why": Question(why, of_wide),
        "without": Question(without_it, of_wide),
        "neighbours": Question(neighbours, of_wide),
        "maximise": Question(maximised, long=True),
    }
)
