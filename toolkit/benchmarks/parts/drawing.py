"""Digits drawn by the simulated pen, from nothing."""

from __future__ import annotations

from functools import partial

from toolkit.benchmarks.clock import alone
from toolkit.benchmarks.parts.measuring import beside
from toolkit.benchmarks.records import Job, Part, Result, job
from toolkit.benchmarks.setting import Setting
from toolkit.digits import generate

COUNT = 10_000


def _measure(setting: Setting, count: int) -> Result:
    return beside(setting, alone(partial(generate, count, seed=5)), {})


def _jobs(setting: Setting) -> list[Job]:
    count = min(COUNT, len(setting.test))
    return [job("drawing.digits", f"draw {count:,} digits", partial(_measure, setting, count))]


PART = Part("drawing", "digits drawn from nothing", _jobs)
