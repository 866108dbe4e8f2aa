"""The coach's gradient and the weights' provenance, as a page is told of them."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.studio.conftest import DIGITS, Page
from toolkit.digits import DigitSet, generate
from toolkit.experiments.provenance import Tracker
from toolkit.network import Network
from toolkit.studio import coach, origins
from toolkit.studio.library import Library
from toolkit.studio.studio import Studio
from toolkit.training import gradients
from toolkit.training.coaching import Advice, advise

TAUGHT = generate(60, seed=9)


@pytest.fixture(autouse=True)
def taught(monkeypatch: pytest.MonkeyPatch) -> None:
    def training(self: Library, source: str, network: Network) -> DigitSet:
        return TAUGHT

    monkeypatch.setattr(Library, "training", training)


def told(page: Page, name: str) -> dict[str, Any] | None:
    """Return an extra of the page's last answer, if it was there."""
    if all(each != f"extra/{name}" for each, *_ in page.state["blocks"]):
        return None
    found: dict[str, Any] = json.loads(page.blocks[f"extra/{name}"])
    return found


def wait_for(page: Page, name: str) -> dict[str, Any]:
    for _ in range(500):
        found = told(page, name)
        if found is not None:
            return found
        time.sleep(0.01)
        page.read()
    raise AssertionError(f"{name} never came")


def test_a_gradient_comes_after_the_answer_and_never_stands_for_another_network(
    page: Page,
) -> None:
    page.do("select", layer=2, neuron=4)
    page.do("want", what=["gradient/all"])
    assert told(page, "gradient/all") is None, "no answer waits for it"
    wait_for(page, "gradient/all")
    page.edit(kind="stroke", layer=3, neuron=1, cells=[0, 4], keep=1, put=[0.5, -1])
    assert told(page, "gradient/all") is None, "what was said is of the network before"
    found = wait_for(page, "gradient/all")
    _, slopes = gradients(page.network(), TAUGHT.images, TAUGHT.labels)
    sent = np.frombuffer(base64.b64decode(found["slopes"]), "<f4")
    np.testing.assert_array_equal(sent, slopes[1][0][4])
    assert sent.any()
    assert (found["layer"], found["neuron"], found["digits"]) == (2, 4, 60)
    assert found["bias"] == slopes[1][1][4]
    page.do("select", layer=3, neuron=1)
    again = told(page, "gradient/all")
    assert again is not None and again["neuron"] == 1, "another neuron's is there at once"


_KINDS = ("all", "wrong", *(f"class-{digit}" for digit in range(10)))


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[str | int]:
    """Return what gradients were worked out of, as they are."""
    found: list[str | int] = []

    def counted(network: Network, images: Any, labels: Any, of: str | int) -> Advice:
        found.append(of)
        return advise(network, images, labels, of)

    monkeypatch.setattr("toolkit.studio.coach.advise", counted)
    return found


def _settled(pages: list[Page], worked: list[str | int]) -> int:
    """Let pages take what comes until nothing does; return how much was worked out by then."""
    quiet, count = 0, -1
    for _ in range(500):
        for page in pages:
            page.read()
        quiet, count = (quiet + 1 if count == len(worked) else 0), len(worked)
        if quiet == 20:
            return count
        time.sleep(0.01)
    raise AssertionError(f"work without end: {count} gradients")


def test_pages_that_each_want_another_gradient_come_to_rest(
    studio: Studio, page: Page, worked: list[str | int]
) -> None:
    pages = [page, *(Page(studio, f"page {number}") for number in range(5))]
    for each in pages[1:]:
        each.open(experiment=page.id)
    page.edit(kind="bias", layer=1, neuron=0, value=1)
    for each, kind in zip(pages, _KINDS, strict=False):
        each.do("want", what=[f"gradient/{kind}"])
    assert _settled(pages, worked) <= 2 * len(pages)
    pages[-1].do("want", what=[f"gradient/{kind}" for kind in _KINDS])
    assert _settled(pages, worked) <= 2 * len(pages) + len(_KINDS)
    assert all("loss" in (told(pages[-1], f"gradient/{kind}") or {}) for kind in _KINDS)
    worked.clear()
    page.edit(kind="bias", layer=1, neuron=0, value=2)
    assert len(_KINDS) <= _settled(pages, worked) <= 2 * len(_KINDS)


