"""Chosen classes, the best so far, a bias tried out, as a page has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.studio.conftest import DIGITS, FewDigits, Page
from toolkit.digits import DigitSet
from toolkit.edits import from_dict
from toolkit.experiments import Experiment, Workspace
from toolkit.network import Network
from toolkit.scoring import Scorer
from toolkit.studio.studio import Studio


def extra(page: Page, name: str) -> Any:
    return json.loads(page.blocks[f"extra/{name}"])


def ask(page: Page, what: str, **more: Any) -> tuple[dict[str, Any], bytes]:
    return page.visit.ask({"what": what, "experiment": page.id, **more})


def fired(scorer: Scorer, layer: int, neuron: int) -> list[int]:
    """Return of each class the digits on which a neuron's pre-activation is above 0."""
    z = scorer.responses.pre_activations[layer - 1][:, neuron]
    counts: list[int] = np.bincount(DIGITS.labels[z > 0], minlength=10).tolist()
    return counts


@pytest.fixture
def scorer(page: Page) -> Scorer:
    page.open(network="mnist-sigmoid")
    found = Scorer(DIGITS)
    found.update(page.network())
    return found


def test_some_classes_alone(page: Page, scorer: Scorer) -> None:
    page.do("want", what=["subset/17", "subset/"])
    told = extra(page, "subset/17")
    assert scorer.score is not None
    kept = np.isin(DIGITS.labels, [1, 7])
    z = scorer.responses.pre_activations[2][kept]
    assert told["classes"] == [1, 7] and told["images"] == kept.sum()
    assert told["correct"] == (scorer.score.predictions == DIGITS.labels)[kept].sum()
    assert told["among"] == ((z[:, 7] > z[:, 1]) == (DIGITS.labels[kept] == 7)).sum()
    assert "expected digits" in extra(page, "subset/")["error"]


def test_the_best_so_far_is_a_step_to_go_back_to(page: Page, scorer: Scorer) -> None:
    page.do("want", what=["best"])
    start = page.state["score"]["accuracy"]
    assert extra(page, "best") == {"step": 0, "accuracy": start}
    page.edit(kind="bias", layer=1, neuron=0, value=90)
    worst = page.state["score"]["accuracy"]
    assert worst < start and extra(page, "best")["step"] == 0
    page.open(network="random")
    page.do("want", what=["best"])
    net = page.network("original")
    shares = [page.state["score"]["accuracy"]]
    for value in (3, -3, 30, -30, 0.5):
        page.edit(kind="bias", layer=3, neuron=1, value=value)
        shares.append(page.state["score"]["accuracy"])
        best = extra(page, "best")
        assert best == {"step": shares.index(max(shares)), "accuracy": max(shares)}
    page.do("jump", step=best["step"])
    assert page.state["score"]["accuracy"] == max(shares)
    if best["step"] == 0:
        assert page.network() == net
    # Steps cut off are no more; what follows is measured anew.
    page.do("jump", step=1)
    page.edit(kind="bias", layer=3, neuron=1, value=50)
    shares = [*shares[:2], page.state["score"]["accuracy"]]
    assert extra(page, "best") == {"step": shares.index(max(shares)), "accuracy": max(shares)}


def test_the_best_so_far_is_of_steps_measured_on_these_digits(tmp_path: Path) -> None:
    hard = DigitSet(DIGITS.pixels.reshape(-1, 28, 28)[:, ::-1].reshape(-1, 784), DIGITS.labels)

    class Two(FewDigits):
        def open(self, name: str | None = None) -> DigitSet:
            return hard if name == "mnist" else DIGITS

    def studio() -> Studio:
        return Studio(Workspace(tmp_path / "two.sqlite"), Two(), started_with="random")

    page = Page(studio(), "one")
    page.open(network="drawn-sigmoid")
    page.do("digits", source="drawn")
    page.edit(kind="bias", layer=3, neuron=8, value=-7)  # a little better
    easy = page.state["score"]["accuracy"]
    page.do("digits", source="mnist")
    start = page.state["score"]["accuracy"] - page.state["score"]["start"]
    page.edit(kind="bias", layer=3, neuron=1, value=90)  # nobody wants the best meanwhile
    page.do("jump", step=1)
    page.edit(kind="bias", layer=3, neuron=2, value=80)
    page.do("want", what=["best"])
    best = {"step": 0, "accuracy": start}
    assert extra(page, "best") == best and start < easy
    page.visit.leave()
    again = Page(studio(), "two")
    again.open(experiment=page.id)
    again.do("want", what=["best"])
    assert extra(again, "best") == best
    again.do("digits", source="drawn")
    assert extra(again, "best") == {"step": 1, "accuracy": easy}, "of those it is known still"


