"""The whole report on a network from a shell, process and all."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.browser.server import ROOT
from toolkit.benchmarks import Job, Part, Result, Setting, in_turn, spread_of, timed

_ROUNDS = 3
_KINDS = ("html", "json")


def _measure(setting: Setting) -> dict[str, Result]:
    with tempfile.TemporaryDirectory() as folder:
        ways = [timed(partial(_analyse, setting, Path(folder) / f"report.{kind}"))
                for kind in _KINDS]  # fmt: skip
        found = in_turn(ways, min(_ROUNDS, setting.rounds))
    return {
        f"report.{kind}": Result(spread_of(taken))
        for kind, taken in zip(_KINDS, found, strict=True)
    }


def _analyse(setting: Setting, output: Path) -> Callable[[], object]:
    command = [sys.executable, "-P", "-m", "toolkit", "analyse", "mnist-sigmoid", "--digits",
               setting.test.source, "-o", str(output)]  # fmt: skip
    return lambda: subprocess.run(command, check=True, stderr=subprocess.DEVNULL, cwd=ROOT)


def _jobs(setting: Setting) -> list[Job]:
    says = {f"report.{kind}": f"toolkit analyse, {len(setting.test):,} digits, .{kind}"
            for kind in _KINDS}  # fmt: skip
    return [Job(says, partial(_measure, setting))]


PART = Part("report", "the report on a network, from a shell", _jobs)
