"""Good files of each format: what is read is what was meant, and what is written is read back."""

from __future__ import annotations

import io
import itertools
import json
import pickle
import struct
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.formats.samples import (
    NETWORK,
    as_dict,
    columns,
    csv_text,
    npy,
    protocol_0,
    safetensors,
    samples,
    state_dict,
    tensor,
    text,
    torch_file,
    torch_zip,
    zipped,
)
from toolkit.formats import (
    READABLE,
    WRITABLE,
    NetworkFileError,
    Reading,
    dumps,
    load,
    read,
    save,
)
from toolkit.network import Layer, Network

FILES = samples()
CORE = (".npz", ".safetensors", ".json", ".csv")


def as_network(reading: Reading, activation: str = "sigmoid") -> Network:
    """Return the network of a reading whose layers are known to lie (out, in), or may."""
    return Network(
        tuple(
            Layer(
                raw.weights.T if raw.inputs_first else raw.weights,
                np.zeros(len(raw.weights)) if raw.biases is None else raw.biases,
                raw.activation or activation,
            )
            for raw in reading.layers
        )
    )


@pytest.mark.parametrize("case", FILES)
def test_each_form_holds_the_same_network(case: str) -> None:
    reading = read(FILES[case])
    assert as_network(reading) == NETWORK
    assert {raw.inputs_first for raw in reading.layers} == {False}


@pytest.mark.parametrize("case", FILES)
def test_the_name_decides_nothing(case: str, tmp_path: Path) -> None:
    path = tmp_path / "network.jpeg"
    path.write_bytes(FILES[case])
    assert as_network(read(path)) == NETWORK
    assert as_network(read(str(path))) == NETWORK
    assert as_network(read(memoryview(FILES[case]))) == NETWORK


def test_protocol_0_is_what_pickle_itself_reads() -> None:
    weights, biases = pickle.loads(FILES["pickle of protocol 0"], encoding="latin1")
    for mine, theirs in zip((*weights, *biases), itertools.chain(*columns()), strict=True):
        assert np.array_equal(mine, theirs)


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.float64, (3, 2)), st.sampled_from(range(6)), st.booleans())
def test_every_protocol_gives_what_pickle_gives(matrix: Any, protocol: int, fortran: bool) -> None:
    matrix = np.asfortranarray(matrix) if fortran else matrix
    data = pickle.dumps([[matrix], [np.zeros((3, 1))]], protocol)
    with np.errstate(all="ignore"):
        expected = matrix.astype(np.float32)
    assert np.array_equal(read(data).layers[0].weights, expected, equal_nan=True)
    again = read(protocol_0([matrix.copy("C")], [np.zeros((3, 1))]))
    assert np.array_equal(again.layers[0].weights, expected, equal_nan=True)


@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", ">f4", "<f2", "<i4", ">i8", "|i1", "|u1"])
@pytest.mark.parametrize("protocol", range(6))
def test_pickled_types_and_byte_orders(dtype: str, protocol: int) -> None:
    matrix = np.arange(6).reshape(3, 2).astype(dtype)
    reading = read(pickle.dumps([[matrix], [np.zeros((3, 1))]], protocol))
    assert np.array_equal(reading.layers[0].weights, matrix.astype(np.float32))
    assert read(npy(matrix)).layers[0].weights.tolist() == matrix.tolist()


def test_pickles_may_say_the_same_in_many_ways() -> None:
    weights, biases = columns()
    flat = [part for pair in zip(weights, biases, strict=True) for part in pair]
    transposed = [[w.T for w in weights], [b.ravel() for b in biases]]
    for value in (
        (weights, biases),
        {"weights": weights, "biases": biases, "sizes": [6, 4, 3]},
        [(w, b) for w, b in zip(weights, biases, strict=True)],
        flat,
        tuple(flat),
        transposed,
        {"weights": weights, "biases": biases, "rate": np.float64(3.0), "cost": "QuadraticCost"},
    ):
        assert as_network(read(pickle.dumps(value))) == NETWORK
    assert [raw.inputs_first for raw in read(pickle.dumps(transposed)).layers] == [True, True]


