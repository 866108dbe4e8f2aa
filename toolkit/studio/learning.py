"""Learning, watched, for an experiment's pages: begun by a question, told of by an extra.

A training is of the network as it was when it was begun, or of one with random weights of its
shape, and changes no experiment: what it was like after an epoch is opened as one.  It is worked
out in a child process, one at a time on a server, whether a page is there or not, and what came of
it is kept as long as there is room.
"""

from __future__ import annotations

import csv
import io
import logging
import math
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import numpy as np

from toolkit.apart import ApartError, Leash
from toolkit.apart.learning import Watched, filled, film_apart, learn_apart
from toolkit.edits import ReplaceLayers
from toolkit.experiments import Experiment
from toolkit.network import Network
from toolkit.scoring import score
from toolkit.studio.extras import EXTRAS
from toolkit.studio.learningplans import Plan, plan_of
from toolkit.studio.pace import Pace, copying
from toolkit.studio.questions import QUESTIONS, Question
from toolkit.studio.worker import Worker

if TYPE_CHECKING:
    from toolkit.digits import DigitSet
    from toolkit.studio.desk import Desk
    from toolkit.studio.view import View

log = logging.getLogger(__name__)

MOST_KEPT, MOST_KEPT_BYTES = 16, 64 << 20
"""Trainings that are over, of all experiments, and what their networks take."""
KINDS = {"gif": "image/gif", "csv": "text/csv"}
"""What a training can be taken away as."""
_MOST_WAITING = 8
_NEWS_SECONDS = 0.25
_MOST_MAP_BYTES = 4 << 20
_PACE = 4e9  # weights × digits × epochs a second, until it is known better
_OPENED = Pace(20, 3.0)
_FAULT = "This could not be worked out, through a fault of this program."


@dataclass(eq=False)
class _Run:
    """One training, from its beginning to what became of it."""

    desk: Desk | None  # kept for it while it is under way, looked at or not
    plan: Plan
    network: Network
    source: str
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

    @property
    def under_way(self) -> bool:
        return self.status in ("waiting", "running")

    @property
    def bytes(self) -> int:
        watched = self.watched
        count = 0 if watched is None else len(watched.learning.networks)
        return 4 * self.network.parameters * count

    def touch(self) -> None:
        for desk in {*self.desks, *([self.desk] if self.desk else [])}:
            desk.touch()

    def said(self) -> dict[str, Any]:
        """Return how it is."""
        found = {
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
                "run": self.name,
                "start": learning.start_accuracy,
                "epochs": list(learning.epochs),
                "every": learning.every,
                "best": learning.best,
                "limit": learning.brightest,
                "size": layer.size,
                "grid": list(layer.grid),
                "kinds": [[epoch, *names] for epoch, names in self.watched.kinds.items()],
            }
        return found


