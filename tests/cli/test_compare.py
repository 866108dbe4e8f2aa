"""``toolkit compare``."""

from __future__ import annotations

import json
from pathlib import Path

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


def test_networks_of_other_shapes_are_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    save(Network.blank((784, 8, 10)), tmp_path / "small.npz")
    assert main(["compare", "blank", str(tmp_path / "small.npz"), "--digits", "drawn"]) == 2
    assert "expected a network of sizes (784, 16, 16, 10)" in capsys.readouterr().err
