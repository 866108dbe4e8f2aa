"""Going on from a point in an experiment of its own, comparing two, and what was loaded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.studio.conftest import DIGITS, Page
from toolkit.experiments import Experiment
from toolkit.network import Network
from toolkit.scoring import score
from toolkit.studio.letters import check_letters
from toolkit.studio.pace import Pace, copying
from toolkit.studio.studio import Studio


def biased(page: Page, *values: float) -> None:
    for value in values:
        page.edit(kind="bias", layer=3, neuron=4, value=value)


def ask(page: Page, what: str, **fields: Any) -> tuple[dict[str, Any], bytes]:
    return page.visit.ask({"what": what, "experiment": page.id, **fields})


def test_a_branch_goes_on_from_a_point_and_leaves_the_experiment_as_it_is(
    studio: Studio, page: Page
) -> None:
    biased(page, 5)
    page.do("save-point", name="good")
    biased(page, 9)
    before = page.id
    state = page.do("branch", point="good", name="other way")
    assert state["name"] == "other way"
    assert page.id != before
    assert page.network().layer(3).biases[4] == 5
    biased(page, 1)
    assert studio.desk(before).network.layer(3).biases[4] == 9
    page.do("undo")
    page.do("undo")
    assert page.network().layer(3).biases[4] == 9, "the point is a step that can be undone"


def test_a_branch_from_a_step_keeps_what_came_after_to_be_redone(page: Page) -> None:
    biased(page, 5, 9)
    page.do("branch", step=1)
    assert page.network().layer(3).biases[4] == 5
    page.do("redo")
    assert page.network().layer(3).biases[4] == 9


@pytest.mark.parametrize("wrong", [{"point": "none"}, {"step": 7}, {"point": 3}, {"step": "x"}])
def test_a_branch_from_nowhere_is_refused(
    studio: Studio, page: Page, wrong: dict[str, Any]
) -> None:
    biased(page, 5)
    before = page.id
    state = page.do("branch", **wrong)
    assert len(state["refused"]) == 1
    assert page.id == before
    assert len(studio.workspace.entries()) == 1


def test_idle_time_is_no_credit_for_what_is_done_after_it() -> None:
    now = [0.0]
    pace = Pace(10, 2.0, lambda: now[0])
    now[0] = 1000.0
    pace.done(15)
    assert pace.wait() == 10
    now[0] += 4
    assert pace.wait() == 6


def test_copies_without_end_are_refused_and_come_again_in_time(studio: Studio, page: Page) -> None:
    now = [0.0]
    pace = page.visit.copies = Pace(10, 6.0, lambda: now[0])
    biased(page, 5)
    before, first = page.id, page.seq
    items = [page.item("branch", name=f"b{n}") for n in range(100)]
    page.studio.open(page.visit, {"experiment": before, "view": {}})
    told, _ = page.visit.take(
        check_letters({"experiment": before, "client": "one", "items": items}), studio.desk(before)
    )
    assert told is None
    refused = page.read()["refused"]
    assert len(studio.workspace.entries()) == 1 + 10
    assert [each["seq"] for each in refused] == list(range(first + 11, first + 101))
    assert refused[0]["notice"]["fields"]["text"] == (
        "expected fewer copies of experiments at a time; the next can be made in 1 s"
    )
    with pytest.raises(ValueError, match="fewer copies"):
        studio.manage({"what": "duplicate", "experiment": before}, page.visit)
    now[0] = 1.0
    studio.manage({"what": "duplicate", "experiment": before}, page.visit)
    now[0] = 6.0
    pace.done(100_000)
    with pytest.raises(ValueError, match=r"in 600,\d\d\d s"):
        copying(pace)


def test_a_copy_counts_for_the_networks_in_it_as_well_as_for_its_steps() -> None:
    """A letter of fifty bytes wrote 320 MB, where fifty save points were of a wide network."""
    pace = Pace(10, 6.0, lambda: 0.0)
    wide = Experiment(Network.blank((784, 1024, 1024, 10)))
    copying(pace)(wide)
    assert pace.wait() == 0
    for number in range(40):
        wide.add_save_point(f"point {number}")
    copying(pace)(wide)
    assert 30 < pace.wait() < 90, "seconds"
    with pytest.raises(ValueError, match="fewer copies of experiments"):
        copying(pace)


def test_two_points_are_compared_on_the_digits_shown(page: Page) -> None:
    biased(page, 50)
    reply, body = ask(page, "compare", one={"step": 0})
    one, other = reply["sides"]
    start = Network.random()
    assert one["accuracy"] == score(start, DIGITS).accuracy
    assert other["accuracy"] == np.mean(DIGITS.labels == 4), "all is read as a 4"
    assert (one["step"], other["step"]) == (0, 1)
    assert {int(DIGITS.labels[number]) for number in other["digits"]} <= {4}
    assert (
        other["digits"]
        and other["read"] == score(start, DIGITS).predictions[other["digits"]].tolist()
    )  # as what the other point reads them
    assert reply["neurons"] == [[3, 4, 50.0]]
    assert body == b""
    page.edit(kind="weights", layer=1, neuron=2, cells=[5], values=[7.0])
    reply, body = ask(page, "compare", one={"step": 1}, other={})
    assert reply["neurons"][0][:2] == [1, 2]
    maps = np.frombuffer(body, "<f4").reshape(2, 784)
    assert maps[0].tolist() == start.layer(1).weights[2].tolist()
    assert maps[1][5] == 7


@pytest.mark.parametrize("wrong", [{"point": "none"}, {"step": 9}, {"step": 1.5}, {"step": True}])
def test_points_that_there_are_not_are_said(page: Page, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"point|step"):
        ask(page, "compare", one=wrong)


def test_ridges_as_loaded_are_those_that_the_page_had_at_first(page: Page) -> None:
    page.open(network="drawn-sigmoid")
    for layer in (1, 3):
        page.do("select", layer=layer, neuron=2)
        before, counts = dict(page.state["sums"]), page.blocks["counts"]
        page.edit(kind="weights", layer=1, neuron=2, cells=[300, 400], values=[7.0, -9.0])
        reply, body = ask(page, "ridges-as-loaded", layer=layer, neuron=2)
        assert reply["sums"]["low"] == pytest.approx(before["low"], abs=1e-4)
        # A sum next to an edge may fall to its other side, summed in another order.
        one, other = (np.frombuffer(each, "<u2").astype(int) for each in (body, counts))
        assert np.abs(one - other).sum() <= 8
        assert np.abs(np.subtract(reply["sums"]["fired"], before["fired"])).sum() <= 8
        page.do("undo")
    with pytest.raises(ValueError, match="neuron"):
        ask(page, "ridges-as-loaded", layer=1, neuron=99)
