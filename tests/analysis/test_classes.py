"""Neuron × class, worked by hand and against what the network answers."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.analysis import class_table, class_tables, histogram_by_class, subset_score
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
        class_table([[True]], [[0.5]], [256])


def test_one_number_that_is_not_finite_spoils_its_own_class_alone() -> None:
    a = np.array([[0.25, 1], [np.nan, 1], [0.75, np.inf], [1, 0]], np.float32)
    table = class_table(a > 0, a, [0, 1, 2, 2])
    assert np.isnan(table.means[0, 1]) and table.means[1, 2] == np.inf
    assert table.means[:, 0].tolist() == [0.25, 1.0] and table.means[0, 2] == 0.875


def test_it_agrees_with_the_share_that_the_ridges_show() -> None:
    digits, network = generate(200, seed=1), Network.random(seed=2)
    scorer = Scorer(digits)
    scorer.update(network)
    table = class_table(*scorer.activations(1), digits.labels)
    sums, threshold = scorer.weighted_sum(1, 3), -float(network.layer(1).biases[3])
    found = histogram_by_class(sums, digits.labels, limits=(threshold, float(sums.max())), bins=1)
    np.testing.assert_allclose(found.counts.ravel() / table.counts, table.fires[3], atol=1e-6)


def test_a_subset_is_scored_with_all_answers_and_with_its_own_alone() -> None:
    z = np.zeros((10, 4))
    z[[1, 7, 7, 9], [0, 1, 2, 3]] = 2  # read as 1, 7, 7 and 9
    z[1, 3] = 1
    found = subset_score(z, [1, 1, 7, 7], [7, 1])
    assert found.classes == (1, 7)
    assert found.score.predictions.tolist() == [1, 7, 7, 9] and found.score.accuracy == 0.5
    assert found.among.predictions.tolist() == [1, 7, 7, 1] and found.among.images == 4
    with pytest.raises(ValueError, match="classes: expected some of 0 to 9"):
        subset_score(z, [1, 1, 7, 7], [])
