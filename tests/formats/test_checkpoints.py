"""PyTorch's files: what stands beside the tensors, which tensors are taken, and where they lie."""

from __future__ import annotations

import argparse
import collections
import datetime
import enum
import pathlib
import pickle
from typing import Any

import numpy as np
import pytest

from tests.formats.fuzz import unzipped
from tests.formats.samples import samples, state_dict, tensor, torch_zip, zipped
from tests.formats.torch_files import MAGIC, linear, module, saved
from toolkit.formats import NetworkFileError, Reading, load, read
from toolkit.network import Network

# Networks of a few inputs can be tried on no digits; which reading is taken is no matter here.
pytestmark = pytest.mark.filterwarnings("ignore:.*could not be tried on digits")

STATE = linear(6, 4, 3)
RELU = "torch.nn.modules.activation.ReLU"
LINEAR = "torch.nn.modules.linear.Linear"
SEQUENTIAL = "torch.nn.modules.container.Sequential"


class Kind(enum.Enum):
    """Somebody's own."""

    MLP = "mlp"


def holds(reading: Reading, state: dict[str, Any]) -> bool:
    """Tell whether a reading's layers are a state_dict's, in its order."""
    arrays = [part for raw in reading.layers for part in (raw.weights, raw.biases)]
    expected = list(state.values())
    return len(arrays) == len(expected) and all(
        a is not None and np.array_equal(a, b) for a, b in zip(arrays, expected, strict=True)
    )


BESIDE: dict[str, Any] = {
    "args": argparse.Namespace(rate=0.1, out=pathlib.PurePosixPath("/tmp"), layers=[16, 16]),
    "path": pathlib.PurePosixPath("runs") / "7",
    "counts": collections.Counter("abracadabra"),
    "seen": collections.defaultdict(list, {3: [1], "a": []}),
    "classes": {1, 2, 3},
    "frozen": frozenset("ab"),
    "recent": collections.deque([1, 2], 5),
    "kind": Kind.MLP,
    "function": linear,
    "made": datetime.datetime(2024, 5, 1, 12, 30),
    "took": datetime.timedelta(hours=2),
    "score": np.float64(0.97),
    "by pair": {(1, 2): 3, None: 4, 0.5: 5, True: 6, -7: 8, b"a": 9},
    "names": ["a", ("b", None, 1.5, True)],
}


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
@pytest.mark.parametrize("beside", BESIDE)
def test_what_stands_beside_tensors_is_no_hindrance(beside: str, legacy: bool) -> None:
    value = {"epoch": 3, beside: BESIDE[beside], "state_dict": STATE}
    reading = read(saved(value, legacy=legacy))
    assert holds(reading, STATE)
    assert reading.notes == ("Took the tensors under 'state_dict' of a checkpoint.",)


@pytest.mark.parametrize(
    "name",
    ["torch.device", "torch.float32", "torch.optim.sgd.SGD", "torch.nn.functional.relu",
     "torch.nn.modules.loss.NLLLoss", "somebodys.own.Config", "__main__.Settings"],
)  # fmt: skip
def test_names_of_data_and_of_others_are_no_hindrance(name: str) -> None:
    whole = saved(lambda torch: {"model": STATE, "a": torch[name](), "b": torch[name]}, name)
    assert holds(read(whole), STATE)


@pytest.mark.parametrize("name", ["os.system", "torch.load", "numpy.load", "builtins.eval"])
def test_what_no_data_is_called_is_refused_wherever_it_stands(name: str) -> None:
    module_name, _, short = name.rpartition(".")
    gadget = f"c{module_name}\n{short}\n(S'id'\ntR".encode()
    good = saved({"state_dict": STATE, "mark": "here"})
    assert good.count(b"X\x04\x00\x00\x00here") == 1
    members = unzipped(good)
    put = members["archive/data.pkl"].replace(b"X\x04\x00\x00\x00here", gadget)
    with pytest.raises(NetworkFileError, match=f"would have to be executed \\({name}\\)"):
        read(zipped(members | {"archive/data.pkl": put}))