def test_steps_from_before_they_said_it_were_measured_on_the_experiment_s_own_digits(
    studio: Studio, page: Page
) -> None:
    page.open(network="drawn-sigmoid")
    page.do("digits", source="drawn")
    page.edit(kind="bias", layer=3, neuron=8, value=-7)  # a little better
    page.edit(kind="bias", layer=3, neuron=1, value=90)
    page.do("want", what=["best"])
    best = extra(page, "best")
    assert best["step"] == 1
    desk = studio.desk(page.id)
    for number, step in enumerate(desk.experiment.steps, 1):
        assert step.accuracy_after is not None
        desk.experiment.measured(number, step.accuracy_before, step.accuracy_after, "")
    page.do("rename", name="kept before")
    page.visit.leave()
    again = Page(Studio(studio.workspace, FewDigits(), started_with="random"), "two")
    again.open(experiment=page.id)
    again.do("want", what=["best"])
    assert extra(again, "best") == best
    again.do("digits", source="mnist")
    assert extra(again, "best")["step"] == 0, "not of other digits"
    again.visit.leave()
    third = Page(Studio(studio.workspace, FewDigits(), started_with="random"), "three")
    third.open(experiment=page.id)
    third.do("want", what=["best"])
    assert extra(third, "best")["step"] == 0
    third.do("digits", source="drawn")
    assert extra(third, "best") == best


def test_what_many_steps_did_is_not_said_of_the_last(studio: Studio, page: Page) -> None:
    edits = [{"kind": "bias", "layer": 3, "neuron": n, "value": 60.0} for n in range(3)]
    experiment = Experiment(Network.random(seed=3), origin="random:3")
    for edit in edits:
        experiment.apply(from_dict(edit))
    experiment.jump(0)
    studio.workspace.create(experiment)
    page.open(experiment=experiment.id)
    page.do("jump", step=3)
    last = page.visit.desk.experiment.steps[-1]  # type: ignore[union-attr]
    assert last.accuracy_after == page.state["score"]["accuracy"]
    assert last.change is None and last.on == "drawn"


def test_a_bias_is_tried_out_and_nothing_changed(page: Page, scorer: Scorer) -> None:
    for layer, neuron, value in ((1, 3, 4.5), (3, 2, -2.0), (2, 0, 9.0)):
        said, _ = ask(page, "bias", layer=layer, neuron=neuron, value=value)
        # An edit in between is scored as if nobody had asked.
        page.edit(kind="bias", layer=1, neuron=0, value=value)
        page.do("undo")
        page.edit(kind="bias", layer=layer, neuron=neuron, value=value)
        assert page.state["score"]["accuracy"] == said["accuracy"]
        assert page.state["score"]["correct"] == scorer.update(page.network()).correct
        assert said["fired"] == fired(scorer, layer, neuron)
        page.do("undo")
    for wrong in ({"value": "x"}, {"value": 1, "neuron": 99}, {"layer": None, "value": 1}):
        with pytest.raises(ValueError, match="expected"):
            ask(page, "bias", **{"layer": 1, "neuron": 0, **wrong})


def test_ridges_tell_how_often_a_neuron_fires_as_the_tables_do(page: Page, scorer: Scorer) -> None:
    page.open(network="blank")
    of = np.bincount(DIGITS.labels, minlength=10).tolist()
    for layer in (1, 2, 3):
        page.do("select", layer=layer, neuron=1)
        sums = page.state["sums"]
        assert sums["fired"] == [0] * 10 and sums["zeros"] == sums["of"] == of
        assert sums["bias"] == 0
    # A narrow stamp sums to 0 where a digit has no ink: there it does not fire.
    page.do("select", layer=1, neuron=1)
    stamp = {"kind": "stamp", "layer": 1, "neuron": 1, "shape": "line", "at": [5, 14], "angle": 0,
             "length": 7, "width": 2, "surround": 0.5, "flank": 2, "strength": 0.25}  # fmt: skip
    other = {**stamp, "neuron": 2}
    for edit in (stamp, {"kind": "several", "label": "two", "edits": [other, stamp]}):
        said, counts = ask(page, "tried", layer=1, neuron=1, edit=edit)
        assert page.state["sums"]["fired"] == [0] * 10
        page.edit(**edit)
        scorer.update(page.network())
        assert said["sums"] == page.state["sums"] and counts == page.blocks["counts"]
        assert said["sums"]["fired"] == fired(scorer, 1, 1)
        assert 0 < sum(said["sums"]["zeros"]) < sum(of) > sum(said["sums"]["fired"]) > 0
        page.do("undo")
    for wrong in ({"neuron": 99}, {"layer": "1"}, {"edit": {"kind": "none"}}, {"edit": None}):
        with pytest.raises(ValueError, match="expected"):
            ask(page, "tried", **{"layer": 1, "neuron": 1, "edit": stamp, **wrong})
