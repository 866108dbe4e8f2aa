"""``toolkit classes``."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from toolkit import open_digits, open_network
from toolkit.analysis import class_tables
from toolkit.cli import main


def test_the_table_is_printed_saved_and_given_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "classes.csv"
    asked = ["classes", "mnist-sigmoid", "--digits", "drawn", "--layer", "2"]
    for more in ([], ["-o", str(out)], ["--json"]):
        assert main([*asked, *more]) == 0
    net, digits = open_network("mnist-sigmoid"), open_digits("drawn")
    table = class_tables(net.forward(digits.images), digits.labels)[1]
    printed, _, text = capsys.readouterr().out.partition("{")
    row = next(line for line in printed.splitlines() if line.split()[:1] == ["7"])
    assert row.split()[1:] == [f"{share:.1%}" for share in table.fires[:, 7]]
    assert "fires (above one half)" in printed
    said = json.loads("{" + text)
    np.testing.assert_allclose(said["layers"]["2"]["fires"], table.fires.T, atol=1e-6)
    lines = list(csv.DictReader(out.open()))
    assert len(lines) == 160 and {line["layer"] for line in lines} == {"2"}
    for line in lines:
        at = int(line["neuron"]), int(line["class"])
        assert float(line["fires"]) == pytest.approx(table.fires[at], abs=1e-5)
        assert line["digits"] == "1000"
        assert float(line["mean"]) == pytest.approx(table.means[at], abs=1e-5)


def test_a_layer_that_is_not_there_and_a_file_of_another_kind(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for more in (["--layer", "9"], ["-o", "table.xlsx"]):
        assert main(["classes", "mnist-relu", "--digits", "drawn", *more]) == 2
    said = capsys.readouterr().err
    assert "expected 1 to 3" in said and "expected a name that ends in .csv" in said