@pytest.mark.parametrize(
    "way",
    [
        b"csomebody\nCall\n(S'id'\ntR", b"(S'id'\nisomebody\nCall\n", b"(csomebody\nCall\nS'id'\no",
        b"csomebody\nCall\n)\x81", b"csomebody\nCall\n)}\x92", b"csomebody\nCall\n)R}S'a'\nNsb",
        b"csomebody\nCall\n)R(NNe", b"csomebody\nCall\n)R(NNu", b"\x8f(NN\x90", b"(NN\x91",
        b"csomebody\nCall\n)R)R", b"ccollections\ndefaultdict\n)R",
    ],
)  # fmt: skip
def test_opaque_objects_swallow_whatever_they_are_given(way: bytes) -> None:
    data = b"\x80\x02}(" + b"S'a'\n" + way + b"S'state_dict'\n}u."
    with pytest.raises(NetworkFileError, match="holds no state_dict"):
        read(torch_zip(data, {}))
    with pytest.raises(NetworkFileError, match="would have to be executed"):
        read(data)  # a plain pickle of arrays knows no such things


def test_an_opaque_object_in_the_place_of_a_tensor_is_named() -> None:
    state = STATE | {"2.weight": argparse.Namespace(a=1)}
    with pytest.raises(NetworkFileError, match=r"'2\.weight' is no tensor, but argparse\.Namesp"):
        read(saved(state))
    assert holds(read(saved(STATE | {"version": argparse.Namespace(a=1)})), STATE)


@pytest.mark.parametrize(
    ("name", "words"),
    [("_rebuild_qtensor", "a quantised tensor; dequantize"),
     ("_rebuild_sparse_tensor", "a sparse tensor; save its to_dense"),
     ("_rebuild_meta_tensor_no_storage", "a tensor without numbers")],
)  # fmt: skip
def test_tensors_that_are_not_read_are_named(name: str, words: str) -> None:
    full = f"torch._utils.{name}"
    with pytest.raises(NetworkFileError, match=f"'0.weight' is {words}"):
        read(saved(lambda torch: STATE | {"0.weight": torch[full]()}, full))


def test_a_quantised_layer_is_named() -> None:
    full = "torch._utils._rebuild_qtensor"
    with pytest.raises(NetworkFileError, match="is a quantised tensor"):
        read(saved(lambda torch: {"0.scale": np.array(1.0, "f4"),
                                  "0._packed_params": (torch[full](), None)}, full))  # fmt: skip


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_arrays_of_numpys_stand_for_tensors(legacy: bool) -> None:
    # Not as torch.save has tensors, but by NumPy's own words for arrays.
    data = pickle.dumps({"epoch": np.arange(3), "model": STATE}, 2)
    zip_form = torch_zip(data, {})
    if legacy:
        parts = (MAGIC, 1001, {"little_endian": True})
        zip_form = b"".join([*(pickle.dumps(part, 2) for part in parts), data, pickle.dumps([], 2)])
    reading = read(zip_form)
    assert holds(reading, STATE)
    assert reading.origin is not None


@pytest.mark.parametrize(
    ("wrap", "path"),
    [
        (lambda state: {"module": state}, "module"),
        (lambda state: {"state": {"model": state}, "step": 5}, "state.model"),
        (lambda state: {"best_model": state, "accuracy": 0.9}, "best_model"),
        (lambda state: {"model_state": state, "optimizer": {"state": linear(6, 4)}}, "model_state"),
        (lambda state: (12, state), "1"),
        (lambda state: [state], "0"),
        (lambda state: {"nested": argparse.Namespace(inner=state)}, "nested.inner"),
        (lambda state: {"mnist": state}, "mnist"),
    ],
)  # fmt: skip
def test_wrappers_are_unwrapped_with_a_word(wrap: Any, path: str) -> None:
    reading = read(saved(wrap(STATE)))
    assert holds(reading, STATE)
    assert reading.notes == (f"Took the tensors under {path!r} of a checkpoint.",)


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "model.net.", "module._orig_mod."])
def test_prefixes_are_names_like_others(prefix: str) -> None:
    state = linear(6, 4, 3, prefix=prefix)
    reading = read(saved(state))
    assert holds(reading, state)
    assert reading.notes == ()


