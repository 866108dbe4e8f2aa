"""What a file leaves open is found by trying."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest

from toolkit import shipped
from toolkit.digits import DigitSet, load_drawn
from toolkit.formats import NetworkFileError
from toolkit.formats.meaning.interpretation import (
    INPUT_MAPS,
    Chosen,
    interpret,
    possibilities,
)
from toolkit.formats.meaning.pixels import PIXELS
from toolkit.formats.meaning.reading import RawLayer, Reading
from toolkit.formats.meaning.trying import Tried, best, tried
from toolkit.formats.meaning.ways import Way
from toolkit.grid import Grid
from toolkit.network import Layer, Network

DIGITS = load_drawn(1500, seed=4)
SIGMOID = shipped.open_network("mnist-sigmoid")
RELU = shipped.open_network("mnist-relu")


def as_trained_on(network: Network, scale: float, shift: float) -> Network:
    """Return the network as it would be, had it been fed ``scale * x + shift``."""
    first = network.layers[0]
    weights = first.weights.astype(np.float64) / scale
    biases = first.biases - shift * weights.sum(axis=1)
    return Network((Layer(weights, biases, first.activation), *network.layers[1:]))


def raw(network: Network, *, inputs_first: bool = False, silent: bool = True) -> Reading:
    return Reading(
        "test file",
        tuple(
            RawLayer(
                layer.weights.T if inputs_first else layer.weights,
                layer.biases,
                None if silent else layer.activation,
                None if silent else inputs_first,
                f"dense_{number}",
            )
            for number, layer in enumerate(network.layers)
        ),
    )


@pytest.mark.parametrize("network", [SIGMOID, RELU], ids=["sigmoid", "relu"])
@pytest.mark.parametrize("inputs_first", [False, True])
def test_orientation_and_activations_are_found(network: Network, inputs_first: bool) -> None:
    found = interpret(raw(network, inputs_first=inputs_first), DIGITS)
    assert found.network == network
    assert found.inputs_first == inputs_first
    assert found.input == "pixels from 0 to 1"
    assert found.accuracy == np.mean(network.forward(DIGITS.images).predictions == DIGITS.labels)


@pytest.mark.parametrize("name", INPUT_MAPS)
@pytest.mark.parametrize("dark", [False, True])
def test_the_scaling_of_pixels_is_found_and_folded_into_the_first_layer(
    name: str, dark: bool
) -> None:
    scale, shift = INPUT_MAPS[name]
    if dark:
        scale, shift = -scale, scale + shift
    ways = possibilities(raw(as_trained_on(SIGMOID, scale, shift)), DIGITS)
    found = ways[0]
    assert found.input == (f"{name}, ink dark" if dark else name)
    expected, got = SIGMOID.forward(DIGITS.images), found.network.forward(DIGITS.images)
    np.testing.assert_allclose(got.outputs, expected.outputs, atol=2e-3)
    others = [way.accuracy for way in ways[1:]]
    assert others == sorted(others, reverse=True)
    if name != "pixels from 0 to 1" or dark:
        assert name in found.network.provenance["first layer"]


def test_what_the_file_says_is_not_second_guessed() -> None:
    (only,) = possibilities(
        Reading("test", raw(RELU, silent=False).layers, input_map=(1.0, 0.0)), DIGITS
    )
    assert only.network == RELU
    stated = Reading("test", raw(RELU, silent=False).layers, input_map=(2.5, -0.5))
    (only,) = possibilities(stated, DIGITS)
    assert "2.5 × pixel -0.5" in only.input


def test_folding_worked_by_hand() -> None:
    layer = RawLayer(np.float32([[1, 2], [3, -1]]), np.float32([10, 20]), "identity", False)
    found = interpret(Reading("test", (layer,), input_map=(4.0, -1.0)))
    # W(4x − 1) + b = 4Wx + (b − W·1)
    np.testing.assert_array_equal(found.network.layers[0].weights, [[4, 8], [12, -4]])
    np.testing.assert_array_equal(found.network.layers[0].biases, [10 - 3, 20 - 2])


def test_without_digits_conventions_decide_and_no_accuracy_is_claimed() -> None:
    found = interpret(raw(RELU))
    assert found.network == RELU
    assert found.accuracy is None


def test_missing_biases_are_zero() -> None:
    layer = RawLayer(np.ones((3, 2), np.float32), None, "relu", False)
    assert not interpret(Reading("test", (layer,))).network.layers[0].biases.any()


def test_a_network_for_smaller_pictures_is_tried_on_smaller_digits() -> None:
    small = DIGITS.fitted(Grid(8, 8))
    means = np.stack([small.images[small.labels == c].mean(0) for c in range(10)])
    network = Network((Layer(means, -0.5 * (means**2).sum(1), "softmax"),))
    found = interpret(raw(network), DIGITS)
    assert found.network.sizes == (64, 10)
    assert found.accuracy is not None
    assert found.accuracy > 0.5


def test_layers_that_do_not_follow_one_another_are_named() -> None:
    layers = (
        RawLayer(np.zeros((5, 4), np.float32), None, name="hidden"),
        RawLayer(np.zeros((3, 7), np.float32), None, name="head"),
    )
    with pytest.raises(NetworkFileError, match=r"hidden: 5 × 4, head: 3 × 7"):
        interpret(Reading("test", layers))


def test_resizing_digits_keeps_their_ink() -> None:
    for shape in ((8, 8), (14, 14), (64, 64), (20, 35)):
        other = DIGITS.resized(*shape)
        assert other.pixels.shape[1] == shape[0] * shape[1]
        np.testing.assert_allclose(
            other.images.mean(1), DIGITS.images.mean(1), atol=0.004, err_msg=str(shape)
        )
    assert DIGITS.resized(28, 28) is DIGITS
    by_hand = DigitSet(np.uint8([[0, 100, 200, 40]]), np.uint8([0])).resized(1, 1)
    assert by_hand.pixels.tolist() == [[85]]


def test_the_most_usual_of_those_that_read_about_as_well_is_taken_and_the_rest_is_said() -> None:
    # ReLU networks scale freely: without biases, pixels from 0 to 255 read every digit the same.
    layers = tuple(RawLayer(each.weights, None, None, False) for each in RELU.layers)
    ways = possibilities(Reading("test", layers), DIGITS, chosen=Chosen(hidden=("relu",)))
    assert ways[0].input == "pixels from 0 to 1"
    (same,) = (
        way for way in ways
        if way.input == "pixels from 0 to 255" and way.activations == ways[0].activations
    )  # fmt: skip
    assert same.accuracy == ways[0].accuracy
    (note,) = (each for each in ways[0].notes if "pixels" in each)
    assert "pixels from 0 to 1 was taken; pixels from 0 to 255 reads as many" in note


def test_ink_where_training_had_none_does_not_decide_and_who_reads_far_less_is_not_taken() -> None:
    # As a pixel over the deviation of nearly nothing: a few digits' sums are a thousandfold.
    corner = RELU.layers[0].weights.copy()
    corner[:, 0] = 1e4 * np.sign(np.random.default_rng(1).normal(size=len(corner)))
    network = Network((Layer(corner, RELU.layers[0].biases, "relu"), *RELU.layers[1:]))
    pixels = DIGITS.pixels.copy()
    pixels[::150, 0] = 255
    inked = DigitSet(pixels, DIGITS.labels)
    way = Way(False, Grid(28, 28), ("relu", "relu", "softmax"), PIXELS["unit"])
    (usual,), (some,) = (
        tried(raw(network), [(0, way)], digits, ends_open=False) for digits in (DIGITS, inked)
    )
    assert some.accuracy < usual.accuracy
    assert some.loss == pytest.approx(usual.loss, rel=0.05)
    one = Way(False, Grid(28, 28), ("relu", "softmax"), PIXELS["unit"])
    other = replace(one, activations=("tanh", "softmax"))
    assert best([Tried(one, 0, 0.9, 1.2), Tried(other, 0, 0.7, 1.0)], raw(RELU)) == 0
    assert best([Tried(one, 0, 0.9, 1.2), Tried(other, 0, 0.89, 1.0)], raw(RELU)) == 1
    assert best([Tried(one, 0, 0.38, 1.2), Tried(other, 0, 0.25, 1.0)], raw(RELU)) == 0


def test_functions_mixed_by_layer_are_found() -> None:
    # tanh(z) = 2 sigmoid(2z) − 1, so that the shipped network is one of tanh, then sigmoid.
    first, second, third = SIGMOID.layers
    halved = Layer(first.weights / 2, first.biases / 2, "tanh")
    above = Layer(second.weights / 2, second.biases + second.weights.sum(axis=1) / 2, "sigmoid")
    mixed = Network((halved, above, third))
    np.testing.assert_allclose(
        mixed.forward(DIGITS.images).logits, SIGMOID.forward(DIGITS.images).logits, atol=1e-3
    )
    found = interpret(raw(mixed), DIGITS)
    assert found.activations == ("tanh", "sigmoid", "sigmoid")
    assert found.accuracy == interpret(raw(SIGMOID), DIGITS).accuracy


def test_outputs_are_what_says_best_how_likely_each_digit_is_and_the_others_are_offered() -> None:
    for network, taken in ((SIGMOID, "sigmoid"), (RELU, "softmax")):
        ways = possibilities(raw(network), DIGITS)
        hidden = network.activations[:-1]
        assert [way.activations for way in ways[:3]] == [
            (*hidden, taken),
            *((*hidden, name) for name in ("softmax", "sigmoid", "identity") if name != taken),
        ]
        assert len({way.accuracy for way in ways[:3]}) == 1


def test_one_output_is_no_softmax() -> None:
    layer = RawLayer(np.ones((1, 4), np.float32), None, None, False)
    assert interpret(Reading("test", (layer,)), DIGITS).activations == ("sigmoid",)


def test_a_normalisation_stands_before_the_function_or_after_as_trial_says() -> None:
    rng = np.random.default_rng(3)
    first, second, third = RELU.layers
    scale, shift = rng.uniform(0.5, 2, 16), rng.normal(0, 1, 16)
    norm = (scale, shift)
    before = RawLayer(
        first.weights / scale[:, None].astype(np.float32),
        ((first.biases - shift) / scale).astype(np.float32), None, False, norm=norm,
    )  # fmt: skip
    above = second.weights / scale
    after = RawLayer(
        above.astype(np.float32), (second.biases - above @ shift).astype(np.float32), None, False
    )
    rest = [RawLayer(each.weights, each.biases, None, False) for each in (first, second, third)]
    top = third.weights / scale
    last = RawLayer(
        top.astype(np.float32), (third.biases - top @ shift).astype(np.float32), None, False
    )
    between = RawLayer(second.weights, second.biases, None, False, norm=norm)
    plain = RELU.forward(DIGITS.images).logits
    for place, layers in (
        ("before", (before, rest[1], rest[2])),
        ("after", (RawLayer(first.weights, first.biases, None, False, norm=norm), after, rest[2])),
        ("before, then after", (before, between, last)),
    ):
        found = interpret(Reading("test", layers), DIGITS)
        assert found.activations[:2] == ("relu", "relu")
        np.testing.assert_allclose(
            found.network.forward(DIGITS.images).logits, plain, rtol=1e-3, atol=1e-3
        )
        assert f"normalised {place} the functions" in found.summary


def test_what_reads_nothing_is_said_to_be_a_guess_and_taken_as_usual() -> None:
    found = interpret(raw(Network.random((784, 16, 10), seed=2)), DIGITS)
    assert found.activations == ("relu", "softmax")
    assert found.input == "pixels from 0 to 1"
    assert "no way to understand it reads more than" in found.guess
    assert not interpret(raw(SIGMOID), DIGITS).guess
    last = RELU.layers[-1]
    mostly_0 = replace(last, biases=last.biases + np.float32([18, *[0] * 9]))
    halfway = interpret(raw(Network((*RELU.layers[:-1], mostly_0))), DIGITS)
    assert halfway.accuracy is not None
    assert 0.4 < halfway.accuracy < 0.8
    assert "no way to understand it reads more than" in halfway.guess
    untried = interpret(raw(RELU))
    assert "no digits to try it on" in untried.guess
    assert untried.guess in untried.notes[0]


def test_a_network_of_scikit_learn_s_digits_is_fed_0_to_16_and_digits_that_fill_its_grid() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    neural = pytest.importorskip("sklearn.neural_network")
    images, labels = datasets.load_digits(return_X_y=True)
    learned = neural.MLPClassifier((32,), max_iter=25, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would learn on
        learned.fit(images, labels)
    layers = tuple(
        RawLayer(weights.astype(np.float32), biases.astype(np.float32), None, True)
        for weights, biases in zip(learned.coefs_, learned.intercepts_, strict=True)
    )
    found = interpret(Reading("test", layers), DIGITS)
    assert found.input == "pixels from 0 to 16"
    assert found.activations == ("relu", "softmax")
    assert found.grid == Grid(8, 8)
    got = found.network.forward(images[:200] / 16).outputs
    np.testing.assert_allclose(got, learned.predict_proba(images[:200]), atol=1e-5)
    assert found.accuracy is not None
    assert found.accuracy > 0.4
    resized = DIGITS.resized(8, 8)
    before = found.network.forward(resized.images).predictions == resized.labels
    assert found.accuracy > 2 * before.mean()


@pytest.mark.parametrize("last", [False, True])
def test_three_channels_are_three_pictures_one_under_another(last: bool) -> None:
    rng = np.random.default_rng(0)
    first = RELU.layers[0]
    shares = rng.dirichlet([2, 2, 2], size=first.weights.shape).astype(np.float32)
    split = first.weights[..., None] * shares  # (neurons, pixels, channels)
    weights = split if last else split.swapaxes(1, 2)
    layers = (
        RawLayer(weights.reshape(16, 2352), first.biases, None, False),
        *(RawLayer(each.weights, each.biases, None, False) for each in RELU.layers[1:]),
    )
    found = interpret(Reading("test", layers), DIGITS)
    assert found.way.channels_last == last
    assert found.grid == Grid(84, 28)
    assert "shown one under another" in found.summary
    maps = found.network.layers[0].weights.reshape(16, 3, 784)
    np.testing.assert_array_equal(maps, split.swapaxes(1, 2))
    laid = DIGITS.fitted(found.grid)
    np.testing.assert_allclose(
        found.network.forward(laid.images).logits, RELU.forward(DIGITS.images).logits, atol=1e-2
    )


@pytest.mark.parametrize("outputs", [2, 26])
def test_a_network_of_other_outputs_than_the_digits_have_classes_is_not_tried(outputs: int) -> None:
    found = interpret(raw(Network.random((784, outputs))), DIGITS)
    assert found.accuracy is None
    assert f"{outputs} outputs, the digits have 10 classes" in found.guess
