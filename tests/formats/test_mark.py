"""What we wrote is never guessed at: our mark says what a format has no room for."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.formats.samples import NETWORK
from toolkit.activations import ACTIVATIONS
from toolkit.digits.digitset import DigitSet
from toolkit.formats import WRITABLE, NetworkFileError, dumps, load, read, settled
from toolkit.formats.meaning import mark
from toolkit.grid import Grid
from toolkit.network import Layer, Network

MARKED = tuple(WRITABLE)
UNNAMED = (".h5", ".keras")
"""Kinds whose framework has no name for GELU's form by tanh."""


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Networks of odd sizes and numbers, each activation, names, grids and notes."""
    sizes = draw(st.lists(st.integers(1, 6), min_size=2, max_size=4))
    number = st.floats(width=32, allow_nan=False, allow_infinity=False)
    layers = []
    for into, out in itertools.pairwise(sizes):
        layers.append(Layer(
            draw(hnp.arrays(np.float32, (out, into), elements=number)),
            draw(hnp.arrays(np.float32, out, elements=number)),
            draw(st.sampled_from([*ACTIVATIONS, "leaky_relu(0.2)", "elu(0.5)"])),
            draw(st.sampled_from([Grid.of(into), Grid(into, 1)])),
        ))  # fmt: skip
    text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9)
    at = st.tuples(st.integers(1, len(layers)), st.just(0))
    names = draw(st.dictionaries(at, st.sampled_from(["top bar", "ü 数字"]), max_size=2))
    return Network(tuple(layers), draw(text), draw(st.dictionaries(text, text, max_size=2)), names)


@pytest.mark.parametrize("kind", MARKED)
@settings(max_examples=15, deadline=None)
@given(network=networks())
def test_what_we_wrote_leaves_nothing_open(kind: str, network: Network) -> None:
    assume(kind not in UNNAMED or "gelu_tanh" not in network.activations)
    again = settled(read(dumps(network, kind)))
    assert again is not None
    assert again == network
    assert (again.name, again.names) == (network.name, network.names)
    assert dict(again.provenance) == dict(network.provenance)
    assert [layer.grid for layer in again.layers] == [layer.grid for layer in network.layers]


@pytest.mark.parametrize("kind", MARKED)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_each_activation_is_said(kind: str, activation: str) -> None:
    network = Network.random((6, 4, 3), activation, seed=4)
    if activation == "gelu_tanh" and kind in UNNAMED:
        with pytest.raises(NetworkFileError, match="no name for the activation gelu_tanh"):
            dumps(network, kind)
        return
    assert settled(read(dumps(network, kind))) == network


@pytest.mark.parametrize("kind", MARKED)
def test_a_network_that_reads_badly_is_opened_as_it_is(kind: str) -> None:
    """Other pixels would read it better, which is no reason: it takes them as they are."""
    rng = np.random.default_rng(1)
    start = Network.random((784, 16, 10), seed=5)
    layers = (replace(start.layers[0], biases=start.layers[0].biases + 3), *start.layers[1:])
    images = rng.integers(0, 256, (100, 784), np.uint8)
    better = start.forward(1 - images / np.float32(255)).predictions
    digits = DigitSet(images, better.astype(np.uint8))
    assert load(dumps(Network(layers), kind), digits=digits) == Network(layers)


@pytest.mark.parametrize("kind", MARKED)
def test_a_long_note_comes_back(kind: str) -> None:
    network = Network(NETWORK.layers, "long", {"how": "ä" * 60_000})
    assert dict(load(dumps(network, kind)).provenance) == dict(network.provenance)


def _csv(change: Any) -> bytes:
    lines = dumps(NETWORK, ".csv").decode().split("\n")
    said = json.loads(lines[1][2:])
    change(said)
    lines[1] = f"# {json.dumps(said)}"
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.update(sizes=[6, 4, 4]),
        lambda said: said.update(activations=["sigmoid"]),
        lambda said: said.update(activations=["relu", "sigmoid"]),
        lambda said: said.update(grids=[[1, 7], [1, 4]]),
        lambda said: said.update(grids=[[1, 6], 4]),
        lambda said: said.update(names={"9.1": "top"}),
    ],
    ids=["sizes", "too few", "contradicts", "cells", "no grid", "no neuron"],
)  # fmt: skip
def test_a_mark_that_contradicts_the_layers_settles_nothing(change: Any) -> None:
    reading = read(_csv(change))
    assert settled(reading) is None
    assert reading.notes[-1].startswith("Written here, but its layers are others")


def test_a_function_that_a_later_version_may_know_is_refused_in_words() -> None:
    network = Network.random((6, 4, 3), ("leaky_relu(0.2)", "softmax"), seed=4)
    for kind in (".csv", ".safetensors", ".json", ".onnx"):
        data = dumps(network, kind)
        assert b"leaky_relu(0.2)" in data
        with pytest.raises(
            NetworkFileError, match=r"activation 'mish\+\+\+\+\+\+\+\+\+\+\+' is none"
        ):
            read(data.replace(b"leaky_relu(0.2)", b"mish+++++++++++"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"# {1}", "damaged JSON"),
        (b'# {"name": NaN}', "holds NaN"),
        (b"# {" + b" " * (1 << 20) + b"}", "damaged JSON"),
    ],
)
def test_a_damaged_mark_is_refused(line: bytes, message: str) -> None:
    lines = dumps(NETWORK, ".csv").split(b"\n")
    with pytest.raises(NetworkFileError, match=message):
        read(b"\n".join([lines[0], line, *lines[2:]]))
    with pytest.raises(NetworkFileError, match="should be a JSON object"):
        mark.of([1], "file")


def test_files_written_before_there_was_a_mark_are_read_as_ever() -> None:
    import safetensors.numpy

    lines = dumps(NETWORK, ".csv").split(b"\n")
    old = read(b"\n".join([lines[0], *lines[2:]]))
    assert [raw.activation for raw in old.layers] == ["sigmoid", "sigmoid"]
    tensors = {}
    for number, layer in enumerate(NETWORK.layers):
        tensors[f"{2 * number}.weight"] = layer.weights
        tensors[f"{2 * number}.bias"] = layer.biases
    said = {"format": "weight-map-toolkit network", "name": "old",
            "activations": "sigmoid,sigmoid", "made": "before"}  # fmt: skip
    again = settled(read(safetensors.numpy.save(tensors, said)))
    assert again == NETWORK
    assert (again.name, dict(again.provenance)) == ("old", {"made": "before"})
