"""Start the dashboard as a child process, say where it is, and end it cleanly."""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from pathlib import Path

from toolkit import shipped
from toolkit.digits import open_digits

ADDRESS = "127.0.0.1"
DEFAULT_PORT = 8501
_PORTS_TRIED = 100
_START_SECONDS = 60.0
_END_SECONDS = 5.0
_LOOK_SECONDS = 0.2
_ENDING = (signal.SIGINT, signal.SIGTERM)


def app(arguments: argparse.Namespace) -> int:
    """Run the dashboard until it is interrupted; that is its ordinary end, status 0."""
    environment = _environment(arguments.network, arguments.digits)
    if arguments.workspace is not None:
        environment["TOOLKIT_WORKSPACE"] = str(arguments.workspace.resolve())
    port = _choose_port(arguments.port)
    address = f"http://{ADDRESS}:{port}/"
    command = [
        sys.executable, "-m", "streamlit", "run", str(shipped.app_script()),
        "--server.address", ADDRESS, "--server.port", str(port), "--server.headless", "true",
        "--browser.gatherUsageStats", "false", "--logger.level", "warning",
    ]  # fmt: skip
    # Being asked to end is noted, not raised: wherever it comes, and however often, the child is
    # ended and waited for.
    asked = threading.Event()
    before = {number: signal.signal(number, lambda *_: asked.set()) for number in _ENDING}
    # Its greeting names the address a second time; what goes wrong it says on stderr.
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        if _answers(child, port, asked):
            print(f"The workbench is at {address} (Ctrl+C ends it)", flush=True)
            if not arguments.no_browser:
                webbrowser.open(address)
            while child.poll() is None and not asked.wait(_LOOK_SECONDS):
                pass
            if not asked.is_set() and child.returncode:
                raise OSError(f"the server ended with status {child.returncode}")
        elif not asked.is_set():
            raise OSError(f"the server did not start (status {child.poll()})")
    finally:
        _stop(child)
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


def _environment(network: str | None, digits: str | None) -> dict[str, str]:
    """Return the child's environment, having opened what it is to show."""
    environment = dict(os.environ)
    # With arrays this small a second BLAS thread costs more than it brings: half the latency.
    environment.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    found = open_digits(digits, "test")
    if digits is not None:
        named = digits in ("drawn", "mnist")
        environment["TOOLKIT_DIGITS"] = digits if named else str(Path(digits).resolve())
    if network is not None:
        opened = shipped.open_network(network)
        pixels = found.pixels.shape[1]
        if (opened.sizes[0], opened.sizes[-1]) != (pixels, 10):
            raise ValueError(
                f"network: expected {pixels} inputs and 10 outputs; got "
                f"{'-'.join(map(str, opened.sizes))}"
            )
        named = network in shipped.names()
        environment["TOOLKIT_NETWORK"] = network if named else str(Path(network).resolve())
    return environment


def _choose_port(wanted: int | None) -> int:
    if wanted is not None:
        if not _is_free(wanted):
            raise ValueError(f"port {wanted}: taken, or not allowed; choose another")
        return wanted
    for port in range(DEFAULT_PORT, DEFAULT_PORT + _PORTS_TRIED):
        if _is_free(port):
            return port
    raise ValueError(f"port: none from {DEFAULT_PORT} on is free; name one with --port")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            # Else a port stays taken for a minute after the server that had it ended.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return False
        return True


def _answers(child: subprocess.Popen[bytes], port: int, asked: threading.Event) -> bool:
    """Wait until the server answers; False if it ended, took too long, or is asked to end."""
    give_up = time.monotonic() + _START_SECONDS
    while child.poll() is None and time.monotonic() < give_up and not asked.is_set():
        connection = http.client.HTTPConnection(ADDRESS, port, timeout=2)
        try:
            connection.request("GET", "/_stcore/health")
            if connection.getresponse().status == 200:
                return True
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    return False


def _stop(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