class _Runs:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._runs: OrderedDict[str, _Run] = OrderedDict()
        self._worker = Worker("learning")
        self._pace = _PACE

    def of(self, desk: Desk) -> _Run | None:
        with self._lock:
            found = self._runs.get(desk.experiment.id)
            if found is not None:
                found.desks.add(desk)
            return found

    def named(self, name: str) -> _Run | None:
        with self._lock:
            return next((each for each in self._runs.values() if each.name == name), None)

    def begin(self, desk: Desk, run: _Run) -> None:
        id = desk.experiment.id
        with self._lock:
            before = self._runs.get(id)
            if before is not None and before.under_way:
                raise ValueError("A training of this experiment is under way: stop it first.")
            if sum(each.under_way for each in self._runs.values()) >= _MOST_WAITING:
                raise ValueError("Others' trainings are waiting; try again in a moment.")
            self._runs[id] = run
            self._runs.move_to_end(id)
            run.desks.add(desk)
            self._make_room(run)
        self._worker.submit(self._work, run)
        run.touch()

    def _make_room(self, spared: _Run) -> None:
        """Forget the oldest that are over, where there are too many or they take too much."""
        over = [id for id, each in self._runs.items() if not each.under_way and each is not spared]
        held = sum(each.bytes for each in self._runs.values())
        for at, id in enumerate(over):
            if len(over) - at <= MOST_KEPT and held <= MOST_KEPT_BYTES:
                return
            held -= self._runs.pop(id).bytes

    def stop(self, desk: Desk) -> None:
        """Have what is under way end with what it has; one that waits is not begun."""
        with self._lock:
            run = self._runs.get(desk.experiment.id)
            if run is None or not run.under_way:
                return
            run.asked_to_end = True
            if run.status == "running":
                run.leash.ask()
            else:
                run.leash.pull()
                run.status = "stopped"
        self._touch_all()

    def forget(self, desk: Desk) -> None:
        """Forget what is over."""
        with self._lock:
            run = self._runs.get(desk.experiment.id)
            if run is not None and not run.under_way:
                del self._runs[desk.experiment.id]
        desk.touch()

    def ahead(self, run: _Run) -> tuple[int, float]:
        """Return how many are before one that waits, and how many seconds these may take."""
        with self._lock:
            before: list[_Run] = []
            for each in self._runs.values():
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
            runs = list(self._runs.values())
        for each in runs:
            if each.under_way:
                each.touch()

    def _work(self, run: _Run) -> None:
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

    def _end(self, run: _Run, status: str, text: str = "") -> None:
        with self._lock:
            if run.under_way:
                run.status, run.text, run.left, run.looking = status, text, None, None

    def _run(self, run: _Run) -> None:
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
                    run.looking = [news["looking"], news["of"]]
                if run.asked_to_end:  # between having begun and being told so
                    run.leash.ask()
            if time.monotonic() - run.news >= _NEWS_SECONDS:
                run.news = time.monotonic()
                self._touch_all()

        assert run.desk is not None
        digits, run.replaced = _digits(run.desk, run.network, run.source, run.plan.count)
        run.digits = digits.name
        watched = learn_apart(run.network, digits, run.plan.told(run.network), run.leash, hear)
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
    if digits.name == desk.library.open(source).name and source != "drawn":
        # No other digits than those that networks are measured on: these are not to choose by.
        digits, replaced = desk.library.training("drawn", network), True
    return (digits.subset(slice(count)) if count < len(digits) else digits), replaced


_RUNS = _Runs()


def learning(desk: Desk, view: View, which: str) -> dict[str, Any]:
    """Return how the experiment's training is."""
    run = _RUNS.of(desk)
    if run is None:
        return {"status": "none"}
    said = run.said()
    if run.status == "waiting":
        before, seconds = _RUNS.ahead(run)
        said |= {"before": before, "wait": round(seconds, 1)}
    return said


