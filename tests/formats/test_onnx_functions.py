"""Activation functions of an ONNX graph: operators, and spelt out in several nodes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.formats.test_onnx import RNG, network_of, run
from toolkit.activations import ACTIVATIONS
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks import onnx as onnx_files
from toolkit.network import Layer, Network

node = helper.make_node
W, B, V = (RNG.normal(0, 2, shape).astype(np.float32) for shape in ((9, 4), 9, (2, 9)))
X = RNG.normal(0, 1, (64, 4)).astype(np.float32)


def with_function(nodes: Sequence[Any], opset: int = 20, **constants: Any) -> bytes:
    """Return a model of two layers with nodes from ``z`` to ``a`` between them."""
    arrays = {"w": W, "b": B, "v": V} | {key: np.float32(c) for key, c in constants.items()}
    row = [node("Gemm", ["x", "w", "b"], ["z"], transB=1), *nodes,
           node("Gemm", ["a", "v"], ["y"], transB=1)]  # fmt: skip
    graph = helper.make_graph(
        row, "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ("n", 4))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(values, name) for name, values in arrays.items()],
    )  # fmt: skip
    opsets = [helper.make_opsetid("", opset)]
    return bytes(
        helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()
    )  # fmt: skip


GELU = [
    node("Div", ["z", "r"], ["d"]), node("Erf", ["d"], ["e"]), node("Add", ["e", "o"], ["p"]),
    node("Mul", ["z", "p"], ["m"]), node("Mul", ["m", "h"], ["a"]),
]  # fmt: skip
TANH_FORM = [
    node("Pow", ["z", "three"], ["c"]), node("Mul", ["c", "k"], ["d"]),
    node("Add", ["z", "d"], ["e"]), node("Mul", ["e", "s"], ["f"]), node("Tanh", ["f"], ["t"]),
    node("Add", ["o", "t"], ["u"]), node("Mul", ["h", "z"], ["g"]), node("Mul", ["g", "u"], ["a"]),
]  # fmt: skip
KEPT_LINEAR = [
    node("Mul", ["z", "b2"], ["s"]), node("Softplus", ["s"], ["p"]),
    node("Div", ["p", "b2"], ["d"]), node("Greater", ["s", "far"], ["g"]),
    node("Where", ["g", "z", "d"], ["a"]),
]  # fmt: skip
ONE: Any = {"r": math.sqrt(2), "o": 1.0, "h": 0.5}
FORM: Any = {"three": 3.0, "k": 0.044715, "s": math.sqrt(2 / math.pi), "o": 1.0, "h": 0.5}

READ: dict[str, tuple[bytes, str]] = {
    "gelu": (with_function([node("Gelu", ["z"], ["a"])]), "gelu"),
    "gelu by tanh": (with_function([node("Gelu", ["z"], ["a"], approximate="tanh")]), "gelu_tanh"),
    "gelu by erf": (with_function(GELU, **ONE), "gelu"),
    "gelu spelt by tanh": (with_function(TANH_FORM, **FORM), "gelu_tanh"),
    "silu": (
        with_function([node("Sigmoid", ["z"], ["s"]), node("Mul", ["s", "z"], ["a"])]), "silu"
    ),
    "steeper silu": (
        with_function([node("Mul", ["z", "k"], ["m"]), node("Sigmoid", ["m"], ["s"]),
                       node("Mul", ["z", "s"], ["a"])], k=1.702), "silu"
    ),
    "sigmoid by exp": (
        with_function([node("Neg", ["z"], ["n"]), node("Exp", ["n"], ["e"]),
                       node("Add", ["e", "o"], ["p"]), node("Reciprocal", ["p"], ["a"])], o=1.0),
        "sigmoid",
    ),
    "leaky by max": (
        with_function([node("Mul", ["z", "s"], ["m"]), node("Max", ["m", "z"], ["a"])], s=0.2),
        "leaky_relu(0.2)",
    ),
    "softplus kept linear": (with_function(KEPT_LINEAR, b2=2.0, far=20.0), "softplus"),
    "softplus": (with_function([node("Softplus", ["z"], ["a"])]), "softplus"),
    "elu": (with_function([node("Elu", ["z"], ["a"])]), "elu"),
    "elu 0.5": (with_function([node("Elu", ["z"], ["a"], alpha=0.5)]), "elu(0.5)"),
    "celu": (with_function([node("Celu", ["z"], ["a"], alpha=0.7)]), "elu"),
    "selu": (with_function([node("Selu", ["z"], ["a"])]), "elu(1.6732632)"),
    "leaky": (with_function([node("LeakyRelu", ["z"], ["a"])]), "leaky_relu"),
    "leaky 0.3": (with_function([node("LeakyRelu", ["z"], ["a"], alpha=0.3)]), "leaky_relu(0.3)"),
    "one slope": (with_function([node("PRelu", ["z", "s"], ["a"])], s=[0.25]), "leaky_relu(0.25)"),
    "hard sigmoid": (
        with_function([node("HardSigmoid", ["z"], ["a"], alpha=1 / 6)]), "hard_sigmoid"
    ),
    "its own hard sigmoid": (with_function([node("HardSigmoid", ["z"], ["a"])]), "hard_sigmoid"),
    "0 to 6 over 6": (
        with_function([node("Add", ["z", "t"], ["p"]), node("Clip", ["p", "n", "o"], ["c"]),
                       node("Mul", ["c", "s"], ["a"])], t=3.0, n=0.0, o=6.0, s=1 / 6),
        "hard_sigmoid",
    ),
    "0 to 1": (with_function([node("Clip", ["z", "n", "o"], ["a"])], n=0.0, o=1.0), "hard_sigmoid"),
    "from 0": (with_function([node("Clip", ["z", "n"], ["a"])], n=0.0), "relu"),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_a_function_is_known_however_it_is_written(name: str) -> None:
    data, activation = READ[name]
    network = network_of(onnx_files.read(data))
    assert network.activations == (activation, "identity")
    np.testing.assert_allclose(network.forward(X).outputs, run(data, X), atol=2e-5)


NORMAL: Any = {"g": W[:, 0], "s": W[:, 1], "m": W[:, 2], "v2": np.abs(W[:, 3]) + 0.5}


@pytest.mark.parametrize("behind", [False, True])
def test_batch_normalisation_is_folded_where_it_stands(behind: bool) -> None:
    norm = node("BatchNormalization", ["t" if behind else "z", "g", "s", "m", "v2"],
                ["a" if behind else "n"], epsilon=0.01)  # fmt: skip
    tanh = node("Tanh", ["z" if behind else "n"], ["t" if behind else "a"])
    data = with_function([tanh, norm] if behind else [norm, tanh], **NORMAL)
    network = network_of(onnx_files.read(data))
    assert network.activations == ("tanh", "identity")
    np.testing.assert_allclose(network.forward(X).outputs, run(data, X), atol=5e-5)


REFUSED: dict[str, tuple[bytes, str]] = {
    "relu6": (with_function([node("Clip", ["z", "n", "o"], ["a"])], n=0.0, o=6.0),
              "ends at two values, as ReLU6 and hard tanh do, has no equal"),
    "capped far out": (
        with_function([node("Max", ["z", "n"], ["m"]), node("Min", ["m", "o"], ["a"])], n=0.0,
                      o=5000.0), r"\(Min\): is not understood"
    ),
    "hard swish": (with_function([node("HardSwish", ["z"], ["a"])]), "hard swish has no equal"),
    "mish": (with_function([node("Mish", ["z"], ["a"])]), "Mish has no equal"),
    "celu turned round": (
        with_function([node("Celu", ["z"], ["a"], alpha=-1.0)]), "expected an alpha above 0; got -1"
    ),
    "slopes": (with_function([node("PRelu", ["z", "s"], ["a"])], s=np.full(9, 0.25)),
               r"PReLU \(a slope for each neuron\) has no equal"),
    "softsign": (
        with_function([node("Abs", ["z"], ["m"]), node("Add", ["m", "o"], ["p"]),
                       node("Div", ["z", "p"], ["a"])], o=1.0), "only layers in one row"
    ),
    "layer norm": (
        with_function([node("LayerNormalization", ["z", "g"], ["a"])], g=np.ones(9)),
        "divides each picture by what its own numbers come to",
    ),
    "each neuron its own": (
        with_function([node("Sigmoid", ["z"], ["s"]), node("Mul", ["s", "g"], ["t"]),
                       node("Mul", ["t", "z"], ["a"])], g=np.linspace(1, 2, 9)),
        "only layers in one row",
    ),
    "training": (
        with_function([node("BatchNormalization", ["z", "g", "s", "m", "v2"], ["a", "e", "f"],
                            training_mode=1)], **NORMAL), "is set to training"
    ),
    "not a slope": (with_function([node("LeakyRelu", ["z"], ["a"], alpha=math.nan)]),
                    "expected a finite slope"),
    "gelu of another kind": (with_function([node("Gelu", ["z"], ["a"], approximate="fast")]),
                             "approximates as 'fast'"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_function_without_an_equal_is_named(name: str) -> None:
    data, message = REFUSED[name]
    with pytest.raises(NetworkFileError, match=message):
        onnx_files.read(data)


@pytest.mark.parametrize("name", [*ACTIVATIONS, "leaky_relu(0.2)", "elu(0.5)"])
def test_each_function_is_written_as_onnxruntime_has_it(name: str) -> None:
    network = Network((Layer(W, B, name), Layer(V, [1, -1], "softmax")))
    data = onnx_files.dumps(network)
    np.testing.assert_allclose(run(data, X), network.forward(X).outputs, atol=1e-6)
    assert network_of(onnx_files.read(data)) == network


def test_a_long_row_of_elementwise_nodes_is_soon_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nodes = [node("Neg", ["z"], ["n0"])]
    nodes += [node("Exp", [f"n{number}"], [f"n{number + 1}"]) for number in range(2000)]
    nodes.append(node("Mul", ["n2000", "z"], ["a"]))
    worked: list[int] = []
    from toolkit.formats.frameworks.onnx import functions

    real: Callable[..., Any] = functions._ready
    monkeypatch.setattr(functions, "_ready", lambda *a: worked.append(1) or real(*a))
    with pytest.raises(NetworkFileError, match="only layers in one row"):
        onnx_files.read(with_function(nodes))
    assert len(worked) <= 24
