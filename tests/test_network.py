from __future__ import annotations

import math
import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from toolkit.network import ACTIVATIONS, Layer, Network, winner


def by_hand(activation: str = "sigmoid") -> Network:
    """A 2-2-1 network whose sums can be done in the head."""
    return Network(
        (
            Layer([[1, -1], [2, 0.5]], [0, -1], activation),
            Layer([[3, -2]], [0.5], "identity"),
        )
    )


def test_a_forward_pass_worked_by_hand() -> None:
    trace = by_hand("relu").forward([2, 1])
    np.testing.assert_array_equal(trace.pre_activations[0], [1, 3.5])  # 2−1, 4+0.5−1
    np.testing.assert_array_equal(trace.activations[0], [1, 3.5])
    np.testing.assert_array_equal(trace.outputs, [3 * 1 - 2 * 3.5 + 0.5])
    sigmoid = by_hand().forward([2, 1])
    expected = 3 / (1 + math.exp(-1)) - 2 / (1 + math.exp(-3.5)) + 0.5
    assert sigmoid.outputs[0] == pytest.approx(expected, rel=1e-6)


def test_a_batch_is_its_digits_one_by_one() -> None:
    network = Network.random((12, 5, 4), seed=3)
    batch = np.random.default_rng(0).random((7, 12))
    whole = network.forward(batch)
    for row, digit in enumerate(batch):
        single = network.forward(digit)
        for many, one in zip(whole.activations, single.activations, strict=True):
            np.testing.assert_allclose(many[row], one, atol=1e-6)
    np.testing.assert_array_equal(whole.predictions, whole.outputs.argmax(1))


@pytest.mark.parametrize(
    ("name", "z", "a"),
    [
        ("sigmoid", [0, math.log(3), -1000, 1000], [0.5, 0.75, 0, 1]),
        ("relu", [-2, 0, 3], [0, 0, 3]),
        ("tanh", [0, math.log(2)], [0, 0.6]),
        ("identity", [-2, 5], [-2, 5]),
        ("softmax", [0, math.log(3), -1000], [0.25, 0.75, 0]),
        ("softmax", [1e4, 1e4], [0.5, 0.5]),
    ],
)
def test_activation_functions_at_known_points(name: str, z: list[float], a: list[float]) -> None:
    found = ACTIVATIONS[name](np.float32(z))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, a, atol=1e-6)


def test_the_winner_is_told_even_where_outputs_saturate() -> None:
    network = Network((Layer([[50], [90], [70]], [0, 0, 0]),))
    trace = network.forward([1])
    assert (trace.outputs == 1).all()
    assert trace.predictions == 1


@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=6),
        elements=st.one_of(
            st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0]), st.floats(width=32)
        ),
    ),
    st.sampled_from([0, 1, -1]),
)
def test_the_winner_is_numpys_argmax_whatever_the_numbers(z: np.ndarray, axis: int) -> None:
    np.testing.assert_array_equal(winner(z, axis), np.argmax(z, axis))


def test_of_several_the_first_wins_and_not_a_number_beats_all() -> None:
    assert winner([1, 3, 3]) == 1
    assert winner([1, math.nan, math.inf, math.nan]) == 1
    assert winner([[0.0, -0.0], [1, 2]]).tolist() == [0, 1]


def test_the_lesson_s_network_has_13002_parameters() -> None:
    network = Network.random()
    assert network.parameters == 784 * 16 + 16 + 16 * 16 + 16 + 16 * 10 + 10 == 13_002
    assert "784-16-16-10" in repr(network)
    assert "13,002 parameters" in repr(network)


def test_seeds_name_networks() -> None:
    assert Network.random(seed=4) == Network.random(seed=4)
    assert Network.random(seed=4) != Network.random(seed=5)
    assert hash(Network.random(seed=4)) == hash(Network.random(seed=4))
    assert not Network.blank().forward(np.ones(784)).logits.any()


def test_arrays_are_copied_and_read_only() -> None:
    weights = np.ones((2, 3), np.float32)
    layer = Layer(weights, [0, 0])
    weights[:] = 9
    assert (layer.weights == 1).all()
    view = np.ones((2, 3), np.float32)
    read_only = view[:]
    read_only.setflags(write=False)
    layer = Layer(read_only, [0, 0])
    view[:] = 9
    assert (layer.weights == 1).all(), "a read-only view of a writable array is copied too"


def test_layers_of_the_same_numbers_lie_the_same_way_in_memory() -> None:
    # Products of matrices are rounded by their order in memory: equal networks score equally.
    turned = np.asfortranarray(np.ones((2, 3), np.float32))
    turned.setflags(write=False)
    assert Layer(turned, [0, 0]).weights.flags.c_contiguous


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Layer([[1, 2]], [0, 0]), "biases: expected 1, one for each row of weights; got 2"),
        (lambda: Layer([1, 2], [0]), "weights: expected 2 dimension"),
        (lambda: Layer([["a"]], [0]), "weights: expected numbers"),
        (lambda: Layer(np.zeros((0, 3)), []), "at least one neuron"),
        (lambda: Layer([[1]], [0], "swish"), "activation: expected one of sigmoid, relu"),
        (lambda: Network(()), "layers: expected at least one"),
        (
            lambda: Network((Layer([[1]], [0]), Layer([[1, 1]], [0]))),
            "layer 2: expected 1 inputs, the neurons of layer 1; got 2",
        ),
        (lambda: Network.blank((784,)), "sizes: expected at least two"),
        (lambda: Network.blank((784, 10), ["relu", "relu"]), "activations: expected 1"),
        (lambda: Network.blank().forward(np.zeros(100)), r"inputs: expected shape \(784,\)"),
        (lambda: Network.blank().layer(0), "layer: expected 1 to 3; got 0"),
        (lambda: Network.blank().check_neuron(1, 16), "expected 1.0 to 1.15; got 1.16"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_name(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]


def test_names_stay_with_a_network_whatever_becomes_of_it_and_do_not_make_it_another() -> None:
    plain = Network.random((4, 3, 2), seed=1)
    named = replace(plain, names={(2, 1): "  upper   loop ", (1, 0): "Bar"})
    assert dict(named.names) == {(1, 0): "Bar", (2, 1): "upper loop"}
    assert named == plain
    assert named.checksum == plain.checksum
    others = (
        named.with_layer(1, biases=np.ones(3)),
        named.renamed("x"),
        pickle.loads(pickle.dumps(named)),
    )
    assert all(other.names == named.names for other in others)
    assert named.called(2, 1) == "upper loop"
    assert named.called(2, 0) == "2.0"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({(1, 0): "bar", (1, 2): "BAR"}, "1.0 is called 'BAR' already; expected another"),
        ({(1, 3): "bar"}, "there is no neuron 1.3"),
        ({(3, 0): "bar"}, "there is no neuron 3.0"),
        ({(1, 0): " "}, "at least one character"),
        ({(1, 0): "x" * 41}, "at most 40 characters; got 41"),
        ({(1, 0): "a\x00b"}, "plain text"),
        ({(1, 0): "1.4"}, "how a neuron's number is written"),
        ({(1, 0): 3}, "expected text; got int"),
        ({1: "bar"}, "by \\(layer, index\\)"),
    ],
)
def test_a_name_that_cannot_be_is_refused(names: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Network(Network.blank((4, 3, 2)).layers, names=names)
