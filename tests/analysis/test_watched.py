"""What neurons become while a network learns."""

from __future__ import annotations

import numpy as np

from toolkit.analysis.shapes import verdicts
from toolkit.analysis.watched import kinds_while_learning
from toolkit.digits import generate
from toolkit.network import Network

DIGITS = generate(200, seed=4)


def one(weights: np.ndarray) -> Network:
    return Network.blank((784, 1, 10)).with_layer(1, weights=weights.reshape(1, 784))


def test_each_epoch_has_the_verdict_of_its_network_and_the_best_is_among_them() -> None:
    edge = np.zeros((28, 28), np.float32)
    edge[8:13], edge[13:18] = -1, 1
    networks = {epoch: one(edge * epoch) for epoch in range(60)}
    seen: list[tuple[int, int]] = []

    def told(done: int, of: int) -> bool:
        seen.append((done, of))
        return done < 3

    found = kinds_while_learning(networks, DIGITS.images, DIGITS.labels, best=58, told=told)
    assert list(found)[-2:] == [58, 59]
    assert len(found) == 3
    assert seen == [(0, 20), (1, 20), (2, 20), (3, 20)]
    ((alone,),) = verdicts(networks[59], images=DIGITS.images, labels=DIGITS.labels)[:1]
    assert found[59] == [alone.kind] == ["edge"]
    few = {0: one(edge * 0), 3: one(edge)}
    assert kinds_while_learning(few, DIGITS.images, DIGITS.labels) == {0: ["dead"], 3: ["edge"]}


def test_a_wide_layer_has_none() -> None:
    network = Network.blank((784, 300, 10))
    assert kinds_while_learning({0: network, 1: network}, DIGITS.images, DIGITS.labels) == {}
