"""A class at work on one server: ``make crowd MINUTES=10 PEOPLE=30``.

Each person has a page's document, its Streamlit session with its own script run, and a socket on
the workbench; one of them is a real browser.  They paint at a person's pace, look at neurons and
digits, take steps back, and visit the atlas now and then.  What each paints is its own signature,
and everything that each receives is searched for the others'.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Error as BrowserError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from tests.browser.server import Server, browser_path, chromium
from tests.dashboard.talk import fetch
from toolkit.dashboard import modules
from toolkit.formats import load
from toolkit.studio.frames import encode

NETWORK = "mnist-sigmoid"
_SIGNED = 1000
"""Signatures are weights above this; the network's own are far below."""
_ID = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_ANSWER_SECONDS = 60
_CALM_SECONDS = 60.0
"""Memory is compared from here on."""


@dataclass
class Report:
    """What a crowd met with."""

    people: int
    latencies: list[float] = field(default_factory=list)
    in_browser: list[float] = field(default_factory=list)
    runs: list[float] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [
            f"{self.people} people, {len(self.failures)} failures",
            _times("stroke sent → new accuracy", self.latencies),
            _times("pointer up → new accuracy in the browser", self.in_browser),
            _times("Streamlit's script run", self.runs),
            f"load of the machine at the end {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores",
        ]
        if self.memory:
            end = self.memory[-1][0]
            early, middle, late = (
                self._mean_memory(at) for at in (_CALM_SECONDS, end / 2, end - _CALM_SECONDS)
            )
            first, most = self.memory[0][1], max(size for _, size in self.memory)
            lines.append(
                f"memory of the server, MiB: before {first >> 20}, second minute {early}, "
                f"half-way {middle}, last minute {late}, most {most >> 20}"
            )
        return "\n".join([*lines, *self.failures[:20]])

    def _mean_memory(self, since: float) -> int:
        """Return the mean of a minute, in MiB."""
        until = since + _CALM_SECONDS
        found = [size for at, size in self.memory if since <= at <= until]
        return int(statistics.mean(found or [self.memory[-1][1]])) >> 20


def _times(what: str, seconds: list[float]) -> str:
    if not seconds:
        return f"{what}: none"
    found = sorted(1e3 * each for each in seconds)
    at = {share: found[min(len(found) - 1, int(share * len(found)))] for share in (0.95, 0.99)}
    return (
        f"{what}: median {statistics.median(found):.1f} ms, 95th percentile {at[0.95]:.1f}, "
        f"99th {at[0.99]:.1f}, longest {found[-1]:.1f}, {len(found):,} of them"
    )


