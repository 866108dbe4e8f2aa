"""Writing a network as ONNX."""

from __future__ import annotations

import numpy as np

from toolkit.formats.frameworks.onnx.package import OPSET, PRODUCER, onnx_package
from toolkit.formats.meaning import mark
from toolkit.network import Network

_IR_VERSION = 7
_OPERATORS = {"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "softmax": "Softmax"}


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
        operator = _OPERATORS.get(layer.activation)
        final = "outputs" if number == len(network.layers) else f"activations_{number}"
        summed = final if operator is None else f"sums_{number}"
        nodes.append(make.make_node("Gemm", [last, *names], [summed], f"layer_{number}", transB=1))
        if operator is not None:
            at = {"axis": -1} if operator == "Softmax" else {}
            nodes.append(make.make_node(operator, [summed], [final], f"activation_{number}", **at))
        last = final
    ends = [
        make.make_tensor_value_info(name, single, ["batch", size])
        for name, size in (("pixels", network.sizes[0]), ("outputs", network.sizes[-1]))
    ]
    graph = make.make_graph(nodes, network.name, ends[:1], ends[1:], tensors)
    model = make.make_model(
        graph,
        producer_name=PRODUCER,
        ir_version=_IR_VERSION,
        opset_imports=[make.make_opsetid("", OPSET)],
    )
    make.set_model_props(model, {mark.KEY: mark.text_of(network)})
    return bytes(model.SerializeToString(deterministic=True))
