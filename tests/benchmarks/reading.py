"""How long reading a network's file takes, each format: now, and with an older commit beside it.

BEFORE names the commit, for example ``make bench BEFORE=b1f7e94``.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.checkout import ROOT, checkout
from toolkit import open_network
from toolkit.formats import WRITABLE, save
from toolkit.network import Network

FILES = ROOT / "tests" / "formats" / "files"
_ROUNDS = 9
_SECONDS_A_ROUND = 0.05

# Reads the file that each line names as often as the line says; answers with the seconds of the
# processor that a reading takes, to which it means nothing what else the machine does.
_READER = """
import sys, time
from pathlib import Path
import toolkit
from toolkit.formats import read
assert Path(toolkit.__file__).is_relative_to(sys.argv[1]), toolkit.__file__
for line in sys.stdin:
    times, path = line.rstrip("\\n").split(" ", 1)
    data = Path(path).read_bytes()
    started = time.process_time()
    for _ in range(int(times)):
        read(data)
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
        """Return what one reading of a file takes, by so many."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{times} {path}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self.process.communicate("")


def reading() -> None:
    """Each format's reader on real files."""
    with ExitStack() as stack:
        readers = {"": Reader(ROOT)}
        if before := os.environ.get("BEFORE"):
            readers[before] = Reader(stack.enter_context(checkout(before)))
        for reader in readers.values():
            stack.callback(reader.close)
        for path in files(Path(stack.enter_context(tempfile.TemporaryDirectory()))):
            found = _in_turn(list(readers.values()), path)
            line = f"{'read ' + path.name:<52} {1e3 * statistics.median(found[0]):9.2f} ms"
            if before:
                ratio = statistics.median(b / a for a, b in zip(found[0], found[1], strict=True))
                line += f"   {before}: {1e3 * statistics.median(found[1]):9.2f} ms, ×{ratio:.2f}"
            print(line, flush=True)


def _in_turn(readers: list[Reader], path: Path) -> list[list[float]]:
    """Time the readers one after the other, each round as many readings as take a while."""
    first = max(reader.seconds(path) for reader in readers)
    times = max(1, int(_SECONDS_A_ROUND / first))
    found: list[list[float]] = [[] for _ in readers]
    for number in range(_ROUNDS):
        order = range(len(readers)) if number % 2 else reversed(range(len(readers)))
        for index in order:
            found[index].append(readers[index].seconds(path, times))
    return found


def files(folder: Path) -> Iterator[Path]:
    """Frameworks' own files, then networks of ours in each format that is written."""
    yield from (path for path in sorted(FILES.iterdir()) if "answers" not in path.name)
    networks = {
        "784-16-16-10": open_network("mnist-sigmoid"),
        "784-512-512-10": Network.random((784, 512, 512, 10), seed=0),
    }
    for name, network in networks.items():
        for suffix in WRITABLE:
            save(network, folder / f"{name}{suffix}")
            yield folder / f"{name}{suffix}"
