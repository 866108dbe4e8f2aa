from __future__ import annotations

import random
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks import onnx as onnx_files
from toolkit.formats.limits import LIMITS
from toolkit.formats.meaning.reading import Reading
from toolkit.grid import Grid
from toolkit.network import Layer, Network

FILES = Path(__file__).parent / "files"
RNG = np.random.default_rng(8)
W1, B1 = RNG.random((3, 4), np.float32), RNG.random(3, np.float32)
W2 = RNG.random((2, 3), np.float32)
X = RNG.random((5, 4), np.float32)
node = helper.make_node


def model_of(
    nodes: Sequence[Any],
    constants: dict[str, Any] | None = None,
    shape: Sequence[Any] = ("n", 4),
    output: str = "y",
    more: Callable[[Any], None] = lambda model: None,
) -> bytes:
    """Return a model of an input ``x``, with ``w1`` (3, 4), ``b1``, ``w2`` (2, 3) at hand."""
    arrays = {"w1": W1, "b1": B1, "w2": W2, **(constants or {})}
    tensors = [
        values if isinstance(values, TensorProto) else numpy_helper.from_array(values, name)
        for name, values in arrays.items()
    ]
    graph = helper.make_graph(
        nodes, "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        tensors,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    more(model)
    return bytes(model.SerializeToString())


def run(data: bytes, x: Any) -> Any:
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x})[0]


def network_of(reading: Reading) -> Network:
    return Network(
        tuple(
            Layer(
                raw.weights,
                np.zeros(len(raw.weights)) if raw.biases is None else raw.biases,
                raw.activation or "identity",
            )
            for raw in reading.layers
        )
    )


FIRST = node("Gemm", ["x", "w1"], ["h"], transB=1)
LAST = node("Gemm", ["h", "w2"], ["y"], transB=1)


@pytest.mark.parametrize("sizes", [(4, 3), (16, 5, 4, 3), (784, 16, 16, 10)], ids=str)
@pytest.mark.parametrize("hidden", ["sigmoid", "relu", "tanh", "identity", "softmax"])
def test_what_is_written_gives_onnxruntime_the_same_outputs(
    sizes: tuple[int, ...], hidden: str
) -> None:
    network = Network.random(sizes, hidden, seed=2)
    x = RNG.random((7, sizes[0]), np.float32)
    data = onnx_files.dumps(network)
    onnx.checker.check_model(onnx.load_model_from_string(data), full_check=True)
    np.testing.assert_allclose(run(data, x), network.forward(x).outputs, atol=1e-5)
    reading = onnx_files.read(data)
    assert network_of(reading) == network
    assert (reading.name, reading.provenance) == (network.name, network.provenance)
    assert onnx_files.dumps(network) == data


