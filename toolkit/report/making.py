"""How a report on one network is made: each analysis once, over the same responses."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.analysis import layer_statistics, norms
from toolkit.analysis.ablation import ablations
from toolkit.analysis.neuron import answer_table, health
from toolkit.analysis.shapes import VERDICTS, Verdict, verdicts
from toolkit.analysis.whole import (
    Nonsense,
    calibration,
    mistakes,
    nonsense,
    robustness,
    unlit_weights,
)
from toolkit.digits.digitset import DigitSet
from toolkit.fits import SHELL, fits, sample
from toolkit.network import Network, Responses
from toolkit.report.dark import dark_pixels
from toolkit.report.hope import OTHERS, hope_of
from toolkit.report.pairs import pairs_of
from toolkit.report.record import Found, Report
from toolkit.report.rows import likes_of, no_falls, row_of
from toolkit.scoring import Scorer

Progress = Callable[[float, str], None]
"""Told how much is done, 0 to 1, and what comes."""

_MOST_TURNED = 2000
_WORK = 400_000_000  # sums over neurons of the activations above each, times digits
_FEWEST = 200
# How the time is shared out, as it was measured for 784-16-16-10 on 10,000 digits.
_STAGES = {
    "reading the digits": 4, "what its maps look like": 30, "without each neuron": 16,
    "what each neuron tells": 10, "its mistakes": 3, "confident nonsense": 7,
    "turned and shifted digits": 30, "other networks": 30,
}  # fmt: skip


class _Told:
    """Turns what stages say of themselves into how much of all is done."""

    def __init__(self, progress: Progress | None, stages: Sequence[str]) -> None:
        self._progress = progress or (lambda done, doing: None)
        self._stages = {name: _STAGES[name] for name in stages}
        self._before, self._now = 0, ""

    def begin(self, stage: str) -> None:
        if self._now:
            self._before += self._stages[self._now]
        self._now = stage
        self.part(0, 1)

    def part(self, done: float, of: float) -> None:
        share = self._stages[self._now] * (done / of if of else 1)
        self._progress((self._before + share) / sum(self._stages.values()), self._now)


def analyse(
    network: Network,
    digits: DigitSet,
    *,
    unlit: ArrayLike | None = None,
    unlit_in: str = "",
    others: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Look into a network from all sides.

    Parameters
    ----------
    network : Network
    digits : DigitSet
        What to measure on; a sample of them where the network is wide.
    unlit : array_like of bool, shape (pixels,), optional
        The pixels that no digit lights; by default none of the training digits of the same
        source, where there are some at hand, else none of `digits`.
    unlit_in : str
        What those digits are called.
    others : sequence of str, optional
        Networks that ship, to hold its first layer beside; by default all, and a random one of its
        shape.  Left out where they take other pictures.
    progress : callable, optional
        Told how much is done, 0 to 1, and what comes.

    Returns
    -------
    Report

    Raises
    ------
    UnfitError
        If the network cannot be shown these digits.
    ValueError
        If a shape does not fit, or there are no digits.
    """
    if not len(digits):
        raise ValueError("digits: expected one or more; got none")
    fit = fits(network, digits, SHELL)
    laid = fit.lay(digits)
    dark, dark_in = dark_pixels(laid, network.grid) if unlit is None else (
        np.asarray(unlit, bool), unlit_in or "the digits given"
    )  # fmt: skip
    if dark.shape != (network.sizes[0],):
        raise ValueError(f"unlit: expected shape ({network.sizes[0]},); got {dark.shape}")
    beside = OTHERS if others is None else tuple(others)
    told = _Told(progress, [each for each in _STAGES if beside or each != "other networks"])

    told.begin("reading the digits")
    scorer = Scorer(laid)
    score = scorer.update(network)
    responses = scorer.responses
    told.begin("what its maps look like")
    found = verdicts(
        network, images=laid.pixels, labels=laid.labels, responses=responses, progress=told.part
    )
    told.begin("without each neuron")
    some = _affordable(network, len(laid))
    part = sample(len(laid), some)
    few = _of(responses, part) if some < len(laid) else responses
    labels = laid.labels[part] if some < len(laid) else laid.labels
    if score.unscored:
        mean = zero = no_falls(network, laid.classes)
    else:
        mean = ablations(network, few, labels, "mean")
        told.part(1, 2)
        zero = ablations(network, few, labels, "zero")
    told.begin("what each neuron tells")
    answers = answer_table(responses, laid.labels, laid.classes)
    healths = []
    for number in range(1, len(network.layers) + 1):
        healths.append(health(network, responses, number, dark))
        told.part(number, len(network.layers))
    told.begin("its mistakes")
    # What is not scored has no mistakes, is not as often right as it is sure, and cannot be worse.
    wrong = mistakes(responses, laid.labels, 0 if score.unscored else 60)
    sure = calibration(responses, laid.labels)
    told.begin("confident nonsense")
    odd = nonsense(network, laid.pixels)
    told.begin("turned and shifted digits")
    curves = () if score.unscored else robustness(
        network, laid, most=min(_MOST_TURNED, some), progress=told.part
    )  # fmt: skip

    numbers = fit.numbers
    liked = likes_of(network, responses, laid, numbers)
    pairs = [] if score.unscored else pairs_of(network, few, labels, score.confusion)
    lengths = [norms(layer.weights) for layer in network.layers]
    rows, details = [], []
    for number, layer in enumerate(network.layers, 1):
        for index in range(layer.size):
            at = number - 1
            row, more = row_of(
                network,
                found[at][index],
                answers[at],
                healths[at][index],
                mean[at],
                zero[at],
                float(lengths[at][index]),
                liked[at][index],
            )
            rows.append(row)
            details.append(more)
    kinds = [_kinds(layer) for layer in found]
    if beside:
        told.begin("other networks")
    hope = hope_of(network, found[0], laid, beside, progress=told.part if beside else None)
    unlit_share = unlit_weights(network, dark)
    told.part(1, 1)
    whole: dict[str, Any] = {
        "name": network.name,
        "sizes": list(network.sizes),
        "grid": list(network.grid),
        "activations": list(network.activations),
        "parameters": network.parameters,
        "checksum": network.checksum,
        "provenance": dict(network.provenance),
        "digits": laid.name,
        "images": score.images,
        "of": len(digits),
        "unscored": score.unscored,
        "accuracy": score.accuracy,
        "per_digit": score.per_digit.tolist(),
        "confusion": score.confusion.tolist(),
        "layers": _layers(network),
        "kinds": kinds,
        "calibration": None
        if score.unscored
        else {
            "edges": sure.edges.tolist(),
            "confidence": sure.confidence.tolist(),
            "accuracy": sure.accuracy.tolist(),
            "counts": sure.counts.tolist(),
            "error": sure.error,
            "largest": sure.largest,
        },
        "mistakes": [
            {
                "digit": int(numbers[each.number]),
                "label": each.label,
                "read": each.read,
                "confidence": each.confidence,
                "runner_up": each.runner_up,
            }
            for each in wrong
        ],
        "nonsense": [_nonsense(each) for each in odd],
        "robustness": [
            {
                "kind": each.kind,
                "unit": each.unit,
                "amounts": each.amounts.tolist(),
                "accuracy": each.accuracy.tolist(),
                "images": each.images,
            }
            for each in curves
        ],
        "never_lit": {
            "pixels": int(dark.sum()),
            "in": dark_in,
            "share": float(np.mean(unlit_share.share)),
            "inside": unlit_share.inside,
            "outside": unlit_share.outside,
        },
        "pairs": pairs,
        "hope": hope,
        "ablated_on": int(some),
    }
    liked_pictures = tuple(laid.pixels[each.positions] for layer in liked for each in layer)
    pictures = laid.pixels[[each.number for each in wrong]]
    return Report(
        network,
        rows,
        whole,
        details,
        Found(found, sure, odd, curves, unlit_share, pictures, liked_pictures),
    )


