"""One process at a time, as far as the system locks files."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from toolkit import locks

fcntl = pytest.importorskip("fcntl", reason="files are locked otherwise on Windows")


def test_who_comes_second_waits_until_the_first_is_done(tmp_path: Path) -> None:
    said: list[str] = []
    path = str(tmp_path / "lock")

    class GaveUpError(Exception):
        pass

    def look() -> None:
        raise GaveUpError

    with locks.held(path, lambda: said.append("waiting")):
        assert not said
        with pytest.raises(GaveUpError), locks.held(path, lambda: said.append("waiting"), look):
            pass
    assert said == ["waiting"]
    with locks.held(path, lambda: said.append("again")):
        pass
    assert said == ["waiting"]


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS])
def test_where_files_are_not_locked_nobody_waits_for_ever(
    number: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def refuses(handle: int, how: int) -> None:
        raise OSError(number, os.strerror(number))

    run: list[list[str]] = []
    monkeypatch.setattr("fcntl.flock", refuses)
    monkeypatch.setattr("os.execvp", lambda name, command: run.append(command))
    monkeypatch.setattr("subprocess.run", lambda command: pytest.fail("ran twice"))
    path = str(tmp_path / "lock")
    with pytest.raises(OSError), locks.held(path, lambda: pytest.fail("waits")):
        pass
    with pytest.raises(pytest.fail.Exception, match="ran twice"):  # execvp would not come back
        locks._run_alone(path, "waiting", ["make", "it"])
    assert run == [["make", "it"]]
    assert os.strerror(number) in capfd.readouterr().err
