"""How far a network is from the hope that its first layer picks up on edges.

The hope is that of the lesson: neurons of the first hidden layer are edges and
short lines.  How many are, by the verdict, says little alone; beside it stand
a random network of the same shape, networks made by hand and trained ones.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

from toolkit.analysis.shapes import ALIKE, VERDICTS, Verdict, verdicts
from toolkit.digits.digitset import DigitSet
from toolkit.network import Network
from toolkit.scoring import Scorer
from toolkit.shipped import open_network

OTHERS = ("random", "templates", "handmade", "drawn-sigmoid", "mnist-relu", "mnist-sigmoid")
"""What a network is held beside."""

_MOST_KEPT = 16
_kept: OrderedDict[tuple[str, str], dict[str, Any]] = OrderedDict()
_lock = Lock()


def hope_of(
    network: Network,
    found: Sequence[Verdict],
    digits: DigitSet,
    others: Sequence[str] = OTHERS,
    *,
    progress: Callable[[float, float], None] | None = None,
) -> dict[str, Any]:
    """Count the edges and lines of a first layer, and of others' beside it.

    Parameters
    ----------
    network : Network
    found : sequence of Verdict
        Of its first layer's neurons.
    digits : DigitSet
        Those that it was found with, on the network's grid.
    others : sequence of str
        Networks that ship; ``random`` is one of the network's own shape.
    progress : callable, optional
        Told how many of how many others are done.

    Returns
    -------
    dict
        ``edges``, ``lines``, ``of`` (neurons), ``kinds`` (count of each verdict), ``scores`` (the
        edge score of each neuron, falling), ``threshold`` (the edge score from which on the verdict
        is edge or line), and ``others``: counts and scores of each, under its name.
    """
    beside: dict[str, Any] = {}
    for at, name in enumerate(others):
        if progress is not None:
            progress(at, len(others))
        other = (
            Network.random(network.sizes, network.activations).with_layer(1, grid=network.grid)
            if name == "random"
            else open_network(name)
        )
        if other.grid == network.grid and other.checksum != network.checksum:
            beside[name] = _known(other, digits)
    return {**_counted(found), "threshold": ALIKE, "others": beside}


def _known(network: Network, digits: DigitSet) -> dict[str, Any]:
    key = network.checksum, digits.checksum
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    scorer = Scorer(digits)
    scorer.update(network)
    (found,) = verdicts(
        network, images=digits.pixels, labels=digits.labels, responses=scorer.responses, layers=(1,)
    )
    counted = _counted(found)
    with _lock:
        _kept[key] = counted
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return counted


def _counted(found: Sequence[Verdict]) -> dict[str, Any]:
    kinds = [each.kind for each in found]
    return {
        "edges": kinds.count("edge"),
        "lines": kinds.count("line"),
        "of": len(kinds),
        "kinds": {kind: kinds.count(kind) for kind in VERDICTS},
        "scores": sorted((float(each.edge_score) for each in found), reverse=True),
    }
