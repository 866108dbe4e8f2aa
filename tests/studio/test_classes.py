"""A page on networks of other outputs than ten: scored on as many classes, and said not to be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.studio.conftest import DIGITS, FewDigits, Page
from toolkit.digits import DigitSet
from toolkit.experiments import Experiment, Workspace
from toolkit.network import Network
from toolkit.scoring import score
from toolkit.studio.studio import Studio

SPREAD = DIGITS.labels.astype(int) + 10 * (np.arange(len(DIGITS)) % 5)
KEPT = SPREAD < 47
NAMES = tuple("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt")
MANY = DigitSet(
    DIGITS.pixels[KEPT], SPREAD[KEPT], "letters", "drawn", DIGITS.grid, 47, NAMES
)  # fmt: skip
WHY = "not scored: 2 outputs, the digits have 10 classes"


class Letters(FewDigits):
    """Drawn digits by hand called letters."""

    def open(self, name: str | None = None) -> DigitSet:
        return MANY

    def _open_training(self, name: str) -> DigitSet:
        return MANY


@pytest.fixture
def letters(tmp_path: Path) -> Iterator[Page]:
    workspace = Workspace(tmp_path / "letters.db")
    yield opened(Studio(workspace, Letters()), Network.random((784, 12, 47), seed=1))
    workspace.close()


@pytest.fixture
def two(studio: Studio) -> Page:
    return opened(studio, Network.random((784, 12, 2), seed=1))


def opened(studio: Studio, network: Network) -> Page:
    experiment = Experiment(network, origin="file")
    studio.workspace.create(experiment)
    page = Page(studio, "one")
    page.open(experiment.id)
    return page


def ask(page: Page, what: str, **fields: object) -> tuple[dict[str, Any], bytes]:
    return page.visit.ask({"what": what, "experiment": page.id, **fields})


def extra(page: Page, name: str) -> Any:
    page.do("want", what=[name])
    return page.blocks[f"extra/{name}"]


def test_what_is_not_scored_is_said_and_no_figure_stands_in_its_place(two: Page) -> None:
    told = two.state["score"]
    assert told["unscored"] == WHY
    assert [told[name] for name in ("accuracy", "last", "start")] == [None] * 3
    assert told["per_digit"] == [None] * 10
    assert two.state["digits"]["classes"] == 10 and two.state["digits"]["names"] == []
    assert "NaN" not in json.dumps(two.state)


def test_it_is_painted_and_undone_like_any_other(two: Page) -> None:
    before = two.network()
    two.edit(kind="stroke", layer=1, neuron=3, cells=[400], keep=0, put=2.5)
    assert two.network().layer(1).weights[3, 400] == 2.5
    assert two.state["score"]["unscored"] == WHY and two.state["score"]["last"] is None
    (entry,) = two.studio.workspace.entries(ids=[two.id])
    assert entry.accuracy is None and entry.cursor == 1
    assert two.do("undo")["history"]["cursor"] == 0
    assert two.network() == before


def test_what_it_answers_is_shown_by_class(two: Page) -> None:
    answers = two.network().forward(DIGITS.images).predictions
    counts = json.loads(extra(two, "confusion"))["counts"]
    assert np.array(counts).shape == (10, 2)
    assert counts[3][1] == int((answers[DIGITS.labels == 3] == 1).sum())
    found, _ = ask(two, "digits", of={"label": 3, "read": 1})
    assert found["count"] == counts[3][1]
    reading, _ = ask(two, "reading")
    assert (reading["accuracy"], reading["unscored"], reading["mistakes"]) == (None, WHY, [])
    assert reading["calibration"] is None


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("pair-needs", {"one": 0, "other": 1, "replacement": "mean"}),
        ("without", {"layer": 1, "neuron": 0}),
        ("digits", {"of": {"label": 1, "right": False}}),
        ("fit", {"do": "begin", "client": "one"}),
    ],
)
def test_what_needs_a_score_says_why_it_cannot_be_had(
    two: Page, what: str, fields: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=WHY):
        ask(two, what, **fields)


def test_nothing_is_learned_without_an_output_for_each_class(two: Page) -> None:
    with pytest.raises(ValueError, match="needs an output for each class: 2 outputs, the digits"):
        ask(two, "learning", do="begin")


def test_none_is_read_wrong_where_nothing_is_scored(two: Page) -> None:
    two.do("digit", how="wrong", **{"class": None})
    assert two.heard[-1]["fields"] == {"text": WHY}


def test_a_network_of_one_output_opens(studio: Studio) -> None:
    page = opened(studio, Network.random((784, 6, 1), seed=1))
    assert page.state["score"]["unscored"] == "not scored: 1 output, the digits have 10 classes"
    page.edit(kind="bias", layer=2, neuron=0, value=1.5)
    assert page.network().layer(2).biases.tolist() == [1.5]


def test_forty_seven_classes_are_scored_and_called_by_their_names(letters: Page) -> None:
    expected = score(letters.network(), MANY)
    told = letters.state["score"]
    assert (told["accuracy"], told["unscored"]) == (expected.accuracy, "")
    assert len(told["per_digit"]) == 47
    assert letters.state["digits"]["names"] == list(NAMES)
    assert len(letters.state["sums"]["of"]) == 47
    assert json.loads(extra(letters, "confusion"))["counts"] == expected.confusion.tolist()
    assert len(extra(letters, "classes/1")) == 6 * 47 * 12
    chosen = json.loads(extra(letters, "subset/4.46"))
    assert chosen["images"] == int(np.isin(MANY.labels, [4, 46]).sum())
    assert letters.do("digit", how="class", **{"class": 46})["digit"]["label"] == 46
    neuron, _ = ask(letters, "neuron", layer=1, neuron=0)
    assert len(neuron["auc"]) == len(neuron["quantiles"]) == 47
