from __future__ import annotations

import io
import json
import random
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from toolkit.formats.containers import hdf5
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks import keras
from toolkit.formats.limits import LIMITS
from toolkit.formats.meaning.reading import Reading
from toolkit.network import Network

FILES = Path(__file__).parent / "files"
NETWORK = Network.random((6, 4, 3, 2), ["tanh", "relu", "softmax"], seed=3, name="three layers")
GOOD = keras.dumps(NETWORK)
Change = Callable[[Any], None]


def built(change: Change) -> bytes:
    """Return a weights file of two layers, ``first`` (4, 3) and ``second`` (3, 2), changed."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["layer_names"] = np.array(["first", "second"], "S")
        for name, shape in (("first", (4, 3)), ("second", (3, 2))):
            group = file.create_group(name)
            group.attrs["weight_names"] = np.array(["kernel", "bias"], "S")
            group["kernel"] = np.ones(shape, np.float32)
            group["bias"] = np.zeros(shape[1], np.float32)
        change(file)
    return buffer.getvalue()


def configured(layers: list[dict[str, Any]], kind: str = "Sequential") -> bytes:
    """Return a whole model whose configuration lists `layers` over the arrays of :func:`built`."""

    def change(file: Any) -> None:
        config = {"class_name": kind, "config": {"name": "model", "layers": layers}}
        file.attrs["model_config"] = json.dumps(config)

    return built(change)


def step(kind: str, name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": name, **config}}


FIRST = step("Dense", "first", units=3, activation="relu")
SECOND = step("Dense", "second", units=2, activation="softmax")


def replaced(name: str, **settings: Any) -> Change:
    def change(file: Any) -> None:
        del file["first"][name]
        file["first"].create_dataset(name, **settings)

    return change


def test_a_written_network_reads_back_with_its_activations_and_name() -> None:
    reading = keras.read(GOOD)
    assert [layer.activation for layer in reading.layers] == list(NETWORK.activations)
    assert all(layer.inputs_first for layer in reading.layers)
    for raw, layer in zip(reading.layers, NETWORK.layers, strict=True):
        np.testing.assert_array_equal(raw.weights, layer.weights.T)
        np.testing.assert_array_equal(raw.biases, layer.biases)
    assert reading.name == "three layers"
    assert reading.provenance == NETWORK.provenance


def test_weights_alone_leave_activations_open() -> None:
    reading = keras.read(built(lambda file: None))
    assert [layer.activation for layer in reading.layers] == [None, None]
    assert [layer.name for layer in reading.layers] == ["first", "second"]


def test_layers_of_the_newer_form_are_put_in_the_order_their_shapes_leave() -> None:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for name, shape in (("a_last", (3, 2)), ("fc", (5, 3))):
            file[f"{name}/vars/0"] = np.ones(shape, np.float32)
            file[f"{name}/vars/1"] = np.ones(shape[1], np.float32)
    reading = keras.read(buffer.getvalue())
    assert [layer.name for layer in reading.layers] == ["fc", "a_last"]
    assert "does not say its layers' order" in reading.notes[0]


def test_rescaling_from_bytes_and_to_minus_one_is_a_map_of_pixels() -> None:
    scaling = step("Rescaling", "scale", scale=1 / 127.5, offset=-1)
    assert keras.read(configured([scaling, FIRST, SECOND])).input_map == pytest.approx((2, -1))
    scaling = step("Rescaling", "scale", scale=2.0, offset=-1.0)
    assert keras.read(configured([scaling, FIRST, SECOND])).input_map == (2, -1)
    assert keras.read(configured([FIRST, SECOND])).input_map is None


@pytest.mark.parametrize("dtype", ["<f2", ">f4", "<f8", ">f8"])
def test_floats_of_any_size_are_read(dtype: str) -> None:
    values = np.arange(12).reshape(4, 3).astype(dtype) / 8
    reading = keras.read(built(replaced("kernel", data=values)))
    np.testing.assert_array_equal(reading.layers[0].weights, values)


@pytest.mark.parametrize(
    "settings",
    [
        {"compression": "gzip"},
        {"compression": "gzip", "shuffle": True, "fletcher32": True},
        {"shuffle": True},
        {},
    ],
    ids=["gzip", "all filters", "shuffled", "plain"],
)
def test_chunks_are_unpacked(settings: dict[str, Any]) -> None:
    values = np.random.default_rng(0).random((4, 3), np.float32)
    reading = keras.read(built(replaced("kernel", data=values, chunks=(3, 2), **settings)))
    np.testing.assert_array_equal(reading.layers[0].weights, values)


def test_not_a_number_is_kept() -> None:
    values = np.full((4, 3), np.nan, np.float32)
    assert np.isnan(keras.read(built(replaced("kernel", data=values))).layers[0].weights).all()


def soft(file: Any) -> None:
    file["other"] = h5py.SoftLink("/first")


def external(file: Any) -> None:
    file["first"]["other"] = h5py.ExternalLink("/etc/passwd", "/first")


def cycle(file: Any) -> None:
    file["first"]["again"] = file["/"]


def twice(file: Any) -> None:
    file["third"] = file["first"]


def virtual(file: Any) -> None:
    layout = h5py.VirtualLayout((4, 3), np.float32)
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (4, 3))
    file.create_virtual_dataset("virtual", layout)


def outside(file: Any) -> None:
    file.create_dataset("outside", (4,), "f4", external=[("/etc/passwd", 0, 16)])


def references(file: Any) -> None:
    file.create_dataset("references", (2,), h5py.ref_dtype)


def any_length(file: Any) -> None:
    file.create_dataset("lists", (2,), h5py.vlen_dtype(np.float32))


def words(file: Any) -> None:
    file["words"] = ["a", "b"]


def records(file: Any) -> None:
    file["records"] = np.zeros(2, [("a", "f4")])


def named_type(file: Any) -> None:
    file["type"] = np.dtype("f4")


def many(file: Any) -> None:
    for number in range(LIMITS.tensors):
        file.create_group(f"g{number}")


def deep(file: Any) -> None:
    file.create_group("/".join("g" * 70))


def dense_links(file: Any) -> None:
    group = file.create_group("newer", track_order=True)
    for number in range(20):
        group.create_group(str(number))


def names_lost(file: Any) -> None:
    file.attrs["layer_names"] = np.array(["first", "../../etc/passwd"], "S")


def names_numbers(file: Any) -> None:
    file.attrs["layer_names"] = np.arange(3)


def arrays_lost(file: Any) -> None:
    del file["first"]["kernel"]


def config_deep(file: Any) -> None:
    file.attrs["model_config"] = "[" * 200_000


def config_number(file: Any) -> None:
    file.attrs["model_config"] = 3.5


def huge(file: Any) -> None:
    file.create_dataset("huge", (1 << 40,), "f4", chunks=(1024,))


def huge_chunk(file: Any) -> None:
    file.create_dataset("huge", (1,), "f4", chunks=(1 << 28,), maxshape=(None,))


def empty_space(file: Any) -> None:
    replaced("kernel", shape=(4, 3), dtype="f4")(file)


def bomb(file: Any) -> None:
    replaced("kernel", shape=(4, 3), dtype="f4", chunks=(4, 3), compression="gzip")(file)
    packed = zlib.compress(bytes(50 << 20), 9)
    file["first"]["kernel"].id.write_direct_chunk((0, 0), packed)


def conv(file: Any) -> None:
    replaced("kernel", data=np.ones((3, 3, 1, 8), np.float32))(file)


BAD: dict[str, tuple[bytes, str]] = {
    "soft link": (built(soft), r"'other' is a soft link"),
    "external link": (built(external), r"'first/other' is a link into another file"),
    "cycle": (built(cycle), r"'first/again' is linked from two places, or from inside itself"),
    "group linked twice": (built(twice), r"is linked from two places"),
    "virtual array": (built(virtual), r"'virtual' is (a virtual array|in a newer form)"),
    "external array": (built(outside), r"'outside' keeps its numbers in another file"),
    "references": (built(references), r"'references' holds references, not numbers"),
    "lists of any length": (built(any_length), r"'lists' holds lists of any length, not numbers"),
    "texts": (built(words), r"'words' holds lists of any length, not numbers"),
    "records": (built(records), r"'records' holds records, not numbers"),
    "named type": (built(named_type), r"'type' is neither a group nor an array"),
    "too many groups": (built(many), r"(more than|holds more than) 4096"),
    "deep groups": (built(deep), r"is nested more than 64 groups deep"),
    "dense links": (built(dense_links), r"'newer' is in a newer form of HDF5 \(dense links\)"),
    "names without arrays": (built(names_lost), r"lists '../../etc/passwd', but its arrays are"),
    "names are numbers": (built(names_numbers), r"'layer_names' that is no text"),
    "array lost": (built(arrays_lost), r"the array 'first/kernel' is missing"),
    "deep config": (built(config_deep), r"model_config: JSON nested too deeply"),
    "config is a number": (built(config_number), r"'model_config' that is no text"),
    "huge array": (built(huge), r"'huge' declares .*4194304 MiB"),
    "huge chunk": (built(huge_chunk), r"'huge' is cut into chunks of shape \(268435456\), too"),
    "no storage": (built(empty_space), r"declares shape \(4, 3\), 48 bytes; the file holds 0"),
    "zip bomb": (built(bomb), r"a chunk that does not unpack to its 48 bytes"),
    "convolution": (built(conv), r"'first' .*shape \(3, 3, 1, 8\), \(3\); expected a matrix"),
    "whole numbers": (
        built(replaced("kernel", data=np.ones((4, 3), np.int32))),
        r"'first/kernel' should hold floats of 16, 32 or 64 bits",
    ),
    "lzf": (
        built(replaced("kernel", data=np.ones((4, 3), "f4"), compression="lzf")),
        r"'first/kernel' is compressed by filter 32000",
    ),
    "rank 9": (
        built(lambda file: file.create_dataset("nine", (1,) * 9, "f4")),
        r"'nine' has 9 dimensions; at most 8",
    ),
    "shapes apart": (
        built(replaced("bias", data=np.ones(7, "f4"))), r"'first' .*expected 3 biases"
    ),
    "not Keras": (
        built(lambda file: [file.attrs.pop("layer_names"), file.pop("first"), file.pop("second"),
                            file.create_dataset("image", data=np.zeros((2, 2, 2)))]),
        r"an HDF5 file, but not one of Keras's",
    ),
    "convolution in config": (
        configured([step("Conv2D", "conv", filters=8), FIRST, SECOND]),
        r"'conv' \(Conv2D\): is a convolution; only fully connected",
    ),
    "picture rows": (
        configured([step("InputLayer", "in", batch_shape=[None, 8, 4]), FIRST, SECOND]),
        r"'first' \(Dense\): acts on each row of a picture; put a Flatten",
    ),
    "capped": (
        configured([step("Dense", "first", units=3), step("ReLU", "cap", max_value=2.0), SECOND]),
        r"'cap' \(ReLU\): its max_value is not the usual one",
    ),
    "no slope": (
        configured([step("Dense", "first", units=3), step("ELU", "e", alpha="1"), SECOND]),
        r"'e' \(ELU\): its alpha should be a number",
    ),
    "two activations": (
        configured([FIRST, step("Activation", "more", activation="tanh"), SECOND]),
        r"'more' \(Activation\): a second activation function, after relu",
    ),
    "unknown function": (
        configured([step("Dense", "first", units=3, activation="wave"), SECOND]),
        r"'first' \(Dense\): activation 'wave' is not among elu, gelu, hard_sigmoid",
    ),
    "SELU": (
        configured([step("Dense", "first", units=3, activation="selu"), SECOND]),
        r"'first' \(Dense\): activation SELU has no equal here",
    ),
    "PReLU": (
        configured([step("Dense", "first", units=3), step("PReLU", "slopes"), SECOND]),
        r"'slopes' \(PReLU\): PReLU \(a slope for each neuron\) has no equal here",
    ),
    "lambda as activation": (
        configured([step("Dense", "first", units=3, activation={"class_name": "__lambda__"})]),
        r"'first' \(Dense\): activation is a lambda, whose code is not run",
    ),
    "Lambda": (
        configured([step("Lambda", "own"), FIRST, SECOND]),
        r"'own' \(Lambda\): what its code does is not in the file; say it with layers of Keras",
    ),
    "layer normalisation": (
        configured([FIRST, step("LayerNormalization", "norm"), SECOND]),
        r"'norm' \(LayerNormalization\): measures each digit anew",
    ),
    "batch normalisation lost": (
        configured([FIRST, step("BatchNormalization", "norm"), SECOND]),
        r"'norm' \(BatchNormalization\): its arrays are missing",
    ),
    "never adapted": (
        configured([step("Normalization", "norm", mean=None), FIRST, SECOND]),
        r"'norm' \(Normalization\): holds no means",
    ),
    "hard sigmoid of nobody": (
        configured([step("Dense", "first", units=3, activation="hard_sigmoid"), SECOND]),
        r"'first' \(Dense\): Keras 2 and 3 mean different functions by hard_sigmoid",
    ),
    "units lie": (
        configured([step("Dense", "first", units=5), SECOND]),
        r"'first' \(Dense\): its configuration says 5 neurons; its weights are for 3",
    ),
    "order": (
        configured([SECOND, FIRST]), r"'first' \(Dense\): takes 4 inputs; the layer before gives 2"
    ),
    "own class": (configured([FIRST, SECOND], "MyModel"), r"a model of class 'MyModel'"),
    "scaling late": (
        configured([FIRST, SECOND, step("Rescaling", "late", scale=2)]),
        r"'late' \(Rescaling\): scales what the last layer gives after its activation",
    ),
    "scaling by text": (
        configured([step("Rescaling", "s", scale="2"), FIRST]), r"its scale should be a number"
    ),
    "no layers": (
        configured([]), r"arrays of 'first', 'second', which its configuration does not list"
    ),
    "truncated": (GOOD[:-100], r"damaged, or no HDF5 file .*breaks off"),
    "signature alone": (hdf5.MAGIC, r"damaged, or no HDF5 file"),
    "newer superblock": (
        hdf5.MAGIC + b"\x04" + GOOD[9:], r"is in a newer form of HDF5 \(superblock 4\)"
    ),
    "not HDF5": (b"hello", r"expected a Keras file"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_refused_in_words(name: str) -> None:
    data, message = BAD[name]
    with pytest.raises(NetworkFileError, match=message) as caught:
        keras.read(data, "bad.h5")
    assert str(caught.value).startswith("bad.h5: ")
    assert len(str(caught.value)) < 500


def test_limits_can_be_set() -> None:
    with pytest.raises(NetworkFileError, match="would unpack to"):
        keras.read(GOOD, limits=replace(LIMITS, decoded_bytes=200))
    with pytest.raises(NetworkFileError, match="at most 0 MiB are read"):
        keras.read(GOOD, limits=replace(LIMITS, file_bytes=100))
    with pytest.raises(NetworkFileError, match="'model_config' of more than"):
        keras.read(GOOD, limits=replace(LIMITS, header_bytes=500))


def test_a_header_in_a_circle_ends() -> None:
    # A continuation message that points back at its own block.
    header = struct.unpack_from("<Q", GOOD, 64)[0]
    data = bytearray(GOOD)
    struct.pack_into("<HHI", data, header + 16, 0x10, 16, 0)
    struct.pack_into("<QQ", data, header + 24, header + 16, 24)
    with pytest.raises(NetworkFileError, match="an object header goes in a circle"):
        keras.read(bytes(data))


def test_an_archive_needs_its_members() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("config.json", "{}")
    with pytest.raises(NetworkFileError, match=r"holds no 'model\.weights\.h5'"):
        keras.read(buffer.getvalue())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("config.json", "[" * 200_000)
        archive.writestr("model.weights.h5", GOOD)
    with pytest.raises(NetworkFileError, match="JSON nested too deeply"):
        keras.read(buffer.getvalue())


def test_writing_without_h5py_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(NetworkFileError, match=r"pip install 'weight-map-toolkit\[formats\]'"):
        keras.dumps(NETWORK)
    assert keras.read(GOOD).layers  # reading needs none


@pytest.mark.parametrize(
    "name", ["keras-sequential.h5", "keras-sequential.weights.h5", "keras-picture.keras"]
)
def test_mutants_give_a_reading_or_the_one_error(name: str) -> None:
    good, rng = (FILES / name).read_bytes(), random.Random(name)
    for _ in range(400):
        data = bytearray(good)
        for _ in range(rng.choice((1, 1, 2, 8))):
            at = rng.randrange(len(data))
            width = rng.choice((1, 2, 4, 8))
            value = rng.choice((0, 1, 1 << 31, (1 << 64) - 1, at, rng.getrandbits(64)))
            data[at : at + width] = (value % (1 << 8 * width)).to_bytes(width, "little")
        if rng.random() < 0.1:
            del data[rng.randrange(len(data)) :]
        try:
            assert isinstance(keras.read(bytes(data)), Reading)
        except NetworkFileError:
            continue
