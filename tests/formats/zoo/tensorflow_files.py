"""Keras 2 (``tf_keras``) and what TensorFlow itself keeps."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow
import tf_keras
from tf_keras import layers

from tests.formats.zoo.pen import Zoo
from tests.formats.zoo.pictures import inputs, mnist

_FORMS = (".keras", ".h5", ".weights.h5")


@dataclass(frozen=True)
class _Given:
    """One that PyTorch trained; TensorFlow and PyTorch do not get on in one process."""

    logits: np.ndarray
    weights: list[np.ndarray]
    biases: list[np.ndarray]


def trained(activation: str = "relu") -> _Given:
    name = f"784-16-16-10 {activation} unit 0 mnist True False.npz"
    with np.load(Path(os.environ["ZOO"]) / "trained" / name) as kept:
        logits, *arrays = kept.values()
    return _Given(logits, arrays[:3], arrays[3:])


def _keep(zoo: Zoo, name: str, model: Any, logits: Any, outputs: Any) -> None:
    for suffix in _FORMS:
        path = f"tensorflow/{name}{suffix}"
        (model.save_weights if suffix == ".weights.h5" else model.save)(str(zoo.place(path)))
        alone = suffix == ".weights.h5"
        zoo.add(path, f"Keras 2, {suffix}", "K", zoo.answers(logits, None if alone else outputs),
                open=alone, back=f"tensorflow{suffix}")  # fmt: skip


def make(zoo: Zoo) -> None:
    pixels = inputs()[0]
    for activation in ("relu", "sigmoid", "tanh", "elu", "swish", "softplus", "gelu"):
        net = trained(activation="silu" if activation == "swish" else activation)
        last = "sigmoid" if activation == "sigmoid" else "softmax"
        kinds = [activation, activation, last]
        model = tf_keras.Sequential([layers.Input((784,))])
        for weights, biases, kind in zip(net.weights, net.biases, kinds, strict=True):
            model.add(layers.Dense(len(weights), activation=kind))
            model.layers[-1].set_weights([weights.T, biases])
        if activation == "relu":
            model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        _keep(zoo, f"activation/{activation}", model, net.logits, model(pixels).numpy())
    net = trained()

    def built(name: str, make_model: Any, picture: bool = False, scale: float = 1.0) -> None:
        stack = [layers.Dense(len(w), k) for w, k in
                 zip(net.weights, ("relu", "relu", "softmax"), strict=True)]  # fmt: skip
        model = make_model(stack)
        fed = (pixels * scale).reshape((-1, 28, 28) if picture else (-1, 784))
        model(fed[:2])
        for layer, weights, biases in zip(stack, net.weights, net.biases, strict=True):
            layer.set_weights([weights.T, biases])
        _keep(zoo, f"layout/{name}", model, net.logits, model(fed).numpy())

    built("flatten", lambda s: tf_keras.Sequential(
        [layers.Input((28, 28)), layers.Flatten(), *s]), True)  # fmt: skip
    built(
        "rescaling",
        lambda s: tf_keras.Sequential(
            [layers.Input((28, 28)), layers.Rescaling(1 / 255), layers.Flatten(), *s]
        ),
        True,
        255,
    )
    built(
        "nested",
        lambda s: tf_keras.Sequential(
            [layers.Input((784,)), tf_keras.Sequential([layers.Input((784,)), *s[:2]]), s[2]]
        ),
    )
    built("dropout", lambda s: tf_keras.Sequential(
        [layers.Input((784,)), s[0], layers.Dropout(0.1), s[1], s[2]]))  # fmt: skip

    def functional(s: list[Any]) -> Any:
        x = start = layers.Input((784,))
        for layer in s:
            x = layer(x)
        return tf_keras.Model(start, x)

    built("functional", functional)
    images, labels = mnist()
    tf_keras.utils.set_random_seed(1)
    model = tf_keras.Sequential(
        [
            layers.Input((784,)),
            layers.Dense(16),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Dense(10, "softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images[:5000], labels[:5000], batch_size=100, epochs=1, verbose=0)
    outputs = model(pixels).numpy().astype(np.float64)
    _keep(zoo, "layout/norm", model, np.log(outputs), outputs)
    steep = tf_keras.Sequential([layers.Input((784,)), layers.Dense(16, "hard_sigmoid"),
                                 layers.Dense(10, "softmax")])  # fmt: skip
    steep.compile("adam", "sparse_categorical_crossentropy")
    steep.fit(images[:5000], labels[:5000], batch_size=100, epochs=1, verbose=0)
    outputs = steep(pixels).numpy().astype(np.float64)
    for suffix in _FORMS[:2]:
        path = f"tensorflow/activation/hard-sigmoid{suffix}"
        steep.save(str(zoo.place(path)))
        zoo.add(path, f"Keras 2, {suffix}", "K", zoo.answers(np.log(outputs), outputs),
                back=f"tensorflow{suffix}")  # fmt: skip
    conv = tf_keras.Sequential([layers.Input((28, 28, 1)), layers.Conv2D(2, 3), layers.Flatten(),
                                layers.Dense(10)])  # fmt: skip
    for suffix in _FORMS:
        path = f"tensorflow/refused/conv{suffix}"
        (conv.save_weights if suffix == ".weights.h5" else conv.save)(str(zoo.place(path)))
        zoo.refused(path, "Keras 2, refused", "K", "Conv2D", "convolution")
    saved = zoo.place("tensorflow/refused/saved/saved_model.pb").parent
    tensorflow.saved_model.save(model, str(saved))
    zoo.refused("tensorflow/refused/saved", "TensorFlow", "P", "SavedModel")
    zoo.refused("tensorflow/refused/saved/saved_model.pb", "TensorFlow", "P", "SavedModel")
    shutil.make_archive(str(zoo.folder / "tensorflow/refused/saved-model"), "zip", saved)
    zoo.refused("tensorflow/refused/saved-model.zip", "TensorFlow", "P", "SavedModel")
    lite = tensorflow.lite.TFLiteConverter.from_keras_model(model)
    zoo.place("tensorflow/refused/model.tflite").write_bytes(_lite(lite, saved))
    zoo.refused("tensorflow/refused/model.tflite", "TensorFlow", "P", "TFLite", "TensorFlow Lite")
    checkpoint = tensorflow.train.Checkpoint(model=model)
    written = checkpoint.write(str(zoo.place("tensorflow/refused/checkpoint/ck")))
    for suffix in (".index", ".data-00000-of-00001"):
        path = f"{written}{suffix}".removeprefix(f"{zoo.folder}/")
        zoo.refused(path, "TensorFlow", "P", "TensorFlow", "checkpoint")


def _lite(converter: Any, saved: Any) -> bytes:
    try:
        return bytes(converter.convert())
    except Exception:
        return bytes(tensorflow.lite.TFLiteConverter.from_saved_model(str(saved)).convert())
