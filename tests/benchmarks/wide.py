"""Frames while a brush is held on networks of 2,000 hidden neurons."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from tests.benchmarks.browsing import browser, from_ms
from tests.benchmarks.brushing import noted, open_bench
from tests.browser.server import chromium, dashboard
from toolkit import save
from toolkit.benchmarks import Job, Part, Result, Setting
from toolkit.network import Network

_SECONDS = 5
_SIZES = {"2000": (784, 2000, 10), "1000-1000": (784, 1000, 1000, 10)}


def _measure(setting: Setting, name: str) -> dict[str, Result]:
    with tempfile.TemporaryDirectory() as folder, chromium(browser()) as running:
        path = Path(folder) / "wide.npz"
        save(Network.random(_SIZES[name], "relu", name="wide"), path)
        with dashboard(str(path), setting.test.source) as address:
            bench = open_bench(running, address, live=False)
            found = noted(bench, _SECONDS)
    return {
        f"wide.frames.{name}": from_ms(found.frames),
        f"wide.painted.{name}": from_ms(found.painted),
    }


def _jobs(setting: Setting) -> list[Job]:
    browser()
    return [
        Job({f"wide.frames.{name}": f"from frame to frame while painting, 784-{name}-10",
             f"wide.painted.{name}": f"pointer event → painted frame, 784-{name}-10"},
            partial(_measure, setting, name))
        for name in _SIZES
    ]  # fmt: skip


PART = Part("wide", "frames on networks of 2,000 hidden neurons", _jobs)
