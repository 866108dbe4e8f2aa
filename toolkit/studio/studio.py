"""What all pages of one server share: the workspace, the digits, the desks in use."""

from __future__ import annotations

import math
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from toolkit.experiments import Experiment, Workspace, WorkspaceError, check_id
from toolkit.formats import NetworkFileError
from toolkit.network import Network
from toolkit.studio import features as _features  # noqa: F401  # it fills lists of what may be asked
from toolkit.studio import listing
from toolkit.studio.arrivals import Arrivals
from toolkit.studio.desk import Desk, check_name
from toolkit.studio.letters import ids_of, mapping_of
from toolkit.studio.library import Library
from toolkit.studio.memory import IDLE_SECONDS, MOST_SCORED_BYTES, give_back_soon
from toolkit.studio.notices import Notice, not_opened, opened
from toolkit.studio.pace import Pace
from toolkit.studio.starts import DEFAULT_NETWORK, Starts, with_digits
from toolkit.studio.thrift import ANSWER_SECONDS, spare
from toolkit.studio.visit import Visit

_COPIES = 60, 1.0  # of experiments: so many at once, and then one in so many seconds
_IDLE_DESKS = 8
_IDLE_BYTES = 64 << 20
"""No more is held for desks that no page is at."""
_LARGE_BYTES = 32 << 20
_DOORS = 16
_FRESH_SECONDS = 2.0
"""So long after it was laid out a desk is kept for the page that asked for it."""
_FETCH_NEWS_SECONDS = 0.4


