from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.formats.samples import samples

ROOT = Path(__file__).parents[2]

FIRST_READING = """
import sys
from toolkit.formats import read

data = sys.stdin.buffer.read()
heard = []
watching = True
sys.addaudithook(lambda event, arguments: watching and heard.append((event, arguments)))
read(data)
watching = False
kinds = {event for event, _ in heard} - {"builtins.id"}
print(kinds or "nothing")
"""


def test_thousands_of_mutants_give_a_reading_or_the_one_error_and_nothing_else() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.formats.fuzz", "4000", "--seed", "20"],
        cwd=ROOT, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    for said in (
        "4,000 mutants of networks",
        "1,000 mutants of pictures",
        "1,000 mutants of recipes",
    ):
        assert said in run.stdout


@pytest.mark.parametrize("case", samples())
def test_a_first_reading_imports_opens_and_executes_nothing(case: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", FIRST_READING],
        cwd=ROOT, input=samples()[case], capture_output=True, timeout=120,
    )  # fmt: skip
    assert run.stdout.decode().strip() == "nothing", run.stderr.decode()