def test_layers_may_be_dicts_or_pairs_of_their_tensors() -> None:
    tensors = list(STATE.values())
    pairs = [(tensors[0], tensors[1]), (tensors[2], tensors[3])]
    for value in (
        {"fc1": {"weight": tensors[0], "bias": tensors[1]},
         "fc2": {"weight": tensors[2], "bias": tensors[3]}},
        {"params": {"a": {"weight": tensors[0], "bias": tensors[1]},
                    "b": {"weight": tensors[2], "bias": tensors[3]}}},
        pairs,
        tensors,
        [[tensors[0], tensors[2]], [tensors[1], tensors[3]]],
        {"weights": [tensors[0], tensors[2]], "biases": [tensors[1], tensors[3]]},
    ):  # fmt: skip
        assert holds(read(saved(value)), STATE)


def test_of_several_networks_the_usual_name_is_taken_and_the_others_are_named() -> None:
    other = linear(6, 5, 3, seed=9)
    reading = read(saved({"ema": other, "critic": dict(other), "model": STATE}))
    assert holds(reading, STATE)
    assert reading.notes == (
        "Took the tensors under 'model' of a checkpoint.",
        "Other tensors are under 'critic', 'ema'; save one alone to open it.",
    )
    picture = {"0.weight": np.zeros((2, 1, 3, 3), np.float32), "1.weight": other["0.weight"]}
    assert holds(read(saved({"generator": picture, "discriminator": STATE})), STATE)
    with pytest.raises(NetworkFileError, match="convolutional"):
        read(saved({"model": picture, "head": STATE}))  # who says "model" means no other


def test_several_networks_in_one_state_dict_are_never_taken_for_one() -> None:
    both = linear(3, 4, 6, prefix="generator.") | linear(6, 4, 1, prefix="discriminator.")
    with pytest.raises(NetworkFileError, match="several networks"):
        read(saved(both))
    twice = linear(4, 4, 4, prefix="ema_model.", seed=9) | linear(4, 4, 4, prefix="online_model.")
    reading = read(saved(twice))
    assert [raw.name for raw in reading.layers] == ["online_model.0", "online_model.2"]
    assert "Left out 'ema_model'" in reading.notes[0]


def test_weights_that_lie_inputs_first_are_told_by_their_shapes() -> None:
    turned = {name.replace("weight", "W").replace("bias", "b").replace(".", "_"): array.T
              for name, array in STATE.items()}  # fmt: skip
    reading = read(saved(turned))
    assert [raw.inputs_first for raw in reading.layers] == [True, True]
    square = read(saved({"w1": np.eye(4, dtype="f4"), "b1": np.zeros(4, "f4")}))
    assert square.layers[0].inputs_first is None
    assert read(saved(linear(4, 4))).layers[0].inputs_first is False
    own = {name: array.T for name, array in STATE.items()}
    assert read(saved(own)).notes == ("Weights lie as (in, out), as for x @ W + b.",)


def test_a_vector_of_another_name_is_not_taken_for_biases() -> None:
    state = linear(6, 4, 3, biased=False)
    state = {"0.weight": state["0.weight"], "gain": np.ones(4, "f4"),
             "2.weight": state["2.weight"], "shift": np.ones(3, "f4")}  # fmt: skip
    with pytest.raises(NetworkFileError, match="'gain' is no layer's weights or biases by its na"):
        read(saved(state))


