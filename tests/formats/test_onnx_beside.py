"""ONNX models that keep their numbers in a file beside them, as PyTorch's exporter makes them."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from toolkit.formats import LIMITS, NetworkFileError, read
from toolkit.formats.meaning.reading import Reading

FILES = Path(__file__).parent / "files"
NAME = "onnx-torch-beside.onnx"
MODEL, DATA = (FILES / NAME).read_bytes(), (FILES / f"{NAME}.data").read_bytes()


def same(one: Reading, other: Reading) -> bool:
    return all(
        np.array_equal(a.weights, b.weights) for a, b in zip(one.layers, other.layers, strict=True)
    )


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def pointing(**changes: str) -> bytes:
    """Return the model with something else said of where its first weights are."""
    model = onnx.load_model_from_string(MODEL)
    (tensor, *_) = (each for each in model.graph.initializer if each.data_location)
    for entry in tensor.external_data:
        entry.value = changes.pop(entry.key, entry.value)
    for key, value in changes.items():
        tensor.external_data.add(key=key, value=value)
    return bytes(model.SerializeToString())


def test_both_files_are_read_however_they_come(tmp_path: Path) -> None:
    alone = read(FILES / NAME)
    assert [raw.weights.shape for raw in alone.layers] == [(6, 64), (10, 6)]
    both = {NAME: MODEL, f"{NAME}.data": DATA}
    for name, content in both.items():
        (tmp_path / name).write_bytes(content)
    within = zipped({f"model/{name}": content for name, content in both.items()})
    for source in (both, tmp_path, zipped(both), within, dict(reversed(both.items()))):
        assert same(read(source), alone)


def test_a_model_in_an_archive_needs_nothing_beside_it() -> None:
    whole = (FILES / "onnx-sklearn.onnx").read_bytes()
    assert same(read(zipped({"a/model.onnx": whole})), read(whole))
    assert same(read({"any name": whole}), read(whole))


@pytest.mark.parametrize("source", [MODEL, zipped({NAME: MODEL}), {NAME: MODEL, "other": DATA}])
def test_what_is_missing_is_named_and_what_avoids_it(source: Any) -> None:
    with pytest.raises(NetworkFileError, match=f"'{NAME}.data', which is not there") as caught:
        read(source)
    assert "torch.onnx.export(..., external_data=False)" in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"location": "../secret"}, "only a file beside the model is read"),
        ({"location": "/etc/passwd"}, "only a file beside the model is read"),
        ({"location": "a\\b"}, "only a file beside the model is read"),
        ({"location": ".."}, "only a file beside the model is read"),
        ({"location": ""}, "only a file beside the model is read"),
        ({"location": "folder"}, "is a link or no file"),
        ({"location": "link"}, "is a link or no file"),
        ({"location": "no such file"}, "which is not there"),
        ({"offset": "-1"}, "its offset in the other file should be a whole number; it is '-1'"),
        ({"offset": "9" * 30}, "its offset in the other file should be a whole number"),
        ({"offset": "99999"}, r"should be 1536 bytes from 99999 of .*; the model says 1536"),
        ({"length": "99999"}, r"should be 1536 bytes from \d+ of .*; the model says 99999"),
        ({"length": "12"}, r"should be 1536 bytes .* the model says 12"),
    ],
    ids=str,
)
def test_only_plain_names_in_the_same_folder_and_what_is_in_the_file(
    changes: dict[str, str], message: str, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    (folder / "folder").mkdir(parents=True)
    (tmp_path / "secret").write_bytes(DATA)
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / f"{NAME}.data").write_bytes(DATA)
    (folder / NAME).write_bytes(pointing(**changes))
    with pytest.raises(NetworkFileError, match=message):
        read(folder / NAME)


def test_the_files_together_are_within_the_limits(tmp_path: Path) -> None:
    shutil.copy(FILES / NAME, tmp_path)
    (tmp_path / f"{NAME}.data").write_bytes(DATA)
    few = replace(LIMITS, file_bytes=len(DATA) + 10, decoded_bytes=10**9)
    with pytest.raises(NetworkFileError, match="at most 0 MiB are read"):
        read({NAME: MODEL, f"{NAME}.data": DATA}, limits=few)
    (tmp_path / f"{NAME}.data").write_bytes(DATA * 10)
    with pytest.raises(NetworkFileError, match="at most 0 MiB are read"):
        read(tmp_path / NAME, limits=few)


def test_numbers_alone_and_several_models_are_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NetworkFileError, match=r"the numbers of an ONNX model.* give both files"):
        read(FILES / f"{NAME}.data")
    for name in "ab":
        (tmp_path / f"{name}.onnx").write_bytes(MODEL)
    with pytest.raises(NetworkFileError, match="a folder with 2 ONNX models; name one of them"):
        read(tmp_path)


def test_files_that_do_not_belong_together_are_told_apart() -> None:
    for files in ({}, {"a.onnx": MODEL, "b.onnx": MODEL}, {"a.csv": b"1", "b.csv": b"1"}):
        with pytest.raises(NetworkFileError, match="expected one file, or an ONNX model"):
            read(files)
