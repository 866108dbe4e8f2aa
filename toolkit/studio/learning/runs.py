"""Trainings under way and over: one at a time on a server, each kept as long as there is room."""

from __future__ import annotations

import logging
import math
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from toolkit.apart import ApartError, Leash
from toolkit.apart.learning import Watched, learn_apart
from toolkit.digits import parted
from toolkit.network import Network
from toolkit.studio.learning.plans import Plan
from toolkit.studio.worker import Worker

if TYPE_CHECKING:
    from toolkit.digits import DigitSet
    from toolkit.studio.desk import Desk

log = logging.getLogger(__name__)

MOST_KEPT, MOST_KEPT_BYTES = 16, 64 << 20
"""Trainings that are over, of all experiments, and what their networks take."""
_MOST_WAITING, _MOST_OF_ONE = 8, 2
"""Trainings under way or waiting, of all browsers and of one."""
_ABSENT_SECONDS = 20.0
"""So long after its last page went a training keeps its place before others'."""
_NEWS_SECONDS = 0.25
_PACE = 4e9  # weights × digits × epochs a second, until it is known better
_FAULT = "This could not be worked out, through a fault of this program."


@dataclass(eq=False)
class Run:
    """One training, from its beginning to what became of it."""

    desk: Desk | None  # kept for it while it is under way, looked at or not
    plan: Plan
    network: Network
    source: str
    base: str = ""
    leash: Leash = field(default_factory=Leash)
    desks: WeakSet[Desk] = field(default_factory=WeakSet)
    name: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    status: str = "waiting"
    text: str = ""
    asked_to_end: bool = False
    digits: str = ""
    replaced: bool = False
    records: list[list[float | None]] = field(default_factory=list)
    left: float | None = None
    looking: list[int] | None = None
    watched: Watched | None = None
    film: bytes | None = None
    palette: str = ""
    news: float = 0.0
    browser: str = ""
    alone_since: float | None = None

    @property
    def under_way(self) -> bool:
        """Tell whether it waits or is at work."""
        return self.status in ("waiting", "running")

    @property
    def looked_at(self) -> bool:
        """Tell whether a page is at one of its experiments."""
        return any(desk.seats for desk in (*self.desks, *([self.desk] if self.desk else [])))

    @property
    def bytes(self) -> int:
        """How much memory its networks take."""
        watched = self.watched
        count = 0 if watched is None else len(watched.learning.networks)
        return 4 * self.network.parameters * count + len(self.film or b"")

    def touch(self) -> None:
        """Tell the pages that look at it that there is something new."""
        for desk in {*self.desks, *([self.desk] if self.desk else [])}:
            desk.touch()

    def said(self) -> dict[str, Any]:
        """Return how it is."""
        found = {
            "run": self.name,
            "name": self.network.name,
            "status": self.status,
            "text": self.text,
            "plan": self.plan.said(),
            "digits": self.digits,
            "replaced": self.replaced,
            "records": self.records,
            "left": self.left,
            "ending": self.asked_to_end and self.under_way,
            "looking": self.looking,
        }
        if self.watched is not None:
            learning = self.watched.learning
            layer = self.network.layers[0]
            found |= {
                "start": learning.start_accuracy,
                "epochs": list(learning.epochs),
                "every": learning.every,
                "best": learning.best,
                "limit": learning.brightest,
                "limits": list(learning.brightest_at),
                "size": layer.size,
                "grid": list(layer.grid),
                "kinds": [[epoch, *names] for epoch, names in self.watched.kinds.items()],
            }
        return found


