"""Views of one neuron, looked at by what is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from toolkit import plots
from toolkit.analysis import (
    ablation,
    answers_to,
    gradient_map,
    maximise,
    pair_needs,
    pixel_split,
    twins,
)
from toolkit.grid import Grid
from toolkit.network import Network

NETWORK = Network.random((12, 5, 10), seed=1)
IMAGES = np.random.default_rng(0).random((60, 12)).astype(np.float32)
LABELS = np.arange(60) % 8  # no 8, no 9
RESPONSES = NETWORK.forward(IMAGES)


def heights(ax: plots.Axes) -> list[float]:
    return [each.get_height() for each in ax.patches if isinstance(each, Rectangle)]


def test_answers_have_a_box_a_class_that_there_is_and_the_threshold() -> None:
    found = answers_to(RESPONSES.logits[:, 3], LABELS, threshold=0.1)
    ax = plots.answers_by_class(found)
    assert len(ax.patches) == 8
    assert ax.get_ylabel() == "pre-activation"
    dashed = [each for each in ax.lines if each.get_linestyle() == "--"]
    assert np.asarray(dashed[0].get_ydata()).tolist() == [0.1, 0.1]
    # Where no class can be drawn the axes stand all the same.
    empty = plots.answers_by_class(answers_to([np.nan], [0]))
    assert not empty.patches


def test_auc_begins_at_chance() -> None:
    ax = plots.auc_bars([0.9, 0.2, np.nan, *[0.5] * 7], title="1.3")
    assert heights(ax)[:3] == pytest.approx([0.4, -0.3, 0])
    assert ax.patches[0].get_facecolor() != ax.patches[1].get_facecolor()
    assert ax.get_title() == "1.3"
    with pytest.raises(ValueError, match=r"auc: expected shape \(classes,\)"):
        plots.auc_bars([[0.5]])


def test_maps_are_in_the_network_s_grid() -> None:
    grid = Grid(2, 6)
    split = pixel_split(NETWORK, IMAGES[0])
    z = RESPONSES.logits[:, 3]
    found = answers_to(z, LABELS, images=IMAGES, threshold=float(np.median(z)))
    drawn = [
        plots.mean_difference(found, grid=grid),
        plots.gradient_picture(gradient_map(NETWORK, IMAGES[0], 2, 1), grid=grid),
        plots.pixel_parts(split, grid=grid),
        plots.pixel_parts(split, linear=True, grid=grid),
        plots.maximal_input(maximise(NETWORK, 1, 2), grid=grid),
    ]
    for ax in drawn:
        assert np.asarray(ax.images[0].get_array()).shape[:2] == (2, 6)
    assert f"why {split.winner} and not {split.other}: integrated" in drawn[2].get_title()
    assert "one step" in drawn[3].get_title()
    assert drawn[4].get_title().startswith("1.2: z ")
    with pytest.raises(ValueError, match=r"values: expected shape \(784,\)"):
        plots.gradient_picture([1.0], grid=Grid(28, 28))
    with pytest.raises(ValueError, match="found: expected a neuron that fires on some"):
        plots.mean_difference(answers_to([1], [1]))


def test_a_split_s_bars_are_its_neurons_and_the_bias() -> None:
    split = pixel_split(NETWORK, IMAGES[0], 4, 9)
    ax = plots.neuron_parts(split)
    widths = [each.get_width() for each in ax.patches if isinstance(each, Rectangle)]
    assert sum(widths) == pytest.approx(split.difference)
    assert [each.get_text() for each in ax.get_yticklabels()] == [*"01234", "bias"]
    assert "why 4 and not 9" in ax.get_title()
    with pytest.raises(ValueError, match="names: expected 5"):
        plots.neuron_parts(split, names=["one"])


def test_ablation_is_drawn_by_digit_and_by_pair() -> None:
    found = ablation(NETWORK, RESPONSES, LABELS, [(1, 0), (1, 3)])
    ax = plots.ablation_by_digit(found)
    assert heights(ax)[:8] == pytest.approx((100 * found.per_digit[:8]).tolist())
    assert ax.get_title().startswith("without 1.0, 1.3 (held at its mean)")
    assert ax.get_ylabel() == "fall of accuracy, points"
    pairs = plots.ablation_by_pair(found, title="pairs")
    assert np.asarray(pairs.images[0].get_array()).shape[:2] == (10, 10)
    assert pairs.get_title() == "pairs"
    needs = pair_needs(NETWORK, RESPONSES, LABELS, 4, 7)
    bars = plots.pair_need_bars(needs)
    widths = [each.get_width() for each in bars.patches if isinstance(each, Rectangle)]
    assert widths == pytest.approx((100 * needs.falls[0]).tolist())
    with pytest.raises(ValueError, match="layer: expected 1 to 2; got 3"):
        plots.pair_need_bars(needs, layer=3)


def test_twins_are_named_and_outgoing_weights_are_bars() -> None:
    found = twins(NETWORK, RESPONSES, 1)
    ax = plots.twins_matrix(found)
    assert [each.get_text() for each in ax.get_xticklabels()] == [f"1.{at}" for at in range(5)]
    plots.twins_matrix(found, by="weights", ax=ax)
    with pytest.raises(ValueError, match="by: expected activations or weights"):
        plots.twins_matrix(found, by="looks")
    bars = plots.outgoing(NETWORK.layers[1].weights[:, 2])
    assert len(bars.patches) == 10
    assert bars.get_xlabel() == "weight to it in the next layer"
