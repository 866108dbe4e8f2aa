"""What a socket's frames wait for, without a network between."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import weakref
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.requests import Request
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.dashboard.talk import complete
from tests.studio.conftest import FewDigits
from toolkit.dashboard import modules, server
from toolkit.dashboard.files import MARK, Files
from toolkit.dashboard.sockets import WORKERS, Connection
from toolkit.experiments import Workspace
from toolkit.studio.frames import encode
from toolkit.studio.studio import Studio

_SECONDS = 20.0


class Line:
    """A page's end of a socket, and as much of the server's end as a connection uses."""

    client = None

    def __init__(self, studio: Studio, name: str) -> None:
        self.name = name
        self._frames: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.gone = False
        self._task = asyncio.create_task(Connection(cast(WebSocket, self), studio).run())
        self.say(kind="hello", client=name, modules=modules.version(), known=[])

    async def accept(self) -> None:
        pass

    async def receive_bytes(self) -> bytes:
        frame = await self._frames.get()
        if frame is None:
            raise WebSocketDisconnect
        return frame

    async def send_bytes(self, frame: bytes) -> None:
        if self.gone:
            raise WebSocketDisconnect
        size = int.from_bytes(frame[:4], "little")
        await self._answers.put(json.loads(frame[4 : 4 + size]))

    def say(self, **head: Any) -> None:
        self._frames.put_nowait(encode(head))

    async def hear(self, kind: str) -> dict[str, Any]:
        async with asyncio.timeout(_SECONDS):
            while (head := await self._answers.get())["kind"] != kind:
                pass
        return head

    async def visit(self) -> dict[str, Any]:
        self.say(kind="visit", start={"network": "random"}, view={})
        return await self.hear("answer")

    def stroke(self, state: dict[str, Any], seq: int) -> None:
        edit = {"kind": "stroke", "layer": 1, "neuron": 0, "cells": [seq], "keep": 0, "put": 1.0,
                "tool": "brush"}  # fmt: skip
        self.say(kind="letters", experiment=state["experiment"], start=state["start"],
                 client=self.name, items=[{"seq": seq, "kind": "edit", "edit": edit}])  # fmt: skip

    async def close(self) -> None:
        self._frames.put_nowait(None)
        await self._task


def test_a_stroke_does_not_wait_for_networks_that_are_being_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio(Workspace(tmp_path / "w.sqlite"), FewDigits(), started_with="random")

    async def scene() -> list[int]:
        painter = Line(studio, "painter")
        state = await painter.visit()
        done, lay_out = threading.Event(), studio.open

        def slow(*given: Any) -> None:
            assert done.wait(_SECONDS)
            lay_out(*given)

        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(studio, "open", slow)
            others = [Line(studio, f"other{number}") for number in range(2 * WORKERS._max_workers)]
            for each in others:
                each.say(kind="visit", start={"network": "random"}, view={})
            await asyncio.sleep(0.2)
            try:
                seen = []
                for seq in (1, 2, 3):
                    painter.stroke(state, seq)
                    state = await painter.hear("answer")
                    seen.append(state["history"]["cursor"])
            finally:
                done.set()
            for each in others:
                await each.hear("answer")
        for each in (painter, *others):
            await each.close()
        return seen

    assert complete(scene()) == [1, 2, 3]
    studio.workspace.close()


def test_a_stroke_does_not_wait_for_files_that_are_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio(Workspace(tmp_path / "w.sqlite"), FewDigits(), started_with="random")
    files = Files(lambda: studio, server.FIGURES)
    done, reading = threading.Event(), threading.Semaphore(0)

    def slow(*_: Any) -> str:
        reading.release()
        assert done.wait(_SECONDS)
        return "opened"

    async def upload() -> int:
        async def body() -> dict[str, Any]:
            return {"type": "http.request", "body": b"a network"}

        head = {"type": "http", "method": "POST", "query_string": b"name=net.npz",
                "headers": [(MARK.encode(), b"1"), (b"content-length", b"9")]}  # fmt: skip
        return (await files.upload(Request(head, body))).status_code

    async def scene() -> tuple[list[int], list[int]]:
        painter = Line(studio, "painter")
        state = await painter.visit()
        uploads = [asyncio.create_task(upload()) for _ in range(8)]
        seen = []
        try:
            # All of them are at it, which are more than there are threads for letters.
            for _ in uploads:
                assert await asyncio.to_thread(reading.acquire, timeout=_SECONDS)
            for seq in (1, 2, 3):
                painter.stroke(state, seq)
                state = await painter.hear("answer")
                seen.append(state["history"]["cursor"])
        finally:
            done.set()
        statuses = [await each for each in uploads]
        await painter.close()
        return seen, statuses

    monkeypatch.setattr(studio, "upload", slow)
    assert WORKERS._max_workers < 8
    assert complete(scene()) == ([1, 2, 3], [200] * 8)
    studio.workspace.close()


def test_what_a_page_sends_behind_its_visit_is_done_after_it(tmp_path: Path) -> None:
    studio = Studio(Workspace(tmp_path / "w.sqlite"), FewDigits(), started_with="random")

    async def scene() -> int:
        line = Line(studio, "one")
        state = await line.visit()
        line.say(kind="visit", experiment=state["experiment"], start=state["start"], view={})
        line.stroke(state, 1)
        line.say(kind="visit", experiment=state["experiment"], start=state["start"], view={})
        line.stroke(state, 2)
        while state["acks"].get("one", 0) < 2:
            state = await line.hear("answer")
        await line.close()
        return int(state["history"]["cursor"])

    assert complete(scene()) == 2
    studio.workspace.close()


def test_a_page_that_goes_before_its_answer_leaves_nothing_behind(tmp_path: Path) -> None:
    studio = Studio(Workspace(tmp_path / "w.sqlite"), FewDigits(), started_with="random")

    async def scene() -> None:
        line = Line(studio, "one")
        state = await line.visit()
        assert studio._visits
        line.gone = True
        line.stroke(state, 1)
        await asyncio.sleep(0.2)
        await line.close()

    complete(scene())
    assert not studio._visits
    (entry,) = studio.workspace.entries()
    assert entry.steps == 1, "what it did is kept"
    studio.workspace.close()


def test_no_small_frame_waits_until_the_one_before_it_is_confirmed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class NoSignals:
        def watch(self) -> None:
            pass

        def end(self) -> None:
            pass

    async def serve() -> None:
        async with server._lifespan(None):
            pass

    monkeypatch.setattr(server, "Ending", NoSignals)
    gone = weakref.proxy(NoSignals())  # of such things there are many
    with socket.socket(family=socket.AF_INET) as listening:  # as Streamlit makes its own
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        complete(serve())
        with socket.create_connection(listening.getsockname()):
            accepted, _ = listening.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    del gone
