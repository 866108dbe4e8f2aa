"""What the server holds: at rest, after strokes, after people who came and went."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.crowd import resident
from tests.browser.server import Server
from tests.dashboard.talk import Talk
from toolkit.benchmarks import Job, Part, Result, Setting, spread_of
from toolkit.benchmarks.running import UnmeasuredError

_FIGURES = {
    "memory.rest": "server at rest",
    "memory.one": "one person",
    "memory.strokes.1000": "after 1,000 strokes",
    "memory.strokes.2000": "after 1,000 strokes more",
    "memory.people.100": "after 100 who came, painted and went",
    "memory.people.400": "after 300 more who came, painted and went",
}


def _measure() -> dict[str, Result]:
    found: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "workspace.sqlite").start()
        assert server.process is not None

        def note() -> None:
            assert server.process is not None
            found.append(resident(server.process.pid))

        try:
            note()
            talk = Talk(server.address)
            talk.visit()
            note()
            for _ in range(2):
                for number in range(1000):
                    talk.stroke(number % 784, number / 100, number % 16)
                note()
            for people in (100, 300):
                for number in range(people):
                    other = Talk(server.address)
                    other.visit()
                    other.stroke(number)
                    other.close()
                note()
            talk.close()
        finally:
            server.close()
    return {
        key: Result(spread_of([size / (1 << 20)]), "MiB")
        for key, size in zip(_FIGURES, found, strict=True)
    }


def _jobs(setting: Setting) -> list[Job]:
    if not Path("/proc/self/status").exists():
        raise UnmeasuredError("the system has no /proc, which tells what a process holds")
    return [Job(_FIGURES, _measure)]


PART = Part("memory", "what the server holds", _jobs)
