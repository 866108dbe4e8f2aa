"""Views of shapes and tuning, by their artists."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.analysis.shapes import verdicts
from toolkit.analysis.shapes.verdicts import ALIKE
from toolkit.grid import Grid
from toolkit.network import Layer, Network
from toolkit.palette import colour
from toolkit.plots import best_match, score_distribution, tuning_curve
from toolkit.stamps import Stamp

GRID = Grid(28, 28)
LINE = Stamp("line", (12, 16), 60, 14)


@pytest.fixture(scope="module")
def found() -> tuple[object, ...]:
    weights = np.stack([LINE.render().ravel(), np.zeros(784)])
    return verdicts(Network((Layer(weights, np.zeros(2)),)))[0]


def test_the_ideal_shape_is_drawn_as_a_map_would_be(found: tuple) -> None:
    ax = best_match(found[0], GRID)
    ideal = found[0].match.stamp.render()
    assert np.array_equal(ax.images[0].get_array(), colour(ideal, limit=np.abs(ideal).max()))
    assert ax.get_title() == "ideal line, correlation 1.00"
    assert best_match(found[1], GRID).get_title() == "like no shape"


def test_a_tuning_curve_has_both_lines_and_its_angle(found: tuple) -> None:
    tuning = found[0].tuning
    ax = tuning_curve(tuning)
    bars, edges, preferred = ax.lines
    assert np.array_equal(bars.get_xydata(), np.stack([tuning.angles, tuning.bars], 1))
    assert np.array_equal(edges.get_xydata(), np.stack([tuning.edge_angles, tuning.edges], 1))
    assert preferred.get_xdata()[0] == pytest.approx(60, abs=3)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["bars", "edges"]
    assert "degrees" in ax.get_xlabel()
    assert tuning_curve(found[1].tuning).get_title() == "no bar raises it"


def test_scores_are_points_beside_where_the_verdict_begins() -> None:
    ax = score_distribution({"one": [0.1, 0.9, 0.5], "other": [0.3]})
    one, other = ax.collections
    assert one.get_offsets().tolist() == [[0.1, 0], [0.9, 0], [0.5, 0]]
    assert other.get_offsets().tolist() == [[0.3, 1]]
    assert [line.get_xdata()[0] for line in ax.lines] == [0.5, 0.3, ALIKE]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["one", "other"]
