from __future__ import annotations

import contextlib
import io
import itertools
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from toolkit import apart, shipped
from toolkit.digits import DigitSet
from toolkit.edits import reset
from toolkit.experiments import Experiment
from toolkit.formats import NetworkFileError, load, read, save
from toolkit.formats.frameworks import npz
from toolkit.formats.meaning.interpretation import possibilities
from toolkit.grid import Grid
from toolkit.network import ACTIVATIONS, Layer, Network

GOOD = npz.dumps(Network.random((6, 4, 3), seed=1))


@st.composite
def networks(draw: st.DrawFn) -> Network:
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=4))
    any_float = st.floats(width=32, allow_nan=True, allow_infinity=True)
    layers = [
        Layer(
            draw(hnp.arrays(np.float32, (out, into), elements=any_float)),
            draw(hnp.arrays(np.float32, out, elements=any_float)),
            draw(st.sampled_from([*ACTIVATIONS, "leaky_relu(0.2)", "elu(-1e-07)"])),
        )
        for into, out in itertools.pairwise(sizes)
    ]
    # NumPy's text drops trailing NULs, and no name needs them.
    text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
    called = st.sampled_from(["top bar", "Ring ü 数字", "2 loop", "x" * 40])
    at = st.tuples(st.integers(1, len(layers)), st.just(0))
    names = draw(st.dictionaries(at, called, max_size=3))
    return Network(tuple(layers), draw(text), draw(st.dictionaries(text, text, max_size=3)), names)


@settings(deadline=None)
@given(networks())
def test_what_is_saved_is_loaded_bit_for_bit(network: Network) -> None:
    again = load(npz.dumps(network))
    assert again == network
    assert again.name == network.name
    assert again.names == network.names
    assert dict(again.provenance) == dict(network.provenance)


def test_the_same_network_gives_the_same_bytes() -> None:
    assert npz.dumps(Network.random()) == npz.dumps(Network.random())


def test_an_existing_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.npz"
    save(Network.random(seed=1), path)

    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        save(Network.random(seed=2), path)
    assert load(path) == Network.random(seed=1)
    assert [file.name for file in tmp_path.iterdir()] == ["net.npz"]


def test_shipped_networks_open_by_name_and_files_by_path(tmp_path: Path) -> None:
    save(Network.blank((784, 10)), tmp_path / "mine.npz")
    assert shipped.open_network(str(tmp_path / "mine.npz")).sizes == (784, 10)
    for name in shipped.names():
        assert shipped.open_network(name).sizes == (784, 16, 16, 10)
    with pytest.raises(NetworkFileError, match="neither a file nor one that ships"):
        shipped.open_network("no-such-thing")


def members(change: Callable[[dict[str, Any]], None]) -> bytes:
    with np.load(io.BytesIO(GOOD)) as archive:
        arrays = dict(archive)
    change(arrays)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def raw_members(content: dict[str, bytes], **options: Any) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def lying_header() -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": "<f8", "fortran_order": False, "shape": (1 << 40,)}
    )
    return raw_members({"weights_1.npy": buffer.getvalue() + b"\0" * 16})


def bomb() -> bytes:
    return raw_members({"a.npy": b"\0" * (257 << 20)}, compression=zipfile.ZIP_DEFLATED)


def objects() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, format=np.array([print], dtype=object))
    return buffer.getvalue()


