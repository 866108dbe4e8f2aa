"""Views of a whole network and of two: what stands on them is what was found."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes

from toolkit import plots
from toolkit.analysis import Calibration, Curve, Matching, Mistake, Nonsense, Unlit
from toolkit.grid import Grid
from toolkit.palette import colour


def texts(ax: Axes) -> list[str]:
    return [each.get_text() for each in ax.texts]


def bar_of(ax: Axes) -> Axes:
    (found,) = [other for other in ax.figure.axes if other is not ax]
    return found


def test_a_confusion_has_its_counts_a_row_a_label_and_shades_the_wrong_ones_alone() -> None:
    ax = plots.confusion([[7, 1, 0], [0, 8, 2], [0, 0, 0]], title="here")
    assert texts(ax) == ["7", "1", "", "", "8", "2", "", "", ""]
    assert [each.get_position() for each in ax.texts][1] == (1, 0)  # column 1 of row 0
    assert (ax.get_ylabel(), ax.get_xlabel(), ax.get_title()) == ("label", "read as", "here")
    shade = ax.images[0].get_array()
    assert np.ma.getmaskarray(shade).diagonal().all()
    np.testing.assert_allclose(shade[0, 1], 12.5)
    np.testing.assert_allclose(shade[1, 2], 20)
    assert bar_of(ax).get_ylim() == (0, 20)
    assert bar_of(ax).get_ylabel() == "read wrong, % of the label's digits"
    with pytest.raises(ValueError, match="counts: expected shape"):
        plots.confusion([[1, 2]])


def test_a_reliability_diagram_has_a_bar_a_filled_bin_and_the_diagonal() -> None:
    nan = np.nan
    found = Calibration(
        np.linspace(0, 1, 5), np.array([nan, nan, 0.7, 0.95]), np.array([nan, nan, 0.5, 1.0]),
        np.array([0, 0, 1, 4]), 0.08, 0.2,
    )  # fmt: skip
    ax = plots.reliability(found)
    assert [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in ax.patches] == [
        (0.5, 0.25, 50), (0.75, 0.25, 100),
    ]  # fmt: skip
    assert ax.patches[0].get_alpha() < ax.patches[1].get_alpha() == 1
    assert ax.lines[0].get_xydata().tolist() == [[0, 0], [1, 100]]
    assert ax.lines[1].get_xydata().tolist() == [[0.7, 50], [0.95, 100]]
    assert ax.get_title() == "expected calibration error 8.0%, 5 digits"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("confidence in the answer", "read right, %")


def test_each_mistake_is_drawn_below_what_it_is_and_is_read_as() -> None:
    found = [Mistake(4, 7, 2, 0.998, 7), Mistake(9, 3, 5, 0.61, 3)]
    pixels = np.array([[0, 255, 0, 0, 0, 0], [0, 0, 0, 0, 51, 0]], np.uint8)
    ax = plots.mistaken(found, pixels, grid=Grid(3, 2), columns=1)
    assert texts(ax) == ["7 → 2  100%", "3 → 5  61%"]
    np.testing.assert_allclose(ax.images[1].get_array(), [[0, 0], [0, 0], [0.2, 0]])
    assert ax.images[0].get_extent()[2] < ax.images[1].get_extent()[3]  # one below the other
    low, high = ax.get_ylim()
    assert high < ax.texts[0].get_position()[1] < ax.images[1].get_extent()[2] <= low
    assert texts(plots.mistaken([], np.empty((0, 6)))) == ["none"]
    with pytest.raises(ValueError, match=r"pictures, columns: expected shape \(2, pixels\)"):
        plots.mistaken(found, pixels[:1])


NONSENSE = (
    Nonsense("noise", 40, np.array([30, 10]), 0.9, np.ones(5), 0.75,
             np.array([0] * 18 + [10, 30]), *[np.empty(0)] * 3),
    Nonsense("blank", 1, np.array([0, 1]), 0.5, np.ones(5), 0.0,
             np.array([0] * 10 + [1] + [0] * 9), *[np.empty(0)] * 3),
)  # fmt: skip


def test_nonsense_is_drawn_a_row_a_kind() -> None:
    ax = plots.nonsense_confidence(NONSENSE)
    heights = np.array([-bar.get_height() for bar in ax.patches]).reshape(2, 20)
    assert heights[0].argmax() == 19
    assert heights[0, 18] * 3 == pytest.approx(heights[0, 19])
    assert heights[1].argmax() == 10
    assert texts(ax) == ["75% sure\n0: 75%", "0% sure\n1: 100%"]
    labels = [each.get_text() for each in ax.get_yticklabels()]
    assert labels == ["noise\n40", "blank\n1"]
    answers = plots.nonsense_answers(NONSENSE)
    assert texts(answers) == ["75", "25", "", "100"]
    assert bar_of(answers).get_ylim() == (0, 100)
    assert [each.get_text() for each in answers.get_yticklabels()] == ["noise", "blank"]
    with pytest.raises(ValueError, match="found: expected one kind"):
        plots.nonsense_answers([])


def test_curves_of_one_kind_share_axes_with_units_and_a_legend() -> None:
    curve = Curve("rotation", "degrees", np.array([-5.0, 0, 5]), np.array([0.5, 0.9, 0.6]), 1200)
    ax = plots.robustness_curve([curve, curve], labels=["one", "other"])
    assert ax.lines[0].get_xydata().tolist() == [[-5, 50], [0, 90], [5, 60]]
    assert [each.get_text() for each in ax.get_legend().get_texts()] == ["one", "other"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("rotation, degrees", "read right of 1,200, %")
    assert ax.get_ylim() == (0, 100)
    other = Curve("noise", "spread", curve.amounts, curve.accuracy, 1200)
    assert plots.robustness_curve(other).get_legend() is None
    for wrong, labels in (([curve, other], None), ([], None), ([curve], ["one", "two"])):
        with pytest.raises(ValueError, match="found, labels: expected curves of one kind"):
            plots.robustness_curve(wrong, labels=labels)


def test_matched_maps_stand_side_by_side_with_their_difference_on_one_scale() -> None:
    maps, others = np.array([[1.0, 0], [0, 2]]), np.array([[0, -2.5], [9, 9], [0, 0]])
    found = Matching(np.array([-1, 0]), np.array([np.nan, 0.9]), np.array([1, -1]))
    ax = plots.matched_maps(maps, others, found, layer=1)
    assert texts(ax) == ["1.1", "−1.0  0.90", "difference"]  # what has no match is left out
    drawn = [[[0, 2]], [[0, 2.5]], [[0, 0.5]]]
    for image, values in zip(ax.images, drawn, strict=True):
        np.testing.assert_array_equal(image.get_array(), colour(values, limit=2.5))
    assert bar_of(ax).get_ylim() == (-2.5, 2.5)
    assert bar_of(ax).get_ylabel() == "weight, one scale for all"
    with pytest.raises(ValueError, match="neurons: expected one or more that have a match"):
        plots.matched_maps(maps, others, found, neurons=[0])
    with pytest.raises(ValueError, match="maps, others: expected shapes"):
        plots.matched_maps(maps, others[:, :1], found)


def test_the_most_similar_pairs_come_first() -> None:
    found = Matching(np.arange(3), np.array([0.1, 0.8, np.nan]), np.ones(3, int))
    ax = plots.matched_maps(np.eye(3), np.eye(3), found, layer=2)
    assert texts(ax)[::3] == ["2.1", "2.0", "2.2"]
    assert texts(ax)[-2] == "2.2  ?"


def test_alike_layers_are_on_one_scale_and_what_is_not_known_is_marked() -> None:
    ax = plots.cka_matrix([[1, 0.25, np.nan]], names=("mine", "yours"))
    assert texts(ax) == ["1.00", "0.25", "?"]
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("layer of mine", "layer of yours")
    assert [each.get_text() for each in ax.get_xticklabels()] == ["1", "2", "3"]
    assert bar_of(ax).get_ylim() == (0, 1)
    with pytest.raises(ValueError, match="values: expected shape"):
        plots.cka_matrix([1, 2])


def test_shares_on_never_lit_pixels_are_bars_against_what_equal_weights_would_have() -> None:
    found = Unlit(67, 670, np.array([0.2, np.nan, 0]), 0.05, 0.1)
    ax = plots.unlit_shares(found)
    assert [bar.get_height() for bar in ax.patches] == [20, 0, 0]
    assert texts(ax) == ["nan"]
    assert ax.lines[0].get_ydata() == pytest.approx([10, 10])
    assert ax.get_title() == "spread of weights 0.05 on 67 pixels never lit,\n0.1 on the others"
