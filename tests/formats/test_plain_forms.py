"""Dicts, lists and datasets of arrays in the forms that people keep them in."""

from __future__ import annotations

import copy
import io
import json
import pickle
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.formats.samples import NETWORK, as_dict, npy, others
from toolkit.formats import NetworkFileError, Reading, read
from toolkit.network import Network

DEEP = Network.random((6, 4, 4, 4, 3), ("relu", "tanh", "relu", "softmax"), seed=3)


def is_network(reading: Reading, network: Network = NETWORK) -> None:
    """Check that a reading holds a network's weights and biases, whichever way they lie."""
    assert len(reading.layers) == len(network.layers)
    for raw, layer in zip(reading.layers, network.layers, strict=True):
        weights = raw.weights.T if raw.inputs_first else raw.weights
        np.testing.assert_array_equal(weights, layer.weights)
        np.testing.assert_array_equal(raw.biases, layer.biases)


def said(reading: Reading) -> list[str | None]:
    return [raw.activation for raw in reading.layers]


def layers_of(network: Network, weights: str = "weights", biases: str = "biases", *,
              turned: bool = False, activation: str = "") -> list[dict[str, Any]]:  # fmt: skip
    return [
        {
            weights: (layer.weights.T if turned else layer.weights).tolist(),
            biases: layer.biases.tolist(),
            **({activation: layer.activation} if activation else {}),
        }
        for layer in network.layers
    ]


def as_json(value: Any) -> Reading:
    return read(json.dumps(value).encode())


@pytest.mark.parametrize("case", others())
def test_each_form_holds_the_same_network(case: str) -> None:
    is_network(read(others()[case]))


@pytest.mark.parametrize(
    "names", [("weights", "biases"), ("weight", "bias"), ("W", "b"), ("kernel", "bias")]
)
@pytest.mark.parametrize("turned", [False, True])
def test_layers_under_their_usual_names(names: tuple[str, str], turned: bool) -> None:
    layers = layers_of(DEEP, *names, turned=turned, activation="activation")
    for value in ({"layers": layers}, {"epochs": 3, "Layers": layers}, layers,
                  {"layers": {f"layer{n}": each for n, each in enumerate(layers)}},
                  {f"layer{n}": each for n, each in enumerate(layers)}):  # fmt: skip
        reading = as_json(value)
        is_network(reading, DEEP)
        assert said(reading) == ["relu", "tanh", "relu", "softmax"]


def test_activations_keep_their_layers_where_these_are_put_in_order() -> None:
    layers = layers_of(NETWORK, activation="act")
    layers[0]["act"], layers[1]["act"] = "ReLU", "linear"
    reading = as_json({"layers": layers[::-1]})
    is_network(reading)
    assert said(reading) == ["relu", "identity"]


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ({"activations": ["tanh", "softmax"]}, ["tanh", "softmax"]),
        ({"activation": "tanh"}, ["tanh", None]),
        ({"hidden_activation": "relu", "output_activation": "softmax"}, ["relu", "softmax"]),
        ({}, [None, None]),
    ],
)
def test_what_a_file_says_of_all_its_layers(beside: dict[str, Any], expected: list[str]) -> None:
    assert said(as_json({**beside, "layers": layers_of(NETWORK)})) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [({"activation": "leaky_relu", "alpha": 0.3}, "leaky_relu(0.3)"),
     ({"activation": {"name": "leaky_relu", "negative_slope": 0.2}}, "leaky_relu(0.2)"),
     ({"activation": "elu", "alpha": 1}, "elu"), ({"activation": "relu", "alpha": 1e-4}, "relu"),
     ({"activation": "silu", "beta": 1}, "silu"), ({"activation": "leaky_relu"}, "leaky_relu")],
)  # fmt: skip
def test_a_slope_that_stands_beside_its_function(words: dict[str, Any], expected: str) -> None:
    first, second = layers_of(NETWORK)
    assert said(as_json({"layers": [{**first, **words}, second]})) == [expected, None]
    assert said(as_json({**words, "layers": [first, second]}))[0] in (expected, None)
    with pytest.raises(NetworkFileError, match="silu with a 'beta' of its own has no equal"):
        as_json({"layers": [{**first, "activation": "silu", "beta": 2}, second]})


def test_layers_without_weights_are_inputs_or_activations() -> None:
    first, second = layers_of(NETWORK)
    pixels, relu, dropout = {"type": "input", "size": 6}, {"type": "relu"}, {"type": "dropout"}
    softmax = {"activation": "softmax"}
    reading = as_json({"layers": [pixels, first, relu, dropout, second, softmax]})
    is_network(reading)
    assert said(reading) == ["relu", "softmax"]
    is_network(as_json({"layers": [{"weights": [], "biases": []}, first, second]}))


