"""How sure a network is, worked by hand, and the mistakes that it is surest of."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.analysis import calibration, confidences, mistakes
from toolkit.network import ACTIVATIONS, Layer, Network, Responses

FALLING = ("gelu", "gelu_tanh", "silu")
LOGITS = np.array([[0, 2, -1], [3, 1, 1], [-5, -4, -6], [0, 0, 1]], np.float32)


def answers(logits: object, activation: str = "softmax") -> Responses:
    z = np.asarray(logits, np.float32)
    with np.errstate(all="ignore"):
        return Responses((z,), (ACTIVATIONS[activation](z),))


def test_a_probability_is_taken_as_it_is_and_what_is_none_becomes_one_by_softmax() -> None:
    softmax = np.exp(LOGITS).max(axis=1) / np.exp(LOGITS).sum(axis=1)
    for activation in ("softmax", "identity", "tanh", "relu"):
        np.testing.assert_allclose(confidences(answers(LOGITS, activation)), softmax, rtol=1e-6)
    # One yes-or-no answer a class: of three that all say no, the least unwilling is not sure.
    sigmoid = 1 / (1 + np.exp(-LOGITS.max(axis=1)))
    assert sigmoid[2] < 0.02
    np.testing.assert_allclose(confidences(answers(LOGITS, "sigmoid")), sigmoid, rtol=1e-5)


def test_where_outputs_cannot_tell_what_made_them_their_activation_can_be_named() -> None:
    dead = answers([[-200, -300]], "relu")  # as a sigmoid's, outputs of 0
    assert confidences(dead).tolist() == [0]
    assert confidences(dead, activation="relu").tolist() == [1]
    with pytest.raises(ValueError, match="activation: expected one of"):
        confidences(dead, activation="step")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_without_a_number_there_is_no_confidence_and_no_mistake(activation: str) -> None:
    nan, inf = np.nan, np.inf
    found = answers([[0, nan, 1], [inf, inf, 0], [inf, 0, 0], [-inf, -inf, 0]], activation)
    sure = confidences(found, activation=activation)
    assert np.isnan(sure[0])
    assert sure[3] == {"sigmoid": 0.5, "hard_sigmoid": 0.5, **dict.fromkeys(FALLING, 1 / 3)}.get(
        activation, 1
    )
    told = mistakes(found, [9, 9, 9, 9], activation=activation)
    assert [each.number for each in told] == [
        each for each in np.lexsort((np.arange(4), -sure)) if np.isfinite(sure[each])
    ]
    counted = calibration(found, [9, 9, 9, 9], activation=activation).counts
    assert counted.sum() == np.isfinite(sure).sum()


def test_mistakes_are_listed_from_the_surest_with_the_answer_that_came_second() -> None:
    found = mistakes(answers(LOGITS), [1, 2, 0, 1])
    assert [(each.number, each.label, each.read, each.runner_up) for each in found] == [
        (1, 2, 0, 1), (2, 0, 1, 0), (3, 1, 2, 0),
    ]  # fmt: skip
    sure = [each.confidence for each in found]
    assert sure == sorted(sure, reverse=True) == confidences(answers(LOGITS))[1:].tolist()
    assert mistakes(answers(LOGITS), [1, 2, 0, 1], 1) == found[:1]
    assert mistakes(answers(LOGITS), [1, 0, 1, 2]) == ()


def test_of_saturated_outputs_the_larger_pre_activation_is_the_worse_mistake() -> None:
    found = mistakes(answers([[90, 0], [99, 0], [90, 0]], "sigmoid"), [1, 1, 1])
    assert [each.number for each in found] == [1, 0, 2]
    assert {each.confidence for each in found} == {1.0}


def test_a_network_of_one_output_has_no_runner_up() -> None:
    (found,) = mistakes(answers([[3]]), [4])
    assert found.runner_up is None


def test_what_does_not_fit_is_refused_by_name() -> None:
    for ask in (mistakes, calibration):
        with pytest.raises(ValueError, match=r"labels: expected shape \(4,\)"):
            ask(answers(LOGITS), [1, 2])
        with pytest.raises(ValueError, match="labels: expected whole numbers"):
            ask(answers(LOGITS), [1.5, 2, 3, 4])
        with pytest.raises(ValueError, match="responses: expected outputs of shape"):
            ask(answers(LOGITS[0]), [1])
    with pytest.raises(ValueError, match="count: expected 0 or more"):
        mistakes(answers(LOGITS), [1, 2, 0, 1], -1)
    with pytest.raises(ValueError, match="bins: expected 1 or more"):
        calibration(answers(LOGITS), [1, 2, 0, 1], 0)


def test_calibration_agrees_with_a_plain_loop() -> None:
    rng = np.random.default_rng(3)
    network = Network((Layer(rng.normal(0, 2, (10, 6)), np.zeros(10), "softmax"),))
    responses, labels = network.forward(rng.random((400, 6))), rng.integers(0, 10, 400)
    sure, read = confidences(responses), responses.predictions
    for bins in (1, 7, 15):
        found, error, largest = calibration(responses, labels, bins), 0.0, 0.0
        for number in range(bins):
            low, high = found.edges[number], found.edges[number + 1]
            inside = [k for k in range(400) if low < sure[k] <= high]
            assert found.counts[number] == len(inside)
            if not inside:
                assert np.isnan(found.accuracy[number])
                continue
            right = sum(read[k] == labels[k] for k in inside) / len(inside)
            mean = sum(sure[k] for k in inside) / len(inside)
            assert found.accuracy[number] == pytest.approx(right)
            assert found.confidence[number] == pytest.approx(mean)
            error += len(inside) / 400 * abs(right - mean)
            largest = max(largest, abs(right - mean))
        assert (found.error, found.largest) == (pytest.approx(error), pytest.approx(largest))


def test_one_that_is_right_as_often_as_it_is_sure_has_no_calibration_error() -> None:
    # The first output is sure by three to one, and right three times in four.
    found = calibration(answers([[np.log(3), 0]] * 4), [0, 0, 0, 1], 2)
    assert found.error == pytest.approx(0, abs=1e-7)
    assert (found.counts.tolist(), found.edges.tolist()) == ([0, 4], [0, 0.5, 1])
    none = calibration(answers(np.empty((0, 3))), np.empty(0, int))
    assert np.isnan(none.error)
