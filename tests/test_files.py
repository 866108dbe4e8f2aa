"""What is written replaces nothing special, and what is read has an end."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from toolkit import files
from toolkit.digits import open_digits
from toolkit.files import SpecialFileError, read_whole, write_whole
from toolkit.formats import NetworkFileError, dumps, load, save
from toolkit.network import Network

pytestmark = pytest.mark.skipif(os.name != "posix", reason="FIFOs and devices are POSIX's")


def write_as_nobody(path: Path) -> str:
    """Write without root's rights, which read-only does not stop; return the error's words."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            write_whole(path, b"new")
            os.write(writing, b"written")
        except BaseException as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        words = said.read()
    os.waitpid(child, 0)
    return words


def test_a_link_stays_and_what_it_points_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    real, link, link_to_link = tmp_path / "far" / "real", tmp_path / "link", tmp_path / "second"
    real.write_bytes(b"old")
    link.symlink_to("far/real")
    link_to_link.symlink_to(link)
    write_whole(link_to_link, b"new")
    assert link.is_symlink() and link_to_link.is_symlink()
    assert real.read_bytes() == b"new"
    real.unlink()  # a dangling link makes what it names
    write_whole(link, b"newer")
    assert link.is_symlink() and real.read_bytes() == b"newer"
    assert [path.name for path in (tmp_path / "far").iterdir()] == ["real"]


def test_somebody_elses_link_in_a_folder_open_to_all_is_not_followed(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make somebody else's link")
    for folder, owner, follows in (
        ("open", 65534, False),
        ("open", 0, True),
        ("ours", 65534, True),
    ):
        home, real = tmp_path / f"{folder}{owner}", tmp_path / f"real-{folder}{owner}"
        home.mkdir()
        home.chmod(0o1777 if folder == "open" else 0o755)
        real.write_bytes(b"old")
        (home / "link").symlink_to(real)
        os.chown(home / "link", owner, owner, follow_symlinks=False)
        if follows:
            write_whole(home / "link", b"new")
        else:  # the system's own words, or ours where it would follow
            with pytest.raises(OSError, match=r"somebody else's link|Permission denied"):
                write_whole(home / "link", b"new")
        assert real.read_bytes() == (b"new" if follows else b"old")


def test_links_in_a_ring_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        write_whole(tmp_path / "a", b"new")


def test_what_is_replaced_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    for mode in (0o600, 0o640, 0o777):
        path.write_bytes(b"old")
        path.chmod(mode)
        write_whole(path, b"new")
        assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", mode)
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)
        write_whole(path, b"newer")
        assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65534)


def test_the_umask_is_never_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.umask(0o027)
    try:
        monkeypatch.setattr(os, "umask", lambda mask: pytest.fail("the umask is the process's"))
        write_whole(tmp_path / "new", b"new")
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    finally:
        monkeypatch.undo()
        os.umask(before)


def test_hard_links_are_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"old")
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    with pytest.raises(SpecialFileError, match="a file of 2 names"):
        write_whole(tmp_path / "two", b"new")
    assert (tmp_path / "one").read_bytes() == b"old"


def test_a_read_only_file_is_refused_and_stays() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        folder, path = Path(name), Path(name) / "kept"
        folder.chmod(0o777)
        path.write_bytes(b"old")
        path.chmod(0o444)
        words = write_as_nobody(path)
        assert words == f"{path}: read-only; make it writable, or name another file"
        assert (path.read_bytes(), [*folder.iterdir()]) == (b"old", [path])
        # A folder that takes no new name: what is in it cannot be replaced whole.
        path.chmod(0o666)
        folder.chmod(0o555)
        assert write_as_nobody(path) == f"[Errno 13] Permission denied: '{path}'"
        assert path.read_bytes() == b"old"
        folder.chmod(0o777)
        assert write_as_nobody(path) == "written"
        assert path.read_bytes() == b"new"


def test_a_fifo_gets_what_is_written_and_stays(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(fifo.read_bytes()))
    reader.start()
    write_whole(fifo, b"x" * 200_000)  # more than the pipe holds at once
    reader.join(10)
    assert got == [b"x" * 200_000]
    assert fifo.is_fifo()


def test_a_fifo_that_nobody_reads_is_refused_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WAIT_SECONDS", 0.1)
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(SpecialFileError, match="nobody reads from"):
        write_whole(tmp_path / "fifo", b"new")
    assert (tmp_path / "fifo").is_fifo()


