"""The number of pages at once is bounded, and the one too many is told so."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.browser.server import Server
from tests.dashboard.talk import Talk, fetch
from toolkit.dashboard.places import COOKIE, Places
from toolkit.dashboard.settings import idle_seconds, most_pages, most_scored_bytes

MOST = 3


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOOLKIT_MOST_PAGES", str(MOST))
        found = Server(tmp_path_factory.mktemp("places") / "workspace.sqlite").start()
    yield found
    assert "Traceback" not in found.said()
    found.close()


def ask(server: Server, browser: str = "") -> tuple[int, dict[str, str], bytes]:
    cookie = {"Cookie": f"{COOKIE}={browser}"} if browser else {}
    return fetch(f"{server.address}/?network=blank", Accept="text/html,*/*", **cookie)


def stream(server: Server, browser: str = "") -> ClientConnection:
    headers = {"Cookie": f"{COOKIE}={browser}"} if browser else {}
    url = f"ws://localhost:{server.port}/_stcore/stream"
    return connect(url, origin=server.address, additional_headers=headers)  # type: ignore[arg-type]


def test_one_too_many_is_told_so_in_words_and_let_in_when_another_leaves(server: Server) -> None:
    with ExitStack() as here:
        browsers = []
        for _ in range(MOST):
            status, headers, body = ask(server)
            assert status == 200
            assert b"Streamlit" in body
            browsers.append(headers["set-cookie"].partition("=")[2].partition(";")[0])
        assert len(set(browsers)) == MOST
        # All places are taken from here on, though no socket was opened yet.
        status, headers, body = ask(server)
        assert (status, headers["retry-after"]) == (503, "5")
        assert b"There is no room just now" in body
        assert b"at once (3)" in body
        assert b'http-equiv="refresh" content="5"' in body
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        streams = [here.enter_context(stream(server, browser)) for browser in browsers]
        assert ask(server)[0] == 503
        with pytest.raises(InvalidStatus) as refused:
            stream(server)
        assert refused.value.response.status_code == 503
        # Who has a place and reloads, or loses the line for a moment, is not sent away.
        assert ask(server, browsers[0])[0] == 200
        here.enter_context(stream(server, browsers[0]))
        streams[0].close()
        assert ask(server)[0] == 503
        streams[1].close()
        deadline = time.monotonic() + 20
        while ask(server)[0] != 200:
            assert time.monotonic() < deadline, "somebody left"
            time.sleep(0.1)
        assert fetch(f"{server.address}/_stcore/health")[0] == 200


def test_the_page_s_own_sockets_are_as_many_and_a_stroke_goes_on_meanwhile(server: Server) -> None:
    with ExitStack() as here:
        talks = []
        with pytest.raises(InvalidStatus) as refused:
            for _ in range(100):
                talks.append(Talk(server.address))
                here.callback(talks[-1].close)
        assert refused.value.response.status_code == 503
        assert MOST <= len(talks) <= MOST + 2
        talks[0].visit()
        assert talks[0].stroke()["history"]["cursor"] == 1
    # They are gone a moment later.
    talk = Talk(server.address)
    talk.close()


def test_places_are_kept_for_who_is_on_the_way_and_a_few_for_who_comes_back() -> None:
    places = Places(8)
    for number in range(8):
        places.expect(str(number))
    assert not places.has_room()
    assert places.has_room("3"), "its own place"
    assert all(places.enter("page", str(number)) for number in range(8))
    assert not places.enter("page", "stranger")
    assert [places.enter("page", "3") for _ in range(3)] == [True, True, False], "a quarter more"
    for _ in range(3):
        places.leave("page", "3")
    assert places.enter("page", "stranger")
    assert places.has_room("3"), "it was here a moment ago"


def test_a_place_kept_for_a_page_that_never_came_is_free_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    places = Places(2)
    places.expect("one")
    places.expect("two")
    assert not places.has_room()
    later = time.monotonic() + 3600
    monkeypatch.setattr("toolkit.dashboard.places.time.monotonic", lambda: later)
    assert places.has_room()


SETTINGS = {
    "TOOLKIT_MOST_PAGES": most_pages,
    "TOOLKIT_IDLE_SECONDS": idle_seconds,
    "TOOLKIT_SCORED_MIB": lambda: most_scored_bytes() >> 20,
}


@pytest.mark.parametrize("variable", SETTINGS)
@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "²", "9" * 5000])
def test_a_number_that_makes_no_sense_is_said(
    variable: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(ValueError, match=f"{variable}: expected a whole number above zero; got "):
        SETTINGS[variable]()


def test_a_number_of_pages_or_seconds_is_what_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (most_pages(), idle_seconds()) == (64, 900)
    for variable in SETTINGS:
        monkeypatch.setenv(variable, "12")
    assert (most_pages(), idle_seconds()) == (12, 12)
