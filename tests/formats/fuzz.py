"""Mutants of valid files: each gives a reading or the one error, in little time and memory.

``python -m tests.formats.fuzz 100000`` reads so many in this process, which an audit hook ends
at once should a reading import, execute or open anything.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import gzip
import io
import random
import resource
import sys
import time
import zipfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.formats.samples import samples, zipped
from toolkit.formats import NetworkFileError, load, read

MOST_SECONDS = 1.0
MOST_BYTES = 300 << 20
LARGEST_SEED = 64 << 10
FILES = Path(__file__).parent / "files"

_FORBIDDEN = ("import", "exec", "compile", "open", "os.", "subprocess.", "socket.", "shutil.",
              "ctypes.", "pickle.", "marshal.", "tempfile.", "urllib.", "code.", "mmap.",
              "glob.", "pathlib.", "sqlite3.", "builtins.input", "pty.", "signal.")  # fmt: skip
_INTERESTING = (
    b"\0", b"\xff", b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff", b"\0\0\0\x80", b"\x80\0\0\0\0\0\0\0",
    b"\xff" * 8, b"-1", b"1e999", b"NaN", b"9" * 30, b"[" * 300, b"(" * 300, b"]" * 50, b".", b"\n",
    b"cos\nsystem\n", b"(S'id'\ntR", b"r\xff\xff\xff\x7f", b"\x8b\xff\xff\xff\x7f", b"h\0", b"2",
    b"PK\x05\x06", b"PK\x01\x02", b'"', b"\\", b"'", b",", b"../../etc/passwd", b"O8",
)  # fmt: skip


@dataclass
class Outcome:
    """What a run came to."""

    mutants: int = 0
    readings: int = 0
    refusals: int = 0
    unforeseen: list[str] = field(default_factory=list)
    slowest: float = 0.0
    slowest_of: str = ""
    peak_bytes: int = 0
    events: list[str] = field(default_factory=list)


class Watch:
    """An audit hook that notes what a reading does beside reading; hooks cannot be removed."""

    def __init__(self) -> None:
        self.on = False
        self.events: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.on and event.startswith(_FORBIDDEN):
            self.on = False  # naming the event may import things itself
            self.events.append(f"{event} {arguments!r}"[:200])


def mutant(rng: random.Random, seeds: list[bytes]) -> bytes:
    """Return one valid file with a few things wrong.

    An archive's members or what a gzip holds are mostly changed and packed again: a changed
    archive itself seldom gets past its checksums.
    """
    seed = rng.choice(seeds)
    if seed.startswith(b"PK") and rng.random() < 0.7:
        members = unzipped(seed)
        name = rng.choice(list(members))
        members[name] = changed(members[name], rng, seeds)
        return zipped(members)
    if seed.startswith(b"\x1f\x8b") and rng.random() < 0.7:
        return gzip.compress(changed(gzip.decompress(seed), rng, seeds), 1, mtime=0)
    return changed(seed, rng, seeds)


def is_seed(path: Path) -> bool:
    """Tell whether a framework's file is small enough to mutate in bulk, and no answers."""
    return "answers" not in path.name and path.stat().st_size < LARGEST_SEED


@lru_cache
def unzipped_items(data: bytes) -> tuple[tuple[str, bytes], ...]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return tuple((name, archive.read(name)) for name in archive.namelist())


def unzipped(data: bytes) -> dict[str, bytes]:
    return dict(unzipped_items(data))


def changed(seed: bytes, rng: random.Random, seeds: list[bytes]) -> bytes:
    """Return bytes with a few things wrong."""
    data = bytearray(seed)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5, 8))):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(9):
            case 0 | 1 if at < len(data):
                data[at] = rng.randrange(256)
            case 2 if at < len(data):
                data[at] ^= 1 << rng.randrange(8)
            case 3:
                piece = rng.choice(_INTERESTING)
                data[at : at + len(piece)] = piece
            case 4:
                data[at:at] = rng.choice(_INTERESTING)
            case 5:
                del data[at : at + rng.choice((1, 2, 4, 8, 64, 1000))]
            case 6:
                start = rng.randrange(len(data) + 1)
                data[at:at] = data[start : start + rng.choice((1, 4, 16, 256))]
            case 7 if rng.random() < 0.3:
                del data[at:]
            case _:
                other = rng.choice(seeds)
                start = rng.randrange(len(other))
                data[at:at] = other[start : start + rng.choice((4, 32, 200))]
        if not data:
            break
    return bytes(data)