class Studio:
    """The work of one server.

    Parameters
    ----------
    workspace : Workspace
    library : Library, optional
    started_with : str, optional
        The network that a bare address opens: a shipped name, or a path that whoever started the
        server named.
    alone : bool
        Whether none but this machine can reach the server: then its pages may list all of the
        workspace, else each browser only what it has been at.
    most_bytes : int
        Held of all networks on all digits.
    idle_seconds : float
        So long after its last gesture a page's experiment is let go.
    """

    def __init__(
        self,
        workspace: Workspace,
        library: Library | None = None,
        *,
        started_with: str | None = None,
        alone: bool = True,
        most_bytes: int = MOST_SCORED_BYTES,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self.most_bytes, self.idle_seconds = most_bytes, idle_seconds
        self.workspace = workspace
        self.library = library or Library()
        self.library.make_room = self._make_room
        self.alone = alone
        self.copies = Pace(*_COPIES)
        self._starts = Starts(
            self.library, started_with or os.environ.get("TOOLKIT_NETWORK") or DEFAULT_NETWORK
        )
        self._lock = threading.RLock()
        self._doors = [threading.Lock() for _ in range(_DOORS)]
        self._desks: OrderedDict[str, Desk] = OrderedDict()
        self._visits: set[Visit] = set()
        self._arrivals = Arrivals(self)
        self._watching = False

    # Visits

    def enter(
        self, client: str, known: object, wake: Callable[[], None], *, near: bool = True
    ) -> Visit:
        """Let a page in.

        Parameters
        ----------
        client, known, wake
            As :class:`Visit` takes them.
        near : bool
            Whether it is on this machine.
        """
        visit = Visit(self, client, ids_of(known), wake, alone=self.alone and near)
        with self._lock:
            self._visits.add(visit)
        return visit

    def visit_of(self, client: str) -> Visit | None:
        """Return the visit of the page that calls itself `client`, if it is connected."""
        return next((visit for visit in tuple(self._visits) if visit.client == client), None)

    def exit(self, visit: Visit) -> None:
        """Let a page go; what it did is in the workspace."""
        with self._lock:
            self._visits.discard(visit)
        visit.leave()

    def open(self, visit: Visit, head: Mapping[str, Any]) -> None:
        """Bring a page to the experiment that it asks for, or to one that it can have."""
        asked, start = head.get("experiment"), mapping_of(head.get("start"))
        view = mapping_of(head.get("view"))
        notices: list[Notice] = []
        desk = None
        if asked is not None:
            try:
                desk = self.desk(check_id(asked), start)
            except (ValueError, WorkspaceError) as error:
                notices.append(not_opened(error))
        if desk is None:
            desk, problem = self.draft(start)
            notices += [problem] if problem else []
            if asked is None and not start and not problem:
                notices += self._offer_last(visit)
        view, replaced = with_digits(desk, view)
        notices += [replaced] if replaced else []
        notices += self.library.troubles(desk.laid.source)
        repaired = self.workspace.repaired
        if repaired is not None:
            notices.append(Notice("workspace-repaired", {"text": str(repaired)}, "error"))
        previous = visit.desk
        visit.look_at(desk, view)
        known = self.seated(desk)
        if known is not desk:
            desk = known
            visit.look_at(desk, view)
        arrived = self._arrivals.news(desk.experiment.id)
        if arrived is not None:
            notices.append(arrived)
        elif start and previous is not None and previous is not desk and not notices:
            earlier = None if previous.draft else previous.experiment
            notices.append(opened(desk.experiment, earlier))
        for notice in notices:
            visit.say(notice)
        if previous is not None and previous is not desk:
            self.release(previous)

    def _offer_last(self, visit: Visit) -> list[Notice]:
        """Offer to go on with the work that was done last."""
        try:
            last = self.workspace.last(visit.may_list)
        except WorkspaceError:
            return []
        if last is None:
            return []
        fields = {
            "id": last.id, "name": last.name, "accuracy": last.accuracy,
            "changed": last.changed, "steps": last.cursor,
        }  # fmt: skip
        return [Notice("last-experiment", fields, actions=[{"label": "go-on", "visit": last.id}])]

    # Desks

    def desk(self, id: str, start: Mapping[str, Any] | None = None) -> Desk:
        """Return the desk of an experiment, laid out if it is not in use.

        Parameters
        ----------
        id : str
        start : mapping, optional
            What a draft of that id starts from, where the workspace does not have it.

        Raises
        ------
        WorkspaceError
            If the workspace does not have it and no start is given, or cannot be read.
        ValueError
            If the start is not to be had.
        """
        found = self._in_use(id)
        if found is not None:
            return found
        # One desk an experiment; laying it out takes a while, in which others are not kept waiting.
        with self._doors[int(id[:2], 16) % len(self._doors)]:
            found = self._in_use(id)
            if found is not None:
                return found
            try:
                found = Desk(self.workspace.load(id), self.workspace, self.library, stored=True)
            except WorkspaceError as error:
                if error.code != "no-such" or not start:
                    raise
                found = self._draft(start, id)
            with self._lock:
                found.understood = self._arrivals.understood(id)
                self._desks[id] = found
            return found

    def lay_out(self, experiment: Experiment) -> Desk:
        """Return the desk of an experiment that was just kept: what is at hand is not read."""
        desk = Desk(experiment, self.workspace, self.library, stored=True)
        with self._lock:
            self._desks[experiment.id] = desk
        return desk

    def is_at_hand(self, id: object) -> bool:
        """Tell whether what is done to an experiment is done at once: it is laid out and scored."""
        with self._lock:
            found = self._desks.get(id) if isinstance(id, str) else None
        return found is not None and found.is_ready

    def is_busy(self, id: object) -> bool:
        """Tell whether who comes to an experiment waits for work that is done to it."""
        with self._lock:
            found = self._desks.get(id) if isinstance(id, str) else None
        return found is not None and found.is_busy

    def _in_use(self, id: str) -> Desk | None:
        with self._lock:
            found = self._desks.get(id)
            if found is not None:
                self._desks.move_to_end(id)
                found.used = time.monotonic()
            return found

    def draft(self, start: Mapping[str, Any]) -> tuple[Desk, Notice | None]:
        """Return the desk of a new experiment, and what to tell if it is not what was asked for.

        Parameters
        ----------
        start : mapping
            ``network``, the name of one that ships, and ``seed`` for a random one; empty for the
            network that the server was started with.
        """
        problem = None
        wanted: Mapping[str, Any] = start or {"network": ""}
        for attempt in (wanted, {"network": ""}, {"network": "random"}):
            try:
                desk = self._draft(attempt)
                break
            except (NetworkFileError, ValueError, OSError) as error:
                name = str(attempt.get("network"))[:60]
                problem = problem or Notice(
                    "no-such-network", {"name": name, "text": str(error)}, "error"
                )
        else:
            raise ValueError("no network could be opened")
        with self._lock:
            self._desks[desk.experiment.id] = desk
        self.release(desk, forget=False)
        return desk, problem

    def _draft(self, start: Mapping[str, Any], id: str | None = None) -> Desk:
        """Lay out an experiment that is not in the workspace until something is done to it.

        Raises
        ------
        ValueError, OSError
            If there is no such network, or it is another than it was.
        """
        network, origin = self._starts.network(start)
        checksum = start.get("checksum")
        if checksum is not None and checksum != network.checksum:
            raise ValueError(f"network {network.name!r}: it is another one than it was")
        experiment = Experiment(network, id=id, origin=origin)
        return Desk(experiment, self.workspace, self.library, stored=False)

    def seated(self, desk: Desk) -> Desk:
        """Return the desk that an experiment has, now that a page sits at this one.

        While nobody sat there yet it may have been forgotten: it is known again, unless there is
        another by now.
        """
        with self._lock:
            return self._desks.setdefault(desk.experiment.id, desk)

    def release(self, desk: Desk, *, forget: bool = True) -> None:
        """Forget desks that no page is at, but for those used last.

        Parameters
        ----------
        desk : Desk
            One that was just left, or laid out.
        forget : bool
            Whether to forget this one too, if nothing was done at it.
        """
        with self._lock:
            if forget and desk.draft and not desk.seats:
                self._desks.pop(desk.experiment.id, None)
            gone = self._forget_idle(None if forget else desk)
        if gone + desk.held_bytes > _LARGE_BYTES:
            give_back_soon()

    def _forget_idle(self, spared: Desk | None = None, before: float = math.inf) -> int:
        """Forget all but a few of the desks that nobody is at; return how many bytes that were."""
        with self._lock:
            idle = [
                id
                for id, each in self._desks.items()
                if not each.seats and each is not spared and each.used < before
            ]
            held = sum(self._desks[id].held_bytes for id in idle)
            gone = 0
            for at, id in enumerate(idle):
                if len(idle) - at <= _IDLE_DESKS and held - gone <= _IDLE_BYTES:
                    break
                gone += self._desks.pop(id).held_bytes
        return gone

    def tidy(self) -> None:
        """Let go what nobody has used for long, or what is too much; to be called now and then."""
        before = time.monotonic() - self.idle_seconds
        for visit in tuple(self._visits):
            visit.rest(before)
        with self._lock:
            for id, desk in list(self._desks.items()):
                if desk.used < before and not desk.seats:
                    del self._desks[id]
        if self._forget_idle(before=time.monotonic() - _FRESH_SECONDS) > _LARGE_BYTES:
            give_back_soon()
        with self._lock:
            desks = list(self._desks.values())
        spare(desks, self.library, self.most_bytes)

    def _make_room(self) -> None:
        """Let go what is too much before more is made, however many are at it at once."""
        with self._lock:
            desks = list(self._desks.values())
        spare(desks, self.library, self.most_bytes, time.monotonic() - ANSWER_SECONDS)

    # Files

    def upload(self, file: bytes | BinaryIO, name: str, visit: Visit | None) -> str:
        """Open a network's or an experiment's file as an experiment; return its id.

        Parameters
        ----------
        file : bytes or binary file
        name : str
            What the person calls it.
        visit : Visit or None
            The page that it came from.

        Raises
        ------
        ValueError
            If it is neither.
        WorkspaceError
            If it cannot be saved.
        """
        return self._arrivals.upload(file, name, visit)

    def show_picture(self, file: bytes | BinaryIO, name: str, visit: Visit | None) -> None:
        """Show a digit in a picture's file to the page that sent it.

        Raises
        ------
        ValueError
            If it is no picture, or the page is not here any more.
        """
        self._arrivals.show_picture(file, name, visit)

    def interpret(self, visit: Visit, desk: Desk, way: object) -> None:
        """Open the file that a desk's network came from in another reading."""
        self._arrivals.interpret(visit, desk, way)

    def fetch(self, *, cancel: bool = False) -> None:
        """Begin or stop to download MNIST; pages hear how far it is."""
        if cancel:
            self.library.cancel_fetch()
            return
        self.library.fetch()
        with self._lock:
            if self._watching:
                return
            self._watching = True
        threading.Thread(target=self._tell_of_fetch, daemon=True).start()

    def _tell_of_fetch(self) -> None:
        running = True
        while running:
            time.sleep(_FETCH_NEWS_SECONDS)
            state = self.library.fetching()
            running = state is not None and state["status"] == "running"
            if not running:
                self._watching = False
            for visit in tuple(self._visits):
                visit.touch()

    # The list of experiments

    def manage(self, head: Mapping[str, Any], visit: Visit | None = None) -> str | None:
        """Do to an experiment what its card in the list asks for; return the id of a new one.

        Raises
        ------
        ValueError
            If it asks for what is not there, or for too many copies.
        WorkspaceError
            If it cannot be done.
        """
        id = check_id(head.get("experiment"))
        match head.get("what"):
            case "rename":
                desk = self.desk(id)
                desk.renamed(check_name(head.get("name")))
                self.release(desk)
            case "delete":
                self.workspace.delete(id)
                with self._lock:
                    self._desks.pop(id, None)
            case what:
                paces = [self.copies] if visit is None else [self.copies, visit.copies]
                return listing.manage(self.workspace, id, what, head.get("name"), paces)
        return None

    def experiment(self, id: str) -> Experiment:
        """Return an experiment as it is now, though it could not be laid out.

        Raises
        ------
        WorkspaceError
            If the workspace does not have it, nor does any page look at it.
        ValueError, OSError
            If it is a draft whose network is not to be had any more.
        """
        found = self._in_use(id)
        if found is not None:
            return found.experiment
        resting = (visit.start_of_draft(id) for visit in tuple(self._visits))
        start = next(filter(None, resting), None)
        if start is None:
            return self.workspace.load(id)
        desk = self.desk(id, start)
        self.release(desk)
        return desk.experiment

    def network(self, id: str) -> Network:
        """Return an experiment's network as it is now; raises WorkspaceError without it."""
        with self._lock:
            found = self._desks.get(id)
        return found.network if found is not None else self.workspace.network(id)
