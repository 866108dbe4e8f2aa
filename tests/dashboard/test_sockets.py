"""What a socket's frames wait for, without a network between."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import socket
import threading
import time
import weakref
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.requests import Request
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.dashboard.talk import complete
from tests.studio.conftest import FewDigits
from toolkit.dashboard import behind, modules, server, sockets
from toolkit.dashboard.files import MARK, Files
from toolkit.dashboard.sockets import WORKERS, Connection
from toolkit.edits import Several
from toolkit.experiments import Experiment, Workspace
from toolkit.network import Network
from toolkit.studio.desk import Desk
from toolkit.studio.figures import Figures
from toolkit.studio.frames import encode
from toolkit.studio.questions import QUESTIONS, Question
from toolkit.studio.studio import Studio
from toolkit.studio.visit import Visit

_SECONDS = 20.0


class Line:
    """A page's end of a socket, and as much of the server's end as a connection uses."""

    client = None

    def __init__(self, studio: Studio, name: str) -> None:
        self.name = name
        self._frames: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.gone = False
        self.heard: list[dict[str, Any]] = []
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
            while True:
                head = await self._answers.get()
                self.heard.append(head)
                if head["kind"] == kind:
                    return head

    async def visit(self) -> dict[str, Any]:
        self.say(kind="visit", start={"network": "random"}, view={})
        return await self.hear("answer")

    def stroke(self, state: dict[str, Any], seq: int) -> None:
        self.strokes(state, seq)

    def strokes(self, state: dict[str, Any], *seqs: int) -> None:
        edit = {"kind": "stroke", "layer": 1, "neuron": 0, "keep": 0, "put": 1.0, "tool": "brush"}
        items = [{"seq": seq, "kind": "edit", "edit": {**edit, "cells": [seq]}} for seq in seqs]
        self.say(kind="letters", experiment=state["experiment"], start=state["start"],
                 client=self.name, items=items)  # fmt: skip

    async def acknowledged(self, state: dict[str, Any], seq: int) -> dict[str, Any]:
        """Hear on until a letter is acknowledged: class means, say, have answers of their own."""
        while state["acks"].get(self.name, 0) < seq:
            state = await self.hear("answer")
        return state

    async def paint(self, state: dict[str, Any]) -> list[int]:
        """Make three strokes, each once the one before is answered; return the cursors."""
        seen = []
        for seq in (1, 2, 3):
            self.stroke(state, seq)
            state = await self.acknowledged(state, seq)
            seen.append(state["history"]["cursor"])
        return seen

    async def close(self) -> None:
        self._frames.put_nowait(None)
        await self._task


async def painted(
    painter: Line, state: dict[str, Any], done: threading.Event, others: list[Line], kind: str
) -> list[int]:
    """Paint while others are kept waiting; return the cursors once these have heard too."""
    try:
        seen = await painter.paint(state)
    finally:
        done.set()
    for each in others:
        await each.hear(kind)
    for each in (painter, *others):
        await each.close()
    return seen


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
            return await painted(painter, state, done, others, "answer")

    assert complete(scene()) == [1, 2, 3]
    studio.workspace.close()


def test_who_sends_much_is_read_more_slowly_and_others_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two pages that sent 8 MiB after 8 MiB made a stroke take 240 ms, and up to a second."""
    monkeypatch.setattr(sockets, "_BYTES_AT_ONCE", 10_000)
    monkeypatch.setattr(sockets, "_BYTES_A_SECOND", 20_000)
    studio = Studio(Workspace(tmp_path / "w.sqlite"), FewDigits(), started_with="random")

    async def scene() -> tuple[float, list[int]]:
        painter, other = Line(studio, "painter"), Line(studio, "other")
        state = await painter.visit()
        began = time.monotonic()
        for _ in range(2):
            other.say(kind="ping", more="a" * 10_000)
        other.say(kind="ping")
        seen = await painter.paint(state)
        for _ in range(3):
            await other.hear("pong")
        taken = time.monotonic() - began
        for each in (painter, other):
            await each.close()
        return taken, seen

    taken, seen = complete(scene())
    assert seen == [1, 2, 3]
    assert taken > 0.45
    studio.workspace.close()


