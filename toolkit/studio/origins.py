"""Where the weights of the neuron on show come from, as an extra of a page: ``provenance``."""

from __future__ import annotations

import base64
import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from toolkit.edits import PROVENANCES
from toolkit.studio.extras import EXTRAS

if TYPE_CHECKING:
    from toolkit.studio.desk import Desk
    from toolkit.studio.view import View


_MANY_STEPS = 300
_walked: WeakSet[Desk] = WeakSet()
_walking: WeakSet[Desk] = WeakSet()
_lock = threading.Lock()


def provenance(desk: Desk, view: View, which: str) -> dict[str, Any] | None:
    """Return the selected neuron's marks, and how many there are of each in layer and network.

    Many steps are gone through apart from the letters, once; None until that is done.
    """
    if desk not in _walked and desk.experiment.cursor > _MANY_STEPS:
        with _lock:
            if desk not in _walking:
                _walking.add(desk)
                threading.Thread(target=_walk, args=(desk,), name="provenance", daemon=True).start()
        return None
    layer, neuron = view.selected
    marks = desk.experiment.provenance()
    return {
        "layer": layer,
        "neuron": neuron,
        "names": list(PROVENANCES),
        "weights": base64.b64encode(marks.weights[layer - 1][neuron].tobytes()).decode("ascii"),
        "bias": int(marks.biases[layer - 1][neuron]),
        "in_layer": list(marks.counts(layer).values()),
        "in_all": list(marks.counts().values()),
    }


def _walk(desk: Desk) -> None:
    try:
        # What it finds is kept with the steps; an experiment that was replaced shares them.
        desk.experiment.provenance()
    finally:
        _walked.add(desk)
        with _lock:
            _walking.discard(desk)
    desk.touch()


EXTRAS["provenance"] = provenance
