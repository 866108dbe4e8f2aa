"""Where the weights of the neuron on show come from, as an extra of a page: ``provenance``."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from toolkit.edits import PROVENANCES
from toolkit.studio.extras import EXTRAS

if TYPE_CHECKING:
    from toolkit.studio.desk import Desk
    from toolkit.studio.view import View


def provenance(desk: Desk, view: View, which: str) -> dict[str, Any]:
    """Return the selected neuron's marks, and how many there are of each in layer and network."""
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


EXTRAS["provenance"] = provenance
