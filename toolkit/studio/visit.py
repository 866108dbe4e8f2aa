"""One page's connection: the letters it sends, the experiment it looks at, what it is told."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from toolkit.experiments import WorkspaceError
from toolkit.studio import leftout, points
from toolkit.studio.answer import Held, compile_answer, start_of
from toolkit.studio.desk import DURABLE, Desk
from toolkit.studio.frames import encode
from toolkit.studio.letters import Letters
from toolkit.studio.notices import FAULT, Notice, refused
from toolkit.studio.pace import Pace
from toolkit.studio.questions import question_of
from toolkit.studio.thrift import Resting
from toolkit.studio.view import View

if TYPE_CHECKING:
    from toolkit.studio.studio import Studio

log = logging.getLogger(__name__)

_KEPT_EARLIER = 8
_MOST_WRITERS = 100
_MOST_NOTICES = 20
_COPIES = 10, 6.0  # of experiments: so many at once, and then one in so many seconds


class Visit:
    """A page that is connected.

    Parameters
    ----------
    studio : Studio
    client : str
        The page's own name for itself, new at each load.
    known : list of str
        Ids of experiments that the browser has been at, newest first.
    wake : callable
        Called, from any thread, when an answer waits to be sent.
    alone : bool
        Whether nobody but this machine is served: then all of the workspace may be listed.
    """

    def __init__(
        self,
        studio: Studio,
        client: str,
        known: list[str],
        wake: Callable[[], None],
        *,
        alone: bool = True,
    ) -> None:
        self.lock = threading.RLock()
        self.studio = studio
        self.client = client
        self.browser = client
        self.known = known
        self.alone = alone
        self.desk: Desk | None = None
        self.view: View | None = None
        self.dirty = False
        self.copies = Pace(*_COPIES)
        self.used = time.monotonic()
        self._resting: Resting | None = None
        self._wake = wake
        self._held = Held()
        self._acks: dict[str, int] = {}
        self._refused: list[dict[str, Any]] = []
        self._unsaved: Notice | None = None
        self._notices: deque[Notice] = deque(maxlen=_MOST_NOTICES)
        self._earlier: list[dict[str, Any]] = []
        self._gone_to: tuple[str, Notice | None] | None = None
        self._writers = {client}

    @property
    def may_list(self) -> list[str] | None:
        """The experiments that may be listed here; None for all."""
        return None if self.alone else self.known

    @property
    def wants(self) -> tuple[str, ...]:
        """Names of the extras that it is shown."""
        view = self.view
        return () if view is None else view.wanted

    # What the desk and others tell it

    def touch(self) -> None:
        """Let the page be answered anew."""
        self.dirty = True
        self._wake()

    def say(self, notice: Notice) -> None:
        """Tell the page something with its next answer."""
        self._notices.append(notice)
        self.touch()

    # Where it is

    def look_at(self, desk: Desk, asked: Mapping[str, Any]) -> None:
        """Look at an experiment, as an address asks for it."""
        with self.lock:
            self._look_at(desk, asked)

    def _look_at(self, desk: Desk, asked: Mapping[str, Any]) -> None:
        self.used, self._resting = time.monotonic(), None
        before = self.desk
        if before is not desk:
            if before is not None and not before.draft:
                here = {
                    "id": before.experiment.id, "name": before.experiment.name,
                    "accuracy": before.score.known_accuracy, "changed": before.experiment.changed,
                }  # fmt: skip
                kept = [each for each in self._earlier if each["id"] != here["id"]]
                self._earlier = [here, *kept][:_KEPT_EARLIER]
                if before.experiment.id not in self.known:
                    self.known.insert(0, before.experiment.id)
            desk.join(self)
            self.desk = desk
            if before is not None:
                before.leave(self)
        self._held = Held()
        # Letters may have gone before the visit: this answer holds what they did.
        self._acks = {each: desk.seen(each) for each in self._writers if desk.seen(each)}
        self._refused, self._unsaved = [], None
        self.view = View(desk.network, desk.laid)
        for problem in self.view.arrange(asked):
            self.say(problem)
        self.touch()

    def leave(self) -> None:
        """End the visit."""
        with self.lock:
            desk, self.desk, self._resting = self.desk, None, None
            self.view, self._held = None, Held()
        if desk is not None:
            desk.leave(self)
            self.studio.release(desk)

    @property
    def is_resting(self) -> bool:
        """Tell whether its experiment was let go until it does something again."""
        return self._resting is not None

    @property
    def is_at_heavy(self) -> bool:
        """Tell whether it looks at an experiment at which heavy work is done, or waits."""
        desk = self.desk
        return desk is not None and desk.is_busy

    def rest(self, before: float) -> None:
        """Let the experiment go until the page does something again.

        Parameters
        ----------
        before : float
            Not if anything was done since then, on the clock of :func:`time.monotonic`.
        """
        with self.lock:
            desk = self.desk
            # Looked at under the lock that who comes back takes after noting the time: a letter
            # is either noted here, or finds that it has to come back.  Who watches another paint
            # is not idle either: a projector in a class.
            if desk is None or self.dirty or max(self.used, desk.used) >= before:
                return
            before_score = desk.before_score
            self._resting = Resting(
                desk.experiment.id, start_of(desk), desk.laid.source, before_score
            )
            desk.leave(self)
            self.desk = None
        self.studio.release(desk)

    def start_of_draft(self, id: str) -> Mapping[str, Any] | None:
        """Return what an experiment starts from, if this page looked at it when it went to rest."""
        resting = self._resting
        return resting.start if resting is not None and resting.id == id else None

    def come_back(self) -> None:
        """Look at what the page looked at before it rested, as if it had not.

        Raises
        ------
        WorkspaceError
            If the workspace cannot be read now.
        ValueError, OSError
            If its network or its digits are not to be had any more.
        """
        self.used = time.monotonic()
        with self.lock:
            resting = self._resting
            if resting is None or self.view is None:
                return
            desk = self.studio.desk(resting.id, resting.start)
            with desk.lock:
                if desk.laid.source != resting.source:
                    desk.use_digits(resting.source)
                desk.before_score = desk.before_score or resting.before_score
            desk.join(self)
            known = self.studio.seated(desk)
            if known is not desk:
                known.join(self)
                desk.leave(self)
            self._resting, self.desk = None, known

    def go(self, id: str, notice: Notice | None = None) -> None:
        """Tell the page to visit another experiment, and to say so."""
        self._gone_to = id, notice
        self._wake()

    def going(self) -> dict[str, Any] | None:
        """Return the frame's head that sends the page elsewhere, once."""
        gone, self._gone_to = self._gone_to, None
        if gone is None:
            return None
        id, notice = gone
        said = {} if notice is None else {"notice": notice.to_dict()}
        return {"kind": "go", "experiment": id, **said}

    def forget_held(self) -> None:
        """Answer in full: the page says that it misses something."""
        with self.lock:  # an answer that is being made says what the page has then
            self._held = Held()
        self.touch()

    def ask(self, head: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Return the reply to a question about the experiment that the page looks at.

        Who asks is this page, whoever it says it is.

        Raises
        ------
        ValueError
            If there is no such question, or no answer, or the page looks at another experiment.
        """
        question, desk, view = question_of(head), self.desk, self.view
        if desk is None or view is None or head.get("experiment") != desk.experiment.id:
            raise ValueError("ask: this page looks at another experiment by now")
        asks = {"client": self.client, "browser": self.browser, "may_list": self.may_list}
        return question.reply(desk, view, {**head, **asks})

    # Letters

    def take(
        self, letters: Letters, desk: Desk, seconds: float = math.inf
    ) -> tuple[dict[str, Any] | None, Letters | None]:
        """Do what letters ask for, one at least.

        Parameters
        ----------
        letters : Letters
        desk : Desk
            Of the experiment that they are for.
        seconds : float
            After so long no further letter is begun.

        Returns
        -------
        dict or None
            What to tell of letters for another experiment; those for the one that the page looks
            at are told of in its next answer.
        Letters or None
            Those that are left.
        """
        if letters.client not in self._writers and len(self._writers) >= _MOST_WRITERS:
            raise ValueError(
                f"letters: expected those of at most {_MOST_WRITERS} pages; reload this one"
            )
        self._writers.add(letters.client)
        # One piece: no answer shows what is done and does not say so.
        with desk.lock:
            return self._take_some(letters, desk, time.monotonic() + seconds)

    def _take_some(
        self, letters: Letters, desk: Desk, until: float
    ) -> tuple[dict[str, Any] | None, Letters | None]:
        here, left = desk is self.desk, None
        acks: dict[str, int] = {}
        problems: list[dict[str, Any]] = []
        unsaved = None
        for number, item in enumerate(letters.items):
            if number and time.monotonic() > until:
                left = replace(letters, items=letters.items[number:])
                break
            seq = item["seq"]
            try:
                why = self._take_one(desk, letters.client, seq, item)
            except WorkspaceError as error:
                fields = {"code": error.code, "text": str(error)}
                unsaved = Notice("unsaved", fields, "error")
                break
            acks[letters.client] = max(seq, acks.get(letters.client, 0))
            if why is not None:
                problems.append({"client": letters.client, "seq": seq, "notice": why.to_dict()})
        desk.touch()
        if not here:
            said = {"kind": "acked", "experiment": desk.experiment.id}
            told = None if unsaved is None else unsaved.to_dict()
            return {**said, "acks": acks, "refused": problems, "unsaved": told}, left
        for client, seq in acks.items():
            self._acks[client] = max(seq, self._acks.get(client, 0))
        self._refused += problems
        self._unsaved = unsaved
        self.touch()
        return None, left

    def _take_one(
        self, desk: Desk, client: str, seq: int, item: Mapping[str, Any]
    ) -> Notice | None:
        kind = item.get("kind")
        try:
            if kind in DURABLE:
                before = desk.experiment
                refusal = desk.take(client, seq, item)
                undone = leftout.told(before, desk.experiment, kind)
                if undone is not None:
                    self.say(undone)
                return refusal
            if seq <= desk.seen(client):
                return desk.refusal(client, seq)
            why = self._take_view(desk, item)
        except (ValueError, OSError) as error:
            why = refused(error)
        except WorkspaceError:
            raise
        except Exception:
            log.exception("a letter could not be answered: %s", str(kind)[:40])
            why = FAULT
        if why is not None and why.kind == "error":
            desk.refuse(client, seq, why)
            return why
        desk.note(client, seq)
        if why is not None:
            self.say(why)
        return None

    def _take_view(self, desk: Desk, item: Mapping[str, Any]) -> Notice | None:
        match item.get("kind"):
            case "select" | "palette" | "want" | "digit":
                if self.view is not None and desk is self.desk:
                    return self.view.do(item, desk.score)
            case "digits":
                desk.use_digits(str(item.get("source")))
            case "fetch":
                self.studio.fetch(cancel=bool(item.get("cancel")))
            case "branch":
                points.branch(self, desk, item)
            case "interpret":
                self.studio.interpret(self, desk, item.get("way"))
            case kind:
                raise ValueError(f"kind: expected one that is known; got {kind!r:.60}")
        return None

    # Answers

    def answer(self) -> bytes | None:
        """Return the frame that shows the page everything as it is now; None with nothing new."""
        desk, view = self.desk, self.view
        if desk is None or view is None or not self.dirty:
            return None
        with desk.lock:
            self.dirty = False
            view.lay(desk.laid)
            notice = self._notices.popleft() if self._notices else None
            said = {
                "acks": self._acks,
                "refused": self._refused,
                "unsaved": None if self._unsaved is None else self._unsaved.to_dict(),
                "notice": None if notice is None else notice.to_dict(),
                "earlier": self._earlier,
            }
            head, blocks, held = compile_answer(desk, view, self._held, self.studio.library, said)
            self._held, self._refused = held, []
        if self._notices:
            self.touch()
        return encode(head, blocks)
