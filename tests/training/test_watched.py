"""A training that is watched."""

from __future__ import annotations

import numpy as np
import pytest

from tests.training.test_descent import SIZES, accuracy, blobs, start
from toolkit.network import Network
from toolkit.training import Epoch, train, watch
from toolkit.training.arguments import split


def test_the_first_network_is_the_start_and_the_last_is_what_training_gives() -> None:
    network, digits = start(), blobs()
    learning = watch(network, digits, epochs=4, seed=3)
    assert learning.epochs == (0, 1, 2, 3, 4)
    assert learning.networks[0] is network
    assert learning.networks[-1] == train(network, digits, epochs=4, seed=3).network
    assert learning.networks[-1] == learning.result.network
    assert len({each.checksum for each in learning.networks}) == 5
    again = watch(network, digits, epochs=4, seed=3)
    assert again.networks == learning.networks
    assert (learning.start_accuracy, learning.best) == (None, 4)


def test_each_network_has_the_accuracy_that_is_told_of_its_epoch() -> None:
    network, digits = start(), blobs()
    learning = watch(network, digits, epochs=3, validation=0.25, seed=5)
    _, held_out = split(0.25, len(digits), np.random.default_rng(5))
    validation = digits.subset(held_out)
    for epoch, kept in zip(learning.epochs, learning.networks, strict=True):
        assert learning.accuracy(epoch) == pytest.approx(accuracy(kept, validation))
    assert learning.result.network == learning.networks[learning.best]
    assert learning.result.network == train(
        network, digits, epochs=3, validation=0.25, seed=5
    ).network  # fmt: skip
    assert learning.loss(0) is None
    assert learning.loss(2) == learning.records[1].loss


@pytest.mark.parametrize(
    ("room", "kept"),
    [(12, (0, 1, 2, 3, 4, 5, 6, 7)), (5, (0, 2, 4, 6, 7)), (1, (0, 4, 7))],
)
def test_of_a_wide_network_fewer_are_kept_but_always_the_last(
    room: int, kept: tuple[int, ...]
) -> None:
    network = start()
    learning = watch(network, blobs(100), epochs=7, most_bytes=4 * network.parameters * room)
    assert learning.epochs == kept
    assert learning.networks[-1] == learning.result.network


def test_the_best_is_kept_though_few_are() -> None:
    learning = watch(start(), blobs(), epochs=9, validation=0.3, most_bytes=1, rate=0.05)
    assert len(learning.epochs) <= 4
    assert learning.networks[learning.epochs.index(learning.best)] == learning.result.network
    assert learning.epochs[-1] == 9


def test_one_that_is_stopped_is_kept_as_far_as_it_came() -> None:
    def stop(epoch: Epoch) -> bool:
        return epoch.number < 2

    learning = watch(start(), blobs(), epochs=50, told=stop, most_bytes=1)
    assert learning.epochs == (0, 2)
    assert not learning.result.finished
    assert learning.networks[-1] == learning.result.network


def test_where_nothing_is_learned_the_start_alone_is_kept() -> None:
    broken = Network.random(SIZES, ("sigmoid", "softmax")).with_layer(
        1, biases=np.full(SIZES[1], np.nan)
    )
    learning = watch(broken, blobs(50), epochs=5, validation=0.2)
    assert learning.epochs == (0,)
    assert learning.best == 0
    assert "no longer finite" in learning.result.stopped_because
