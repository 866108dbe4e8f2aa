"""What the network does to whole classes: neuron × class, confusion, and the digits behind them."""

from __future__ import annotations

from collections.abc import Mapping
from operator import is_
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from toolkit.analysis.classes import class_table
from toolkit.studio.desk import Desk
from toolkit.studio.extras import EXTRAS
from toolkit.studio.letters import mapping_of
from toolkit.studio.questions import QUESTIONS, Question

if TYPE_CHECKING:
    from toolkit.studio.view import View

_MOST_DIGITS = 60
_MOST_BYTES = 1 << 18
_MOST_NEURONS = 64
_MOST_KNOWN = 12
_KNOWN: WeakKeyDictionary[Desk, dict[str, tuple[tuple[object, ...], bytes]]] = WeakKeyDictionary()
"""Tables by name, and the digits and layers that each was made of."""
_FULL = 10_000
"""All of a class, in the numbers that travel."""


def _classes(desk: Desk, view: View, which: str) -> bytes:
    """Return a layer's table: shares on which each neuron fires, then mean activations.

    Of a wide layer 64 neurons, from the one that stands behind the layer's number: ``1/128``.
    """
    number, first = _numbers(which)
    desk.network.check_neuron(number, first)
    # Nothing above a layer changes its table, nor does looking at another neuron.
    known, made_of = _KNOWN.setdefault(desk, {}), (desk.laid, *desk.network.layers[:number])
    told = known.get(which)
    if told is None or not all(map(is_, told[0], made_of)):
        while len(known) >= _MOST_KNOWN:
            known.pop(next(iter(known)))
        told = known[which] = made_of, _table(desk, number, first)
    return told[1]


def _table(desk: Desk, number: int, first: int) -> bytes:
    laid, some = desk.laid, slice(first, first + _MOST_NEURONS)
    table = class_table(
        *desk.scorer.activations(number, some), laid.digits.labels, laid.shares_of_classes
    )
    # A class without digits is told by its count, which the page has by the confusion.
    fires = np.rint(np.nan_to_num(table.fires) * _FULL).astype("<u2")
    return fires.tobytes() + np.nan_to_num(table.means, posinf=np.inf).astype("<f4").tobytes()


def _numbers(which: str) -> tuple[int, int]:
    parts = which.split("/")
    if len(parts) > 2 or not all(each.isascii() and each.isdigit() for each in parts):
        raise ValueError(f"classes: expected a layer's number, or 1/128; got {which!r}")
    return int(parts[0]), int(parts[1]) if len(parts) > 1 else 0


def _confusion(desk: Desk, view: View, which: str) -> dict[str, Any]:
    return {"counts": desk.score.confusion.tolist()}


def _digits(desk: Desk, view: View, head: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return the digits that a question describes, some at a time, with their pictures."""
    first, most = _whole(head, "first", 0, 1 << 31), _whole(head, "count", 1, _MOST_DIGITS)
    with desk.lock:
        laid, score = desk.laid, desk.score
        found = _matching(desk, mapping_of(head.get("of")))
        shown = found[first : first + min(most, max(1, _MOST_BYTES // laid.digits.pixels.shape[1]))]
        pixels = laid.digits.pixels[shown].tobytes()
        digits = [
            [int(laid.numbers[at]), int(score.labels[at]), int(score.predictions[at])]
            for at in shown
        ]
    return {"count": len(found), "first": first, "digits": digits}, pixels


def _matching(desk: Desk, of: Mapping[str, Any]) -> NDArray[np.intp]:
    """Return positions of the digits that are described, in the order in which to show them."""
    score, laid = desk.score, desk.laid
    keep = np.ones(score.images, bool)
    if "label" in of:
        keep &= score.labels == _whole(of, "label", 0, score.classes - 1)
    if "read" in of:
        keep &= score.predictions == _whole(of, "read", 0, score.outputs - 1)
    if "right" in of:
        score.check_scored()
        keep &= (score.predictions == score.labels) == bool(of["right"])
    if "numbers" in of:
        numbers = of["numbers"]
        if not isinstance(numbers, list) or len(numbers) > 1000:
            raise ValueError("numbers: expected a list of at most 1,000")
        wanted = [each for each in numbers if isinstance(each, int) and 0 <= each < 1 << 31]
        keep &= np.isin(laid.numbers, np.array(wanted, np.int64))
    if "neuron" not in of:
        return np.flatnonzero(keep)
    layer, neuron = _neuron(desk, of["neuron"])
    if "fires" in of:
        fired, _ = desk.scorer.activations(layer, slice(neuron, neuron + 1))
        keep &= fired[:, 0] == bool(of["fires"])
    positions = np.flatnonzero(keep)
    if of.get("order") is None and "near" not in of:
        return positions
    return positions[_order(desk, layer, neuron, of, positions)]


def _order(
    desk: Desk, layer: int, neuron: int, of: Mapping[str, Any], positions: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return the order of positions by a neuron's weighted sum."""
    sums = desk.scorer.weighted_sum(layer, neuron)[positions].astype(np.float64)
    threshold = -float(desk.network.layer(layer).biases[neuron])
    match of.get("order", "near"):
        case "most":
            keys = -sums
        case "least":
            keys = sums
        case "near":
            keys = np.abs(sums - _number(of.get("near", threshold)))
        case order:
            raise ValueError(f"order: expected most, least or near; got {order!r:.40}")
    return np.argsort(keys, kind="stable")


def _neuron(desk: Desk, value: object) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError("neuron: expected [layer, index]")
    layer, index = value
    desk.network.check_neuron(layer, index)
    return layer, index


def _whole(of: Mapping[str, Any], name: str, least: int, most: int) -> int:
    value = of.get(name, least if name == "first" else most)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(
            f"{name}: expected a whole number from {least} to {most}; got {value!r:.40}"
        )
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e30:
        raise ValueError(f"near: expected a number; got {value!r:.40}")
    return float(value)


EXTRAS["classes"] = _classes
EXTRAS["confusion"] = _confusion
QUESTIONS["digits"] = Question(_digits)
