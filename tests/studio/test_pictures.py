"""Pictures of digits that a page sends."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import pytest
from PIL import Image

from tests.studio.conftest import TRAINING, FewDigits, Page
from toolkit.digits import DigitSet
from toolkit.stamps import class_difference, class_mean
from toolkit.studio.library import Library
from toolkit.studio.studio import Studio


def paper(*strokes: tuple[int, int, int, int]) -> bytes:
    """Return a sheet with upright strokes, each from (left, top) to (right, bottom)."""
    sheet = Image.new("L", (400, 300), 250)
    for each in strokes:
        sheet.paste(10, each)
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()


def test_where_a_picture_has_another_digit_that_is_said(studio: Studio, page: Page) -> None:
    page.heard.clear()
    studio.show_picture(paper((60, 60, 78, 240)), "one.png", page.visit)
    assert page.read()["digit"]["title"] == {"code": "picture", "fields": {"name": "one.png"}}
    assert page.heard == []
    two = paper((60, 80, 75, 220), (300, 60, 318, 240))
    studio.show_picture(two, "two.png", page.visit)
    assert page.read()["digit"]["title"]["fields"] == {"name": "two.png"}
    (notice,) = page.heard
    assert (notice["code"], notice["fields"]) == ("picture-others", {"file": "two.png"})


def test_class_means_are_of_training_digits_and_make_the_stamps_that_python_makes(
    page: Page,
) -> None:
    means = page.means().astype(int)
    assert (class_mean(TRAINING, 3).levels or ()) == tuple(means[3])
    assert (class_difference(TRAINING, 3, 7).levels or ()) == tuple(means[3] - means[7])


class LaterMeans(FewDigits):
    means = Library.means


def test_means_come_when_they_are_made_and_keep_nothing_waiting(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def broken(self: Library, name: str) -> DigitSet:
        tried.append(name)
        raise OSError("gone")

    def until(there: Callable[[], object]) -> None:
        deadline = time.monotonic() + 10
        while not there():
            assert time.monotonic() < deadline
            time.sleep(0.005)

    monkeypatch.setattr(FewDigits, "_open_training", broken)
    page = Page(Studio(studio.workspace, LaterMeans(), started_with="random"), "two")
    page.open(network="random")
    until(lambda: tried)
    assert page.read()["score"] and page.blocks["means"] == b""
    monkeypatch.undo()
    page.edit(kind="bias", layer=1, neuron=0, value=1)
    until(lambda: page.read() and page.blocks["means"])
    assert page.means().shape == (10, 784)
