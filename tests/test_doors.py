"""What a network offers from Python: other libraries' objects, classes of pictures, notebooks."""

from __future__ import annotations

import base64
import importlib.util
import subprocess
import sys
import warnings
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

from toolkit import Network, open_digits, open_network
from toolkit.formats.errors import GuessWarning
from toolkit.network import Layer

DIGITS = open_digits("drawn").subset(slice(400))
IMAGES, LABELS = DIGITS.images, DIGITS.labels
FEW = LABELS < 2


def fitted(model: Any, some: Any = slice(None)) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # few rounds do not converge
        return model.fit(IMAGES[some], LABELS[some])


@pytest.mark.parametrize("activation", ["relu", "logistic", "tanh", "identity"])
def test_a_classifier_answers_as_scikit_learn_does(activation: str) -> None:
    mlp = fitted(MLPClassifier((9, 7), activation=activation, max_iter=4, random_state=0))
    network = Network.from_sklearn(mlp, pixels="unit")
    assert network.sizes == (784, 9, 7, 10)
    assert np.abs(network.forward(IMAGES).outputs - mlp.predict_proba(IMAGES)).max() < 1e-6


@pytest.mark.parametrize(
    ("model", "some"),
    [
        (MLPClassifier((5,), max_iter=4, random_state=0), FEW),
        (LogisticRegression(max_iter=9), slice(None)),
        (LogisticRegression(max_iter=9), FEW),
        (LogisticRegression(solver="liblinear"), FEW),
        (make_pipeline(StandardScaler(), MLPClassifier((5,), max_iter=4)), slice(None)),
        (make_pipeline(StandardScaler(with_mean=False), LogisticRegression()), slice(None)),
        (make_pipeline(MinMaxScaler((-1, 1)), MLPClassifier((5,), max_iter=4)), slice(None)),
    ],
    ids=repr,
)
def test_two_classes_linear_ones_and_pipelines_too(model: Any, some: Any) -> None:
    model = fitted(model, some)
    network = Network.from_sklearn(model, pixels="unit")
    expected = model.predict_proba(IMAGES)
    assert network.sizes[-1] == expected.shape[1]
    assert np.abs(network.forward(IMAGES).outputs - expected).max() < 1e-5


def test_weights_that_were_made_sparse_are_the_same() -> None:
    model = fitted(LogisticRegression(max_iter=9))
    expected = Network.from_sklearn(model, pixels="unit")
    assert Network.from_sklearn(model.sparsify(), pixels="unit") == expected


@pytest.mark.parametrize("called", [str, ["zero", "one", "two", "three", "four"].__getitem__])
def test_classes_that_are_digits_by_name_stand_in_their_order(called: Any) -> None:
    few = LABELS < 5
    names = np.array([called(label) for label in LABELS[few]])
    mlp = MLPClassifier((5,), max_iter=4, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlp.fit(IMAGES[few], names)
    network = Network.from_sklearn(mlp, pixels="unit")
    assert [called(n) for n in network.predict(IMAGES)] == list(mlp.predict(IMAGES))  # type: ignore[union-attr]


def test_classes_that_are_other_numbers_are_warned_of() -> None:
    odd = LABELS % 2 == 1
    mlp = fitted(MLPClassifier((5,), max_iter=4), odd)
    with pytest.warns(GuessWarning, match="its classes are 1, 3, 5, 7, 9; here they are counted"):
        network = Network.from_sklearn(mlp, pixels="unit")
    assert network.provenance["classes"] == "1, 3, 5, 7, 9"


def test_what_a_pipeline_does_to_pixels_from_0_to_255_is_folded() -> None:
    grey = DIGITS.pixels.astype(np.float64)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=60)).fit(grey, LABELS)
    network = Network.from_sklearn(model, pixels="bytes")
    outputs = network.forward(IMAGES).outputs
    assert np.abs(outputs - model.predict_proba(grey)).max() < 1e-4
    assert (network.predict(DIGITS.pixels) == model.predict(grey)).mean() > 0.99


