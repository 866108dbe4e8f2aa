from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.analysis import usefulness, weighted_sums
from toolkit.digits import DigitSet, generate, open_digits
from toolkit.edits import SetBias, SetWeights
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


def same_bits(one: Scorer, other: Scorer) -> None:
    """Assert that two scorers hold the same numbers, bit for bit; any NaN is as good as another."""
    assert one.score is not None
    assert other.score is not None
    np.testing.assert_array_equal(one.score.predictions, other.score.predictions)
    kept = [each._pass for each in (one, other)]
    assert kept[0] is not None
    assert kept[1] is not None
    # The sums before they are rounded to float32, which hides most of what could go wrong in them.
    np.testing.assert_array_equal(kept[0].first._sums, kept[1].first._sums)
    for kind in ("pre_activations", "activations"):
        pairs = zip(getattr(one.responses, kind), getattr(other.responses, kind), strict=True)
        for ours, theirs in pairs:
            a, b = (np.where(np.isnan(each), np.float32(np.nan), each) for each in (ours, theirs))
            np.testing.assert_array_equal(a.view(np.uint32), b.view(np.uint32))


def scored(network: Network, digits: DigitSet = DIGITS) -> Scorer:
    scorer = Scorer(digits)
    scorer.update(network)
    return scorer


SIZES = (784, 5, 4, 10)
WIDE = (784, 66, 4, 10)  # its second layer is kept
LARGEST = float(np.finfo(np.float32).max)
WEIGHTS = st.one_of(
    st.floats(-3, 3, width=32),
    st.sampled_from([0.0, -0.0, 1e-45, -1e-40, 1e-30, 1e-11, 1e11, 1e30, LARGEST, -LARGEST]),
)


@st.composite
def networks_one_edit_apart(draw: st.DrawFn, network: Network) -> Network:
    """Return a network that differs from another as an edit, a file or a scaling makes it."""
    layer = draw(st.integers(1, 3))
    inputs, size = network.sizes[layer - 1 : layer + 1]
    neuron = draw(st.integers(0, size - 1))
    today = network.layer(layer)
    match draw(
        st.sampled_from(["stroke", "stroke", "clear", "scale", "broken", "bias", "function"])
    ):
        case "stroke":
            cells = draw(st.lists(st.integers(0, inputs - 1), unique=True, max_size=30))
            values = draw(st.lists(WEIGHTS, min_size=len(cells), max_size=len(cells)))
            return SetWeights(layer, neuron, tuple(cells), tuple(values)).apply(network)
        case "bias":
            return SetBias(layer, neuron, draw(WEIGHTS)).apply(network)
        case "function":
            return network.with_layer(layer, activation=draw(st.sampled_from(list(ACTIVATIONS))))
    weights = today.weights.copy()
    match draw(st.sampled_from(["clear", "scale", "broken"])):
        case "clear":
            weights[neuron] = 0
        case "scale":
            with np.errstate(over="ignore", under="ignore", invalid="ignore"):
                weights[neuron] *= np.float32(2.0 ** draw(st.integers(-140, 120)))
        case "broken":
            cell = draw(st.integers(0, inputs - 1))
            weights[neuron, cell] = draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    return network.with_layer(layer, weights=weights)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_an_updated_score_is_a_full_forward_pass_bit_for_bit(data: st.DataObject) -> None:
    sizes = data.draw(st.sampled_from([SIZES, WIDE]))
    network = Network.random(sizes, data.draw(st.sampled_from(list(ACTIVATIONS))), seed=1)
    if data.draw(st.booleans()):
        network = Network.blank(sizes)
    scorer, seen = scored(network), [network]
    for _ in range(data.draw(st.integers(1, 6))):
        if data.draw(st.integers(0, 3)) == 0:
            network = data.draw(st.sampled_from(seen))  # undo, redo, a jump
        else:
            network = data.draw(networks_one_edit_apart(network))
        seen.append(network)
        scorer.update(network)
    same_bits(scorer, scored(network))


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_twins_share_what_is_the_same_and_know_nothing_of_each_other(data: st.DataObject) -> None:
    sizes = data.draw(st.sampled_from([SIZES, WIDE]))
    start = Network.random(sizes, data.draw(st.sampled_from(list(ACTIVATIONS))), seed=1)
    origin = scored(start)
    networks, twins = [start, start], [origin.fork(), origin.fork()]
    assert [twin.bytes for twin in twins] == [0, 0]
    for _ in range(data.draw(st.integers(1, 5))):
        which = data.draw(st.integers(0, 1))
        networks[which] = data.draw(networks_one_edit_apart(networks[which]))
        twins[which].update(networks[which])
    for twin, network in zip(twins, networks, strict=True):
        same_bits(twin, scored(network))
    same_bits(origin, scored(start))