def test_devices_are_written_into_and_stay(tmp_path: Path) -> None:
    before = Path("/dev/null").stat()
    write_whole("/dev/null", b"new")
    (tmp_path / "nothing").symlink_to("/dev/null")
    write_whole(tmp_path / "nothing", b"new")
    after = Path("/dev/null").stat()
    assert (after.st_rdev, after.st_ino, after.st_mode) == (
        before.st_rdev, before.st_ino, before.st_mode,
    )  # fmt: skip
    if Path("/dev/full").exists():
        with pytest.raises(OSError, match="No space left on device: '/dev/full"):
            write_whole("/dev/full", b"new")
        assert Path("/dev/full").is_char_device()


def test_a_socket_and_a_folder_are_refused(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for name, what in (("socket", "a socket"), (".", "a folder")):
            with pytest.raises(SpecialFileError, match=what):
                write_whole(tmp_path / name, b"new")
            with pytest.raises(SpecialFileError, match=what):
                read_whole(tmp_path / name, 10)
        assert (tmp_path / "socket").is_socket()


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_a_stream_of_this_process_is_written_where_it_stands(name: str, tmp_path: Path) -> None:
    if not os.access(name, os.F_OK):
        pytest.skip(f"no {name} here")
    code = (
        "import sys; from toolkit.files import write_whole\n"
        f"write_whole({name!r}, b'one'); write_whole({name!r}, b'two')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert (done.stdout, done.stderr) == (b"onetwo", b"")
    log = tmp_path / "log"
    log.write_bytes(b"before ")
    with log.open("ab") as appended:
        subprocess.run([sys.executable, "-c", code], stdout=appended, check=True)
    assert log.read_bytes() == b"before onetwo"


def test_a_terminal_is_refused() -> None:
    ours, theirs = os.openpty()
    try:
        with pytest.raises(SpecialFileError, match="a terminal"):
            write_whole(os.ttyname(theirs), b"\x1b[2J")
        with pytest.raises(SpecialFileError, match="a device or a terminal"):
            read_whole(os.ttyname(theirs), 100)
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_fifo_is_read_until_its_writer_is_done(tmp_path: Path) -> None:
    network = Network.random()
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    data = dumps(network, ".npz")

    def write_slowly() -> None:
        with fifo.open("wb") as file:
            for start in range(0, len(data), 20_000):
                file.write(data[start : start + 20_000])
                file.flush()
                time.sleep(0.01)

    writer = threading.Thread(target=write_slowly)
    writer.start()
    assert load(fifo) == network
    writer.join(10)


def test_more_than_the_limit_through_a_fifo_is_refused(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = subprocess.Popen(["sh", "-c", f"exec cat /dev/zero > '{fifo}'"])
    try:
        with pytest.raises(SpecialFileError, match="holds more; at most 3 MiB are read"):
            read_whole(fifo, 3 << 20)
    finally:
        writer.kill()
        writer.wait()


def special(tmp_path: Path) -> dict[str, Path]:
    os.mkfifo(tmp_path / "fifo")
    with (tmp_path / "sparse").open("wb") as sparse:
        sparse.truncate(1 << 40)
    return {
        "fifo": tmp_path / "fifo", "sparse": tmp_path / "sparse", "zero": Path("/dev/zero"),
        "null": Path("/dev/null"), "random": Path("/dev/urandom"), "kernel": Path("/proc/kmsg"),
        "memory": Path("/proc/self/mem"), "core": Path("/proc/kcore"),
        "maps": Path("/proc/self/maps"),
    }  # fmt: skip


READERS: dict[str, Callable[[Path], object]] = {
    "network": load,
    "digits": open_digits,
}


@pytest.mark.parametrize("reader", READERS)
def test_what_is_no_file_is_refused_in_words_and_holds_nothing_up(
    reader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WAIT_SECONDS", 0.1)
    began = time.monotonic()
    for name, path in special(tmp_path).items():
        if not path.exists():
            continue
        with pytest.raises((NetworkFileError, ValueError, OSError)) as caught:
            READERS[reader](path)
        assert path.name in str(caught.value), (name, caught.value)
    assert time.monotonic() - began < 30


def test_a_picture_that_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "3").mkdir()
    os.mkfifo(tmp_path / "3" / "a.png")
    with pytest.raises(ValueError, match="expected a picture's file"):
        open_digits(tmp_path)


def test_save_writes_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.npz").symlink_to("real.npz")
    save(Network.blank(), tmp_path / "link.npz")
    assert load(tmp_path / "real.npz") == Network.blank()
    assert (tmp_path / "link.npz").is_symlink()
