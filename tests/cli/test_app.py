"""``toolkit app`` as a person starts and ends it: twice, in a stranger's folder, and for good."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from websockets.exceptions import ConnectionClosed

from tests.dashboard.talk import Talk
from tests.test_lifeline import is_there, wait_for_end
from toolkit import files, presence
from toolkit.cli import main, server
from toolkit.experiments import Workspace

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")

ROOT = Path(__file__).parents[2]
# As the installed command is started: without the folder where somebody stands.
COMMAND = [
    sys.executable, "-P", "-c", "import sys; from toolkit.cli import main; sys.exit(main())",
]  # fmt: skip
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Return a function that starts a command in a group of its own; what still runs is ended."""
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TOOLKIT_DIGITS", "drawn")
    running: list[subprocess.Popen[str]] = []

    def start_(*command: str, cwd: Path = tmp_path, **changed: str) -> subprocess.Popen[str]:
        running.append(
            subprocess.Popen(
                command,
                cwd=cwd,
                env={**os.environ, **changed},
                text=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        )
        return running[-1]

    yield start_
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
            process.terminate()
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def address_of(process: subprocess.Popen[str], words: str = "is at") -> int:
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(rf"{words} http://127\.0\.0\.1:(\d+)/", line)
    if found is None:
        process.kill()
    assert found, (line, process.communicate())
    return int(found[1])


def get(port: int, path: str = "/_stcore/health") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def children_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    if not listed.exists():
        pytest.skip("this system does not list a process's children")
    return [int(child) for child in listed.read_text().split()]


def test_started_twice_it_says_where_it_is_and_with_other_settings_it_starts_beside(
    start: Start, tmp_path: Path
) -> None:
    first = start(*COMMAND, "app", "--no-browser")
    second = start(*COMMAND, "app", "--no-browser")  # both at once: one waits for the other
    lines = {}
    for process in (first, second):
        assert process.stdout is not None
        lines[process] = process.stdout.readline()
    (ended,) = (process for process, line in lines.items() if "already at" in line)
    (running,) = (process for process, line in lines.items() if "workbench is at" in line)
    (port,) = {int(re.findall(r":(\d+)/", line)[0]) for line in lines.values()}
    assert ended.wait(timeout=10) == 0
    # Named, and named again by its port; nothing new is started.
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/opened\n')
    browser.chmod(0o755)
    for more in (("--no-browser",), ("--port", str(port))):
        done = start(*COMMAND, "app", *more, BROWSER=f"{browser} %s")
        out, err = done.communicate(timeout=30)
        assert (done.returncode, err) == (0, "")
        assert out == f"The workbench is already at http://127.0.0.1:{port}/\n"
    assert (tmp_path / "opened").read_text() == f"http://127.0.0.1:{port}/\n"
    other = start(*COMMAND, "app", "blank", "--no-browser")
    beside = address_of(other)
    assert beside != port and get(beside) == get(port) == (200, "ok")
    other.terminate()
    _, err = other.communicate(timeout=20)
    assert f"the workbench at http://127.0.0.1:{port}/ has another network" in err
    taken = start(*COMMAND, "app", "blank", "--no-browser", "--port", str(port))
    _, err = taken.communicate(timeout=30)
    assert taken.returncode == 2
    assert "has another network" in err and f"port {port}: taken" in err
    # Hung, it is said how to end it, and the next start does not wait for it.
    (serving,) = children_of(running.pid)
    os.kill(serving, signal.SIGSTOP)
    beside_hung = start(*COMMAND, "app", "--no-browser")
    assert address_of(beside_hung) != port
    beside_hung.terminate()
    assert f"does not answer; end it with: kill {running.pid}" in beside_hung.communicate()[1]
    running.terminate()
    running.communicate(timeout=20)  # a stopped server ends too
    assert running.returncode == 0
    wait_for_end(serving)
    assert not [*presence.folder().glob("*.json")]


class _Stranger(http.server.BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"0" * 64)

    def log_message(self, *_: object) -> None:
        pass


def test_a_strangers_server_is_not_taken_for_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path))
    stranger = http.server.HTTPServer(("127.0.0.1", 0), _Stranger)
    threading.Thread(target=stranger.serve_forever, daemon=True).start()
    environment = {presence.KEY_VARIABLE: "key"}
    note = presence.note_of(stranger.server_port, os.getpid(), environment)
    note.leave()
    assert presence.notes() == [note]
    (left,) = presence.folder().glob("*.json")
    assert left.stat().st_mode & 0o077 == 0
    found, port = server._look_round(None, environment)
    assert found is None and port != stranger.server_port
    assert _Stranger.asked[0].startswith(presence.PATH)
    assert presence.notes() == []  # ours is gone, and so is its note
    stranger.shutdown()
    stranger.server_close()


