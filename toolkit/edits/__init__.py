"""Changes to a network, as data.

An edit is described first and applied later: the same record serves a
preview, undo, saving and replay.  ``edit.apply(network)`` returns a new
network and leaves the old one as it was; ``edit.inverse(network)`` is the edit
that brings `network` back, bit for bit.
"""

from toolkit.edits.base import Edit, EditError
from toolkit.edits.brushes import Smooth, Stroke
from toolkit.edits.clausal import SetClause
from toolkit.edits.column import SetColumn
from toolkit.edits.combine import Combine
from toolkit.edits.layers import ReplaceLayers, SetActivation, reset, same_layer
from toolkit.edits.marks import PROVENANCES, Marks
from toolkit.edits.moves import Move
from toolkit.edits.naming import NameNeuron
from toolkit.edits.neurons import SetNeurons
from toolkit.edits.records import EDIT_KINDS, from_dict
from toolkit.edits.several import Several
from toolkit.edits.stamping import PutStamp
from toolkit.edits.weights import SetBias, SetWeights, replace_map

__all__ = [
    "EDIT_KINDS",
    "PROVENANCES",
    "Combine",
    "Edit",
    "EditError",
    "Marks",
    "Move",
    "NameNeuron",
    "PutStamp",
    "ReplaceLayers",
    "SetActivation",
    "SetBias",
    "SetClause",
    "SetColumn",
    "SetNeurons",
    "SetWeights",
    "Several",
    "Smooth",
    "Stroke",
    "from_dict",
    "replace_map",
    "reset",
    "same_layer",
]