def test_a_regression_is_one_where_it_has_an_output_for_each_class() -> None:
    one_hot = np.eye(10)[LABELS]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = MLPRegressor(hidden_layer_sizes=(5,), max_iter=4).fit(IMAGES, one_hot)
        one = MLPRegressor(hidden_layer_sizes=(5,), max_iter=4).fit(IMAGES, LABELS)
    network = Network.from_sklearn(model, pixels="unit")
    assert np.abs(network.forward(IMAGES).outputs - model.predict(IMAGES)).max() < 1e-6
    assert "regression" in network.provenance["outputs"]
    with pytest.raises(ValueError, match=r"MLPRegressor.*one output that is no class's"):
        Network.from_sklearn(one)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (MLPClassifier(), "'MLPClassifier' .*is not fitted yet; call its fit first"),
        (SVC(), "'SVC' .*only MLPClassifier, MLPRegressor and LogisticRegression"),
        (make_pipeline(StandardScaler(), LogisticRegression()), "is not fitted yet"),
        (make_pipeline(SVC(), LogisticRegression()), "'SVC' .*comes before the network"),
        ({"coefs_": []}, "expected an MLPClassifier.*; got dict"),
    ],
)
def test_what_is_no_network_of_scikit_learns_is_named(model: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Network.from_sklearn(model)


RANDOM = Network.random((784, 8, 6, 10), "sigmoid", seed=4)
WEIGHTS = [layer.weights for layer in RANDOM.layers]
BIASES = [np.full(layer.size, 0.5 + n) for n, layer in enumerate(RANDOM.layers)]
KNOWN = Network(
    tuple(Layer(w, b) for w, b in zip(WEIGHTS, BIASES, strict=True))
)  # of what the arrays below hold


@pytest.mark.parametrize(
    "arrays",
    [
        {f"{part}{n}": value for n in range(3)
         for part, value in (("W", WEIGHTS[n]), ("b", BIASES[n]))},
        {f"fc{n}.{part}": value.tolist() for n in range(3)
         for part, value in (("weight", WEIGHTS[n]), ("bias", BIASES[n]))},
        [array for pair in zip(WEIGHTS, BIASES, strict=True) for array in pair],
        list(zip(WEIGHTS, BIASES, strict=True)),
        (WEIGHTS, BIASES),
        [WEIGHTS, BIASES],
        [[weights.T for weights in WEIGHTS], BIASES],
        [array.tolist() for pair in zip(WEIGHTS, BIASES, strict=True) for array in pair],
        {"coefs_": [weights.T for weights in WEIGHTS], "intercepts_": BIASES},
        {f"fc{n}": {"kernel": WEIGHTS[n].T, "bias": BIASES[n]} for n in range(3)},
    ],
    ids=["by name", "as PyTorch names", "in order", "pairs", "tuple", "lists", "turned",
         "lists in order", "as scikit-learn names", "as Flax names"],
)  # fmt: skip
def test_arrays_in_any_of_the_usual_ways_are_the_same_network(arrays: Any) -> None:
    assert Network.from_arrays(arrays, activations=["sigmoid"] * 3, pixels="unit") == KNOWN


def test_square_arrays_lie_as_they_are_said_to() -> None:
    square = [np.arange(16.0).reshape(4, 4)]
    said = {"activations": ["identity"], "pixels": "unit"}
    inputs = np.array([1.0, 0, 0, 0])
    for orientation, expected in (("out-in", square[0][:, 0]), ("in-out", square[0][0])):
        network = Network.from_arrays(square, orientation=orientation, **said)
        assert (network.forward(inputs).logits == expected).all()


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (3, "expected a dict or a list of arrays; got int"),
        ([], "expected a dict or a list of arrays"),
        ([np.ones((3, 4)), np.ones(2)], "2 biases do not fit weights of shape"),
        (["a"], "array 1: expected numbers"),
        ([[1, 2], [3]], "expected pairs of weights and biases"),
        ({"W1": np.ones((3, 4)), "W2": np.ones((5, 9))}, "do not chain"),
        ({"conv.weight": np.ones((3, 1, 3, 3))}, "convolutional"),
        ({"W1": [[1.0, 2.0], [3.0]]}, "W1"),
    ],
)
def test_arrays_that_are_no_network_are_refused_in_words(arrays: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Network.from_arrays(arrays)


def test_choices_are_checked() -> None:
    for choice, words in (
        ({"pixels": "grey"}, r"pixels: expected .*unit.*bytes.*; got 'grey'"),
        ({"orientation": "up"}, r"orientation: expected .*out-in.*in-out.*; got 'up'"),
        ({"activations": ["relu"] * 4}, r"activations: expected .*3 layers; got 4"),
        ({"digits": "drawn"}, r"digits: expected a DigitSet, as open_digits gives; got 'drawn'"),
    ):
        with pytest.raises(ValueError, match=words):
            Network.from_arrays([WEIGHTS, BIASES], **choice)
    with pytest.raises(TypeError, match=r"'pixel' is no choice; there are digits, activations"):
        Network.from_arrays([WEIGHTS, BIASES], pixel="unit")


def test_what_an_object_leaves_open_is_tried_on_digits() -> None:
    network = open_network("drawn-sigmoid")
    scaled = [layer.weights.copy() for layer in network.layers]
    scaled[0] = scaled[0] / 255
    biases = [layer.biases for layer in network.layers]
    found = Network.from_arrays([scaled, biases])
    assert "pixels from 0 to 255" in found.provenance["first layer"]
    assert np.abs(found.forward(IMAGES).logits - network.forward(IMAGES).logits).max() < 1e-3


def test_a_guess_warns_where_it_was_asked_for() -> None:
    with pytest.warns(GuessWarning, match="activations=, pixels=") as warned:
        Network.from_arrays([WEIGHTS, BIASES])
    assert warned[0].filename == __file__


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="PyTorch is here")
def test_without_pytorch_it_is_said_that_it_is_missing() -> None:
    with pytest.raises(ImportError, match="to_torch needs PyTorch"):
        KNOWN.to_torch()
    for source in (3, {"fc.weight": np.ones((3, 4))}):
        with pytest.raises(ValueError, match=r"expected a .*state_dict"):
            Network.from_torch(source)
    with pytest.raises(ValueError, match=r"Keras: expected a model of Keras; got int"):
        Network.from_keras(3)


