"""Where the weights of the neuron on show come from, as an extra of a page: ``provenance``."""

from __future__ import annotations

import base64
import logging
import threading
import time
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from toolkit.edits import PROVENANCES, Marks
from toolkit.studio.extras import EXTRAS
from toolkit.studio.worker import Worker

if TYPE_CHECKING:
    from toolkit.experiments import Experiment
    from toolkit.studio.desk import Desk
    from toolkit.studio.view import View

log = logging.getLogger(__name__)

_AT_ONCE = 64
"""Edits whose marks an answer may wait for; fewer where the network is wide."""
_WEIGHTS_AT_ONCE = 1 << 22
_WAIT_SECONDS, _LOOK_SECONDS = 2.0, 0.02


class _Walks:
    """Goes through the steps of experiments that are more than a moment's work, beside the letters.

    A piece of one after a piece of another: who has many keeps nobody waiting for all of them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._walking: WeakKeyDictionary[Desk, Experiment] = WeakKeyDictionary()
        self._failed: WeakKeyDictionary[Desk, tuple[Experiment, str]] = WeakKeyDictionary()
        self._worker = Worker("provenance")

    def marks(self, desk: Desk) -> Marks | None:
        """Return the marks of an experiment; None until they are there, and the pages told then.

        Raises
        ------
        ValueError
            If its steps cannot be gone through.
        """
        experiment = desk.experiment
        with self._lock:
            if desk in self._walking:
                return None
            of, why = self._failed.get(desk, (None, ""))
            if of is experiment:
                raise ValueError(why)
        most = min(_AT_ONCE, max(1, _WEIGHTS_AT_ONCE // desk.network.parameters))
        if experiment.tracker.is_near(experiment, most):
            return experiment.provenance()
        with self._lock:
            if desk not in self._walking:
                self._walking[desk] = experiment
                self._worker.submit(self._walk, desk, experiment)
        return None

    def _walk(self, desk: Desk, experiment: Experiment) -> None:
        why = ""
        try:
            # What it finds is kept with the steps; an experiment that was replaced shares them.
            if desk.seats and not experiment.tracker.go_on(experiment):
                self._worker.submit(self._walk, desk, experiment)
                return
        except ValueError as error:
            why = str(error)
        except Exception:
            log.exception("provenance could not be worked out")
            why = "This could not be worked out, through a fault of this program."
        with self._lock:
            del self._walking[desk]
            if why:
                self._failed[desk] = experiment, why
        desk.touch()


_WALKS = _Walks()


def marks_of(desk: Desk) -> Marks | None:
    """Return where each weight and bias comes from; None until many steps are gone through.

    Raises
    ------
    ValueError
        If they cannot be.
    """
    return _WALKS.marks(desk)


def marks_soon(desk: Desk) -> Marks:
    """Return the same for who may wait a little, and not in a thread where strokes are done.

    Raises
    ------
    ValueError
        If it takes longer.
    """
    until = time.monotonic() + _WAIT_SECONDS
    while (marks := marks_of(desk)) is None:
        if time.monotonic() > until:
            raise ValueError(
                "Where the weights come from is still being worked out; try again in a moment."
            )
        time.sleep(_LOOK_SECONDS)
    return marks


def provenance(desk: Desk, view: View, which: str) -> dict[str, Any] | None:
    """Return the selected neuron's marks, and how many there are of each in layer and network.

    Many steps are gone through apart from the letters; None until that is done.
    """
    marks = marks_of(desk)
    if marks is None:
        return None
    layer, neuron = view.selected
    return {
        "layer": layer,
        "neuron": neuron,
        "names": list(PROVENANCES),
        "weights": base64.b64encode(marks.weights[layer - 1][neuron].tobytes()).decode("ascii"),
        "bias": int(marks.biases[layer - 1][neuron]),
        "in_layer": list(marks.counts(layer).values()),
        "in_all": list(marks.counts().values()),
    }


EXTRAS["provenance"] = provenance
