"""Make Keras test files with Keras 3 and with Keras 2 (``tf_keras``), and bring networks back.

A development script, as :mod:`tests.formats.make_files` is, whose environment it takes, with
tensorflow and tf_keras beside it::

    frameworks/bin/python -m tests.formats.make_keras_files make
    frameworks/bin/python -m tests.formats.make_keras_files check

``make`` writes files packed with gzip, since HDF5 is mostly zeros.  ``check`` saves each model in
each form, reads it, changes a weight and a bias, writes it back and loads it where it came from,
and shows how far the outputs of both are apart, before and after.
"""

from __future__ import annotations

import gzip
import importlib
import os
import sys
import tempfile
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")  # else tensorflow loads Keras 3 beside it
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from numpy.typing import NDArray

from tests.formats.make_files import INPUTS, save


def models(keras: Any) -> dict[str, tuple[Any, tuple[str, ...]]]:
    """Return a model of each kind, and the suffixes to save it under."""
    layers = keras.layers

    class Block(layers.Layer):  # type: ignore[misc, name-defined]
        """A layer of one's own with two fully connected ones in it, named against their order."""

        def __init__(self, inner: int, outer: int) -> None:
            super().__init__()
            self.second_called_first = layers.Dense(inner, activation="tanh")
            self.first_called_second = layers.Dense(outer, activation="tanh")

        def call(self, x: Any) -> Any:
            return self.first_called_second(self.second_called_first(x))

    class Own(keras.Model):  # type: ignore[misc]
        """A model of one's own: its layers are attributes."""

        def __init__(self) -> None:
            super().__init__()
            self.fc1 = layers.Dense(5, activation="relu")
            self.fc2 = layers.Dense(4, activation="relu")
            self.out = layers.Dense(3)

        def call(self, x: Any) -> Any:
            return self.out(self.fc2(self.fc1(x)))

    entry = keras.Input((5,))
    inner = keras.Model(entry, layers.Dense(4, activation="sigmoid")(entry))
    encoder = keras.Sequential([layers.Dense(5, activation="relu"), layers.Dropout(0.1)])
    own = Own()
    own(INPUTS[16])
    rows: dict[str, list[Any]] = {
        "nested": [encoder, inner, layers.Dense(3, activation="softmax")],
        "blocks": [Block(5, 5), Block(5, 4), layers.Dense(3)],
        "normed": [
            layers.BatchNormalization(), layers.Dense(5, use_bias=False),
            layers.BatchNormalization(), layers.ReLU(),
            layers.Dense(4, activation="gelu"), layers.BatchNormalization(scale=False),
            layers.Dropout(0.2), layers.Dense(3, activation="hard_sigmoid"),
        ],
        "scaled": [
            layers.Normalization(mean=0.1307, variance=0.09), layers.Dense(5, activation="silu"),
            layers.Rescaling(2.0, offset=-1.0), layers.Dense(4), layers.LeakyReLU(),
            layers.Dense(4), layers.ELU(0.5), layers.Dense(3), layers.Softmax(),
        ],
        "adapted": [
            layers.Normalization(), layers.Dense(5, activation="leaky_relu"),
            layers.Dense(4, activation="softplus"), layers.Dense(4, activation="relu6"),
            layers.Dense(3),
        ],
        "between": [
            layers.Dense(5, use_bias=False), layers.BatchNormalization(), layers.ReLU(),
            layers.Dense(4), layers.BatchNormalization(), layers.Activation("tanh"),
            layers.Dense(3),
        ],
        "double": [layers.Dense(5, activation="tanh", dtype="float64"), layers.Dense(3)],
    }  # fmt: skip
    for layer in rows["adapted"][:1]:
        layer.adapt(INPUTS[16] * 3 - 1)
    suffixes = (".keras", ".h5", ".weights.h5")
    # Own layers have no configuration; weights alone do not say what else is measured or scaled.
    forms = {"blocks": suffixes[2:]} | dict.fromkeys(("normed", "scaled", "adapted"), suffixes[:2])
    made = {
        kind: (
            keras.Sequential([layers.Input((16,)), *row]),
            forms.get(kind, suffixes),
        )
        for kind, row in rows.items()
    }
    entry = layers.Input((4, 4))
    flat = layers.Flatten()(layers.Rescaling(1 / 255)(entry))
    outputs = layers.Dense(3, name="answer")(layers.Dense(5, activation="tanh", name="edges")(flat))
    return made | {
        "picture": (keras.Model(entry, outputs), suffixes),
        "own": (own, suffixes[2:]),
    }


KNOWN = {
    "nested": ("relu", "sigmoid", "softmax"),
    "blocks": ("tanh",) * 4 + ("identity",),
    "own": ("relu", "relu", "identity"),
    "between": ("relu", "tanh", "identity"),
    "picture": ("tanh", "identity"),
    "double": ("tanh", "identity"),
    "adapted": ("leaky_relu(0.2)", "softplus", "hard_sigmoid", "identity"),
}
"""What weights alone do not say."""
COMMITTED = {
    "nested": (".keras", ".h5", ".weights.h5"),
    "blocks": (".weights.h5",),
    "own": (".weights.h5",),
    "between": (".weights.h5",),
    "normed": (".keras", ".h5"),
    "scaled": (".keras",),
    "adapted": (".h5",),
}