def test_a_tensor_that_has_attributes_is_a_tensor() -> None:
    inner = STATE["0.weight"].T
    described = b"ctorch._utils\n_rebuild_tensor_v2\nctorch\nTensor\n"
    good = torch_zip(state_dict({"0.weight": tensor("0", 24, (4, 6))}), {"0": inner.tobytes()})
    members = unzipped(good)
    start = tensor("0", 24, (4, 6)).partition(b"((")[0]
    made = b"ctorch._tensor\n_rebuild_from_type_v2\n(" + described
    pickled = members["archive/data.pkl"].replace(start, made)
    pickled = pickled.replace(b"\n)RtR", b"\n)Rt}X\3\0\0\0fooK\1stR")
    read_back = read(zipped(members | {"archive/data.pkl": pickled}))
    assert read_back.layers[0].weights.shape == (4, 6)


def test_a_whole_sequential_says_its_activations() -> None:
    def made(torch: dict[str, Any]) -> Any:
        first = module(torch, LINEAR, weight=STATE["0.weight"], bias=STATE["0.bias"])
        last = module(torch, LINEAR, weight=STATE["2.weight"], bias=STATE["2.bias"])
        return module(torch, SEQUENTIAL, _0=first, _1=module(torch, RELU), _2=last)

    reading = read(saved(made, LINEAR, RELU, SEQUENTIAL))
    assert holds(reading, STATE)
    assert [raw.activation for raw in reading.layers] == ["relu", None]
    assert "whole pickled module (torch.nn.modules.container.Sequential)" in reading.notes[0]


@pytest.mark.parametrize(
    ("name", "state", "expected"),
    [("ReLU", {}, "relu"), ("LeakyReLU", {"negative_slope": 0.2}, "leaky_relu(0.2)"),
     ("GELU", {"approximate": "tanh"}, "gelu_tanh"), ("ELU", {"alpha": 1.0}, "elu"),
     ("Softplus", {"beta": 1}, "softplus"), ("SiLU", {}, "silu"),
     ("Softplus", {"beta": 2}, None), ("Hardtanh", {}, None), ("GELU", {"approximate": []}, None)],
)  # fmt: skip
def test_modules_of_pytorch_are_functions_by_their_class_and_what_it_was_given(
    name: str, state: dict[str, Any], expected: str | None
) -> None:
    full = f"torch.nn.modules.activation.{name}"

    def made(torch: dict[str, Any]) -> Any:
        first = module(torch, LINEAR, weight=STATE["0.weight"], bias=STATE["0.bias"])
        last = module(torch, LINEAR, weight=STATE["2.weight"], bias=STATE["2.bias"])
        function = module(torch, full)
        function.__dict__.update(state)
        return module(torch, SEQUENTIAL, _0=first, _1=function, _2=last)

    data = saved(made, LINEAR, full, SEQUENTIAL)
    if expected is None:
        with pytest.raises(NetworkFileError, match=f"'1' is {name}: an activation function that"):
            read(data)
        return
    layers = read(data).layers
    assert [raw.activation for raw in layers] == [expected, None]


def sequential_with_norm(buffers: dict[str, Any], **attributes: Any) -> bytes:
    """Return a whole Sequential of a layer, a batch normalisation of 4 and another layer."""
    norm = "torch.nn.modules.batchnorm.BatchNorm1d"

    def made(torch: dict[str, Any]) -> Any:
        first = module(torch, LINEAR, weight=STATE["0.weight"], bias=STATE["0.bias"])
        last = module(torch, LINEAR, weight=STATE["2.weight"], bias=STATE["2.bias"])
        middle = module(torch, norm)
        middle._buffers = buffers
        middle.__dict__.update(attributes)
        return module(torch, SEQUENTIAL, _0=first, _1=middle, _2=last)

    return saved(made, LINEAR, norm, SEQUENTIAL)


def test_a_whole_module_says_its_epsilon_and_whether_it_keeps_statistics() -> None:
    at_rest = {"running_mean": np.zeros(4, "f4"), "running_var": np.full(4, 0.75, "f4")}
    reading = read(sequential_with_norm(at_rest, eps=0.25))
    assert reading.layers[0].norm is not None
    np.testing.assert_array_equal(reading.layers[0].norm[0], np.ones(4))  # 0.75 + 0.25
    assert not any("epsilon" in note for note in reading.notes)
    by_batch = {"running_mean": None, "running_var": None}
    with pytest.raises(NetworkFileError, match="'1' is BatchNorm1d without running statistics"):
        read(sequential_with_norm(by_batch, eps=0.25))
    with pytest.raises(NetworkFileError, match="'1' has an epsilon that is none"):
        read(sequential_with_norm(at_rest, eps=float("nan")))


