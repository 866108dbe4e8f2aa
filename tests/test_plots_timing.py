"""Views of how long things take, by their artists."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.plots import cost_curve, figure_costs, figure_times_as_long, times_as_long

AT = (10, 100)
OURS = [(0.001, 0.002, 0.003), (0.002, 0.003, 0.004)]
PEERS = {"one": [(0.01, 0.02, 0.03), (0.1, 0.2, 0.3)], "two": [(np.nan,) * 3, (1, 2, 3)]}


def test_a_cost_curve_is_medians_in_ms_with_bands_between_quartiles() -> None:
    ax = cost_curve(AT, OURS, PEERS, least=[1e-4, 2e-4], along="digits")
    ours, one, two, least = ax.lines
    assert ours.get_xydata().tolist() == [[10, 2], [100, 3]]
    assert one.get_xydata().tolist() == [[10, 20], [100, 200]]
    assert np.isnan(two.get_ydata()[0]) and two.get_ydata()[1] == 2000
    assert least.get_ydata().tolist() == pytest.approx([0.1, 0.2])
    assert ours.get_linewidth() > one.get_linewidth()
    band = ax.collections[0].get_paths()[0].vertices
    assert {tuple(each) for each in band.tolist()} >= {(10, 1), (10, 3), (100, 2), (100, 4)}
    assert (ax.get_xscale(), ax.get_yscale(), ax.get_xlabel()) == ("log", "log", "digits")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "toolkit", "one", "two", "what the machine allows",
    ]  # fmt: skip
    with pytest.raises(ValueError, match=r"two: expected shape \(2, 3\); got \(1, 3\)"):
        cost_curve(AT, OURS, {"two": [(1, 2, 3)]})


def test_ratios_are_marks_right_of_one_where_the_toolkit_is_faster() -> None:
    ax = times_as_long(["a stroke", "an epoch"], {"peer": [(15, 20, 30), (0.5, 0.6, 0.7)]})
    line, marks = ax.lines[0], ax.lines[1]
    assert set(line.get_xdata()) == {1}
    assert marks.get_xydata().tolist() == [[20, 0], [0.6, 1]]
    (quartiles,) = ax.collections
    assert [segment[:, 0].tolist() for segment in quartiles.get_segments()] == [
        [15, 30],
        [0.5, 0.7],
    ]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["a stroke", "an epoch"]
    top, bottom = ax.transData.transform([(1, 0), (1, 1)])[:, 1]
    assert top > bottom  # the first row stands on top


def test_pages_have_one_legend_below_all() -> None:
    costs = figure_costs([("digits", AT, OURS, PEERS, None), ("cells", AT, OURS, PEERS, None)])
    rows = figure_times_as_long(["a stroke"], {"peer": [(15, 20, 30)]})
    assert len(costs.axes) == 2
    for figure in (costs, rows):
        assert len(figure.legends) == 1
        assert all(ax.get_legend() is None for ax in figure.axes)