def filled(keras: Any, kind: str, model: Any, seed: int = 8) -> NDArray[np.float32]:
    """Train a model a step and give it weights that are anything but usual; return its inputs."""
    rng = np.random.default_rng(seed)
    inputs = INPUTS[16].reshape(-1, 4, 4) * 255 if kind == "picture" else INPUTS[16]
    model.compile("adam", keras.losses.MeanSquaredError())
    model.fit(inputs, np.zeros((12, 3), np.float32), verbose=0)
    for weight in model.weights:
        name = weight.name.rpartition("/")[2].partition(":")[0]
        drawn = rng.normal(0, 0.6, weight.shape)
        if name not in ("mean", "variance", "count"):  # measured, of a Normalization layer
            weight.assign(np.abs(drawn) + 0.2 if name == "moving_variance" else drawn)
    return np.asarray(inputs, np.float32)


def answers(model: Any, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(model.predict(inputs, verbose=0), np.float32)


def make(which: str) -> None:
    """Make the files of one version: ``keras`` or ``tf_keras``."""
    keras = importlib.import_module(which)
    stem = "keras3" if which == "keras" else "keras2"
    keras.utils.set_random_seed(7)
    for kind, (model, suffixes) in models(keras).items():
        inputs = filled(keras, kind, model)
        for suffix in suffixes:
            if suffix in COMMITTED.get(kind, ()):
                packed = gzip.compress(saved(model, suffix), mtime=0)
                flat = inputs.reshape(len(inputs), -1)
                save(f"{stem}-{kind}{suffix}.gz", packed, flat, answers(model, inputs))


def saved(model: Any, suffix: str) -> bytes:
    """Return what Keras writes."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / f"model{suffix}"
        (model.save_weights if suffix == ".weights.h5" else model.save)(path)
        return path.read_bytes()


def loaded(keras: Any, data: bytes, suffix: str, kind: str) -> Any:
    """Return the model that Keras makes of a file: weights alone go into a model built anew."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model{suffix}"
        path.write_bytes(data)
        if suffix != ".weights.h5":
            return keras.models.load_model(path)
        model = models(keras)[kind][0]
        filled(keras, kind, model, seed=9)
        model.load_weights(path)
        return model


def check(which: str) -> float:
    """Bring networks back to one version; return the largest difference of outputs."""
    from toolkit.formats import dumps, read
    from toolkit.formats.meaning.interpretation import interpret

    keras, worst = importlib.import_module(which), 0.0
    for kind, (model, suffixes) in models(keras).items():
        inputs = filled(keras, kind, model)
        pixels = inputs.reshape(len(inputs), -1) / (255 if kind == "picture" else 1)
        for suffix in suffixes:
            reading = read(saved(model, suffix))
            if reading.layers[0].activation is None:
                reading = reading.with_activations(KNOWN[kind])
                if kind == "picture":
                    reading = replace(reading, input_map=(1.0, 0.0))
            network = interpret(reading).network
            before = np.abs(network.forward(pixels).outputs - answers(model, inputs)).max()
            rng = np.random.default_rng(10)
            for number, layer in enumerate(network.layers, 1):
                weights, biases = layer.weights.copy(), layer.biases.copy()
                weights[0, 0] += rng.normal()
                biases[-1] += rng.normal()
                network = network.with_layer(number, weights=weights, biases=biases)
            again = loaded(keras, dumps(network, suffix, plain=False), suffix, kind)
            after = np.abs(network.forward(pixels).outputs - answers(again, inputs)).max()
            print(f"{which:9} {kind + suffix:22} read {before:.1e}   back {after:.1e}")
            worst = max(worst, float(before), float(after))
    return worst


def check_plain(which: str) -> float:
    """Load what the toolkit writes by itself; return the largest difference of outputs."""
    from toolkit.activations import ACTIVATIONS
    from toolkit.formats import dumps
    from toolkit.network import Network

    keras, worst = importlib.import_module(which), 0.0
    for activation in [*ACTIVATIONS, "leaky_relu(0.2)", "elu(0.5)"]:
        if activation == "gelu_tanh":
            continue
        network = Network.random((16, 5, 4, 3), activation, seed=11)
        for suffix in (".keras", ".h5") if which == "keras" else (".h5",):
            model = loaded(keras, dumps(network, suffix), suffix, "")
            apart = np.abs(network.forward(INPUTS[16]).outputs - answers(model, INPUTS[16])).max()
            print(f"{which:9} {activation + suffix:22} plain {apart:.1e}")
            worst = max(worst, float(apart))
    return worst


if __name__ == "__main__":
    task, *versions = sys.argv[1:] or ("",)
    if task not in ("make", "check"):
        sys.exit(__doc__)
    differences = []
    for version in versions or ("keras", "tf_keras"):
        if task == "make":
            make(version)
        else:
            differences += [check(version), check_plain(version)]
    sys.exit(int(max(differences, default=0.0) > 1e-6))
