from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_edits import finite
from toolkit.digits import DigitSet, generate, open_digits
from toolkit.edits import SetActivation, SetBias, SetWeights
from toolkit.history import History
from toolkit.network import ACTIVATIONS, Layer, Network
from toolkit.scoring import Score, Scorer, score

DIGITS = generate(300, seed=3)


def test_accuracy_confusion_and_flips_worked_by_hand() -> None:
    labels = np.uint8([0, 0, 1, 2])
    now, before = Score(np.uint8([0, 1, 1, 0]), labels), Score(np.uint8([1, 0, 1, 1]), labels)
    assert now.accuracy == 0.5
    assert now.confusion[0, 0] == now.confusion[0, 1] == now.confusion[1, 1] == 1
    assert now.confusion[2, 0] == 1
    assert now.confusion.sum() == 4
    np.testing.assert_array_equal(now.per_digit[:3], [0.5, 1, 0])
    assert np.isnan(now.per_digit[3:]).all()
    assert now.gained_since(before).tolist() == [0]
    assert now.lost_since(before).tolist() == [1]
    assert now.wrong.tolist() == [1, 3]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_an_updated_score_is_a_full_forward_pass_bit_for_bit(data: st.DataObject) -> None:
    sizes = (784, 5, 4, 10)
    network = Network.random(sizes, data.draw(st.sampled_from(list(ACTIVATIONS))), seed=1)
    scorer, history = Scorer(DIGITS), History(network)
    scorer.update(network)
    for _ in range(data.draw(st.integers(1, 6))):
        layer = data.draw(st.integers(1, 3))
        neuron = data.draw(st.integers(0, sizes[layer] - 1))
        match data.draw(st.sampled_from(["weights", "weights", "bias", "activation", "undo"])):
            case "weights":
                cells = data.draw(
                    st.lists(st.integers(0, sizes[layer - 1] - 1), unique=True, max_size=30)
                )
                big = st.one_of(st.floats(-3, 3, width=32), finite)
                values = data.draw(st.lists(big, min_size=len(cells), max_size=len(cells)))
                history.apply(SetWeights(layer, neuron, tuple(cells), tuple(values)))
            case "bias":
                history.apply(SetBias(layer, neuron, data.draw(st.floats(-5, 5, width=32))))
            case "activation":
                history.apply(SetActivation(layer, data.draw(st.sampled_from(list(ACTIVATIONS)))))
            case _:
                history.undo()
        scorer.update(history.network)
    fresh = Scorer(DIGITS)
    np.testing.assert_array_equal(
        scorer.score.predictions, fresh.update(history.network).predictions
    )
    for number in (1, 2, 3):
        np.testing.assert_array_equal(scorer.pre_activations(number), fresh.pre_activations(number))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_score_is_what_the_network_s_own_forward_pass_says(activation: str) -> None:
    network = Network.random(activations=activation, seed=8)
    scorer = Scorer(DIGITS)
    found, trace = scorer.update(network), network.forward(DIGITS.images)
    for number, z in enumerate(trace.pre_activations, 1):
        np.testing.assert_allclose(scorer.pre_activations(number).T, z, rtol=1e-4, atol=1e-5)
    assert found.accuracy == np.mean(trace.predictions == DIGITS.labels)


def test_a_single_painted_cell_read_by_hand() -> None:
    pixels = np.zeros((2, 784), np.uint8)
    pixels[1, 5] = 51  # 0.2
    digits = DigitSet(pixels, np.uint8([0, 3]))
    network = Network((Layer(np.zeros((10, 784)), np.zeros(10), "identity"),))
    scorer = Scorer(digits)
    assert scorer.update(network).predictions.tolist() == [0, 0]
    network = SetWeights(1, 3, (5,), (2.0,)).apply(network)
    assert scorer.update(network).predictions.tolist() == [0, 3]
    assert scorer.pre_activations(1)[3, 1] == np.float32(0.4)


def test_weights_that_are_not_numbers_do_not_linger() -> None:
    network, scorer = Network.random(), Scorer(DIGITS)
    scorer.update(network)
    broken = network.with_layer(1, weights=np.where(np.eye(16, 784), np.nan, 1).astype(np.float32))
    scorer.update(broken)
    assert np.isnan(scorer.pre_activations(1)).any()
    scorer.update(network)
    np.testing.assert_array_equal(scorer.pre_activations(3), _fresh(network).pre_activations(3))


def _fresh(network: Network) -> Scorer:
    scorer = Scorer(DIGITS)
    scorer.update(network)
    return scorer


def test_a_network_of_another_shape_is_refused_and_the_scorer_goes_on() -> None:
    scorer = Scorer(DIGITS)
    with pytest.raises(ValueError, match="expected 784 inputs"):
        scorer.update(Network.blank((64, 10)))
    assert scorer.update(Network.blank()).accuracy == pytest.approx(0.1, abs=0.02)


@pytest.mark.mnist
def test_on_ten_thousand_real_digits(mnist_folder: Path) -> None:
    digits, network = open_digits(mnist_folder, "test"), Network.random(seed=2)
    found = score(network, digits)
    assert found.images == 10_000
    np.testing.assert_array_equal(found.predictions, network.forward(digits.images).predictions)
