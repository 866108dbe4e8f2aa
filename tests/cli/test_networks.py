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
    assert "or as: " in said
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
