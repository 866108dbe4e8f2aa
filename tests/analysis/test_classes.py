"""Neuron × class, worked by hand and against what the network answers."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.analysis import class_table, class_tables
from toolkit.digits import generate
from toolkit.network import Network
from toolkit.scoring import Scorer


def test_shares_and_means_of_each_class() -> None:
    fired = [[True, False], [True, True], [False, False]]
    table = class_table(fired, [[0.9, 0.1], [0.7, 0.6], [0.2, 0.4]], [3, 3, 5])
    assert table.fires[:, 3].tolist() == [1, 0.5]
    assert table.fires[:, 5].tolist() == [0, 0]
    np.testing.assert_allclose(table.means[:, 3], [0.8, 0.35], rtol=1e-6)
    assert table.counts.tolist() == [0, 0, 0, 2, 0, 1, 0, 0, 0, 0]
    assert np.isnan(table.fires[:, 0]).all()
    assert np.isnan(table.means[:, 0]).all()


@pytest.mark.parametrize("activation", ["sigmoid", "relu", "tanh", "identity", "softmax"])
def test_what_a_scorer_keeps_gives_the_table_of_a_full_pass(activation: str) -> None:
    digits = generate(200, seed=1)
    network = Network.random((784, 12, 7, 10), activation, seed=2)
    scorer = Scorer(digits)
    scorer.update(network)
    whole = class_tables(network.forward(digits.images), digits.labels)
    for number, expected in enumerate(whole, 1):
        table = class_table(*scorer.activations(number), digits.labels)
        np.testing.assert_allclose(table.fires, expected.fires, atol=1e-6)
        np.testing.assert_allclose(table.means, expected.means, atol=1e-4)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="activations: expected shape"):
        class_table([[True]], [[0.5, 0.5]], [1])
    with pytest.raises(ValueError, match="labels: expected"):
        class_table([[True]], [[0.5]], [11])
