from __future__ import annotations

import io
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from toolkit import plots
from toolkit.grid import Grid
from toolkit.network import Layer, Network
from toolkit.palette import NAN, PALETTES, Scale, colour

NETWORK = Network.random((9, 3, 2), seed=1)
WEIGHTS = np.array([[1.0, -2.0], [0.0, np.nan]])


def bar_of(ax: Axes) -> Axes:
    """Return the colour bar's ax."""
    (found,) = [other for other in ax.figure.axes if other is not ax]
    return found


def tick_labels(ax: Axes) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def test_a_map_is_drawn_in_the_palettes_colours_on_the_given_ax() -> None:
    ax = plots.Figure().subplots()
    assert plots.weight_map(WEIGHTS, ax=ax, title="1.3") is ax
    (image,) = ax.images
    np.testing.assert_array_equal(image.get_array(), colour(WEIGHTS, limit=2))
    assert tuple(image.get_array()[1, 1]) == NAN
    assert image.get_interpolation() == "nearest"
    assert ax.get_title() == "1.3"


def test_a_row_of_784_weights_becomes_28_by_28() -> None:
    ax = plots.weight_map(np.arange(784))
    assert ax.images[0].get_array().shape == (28, 28, 3)


def test_the_colour_bar_tells_the_limit_and_what_is_measured() -> None:
    bar = bar_of(plots.weight_map(WEIGHTS, label="weight into 1.3"))
    assert tick_labels(bar) == ["−2", "0", "2"]
    assert bar.get_ylabel() == "weight into 1.3"
    assert bar.get_ylim() == (-2, 2)


@pytest.mark.parametrize(
    ("weights", "extend"),
    [([[0.5, -0.5]], "neither"), ([[2, 0]], "max"), ([[-2, 0]], "min"), ([[-2, 2]], "both")],
)
def test_clipped_weights_point_the_colour_bar(weights: list[list[float]], extend: str) -> None:
    ax = plots.weight_map(weights, scale=Scale("fixed", 1))
    assert bar_of(ax)._colorbar.extend == extend


def test_a_map_without_a_bar_has_none() -> None:
    ax = plots.weight_map(WEIGHTS, colour_bar=False)
    assert ax.figure.axes == [ax]


def test_never_lit_pixels_are_greyed() -> None:
    ax = plots.weight_map([[1.0, 1.0]], never_lit=[True, False])
    grey, green = ax.images[0].get_array()[0]
    assert tuple(green) == PALETTES["green-red"].positive
    assert tuple(grey) != tuple(green)


def test_an_atlas_has_one_image_and_one_label_a_map_in_reading_order() -> None:
    maps = np.arange(1, 13).reshape(3, 2, 2)
    ax = plots.atlas(maps, labels=["a", "b", "c"], columns=2)
    assert len(ax.images) == 3
    assert [text.get_text() for text in ax.texts] == ["a", "b", "c"]
    lefts, tops = zip(*((i.get_extent()[0], i.get_extent()[3]) for i in ax.images), strict=True)
    assert lefts[0] == lefts[2] < lefts[1]
    assert tops[0] == tops[1] < tops[2]


def test_maps_compared_share_a_scale_or_the_bar_says_that_they_do_not() -> None:
    maps = np.array([[[1.0]], [[4.0]]])
    own = plots.atlas(maps)
    assert tick_labels(bar_of(own)) == ["−limit", "0", "+limit"]
    assert "own limit" in bar_of(own).get_ylabel()
    np.testing.assert_array_equal(own.images[0].get_array(), own.images[1].get_array())
    shared = plots.atlas(maps, scale=Scale("shared"))
    assert tick_labels(bar_of(shared)) == ["−4", "0", "4"]
    assert shared.images[0].get_array().sum() < shared.images[1].get_array().sum()


