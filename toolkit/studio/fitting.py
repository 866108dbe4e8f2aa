"""Fit the rest, for an experiment's pages: begun by a question, told of by an extra, ``fit``.

A fit is of the network as it was when it was begun, and is worked out in a child
process.  If nothing was changed since, it becomes one step of the experiment;
else it waits for the person to say so: what was painted meanwhile is not lost.
It goes on whether a page is there or not.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import numpy as np

from toolkit.apart import ApartError, Leash
from toolkit.apart.lessons import fit_apart
from toolkit.edits import PROVENANCES, ReplaceLayers, same_layer
from toolkit.experiments import WorkspaceError
from toolkit.network import Network
from toolkit.studio import leftout
from toolkit.studio.answer import bits
from toolkit.studio.extras import EXTRAS
from toolkit.studio.letters import check_client
from toolkit.studio.origins import marks_soon
from toolkit.studio.questions import QUESTIONS, Question
from toolkit.studio.worker import Worker
from toolkit.training import COMPARISONS
from toolkit.training.parts import Mask, masks_of

if TYPE_CHECKING:
    from toolkit.studio.desk import Desk
    from toolkit.studio.view import View

log = logging.getLogger(__name__)

BY_HAND = ("painted", "stamped", "clause", "coached", "mixed")
"""Provenances of what a person made."""
_HANDS = {"by hand": True, "cells by hand": False}
MOST_EPOCHS = 200
MOST_WORK = 400_000_000_000
"""Weights × digits × epochs, some minutes of computing."""
_MOST_PARTS, _LONGEST_PART = 200, 60
_MOST_WAITING = 8
_MOST_KEPT = 64
_NEWS_SECONDS = 0.25
_FAULT = "This could not be worked out, through a fault of this program."

_Pairs = list[tuple[Mask, Mask]]


@dataclass(eq=False)
class _Fit:
    """One fit, from its beginning to what became of it."""

    desk: Desk | None  # kept for it while it is under way, looked at or not
    client: str
    network: Network
    masks: _Pairs
    held: str
    plan: dict[str, Any]
    leash: Leash = field(default_factory=Leash)
    desks: WeakSet[Desk] = field(default_factory=WeakSet)
    status: str = "waiting"
    told: dict[str, Any] = field(default_factory=dict)
    fitted: Network | None = None
    over: tuple[int, list[str]] | None = None
    """Steps and bits that the experiment had when it was over."""
    news: float = 0.0

    @property
    def under_way(self) -> bool:
        return self.status in ("waiting", "running")

    def said(self, desk: Desk) -> dict[str, Any]:
        """Return how it is; ``past``: whether the experiment has changed since it was over."""
        past = self.over is not None and self.over != _now(desk)
        return {"status": self.status, "hold": self.held, **self.told, "past": past}

    def touch(self) -> None:
        for desk in {*self.desks, *([self.desk] if self.desk else [])}:
            desk.touch()


def _now(desk: Desk) -> tuple[int, list[str]]:
    return desk.experiment.cursor, bits(desk.network)


class _Fits:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._fits: OrderedDict[str, _Fit] = OrderedDict()
        self._worker = Worker("fit")

    def of(self, desk: Desk) -> _Fit | None:
        with self._lock:
            found = self._fits.get(desk.experiment.id)
            if found is not None:
                found.desks.add(desk)
            return found

    def begin(self, desk: Desk, fit: _Fit) -> None:
        id = desk.experiment.id
        with self._lock:
            before = self._fits.get(id)
            if before is not None and before.under_way:
                raise ValueError("fit: one of this experiment is under way; stop it first")
            if sum(each.under_way for each in self._fits.values()) >= _MOST_WAITING:
                raise ValueError("fit: others' fits are waiting; try again in a moment")
            self._fits[id] = fit
            self._fits.move_to_end(id)
            for old in [key for key, each in self._fits.items() if not each.under_way]:
                if len(self._fits) > _MOST_KEPT:
                    del self._fits[old]
        self._worker.submit(self._work, desk, fit)

    def drop(self, desk: Desk) -> None:
        """Stop what is under way; forget what was not laid."""
        with self._lock:
            fit = self._fits.get(desk.experiment.id)
            if fit is None:
                return
            fit.leash.pull()
            if fit.under_way:
                fit.status = "stopped"
            else:
                del self._fits[desk.experiment.id]
        fit.touch()

    def _work(self, desk: Desk, fit: _Fit) -> None:
        if not fit.leash.pulled:
            try:
                self._run(desk, fit)
            except ApartError as error:
                self._end(fit, "stopped" if error.code == "stopped" else "failed", str(error))
            except (ValueError, OSError) as error:
                said = str(error) if isinstance(error, ValueError) else "no digits to learn from"
                self._end(fit, "failed", said)
            except Exception:
                log.exception("a fit came to no end")
                self._end(fit, "failed", _FAULT)
        fit.touch()
        fit.desk = None

    def _end(self, fit: _Fit, status: str, text: str = "") -> None:
        with self._lock:
            if fit.under_way:
                fit.status = status
                fit.told = {**fit.told, "text": text}

    def _run(self, desk: Desk, fit: _Fit) -> None:
        def hear(news: dict[str, Any]) -> None:
            with self._lock:
                if not fit.under_way:
                    return
                fit.status = "running"
                if "number" in news:
                    fit.told = {**fit.told, "epoch": news}
            if time.monotonic() - fit.news >= _NEWS_SECONDS:
                fit.news = time.monotonic()
                fit.touch()

        digits = desk.library.training(desk.laid.source, fit.network)
        fitted, said = fit_apart(fit.network, digits, fit.plan, fit.masks, fit.leash, hear)
        with self._lock:
            if not fit.under_way:
                return
            fit.told = {**said, "digits": digits.name}
            fit.fitted = fitted
            fit.status = "ready"
        self.lay(next((each for each in fit.desks if each.seats), desk), fit, ask=True)

    def lay(self, desk: Desk, fit: _Fit, *, ask: bool) -> None:
        """Make the fit a step, unless it has to be asked for since something was changed."""
        with desk.lock:
            today, fitted = desk.network, fit.fitted
            if fitted is None or today.sizes != fitted.sizes:
                raise ValueError("fit: there is none that fits the network as it is")
            if ask and not all(map(same_layer, today.layers, fit.network.layers)):
                return
            edit, before = _edit(today, fitted, fit.masks, fit.held), desk.experiment
            try:
                if edit.layers:
                    desk.make(fit.client, edit)
                    leftout.tell(before, desk.experiment, fit.client, tuple(desk.seats))
            except WorkspaceError as error:
                fit.told = {**fit.told, "text": str(error)}
                return
            with self._lock:
                fit.status = "laid" if edit.layers else "nothing"
                fit.over = _now(desk)
                fit.fitted = None
        fit.touch()


def _edit(today: Network, fitted: Network, masks: _Pairs, held: str) -> ReplaceLayers:
    """Describe setting what was trained, and nothing that was held, to what the fit found."""
    layers = {}
    for number, (weights, biases) in enumerate(masks, 1):
        old, new = today.layer(number), fitted.layer(number)
        w, b = new.weights.copy(), new.biases.copy()
        w[weights], b[biases] = old.weights[weights], old.biases[biases]
        made = today.with_layer(number, weights=w, biases=b).layer(number)
        if not same_layer(made, old):
            layers[number] = made
    return ReplaceLayers(layers, f"fit, {held} held"[:80], "fit")


_FITS = _Fits()


def fit(desk: Desk, view: View, which: str) -> dict[str, Any]:
    """Return how the experiment's fit is."""
    found = _FITS.of(desk)
    return {"status": "none"} if found is None else found.said(desk)