def test_a_stroke_on_a_wide_network_costs_its_row_and_the_layers_behind_it() -> None:
    start = Network.random((784, 256, 128, 10))
    origin = scored(start)
    twin = origin.fork()
    twin.update(SetWeights(1, 3, (400,), (5.0,)).apply(start))
    n, points = len(DIGITS), 8 * 256  # each neuron's fixed point
    numbers = 256 + 128  # activations, and of the second layer pre-activations
    assert twin.bytes == 4 * n * numbers + 8 * (n + 784) + points
    assert origin.bytes == 4 * n * numbers + 256 * 8 * (n + 784) + points
    other = origin.fork()
    other.update(SetWeights(3, 3, (100,), (5.0,)).apply(start))
    assert other.bytes == 4 * n * 128, "of an edit of the last layer what goes into it, for more"
    other.activations(2)
    assert other.bytes == 4 * n * 128


def test_a_twin_s_new_fixed_point_is_not_the_other_s() -> None:
    """A weight of 40 million coarsens a neuron's fixed point; its twin's sums were finer."""
    few = np.zeros((5, 784), np.float32)
    few[:, 300:400] = np.random.default_rng(1).normal(size=(5, 100))
    start = Network.random(SIZES, seed=1).with_layer(1, weights=few)
    coarse = SetWeights(1, 3, (350,), (4e7,)).apply(start)
    origin = scored(start)
    one, other = origin.fork(), origin.fork()
    for twin in (one, other, origin.fork()):
        twin.update(coarse)
        same_bits(twin, scored(coarse))
    same_bits(origin, scored(start))