def resident() -> int:
    """Return the most memory that this process has held, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def forget_peak() -> None:
    """Let :func:`resident` count from what is held now, where the system can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def limit_memory(more: int) -> None:
    """Let this process's address space grow by so many bytes at most, where the system can."""
    with contextlib.suppress(OSError, ValueError):
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + more, resource.RLIM_INFINITY))


def run(count: int, seed: int = 0) -> Outcome:
    """Read so many mutants of the samples.

    Parameters
    ----------
    count : int
    seed : int
        The same gives the same mutants.
    """
    rng = random.Random(seed)
    seeds = list(samples().values())
    seeds += [path.read_bytes() for path in sorted(FILES.iterdir()) if is_seed(path)]
    for data in seeds:  # what a reading imports at its first use is imported here
        load(data)
    outcome, watch = Outcome(), Watch()
    gc.collect()
    forget_peak()
    before = resident()
    for number in range(count):
        data = mutant(rng, seeds)
        started = time.process_time()
        watch.on = True
        try:
            read(data)
            outcome.readings += 1
        except NetworkFileError as error:
            outcome.refusals += 1
            if "not foreseen" in str(error):
                outcome.unforeseen.append(f"mutant {number}: {error.__cause__!r}"[:200])
        finally:
            watch.on = False
        took = time.process_time() - started
        if took > outcome.slowest:
            outcome.slowest, outcome.slowest_of = took, f"mutant {number}, {data[:12]!r}"
        outcome.mutants += 1
    outcome.events = watch.events
    outcome.peak_bytes = resident() - before
    return outcome


@dataclass
class Costs:
    """What the table of bad files asked for at most."""

    kinds: int = 0
    slowest: tuple[float, str] = (0.0, "")
    largest: tuple[int, str] = (0, "")
    events: list[str] = field(default_factory=list)


def read_table() -> Costs:
    """Read each file of the table of bad ones, and keep the highest time and memory."""
    from tests.formats.test_bad_files import BAD

    costs, watch = Costs(), Watch()
    for name, (make, _) in BAD.items():
        data = make()
        gc.collect()
        forget_peak()
        before = resident()
        started = time.process_time()
        watch.on = True
        with contextlib.suppress(NetworkFileError):
            read(data)
        watch.on = False
        costs.slowest = max(costs.slowest, (time.process_time() - started, name))
        costs.largest = max(costs.largest, (resident() - before, name))
        costs.kinds += 1
    costs.events = watch.events
    return costs


def main(arguments: list[str] | None = None) -> int:
    """Run from a shell; the exit status says whether all held."""
    parser = argparse.ArgumentParser(description="Read mutants of valid network files.")
    parser.add_argument("count", type=int, nargs="?", default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    costs = read_table()
    limit_memory(MOST_BYTES)
    outcome = run(chosen.count, chosen.seed)
    report = io.StringIO()
    print(
        f"{outcome.mutants:,} mutants: {outcome.readings:,} read, {outcome.refusals:,} refused",
        f"slowest {outcome.slowest * 1000:.0f} ms ({outcome.slowest_of})",
        f"memory {outcome.peak_bytes / (1 << 20):.0f} MiB over what it held before",
        f"imports, openings, executions: {len(outcome.events)}",
        f"unforeseen: {len(outcome.unforeseen)}",
        f"{costs.kinds} bad files: slowest {costs.slowest[0] * 1000:.0f} ms ({costs.slowest[1]}), "
        f"most memory {costs.largest[0] / (1 << 20):.0f} MiB ({costs.largest[1]})",
        *costs.events[:10],
        *outcome.events[:10],
        *outcome.unforeseen[:10],
        sep="\n",
        file=report,
    )
    print(report.getvalue(), end="")
    held = (
        not outcome.events
        and not costs.events
        and costs.slowest[0] < MOST_SECONDS
        and costs.largest[0] < MOST_BYTES
        and not outcome.unforeseen
        and outcome.slowest < MOST_SECONDS
        and outcome.peak_bytes < MOST_BYTES
    )
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