def test_the_winner_has_a_colour_of_its_own_and_the_label_a_star() -> None:
    ax = plots.outputs([0.1, 0.7, 0.2], label=2)
    colours = [bar.get_facecolor() for bar in ax.patches]
    assert colours[0] == colours[2] != colours[1]
    assert [bar.get_width() for bar in ax.patches] == [0.1, 0.7, 0.2]
    assert tick_labels(ax) == ["0", "1", "★ 2"]


def test_the_winner_among_the_outputs_is_the_network_s_even_where_they_saturate() -> None:
    def marked(ax: plots.Axes) -> list[int]:
        colours = [bar.get_facecolor() for bar in ax.patches]
        return [at for at, colour in enumerate(colours) if colours.count(colour) == 1]

    assert marked(plots.outputs([1.0, 1.0, 0.3])) == [0]
    assert marked(plots.outputs([1.0, 1.0, 0.3], predicted=1)) == [1]
    network = Network((Layer([[50], [90], [70]], [0, 0, 0]),))
    assert marked(plots.figure_contributions(network, [1.0], 1, 0).axes[2]) == [1]


def test_maps_are_drawn_on_the_network_s_own_grid() -> None:
    layer = Layer(np.arange(12).reshape(2, 6), [0, 0], grid=Grid(3, 2))
    network = Network((layer, Layer(np.ones((3, 2)), [0, 0, 0])))
    for figure in (plots.figure_atlas(network), plots.figure_neuron(network, 2, 1)):
        assert figure.axes[0].images[0].get_array().shape[:2] == (3, 2)
    figure = plots.figure_contributions(network, np.ones(6), 1, 0)
    assert [ax.images[0].get_array().shape[:2] for ax in figure.axes[:2]] == [(3, 2), (3, 2)]


def test_outputs_that_are_not_numbers_are_drawn_without_a_bar() -> None:
    ax = plots.outputs([np.nan, 2.0])
    assert [bar.get_width() for bar in ax.patches] == [0, 2]


def test_a_digit_is_ink_white_on_black() -> None:
    ax = plots.digit([0, 1, 0.5, 0])
    assert ax.images[0].get_clim() == (0, 1)
    assert ax.images[0].get_array().tolist() == [[0, 1], [0.5, 0]]
    assert bar_of(ax).get_ylabel() == "ink"


def test_contributions_say_what_they_add_up_to() -> None:
    ax = plots.contribution_map([1, -3, 0.5, 0], bias=2)
    assert ax.get_title() == "w·x = -1.5, bias 2, z = 0.5"
    assert bar_of(ax).get_ylabel() == "weight × input"


def test_incoming_weights_are_bars_in_the_colour_of_their_sign() -> None:
    ax = plots.incoming([2, -1, np.inf], names=["1.0", "1.1", "1.2"], palette="blue-orange")
    assert [bar.get_width() for bar in ax.patches] == [2, -1, 0]
    blue = np.array(PALETTES["blue-orange"].positive) / 255
    np.testing.assert_allclose(ax.patches[0].get_facecolor()[:3], blue)
    assert [text.get_text().strip() for text in ax.texts] == ["inf"]
    assert tick_labels(ax) == ["1.0", "1.1", "1.2"]


def test_a_training_curve_counts_epochs_from_one() -> None:
    ax = plots.training_curve([2, 1.5, 1.2], accuracies=[0.5, 0.7, 0.8])
    assert ax.lines[0].get_xdata().tolist() == [1, 2, 3]
    assert bar_of(ax).lines[0].get_ydata().tolist() == [50, 70, 80]
    assert bar_of(ax).get_ylabel() == "validation accuracy, %"


def test_a_figure_of_a_network_shows_every_neuron_in_the_order_asked_for() -> None:
    figure = plots.figure_atlas(NETWORK, order={1: [2, 0, 1]}, captions={(1, 2): "‖w‖ 4"})
    first, second = figure.axes[:2]
    assert [text.get_text() for text in first.texts] == ["1.2\n‖w‖ 4", "1.0", "1.1"]
    assert [text.get_text() for text in second.texts] == ["2.0", "2.1"]
    assert "linear approximation" in second.get_title(loc="left")
    assert "linear approximation" not in first.get_title(loc="left")


