"""How long reading a network's file takes, each format: now, and with an older commit beside it.

BEFORE names the commit, for example ``make bench PARTS=reading BEFORE=b1f7e94``.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from tests.benchmarks.checkout import ROOT, checkout
from toolkit import open_network
from toolkit.benchmarks import Beside, Job, Part, Result, Setting, spread_of
from toolkit.benchmarks.clock import ratios
from toolkit.formats import WRITABLE, save
from toolkit.network import Network

FILES = ROOT / "tests" / "formats" / "files"
_ROUNDS = 9
_SECONDS_A_ROUND = 0.05

# Reads the file that each line names as often as the line says; answers with the seconds of the
# processor that a reading takes, to which it means nothing what else the machine does, or with nan
# where it is no network's: what one in two files keeps in its second, what an older commit refuses.
_READER = """
import sys, time
from pathlib import Path
import toolkit
from toolkit.formats import read
assert Path(toolkit.__file__).is_relative_to(sys.argv[1]), toolkit.__file__
for line in sys.stdin:
    times, path = line.rstrip("\\n").split(" ", 1)
    try:
        read(path)
    except (ValueError, OSError):
        print("nan", flush=True)
        continue
    started = time.process_time()
    for _ in range(int(times)):
        read(path)
    print((time.process_time() - started) / int(times), flush=True)
"""


class Reader:
    """A process that reads files with the project as it stands in a folder."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _READER, str(folder)],
            cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def seconds(self, path: Path, times: int = 1) -> float:
        """Return what one reading of a file takes, by so many; nan if it cannot be read."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{times} {path}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self.process.communicate("")


def _measure(setting: Setting) -> dict[str, Result]:
    found = {}
    with ExitStack() as stack:
        readers = {"": Reader(ROOT)}
        if before := os.environ.get("BEFORE"):
            readers[before] = Reader(stack.enter_context(checkout(before)))
        for reader in readers.values():
            stack.callback(reader.close)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for path in files(folder):
            if any(math.isnan(reader.seconds(path)) for reader in readers.values()):
                continue
            mine, *theirs = _in_turn(list(readers.values()), path, setting.rounds)
            beside = tuple(
                Beside(commit, spread_of(taken), spread_of(ratios(mine, taken)))
                for commit, taken in zip([*readers][1:], theirs, strict=True)
            )
            found[f"reading.{path.name}"] = Result(spread_of(mine), beside=beside)
    return found


def _jobs(setting: Setting) -> list[Job]:
    names = [path.name for path in _of_frameworks()]
    names += [f"{network}{suffix}" for network in _networks() for suffix in WRITABLE]
    figures = {f"reading.{name}": f"read {name}" for name in names}
    return [Job(figures, partial(_measure, setting))]


def _in_turn(readers: list[Reader], path: Path, rounds: int) -> list[list[float]]:
    """Time the readers one after the other, each round as many readings as take a while."""
    first = max(reader.seconds(path) for reader in readers)
    times = max(1, int(_SECONDS_A_ROUND / first))
    found: list[list[float]] = [[] for _ in readers]
    for number in range(min(_ROUNDS, rounds)):
        order = range(len(readers)) if number % 2 else reversed(range(len(readers)))
        for index in order:
            found[index].append(readers[index].seconds(path, times))
    return found


def files(folder: Path) -> Iterator[Path]:
    """Frameworks' own files, then networks of ours in each format that is written."""
    yield from _of_frameworks()
    for name, network in _networks().items():
        for suffix in WRITABLE:
            save(network, folder / f"{name}{suffix}")
            yield folder / f"{name}{suffix}"


def _of_frameworks() -> list[Path]:
    return [path for path in sorted(FILES.iterdir()) if "answers" not in path.name]


def _networks() -> dict[str, Network]:
    return {
        "784-16-16-10": open_network("mnist-sigmoid"),
        "784-512-512-10": Network.random((784, 512, 512, 10), seed=0),
    }


PART = Part("reading", "a network's file read, each format", _jobs)
