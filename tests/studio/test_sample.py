"""A wide network, scored on a sample: digits keep their numbers, and the sample is told of."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.studio.conftest import Page
from toolkit.digits import DigitSet
from toolkit.experiments import Workspace
from toolkit.fits import WORKBENCH, Budget, fits, sample
from toolkit.grid import Grid
from toolkit.scoring import score
from toolkit.studio import library, listing
from toolkit.studio.library import Library
from toolkit.studio.studio import Studio

WHOLE = DigitSet(
    np.random.default_rng(0).integers(0, 256, (1500, 784), np.uint8),
    np.random.default_rng(1).integers(0, 10, 1500),
    "noise",
    grid=Grid(28, 28),
)
# What ships counts as wide: 784-16-16-10 takes 8 bytes a digit for each of 16 neurons, 4 for each
# of 42, and 4 for each of 16.
NARROW = Budget(
    WORKBENCH.pixels, 1100 * 360, WORKBENCH.map_cells, WORKBENCH.neurons, WORKBENCH.parameters, 64
)
NUMBERS = sample(1500, 1100)


class Noise(Library):
    def open(self, name: str | None = None) -> DigitSet:
        return WHOLE


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    monkeypatch.setattr(library, "fits", partial(fits, budget=NARROW))
    workspace = Workspace(tmp_path / "workspace.sqlite")
    page = Page(Studio(workspace, Noise(), started_with="random"), "one")
    page.open(network="random")
    yield page
    workspace.close()


def test_a_digit_s_number_is_its_number_in_the_set_whether_it_is_scored_or_not(page: Page) -> None:
    file = f"{WHOLE.subset(NUMBERS).checksum}-1500"
    assert page.state["digits"] == {
        "name": "noise", "source": page.state["digits"]["source"], "part": "test",
        "count": 1100, "of": 1500, "classes": 10, "names": [], "file": file,
    }  # fmt: skip
    left_out = int(np.setdiff1d(np.arange(1500), NUMBERS)[40])
    for number in (int(NUMBERS[700]), left_out, 1499):
        state = page.open(network="random", digit=number)
        assert state["digit"]["index"] == number
        assert state["digit"]["label"] == WHOLE.labels[number]
        assert page.blocks["digit"] == WHOLE.pixels[number].tobytes()
    assert page.do("digit", how="index", index=left_out)["digit"]["index"] == left_out
    assert page.do("digit", how="next")["digit"]["index"] == left_out + 1
    assert all(notice["kind"] != "error" for notice in page.heard)
    page.open(network="random", digit=1500)
    problems = [notice["code"] for notice in page.heard if notice["kind"] == "error"]
    assert problems == ["no-such-digit"]


def test_those_read_wrong_are_among_the_scored_and_called_by_their_numbers(page: Page) -> None:
    wrong = NUMBERS[score(page.network(), WHOLE.subset(NUMBERS)).wrong]
    found = [page.do("digit", how="wrong")["digit"]["index"] for _ in range(20)]
    after = wrong[wrong > 0][:20]
    assert found == after.tolist()


def test_those_gained_and_lost_are_called_by_their_numbers(page: Page) -> None:
    before = score(page.network(), WHOLE.subset(NUMBERS))
    page.edit(kind="bias", layer=3, neuron=4, value=9)
    after = score(page.network(), WHOLE.subset(NUMBERS))
    gained = NUMBERS[after.gained_since(before)]
    assert len(gained) > 10
    assert page.state["score"]["gained"]["digits"] == gained[:10].tolist()
    for number in gained[:10]:
        assert page.blocks[f"thumb/{number}"] == WHOLE.pixels[number].tobytes()


def test_an_experiment_in_the_list_says_on_how_many_digits_its_accuracy_is(page: Page) -> None:
    page.edit(kind="bias", layer=1, neuron=0, value=1)
    studio = page.studio
    (entry,) = listing.experiments(studio.workspace, studio.library, None)["entries"]
    assert entry["share"] == (1100, 1500)


def test_of_all_digits_no_sample_is_spoken_of() -> None:
    assert Noise().share((784, 16, 16, 10), "drawn") is None
    assert Noise().share((784, 16, 16, 10), "gone-12345678") is None
