"""What a page wants beside the rest, and questions that are answered once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.studio.conftest import Page
from toolkit.studio.desk import Desk
from toolkit.studio.extras import EXTRAS, MOST_WANTED
from toolkit.studio.questions import QUESTIONS, Question
from toolkit.studio.studio import Studio
from toolkit.studio.view import View


def first_bias(desk: Desk, view: View, which: str) -> dict[str, Any] | None:
    if which == "later":
        return None
    if which == "broken":
        raise RuntimeError("no such thing")
    return {"bias": float(desk.network.layer(int(which)).biases[0])}


def sum_of(desk: Desk, view: View, fields: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    if "of" not in fields:
        raise ValueError("of: expected numbers")
    return {"sum": sum(fields["of"])}, b"abc"


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    EXTRAS["first-bias"], QUESTIONS["sum"] = first_bias, Question(sum_of)
    yield
    del EXTRAS["first-bias"], QUESTIONS["sum"]


def test_what_is_wanted_is_in_each_answer_and_travels_only_when_it_differs(page: Page) -> None:
    page.do("want", what=["first-bias/1", "unheard-of", "first-bias/later"])
    assert json.loads(page.blocks["extra/first-bias/1"]) == {"bias": 0.0}
    assert not [name for name in page.blocks if "unheard" in name or "/later" in name]
    page.edit(kind="bias", layer=1, neuron=0, value=2.5)
    assert json.loads(page.blocks["extra/first-bias/1"]) == {"bias": 2.5}
    state = page.edit(kind="bias", layer=2, neuron=0, value=1.0)
    assert [size for name, _, size, *_ in state["blocks"] if name.startswith("extra/")] == [None]
    assert not [name for name, *_ in page.do("want", what=[])["blocks"] if name[:6] == "extra/"]


def test_a_page_that_comes_back_says_what_it_wants(studio: Studio, page: Page) -> None:
    page.open(page.id, wants=["first-bias/2"])
    assert json.loads(page.blocks["extra/first-bias/2"]) == {"bias": 0.0}


def test_an_extra_that_fails_takes_nothing_else_with_it(page: Page) -> None:
    state = page.do("want", what=["first-bias/broken", "first-bias/9", "first-bias/1"])
    assert "fault" in json.loads(page.blocks["extra/first-bias/broken"])["error"]
    assert "expected 1 to 3" in json.loads(page.blocks["extra/first-bias/9"])["error"]
    assert json.loads(page.blocks["extra/first-bias/1"]) == {"bias": 0.0}
    assert state["refused"] == []


@pytest.mark.parametrize("what", [None, "classes", [3], ["x" * 61]])
def test_a_wish_that_is_none_is_refused(page: Page, what: object) -> None:
    assert "want: expected" in page.do("want", what=what)["refused"][0]["notice"]["fields"]["text"]


def test_of_very_many_wishes_the_first_are_met_and_one_that_is_none_keeps_no_page_out(
    page: Page,
) -> None:
    many = ["first-bias/1", *(f"first-bias/{k}" for k in range(2, 200))]
    assert page.do("want", what=many)["refused"] == []
    assert len(page.visit.view.wanted) == MOST_WANTED  # type: ignore[union-attr]
    assert page.open(page.id, wants=["x" * 99])["experiment"] == page.id


def test_a_question_is_answered_about_the_experiment_shown(page: Page) -> None:
    asked = {"what": "sum", "experiment": page.id, "of": [1, 2, 3]}
    assert page.visit.ask(asked) == ({"sum": 6}, b"abc")
    for wrong in ({"what": "sum"}, {"what": ["sum"]}, {"what": "sum", "experiment": "0" * 32}):
        with pytest.raises(ValueError, match="ask: "):
            page.visit.ask(wrong)
