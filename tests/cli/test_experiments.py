"""``toolkit replay`` and ``toolkit provenance``."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from toolkit import files
from toolkit.cli import main
from toolkit.edits import SetBias, Stroke
from toolkit.experiments import Experiment, write_recipe
from toolkit.formats import WRITABLE, load, save
from toolkit.network import Layer, Network
from toolkit.shipped import open_network


def recipe(tmp_path: Path) -> tuple[Path, Experiment]:
    experiment = Experiment(open_network("mnist-sigmoid"), origin="mnist-sigmoid", name="mine")
    experiment.apply(Stroke(1, 3, tuple(range(100, 125)), (0.5,) * 25, (0.25,) * 25))
    experiment.apply(SetBias(2, 0, 1.5))
    experiment.apply(SetBias(2, 0, -9))
    experiment.undo()
    path = tmp_path / "recipe.json"
    path.write_text(write_recipe(experiment, everything=True), encoding="utf-8")
    return path, experiment


@pytest.mark.parametrize("suffix", sorted(WRITABLE))
def test_a_recipe_replays_to_the_same_network_in_every_format(
    tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path, experiment = recipe(tmp_path)
    out = tmp_path / f"mine{suffix}"
    assert main(["replay", str(path), "-o", str(out)]) == 0
    assert load(out) == experiment.network
    said = capsys.readouterr().err
    assert "2 of 3 steps" in said
    assert experiment.network.checksum in said


def test_provenance_counts_what_a_recipes_weights_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = recipe(tmp_path)
    assert main(["provenance", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    # Where a soft stroke leaves something of a loaded weight, it is mixed.
    counts = told["counts"]
    assert (counts["painted"], counts["mixed"], counts["loaded"]) == (3, 23, 12_976)
    assert told["layers"]["2"]["painted"] == 1
    assert main(["provenance", str(path)]) == 0
    assert "painted           2         1         ·         3" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "out", "message"),
    [
        ("{}", "x.npz", "recipe.json: format: expected 'weight-map-toolkit recipe'; got None"),
        ("{", "x.npz", "recipe.json: recipe: expected JSON text"),
        ("x = 1", "x.npz", "recipe.json: format: expected a first line format = "),
        (None, "x.npz", "recipe.json: No such file"),
        ("{}", "x.docx", "x.docx: expected a name that ends in .npz"),
        ("{}", "no/folder/x.npz", "there is no folder"),
    ],
)
def test_what_cannot_be_replayed_is_said_in_a_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str | None,
    out: str,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path("recipe.json").write_text(text, encoding="utf-8")
    assert main(["replay", "recipe.json", "-o", out]) == 2
    said = capsys.readouterr().err
    assert said.startswith("toolkit replay: error: ")
    assert message in said
    assert said.count("\n") == 1
    assert not Path(out).exists()


def test_a_recipe_by_hand_starts_from_a_file_beside_it_and_an_error_names_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    start = Network.random((784, 5, 10), seed=2)
    save(start, tmp_path / "start.npz")
    text = (
        'format = "weight-map-toolkit recipe"\nstart = "start.npz"\n\n'
        '[[step]]\nneuron = "1.4"\nbias = -2\n'
    )
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    assert main(["replay", str(path), "-o", str(tmp_path / "mine.npz")]) == 0
    assert load(tmp_path / "mine.npz") == SetBias(1, 4, -2).apply(start)
    path.write_text(text.replace("1.4", "1.5"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["replay", "mine.toml", "-o", "mine.npz"]) == 2
    said = capsys.readouterr().err
    assert "mine.toml: line 5: step 1: neuron: expected 1.0 to 1.4; got 1.5" in said


def test_a_recipe_for_a_format_that_cannot_say_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "recipe.json"
    broken = Experiment(Network((Layer([[np.inf]], [0]),)), origin="file")
    path.write_text(write_recipe(broken), encoding="utf-8")
    assert main(["replay", str(path), "-o", str(tmp_path / "x.json")]) == 2
    assert "NaN or infinity" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="FIFOs and devices are POSIX's")
def test_a_recipe_that_is_no_file_holds_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(files, "WAIT_SECONDS", 0.1)
    os.mkfifo(tmp_path / "fifo")
    with (tmp_path / "sparse").open("wb") as sparse:
        sparse.truncate(1 << 40)
    expected = {
        "/dev/zero": "a device", str(tmp_path / "fifo"): "nobody writes",
        str(tmp_path / "sparse"): "at most 64 MiB are read", str(tmp_path): "a folder",
    }  # fmt: skip
    for recipe, words in expected.items():
        assert main(["replay", recipe, "-o", str(tmp_path / "x.npz")]) == 2
        said = capsys.readouterr().err
        assert words in said and recipe in said and said.count("\n") == 1
