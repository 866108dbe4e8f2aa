"""Gradients: worked by hand, against differences, against scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier

from toolkit.network import ACTIVATIONS, Layer, Network
from toolkit.training import gradients

HIDDEN = ("sigmoid", "relu", "tanh", "identity", "softmax")
OUTPUT_AND_LOSS = [
    ("softmax", "cross-entropy"),
    ("sigmoid", "cross-entropy"),
    ("identity", "cross-entropy"),
    *((output, "mse") for output in HIDDEN),
]


def two_two_one(output: str = "sigmoid") -> Network:
    """z1 = (1, -1), so with ReLU a1 = (1, 0); z2 = 2 * 1 + 1 * 0 - 2 = 0."""
    return Network(
        (
            Layer([[1.0, 2.0], [-1.0, 0.0]], [0.0, 0.0], "relu"),
            Layer([[2.0, 1.0]], [-2.0], output),
        )
    )


@pytest.mark.parametrize(
    ("loss", "value", "error"),
    [
        # a = 1/2, wanted 1: (1/2)^2; error 2 (a - y) a (1 - a) = -1/4.
        ("mse", 0.25, -0.25),
        # -log(1/2); error a - y = -1/2.
        ("cross-entropy", math.log(2), -0.5),
    ],
)
def test_two_two_one_by_hand(loss: str, value: float, error: float) -> None:
    got, [(dW1, db1), (dW2, db2)] = gradients(two_two_one(), [[1.0, 0.0]], [[1.0]], loss)
    assert got == pytest.approx(value)
    assert db2 == pytest.approx([error])
    assert dW2[0] == pytest.approx([error * 1, error * 0])
    # Back through the weight 2; the second hidden neuron is dark and passes nothing.
    assert db1 == pytest.approx([2 * error, 0])
    assert dW1 == pytest.approx(np.array([[2 * error, 0], [0, 0]]))


def reference_loss(
    parameters: list[NDArray[np.float64]],
    activations: tuple[str, ...],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    loss: str,
) -> float:
    """Compute the same sum in float64, from the definitions."""
    a = x
    for k, name in enumerate(activations):
        z = a @ parameters[2 * k].T + parameters[2 * k + 1]
        powers = np.exp(z)
        a = {
            "sigmoid": 1 / (1 + np.exp(-z)),
            "relu": np.where(z > 0, z, 0),
            "tanh": np.tanh(z),
            "identity": z,
            "softmax": powers / powers.sum(axis=1, keepdims=True),
        }.get(name)
        a = ACTIVATIONS[name](z) if a is None else a
    if loss == "mse":
        return float(((a - y) ** 2).sum(axis=1).mean())
    if activations[-1] == "sigmoid":
        return float(-(y * np.log(a) + (1 - y) * np.log(1 - a)).sum(axis=1).mean())
    if activations[-1] == "identity":
        a = np.exp(a) / np.exp(a).sum(axis=1, keepdims=True)
    return float(-(y * np.log(a)).sum(axis=1).mean())


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize(("output", "loss"), OUTPUT_AND_LOSS)
@pytest.mark.parametrize("soft", [False, True], ids=["labels", "soft targets"])
def test_gradients_agree_with_finite_differences(
    hidden: str, output: str, loss: str, soft: bool
) -> None:
    agrees(Network.random((6, 5, 4, 3), (hidden, hidden, output), seed=1), loss, soft)


@pytest.mark.parametrize(
    ("names", "loss"),
    [
        (("leaky_relu(0.2)", "gelu", "silu"), "mse"),
        (("elu", "softplus", "hard_sigmoid"), "mse"),
        (("gelu_tanh", "elu(0.5)", "softplus"), "mse"),
        (("hard_sigmoid", "silu", "softmax"), "cross-entropy"),
    ],
)
def test_so_they_do_where_each_layer_has_its_own_function(
    names: tuple[str, ...], loss: str
) -> None:
    agrees(Network.random((6, 5, 4, 3), names, seed=1), loss, soft=False)


def agrees(network: Network, loss: str, soft: bool) -> None:
    rng = np.random.default_rng(3)
    x = rng.random((7, 6)).astype(np.float32)
    labels = rng.integers(0, 3, 7)
    wanted = rng.random((7, 3)).astype(np.float32) if soft else np.eye(3)[labels]
    value, per_layer = gradients(network, x, wanted if soft else labels, loss)

    parameters = [
        part.astype(np.float64)
        for layer in network.layers
        for part in (layer.weights, layer.biases)
    ]

    def at() -> float:
        return reference_loss(
            parameters, network.activations, x.astype(float), wanted.astype(float), loss
        )

    assert value == pytest.approx(at(), rel=1e-5)
    found = [part for pair in per_layer for part in pair]
    step = 1e-6
    for parameter, derivative in zip(parameters, found, strict=True):
        assert parameter.shape == derivative.shape
        for place in np.ndindex(parameter.shape):
            before = parameter[place]
            parameter[place] = before + step
            above = at()
            parameter[place] = before - step
            below = at()
            parameter[place] = before
            assert derivative[place] == pytest.approx((above - below) / (2 * step), abs=2e-5)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("sigmoid", "logistic"), ("relu", "relu"), ("tanh", "tanh"), ("identity", "identity")],
)
@pytest.mark.parametrize("output", ["softmax", "sigmoid"])
def test_gradients_agree_with_scikit_learn(ours: str, theirs: str, output: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.random((200, 30)).astype(np.float32)
    labels = np.arange(200) % 5
    # Rows of ones and zeros make scikit-learn use a sigmoid a label, as we do for sigmoid.
    wanted = np.eye(5, dtype=int)[labels]
    model = MLPClassifier((8, 7), activation=theirs, alpha=0, max_iter=1, random_state=0)
    with pytest.warns(match="Maximum iterations"):
        model.fit(x, labels if output == "softmax" else wanted)
    assert model.out_activation_ == {"softmax": "softmax", "sigmoid": "logistic"}[output]
    network = Network(
        tuple(
            Layer(weights.T, biases, activation)
            for weights, biases, activation in zip(
                model.coefs_, model.intercepts_, (ours, ours, output), strict=True
            )
        )
    )
    by_weights = [np.empty_like(weights) for weights in model.coefs_]
    by_biases = [np.empty_like(biases) for biases in model.intercepts_]
    activations = [x, *(np.empty((200, size), np.float32) for size in (8, 7, 5))]
    deltas = [np.empty_like(activation) for activation in activations[1:]]
    theirs_backprop = model._backprop
    arguments = (x, wanted, activations, deltas, by_weights, by_biases)
    try:
        loss, by_weights, by_biases = theirs_backprop(*arguments)
    except TypeError:  # newer releases take weights for the digits
        loss, by_weights, by_biases = theirs_backprop(x, wanted, None, *arguments[2:])

    value, per_layer = gradients(network, x, labels)
    assert value == pytest.approx(loss, rel=1e-5)
    for (dW, db), their_dW, their_db in zip(per_layer, by_weights, by_biases, strict=True):
        np.testing.assert_allclose(dW, their_dW.T, atol=1e-6)
        np.testing.assert_allclose(db, their_db, atol=1e-6)


def test_a_saturated_sigmoid_still_has_a_finite_loss() -> None:
    network = Network((Layer([[1000.0]], [0.0], "sigmoid"),))
    value, [(dW, _)] = gradients(network, [[1.0]], [[0.0]])
    assert value == pytest.approx(1000)
    assert dW == pytest.approx(np.array([[1.0]]))


@pytest.mark.parametrize("output", ["relu", "tanh"])
def test_cross_entropy_says_which_outputs_it_needs(output: str) -> None:
    with pytest.raises(ValueError, match=f"loss: .*sigmoid, softmax, identity; got {output}"):
        gradients(two_two_one(output), [[1.0, 0.0]], [[1.0]])


@pytest.mark.parametrize(
    ("images", "labels", "loss", "message"),
    [
        ([[1.0, 0.0]], [0], "hinge", "loss: expected one of cross-entropy, mse; got 'hinge'"),
        ([1.0, 0.0], [0], "mse", r"images: expected shape \(n, 2\)"),
        (np.empty((0, 2)), [], "mse", "n at least 1"),
        ([[1.0, 0.0]], [1], "mse", "labels: expected 0 to 0"),
        ([[1.0, 0.0]], [0, 0], "mse", "labels: expected 1 whole numbers"),
        ([[1.0, 0.0]], [[1.5]], "mse", "labels: expected values from 0 to 1"),
        ([[1.0, 0.0]], [[math.nan]], "mse", "labels: expected values from 0 to 1"),
    ],
)
def test_what_does_not_fit_is_named(
    images: object, labels: object, loss: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        gradients(two_two_one(), images, labels, loss)  # type: ignore[arg-type]
