"""``toolkit analyse``."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from toolkit import Network, open_digits, open_network, save, score
from toolkit.cli import main


@pytest.fixture
def few(tmp_path: Path) -> Path:
    digits = open_digits("drawn").subset(slice(0, 10_000, 50))
    np.savez(tmp_path / "few.npz", x_test=digits.pixels.reshape(-1, 28, 28), y_test=digits.labels)
    return tmp_path / "few.npz"


def test_neurons_are_told_on_the_terminal_and_written_whole(
    few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["analyse", "drawn-sigmoid", "--digits", str(few)]
    assert main(asked) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert sum(line.startswith(("1.", "2.", "3.")) for line in lines) == 42
    assert "first layer of handmade:" in said.out and "without each neuron" in said.err
    for kind in ("json", "csv"):
        assert main([*asked, "-o", str(tmp_path / f"report.{kind}")]) == 0
    found = json.loads((tmp_path / "report.json").read_text())
    digits = open_digits("drawn").subset(slice(0, 10_000, 50))
    assert found["network"]["accuracy"] == score(open_network("drawn-sigmoid"), digits).accuracy
    with (tmp_path / "report.csv").open() as file:
        rows = list(csv.DictReader(file))
    for row, other in zip(rows, found["neurons"], strict=True):
        assert {"verdict", "edge_score", "orientation_selectivity", "preferred_angle",
                "ablation_drop", "dead", "saturated"} <= row.keys()  # fmt: skip
        assert row["verdict"] == other["verdict"]


def test_what_cannot_be_done_is_said_before_the_work(
    few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(Network.blank((61, 5, 10)), tmp_path / "three.npz")
    for asked, expected in (
        (["drawn-sigmoid", "-o", "report.docx"], "expected a name that ends in .html, .json, .csv"),
        (["drawn-sigmoid", "--to", "csv"], "--to: expected with -o"),
        (["drawn-sigmoid", "-o", "-"], "standard output has no name to go by"),
        ([str(tmp_path / "three.npz")], "expected inputs that fill a grid"),
        (["no-such"], "no-such"),
    ):
        assert main(["analyse", *asked, "--digits", str(few)]) == 2
        said = capsys.readouterr()
        assert expected in said.err and not said.out and "%" not in said.err


@pytest.mark.mnist
def test_what_the_readme_says_of_the_shipped_networks_comes_out(
    mnist_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "report.json"
    assert main(["analyse", "mnist-sigmoid", "--digits", str(mnist_folder), "-o", str(out)]) == 0
    found = json.loads(out.read_text())["network"]
    # Of its training digits, on whose pixels that are never lit it has no weight.
    assert found["never_lit"]["pixels"] == 67 and found["never_lit"]["share"] == 0
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    columns = ("edge",), ("line",), ("arc", "blob"), ("template",), ("diffuse",), ("noise", "dead")
    for name, hope in {"mnist-sigmoid": found["hope"], **found["hope"]["others"]}.items():
        counts = [sum(hope["kinds"][kind] for kind in kinds) for kinds in columns]
        row = " | ".join(map(str, (*counts, f"{hope['scores'][0]:.2f}")))
        assert f"| `{name}` | {row} |" in readme
    noise = next(each for each in found["nonsense"] if each["kind"] == "noise")
    assert noise["count"] == 1000
    assert f"`mnist-sigmoid` is at least 80% sure {noise['sure']:.0%}".rstrip("%") in readme