def test_of_another_version_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    older = presence.Note(8501, 1, presence.settings_of({}), "0.0.9", "key")
    monkeypatch.setattr(presence, "notes", lambda: [older])
    monkeypatch.setattr(presence.Note, "look", lambda self: "here")
    assert server._look_round(None, {})[0] is None
    assert "is of version 0.0.9, this one of " in capsys.readouterr().err


def test_a_note_that_is_damaged_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path))
    monkeypatch.setattr(files, "WAIT_SECONDS", 0.1)
    presence.folder().mkdir(parents=True)
    for name, text in {"1": "{", "2": "[]", "3": '{"port": 3}', "4": "null"}.items():
        (presence.folder() / f"{name}.json").write_text(text)
    os.mkfifo(presence.folder() / "5.json")
    assert presence.notes() == []


def test_the_server_proves_itself_with_its_key_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    word = "0" * 32
    assert presence.answer(word) is None  # a server that nobody gave a key
    monkeypatch.setattr(presence, "_key", "key")
    assert presence.answer(word) == presence.proof("key", word) != presence.proof("other", word)
    for none in ("", "0" * 31, "0" * 33, "é" * 32, "../" * 10 + "00"):
        assert presence.answer(none) is None


BURSTS = {
    "once": [signal.SIGINT],
    "Ctrl+C twice": [signal.SIGINT, signal.SIGINT],
    "terminal closed": [signal.SIGHUP, signal.SIGTERM],
    "impatient": [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGINT, signal.SIGTERM],
}


@pytest.mark.parametrize("burst", BURSTS)
def test_streamlit_run_ends_cleanly_however_often_it_is_asked(burst: str, start: Start) -> None:
    port = free_port()
    process = start(
        sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.headless", "true",
        "--server.port", str(port), "--logger.hideWelcomeMessage", "true", cwd=ROOT,
    )  # fmt: skip
    _wait_until_up(port)
    for number in BURSTS[burst]:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        time.sleep(0.03)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, ""), out
    assert "Traceback" not in out


def test_what_was_acknowledged_is_there_after_a_second_signal(start: Start, tmp_path: Path) -> None:
    port, file = free_port(), tmp_path / "workspace.sqlite"
    process = start(
        *COMMAND, "app", "random", "--no-browser", "--port", str(port), "--workspace", str(file)
    )
    assert address_of(process) == port
    talk = Talk(f"http://127.0.0.1:{port}")
    experiment, acknowledged = talk.visit()["experiment"], 0

    def paint() -> None:
        nonlocal acknowledged
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            while True:
                talk.stroke(cell=acknowledged % 784, put=1 + acknowledged)
                acknowledged += 1

    painter = threading.Thread(target=paint)
    painter.start()
    deadline = time.monotonic() + 20
    while acknowledged <= 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        process.send_signal(number)
        time.sleep(0.05)
    out, err = process.communicate(timeout=20)
    painter.join(20)
    talk.close()
    assert (process.returncode, out, err) == (0, "", "")
    assert acknowledged > 5
    workspace = Workspace(file)
    kept = workspace.load(experiment)
    # One more may have been saved whose answer found nobody.
    assert acknowledged <= len(kept.steps) <= acknowledged + 1
    last = len(kept.steps) - 1
    assert kept.network.layer(1).weights[0, last % 784] == 1 + last
    workspace.close()


