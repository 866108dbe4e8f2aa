"""Writing a network as Keras 3's ``.keras`` archive."""

from __future__ import annotations

import io
import json
from typing import Any

from toolkit.formats.frameworks.keras.back import WEIGHTS, dumps_back, h5py_module, zipped
from toolkit.formats.frameworks.keras.writer import (
    layers_of,
    names_of,
    parts_of,
    place_of,
    write_mark,
)
from toolkit.network import Network

__all__ = ["dumps", "dumps_back"]

_ABOUT = {"keras_version": "3.0.0", "date_saved": "1980-01-01@00:00:00"}


def dumps(network: Network) -> bytes:
    """Return the network as a ``.keras`` file, of which Keras 3 makes a Sequential.

    Parameters
    ----------
    network : Network

    Returns
    -------
    bytes
        The same for the same network.

    Raises
    ------
    NetworkFileError
        If h5py is not installed, or Keras has no name for an activation function.
    """
    h5py = h5py_module()
    config = json.dumps(_config(network))  # refuses what it has no name for
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        write_mark(file, network)
        file.create_group("vars")
        for number, layer in enumerate(network.layers):
            place = file.create_group(place_of(number))
            for index, values in enumerate(parts_of(layer)):
                place.create_dataset(str(index), data=values)
    return zipped(
        {
            "metadata.json": json.dumps(_ABOUT).encode(),
            "config.json": config.encode(),
            WEIGHTS: buffer.getvalue(),
        }
    )


def _config(network: Network) -> dict[str, Any]:
    shape = [None, network.sizes[0]]
    entry = {"class_name": "InputLayer", "config": {"name": "pixels", "batch_shape": shape}}
    layers = [
        {"module": "keras.layers", **layer, "registered_name": None}
        for layer in (entry, *layers_of(network, names_of(network)))
    ]
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "weight_map", "layers": layers, "build_input_shape": shape},
        "registered_name": None,
        "build_config": {"input_shape": shape},
    }
