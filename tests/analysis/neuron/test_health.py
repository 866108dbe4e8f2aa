"""How neurons are, and which are alike, on networks made to be so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.analysis import remarks
from toolkit.analysis.neuron import health, health_of, twins, twins_of
from toolkit.analysis.neuron.health import smoothness, symmetry
from toolkit.grid import Grid
from toolkit.network import ACTIVATIONS, Layer, Network

X = np.random.default_rng(0).random((500, 4)).astype(np.float32)
MADE = Network(
    (
        Layer(
            [
                [2, 0, 0, 0],  # good
                [0, 0, 0, 0],  # blank
                [0.1, 0, 0, 0],  # far below its threshold
                [0, 1, 0, 0],  # far above
                [0, 0, 900, 0],  # a switch
                [3, 0, 0, 0],  # the first again
                [-2, 0, 0, 0],  # and its opposite
            ],
            [-1, 0, -9, 9, -450, -1.5, 1],
        ),
        Layer(np.ones((3, 7)) * [[1], [2], [-1]], np.zeros(3)),
    )
)


def test_each_is_called_what_it_was_made_to_be() -> None:
    found = health(MADE, MADE.forward(X), 1, [False, False, True, False])
    assert [each.dead for each in found] == [False, True, True, False, False, False, False]
    assert [each.index for each in found if each.always_on] == [3]
    # Never firing by a wide margin is an end of the range too.
    assert [each.index for each in found if each.saturated] == [2, 3, 4]
    assert [each.redundant_with for each in found] == [6, None, None, None, None, 0, 0]
    assert found[3].fires == 1
    assert found[2].fires == 0
    assert [each.never_lit_share for each in found] == [0, 0, 0, 0, 1, 0, 0]
    assert np.isnan(health(MADE, MADE.forward(X), 1)[0].never_lit_share)


def test_a_relu_is_dead_at_zero_and_always_on_where_it_never_rests() -> None:
    relu = MADE.with_layer(1, activation="relu")
    found = health(relu, relu.forward(X), 1)
    assert [each.index for each in found if each.dead] == [1, 2]
    assert [each.index for each in found if each.always_on] == [3]
    assert not any(each.saturated for each in found)


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.sampled_from(sorted(ACTIVATIONS)), st.sampled_from([1, 30, 1000])
)
def test_it_says_what_remarks_say(seed: int, activation: str, steep: float) -> None:
    network = Network.random((4, 6, 3), activation, seed=seed)
    rng = np.random.default_rng(seed)
    network = network.with_layer(
        1, weights=network.layers[0].weights * steep, biases=rng.normal(0, steep, 6)
    )
    responses = network.forward(X)
    said = {each.neuron: each.code for each in remarks(network, responses)}
    for each in health(network, responses, 1):
        code = said.get(each.index)
        assert each.dead == (code in ("blank", "silent"))
        if activation in ("sigmoid", "tanh", "softmax"):
            assert each.always_on == (code == "always")
            assert (each.saturated and not each.dead) == (code in ("always", "saturated"))
        if code in ("same", "opposite"):
            assert each.redundant_with is not None


def test_smoothness_is_1_for_a_flat_tone_and_about_0_for_noise() -> None:
    noise = np.random.default_rng(1).normal(size=784)
    ramp = np.repeat(np.linspace(-1, 1, 28), 28)
    chequers = np.indices((28, 28)).sum(axis=0).ravel() % 2 * 2.0 - 1
    found = smoothness([np.full(784, 3.0), noise, ramp, chequers, np.zeros(784)], Grid(28, 28))
    assert found[[0, 3, 4]].tolist() == [1, 0, 1]
    assert found[1] < 0.1
    assert 0.99 < found[2] < 1
    assert smoothness([[5.0]], Grid(1, 1)).tolist() == [1]


def test_symmetry_is_the_correlation_with_the_mirror_image() -> None:
    maps = [
        [1, 2, 1, 0, 0, 0],  # the same from the left, the opposite from below
        [1, 0, -1, 1, 0, -1],
        [2, 2, 2, 2, 2, 2],
    ]
    found = symmetry(maps, Grid(2, 3))
    middle = np.array(maps[0]) - np.mean(maps[0])
    upside_down = middle @ middle[[3, 4, 5, 0, 1, 2]] / (middle @ middle)
    assert found[0].tolist() == pytest.approx([1, upside_down])
    assert found[1].tolist() == pytest.approx([-1, 1])
    assert found[2].tolist() == [0, 0]
    assert symmetry(1e30 * np.array(maps), Grid(2, 3)) == pytest.approx(found)


def test_of_later_layers_the_composed_map_is_looked_at() -> None:
    network = Network((Layer([[1, 0], [0, 1]], [0, 0]), Layer([[3, -1]], [0])))
    found = health(network, network.forward(X[:, :2]), 2, [True, False])[0]
    assert found.never_lit_share == 0.75


def test_twins_by_weights_and_by_what_they_say() -> None:
    responses = MADE.forward(X)
    found = twins(MADE, responses, 1)
    assert found.by_weights[0, 5] == pytest.approx(1)
    assert found.by_weights[0, 6] == pytest.approx(-1)
    assert found.by_weights[0, 3] == 0
    assert not found.by_weights[1].any()
    lively = [0, 4, 5, 6]
    expected = np.corrcoef(responses.activations[0][:, lively].astype(np.float64).T)
    assert found.by_activations[np.ix_(lively, lively)] == pytest.approx(expected)
    # 1.1 always says the same.
    assert not found.by_activations[1].any()
    assert found.nearest[[0, 6]].tolist() == [6, 0]
    assert found.similarity[0] == found.by_activations[0, 6] == pytest.approx(-1)


def test_a_layer_of_one_has_no_twin() -> None:
    network = Network((Layer([[1, 1, 0, 0]], [0]),))
    found = twins(network, network.forward(X), 1)
    assert found.nearest.tolist() == [-1]
    assert health(network, network.forward(X), 1)[0].redundant_with is None


def test_broken_weights_are_said_to_be_so_and_break_nothing() -> None:
    weights = MADE.layers[0].weights.copy()
    weights[0, 0], weights[5, 1] = np.nan, np.inf
    broken = MADE.with_layer(1, weights=weights)
    with np.errstate(all="ignore"):
        responses = broken.forward(X)
    with np.errstate(all="raise"):
        found = health(broken, responses, 1, np.zeros(4, bool))
        like = twins(broken, responses, 1)
        later = health(broken, responses, 2)
    assert np.isnan([found[0].smoothness, found[0].never_lit_share, *found[0].symmetry]).all()
    assert not found[0].dead
    assert np.isfinite(like.by_weights).all()
    assert np.isfinite(like.by_activations).all()
    assert len(later) == 3


def test_arguments_are_checked() -> None:
    with pytest.raises(ValueError, match="layer: expected 1 to 2; got 3"):
        health(MADE, MADE.forward(X), 3)
    with pytest.raises(ValueError, match="responses: expected those of"):
        twins(MADE, MADE.forward(X[0]), 1)
    with pytest.raises(ValueError, match="never_lit: expected 4"):
        health(MADE, MADE.forward(X), 1, [True])
    with pytest.raises(ValueError, match="maps: expected shape"):
        smoothness([1.0], Grid(1, 1))


def test_one_neuron_s_is_the_row_of_its_layer_s_table() -> None:
    broken = MADE.layers[0].weights.copy()
    broken[2, 1], broken[3] = np.nan, np.inf
    dark = [False, True, False, False]
    for network, layer in (
        (MADE, 1),
        (MADE, 2),
        (MADE.with_layer(1, weights=broken), 1),
        (Network.random((4, 300, 3), "tanh", seed=1), 1),
    ):
        responses = network.forward(X)
        table, well = twins(network, responses, layer), health(network, responses, layer, dark)
        for index in range(0, network.sizes[layer], 7 if layer == 1 and len(well) > 7 else 1):
            by_weights, by_activations = twins_of(network, responses, layer, index)
            np.testing.assert_allclose(by_weights, table.by_weights[index], atol=1e-6)
            np.testing.assert_allclose(by_activations, table.by_activations[index], atol=1e-9)
            one = health_of(network, responses, layer, index, dark)
            assert (one.index, one.dead, one.fires) == (index, well[index].dead, well[index].fires)
            assert one.redundant_with == well[index].redundant_with
            shown = [
                (each.smoothness, each.never_lit_share, each.symmetry)
                for each in (one, well[index])
            ]
            np.testing.assert_allclose(np.hstack(shown[0]), np.hstack(shown[1]), atol=1e-6)
    with pytest.raises(ValueError, match="neuron"):
        twins_of(MADE, MADE.forward(X), 1, 7)
    with pytest.raises(ValueError, match="neuron"):
        health_of(MADE, MADE.forward(X), 1, -1)