def _by_hand(desk: Desk, *, whole: bool) -> _Pairs:
    """Return what was made by hand: just that, or the neurons that have any of it, whole."""
    marks = marks_soon(desk)
    made = [PROVENANCES.index(each) for each in BY_HAND]
    found = []
    for weights, biases in zip(marks.weights, marks.biases, strict=True):
        w: Mask = np.isin(weights, made)
        b: Mask = np.isin(biases, made)
        if whole:
            b = b | w.any(axis=1)
            w = np.repeat(b, w.shape[1]).reshape(w.shape)
        found.append((w, b))
    return found


def reply(desk: Desk, view: View, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Begin a fit, stop one, lay one that waits, or forget it.

    Parameters
    ----------
    asked : mapping
        ``do``: count (what was made by hand), begin, stop or lay.  To begin: ``hold``, a list of
        parts as :func:`~toolkit.training.fit_rest` takes them, ``"by hand"`` (neurons that have
        anything made by hand) or ``"cells by hand"`` among them; ``only``, a
        list of parts, empty for all that is not held; ``anew`` and ``compare``, true or false;
        ``epochs``; ``client``, the page that asks.

    Raises
    ------
    ValueError
        If it asks for what cannot be done.
    """
    match asked.get("do"):
        case "count":
            cells, neurons = _by_hand(desk, whole=False), _by_hand(desk, whole=True)
            made = sum(int(w.sum() + b.sum()) for w, b in cells)
            return {"made": made, "neurons": sum(int(b.sum()) for _, b in neurons)}, b""
        case "begin":
            _begin(desk, asked)
        case "stop":
            _FITS.drop(desk)
        case "lay":
            found = _FITS.of(desk)
            if found is None or found.status != "ready":
                raise ValueError("fit: there is none that waits")
            _FITS.lay(desk, found, ask=False)
        case do:
            raise ValueError(f"do: expected count, begin, stop or lay; got {do!r:.40}")
    return {}, b""


def _begin(desk: Desk, asked: Mapping[str, Any]) -> None:
    network = desk.network
    desk.score.check_scored()
    hold, only = _parts(asked, "hold"), _parts(asked, "only")
    epochs = asked.get("epochs", 20)
    if isinstance(epochs, bool) or not isinstance(epochs, int) or not 1 <= epochs <= MOST_EPOCHS:
        raise ValueError(f"epochs: expected 1 to {MOST_EPOCHS}; got {epochs!r:.40}")
    client = check_client(asked.get("client"))
    compare = list(COMPARISONS) if asked.get("compare") is True else []
    plan = {"epochs": epochs, "anew": asked.get("anew") is True, "compare": compare, "seed": 0}
    masks = _masks([each for each in hold if each not in _HANDS], network, "hold")
    for name in set(hold) & set(_HANDS):
        made = _by_hand(desk, whole=_HANDS[name])
        masks = [(w | m[0], b | m[1]) for (w, b), m in zip(masks, made, strict=True)]
    if only:
        trained = _masks(only, network, "only")
        masks = [(w | ~t[0], b | ~t[1]) for (w, b), t in zip(masks, trained, strict=True)]
    if all(w.all() and b.all() for w, b in masks):
        raise ValueError("All weights and biases are held, so nothing is left to train: hold less.")
    runs = 1 + len(compare)
    if network.parameters * 10_000 * epochs * runs > MOST_WORK:
        raise ValueError("epochs: expected fewer; with so many this network takes too long")
    held = ", ".join(hold) or "nothing"
    _FITS.begin(desk, _Fit(desk, client, network, masks, held[:_LONGEST_PART], plan))


def _parts(asked: Mapping[str, Any], what: str) -> list[str]:
    parts = asked.get(what, [])
    if not isinstance(parts, list) or len(parts) > _MOST_PARTS:
        raise ValueError(f"{what}: expected a list of at most {_MOST_PARTS} parts")
    if not all(isinstance(each, str) and len(each) <= _LONGEST_PART for each in parts):
        raise ValueError(f"{what}: expected parts of at most {_LONGEST_PART} characters")
    return [each.strip() for each in parts if each.strip()]


def _masks(parts: list[str], network: Network, what: str) -> _Pairs:
    try:
        return list(masks_of(parts, network).values())
    except ValueError as error:
        raise ValueError(str(error).replace("frozen", what, 1)) from error


EXTRAS["fit"] = fit
QUESTIONS["fit"] = Question(reply, long=True)
