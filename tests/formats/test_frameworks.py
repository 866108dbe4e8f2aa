"""Files that the frameworks wrote, and the outputs they gave; see ``make_files.py``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from toolkit.formats import read
from toolkit.formats.meaning.reading import RawLayer
from toolkit.network import Layer, Network

FILES = Path(__file__).parent / "files"
NAMES = sorted(
    path.name for path in FILES.iterdir() if ".answers" not in path.name and path.suffix != ".data"
)

# What the file leaves open, as the model was built.
KNOWN = {
    "torch-sequential": ("sigmoid", "sigmoid", "identity"),
    "torch-named": ("relu", "softmax"),
    "torch-double": ("tanh", "identity"),
    "torch-half": ("relu", "identity"),
    "torch-bfloat16": ("relu", "identity"),
    "torch-nobias": ("tanh", "identity"),
    "torch-checkpoint": ("relu", "identity"),
    "torch-legacy": ("relu", "identity"),
    "torch-whole": ("leaky_relu(0.2)", "gelu_tanh", "identity"),
    "keras-sequential": ("sigmoid", "tanh", "softmax"),
    "keras-deep": ("tanh",) * 11 + ("identity",),
    "sklearn-mlp": ("sigmoid", "softmax"),
    "flax-deep": ("tanh",) * 11 + ("identity",),
    **{f"keras{n}-nested": ("relu", "sigmoid", "softmax") for n in (2, 3)},
    **{f"keras{n}-blocks": ("tanh",) * 4 + ("identity",) for n in (2, 3)},
    **{f"keras{n}-own": ("relu", "relu", "identity") for n in (2, 3)},
    **{f"keras{n}-between": ("relu", "tanh", "identity") for n in (2, 3)},
}
SAID = {"torch-whole": ("leaky_relu(0.2)", "gelu_tanh")}
SILENT = (".pt", ".safetensors", ".weights.h5", ".weights.h5.gz", ".npz", ".pkl")
TAKES_BYTES = {"keras-picture"}


def layer_of(raw: RawLayer, activation: str | None, inputs: int) -> Layer:
    turned = raw.inputs_first if raw.inputs_first is not None else len(raw.weights) == inputs
    weights = raw.weights.T if turned else raw.weights
    biases = np.zeros(len(weights)) if raw.biases is None else raw.biases
    assert activation is not None
    if raw.norm is not None:  # the models made here have it before the activation
        weights, biases = raw.norm[0][:, None] * weights, raw.norm[0] * biases + raw.norm[1]
    return Layer(weights, biases, activation)


def test_there_are_files() -> None:
    assert len(NAMES) >= 26
    assert sum(path.stat().st_size for path in FILES.iterdir()) < 600_000


@pytest.mark.parametrize("name", NAMES)
def test_outputs_are_the_frameworks_own(name: str) -> None:
    reading = read(FILES / name)
    stem = name.partition(".")[0]
    answers = np.load(FILES / f"{stem}.answers.npz")
    silent = name.endswith(SILENT)
    layers: list[Layer] = []
    for index, raw in enumerate(reading.layers):
        if silent:
            assert raw.activation in (None, *SAID.get(stem, ()))
        inputs = layers[-1].size if layers else answers["inputs"].shape[1]
        activation = KNOWN[stem][index] if silent else raw.activation
        layers.append(layer_of(raw, activation, inputs))
    pixels = answers["inputs"] / (255 if stem in TAKES_BYTES else 1)
    scale, shift = reading.input_map or (1.0, 0.0)
    outputs = Network(tuple(layers)).forward(scale * pixels + shift).outputs
    np.testing.assert_allclose(outputs, answers["outputs"], atol=1e-5)