def test_nielsens_networks_are_known_to_be_sigmoid() -> None:
    weights, biases = columns()
    reading = read(pickle.dumps({"weights": weights, "biases": biases, "cost": "QuadraticCost"}))
    assert [raw.activation for raw in reading.layers] == ["sigmoid", "sigmoid"]
    assert [raw.activation for raw in read(FILES["json"]).layers] == ["sigmoid", "sigmoid"]
    assert [raw.activation for raw in read(FILES["pickled tuple"]).layers] == [None, None]


@pytest.mark.parametrize(
    ("dtype", "kind", "tolerance"),
    [("<f4", "Float", 0), ("<f8", "Double", 0), ("<f2", "Half", 1e-3), ("<u2", "BFloat16", 1e-2)],
    ids=["float", "double", "half", "bfloat16"],
)
def test_torch_types(dtype: str, kind: str, tolerance: float) -> None:
    network = as_network(read(torch_file(dtype, kind)))
    for layer, expected in zip(network.layers, NETWORK.layers, strict=True):
        np.testing.assert_allclose(layer.weights, expected.weights, tolerance, tolerance)


def test_a_torch_tensor_may_be_a_view() -> None:
    numbers = np.arange(30, dtype="<f4")
    described = tensor("0", 30, (4, 6), (1, 4), offset=6)
    reading = read(torch_zip(state_dict({"0.weight": described}), {"0": numbers.tobytes()}))
    assert np.array_equal(reading.layers[0].weights, numbers[6:30].reshape(6, 4).T)
    assert reading.layers[0].biases is None


def test_a_single_row_may_have_any_stride() -> None:
    described = tensor("0", 24, (1, 24), (1 << 100, 1))
    reading = read(torch_zip(state_dict({"0.weight": described}), {"0": bytes(96)}))
    assert reading.layers[0].weights.shape == (1, 24)


def test_a_checkpoint_is_unwrapped_with_a_word() -> None:
    inner = state_dict({"fc.weight": tensor("0", 24, (4, 6))})[2:-1]
    steps = b"}K\0" + text("adam") + b"s"
    outer = (
        b"\x80\x02}(" + text("epoch") + b"K\x03" + text("optimizer") + steps
        + text("state_dict") + inner + b"u."
    )  # fmt: skip
    reading = read(torch_zip(outer, {"0": bytes(96)}))
    assert reading.layers[0].name == "fc"
    assert reading.notes == ("Took the tensors under 'state_dict' of a checkpoint.",)


def test_a_torch_list_of_tensors_is_taken_in_order() -> None:
    listed = b"\x80\x02]" + tensor("0", 24, (4, 6)) + b"a" + tensor("1", 4, (4,)) + b"a."
    reading = read(torch_zip(listed, {"0": bytes(96), "1": bytes(16)}))
    assert reading.layers[0].biases is not None


def test_buffers_of_one_number_are_left_out_with_a_word() -> None:
    pickled = state_dict(
        {"steps": tensor("1", 1, (), kind="Long"), "fc.weight": tensor("0", 24, (4, 6))}
    )
    reading = read(torch_zip(pickled, {"0": bytes(96), "1": bytes(8)}))
    assert reading.notes == ("Left out 'steps': a single number.",)


@pytest.mark.parametrize(
    "names",
    [
        ("W1 b1 W2 b2"),
        ("w_1 b_1 w_2 b_2"),
        ("weights_1 biases_1 weights_2 biases_2"),
        ("coefs_0 intercepts_0 coefs_1 intercepts_1"),
        ("fc1.weight fc1.bias out.weight out.bias"),
        ("module.0.weight module.0.bias module.10.weight module.10.bias"),
        ("dense/kernel:0 dense/bias:0 dense_1/kernel:0 dense_1/bias:0"),
        ("a b c d"),
        ("arr_0 arr_1 arr_2 arr_3"),
        ("fc1_w fc1_b fc2_w fc2_b"),
    ],
)
def test_arrays_are_paired_by_name_or_by_order(names: str) -> None:
    arrays = dict(zip(names.split(), as_dict().values(), strict=True))
    assert as_network(read(pickle.dumps(arrays))) == NETWORK
    columns_first = {
        name: part[:, None] if part.ndim == 1 else part for name, part in arrays.items()
    }
    assert as_network(read(pickle.dumps(columns_first))) == NETWORK


