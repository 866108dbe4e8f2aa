"""A server that has no room, and an idle page, as a person sees them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.bench_page import BenchPage, until
from tests.browser.conftest import watch
from tests.browser.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOOLKIT_MOST_PAGES", "2")
        found = Server(tmp_path_factory.mktemp("full") / "workspace.sqlite").start()
    yield found
    assert "Traceback" not in found.said()
    found.close()


def test_a_full_server_says_so_and_the_page_opens_by_itself_when_somebody_leaves(
    browser: Browser, server: Server
) -> None:
    problems: list[str] = []
    people: list[BrowserContext] = []

    def somebody(query: str = "") -> BrowserContext:
        people.append(browser.new_context(viewport={"width": 1366, "height": 768}))
        page = people[-1].new_page()
        watch(page, server.address, problems)
        page.goto(f"{server.address}/{query}")
        return people[-1]

    for _ in range(2):
        BenchPage(somebody().pages[0])
    waiting = somebody("?network=blank&neuron=1.5").pages[0]
    assert waiting.get_by_role("heading").inner_text() == "There is no room just now"
    assert waiting.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # Who has a place and reloads keeps it.
    first = people[0].pages[0]
    first.reload()
    BenchPage(first)
    people[1].close()
    waiting.locator("canvas.map").wait_for(timeout=60_000)
    bench = BenchPage(waiting)
    assert bench.state["name"] == "blank"
    assert bench.state["selected"] == [1, 5]
    assert problems == []
    for each in (people[0], people[2]):
        each.close()


def test_a_page_that_comes_back_to_a_full_server_says_so_and_sends_its_steps_later(
    browser: Browser, server: Server
) -> None:
    window = browser.new_context(viewport={"width": 1366, "height": 768})
    page = window.new_page()
    page.goto(f"{server.address}/?network=blank")
    bench = BenchPage(page)
    # A server that lets no socket in and says that it is for want of room.
    page.route("**/weight-maps/room", lambda route: route.fulfill(json={"full": True}))
    full = [True]
    page.route_web_socket(
        "**/weight-maps/socket",
        lambda socket: socket.close(code=1013) if full else socket.connect_to_server(),
    )
    page.evaluate("bench.post.line.cut()")
    line = page.locator(".connection", has_text="The server is full")
    line.wait_for(timeout=20_000)
    bench.stroke((5, 5), (8, 8))
    page.locator(".connection", has_text="1 step is kept here").wait_for()
    full.clear()
    until(page, "bench.store.state.history.count === 1")
    assert line.is_hidden()
    window.close()