class Runs:
    """Those of all experiments."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._worker = Worker("learning")
        self._pace = _PACE

    def of(self, desk: Desk) -> Run | None:
        """Return the last one of an experiment, None without any; its pages hear of it now."""
        with self._lock:
            found = self._runs.get(desk.experiment.id)
            if found is not None:
                found.desks.add(desk)
            return found

    @property
    def _all(self) -> list[Run]:
        """Each once, in the order in which they were begun; one may be shown at two experiments."""
        return list(dict.fromkeys(self._runs.values()))

    def adopt(self, desk: Desk, name: object) -> None:
        """Show a training at another experiment too, which has none of its own.

        A network that ships is another experiment each time it is come to, until it is changed.
        """
        with self._lock:
            run = self.named(str(name))
            if run is None or run.base != desk.network.checksum:
                raise ValueError("There is no such training of this network any more.")
            if desk.experiment.id not in self._runs:
                self._runs = OrderedDict(
                    pair
                    for id, each in self._runs.items()
                    for pair in ((id, each), (desk.experiment.id, each))
                    if pair[0] == id or each is run
                )
                run.desks.add(desk)
        desk.touch()

    def named(self, name: str) -> Run | None:
        """Return the one of a name, None where it is not here any more."""
        with self._lock:
            return next((each for each in self._runs.values() if each.name == name), None)

    def begin(self, desk: Desk, run: Run) -> None:
        """Have one worked out, after those that were begun before.

        Raises
        ------
        ValueError
            If one of this experiment is under way, or too many wait.
        """
        id = desk.experiment.id
        with self._lock:
            before = self._runs.get(id)
            if before is not None and before.under_way:
                raise ValueError("A training of this experiment is under way: stop it first.")
            self._give_way()
            under_way = [each for each in self._all if each.under_way]
            if sum(each.browser == run.browser for each in under_way) >= _MOST_OF_ONE:
                raise ValueError(
                    f"{_MOST_OF_ONE} trainings that you began are under way: stop one, or wait."
                )
            if len(under_way) >= _MOST_WAITING:
                raise ValueError("Others' trainings are waiting; try again in a moment.")
            self._runs[id] = run
            self._runs.move_to_end(id)
            run.desks.add(desk)
            self._make_room(run)
            self._give_way()
        self._worker.submit(self._work, run)
        run.touch()

    def _give_way(self) -> None:
        """Have those whose pages have all been gone for a while leave their place to others.

        One that nobody waits for goes on: who comes back finds it.
        """
        with self._lock:
            now, under_way = time.monotonic(), [each for each in self._all if each.under_way]
            for run in under_way:
                if run.looked_at:
                    run.alone_since = None
                elif run.alone_since is None:
                    run.alone_since = now
                elif (
                    now - run.alone_since >= _ABSENT_SECONDS
                    and len(under_way) > 1
                    and not run.asked_to_end
                ):
                    self._stop(run)

    def _make_room(self, spared: Run) -> None:
        """Forget the oldest that are over, where there are too many or they take too much."""
        over = [each for each in self._all if not each.under_way and each is not spared]
        held = sum(each.bytes for each in self._all)
        for at, run in enumerate(over):
            if len(over) - at <= MOST_KEPT and held <= MOST_KEPT_BYTES:
                return
            self._forget(run)
            held -= run.bytes

    def _forget(self, run: Run) -> None:
        for id in [id for id, each in self._runs.items() if each is run]:
            del self._runs[id]

    def stop(self, desk: Desk) -> None:
        """Have what is under way end with what it has; one that waits is not begun."""
        with self._lock:
            run = self._runs.get(desk.experiment.id)
            if run is None or not run.under_way:
                return
            self._stop(run)
        run.touch()
        self._touch_all()

    def _stop(self, run: Run) -> None:
        run.asked_to_end = True
        if run.status == "running":
            run.leash.ask()
        else:
            run.leash.pull()
            run.status = "stopped"

    def forget(self, desk: Desk) -> None:
        """Forget what is over."""
        with self._lock:
            run = self._runs.get(desk.experiment.id)
            if run is None or run.under_way:
                return
            self._forget(run)
        run.touch()

    def ahead(self, run: Run) -> tuple[int, float]:
        """Return how many are before one that waits, and how many seconds these may take."""
        with self._lock:
            before: list[Run] = []
            for each in self._all:
                if each is run:
                    break
                if each.under_way:
                    before.append(each)
        seconds = 0.0
        for each in before:
            seconds += each.plan.work / self._pace if each.left is None else each.left
        return len(before), seconds

    def _touch_all(self) -> None:
        """Tell all who wait, or look at one that is under way."""
        with self._lock:
            runs = self._all
        for each in runs:
            if each.under_way:
                each.touch()

    def _work(self, run: Run) -> None:
        if not run.leash.pulled:
            try:
                self._run(run)
            except ApartError as error:
                self._end(run, "stopped" if error.code == "stopped" else "failed", str(error))
            except (ValueError, OSError) as error:
                said = str(error) if isinstance(error, ValueError) else "no digits to learn from"
                self._end(run, "failed", said)
            except Exception:
                log.exception("a training came to no end")
                self._end(run, "failed", _FAULT)
        run.touch()
        run.desk = None
        self._touch_all()

    def _end(self, run: Run, status: str, text: str = "") -> None:
        with self._lock:
            if run.under_way:
                run.status, run.text, run.left, run.looking = status, text, None, None

    def _run(self, run: Run) -> None:
        begun = time.monotonic()

        def hear(news: dict[str, Any]) -> None:
            with self._lock:
                if not run.under_way:
                    return
                run.status = "running"
                if "number" in news:
                    run.records.append([_plain(news["loss"]), news["accuracy"]])
                    run.left = news["seconds_left"]
                    if news["seconds"] > 0:
                        self._pace = run.plan.work * news["number"] / (
                            news["epochs"] * news["seconds"]
                        )  # fmt: skip
                if "looking" in news:
                    run.looking, run.left = [news["looking"], news["of"]], 0.0
            if time.monotonic() - run.news >= _NEWS_SECONDS:
                run.news = time.monotonic()
                self._give_way()
                self._touch_all()

        assert run.desk is not None
        digits, run.replaced = _digits(run.desk, run.network, run.source, run.plan.count)
        run.digits = digits.name
        watched = learn_apart(
            run.network,
            digits,
            run.plan.told(run.network),
            run.leash,
            hear,
            verdicts=run.plan.verdicts,
        )
        log.debug("a training took %.1f s", time.monotonic() - begun)
        learning = watched.learning
        with self._lock:
            if not run.under_way:
                return
            run.watched = watched
            run.records = [[_plain(each.loss), each.accuracy] for each in learning.records]
            why = "" if learning.result.finished else learning.result.stopped_because
            ended = run.asked_to_end and learning.records
            self._end(run, "done" if learning.records else "failed", "" if ended else why)
            self._make_room(run)


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _digits(desk: Desk, network: Network, source: str, count: int) -> tuple[DigitSet, bool]:
    """Return training digits, and whether they are drawn ones since the source has none."""
    digits, replaced = desk.library.training(source, network), False
    test, _ = parted(source)
    if digits.name == desk.library.open(test).name and test != "drawn":
        # No other digits than those that networks are measured on: these are not to choose by.
        digits, replaced = desk.library.training("drawn", network), True
    return (digits.subset(slice(count)) if count < len(digits) else digits), replaced


RUNS = Runs()
