"""From the command to a page that can be used, beside a Streamlit page of one line."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.benchmarks.browsing import browser
from tests.browser.bench_page import FIND
from tests.browser.server import ROOT, chromium, free_port
from toolkit.benchmarks import Beside, Job, Part, Result, Setting, in_turn, spread_of
from toolkit.benchmarks.clock import ratios

_ROUNDS = 5
_LOOK_SECONDS = 0.01
_MOST_SECONDS = 60
_HELLO = "import streamlit as st\nst.title('Hello world')\n"
_SHOWS = {
    "toolkit": f"({FIND})() && bench.frames.length > 0",
    "hello": "document.querySelector('h1')?.innerText === 'Hello world'",
}


def _seconds(running: Browser, which: str, command: list[str], folder: Path) -> float:
    """Start a server and open its page, in a browser that has nothing of it; return how long."""
    port, context = free_port(), running.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "TOOLKIT_WORKSPACE": str(folder / "workspace.sqlite")
    }  # fmt: skip
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", *(each.format(port=port) for each in command)],
        env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _until(partial(_listens, port))
        page.goto(f"http://localhost:{port}/")
        _until(partial(_shows, page, which))
        return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(timeout=20)
        context.close()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _shows(page: Page, which: str) -> bool:
    return bool(page.evaluate(_SHOWS[which]))


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _MOST_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {_MOST_SECONDS} s in vain")
        time.sleep(_LOOK_SECONDS)


def _measure(setting: Setting) -> dict[str, Result]:
    with tempfile.TemporaryDirectory() as name, chromium(browser()) as running:
        folder = Path(name)
        (folder / "hello.py").write_text(_HELLO, encoding="utf-8")
        commands = {
            "toolkit": ["toolkit", "app", "mnist-sigmoid", "--digits", setting.test.source,
                        "--port", "{port}", "--no-browser"],
            "hello": ["streamlit", "run", str(folder / "hello.py"), "--server.port", "{port}",
                      "--server.headless", "true", "--browser.gatherUsageStats", "false"],
        }  # fmt: skip
        ours, theirs = in_turn(
            [partial(_seconds, running, which, command, folder)
             for which, command in commands.items()],
            min(_ROUNDS, setting.rounds),
        )  # fmt: skip
    peer = f"Streamlit {version('streamlit')}, a page of one line"
    beside = Beside(peer, spread_of(theirs), spread_of(ratios(ours, theirs)))
    return {"starting.app": Result(spread_of(ours), beside=(beside,))}


def _jobs(setting: Setting) -> list[Job]:
    browser()
    says = "toolkit app → the workbench can be used, in a browser that is open"
    return [Job({"starting.app": says}, partial(_measure, setting))]


PART = Part("starting", "from the command to a page that can be used", _jobs)
