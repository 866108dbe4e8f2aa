"""The page's socket: letters in, answers out; the work is done in threads."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from toolkit.dashboard import modules
from toolkit.experiments import WorkspaceError, check_id
from toolkit.studio import listing
from toolkit.studio.answer import scored
from toolkit.studio.desk import Desk
from toolkit.studio.frames import FrameError, decode, encode
from toolkit.studio.letters import Letters, check_client, check_letters, is_heavy, kinds_of
from toolkit.studio.notices import FAULT, Notice, refused, without_folders
from toolkit.studio.pace import Pace
from toolkit.studio.questions import is_awaited, is_long
from toolkit.studio.studio import Studio
from toolkit.studio.visit import Visit

log = logging.getLogger(__name__)

MOST_BYTES = 8 << 20
"""No larger frame is taken from a page."""
MOST_UNREAD_BYTES = 16 << 20
"""No more answers wait for a page that asks and does not read."""
FRAMES_A_SECOND = 200
_BURST = 600
_BYTES_AT_ONCE, _BYTES_A_SECOND = 8 << 20, 4 << 20
"""Of a page's frames: to read one is one breath, in which the server does nothing else."""
_TOO_LARGE, _TRY_LATER = 1009, 1013
_SHOWN_STEPS = 200
_HELLO_SECONDS = 20.0

NEAR = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
"""Addresses of this machine, to itself."""
WORKERS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="letters")
"""Where letters are answered: a few threads, since each is short and the interpreter is one."""
_OPENERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="opening")
"""Where networks are laid out and digits changed, so that no stroke waits behind that."""
_TELLERS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="answers")
"""Where pages are told what others did, and go: it may wait for an experiment that is at work."""
_ASKED = ThreadPoolExecutor(max_workers=1, thread_name_prefix="questions")
"""Where questions are answered, one after another, so that no stroke waits for many of them."""
_PONDERED = ThreadPoolExecutor(max_workers=2, thread_name_prefix="long questions")
"""Where those are that may take more than a moment, so that who comes in waits for none."""
_AWAITED = ThreadPoolExecutor(max_workers=6, thread_name_prefix="awaited questions")
"""Where those wait that another process works at, so that the long ones do not wait for these."""
HEAVY = ThreadPoolExecutor(max_workers=1, thread_name_prefix="heavy")
"""Where letters are done that are a lot of work in one piece, and whatever waits for these."""
_LONG_ITEMS = frozenset({"branch", "digits", "interpret"})
_SENDING_SECONDS = 0.005
_TURN_SECONDS = 0.03
"""So long are a page's letters done before others have their turn."""

_More = tuple[ThreadPoolExecutor, Callable[[], Any]]
"""What of a frame is still to be done, and where."""
_Action = Callable[["Connection", dict[str, Any]], _More | None]


