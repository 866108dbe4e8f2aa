"""A child process: bounded, gone when its parent is, and what is said where it fails."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from toolkit import apart
from toolkit.apart import parent
from toolkit.apart.parent import READING, ApartError, Bounds, Lane, Leash, run
from toolkit.apart.wire import Message, pack
from toolkit.digits import generate
from toolkit.formats import dumps
from toolkit.network import Network

ROOT = Path(__file__).parents[2]
JOBS = Path(__file__).with_name("jobs.py")
TIMER = threading.Timer
linux = pytest.mark.skipif(sys.platform != "linux", reason="bounds and /proc are Linux's")


@pytest.fixture
def odd_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent, "_START", JOBS)


def code_of(job: str, **bounds: float) -> tuple[str, str]:
    with pytest.raises(ApartError) as caught:
        run(job, "net.npz", bounds=Bounds(**bounds))  # type: ignore[arg-type]
    return caught.value.code, str(caught.value)


def children() -> list[int]:
    """Return the processes that this one started and that are not over."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            _, _, rest = status.read_text().rpartition(") ")
        except OSError:
            continue
        state, its_parent, *_ = rest.split()
        if int(its_parent) == os.getpid() and state != "Z":
            found.append(int(status.parent.name))
    return found


@linux
@pytest.mark.usefixtures("odd_jobs")
def test_what_went_wrong_is_said() -> None:
    assert code_of("slow", seconds=1) == ("time", "net.npz: took longer than 1 seconds to read")
    assert code_of("hungry") == (
        "memory", "net.npz: took more memory to read than the 2048 MiB allowed",
    )  # fmt: skip
    code, text = code_of("wordy")
    assert (code, text) == ("answer", "net.npz: comes to more than 32 MiB when read")
    code, text = code_of("killed")
    assert code == "signal"
    assert "SIGSEGV" in text
    code, text = code_of("faulty")
    assert (code, text) == ("fault", "net.npz: reading it failed, by a fault of this program")
    assert not children()


@linux
@pytest.mark.usefixtures("odd_jobs")
def test_a_child_writes_no_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with pytest.raises(ApartError, match="by a fault of this program"):
        run("greedy", "net.npz", {"file": str(file)})
    assert not file.exists()
    said = run("greedy_in_c", "net.npz", {"file": str(file)}).said
    assert said == {"opened": True, "written": -1}, "the system's own limit holds too"


@linux
@pytest.mark.usefixtures("odd_jobs")
def test_a_child_starts_no_program() -> None:
    assert run("breeding", "net.npz").said == {"born": []}


@linux
@pytest.mark.usefixtures("odd_jobs")
def test_computing_is_bounded_even_where_the_parent_s_clock_stands_still(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parent.threading, "Timer", lambda *_: TIMER(60, int))
    code, text = code_of("busy", seconds=1)
    assert code == "time"
    assert "computing" in text


@pytest.mark.usefixtures("odd_jobs")
def test_what_a_library_prints_is_no_part_of_the_answer() -> None:
    assert run("noisy", "net.npz").said == {"said": "whole"}


def test_a_child_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(parent.sys, "executable", "/nowhere/python")
        code, text = code_of("network")
        assert code == "start"
        assert "No such file" in text
    with monkeypatch.context() as patch:
        patch.setattr(parent, "_START", ROOT / "nowhere.py")
        code, text = code_of("network")
        assert code == "start"
        assert "can't open file" in text


@pytest.fixture
def two_at_work() -> Iterator[None]:
    """Have both turns of reading taken, until the test is over."""
    leashes = [Leash(), Leash()]

    def read(leash: Leash) -> str:
        with pytest.raises(ApartError) as caught:
            run("slow", "net.npz", bounds=Bounds(seconds=60), leash=leash)
        return caught.value.code

    with ThreadPoolExecutor(2) as people:
        reading = people.map(read, leashes)
        deadline = time.monotonic() + 30
        while READING.turns.acquire(blocking=False):
            READING.turns.release()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield
        for leash in leashes:
            leash.pull()
        assert list(reading) == ["stopped", "stopped"]


