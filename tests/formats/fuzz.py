"""Mutants of valid files: each gives a reading or the one error, in little time and memory.

``python -m tests.formats.fuzz 100000`` reads so many networks, a quarter as many pictures and a
quarter as many recipes in this process, where an audit hook notes whatever a reading imports,
executes or opens.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import gzip
import io
import os
import random
import resource
import struct
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.formats.samples import others, samples, zipped
from toolkit.digits import read_picture
from toolkit.experiments import read_recipe
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

    name: str
    mutants: int = 0
    readings: int = 0
    refusals: int = 0
    unforeseen: list[str] = field(default_factory=list)
    slowest: float = 0.0
    slowest_of: str = ""
    peak_bytes: int = 0
    events: list[str] = field(default_factory=list)

    @property
    def held(self) -> bool:
        return not self.events and not self.unforeseen and (
            self.slowest < MOST_SECONDS and self.peak_bytes < MOST_BYTES
        )  # fmt: skip

    def __str__(self) -> str:
        return "\n".join(
            (
                f"{self.mutants:,} mutants of {self.name}: {self.readings:,} read, "
                f"{self.refusals:,} refused",
                f"slowest {self.slowest * 1000:.0f} ms ({self.slowest_of})",
                f"memory {self.peak_bytes / (1 << 20):.0f} MiB over what it held before",
                f"imports, openings, executions: {len(self.events)}",
                f"unforeseen: {len(self.unforeseen)}",
                *self.events[:10],
                *self.unforeseen[:10],
            )
        )


class Watch:
    """An audit hook that notes what a reading does beside reading; hooks cannot be removed."""

    def __init__(self) -> None:
        self.on = False
        self.events: list[str] = []
        self.opens: tuple[str, ...] = ()
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.on and event.startswith(_FORBIDDEN):
            # A number is what was opened before, by a name that was looked at then.
            if self.opens and arguments and (
                isinstance(arguments[0], int)
                or any(part in str(arguments[0]) for part in self.opens)
            ):  # fmt: skip
                return
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
    """Tell whether a framework's file is small enough to mutate in bulk, and a whole network."""
    parts = ("answers", "beside")  # what it answers, and numbers in a file of their own
    return not any(part in path.name for part in parts) and path.stat().st_size < LARGEST_SEED


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


@contextlib.contextmanager
def without_stderr() -> Iterator[None]:
    """Let what C libraries say of damaged files go nowhere."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def forget_peak() -> None:
    """Let :func:`resident` count from what is held now, where the system can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def limit_memory(more: int) -> None:
    """Let this process's address space grow by so many bytes at most, where the system can."""
    with contextlib.suppress(OSError, ValueError):
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + more, resource.RLIM_INFINITY))


@dataclass(frozen=True)
class Target:
    """What is read: seeds, how one goes wrong, the reader, and what it may raise."""

    name: str
    seeds: list[bytes]
    spoil: Callable[[random.Random, list[bytes]], bytes]
    read: Callable[[bytes], object]
    refusal: type[Exception]
    opens: tuple[str, ...] = ()
    """Parts of the names of what a reading may open: the folder of networks that ship."""


def networks() -> Target:
    seeds = [*samples().values(), *others().values()]
    seeds += [path.read_bytes() for path in sorted(FILES.iterdir()) if is_seed(path)]
    for data in seeds:  # what a reading imports at its first use is imported here
        with contextlib.suppress(NetworkFileError):  # one whose numbers stand in another file
            load(data)
    return Target("networks", seeds, mutant, read, NetworkFileError)