def test_a_whole_module_of_somebodys_own_leaves_its_activations_open() -> None:
    own, norm = "__main__.Net", "torch.nn.modules.normalization.LayerNorm"

    def made(torch: dict[str, Any], more: dict[str, Any]) -> Any:
        first = module(torch, LINEAR, weight=STATE["0.weight"], bias=STATE["0.bias"])
        last = module(torch, LINEAR, weight=STATE["2.weight"], bias=STATE["2.bias"])
        return {"model": module(torch, own, fc1=first, fc2=last, **more)}

    reading = read(saved(lambda torch: made(torch, {}), LINEAR, own))
    assert [(raw.name, raw.activation) for raw in reading.layers] == [("fc1", None), ("fc2", None)]
    with pytest.raises(NetworkFileError, match="'norm' is LayerNorm"):
        # It has no tensor of its own here, and yet changes what the second layer is given.
        read(saved(lambda t: made(t, {"norm": module(t, norm)}), LINEAR, own, norm))


def test_a_module_that_holds_itself_ends() -> None:
    def made(torch: dict[str, Any]) -> Any:
        outer = module(torch, SEQUENTIAL)
        outer._modules = {"a": outer, "b": outer}
        return outer

    with pytest.raises(NetworkFileError, match="too many parts, or of itself"):
        read(saved(made, SEQUENTIAL))


@pytest.mark.parametrize("dtype", ["<f4", "<f8", "<f2"])
def test_the_legacy_form_holds_what_the_zip_form_does(dtype: str) -> None:
    state = linear(6, 4, 3, dtype=dtype)
    old, new = read(saved(state, legacy=True)), read(saved(state))
    for a, b in zip(old.layers, new.layers, strict=True):
        assert np.array_equal(a.weights, b.weights)
        assert np.array_equal(a.biases, b.biases)  # type: ignore[arg-type]
    assert old.origin is not None
    assert old.origin.places[0].weights.dtype == dtype


def test_a_damaged_legacy_file_is_refused() -> None:
    good = saved(STATE, legacy=True)
    for bad, words in (
        (good[:-1], "breaks off"), (good + b"!", "trail behind"), (good[:60], "breaks off"),
        (good.replace(pickle.dumps(["0", "1", "2", "3"], 2), pickle.dumps(["0"] * 4, 2)), "names"),
        (good.replace(b"little_endianq\x02\x88", b"little_endianq\x02\x89"), "highest byte first"),
    ):  # fmt: skip
        assert bad != good
        with pytest.raises(NetworkFileError, match=words):
            read(bad)


def normal(name: str, size: int, seed: int = 1, **leave: bool) -> dict[str, Any]:
    """Return a batch normalisation's tensors."""
    rng = np.random.default_rng(seed)
    found = {
        f"{name}.weight": rng.normal(1, 0.3, size), f"{name}.bias": rng.normal(0, 0.3, size),
        f"{name}.running_mean": rng.normal(0, 0.3, size),
        f"{name}.running_var": rng.uniform(0.3, 2, size),
    }  # fmt: skip
    found = {key: part.astype("f4") for key, part in found.items()}
    return found | {f"{name}.num_batches_tracked": np.array(7)}


def rest(state: dict[str, Any], name: str, x: Any) -> Any:
    """Return a batch normalisation at rest, as its definition says it."""
    mean, variance = state[f"{name}.running_mean"], state[f"{name}.running_var"]
    wide = (x - mean.astype(float)) / np.sqrt(variance.astype(float) + 1e-5)
    return wide * state[f"{name}.weight"] + state[f"{name}.bias"]


X = np.random.default_rng(5).random((9, 6))