@pytest.mark.parametrize("wrapped", [False, True])
def test_layers_of_neurons(wrapped: bool) -> None:
    layers: list[Any] = [
        [{"weights": row.tolist(), "bias": float(bias)}
         for row, bias in zip(layer.weights, layer.biases, strict=True)]
        for layer in NETWORK.layers
    ]  # fmt: skip
    if wrapped:
        layers = [{"neurons": layer} for layer in layers]
    reading = as_json({"layers": layers})
    is_network(reading)
    assert [raw.inputs_first for raw in reading.layers] == [False, False]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda layers: layers[0].update(activation="selu"), "layer 1: activation 'selu' is none"),
        (lambda layers: layers[1].update(gamma=[1, 1, 1]), "layer 2 holds 'gamma' beside"),
        (lambda layers: layers[1].pop("weights"), "layer 2 has no weights"),
        (lambda layers: layers[1].update(weights=[[[1.0]]]), "layer 2 is not fully connected"),
        (lambda layers: layers[1].update(biases=[1.0]), "do not fit"),
        (lambda layers: layers.insert(1, {"type": "conv2d"}), "of type 'conv2d' has no weights"),
    ],
)
def test_a_layer_that_is_none_is_named(change: Callable[[Any], None], message: str) -> None:
    layers = copy.deepcopy(layers_of(NETWORK))
    change(layers)
    with pytest.raises(NetworkFileError, match=message):
        as_json({"layers": layers})


def mlp(network: Network = NETWORK) -> dict[str, Any]:
    """Return what scikit-learn keeps of a fitted network."""
    return {
        "coefs_": [layer.weights.T for layer in network.layers],
        "intercepts_": [layer.biases for layer in network.layers],
    }


def listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: listed(part) for key, part in value.items()}
    return [listed(part) for part in value] if isinstance(value, list) else (
        value.tolist() if isinstance(value, np.ndarray) else value
    )  # fmt: skip


@pytest.mark.parametrize("write", [pickle.dumps, lambda value: json.dumps(listed(value)).encode()])
def test_scikit_learns_lists(write: Callable[[Any], bytes]) -> None:
    reading = read(write(mlp()))
    is_network(reading)
    assert said(reading) == [None, None]
    reading = read(write({**mlp(), "activation": "logistic", "out_activation_": "softmax"}))
    assert said(reading) == ["sigmoid", "softmax"]
    square = Network.random((4, 4, 4), seed=9)
    reading = read(write(mlp(square)))
    is_network(reading, square)
    assert [raw.inputs_first for raw in reading.layers] == [True, True]


@pytest.mark.parametrize("write", [pickle.dumps, lambda value: json.dumps(listed(value)).encode()])
def test_dicts_within_dicts(write: Callable[[Any], bytes]) -> None:
    dense = {f"Dense_{n}": {"bias": layer.biases, "kernel": layer.weights.T}
             for n, layer in enumerate(DEEP.layers)}  # fmt: skip
    for value in ({"params": dense}, dense, {"params": dense, "batch_stats": {}, "step": 7},
                  {"model": {"params": dense}, "epoch": 7}):  # fmt: skip
        reading = read(write(value))
        is_network(reading, DEEP)
        assert all(raw.inputs_first for raw in reading.layers)
    torch = {f"fc{n}": {"weight": layer.weights, "bias": layer.biases}
             for n, layer in enumerate(NETWORK.layers)}  # fmt: skip
    is_network(read(write(torch)))
    is_network(
        read(write({f"{key}.{part}": torch[key][part] for key in torch for part in torch[key]}))
    )
    with pytest.raises(NetworkFileError, match="holds batch normalisation"):
        read(write({"params": dense, "batch_stats": {"BatchNorm_0": {"mean": np.ones(4)}}}))
    with pytest.raises(NetworkFileError, match="'LayerNorm_0' is a normalisation layer"):
        norm = {"LayerNorm_0": {"scale": np.ones(4), "bias": np.ones(4)}}
        read(write({"params": {**dense, **norm}}))


def test_joblibs_arrays_whose_numbers_stand_between_the_instructions() -> None:
    import joblib

    values: dict[str, Any] = {}
    for number, layer in enumerate(NETWORK.layers, 1):
        values[f"W{number}"] = np.asfortranarray(layer.weights.T)
        values[f"b{number}"] = layer.biases.astype(">f8")
    both = {"coefs_": [values["W1"], values["W2"]], "intercepts_": [values["b1"], values["b2"]]}
    for value in (values, both):
        buffer = io.BytesIO()
        joblib.dump(value, buffer)
        data = buffer.getvalue()
        is_network(read(data))
        for end in range(0, len(data), 7):
            with pytest.raises(NetworkFileError):
                read(data[:end])
    buffer = io.BytesIO()
    joblib.dump({"W1": np.array([np.eye(2), None], dtype=object)}, buffer)
    with pytest.raises(NetworkFileError, match=r"NumpyArrayWrapper\); save the arrays by NumPy"):
        read(buffer.getvalue())


