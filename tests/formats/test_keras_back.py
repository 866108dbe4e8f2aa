"""What came from Keras goes back as it came: the same arrays, attributes and configuration."""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.formats.test_frameworks import KNOWN
from tests.formats.test_keras_layers import archive, model
from toolkit.formats import NetworkFileError, dumps, read
from toolkit.formats.frameworks import keras
from toolkit.formats.meaning.interpretation import interpret
from toolkit.network import Layer, Network

FILES = Path(__file__).parent / "files"
NAMES = sorted(
    path.name for path in FILES.glob("keras*") if ".answers" not in path.name
)  # fmt: skip


def content(name: str) -> bytes:
    data = (FILES / name).read_bytes()
    return gzip.decompress(data) if name.endswith(".gz") else data


def network_of(data: bytes, stem: str = "") -> Network:
    reading = read(data)
    if reading.layers[0].activation is None:
        reading = replace(reading.with_activations(KNOWN[stem]), input_map=(1.0, 0.0))
    return interpret(reading).network


def held(data: bytes) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return what h5py finds: arrays by path, and texts of groups, but for an optimizer's."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as members:
            data = members.read("model.weights.h5")
    arrays, texts = {}, {}

    def look(path: str, found: Any) -> None:
        if path.startswith("optimizer"):
            return
        if isinstance(found, h5py.Dataset):
            arrays[path] = found[()]
        for key, value in found.attrs.items():
            texts[path, key] = value.tolist() if isinstance(value, np.ndarray) else value

    with h5py.File(io.BytesIO(data)) as file:
        look("", file)
        file.visititems(look)
    return arrays, texts


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        return {name: found.read(name) for name in found.namelist() if name.endswith(".json")}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_goes_back_with_the_same_arrays_texts_and_configuration(name: str) -> None:
    data = content(name)
    network = network_of(data, name.partition(".")[0])
    assert network.origin is not None
    assert name.removesuffix(".gz").endswith(network.origin.kind)
    back = dumps(network, network.origin.kind, plain=False)
    assert back == dumps(network, network.origin.kind, plain=False)
    (arrays, texts), (came, told) = held(back), held(data)
    assert texts == told
    assert list(arrays) == list(came)
    for path, array in came.items():
        assert (arrays[path].dtype, arrays[path].shape) == (array.dtype, array.shape)
        np.testing.assert_allclose(arrays[path], array, rtol=1e-5, atol=1e-6)
    if data.startswith(b"PK"):
        assert members(back) == members(data)


@pytest.mark.parametrize("name", NAMES)
def test_an_edit_is_in_the_file_that_goes_back(name: str) -> None:
    stem = name.partition(".")[0]
    network = network_of(content(name), stem)
    for number, layer in enumerate(network.layers, 1):
        weights = layer.weights.copy()
        weights[0, -1] += 0.75
        network = network.with_layer(number, weights=weights)
        if network.origin is None or number in biased(network):
            biases = layer.biases.copy()
            biases[-1] -= 0.5
            network = network.with_layer(number, biases=biases)
    assert network.origin is not None
    again = network_of(dumps(network, network.origin.kind, plain=False), stem)
    pixels = np.random.default_rng(0).random((20, network.sizes[0]), np.float32)
    np.testing.assert_allclose(
        again.forward(pixels).outputs, network.forward(pixels).outputs, atol=1e-6
    )
    assert again.activations == network.activations


def biased(network: Network) -> set[int]:
    """Return the layers that have a place for biases in their file."""
    assert network.origin is not None
    places = enumerate(network.origin.places, 1)
    return {number for number, place in places if place.biases is not None or place.spare}


