"""What a run is compared with, on records made by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from toolkit.benchmarks import Beside, Figure, History, Machine, Result, Run, Spread
from toolkit.benchmarks import history as keeping
from toolkit.benchmarks.history import (
    SHIPPED,
    commit_here,
    line_of,
    own_file,
    places,
    record,
)
from toolkit.benchmarks.telling import history_lines

MACHINE = Machine("A processor", 2, "Linux x86_64", "3.11", "2.4", "openblas 0.3", 1)


def spread(low: float, median: float, high: float) -> Spread:
    return Spread(median, low, high, high, high, 15)


def run(
    ratio: tuple[float, float, float] | None = (19, 20, 21),
    ours: tuple[float, float, float] = (0.0018, 0.0019, 0.0021),
    *,
    better: str = "less",
    peer: str = "PyTorch 2.14",
    machine: Machine = MACHINE,
    digits: str = "MNIST, 0123",
) -> Run:
    beside = () if ratio is None else (Beside(peer, spread(1, 2, 3), spread(*ratio)),)
    result = Result(spread(*ours), better=better, beside=beside)
    return Run(
        "2026-01-02T03:04:05+00:00", "0.1.0", "0ce1d45", machine, 0.1, digits, {},
        (Figure("rescoring.stroke", "60,000 digits after a stroke", result),), {},
    )  # fmt: skip


def history(*runs: Run) -> History:
    return History(line_of(each, f"change {number}") for number, each in enumerate(runs, 1))


def verdicts(now: Run, *before: Run) -> list[str]:
    return [each.verdict for each in history(*before).changes(now)]


def test_the_ratio_to_a_peer_is_what_compares_since_machines_drift() -> None:
    # Twice as slow, and so is the peer: the machine is, not the toolkit.
    assert verdicts(run(ours=(0.0036, 0.0038, 0.0042)), run()) == ["same"]
    assert verdicts(run((9, 10, 11)), run()) == ["slower"]
    assert verdicts(run((39, 40, 41)), run()) == ["faster"]


def test_within_the_spread_or_by_hardly_anything_it_is_the_same() -> None:
    assert verdicts(run((15, 18, 19.5)), run()) == ["same"]  # quartiles overlap
    assert verdicts(run((19.4, 19.5, 19.6)), run((19.7, 19.8, 19.9))) == ["same"]  # by 2%


def test_without_a_peer_in_both_the_figure_itself_compares() -> None:
    slow = (0.0036, 0.0038, 0.0042)
    assert verdicts(run(None, slow), run(None)) == ["slower"]
    assert verdicts(run(ours=slow), run(peer="PyTorch 2.10")) == ["slower"]  # another version
    (said, _) = history_lines(run(None, slow), history(run(None)))
    assert said.startswith("SLOWER: 60,000 digits after a stroke: 0.0019, now 0.0038, without a pe")
    # Of new accuracies a second more is better.
    assert verdicts(run(None, slow, better="more"), run(None, better="more")) == ["faster"]


def test_another_kind_of_machine_or_other_digits_are_not_compared() -> None:
    for other in (replace(MACHINE, cores=8), replace(MACHINE, threads=2)):
        assert verdicts(run((9, 10, 11)), run(machine=other)) == []
    assert verdicts(run((9, 10, 11)), run(digits="drawn digits, 4567")) == []
    assert verdicts(run((9, 10, 11)), run(digits="a folder's name, 0123")) == ["slower"]
    (said,) = history_lines(run(), history())
    assert "nothing was recorded on this kind of machine before" in said


def test_the_last_line_that_has_the_figure_is_compared() -> None:
    other = replace(run(), figures=(Figure("training.epoch", "an epoch", run().figures[0].result),))
    (change,) = history(run((9, 10, 11)), run((39, 40, 41)), other).changes(run((19, 20, 21)))
    assert (change.before.change, change.then, change.now) == ("change 2", 40, 20)
    assert change.verdict == "slower"
    assert next(history_lines(run((19, 20, 21)), history(run((39, 40, 41))))) == (
        "SLOWER: 60,000 digits after a stroke: ×40 of PyTorch 2.14, now ×20 "
        "(recorded 2026-01-02, “change 1”)"
    )


def test_lines_are_appended_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "history.jsonl"
    lines = [line_of(run(), "a table for the sigmoid"), line_of(run((39, 40, 41)), "less ü")]
    for line in lines:
        record(path, line)
    assert History.read(path).lines == tuple(lines)
    assert path.read_text(encoding="utf-8").count("\n") == 2
    path.write_bytes(path.read_bytes().rstrip(b"\n"))  # an editor may have left it so
    record(path, lines[0])
    assert len(History.read(path).lines) == 3


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("{", "Expecting"),
        ("[]", "it is no JSON object"),
        ('{"date": "2026"}', "it has no commit"),
        ({"figures": {"rescoring.stroke": {"ours": [1, 2, 3]}}}, "rescoring.stroke is no figure"),
        ({"figures": []}, "it has no figures"),
    ],
)
def test_a_broken_line_is_left_out_and_said(
    tmp_path: Path, broken: str | dict[str, object], why: str
) -> None:
    path = tmp_path / "history.jsonl"
    record(path, line_of(run((9, 10, 11)), "before"))
    if not isinstance(broken, str):
        broken = json.dumps({**json.loads(path.read_text()), **broken})
    with path.open("a") as file:
        file.write(f"{broken}\n\n")
    record(path, line_of(run((39, 40, 41)), "after"))
    found = History.read(path)
    assert [line.change for line in found.lines] == ["before", "after"]
    (said,) = found.problems
    assert said.startswith(f"history.jsonl, line 2: left out, since {why}")
    assert next(history_lines(run(), found)) == said


def test_a_file_that_is_not_there_is_no_history(tmp_path: Path) -> None:
    assert History.read(tmp_path / "none.jsonl").lines == ()


@pytest.mark.parametrize("change", ["", "  ", "two\nlines"])
def test_a_line_says_what_changed(change: str) -> None:
    with pytest.raises(ValueError, match="change: expected a line that says what changed"):
        line_of(run(), change)


def test_points_of_the_cost_curves_are_not_kept() -> None:
    result = run().figures[0].result
    both = replace(run(), figures=(Figure("cost.digits.1000", "", result), *run().figures))
    assert list(line_of(both, "a change").figures) == ["rescoring.stroke"]


def test_where_the_toolkit_is_installed_new_lines_are_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (own_file(), places()) == (SHIPPED, [SHIPPED])  # a checkout
    monkeypatch.setattr(keeping, "_ROOT", tmp_path)
    assert own_file().parent.name == "weight-map-toolkit"
    assert places() == [SHIPPED, own_file()]
    assert commit_here() == ""


def test_the_lines_that_ship_are_whole() -> None:
    assert History.read(SHIPPED).problems == ()
