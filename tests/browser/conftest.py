"""Fixtures that drive the dashboard in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebSocket

from tests.browser.bench_page import BenchPage
from tests.browser.server import browser_path, chromium, dashboard
from tests.browser.windows import HINT_SEEN, SIZE, Windows

FAILED = pytest.StashKey[bool]()

# Each group has a browser of its own and is one worker's; with several, every core is at work.
GROUPS = {
    "browser that breaks": {"test_breaks.py", "test_full.py", "test_fitting.py"},
    "browser beside": {
        "test_atlas.py",
        "test_learning.py",
        "test_network.py",
        "test_neuron.py",
        "test_outside.py",
        "test_sources.py",
        "test_stamps.py",
    },
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        path = Path(item.fspath)
        if path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            group = next((name for name, has in GROUPS.items() if path.name in has), "browser")
            item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = browser_path()
    if not path:
        pytest.skip("NO BROWSER: install Chromium or Chrome, or set TOOLKIT_TEST_BROWSER")
    with chromium(path) as found:
        yield found


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[..., str]]:
    """Return a function that starts the dashboard and gives its address; one server a setting."""
    running: dict[tuple[str, str], str] = {}
    with ExitStack() as servers:

        def start(network: str = "random", digits: str = "drawn") -> str:
            if (network, digits) not in running:
                running[network, digits] = servers.enter_context(dashboard(network, digits))
            return running[network, digits]

        yield start


@pytest.fixture(scope="session")
def windows(browser: Browser) -> Windows:
    """Return windows that are used again."""
    return Windows(browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, Any]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture
def take(request: pytest.FixtureRequest, windows: Windows) -> Iterator[Callable[..., Page]]:
    """Return a function that gives a page in a window of its own, for one test, and watches it."""
    with ExitStack() as afterwards:

        def give_back(window: BrowserContext) -> None:
            windows.give_back(window, well=FAILED not in request.node.stash)

        def take_(address: str, size: tuple[int, int] = SIZE) -> Page:
            page = windows.take(address, size)
            afterwards.callback(give_back, page.context)
            afterwards.enter_context(watched(page, address))
            return page

        yield take_


@pytest.fixture
def open_page(
    browser: Browser, take: Callable[..., Page], serve: Callable[..., str]
) -> Iterator[Callable[..., BenchPage]]:
    """Return a function that opens the workbench in a browser window of its own."""
    with ExitStack() as afterwards:

        def open_(
            network: str = "random",
            digits: str = "drawn",
            query: str = "",
            size: tuple[int, int] = SIZE,
            hint: bool = False,
            **context: Any,
        ) -> BenchPage:
            address = serve(network, digits)
            if hint or context:
                viewport = {"width": size[0], "height": size[1]}
                window = browser.new_context(viewport=viewport, **context)  # type: ignore[arg-type]
                if not hint:
                    window.add_init_script(HINT_SEEN)
                afterwards.callback(window.close)
                page = window.new_page()
                afterwards.enter_context(watched(page, address))
            else:
                page = take(address, size)
            page.goto(f"{address}/{query}")
            return BenchPage(page)

        yield open_


@contextmanager
def watched(page: Page, address: str) -> Iterator[None]:
    """Watch a page for a while, in which nothing may go wrong."""
    problems: list[str] = []
    end = watch(page, address, problems)
    yield
    end()
    assert not problems, problems


def watch(page: Page, address: str, problems: list[str]) -> Callable[[], None]:
    """Note a page's errors, what its policy forbids it, and what it asks of other hosts.

    Returns
    -------
    callable
        Ends it.
    """

    def request(asked: Request | WebSocket) -> None:
        scheme, _, rest = asked.url.partition(":")
        if scheme not in ("blob", "data") and not rest.startswith(f"//{urlsplit(address).netloc}/"):
            problems.append(f"asked another host: {asked.url}")

    def said(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Permissions-Policy" in message.text:
            problems.append(message.text)

    heard: dict[Any, Callable[..., None]] = {
        "pageerror": lambda error: problems.append(str(error)),
        "request": request,
        "websocket": request,
        "console": said,
    }
    for event, hear in heard.items():
        page.on(event, hear)

    def end() -> None:
        for event, hear in heard.items():
            page.remove_listener(event, hear)

    return end