def reply(desk: Desk, view: View, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Begin a training, stop one, forget it, give its maps, or open it as it was at an epoch.

    Parameters
    ----------
    asked : mapping
        ``do``: begin, stop, forget, maps or open.  To begin: what
        :func:`~toolkit.studio.learningplans.plan_of` reads.  Of maps: ``run``, and ``first``, the
        position among the epochs kept from which on as many follow as go into one answer: a byte
        a cell, 128 for a weight of zero, 1 and 255 for the brightest and beyond, 0 for what is no
        number.  To open: ``epoch``, one that was kept.

    Raises
    ------
    ValueError
        If it asks for what cannot be done.
    """
    match asked.get("do"):
        case "begin":
            _begin(desk, view, asked)
        case "stop":
            _RUNS.stop(desk)
        case "forget":
            _RUNS.forget(desk)
        case "maps":
            return _maps(desk, asked)
        case "open":
            return _open(desk, asked)
        case do:
            raise ValueError(f"do: expected begin, stop, forget, maps or open; got {do!r:.40}")
    return {}, b""


def _begin(desk: Desk, view: View, asked: Mapping[str, Any]) -> None:
    with desk.lock:
        network, source = desk.network, desk.laid.source
    plan = plan_of(asked, network)
    run = _Run(desk, plan, plan.start(network), source, palette=view.palette)
    _RUNS.begin(desk, run)


def _done(desk: Desk) -> tuple[_Run, Watched]:
    run = _RUNS.of(desk)
    if run is None or run.watched is None:
        raise ValueError("There is no training of this experiment to look at any more.")
    return run, run.watched


def _maps(desk: Desk, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    run, watched = _done(desk)
    networks, first = watched.learning.networks, asked.get("first")
    if isinstance(first, bool) or not isinstance(first, int) or not 0 <= first < len(networks):
        raise ValueError(f"first: expected 0 to {len(networks) - 1}; got {first!r:.40}")
    size = run.network.layers[0].weights.size
    shown = networks[first : first + max(1, _MOST_MAP_BYTES // size)]
    scale = 127 / watched.learning.brightest
    pieces = []
    for each in shown:
        weights = each.layers[0].weights.astype(np.float64)
        finite = np.isfinite(weights)
        levels = 128 + np.rint((np.where(finite, weights, 0) * scale).clip(-127, 127))
        pieces.append(np.where(finite, levels, 0).astype(np.uint8).tobytes())
    return {"run": run.name, "first": first, "count": len(shown)}, b"".join(pieces)


def _open(desk: Desk, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Make an experiment of a network on its way: the start, and one step, the training."""
    run, watched = _done(desk)
    epochs, epoch = watched.learning.epochs, asked.get("epoch")
    if epoch not in epochs:
        raise ValueError(
            f"epoch: expected one that was kept, of 0 to {epochs[-1]}; got {epoch!r:.40}"
        )
    network = watched.learning.networks[epochs.index(epoch)]
    name = f"{run.network.name[:40]}, epoch {epoch}"
    experiment = Experiment(run.network, name=name, origin="learning", digits=desk.laid.source)
    if epoch:
        layers = dict(enumerate(network.layers, 1))
        experiment.apply(ReplaceLayers(layers, f"{run.plan.label}, epoch {epoch}"[:80], "fit"))
    note = copying(_OPENED)
    right = score(experiment.network, desk.laid.digits).accuracy
    desk.workspace.create(experiment, accuracy=right)
    note(experiment)
    return {"experiment": experiment.id}, b""


def take_away(name: str, kind: str) -> tuple[bytes, str] | None:
    """Return a training as a file, and what to call it; None where it is not here any more.

    Parameters
    ----------
    name : str
        The training's own, which nobody knows but who was told it.
    kind : str
        A key of :data:`KINDS`.

    Raises
    ------
    ValueError
        If there is no such kind.
    ApartError
        If it takes too much memory or time, or could not be done now.
    """
    if kind not in KINDS:
        raise ValueError(f"learning: expected one of {', '.join(KINDS)}; got {kind[:20]!r}")
    run = _RUNS.named(name)
    if run is None or run.watched is None:
        return None
    stem = re.sub(r"[^\w.-]+", "-", run.network.name).strip(".-")[:60] or "network"
    file = f"{stem}-{run.watched.learning.networks[-1].checksum[:8]}-learning.{kind}"
    if kind == "csv":
        return _table(run.watched).encode(), file
    if run.film is None:
        run.film = film_apart(run.watched, file, run.palette)
    return run.film, file


def _table(watched: Watched) -> str:
    """Return an epoch a row: loss, accuracy, and each neuron's verdict where there is one."""
    learned, out = watched.learning, io.StringIO()
    kinds = filled(watched)
    names = [f"1.{index}" for index in range(len(kinds[0]))] if kinds else []
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["epoch", "loss", "accuracy", *names])
    for epoch in range(len(learned.records) + 1):
        verdicts = watched.kinds.get(epoch, [""] * len(names))
        writer.writerow([epoch, learned.loss(epoch), learned.accuracy(epoch), *verdicts])
    return out.getvalue()


EXTRAS["learning"] = learning
QUESTIONS["learning"] = Question(reply, long=True)
