"""Keras 3's files, ``.keras``, ``.h5`` and ``.weights.h5``, with PyTorch behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers

from tests.formats.zoo.networks import Trained, trained
from tests.formats.zoo.pen import Zoo
from tests.formats.zoo.pictures import inputs, mnist

_NAMES = {
    "identity": "linear",
    "gelu_tanh": None,
    "hard_sigmoid": "hard_sigmoid",
    "leaky_relu(0.2)": "leaky_relu",  # Keras's own slope
}
_FORMS = (".keras", ".h5", ".weights.h5")


def make(zoo: Zoo) -> None:
    activations(zoo)
    layouts(zoo)
    refused(zoo)


def _answer(model: Any, fed: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(model(fed, training=False)), np.float64)


def keep(zoo: Zoo, name: str, model: Any, net: Trained | None, logits: Any, outputs: Any,
         forms: tuple[str, ...] = _FORMS, maker: str = "Keras 3", **more: Any) -> None:  # fmt: skip
    """Write a model in each form and list it: whole models say all, weights alone leave it open."""
    for suffix in forms:
        path = f"{zoo.part}/{name}{suffix}"
        (model.save_weights if suffix == ".weights.h5" else model.save)(zoo.place(path))
        alone = suffix == ".weights.h5"
        answers = zoo.answers(logits, None if alone else outputs)
        back = "" if more.get("expect") else f"{zoo.part}{suffix}"
        zoo.add(path, f"{maker}, {suffix}", "K", answers, open=alone, back=back, **more)


def dense(net: Trained, activation: Any, last: str | None, **more: Any) -> list[Any]:
    """Return Dense layers that hold a network's weights, once built."""
    count = len(net.weights)
    kinds = [activation] * (count - 1) + [last]
    return [
        layers.Dense(len(weights), activation=kind, **more)
        for weights, kind in zip(net.weights, kinds, strict=True)
    ]


def fill(built: list[Any], net: Trained) -> None:
    """Put a network's weights into Dense layers."""
    for layer, weights, biases in zip(built, net.weights, net.biases, strict=True):
        layer.set_weights([weights.T, biases])


def activations(zoo: Zoo) -> None:
    """Each activation function, by its name and as a layer."""
    for activation in ("relu", "sigmoid", "tanh", "gelu", "elu", "leaky_relu(0.2)", "silu",
                       "softplus", "hard_sigmoid", "identity"):  # fmt: skip
        net = trained(activation=activation)
        last = "sigmoid" if activation == "sigmoid" else "softmax"
        said = _NAMES.get(activation, activation)
        stack = dense(net, said, last)
        model = keras.Sequential([layers.Input((784,)), *stack])
        fill(stack, net)
        if activation in ("relu", "silu"):
            model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
            model.fit(inputs()[0][:64], inputs()[1][:64], epochs=1, verbose=0)
            fill(stack, net)
        forms = _FORMS if activation in ("relu", "sigmoid", "tanh") else _FORMS[:2]
        keep(
            zoo, f"activation/{activation}", model, net, net.logits, _answer(model, net.fed), forms
        )
    modules: dict[str, tuple[str, Callable[[], Any]]] = {
        "ReLU": ("relu", layers.ReLU),
        "LeakyReLU": ("leaky_relu(0.2)", lambda: layers.LeakyReLU(negative_slope=0.2)),
        "ELU": ("elu", layers.ELU),
        "ELU half": ("elu(0.5)", lambda: layers.ELU(alpha=0.5)),
        "Activation": ("tanh", lambda: layers.Activation("tanh")),
    }
    for name, (activation, layer) in modules.items():
        net = trained(activation=activation)
        stack = dense(net, None, None)
        parts: list[Any] = [layers.Input((784,))]
        for each in stack[:-1]:
            parts += [each, layer()]
        model = keras.Sequential([*parts, stack[-1], layers.Softmax()])
        fill(stack, net)
        keep(zoo, f"layer/{name}", model, net, net.logits, _answer(model, net.fed), _FORMS[:2])