def test_who_only_looks_pays_nothing() -> None:
    """Of all that grows with neurons or digits, a twin makes nothing until it is changed."""
    start, same = (Network.random((784, 1024, 10)) for _ in range(2))
    origin = scored(start)
    references = 2 * 1024 * 8  # the lists of what is shared
    tracemalloc.start()
    try:
        twin = origin.fork()
        twin.update(same)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert twin.bytes == 0
    assert held < references + 4000, held


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_one_neuron_s_pre_activations_are_those_of_its_layer(activation: str) -> None:
    scorer = scored(Network.random(SIZES, activation, seed=5))
    for layer, size in enumerate(SIZES[1:], 1):
        for index in range(size):
            one, all_of_them = (
                scorer.pre_activation(layer, index),
                scorer.responses.pre_activations[layer - 1],
            )
            np.testing.assert_allclose(one, all_of_them[:, index], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_a_huge_bias_leaves_the_sums_as_they_are(layer: int) -> None:
    network = Network.random(SIZES, seed=5)
    before = scored(network).weighted_sum(layer, 2)
    np.testing.assert_allclose(before, scored(network).pre_activation(layer, 2), atol=1e-5)
    scorer = scored(SetBias(layer, 2, 1e8).apply(network))
    np.testing.assert_array_equal(scorer.weighted_sum(layer, 2), before)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_score_is_what_the_network_s_own_forward_pass_says(activation: str) -> None:
    network = Network.random(activations=activation, seed=8)
    scorer, trace = scored(network), network.forward(DIGITS.images)
    for kind in ("pre_activations", "activations"):
        for ours, theirs in zip(getattr(scorer.responses, kind), getattr(trace, kind), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    assert scorer.score is not None
    np.testing.assert_array_equal(scorer.score.predictions, trace.predictions)


@pytest.mark.parametrize("power", [-120, -36, -10, 10, 36, 90])
def test_the_same_function_in_other_units_has_the_same_score(power: int) -> None:
    # ReLU(k x) / k is ReLU(x).
    network = Network.random((784, 16, 10), ("relu", "identity"), seed=8)
    first, second = network.layers
    factor = np.float32(2.0**power)
    scaled = network.with_layer(1, weights=first.weights * factor).with_layer(
        2, weights=second.weights / factor
    )
    one, other = scored(network).responses, scored(scaled).responses
    np.testing.assert_allclose(one.logits, other.logits, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(one.predictions, other.predictions)


def test_a_huge_weight_on_a_pixel_that_is_never_lit_hides_no_other() -> None:
    network = Network.random(seed=8)
    dark = int(np.flatnonzero(DIGITS.brightest == 0)[0])
    edited = SetWeights(1, 3, (dark,), (LARGEST,)).apply(network)
    same_bits(scored(edited), scored(network))


def test_a_single_painted_cell_read_by_hand() -> None:
    pixels = np.zeros((2, 784), np.uint8)
    pixels[1, 5] = 51  # 0.2
    digits = DigitSet(pixels, np.uint8([0, 3]))
    network = Network((Layer(np.zeros((10, 784)), np.zeros(10), "identity"),))
    scorer = Scorer(digits)
    assert scorer.update(network).predictions.tolist() == [0, 0]
    network = SetWeights(1, 3, (5,), (2.0,)).apply(network)
    assert scorer.update(network).predictions.tolist() == [0, 3]
    assert scorer.responses.pre_activations[0][1, 3] == np.float32(0.4)


def test_weights_that_are_not_numbers_do_not_linger() -> None:
    network = Network.random()
    scorer = scored(network)
    broken = network.with_layer(1, weights=np.where(np.eye(16, 784), np.nan, 1).astype(np.float32))
    # Where every output is NaN the first wins, as NumPy's argmax has it.
    assert scorer.update(broken).predictions.tolist() == [0] * 300
    assert np.isnan(scorer.responses.pre_activations[0]).any()
    scorer.update(network)
    same_bits(scorer, scored(network))


@pytest.mark.parametrize("size", [1e-40, 1e-20, 1.0, 1e20, LARGEST])
@pytest.mark.parametrize("weights_before", [784, 100, 0])
def test_painting_of_any_size_and_undoing_it_leaves_no_trace(
    size: float, weights_before: int
) -> None:
    network = Network.random(seed=4)
    weights = network.layer(1).weights.copy()
    weights[2, np.random.default_rng(1).permutation(784)[weights_before:]] = 0
    network = network.with_layer(1, weights=weights)
    scorer = scored(network)
    rng = np.random.default_rng(0)
    for _ in range(5):
        cells = tuple(rng.choice(784, 25, replace=False).tolist())
        values = tuple((size * rng.uniform(-1, 1, 25)).tolist())
        painted = SetWeights(1, 2, cells, values).apply(network)
        scorer.update(painted)
        same_bits(scorer, scored(painted))
        scorer.update(network)
        same_bits(scorer, scored(network))


def test_an_output_that_is_not_a_number_wins() -> None:
    network = Network.random(seed=2)
    broken = network.with_layer(3, biases=[0, 0, 0, 0, np.nan, 0, np.inf, np.nan, 0, 0])
    assert set(scored(broken).score.predictions) == {4}  # type: ignore[union-attr]
    assert set(broken.forward(DIGITS.images).predictions) == {4}


def test_what_did_not_change_is_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network.random()
    scorer = scored(network)
    # Neither a network's hash, nor a layer that is the same object, nor one of the same numbers.
    monkeypatch.setattr(Network, "checksum", property(lambda _: pytest.fail("hashed")))
    monkeypatch.setattr(np, "matmul", lambda *_, **__: pytest.fail("a later layer ran"))
    assert scorer.update(network.renamed("other")) is scorer.score
    alike = network.with_layer(2, weights=network.layer(2).weights.copy())
    assert scorer.update(alike) is scorer.score


def test_responses_are_those_of_the_last_network_and_read_only() -> None:
    scorer = Scorer(DIGITS)
    with pytest.raises(ValueError, match="expected a network first"):
        _ = scorer.responses
    network = Network.random((784, 6, 10), ("relu", "softmax"), seed=2)
    scorer.update(network)
    found, trace = scorer.responses, network.forward(DIGITS.images)
    assert [z.shape for z in found.pre_activations] == [(300, 6), (300, 10)]
    np.testing.assert_allclose(found.outputs.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(found.predictions, trace.predictions)
    with pytest.raises(ValueError, match="read-only"):
        found.pre_activations[0][0, 0] = 1
    scorer.update(network.with_layer(2, activation="identity"))
    np.testing.assert_array_equal(scorer.responses.outputs, scorer.responses.logits)


@pytest.mark.parametrize("sizes", [(784, 10), (784, 6, 10), (784, 6, 5, 10), (784, 20, 5, 10)])
def test_what_was_asked_for_before_an_edit_is_that_of_the_network_after_it(
    sizes: tuple[int, ...],
) -> None:
    network = Network.random(sizes, "tanh", seed=3)
    scorer = scored(network)
    for layer in range(1, len(sizes)):
        assert scorer.responses.logits.shape == (300, 10)  # from now on they are kept
        network = SetBias(layer, 1, 2.5).apply(network)
        network = SetWeights(layer, 0, (0, 3), (1.5, -2.0)).apply(network)
        scorer.update(network)
        same_bits(scorer, scored(network))


def test_analysis_takes_a_scorer_s_responses_as_it_takes_a_trace() -> None:
    network = Network.random((784, 6, 5, 10), seed=2)
    network = network.with_layer(1, biases=np.linspace(-2, 2, 6))
    responses, trace = scored(network).responses, network.forward(DIGITS.images)
    for layer in (1, 2, 3):
        ours, theirs = (
            weighted_sums(network, each, DIGITS.labels, layer, 4, limits=(-9, 9), bins=3)
            for each in (responses, trace)
        )
        np.testing.assert_array_equal(ours.counts, theirs.counts)
    ours, theirs = (usefulness(network, each, DIGITS.labels) for each in (responses, trace))
    for mine, other in zip(ours.falls, theirs.falls, strict=True):
        np.testing.assert_allclose(mine, other, atol=0.004)  # one digit of 300, at a near tie


def test_a_network_of_another_shape_is_refused_and_the_scorer_goes_on() -> None:
    scorer = Scorer(DIGITS)
    with pytest.raises(ValueError, match="expected 784 inputs"):
        scorer.update(Network.blank((64, 10)))
    assert scorer.update(Network.blank()).accuracy == pytest.approx(0.1, abs=0.02)


def test_a_set_of_no_digits_has_a_score_of_nothing() -> None:
    found = score(Network.random(), DIGITS.subset(slice(0)))
    assert found.images == 0
    assert np.isnan(found.accuracy)


@pytest.mark.mnist
def test_on_ten_thousand_real_digits(mnist_folder: Path) -> None:
    digits, network = open_digits(mnist_folder, "test"), Network.random(seed=2)
    found = score(network, digits)
    assert found.images == 10_000
    np.testing.assert_array_equal(found.predictions, network.forward(digits.images).predictions)


@pytest.mark.mnist
def test_a_tiny_first_layer_under_a_huge_second_scores_as_it_reads(mnist_folder: Path) -> None:
    from toolkit.shipped import open_network

    digits, network = open_digits(mnist_folder, "test"), open_network("mnist-relu")
    first, second = network.layers[:2]
    scaled = network.with_layer(
        1, weights=first.weights * 1e-11, biases=first.biases * 1e-11
    ).with_layer(2, weights=second.weights * 1e11)
    assert score(scaled, digits).accuracy == pytest.approx(0.9719, abs=0.0005)
    assert np.mean(scaled.forward(digits.images).predictions == digits.labels) == pytest.approx(
        score(scaled, digits).accuracy, abs=0.0003
    )