def test_batch_normalisation_at_the_ends_is_folded_with_a_word() -> None:
    layer = {"1.weight": STATE["0.weight"], "1.bias": STATE["0.bias"]}
    state = normal("0", 6) | layer | normal("2", 4, seed=2)
    expected = rest(state, "2", rest(state, "0", X) @ layer["1.weight"].T + layer["1.bias"])
    reading = read(saved(state))
    (raw,) = reading.layers
    np.testing.assert_allclose(X @ raw.weights.T + raw.biases, expected, atol=2e-6)
    assert "epsilon, which the file does not say, is taken as PyTorch's 1e-05" in reading.notes[0]


def numbered(*names: str) -> dict[str, Any]:
    """Return the state_dict of a 6-4-4-3: fc1, fc2, fc3 and normalisations, in this order."""
    rng = np.random.default_rng(8)
    found: dict[str, Any] = {}
    for name in names:
        into, out = {"fc1": (6, 4), "fc2": (4, 4), "fc3": (4, 3)}.get(name, (0, 0))
        if into:
            found[f"{name}.weight"] = rng.normal(0, 1, (out, into)).astype("f4")
            found[f"{name}.bias"] = rng.normal(0, 1, out).astype("f4")
        else:
            found |= normal(name, 4, seed=len(found))
    return found


@pytest.mark.parametrize(
    ("names", "behind"),
    [
        ("fc1 a fc2 b fc3", ["a", "b"]),  # as they stand
        ("fc1 fc2 a fc3", [None, "a"]),
        ("fc1 fc2 fc3 bn1 bn2", ["bn1", "bn2"]),  # by their numbers
        ("fc1 fc2 fc3 bn2", [None, "bn2"]),
        ("fc1 fc2 bn2 bn1 fc3", ["bn1", "bn2"]),
        ("fc1 bn1 fc2 bn2 fc3", ["bn1", "bn2"]),
        ("fc1 fc2 fc3 a b", ["a", "b"]),  # no other place has their width
    ],
)
def test_batch_normalisation_is_said_of_the_layer_it_follows(
    names: str, behind: list[str | None]
) -> None:
    state = numbered(*names.split())
    layers = read(saved(state)).layers
    for raw, name in zip(layers, behind, strict=False):
        assert (raw.norm is None) == (name is None)
        if name is not None and raw.norm is not None:
            z = np.linspace(-2, 2, 4)
            np.testing.assert_allclose(raw.norm[0] * z + raw.norm[1], rest(state, name, z))
            assert np.array_equal(raw.weights, state[f"{raw.name}.weight"])


@pytest.mark.parametrize(
    "names",
    ["fc1 fc2 fc3 a", "fc1 fc2 bn1 fc3", "fc1 a b fc2 fc3"],
)
def test_batch_normalisation_whose_place_is_not_plain_is_refused(names: str) -> None:
    with pytest.raises(NetworkFileError, match="does not say behind which layers"):
        read(saved(numbered(*names.split())))


@pytest.mark.parametrize("names", ["mean std", "_mean _std", "normalize.mean normalize.std",
                                   "pixel_mean pixel_std", "mu sigma"])  # fmt: skip
@pytest.mark.parametrize("shape", [(), (1,), (1, 1, 1), (6,), (1, 2, 3)])
def test_buffers_of_mean_and_deviation_are_folded(names: str, shape: tuple[int, ...]) -> None:
    mean, deviation = names.split()
    rng = np.random.default_rng(3)
    buffers = {mean: rng.random(shape, "f4"), deviation: rng.random(shape, "f4") + 1}
    buffers = {name: np.asarray(array) for name, array in buffers.items()}
    wide = (X - buffers[mean].reshape(-1)) / buffers[deviation].reshape(-1)
    expected = wide @ STATE["0.weight"].T + STATE["0.bias"]
    raw, *_ = read(saved(buffers | STATE)).layers
    np.testing.assert_allclose(X @ raw.weights.T + raw.biases, expected, atol=2e-6)


