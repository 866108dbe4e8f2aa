"""Fit the rest, as pages see it: begun, told of, laid as one step, and nobody's work lost."""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.studio.conftest import FewDigits, Page
from toolkit.experiments import Workspace
from toolkit.network import Network
from toolkit.studio.library import Library
from toolkit.studio.studio import Studio


@pytest.fixture(autouse=True)
def all_training_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FewDigits, "_open_training", Library._open_training)


def ask(page: Page, **fields: Any) -> dict[str, Any]:
    head, _ = page.visit.ask({"what": "fit", "experiment": page.id, **fields})
    return head


def fit(page: Page) -> dict[str, Any]:
    page.read()
    found: dict[str, Any] = json.loads(page.blocks["extra/fit"])
    return found


def until(page: Page, *statuses: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while (found := fit(page))["status"] not in statuses:
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found


def bits(network: Network, layer: int) -> bytes:
    return network.layer(layer).weights.tobytes() + network.layer(layer).biases.tobytes()


def test_a_fit_is_a_step_of_the_page_that_asked_whoever_it_says_it_is(
    studio: Studio, page: Page
) -> None:
    other = Page(studio, "two")
    other.open(page.id)
    page.do("want", what=["fit"])
    ask(page, do="begin", hold=["1"], epochs=1, client="two")
    until(page, "laid")
    assert [step.client for step in studio.desk(page.id).experiment.steps] == ["one"]


def test_a_fit_is_one_step_that_holds_what_was_made_by_hand_and_undoes(page: Page) -> None:
    page.do("want", what=["fit"])
    assert fit(page) == {"status": "none"}
    page.edit(kind="stroke", layer=1, neuron=3, cells=[7, 8], keep=0, put=1.5)
    page.edit(kind="bias", layer=2, neuron=1, value=2.0)
    assert ask(page, do="count") == {"made": 3, "neurons": 2}
    before = page.network()
    ask(page, do="begin", hold=["by hand", "1.5:0-1x2"], epochs=3, compare=True)
    said = until(page, "laid")
    after = page.network()
    for layer, neuron in ((1, 3), (2, 1)):
        old, new = before.layer(layer), after.layer(layer)
        assert old.weights[neuron].tobytes() == new.weights[neuron].tobytes()
        assert old.biases[neuron].tobytes() == new.biases[neuron].tobytes()
    moved = before.layer(1).weights != after.layer(1).weights
    assert not moved[5, [2, 30]].any()
    assert moved.any()
    assert said["after"] >= said["before"]
    assert set(said["compared"]) == {"blank", "free"}
    assert not said["past"]
    page.do("undo")
    assert fit(page)["past"], "what it tells is of another network"
    page.do("redo")
    assert not fit(page)["past"]
    assert (said["learned"], said["chosen_on"]) == (9000, 1000)
    assert page.state["history"] == {"cursor": 3, "count": 3}
    page.do("undo")
    assert page.network().checksum == before.checksum
    page.do("redo")
    assert page.network().checksum == after.checksum
    # From the workspace too: provenance says what was trained.
    marks = page.studio.workspace.load(page.id).provenance()
    assert marks.counts()["painted"] == 3
    assert marks.counts()["fitted"] == int(
        sum((a.weights != b.weights).sum() + (a.biases != b.biases).sum()
            for a, b in zip(before.layers, after.layers, strict=True))
    )  # fmt: skip


def test_who_goes_on_meanwhile_is_asked_and_what_they_held_stays_theirs(page: Page) -> None:
    page.do("want", what=["fit"])
    ask(page, do="begin", hold=["1"], epochs=6, anew=True)
    page.edit(kind="bias", layer=1, neuron=0, value=9.0)
    with pytest.raises(ValueError, match="under way; stop it first"):
        ask(page, do="begin", hold=[])
    until(page, "ready")
    assert page.state["history"]["cursor"] == 1
    held = bits(page.network(), 1)
    ask(page, do="lay")
    assert fit(page)["status"] == "laid"
    assert bits(page.network(), 1) == held
    assert page.network().layer(1).biases[0] == 9
    assert page.state["history"]["cursor"] == 2


def test_undone_steps_that_a_fit_leaves_out_are_named_and_come_back_at_a_click(page: Page) -> None:
    """They were gone without a word, where an edit by hand says so."""
    page.do("want", what=["fit"])
    for neuron in range(4):
        page.edit(kind="bias", layer=1, neuron=neuron, value=9.0)
    page.do("jump", step=1)
    ask(page, do="begin", hold=["1"], epochs=1, anew=True)
    until(page, "laid")
    assert page.state["history"] == {"cursor": 2, "count": 2}
    (notice,) = page.heard
    assert (notice["code"], notice["fields"]) == ("left-out", {"count": 3})
    page.send(page.item(**notice["actions"][0]["letter"]))
    assert page.state["history"] == {"cursor": 5, "count": 5}
    assert page.network().layer(1).biases[:4].tolist() == [9, 9, 9, 9]


def test_what_another_server_did_meanwhile_stays_and_the_fit_waits_to_be_laid(
    page: Page, tmp_path: Path
) -> None:
    page.do("want", what=["fit"])
    page.edit(kind="bias", layer=1, neuron=1, value=1.0)
    ask(page, do="begin", hold=["1"], epochs=6, anew=True)
    with closing(Workspace(tmp_path / "workspace.sqlite")) as elsewhere:
        other = Page(Studio(elsewhere, FewDigits(), started_with="random"), "two")
        other.open(page.id)
        other.edit(kind="bias", layer=1, neuron=0, value=9.0)
    said = until(page, "ready")
    assert said["text"]
    assert page.network().layer(1).biases[:2].tolist() == [9, 1], "what was done there is shown"
    ask(page, do="lay")
    assert fit(page)["status"] == "laid"
    assert page.network().layer(1).biases[:2].tolist() == [9, 1]
    assert page.state["history"]["cursor"] == 3


def test_a_fit_is_stopped_and_leaves_nothing_behind_nor_does_one_that_cannot_be(
    page: Page,
) -> None:
    page.do("want", what=["fit"])
    before = page.network().checksum
    ask(page, do="begin", hold=["1"], epochs=200)
    ask(page, do="stop")
    assert until(page, "stopped")["status"] == "stopped"
    ask(page, do="stop")
    assert fit(page) == {"status": "none"}
    assert page.network().checksum == before
    for wrong, said in (
        ({"do": "walk"}, "do: expected count, begin, stop or lay"),
        ({"do": "lay"}, "there is none that waits"),
        ({"hold": ["1", "2", "3"]}, "nothing is left to train"),
        ({"hold": ["1.99"]}, "hold: neuron: expected 1.0 to 1.15"),
        ({"hold": "1"}, "hold: expected a list"),
        ({"hold": [1]}, "hold: expected parts"),
        ({"only": ["4"]}, "only: layer: expected 1 to 3"),
        ({"epochs": 10**9}, "epochs: expected 1 to 200"),
        ({"epochs": True}, "epochs: expected 1 to 200"),
    ):
        with pytest.raises(ValueError, match=said):
            ask(page, **{"do": "begin", **wrong})  # type: ignore[arg-type]
    assert np.isfinite(page.network().layer(1).weights).all()