def test_a_picture_is_the_same_in_whatever_form_it_is_given() -> None:
    network = open_network("drawn-sigmoid")
    expected = network.forward(IMAGES).predictions
    assert (expected == LABELS).mean() > 0.9
    for images in (
        IMAGES, IMAGES.astype(np.float64), IMAGES.reshape(-1, 28, 28), DIGITS.pixels,
        DIGITS.pixels.astype(np.int64), DIGITS.pixels.reshape(-1, 28, 28), IMAGES.tolist(),
    ):  # fmt: skip
        assert (network.predict(images) == expected).all()
    for one in (IMAGES[5], IMAGES[5].reshape(28, 28), DIGITS.pixels[5].tolist()):
        found = network.predict(one)
        assert found == expected[5] and isinstance(found, int)
    assert (network.predict(IMAGES > 0.5) == network.predict((IMAGES > 0.5) * 1.0)).all()
    assert network.predict(np.zeros((0, 784))).shape == (0,)  # type: ignore[union-attr]


def test_whole_numbers_are_grey_values_even_where_they_are_small() -> None:
    network = Network((Layer([[1.0], [-1.0]], [0.0, 0.5], "identity"),))
    assert (network.predict(np.array([[0], [1], [255]])) == [1, 1, 0]).all()
    assert (network.predict(np.array([[0.0], [1.0]])) == [1, 0]).all()


def test_whole_numbers_of_hardly_any_ink_are_warned_of() -> None:
    with pytest.warns(UserWarning, match=r"from 0 to 255; the largest is 16\. If there") as warned:
        KNOWN.predict(DIGITS.pixels // 16 + 1)
    assert warned[0].filename == __file__


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (IMAGES * 255, r"floats from 0 to 1; got 0\.0 to 255\.0; divide by"),
        (-IMAGES, "floats from 0 to 1; got -1"),
        (IMAGES * np.nan, "floats from 0 to 1; got nan"),
        (DIGITS.pixels.astype(int) * 2, "whole numbers from 0 to 255; got 0 to 510"),
        (IMAGES[:, :700], r"\(n, 784\), \(n, 28, 28\), or one picture.*got \(400, 700\)"),
        (np.full(784, "ink"), "floats from 0 to 1; got <U3"),
        ([[1], [1, 2]], "pictures of one size"),
    ],
)
def test_pictures_that_are_none_are_refused_in_words(images: Any, words: str) -> None:
    with pytest.raises(ValueError, match=f"images: expected .*{words}"):
        KNOWN.predict(images)


class Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += f"{data}\n"


def test_a_notebook_shows_what_a_network_is_and_runs_nothing() -> None:
    evil = "<script>alert(1)</script><img src=x onerror='y'>"
    network = KNOWN.renamed(evil, method=evil, **{evil: "long " * 1000})
    page = Elements(network._repr_html_())
    assert set(page.tags) == {"div", "b", "table", "tr", "th", "td", "img"}
    assert page.tags.count("img") == 1
    (source,) = (value for name, value in page.attributes if name == "src")
    assert base64.b64decode(str(source).removeprefix("data:image/png;base64,"))[1:4] == b"PNG"
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    for words in ("784-8-6-10", "sigmoid, sigmoid, sigmoid", f"{KNOWN.parameters:,}", evil):
        assert words in page.text
    assert len(page.text) < 2000


def test_importing_the_package_loads_no_bridge_nor_format() -> None:
    code = (
        "import sys, toolkit; toolkit.Network.blank().predict([0.0] * 784)\n"
        "print([name for name in sys.modules if name.startswith(('toolkit.bridges', "
        "'toolkit.formats', 'PIL', 'matplotlib', 'html.parser'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
