"""The digits that the zoo's networks are trained on and asked about, for each kind of input."""

from __future__ import annotations

import gzip
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.formats.zoo.pen import DIGITS

TRANSFORMS: dict[str, tuple[float, float]] = {
    "unit": (1.0, 0.0),
    "standard": (1 / 0.3081, -0.1307 / 0.3081),
    "half": (2.0, -1.0),
    "bytes": (255.0, 0.0),
    "inverted": (-1.0, 1.0),
}
_TRAINED_ON = 20_000


def _idx(name: str) -> NDArray[np.uint8]:
    path = Path(os.environ["TOOLKIT_TEST_MNIST"]) / name
    data = gzip.decompress(path.read_bytes())
    dims = data[3]
    shape = [int.from_bytes(data[4 + 4 * at : 8 + 4 * at], "big") for at in range(dims)]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dims).reshape(shape)


@cache
def mnist(part: str = "train") -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return images (n, 784) in [0, 1] and labels."""
    images = _idx(f"{part}-images-idx3-ubyte.gz").reshape(-1, 784)
    count = _TRAINED_ON if part == "train" else DIGITS
    labels = _idx(f"{part}-labels-idx1-ubyte.gz")[:count].astype(np.int64)
    return images[:count].astype(np.float32) / 255, labels


@cache
def inputs(kind: str = "mnist", part: str = "t10k") -> tuple[NDArray[np.float32], Any]:
    """Return inputs in [0, 1] of a kind, flat, and their labels."""
    if kind == "eight":
        from sklearn.datasets import load_digits

        images, labels = load_digits(return_X_y=True)
        some = slice(0, 1200) if part == "train" else slice(797, 1797)
        return (images[some] / 16).astype(np.float32), labels[some].astype(np.int64)
    images, labels = mnist(part)
    if kind == "padded":
        wide = np.pad(images.reshape(-1, 28, 28), ((0, 0), (2, 2), (2, 2)))
        return wide.reshape(len(wide), 1024), labels
    if kind == "colours":
        return np.repeat(images.reshape(-1, 1, 784), 3, 1).reshape(-1, 2352), labels
    return images, labels
