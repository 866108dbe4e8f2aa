"""What a network reads worse without some neurons: as a full evaluation of a changed one says."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.activations import ranking
from toolkit.analysis import usefulness
from toolkit.analysis.ablation import ablation, ablations, pair_needs, without
from toolkit.digits import DigitSet, open_digits
from toolkit.network import ACTIVATIONS, Layer, Network
from toolkit.scoring import Scorer, score
from toolkit.shipped import open_network

REPLACEMENTS: tuple[Literal["mean", "zero"], ...] = ("mean", "zero")

# Neuron 1.0 copies the pixel that tells 0 from 1, 1.1 the one that tells 2 from these.
TELLING = Network(
    (
        Layer([[1, 0], [0, 1]], [0, 0], "relu"),
        Layer([[-2, -4], [2, -4], [0, 4]], [1, -1, -2], "identity"),
    )
)
IMAGES = np.array([[0, 0], [0, 0], [1, 0], [1, 0], [1, 1]], np.float32)
LABELS = np.array([0, 0, 1, 1, 2])


def test_by_hand_in_all_by_digit_and_by_pair() -> None:
    found = ablation(TELLING, TELLING.forward(IMAGES), LABELS, [(1, 0)], "zero")
    assert found.before.accuracy == 1
    # Without 1.0 the two ones are read 0, and nothing else changes.
    assert found.after.accuracy == pytest.approx(0.6)
    assert found.per_digit[:3].tolist() == [0, 1, 0]
    assert np.isnan(found.per_digit[3:]).all()
    assert found.pairs[1, 0] == 2
    assert found.pairs[1, 1] == -2
    assert np.count_nonzero(found.pairs) == 2
    # 0 and 1: the ones are lost, 2 of 4.  1 and 2: outputs (-1, -2) still say 1, (-5, 2) say 2.
    expected = [[0, 0.5, 0], [0.5, 0, 0], [0, 0, 0]]
    assert found.pair_falls[:3, :3].tolist() == expected
    assert np.isnan(found.pair_falls[3:, 3:][~np.eye(7, dtype=bool)]).all()


def test_two_neurons_at_once_and_none() -> None:
    responses = TELLING.forward(IMAGES)
    both = ablation(TELLING, responses, LABELS, [(1, 0), (1, 1)], "zero")
    # Nothing is told apart: all are read 0.
    assert both.after.accuracy == pytest.approx(0.4)
    none = ablation(TELLING, responses, LABELS, [])
    assert none.after.accuracy == 1
    assert without(TELLING, responses, []) == TELLING


def test_an_output_held_at_its_mean_has_that_pre_activation() -> None:
    responses = TELLING.forward(IMAGES)
    changed = without(TELLING, responses, [(2, 1)])
    assert changed.forward(IMAGES).logits[:, 1] == pytest.approx(responses.logits[:, 1].mean())
    assert changed.provenance["without"] == "2.1 at mean"


def random_network(seed: int, activation: str) -> tuple[Network, DigitSet]:
    rng = np.random.default_rng(seed)
    network = Network.random((12, 6, 5, 10), activation, seed=seed)
    layers = [
        Layer(3 * each.weights, rng.normal(size=each.size), activation) for each in network.layers
    ]
    labels = np.r_[np.arange(10), rng.integers(0, 10, 50)]
    return Network(tuple(layers)), DigitSet(rng.random((60, 12)), labels)


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.sampled_from(sorted(ACTIVATIONS)), st.sampled_from(REPLACEMENTS)
)
def test_the_neurons_of_a_network_without_them_always_answer_that(
    seed: int, activation: str, replacement: Literal["mean", "zero"]
) -> None:
    network, digits = random_network(seed, activation)
    responses = network.forward(digits.images)
    which = [(1, 2), (2, 0), (2, 3)]
    changed = without(network, responses, which, replacement)
    answers = changed.forward(digits.images)
    if activation not in ("softmax", "gelu", "gelu_tanh", "silu"):
        for layer, index in which:
            before = responses.activations[layer - 1][:, index]
            expected = before.mean() if replacement == "mean" else 0
            now = answers.activations[layer - 1][:, index]
            assert np.ptp(now) == 0
            assert now[0] == pytest.approx(expected, abs=1e-6)
    # What is above sees those answers, whether the neuron gives them or the layer above does.
    for layer in (2, 3):
        a = answers.activations[layer - 2].astype(np.float64)
        for at, index in which:
            if at == layer - 1:
                held = responses.activations[at - 1][:, index].mean(dtype=np.float64)
                a[:, index] = held if replacement == "mean" else 0
        z = a @ network.layers[layer - 1].weights.T.astype(np.float64)
        z += network.layers[layer - 1].biases
        free = [i for i in range(network.sizes[layer]) if (layer, i) not in which]
        assert answers.pre_activations[layer - 1][:, free] == pytest.approx(z[:, free], abs=1e-4)


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.sampled_from(sorted(ACTIVATIONS)), st.sampled_from(REPLACEMENTS)
)
def test_figures_are_those_of_a_full_evaluation_of_the_changed_network(
    seed: int, activation: str, replacement: Literal["mean", "zero"]
) -> None:
    network, digits = random_network(seed, activation)
    scorer = Scorer(digits)
    before = scorer.update(network)
    responses = scorer.responses
    found = ablations(network, responses, digits.labels, replacement)
    useful = usefulness(network, responses, digits.labels, replacement=replacement)
    rng = np.random.default_rng(seed)
    for layer in (1, 2, 3):
        index = int(rng.integers(network.sizes[layer]))
        after = score(without(network, responses, [(layer, index)], replacement), digits)
        one = found[layer - 1]
        assert one.falls[index] == pytest.approx(before.accuracy - after.accuracy)
        assert one.falls[index] == useful.of(layer, index)
        expected = before.per_digit - after.per_digit
        assert one.per_digit[index] == pytest.approx(expected, abs=1e-6)
    which = [(1, 0), (2, 1), (3, 4), (3, 5)][: int(rng.integers(1, 5))]
    several = ablation(network, responses, digits.labels, which, replacement)
    changed = without(network, responses, which, replacement)
    after = score(changed, digits)
    assert np.array_equal(several.after.predictions, after.predictions)
    assert np.array_equal(several.pairs, after.confusion - before.confusion)
    z0, z1 = (
        ranking(logits, activation)
        for logits in (responses.logits, changed.forward(digits.images).logits)
    )
    one, other = sorted(rng.choice(10, 2, replace=False).tolist())
    mine = np.isin(digits.labels, (one, other))
    right = [
        np.mean(np.where(z[mine, other] > z[mine, one], other, one) == digits.labels[mine])
        for z in (z0, z1)
    ]
    assert several.pair_falls[one, other] == pytest.approx(right[0] - right[1])
    assert np.array_equal(several.pair_falls, several.pair_falls.T)


def test_a_wide_layer_is_measured_alike() -> None:
    network = Network.random((12, 70, 10), "relu", seed=3)
    rng = np.random.default_rng(3)
    digits = DigitSet(rng.random((50, 12)), np.arange(50) % 10)
    responses = network.forward(digits.images)
    found = ablations(network, responses, digits.labels, "zero")[0]
    whole = np.mean(responses.predictions == digits.labels)
    for index in (0, 33, 69):
        after = score(without(network, responses, [(1, index)], "zero"), digits)
        assert found.falls[index] == pytest.approx(whole - after.accuracy)


def test_what_two_digits_need() -> None:
    found = pair_needs(TELLING, TELLING.forward(IMAGES), LABELS, 1, 0, "zero")
    assert found.accuracy == 1
    assert [falls.tolist() for falls in found.falls] == [[0.5, 0], [0, 0, 0]]
    assert found.most(1) == [(1, 0, 0.5)]


@given(st.integers(0, 2**32 - 1), st.sampled_from(sorted(ACTIVATIONS)))
@settings(max_examples=15, deadline=None)
def test_what_two_digits_need_is_the_fall_of_their_pair(seed: int, activation: str) -> None:
    network, digits = random_network(seed, activation)
    responses = network.forward(digits.images)
    found = pair_needs(network, responses, digits.labels, 4, 9)
    for layer, index in ((1, 1), (2, 2), (3, 4), (3, 0)):
        alone = ablation(network, responses, digits.labels, [(layer, index)])
        assert found.falls[layer - 1][index] == pytest.approx(alone.pair_falls[4, 9])


def test_broken_networks_give_figures_all_the_same() -> None:
    broken = TELLING.with_layer(1, weights=[[np.nan, np.inf], [1, 1]])
    with np.errstate(all="ignore"):
        responses = broken.forward(IMAGES)
    with np.errstate(all="raise"):
        found = ablation(broken, responses, LABELS, [(1, 0)], "zero")
        each = ablations(broken, responses, LABELS)
        needs = pair_needs(broken, responses, LABELS, 0, 1)
        # With its weights gone what is not a number is gone as well.
        healed = without(broken, responses, [(1, 0)], "zero").forward(IMAGES)
    assert np.isfinite(healed.logits).all()
    assert np.isfinite(found.after.accuracy)
    assert all(np.isfinite(one.falls).all() for one in each)
    assert all(np.isfinite(falls).all() for falls in needs.falls)


def test_arguments_are_checked() -> None:
    responses = TELLING.forward(IMAGES)
    with pytest.raises(ValueError, match=r"neuron: expected 1.0 to 1.1; got 1.2"):
        without(TELLING, responses, [(1, 2)])
    with pytest.raises(ValueError, match="neurons: expected pairs"):
        without(TELLING, responses, [1])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="replacement: expected mean or zero"):
        ablation(TELLING, responses, LABELS, [(1, 0)], "half")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="labels: expected shape"):
        ablations(TELLING, responses, LABELS[1:])
    with pytest.raises(ValueError, match="labels: expected whole numbers, 0 to 255"):
        ablation(TELLING, responses, LABELS + 255, [])
    with pytest.raises(ValueError, match="responses: expected those of"):
        ablations(TELLING, Network.blank((2, 2)).forward(IMAGES), LABELS)
    with pytest.raises(ValueError, match="one: expected a digit that there are some of; got 1"):
        pair_needs(TELLING, responses, np.zeros(5, int), 1, 0)
    with pytest.raises(ValueError, match="other: expected another digit"):
        pair_needs(TELLING, responses, LABELS, 1, 1)
    wide = Network.blank((2, 257))
    with pytest.raises(ValueError, match="network: expected at most 256 outputs; got 257"):
        ablation(wide, wide.forward(IMAGES), LABELS, [])


@pytest.mark.mnist
def test_on_ten_thousand_digits_every_figure_is_exact_within_a_second(mnist_folder: Path) -> None:
    digits = open_digits(str(mnist_folder))
    network = open_network("mnist-sigmoid")
    scorer = Scorer(digits)
    before, responses = scorer.update(network), scorer.responses
    start = time.process_time()
    found = {each: ablations(network, responses, digits.labels, each) for each in REPLACEMENTS}
    assert time.process_time() - start < 1
    for replacement, layer, index in (("mean", 1, 3), ("zero", 2, 5), ("mean", 3, 9)):
        changed = without(network, responses, [(layer, index)], replacement)  # type: ignore[arg-type]
        after = score(changed, digits)
        assert found[replacement][layer - 1].falls[index] == before.accuracy - after.accuracy  # type: ignore[index]
