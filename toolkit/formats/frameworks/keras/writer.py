"""Writing a network as Keras's ``.h5``."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import INSTALL
from toolkit.formats.meaning import mark
from toolkit.network import Network

_LONGEST_PART = 60_000


def dumps(network: Network) -> bytes:
    """Return the network as a whole-model ``.h5`` file, for Keras 2 and 3.

    ``keras.models.load_model`` makes a Sequential of it; ``load_weights`` puts its weights into
    one that was built with the same sizes.  The arrays stand in the older layout and are linked
    from where Keras 3 looks in a ``.weights.h5``, so either name does.

    Parameters
    ----------
    network : Network

    Raises
    ------
    NetworkFileError
        If h5py is not installed.
    """
    try:
        import h5py
    except ImportError as error:
        raise NetworkFileError(f"a Keras file is written by h5py: {INSTALL}") from error
    names = [f"dense_{number}" for number in range(1, len(network.layers) + 1)]
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["keras_version"] = b"2.15.0"  # the layout's; Keras 3 reads it as well
        file.attrs["backend"] = b"numpy"
        file.attrs["model_config"] = json.dumps(_config(network, names)).encode()
        for name, part in _in_parts(mark.KEY, mark.text_of(network)).items():
            file.attrs[name] = np.array([part.encode()])
        model = file.create_group("model_weights")
        model.attrs["layer_names"] = np.array(names, "S")
        model.attrs["keras_version"], model.attrs["backend"] = b"2.15.0", b"numpy"
        file.create_group("vars")
        for number, (name, layer) in enumerate(zip(names, network.layers, strict=True)):
            group = model.create_group(name)
            parts = {f"{name}/kernel:0": layer.weights.T, f"{name}/bias:0": layer.biases}
            group.attrs["weight_names"] = np.array(list(parts), "S")
            # As Keras 3 counts layers of one class: dense, dense_1, dense_2.
            place = file.create_group(f"layers/dense{f'_{number}' * bool(number)}/vars")
            for index, (path, values) in enumerate(parts.items()):
                group.create_dataset(path, data=np.ascontiguousarray(values, "<f4"))
                place[str(index)] = group[path]
        empty = model.create_group("top_level_model_weights")
        empty.attrs["weight_names"] = np.array([], "S1")
    return buffer.getvalue()


def _in_parts(name: str, text: str) -> dict[str, str]:
    """Cut a text as Keras cuts long lists: an attribute holds 64 KiB at most."""
    parts = [text[at : at + _LONGEST_PART] for at in range(0, len(text), _LONGEST_PART)]
    return {f"{name}{number}": part for number, part in enumerate(parts)}


def _config(network: Network, names: list[str]) -> dict[str, Any]:
    """Return the configuration of a Sequential model, in terms that Keras 2 and 3 share."""
    layers: list[dict[str, Any]] = [
        {
            "class_name": "InputLayer",
            "config": {
                "batch_input_shape": [None, network.sizes[0]], "dtype": "float32", "name": "pixels",
            },
        }
    ]  # fmt: skip
    for name, layer in zip(names, network.layers, strict=True):
        activation = "linear" if layer.activation == "identity" else layer.activation
        config = {"name": name, "units": layer.size, "activation": activation, "use_bias": True}
        layers.append({"class_name": "Dense", "config": config})
    return {"class_name": "Sequential", "config": {"name": "weight_map", "layers": layers}}
