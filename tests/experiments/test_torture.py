from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_what_was_acknowledged_survives_a_kill() -> None:
    # In a process of its own, since one with the test runner's threads is not to be forked.
    done = subprocess.run(
        [sys.executable, "-m", "tests.experiments.torture", "50"],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 problems" in done.stdout
