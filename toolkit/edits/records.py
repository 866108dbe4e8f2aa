"""Reading edits from plain data that nobody vouches for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from toolkit.edits.base import Edit, EditError
from toolkit.edits.brushes import Smooth, Stroke, spread
from toolkit.edits.clausal import clause_of
from toolkit.edits.column import column_of
from toolkit.edits.combine import combine_of
from toolkit.edits.layers import SetActivation, replace_layers_of
from toolkit.edits.moves import move_of
from toolkit.edits.naming import naming_of
from toolkit.edits.neurons import neurons_of
from toolkit.edits.several import Several
from toolkit.edits.stamping import stamping_of
from toolkit.edits.weights import SetBias, SetWeights
from toolkit.shown import shown

_Record = Mapping[Any, Any]


def from_dict(record: object) -> Edit:
    """Read an edit from its dict form, checking every part.

    Parameters
    ----------
    record : object
        What :meth:`Edit.to_dict` returns, after a way through JSON; other keys are passed over.

    Raises
    ------
    EditError
        If a part is missing, unknown or of the wrong kind.
    """
    if not isinstance(record, Mapping):
        raise EditError(f"edit: expected a dict; got {type(record).__name__}")
    kind = record.get("kind")
    if not isinstance(kind, str) or kind not in _READERS:
        raise EditError(f"kind: expected one of {', '.join(_READERS)}; got {shown(kind)}")
    try:
        return _READERS[kind](record)
    except KeyError as error:
        raise EditError(f"edit of kind {kind!r}: {error.args[0]} is missing") from None
    except EditError:
        raise
    except (AttributeError, TypeError, ValueError) as error:
        raise EditError(f"edit of kind {kind!r}: {error}") from error


def _listed(record: _Record, what: str) -> Any:
    part = record[what]
    if not isinstance(part, list | tuple):
        raise EditError(f"{what}: expected a list; got {type(part).__name__}")
    return part


def _each(record: _Record, what: str) -> Any:
    return spread(record[what], what, record["cells"])


def _weights(record: _Record) -> Edit:
    return SetWeights(
        record["layer"], record["neuron"], _listed(record, "cells"), _listed(record, "values"),
        record.get("tool", "set"),
    )  # fmt: skip


def _bias(record: _Record) -> Edit:
    return SetBias(record["layer"], record["neuron"], record["value"], record.get("tool", "set"))


def _activation(record: _Record) -> Edit:
    return SetActivation(record["layer"], record["activation"])


def _stroke(record: _Record) -> Edit:
    return Stroke(
        record["layer"], record["neuron"], _listed(record, "cells"),
        _each(record, "keep"), _each(record, "put"), record.get("tool", "brush"),
    )  # fmt: skip


def _smooth(record: _Record) -> Edit:
    return Smooth(
        record["layer"], record["neuron"], _listed(record, "cells"),
        _each(record, "amounts"), record["columns"], record.get("tool", "smooth"),
    )  # fmt: skip


def _several(record: _Record) -> Edit:
    parts = _listed(record, "edits")
    if any(isinstance(part, Mapping) and part.get("kind") == "several" for part in parts):
        raise EditError("edits: expected single ones; got several in several")
    return Several(tuple(from_dict(part) for part in parts), record.get("label", "several edits"))


_READERS: Mapping[str, Callable[[_Record], Edit]] = {
    "weights": _weights,
    "bias": _bias,
    "activation": _activation,
    "layers": replace_layers_of,
    "stroke": _stroke,
    "smooth": _smooth,
    "several": _several,
    "neurons": neurons_of,
    "stamp": stamping_of,
    "move": move_of,
    "combine": combine_of,
    "name": naming_of,
    "clause": clause_of,
    "column": column_of,
}

EDIT_KINDS = tuple(_READERS)
"""The words for the kinds of edit."""