class Person:
    """One page without a browser: its document, its Streamlit session and its socket."""

    def __init__(self, address: str, number: int, report: Report) -> None:
        self.address, self.number, self.report = address, number, report
        self.signature = np.float32(_SIGNED + number)
        self.client, self.seq = f"person-{number}", 0
        self.rng = random.Random(number)
        self.state: dict[str, Any] = {}
        self.painted: dict[tuple[int, int], None] = {}
        self.seen: set[bytes] = set()
        self.foreign: set[float] = set()
        self._stream: ClientConnection
        self._socket: ClientConnection
        self._scored, self._answered = asyncio.Event(), asyncio.Event()
        self._finished = asyncio.Event()

    async def open(self) -> None:
        """Do what a browser does to show the page."""
        status, headers, _ = await asyncio.to_thread(
            fetch, f"{self.address}/?network={NETWORK}", Accept="text/html"
        )
        assert status == 200, f"the document was answered {status}"
        cookie = {"Cookie": headers["set-cookie"].partition(";")[0]}
        host = f"ws{self.address.removeprefix('http')}"
        here: dict[str, Any] = {
            "origin": self.address, "additional_headers": cookie, "max_size": None,
            "open_timeout": _ANSWER_SECONDS,
        }  # fmt: skip
        self._stream = await connect(f"{host}/_stcore/stream", subprotocols=["streamlit"], **here)  # type: ignore[list-item]
        self._socket = await connect(f"{host}/weight-maps/socket", **here)
        self._reading = [
            asyncio.create_task(self._read_stream()), asyncio.create_task(self._read_socket()),
        ]  # fmt: skip
        await self.run_script("")
        await self._say(kind="hello", client=self.client, modules=modules.version(), known=[])
        start = {"network": NETWORK}
        await self._say(kind="visit", experiment=None, start=start, view={})
        await self._wait(self._answered)

    async def close(self) -> None:
        for task in self._reading:
            task.cancel()
        await self._stream.close()
        await self._socket.close()

    # Streamlit's session

    async def run_script(self, page: str) -> None:
        """Let Streamlit run the script for a page, as its own front end asks for it."""
        began = time.perf_counter()
        self._finished.clear()
        message = BackMsg()
        state = message.rerun_script
        state.page_name = page
        if self.state:
            state.query_string = f"experiment={self.state['experiment']}"
        await self._stream.send(message.SerializeToString())
        await self._wait(self._finished)
        self.report.runs.append(time.perf_counter() - began)

    async def _read_stream(self) -> None:
        async for data in self._stream:
            assert isinstance(data, bytes)
            self.seen.update(_ID.findall(data))
            message = ForwardMsg()
            message.ParseFromString(data)
            if message.WhichOneof("type") == "script_finished":
                self._finished.set()

    # The workbench's socket

    async def _say(self, **head: Any) -> None:
        await self._socket.send(encode(head))

    async def _read_socket(self) -> None:
        async for frame in self._socket:
            assert isinstance(frame, bytes)
            self.seen.update(_ID.findall(frame))
            at = 4 + int.from_bytes(frame[:4], "little")
            head = json.loads(frame[4:at])
            if head["kind"] == "notice":
                self.report.failures.append(f"{self.client} was told {head['notice']['code']}")
            if head["kind"] == "scored":
                self._scored.set()
            if head["kind"] != "answer":
                continue
            self._search(head, frame[at:])
            self.state = head
            if head["acks"].get(self.client, 0) >= self.seq:
                self._scored.set()
                self._answered.set()

    def _search(self, head: dict[str, Any], body: bytes) -> None:
        """Look for the weights of others in the layers that came."""
        at = 0
        for name, _, size, *_ in head["blocks"]:
            if size and name.partition("/")[0] in ("layer", "original"):
                values = np.frombuffer(body[at : at + size], "<f4")
                signed = set(values[values >= _SIGNED].tolist())
                self.foreign |= signed - {float(self.signature)}
            at += size or 0

    async def _wait(self, event: asyncio.Event) -> None:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await event.wait()

    async def letter(self, **item: Any) -> None:
        self.seq += 1
        self._scored.clear()
        self._answered.clear()
        await self._say(
            kind="letters", experiment=self.state["experiment"], start=self.state["start"],
            client=self.client, items=[{"seq": self.seq, **item}],
        )  # fmt: skip

    async def stroke(self) -> None:
        """Paint some cells of a neuron with the signature, and wait for the new accuracy."""
        neuron, first = self.rng.randrange(16), self.rng.randrange(784 - 25)
        cells = list(range(first, first + 25))
        self.painted.update({(neuron, cell): None for cell in cells})
        edit = {
            "kind": "stroke", "layer": 1, "neuron": neuron, "cells": cells, "keep": 0,
            "put": float(self.signature), "tool": "brush",
        }  # fmt: skip
        began = time.perf_counter()
        await self.letter(kind="edit", edit=edit)
        await self._wait(self._scored)
        self.report.latencies.append(time.perf_counter() - began)
        await self._wait(self._answered)

    async def act(self) -> None:
        """Do one of the things that people do."""
        match self.rng.choices(("stroke", "look", "digit", "page"), (70, 14, 14, 2))[0]:
            case "stroke":
                await self.stroke()
            case "look":
                await self.letter(kind="select", layer=1, neuron=self.rng.randrange(16))
                await self._wait(self._answered)
            case "digit":
                await self.letter(kind="digit", how="random")
                await self._wait(self._answered)
            case _:
                await self.run_script("atlas")
                await self.run_script("")

    async def check(self, ids: set[str]) -> None:
        """See that what was painted is there, and nothing of anybody else's experiment."""
        id = self.state["experiment"]
        status, _, data = await asyncio.to_thread(
            fetch, f"{self.address}/weight-maps/download/{id}?what=.npz"
        )
        assert status == 200, f"the download was answered {status}"
        weights = load(data).layer(1).weights
        signed = {(int(row), int(cell)) for row, cell in np.argwhere(weights >= _SIGNED)}
        assert signed == set(self.painted), "not all that was painted is there, or more"
        assert set(weights[weights >= _SIGNED].tolist()) <= {float(self.signature)}
        assert self.foreign == set(), f"weights of others came: {self.foreign}"
        others = (ids - {id}) & {each.decode() for each in self.seen}
        assert not others, f"experiments of others came: {others}"
        assert id.encode() in self.seen, "the search finds what is there"


