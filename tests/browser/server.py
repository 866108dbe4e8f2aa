"""A real server and a real browser, for tests, benchmark and screenshots."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
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


class Server:
    """The dashboard as `streamlit run app.py` starts it, to be killed and started again.

    Parameters
    ----------
    workspace : Path
        File that keeps the experiments.
    network, digits : str
        What a bare address shows.
    session_seconds : int
        How long Streamlit keeps a session whose connection is gone.
    options : str
        More for `streamlit run`.
    health : str
        Path under which it then is.
    """

    def __init__(
        self,
        workspace: Path,
        network: str = "random",
        digits: str = "drawn",
        session_seconds: int = 120,
        *options: str,
        health: str = "",
    ) -> None:
        self.port = free_port()
        self.address = f"http://localhost:{self.port}"
        self.workspace = workspace
        self._options = options
        self._health = health
        self._environment = {
            **os.environ,
            "TOOLKIT_WORKSPACE": str(workspace),
            "TOOLKIT_NETWORK": network,
            "TOOLKIT_DIGITS": digits,
            "STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(session_seconds),
        }
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # closed in close()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Server:
        """Start it and wait until it answers."""
        command = [
            sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port",
            str(self.port), "--server.headless", "true", *self._options,
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdout=self._log, stderr=subprocess.STDOUT
        )
        _wait(self.process, f"{self.address}/{self._health}".rstrip("/"), self.said)
        return self

    def said(self) -> str:
        """Return the last of what it printed."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-4000:]

    def kill(self) -> None:
        """Kill it as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(timeout=20)

    def close(self) -> None:
        """End it."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()
        self._log.close()


def _wait(
    process: subprocess.Popen[bytes],
    address: str,
    said: Callable[[], str],
    trust: ssl.SSLContext | None = None,
) -> None:
    deadline = time.monotonic() + 90
    while not _answers(address, trust):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended: {said()}")
        if time.monotonic() > deadline:
            raise RuntimeError(f"no answer from the server: {said()}")
        time.sleep(0.1)


@contextmanager
def dashboard(
    network: str = "random", digits: str = "drawn", checkout: Path = ROOT
) -> Iterator[str]:
    """Run the dashboard as `toolkit app` does, and give its address."""
    port = free_port()
    address = f"http://localhost:{port}"
    command = [sys.executable, "-m", "toolkit", "app", network, "--digits", digits]
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--no-browser"],
            cwd=checkout,
            env={
                **os.environ,
                "PYTHONPATH": str(checkout),
                "TOOLKIT_WORKSPACE": str(Path(folder) / "workspace.sqlite"),
            },
            stdout=log,
            stderr=subprocess.STDOUT,
        )

        def said() -> str:
            log.seek(0)
            return log.read().decode(errors="replace")[-2000:]

        try:
            _wait(process, address, said)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)


def _answers(address: str, trust: ssl.SSLContext | None = None) -> bool:
    try:
        with urllib.request.urlopen(
            f"{address}/_stcore/health", timeout=2, context=trust
        ) as answer:
            return bool(answer.read() == b"ok")
    except OSError:
        return False
