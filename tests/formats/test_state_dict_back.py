"""What came from a state_dict goes back as it: names, shapes, types, and every fold undone."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load as load_safetensors
from safetensors.numpy import save as save_safetensors

from tests.formats.fuzz import unzipped
from tests.formats.samples import safetensors
from tests.formats.test_checkpoints import STATE, normal, sequential_with_norm
from tests.formats.torch_files import linear, saved
from toolkit import shipped
from toolkit.digits import load_drawn
from toolkit.formats import NetworkFileError, dumps, load, read
from toolkit.formats.meaning.interpretation import possibilities
from toolkit.network import Layer, Network
from toolkit.origin import Origin, Place, Slot

# Networks of a few inputs can be tried on no digits; which reading is taken is no matter here.
pytestmark = pytest.mark.filterwarnings("ignore:.*could not be tried on digits")

PIXELS = {"mean": np.array([[[0.1307]]], "f4"), "std": np.array([[[0.3081]]], "f4")}
AT_THE_ENDS = (
    normal("0", 6)
    | {"1.weight": STATE["0.weight"], "1.bias": STATE["0.bias"]}
    | {"3.weight": STATE["2.weight"], "3.bias": STATE["2.bias"]}
    | normal("4", 3, seed=2)
)
LENGTHS = {
    "0.bias": STATE["0.bias"], "0.weight_g": np.ones((4, 1), "f4"),
    "0.weight_v": STATE["0.weight"], "2.weight": STATE["2.weight"], "2.bias": STATE["2.bias"],
}  # fmt: skip
AS_IT_CAME: dict[str, dict[str, Any]] = {
    "plain": STATE,
    "double": linear(6, 4, 3, dtype="<f8"),
    "half": linear(6, 4, 3, dtype="<f2"),
    "without biases": linear(6, 4, 3, biased=False),
    "x @ W + b": {"W1": STATE["0.weight"].T, "b1": STATE["0.bias"],
                  "W2": STATE["2.weight"].T, "b2": STATE["2.bias"]},
    "parallel": linear(6, 4, 3, prefix="module."),
    "with what is no layer's": STATE | {"steps": np.array(3), "loss.weight": np.ones(3, "f4")},
}  # fmt: skip
HIDDEN = (
    {"0.weight": STATE["0.weight"]} | normal("1", 4)  # the layer's bias is the normalisation's
    | {"3.weight": STATE["2.weight"], "3.bias": STATE["2.bias"]}
)  # fmt: skip
FOLDED = {
    "between": HIDDEN,
    "pixels": PIXELS | STATE,
    "normalised": AT_THE_ENDS,
    "lengths": LENGTHS,
}


def tensors(data: bytes) -> dict[str, Any]:
    """Return a file's tensors by name, cut out of its members here."""
    if not data.startswith(b"PK"):
        return load_safetensors(data)
    members = unzipped(data)
    found = {}
    pickled = members["archive/data.pkl"]
    kinds = {b"Float": "<f4", b"Double": "<f8", b"Half": "<f2", b"Long": "<i8", b"BFloat16": "V2"}
    described = re.compile(
        rb"X(....)([^\0]*?)ctorch._utils\n_rebuild_tensor_v2\n\(\(X....storagectorch\n(\w+)Storage\n"
        rb"X....(\d+)X....cpuJ....tQJ....\(((?:J....)*)t",
        re.DOTALL,
    )
    for match in described.finditer(pickled):
        shape = [int.from_bytes(match[5][at + 1 : at + 5], "little")
                 for at in range(0, len(match[5]), 5)]  # fmt: skip
        raw = members[f"archive/data/{int(match[4])}"]
        found[match[2].decode()] = np.frombuffer(raw, kinds[match[3]]).reshape(shape)
    return found


def edited(network: Network) -> Network:
    first, *rest = network.layers
    weights, biases = first.weights.copy(), first.biases.copy()
    weights[1, 2] += 0.5
    assert network.origin is not None
    if network.origin.places[0].biases is not None:
        biases[0] -= 0.25
    return replace(network, layers=(Layer(weights, biases, first.activation), *rest))


