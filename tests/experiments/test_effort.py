"""Steps of many edits: none of what is asked of them does all of their work again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from toolkit.edits import EditError, PutStamp, SetBias, SetClause, Several
from toolkit.experiments import Experiment, Workspace
from toolkit.network import Network
from toolkit.stamps import Stamp

START = Network.blank((784, 16, 16, 10))
_MANY = 40
_SMALL = Network.blank((4, 16, 3))


def many(strength: float) -> Several:
    """A step of many edits."""
    return Several(tuple(SetBias(1, k % 16, strength + k) for k in range(_MANY)))


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less is much than as a rule."""
    monkeypatch.setattr("toolkit.experiments.experiment.LANDMARK_EFFORT", 100)
    monkeypatch.setattr("toolkit.experiments.provenance.KEPT_EFFORT", 100)


def made_of(steps: int) -> Experiment:
    experiment = Experiment(_SMALL)
    for step in range(steps):
        experiment.apply(many(step))
    return experiment


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often biases and stamps are set."""
    found: Counter[str] = Counter()
    for kind in (SetBias, PutStamp):
        done = kind.apply

        def apply(self, network, done=done):  # type: ignore[no-untyped-def]
            found[self.kind] += 1
            return done(self, network)

        monkeypatch.setattr(kind, "apply", apply)
    return found


def test_many_stamps_are_laid_once(counted: Counter[str]) -> None:
    stamps = tuple(PutStamp(1, k, Stamp("edge", at=(14, 14), strength=1.0)) for k in range(16))
    experiment = Experiment(START)
    experiment.apply(Several(stamps))
    assert counted["stamp"] == 16
    assert experiment.undo() == START


def test_a_jump_over_steps_of_many_edits_begins_close_by(
    counted: Counter[str], tmp_path: Path
) -> None:
    experiment = made_of(12)
    assert sorted(experiment.landmarks) == [0, 3, 6, 9, 12]
    workspace = Workspace(tmp_path / "w.sqlite")
    workspace.create(experiment)
    kept = workspace.load(experiment.id)
    assert sorted(kept.landmarks) == sorted(experiment.landmarks)
    for each in (experiment, kept):
        each.jump(0)
        counted.clear()
        each.jump(10)
        assert counted["bias"] <= 3 * _MANY
        assert each.network.layer(1).biases[7] == 9 + _MANY - 1
    workspace.close()


def test_where_weights_come_from_is_not_gone_through_from_the_start(
    counted: Counter[str],
) -> None:
    experiment = Experiment(_SMALL)
    for step in range(60):
        experiment.apply(many(step))
        experiment.provenance()
    counted.clear()
    experiment.jump(20)  # of the latest, fewer are kept
    marks = experiment.provenance()
    assert counted["bias"] <= 8 * _MANY
    assert marks.counts(layer=1)["painted"] == 16


def test_ordinary_steps_are_kept_as_ever() -> None:
    experiment = Experiment(_SMALL)
    for step in range(205):
        experiment.apply(SetBias(1, 0, step))
    assert sorted(experiment.landmarks) == [0, 200]


def test_of_clauses_that_are_worked_out_fewer_go_at_once() -> None:
    hard = [SetClause(2, k % 16, f"{k + 1}*1.0 + 2*1.1 > 1.5") for k in range(300)]
    with pytest.raises(EditError, match="fewer nested or weighed clauses at once; got 300"):
        Several(tuple(hard)).apply(START)
    after = Several(tuple(hard[:100])).apply(START)
    assert after.layer(2).weights[3].any()
    plain = tuple(SetClause(2, k % 16, "1.0 and not 1.1") for k in range(300))
    assert Several(plain).apply(START).layer(2).weights[3].any()
