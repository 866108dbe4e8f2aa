from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_commands import failed
from tests.digits.fetching.mirrors import CONTENTS, FILES, Mirrors, dead_mirror, mirrors
from toolkit.cli import main
from toolkit.digits import contact_sheet, default_source, open_digits, write_idx
from toolkit.digits.fetching import fetch

# What a process runs instead of `toolkit`, for the sake of the small set.
AS_COMMAND = """
import sys
from tests.digits.fetching.mirrors import FILES
from toolkit.digits.fetching import fetch
from toolkit.cli import main
fetch.FILES = FILES
sys.exit(main())
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(fetch, "FILES", FILES)
    return tmp_path / "cache"


@pytest.fixture
def web(cache: Path) -> Iterator[Mirrors]:
    with mirrors() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of 30 digits, 0 to 4 alone, whose pixels are all 51: a fifth of full ink."""
    folder = tmp_path / "fives"
    folder.mkdir()
    write_idx(folder / "t10k-images-idx3-ubyte", np.full((30, 28, 28), 51, np.uint8))
    write_idx(folder / "t10k-labels-idx1-ubyte", (np.arange(30) % 5).astype(np.uint8))
    return folder


def test_fetch_says_where_it_put_them_and_what_follows(
    web: Mirrors, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["digits", "fetch", "--mirror", web["missing"], "--mirror", web["good"]]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        f"{cache / 'mnist'}: MNIST, 60,000 digits to train and 10,000 to test",
        "MNIST is now what the commands and the workbench use by default",
    ]
    # Nobody watches: one line a file instead of one that is written over.
    assert [line.split()[0] for line in err.splitlines()] == [file.name for file in FILES]
    assert re.search(r"  \d\.\d of \d\.\d MB", err)
    assert open_digits().name == "MNIST test"