@pytest.mark.usefixtures("odd_jobs", "two_at_work")
def test_two_are_read_at_once_and_a_third_is_told_to_come_again() -> None:
    assert code_of("slow", waiting_seconds=0.1)[0] == "busy"


@pytest.mark.usefixtures("odd_jobs", "two_at_work")
def test_what_is_drawn_waits_for_nothing_that_is_read_and_is_called_so(tmp_path: Path) -> None:
    drawing = Lane("draw", "drawing", "drawn")
    bounds = Bounds(waiting_seconds=0.1)
    assert run("noisy", "a.png", bounds=bounds, lane=drawing).said == {"said": "whole"}
    with pytest.raises(ApartError, match=r"a.png: took longer than 1 seconds to draw"):
        run("slow", "a.png", bounds=Bounds(seconds=1), lane=drawing)
    file = tmp_path / "fonts"
    run("greedy", "a.png", {"file": str(file)}, bounds=Bounds(alone=False), lane=drawing)
    assert file.read_bytes() == b"something"
    with pytest.raises(ApartError, match="drawing it failed"):
        run("greedy", "a.png", {"file": str(tmp_path / "more")}, lane=drawing)


# The parent's death

# A child that waits for its job, started in a thread, as a server's are.
PARENT = (
    "import signal, sys, threading\n"
    "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"  # nohup hands down that it is ignored
    f"sys.path.insert(0, {str(ROOT)!r})\n"
    "from toolkit.apart import parent\n"
    "work = lambda: parent._start(parent.Bounds(seconds=50)).wait()\n"
    "thread = threading.Thread(target=work); thread.start(); thread.join()\n"
)


@pytest.fixture
def family() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Start a process that waits for its own child, as a server's thread does; give both."""
    process = subprocess.Popen([sys.executable, "-c", PARENT], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    child = None
    while child is None and time.monotonic() < deadline:
        time.sleep(0.05)
        listing = Path(f"/proc/{process.pid}/task")
        for task in listing.iterdir() if listing.exists() else ():
            ids = (task / "children").read_text().split()
            child = int(ids[0]) if ids else child
    assert child is not None
    # It is tied before its memory is bounded.
    limits = Path(f"/proc/{child}/limits")
    while re.search(r"Max address space +unlimited", limits.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield process, child
    process.kill()
    process.wait()


def assert_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    status = Path(f"/proc/{pid}/stat")
    while time.monotonic() < deadline:
        try:
            if ") Z " in status.read_text():
                return
        except OSError:
            return
        time.sleep(0.05)
    pytest.fail(f"process {pid} is still there")


@linux
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM])
@pytest.mark.parametrize("stopped", [False, True], ids=["running", "stopped"])
def test_a_child_dies_with_its_parent(
    family: tuple[subprocess.Popen[bytes], int], how: signal.Signals, stopped: bool
) -> None:
    process, child = family
    if stopped:
        os.kill(child, signal.SIGSTOP)
    process.send_signal(how)
    process.wait()
    assert_gone(child)


STOPPED_AT_ONCE = (
    "import os, signal, sys\n"
    f"sys.path.insert(0, {str(ROOT)!r})\n"
    "from toolkit.apart import parent\n"
    "child = parent._start(parent.Bounds(seconds=50)); os.kill(child.pid, signal.SIGSTOP)\n"
    "print(child.pid, flush=True); signal.pause()\n"
)


@linux
@pytest.mark.parametrize("hangup", [signal.SIG_DFL, signal.SIG_IGN], ids=["terminal", "nohup"])
def test_a_child_that_is_stopped_before_its_first_line_does_not_outlive_its_parent(
    hangup: signal.Handlers,
) -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import signal; signal.signal(1, {hangup.value})\n{STOPPED_AT_ONCE}",
        ],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    with process.stdout:
        child = int(process.stdout.readline())
    try:
        deadline = time.monotonic() + 10
        while ") T " not in Path(f"/proc/{child}/stat").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.kill()
        process.wait()
        assert_gone(child)
    finally:
        process.kill()
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def test_a_child_at_work_notices_that_the_pipe_closed() -> None:
    command = [sys.executable, str(JOBS), str(os.getpid()), "50", str(2 << 30)]
    message = b"".join(pack({"job": "slow"}))
    child = subprocess.Popen(command, stdin=subprocess.PIPE)
    assert child.stdin is not None
    child.stdin.write(len(message).to_bytes(8, "little") + message)
    child.stdin.flush()
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(1)
    child.stdin.close()
    assert child.wait(10) == 1


