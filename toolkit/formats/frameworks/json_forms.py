"""Networks as JSON: Nielsen's form, a list of layers, or arrays by name.

What the project writes is Nielsen's form where the network is sigmoid throughout, which his code
reads as well, and else a list of layers; all that neither says stands beside it under the name
:data:`toolkit.formats.meaning.mark.KEY`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np

from toolkit.formats import foreign
from toolkit.formats.containers.json_text import json_of
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks import nested, nielsen
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning import mark
from toolkit.formats.meaning.reading import Reading
from toolkit.network import Float, Layer, Network

_LARGEST = float(np.finfo(np.float32).max)


def read(data: bytes, where: str = "file", limits: Limits = LIMITS) -> Reading:
    """Read a network from JSON text.

    Raises
    ------
    NetworkFileError
        Also if it holds NaN or infinity, rows of different lengths, or another object.
    """
    content = json_of(data.removeprefix(b"\xef\xbb\xbf"), where, limits)
    foreign.refuse_json(content, where)
    said = None
    if isinstance(content, dict) and isinstance(content.get(mark.KEY), dict):
        said = mark.of(content.pop(mark.KEY), where)
    if nielsen.looks_like(content):
        reading = nielsen.read(content, where, limits)
    else:
        try:
            reading = nested.read(content, "JSON", where, limits)
        except NetworkFileError as error:
            why = str(error).removeprefix(f"{where}: ")
            raise NetworkFileError(
                f"{where}: JSON, but not a network this version reads: {why}"
            ) from error
    _check_sizes(content, reading, where)
    return reading if said is None else said.on(replace(reading, notes=()))


def _check_sizes(content: Any, reading: Reading, where: str) -> None:
    sizes = content.get("sizes") if isinstance(content, dict) else None
    shapes = [raw.weights.shape[:: -1 if raw.inputs_first else 1] for raw in reading.layers]
    held = [shapes[0][1], *(out for out, _ in shapes)]
    if sizes is not None and sizes != held:
        raise NetworkFileError(
            f"{where}: 'sizes' contradicts the weights, which are of {'-'.join(map(str, held))}"
        )


def dumps(network: Network) -> bytes:
    """Return the network as JSON text; each number is the shortest that reads back the same.

    Parameters
    ----------
    network : Network

    Raises
    ------
    NetworkFileError
        If a weight is not finite: JSON has no way to say so.
    """
    for number, layer in enumerate(network.layers, 1):
        if not (np.isfinite(layer.weights).all() and np.isfinite(layer.biases).all()):
            raise NetworkFileError(
                f"layer {number} holds NaN or infinity, which JSON cannot; save as .npz"
            )
    content: dict[str, Any] = {mark.KEY: mark.told(network)}
    if set(network.activations) == {"sigmoid"}:
        content |= {
            "sizes": list(network.sizes),
            "weights": [_rows(layer) for layer in network.layers],
            "biases": [[[bias] for bias in _shortest(layer.biases)] for layer in network.layers],
            "cost": nielsen.COST,
        }
    else:
        content["layers"] = [
            {
                "weights": _rows(layer),
                "biases": _shortest(layer.biases),
                "activation": layer.activation,
            }
            for layer in network.layers
        ]
    return json.dumps(content).encode()


def _rows(layer: Layer) -> list[list[float]]:
    return [_shortest(row) for row in layer.weights]


def _shortest(values: Float) -> list[float]:
    # The largest single has a shortest text that lies above it as a double.
    return [
        short if abs(short := float(str(value))) <= _LARGEST else float(value) for value in values
    ]
