"""Which arrays of a Keras file are one layer's, and in which order the layers stand."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks import keras
from toolkit.formats.frameworks.keras.held import Held
from toolkit.formats.frameworks.keras.order import order_of
from toolkit.formats.frameworks.keras.rows import rows_of
from toolkit.formats.limits import LIMITS


def weights(*layers: tuple[str, tuple[int, int]], **names: str) -> bytes:
    """Return a ``.weights.h5`` as Keras writes it: each layer by its place and shape.

    The n-th layer's kernel is full of n; `names` are what Keras 3 calls the layers, by place.
    """
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for number, (place, shape) in enumerate(layers):
            group = file.create_group(f"{place}/vars")
            group["0"] = np.full(shape, number, np.float32)
            group["1"] = np.zeros(shape[1], np.float32)
        for place, name in names.items():
            file[f"{place.replace('__', '/')}/vars"].attrs["name"] = name
    return buffer.getvalue()


def order(data: bytes) -> list[int]:
    """Return which layer of :func:`weights` each one read is."""
    return [int(raw.weights[0, 0]) for raw in keras.read(data, "k.h5").layers]


def test_a_block_of_ones_own_keeps_its_layers() -> None:
    data = weights(("layers/block/dense", (784, 16)), ("layers/block_1/dense", (16, 16)),
                   ("layers/dense", (16, 10)))  # fmt: skip
    assert order(data) == [0, 1, 2]
    data = weights(("layers/dense", (16, 10)), ("layers/sequential/layers/dense", (784, 16)),
                   ("layers/sequential/layers/dense_1", (16, 16)))  # fmt: skip
    assert order(data) == [1, 2, 0]
    assert "does not say its layers' order" in keras.read(data).notes[0]


def test_what_keras_2_13_calls_dependencies_are_layers_also_where_windows_wrote_it() -> None:
    older = "_layer_checkpoint_dependencies"
    data = weights((f"{older}/dense", (6, 4)), (f"{older}/dense_1", (4, 3)))
    assert order(data) == [0, 1]
    data = weights((f"{older}\\dense", (6, 4)), (f"{older}\\sequential\\{older}\\dense", (4, 3)))
    assert order(data) == [0, 1]


def test_numbers_tell_the_order_that_shapes_leave_open() -> None:
    assert order(weights(*((f"layers/dense{n}", (4, 4)) for n in ("", "_1", "_2", "_10")))) == [
        0, 1, 2, 3,
    ]  # fmt: skip
    assert order(weights(("fc10", (4, 4)), ("fc9", (4, 4)))) == [1, 0]


def test_where_several_orders_fit_the_names_keras_numbers_decide_and_it_is_said() -> None:
    layers = (("layers/block/dense", (4, 4)), ("layers/dense", (6, 4)), ("layers/dense_1", (4, 4)),
              ("layers/dense_2", (4, 3)))  # fmt: skip
    names = {"layers__block__dense": "dense_7", "layers__dense": "dense_5",
             "layers__dense_1": "dense_6", "layers__dense_2": "dense_8"}  # fmt: skip
    data = weights(*layers, **names)
    assert order(data) == [1, 2, 0, 3]
    assert "as their names are numbered" in keras.read(data).notes[0]
    with pytest.raises(NetworkFileError, match=r"'layers/block/dense' and 'layers/dense_1' could"):
        order(weights(*layers))
    # Names that are not numbered, or that contradict the shapes, decide nothing.
    for other in ({**names, "layers__dense": "first"}, {**names, "layers__dense": "dense_9"}):
        with pytest.raises(NetworkFileError, match="could change places"):
            order(weights(*layers, **other))


def test_two_layers_in_one_holder_are_two() -> None:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for index, shape in enumerate([(6, 4), (4,), (4, 3), (3,)]):
            file[f"layers/mine/vars/{index}"] = np.ones(shape, np.float32)
    assert [raw.weights.shape for raw in keras.read(buffer.getvalue()).layers] == [(6, 4), (4, 3)]


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("layer_normalization", r"'layers/layer_normalization' .*measures each digit anew"),
        ("p_re_lu_1", r"'layers/p_re_lu_1' .*a slope for each neuron, which has no equal here"),
    ],
)
def test_what_has_no_equal_is_refused_by_its_name(layer: str, message: str) -> None:
    buffer = io.BytesIO(weights(("layers/dense", (6, 4))))
    with h5py.File(buffer, "a") as file:
        file[f"layers/{layer}/vars/0"] = np.ones(4, np.float32)
        file[f"layers/{layer}/vars/1"] = np.ones(4, np.float32)
    with pytest.raises(NetworkFileError, match=message):
        keras.read(buffer.getvalue())


def test_no_array_is_lost_in_silence() -> None:
    buffer = io.BytesIO(weights(("layers/dense", (6, 4))))
    with h5py.File(buffer, "a") as file:
        file["vars/0"] = np.ones((4, 3), np.float32)  # the model's own
    assert len(keras.read(buffer.getvalue()).layers) == 2
    with h5py.File(buffer, "a") as file:
        file["more/kernel"] = np.ones((3, 3), np.float32)
    with pytest.raises(NetworkFileError, match=r"holds 'more/kernel', which is no layer's array"):
        keras.read(buffer.getvalue())


def test_the_optimizers_and_metrics_arrays_are_left_out_and_said() -> None:
    buffer = io.BytesIO(weights(("layers/dense", (6, 4))))
    with h5py.File(buffer, "a") as file:
        file["metrics/mean/vars/0"] = np.float32(1)
        file["optimizer/vars/0"] = np.int64(1)
        file["optimizer/vars/1"] = np.ones((6, 4), np.float32)
    reading = keras.read(buffer.getvalue())
    assert len(reading.layers) == 1
    assert "1 of metrics, 2 of optimizer" in reading.notes[0]


def normed(*norms: tuple[str, int, int], sizes: tuple[int, ...] = (6, 5, 4, 3)) -> bytes:
    """Return weights alone of Dense layers with normalisations: place, arrays and their length."""
    layers = [
        (f"layers/dense{f'_{n}' * bool(n)}", shape) for n, shape in
        enumerate(itertools.pairwise(sizes))
    ]  # fmt: skip
    buffer = io.BytesIO(weights(*layers))
    with h5py.File(buffer, "a") as file:
        for place, count, size in norms:
            for index in range(count):
                file[f"{place}/vars/{index}"] = np.full(size, index + 1, np.float32)
    return buffer.getvalue()


def test_a_batch_normalisation_stands_where_its_size_fits() -> None:
    reading = keras.read(normed(("layers/batch_normalization", 4, 4)))
    assert [raw.norm is None for raw in reading.layers] == [True, False, True]
    norm = reading.layers[1].norm
    assert norm is not None
    # gamma 1, beta 2, mean 3, variance 4, epsilon 0.001
    scale = 1 / np.sqrt(4.001)
    np.testing.assert_allclose(norm[0], np.full(4, scale))
    np.testing.assert_allclose(norm[1], np.full(4, 2 - 3 * scale))
    assert "do not say its epsilon, which is taken to be Keras's usual one" in reading.notes[-1]


def test_at_either_end_a_normalisation_is_folded_at_once() -> None:
    reading = keras.read(normed(("layers/batch_normalization", 4, 6), ("bn_out", 4, 3)))
    scale = 1 / np.sqrt(4.001)
    assert all(raw.norm is None for raw in reading.layers)
    np.testing.assert_allclose(reading.layers[2].weights, np.full((4, 3), 2 * scale), rtol=1e-6)
    biases = reading.layers[0].biases
    assert biases is not None
    np.testing.assert_allclose(biases, np.zeros(5), atol=1e-6)  # its weights are zero


def test_numbers_place_normalisations_of_one_size() -> None:
    two = (("layers/batch_normalization", 4, 4), ("layers/batch_normalization_1", 4, 4))
    reading = keras.read(normed(*two, sizes=(6, 4, 4, 3)))
    assert [raw.norm is None for raw in reading.layers] == [False, False, True]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            normed(("layers/batch_normalization", 4, 4), sizes=(6, 4, 4, 3)),
            r"do not say behind which layers 'layers/batch_normalization' stand",
        ),
        (normed(("bn1", 4, 7)), r"sizes leave no place for 'bn1'"),
        (
            normed(("layers/batch_normalization", 3, 4)),
            r"of 3 arrays: whether its scale or its shift is left out",
        ),
        (normed(("ln1", 2, 4)), r"'ln1' .*holds arrays of shape \(4\), \(4\); expected a matrix"),
    ],
    ids=["two places", "no place", "three arrays", "two arrays"],
)  # fmt: skip
def test_a_normalisation_that_is_not_placed_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(NetworkFileError, match=message):
        keras.read(data)


def test_what_was_measured_scales_each_input() -> None:
    buffer = io.BytesIO(weights(("layers/dense_1", (4, 3)), ("layers/dense", (2, 4))))
    with h5py.File(buffer, "a") as file:
        file["layers/normalization/vars/0"] = np.float32([1, 2])
        file["layers/normalization/vars/1"] = np.float32([4, 0.25])
        file["layers/normalization/vars/2"] = np.int64(0)
        file["layers/dense/vars/0"][...] = 1
    reading = keras.read(buffer.getvalue())
    # (x - 1) / 2 and (y - 2) / 0.5
    np.testing.assert_allclose(reading.layers[0].weights, [[0.5] * 4, [2] * 4])
    np.testing.assert_allclose(reading.layers[0].biases, [-4.5] * 4)  # type: ignore[arg-type]


def test_layers_that_are_named_without_arrays_are_said() -> None:
    buffer = io.BytesIO(weights(("layers/dense", (6, 4))))
    with h5py.File(buffer, "a") as file:
        for name in ("activation", "dropout", "rescaling_1"):
            file.create_group(f"layers/{name}/vars")
    (note,) = keras.read(buffer.getvalue()).notes
    assert note.endswith("does not say what they do: 'layers/activation', 'layers/rescaling_1'.")


@pytest.mark.parametrize("name", ["add", "permute", "lambda", "leaky_re_lu"])
def test_weights_of_layers_that_are_no_plain_row_are_refused(name: str) -> None:
    buffer = io.BytesIO(weights(("layers/dense", (6, 4))))
    with h5py.File(buffer, "a") as file:
        file.create_group(f"layers/{name}/vars")
    with pytest.raises(NetworkFileError, match=f"'layers/{name}'.*save the whole model"):
        keras.read(buffer.getvalue())


def test_a_class_of_ones_own_is_none_of_keras() -> None:
    own = {**dense("mine", 3), "module": None, "registered_name": "mine>Dense"}
    with pytest.raises(
        NetworkFileError, match=r"'mine' \(Dense\): is of a class that is not Keras"
    ):
        rows_of(model(own), "file", LIMITS)


def test_activation_functions_that_are_layers_are_told_by_their_names() -> None:
    buffer = io.BytesIO(normed(("layers/batch_normalization", 4, 5)))
    with h5py.File(buffer, "a") as file:
        for name in ("re_lu", "softmax"):
            file.create_group(f"layers/{name}/vars")
    assert [raw.activation for raw in keras.read(buffer.getvalue()).layers] == [None] * 3
    with h5py.File(buffer, "a") as file:
        file.create_group("layers/re_lu_1/vars")
    reading = keras.read(buffer.getvalue())
    assert [raw.activation for raw in reading.layers] == ["relu", "relu", "softmax"]
    assert reading.layers[0].norm is not None  # whose place is as open as it was
    assert "told by the names of layers: 'layers/re_lu', 'layers/re_lu_1'" in reading.notes[-1]


def dense(name: str, units: int) -> dict[str, Any]:
    return {"class_name": "Dense", "config": {"name": name, "units": units, "activation": "relu"}}


def model(*layers: dict[str, Any], name: str = "seq") -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"name": name, "layers": list(layers)}}


def archive(config: Any, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("config.json", json.dumps(config))
        file.writestr("model.weights.h5", data)
    return buffer.getvalue()


def test_models_in_models_are_unfolded_by_what_keras_counts() -> None:
    inner = model(dense("a", 4), dense("b", 4), name="inner")
    config = model(inner, dense("c", 4), model(dense("d", 3), name="last"))
    held = weights(
        ("layers/dense", (4, 4)), ("layers/sequential/layers/dense", (6, 4)),
        ("layers/sequential/layers/dense_1", (4, 4)), ("layers/sequential_1/layers/dense", (4, 3)),
    )  # fmt: skip
    reading = keras.read(archive(config, held))
    assert [raw.name for raw in reading.layers] == ["a", "b", "c", "d"]
    assert order(archive(config, held)) == [1, 2, 0, 3]


def test_arrays_that_the_configuration_lacks_are_named_and_so_is_a_layer_that_lacks_its_own() -> (
    None
):
    held = weights(("layers/dense", (6, 4)), ("layers/dense_1", (4, 3)))
    with pytest.raises(NetworkFileError, match=r"'layers/dense_1', which its configuration does"):
        keras.read(archive(model(dense("a", 4)), held))
    with pytest.raises(NetworkFileError, match=r"'c' \(Dense\): its arrays are missing"):
        keras.read(archive(model(dense("a", 4), dense("b", 3), dense("c", 3)), held))


def test_models_nested_too_deeply_are_refused() -> None:
    config = model(dense("a", 4))
    for _ in range(40):
        config = model(config)
    with pytest.raises(NetworkFileError, match="models within models, more than 24 deep"):
        keras.read(archive(config, weights(("layers/dense", (6, 4)))))


def test_a_model_that_gives_out_two_layers_is_refused() -> None:
    def node(source: str) -> list[Any]:
        return [[[source, 0, 0, {}]]]

    first, second = dense("a", 4), dense("b", 3)
    entry = {"class_name": "InputLayer", "config": {"name": "in"}, "inbound_nodes": []}
    config = {
        "class_name": "Functional",
        "config": {
            "name": "two",
            "layers": [
                entry,
                {**first, "inbound_nodes": node("in")},
                {**second, "inbound_nodes": node("a")},
            ],
            "output_layers": [["b", 0, 0]],
        },
    }  # fmt: skip
    held = weights(("layers/dense", (6, 4)), ("layers/dense_1", (4, 3)))
    assert len(keras.read(archive(config, held)).layers) == 2
    config["config"]["output_layers"].append(["a", 0, 0])  # type: ignore[index]
    with pytest.raises(NetworkFileError, match=r"gives out 'a' beside or before 'b'"):
        keras.read(archive(config, held))


@settings(max_examples=60)
@given(st.lists(st.integers(1, 3), min_size=3, max_size=7), st.randoms(use_true_random=False))
def test_an_order_found_is_the_only_one_that_fits(sizes: list[int], rng: Any) -> None:
    ends = list(itertools.pairwise(sizes))
    rng.shuffle(ends)
    names = [f"{chr(97 + n)}x" for n in range(len(ends))]  # no numbers
    held = [Held(name, (), (), name) for name in names]
    found = order_of(held, ends, listed=False)
    fitting = [
        p for p in itertools.permutations(range(len(ends)))
        if all(ends[a][1] == ends[b][0] for a, b in itertools.pairwise(p))
    ]  # fmt: skip
    assert fitting
    if len(fitting) == 1:
        assert found.indices == fitting[0]
    else:
        assert found.indices is None
        assert "could change places" in found.why
