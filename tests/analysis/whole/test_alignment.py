"""Neurons matched between networks: every permutation is found, and layers compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.analysis import cka, match_neurons, matched_distances, rearranged
from toolkit.analysis.whole import Matching
from toolkit.network import ACTIVATIONS, Layer, Network, Responses
from toolkit.shipped import open_network

DIGITS = np.random.default_rng(0).random((60, 6)).astype(np.float32)


def permuted(network: Network, orders: list[list[int]], signs: list[list[int]]) -> Network:
    """Return the network whose hidden neuron ``j`` is the given one's ``order[j]``, and sign."""
    layers = list(network.layers)
    for at, (order, sign) in enumerate(zip(orders, signs, strict=True)):
        turned = np.array(sign, np.float32)
        here, above = layers[at], layers[at + 1]
        layers[at] = replace(
            here, weights=here.weights[order] * turned[:, None], biases=here.biases[order] * turned
        )
        layers[at + 1] = replace(above, weights=above.weights[:, order] * turned)
    return replace(network, layers=tuple(layers))


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[Network, Network, list[list[int]], list[list[int]]]:
    """Draw a network, and the same one with its hidden neurons in another order."""
    hidden = draw(st.lists(st.integers(1, 7), max_size=3))
    kinds = draw(st.lists(st.sampled_from(sorted(ACTIVATIONS)), min_size=1 + len(hidden),
                          max_size=1 + len(hidden)))  # fmt: skip
    network = Network.random((6, *hidden, 4), kinds, seed=draw(st.integers(0, 99)))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    layers = [replace(each, biases=rng.normal(0, 1, each.size)) for each in network.layers]
    # Of two that point the same way, one is longer, and of two as long one has another bias.
    if draw(st.booleans()) and hidden and hidden[0] > 2:
        weights, first = layers[0].weights.copy(), layers[0]
        weights[1], weights[2] = weights[0] * 2, weights[0]
        layers[0] = replace(first, weights=weights)
    network = replace(network, layers=tuple(layers))
    orders = [draw(st.permutations(range(size))) for size in hidden]
    signs = [
        [draw(st.sampled_from((-1, 1))) if kind == "tanh" else 1 for _ in range(size)]
        for size, kind in zip(hidden, kinds, strict=False)
    ]
    return network, permuted(network, orders, signs), orders, signs


@settings(max_examples=40, deadline=None)
@given(shuffled())
def test_any_permutation_is_found_both_ways_and_undone_to_the_bit(
    case: tuple[Network, Network, list[list[int]], list[list[int]]],
) -> None:
    network, other, orders, signs = case
    found, back = match_neurons(network, other), match_neurons(other, network)
    for at, (order, sign) in enumerate(zip(orders, signs, strict=True)):
        assert back[at].order.tolist() == order
        assert found[at].order.tolist() == np.argsort(order).tolist()
        assert back[at].sign.tolist() == sign
        np.testing.assert_allclose(found[at].similarity, 1)
    assert found[-1].order.tolist() == [0, 1, 2, 3]
    assert rearranged(other, found) == network
    assert rearranged(network, back) == other
    assert not any(each.any() for each in matched_distances(network, other, found))


@pytest.mark.parametrize("name", ["mnist-sigmoid", "mnist-relu", "handmade", "templates", "blank"])
def test_a_network_that_ships_is_found_again_in_any_order(name: str) -> None:
    network = open_network(name)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        orders = [rng.permutation(size).tolist() for size in network.sizes[1:-1]]
        other = permuted(network, orders, [[1] * len(each) for each in orders])
        assert rearranged(other, match_neurons(network, other)) == network


@settings(max_examples=20, deadline=None)
@given(shuffled())
def test_by_activations_it_is_found_as_far_as_neurons_differ_on_the_digits(
    case: tuple[Network, Network, list[list[int]], list[list[int]]],
) -> None:
    network, other, orders, _ = case
    pair = network.forward(DIGITS), other.forward(DIGITS)
    found = match_neurons(network, other, by="activations", responses=pair)
    for at in range(len(orders)):
        here = found[at]
        assert sorted(here.order.tolist()) == list(range(network.layers[at].size))
        matched = pair[1].activations[at][:, here.order] * here.sign
        np.testing.assert_allclose(matched, pair[0].activations[at], atol=1e-4)


