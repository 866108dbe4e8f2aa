"""The commands as processes: their streams, signals and the server."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import toolkit
from toolkit.cli import server
from toolkit.digits import write_idx
from toolkit.formats import save
from toolkit.network import Network

COMMAND = [sys.executable, "-m", "toolkit"]


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    folder = tmp_path / "idx"
    folder.mkdir()
    rng = np.random.default_rng(0)
    write_idx(folder / "t10k-images-idx3-ubyte", rng.integers(0, 256, (20, 28, 28), np.uint8))
    write_idx(folder / "t10k-labels-idx1-ubyte", np.arange(20, dtype=np.uint8) % 10)
    return folder


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return a function that starts a command; what still runs is ended."""
    running: list[subprocess.Popen[str]] = []

    def start_(*arguments: str) -> subprocess.Popen[str]:
        running.append(
            subprocess.Popen(
                [*COMMAND, *arguments],
                cwd=tmp_path,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )
        return running[-1]

    yield start_
    for process in running:
        process.terminate()  # and not killed: it has a child of its own to end
        try:
            process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True)


def test_the_version_is_the_packages() -> None:
    assert run("--version").stdout == f"toolkit {toolkit.__version__}\n"


def test_a_mistake_has_status_2_and_no_traceback() -> None:
    done = run("info", "nonsense")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"toolkit info: error: .*\n", done.stderr)


@pytest.mark.skipif(os.name != "posix", reason="closed pipes are a matter of POSIX shells")
def test_a_reader_that_leaves_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*COMMAND, "info", "random"], stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_info_loads_neither_matplotlib_nor_streamlit() -> None:
    code = (
        "import sys; from toolkit.cli import main; main(['info', 'random'])\n"
        "assert not {'matplotlib', 'streamlit'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_app_serves_from_any_folder_and_ends_with_its_child(
    number: signal.Signals, digits: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    port = free_port()
    process = start("app", "random", "--digits", "idx", "--port", str(port), "--no-browser")
    assert process.stdout is not None
    assert f"http://127.0.0.1:{port}/" in process.stdout.readline()
    assert get(port, "/_stcore/health") == (200, "ok")
    for _ in range(3):  # once more while it is ending changes nothing
        process.send_signal(number)
        time.sleep(0.05)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")
    deadline = time.monotonic() + 5
    while not server._is_free(port) and time.monotonic() < deadline:
        time.sleep(0.1)
    with pytest.raises(ConnectionRefusedError):
        get(port, "/")


def test_a_port_that_is_taken_is_said(digits: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("app", "--digits", str(digits), "--port", str(port), "--no-browser")
    assert done.returncode == 2
    assert f"port {port}: taken" in done.stderr


def test_without_a_port_the_next_free_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    free = {8503, 8504}
    monkeypatch.setattr(server, "_is_free", free.__contains__)
    assert server._choose_port(None) == 8503
    assert server._choose_port(8504) == 8504
    with pytest.raises(ValueError, match="port 8501: taken"):
        server._choose_port(8501)
    free.clear()
    with pytest.raises(ValueError, match="none from 8501"):
        server._choose_port(None)


def test_the_server_is_told_names_as_they_are_and_files_by_full_path(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save(Network.blank(), "mine.npz")
    found = server._environment("mine.npz", "idx")
    assert found["TOOLKIT_NETWORK"] == str(tmp_path / "mine.npz")
    assert found["TOOLKIT_DIGITS"] == str(digits)
    assert found["OPENBLAS_NUM_THREADS"] == found["OMP_NUM_THREADS"] == "1"
    assert server._environment("blank", "idx")["TOOLKIT_NETWORK"] == "blank"
    monkeypatch.setenv("TOOLKIT_DIGITS", "idx")
    assert "TOOLKIT_NETWORK" not in server._environment(None, None)
    for file in list(digits.iterdir()):
        shutil.copy(file, digits / file.name.replace("t10k", "train"))
    for named, placed in (("idx:all", f"{digits}:all"), ("drawn", "drawn")):
        assert server._environment("blank", named)["TOOLKIT_DIGITS"] == placed
        monkeypatch.setenv("TOOLKIT_DIGITS", named)
        assert server._environment("blank", None)["TOOLKIT_DIGITS"] == placed


def test_the_app_opens_what_the_page_opens_and_refuses_the_rest(
    digits: Path, tmp_path: Path
) -> None:
    small, none = tmp_path / "small.npz", tmp_path / "none.npz"
    save(Network.blank((64, 8, 10)), small)
    assert server._environment(str(small), str(digits))["TOOLKIT_NETWORK"] == str(small)
    save(Network.blank((61, 10)), none)
    done = run("app", str(none), "--digits", str(digits))
    assert done.returncode == 2
    assert "expected inputs that fill a grid; got 61-10" in done.stderr
