"""``toolkit check``."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.exercises.test_exercises import SOLUTIONS
from toolkit.cli import main
from toolkit.experiments import Experiment, write_recipe
from toolkit.formats import save
from toolkit.network import Network


def test_a_folder_of_submissions_is_a_table_and_an_error_stops_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    anna = Experiment(Network.blank(), origin="blank", name="anna")
    for edit in SOLUTIONS["one-or-zero"]:
        anna.apply(edit)
    save(anna.network, tmp_path / "anna.npz")
    (tmp_path / "ben.recipe.toml").write_text(write_recipe(anna), encoding="utf-8")
    (tmp_path / "=carl.npz").write_bytes(b"nothing")
    save(Network.blank(), tmp_path / "dora.npz")
    (tmp_path / ".hidden").write_bytes(b"x")
    assert main(["check", "one-or-zero", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    lines = {line.split()[0]: line for line in said.splitlines() if line.strip()}
    assert "at least 95%" in said
    assert lines["anna.npz"].endswith("yes") and lines["ben.recipe.toml"].endswith("yes")
    assert "0.0% ✗" in lines["dora.npz"] and lines["dora.npz"].endswith("no")
    assert "not a network" in lines["=carl.npz"]
    assert said.endswith("2 of 4 solved\n")
    (tmp_path / "ben.recipe.toml").unlink()
    assert main(["check", "one-or-zero", str(tmp_path), "--csv"]) == 1
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows[0] == ["submission", "solved", "fires for ones", "fires for zeros", "error"]
    assert [row[:2] for row in rows[1:]] == [
        ["'=carl.npz", ""], ["anna.npz", "yes"], ["dora.npz", "no"],
    ]  # fmt: skip
    assert all(len(row) == 5 for row in rows)
    assert float(rows[2][2]) >= 0.95


def test_a_recipe_starts_from_a_file_beside_it_unless_others_work_lies_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network.blank()
    for edit in SOLUTIONS["one-or-zero"]:
        network = edit.apply(network)
    # By its dot it is no submission itself.
    save(network, tmp_path / ".anna.npz")
    recipe = tmp_path / "ben.toml"
    recipe.write_text('format = "weight-map-toolkit recipe"\nstart = ".anna.npz"\n')
    assert main(["check", "one-or-zero", str(recipe)]) == 0
    assert capsys.readouterr().out.endswith("1 of 1 solved\n")
    monkeypatch.chdir(tmp_path)
    assert main(["check", "one-or-zero", "."]) == 1
    said = capsys.readouterr().out
    assert "got '.anna.npz', of which no file is at hand here; a recipe that the workbench" in said
    assert said.endswith("0 of 1 solved\n")


def test_exercises_are_listed_and_what_is_missing_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["check"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 7
    assert main(["check", "loop"]) == 2
    assert "expected what to mark" in capsys.readouterr().err
    assert main(["check", "nowhere", "blank"]) == 2
    assert "neither a file nor one that ships" in capsys.readouterr().err
    (tmp_path / "mine.toml").write_text("x = 1")
    monkeypatch.setenv("TOOLKIT_EXERCISES", str(tmp_path))
    assert main(["check"]) == 1
    listed = capsys.readouterr()
    assert len(listed.out.splitlines()) == 7
    assert listed.err.startswith("mine.toml: ")
