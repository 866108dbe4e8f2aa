"""``toolkit bench`` on a few digits, two rounds: what it prints, not how long anything took."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from toolkit.benchmarks import PARTS, History, limits
from toolkit.benchmarks.machine import THREAD_VARIABLES
from toolkit.benchmarks.records import run_from_json
from toolkit.cli import main
from toolkit.cli.parser import build_parser
from toolkit.digits import write_idx


class Absent:
    """Finds nothing where these libraries would be."""

    names = ("torch", "onnxruntime")

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name in self.names:
            raise ModuleNotFoundError(name)


@pytest.fixture
def digits(tmp_path: Path) -> str:
    rng, folder = np.random.default_rng(0), tmp_path / "idx"
    folder.mkdir()
    for split, n in (("t10k", 40), ("train", 200)):
        write_idx(folder / f"{split}-images-idx3-ubyte",
                  rng.integers(0, 256, (n, 28, 28), dtype=np.uint8))  # fmt: skip
        write_idx(folder / f"{split}-labels-idx1-ubyte", (np.arange(n) % 10).astype(np.uint8))
    return str(folder)


def test_a_run_in_json_names_absent_peers_and_is_recorded(
    digits: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in Absent.names:
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "meta_path", [Absent(), *sys.meta_path])
    few = PARTS["rescoring"].jobs
    monkeypatch.setitem(
        PARTS, "rescoring", replace(PARTS["rescoring"], jobs=lambda setting: few(setting)[2:4])
    )
    monkeypatch.setattr(limits, "_MOST_BYTES", 1 << 20)
    history = tmp_path / "history.jsonl"
    command = ["bench", "training", "rescoring", "--digits", digits, "--rounds", "2", "--json"]
    assert main([*command, "--history", str(history), "--record", "nothing yet"]) == 0
    out, err = capsys.readouterr()
    said = json.loads(out)
    run = run_from_json(said)
    assert json.loads(json.dumps(run.as_json())) == said
    assert list(said) == [
        "schema", "date", "version", "commit", "machine", "load", "digits", "rates", "figures",
        "unmeasured",
    ]  # fmt: skip
    assert (said["schema"], said["machine"]["threads"]) == (1, 1)
    assert str(tmp_path) not in out  # a path is nobody else's business
    figures = {each["key"]: each for each in said["figures"]}
    stroke = figures["rescoring.stroke.sigmoid.train"]
    assert stroke["says"] == "200 digits after a stroke of 21 cells, 784-16-16-10, sigmoid"
    assert (stroke["unit"], stroke["better"], stroke["ours"]["runs"]) == ("s", "less", 2)
    assert 0 < stroke["limit"]["share"] < 1
    peers = {each["peer"].split()[0].rstrip(","): each for each in stroke["beside"]}
    assert peers["PyTorch"]["absent"] == "not installed; pip install torch"
    assert peers["PyTorch"]["theirs"] is peers["PyTorch"]["ratio"] is None
    for name in ("NumPy", "scikit-learn"):
        assert peers[name]["absent"] == ""
        assert peers[name]["ratio"]["runs"] == 2
        assert peers[name]["accuracy"] == pytest.approx(stroke["accuracy"])
    assert 0 <= figures["training.epoch"]["accuracy"] <= 1
    assert "PyTorch: not installed; pip install torch" in err
    (line,) = History.read(history).lines
    assert (line.change, line.kind) == ("nothing yet", run.machine.kind)
    assert list(line.figures) == list(figures)


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a child process does it")
def test_where_nothing_says_how_many_threads_it_starts_anew_with_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Became(Exception):  # noqa: N818  # what execve does not return from
        pass

    def execve(path: str, command: list[str], environment: dict[str, str]) -> None:
        raise Became(path, command, environment)

    monkeypatch.setattr(os, "execve", execve)
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    given = ["pictures", "cost", "--json", "--digits", "drawn", "--rounds", "3", "--record", "a b"]
    with pytest.raises(Became) as became:
        main(["bench", *given])
    path, (python, safe, module, name, *words), environment = became.value.args
    assert (path, python, safe, module, name) == (sys.executable, sys.executable, "-P", "-m",
                                                  "toolkit")  # fmt: skip
    again, asked = (build_parser().parse_args(each) for each in (words, ["bench", *given]))
    assert again == asked
    assert {environment[each] for each in THREAD_VARIABLES} == {"1"}


def test_what_cannot_be_asked_for_is_said_before_anything_is_measured(
    digits: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "flying"]) == 2
    err = capsys.readouterr().err
    assert "PART: expected some of these: rescoring, scoring again after a change" in err
    assert err.endswith("got 'flying'\n")
    assert main(["bench", "pictures", "--digits", digits, "--record", " "]) == 2
    assert "--record: expected a line that says what changed" in capsys.readouterr().err
