"""Fixtures that drive the dashboard in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, WebSocket

from tests.browser.bench_page import BenchPage
from tests.browser.server import browser_path, chromium, dashboard

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


@pytest.fixture
def open_page(browser: Browser, serve: Callable[..., str]) -> Iterator[Callable[..., BenchPage]]:
    """Return a function that opens the workbench in a new browser window."""
    pages: list[tuple[Page, list[str]]] = []

    def open_(
        network: str = "random",
        digits: str = "drawn",
        query: str = "",
        size: tuple[int, int] = (1366, 768),
        hint: bool = False,
        **context: Any,
    ) -> BenchPage:
        window = browser.new_context(viewport={"width": size[0], "height": size[1]}, **context)
        if not hint:
            window.add_init_script("localStorage.setItem('weight-map-toolkit.hint', 'seen')")
        page = window.new_page()
        errors: list[str] = []
        address = serve(network, digits)
        watch(page, address, errors)
        pages.append((page, errors))
        page.goto(f"{address}/{query}")
        return BenchPage(page)

    yield open_
    for page, errors in pages:
        assert not errors, errors
        page.context.close()


def watch(page: Page, address: str, problems: list[str]) -> None:
    """Note a page's errors, what its policy forbids it, and what it asks of other hosts."""

    def request(asked: Request | WebSocket) -> None:
        scheme, _, rest = asked.url.partition(":")
        if scheme not in ("blob", "data") and not rest.startswith(f"//{urlsplit(address).netloc}/"):
            problems.append(f"asked another host: {asked.url}")

    def said(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Permissions-Policy" in message.text:
            problems.append(message.text)

    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", request)
    page.on("websocket", request)
    page.on("console", said)