async def crowd(
    address: str,
    report: Report,
    *,
    seconds: float,
    pause: tuple[float, float],
    first: int = 0,
    opened: Callable[[], object] = lambda: None,
) -> None:
    """Let people work, and note in the report how it went.

    Parameters
    ----------
    address : str
    report : Report
        Knows how many they are.
    seconds : float
        How long they work.
    pause : (float, float)
        Shortest and longest, in seconds, from one thing that a person does to the next.
    first : int
        Number of the first person.
    opened : callable
        Called when all are in.
    """
    people = [Person(address, number, report) for number in range(first, first + report.people)]

    async def attempt(person: Person, what: str, work: Any) -> bool:
        try:
            await work
        except Exception as error:
            report.failures.append(f"{person.client}, {what}: {type(error).__name__} {error}")
            return False
        return True

    async def live(person: Person, until: float) -> None:
        while (now := time.monotonic()) < until:
            await asyncio.sleep(min(person.rng.uniform(*pause), until - now))
            if not await attempt(person, "at work", person.act()):
                return

    # All at once, as when a teacher says: now.
    came = await asyncio.gather(*(attempt(each, "opening", each.open()) for each in people))
    here = [person for person, is_in in zip(people, came, strict=True) if is_in]
    opened()
    until = time.monotonic() + seconds
    await asyncio.gather(*(live(each, until) for each in here))
    ids = {person.state["experiment"] for person in here}
    for person in here:
        await attempt(person, "in the end", person.check(ids))
        await person.close()


def resident(process: int) -> int:
    """Return a process's resident memory, in bytes; 0 where there is no ``/proc``."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return 0
    return 1024 * int(re.findall(r"VmRSS:\s+(\d+)", status.read_text())[0])


def main() -> None:
    """Run a crowd on a server of its own and print what it met with."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=10)
    asked = parser.parse_args()
    path = browser_path()
    report = Report(asked.people - bool(path))
    digits = os.environ.get("TOOLKIT_TEST_MNIST", "drawn")
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "workspace.sqlite", NETWORK, digits).start()
        assert server.process is not None
        try:
            _run(server, report, 60 * asked.minutes, path)
            log = server.said()
        finally:
            server.close()
    print(f"load of the machine before {load_before:.1f}; {report}")
    if "Traceback" in log:
        print(log)
    raise SystemExit(bool(report.failures or "Traceback" in log))


def _run(server: Server, report: Report, seconds: float, path: str | None) -> None:
    """Run the crowd in a process of its own, the browser and the clock in this one."""
    import multiprocessing

    assert server.process is not None
    began = time.monotonic()
    report.memory.append((0.0, resident(server.process.pid)))
    there, here = multiprocessing.Pipe()
    others = multiprocessing.get_context("spawn").Process(
        target=_others, args=(server.address, report.people, seconds, there)
    )
    others.start()
    there.close()

    def look() -> None:
        assert server.process is not None
        report.memory.append((time.monotonic() - began, resident(server.process.pid)))

    if path:
        _in_a_browser(server.address, report, began + seconds, path, look)
    while not here.poll(5):
        look()
    found: Report = here.recv()
    others.join()
    report.latencies, report.runs = found.latencies, found.runs
    report.failures += found.failures
    report.people += bool(path)


def _others(address: str, people: int, seconds: float, pipe: Any) -> None:
    report = Report(people)
    asyncio.run(crowd(address, report, seconds=seconds, pause=(1.5, 4.5)))
    pipe.send(report)


def _in_a_browser(
    address: str, report: Report, until: float, path: str, look: Callable[[], None]
) -> None:
    from tests.benchmarks import round_trip
    from tests.browser.bench_page import BenchPage

    rng = random.Random(0)
    with chromium(path) as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.add_init_script("localStorage.setItem('weight-map-toolkit.hint', 'seen')")
        try:
            page.goto(f"{address}/?network={NETWORK}&neuron=1.3")
            bench = BenchPage(page)
            round_trip.watch(bench)
            while time.monotonic() < until:
                row, column = rng.uniform(2, 22), rng.uniform(2, 18)
                bench.stroke((row, column), (row + 3, column + 6), steps=8)
                page.wait_for_timeout(rng.uniform(1500, 4500))
                look()
            painted = round_trip.watched(bench).after["painted"]
            report.in_browser = [each / 1e3 for each in painted]
            weights = bench.stored.layer(1).weights
            if (weights >= _SIGNED).any():
                report.failures.append("the browser, in the end: weights of others are there")
        except (BrowserError, AssertionError) as error:
            report.failures.append(f"the browser: {error}")


if __name__ == "__main__":
    main()
