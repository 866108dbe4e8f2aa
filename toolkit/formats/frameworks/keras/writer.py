"""Writing a network as Keras's ``.h5``, and what its ``.keras`` shares with that."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.activations import family
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks.keras.back import h5py_module
from toolkit.formats.meaning import mark
from toolkit.network import Layer, Network

_LONGEST_PART = 60_000
_NAMES = {
    "identity": "linear", "sigmoid": "sigmoid", "relu": "relu", "tanh": "tanh",
    "softmax": "softmax", "gelu": "gelu", "silu": "swish", "softplus": "softplus",
}  # fmt: skip
"""Activation functions that Keras 2 and 3 know by one name and mean the same by."""


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
        If h5py is not installed, or Keras has no name for an activation function.
    """
    h5py = h5py_module()
    names = names_of(network)
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["keras_version"] = b"2.15.0"  # the layout's; Keras 3 reads it as well
        file.attrs["backend"] = b"numpy"
        file.attrs["model_config"] = json.dumps(_config(network, names)).encode()
        write_mark(file, network)
        model = file.create_group("model_weights")
        model.attrs["layer_names"] = np.array(names, "S")
        model.attrs["keras_version"], model.attrs["backend"] = b"2.15.0", b"numpy"
        file.create_group("vars")
        for number, (name, layer) in enumerate(zip(names, network.layers, strict=True)):
            group = model.create_group(name)
            paths = [f"{name}/kernel:0", f"{name}/bias:0"]
            group.attrs["weight_names"] = np.array(paths, "S")
            place = file.create_group(place_of(number))
            for index, (path, values) in enumerate(zip(paths, parts_of(layer), strict=True)):
                group.create_dataset(path, data=values)
                place[str(index)] = group[path]
        empty = model.create_group("top_level_model_weights")
        empty.attrs["weight_names"] = np.array([], "S1")
    return buffer.getvalue()


def names_of(network: Network) -> list[str]:
    """Return what the layers are called."""
    return [f"dense_{number}" for number in range(1, len(network.layers) + 1)]


def place_of(number: int) -> str:
    """Return where Keras 3 looks for a layer, as it counts those of one class from 0."""
    return f"layers/dense{f'_{number}' * bool(number)}/vars"


def parts_of(layer: Layer) -> list[NDArray[Any]]:
    """Return a layer's kernel and biases as Keras lays them out."""
    return [np.ascontiguousarray(part, "<f4") for part in (layer.weights.T, layer.biases)]


def write_mark(file: Any, network: Network) -> None:
    """Say in our own words what the network is, in attributes of an HDF5 file."""
    text = mark.text_of(network)
    # An attribute holds 64 KiB at most; Keras cuts long lists the same way.
    for number, at in enumerate(range(0, len(text), _LONGEST_PART)):
        file.attrs[f"{mark.KEY}{number}"] = np.array([text[at : at + _LONGEST_PART].encode()])


def activation_of(activation: str, name: str) -> tuple[str, list[dict[str, Any]]]:
    """Return an activation function as a Dense layer names it, and what layers follow for it.

    Parameters
    ----------
    activation : str
        As a layer of ours has it.
    name : str
        The Dense layer's name; those of the layers that follow begin with it.

    Raises
    ------
    NetworkFileError
        If Keras has no name for it.
    """
    kind, parameter = family(activation)
    if kind in _NAMES:
        return _NAMES[kind], []
    if kind == "leaky_relu":
        return "linear", [_layer("LeakyReLU", f"{name}_leaky", alpha=parameter)]
    if kind == "elu":
        return "linear", [_layer("ELU", f"{name}_elu", alpha=parameter)]
    if kind == "hard_sigmoid":
        # Keras 2 and 3 mean different functions by its name; of a ReLU that ends at 6 the same.
        return "linear", [
            _layer("Rescaling", f"{name}_raised", scale=1.0, offset=3.0),
            _layer("ReLU", f"{name}_relu", max_value=6.0, negative_slope=0.0, threshold=0.0),
            _layer("Rescaling", f"{name}_scaled", scale=1 / 6, offset=0.0),
        ]
    raise NetworkFileError(
        f"Keras has no name for the activation {activation}; choose another for layer {name}, or "
        "save as .onnx or .npz"
    )


def _layer(kind: str, name: str, **settings: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": name, **settings}}


def layers_of(network: Network, names: list[str]) -> list[dict[str, Any]]:
    """Return the layers behind the input, in terms that Keras 2 and 3 share."""
    layers = []
    for name, layer in zip(names, network.layers, strict=True):
        said, following = activation_of(layer.activation, name)
        layers.append(_layer("Dense", name, units=layer.size, activation=said, use_bias=True))
        layers += following
    return layers


def _config(network: Network, names: list[str]) -> dict[str, Any]:
    """Return the configuration of a Sequential model, in terms that Keras 2 and 3 share."""
    shape = [None, network.sizes[0]]
    entry = _layer("InputLayer", "pixels", batch_input_shape=shape, dtype="float32")
    layers = [entry, *layers_of(network, names)]
    return {"class_name": "Sequential", "config": {"name": "weight_map", "layers": layers}}