def one_neuron(*parts: tuple[str, Any], bias: bool) -> bytes:
    """Return an archive of Dense and BatchNormalization, one neuron each, worked by hand."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["layers/dense/vars/0"] = np.float32([[2.0]])
        if bias:
            file["layers/dense/vars/1"] = np.float32([1.0])
        for index, value in enumerate([3.0, 4.0, 5.0, 3.0]):  # gamma, beta, mean, variance
            file[f"layers/batch_normalization/vars/{index}"] = np.float32([value])
        file["layers/dense_1/vars/0"] = np.float32([[7.0]])
        file["layers/dense_1/vars/1"] = np.float32([-1.0])
    return archive(model(*({"class_name": c, "config": s} for c, s in parts)), buffer.getvalue())


DENSE = ("Dense", {"name": "a", "units": 1, "use_bias": True, "activation": "linear"})
RELU = ("Dense", {"name": "a", "units": 1, "activation": "relu"})
NORM = ("BatchNormalization", {"name": "n", "epsilon": 1.0})  # spread: sqrt(3 + 1) = 2
LAST = ("Dense", {"name": "b", "units": 1, "activation": "tanh"})


def test_a_batch_normalisation_is_folded_into_the_layer_before_it() -> None:
    # 3 (2 x + 1 - 5) / 2 + 4 = 3 x - 2
    network = network_of(one_neuron(DENSE, NORM, LAST, bias=True))
    assert network.layers[0].weights.tolist() == [[3.0]]
    assert network.layers[0].biases.tolist() == [-2.0]
    assert network.layers[1].weights.tolist() == [[7.0]]


def test_behind_an_activation_function_it_is_folded_into_the_next_layer() -> None:
    # 7 (3 (a - 5) / 2 + 4) - 1 = 10.5 a - 25.5
    network = network_of(one_neuron(RELU, NORM, LAST, bias=True))
    assert network.layers[0].weights.tolist() == [[2.0]]
    assert network.layers[1].weights.tolist() == [[10.5]]
    assert network.layers[1].biases.tolist() == [-25.5]


def test_before_the_first_layer_it_is_folded_into_that() -> None:
    # 2 (3 (x - 5) / 2 + 4) + 1 = 3 x - 6
    network = network_of(one_neuron(NORM, DENSE, LAST, bias=True))
    assert network.layers[0].weights.tolist() == [[3.0]]
    assert network.layers[0].biases.tolist() == [-6.0]


def test_an_edit_comes_out_of_the_fold_and_the_normalisation_stays() -> None:
    network = network_of(one_neuron(DENSE, NORM, LAST, bias=True))
    network = network.with_layer(1, weights=[[6.0]], biases=[1.0])
    arrays, _ = held(dumps(network, ".keras"))
    # 3 (w x + b - 5) / 2 + 4 = 6 x + 1, so w = 4 and b = 3.
    assert arrays["layers/dense/vars/0"].tolist() == [[4.0]]
    assert arrays["layers/dense/vars/1"].tolist() == [3.0]
    assert [arrays[f"layers/batch_normalization/vars/{n}"].item() for n in range(4)] == [3, 4, 5, 3]


def test_a_bias_that_a_layer_has_no_place_for_goes_into_the_normalisation_behind_it() -> None:
    network = network_of(one_neuron(DENSE, NORM, LAST, bias=False))
    # 3 (2 x - 5) / 2 + 4 = 3 x - 3.5
    assert network.layers[0].biases.tolist() == [-3.5]
    arrays, _ = held(dumps(network.with_layer(1, biases=[0.5]), ".keras"))
    assert "layers/dense/vars/1" not in arrays
    assert arrays["layers/batch_normalization/vars/1"].tolist() == [8.0]


def test_what_the_files_form_cannot_say_is_refused_and_why() -> None:
    network = network_of(content("keras-picture.h5"))
    assert network.origin is not None
    assert network.origin.places[-1].biases is None
    biased = network.with_layer(2, biases=np.ones(10))
    with pytest.raises(NetworkFileError, match="layer 2 has biases now; its file has none"):
        dumps(biased, ".h5")
    assert len(read(dumps(biased, ".h5", plain=True)).layers) == 2
    other = Network(
        tuple(Layer(each.weights, each.biases, "tanh") for each in network.layers),
        origin=network.origin,
    )
    with pytest.raises(NetworkFileError, match="layer 1 is tanh; its file says relu"):
        dumps(other, ".h5")


def test_a_skeleton_that_was_changed_is_refused_in_words() -> None:
    network = network_of(content("keras-sequential.keras"))
    assert network.origin is not None
    for skeleton in (b"", b"[]", b"{}", b'{"attributes": {"a": {"b": 3}}, "members": {}}',
                     b'{"attributes": {"layers/dense/vars/0": {}}, "members": {}}',
                     b'{"attributes": {}, "members": {"config.json": 3}}'):  # fmt: skip
        changed = replace(network, origin=replace(network.origin, skeleton=skeleton))
        with pytest.raises(NetworkFileError):
            keras.dumps_back(changed)
    with pytest.raises(NetworkFileError, match="was read from a file of Keras's"):
        keras.dumps_back(Network.blank((4, 2)))
