"""Networks as JSON, in the form of Michael Nielsen's *Neural Networks and Deep Learning*.

One object with ``sizes``, ``weights`` (a matrix a layer, rows the neurons),
``biases`` (a column a layer) and ``cost``; sigmoid throughout.
"""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from toolkit.formats.containers.json_text import json_of, matrix_of
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning.pairing import from_lists
from toolkit.formats.meaning.reading import Reading
from toolkit.network import Network

_COST = "CrossEntropyCost"


def read(data: bytes, where: str = "file", limits: Limits = LIMITS) -> Reading:
    """Read a network from JSON text.

    Raises
    ------
    NetworkFileError
        Also if it holds NaN or infinity, rows of different lengths, or another object.
    """
    content = json_of(data, where, limits)
    if not isinstance(content, dict) or not {"weights", "biases"} <= content.keys():
        raise NetworkFileError(
            f"{where}: JSON, but not a network this version reads; expected an object with "
            "'sizes', 'weights', 'biases' and 'cost'"
        )
    weights, biases = content["weights"], content["biases"]
    for name, part in (("weights", weights), ("biases", biases)):
        if not isinstance(part, list) or not 0 < len(part) <= limits.tensors:
            raise NetworkFileError(f"{where}: '{name}' should be a list, one entry a layer")
    reading = from_lists(
        "JSON of weights and biases",
        [matrix_of(part, f"weights {n}", where) for n, part in enumerate(weights, 1)],
        [matrix_of(part, f"biases {n}", where) for n, part in enumerate(biases, 1)],
        where,
        limits,
        inputs_first=False,
    )
    sizes = content.get("sizes")
    held = [
        reading.layers[0].weights.shape[1],
        *(layer.weights.shape[0] for layer in reading.layers),
    ]
    if sizes is not None and sizes != held:
        raise NetworkFileError(
            f"{where}: 'sizes' contradicts the weights, which are of {'-'.join(map(str, held))}"
        )
    if sizes is None and "cost" not in content:
        return reading
    return all_sigmoid(replace(reading, format="Nielsen-style JSON"))


def all_sigmoid(reading: Reading) -> Reading:
    """Return a reading with its layers' activation known, and a note of why."""
    notes = (*reading.notes, "Nielsen's networks are sigmoid throughout.")
    return replace(reading, notes=notes).with_activations(["sigmoid"] * len(reading.layers))


def dumps(network: Network) -> bytes:
    """Return the network as JSON text; each number is the shortest that reads back the same.

    Parameters
    ----------
    network : Network

    Raises
    ------
    NetworkFileError
        If a layer is not sigmoid, or a weight is not finite: the form has no way to say so.
    """
    for number, layer in enumerate(network.layers, 1):
        if layer.activation != "sigmoid":
            raise NetworkFileError(
                f"layer {number} is {layer.activation}; Nielsen-style JSON knows sigmoid alone; "
                "save as .npz or .safetensors"
            )
        if not (np.isfinite(layer.weights).all() and np.isfinite(layer.biases).all()):
            raise NetworkFileError(
                f"layer {number} holds NaN or infinity, which JSON cannot; save as .npz"
            )

    def shortest(values: np.ndarray) -> list[float]:
        return [float(str(value)) for value in values]

    content = {
        "sizes": list(network.sizes),
        "weights": [[shortest(row) for row in layer.weights] for layer in network.layers],
        "biases": [[[b] for b in shortest(layer.biases)] for layer in network.layers],
        "cost": _COST,
    }
    return json.dumps(content).encode()
