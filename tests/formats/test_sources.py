"""What a network is read from: paths, bytes, and files that are open already."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from toolkit.formats import Limits, NetworkFileError, dumps, load
from toolkit.network import Network

NETWORK = Network.random((6, 4, 3), seed=3)
DATA = dumps(NETWORK, ".npz")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "mine.npz").write_bytes(DATA)
    return tmp_path / "mine.npz"


def test_a_file_is_read_from_wherever_it_is(path: Path) -> None:
    assert load(path) == load(str(path)) == load(DATA) == load(memoryview(DATA)) == NETWORK
    with path.open("rb") as buffered, path.open("rb", buffering=0) as raw:
        assert load(buffered) == load(raw) == NETWORK
        assert not buffered.closed, "who opened it closes it"
    assert load(io.BytesIO(DATA)) == NETWORK
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("folder/mine.npz", DATA)
    with zipfile.ZipFile(archive) as packed, packed.open("folder/mine.npz") as member:
        assert load(member) == NETWORK


def test_a_stream_that_cannot_go_back_and_gives_little_at_a_time_is_read_whole() -> None:
    reading, writing = os.pipe()
    os.write(writing, DATA)
    os.close(writing)
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        assert not pipe.seekable()
        assert load(pipe) == NETWORK

    class Drops(io.RawIOBase):
        at = 0

        def read(self, size: int = -1) -> bytes:
            self.at += 7
            return DATA[self.at - 7 : self.at]

    assert load(Drops()) == NETWORK  # type: ignore[arg-type]  # whatever has read


def test_what_follows_in_a_stream_is_what_is_read() -> None:
    stream = io.BytesIO(b"a line before\n" + DATA)
    stream.readline()
    assert load(stream) == NETWORK


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (io.StringIO("1,2"), "data: is open as text; open it as binary, with mode 'rb'"),
        (io.BytesIO(b""), "data: nothing is left to read; if it was read or written before"),
        (io.BytesIO(bytes(2000)), "at most 0 MiB are read"),
        (3.5, "data: expected a path, bytes or an open file; got float"),
    ],
)
def test_what_cannot_be_read_is_said(source: Any, words: str) -> None:
    with pytest.raises(NetworkFileError) as told:
        load(source, limits=Limits(file_bytes=1000))
    assert words in str(told.value)


def test_an_open_file_is_called_by_its_name(path: Path) -> None:
    with path.open(encoding="utf-8") as opened, pytest.raises(NetworkFileError) as told:
        load(opened)  # type: ignore[arg-type]
    assert str(told.value).startswith("mine.npz: is open as text")
    path.write_bytes(b"nothing that is a network")
    with path.open("rb") as opened, pytest.raises(NetworkFileError, match=r"^mine\.npz: "):
        load(opened)
    with path.open("rb", buffering=0) as opened, pytest.raises(NetworkFileError, match=r"^given: "):
        load(opened, "given")
