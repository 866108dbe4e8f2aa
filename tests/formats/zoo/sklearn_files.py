"""What people keep of scikit-learn's networks."""

from __future__ import annotations

import json
import pickle
import warnings
from functools import cache
from typing import Any

import joblib
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from tests.formats.zoo.pen import Zoo
from tests.formats.zoo.pictures import inputs, mnist


@cache
def classifier(activation: str, scale: float = 1.0, kind: str = "mnist") -> Any:
    """Return a small classifier, fitted to 5,000 digits."""
    images, labels = inputs(kind, "train")
    rounds = 60 if kind == "eight" or activation == "logistic" else 15
    model = MLPClassifier((16, 16), activation=activation, max_iter=rounds, random_state=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(images[:5000] * scale, labels[:5000])


def logits(model: Any, fed: Any) -> Any:
    """Return the logarithms of its probabilities: its logits but for one number a digit."""
    return model.predict_log_proba(fed)


def make(zoo: Zoo) -> None:
    pixels = inputs()[0]
    for activation in ("relu", "logistic", "tanh"):
        model = classifier(activation)
        answers = zoo.answers(logits(model, pixels))
        weights, biases = model.coefs_, model.intercepts_
        pairs = list(zip(weights, biases, strict=True))

        written: list[str] = []

        def listed(name: str, activation: str = activation, written: list[str] = written) -> str:
            written.append(f"sklearn/{activation}/{name}")
            return str(zoo.place(written[-1]))

        np.savez(listed("in-order.npz"), *weights, *biases)
        np.savez(listed("in-pairs.npz"), *[array for pair in pairs for array in pair])
        np.savez(listed("named.npz"), **{f"coefs_{n}": w for n, (w, _) in enumerate(pairs)},
                 **{f"intercepts_{n}": b for n, (_, b) in enumerate(pairs)})  # fmt: skip
        np.savez_compressed(listed("compressed.npz"), *weights, *biases)
        np.savez(listed("single.npz"), *[a.astype(np.float32) for a in (*weights, *biases)])
        lists = {"coefs_": weights, "intercepts_": biases}
        for name, value in {
            "dict": lists, "pair": (weights, biases), "list": [weights, biases],
            "pairs": pairs, "short": {"coefs": weights, "intercepts": biases},
            "with-activation": {**lists, "activation": activation, "out_activation_": "softmax"},
        }.items():  # fmt: skip
            with open(listed(f"{name}.pkl"), "wb") as file:  # noqa: PTH123
                pickle.dump(value, file)
        joblib.dump(lists, listed("dict.joblib"))
        told = {key: [array.tolist() for array in value] for key, value in lists.items()}
        with open(listed("dict.json"), "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump(told, file)
        with open(listed("said.json"), "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump({**told, "activation": activation, "out_activation": "softmax"}, file)
        for path in written:
            zoo.add(path, "scikit-learn, arrays", "P", answers, open=True)
    for scale, kind in ((255.0, "mnist"), (16.0, "eight")):
        model = classifier("relu", scale, kind=kind)
        path = f"sklearn/scaled/{kind}.npz"
        np.savez(zoo.place(path), *model.coefs_, *model.intercepts_)
        zoo.add(
            path,
            "scikit-learn, arrays",
            "M",
            zoo.answers(logits(model, inputs(kind)[0] * scale)),
            open=True,
            inputs=kind,
        )
    images, labels = mnist()
    linear = LogisticRegression(max_iter=20).fit(images[:2000], labels[:2000])
    for name, arrays in {
        "pair": {"coef_": linear.coef_, "intercept_": linear.intercept_},
        "order": {"arr_0": linear.coef_, "arr_1": linear.intercept_},
    }.items():
        path = f"sklearn/linear/{name}.npz"
        np.savez(zoo.place(path), **arrays)
        zoo.add(path, "scikit-learn, arrays", "P", zoo.answers(logits(linear, pixels)), open=True)
    model = classifier("relu")
    words = ("np.savez", "coefs_")
    with zoo.place("sklearn/refused/model.pkl").open("wb") as file:
        pickle.dump(model, file)
    zoo.refused("sklearn/refused/model.pkl", "scikit-learn, refused", "P", *words)
    with zoo.place("sklearn/refused/model-2.pkl").open("wb") as file:
        pickle.dump(model, file, 2)
    zoo.refused("sklearn/refused/model-2.pkl", "scikit-learn, refused", "P", *words)
    joblib.dump(model, zoo.place("sklearn/refused/model.joblib"))
    zoo.refused("sklearn/refused/model.joblib", "scikit-learn, refused", "P", *words)
    for name in ("gz", "z", "bz2", "xz", "lzma"):
        path = f"sklearn/refused/model.joblib.{name}"
        joblib.dump(model, zoo.place(path))
        zoo.refused(
            path, "scikit-learn, refused", "P", "joblib", "unpack", "np.savez", "xz", "bzip2"
        )