def test_a_similarity_is_the_cosine_or_the_correlation_by_hand() -> None:
    one = Network((Layer([[3, 4], [0, 0]], [0, 0]), Layer([[1, 0]], [0])))
    other = Network((Layer([[0, 0], [4, 3]], [0, 0]), Layer([[0, 1]], [0])))
    first, last = match_neurons(one, other)
    assert first.order.tolist() == [1, 0]
    assert first.similarity[0] == pytest.approx(24 / 25)
    assert np.isnan(first.similarity[1])  # a neuron without weights points nowhere
    assert last.similarity.tolist() == [1]
    pair = one.forward(DIGITS[:, :2]), other.forward(DIGITS[:, :2])
    found = match_neurons(one, other, by="activations", responses=pair)[0]
    expected = np.corrcoef(pair[0].activations[0][:, 0], pair[1].activations[0][:, 1])[0, 1]
    assert found.similarity[0] == pytest.approx(expected)


def test_a_tanh_neuron_without_weights_is_turned_as_its_bias_says() -> None:
    layers = (Layer([[0, 0], [1, 2], [0, 0]], [1, 0, -3], "tanh"), Layer([[1, 2, 3]], [0]))
    other = permuted(Network(layers), [[2, 0, 1]], [[-1, -1, 1]])
    found = match_neurons(Network(layers), other)
    assert (found[0].order.tolist(), found[0].sign.tolist()) == ([1, 2, 0], [-1, 1, -1])
    assert rearranged(other, found) == Network(layers)


def test_the_best_sum_is_found_where_taking_the_nearest_first_would_miss_it() -> None:
    # 1.0 is nearest to the other's 1.0 (cosine 0.99), yet leaving that to 1.1 gains more.
    def unit(*degrees: float) -> list[list[float]]:
        return [[np.cos(np.radians(each)), np.sin(np.radians(each))] for each in degrees]

    one = Network((Layer(unit(0, 15), [0, 0]), Layer([[1, 1]], [0])))
    other = Network((Layer(unit(8, -40), [0, 0]), Layer([[1, 1]], [0])))
    assert match_neurons(one, other)[0].order.tolist() == [1, 0]


def test_of_different_sizes_the_smaller_layer_is_matched_whole() -> None:
    large = Network.random((6, 5, 4, 3), "tanh", seed=1)
    first, second, last = large.layers
    kept = [[3, 0, 4], [2, 0]]
    small = Network(
        (
            Layer(first.weights[kept[0]], first.biases[kept[0]], "tanh"),
            Layer(second.weights[kept[1]][:, kept[0]], second.biases[kept[1]], "tanh"),
            Layer(last.weights[:, kept[1]], last.biases, "tanh"),
        )
    )
    found, back = match_neurons(small, large), match_neurons(large, small)
    assert [each.order.tolist() for each in found] == [*kept, [0, 1, 2]]
    assert back[0].order.tolist() == [1, -1, -1, 0, 2]
    assert np.isnan(back[0].similarity[1:3]).all()
    assert back[0].sign.tolist() == [1] * 5
    np.testing.assert_allclose(found[0].similarity, 1)
    assert (found[1].similarity < 1).all()  # two of their inputs have no counterpart
    with pytest.raises(ValueError, match="matchings: expected each of"):
        rearranged(large, found)
    apart = matched_distances(small, large, found)
    assert not apart[0].any()
    without = large.layers[1].weights[[2, 0]][:, [1, 2]]  # those from what has no counterpart
    np.testing.assert_allclose(apart[1], np.linalg.norm(without, axis=1), rtol=1e-6)
    deeper = Network.random((6, 5, 4, 4, 3), seed=2)
    assert [len(each.order) for each in match_neurons(deeper, large)] == [5, 4]