def test_matrices_may_stand_before_all_vectors() -> None:
    found = as_dict()
    arrays = {name: found[key] for name, key in zip("pqrs", ("W1", "W2", "b1", "b2"), strict=True)}
    assert as_network(read(pickle.dumps(arrays))) == NETWORK


def test_layers_in_another_order_are_put_in_order_with_a_word() -> None:
    found = as_dict()
    arrays = {"out.weight": found["W2"], "out.bias": found["b2"],
              "in.weight": found["W1"], "in.bias": found["b1"]}  # fmt: skip
    reading = read(pickle.dumps(arrays))
    assert as_network(reading) == NETWORK
    assert reading.notes == ("Layers put in order by their shapes: 'in', 'out'.",)


def test_numbered_layers_of_a_safetensors_file_count_by_value() -> None:
    network = Network.random((5, 4, 4, 4, 4, 4, 4, 3), seed=2)
    assert [raw.name for raw in read(dumps(network, ".safetensors")).layers] == [
        "0", "2", "4", "6", "8", "10", "12"
    ]  # fmt: skip
    assert load(dumps(network, ".safetensors")) == network


def test_square_layers_leave_the_orientation_open() -> None:
    reading = read(pickle.dumps({"W1": np.eye(4), "b1": np.zeros(4)}))
    assert reading.layers[0].inputs_first is None


def test_many_square_layers_out_of_reach_end_soon() -> None:
    arrays: dict[str, Any] = {f"{n}.weight": np.ones((4, 4)) for n in range(40)}
    arrays["last.weight"] = np.ones((5, 6))
    with pytest.raises(NetworkFileError, match="do not chain"):
        read(pickle.dumps(arrays))


def test_a_folder_of_arrays(tmp_path: Path) -> None:
    for name, array in as_dict().items():
        (tmp_path / f"{name}.npy").write_bytes(npy(array))
    (tmp_path / "readme.md").write_text("hello")
    assert as_network(read(tmp_path)) == NETWORK
    (tmp_path / "more.csv").write_text("1,2")
    with pytest.raises(NetworkFileError, match=r"both \.npy and \.csv"):
        read(tmp_path)


def test_a_folder_of_texts(tmp_path: Path) -> None:
    for number, layer in enumerate(NETWORK.layers, 1):
        (tmp_path / f"weights_{number}.csv").write_text(csv_text(layer.weights, "; "))
        (tmp_path / f"biases_{number}.txt").write_text("\n".join(map(str, layer.biases)))
    assert as_network(read(tmp_path)) == NETWORK
    (tmp_path / "weights_1.csv").unlink()
    with pytest.raises(NetworkFileError, match="'biases_1' has no weights"):
        read(tmp_path)


def test_an_archive_may_be_streamed_have_a_comment_and_clutter() -> None:
    class Pipe(io.RawIOBase):
        """Has no way back, so that lengths follow each member."""

        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.data += data
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = b"made by hand"
        archive.writestr("mine/", b"")
        for number, layer in enumerate(NETWORK.layers, 1):
            archive.writestr(f"mine/W{number}.csv", csv_text(layer.weights))
            archive.writestr(f"mine/b{number}.csv", csv_text(layer.biases))
            archive.writestr(f"__MACOSX/mine/._W{number}.csv", b"\0")
    assert as_network(read(bytes(pipe.data))) == NETWORK


def test_text_may_have_comments_a_mark_and_other_line_ends() -> None:
    text = b"\xef\xbb\xbf# hello\r\n1\t-2.5\r\n+.5\t1e-3\r\n\r\n# b\r\n1\r\n2\r\n"
    layer = read(text).layers[0]
    assert np.allclose(layer.weights, [[1, -2.5], [0.5, 0.001]])
    assert layer.biases is not None and layer.biases.tolist() == [1, 2]


