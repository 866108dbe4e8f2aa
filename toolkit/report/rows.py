"""A neuron's row of the report, and more of it, from what the analyses found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.analysis.ablation import Ablations
from toolkit.analysis.neuron import AnswerTable, Health, Twins, answers_to, twins
from toolkit.analysis.shapes import Verdict
from toolkit.digits.digitset import DigitSet
from toolkit.network import Network, Responses

_LIKED = 6
_ALIKE = 3


@dataclass(frozen=True)
class Likes:
    """What a neuron answers to, and which answer alike.

    Attributes
    ----------
    most, least, at_threshold : list of int
        Numbers of digits.
    quantiles : list of list of float
        Of its pre-activation by class.
    alike : list of dict
        The neurons of its layer that answer most alike: ``neuron``, ``activations`` (correlation)
        and ``weights`` (cosine).
    positions : list of int
        Where among the digits those are that it answers to most.
    """

    most: list[int]
    least: list[int]
    at_threshold: list[int]
    quantiles: list[list[float]]
    alike: list[dict[str, Any]]
    positions: list[int]


def likes_of(
    network: Network, responses: Responses, digits: DigitSet, numbers: NDArray[np.intp]
) -> list[list[Likes]]:
    """Return what each neuron answers to, layer by layer.

    Parameters
    ----------
    network : Network
    responses : Responses
        To the digits.
    digits : DigitSet
    numbers : ndarray of int, shape (n,)
        By which the digits are known.
    """
    found = []
    for layer, z in enumerate(responses.pre_activations, 1):
        pairs = twins(network, responses, layer)
        liked = []
        for index in range(z.shape[1]):
            its = answers_to(z[:, index], digits.labels, count=_LIKED, many=digits.classes)
            most, least, at_threshold = (
                numbers[which].tolist() for which in (its.most, its.least, its.at_threshold)
            )
            alike, quantiles = _alike(pairs, index), its.quantiles.tolist()
            liked.append(Likes(most, least, at_threshold, quantiles, alike, its.most.tolist()))
        found.append(liked)
    return found


def _alike(pairs: Twins, index: int) -> list[dict[str, Any]]:
    by_size = np.argsort(-np.abs(pairs.by_activations[index]), kind="stable")
    others = [int(each) for each in by_size if each != index][:_ALIKE]
    return [
        {
            "neuron": f"{pairs.layer}.{other}",
            "activations": float(pairs.by_activations[index, other]),
            "weights": float(pairs.by_weights[index, other]),
        }
        for other in others
    ]


def no_falls(network: Network, classes: int) -> tuple[Ablations, ...]:
    """Return that it is not known what is read worse without each neuron: nothing is scored."""
    return tuple(
        Ablations(
            number, np.nan, np.full(layer.size, np.nan), np.full((layer.size, classes), np.nan)
        )
        for number, layer in enumerate(network.layers, 1)
    )


def row_of(
    network: Network,
    verdict: Verdict,
    answers: AnswerTable,
    healthy: Health,
    mean: Ablations,
    zero: Ablations,
    norm: float,
    likes: Likes,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a neuron's row of the table, and more of it.

    Parameters
    ----------
    network : Network
    verdict : Verdict
    answers : AnswerTable
    healthy : Health
    mean, zero : Ablations
        Of its layer.
    norm : float
        Length of its weights.
    likes : Likes
    """
    layer, index = verdict.layer, verdict.index
    tuning, match = verdict.tuning, verdict.match
    best = int(answers.best_class[index])
    twin = healthy.redundant_with
    row = {
        "neuron": f"{layer}.{index}",
        "name": network.names.get((layer, index), ""),
        "verdict": verdict.kind,
        "score": verdict.score,
        "edge_score": verdict.edge_score,
        "orientation_selectivity": _known(tuning.selectivity),
        "preferred_angle": _known(tuning.preferred_angle),
        "row": _known(tuning.place[0]),
        "column": _known(tuning.place[1]),
        "ablation_drop": _known(mean.falls[index]),
        "ablation_drop_zero": _known(zero.falls[index]),
        "best_class": best if best >= 0 else None,
        "best_auc": _known(answers.auc[index, best]) if best >= 0 else None,
        "selectivity": _known(answers.selectivity[index]),
        "fires": float(answers.fires[index]),
        "dead": healthy.dead,
        "always_on": healthy.always_on,
        "saturated": healthy.saturated,
        "redundant_with": None if twin is None else f"{layer}.{twin}",
        "never_lit_share": _known(healthy.never_lit_share),
        "smoothness": _known(healthy.smoothness),
        "symmetry": _known(healthy.symmetry[0]),
        "norm": _known(norm),
        "bias": _known(network.layer(layer).biases[index]),
        "layer": layer,
        "index": index,
    }
    more = {
        "neuron": row["neuron"],
        "text": verdict.text,
        "angle": _known(verdict.angle),
        "match": None if match is None else {
            "shape": match.shape,
            "correlation": match.correlation,
            "stamp": match.stamp.to_dict(),
        },
        "likenesses": {
            shape: each.correlation for shape, each in verdict.matches.by_shape.items()
        },
        "template": verdict.matches.template,
        "template_correlation": verdict.matches.template_correlation,
        "noise_share": verdict.matches.noise_share,
        "tuning": {
            "angles": tuning.angles.tolist(),
            "bars": tuning.bars.tolist(),
            "edge_angles": tuning.edge_angles.tolist(),
            "edges": tuning.edges.tolist(),
        },
        "most": likes.most,
        "least": likes.least,
        "at_threshold": likes.at_threshold,
        "quantiles": likes.quantiles,
        "alike": likes.alike,
        "auc": answers.auc[index].tolist(),
        "falls_per_digit": mean.per_digit[index].tolist(),
        "falls_per_digit_zero": zero.per_digit[index].tolist(),
        "symmetry": list(healthy.symmetry),
    }  # fmt: skip
    return row, more


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