def test_fetch_says_so_where_the_environment_names_another_source(
    web: Mirrors, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOOLKIT_DIGITS", "drawn")
    assert main(["digits", "fetch", "--mirror", web["good"]]) == 0
    assert "TOOLKIT_DIGITS=drawn still comes first" in capsys.readouterr().out


def test_on_a_terminal_progress_is_one_line_with_the_time_left(
    web: Mirrors, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert main(["digits", "fetch", "--mirror", web["good"]]) == 0
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert err.startswith("\r")
    assert err.endswith("\n")
    shown = err.removesuffix("\n").split("\r")[1:]
    assert len(shown) > len(FILES)
    # A shorter line leaves nothing of a longer one standing.
    assert all(len(after) >= len(before.rstrip()) for before, after in pairwise(shown))
    assert re.search(r"t10k-labels-idx1-ubyte.gz  0.2 of 0.2 MB  \d+ s left", shown[-1])


@pytest.mark.parametrize("kind", ["wrong", "cut", "missing"])
def test_a_fetch_that_fails_is_one_line_of_complaint_and_leaves_nothing(
    web: Mirrors, cache: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    assert main(["digits", "fetch", "--mirror", web[kind]]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1].startswith("toolkit digits fetch: error: train-images-idx3-ubyte")
    assert list((cache / "mnist").iterdir()) == []


def test_offline_the_drawn_digits_go_on(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with dead_mirror() as address:
        assert main(["digits", "fetch", "--mirror", address]) == 2
    assert "the drawn digits need no network" in capsys.readouterr().err
    assert default_source() == "drawn"


def test_a_full_disk_is_said(
    web: Mirrors, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(fetch, "write_whole", full)
    assert main(["digits", "fetch", "--mirror", web["good"]]) == 2
    assert "the disk is full" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="SIGINT is how POSIX terminals say Ctrl+C")
def test_ctrl_c_stops_a_fetch_and_leaves_whole_files_alone(web: Mirrors, cache: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", AS_COMMAND, "digits", "fetch", "--mirror", web["held"]],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        assert web.holding.wait(60)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, out) == (130, "")
    assert err.endswith("toolkit: interrupted\n")
    assert "Traceback" not in err
    assert list((cache / "mnist").iterdir()) == []


def test_info_tells_what_a_set_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["digits", "info", str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "fives test: 30 images of 28×28 pixels, mean ink 0.200"
    assert lines[1] == f"where: {folder}"
    assert [line.split() for line in lines[4:]] == [
        [str(digit), "6", "0.200"] if digit < 5 else [str(digit), "0", "–"] for digit in range(10)
    ]


def test_info_as_json_holds_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["digits", "info", str(folder), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["ink"] == pytest.approx([0.2] * 5 + [None] * 5)
    assert said.pop("ink")[5:] == [None] * 5
    assert said.pop("classes") == [str(digit) for digit in range(10)]
    assert said == {
        "name": "fives test",
        "split": "test",
        "where": str(folder),
        "images": 30,
        "shape": [28, 28],
        "counts": [6] * 5 + [0] * 5,
        "mean_ink": pytest.approx(0.2),
        "checksum": open_digits(folder).checksum,
    }


def test_info_of_mnist_says_where_it_lies(
    web: Mirrors, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["digits", "fetch", "--mirror", web["good"]]) == 0
    capsys.readouterr()
    assert main(["digits", "info", "--split", "train", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["name"], said["where"]) == ("MNIST train", str(cache / "mnist"))
    content = np.frombuffer(CONTENTS["train-images-idx3-ubyte.gz"], np.uint8, offset=16)
    assert said["mean_ink"] == pytest.approx(content.mean() / 255)


def test_info_of_an_empty_set_is_still_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_idx(tmp_path / "t10k-images-idx3-ubyte", np.zeros((0, 28, 28), np.uint8))
    write_idx(tmp_path / "t10k-labels-idx1-ubyte", np.zeros(0, np.uint8))
    assert main(["digits", "info", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["mean_ink"] is None
    assert main(["digits", "info", str(tmp_path)]) == 0


@pytest.mark.parametrize(
    ("more", "which", "cell"),
    [
        ([], slice(0, 100), 2),
        (["--count", "7"], slice(0, 7), 2),
        (["--count", "500"], slice(0, 500), 1),
        (["--class", "3"], 3, 2),
        (["--class", "3", "--count", "4"], 3, 2),
    ],
    ids=["first 100", "first 7", "first 500", "threes", "4 threes"],
)
def test_show_draws_the_digits_asked_for(
    more: list[str],
    which: slice | int,
    cell: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = tmp_path / "set.npz"
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (600, 28, 28), np.uint8)
    np.savez(source, images=images, labels=np.arange(600) % 10)
    file = tmp_path / "sheet.png"
    assert main(["digits", "show", str(source), *more, "-o", str(file)]) == 0
    digits = open_digits(source)
    if isinstance(which, int):
        which = np.flatnonzero(digits.labels == which)[: 4 if "--count" in more else 100]
    expected = digits.subset(which)
    np.testing.assert_array_equal(
        np.asarray(Image.open(file)), contact_sheet(expected, pixels_per_cell=cell)
    )
    assert capsys.readouterr().out == f"{file}: {len(expected):,} of set\n"
    assert sorted(tmp_path.iterdir()) == [source, file]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "ACTION"),
        (["paint"], "paint"),
        (["fetch", "--mirror", "ftp://here/"], "http or https"),
        (["info", "/no/such"], "/no/such"),
        (["info", "drawn", "--split", "half"], "half"),
        (["show", "drawn"], "-o"),
        (["show", "drawn", "-o", "a.gif"], ".png"),
        (["show", "drawn", "-o", "/no/such/a.png"], "/no/such"),
        (["show", "drawn", "-o", "a.png", "--count", "0"], "1 to 10000"),
        (["show", "drawn", "-o", "a.png", "--count", "10001"], "1 to 10000"),
        (["show", "drawn", "-o", "a.png", "--class", "256"], "a class's number, 0 to 255"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_is_one_line_and_status_2(
    argv: list[str],
    said: str,
    tmp_path: Path,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert said in failed(capsys, "digits", *argv)
    assert not list((tmp_path / "here").iterdir())


def test_a_class_that_a_set_lacks_is_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["digits", "show", str(folder), "--class", "7", "-o", str(tmp_path / "a.png")]
    assert failed(capsys, *argv) == "toolkit digits show: error: fives test: has no 7s to show\n"