def test_one_matrix_is_a_network_of_one_layer() -> None:
    reading = read(npy(NETWORK.layers[0].weights))
    assert reading.layers[0].biases is None
    assert "one layer" in reading.notes[0]
    assert read(b"1,2,3\n4,5,6\n").layers[0].weights.shape == (2, 3)


@pytest.mark.parametrize("suffix", CORE)
def test_what_is_saved_is_loaded_bit_for_bit(suffix: str, tmp_path: Path) -> None:
    network = Network.random((784, 16, 16, 10), seed=3)
    save(network, tmp_path / f"net{suffix.upper()}")
    assert load(tmp_path / f"net{suffix.upper()}") == network
    assert dumps(network, suffix) == dumps(network, suffix)


@pytest.mark.parametrize("suffix", [".npz", ".safetensors", ".csv"])
def test_activations_and_odd_numbers_survive(suffix: str) -> None:
    odd = np.array([[np.nan, np.inf], [-np.inf, -0.0], [1e-45, 3.4e38]], np.float32)
    network = Network((Layer(odd, np.zeros(3), "relu"), Layer(np.eye(3), np.ones(3), "softmax")))
    reading = read(dumps(network, suffix))
    assert [raw.activation for raw in reading.layers] == ["relu", "softmax"]
    assert as_network(reading) == network


def test_safetensors_carry_name_and_provenance() -> None:
    network = Network(NETWORK.layers, "my <net>", {"made": "by hand"})
    again = load(dumps(network, ".safetensors"))
    assert (again.name, dict(again.provenance)) == ("my <net>", {"made": "by hand"})


def test_json_says_finite_numbers_only_and_is_nielsens_where_all_is_sigmoid(
    tmp_path: Path,
) -> None:
    with pytest.raises(NetworkFileError, match=r"net\.json: layer 1 holds NaN or infinity"):
        save(Network((Layer([[np.nan]], [0]),)), tmp_path / "net.json")
    # His code knows no other function, and would open such a network as another.
    relu = json.loads(dumps(Network.random((4, 3), "relu"), ".json"))
    assert not {"sizes", "weights", "biases", "cost"} & relu.keys()
    assert relu["layers"][0]["activation"] == "relu"
    assert not list(tmp_path.iterdir())
    assert json.loads(dumps(NETWORK, ".json"))["sizes"] == [6, 4, 3]


def test_doubles_too_large_become_infinite_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reading = read(pickle.dumps({"W1": np.full((2, 3), 1e300), "b1": np.zeros(2)}))
    assert np.isinf(reading.layers[0].weights).all()


def test_safetensors_of_other_makers_leave_the_activations_open() -> None:
    header = {
        "fc.weight": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [0, 12]},
        "fc.bias": {"dtype": "F16", "shape": [2], "data_offsets": [12, 16]},
    }
    content = struct.pack("<6H", *[0x3F80] * 6) + np.array([1, 2], "<f2").tobytes()
    layer = read(safetensors(header, content)).layers[0]
    assert layer.activation is None
    assert layer.weights.tolist() == [[1, 1, 1], [1, 1, 1]]
    assert layer.biases is not None and layer.biases.tolist() == [1, 2]


def test_a_first_layer_of_our_own_takes_pixels_as_they_are() -> None:
    assert read(FILES["npz"]).input_map == (1, 0)
    assert read(FILES["torch"]).input_map is None


def test_an_extra_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("toolkit.formats.recognition.importlib.import_module", missing)
    for data in (b"\x89HDF\r\n\x1a\n" + bytes(100), b"\x08\x08\x12\x07pytorch" + bytes(40),
                 zipped({"config.json": b"{}", "model.weights.h5": b""})):  # fmt: skip
        with pytest.raises(NetworkFileError, match=r"pip install 'weight-map-toolkit\[formats\]'"):
            read(data)
    with pytest.raises(NetworkFileError, match=r"pip install 'weight-map-toolkit\[formats\]'"):
        dumps(NETWORK, ".onnx")


def test_what_is_written_is_also_read() -> None:
    assert set(WRITABLE) <= set(READABLE)
    with pytest.raises(NetworkFileError, match=r"ends in \.npz"):
        dumps(NETWORK, ".mat")