@pytest.mark.parametrize("sizes", [(8, 6, 1), (8, 6, 6, 1), (8, 1)])
def test_weights_into_one_output_are_no_biases(sizes: tuple[int, ...]) -> None:
    network = Network.random(sizes, seed=8)
    buffer = io.BytesIO()
    np.savez(buffer, *mlp(network)["coefs_"], *mlp(network)["intercepts_"])
    is_network(read(buffer.getvalue()), network)


def test_what_is_no_array_is_left_out_with_a_word() -> None:
    reading = as_json({"optimiser": "adam", "rate": 0.1, **listed(as_dict())})
    is_network(reading)
    assert reading.notes == ("Left out what are no arrays: 'optimiser', 'rate'.",)


def npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def named(network: Network = NETWORK, *, biased: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, layer in enumerate(network.layers, 1):
        found |= {f"W{number}": layer.weights.T, **({f"b{number}": layer.biases} if biased else {})}
    return found


WRITERS: list[Callable[[Any], bytes]] = [
    lambda value: npz(**value), pickle.dumps, lambda value: json.dumps(listed(value)).encode()
]  # fmt: skip


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize(
    ("name", "values"),
    [("classes", np.arange(3)), ("losses", np.ones(3)), ("confusion_matrix", np.eye(3)),
     ("val_accuracy", np.ones(4)), ("class_weights", np.ones(3)), ("history/test_loss", np.ones(7)),
     ("layer_sizes", np.array([6, 4, 3]))],
)  # fmt: skip
def test_records_of_training_are_no_biases_and_no_layer(
    write: Callable[[Any], bytes], biased: bool, name: str, values: Any
) -> None:
    for value in ({**named(biased=biased), name: values}, {name: values, **named(biased=biased)}):
        reading = read(write(value))
        assert any(note.startswith(f"Left out '{name}': by its name") for note in reading.notes)
        assert [raw.biases is not None for raw in reading.layers] == [biased, biased]
        assert [raw.weights.shape for raw in reading.layers] == [(6, 4), (4, 3)]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("name", ["gain", "means", "mW2", "dW2", "hidden"])
@pytest.mark.parametrize("shape", [(3,), (3, 3)])
def test_what_has_no_layers_name_beside_those_that_have_is_refused(
    write: Callable[[Any], bytes], name: str, shape: tuple[int, ...]
) -> None:
    value = {**named(biased=False), name: np.ones(shape)}
    with pytest.raises(NetworkFileError, match=f"'{name}' is by its name no weights or biases"):
        read(write(value))


def test_a_scaling_of_the_pixels_is_told_from_a_layer() -> None:
    with pytest.raises(NetworkFileError, match=r"'mean' is by its name no .* fold a scaling"):
        read(npz(**named(), mean=np.ones(6), std=np.ones(6)))
    mean, std = NETWORK.layers[0].weights[:2]
    weights, biases = named()["W1"], named()["b1"]
    pixels = np.linspace(0, 1, 6)
    np.testing.assert_allclose(
        pixels @ (weights / std[:, None]) + (biases - (mean / std) @ weights),
        (pixels - mean) / std @ weights + biases,
        rtol=1e-4,
    )


@pytest.mark.parametrize("names", [("W_in", "b_hid", "out_W", "bo"), ("hidden", "hb", "out", "ob"),
                                   ("wih", "bias_h", "who", "bias_o"), ("a", "b", "c", "d"),
                                   ("Theta1", "theta0_1", "Theta2", "theta0_2")])  # fmt: skip
def test_layers_called_in_other_ways_go_by_their_order(names: tuple[str, ...]) -> None:
    is_network(read(npz(**dict(zip(names, named().values(), strict=True)))))


@pytest.mark.parametrize("write", WRITERS[:2])
@pytest.mark.parametrize(
    "names", ["x_train y_train", "X y", "data target", "images labels", "train_images train_labels",
              "x"],
)  # fmt: skip
def test_digits_are_told_what_they_are(write: Callable[[Any], bytes], names: str) -> None:
    pictures, labels = np.zeros((64, 784), np.float32), np.arange(64) % 10
    for images in (pictures, pictures.reshape(-1, 28, 28)):
        value = dict(zip(names.split(), (images, labels), strict=False))
        with pytest.raises(NetworkFileError, match=r"a set of digits .*, not a network"):
            read(write(value))


def test_one_array_that_is_no_weights_is_told_what_it_is() -> None:
    with pytest.raises(NetworkFileError, match="one vector of 64 numbers, such as labels"):
        read(npy(np.arange(64)))
    for images in (np.zeros((9, 784), np.uint8), np.zeros((9, 28, 28))):
        with pytest.raises(NetworkFileError, match="a set of digits"):
            read(npy(images))


def test_classes_that_are_called_by_words() -> None:
    words = [f"digit {number}" for number in range(3)]
    is_network(read(npz(**named(), classes=np.array(words))))
    is_network(as_json({**listed(named()), "labels": words}))


def test_names_sorted_as_text_count_by_value() -> None:
    network = Network.random((4,) * 13, seed=2)
    params = {f"Dense_{n}": {"bias": layer.biases, "kernel": layer.weights.T}
              for n, layer in enumerate(network.layers)}  # fmt: skip
    is_network(read(pickle.dumps(dict(sorted(params.items())))), network)
    buffer = io.BytesIO()
    np.savez(buffer, **{f"{name}/{part}": params[name][part]
                        for name in sorted(params) for part in ("bias", "kernel")})  # fmt: skip
    reading = read(buffer.getvalue())
    weights = [raw.weights for raw in reading.layers]
    assert all(np.array_equal(weight.T, layer.weights)
               for weight, layer in zip(weights, network.layers, strict=True))  # fmt: skip


def test_lists_in_json() -> None:
    layers = NETWORK.layers
    weights, biases = [layer.weights for layer in layers], [layer.biases for layer in layers]
    flat = [part for layer in layers for part in (layer.weights, layer.biases)]
    for value in ([weights, biases], flat, [[w, b] for w, b in zip(weights, biases, strict=True)],
                  {"weights": weights, "biases": biases}):  # fmt: skip
        reading = as_json(listed(value))
        is_network(reading)
        assert said(reading) == [None, None]


def test_json_of_sizes_is_nielsens_only_if_its_cost_says_so() -> None:
    weights, biases = listed(list(mlp().values()))
    weights = [np.transpose(matrix).tolist() for matrix in weights]
    value = {"sizes": [6, 4, 3], "weights": weights, "biases": biases}
    assert said(as_json(value)) == [None, None]
    assert said(as_json({**value, "cost": "QuadraticCost"})) == ["sigmoid", "sigmoid"]
    assert said(as_json({**value, "cost": "mse", "activation": "relu"})) == [None, None]
    with pytest.raises(NetworkFileError, match="'sizes' contradicts the weights"):
        as_json({**value, "sizes": [6, 4, 4]})


def test_one_dict_in_many_places_is_looked_at_once() -> None:
    shared = {"weights": 1, **{str(number): None for number in range(20_000)}}
    for value in ({str(number): shared for number in range(20_000)}, [shared] * 4000):
        begun = time.process_time()
        with pytest.raises(NetworkFileError):
            read(pickle.dumps(value))
        assert time.process_time() - begun < 3


def test_a_dict_that_holds_itself_ends() -> None:
    inner: dict[str, Any] = {"W1": np.eye(2)}
    inner["again"] = inner
    with pytest.raises(NetworkFileError, match="nested more than 16 deep"):
        read(pickle.dumps(inner))
    wide: Any = np.eye(2)
    for _ in range(14):
        wide = {str(n): wide for n in range(9)}
    with pytest.raises(NetworkFileError, match="more than 4096 entries"):
        read(pickle.dumps(wide))


@pytest.mark.parametrize("libver", ["earliest", "latest"])
@pytest.mark.parametrize(
    "names",
    ["W{n}|b{n}", "fc{n}/weight|fc{n}/bias", "net/dense_{n}/kernel|net/dense_{n}/bias",
     "a/b/c/w{n}|a/b/c/b{n}"],
)  # fmt: skip
def test_hdf5_by_names_at_any_depth(names: str, libver: str) -> None:
    import h5py

    # The newest form keeps more than eight members of a group in another way, which is not read.
    network = Network.random((6, *[4] * (11 if libver == "earliest" else 2), 3), seed=6)
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", libver=libver) as file:
        file["loss"] = 0.25
        for number, layer in enumerate(network.layers, 1):
            weights, biases = names.format(n=number).split("|")
            file.create_dataset(weights, data=layer.weights, compression="gzip")
            file[biases] = layer.biases.astype(np.float64)
    reading = read(buffer.getvalue())
    is_network(reading, network)
    assert reading.format == "HDF5 of arrays by name"
    assert "Left out 'loss': a single number." in reading.notes


def test_hdf5_that_is_no_network_says_what_it_holds() -> None:
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["images"] = np.zeros((3, 2, 2), np.float32)
    with pytest.raises(
        NetworkFileError, match=r"not one of Keras's; it holds 'images' \(3, 2, 2\)"
    ):
        read(buffer.getvalue())
