"""A real server and a real browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.bench_page import BenchPage

ROOT = Path(__file__).resolve().parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("TOOLKIT_TEST_BROWSER") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if not path:
        pytest.skip("NO BROWSER: install Chromium or Chrome, or set TOOLKIT_TEST_BROWSER")
    # Chromium's own sandbox does not start for root.
    arguments = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=arguments)
        yield found
        found.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Return a function that starts the dashboard and gives its address; one server a setting."""
    running: dict[tuple[str, str], tuple[subprocess.Popen[bytes], str]] = {}

    def start(network: str = "random", digits: str = "drawn") -> str:
        if (network, digits) not in running:
            port = free_port()
            log = (tmp_path_factory.getbasetemp() / f"server-{port}.log").open("wb")
            environment = {
                **os.environ,
                "TOOLKIT_CACHE": os.environ.get(
                    "TOOLKIT_CACHE", str(tmp_path_factory.getbasetemp() / "cache")
                ),
            }
            command = [sys.executable, "-m", "toolkit", "app", network, "--digits", digits]
            process = subprocess.Popen(
                [*command, "--port", str(port), "--no-browser"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            address = f"http://localhost:{port}"
            _wait(address, process, Path(log.name))
            running[network, digits] = process, address
        return running[network, digits][1]

    yield start
    for process, _ in running.values():
        process.terminate()
    for process, _ in running.values():
        process.wait(timeout=20)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"no answer from the server: {log.read_text()[-2000:]}")


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