@linux
@pytest.mark.usefixtures("odd_jobs")
def test_a_child_that_is_stopped_is_ended_by_the_clock() -> None:
    def stop() -> None:
        while not children():
            time.sleep(0.01)
        os.kill(children()[0], signal.SIGSTOP)

    thread = threading.Thread(target=stop)
    thread.start()
    assert code_of("slow", seconds=2)[0] == "time"
    thread.join()
    assert not children()


@linux
@pytest.mark.usefixtures("odd_jobs")
def test_the_child_ends_itself_where_its_parent_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parent.threading, "Timer", lambda *_: TIMER(60, int))
    code, text = code_of("slow", seconds=1)
    assert (code, text) == ("time", "net.npz: took longer than 1 seconds to read")


# The folder one stands in

TRAP = "open({mark!r}, 'w').close(); raise RuntimeError('executed')\n"


@pytest.mark.parametrize("variable", [None, "", ".", "{here}", "{here}:."])
def test_nothing_is_taken_from_the_folder_one_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str | None
) -> None:
    here, mark = tmp_path / "here", tmp_path / "executed"
    (here / "toolkit").mkdir(parents=True)
    for name in ("numpy.py", "json.py", "PIL.py", "toolkit/__init__.py", "sitecustomize.py"):
        (here / name).write_text(TRAP.format(mark=str(mark)))
    monkeypatch.chdir(here)
    if variable is not None:
        monkeypatch.setenv("PYTHONPATH", variable.format(here=here))
    network = Network.random((784, 5, 10), seed=2)
    (way,) = apart.read_network(dumps(network, ".npz"), "net.npz", generate(50, seed=1))
    assert way.network == network
    assert not mark.exists()


def test_a_checkout_that_is_not_installed_reads_too(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "toolkit", tmp_path / "toolkit", ignore=shutil.ignore_patterns("__pyc*"))
    code = (
        "from toolkit import apart; from toolkit.digits import generate\n"
        "from toolkit.formats import dumps; from toolkit.network import Network\n"
        "import toolkit; print(toolkit.__file__)\n"
        "print(apart.read_network(dumps(Network.blank(), '.npz'), 'x', generate(9))[0].network)\n"
    )
    environment = {each: value for each, value in os.environ.items() if each != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.stdout.split("\n")[0] == str(tmp_path / "toolkit" / "__init__.py"), done.stderr
    assert "Network 784-16-16-10" in done.stdout


# What travels


def test_arrays_and_words_travel_bit_for_bit() -> None:
    arrays = [np.float32([[np.nan, -0.0], [np.inf, 1e-40]]), np.arange(6, dtype=np.uint8)]
    message = Message(b"".join(pack({"a": 0.1}, arrays)))
    assert message.said == {"a": 0.1}
    for here, there in zip(arrays, message.arrays, strict=True):
        assert here.tobytes() == there.tobytes()
        assert not there.flags.writeable


@pytest.mark.parametrize("cut", [0, 4, 12, 40, -1])
def test_a_message_cut_short_is_none(cut: int) -> None:
    whole = b"".join(pack({"a": 1}, [np.zeros(5, np.float32)]))
    with pytest.raises(ValueError, match=r"cut short|JSON"):
        Message(whole[:cut])


def test_a_file_is_handed_over_from_its_first_byte() -> None:
    data = dumps(Network.blank(), ".npz")
    file = io.BytesIO(data)
    file.read()
    assert apart.read_network(file, "x.npz", generate(9))[0].network.sizes == (784, 16, 16, 10)
