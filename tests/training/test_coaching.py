"""What the coach says is what training would do, and a step of it stays under the brush."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.digits import generate
from toolkit.edits import EditError, from_dict
from toolkit.network import Network
from toolkit.training import advise, gradients, small_step

DIGITS = generate(120, seed=3)
NETWORK = Network.random(seed=4)


@pytest.mark.parametrize("of", ["all", "wrong", 7])
def test_advice_is_the_trainers_gradient_over_those_digits(of: str | int) -> None:
    advice = advise(NETWORK, DIGITS.images, DIGITS.labels, of)
    read = NETWORK.forward(DIGITS.images).predictions
    chosen = {"all": DIGITS.labels >= 0, "wrong": read != DIGITS.labels, 7: DIGITS.labels == 7}[of]
    assert 0 < chosen.sum() == advice.digits
    loss, slopes = gradients(NETWORK, DIGITS.images[chosen], DIGITS.labels[chosen])
    assert (advice.loss, advice.name) == (loss, "cross-entropy")
    for mine, theirs in zip(advice.slopes, slopes, strict=True):
        np.testing.assert_array_equal(mine[0], theirs[0])
        np.testing.assert_array_equal(mine[1], theirs[1])
    row, bias = advice.of(2, 5)
    np.testing.assert_array_equal(row, slopes[1][0][5])
    assert bias == slopes[1][1][5]


def test_where_cross_entropy_is_not_defined_the_loss_is_the_squared_error() -> None:
    network = Network.random(activations="relu", seed=1)
    advice = advise(network, DIGITS.images, DIGITS.labels)
    assert advice.name == "mse"
    loss, _ = gradients(network, DIGITS.images, DIGITS.labels, "mse")
    assert advice.loss == loss


def test_of_a_network_without_mistakes_nothing_is_advised() -> None:
    read = NETWORK.forward(DIGITS.images).predictions
    advice = advise(NETWORK, DIGITS.images, read, "wrong")
    assert advice.digits == 0
    assert not any(part.any() for layer in advice.slopes for part in layer)


@pytest.mark.parametrize("of", ["some", 10, -1, True, None])
def test_what_is_no_choice_of_digits_is_said(of: object) -> None:
    with pytest.raises(ValueError, match="of: expected all, wrong or a class"):
        advise(NETWORK, DIGITS.images, DIGITS.labels, of)  # type: ignore[arg-type]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1 << 30), st.sampled_from([(1, 3), (2, 5), (3, 9)]), st.floats(1e-4, 1.0))
def test_a_step_lowers_the_loss_and_never_touches_a_weight_outside_the_brush(
    seed: int, neuron: tuple[int, int], size: float
) -> None:
    rng = np.random.default_rng(seed)
    advice = advise(NETWORK, DIGITS.images, DIGITS.labels)
    slope, _ = advice.of(*neuron)
    coverage = np.where(rng.random(len(slope)) < 0.3, rng.random(len(slope)), 0)
    edit = small_step(*neuron, slope, coverage, rate=0.01 * size / np.abs(slope).max())
    after = edit.apply(NETWORK)
    differ = [one.weights != other.weights
              for one, other in zip(NETWORK.layers, after.layers, strict=True)]  # fmt: skip
    row = differ[neuron[0] - 1][neuron[1]]
    assert not row[coverage == 0].any()
    row[:] = False
    assert not any(layer.any() for layer in differ)
    assert edit.tool == "coach"
    assert from_dict(edit.to_dict()) == edit
    if len(edit.cells) and coverage.any():
        loss = advise(after, DIGITS.images, DIGITS.labels).loss
        assert loss <= advice.loss + 1e-6


def test_a_step_by_hand() -> None:
    network = Network.blank((3, 2))
    edit = small_step(1, 1, [0.5, -2.0, 4.0], [1, 0.5, 0], rate=0.1)
    assert (edit.cells, edit.put) == ((0, 1), (-0.05, 0.1))
    np.testing.assert_array_equal(
        edit.apply(network).layer(1).weights, np.array([[0, 0, 0], [-0.05, 0.1, 0]], np.float32)
    )
    with pytest.raises(EditError, match="coverage: expected shape"):
        small_step(1, 1, [0.5, -2.0], [1, 0.5, 0], rate=0.1)
