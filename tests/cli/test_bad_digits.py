"""Digits that cannot be had: what needs none goes on, and what does says which they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.digits.fetching.mirrors import FILES, Mirrors, mirrors
from toolkit.cli import main, server
from toolkit.digits import open_digits, write_idx
from toolkit.digits.fetching import fetch
from toolkit.formats import load
from toolkit.network import Network
from toolkit.shipped import open_network

MENDS = "MNIST is damaged; toolkit digits fetch mends it"


@pytest.fixture
def mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a cached MNIST whose images are cut short."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("toolkit.digits.sources.DRAWN_COUNT", {"test": 50, "train": 200})
    folder = tmp_path / "cache" / "mnist"
    folder.mkdir(parents=True)
    for prefix in ("t10k", "train"):
        images = folder / f"{prefix}-images-idx3-ubyte.gz"
        write_idx(images, np.full((20, 28, 28), 51, np.uint8))
        images.write_bytes(images.read_bytes()[:40])
        write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", (np.arange(20) % 10).astype(np.uint8))
    return folder


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a set of digits that TOOLKIT_DIGITS names and that is not there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOOLKIT_DIGITS", str(tmp_path / "gone"))
    monkeypatch.setenv(
        "TOOLKIT_CACHE", str(tmp_path / "cache")
    )  # where no other workbench is noted
    return str(tmp_path / "gone")


@pytest.mark.parametrize(
    "command",
    [
        ["info", "random", "--json"],
        ["evaluate", "random", "--json"],
        ["digits", "info", "--json"],
        ["train", "--epochs", "1", "--hidden", "2", "-o", "new.npz"],
        ["digits", "show", "-o", "new.png"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_with_mnist_damaged_the_drawn_digits_go_on_and_it_is_said_once(
    command: list[str], mnist: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 0
    out, err = capsys.readouterr()
    said = [line for line in err.splitlines() if MENDS in line]
    assert len(said) == 1 and "the drawn digits are used until then" in said[0]
    assert "t10k-images-idx3-ubyte.gz" in said[0] or "train-images-idx3-ubyte.gz" in said[0]
    assert "drawn digits" in out + err


def test_the_app_starts_with_mnist_damaged(mnist: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "TOOLKIT_DIGITS" not in server._environment("random", None)
    server._check_shown("random", None)
    assert MENDS in capsys.readouterr().err


def test_mnist_asked_for_by_name_and_damaged_is_an_error(
    mnist: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["evaluate", "random", "--digits", "mnist"]) == 2
    assert MENDS in capsys.readouterr().err
    monkeypatch.setenv("TOOLKIT_DIGITS", "mnist")
    assert main(["evaluate", "random"]) == 2
    err = capsys.readouterr().err
    assert MENDS in err and "the environment variable TOOLKIT_DIGITS=mnist" in err


@pytest.fixture
def web(mnist: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirrors]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(fetch, "FILES", FILES)
    with mirrors() as running:
        yield running


def test_fetching_mends_what_is_damaged(
    web: Mirrors, mnist: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match=MENDS):
        open_digits()
    assert main(["digits", "fetch", "--mirror", web["good"]]) == 0
    assert open_digits().name == "MNIST test"
    capsys.readouterr()
    assert main(["info", "random"]) == 0
    assert MENDS not in capsys.readouterr().err


def test_a_network_that_ships_is_drawn_and_told_of_without_digits(
    named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["render", "mnist-relu", "--neuron", "1.0", "-o", "a.png"]) == 0
    assert capsys.readouterr().err == ""  # nothing was lacking
    assert main(["info", "mnist-relu", "--json"]) == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert told["sizes"] == [784, 16, 16, 10]
    assert told["accuracy"] is None and told["digits"] is None
    assert named in err and "TOOLKIT_DIGITS" in err and "no accuracy shown" in err
    assert len(err.splitlines()) == 1
    assert main(["convert", "mnist-relu", "b.npz"]) == 0
    assert load("b.npz") == open_network("mnist-relu")
    assert main(["info", "mnist-relu"]) == 0
    assert "accuracy" not in capsys.readouterr().out


def test_what_a_file_leaves_open_is_then_decided_by_convention_and_that_is_said(
    named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    layers = {
        f"{number}.{part}": np.ascontiguousarray(array)
        for number, layer in enumerate(Network.random().layers)
        for part, array in (("weight", layer.weights), ("bias", layer.biases))
    }
    save_file(layers, "state.safetensors")
    for command in (
        ["render", "state.safetensors", "--neuron", "1.0", "-o", "a.png"],
        ["convert", "state.safetensors", "b.npz"],
    ):
        assert main(command) == 0
        err = capsys.readouterr().err
        assert named in err and "what the file leaves open is decided by convention" in err


@pytest.mark.parametrize(
    "command", [["evaluate", "random"], ["info", "random"], ["app"]], ids=" ".join
)
def test_digits_asked_for_by_name_are_had_or_named(
    command: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--digits", "elsewhere"]) == 2
    assert "'elsewhere'" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["evaluate", "random"], ["app"]], ids=" ".join)
def test_what_needs_digits_names_the_variable_that_named_them(
    command: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 2
    err = capsys.readouterr().err
    assert f"TOOLKIT_DIGITS={named}" in err and len(err.splitlines()) == 1
