"""An ONNX model goes back as it came: the same graph with what the network is now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.formats.test_onnx import B1, W1, W2, model_of, network_of
from toolkit.formats import dumps, read, save
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks import onnx as onnx_files
from toolkit.formats.frameworks.npz import dumps as dumps_npz
from toolkit.formats.meaning.interpretation import interpret
from toolkit.formats.meaning.reading import Reading
from toolkit.network import Network

FILES = Path(__file__).parent / "files"
REAL = sorted(path.name for path in FILES.glob("onnx-*.onnx"))
node = helper.make_node


def session_of(data: bytes | Path) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    source = str(data) if isinstance(data, Path) else data
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def ends(data: bytes | Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    session = session_of(data)
    inputs, outputs = ([(each.name, each.type) for each in part]
                       for part in (session.get_inputs(), session.get_outputs()))  # fmt: skip
    return inputs, outputs


def outputs_of(data: bytes | Path, x: Any) -> Any:
    """Return what a model answers: its scores, not the class it chooses."""
    session = session_of(data)
    shape = [1 if not isinstance(n, int) or n < 1 else n for n in session.get_inputs()[0].shape[1:]]
    for values in session.run(None, {session.get_inputs()[0].name: x.reshape(len(x), *shape)}):
        if isinstance(values, list):  # a probability by each class's name
            return np.array([[said[key] for key in sorted(said)] for said in values], np.float32)
        if values.dtype.kind == "f":
            return values
    raise AssertionError("no scores")


def nodes_of(model: Any) -> list[Any]:
    return [
        (each.op_type, each.name, list(each.input), list(each.output),
         [(said.name, said.i, said.f, said.s, len(said.floats)) for said in each.attribute])
        for each in model.graph.node
    ]  # fmt: skip


def edited(network: Network, weight: bool = True, bias: bool = True) -> Network:
    """Return a network with one weight and one bias of each layer changed."""
    for number, layer in enumerate(network.layers, 1):
        weights, biases = layer.weights.copy(), layer.biases.copy()
        weights[0, -1] += 0.25 if weight else 0
        biases[-1] += 6 if bias else 0
        network = network.with_layer(number, weights=weights, biases=biases)
    return network


def opened(data: bytes | Path) -> tuple[Reading, Network]:
    """Return what a file says, and the network that it is of pixels from 0 to 1."""
    reading = read(data)
    known = replace(reading, input_map=reading.input_map or (1.0, 0.0))
    return reading, interpret(known).network


def agree(found: Any, network: Network, x: Any, reading: Reading) -> None:
    if any("log-softmax" in note for note in reading.notes):
        found = np.exp(found)
    wanted = network.forward(x).outputs
    if wanted.shape[1] == 1 < found.shape[1]:
        found = found[:, 1:]
    np.testing.assert_allclose(found, wanted, atol=1e-6)


@pytest.mark.parametrize("name", REAL)
def test_what_a_framework_wrote_comes_back_and_answers_as_the_network_does(name: str) -> None:
    path = FILES / name
    x = np.load(FILES / f"{path.stem}.answers.npz")["inputs"] / 20  # where no output is all
    reading, network = opened(path)
    same = onnx_files.dumps_back(network)
    assert ends(same) == ends(path)
    onnx.checker.check_model(onnx.load_model_from_string(same))
    np.testing.assert_allclose(outputs_of(same, x), outputs_of(path, x), atol=1e-6)
    agree(outputs_of(same, x), network, x, reading)
    bias = "sequential" not in name and "beside" not in name  # one layer there has none
    changed = edited(network, bias=bias)
    data = onnx_files.dumps_back(changed)
    assert ends(data) == ends(path)
    assert np.abs(outputs_of(data, x) - outputs_of(same, x)).max() > 1e-3
    agree(outputs_of(data, x), changed, x, reading)
    again, read_again = opened(data)
    assert again.input_map is not None, "what we wrote is never guessed at"
    np.testing.assert_allclose(
        read_again.forward(x).outputs, changed.forward(x).outputs, atol=1e-6
    )  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_names_shapes_types_and_nodes_stay(name: str) -> None:
    model = onnx.load(FILES / name)
    back = onnx.load_model_from_string(onnx_files.dumps_back(opened(FILES / name)[1]))
    assert nodes_of(back) == nodes_of(model)
    shapes = [[(each.name, tuple(each.dims), each.data_type) for each in graph.initializer]
              for graph in (model.graph, back.graph)]  # fmt: skip
    assert shapes[0] == shapes[1]
    for one, other in zip(model.graph.initializer, back.graph.initializer, strict=True):
        values = [numpy_helper.to_array(each) for each in (one, other)]
        np.testing.assert_allclose(*values, atol=1e-6)


FIRST = node("Gemm", ["x", "w1", "b1"], ["h"], transB=1)
LAST = node("Gemm", ["h", "w2", "b2"], ["y"], transB=1)
B2 = np.float32([0.5, -0.25])


def with_constant(name: str, values: Any) -> Any:
    return node("Constant", [], [name], value=numpy_helper.from_array(values, name))


def old(model: Any) -> None:
    """Let a model's constants be among its inputs, as they once had to be."""
    model.ir_version = 3
    for tensor in model.graph.initializer:
        value = helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
        model.graph.input.append(value)


