"""Figures on offer: who may ask for them, and what is said where there is none."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from tests.dashboard.talk import complete
from toolkit import apart
from toolkit.apart import ApartError
from toolkit.dashboard import files
from toolkit.dashboard.files import Files
from toolkit.network import Network
from toolkit.palette import Scale
from toolkit.studio.figures import AtlasFigure, Choices, Figures
from toolkit.studio.overview import survey

Ask = Callable[[AtlasFigure, str], Response]
OVERVIEW = survey(Network.random((9, 2, 10), seed=1, name="a/b"), None)


def choices(**other: Any) -> Choices:
    usual = {"sort": "index", "scale": Scale(), "palette": "green-red", "grey": False}
    return Choices(OVERVIEW, **{**usual, **other})


@pytest.fixture
def figures() -> Figures:
    return Figures()


@pytest.fixture
def ask(figures: Figures) -> Ask:
    def nobody() -> Any:
        raise AssertionError("no experiment is asked for")

    endpoint = Files(nobody, figures)

    def asked(figure: AtlasFigure, kind: str) -> Response:
        request = Request(
            {
                "type": "http", "path_params": {"name": figure.name}, "headers": [],
                "query_string": f"kind={kind}".encode(),
            }
        )  # fmt: skip
        return complete(_answer(endpoint, request))

    return asked


async def _answer(endpoint: Files, request: Request) -> Response:
    return await endpoint.figure(request)


def told(ask: Ask, figure: AtlasFigure, kind: str = "png") -> tuple[int, str, str]:
    answer = ask(figure, kind)
    notice = json.loads(bytes(answer.body))["notice"]
    return answer.status_code, notice["code"], notice["fields"].get("text", "")


def fails(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def draw(*_: object, **__: object) -> bytes:
        raise error

    monkeypatch.setattr(apart, "draw_atlas", draw)


def test_a_figure_is_served_under_the_network_s_name(ask: Ask, figures: Figures) -> None:
    figure = figures.offer(choices())
    answer = ask(figure, "svg")
    assert bytes(answer.body).startswith(b"<?xml")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    name = f"a-b-{OVERVIEW.network.checksum[:8]}-atlas.svg"
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{name}"


def test_a_figure_is_there_as_long_as_its_page(ask: Ask, figures: Figures) -> None:
    figure = figures.offer(choices())
    assert figures.offer(choices(), figure) is figure
    other = figures.offer(choices(grey=True), figure)
    assert other.name != figure.name
    assert figures.of(figure.name) is figure
    gone = AtlasFigure(figure.choices, figure.name)
    del figure
    gc.collect()
    assert told(ask, gone) == (404, "figure-gone", "")


def test_why_there_is_none_is_said_in_words(
    ask: Ask, figures: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = figures.offer(choices())
    status, code, text = told(ask, figure, "gif")
    assert (status, code) == (422, "figure-failed")
    assert "expected one of png, svg, pdf" in text
    fails(monkeypatch, ApartError("busy", "others come first"))
    assert told(ask, figure)[:2] == (503, "figures-busy")
    fails(monkeypatch, ApartError("time", "a.png: took longer than 60 seconds to draw"))
    expected = "a.png: took longer than 60 seconds to draw"
    assert told(ask, figure) == (503, "figure-failed", expected)


def test_no_more_wait_to_be_drawn_than_there_is_room_for(
    ask: Ask, figures: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_MOST_BEING_DRAWN", 0)
    assert told(ask, figures.offer(choices()))[:2] == (503, "figures-busy")


def test_a_training_is_taken_away_by_its_name_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = Files(lambda: None, Figures())  # type: ignore[arg-type,return-value]

    def asked(name: str, kind: str) -> Response:
        request = Request(
            {
                "type": "http", "path_params": {"name": name}, "headers": [],
                "query_string": f"kind={kind}".encode(),
            }
        )  # fmt: skip
        return complete(_learning(endpoint, request))

    assert asked("guessed", "gif").status_code == 404
    assert asked("guessed", "exe").status_code == 422
    monkeypatch.setattr(files.learning, "take_away", lambda name, kind: (b"GIF89a", f"{name}.gif"))
    found = asked("known", "gif")
    assert (found.body, found.media_type) == (b"GIF89a", "image/gif")
    assert found.headers["content-disposition"].endswith("known.gif")

    def busy(name: str, kind: str) -> None:
        raise ApartError("busy", "others' films are being made")

    monkeypatch.setattr(files.learning, "take_away", busy)
    assert asked("known", "gif").status_code == 503


async def _learning(endpoint: Files, request: Request) -> Response:
    return await endpoint.learning(request)
