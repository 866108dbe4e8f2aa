"""Learning, watched, as pages see it: begun, told of, ended, looked at, taken away, opened."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pytest

from tests.studio.conftest import DIGITS, FewDigits, Page
from toolkit.digits import DigitSet
from toolkit.network import Network
from toolkit.studio.learning import take_away
from toolkit.studio.learning.plans import plan_of
from toolkit.studio.studio import Studio
from toolkit.training import watch


def ask(page: Page, **fields: Any) -> tuple[dict[str, Any], bytes]:
    return page.visit.ask({"what": "learning", "experiment": page.id, **fields})


def told(page: Page) -> dict[str, Any]:
    page.read()
    found: dict[str, Any] = json.loads(page.blocks["extra/learning"])
    return found


def until(page: Page, *statuses: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while (found := told(page))["status"] not in statuses:
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found


@pytest.fixture
def watching(page: Page) -> Page:
    page.do("want", what=["learning"])
    return page


def test_a_training_is_what_the_library_makes_and_changes_nothing(
    studio: Studio, watching: Page
) -> None:
    page = watching
    assert told(page) == {"status": "none"}
    before = page.network()
    ask(page, do="begin", begin="fresh", seed=7, epochs=3, decay=0)
    found = until(page, "done")
    desk = studio.desk(page.id)
    digits = studio.library.training("drawn", desk.network)
    here = watch(Network.random(seed=7), digits, epochs=3, weight_decay=0, validation=0.1, seed=7)
    # Equal to the bit where both have one thread, as tests/apart has it.
    losses = [each.loss for each in here.records]
    assert [loss for loss, _ in found["records"]] == pytest.approx(losses, rel=1e-4)
    assert found["start"] == here.start_accuracy
    assert 1 <= found["best"] <= 3
    assert (found["epochs"], found["every"]) == ([0, 1, 2, 3], 1)
    assert (found["digits"], found["replaced"]) == (digits.name, False)
    assert [each[0] for each in found["kinds"]] == [0, 1, 2, 3]
    started = found["kinds"][0][1:]
    assert started.count("noise") > 12
    assert page.network() == before
    assert not desk.experiment.steps

    head, maps = ask(page, do="maps", first=0)
    assert head["count"] == 4
    cells = np.frombuffer(maps, np.uint8).reshape(4, 16, 784).astype(float)
    weights = np.stack([each.layers[0].weights for each in here.networks])
    # Each epoch's maps have all levels for themselves, up to what is brightest at any.
    tops = np.array(head["tops"])
    assert tops[0] <= tops.max() == pytest.approx(here.brightest, rel=1e-3)
    shown = (cells - 128) / 127 * tops[:, None, None]
    wanted = weights.clip(-here.brightest, here.brightest)
    for each, true, top in zip(shown, wanted, tops, strict=True):
        np.testing.assert_allclose(each, true, atol=0.6 / 127 * top)
    assert found["limits"] == pytest.approx(here.brightest_at, rel=1e-3)
    assert found["limit"] == max(found["limits"])

    # Whoever comes to the experiment finds it.
    other = Page(studio, "two")
    other.open(page.id)
    other.do("want", what=["learning"])
    assert told(other)["run"] == found["run"]

    # And who comes to the same network once more, another experiment until it is changed, if told
    # its name: nobody else.
    third = Page(studio, "three")
    third.open(network="random")
    assert third.id != page.id
    third.do("want", what=["learning"])
    with pytest.raises(ValueError, match="no such training of this network"):
        ask(third, do="adopt", run="guessed")
    ask(third, do="adopt", run=found["run"])
    assert told(third)["records"] == found["records"]
    fourth = Page(studio, "four")
    fourth.open(network="blank")
    with pytest.raises(ValueError, match="no such training of this network"):
        ask(fourth, do="adopt", run=found["run"])

    id = ask(page, do="open", epoch=2)[0]["experiment"]
    made = studio.workspace.load(id)
    for layer, wanted_layer in zip(made.network.layers, here.networks[2].layers, strict=True):
        np.testing.assert_allclose(layer.weights, wanted_layer.weights, atol=1e-4)
    assert made.start.checksum == here.networks[0].checksum
    assert [step.name for step in made.steps] == ["trained, rate 0.01, decay 0, epoch 2"]
    assert set(np.unique(made.provenance().weights[0])) != {0}
    with pytest.raises(ValueError, match="epoch: expected one that was kept"):
        ask(page, do="open", epoch=9)
    for wrong in (True, 1.0):
        with pytest.raises(ValueError, match="epoch: expected one that was kept"):
            ask(page, do="open", epoch=wrong)

    gif, name = take_away(found["run"], "gif") or (b"", "")
    assert gif.startswith(b"GIF89a")
    assert name.endswith("-learning.gif")
    rows = (take_away(found["run"], "csv") or (b"", ""))[0].decode().splitlines()
    assert rows[0].startswith("epoch,loss,accuracy,1.0,1.1,")
    assert rows[1] == f"0,,{here.start_accuracy}" + "".join(f",{each}" for each in started)
    assert len(rows) == 5
    with pytest.raises(ValueError, match="expected one of gif, csv"):
        take_away(found["run"], "mp4")
    ask(page, do="forget")
    assert told(page) == told(third) == {"status": "none"}
    assert take_away(found["run"], "csv") is None


def test_the_second_waits_is_told_so_and_what_is_stopped_is_kept(
    studio: Studio, watching: Page
) -> None:
    page, other = watching, Page(studio, "two")
    other.open(network="blank")
    other.do("want", what=["learning"])
    # 1 digit to a step: long enough that it is surely under way when the other asks.
    ask(page, do="begin", begin="now", epochs=100, batch=1, verdicts=False)
    until(page, "running")
    ask(other, do="begin", epochs=2, verdicts=False)
    waits = told(other)
    assert (waits["status"], waits["before"]) == ("waiting", 1)
    assert waits["wait"] > 0
    with pytest.raises(ValueError, match="under way: stop it first"):
        ask(page, do="begin")
    deadline = time.monotonic() + 60
    while not told(page)["records"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    ask(page, do="stop")
    ended = until(page, "done")
    assert 0 < len(ended["records"]) < 100
    assert ended["epochs"][-1] == len(ended["records"])
    cells = np.frombuffer(ask(page, do="maps", first=0)[1], np.uint8)
    assert len(cells) == 784 * 16 * len(ended["epochs"])
    assert len(until(other, "done")["records"]) == 2


def test_one_that_waits_is_not_begun_once_it_is_stopped(studio: Studio, watching: Page) -> None:
    other = Page(studio, "two")
    other.open(network="blank")
    other.do("want", what=["learning"])
    ask(watching, do="begin", epochs=100, batch=1, verdicts=False)
    ask(other, do="begin", epochs=2, verdicts=False)
    ask(other, do="stop")
    assert until(other, "stopped")["records"] == []
    ask(watching, do="stop")
    assert until(watching, "done", "stopped")


def test_one_browser_takes_two_places_and_who_is_gone_leaves_it_to_others(
    studio: Studio, watching: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.studio.learning.runs._ABSENT_SECONDS", 0.1)
    pages = [watching, *(Page(studio, f"tab {number}") for number in range(2))]
    for page in pages[1:]:
        page.open(network="blank")
        page.do("want", what=["learning"])
    for page in pages:
        page.visit.browser = "one"
    for page in pages[:2]:
        ask(page, do="begin", epochs=100, batch=1, verdicts=False)
    until(watching, "running")
    with pytest.raises(ValueError, match="2 trainings that you began are under way"):
        ask(pages[2], do="begin", epochs=1)
    other = Page(studio, "another")
    other.open(network="blank")
    other.do("want", what=["learning"])
    ask(other, do="begin", epochs=1, verdicts=False)
    assert told(other)["before"] == 2
    # As long as their pages are there they are not hurried; then both give way.
    time.sleep(0.3)
    assert told(watching)["status"] == "running"
    for page in pages[:2]:
        studio.exit(page.visit)
    assert len(until(other, "done")["records"]) == 1


def test_where_a_set_has_no_training_digits_drawn_ones_are_learned_and_it_is_said(
    studio: Studio, watching: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = FewDigits._open_training

    def training(library: FewDigits, name: str) -> DigitSet:
        return drawn(library, name) if name == "drawn" else DIGITS

    monkeypatch.setattr(FewDigits, "_open_training", training)
    monkeypatch.setattr("toolkit.studio.desk.Laid.source", "mnist", raising=False)
    object.__setattr__(studio.desk(watching.id).laid, "source", "mnist")
    ask(watching, do="begin", epochs=1, verdicts=False)
    found = until(watching, "done", "failed")
    assert (found["status"], found["replaced"]) == ("done", True)
    assert found["digits"] == "drawn digits train"


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"epochs": 0}, "epochs: expected a whole number from 1 to 100; got 0"),
        ({"epochs": 2.5}, "epochs: expected a whole number"),
        ({"rate": 0}, "rate: expected 1e-06 to 10; got 0"),
        ({"rate": 10**400}, "rate: expected 1e-06 to 10"),
        ({"rate": float("nan")}, "rate: expected a number"),
        ({"decay": -1}, "decay: expected 0 to 10"),
        ({"batch": True}, "batch: expected a whole number"),
        ({"activation": "softmax"}, "activation: expected one of as it is, sigmoid"),
        ({"begin": "blank"}, "begin: expected one of fresh, now"),
        ({"count": 5}, "count: expected a whole number from 100"),
    ],
)
def test_what_is_asked_for_is_checked(asked: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        plan_of(asked, Network.random())


def test_a_plan_starts_with_the_shape_and_the_activations_that_were_chosen() -> None:
    network = Network.random((784, 6, 10), ("tanh", "relu"))
    assert plan_of({"begin": "now"}, network).start(network) == network
    assert plan_of({}, network).told(network)["loss"] == "mse"
    fresh = plan_of({"activation": "relu", "seed": 3}, network).start(network)
    assert fresh.activations == ("relu", "softmax")
    assert fresh.sizes == network.sizes
    assert fresh != network
    wide = Network.blank((784, 3000, 10))
    with pytest.raises(ValueError, match="takes too long"):
        plan_of({"epochs": 100}, wide)


def test_the_oldest_is_forgotten_where_networks_take_too_much(
    studio: Studio, watching: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(watching, do="begin", epochs=1, verdicts=False)
    run = until(watching, "done")["run"]
    monkeypatch.setattr("toolkit.studio.learning.runs.MOST_KEPT_BYTES", 1000)
    other = Page(studio, "two")
    other.open(network="blank")
    other.do("want", what=["learning"])
    ask(other, do="begin", epochs=1, verdicts=False)
    assert take_away(run, "csv") is None
    watching.visit.touch()
    assert told(watching) == {"status": "none"}
    until(other, "done")
