"""Setting up: one at a time, and anew after it was broken off.

Python, its venv and pip are stand-ins here, since the real ones would fetch a hundred packages;
make, the Makefile and the lock are the real ones.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="the Makefile is for POSIX shells"),
    pytest.mark.skipif(shutil.which("make") is None, reason="there is no make"),
]

ROOT = Path(__file__).parents[1]
PIP = """#!/bin/sh
case "$*" in
  *--version*) [ -e "$(dirname "$0")/pip" ] ;;
  *install*)
    [ -e "$(dirname "$0")/pip" ] || { echo "No module named pip" >&2; exit 1; }
    echo install >> log; [ ! -e offline ] || exit 1
    sleep "${SLOW:-0.5}"
    printf '#!/bin/sh\\necho "app $*"\\n' > .venv/bin/toolkit; chmod +x .venv/bin/toolkit
    echo installed >> log ;;
  *pytest*) echo tested >> log ;;
esac
"""
PYTHON = f"""#!/bin/sh
case "$1 $2" in
  "-m venv")
    echo venv >> log; mkdir -p .venv/bin; cp pip.sh .venv/bin/python; chmod +x .venv/bin/python
    sleep 0.3; touch .venv/bin/pip ;;
  *) exec '{sys.executable}' "$@" ;;
esac
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml", "toolkit/locks.py", "tests/browser/find_browser.sh"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "pip.sh").write_text(PIP)
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    return tmp_path


def make(clone: Path, *what: str, slow: str = "0.5") -> subprocess.Popen[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    return subprocess.Popen(
        ["make", f"PYTHON={clone}/python", *what],
        cwd=clone,
        env={**environment, "SLOW": slow, "TOOLKIT_TEST_BROWSER": "/bin/true"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def log(clone: Path) -> list[str]:
    return (clone / "log").read_text().split() if (clone / "log").exists() else []


def wait_for(clone: Path, word: str) -> None:
    deadline = time.monotonic() + 20
    while word not in log(clone):
        assert time.monotonic() < deadline, log(clone)
        time.sleep(0.02)


@pytest.mark.parametrize("second", ["app", "test"])
def test_two_at_once_on_a_fresh_clone_set_up_one_after_the_other(clone: Path, second: str) -> None:
    first = make(clone, "app")
    wait_for(clone, "venv")  # and pip is not there yet
    other = make(clone, second)
    said = other.communicate(timeout=60)
    assert (first.wait(timeout=60), other.returncode) == (0, 0), said
    assert "another make is setting up here; waiting for it" in said[1]
    installs = 2 if second == "test" else 1  # the tests need more than the app
    assert log(clone).count("venv") == 1
    assert log(clone).count("install") == log(clone).count("installed") == installs
    assert log(clone).count("tested") == (second == "test")
    assert "app app" in first.communicate()[0]
    again = make(clone, "app")
    assert again.communicate(timeout=30)[1] == ""  # nothing to set up, nobody to wait for
    assert log(clone).count("install") == installs


@pytest.mark.parametrize("reached", ["venv", "install"])
def test_what_was_killed_half_way_is_made_anew(clone: Path, reached: str) -> None:
    first = make(clone, "app", slow="30")
    wait_for(clone, reached)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate(timeout=20)
    second = make(clone, "app")
    out, err = second.communicate(timeout=60)
    assert second.returncode == 0, (out, err)
    assert "waiting" not in err  # the lock ended with who held it
    assert log(clone).count("venv") == 2
    assert log(clone)[-1] == "installed"


def test_an_install_that_fails_leaves_what_was_there(clone: Path) -> None:
    assert make(clone, "app").wait(timeout=60) == 0
    os.utime(clone / "pyproject.toml", (time.time() + 5, time.time() + 5))
    (clone / "offline").touch()
    assert make(clone, "app").wait(timeout=60) == 2
    assert (clone / ".venv" / "bin" / "toolkit").exists()
    (clone / "offline").unlink()
    assert make(clone, "app").wait(timeout=60) == 0
    assert log(clone).count("venv") == 1