GOOD: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "alpha and beta": (
        model_of([node("Gemm", ["x", "w1", "b1"], ["h"], alpha=0.5, beta=2.0, transB=1), LAST]),
        (4,),
    ),
    "not transposed": (
        model_of([node("Gemm", ["x", "t", "b1"], ["h"]), LAST], {"t": W1.T.copy()}), (4,)
    ),
    "matmul, add": (
        model_of(
            [node("MatMul", ["x", "t"], ["m"]), node("Add", ["b1", "m"], ["a"]),
             node("Tanh", ["a"], ["h"]), LAST],
            {"t": W1.T.copy()},
        ),
        (4,),
    ),
    "scalar bias": (
        model_of([node("Gemm", ["x", "w1", "c"], ["h"], transB=1), LAST], {"c": np.float32(0.3)}),
        (4,),
    ),
    "flattened picture": (
        model_of([node("Flatten", ["x"], ["f"]), node("Gemm", ["f", "w1"], ["h"], transB=1), LAST],
                 shape=("n", 1, 2, 2)),
        (1, 2, 2),
    ),
    "each input scaled": (
        model_of(
            [node("Sub", ["x", "m"], ["s"]), node("Div", ["s", "d"], ["f"]),
             node("Gemm", ["f", "w1", "b1"], ["h"], transB=1), LAST],
            {"m": np.float32([0.1, 0.2, 0.3, 0.4]), "d": np.float32([1, 2, 3, 4])},
        ),
        (4,),
    ),
    "ink and paper": (
        model_of(
            [node("Constant", [], ["one"], value_float=1.0), node("Sub", ["one", "x"], ["f"]),
             node("Gemm", ["f", "w1", "b1"], ["h"], transB=1), LAST],
        ),
        (4,),
    ),
    "scaled without activation": (
        model_of([FIRST, node("Mul", ["h", "c"], ["s"]), node("Add", ["s", "b1"], ["a"]),
                  node("Relu", ["a"], ["r"]), node("Gemm", ["r", "w2"], ["y"], transB=1)],
                 {"c": np.float32([2, -3, 0.5])}),
        (4,),
    ),
    "scaled after an activation": (
        model_of([FIRST, node("Tanh", ["h"], ["t"]), node("Div", ["t", "c"], ["s"]),
                  node("Sub", ["b1", "s"], ["a"]), node("Gemm", ["a", "w2"], ["y"], transB=1)],
                 {"c": np.float32([2, -3, 0.5])}),
        (4,),
    ),
    "scaled at the end": (
        model_of([FIRST, node("Mul", ["h", "c"], ["y"])], {"c": np.float32(2)}), (4,)
    ),
    "passed on": (
        model_of(
            [node("Identity", ["x"], ["i"]), node("Cast", ["i"], ["c"], to=TensorProto.FLOAT),
             node("Gemm", ["c", "w1"], ["g"], transB=1), node("Dropout", ["g"], ["h"]), LAST],
        ),
        (4,),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_row_of_nodes_reads_to_the_same_outputs(name: str) -> None:
    data, shape = GOOD[name]
    reading = onnx_files.read(data)
    scale, shift = reading.input_map or (1, 0)
    outputs = network_of(reading).forward(scale * X + shift).outputs
    np.testing.assert_allclose(outputs, run(data, X.reshape(-1, *shape)), atol=1e-5)


def test_scaling_from_bytes_is_told_from_scaling_pixels() -> None:
    first = node("Gemm", ["f", "w1"], ["h"], transB=1)
    by_255 = model_of([node("Div", ["x", "c"], ["f"]), first, LAST], {"c": np.float32(255)})
    assert onnx_files.read(by_255).input_map == (1.0, 0.0)
    by_half = model_of([node("Div", ["x", "c"], ["f"]), first, LAST], {"c": np.float32(0.5)})
    assert onnx_files.read(by_half).input_map == (2.0, 0.0)
    plain = model_of([node("Gemm", ["x", "w1"], ["h"], transB=1), LAST])
    assert onnx_files.read(plain).input_map is None


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16],
                         ids=["half", "double", "bfloat16"])  # fmt: skip
@pytest.mark.parametrize("raw", [False, True], ids=["listed", "raw"])
def test_floats_of_any_size_are_read(kind: int, raw: bool) -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    if raw:
        if kind == TensorProto.BFLOAT16:
            content = (values.view(np.uint32) >> 16).astype("<u2").tobytes()
        else:
            content = values.astype(helper.tensor_dtype_to_np_dtype(kind)).tobytes()
        tensor = helper.make_tensor("t", kind, (3, 4), content, raw=True)
    else:
        tensor = helper.make_tensor("t", kind, (3, 4), values.ravel().tolist())
    reading = onnx_files.read(model_of([node("Gemm", ["x", "t"], ["y"], transB=1)], {"t": tensor}))
    np.testing.assert_array_equal(reading.layers[0].weights, values)


def test_pictures_that_are_no_square_keep_their_rows_and_columns() -> None:
    first = [node("Flatten", ["x"], ["f"]), node("Gemm", ["f", "w"], ["y"], transB=1)]
    for shape, grid in ((("n", 1, 2, 8), Grid(2, 8)), (("n", 4, 4), None), (("n", 16), None)):
        data = model_of(first, {"w": np.ones((3, 16), np.float32)}, shape)
        assert onnx_files.read(data).layers[0].grid == grid