def _affordable(network: Network, count: int) -> int:
    """Return on how many digits each neuron can be left out in turn."""
    sizes = network.sizes[1:]
    work = sum(size * max(1, sum(sizes[at + 1 :])) for at, size in enumerate(sizes))
    return min(count, max(_FEWEST, _WORK // work))


def _of(responses: Responses, which: NDArray[np.intp]) -> Responses:
    return Responses(
        tuple(z[which] for z in responses.pre_activations),
        tuple(a[which] for a in responses.activations),
        function=responses.function,
        won=None if responses.won is None else responses.won[which],
    )


def _layers(network: Network) -> list[dict[str, Any]]:
    return [
        {
            "layer": each.layer,
            "neurons": each.neurons,
            "inputs": each.inputs,
            "activation": each.activation,
            "weights": each.neurons * each.inputs,
            "biases": each.neurons,
            "least": each.least,
            "largest": each.largest,
            "mean": each.mean,
            "spread": each.spread,
            "zeros": each.zeros,
            "not_finite": each.not_finite,
        }
        for each in layer_statistics(network)
    ]


def _kinds(found: Sequence[Verdict]) -> dict[str, int]:
    kinds = [each.kind for each in found]
    return {kind: kinds.count(kind) for kind in VERDICTS}


def _nonsense(found: Nonsense) -> dict[str, Any]:
    favourite = found.favourite
    return {
        "kind": found.kind,
        "count": found.count,
        "answers": found.answers.tolist(),
        "answer": favourite,
        "answer_share": float(found.answers[favourite] / max(1, found.count)),
        "mean": found.mean,
        "median": found.median,
        "quantiles": found.quantiles.tolist(),
        "sure": found.sure,
        "histogram": found.histogram.tolist(),
        "examples": [
            {
                "pixels": b64encode(pixels.tobytes()).decode(),
                "read": int(read),
                "confidence": float(sure),
            }
            for pixels, read, sure in zip(found.examples, found.read, found.confidence, strict=True)
        ],
    }