def _wait_until_up(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if get(port)[0] == 200:
                return
        time.sleep(0.1)
    pytest.fail("the server did not start")


def test_ctrl_c_twice_ends_make_app_and_leaves_nobody(start: Start) -> None:
    port = free_port()
    made = start("make", "-s", "app", f"PORT={port}", "HEADLESS=1", cwd=ROOT, VIRTUAL_ENV="")
    assert address_of(made) == port
    (command,) = children_of(made.pid)
    if _is_shell(command):
        (command,) = children_of(command)
    (serving,) = children_of(command)
    for _ in range(2):
        os.killpg(made.pid, signal.SIGINT)  # as a terminal sends it, to all in the foreground
        time.sleep(0.1)
    out, err = made.communicate(timeout=20)
    assert "Traceback" not in out + err
    for process in (command, serving):
        wait_for_end(process)
    assert server._is_free(port)


def _is_shell(pid: int) -> bool:
    return Path(f"/proc/{pid}/comm").read_text().strip() in ("sh", "bash", "dash")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the child in /proc")
def test_the_server_ends_with_a_command_that_is_killed(start: Start) -> None:
    process = start(*COMMAND, "app", "--no-browser", "--port", str(free_port()))
    port = address_of(process)
    (serving,) = children_of(process.pid)
    process.kill()
    process.wait()
    wait_for_end(serving)
    assert not is_there(serving)
    # The last of its threads closes what it had open, a moment after the first is gone.
    give_up = time.monotonic() + 10
    while not server._is_free(port) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert server._is_free(port)


TRAP = "import pathlib, sys\nwith open({flag!r}, 'a') as flag: flag.write(__file__ + '\\n')\n"


@pytest.fixture
def strangers_folder(tmp_path: Path) -> Path:
    """Return a folder full of traps; `flag` in it names those that went off."""
    folder = tmp_path / "stranger"
    folder.mkdir()
    trap = TRAP.format(flag=str(folder / "flag"))
    for name in ("numpy", "streamlit", "sitecustomize", "usercustomize", "app", "json", "PIL"):
        (folder / f"{name}.py").write_text(trap)
    for package in ("toolkit", "matplotlib", "streamlit"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").write_text(trap)
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "config.toml").write_text(
        "[server]\naddress = '0.0.0.0'\nenableXsrfProtection = false\nenableCORS = false\n"
        "baseUrlPath = 'elsewhere'\nallowedHosts = ['evil.example']\nmaxUploadSize = 9999\n"
        "[client]\nshowErrorDetails = 'full'\n"
    )
    (folder / ".streamlit" / "secrets.toml").write_text("this is = = no TOML")
    return folder


def test_nothing_in_a_strangers_folder_is_executed_or_obeyed(
    start: Start, strangers_folder: Path
) -> None:
    info = start(*COMMAND, "info", "random", cwd=strangers_folder)
    assert "784-16-16-10" in info.communicate(timeout=60)[0]
    port = free_port()
    process = start(
        *COMMAND, "app", "random", "--no-browser", "--port", str(port), cwd=strangers_folder
    )
    assert address_of(process) == port
    assert get(port) == (200, "ok")
    assert get(port, "/")[0] == 200
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/", headers={"Host": "evil.example"})
    assert connection.getresponse().status == 403  # its settings would have let that name in
    others = {line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]}
    assert f"00000000:{port:04X}" not in others
    process.terminate()
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    flag = strangers_folder / "flag"
    assert not flag.exists(), flag.read_text()


def test_a_picture_is_drawn_as_everywhere(start: Start, strangers_folder: Path) -> None:
    (strangers_folder / "matplotlibrc").write_text("figure.facecolor: red\ntext.usetex: True\n")
    render = [*COMMAND, "render", "random", "--neuron", "1.0", "-o"]
    for folder in (strangers_folder, strangers_folder.parent):
        assert start(*render, "out.png", cwd=folder).communicate(timeout=60) == ("", "")
    drawn = (strangers_folder / "out.png").read_bytes()
    assert drawn == (strangers_folder.parent / "out.png").read_bytes()
    assert not (strangers_folder / "flag").exists()


def test_the_traps_go_off_where_python_is_let_in(strangers_folder: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "toolkit", "--version"], cwd=strangers_folder, capture_output=True
    )
    assert "toolkit" in (strangers_folder / "flag").read_text()


def test_what_can_be_read_but_once_is_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "fifo")
    for command in (["app", str(tmp_path / "fifo")], ["app", "--digits", str(tmp_path / "fifo")]):
        assert main(command) == 2
        assert "can be read but once" in capsys.readouterr().err


def test_what_the_server_says_reaches_the_terminal_written_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reading, writing = os.pipe()
    os.write(writing, "could not read \x1b]0;gotcha\x07\u202e.npz\n".encode())
    os.close(writing)
    with os.fdopen(reading, "rb") as lines:
        server._pass_on(lines)
    assert capsys.readouterr().err == "could not read \\x1b]0;gotcha\\x07\\u202e.npz\n"


def test_a_file_that_is_no_workspace_is_said_before_anything_is_painted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("what I did last summer")
    assert main(["app", "--workspace", str(file), "--no-browser"]) == 2
    said = capsys.readouterr().err
    assert "notes.txt" in said and "expected a workspace" in said
    assert file.read_text() == "what I did last summer"
