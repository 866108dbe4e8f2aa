"""Activation functions at points worked by hand, their names, limits and derivatives."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from toolkit.activations import (
    ACTIVATIONS,
    activation_named,
    backward,
    check_activation,
    derivative,
    fires_above,
    kinks,
    non_decreasing,
    straight,
    winner,
)
from toolkit.network import Layer, Network

NAMES = [*ACTIVATIONS, "leaky_relu(0.2)", "leaky_relu(-0.5)", "elu(0.5)", "elu(-1)"]
ALONE = [name for name in NAMES if name != "softmax"]
FALLING = ["gelu", "gelu_tanh", "silu", "leaky_relu(-0.5)", "elu(-1)"]


@pytest.mark.parametrize(
    ("name", "z", "a"),
    [
        ("leaky_relu", [-2, 3], [-0.02, 3]),
        ("leaky_relu(0.2)", [-2, 3], [-0.4, 3]),
        ("elu", [-math.log(2), 3], [-0.5, 3]),
        ("elu(0.5)", [-math.log(2), 3], [-0.25, 3]),
        ("gelu", [1, -1, 2, 0], [0.8413447, -0.1586553, 1.9544997, 0]),
        ("gelu_tanh", [1, -1, 2, 0], [0.8411920, -0.1588080, 1.9545977, 0]),
        ("silu", [math.log(3), -math.log(3)], [0.75 * math.log(3), -0.25 * math.log(3)]),
        ("softplus", [0, math.log(3), 50], [math.log(2), math.log(4), 50]),
        ("hard_sigmoid", [-3.1, -1.5, 0, 1.5, 3.1], [0, 0.25, 0.5, 0.75, 1]),
    ],
)
def test_values_at_known_points(name: str, z: list[float], a: list[float]) -> None:
    found = ACTIVATIONS[name](np.float32(z))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, a, atol=2e-7)


def test_gelu_is_by_the_error_function() -> None:
    z = np.linspace(-12, 12, 2001)
    erfc = np.array([math.erfc(-each / math.sqrt(2)) for each in z])
    np.testing.assert_allclose(ACTIVATIONS["gelu"](z), z * erfc / 2, rtol=4e-9, atol=0)  # type: ignore[arg-type]
    single = np.float32(z)
    exact = single * np.array([math.erfc(-float(each) / math.sqrt(2)) for each in single]) / 2
    np.testing.assert_allclose(ACTIVATIONS["gelu"](single), exact, rtol=1e-6, atol=1e-9)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ALONE)
def test_nothing_overflows_nan_stays_and_infinity_has_its_limit(name: str) -> None:
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        low, nan, high = ACTIVATIONS[name](np.float32([-np.inf, np.nan, np.inf]))
        far = ACTIVATIONS[name](np.float32([-1e30, 1e30]))
        slopes = derivative(name, np.float32([-1e30, 1e30]), far)
    assert np.isnan(nan)
    limits = {
        "sigmoid": (0, 1), "tanh": (-1, 1), "hard_sigmoid": (0, 1), "relu": (0, np.inf),
        "gelu": (0, np.inf), "gelu_tanh": (0, np.inf), "silu": (0, np.inf),
        "softplus": (0, np.inf), "elu": (-1, np.inf), "elu(0.5)": (-0.5, np.inf),
        "elu(-1)": (1, np.inf), "leaky_relu(-0.5)": (np.inf, np.inf),
    }  # fmt: skip
    assert (low, high) == limits.get(name, (-np.inf, np.inf))
    assert np.isfinite(slopes).all()


@pytest.mark.parametrize("name", ALONE)
def test_derivatives_are_finite_differences(name: str) -> None:
    z = np.linspace(-6, 6, 501) + 1e-3
    f = ACTIVATIONS[name]
    step = 1e-5
    slopes = (f(z + step) - f(z - step)) / (2 * step)  # type: ignore[arg-type]
    found = derivative(name, z, f(z))  # type: ignore[arg-type]
    np.testing.assert_allclose(found, slopes, atol=1e-6)
    single = np.float32(z)
    assert derivative(name, single, f(single)).dtype == np.float32
    # Between its kinks a straight function has one slope, any other has several.
    between = [found[(z > low) & (z < high)] for low, high in
               zip((-np.inf, *kinks(name)), (*kinks(name), np.inf), strict=True)]  # fmt: skip
    assert straight(name) == all(np.ptp(part) < 1e-9 for part in between)


@given(st.sampled_from(NAMES), st.integers(0, 2**32 - 1))
def test_what_goes_backward_is_the_derivative_of_the_whole_layer(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    z, slope = rng.normal(0, 2, (2, 3, 4))
    assume(all(np.abs(z - kink).min() > 1e-3 for kink in kinks(name)))
    f, step = ACTIVATIONS[name], 1e-5

    def total(z: np.ndarray) -> float:
        return float((slope * f(z)).sum())  # type: ignore[arg-type]

    moves = np.eye(12).reshape(12, 3, 4) * step
    expected = np.reshape([(total(z + m) - total(z - m)) / (2 * step) for m in moves], (3, 4))
    found = backward(name, slope, z, f(z))  # type: ignore[arg-type]
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("leaky_relu(0.01)", "leaky_relu"), ("leaky_relu(0.009999999776)", "leaky_relu"),
        ("leaky_relu(2e-1)", "leaky_relu(0.2)"), ("leaky_relu (0.20)", "leaky_relu(0.2)"),
        ("elu(1)", "elu"), ("elu(1.0)", "elu"), ("elu(2.0)", "elu(2)"),
        ("leaky_relu(0)", "relu"), ("elu(0)", "relu"), ("leaky_relu(1)", "identity"),
        ("leaky_relu(-0.5)", "leaky_relu(-0.5)"), ("gelu", "gelu"),
    ],
)  # fmt: skip
def test_a_name_has_one_form_and_a_layer_keeps_it(name: str, canonical: str) -> None:
    assert check_activation(name) == canonical
    layer = Layer(np.ones((2, 3)), np.zeros(2), name)
    assert layer.activation == canonical
    assert Layer(np.ones((2, 3)), np.zeros(2), canonical).activation == canonical
    assert Network((layer,)) == Network((Layer(np.ones((2, 3)), np.zeros(2), canonical),))
    assert pickle.loads(pickle.dumps(Network((layer,)))).activations == (canonical,)


@given(st.sampled_from(["leaky_relu", "elu"]), st.floats(width=32, allow_nan=False))
def test_a_parameter_comes_back_from_its_name(kind: str, parameter: float) -> None:
    assume(math.isfinite(parameter))
    name = activation_named(kind, parameter)
    assert check_activation(name) == name in ACTIVATIONS
    z = np.float32([-1, 1])
    with np.errstate(all="ignore"):
        below = np.float32(parameter) * (z[0] if kind == "leaky_relu" else np.expm1(z[0]))
        np.testing.assert_allclose(ACTIVATIONS[name](z), [below, 1], rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("PReLU", r"activation PReLU \(a slope for each neuron\) has no equal here"),
        ("selu", "activation SELU has no equal here"),
        ("leaky_relu(nan)", "expected one of"),
        ("leaky_relu(1e99)", "leaky_relu: expected a finite slope; got 1e"),
        ("leaky_relu()", "expected one of"),
        ("leaky_relu(0.2", "expected one of"),
        ("leaky_relu(1)(2)", "expected one of"),
        ("relu(0.2)", "expected one of"),
        ("gelu(tanh)", "expected one of"),
        ("elu(" + "1" * 9999 + ")", "expected one of"),
        (None, "expected one of sigmoid, relu, tanh, identity, softmax, leaky_relu, elu"),
    ],
)
def test_what_is_no_function_is_refused_in_words(name: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_activation(name)
    assert name not in ACTIVATIONS


def test_a_parameter_where_none_belongs_is_refused() -> None:
    with pytest.raises(ValueError, match="expected no parameter for relu"):
        activation_named("relu", 0.2)
    with pytest.raises(ValueError, match="expected a finite α"):
        activation_named("elu", math.inf)
    with pytest.raises(KeyError):
        ACTIVATIONS["step"]


@given(st.sampled_from(NAMES), st.lists(st.floats(-50, 50), min_size=2, max_size=6))
def test_only_some_functions_reverse_an_order(name: str, values: list[float]) -> None:
    z = np.sort(np.float32(values))
    assert non_decreasing(name) == (name not in FALLING)
    if non_decreasing(name):
        assert (np.diff(ACTIVATIONS[name](z)) >= -1e-6).all()


@pytest.mark.parametrize("name", FALLING)
def test_where_a_function_falls_the_largest_activation_wins(name: str) -> None:
    z = np.float32([-0.5, -20])  # of which the second comes to more
    assert winner(z) == 0
    assert winner(z, activation=name) == 1
    network = Network((Layer([[-0.5], [-20]], [0, 0], name),))
    trace = network.forward([1])
    assert trace.outputs[1] > trace.outputs[0]
    assert trace.predictions == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_neuron_fires_where_its_activation_is_above_that_of_zero(name: str) -> None:
    above = fires_above(name)
    if above is None:
        assert name in ("softmax", "leaky_relu(-0.5)", "elu(-1)")
        return
    z = np.float32([-5, -1, -1e-3, 0, 1e-3, 1, 5])
    assert ((ACTIVATIONS[name](z) > np.float32(above)) == (z > 0)).all()


@pytest.mark.parametrize(
    ("name", "spread"),
    [("relu", 2 / 400), ("gelu", 2 / 400), ("silu", 2 / 400), ("elu(0.5)", 2 / 400),
     ("leaky_relu(0.5)", 2 / (1.25 * 400)), ("softplus", 2 / 800), ("hard_sigmoid", 2 / 800)],
)  # fmt: skip
def test_random_weights_are_as_wide_as_the_function_wants(name: str, spread: float) -> None:
    weights = Network.random((400, 400), name).layers[0].weights
    assert weights.var() == pytest.approx(spread, rel=0.02)