@pytest.mark.parametrize("kind", [".pt", ".safetensors"])
@pytest.mark.parametrize("case", AS_IT_CAME)
def test_an_unedited_state_dict_comes_back_bit_for_bit(case: str, kind: str) -> None:
    state = AS_IT_CAME[case]
    found = tensors(dumps(load(saved({"epoch": 2, "model": state})), kind))
    assert list(found) == list(state) or (kind == ".safetensors" and set(found) == set(state))
    for name, array in state.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        # Networks here are of single precision: that is what is left of a double.
        expected = array.astype("f4").astype("f8") if case == "double" else array
        assert found[name].tobytes() == expected.tobytes()


@pytest.mark.parametrize("kind", [".pt", ".safetensors"])
@pytest.mark.parametrize("case", FOLDED)
def test_what_was_folded_comes_out_again(case: str, kind: str) -> None:
    state = FOLDED[case]
    found = tensors(dumps(load(saved(state)), kind))
    assert set(found) == set(state)
    for name, array in state.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        if case != "lengths":  # a direction may have any length
            np.testing.assert_allclose(found[name], array, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("kind", [".pt", ".safetensors"])
@pytest.mark.parametrize("case", [*AS_IT_CAME, *FOLDED])
def test_an_edited_network_reads_back_as_it_is(case: str, kind: str) -> None:
    network = edited(load(saved((AS_IT_CAME | FOLDED)[case])))
    data = dumps(network, kind)
    again = load(data)
    tolerance = 2e-3 if case == "half" else 2e-6
    for a, b in zip(network.layers, again.layers, strict=True):
        np.testing.assert_allclose(a.weights, b.weights, rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(a.biases, b.biases, rtol=tolerance, atol=tolerance)
    assert dumps(network, kind) == data
    assert again.origin is not None
    assert again.origin.kind == kind


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_bias_goes_into_the_normalisation_that_stands_before_the_activation(place: str) -> None:
    ways = possibilities(read(saved(HIDDEN)))
    network = next(way for way in ways if way.way.norm == place).build()
    first, last = network.layers
    network = replace(network, layers=(
        Layer(first.weights, first.biases + np.float32(0.5), first.activation), last
    ))  # fmt: skip
    if place == "after":
        with pytest.raises(NetworkFileError, match="layer 1 has biases now; its file has none"):
            dumps(network, ".pt")
        return
    found = tensors(dumps(network, ".pt"))
    np.testing.assert_allclose(found["1.bias"], HIDDEN["1.bias"] + 0.5, rtol=1e-6)
    np.testing.assert_allclose(found["0.weight"], HIDDEN["0.weight"], rtol=1e-6)


@pytest.mark.parametrize("kind", [".pt", ".safetensors"])
@pytest.mark.parametrize("case", [*AS_IT_CAME, *FOLDED])
@pytest.mark.parametrize("pixels", ["unit", "mnist"])
def test_what_goes_back_is_not_guessed_at_again(case: str, kind: str, pixels: str) -> None:
    functions = ("tanh", "sigmoid")
    file = saved((AS_IT_CAME | FOLDED)[case])
    if case == "pixels" and pixels == "mnist":
        with pytest.raises(NetworkFileError, match="the file says that it takes pixels from 0 to"):
            load(file, activations=functions, pixels=pixels)
        return
    network = load(file, activations=functions, pixels=pixels)
    # Without biases, what is painted has no place where pixels are shifted first.
    again = read(dumps(network if case == "without biases" else edited(network), kind))
    assert tuple(raw.activation for raw in again.layers) == functions
    fed = (1 / 0.3081, -0.1307 / 0.3081) if pixels == "mnist" else (1.0, 0.0)
    assert again.input_map is not None
    np.testing.assert_allclose(again.input_map, fed, rtol=1e-6, atol=1e-6)


def test_bfloat16_comes_back_bit_for_bit() -> None:
    values = np.arange(12, dtype="<u2") + 0x3F80
    header = {"fc.weight": {"dtype": "BF16", "shape": [3, 4], "data_offsets": [0, 24]}}
    network = load(safetensors(json.dumps(header).encode(), values.tobytes()))
    assert tensors(dumps(network, ".pt"))["fc.weight"].tobytes() == values.tobytes()
    assert dumps(network, ".safetensors").endswith(values.tobytes())


def test_a_bias_that_has_no_place_is_refused() -> None:
    network = load(saved(linear(6, 4, 3, biased=False)))
    first, last = network.layers
    network = replace(network, layers=(Layer(first.weights, [1, 0, 0, 0], "relu"), last))
    with pytest.raises(NetworkFileError, match="cannot go back as it came: layer 1 has biases now"):
        dumps(network, ".pt")
    assert load(dumps(network, ".pt", plain=True)) == network
    fed = load(saved(linear(6, 4, 3, biased=False)), pixels="mnist")
    assert dumps(fed, ".pt")
    with pytest.raises(NetworkFileError, match="layer 1 has biases now"):
        dumps(edited(fed), ".pt")


@pytest.mark.parametrize("kind", [".pt", ".safetensors"])
def test_an_epsilon_that_the_module_said_is_not_forgotten(kind: str) -> None:
    at_rest = {"running_mean": np.zeros(4, "f4"), "running_var": np.full(4, 0.75, "f4")}
    network = load(sequential_with_norm(at_rest, eps=0.25))
    data = dumps(network, kind, plain=False)
    for again in (load(data), load(dumps(load(data), kind, plain=False))):
        for a, b in zip(network.layers, again.layers, strict=True):
            np.testing.assert_allclose(a.weights, b.weights, rtol=2e-6)


def tied(both: Any, *, told: bool = False) -> bytes:
    """Return a 6-4-4-3 whose second and third layers have the same weights, as one tensor."""
    state = linear(6, 4, 4, 4, 3) | {"2.weight": both, "4.weight": both}
    if not told:
        return saved(state)
    del state["4.weight"]
    return save_safetensors(state, {"4.weight": "2.weight", "format": "pt"})


@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize("kind", [".pt", ".safetensors"])
def test_layers_that_share_a_tensor_go_back_while_they_are_equal(kind: str, told: bool) -> None:
    both = np.arange(16, dtype="f4").reshape(4, 4)
    network = load(tied(both, told=told))
    assert [np.array_equal(layer.weights, both) for layer in network.layers[1:3]] == [True, True]
    one = network.with_layer(2, weights=both + 1)
    with pytest.raises(NetworkFileError, match=r"'2\.weight' and '4\.weight' are one tensor"):
        dumps(one, kind, plain=False)
    data = dumps(one.with_layer(3, weights=both + 1), kind, plain=False)
    again = load(data)
    assert [np.array_equal(layer.weights, both + 1) for layer in again.layers[1:3]] == [True, True]
    found = tensors(data)
    if kind == ".pt":  # as PyTorch saves them: in one storage
        assert len([name for name in unzipped(data) if "/data/" in name]) == len(found) - 1
    else:  # as the format's own save_model does
        assert "4.weight" not in found
    with pytest.raises(NetworkFileError, match="are one tensor"):
        dumps(again.with_layer(3, weights=both), kind, plain=False)


def out_of_order(*names: str) -> tuple[dict[str, Any], Network]:
    """Return the ReLU network with its first layer's outputs turned round by one layer more.

    It is 784-16-16-16-10: two of its layers can be exchanged.
    """
    network = shipped.open_network("mnist-relu")
    first, second, last = network.layers
    turned = Layer(np.eye(16, dtype="f4")[::-1], np.zeros(16, "f4"), "relu")
    back = Layer(second.weights[:, ::-1], second.biases, "relu")
    whole = Network((first, turned, back, last))
    state = {}
    for name, layer in zip(names, whole.layers, strict=True):
        state |= {f"{name}.weight": layer.weights, f"{name}.bias": layer.biases}
    return state, whole


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", [".pt", ".safetensors"])
def test_of_two_orders_that_fit_digits_decide_and_the_way_back_keeps_it(kind: str) -> None:
    state, whole = out_of_order("a", "c", "b", "d")
    content = save_safetensors(state)  # by name, so that b comes before c
    network = load(content)
    assert [np.array_equal(a.weights, b.weights)
            for a, b in zip(network.layers, whole.layers, strict=True)] == [True] * 4  # fmt: skip
    first, *_ = possibilities(read(content), load_drawn(300))
    assert "in which order its layers follow, and 2 fit: 'a', 'c', 'b', 'd' reads" in first.notes[0]
    again = load(dumps(load(dumps(network, kind, plain=False)), ".safetensors", plain=False))
    for a, b in zip(network.layers, again.layers, strict=True):
        np.testing.assert_array_equal(a.weights, b.weights)


def test_where_the_order_is_no_more_than_a_guess_that_is_said() -> None:
    state = {
        name: array
        for part, layer in zip("dbca", (3, 1, 2, 0), strict=True)
        for name, array in linear(784, 16, 16, 16, 10, prefix=f"{part}.").items()
        if name.startswith(f"{part}.{2 * layer}.")
    }
    for digits in (None, load_drawn(200)):
        first, *_ = possibilities(read(saved(state)), digits)
        assert first.guess.startswith("in which order its layers follow is not said, and 2 orders")
    for name in "efh":
        state |= {f"{name}.weight": state["b.2.weight"].copy(), f"{name}.bias": np.zeros(16, "f4")}
    with pytest.raises(
        NetworkFileError, match=r"in which order .* fit in many; number the layers'"
    ):
        read(saved(state))


def test_numbers_in_names_say_the_order() -> None:
    state, _ = out_of_order("in", "h2", "h10", "out")
    reading = read(saved(dict(reversed(state.items()))))
    assert [raw.name for raw in reading.layers] == ["in", "h2", "h10", "out"]
    assert not reading.orders


def test_a_plain_state_dict_is_named_as_a_sequential_and_is_never_guessed_at() -> None:
    network = Network.random((16, 5, 4, 3), ["tanh", "sigmoid", "softmax"], seed=3)
    data = dumps(network, ".pt")
    assert list(tensors(data)) == [f"{n}.{part}" for n in (0, 2, 4) for part in ("weight", "bias")]
    again = load(data)
    assert again == network
    assert again.name == network.name
    # Each storage lies where PyTorch can map it, and the archive says the same on each machine.
    for number in range(6):
        start = data.index(f"archive/data/{number}".encode()) - 30
        lengths = (
            int.from_bytes(data[start + 26 : start + 28], "little"),
            int.from_bytes(data[start + 28 : start + 30], "little"),
        )
        assert (start + 30 + sum(lengths)) % 64 == 0


def test_what_is_whole_numbers_in_its_file_is_said_not_to_go_back() -> None:
    state = {"0.weight": STATE["0.weight"].astype("i1"), "0.bias": STATE["0.bias"]}
    reading = read(saved(state))
    assert reading.origin is None
    assert reading.notes == ("It cannot be saved as it came: its weights are whole numbers.",)


def test_what_a_form_keeps_no_tensors_of_is_said() -> None:
    place = Place(Slot("fc.weight", (1, 2)))
    kept = {"steps": np.ones(1, np.uint64)}
    origin = Origin(".safetensors", "safetensors", (place,), (), ("fc.weight", "steps"), kept)
    network = Network((Layer([[1, 2]], [0]),), origin=origin)
    with pytest.raises(NetworkFileError, match=r"'steps' holds uint64.*save it as \.safetensors"):
        dumps(network, ".pt")
    assert dumps(network, ".safetensors")
