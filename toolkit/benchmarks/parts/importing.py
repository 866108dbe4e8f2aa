"""How long `import toolkit` takes in a fresh interpreter, beside `import numpy`."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import toolkit
from toolkit.benchmarks.parts.measuring import beside
from toolkit.benchmarks.peers import numpy_version
from toolkit.benchmarks.records import Job, Part, Result, job
from toolkit.benchmarks.setting import Setting

_TIMED = "import time; t = time.perf_counter(); import {0}; print(time.perf_counter() - t)"


def _seconds(module: str) -> float:
    """Import a module in a new interpreter; return the seconds that the import took there."""
    # From the folder of this very package, whether it is installed or a checkout.
    home = str(Path(toolkit.__file__).parents[1])
    path = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-P", "-c", _TIMED.format(module)], check=True, capture_output=True,
        text=True, env={**os.environ, "PYTHONPATH": path}, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return float(done.stdout)


def _measure(setting: Setting) -> Result:
    return beside(
        setting, partial(_seconds, "toolkit"),
        {f"import numpy, {numpy_version().partition(',')[0]}": partial(_seconds, "numpy")},
        note="each in an interpreter of its own; NumPy is the least that there can be",
    )  # fmt: skip


def _jobs(setting: Setting) -> list[Job]:
    return [job("importing.toolkit", "import toolkit", partial(_measure, setting))]


PART = Part("importing", "import toolkit", _jobs)
