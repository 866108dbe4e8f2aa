"""``toolkit compare``."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from toolkit import open_digits, open_network, save, score
from toolkit.cli import main
from toolkit.network import Network


def test_two_networks_are_told_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["mnist-sigmoid", "drawn-sigmoid"]
    assert main(["compare", *names, "--digits", "drawn"]) == 0
    printed = capsys.readouterr().out
    assert main(["compare", *names, "--digits", "drawn", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    digits = open_digits("drawn")
    scores = [score(open_network(name), digits) for name in names]
    for name, told, found, other in zip(
        names, said["networks"], scores, reversed(scores), strict=True
    ):
        assert told["accuracy"] == found.accuracy
        assert told["right_alone"] == found.gained_since(other).tolist()
        assert f"{name}: {found.accuracy:.2%}" in printed


def test_networks_of_other_shapes_are_matched_as_far_as_they_go_and_of_other_pictures_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    save(Network.random((784, 8, 10), seed=3), tmp_path / "small.npz")
    save(Network.random((64, 8, 10), seed=3), tmp_path / "other.npz")
    asked = ["compare", "random", str(tmp_path / "small.npz"), "--digits", "drawn"]
    assert main([*asked, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    first = [row for row in said["neurons"] if row["layer"] == 1]
    assert sorted(row["match_weights"] for row in first if row["match_weights"]) == [
        f"1.{index}" for index in range(8)
    ]
    assert len(said["cka"]) == 3 and len(said["cka"][0]) == 2
    assert main(["compare", "blank", str(tmp_path / "other.npz"), "--digits", "drawn"]) == 2
    assert "expected a network of 784 inputs; got 64" in capsys.readouterr().err


def test_a_permuted_network_s_neurons_are_found_and_written_as_page_and_table(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    one = open_network("drawn-sigmoid")
    order = np.random.default_rng(1).permutation(16)
    first, second = one.layer(1), one.layer(2)
    other = one.with_layer(1, weights=first.weights[order], biases=first.biases[order])
    save(other.with_layer(2, weights=second.weights[:, order]), tmp_path / "p.npz")
    asked = ["compare", "drawn-sigmoid", str(tmp_path / "p.npz"), "--digits", "drawn"]
    for kind in ("html", "csv"):
        assert main([*asked, "-o", str(tmp_path / f"pair.{kind}")]) == 0
    with (tmp_path / "pair.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["layer"] == "1"]
    places = {f"1.{old}": f"1.{new}" for new, old in enumerate(order)}
    for row in rows:
        assert row["match_weights"] == row["match_activations"] == places[row["neuron"]]
        assert float(row["similarity_weights"]) == pytest.approx(1, abs=1e-5)
        assert float(row["distance"]) == pytest.approx(0, abs=1e-5)
    page = (tmp_path / "pair.html").read_text()
    assert "drawn-sigmoid beside" in page and "http" not in page.replace("http://www.w3.org", "")
