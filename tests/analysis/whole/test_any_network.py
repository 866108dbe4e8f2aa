"""Whatever a network holds and however it is built: no crash, no warning, and figures in range."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit import plots
from toolkit.analysis import (
    calibration,
    cka,
    match_neurons,
    matched_distances,
    mistakes,
    nonsense,
    robustness,
    unlit_weights,
)
from toolkit.digits import DigitSet
from toolkit.grid import Grid
from toolkit.network import ACTIVATIONS, Network
from toolkit.scoring import Score

GRIDS = (Grid(1, 1), Grid(1, 7), Grid(3, 2), Grid(5, 5))


@st.composite
def networks(draw: st.DrawFn, grid: Grid) -> Network:
    """Draw a network of any depth, sizes and activations, some of whose numbers are wild."""
    sizes = (grid.cells, *draw(st.lists(st.integers(1, 5), max_size=3)), draw(st.integers(1, 10)))
    kinds = [draw(st.sampled_from(sorted(ACTIVATIONS))) for _ in sizes[1:]]
    network = Network.random(sizes, kinds, seed=draw(st.integers(0, 9)))
    layers = list(network.layers)
    layers[0] = replace(layers[0], grid=grid)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(layers) - 1))
        weights, biases = layers[at].weights.copy(), layers[at].biases.copy()
        wild = draw(st.sampled_from((np.nan, np.inf, -np.inf, 3e38, 1e-45, 0.0)))
        if draw(st.booleans()):
            weights[draw(st.integers(0, len(weights) - 1))] = wild
        else:
            biases[draw(st.integers(0, len(biases) - 1))] = wild
        layers[at] = replace(layers[at], weights=weights, biases=biases)
    return replace(network, layers=tuple(layers))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Network, Network]:
    grid = draw(st.sampled_from(GRIDS))
    return draw(networks(grid)), draw(networks(grid))


def in_range(values: object, low: float = 0, high: float = 1) -> bool:
    array = np.asarray(values, np.float64)
    return bool(((array >= low - 1e-9) & (array <= high + 1e-9) | np.isnan(array)).all())


@pytest.mark.filterwarnings("error")
@settings(max_examples=25, deadline=None)
@given(pairs(), st.integers(0, 12))
def test_any_network_is_analysed(pair: tuple[Network, Network], count: int) -> None:
    one, other = pair
    rng = np.random.default_rng(count)
    digits = DigitSet(rng.random((count, *one.grid)), rng.integers(0, 10, count))
    with np.errstate(all="ignore"):
        answers = one.forward(digits.images), other.forward(digits.images)
    for each in mistakes(answers[0], digits.labels):
        assert in_range(each.confidence)
        assert each.read not in (each.label, each.runner_up)
    sure = calibration(answers[0], digits.labels, 4)
    assert in_range([sure.error, sure.largest])
    assert in_range(sure.accuracy)
    for kind in nonsense(one, digits.images, count=6):
        assert in_range([kind.mean, kind.sure, *kind.quantiles])
        assert kind.answers.sum() == kind.count
    assert all(in_range(curve.accuracy) for curve in robustness(one, digits))
    assert in_range(unlit_weights(one, np.arange(one.sizes[0]) % 2 == 0).share)
    assert in_range(cka(*answers))
    found = match_neurons(one, other)
    ways = [found]
    if count:
        ways.append(match_neurons(one, other, by="activations", responses=answers))
    for matchings in ways:
        for size, theirs, each in zip(one.sizes[1:], other.sizes[1:], matchings, strict=False):
            used = each.order[each.order >= 0]
            assert len(each.order) == len(each.similarity) == size
            assert len(used) == len(set(used.tolist())) == min(size, theirs)
            assert in_range(each.similarity, -1)
    assert all(in_range(each, 0, np.inf) for each in matched_distances(one, other, found))


@pytest.mark.filterwarnings("error")
def test_views_of_a_broken_network_say_what_is_not_known() -> None:
    network = Network.random((6, 3, 10), seed=0)
    weights = network.layer(2).weights.copy()
    weights[:] = np.nan
    broken = network.with_layer(2, weights=weights)
    digits = DigitSet(np.random.default_rng(0).random((5, 2, 3)), np.arange(5))
    answers = broken.forward(digits.images)
    figure = plots.Figure()
    axes = iter(figure.subplots(3, 3).ravel())
    plots.reliability(calibration(answers, digits.labels), ax=next(axes))
    found = nonsense(broken, digits.images, count=4)
    plots.nonsense_confidence(found, ax=next(axes))
    plots.nonsense_answers(found, ax=next(axes))
    plots.robustness_curve(robustness(broken, digits)[3], ax=next(axes))
    alike = plots.cka_matrix(cka(answers, network.forward(digits.images)), ax=next(axes))
    assert [each.get_text() for each in alike.texts] == [
        "1.00",
        alike.texts[1].get_text(),
        "?",
        "?",
    ]
    last = match_neurons(broken, network)[-1]
    maps = broken.layer(2).weights, network.layer(2).weights
    plots.matched_maps(*maps, last, layer=2, neurons=[0], ax=next(axes))
    plots.unlit_shares(unlit_weights(network, np.ones(6, bool)), ax=next(axes))
    plots.confusion(Score(answers.predictions.astype(np.uint8), digits.labels).confusion,
                    ax=next(axes))  # fmt: skip
    plots.mistaken(mistakes(answers, digits.labels), np.empty((0, 6)), ax=next(axes))
    plots.figure_bytes(figure, dpi=20)
