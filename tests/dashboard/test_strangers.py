"""What a stranger's file may cost the server in memory: measured from outside."""

from __future__ import annotations

import base64
import io
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.browser.server import Server
from tests.dashboard.talk import Talk
from toolkit.formats import dumps
from toolkit.network import Network

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")

MOST_MEBIBYTES = 300


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(tmp_path_factory.mktemp("strangers") / "workspace.sqlite").start()
    warm = Talk(found.address)
    warm.visit()
    warm.stroke()
    warm.close()
    yield found
    assert "Traceback" not in found.said()
    found.close()


class Memory:
    """A process's memory, in MiB: at rest, and at most since then."""

    def __init__(self, server: Server) -> None:
        assert server.process is not None
        self._folder = Path(f"/proc/{server.process.pid}")
        time.sleep(1)  # what was let go before is given back
        self._rest = self._read("VmRSS")
        (self._folder / "clear_refs").write_text("5")

    def _read(self, name: str) -> float:
        lines = (self._folder / "status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024

    @property
    def most(self) -> float:
        return self._read("VmHWM") - self._rest

    @property
    def now(self) -> float:
        return self._read("VmRSS") - self._rest


def upload(server: Server, data: bytes, kind: str = "network") -> tuple[int, dict[str, object]]:
    url = f"{server.address}/weight-maps/upload?kind={kind}&name=x.npz&client=nobody"
    request = urllib.request.Request(url, data, {"X-Weight-Maps": "1"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def zeros(*sizes: int) -> bytes:
    """Return a small file of a large network."""
    buffer = io.BytesIO()
    arrays = [np.zeros((out, into), np.float32) for into, out in pairwise(sizes)]
    np.savez_compressed(buffer, **{f"w{at:05}": each for at, each in enumerate(arrays)})
    return buffer.getvalue()


def dense(*sizes: int) -> bytes:
    """Return a file as large as its network."""
    rng = np.random.default_rng(1)
    arrays = [rng.random((out, into), np.float32) - 0.5 for into, out in pairwise(sizes)]
    buffer = io.BytesIO()
    np.savez(buffer, **{f"w{at:05}": each for at, each in enumerate(arrays)})
    return buffer.getvalue()


def recipe(network: Network, strokes: int = 0) -> bytes:
    start = base64.b64encode(dumps(network, ".npz")).decode()
    record = {
        "format": "weight-map-toolkit recipe", "version": 1,
        "edits": [
            {"kind": "stroke", "layer": 1, "neuron": at, "cells": [1], "keep": 0, "put": 1.0,
             "tool": "brush"}
            for at in range(strokes)
        ],
        "start": {"origin": "file", "network": start},
    }  # fmt: skip
    return json.dumps(record).encode()


REFUSED = {
    "7 kB, 19 GB": lambda: zeros(160_000, 10),
    "1 kB": lambda: zeros(12_000, 10),
    "15 kB, 1.4 GB": lambda: zeros(784, 5000, 10),
    "61 kB, 5.4 GB": lambda: zeros(784, 20_000, 10),
    "2,002 layers": lambda: zeros(784, *[10] * 2002),
    "60 MiB": lambda: dense(784, 19_500, 10),
    "a recipe": lambda: recipe(Network.blank((784, 20_000, 10))),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_asks_for_too_much_is_refused_and_costs_the_server_nothing(
    server: Server, name: str
) -> None:
    data, memory = REFUSED[name](), Memory(server)
    status, answer = upload(server, data)
    assert status == 422, answer
    assert "expected" in json.dumps(answer)
    assert memory.most < 40


OPENED = {
    "wide": ((784, 3000, 10), dense),
    "many pixels": ((3969, 610, 10), dense),
    "deep": ((36, 1500, 1500, 10), dense),
    "worked on": ((784, 3000, 10), lambda *sizes: recipe(Network.blank(sizes), 1500)),
}


@pytest.mark.parametrize("name", OPENED)
def test_the_widest_networks_that_open_stay_within_bounds(server: Server, name: str) -> None:
    sizes, make = OPENED[name]
    data, memory = make(*sizes), Memory(server)
    talk = Talk(server.address)
    status, answer = upload(server, data)
    assert status == 200, answer
    state = talk.visit(str(answer["experiment"]), network="")
    steps = state["history"]["cursor"]
    assert state["sizes"] == list(sizes)
    assert 1000 <= state["score"]["images"] < 10_000
    assert (state["digits"]["count"], state["digits"]["of"]) == (state["score"]["images"], 10_000)
    assert talk.stroke(1, 5.0)["history"]["cursor"] == steps + 1
    assert memory.most < MOST_MEBIBYTES
    talk.close()
    deadline = time.monotonic() + 60
    while memory.now > 150 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert memory.now <= 150, "what was let go is given back"


def test_two_files_at_once_are_not_held_in_memory(server: Server) -> None:
    data, memory = REFUSED["60 MiB"](), Memory(server)
    with ThreadPoolExecutor(2) as people:
        assert [status for status, _ in people.map(lambda _: upload(server, data), range(2))] == [
            422, 422,
        ]  # fmt: skip
    assert memory.most < 60


def test_an_eps_reaches_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark, folder = tmp_path / "executed", tmp_path / "bin"
    folder.mkdir()
    for name in ("gs", "gswin64c"):
        (folder / name).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    server = Server(tmp_path / "workspace.sqlite").start()
    try:
        eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 50 50\n%%EndComments\n{ } loop\n"
        status, answer = upload(server, eps, "picture")
        assert status == 422, answer
        assert not mark.exists()
    finally:
        server.close()