def test_of_a_wide_network_as_many_gradients_are_kept_as_there_is_room_for(
    page: Page, worked: list[str | int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.studio.coach._KEPT_BYTES", 0)
    page.do("want", what=[f"gradient/{kind}" for kind in _KINDS])
    _settled([page], worked)
    assert worked == ["all", "wrong", 0]
    refused = told(page, "gradient/class-9")
    assert refused is not None and "3 gradients are worked out at a time" in refused["error"]
    page.do("want", what=["gradient/all", "gradient/class-9"])
    assert "loss" in wait_for(page, "gradient/class-9")
    for kind in _KINDS:
        page.do("want", what=[f"gradient/{kind}"])
        assert "loss" in wait_for(page, f"gradient/{kind}"), "one at a time each is to be had"
    assert page.visit.desk is not None
    assert len(coach._COACH._known[page.visit.desk]) == 3


def test_of_a_network_that_is_no_network_of_numbers_the_gradient_says_so_quietly(
    studio: Studio, page: Page
) -> None:
    page.edit(kind="weights", layer=1, neuron=0, cells=[0, 400], values=[3e38, 3e38])
    page.edit(kind="weights", layer=2, neuron=0, cells=[0], values=[-3e38])
    page.do("want", what=["gradient/wrong", "gradient/class-3", "gradient/class-x"])
    assert "loss" in wait_for(page, "gradient/wrong")
    assert wait_for(page, "gradient/class-3")["digits"] == int((TAUGHT.labels == 3).sum())
    refused = told(page, "gradient/class-x")
    assert refused is not None
    assert refused["error"].startswith("gradient: expected all, wrong or class-0, class-1")


def test_provenance_is_in_every_answer_while_it_is_wanted(page: Page) -> None:
    page.open(network="blank")
    page.do("want", what=["provenance"])
    page.edit(kind="stroke", layer=1, neuron=0, cells=[3, 5], keep=1, put=0.25, tool="coach")
    state = page.edit(kind="bias", layer=1, neuron=0, value=1)
    found = told(page, "provenance")
    assert found is not None
    names, codes = found["names"], base64.b64decode(found["weights"])
    assert {cell: names[code] for cell, code in enumerate(codes) if names[code] != "blank"} == {
        3: "coached", 5: "coached",
    }  # fmt: skip
    assert names[found["bias"]] == "painted"
    assert sum(found["in_all"]) == state["parameters"]
    page.do("undo")
    page.do("undo")
    again = told(page, "provenance")
    assert again is not None and set(base64.b64decode(again["weights"])) == {0}


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Keeps the thread that goes through many steps waiting until it is set."""
    go, walk = threading.Event(), origins._Walks._walk

    def later(*given: Any) -> None:
        assert go.wait(20)
        walk(*given)

    monkeypatch.setattr(origins._Walks, "_walk", later)
    yield go
    go.set()


def test_of_many_steps_provenance_comes_after_the_answer(
    page: Page, monkeypatch: pytest.MonkeyPatch, held: threading.Event
) -> None:
    monkeypatch.setattr(origins, "_AT_ONCE", 2)
    page.open(network="blank")
    for cell in range(4):
        page.edit(kind="stroke", layer=2, neuron=0, cells=[cell], keep=1, put=1)
    page.do("want", what=["provenance"])
    assert told(page, "provenance") is None, "no answer waits for it"
    held.set()
    assert wait_for(page, "provenance")["in_all"][2] == 4
    page.edit(kind="bias", layer=2, neuron=0, value=1)
    found = told(page, "provenance")
    assert found is not None and found["in_all"][2] == 5


def test_few_steps_of_many_edits_are_gone_through_after_the_answer_too(
    page: Page, held: threading.Event
) -> None:
    """Four pages that wanted it of 4,000 edits each kept all strokes waiting for 40 seconds."""
    page.open(network="blank")
    edits = [{"kind": "bias", "layer": 2, "neuron": each % 16, "value": each} for each in range(99)]
    page.edit(kind="several", label="many", edits=edits)
    page.do("select", layer=2, neuron=1)
    page.do("want", what=["provenance", "clause"])
    assert told(page, "provenance") is None and told(page, "clause") is None
    page.edit(kind="bias", layer=2, neuron=15, value=7)  # meanwhile it is worked at
    held.set()
    assert wait_for(page, "provenance")["in_all"][2] == 16
    assert wait_for(page, "clause")["made"] is False


def test_steps_that_cannot_be_gone_through_are_told_once_and_not_tried_without_end(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def fail(*_: object) -> bool:
        tried.append(1)
        raise ValueError("step 1 is damaged")

    monkeypatch.setattr(Tracker, "is_near", lambda *_: False)
    monkeypatch.setattr(Tracker, "go_on", fail)
    page.do("want", what=["provenance"])
    assert wait_for(page, "provenance") == {"error": "step 1 is damaged"}
    page.do("select", layer=1, neuron=2)
    assert told(page, "provenance") == {"error": "step 1 is damaged"} and len(tried) == 1


def test_a_library_gives_training_digits_where_there_are_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    asked: list[tuple[str, str, int | None]] = []

    def open_(source: str, split: str = "test", count: int | None = None) -> DigitSet:
        asked.append((source, split, count))
        if source == "mnist" and split == "train":
            raise FileNotFoundError("there is no such file")
        return TAUGHT if split == "train" else DIGITS

    monkeypatch.setattr("toolkit.studio.library.open_digits", open_)
    monkeypatch.setattr("toolkit.studio.library._MOST_TRAINING", 50)
    library, network = Library(), Network.blank()
    taught = library.training("drawn", network)
    assert len(taught) == 50
    assert library.training("drawn", network) is taught
    assert asked == [("drawn", "train", 50)]
    instead = library.training("mnist", network)
    assert len(instead) == 50 and instead.name == DIGITS.name
