"""What a neuron answers to, by hand and beside scikit-learn."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from toolkit.analysis.neuron.answers import answer_table, answers_to
from toolkit.digits import open_digits
from toolkit.network import Network, Responses

Z = np.array([3, -2, 0.5, -0.1, 3, -7])
LABELS = np.array([1, 0, 1, 0, 2, 2])


def test_by_hand() -> None:
    found = answers_to(Z, LABELS, images=np.eye(6, dtype=np.uint8) * 255, count=2)
    assert found.most.tolist() == [0, 4]
    assert found.least.tolist() == [5, 1]
    assert found.at_threshold.tolist() == [3, 2]
    assert found.fires == 0.5
    # Of 0 against the rest: -2 beats -7, -0.1 beats -7: 2 of 8 pairs.
    # Of 1: 3 beats three and ties with one, 0.5 beats three.
    assert found.auc[:3].tolist() == [2 / 8, 6.5 / 8, 3.5 / 8]
    assert np.isnan(found.auc[3:]).all()
    assert found.best_class == 1
    # Above the threshold the classes have on average 0, 1.75 and 1.5.
    assert found.selectivity == pytest.approx((1.75 - 0.75) / (1.75 + 0.75))
    assert found.quantiles[2].tolist() == pytest.approx([-6.5, -4.5, -2, 0.5, 2.5])
    assert np.isnan(found.quantiles[3:]).all()
    expected = [1 / 3, -1 / 3, 1 / 3, -1 / 3, 1 / 3, -1 / 3]
    assert found.mean_difference is not None
    assert found.mean_difference.tolist() == pytest.approx(expected)


def test_another_threshold_is_where_it_fires_and_what_it_is_near() -> None:
    found = answers_to(Z, LABELS, images=np.eye(6), threshold=2.9, count=1)
    assert found.at_threshold.tolist() == [0]
    assert found.fires == pytest.approx(2 / 6)
    assert answers_to(Z, LABELS, images=np.eye(6), threshold=3).mean_difference is None


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 20))
def test_auc_is_that_of_scikit_learn_with_ties_or_without(seed: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, 60)
    z = rng.integers(0, levels, (60, 2)).astype(np.float32)
    table = answer_table(Responses((z,), (z,)), labels)[0]
    for index in range(2):
        alone = answers_to(z[:, index], labels)
        assert np.array_equal(alone.auc, table.auc[index], equal_nan=True)
        for digit in set(labels.tolist()):
            expected = roc_auc_score(labels == digit, z[:, index])
            assert table.auc[index, digit] == pytest.approx(expected, abs=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_what_never_differs_tells_nothing_and_what_is_one_class_tells_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = np.r_[np.arange(10), rng.integers(0, 10, 30)]
    z = np.stack([np.full(40, 2.0), labels == 4], axis=1).astype(np.float32)
    table = answer_table(Responses((z,), (z,)), labels)[0]
    assert (table.auc[0] == 0.5).all()
    assert table.auc[1, 4] == 1
    assert table.selectivity.tolist() == [0, 1]
    assert table.best_class[1] == 4
    assert table.fires.tolist() == [1, np.mean(labels == 4)]


def test_below_zero_the_means_are_counted_from_the_least() -> None:
    a = np.array([[-1.0], [0.0], [1.0]])
    found = answer_table(Responses((a,), (a,)), [0, 1, 2])[0]  # type: ignore[arg-type]
    # 0, 1 and 2 from the least: (2 - 0.5) / (2 + 0.5).
    assert found.selectivity.tolist() == [0.6]


def test_not_a_number_stays_one_and_nothing_breaks() -> None:
    z = np.array([[np.nan, 1], [1, np.inf], [2, -np.inf]], np.float32)
    with np.errstate(all="raise"):
        table = answer_table(Responses((z,), (z,)), [0, 1, 2])[0]
        found = answers_to(z[:, 0], [0, 1, 2])
        nothing = answers_to([], [])
    assert np.isnan(table.auc[0]).all()
    assert table.best_class.tolist() == [-1, 1]
    assert np.isnan(table.selectivity[0])
    assert table.auc[1, :3].tolist() == [0.5, 1, 0]
    assert found.most.tolist() == [2, 1]
    assert np.isnan(nothing.fires)
    assert nothing.best_class == -1


def test_arguments_are_checked() -> None:
    with pytest.raises(ValueError, match=r"z: expected shape \(n,\)"):
        answers_to([[1]], [1])
    with pytest.raises(ValueError, match="labels: expected shape"):
        answers_to([1], [1, 2])
    with pytest.raises(ValueError, match="labels: expected whole numbers, 0 to 255; got"):
        answers_to([1], [256])
    with pytest.raises(ValueError, match="images: expected shape"):
        answers_to([1], [1], images=[1])
    with pytest.raises(ValueError, match="count: expected"):
        answers_to([1], [1], count=-1)
    with pytest.raises(ValueError, match="responses: expected those to a batch"):
        answer_table(Network.blank((2, 2)).forward([1, 1]), [1])


@pytest.mark.mnist
def test_ten_thousand_digits_take_less_than_half_a_second(mnist_folder: Path) -> None:
    digits = open_digits(str(mnist_folder))
    responses = Network.random(seed=1).forward(digits.images)
    start = time.process_time()
    tables = answer_table(responses, digits.labels)
    assert time.process_time() - start < 0.5
    best = answers_to(responses.logits[:, 3], digits.labels, images=digits.pixels)
    assert np.array_equal(best.auc, tables[-1].auc[3])
