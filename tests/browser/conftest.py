"""Fixtures that drive the dashboard in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.bench_page import BenchPage
from tests.browser.server import browser_path, chromium, dashboard


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


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
        page.on("pageerror", lambda error: errors.append(str(error)))
        pages.append((page, errors))
        page.goto(f"{serve(network, digits)}/{query}")
        return BenchPage(page)

    yield open_
    for page, errors in pages:
        assert not errors, errors
        page.context.close()