def test_a_stroke_does_not_wait_for_files_that_are_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio(Workspace(tmp_path / "w.sqlite"), FewDigits(), started_with="random")
    files = Files(lambda: studio, Figures())
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
        try:
            # All of them are at it, which are more than there are threads for letters.
            for _ in uploads:
                assert await asyncio.to_thread(reading.acquire, timeout=_SECONDS)
            seen = await painter.paint(state)
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
        state = await line.acknowledged(state, 2)
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
    monkeypatch.setattr(behind, "begin", lambda: None)
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


def test_a_stroke_does_not_wait_for_all_that_others_have_to_send(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when pages come back on line with hundreds of strokes each."""
    studio = Studio(Workspace(tmp_path / "w.sqlite"), FewDigits(), started_with="random")
    done, taken = 40, Desk.take

    def slow(self: Desk, *given: Any) -> Any:
        time.sleep(0.005)
        return taken(self, *given)

    async def scene() -> list[int]:
        painter = Line(studio, "painter")
        state = await painter.visit()
        others = [Line(studio, f"other{number}") for number in range(WORKERS._max_workers)]
        states = [await each.visit() for each in others]
        monkeypatch.setattr("toolkit.dashboard.sockets._TURN_SECONDS", 0.0)
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(Desk, "take", slow)
            for each, theirs in zip(others, states, strict=True):
                each.strokes(theirs, *range(1, done + 1))
            await asyncio.sleep(0.05)
            painter.stroke(state, 1)
            await painter.acknowledged(state, 1)
            cursors = [studio._desks[theirs["experiment"]].experiment.cursor for theirs in states]
            for each, theirs in zip(others, states, strict=True):
                theirs = await each.acknowledged(theirs, done)
                assert theirs["history"]["cursor"] == done, "each once, and in order"
        for each in (painter, *others):
            await each.close()
        return cursors

    cursors = complete(scene())
    assert max(cursors) < done, "nobody was done yet"
    studio.workspace.close()


def test_who_watches_an_experiment_that_is_at_work_holds_nobody_up(tmp_path: Path) -> None:
    studio = Studio(Workspace(tmp_path / "w.sqlite"), FewDigits(), started_with="random")

    async def scene() -> None:
        painter, first = Line(studio, "painter"), Line(studio, "first")
        state, shared = await painter.visit(), await first.visit()
        watchers = [Line(studio, f"watcher{number}") for number in range(WORKERS._max_workers + 1)]
        for each in watchers:
            each.say(kind="visit", experiment=shared["experiment"], start=shared["start"], view={})
            await each.hear("answer")
        desk = studio._desks[shared["experiment"]]
        with desk.lock:
            desk.touch()  # all of them are to be answered, and wait
            gone = asyncio.create_task(watchers[0].close())
            await asyncio.sleep(0.1)
            studio._desks[state["experiment"]].touch()  # and so has the painter, behind them
            await asyncio.sleep(0.1)
            painter.stroke(state, 1)
            state = await painter.acknowledged(state, 1)
            assert state["history"]["cursor"] == 1
        await gone
        for each in (painter, first, *watchers[1:]):
            await each.close()

    complete(scene())
    studio.workspace.close()


def test_the_accuracy_comes_before_any_answer_that_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio(Workspace(tmp_path / "w.sqlite"), FewDigits(), started_with="random")
    answer = Visit.answer

    def slow(visit: Visit) -> bytes | None:
        # Whoever makes an answer has the desk to itself.
        with contextlib.nullcontext() if visit.desk is None else visit.desk.lock:
            time.sleep(0.02)
            return answer(visit)

    monkeypatch.setattr(Visit, "answer", slow)

    async def scene() -> None:
        painter, other = Line(studio, "painter"), Line(studio, "other")
        state = await painter.visit()
        other.say(kind="visit", experiment=state["experiment"], start=state["start"], view={})
        await other.hear("answer")
        for seq in (1, 2, 3, 4):
            painter.heard.clear()
            painter.stroke(state, seq)
            state = await painter.acknowledged(state, seq)
            told = [head for head in painter.heard if head.get("revision") == state["revision"]]
            assert [head["kind"] for head in told[:2]] == ["scored", "answer"]
            assert told[0]["score"]["correct"] == state["score"]["correct"]
        for each in (painter, other):
            await each.close()

    complete(scene())
    studio.workspace.close()


def test_a_history_lays_no_network_out(tmp_path: Path) -> None:
    studio = Studio(Workspace(tmp_path / "w.sqlite"), FewDigits(), started_with="random")
    kept = [Experiment(Network.random(seed=number)) for number in range(3)]
    for each in kept:
        studio.workspace.create(each)

    async def scene() -> None:
        line = Line(studio, "one")
        await line.visit()
        for each in kept:
            line.say(kind="history", experiment=each.id)
            assert (await line.hear("history"))["experiment"] == each.id
        await line.close()

    complete(scene())
    assert not {each.id for each in kept} & set(studio._desks)
    studio.workspace.close()


def test_what_takes_long_is_known_before_it_is_begun(tmp_path: Path) -> None:
    studio = Studio(Workspace(tmp_path / "w.sqlite"), FewDigits(), started_with="random")
    other = Experiment(Network.random(seed=1))
    studio.workspace.create(other)

    async def scene() -> dict[str, bool]:
        connection = Connection(cast(WebSocket, None), studio)
        visit = connection._visit = studio.enter("one", [], lambda: None)
        studio.open(visit, {"start": {"network": "random"}})
        visit.answer()
        assert visit.desk is not None
        here, long = visit.desk.experiment.id, connection._takes_long

        def frame(id: str, *kinds: str) -> dict[str, Any]:
            return {"experiment": id, "items": [{"kind": kind} for kind in kinds]}

        found = {
            "a stroke": long(Connection._letters, frame(here, "edit", "undo")),
            "digits": long(Connection._letters, frame(here, "edit", "digits")),
            "a reading": long(Connection._letters, frame(here, "interpret")),
            "a stroke elsewhere": long(Connection._letters, frame(other.id, "edit")),
            "a history": long(Connection._history, frame(here)),
            "a history elsewhere": long(Connection._history, frame(other.id)),
            "the list": long(Connection._list, {}),
            "an experiment's card": long(Connection._manage, {}),
            "a visit": long(Connection._go_to, {}),
        }
        visit.rest(math.inf)
        found["a stroke of who rested"] = long(Connection._letters, frame(here, "edit"))
        return found

    assert [what for what, long in complete(scene()).items() if not long] == [
        "a stroke", "a history"
    ]  # fmt: skip
    studio.workspace.close()


_MANY = {"kind": "several", "edits": [{"kind": "bias", "layer": 1, "neuron": 0, "value": 1}] * 17}


def test_a_stroke_does_not_wait_for_letters_of_many_edits_nor_for_who_waits_for_these(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio(Workspace(tmp_path / "w.sqlite"), FewDigits(), started_with="random")
    done, begun, made = threading.Event(), threading.Semaphore(0), Several.made

    def slow(self: Several, network: Network) -> Any:
        begun.release()
        assert done.wait(_SECONDS)
        return made(self, network)

    def heavy(line: Line, state: dict[str, Any], seq: int) -> None:
        line.say(kind="letters", experiment=state["experiment"], start=state["start"],
                 client=line.name, items=[{"seq": seq, "kind": "edit", "edit": _MANY}])  # fmt: skip

    async def scene() -> tuple[list[int], list[int]]:
        painter = Line(studio, "painter")
        state = await painter.visit()
        people = range(2 * WORKERS._max_workers)
        at_work = [Line(studio, f"work{number}") for number in people]
        theirs = [await each.visit() for each in at_work]
        beside = [Line(studio, f"beside{number}") for number in people]
        where = {"experiment": theirs[0]["experiment"], "start": theirs[0]["start"], "view": {}}
        for each in beside:
            each.say(kind="visit", **where)
            await each.hear("answer")
        newcomer = Line(studio, "newcomer")
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(Several, "made", slow)
            for each, its in zip(at_work, theirs, strict=True):
                heavy(each, its, 1)
            assert await asyncio.to_thread(begun.acquire, timeout=_SECONDS)
            try:
                for each in beside[:5]:
                    each.stroke(theirs[0], 1)
                for number, each in enumerate(beside[5:], 1):
                    each.say(kind="ask", id=number, what="bias", **where)
                late = [Line(studio, f"late{number}") for number in range(3)]
                for each in late:
                    each.say(kind="visit", **where)
                studio._desks[where["experiment"]].touch()
                await asyncio.sleep(0.1)
                seen = await painter.paint(state)
                await newcomer.visit()
            finally:
                done.set()
            cursors = []
            for each, its in zip(at_work, theirs, strict=True):
                its = await each.acknowledged(its, 1)
                cursors.append(its["history"]["cursor"])
        for each in (painter, newcomer, *at_work, *beside, *late):
            await each.close()
        return seen, cursors

    seen, cursors = complete(scene())
    assert seen == [1, 2, 3]
    assert min(cursors) >= 1
    assert not any(desk.is_busy for desk in studio._desks.values())
    studio.workspace.close()


def test_who_comes_in_does_not_wait_for_long_questions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While six pages compared points, the page took four seconds to open."""
    studio = Studio(Workspace(tmp_path / "w.sqlite"), FewDigits(), started_with="random")
    done = threading.Event()

    def slow(*_: Any) -> tuple[dict[str, Any], bytes]:
        assert done.wait(2 * _SECONDS)
        return {}, b""

    monkeypatch.setitem(QUESTIONS, "slow", Question(slow, long=True))

    async def scene() -> dict[str, Any]:
        others = [Line(studio, f"other{number}") for number in range(4)]
        for each in others:
            where = (await each.visit())["experiment"]
            each.say(kind="ask", id=1, what="slow", experiment=where)
        await asyncio.sleep(0.1)
        newcomer = Line(studio, "newcomer")
        try:
            state = await newcomer.visit()
            # Nor does who has a training stopped.
            where = state["experiment"]
            newcomer.say(kind="ask", id=1, what="learning", do="stop", experiment=where)
            assert "error" not in await newcomer.hear("reply")
        finally:
            done.set()
        for each in others:
            await each.hear("reply")
        for each in (newcomer, *others):
            await each.close()
        return state

    assert complete(scene())["kind"] == "answer"
    studio.workspace.close()


def test_a_stroke_does_not_wait_for_questions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio(Workspace(tmp_path / "w.sqlite"), FewDigits(), started_with="random")
    done = threading.Event()

    def slow(*_: Any) -> tuple[dict[str, Any], bytes]:
        assert done.wait(_SECONDS)
        return {}, b""

    monkeypatch.setitem(QUESTIONS, "slow", Question(slow))

    async def scene() -> list[int]:
        painter = Line(studio, "painter")
        state = await painter.visit()
        others = [Line(studio, f"other{number}") for number in range(2 * WORKERS._max_workers)]
        for each in others:
            where = (await each.visit())["experiment"]
            each.say(kind="ask", id=1, what="slow", experiment=where)
        return await painted(painter, state, done, others, "reply")

    assert complete(scene()) == [1, 2, 3]
    studio.workspace.close()


def test_a_question_has_a_reply_of_its_own(tmp_path: Path) -> None:
    studio = Studio(Workspace(tmp_path / "w.sqlite"), FewDigits(), started_with="random")

    async def scene() -> tuple[dict[str, Any], dict[str, Any]]:
        line = Line(studio, "one")
        experiment = (await line.visit())["experiment"]
        line.say(kind="ask", id=7, what="unheard-of", experiment=experiment)
        reply = await line.hear("reply")
        line.say(kind="ask", id="seven", what="unheard-of", experiment=experiment)
        said = await line.hear("notice")
        await line.close()
        return reply, said

    reply, said = complete(scene())
    assert (reply["id"], reply["error"][:12]) == (7, "ask: expecte")
    assert "whole number" in said["notice"]["fields"]["text"]
    studio.workspace.close()
