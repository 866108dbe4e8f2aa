"""Start the dashboard as a child process, say where it is, and end it cleanly."""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import toolkit
from toolkit import locks, presence, shipped
from toolkit.cli.output import print_line, say
from toolkit.digits.cache import mnist_folder
from toolkit.digits.parts import part_of, parted
from toolkit.presence import ADDRESS, Note

DEFAULT_PORT = 8501
_PORTS_TRIED = 100
_START_SECONDS = 60.0
_END_SECONDS = 6.0
_LOOK_SECONDS = 0.2
_ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # those that the system has
_PATHS = (
    "TOOLKIT_WORKSPACE",
    "TOOLKIT_NETWORK",
    "TOOLKIT_DIGITS",
    "TOOLKIT_CACHE",
    "TOOLKIT_EXERCISES",
)
_NAMES = ("drawn", "mnist")


def app(arguments: argparse.Namespace) -> int:
    """Run the dashboard until it is interrupted; that is its ordinary end, status 0.

    If one with the same settings runs already, say where.
    """
    environment = _environment(arguments.network, arguments.digits)
    if arguments.workspace is not None:
        environment["TOOLKIT_WORKSPACE"] = str(arguments.workspace.resolve())
        _check_workspace(arguments.workspace)
    # Being asked to end is noted, not raised: wherever it comes, and however often, the child is
    # ended and waited for.  The handlers stay: once more while this process ends is once too often.
    asked = threading.Event()
    for number in (getattr(signal, name) for name in _ENDING if hasattr(signal, name)):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup has it
            signal.signal(number, lambda *_: asked.set())
    child = None
    try:
        with _one_start_at_a_time(asked):
            there, port = _look_round(arguments.port, environment)
            if there is not None:
                print_line(f"The workbench is already at {there.address}")
                if not arguments.no_browser:
                    webbrowser.open(there.address)
                return 0
            child = _start(port, environment)
            # While it starts, which takes a second: what is wrong with that is said all the same.
            _check_shown(arguments.network, arguments.digits)
            note = presence.note_of(port, os.getpid(), environment)
            if _answers(child, port, asked):
                note.leave()
            elif not asked.is_set():
                raise OSError(f"the server did not start (status {child.poll()})")
        try:
            if not asked.is_set():
                print_line(f"The workbench is at {note.address} (Ctrl+C ends it)")
                if not arguments.no_browser:
                    webbrowser.open(note.address)
            while child.poll() is None and not asked.wait(_LOOK_SECONDS):
                pass
        finally:
            note.remove()
        if not asked.is_set() and child.returncode:
            raise OSError(f"the server ended with status {child.returncode}")
    except _AskedToEndError:
        return 0
    finally:
        if child is not None:
            _stop(child)
    return 0


def _check_workspace(path: Path) -> None:
    """Raise ValueError for a file that is no workspace, rather than at the first stroke."""
    if not path.exists():
        return
    from toolkit.experiments import Workspace, WorkspaceError

    workspace = Workspace(path)
    try:
        workspace.last()
    except WorkspaceError as error:
        if error.code == "unreadable":
            raise ValueError(str(error)) from error
    finally:
        workspace.close()


class _AskedToEndError(Exception):
    pass


@contextlib.contextmanager
def _one_start_at_a_time(asked: threading.Event) -> Iterator[None]:
    """Let nobody else of this person start a dashboard meanwhile, or two would take one port."""

    def wait() -> None:
        say("another start of the workbench is under way; waiting for it")

    def look() -> None:
        if asked.is_set():
            raise _AskedToEndError

    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # a folder that cannot be written: then without
            presence.folder().mkdir(parents=True, exist_ok=True, mode=0o700)
            stack.enter_context(locks.held(str(presence.folder() / "start.lock"), wait, look))
        yield