@pytest.mark.parametrize(
    ("inputs", "mean", "most"),
    [(6, 33.3, 255), (64, 33.3, 255), (64, 4.88, 16), (6, 4.88, 255), (6, 0.1307, 1),
     (6, 0.5, None), (6, 0.0, None)],
)  # fmt: skip
def test_a_mean_says_which_range_pixels_have(inputs: int, mean: float, most: int | None) -> None:
    buffers = {"mean": np.array([mean], "f4"), "std": np.array([2.0], "f4")}
    found = read(saved(buffers | linear(inputs, 4, 3))).input_map
    assert found == (None if most is None else (most, 0))


def test_a_gap_in_a_sequential_s_numbers_is_said() -> None:
    assert not any("room" in note for note in read(saved(STATE)).notes)
    state = {name.replace("2.", "net.3.").replace("0.", "net.0."): array
             for name, array in STATE.items()}  # fmt: skip
    (note,) = read(saved(state)).notes
    assert note.startswith("Between 'net.0' and 'net.3' there is room for 2 modules without")


def test_one_number_that_may_be_learned_is_refused() -> None:
    assert read(saved(STATE | {"best_acc": np.array(0.9, "f4"), "steps": np.array(3)}))
    with pytest.raises(NetworkFileError, match="'beta' is one number that may be learned"):
        read(saved(STATE | {"beta": np.array(2.0, "f4")}))


@pytest.mark.parametrize(
    ("buffers", "words"),
    [
        ({"y_mean": np.ones(1, "f4"), "y_std": np.ones(1, "f4")}, "expected one mean and one stan"),
        ({"mean": np.ones(1, "f4")}, "expected one mean and one standard deviation"),
        ({"mean": np.ones(1, "f4"), "std": np.zeros(1, "f4")}, "what is not finite"),
        ({"mean": np.ones((3, 1, 1), "f4"), "std": np.ones((3, 1, 1), "f4")}, "by 3 numbers; it h"),
    ],
)  # fmt: skip
def test_scalings_that_are_not_the_inputs_are_refused(buffers: dict[str, Any], words: str) -> None:
    with pytest.raises(NetworkFileError, match=words):
        read(saved(STATE | buffers))


@pytest.mark.parametrize("axis", [0, 1, None])
@pytest.mark.parametrize(
    "names", [("weight_g", "weight_v"), ("parametrizations.weight.original0",
                                         "parametrizations.weight.original1")],
)  # fmt: skip
def test_weight_norm_is_length_times_direction(names: tuple[str, str], axis: int | None) -> None:
    v = STATE["0.weight"]
    shape = {0: (1, 6), 1: (4, 1), None: ()}[axis]
    g = np.random.default_rng(2).random(shape, "f4") + np.float32(0.5)
    state = {"0.bias": STATE["0.bias"], f"0.{names[0]}": np.asarray(g), f"0.{names[1]}": v}
    raw = read(saved(state | {"2.weight": STATE["2.weight"], "2.bias": STATE["2.bias"]})).layers[0]
    lengths = np.sqrt((v.astype(float) ** 2).sum(axis=axis, keepdims=True))
    np.testing.assert_allclose(raw.weights, g * v / lengths, rtol=1e-6)


def test_spectral_norm_and_pruning_are_refused_by_name() -> None:
    for name in ("0.weight_orig", "0.parametrizations.weight.original"):
        with pytest.raises(NetworkFileError, match="one part of a parametrised weight"):
            read(saved({name: STATE["0.weight"], "0.bias": STATE["0.bias"]}))


def test_the_form_is_remembered_as_the_file_has_it() -> None:
    origin = load(saved({"epoch": 1, "state_dict": STATE | {"steps": np.array(3)}})).origin
    assert origin is not None
    assert (origin.kind, origin.form) == (".pt", "PyTorch state_dict")
    assert origin.order == (*STATE, "steps")
    assert [place.weights.name for place in origin.places] == ["0.weight", "2.weight"]
    assert origin.kept["steps"] == 3
    assert isinstance(load(samples()["torch"]), Network)