class _Own(keras.Model):
    """A model of a class of its own, with blocks within blocks."""

    def __init__(self, nested: bool) -> None:
        super().__init__()
        net = trained()
        stack = dense(net, "relu", "softmax")
        if nested:
            self.encoder = keras.Sequential(stack[:2])
            self.head = stack[2]
        else:
            self.hidden, self.middle, self.head = stack
        self.nested = nested

    def get_config(self) -> dict[str, Any]:
        return {"nested": self.nested}

    def call(self, x: Any) -> Any:
        return self.head(self.encoder(x) if self.nested else self.middle(self.hidden(x)))


def layouts(zoo: Zoo) -> None:
    """Ways to build the same network."""
    net = trained()
    plain = net.logits
    pixels = inputs()[0]

    def built(name: str, make_model: Callable[[list[Any]], Any], kind: str = "flat",
              forms: tuple[str, ...] = _FORMS, of: Trained = net, last: str | None = "softmax",
              scale: float = 1.0, **more: Any) -> None:  # fmt: skip
        stack = dense(of, "relu", last)
        model = make_model(stack)
        fed = (pixels * scale).astype(np.float32)
        if kind == "picture":
            fed = fed.reshape(-1, 28, 28)
        model(fed[:2])
        fill(stack, of)
        outputs = _answer(model, fed)
        keep(zoo, f"layout/{name}", model, of, of.logits, outputs, forms, **more)

    rest = layers
    built(
        "flatten", lambda s: keras.Sequential([rest.Input((28, 28)), rest.Flatten(), *s]), "picture"
    )
    built("reshape", lambda s: keras.Sequential([rest.Input((28, 28)), rest.Reshape((784,)), *s]),
          "picture")  # fmt: skip
    built(
        "channel",
        lambda s: keras.Sequential(
            [rest.Input((28, 28)), rest.Reshape((28, 28, 1)), rest.Flatten(), *s]
        ),
        "picture",
    )
    built(
        "dropout",
        lambda s: keras.Sequential(
            [rest.Input((784,)), s[0], rest.Dropout(0.2), s[1], rest.GaussianNoise(0.1), s[2]]
        ),
    )
    built("logits", lambda s: keras.Sequential([rest.Input((784,)), *s]), last=None)
    built(
        "nested",
        lambda s: keras.Sequential(
            [rest.Input((784,)), keras.Sequential([rest.Input((784,)), s[0], s[1]]), s[2]]
        ),
    )
    built(
        "nested-twice",
        lambda s: keras.Sequential(
            [
                rest.Input((784,)),
                keras.Sequential(
                    [rest.Input((784,)), keras.Sequential([rest.Input((784,)), s[0]]), s[1]]
                ),
                s[2],
            ]
        ),
    )
    built("unbuilt", lambda s: keras.Sequential(s))

    def functional(s: list[Any]) -> Any:
        x = start = rest.Input((784,))
        for layer in s:
            x = layer(x)
        return keras.Model(start, x)

    def functional_nested(s: list[Any]) -> Any:
        start = rest.Input((784,))
        inner = rest.Input((784,))
        encoder = keras.Model(inner, s[1](s[0](inner)), name="encoder")
        return keras.Model(start, s[2](encoder(start)))

    built("functional", functional)
    built("functional-nested", functional_nested)
    built(
        "rescaling",
        lambda s: keras.Sequential(
            [rest.Input((28, 28)), rest.Rescaling(1 / 255), rest.Flatten(), *s]
        ),
        "picture",
        scale=255,
    )
    standard = trained(transform="standard")
    built(
        "rescaling-standard",
        lambda s: keras.Sequential(
            [rest.Input((784,)), rest.Rescaling(1 / 0.3081, -0.1307 / 0.3081), *s]
        ),
        of=standard,
    )
    normal = rest.Normalization(axis=None, mean=0.1307, variance=0.3081**2)
    built("normalization-numbers", lambda s: keras.Sequential([rest.Input((784,)), normal, *s]),
          of=standard)  # fmt: skip
    named = trained(activation="relu", seed=3)
    built("named", lambda s: keras.Sequential(
        [rest.Input((784,)), *s], name="my odd name"), of=named, forms=_FORMS[1:])  # fmt: skip
    double = dense(net, "relu", "softmax", dtype="float64")
    model = keras.Sequential([rest.Input((784,), dtype="float64"), *double])
    fill(double, net)
    keep(zoo, "layout/double", model, net, plain, _answer(model, pixels.astype(np.float64)))
    stack = dense(trained(bias=True), "relu", "softmax", use_bias=False)
    bare = trained(bias=False)
    model = keras.Sequential([rest.Input((784,)), *stack])
    for layer, weights in zip(stack, bare.weights, strict=True):
        layer.set_weights([weights.T])
    keep(zoo, "layout/no-bias", model, bare, bare.logits, _answer(model, pixels))
    for nested in (False, True):
        own = _Own(nested)
        own(pixels[:2])
        stack = [*own.encoder.layers, own.head] if nested else [own.hidden, own.middle, own.head]
        fill(stack, net)
        name = f"layout/own-{'blocks' if nested else 'class'}"
        keep(zoo, name, own, net, plain, _answer(own, pixels), (".weights.h5",))
        keep(zoo, name, own, net, plain, _answer(own, pixels), (".keras",), expect="either")
    images, labels = mnist()
    for name, parts in {
        "norm-before": lambda: [rest.Dense(16), rest.BatchNormalization(), rest.ReLU()],
        "norm-after": lambda: [rest.Dense(16, "relu"), rest.BatchNormalization()],
        "norm-first": lambda: [rest.BatchNormalization(), rest.Dense(16, "relu")],
    }.items():
        keras.utils.set_random_seed(1)
        model = keras.Sequential([rest.Input((784,)), *parts(), rest.Dense(10, "softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(images[:10000], labels[:10000], batch_size=100, epochs=1, verbose=0)
        outputs = _answer(model, pixels)
        keep(zoo, f"layout/{name}", model, None, np.log(outputs), outputs)
    normal = rest.Normalization()
    normal.adapt(images[:5000] + np.random.default_rng(0).normal(0, 0.1, (5000, 784)))
    model = keras.Sequential(
        [rest.Input((784,)), normal, rest.Dense(16, "tanh"), rest.Dense(10, "softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images[:10000], labels[:10000], batch_size=100, epochs=1, verbose=0)
    outputs = _answer(model, pixels)
    keep(zoo, "layout/normalization", model, None, np.log(outputs), outputs)


def refused(zoo: Zoo) -> None:
    """What has no weight maps."""
    cases: dict[str, tuple[list[Any], list[str]]] = {
        "conv": ([layers.Reshape((28, 28, 1)), layers.Conv2D(4, 3), layers.Flatten()],
                 ["Conv2D", "convolution"]),
        "lstm": ([layers.Reshape((28, 28)), layers.LSTM(16)], ["LSTM", "recurrent"]),
        "layer-norm": ([layers.Dense(16), layers.LayerNormalization()], ["LayerNorm"]),
        "prelu": ([layers.Dense(16), layers.PReLU()], ["PReLU"]),
        "selu": ([layers.Dense(16, "selu")], ["selu"]),
        "embedding": ([layers.Embedding(256, 4), layers.Flatten()], ["Embedding"]),
    }  # fmt: skip
    for name, (parts, words) in cases.items():
        model = keras.Sequential([layers.Input((784,)), *parts, layers.Dense(10)])
        for suffix in _FORMS:
            if (name, suffix) == ("selu", ".weights.h5"):
                continue  # its arrays are any Dense layers'
            path = f"keras/refused/{name}{suffix}"
            (model.save_weights if suffix == ".weights.h5" else model.save)(zoo.place(path))
            plain = suffix == ".weights.h5"
            more = ["convolution", "recurrent", "normalisation", "shape", "chain", "inputs"]
            zoo.refused(path, "Keras 3, refused", "K", *words, *(more if plain else []))
    start = layers.Input((28, 28))
    heads = layers.MultiHeadAttention(2, 8)(start, start)
    model = keras.Model(start, layers.Dense(10)(layers.Flatten()(heads)))
    model.save(zoo.place("keras/refused/attention.keras"))
    zoo.refused(
        "keras/refused/attention.keras", "Keras 3, refused", "K", "MultiHeadAttention", "row"
    )
    start = layers.Input((784,))
    model = keras.Model(start, layers.Dense(10)(layers.Concatenate()(
        [layers.Dense(8)(start), layers.Dense(8)(start)])))  # fmt: skip
    model.save(zoo.place("keras/refused/branches.keras"))
    zoo.refused("keras/refused/branches.keras", "Keras 3, refused", "K", "row", "Concatenate")