def test_no_label_of_a_figure_runs_into_the_next() -> None:
    network = Network.random((784, 16, 10), seed=0)
    captions = {(1, index): "‖w‖ 13.9  −10.5 %" for index in range(16)}
    figure = plots.figure_atlas(network, captions=captions)
    figure.draw_without_rendering()
    renderer = FigureCanvasAgg(figure).get_renderer()
    for ax in figure.axes[:2]:
        boxes = [text.get_window_extent(renderer) for text in ax.texts]
        boxes += [image.get_window_extent(renderer) for image in ax.images]
        for one, other in combinations(boxes, 2):
            assert (
                one.x1 <= other.x0 or other.x1 <= one.x0 or one.y1 <= other.y0 or other.y1 <= one.y0
            )


def test_a_neuron_of_a_later_layer_comes_with_its_incoming_weights() -> None:
    figure = plots.figure_neuron(NETWORK, 2, 1)
    left, right = figure.axes[:2]
    assert "linear approximation" in left.get_title()
    assert len(right.patches) == 3
    assert len(plots.figure_neuron(NETWORK, 1, 1).axes) == 2  # the map and its bar


def test_contributions_beside_the_digit_and_the_outputs() -> None:
    for layer in (1, 2):
        figure = plots.figure_contributions(NETWORK, np.full(9, 0.5), layer, 0, label=1)
        assert figure.axes[0].get_title() == "digit: a 1"
        assert figure.axes[2].get_title() == "outputs"


def test_broken_and_blank_networks_can_be_drawn() -> None:
    broken = Network((Layer([[np.nan, np.inf, -np.inf, 0]], [np.nan]), Layer([[np.nan]], [0])))
    for network in (broken, Network.blank((4, 2))):
        assert plots.figure_bytes(plots.figure_atlas(network), "png")
        assert plots.figure_bytes(plots.figure_neuron(network, len(network.layers), 0), "svg")


@pytest.mark.parametrize("kind", plots.FORMATS)
def test_the_same_figure_gives_the_same_file(kind: str) -> None:
    first, second = (plots.figure_bytes(plots.figure_atlas(NETWORK), kind) for _ in range(2))
    assert first == second
    head = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[kind]
    assert first.startswith(head)
    if kind == "png":
        assert Image.open(io.BytesIO(first)).width > 500


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plots.weight_map(np.zeros((2, 2, 2))), "weights: expected shape"),
        (lambda: plots.weight_map([1.0], palette="pink"), "palette: expected"),
        (lambda: plots.atlas(np.zeros((2, 4)), labels=["a"]), "labels: expected 2"),
        (lambda: plots.atlas(np.zeros((2, 4)), columns=0), "columns: expected"),
        (lambda: plots.atlas(np.zeros(4)), "maps: expected shape"),
        (lambda: plots.outputs([]), "activations: expected shape"),
        (lambda: plots.incoming([1.0], names=[]), "weights, names: expected"),
        (lambda: plots.training_curve([1.0], accuracies=[]), "accuracies: expected shape"),
        (lambda: plots.figure_neuron(NETWORK, 1, 9), "neuron: expected 1.0 to 1.2; got 1.9"),
        (lambda: plots.figure_atlas(NETWORK, layers=[5]), "layer: expected 1 to 2; got 5"),
        (
            lambda: plots.figure_atlas(Network.blank((4, 5000, 2))),
            "atlas: expected at most 4,096 neurons on a page",
        ),
        (lambda: plots.figure_bytes(plots.Figure(), "gif"), "kind: expected one of png"),
    ],
)
def test_an_error_names_the_argument(call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=f"^{message}"):
        call()


def test_drawing_never_touches_pyplot() -> None:
    code = (
        "import sys, numpy; from toolkit import plots\n"
        "plots.figure_bytes(plots.weight_map(numpy.eye(3)).figure)\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
