"""Runs parts and gathers their figures."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import toolkit
from toolkit.benchmarks import limits
from toolkit.benchmarks.history import commit_here
from toolkit.benchmarks.machine import this_machine
from toolkit.benchmarks.records import Figure, Part, Run
from toolkit.benchmarks.setting import Setting

Told = Callable[[float, str], object]
"""Takes how much is done, 0 to 1, and what is measured now."""


class UnmeasuredError(Exception):
    """A part cannot be measured here; the message says why, and what to do."""


def run_parts(
    parts: Iterable[Part],
    setting: Setting,
    *,
    told: Told = lambda done, doing: None,
    on_figure: Callable[[Figure], object] = lambda figure: None,
) -> Run:
    """Measure parts, one after the other.

    Parameters
    ----------
    parts : iterable of Part
    setting : Setting
    told : callable
    on_figure : callable
        Called with each figure once it is there.

    Returns
    -------
    Run
        With what failed in `unmeasured`, and all the others.
    """
    date, load = datetime.now(UTC).isoformat(timespec="seconds"), _load()
    figures: list[Figure] = []
    unmeasured: dict[str, str] = {}
    told(0.0, "what the machine gives at most")
    rates = limits.rates()
    jobs = []
    for part in parts:
        try:
            jobs += [(part.name, each) for each in part.jobs(setting)]
        except UnmeasuredError as error:
            unmeasured[part.name] = str(error)
    for number, (name, each) in enumerate(jobs):
        told(number / len(jobs), next(iter(each.figures.values())))
        try:
            found = each.measure()
        except Exception as error:  # one that fails after minutes is not to lose the others
            unmeasured[name] = (
                str(error)
                if isinstance(error, UnmeasuredError)
                else (f"{next(iter(each.figures))} failed: {type(error).__name__}: {error}")
            )
            continue
        for key, result in found.items():
            figures.append(Figure(key, each.figures[key], result))
            on_figure(figures[-1])
    return Run(
        date, toolkit.__version__, commit_here(), this_machine(setting.threads), load,
        setting.digits, rates, tuple(figures), unmeasured,
    )  # fmt: skip


def _load() -> float:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
