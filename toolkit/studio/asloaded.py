"""What a neuron's weighted sums are over any digits, and were when its network was loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.digits import DigitSet
from toolkit.network import Float, Network
from toolkit.studio.answer import spread
from toolkit.studio.desk import Desk
from toolkit.studio.questions import QUESTIONS, Question

if TYPE_CHECKING:
    from toolkit.studio.view import View

_AT_ONCE = 1000  # digits: what takes them all at once takes much memory


def _ridges(desk: Desk, view: View, head: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    start, digits = desk.experiment.start, desk.laid.digits
    layer, neuron = head.get("layer", 0), head.get("neuron", 0)
    start.check_neuron(layer, neuron)
    alone = weighted_sums(start, digits, layer, neuron)
    fires = alone + start.layer(layer).biases[neuron] > 0
    sums, counts = spread(start, layer, neuron, alone, fires, digits.labels, digits.classes)
    return {"sums": sums}, counts


def weighted_sums(network: Network, digits: DigitSet, layer: int, neuron: int) -> Float:
    """Return a neuron's weighted sums over digits, of shape (n,), without its bias."""
    found = []
    with np.errstate(over="ignore", invalid="ignore"):
        for first in range(0, len(digits), _AT_ONCE):
            a: Float = digits.pixels[first : first + _AT_ONCE].astype(np.float32)
            a /= np.float32(255)
            for below in network.layers[: layer - 1]:
                a = below.activate(a @ below.weights.T + below.biases)
            found.append(a @ network.layer(layer).weights[neuron])
    return np.concatenate(found) if found else np.zeros(0, np.float32)


QUESTIONS["ridges-as-loaded"] = Question(_ridges, long=True)
