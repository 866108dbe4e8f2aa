"""Exercises and single steps, as a page asks for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.studio.conftest import Page
from toolkit.exercises import exercise, names
from toolkit.experiments import read_recipe, write_recipe
from toolkit.studio.studio import Studio


def ask(page: Page, what: str, **fields: Any) -> dict[str, Any]:
    head, body = page.visit.ask({"what": what, "experiment": page.id, **fields})
    assert body == b""
    return head


def test_an_exercise_is_listed_begun_and_measured(studio: Studio, page: Page) -> None:
    listed = ask(page, "exercises")["exercises"]
    assert [each["name"] for each in listed] == list(names())
    assert all(len(each["hints"]) == 2 and each["goal"] and each["notice"] for each in listed)
    state = page.open(network="exercise:bias", neuron="1.0")
    assert state["origin"] == "exercise:bias" and state["name"] == "A bias from the ridges"
    assert page.network().layer(1).biases[0] == 20
    assert not ask(page, "check-exercise", exercise="bias")["solved"]
    page.edit(kind="bias", layer=1, neuron=0, value=-38)
    told = ask(page, "check-exercise", exercise="bias")
    assert told["solved"] and [each["met"] for each in told["checks"]] == [True, True, True]
    again = read_recipe(write_recipe(studio.desk(page.id).experiment))
    assert again.network == studio.desk(page.id).network
    for wrong in ("../bias", None, 7, "x" * 9000):
        with pytest.raises(ValueError, match="exercise: expected one of edge"):
            ask(page, "check-exercise", exercise=wrong)
    assert page.open(network="exercise:../bias")["origin"] != "exercise:../bias"


def test_what_was_begun_with_an_exercise_is_found_again_by_who_began_it(studio: Studio) -> None:
    def tries(page: Page) -> list[tuple[str, int]]:
        found = ask(page, "exercise-tries", exercise="bias")["tries"]
        return [(each["id"], each["steps"]) for each in found]

    mine, other = Page(studio, "mine"), Page(studio, "other")
    mine.visit.alone = other.visit.alone = False  # a server of many lists each their own
    mine.open(network="exercise:bias")
    assert tries(mine) == []
    mine.edit(kind="bias", layer=1, neuron=0, value=-38)
    mine.edit(kind="bias", layer=1, neuron=0, value=-3)
    mine.do("undo")
    first = mine.id
    assert tries(mine) == [], "it is on show"
    mine.open(network="exercise:bias")
    assert mine.id != first and tries(mine) == [(first, 1)]
    mine.edit(kind="bias", layer=1, neuron=0, value=7)
    second = mine.id
    mine.open(network="exercise:edge")
    assert tries(mine) == [(second, 1), (first, 1)], "what was done last is first"
    other.open(network="exercise:bias")
    assert tries(other) == []
    other.visit.alone = True
    assert len(tries(other)) == 2
    with pytest.raises(ValueError, match="exercise: expected one of edge"):
        ask(mine, "exercise-tries", exercise="../bias")
    assert mine.open(first)["history"] == {**mine.state["history"], "cursor": 1, "count": 2}


def test_a_draft_of_an_exercise_is_made_again_after_the_server_forgot_it(
    studio: Studio, page: Page
) -> None:
    state = page.open(network="exercise:loop")
    assert state["draft"] and state["start"]["network"] == "exercise:loop"
    desk = studio.desk("f" * 32, state["start"])
    assert desk.network.checksum == page.network().checksum


@pytest.mark.parametrize("name", ["7", "2026"])
def test_an_exercise_may_be_called_by_a_number(
    studio: Studio, page: Page, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = Path(exercise.__file__).parent / "shipped" / "loop.toml"
    (tmp_path / f"{name}.toml").write_bytes(shipped.read_bytes())
    monkeypatch.setenv("TOOLKIT_EXERCISES", str(tmp_path))
    (tmp_path / "wrong.toml").write_text("x = 1")
    listed = ask(page, "exercises")
    assert [each["name"] for each in listed["exercises"]][7:] == [name]
    assert len(listed["wrong"]) == 1 and listed["wrong"][0].startswith("wrong.toml: ")
    state = page.open(network=f"exercise:{name}")
    assert state["start"]["network"] == f"exercise:{name}" and "seed" not in state["start"]
    desk = studio.desk("f" * 32, state["start"])
    assert desk.network.checksum == page.network().checksum
    page.studio.open(page.visit, {"start": {"network": "random", "seed": 5}, "view": {}})
    assert page.read()["start"]["seed"] == 5


def test_a_network_that_ships_brings_the_recipe_that_made_it(studio: Studio, page: Page) -> None:
    page.open(network="handmade")
    asked = {"what": "recipe", "experiment": page.id}
    head, text = page.visit.ask(asked)
    assert head == {"name": "handmade.toml", "steps": 134}
    made = studio.upload(text, head["name"], page.visit)
    assert studio.desk(made).network == page.network()
    state = page.open(made)
    assert state["history"]["count"] == 134 and state["origin"] == "blank"
    assert page.visit.ask({**asked, "experiment": page.id}) == ({"name": "", "steps": 0}, b"")


def test_a_step_says_what_it_is_for_and_where(studio: Studio, page: Page) -> None:
    page.edit(kind="bias", layer=2, neuron=3, value=1)
    experiment = studio.desk(page.id).experiment
    text = write_recipe(experiment).replace("bias = 1", 'bias = 1\nwhy = "to be heard"')
    page.open(studio.upload(text.encode(), "mine.toml", page.visit))
    assert page.heard[-1]["actions"] == [{"label": "step-by-step", "command": "walk"}]
    told = ask(page, "step", step=1)
    assert (told["why"], told["where"]) == ("to be heard", [2, 3])
    assert studio.workspace.load(page.id).steps[0].why == "to be heard", "it is kept with the step"
    page.do("why", step=1, text="two\nlines, and said anew")
    assert ask(page, "step", step=1)["why"] == "two lines, and said anew"
    page.edit(kind="bias", layer=2, neuron=3, value=5)
    kept = studio.workspace.load(page.id)
    assert [step.why for step in kept.steps] == ["two lines, and said anew", ""]
    assert kept.network == page.network()
    page.do("undo")
    page.do("undo")
    page.do("why", step=1, text=7)
    assert "why" not in kept.steps[1].texts()[0]
    page.do("redo")
    page.do("redo")
    for wrong in (0, 3, "1", True, None):
        with pytest.raises(ValueError, match="step: expected 1 to 2; got"):
            ask(page, "step", step=wrong)