def test_pixels_of_a_picture_are_scaled_each_by_its_own() -> None:
    mean = np.float32([[0.1, 0.2], [0.3, 0.4]])
    nodes = [node("Sub", ["x", "m"], ["s"]), node("Div", ["s", "d"], ["t"]),
             node("Flatten", ["t"], ["f"]), node("Gemm", ["f", "w1"], ["y"], transB=1)]  # fmt: skip
    data = model_of(nodes, {"m": mean[None], "d": np.float32([1, 2])}, ("n", 1, 2, 2))
    network = network_of(onnx_files.read(data))
    np.testing.assert_allclose(
        network.forward(X).outputs, run(data, X.reshape(-1, 1, 2, 2)), atol=1e-5
    )
    bad = model_of(nodes, {"m": np.ones((3, 1, 1), np.float32), "d": mean}, ("n", 1, 2, 2))
    with pytest.raises(NetworkFileError, match="does not fit pictures of"):
        onnx_files.read(bad)


def test_whole_numbers_going_in_are_pixels_to_255() -> None:
    def bytes_in(model: Any) -> None:
        model.graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8

    rest = [node("Gemm", ["f", "w1"], ["h"], transB=1), LAST]
    cast = node("Cast", ["x"], ["c"], to=TensorProto.FLOAT)
    scaled = model_of([cast, node("Div", ["c", "k"], ["f"]), *rest], {"k": np.float32(255)},
                      more=bytes_in)  # fmt: skip
    assert onnx_files.read(scaled).input_map == (1.0, 0.0)
    plain = model_of([cast, node("Identity", ["c"], ["f"]), *rest], more=bytes_in)
    reading = onnx_files.read(plain)
    assert reading.input_map == (255.0, 0.0)
    pixels = np.uint8([[0, 255, 51, 102]])
    found = network_of(reading).forward(255 * (pixels / np.float32(255))).outputs
    np.testing.assert_allclose(found, run(plain, pixels), rtol=1e-5)


def test_not_a_number_is_kept() -> None:
    data = model_of([node("Gemm", ["x", "t"], ["y"], transB=1)], {"t": W1 * np.float32(np.nan)})
    assert np.isnan(onnx_files.read(data).layers[0].weights).all()


def lying(**changes: Any) -> TensorProto:
    tensor = numpy_helper.from_array(W1, "t")
    if "dims" in changes:
        del tensor.dims[:]
        tensor.dims.extend(changes.pop("dims"))
    for key, value in changes.items():
        setattr(tensor, key, value)
    return tensor


def outside(path: str) -> TensorProto:
    tensor = lying(data_location=TensorProto.EXTERNAL)
    tensor.ClearField("raw_data")
    tensor.external_data.add(key="location", value=path)
    return tensor


def through(tensor: Any) -> bytes:
    return model_of([node("Gemm", ["x", "t"], ["h"], transB=1), LAST], {"t": tensor})


def repeated(count: int, nodes: bool) -> bytes:
    """Return a model of empty nodes or initializers, two bytes each."""
    content = (b"\x0a\x00" if nodes else b"\x2a\x00") * count
    length, size = b"", len(content)
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return b"\x3a" + length + bytes([size]) + content


def branch(model: Any) -> None:
    model.graph.node.append(node("Relu", ["x"], ["other"]))


def second_input(model: Any) -> None:
    model.graph.input.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, None))


def own_function(model: Any) -> None:
    model.functions.append(helper.make_function("my", "Mine", ["a"], ["b"], [], []))


def sparse(model: Any) -> None:
    model.graph.sparse_initializer.add()


