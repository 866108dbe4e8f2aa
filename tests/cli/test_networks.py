"""``toolkit info`` and ``toolkit convert`` over files of every format."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from toolkit.cli import main
from toolkit.formats import WRITABLE, load, save
from toolkit.network import Layer, Network
from toolkit.shipped import open_network


@pytest.mark.parametrize("suffix", sorted(WRITABLE))
def test_a_network_goes_round_every_format_and_stays_what_it_was(
    tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, back = tmp_path / f"net{suffix}", tmp_path / "back.npz"
    assert main(["convert", "mnist-sigmoid", str(out)]) == 0
    assert main(["convert", str(out), str(back), "--digits", "drawn"]) == 0
    assert load(back) == open_network("mnist-sigmoid")
    capsys.readouterr()
    assert main(["info", str(out), "--json", "--digits", "drawn"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["sizes"] == [784, 16, 16, 10]
    assert said["parameters"] == 13_002
    assert said["accuracy"] > 0.96
    assert len(said["layers"]) == 3


def test_what_a_state_dict_leaves_open_is_tried_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layers = open_network("mnist-relu").layers
    state = {}
    for number, layer in enumerate(layers):
        state[f"fc{number}.weight"] = np.ascontiguousarray(layer.weights)
        state[f"fc{number}.bias"] = np.ascontiguousarray(layer.biases)
    path = tmp_path / "model.safetensors"
    save_file(state, path)
    assert main(["info", str(path), "--digits", "drawn"]) == 0
    said = capsys.readouterr().out
    assert "understood as: relu, relu, softmax; pixels from 0 to 1" in said
    assert "note: The file does not say its hidden layers' functions: tried on digits" in said
    assert "\n  2. relu, relu, sigmoid; pixels from 0 to 1" in said
    assert "\n 12. " in said
    assert "\n 13. " not in said
    assert main(["convert", str(path), str(tmp_path / "out.bin"), "--to", "npz"]) == 0
    assert load((tmp_path / "out.bin").read_bytes()) == open_network("mnist-relu")
    assert "understood as relu" in capsys.readouterr().err


def test_what_cannot_be_written_is_said_before_anything_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.json"
    broken = Network((Layer([[np.nan]], [0]),))
    save(broken, tmp_path / "broken.npz")
    assert main(["convert", str(tmp_path / "broken.npz"), str(out)]) == 2
    assert "NaN or infinity" in capsys.readouterr().err
    assert not out.exists()
    assert main(["convert", "mnist-relu", str(tmp_path / "net.docx")]) == 2
    assert "expected a name that ends in .npz" in capsys.readouterr().err
    assert main(["convert", str(tmp_path / "gone.npz"), str(tmp_path / "a.npz")]) == 2
    assert "neither a file nor one that ships" in capsys.readouterr().err


def test_a_way_is_chosen_by_its_number_or_by_what_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layers = open_network("mnist-relu").layers
    path = tmp_path / "plain.npz"
    np.savez(path, *(part for layer in layers for part in (layer.weights, layer.biases)))
    assert main(["info", str(path), "--digits", "drawn", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["way"], said["guess"]) == (1, "")
    tanh = next(n for n, way in enumerate(said["understood"], 1) if "tanh" in way["activations"])
    out = tmp_path / "out.npz"
    for options, activations, pixels in (
        (["--way", str(tanh)], said["understood"][tanh - 1]["activations"], None),
        (["--activation", "tanh"], ["tanh", "tanh", None], None),
        (["--activation", "elu,leaky_relu(0.2),sigmoid"], ["elu", "leaky_relu(0.2)", "sigmoid"], 0),
        (["--pixels", "bytes"], ["relu", "relu", None], "0 to 255"),
        (["--pixels", "0.5,0.25"], [None, None, None], "less 0.5, over 0.25"),
    ):
        assert main(["convert", str(path), str(out), "--digits", "drawn", *options]) == 0
        got = load(out)
        expected = zip(activations, got.activations, strict=True)
        assert all(wanted in (None, name) for wanted, name in expected), options
        assert not pixels or pixels in got.provenance["first layer"]
    capsys.readouterr()
    assert main(["evaluate", str(path), "--digits", "drawn", "--activation", "sigmoid"]) == 0
    assert main(["info", str(path), "--digits", "drawn", "--way", "1000"]) == 2
    assert "way: expected 1 to" in capsys.readouterr().err
    shipped = ["info", "mnist-relu", "--digits", "drawn", "--pixels", "bytes"]
    for asked in (shipped, ["evaluate", *shipped[1:]]):
        assert main(asked) == 2
        assert (
            "mnist-relu comes with the toolkit and leaves nothing open" in capsys.readouterr().err
        )
    assert main(["compare", str(path), "mnist-relu", "--digits", "drawn", "--way", str(tanh)]) == 0
    capsys.readouterr()
    assert main(["info", str(path), "--digits", "drawn"]) == 0
    more = len(said["understood"]) - 12
    assert f"… and {more} more: --json lists them all" in capsys.readouterr().out
    assert main(["info", str(path), "--activation", "prelu"]) == 2
    assert "relu" in capsys.readouterr().err
    assert main(["info", str(path), "--pixels", "bright"]) == 2
    assert "expected one of unit, mnist, signed" in capsys.readouterr().err


def test_a_guess_is_said_wherever_a_file_is_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "noise.npz"
    np.savez(path, np.random.default_rng(0).normal(size=(784, 10)))
    assert main(["evaluate", str(path), "--digits", "drawn"]) == 0
    said = capsys.readouterr().err
    assert "no way to understand it reads more than" in said
    assert "--activation" in said