def pictures() -> Target:
    """Pictures of a digit in each format that is read, in several of its forms."""
    rng = np.random.default_rng(1)
    tones = np.zeros((40, 36), np.uint8)
    tones[8:32, 15:20] = 255
    grey = Image.fromarray(tones)
    photo = Image.fromarray(rng.integers(0, 255, (48, 64, 3), np.uint8))
    turned = Image.Exif()
    turned[0x0112] = 6
    made: list[tuple[Image.Image, str, dict[str, Any]]] = [
        (grey, "PNG", {}), (grey.convert("P"), "PNG", {}), (grey.convert("LA"), "PNG", {}),
        (grey.convert("1"), "PNG", {}), (grey.convert("I;16"), "PNG", {}),
        (photo, "JPEG", {"exif": turned}), (photo, "JPEG", {"progressive": True}),
        (photo.convert("CMYK"), "JPEG", {}), (photo, "WEBP", {}),
        (grey, "WEBP", {"lossless": True}),
        (grey, "GIF", {}), (grey, "GIF", {"save_all": True, "append_images": [grey.rotate(90)]}),
        (grey, "BMP", {}), (photo, "BMP", {}), (grey, "TIFF", {}), (photo, "TIFF", {}),
        (grey, "TIFF", {"compression": "tiff_lzw"}), (photo, "TIFF", {"compression": "jpeg"}),
        (grey, "TIFF", {"compression": "tiff_deflate"}),
    ]  # fmt: skip
    seeds = []
    for picture, kind, how in made:
        buffer = io.BytesIO()
        picture.save(buffer, kind, **how)
        seeds.append(buffer.getvalue())
    for data in seeds:
        with contextlib.suppress(ValueError):
            read_picture(data)
    return Target("pictures", seeds, changed_picture, checked_picture, ValueError)


def checked_picture(data: bytes) -> object:
    ink = read_picture(data)
    assert ink.ndim == 2
    assert np.isfinite(ink).all()
    return ink


def changed_picture(rng: random.Random, seeds: list[bytes]) -> bytes:
    """Return a picture with a few things wrong; half of the PNGs with their checksums mended."""
    data = changed(rng.choice(seeds), rng, seeds)
    return with_checksums(data) if data[:4] == b"\x89PNG" and rng.random() < 0.5 else data


def with_checksums(data: bytes) -> bytes:
    """Return a PNG whose parts say the checksum that they have."""
    found, at = bytearray(data), 8
    while at + 12 <= len(found):
        (length,) = struct.unpack_from(">I", found, at)
        end = at + 8 + length
        if end + 4 > len(found):
            break
        struct.pack_into(">I", found, end, zlib.crc32(found[at + 4 : end]))
        at = end + 4
    return bytes(found)


def recipes() -> Target:
    """Recipes of sessions with edits of every kind, and of what a person writes."""
    from tests.formats import fuzz_recipes

    found = fuzz_recipes.seeds()
    return Target("recipes", found, fuzz_recipes.spoil, read_recipe, ValueError, ("weights",))


TARGETS = {"networks": networks, "pictures": pictures, "recipes": recipes}


def run(target: Target, count: int, watch: Watch, seed: int = 0) -> Outcome:
    """Read so many mutants.

    Parameters
    ----------
    target : Target
    count : int
    watch : Watch
    seed : int
        The same gives the same mutants.
    """
    rng, outcome = random.Random(seed), Outcome(target.name)
    watch.events, watch.opens = [], target.opens
    gc.collect()
    forget_peak()
    before = resident()
    for number in range(count):
        data = target.spoil(rng, target.seeds)
        started = time.process_time()
        watch.on = True
        try:
            target.read(data)
            outcome.readings += 1
        except target.refusal as error:
            outcome.refusals += 1
            if "not foreseen" in str(error):
                outcome.unforeseen.append(f"mutant {number}: {error.__cause__!r}"[:200])
        except Exception as error:  # whatever it is, it is counted and shown
            outcome.unforeseen.append(f"mutant {number}: {error!r}"[:200])
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


def read_table(watch: Watch) -> Costs:
    """Read each file of the table of bad ones, and keep the highest time and memory."""
    from tests.formats.test_bad_files import BAD

    costs = Costs()
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
    parser = argparse.ArgumentParser(description="Read mutants of valid files.")
    parser.add_argument("count", type=int, nargs="?", default=100_000, help="of networks")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    watch = Watch()
    costs = read_table(watch)
    print(
        f"{costs.kinds} bad files: slowest {costs.slowest[0] * 1000:.0f} ms ({costs.slowest[1]}), "
        f"most memory {costs.largest[0] / (1 << 20):.0f} MiB ({costs.largest[1]})",
        *costs.events[:10],
        sep="\n",
    )
    held = not costs.events and costs.slowest[0] < MOST_SECONDS and costs.largest[0] < MOST_BYTES
    targets = [make() for make in TARGETS.values()]
    limit_memory(MOST_BYTES)
    for target in targets:
        count = chosen.count if target.name == "networks" else chosen.count // 4
        with without_stderr():
            outcome = run(target, count, watch, chosen.seed)
        print(outcome, flush=True)
        held = held and outcome.held
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