SQUARE = np.float32([[0.5, 1, 0], [-1, 0.25, 2], [0, 1, 1]])
ODD: dict[str, bytes] = {
    "constant nodes": model_of(
        [with_constant("c", W1), with_constant("d", B1),
         node("Gemm", ["x", "c", "d"], ["h"], transB=1), LAST], {"b2": B2}
    ),
    "turned": model_of(
        [node("Transpose", ["w1"], ["t"], perm=[1, 0]), node("Identity", ["t"], ["i"]),
         node("MatMul", ["x", "i"], ["m"]), node("Add", ["m", "b1"], ["h"]), LAST], {"b2": B2}
    ),
    "made single": model_of(
        [node("Cast", ["n"], ["c"], to=TensorProto.FLOAT),
         node("Gemm", ["x", "c", "b1"], ["h"], transB=1), LAST],
        {"n": W1.astype(np.float16), "b2": B2},
    ),
    "two layers alike": model_of(
        [FIRST, node("Relu", ["h"], ["r"]), node("Gemm", ["r", "s", "b1"], ["g"], transB=1),
         node("Tanh", ["g"], ["t"]), node("Gemm", ["t", "s", "b1"], ["u"], transB=1),
         node("Gemm", ["u", "w2", "b2"], ["y"], transB=1)], {"s": SQUARE, "b2": B2}
    ),
    "used beside a layer too": model_of(
        [node("Add", ["x", "w1"], ["s"]), node("Gemm", ["s", "w1", "b1"], ["h"], transB=1), LAST],
        {"w1": W1[:1], "b1": B1[:1], "w2": W2[:, :1], "b2": B2},
    ),
    "alpha and beta": model_of(
        [node("Gemm", ["x", "w1", "b1"], ["h"], transB=1, alpha=0.5, beta=2.0), LAST], {"b2": B2}
    ),
    "one bias for all": model_of(
        [node("Gemm", ["x", "w1", "c"], ["h"], transB=1), LAST], {"c": np.float32(0.5), "b2": B2}
    ),
    "taken away": model_of(
        [node("Gemm", ["x", "w1"], ["m"], transB=1), node("Sub", ["m", "b1"], ["h"]), LAST],
        {"b2": B2},
    ),
    "a row of biases": model_of(
        [node("Gemm", ["x", "w1"], ["m"], transB=1), node("Add", ["r", "m"], ["h"]), LAST],
        {"r": B1[None], "b2": B2},
    ),
    "constants among the inputs": model_of(
        [with_constant("c", W1), node("Gemm", ["x", "c", "b1"], ["h"], transB=1), LAST],
        {"b2": B2}, more=old,
    ),
    "scaled and shifted": model_of(
        [node("Mul", ["x", "k"], ["k1"]), node("Gemm", ["k1", "w1", "b1"], ["s"], transB=1),
         node("Div", ["s", "d"], ["t"]), node("Tanh", ["t"], ["u"]), node("Mul", ["u", "d"], ["v"]),
         node("Add", ["v", "b1"], ["h"]), LAST],
        {"k": np.float32([1, 2, 3, 4]), "d": np.float32([2, -3, 0.5]), "b2": B2},
    ),
    "normalised without biases": model_of(
        [node("Gemm", ["x", "w1"], ["m"], transB=1),
         node("BatchNormalization", ["m", "g", "s", "b1", "v"], ["n"]),
         node("Relu", ["n"], ["h"]), LAST],
        {"g": np.float32([1, -2, 3]), "s": np.float32([0, 1, 2]), "v": np.float32([1, 4, 9]),
         "b2": B2},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_numbers_that_stand_oddly_go_back_too(name: str) -> None:
    x = np.random.default_rng(3).random((6, 4), np.float32)
    data = ODD[name]
    network = interpret(read(data)).network
    np.testing.assert_allclose(network.forward(x).outputs, outputs_of(data, x), atol=1e-6)
    changed = edited(network)
    back = onnx_files.dumps_back(changed)
    assert ends(back) == ends(data)
    np.testing.assert_allclose(outputs_of(back, x), changed.forward(x).outputs, atol=1e-6)
    assert interpret(read(back)).network.sizes == network.sizes


@pytest.mark.parametrize(("code", "close"), [("<f8", 1e-12), ("<f2", 2e-2)])
def test_types_are_the_models_own(code: str, close: float) -> None:
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(code))

    def retyped(model: Any) -> None:
        for value in (model.graph.input[0], model.graph.output[0]):
            value.type.tensor_type.elem_type = kind

    arrays = {key: v.astype(code) for key, v in {"w1": W1, "b1": B1, "w2": W2, "b2": B2}.items()}
    data = model_of([FIRST, LAST], arrays, more=retyped)
    changed = edited(interpret(read(data)).network)
    back = onnx_files.dumps_back(changed)
    model = onnx.load_model_from_string(back)
    assert {tensor.data_type for tensor in model.graph.initializer} == {kind}
    x = np.random.default_rng(3).random((6, 4)).astype(code)
    np.testing.assert_allclose(
        outputs_of(back, x), changed.forward(x).outputs, atol=max(close, 1e-6)
    )  # fmt: skip


def test_numbers_kept_beside_a_model_stand_in_it_when_it_comes_back() -> None:
    data = onnx_files.dumps_back(opened(FILES / "onnx-torch-beside.onnx")[1])
    model = onnx.load_model_from_string(data)
    assert not any(tensor.data_location for tensor in model.graph.initializer)


def test_a_bias_without_a_place_is_said() -> None:
    data = model_of([node("Gemm", ["x", "w1"], ["h"], transB=1), LAST], {"b2": B2})
    network = interpret(read(data)).network
    assert onnx_files.dumps_back(edited(network, bias=False))
    with pytest.raises(NetworkFileError, match="layer 1 has biases now; its file has none"):
        dumps(network.with_layer(1, biases=[1, 0, 0]), ".onnx")
    plain = dumps(network.with_layer(1, biases=[1, 0, 0]), ".onnx", plain=True)
    assert network_of(read(plain)).layers[0].biases.tolist() == [1, 0, 0]


@pytest.mark.parametrize("pixels", [(1.0, 0.0), (255.0, 0.0), (3.25, -0.5)])
@pytest.mark.parametrize("name", ["onnx-sklearn.onnx", "onnx-sklearn-scaled.onnx"])
def test_what_was_taken_for_the_pixels_is_said_in_what_goes_back(
    name: str, pixels: tuple[float, float]
) -> None:
    reading = replace(read(FILES / name), input_map=pixels)
    network = interpret(reading).network
    x = np.load(FILES / f"{Path(name).stem}.answers.npz")["inputs"]
    back = onnx_files.dumps_back(network)
    found = read(back)
    assert found.input_map == pytest.approx(pixels)
    again = interpret(found).network
    np.testing.assert_allclose(again.forward(x).outputs, network.forward(x).outputs, atol=1e-5)
    fed = (pixels[0] * x + pixels[1]).astype(np.float32)
    np.testing.assert_allclose(outputs_of(back, fed), network.forward(x).outputs, atol=1e-5)


def test_it_goes_back_after_our_own_archive_too(tmp_path: Path) -> None:
    path = FILES / "onnx-torch-spelt.onnx"
    network = interpret(read(dumps_npz(opened(path)[1]))).network
    save(network, tmp_path / "back.onnx")
    model, back = (onnx.load(each) for each in (path, tmp_path / "back.onnx"))
    assert nodes_of(back) == nodes_of(model)


def cut(skeleton: bytes) -> bytes:
    return skeleton[:-5]


def nameless(skeleton: bytes) -> bytes:
    return skeleton.replace(b"coefficient1", b"coefficient7")


@pytest.mark.parametrize(("change", "message"), [(cut, "damaged"), (nameless, "holds no array")])
def test_a_damaged_memory_of_the_file_is_said(change: Any, message: str) -> None:
    network = opened(FILES / "onnx-sklearn.onnx")[1]
    assert network.origin is not None
    origin = replace(network.origin, skeleton=change(network.origin.skeleton))
    with pytest.raises(NetworkFileError, match=message):
        onnx_files.dumps_back(replace(network, origin=origin))