@pytest.mark.filterwarnings("error")
def test_what_is_not_finite_is_matched_by_the_rest_and_has_no_similarity() -> None:
    weights = np.random.default_rng(5).normal(size=(4, 6))
    weights[1, 0], weights[2, 3] = np.nan, np.inf
    network = Network((Layer(weights, [0, 0, 0, 0]), Layer(np.ones((2, 4)), [0, np.nan])))
    other = permuted(network, [[2, 3, 0, 1]], [[1, 1, 1, 1]])
    first = match_neurons(network, other)[0]
    assert first.order.tolist() == [2, 3, 0, 1]
    assert np.isnan(first.similarity).tolist() == [False, True, True, False]
    with np.errstate(all="ignore"):
        pair = network.forward(DIGITS), other.forward(DIGITS)
    by_activations = match_neurons(network, other, by="activations", responses=pair)[0]
    assert by_activations.order[[0, 3]].tolist() == [2, 1]
    values = cka(*pair)
    assert values.shape == (2, 2)
    assert np.isnan(values).all()


def test_what_cannot_be_matched_is_refused_by_name() -> None:
    one, other = Network.random((6, 3, 2)), Network.random((5, 3, 2))
    with pytest.raises(ValueError, match="by: expected one of weights, activations"):
        match_neurons(one, one, by="names")
    with pytest.raises(ValueError, match="other: expected 6 inputs"):
        match_neurons(one, other)
    with pytest.raises(ValueError, match="responses: expected those of both networks"):
        match_neurons(one, one, by="activations")
    some = one.forward(DIGITS)
    with pytest.raises(ValueError, match="responses: expected those of two networks to the same"):
        match_neurons(one, one, by="activations", responses=(some, one.forward(DIGITS[1:])))
    with pytest.raises(ValueError, match=r"responses: expected those of \(4, 2\) neurons"):
        wider = Network.random((6, 4, 2))
        match_neurons(one, wider, by="activations", responses=(some, some))


def test_names_go_along_with_their_neurons() -> None:
    network = replace(Network.random((6, 3, 2)), names={(1, 0): "bar", (2, 1): "one"})
    moved = [Matching(np.array(order), np.ones(len(order)), np.ones(len(order), int))
             for order in ([2, 0, 1], [0, 1])]  # fmt: skip
    assert dict(rearranged(network, tuple(moved)).names) == {(1, 1): "bar", (2, 1): "one"}


def of(*activations: object) -> Responses:
    values = tuple(np.asarray(each, np.float32) for each in activations)
    return Responses(values, values)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 999), st.integers(1, 5), st.integers(1, 5), st.integers(2, 30))
def test_cka_is_that_of_gram_matrices_and_does_not_care_for_rotation_or_scale(
    seed: int, wide: int, other: int, digits: int
) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(3, 1, (digits, wide)), rng.normal(0, 9, (digits, other))
    centring = np.eye(digits) - 1 / digits
    grams = [
        centring @ each.astype(np.float32).astype(float) @ each.T @ centring for each in (x, y)
    ]
    expected = np.trace(grams[0] @ grams[1]) / np.prod([np.linalg.norm(each) for each in grams])
    rotation = np.linalg.qr(rng.normal(size=(wide, wide)))[0]
    found = cka(of(x, x @ rotation * 7 + 2), of(y, x))
    np.testing.assert_allclose(found, [[expected, 1], [expected, 1]], atol=1e-4)
    np.testing.assert_allclose(cka(of(y, x), of(x)), found.T[:, :1], atol=1e-6)


def test_cka_of_layers_that_share_nothing_is_zero_and_of_one_that_says_nothing_unknown() -> None:
    x = [[1], [1], [-1], [-1]]
    y = [[1], [-1], [1], [-1]]
    found = cka(of(x), of(y, [[0.1]] * 4, x))
    np.testing.assert_allclose(found, [[0, np.nan, 1]], atol=1e-12)
    with pytest.raises(ValueError, match="responses: expected those of two networks to the same"):
        cka(of(x), of(y[1:]))
