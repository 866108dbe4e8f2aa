"""Make the nested Keras test files with Keras 3 and with Keras 2 (``tf_keras``).

A development script, as :mod:`tests.formats.make_files` is, whose environment it takes, with
tensorflow and tf_keras beside it::

    frameworks/bin/python -m tests.formats.make_keras_files

Files are packed with gzip: HDF5 is mostly zeros.
"""

from __future__ import annotations

import gzip
import importlib
import os
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

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
    nested = keras.Sequential(
        [layers.Input((16,)), encoder, inner, layers.Dense(3, activation="softmax")]
    )
    blocks = keras.Sequential([layers.Input((16,)), Block(5, 5), Block(5, 4), layers.Dense(3)])
    own = Own()
    own(INPUTS[16])
    return {
        "nested": (nested, (".keras", ".h5", ".weights.h5")),
        "blocks": (blocks, (".weights.h5",)),
        "own": (own, (".weights.h5",)),
    }


def make(which: str) -> None:
    """Make the files of one version: ``keras`` or ``tf_keras``."""
    keras = importlib.import_module(which)
    stem = "keras3" if which == "keras" else "keras2"
    keras.utils.set_random_seed(7)
    for kind, (model, suffixes) in models(keras).items():
        rng = np.random.default_rng(8)
        model.compile("adam", "mse")
        model.fit(INPUTS[16], np.zeros((12, 3), np.float32), verbose=0)
        model.set_weights([rng.normal(0, 0.6, w.shape) for w in model.get_weights()])
        outputs = model.predict(INPUTS[16], verbose=0)
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for suffix in suffixes:
                path = Path(folder) / f"model{suffix}"
                (model.save_weights if suffix == ".weights.h5" else model.save)(path)
                packed = gzip.compress(path.read_bytes(), mtime=0)
                save(f"{stem}-{kind}{suffix}.gz", packed, INPUTS[16], outputs)


if __name__ == "__main__":
    for version in sys.argv[1:] or ("keras", "tf_keras"):
        make(version)