class Connection:
    """One page's socket.

    Parameters
    ----------
    socket : WebSocket
    studio : Studio
    """

    def __init__(self, socket: WebSocket, studio: Studio) -> None:
        self._socket = socket
        self._studio = studio
        self._visit: Visit | None = None
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._ready: deque[bytes] = deque()
        self._out = threading.Event()
        self._at_work = False
        self._frames = Pace(_BURST, 1 / FRAMES_A_SECOND)
        self._bytes = Pace(_BYTES_AT_ONCE, 1 / _BYTES_A_SECOND)

    async def run(self) -> None:
        """Talk with the page until it goes."""
        await self._socket.accept()
        writer = asyncio.create_task(self._write())
        try:
            while True:
                # Who does not even say hello keeps no place for long.
                async with asyncio.timeout(_HELLO_SECONDS if self._visit is None else None):
                    frame = await self._socket.receive_bytes()
                if len(frame) > MOST_BYTES:
                    await self._socket.close(_TOO_LARGE, "frame too large")
                    return
                if not self._in_time():
                    await self._socket.close(_TRY_LATER, "too many frames")
                    return
                if sum(map(len, self._ready)) > MOST_UNREAD_BYTES:
                    await self._socket.close(_TRY_LATER, "answers are not read")
                    return
                more: _More | None = WORKERS, partial(self._take, frame)
                while more is not None:
                    more = await self._loop.run_in_executor(*more)
                self._bytes.done(len(frame))
                await asyncio.sleep(self._bytes.wait())
        except TimeoutError:
            await self._socket.close(_TRY_LATER, "no hello")
        except (WebSocketDisconnect, RuntimeError, KeyError):
            pass  # gone, or a text where bytes are spoken
        finally:
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
            if self._visit is not None:
                await self._loop.run_in_executor(_TELLERS, self._studio.exit, self._visit)

    def _in_time(self) -> bool:
        self._frames.done(1)
        return self._frames.wait() == 0

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and the page with it
            self._loop.call_soon_threadsafe(self._news.set)

    async def _write(self) -> None:
        """Send what is ready, and have one answer made with all that changed meanwhile."""
        telling: asyncio.Future[None] | None = None
        while True:
            await self._news.wait()
            self._news.clear()
            while self._ready:
                try:
                    await self._socket.send_bytes(self._ready.popleft())
                except (WebSocketDisconnect, RuntimeError):
                    return  # gone; who listens to it notices too
            self._out.set()
            visit, waits = self._visit, telling is not None and not telling.done()
            if visit is not None and visit.dirty and not waits and not self._at_work:
                # Not waited for: where others keep it waiting, what a letter is answered goes out.
                pool = HEAVY if visit.is_at_heavy else _TELLERS
                telling = self._loop.run_in_executor(pool, self._prepare, visit)
                telling.add_done_callback(lambda _: self._news.set())

    def _prepare(self, visit: Visit) -> None:
        """Make the page's answer ready; what it has is known only if answers keep their order."""
        with visit.lock:
            try:
                answer = visit.answer()
            except Exception:
                log.exception("an answer could not be made")
                answer = encode({"kind": "notice", "notice": FAULT.to_dict()})
            if answer is not None:
                self._ready.append(answer)

    def _send(self, head: dict[str, Any]) -> None:
        self._ready.append(encode(head))
        self._wake()

    def _send_at_once(self, head: dict[str, Any]) -> None:
        """Send a frame, and let go of the interpreter until it is on its way.

        Who goes on to compute holds up the loop that sends it, a millisecond or more each time.
        """
        self._out.clear()
        self._send(head)
        self._out.wait(_SENDING_SECONDS)

    def _take(self, frame: bytes) -> _More | None:
        """Answer a frame, or as much of it as takes a moment; return what is left."""
        more: _More | None = None
        with self._telling():
            head = decode(frame)
            action = _ACTIONS.get(str(head.get("kind")))
            if action is None:
                raise FrameError(f"kind: expected one that is known; got {head.get('kind')!r:.60}")
            if self._visit is None and action is not Connection._hello:
                raise FrameError("kind: expected hello first")
            pool = self._pool_of(action, head)
            if pool is None:
                more = self._answer(action, head)
            else:
                more = pool, partial(self._begin, pool, action, head)
        return more

    def _begin(
        self, pool: ThreadPoolExecutor, action: _Action, head: dict[str, Any]
    ) -> _More | None:
        """Answer a frame, or let another pool do it where it would wait for heavy work by now."""
        if pool is not HEAVY and self._waits_for_heavy(head):
            return HEAVY, partial(self._answer, action, head)
        return self._answer(action, head)

    def _pool_of(self, action: _Action, head: dict[str, Any]) -> ThreadPoolExecutor | None:
        """Return where a frame is to be answered; None where that is done at once."""
        if self._waits_for_heavy(head):
            return HEAVY
        if action is Connection._ask and is_awaited(head):
            return _AWAITED
        if action is Connection._ask and is_long(head, self._guest.desk):
            return _PONDERED
        if self._takes_long(action, head):
            return _OPENERS
        return _ASKED if action is Connection._ask else None

    def _waits_for_heavy(self, head: dict[str, Any]) -> bool:
        here = self._visit is not None and self._visit.is_at_heavy
        return here or self._studio.is_busy(head.get("experiment"))

    def _takes_long(self, action: _Action, head: dict[str, Any]) -> bool:
        if action in _LONG:
            return True
        if self._visit is None or action in _IDLE:
            return False
        if self._visit.is_resting:
            return True
        if action not in _ON_ONE:
            return False
        at_hand = self._studio.is_at_hand(head.get("experiment"))
        return not at_hand or not _LONG_ITEMS.isdisjoint(kinds_of(head.get("items")))

    def _answer(self, action: _Action, head: dict[str, Any]) -> _More | None:
        more = None
        with self._telling():
            if self._visit is not None and action not in _IDLE:
                self._visit.come_back()
            more = action(self, head)
            if self._visit is not None and self._visit.dirty:
                # In this thread, while it is at it: another's turn would come later.
                if more is None:
                    self._prepare(self._visit)
                self._wake()
        return more

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell the page of what goes wrong meanwhile."""
        try:
            yield
        except FrameError as error:
            self._tell(Notice("unreadable", {"text": str(error)}, "error"))
        except (ValueError, OSError) as error:
            self._tell(refused(error))
        except WorkspaceError as error:
            self._tell(Notice("unsaved", {"code": error.code, "text": str(error)}, "error"))
        except Exception:
            log.exception("a frame could not be answered")
            self._tell(FAULT)

    def _tell(self, notice: Notice) -> None:
        self._send({"kind": "notice", "notice": notice.to_dict()})

    def _hello(self, head: dict[str, Any]) -> None:
        if self._visit is None:
            client = check_client(head.get("client"))
            browser = check_client(head.get("browser", client))
            here = self._socket.client
            near = here is not None and here.host in NEAR
            self._visit = self._studio.enter(client, head.get("known"), self._wake, near=near)
            self._visit.browser = browser
        if head.get("modules") != modules.version():
            self._send({"kind": "reload"})

    @property
    def _guest(self) -> Visit:
        assert self._visit is not None
        return self._visit

    def _go_to(self, head: dict[str, Any]) -> None:
        self._studio.open(self._guest, head)

    def _letters(self, head: dict[str, Any]) -> _More | None:
        return self._do(check_letters(head))

    def _go_on(self, letters: Letters) -> _More | None:
        return self._answer(lambda self, _: self._do(letters), {})

    def _do(self, letters: Letters, *, now: bool = False) -> _More | None:
        """Do what letters ask for, as many of them as take a moment; return what is left."""
        visit = self._guest
        try:
            desk = self._studio.desk(letters.experiment, letters.start)
        except (ValueError, WorkspaceError) as error:
            known = isinstance(error, WorkspaceError) and error.code != "no-such"
            self._send(_unsaved(letters.experiment, error) if known else _lost(letters, error))
            return None
        if not now and is_heavy(letters.items, desk.experiment):
            desk.await_heavy(1)
            return HEAVY, partial(self._do_heavy, letters, desk)
        told, left = None, None
        self._at_work = not now
        try:
            told, left, first = self._take_letters(letters, desk, now=now)
            if first is not None:
                self._send_at_once(first)  # on the screen while the rest is made
        finally:
            self._at_work = False
            if told is not None or desk is not visit.desk:
                self._studio.release(desk)
        if told is not None:
            self._send(told)
        elsewhere = visit.going()
        if elsewhere is not None:
            self._send(elsewhere)
        if left is None:
            return None
        short = _LONG_ITEMS.isdisjoint(kinds_of(left.items))
        pool = HEAVY if desk.is_busy else WORKERS if short else _OPENERS
        return pool, partial(self._go_on, left)

    def _take_letters(
        self, letters: Letters, desk: Desk, *, now: bool
    ) -> tuple[dict[str, Any] | None, Letters | None, dict[str, Any] | None]:
        """Have letters done; return what a visit does, and the accuracy if it is another."""
        with desk.after_others() if now else desk.lock:
            before = desk.score
            told, left = self._guest.take(letters, desk, _TURN_SECONDS)
            # Told at once: whoever makes an answer of it next has the desk for longer.
            first = scored(desk) if told is None and desk.score is not before else None
        return told, left, first

    def _do_heavy(self, letters: Letters, awaited: Desk) -> _More | None:
        with contextlib.ExitStack() as waits:
            waits.callback(awaited.await_heavy, -1)

            def do(self: Connection, head: dict[str, Any]) -> _More | None:
                try:
                    return self._do(letters, now=True)
                finally:
                    waits.close()  # before its answer, to which the page may write again at once

            return self._answer(do, {})

    def _history(self, head: dict[str, Any]) -> None:
        experiment = self._studio.experiment(check_id(head.get("experiment")))
        first = head.get("first")
        if isinstance(first, bool) or not isinstance(first, int):
            first = len(experiment.steps) - _SHOWN_STEPS
        first = max(0, min(first, len(experiment.steps)))
        shown = experiment.steps[first : first + _SHOWN_STEPS]
        self._send(
            {
                "kind": "history",
                "experiment": experiment.id,
                "cursor": experiment.cursor,
                "count": len(experiment.steps),
                "first": first,
                "steps": [
                    [step.name, step.change, step.accuracy_after, step.why] for step in shown
                ],
                "save_points": [
                    [point.name, point.cursor, point.made] for point in experiment.save_points
                ],
            }
        )

    def _ask(self, head: dict[str, Any]) -> None:
        number = head.get("id")
        if isinstance(number, bool) or not isinstance(number, int):
            raise FrameError("ask: expected a whole number as its id")
        reply: dict[str, Any] = {"kind": "reply", "id": number}
        try:
            found, data = self._guest.ask(head)
            reply.update(found)
        except (ValueError, OSError) as error:
            reply["error"], data = without_folders(str(error)), b""
        except Exception:
            log.exception("a question could not be answered: %s", str(head.get("what"))[:40])
            reply["error"] = "That did not work, through a fault of this program."
            data = b""
        self._ready.append(encode(reply, [data]))
        self._wake()

    def _list(self, head: dict[str, Any]) -> None:
        studio = self._studio
        self._send(listing.experiments(studio.workspace, studio.library, self._guest.may_list))

    def _manage(self, head: dict[str, Any]) -> None:
        made = self._studio.manage(head, self._guest)
        if made is not None:
            self._guest.known.insert(0, made)
        self._list(head)

    def _again(self, head: dict[str, Any]) -> None:
        self._guest.forget_held()

    def _pong(self, head: dict[str, Any]) -> None:
        self._send({"kind": "pong"})


def _unsaved(experiment: str, error: Exception) -> dict[str, Any]:
    code = error.code if isinstance(error, WorkspaceError) else "unreadable"
    notice = Notice("unsaved", {"code": code, "text": str(error)}, "error")
    said = {"kind": "acked", "experiment": experiment, "acks": {}, "refused": []}
    return {**said, "unsaved": notice.to_dict()}


def _lost(letters: Any, error: Exception) -> dict[str, Any]:
    """Refuse letters for an experiment that is not here, so that the page keeps them aside."""
    notice = Notice("no-such-experiment", {"text": str(error)}, "error").to_dict()
    problems = [
        {"client": letters.client, "seq": item["seq"], "notice": notice} for item in letters.items
    ]
    acks = {letters.client: letters.items[-1]["seq"]} if letters.items else {}
    said = {"kind": "acked", "experiment": letters.experiment, "acks": acks}
    return {**said, "refused": problems, "unsaved": None}


_ACTIONS: dict[str, _Action] = {
    "hello": Connection._hello,
    "visit": Connection._go_to,
    "letters": Connection._letters,
    "history": Connection._history,
    "ask": Connection._ask,
    "list": Connection._list,
    "manage": Connection._manage,
    "again": Connection._again,
    "ping": Connection._pong,
}
_LONG = {Connection._go_to, Connection._list, Connection._manage}
_ON_ONE = {Connection._letters, Connection._history, Connection._ask}
"""What may have to read an experiment first, or lay it out."""
_IDLE = {Connection._hello, Connection._go_to, Connection._pong}
"""What a page says without a person's doing anything, or without needing where it was."""


def endpoint(studio: Callable[[], Studio]) -> Callable[[WebSocket], Any]:
    """Return the socket's endpoint.

    Parameters
    ----------
    studio : callable
        Gives the server's studio, made when first asked for.
    """

    async def talk(socket: WebSocket) -> None:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(WORKERS, studio)
        await Connection(socket, found).run()

    return talk
