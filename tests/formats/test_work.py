"""No file takes much more memory or time than it should, however often it uses its parts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.formats.attacks import ATTACKS, linked_arrays, one_text, onnx_row
from toolkit.formats import LIMITS, Limits, NetworkFileError, read
from toolkit.formats.guard import Budget

MEMORY_MIB = 256 + 450
"""What a file may unpack to, the interpreter with its libraries, and a copy."""
SECONDS = 8
"""Of the processor; most take one, and before their work was counted ten to a hundred."""

READER = """
import sys
from toolkit.formats import NetworkFileError, load
try:
    print("read", load(sys.argv[1]).sizes, flush=True)
except NetworkFileError as error:
    print("refused", error, flush=True)
sys.stdin.read()
"""


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")


def cost(path: Path) -> tuple[str, float, float]:
    """Load a file in a process of its own; return what it said, its MiB and its seconds."""
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        said = child.stdout.readline()
        about = Path(f"/proc/{child.pid}/status").read_text(encoding="utf-8")
        times = Path(f"/proc/{child.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        _, wrong = child.communicate()
    assert child.returncode == 0, wrong
    assert said.startswith(("read", "refused")), said
    assert "not foreseen" not in said, said
    peak = re.search(r"VmHWM:\s+(\d+) kB", about)
    assert peak is not None
    user, system = times.split()[11:13]
    return said, int(peak[1]) / 1024, (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@on_linux
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_small_file_takes_little_memory_and_time(attack: str, tmp_path: Path) -> None:
    path = tmp_path / "network"
    path.write_bytes(ATTACKS[attack]())
    assert path.stat().st_size <= LIMITS.file_bytes
    said, memory, seconds = cost(path)
    assert memory < MEMORY_MIB, said
    assert seconds < SECONDS, said


@on_linux
def test_a_million_rows_of_text_take_the_room_of_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"0\n" * 1_000_000)
    said, memory, seconds = cost(path)
    assert said.split()[0] == "read", said
    assert memory < 250
    assert seconds < SECONDS


def test_a_text_is_counted_each_time_that_it_is_named() -> None:
    with pytest.raises(NetworkFileError, match="is missing"):
        read(one_text(3, 1000), limits=Limits(decoded_bytes=5000))
    with pytest.raises(NetworkFileError, match="would unpack to"):
        read(one_text(30, 1000), limits=Limits(decoded_bytes=5000))


def test_an_array_is_counted_each_time_that_it_is_linked() -> None:
    limits = Limits(decoded_bytes=10 * 100 * (100 + 1) * 4)
    assert len(read(linked_arrays(10, 100), limits=limits).layers) == 10
    with pytest.raises(NetworkFileError, match="would unpack to 0 MiB; at most 0 MiB are read"):
        read(linked_arrays(11, 100), limits=limits)


def test_a_chunk_is_counted_each_time_that_it_is_unpacked() -> None:
    # A chunk of 40,000 bytes and its filter: 80,000 and its packed bytes, less than 1,000.
    assert read(linked_arrays(10, 100), limits=Limits(work_bytes=810_000))
    with pytest.raises(NetworkFileError, match="uses its parts so often"):
        read(linked_arrays(11, 100), limits=Limits(work_bytes=810_000))


@pytest.mark.parametrize("kind", ["Mul", "Div", "Add", "Sub"])
def test_a_constant_is_counted_each_time_that_a_node_uses_it(kind: str) -> None:
    import numpy as np

    from toolkit.formats.frameworks import onnx

    ones = np.ones(1000, np.float32)
    limits = Limits(decoded_bytes=1_000_000)
    for count, fits in ((10, True), (1000, False)):
        with pytest.raises(NetworkFileError) as caught:
            onnx.read(onnx_row(kind, count, ones), "file", limits)
        # Without a layer it is no network either way; too much is said before that.
        assert ("expected at least one" in str(caught.value)) == fits
        assert ("would unpack to" in str(caught.value)) != fits


def test_a_budget_tells_memory_from_work() -> None:
    budget = Budget(Limits(decoded_bytes=100, work_bytes=400), "file")
    budget.take(100)
    budget.spend(400)
    with pytest.raises(NetworkFileError, match="would unpack to"):
        budget.take(1)
    with pytest.raises(NetworkFileError, match="uses its parts so often"):
        budget.spend(1)
    budget.check((10,), 10, "an array")  # asks, takes nothing
    with pytest.raises(NetworkFileError, match="an array declares shape"):
        budget.check((11,), 10, "an array")
