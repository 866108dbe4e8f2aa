"""A file's form, remembered: what was folded into layers comes out again."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.formats import WRITABLE, NetworkFileError, dumps, load
from toolkit.formats.frameworks import npz
from toolkit.formats.writing import described
from toolkit.network import Layer, Network
from toolkit.origin import Origin, Place, Slot, UnsoundError


def one(weights: object, biases: object, **place: object) -> tuple[Origin, Network]:
    layer = Layer(weights, biases, "relu")  # type: ignore[arg-type]
    slots = Slot("w", layer.weights.shape), Slot("b", layer.biases.shape)
    origin = Origin(".pt", "state_dict", (Place(*slots, **place),), order=("w", "b"))  # type: ignore[arg-type]
    return origin, Network((layer,), origin=origin)


def test_a_scaling_of_the_pixels_is_undone_by_hand() -> None:
    # The file's w = [3, 5], b = 7, fed 2x − 1: 3(2x−1) + 5(2y−1) + 7 = 6x + 10y − 1.
    origin, network = one([[6, 10]], [-1], before=(2.0, -1.0))
    found = origin.arrays(network)
    assert found["w"].tolist() == [[3, 5]]
    assert found["b"].tolist() == [7]


def test_a_normalisation_behind_the_sum_is_undone_by_hand() -> None:
    # The file's z = 3x + 7, then 4z + 2: ours is 12x + 30.
    origin, network = one([[12]], [30], after=(np.array([4.0]), np.array([2.0])))
    found = origin.arrays(network)
    assert found["w"].tolist() == [[3]]
    assert found["b"].tolist() == [7]


def test_pixels_are_scaled_before_each_inputs_own_scaling() -> None:
    origin, _ = one([[6, 10]], [0], before=(np.array([1.0, 2.0]), np.array([0.5, 0.0])))
    # The file's layer is fed (x + 0.5, 2y), and x is now 3p + 1.
    scale, shift = origin.fed(3.0, 1.0).places[0].before
    assert scale.tolist() == [3, 6]
    assert shift.tolist() == [1.5, 2]


@pytest.mark.parametrize(("dtype", "turned"), [("<f8", True), (">f4", False), ("<f2", True)])
def test_shapes_and_types_are_the_files_own(dtype: str, turned: bool) -> None:
    slot = Slot("w", (3, 2) if turned else (2, 3), dtype, turned)
    origin = Origin(".npz", "plain", (Place(slot, Slot("b", (2, 1), dtype)),), order=("b", "w"))
    network = Network((Layer(np.arange(6).reshape(2, 3), [1, 2]),), origin=origin)
    found = origin.arrays(network)
    assert list(found) == ["b", "w"]
    assert {array.dtype.str for array in found.values()} == {dtype}
    assert found["b"].tolist() == [[1], [2]]
    held = found["w"].T if turned else found["w"]
    assert held.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_bfloat16_is_rounded_to_the_nearest_even() -> None:
    slot = Slot("w", (1, 4), "bfloat16")
    origin = Origin(".pt", "state_dict", (Place(slot),), order=("w",))
    values = [[1.0, 1 + 2**-8, 1 + 3 * 2**-8, -2.5]]  # the second and third lie half way
    (found,) = origin.arrays(Network((Layer(values, [0]),))).values()
    wide = found.view("<u2").astype(np.uint32) << 16
    assert wide.view(np.float32).tolist() == [[1.0, 1.0, 1 + 2**-6, -2.5]]


def test_what_has_no_place_is_said() -> None:
    origin, network = one([[1, 2]], [0])
    bare = replace(origin, places=(replace(origin.places[0], biases=None),), order=("w",))
    assert list(bare.arrays(network)) == ["w"]
    with pytest.raises(ValueError, match="layer 1 has biases now; its file has none"):
        bare.arrays(network.with_layer(1, biases=[1]))
    with pytest.raises(ValueError, match="layer 1 is relu; its file says tanh"):
        replace(origin, activations=("tanh",)).arrays(network)
    with pytest.raises(ValueError, match="expected 1 layers"):
        origin.arrays(Network.blank((2, 1, 1)))
    zero = replace(origin, places=(replace(origin.places[0], before=(np.array([1.0, 0.0]), 0.0)),))
    with pytest.raises(ValueError, match="multiplies input 1 by zero"):
        zero.arrays(network)
    half = replace(origin, places=(Place(Slot("w", (1, 2), "<f2"), Slot("b", (1,))),))
    with pytest.raises(ValueError, match="float16 in its file, too narrow"):
        half.arrays(network.with_layer(1, weights=[[1e6, 0]]))


def test_a_normalisation_takes_the_bias_that_its_layer_lacks() -> None:
    place = Place(Slot("w", (1, 1)), after=(np.array([4.0]), np.array([2.0])), spare="bn.bias")
    kept = {"bn.bias": np.array([5], np.float32)}
    origin = Origin(".pt", "state_dict", (place,), order=("w", "bn.bias"), kept=kept)
    network = Network((Layer([[12]], [2]),))
    assert origin.arrays(network)["bn.bias"].tolist() == [5]
    moved = origin.arrays(network.with_layer(1, biases=[3.5]))
    assert moved["w"].tolist() == [[3]]
    assert moved["bn.bias"].tolist() == [6.5]


def test_no_bias_is_made_of_what_rounding_left() -> None:
    rng = np.random.default_rng(3)
    weights, shift = rng.normal(size=(4, 784)), rng.normal(size=784)
    origin = Origin(".pt", "x", (Place(Slot("w", (4, 784)), before=(2.0, shift)),), order=("w",))
    layer = Layer(2 * weights, weights @ shift)
    np.testing.assert_allclose(origin.arrays(Network((layer,)))["w"], weights, rtol=1e-6)


@given(st.integers(1, 4), st.integers(1, 4), st.booleans(), st.binary(max_size=20))
def test_bytes_tell_it_whole(into: int, out: int, biased: bool, skeleton: bytes) -> None:
    place = Place(
        Slot("a.weight", (into, out), "<f8", True), Slot("ü", (out,)) if biased else None,
        (0.5, np.arange(into) / 2), (np.ones(out), -1.0), "kept",
    )  # fmt: skip
    kept = {"kept": np.ones(out, np.float16), "n": np.array(3), "h": np.zeros(2, "u2").view("V2")}
    order = ("a.weight", *(["ü"] if biased else []), *kept)
    origin = Origin(".pt", "state_dict", (place,), ("relu",), order, kept, skeleton)
    again = Origin.from_bytes(origin.to_bytes(), (into, out))
    assert again.to_bytes() == origin.to_bytes()
    network = Network((Layer(np.ones((out, into)), np.ones(out), "relu"),))
    for mine, other in zip(
        origin.arrays(network).items(), again.arrays(network).items(), strict=True
    ):
        assert mine[0] == other[0]
        assert mine[1].tobytes() == other[1].tobytes()


@given(st.data())
def test_damaged_bytes_are_refused_in_words(data: st.DataObject) -> None:
    origin, network = one([[6, 10]], [-1], before=(np.array([1.0, 2.0]), 0.5))
    raw = bytearray(origin.to_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    raw = raw[: data.draw(st.integers(0, len(raw)))]
    try:
        found = Origin.from_bytes(bytes(raw), network.sizes)
    except ValueError:
        return
    assert found.size < 1 << 20


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": ".html"}, "no kind of file"),
        ({"form": "\x1b[31m"}, "no short text"),
        ({"order": ("w", "b", "n")}, "not there"),
        ({"kind": ".keras", "kept": {"../x": np.zeros(1)}}, "leads out of its file"),
        ({"kept": {f"{n}{'/a' * 190}": np.zeros(1) for n in range(200)}}, "too many folders"),
        ({"kept": {"deep": np.zeros((1,) * 9)}}, "too many dimensions"),
        ({"skeleton": bytes(1 << 19)}, "larger than any"),
        ({"places": (Place(Slot("w", (1, 2)), spare="b"),)}, "does not fit its layer"),
        ({"places": (Place(Slot("w", (1, 2)), before=(np.inf, 0.0)),)}, "not finite"),
    ],
)
def test_a_form_that_cannot_be_is_not_kept(changed: dict[str, Any], said: str) -> None:
    origin, network = one([[6, 10]], [-1])
    assert origin.sound(network.sizes) is origin
    unsound = replace(origin, **changed)
    assert unsound.sound(network.sizes) is None
    with pytest.raises(UnsoundError, match=said):
        Origin.from_bytes(unsound.to_bytes(), network.sizes)


def test_it_travels_with_the_network_and_is_no_part_of_its_value() -> None:
    origin, network = one([[6, 10]], [-1], before=(2.0, -1.0))
    assert network == replace(network, origin=None)
    edited = network.with_layer(1, biases=[3]).renamed("other")
    for again in (
        pickle.loads(pickle.dumps(edited)),
        npz.loads(npz.dumps(edited)),
        load(dumps(edited, ".npz")),
    ):
        assert again.origin is not None
        assert again.origin.arrays(again)["b"].tolist() == [11]
        assert again.origin.to_bytes() == origin.to_bytes()


def test_what_is_written_is_told_before() -> None:
    _, network = one([[6, 10]], [-1])
    assert described(network, ".pth") == "state_dict, as it came"
    assert described(network, ".pt", plain=True) == WRITABLE[".pt"]
    assert described(network, ".npz") == WRITABLE[".npz"]
    with pytest.raises(NetworkFileError, match=r"in .onnx: it came as state_dict, .pt"):
        dumps(network, ".onnx", plain=False)
    with pytest.raises(NetworkFileError, match="is not kept; write it in its plain form"):
        dumps(replace(network, origin=None), ".npz", plain=False)
