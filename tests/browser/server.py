"""A real server and a real browser, for tests, benchmark and screenshots."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def browser_path() -> str | None:
    """Return the browser that make found, or one on the path."""
    return os.environ.get("TOOLKIT_TEST_BROWSER") or next(
        filter(None, map(shutil.which, _NAMES)), None
    )


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    # Chromium's own sandbox does not start for root.
    arguments = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def dashboard(network: str = "random", digits: str = "drawn") -> Iterator[str]:
    """Run the dashboard as `toolkit app` does, and give its address."""
    port = free_port()
    address = f"http://localhost:{port}"
    command = [sys.executable, "-m", "toolkit", "app", network, "--digits", digits]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--no-browser"],
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )

        def said() -> str:
            log.seek(0)
            return log.read().decode(errors="replace")[-2000:]

        try:
            deadline = time.monotonic() + 90
            while not _answers(address):
                if process.poll() is not None:
                    raise RuntimeError(f"the server ended: {said()}")
                if time.monotonic() > deadline:
                    raise RuntimeError(f"no answer from the server: {said()}")
                time.sleep(0.2)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
            return bool(answer.read() == b"ok")
    except OSError:
        return False