BAD: dict[str, tuple[bytes, str]] = {
    "external data": (through(outside("weights.bin")), r"the array 't' is kept in another file"),
    "external path": (through(outside("../../etc/passwd")), r"'t' is kept in another file"),
    "dims lie": (through(lying(dims=(3, 5))), r"declares shape \(3, 5\), 60 bytes; it holds 48"),
    "dims negative": (through(lying(dims=(-3, -4))), r"'t' declares a shape that is none"),
    "dims huge": (through(lying(dims=(1 << 40, 1 << 20))), r"'t' declares .* MiB"),
    "dims overflow": (through(lying(dims=(1 << 62, 4))), r"'t' declares .* MiB"),
    "rank 9": (through(lying(dims=(1,) * 9)), r"'t' has 9 dimensions; at most 8"),
    "strings": (through(lying(data_type=TensorProto.STRING)), r"'t' holds elements of ONNX type 8"),
    "whole numbers": (through(np.ones((3, 4), np.int64)), r"'t' should hold floats"),
    "no matrix": (through(np.ones(4, np.float32)), r"expected a matrix of weights; got shape"),
    "empty matrix": (through(np.ones((0, 4), np.float32)), r"expected a matrix of weights"),
    "convolution": (
        model_of([node("Conv", ["x", "w1"], ["h"], "conv1"), LAST]),
        r"'conv1' \(Conv\): is not understood; only fully connected",
    ),
    "not elementwise": (
        model_of([FIRST, node("CumSum", ["h", "b1"], ["y"], "sums")]),
        r"'sums' \(CumSum\): is not understood",
    ),
    "two activations": (
        model_of([FIRST, node("Relu", ["h"], ["r"]), node("Tanh", ["r"], ["y"])]),
        r"'y' \(Tanh\): a second activation function, after relu",
    ),
    "activation first": (
        model_of([node("Relu", ["x"], ["y"])]), r"an activation function before the first layer"
    ),
    "branch": (
        model_of([FIRST, LAST], more=branch), r"'x' goes to 'h' \(Gemm\) and 'other' \(Relu\)"
    ),
    "residual": (
        model_of([FIRST, node("Relu", ["h"], ["r"]), node("Add", ["h", "r"], ["y"])]),
        r"'h' goes to 'r' \(Relu\) and 'y' \(Add\)",
    ),
    "two inputs": (model_of([FIRST, LAST], more=second_input), r"one input.* it has 'x', 'z'"),
    "circle": (
        model_of([node("Gemm", ["x", "w1"], ["h"], transB=1), node("Relu", ["h"], ["h"])]),
        r"'h' \(Relu\): makes 'h' a second time",
    ),
    "computed weights": (
        model_of([node("Gemm", ["x", "v"], ["y"])]), r"'v' is computed; only constant weights"
    ),
    "transposed input": (
        model_of([node("Gemm", ["x", "w1"], ["y"], transA=1)]), r"transposes its input"
    ),
    "picture rows": (
        model_of([FIRST, LAST], shape=("n", 4, 4)), r"acts on each row of a picture; put a Flatten"
    ),
    "flatten axis": (
        model_of([node("Flatten", ["x"], ["y"], axis=0)]), r"flattens along an axis other"
    ),
    "softmax axis": (
        model_of([FIRST, node("Softmax", ["h"], ["y"], axis=0)]), r"works along axis 0"
    ),
    "bias too long": (
        model_of([node("Gemm", ["x", "w1", "c"], ["y"], transB=1)], {"c": np.ones(5, np.float32)}),
        r"expected 3 biases; got a constant of shape \(5,\)",
    ),
    "shapes apart": (
        model_of([FIRST, node("Gemm", ["h", "w1"], ["y"], transB=1)]),
        r"takes 4 inputs; the layer before gives 3",
    ),
    "scaling behind all": (
        model_of([FIRST, node("Tanh", ["h"], ["t"]), node("Mul", ["t", "c"], ["y"])],
                 {"c": np.float32(2)}),
        r"'y' \(Mul\): scales what the last layer gives after its activation function",
    ),
    "scaling by too few": (
        model_of([FIRST, node("Mul", ["h", "c"], ["y"])], {"c": np.ones(2, np.float32)}),
        r"'y' \(Mul\): expected one number, or one for each of the 3 neurons; got 2",
    ),
    "by zero": (
        model_of([node("Div", ["x", "c"], ["y"])], {"c": np.float32(0)}),
        r"scales the input by a number that is not finite",
    ),
    "after log-softmax": (
        model_of([FIRST, node("LogSoftmax", ["h"], ["l"]), node("Relu", ["l"], ["y"])]),
        r"comes after 'l' \(LogSoftmax\), which is understood only at the end",
    ),
    "other output": (
        model_of([FIRST, LAST], output="h"), r"gives 'h', and goes on from there"
    ),
    "no output": (
        model_of([FIRST, LAST], output="z"), r"ends in 'y', which is not its output"
    ),
    "answer within": (
        model_of([FIRST, node("ArgMax", ["h"], ["a"]), node("Tanh", ["h"], ["t"]),
                  node("Gemm", ["t", "w2"], ["y"], transB=1)]),
        r"'t' \(Tanh\): changes what 'a' \(ArgMax\) answers by",
    ),
    "a third axis": (
        model_of([FIRST, node("Add", ["h", "c"], ["s"]), node("Softmax", ["s"], ["y"])],
                 {"c": np.ones((1, 1, 3), np.float32)}),
        r"makes more of each picture by a constant of shape \(1, 1, 3\)",
    ),
    "columns changed": (
        model_of([FIRST, LAST, *(node("Slice", ["y", f"c{n}", f"c{n + 1}", "c1"], [f"y{n}"])
                                 for n in range(2)), node("Neg", ["y1"], ["z"])],
                 {f"c{n}": np.int64([n]) for n in range(3)}, output="y0"),
        r"'z' \(Neg\): changes what is given as an output of its own",
    ),
    "functions": (model_of([FIRST, LAST], more=own_function), r"functions of its own \('Mine'\)"),
    "sparse": (model_of([FIRST, LAST], more=sparse), r"holds sparse arrays"),
    "own domain": (
        model_of([node("Gemm", ["x", "w1"], ["y"], domain="mine")]), r"of domain 'mine' is not"
    ),
    "two names": (
        model_of([FIRST, LAST], more=lambda m: m.graph.initializer.append(lying(name="w1"))),
        r"two arrays are called 'w1'",
    ),
    "no layer": (model_of([node("Identity", ["x"], ["y"])]), r"at least one fully connected layer"),
    "many nodes": (repeated(100_000, True), r"more than 4096 nodes or arrays"),
    "many arrays": (repeated(100_000, False), r"more than 4096 nodes or arrays"),
    "long text": (
        model_of([FIRST, LAST], more=lambda m: setattr(m, "doc_string", "a" * (2 << 20))),
        r"all but its weights takes more than 1 MiB",
    ),
    "truncated": (model_of([FIRST, LAST])[:-20], r"damaged, or no ONNX file \(it breaks off\)"),
    "no text": (
        model_of([FIRST, LAST]).replace(b"graph", b"gr\xffph"), r"a name in it is no text"
    ),
    "text": (b"hello, this is no network", r"damaged, or no ONNX file"),
    "empty": (b"", r"expected one input, a picture; it has none"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_refused_in_words(name: str) -> None:
    data, message = BAD[name]
    with pytest.raises(NetworkFileError, match=message) as caught:
        onnx_files.read(data, "bad.onnx")
    assert str(caught.value).startswith("bad.onnx: ")
    assert len(str(caught.value)) < 500


def test_limits_can_be_set() -> None:
    data = onnx_files.dumps(Network.random((20, 10, 10), seed=1))
    for changes, message in (
        ({"decoded_bytes": 100}, "at most 0 MiB are read"),
        ({"file_bytes": 100}, "at most 0 MiB are read"),
        ({"tensors": 2}, "more than 2 nodes or arrays"),
        ({"header_bytes": 100}, "all but its weights"),
    ):
        with pytest.raises(NetworkFileError, match=message):
            onnx_files.read(data, limits=replace(LIMITS, **changes))


def test_without_the_package_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = onnx_files.dumps(Network.random((4, 3)))
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(NetworkFileError, match=r"pip install 'weight-map-toolkit\[formats\]'"):
        onnx_files.read(data)


@pytest.mark.parametrize(
    "name", ["onnx-torch-viewed-script.onnx", "onnx-sklearn-scaled.onnx", "written"]
)
def test_mutants_give_a_reading_or_the_one_error(name: str) -> None:
    rng = random.Random(name)
    written = onnx_files.dumps(Network.random((4, 3, 2), "softmax"))
    good = written if name == "written" else (FILES / name).read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(400):
            data = bytearray(good)
            for _ in range(rng.choice((1, 1, 2, 8))):
                at = rng.randrange(len(data))
                data[at : at + rng.choice((0, 1, 1, 1, 4))] = rng.randbytes(rng.choice((0, 1, 1)))
            if rng.random() < 0.1:
                del data[rng.randrange(len(data)) :]
            try:
                assert isinstance(onnx_files.read(bytes(data)), Reading)
            except NetworkFileError:
                continue