def encrypted() -> bytes:
    data = bytearray(GOOD)
    at = data.rfind(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def no_text() -> bytes:
    """Write a name of which the last character has a number that none has."""
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    content["name.npy"] = content["name.npy"][:-1] + b"\x7f"
    return raw_members(content)


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "is empty"),
    "text": (lambda: b"<html>404</html>", "not a network this version reads"),
    "pickle": (lambda: b"\x80\x04K\x01.", "not a network this version reads"),
    "truncated": (lambda: GOOD[: len(GOOD) // 2], "damaged"),
    "flipped": (lambda: GOOD[:120] + bytes([GOOD[120] ^ 255]) + GOOD[121:], "damaged"),
    "only the magic": (lambda: b"PK\x03\x04", "damaged"),
    "another npz": (lambda: members(lambda a: a.pop("format")), "not a network of this toolkit"),
    "newer": (lambda: members(lambda a: a.update(version=np.array(99))), "expected version 1"),
    "no version": (lambda: members(lambda a: a.pop("version")), "'version' is missing"),
    "no activations": (lambda: members(lambda a: a.pop("activations")), "'activations' should"),
    "unknown activation": (
        lambda: members(lambda a: a.update(activations=np.array(["swish", "relu"]))),
        "layer 1: activation: expected one of",
    ),
    "no biases": (lambda: members(lambda a: a.pop("biases_2")), "'biases_2' is missing"),
    "text weights": (
        lambda: members(lambda a: a.update(weights_1=np.array([["x"]]))),
        "'weights_1' should hold floats",
    ),
    "shapes": (
        lambda: members(lambda a: a.update(weights_2=np.zeros((3, 5)))),
        "layer 2: expected 4 inputs",
    ),
    "ragged": (
        lambda: members(lambda a: a.update(biases_1=np.zeros(9))),
        "layer 1: biases: expected 4",
    ),
    "provenance": (
        lambda: members(lambda a: a.update(provenance=np.array("[" * 200_000))),
        "'provenance' should be JSON",
    ),
    "objects": (objects, "Python objects that would have to be executed"),
    "lying header": (lying_header, "declares shape"),
    "bomb": (bomb, "would unpack to 257 MiB"),
    "encrypted": (encrypted, "is encrypted"),
    "no text": (no_text, "'name.npy' holds what is no text"),
    "not npy": (lambda: raw_members({"format.npy": b"hello"}), "damaged"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_gives_the_one_error_with_a_clear_word(case: str, tmp_path: Path) -> None:
    make, message = BAD[case]
    path = tmp_path / "bad.npz"
    path.write_bytes(make())
    with pytest.raises(NetworkFileError, match=message) as caught:
        load(path)
    assert "bad.npz" in str(caught.value)


def test_two_members_of_one_name_are_refused() -> None:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w") as archive,
        pytest.warns(UserWarning, match="Duplicate"),
    ):
        archive.writestr("a.npy", b"1")
        archive.writestr("a.npy", b"2")
    with pytest.raises(NetworkFileError, match="every array once; two have one name"):
        load(buffer.getvalue())


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_mutant_is_a_network_or_that_error(data: st.DataObject) -> None:
    mutant = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        mutant[data.draw(st.integers(0, len(mutant) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(NetworkFileError):
        assert isinstance(load(bytes(mutant)), Network)


def test_a_name_with_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NetworkFileError, match=r"ends in \.npz"):
        save(Network.blank(), tmp_path / "net.doc")
    with pytest.raises(NetworkFileError, match="a folder"):
        load(tmp_path)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "gone.npz")


def _on_grid(rows: int, columns: int) -> Network:
    network = Network.random((rows * columns, 4, 10), seed=1)
    return network.with_layer(1, grid=Grid(rows, columns))


def test_a_grid_that_is_not_the_usual_one_comes_back(tmp_path: Path) -> None:
    network = _on_grid(20, 30)
    assert Grid.of(600) == Grid(24, 25)
    save(network, tmp_path / "wide.npz")
    # What the file says counts, whatever the digits' own grid is.
    digits = DigitSet(np.zeros((3, 600), np.uint8), np.zeros(3, np.uint8))
    recipe = Experiment(network).recipe()
    for again in (
        load(tmp_path / "wide.npz"), npz.loads(npz.dumps(network)),
        possibilities(read(tmp_path / "wide.npz"), digits)[0].network,
        apart.read_network(npz.dumps(network), "wide.npz", digits)[0].network,
        Experiment.from_recipe(recipe).start,
    ):  # fmt: skip
        assert again == network
        assert again.grid == Grid(20, 30)
    changed = reset(network, network, 1, 0).apply(network)
    assert changed.grid == Grid(20, 30)


def test_usual_grids_take_no_room_in_a_file() -> None:
    names = zipfile.ZipFile(io.BytesIO(npz.dumps(Network.random()))).namelist()
    assert "grids.npy" not in names
    assert npz.dumps(_on_grid(24, 25)) == npz.dumps(Network.random((600, 4, 10), seed=1))


@pytest.mark.parametrize(
    "grids",
    [
        np.array([[20, 30]]), np.array([[20, 30], [2.0, 2.0]]), np.array([[0, 600], [2, 2]]),
        np.array([[-20, -30], [2, 2]]), np.array([[20, 31], [2, 2]]), np.array("20x30"),
        np.array([[2**62, 4], [2, 2]]),
    ],
    ids=str,
)  # fmt: skip
def test_grids_that_do_not_fit_are_refused(grids: np.ndarray[Any, Any]) -> None:
    with zipfile.ZipFile(io.BytesIO(npz.dumps(_on_grid(20, 30)))) as archive:
        arrays = {
            name.removesuffix(".npy"): np.load(io.BytesIO(archive.read(name)))
            for name in archive.namelist()
        }
    buffer = io.BytesIO()
    np.savez(buffer, **{**arrays, "grids": grids})
    with pytest.raises(NetworkFileError, match="grid"):
        load(buffer.getvalue())
