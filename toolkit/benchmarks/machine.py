"""On what kind of machine a run was: figures of two kinds are not to be compared."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

THREAD_VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
"""What BLAS libraries read, once, when they are loaded."""


@dataclass(frozen=True)
class Machine:
    """What decides how fast numbers are computed.

    Attributes
    ----------
    processor : str
        As it calls itself, with family and model where the name is of many.
    cores : int
        That this process may use.
    system : str
        ``"Linux x86_64"``.
    python, numpy : str
        Versions without the last number, which is of mended faults.
    blas : str
        NumPy's.
    threads : int
        Of BLAS and of each peer.
    """

    processor: str
    cores: int
    system: str
    python: str
    numpy: str
    blas: str
    threads: int

    @property
    def kind(self) -> str:
        """All of it in one line; two runs compare where these are equal."""
        return ", ".join(f"{name} {value}" for name, value in asdict(self).items())


def this_machine(threads: int) -> Machine:
    """Return what this process runs on.

    Parameters
    ----------
    threads : int
        That BLAS and the peers were given.
    """
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return Machine(
        processor=_processor(),
        cores=_cores(),
        system=f"{platform.system()} {platform.machine()}",
        python=_short(platform.python_version()),
        numpy=_short(np.__version__),
        blas=f"{blas.get('name', 'unknown')} {_short(str(blas.get('version', '')))}".strip(),
        threads=threads,
    )


def threads_set() -> int | None:
    """Return how many threads BLAS was told to use; None where it was told nothing, or two."""
    told = {os.environ.get(name, "") for name in THREAD_VARIABLES[:2]}
    (one, *others) = told
    return int(one) if not others and one.isascii() and one.isdigit() and int(one) else None


def _short(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # type: ignore[unreachable, unused-ignore]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    told: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        told.setdefault(name.strip(), value.strip())
    name = told.get("model name") or platform.machine()
    which = [f"{each} {told[key]}" for each, key in (("family", "cpu family"), ("model", "model"))
             if key in told]  # fmt: skip
    return " ".join([name, *(["(" + ", ".join(which) + ")"] if which else [])])