def _start(port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    # -P, and a folder of our own to stand in: neither modules nor settings nor secrets are taken
    # from the folder where somebody happens to be.
    command = [
        sys.executable, "-P", "-m", "streamlit", "run", str(shipped.app_script()),
        "--server.address", ADDRESS, "--server.port", str(port), "--server.headless", "true",
        "--server.baseUrlPath", "", "--browser.gatherUsageStats", "false",
        "--logger.level", "warning",
    ]  # fmt: skip
    environment["PYTHONSAFEPATH"] = "1"
    environment["TOOLKIT_PARENT"] = str(os.getpid())
    environment[presence.KEY_VARIABLE] = secrets.token_hex(32)
    child = subprocess.Popen(
        command, env=environment, cwd=shipped.app_script().parent, stdin=subprocess.DEVNULL,
        # Its greeting names the address a second time; what goes wrong it says on stderr.
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        # Ctrl+C reaches all of a terminal's processes; this one is asked to end by us, once.
        start_new_session=True,
    )  # fmt: skip
    assert child.stderr is not None
    threading.Thread(target=_pass_on, args=(child.stderr,), daemon=True).start()
    return child


def _pass_on(lines: IO[bytes]) -> None:
    """Say what the server says: it may quote what strangers wrote."""
    for line in lines:
        with contextlib.suppress(OSError, ValueError):  # nobody there to read it
            say(line.decode("utf-8", "replace").rstrip("\r\n"))


def _environment(network: str | None, digits: str | None) -> dict[str, str]:
    """Return the child's environment."""
    environment = dict(os.environ)
    for name in _PATHS:  # the server stands in another folder
        path, part = parted(environment.get(name, ""))
        is_name = path in (*_NAMES, *shipped.names()) or "://" in path
        if path and not is_name:
            environment[name] = part_of(Path(path).expanduser().resolve(), part)
    # With arrays this small a second BLAS thread costs more than it brings: half the latency.
    environment.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    if digits is not None:
        source, part = parted(digits)
        environment["TOOLKIT_DIGITS"] = part_of(
            source if source in _NAMES else _lasting(source), part
        )
    if network is not None:
        named = network in shipped.names()
        environment["TOOLKIT_NETWORK"] = network if named else _lasting(network)
    return environment


def _check_shown(network: str | None, digits: str | None) -> None:
    """Open what is to be shown, and raise ValueError or OSError where that cannot be.

    Of the drawn digits and the networks that ship it is known that they can.
    """
    source = digits or os.environ.get("TOOLKIT_DIGITS")
    is_drawn = source == "drawn" or (source is None and not mnist_folder().exists())
    if is_drawn and (network is None or network in shipped.names()):
        return
    from toolkit.cli.inputs import digits_for
    from toolkit.fits import fits

    found = digits_for(digits)
    if network is not None:
        fits(shipped.open_network(network), found).check()


def _lasting(name: str) -> str:
    """Return a path as the server finds it, which opens it again and again."""
    path = Path(name).expanduser()
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise ValueError(f"{name}: can be read but once, and the workbench reads it for each page; "
                         "save it as a file first")  # fmt: skip
    return str(path.resolve())


def _look_round(wanted: int | None, environment: dict[str, str]) -> tuple[Note | None, int]:
    """Return the dashboard that is there already, or None and the port to take."""
    settings = presence.settings_of(environment)
    for note in presence.notes():
        state = note.look()
        if state == "gone":
            note.remove()
        elif wanted is not None and note.port != wanted:
            continue
        elif state == "silent":
            say(
                f"the workbench at {note.address} does not answer; end it with: kill {note.process}"
            )
        elif note.settings == settings and note.version == toolkit.__version__:
            return note, note.port
        else:
            other = (
                f"is of version {note.version}, this one of {toolkit.__version__}"
                if note.version != toolkit.__version__
                else "has another network, digits, workspace or installation"
            )
            beside = "" if wanted is not None else "; this one starts beside it"
            say(f"the workbench at {note.address} {other}{beside}")
    return None, _choose_port(wanted)


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
    if hasattr(signal, "SIGCONT"):
        child.send_signal(signal.SIGCONT)  # one that somebody stopped is to end as well
    try:
        child.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
