"""Where every weight and bias of an experiment comes from, by its start and the steps in force.

Nothing of it is stored: the steps say it all.  What was worked out once is
kept for going on from there, so that a stroke costs what it touches.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.edits import Edit, Marks, ReplaceLayers, Several, same_layer
from toolkit.edits.marks import Touched
from toolkit.network import Float, Network

if TYPE_CHECKING:
    from toolkit.experiments.experiment import Experiment
    from toolkit.experiments.steps import Step

KEPT_EVERY = 200
"""After so many steps the marks are kept."""
KEPT_EFFORT = 2048
"""After as much work too, where steps are many edits each."""
KEPT_LAST = 16
"""So many of the latest are kept too, for undo."""
_KEPT_BYTES = 32 << 20
"""But not more than this of them, where the network is wide."""


class Tracker:
    """Remembers an experiment's marks at some of its steps; twins of it share one."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._known: dict[int, tuple[Step, Marks, int]] = {}  # and work since those that stay

    def __reduce__(self) -> tuple[type[Tracker], tuple[()]]:
        # What was worked out is worked out again where a copy is asked for it.
        return Tracker, ()

    def at(self, experiment: Experiment, cursor: int) -> Marks:
        """Return the marks with `cursor` steps in force; threads wait for one another."""
        with self._lock:
            return self._at(experiment, cursor)

    def is_near(self, experiment: Experiment, most: int) -> bool:
        """Tell whether the marks take no more than so many edits' work, and no thread is at it."""
        cursor = experiment.cursor
        if not self._lock.acquire(blocking=False):
            return False
        try:
            return self._next(experiment, self._here(experiment, cursor), cursor, most) == cursor
        finally:
            self._lock.release()

    def go_on(self, experiment: Experiment) -> bool:
        """Work out the marks for a piece of the way to where it is; tell whether it is the last."""
        cursor = experiment.cursor
        with self._lock:
            here = self._here(experiment, cursor)
            there = min(cursor, self._next(experiment, here, cursor, KEPT_EFFORT) + 1)
            self._at(experiment, there)
            return there == cursor

    @staticmethod
    def _next(experiment: Experiment, here: int, cursor: int, most: int) -> int:
        """Return how far one comes with so much work."""
        for position, step in enumerate(experiment.steps[here:cursor], here):
            most -= step.edit.effort
            if most < 0:
                return position
        return cursor

    def _here(self, experiment: Experiment, cursor: int) -> int:
        """Return up to where the marks are known, before `cursor`."""
        steps = experiment.steps
        # A step that is still where it was has the same ones before it: they are dropped from
        # the end alone.
        for position, (last, *_) in list(self._known.items()):
            if position > len(steps) or steps[position - 1] is not last:
                del self._known[position]
        return max((position for position in self._known if position <= cursor), default=0)

    def _at(self, experiment: Experiment, cursor: int) -> Marks:
        steps, here = experiment.steps, self._here(experiment, cursor)
        marks = self._known[here][1] if here else _at_start(experiment.start)
        if here == cursor:
            return marks
        network, effort = experiment.network_at(here), self._known[here][2] if here else 0
        for position, step in enumerate(steps[here:cursor], here + 1):
            marks = marks.copy()
            self._mark(marks, step.edit, network, experiment, position - 1)
            marks.freeze()
            effort += step.edit.effort
            if position % KEPT_EVERY == 0 or effort >= KEPT_EFFORT:
                effort = 0
            if effort == 0 or cursor - position < KEPT_LAST:
                self._known[position] = step, marks, effort
            if position < cursor:
                network = step.edit.apply(network)
        passing = sorted(each for each, (*_, effort) in self._known.items() if effort)
        room = min(2 * KEPT_LAST, max(1, _KEPT_BYTES // experiment.start.parameters))
        for position in passing[: max(0, len(passing) - room)]:
            del self._known[position]
        return marks

    def _mark(
        self, marks: Marks, edit: Edit, network: Network, experiment: Experiment, cursor: int
    ) -> None:
        if isinstance(edit, Several):
            for part in edit.edits:
                self._mark(marks, part, network, experiment, cursor)
                network = part.apply(network)
        elif not isinstance(edit, ReplaceLayers):
            edit.mark(marks, network)
        elif _by(edit) == "reset":
            _as_loaded(marks, edit, edit.touched(network), experiment.start)
        elif _by(edit) == "restore":
            self._bring_back(marks, edit, network, experiment, cursor)
        else:
            edit.mark(marks, network)

    def _bring_back(
        self,
        marks: Marks,
        edit: ReplaceLayers,
        network: Network,
        experiment: Experiment,
        cursor: int,
    ) -> None:
        """Mark what a save point brings back as it was there, where its steps still say that."""
        touched = edit.touched(network)
        for point in experiment.save_points:
            then = point.cursor
            if edit.label != f"back to {point.name}"[:80] or then > cursor:
                continue
            kept = point.network
            same = all(same_layer(layer, kept.layer(n)) for n, layer in edit.layers.items())
            if same and all(map(same_layer, experiment.network_at(then).layers, kept.layers)):
                marks.take(touched, self._at(experiment, then))
                return
        # The steps that led there were undone and replaced: what is as at the start is known, the
        # rest comes from a network that was kept.
        _as_loaded(marks, edit, touched, experiment.start)


def _as_loaded(marks: Marks, edit: ReplaceLayers, touched: Touched, start: Network) -> None:
    """Mark what is bit for bit as at the start as it was there, and the rest as loaded."""
    marks.set(touched, "loaded")
    for number, (weights, biases) in touched.items():
        then, layer = start.layer(number), edit.layers[number]
        same = _same(layer.weights, then.weights), _same(layer.biases, then.biases)
        marks.take({number: (weights & same[0], biases & same[1])}, _at_start(start))


def _same(one: Float, other: Float) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = one.view(np.uint32) == other.view(np.uint32)
    return same


def _by(edit: ReplaceLayers) -> str:
    """Return what replaced the layers; steps of before this was noted say it in their label."""
    if edit.by:
        return edit.by
    for start, name in (("reset ", "reset"), ("back to ", "restore")):
        if edit.label.startswith(start):
            return name
    return ""


def _at_start(start: Network) -> Marks:
    blank = not any(layer.weights.any() or layer.biases.any() for layer in start.layers)
    marks = Marks.uniform(start, "blank" if blank else "loaded")
    marks.freeze()
    return marks
