"""Writing a network as ONNX."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from toolkit.activations import family
from toolkit.formats.frameworks.onnx.package import OPSET, PRODUCER, onnx_package
from toolkit.formats.meaning import mark
from toolkit.network import Network

_IR_VERSION = 7
_OPERATORS: dict[str, tuple[str, dict[str, Any]]] = {
    "relu": ("Relu", {}), "sigmoid": ("Sigmoid", {}), "tanh": ("Tanh", {}),
    "softmax": ("Softmax", {"axis": -1}), "softplus": ("Softplus", {}),
    "hard_sigmoid": ("HardSigmoid", {"alpha": 1 / 6, "beta": 0.5}),
    "gelu": ("Gelu", {"approximate": "none"}), "gelu_tanh": ("Gelu", {"approximate": "tanh"}),
    "elu": ("Elu", {}), "leaky_relu": ("LeakyRelu", {}),
}  # fmt: skip
_WITH_GELU = {"opset": 20, "ir_version": 9}
"""The first that have GELU as one operator."""


def dumps(network: Network) -> bytes:
    """Return the network as an ONNX file; the same network gives the same bytes.

    Its input ``pixels`` has shape (batch, inputs), its output ``outputs`` (batch, neurons).

    Parameters
    ----------
    network : Network

    Raises
    ------
    NetworkFileError
        If the ``onnx`` package is not installed.
    """
    onnx = onnx_package("the network")
    make, single = onnx.helper, onnx.TensorProto.FLOAT
    nodes, tensors, last = [], [], "pixels"
    for number, layer in enumerate(network.layers, 1):
        names = [f"weights_{number}", f"biases_{number}"]
        for name, values in zip(names, (layer.weights, layer.biases), strict=True):
            raw = np.ascontiguousarray(values, "<f4").tobytes()
            tensors.append(make.make_tensor(name, single, values.shape, raw, raw=True))
        final = "outputs" if number == len(network.layers) else f"activations_{number}"
        plain = layer.activation == "identity"
        summed = final if plain else f"sums_{number}"
        nodes.append(make.make_node("Gemm", [last, *names], [summed], f"layer_{number}", transB=1))
        if not plain:
            nodes += _activation(make, layer.activation, summed, final, number)
        last = final
    ends = [
        make.make_tensor_value_info(name, single, ["batch", size])
        for name, size in (("pixels", network.sizes[0]), ("outputs", network.sizes[-1]))
    ]
    graph = make.make_graph(nodes, network.name, ends[:1], ends[1:], tensors)
    gelu = any(family(name)[0].startswith("gelu") for name in network.activations)
    model = make.make_model(
        graph,
        producer_name=PRODUCER,
        ir_version=_WITH_GELU["ir_version"] if gelu else _IR_VERSION,
        opset_imports=[make.make_opsetid("", _WITH_GELU["opset"] if gelu else OPSET)],
    )
    make.set_model_props(model, {mark.KEY: mark.text_of(network)})
    return bytes(model.SerializeToString(deterministic=True))


def _activation(make: Any, name: str, summed: str, final: str, number: int) -> list[Any]:
    """Return the nodes of an activation function."""
    kind, parameter = family(name)
    if kind == "silu":
        share = f"shares_{number}"
        return [
            make.make_node("Sigmoid", [summed], [share], f"share_{number}"),
            make.make_node("Mul", [summed, share], [final], f"activation_{number}"),
        ]
    operator, attributes = _OPERATORS[kind]
    if not math.isnan(parameter):
        attributes = {"alpha": parameter}
    return [make.make_node(operator, [summed], [final], f"activation_{number}", **attributes)]
