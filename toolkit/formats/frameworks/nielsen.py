"""Networks in the form of Michael Nielsen's *Neural Networks and Deep Learning*.

One object with ``sizes``, ``weights`` (a matrix a layer, rows the neurons),
``biases`` (a column a layer) and ``cost``; sigmoid throughout.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from toolkit.formats.containers.json_text import matrix_of
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning.pairing import from_lists
from toolkit.formats.meaning.reading import Reading

COST = "CrossEntropyCost"


def looks_like(content: object) -> bool:
    """Tell whether parsed JSON is in this form: what else has weights and biases may not be.

    The cost is a class of his code, which knows no activation function but the sigmoid.
    """
    return (
        isinstance(content, dict)
        and {"weights", "biases"} <= content.keys()
        and isinstance(content.get("cost"), str)
        and not any("activation" in key.lower() for key in content)
    )


def read(content: dict[str, Any], where: str = "file", limits: Limits = LIMITS) -> Reading:
    """Read a network from parsed JSON that :func:`looks_like` knows.

    Raises
    ------
    NetworkFileError
        If it holds numbers that are not finite, rows of different lengths, or layers that are
        none.
    """
    weights, biases = content["weights"], content["biases"]
    for name, part in (("weights", weights), ("biases", biases)):
        if not isinstance(part, list) or not 0 < len(part) <= limits.tensors:
            raise NetworkFileError(f"{where}: '{name}' should be a list, one entry a layer")
    reading = from_lists(
        "Nielsen-style JSON",
        [matrix_of(part, f"weights {n}", where) for n, part in enumerate(weights, 1)],
        [matrix_of(part, f"biases {n}", where) for n, part in enumerate(biases, 1)],
        where,
        limits,
        inputs_first=False,
    )
    return all_sigmoid(reading)


def all_sigmoid(reading: Reading) -> Reading:
    """Return a reading with its layers' activation known, and a note of why."""
    notes = (*reading.notes, "Nielsen's networks are sigmoid throughout.")
    return replace(reading, notes=notes).with_activations(["sigmoid"] * len(reading.layers))
