"""Our reader of HDF5 beside h5py: what that wrote and reads is what ours reads, or is refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.formats import NetworkFileError, read
from toolkit.formats.containers.hdf5 import Tree
from toolkit.formats.frameworks import keras
from toolkit.network import Network

NAMES = st.text("abcdef_0123:é", min_size=1, max_size=8)
KINDS = ("<f4", ">f4", "<f8", ">f8", "<f2")


def written(change: Callable[[Any], None], libver: str = "earliest") -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", libver=libver) as file:
        change(file)
    return buffer.getvalue()


@st.composite
def stored(draw: st.DrawFn) -> dict[str, Any]:
    """Draw one array and how it is kept: h5py's own arguments."""
    shape = tuple(draw(st.lists(st.integers(1, 40), min_size=1, max_size=3)))
    seed = draw(st.integers(0, 1000))
    kept: dict[str, Any] = {
        "data": np.random.default_rng(seed).normal(size=shape).astype(draw(st.sampled_from(KINDS)))
    }
    if draw(st.booleans()):
        kept["chunks"] = tuple(draw(st.integers(1, length)) for length in shape)
        if draw(st.booleans()):
            kept |= {"compression": "gzip", "compression_opts": draw(st.integers(0, 9))}
        kept |= {"shuffle": draw(st.booleans()), "fletcher32": draw(st.booleans())}
    return kept


TREES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=3).map("/".join), stored(), min_size=1, max_size=5
)
TEXTS = st.dictionaries(NAMES, st.one_of(st.text("xyzé ", max_size=20), st.lists(NAMES)))


def fill(file: Any, arrays: dict[str, dict[str, Any]], texts: dict[str, Any]) -> None:
    for path, kept in arrays.items():
        try:
            file.create_dataset(path, **kept)
        except (ValueError, TypeError, KeyError):  # an array stands where a group should
            continue
    for name, value in texts.items():
        file.attrs.create(name, value, dtype=h5py.string_dtype())


def same_as_h5py(data: bytes) -> None:
    tree = Tree(data, "file")
    arrays, groups = {}, {""}

    def visit(path: str, found: Any) -> None:
        if isinstance(found, h5py.Dataset):
            arrays[path] = found[()]
        else:
            groups.add(path)

    with h5py.File(io.BytesIO(data), "r") as file:
        file.visititems(visit)
        texts = dict(file.attrs)
    assert tree.groups == groups
    assert sorted(tree.arrays) == sorted(arrays)
    for path, values in arrays.items():
        assert tree.shape(path) == values.shape
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(tree.read(path), values.astype(np.float32))
    for name, value in texts.items():
        if isinstance(value, str):
            said = tree.text("", name)
            assert said is not None
            assert said.decode() == value
        else:
            assert tree.texts("", name) == list(value)


@settings(max_examples=120, deadline=None)
@given(TREES, TEXTS)
def test_what_h5py_writes_by_itself_is_read_as_it_reads_it(
    arrays: dict[str, Any], texts: dict[str, Any]
) -> None:
    same_as_h5py(written(lambda file: fill(file, arrays, texts)))


@settings(max_examples=120, deadline=None)
@given(TREES, TEXTS)
def test_the_newest_form_is_read_the_same_or_refused_with_advice(
    arrays: dict[str, Any], texts: dict[str, Any]
) -> None:
    data = written(lambda file: fill(file, arrays, texts), "latest")
    try:
        same_as_h5py(data)
    except NetworkFileError as error:
        assert "is in a newer form of HDF5" in str(error)
        many = len(texts) > 8 or any(np.prod(kept["data"].shape) > 1024 for kept in arrays.values())
        assert many, error


def again(old: Any, new: Any) -> None:
    """Write groups, attributes and arrays anew, each as often as it is linked."""
    new.attrs.update(old.attrs)
    for name, found in old.items():
        if isinstance(found, h5py.Dataset):
            new[name] = found[()]
        else:
            again(found, new.create_group(name))


@pytest.mark.parametrize("libver", ["earliest", "v108", "v110", "latest"])
def test_a_keras_file_in_any_version_of_the_form_is_the_same_network(libver: str) -> None:
    network = Network.random((20, 7, 3), ("relu", "softmax"), seed=4)
    buffer = io.BytesIO()
    source = io.BytesIO(keras.dumps(network))
    with h5py.File(source, "r") as old, h5py.File(buffer, "w", libver=libver) as new:
        again(old, new)
    data = buffer.getvalue()
    assert (data[8] > 1) == (libver != "earliest")
    layers = read(data).layers
    for raw, layer in zip(layers, network.layers, strict=True):
        np.testing.assert_array_equal(raw.weights.T, layer.weights)
        np.testing.assert_array_equal(raw.biases, layer.biases)


def grown(file: Any) -> None:
    file.create_dataset("grown", data=np.ones((4, 3), "f4"), chunks=(2, 3), maxshape=(None, 3))


def many_links(file: Any) -> None:
    for number in range(20):
        file.create_group(str(number))


def many_texts(file: Any) -> None:
    for number in range(20):
        file.attrs[f"said {number}"] = "so"


def paged(file: Any) -> None:
    file.create_dataset("paged", data=np.ones((2000, 1), "f4"), chunks=(1, 1))


NEWER: dict[str, Callable[[Any], None]] = {
    "dense links": many_links,
    "dense attributes": many_texts,
    "an extensible index of chunks": grown,
    "an index of chunks in pages": paged,
}


@pytest.mark.parametrize("what", NEWER)
def test_what_is_not_read_of_the_newest_form_comes_with_advice_that_works(what: str) -> None:
    change = NEWER[what]
    with pytest.raises(NetworkFileError, match=rf"newer form of HDF5 \({what}\)") as caught:
        same_as_h5py(written(change, "latest"))
    assert "libver='earliest'" in str(caught.value)
    same_as_h5py(written(change, "earliest"))


def test_numbers_never_written_are_no_weights_whatever_would_fill_them() -> None:
    for chunks in (None, (2, 2)):
        for libver in ("earliest", "latest"):

            def empty(file: Any, chunks: Any = chunks) -> None:
                made = file.create_dataset("some", (4, 4), "f4", chunks=chunks, fillvalue=7)
                if chunks:
                    made[:2, :2] = 1

            tree = Tree(written(empty, libver), "file")
            with pytest.raises(NetworkFileError, match=r"lacks some of its chunks|file holds 0"):
                tree.read("some")


def test_links_elsewhere_are_refused_in_the_newest_form_too() -> None:
    for link, words in (
        (h5py.SoftLink("/there"), "is a soft link"),
        (h5py.ExternalLink("/etc/passwd", "/"), "is a link into another file"),
    ):

        def change(file: Any, link: Any = link) -> None:
            file["other"] = link

        with pytest.raises(NetworkFileError, match=words):
            Tree(written(change, "latest"), "file")


def test_every_byte_of_the_newest_form_may_be_wrong() -> None:
    kept = {"data": np.ones((3, 4), "f4"), "chunks": (2, 2)}
    data = written(lambda file: fill(file, {"a/b": kept}, {"t": "x"}), "latest")
    for at in range(len(data)):
        for value in (0, 0xFF, data[at] ^ 1):
            try:
                tree = Tree(data[:at] + bytes([value]) + data[at + 1 :], "file")
                for path in tree.arrays:
                    tree.read(path)
            except NetworkFileError:
                pass
