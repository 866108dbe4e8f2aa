"""``toolkit ceilings`` and ``toolkit fit``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.cli.test_commands import digits, failed
from toolkit.cli import main
from toolkit.formats import load, save
from toolkit.network import Network

__all__ = ["digits"]


def test_ceilings_say_what_the_library_finds_and_what_stands_out(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "half.npz"
    weights = np.zeros((16, 28, 28), np.float32)
    weights[0, 4:12] = 0.05
    network = Network.blank().with_layer(1, weights=weights.reshape(16, 784))
    biases = np.zeros(16, np.float32)
    biases[0] = -4
    save(network.with_layer(1, biases=biases), file)
    argv = ["ceilings", str(file), "--digits", str(digits)]
    assert main(argv) == 0
    lines = capsys.readouterr().out.splitlines()
    # The one feature tells the two digits apart, and layer 2 passes nothing on.
    assert lines[0].startswith("half on idx test: 50.00%") or "50.00%" in lines[0]
    assert lines[1:3] == ["ceiling 100.00% from layer 1", "ceiling 50.00% from layers 1–2"]
    assert any(line.startswith("1.0 fires, but nothing listens to it") for line in lines)
    assert "1.1 is blank" in lines
    assert main([*argv, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [each["accuracy"] for each in said["ceilings"]] == [1.0, 0.5]
    assert len(said["ceilings"][0]["falls"]) == 16
    assert said["remarks"][0]["code"] == "unheard"


def test_fit_holds_what_it_is_told_and_says_what_that_was_worth(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "fitted.npz"
    argv = ["fit", "random", "--digits", str(digits), "--epochs", "3", "-o", str(file)]
    assert main([*argv, "--hold", "1.3", "1.5:0-9x0-27", "2.biases", "--compare"]) == 0
    out, err = capsys.readouterr()
    assert "pass 3/3" in err
    assert "with the held part blank" in out
    assert "with nothing held" in out
    before, after = Network.random(), load(file)
    assert after.layer(1).weights[3].tobytes() == before.layer(1).weights[3].tobytes()
    assert after.layer(1).weights[5, :280].tobytes() == before.layer(1).weights[5, :280].tobytes()
    assert (after.layer(1).weights[5, 280:] != before.layer(1).weights[5, 280:]).any()
    assert after.layer(2).biases.tobytes() == before.layer(2).biases.tobytes()
    assert "held: 1.3 1.5:0-9x0-27 2.biases" in after.provenance["fitted"]
    assert "hold: expected layers such as" in failed(capsys, *argv, "--hold", "all")
    assert "something left to train" in failed(capsys, *argv, "--hold", "1", "2", "3")
