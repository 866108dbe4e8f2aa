"""Views of one neuron: what it answers to, why, what the network is without it, and its like."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from toolkit.analysis.ablation import Ablated, PairNeeds
from toolkit.analysis.neuron import Maximised, NeuronAnswers, PixelSplit, Twins
from toolkit.grid import Grid
from toolkit.palette import DEFAULT_PALETTE, Scale, as_maps
from toolkit.plots.views import _OTHERS, _WINNER, _axes, digit, incoming, weight_map
from toolkit.plots.whole import _written

_MOST_NAMED = 16


def answers_by_class(found: NeuronAnswers, *, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw a neuron's pre-activations by class as boxes.

    Parameters
    ----------
    found : NeuronAnswers
    ax : Axes, optional
        By default of a new figure.
    title : str

    Returns
    -------
    Axes
        A box a class holds the middle half of its digits, the line in it their median, and the
        whiskers nine of ten; none for a class without digits.  Above the dashed line, the
        threshold, the neuron fires.
    """
    ax = _axes(ax)
    there = [at for at, each in enumerate(found.quantiles) if np.isfinite(each).all()]
    boxes = [
        dict(zip(("whislo", "q1", "med", "q3", "whishi"), found.quantiles[at], strict=True))
        for at in there
    ]
    best = found.best_class
    if boxes:
        drawn = ax.bxp(boxes, positions=there, widths=0.6, showfliers=False, patch_artist=True)
        for at, box, line in zip(there, drawn["boxes"], drawn["medians"], strict=True):
            box.set_facecolor(_WINNER if at == best else _OTHERS)
            line.set_color("black")
    ax.axhline(found.threshold, color="black", linewidth=0.8, linestyle="--")
    _named(ax, len(found.quantiles))
    ax.set_xlim(-0.6, len(found.quantiles) - 0.4)
    _written(ax, "digit", "pre-activation", title)
    return ax


def auc_bars(auc: ArrayLike, *, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw how well a neuron tells each class from the rest.

    Parameters
    ----------
    auc : array_like of float, shape (classes,), in [0, 1]
        As :attr:`toolkit.analysis.NeuronAnswers.auc` has it.
    ax : Axes, optional
        By default of a new figure.
    title : str

    Returns
    -------
    Axes
        Bars begin at 0.5, chance: up it answers more to the class than to others, down less.  The
        best is in a colour of its own; none for nan.

    Raises
    ------
    ValueError
        If the shape does not fit.
    """
    values = _of_classes(auc, "auc")
    ax = _axes(ax)
    known = np.nan_to_num(values, nan=0.5)
    best = np.argmax(known) if np.isfinite(values).any() else -1
    ax.bar(range(len(known)), known - 0.5, bottom=0.5,
           color=[_WINNER if at == best else _OTHERS for at in range(len(known))])  # fmt: skip
    ax.axhline(0.5, color="black", linewidth=0.6)
    ax.set_ylim(0, 1)
    _named(ax, len(known))
    _written(ax, "digit", "AUC of “it is this digit”", title)
    return ax


def mean_difference(
    found: NeuronAnswers,
    *,
    grid: Grid | None = None,
    ax: Axes | None = None,
    palette: str = DEFAULT_PALETTE,
    title: str = "",
) -> Axes:
    """Draw the mean image of the digits on which a neuron fires minus that of the others.

    Parameters
    ----------
    found : NeuronAnswers
    grid : Grid, optional
        Of the image; by default ``Grid.of`` its pixels.
    ax, palette, title
        As in :func:`toolkit.plots.weight_map`.

    Raises
    ------
    ValueError
        If it fires on all digits or on none, or was not given their images.
    """
    if found.mean_difference is None:
        raise ValueError("found: expected a neuron that fires on some of the images given, not "
                         "all; got no mean difference")  # fmt: skip
    return weight_map(
        _shaped(found.mean_difference, grid), ax=ax, palette=palette,
        label="mean ink, firing less not firing", title=title,
    )  # fmt: skip


def gradient_picture(
    gradient: ArrayLike,
    *,
    grid: Grid | None = None,
    ax: Axes | None = None,
    palette: str = DEFAULT_PALETTE,
    title: str = "",
) -> Axes:
    """Draw how a neuron answers to more ink on each pixel.

    Parameters
    ----------
    gradient : array_like of float, shape (inputs,)
        As :func:`toolkit.analysis.gradient_map` returns it.
    grid, ax, palette, title
        As in :func:`mean_difference`.
    """
    return weight_map(
        _shaped(gradient, grid), ax=ax, palette=palette, label="gradient, per unit of ink",
        title=title,
    )  # fmt: skip


def pixel_parts(
    found: PixelSplit,
    *,
    linear: bool = False,
    grid: Grid | None = None,
    ax: Axes | None = None,
    scale: Scale | None = None,
    palette: str = DEFAULT_PALETTE,
    title: str | None = None,
) -> Axes:
    """Draw what each pixel puts one output above another.

    Parameters
    ----------
    found : PixelSplit
    linear : bool
        The one-step path instead of integrated gradients.
    scale : Scale, optional
        A fixed one compares the two.
    title : str, optional
        By default the difference, and by how much the pixels miss it.
    grid, ax, palette
        As in :func:`mean_difference`.
    """
    values, error = (found.linear, found.linear_error) if linear else (found.pixels, found.error)
    if title is None:
        way = "one step" if linear else "integrated gradients"
        title = (
            f"why {found.winner} and not {found.other}: {way}\n{found.difference:.3g}, of a blank "
            f"picture {found.blank:.3g}, error {error:.1e}"
        )
    return weight_map(
        _shaped(values, grid), ax=ax, scale=scale, palette=palette,
        label=f"part of z[{found.winner}] − z[{found.other}]", title=title,
    )  # fmt: skip


def neuron_parts(
    found: PixelSplit,
    *,
    names: Sequence[str] | None = None,
    ax: Axes | None = None,
    palette: str = DEFAULT_PALETTE,
    title: str | None = None,
) -> Axes:
    """Draw what each neuron of the last hidden layer, and the bias, puts one output above another.

    Parameters
    ----------
    found : PixelSplit
    names : sequence of str, one a neuron, optional
    title : str, optional
        By default what the bars add up to.
    ax, palette
        As in :func:`toolkit.plots.incoming`.

    Raises
    ------
    ValueError
        If there are not as many names as neurons.
    """
    called = [str(at) for at in range(len(found.neurons))] if names is None else [*names]
    if len(called) != len(found.neurons):
        raise ValueError(f"names: expected {len(found.neurons)}, one a neuron; got {len(called)}")
    if title is None:
        title = f"why {found.winner} and not {found.other}: in all {found.difference:.3g}"
    return incoming(
        np.append(found.neurons, found.bias), names=[*called, "bias"], ax=ax, palette=palette,
        label=f"part of z[{found.winner}] − z[{found.other}]", title=title,
    )  # fmt: skip


def maximal_input(
    found: Maximised, *, grid: Grid | None = None, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw the picture that a neuron likes best.

    Parameters
    ----------
    found : Maximised
    title : str, optional
        By default the neuron and what it answers.
    grid, ax
        As in :func:`mean_difference`.
    """
    if title is None:
        title = (
            f"{found.layer}.{found.index}: z {found.pre_activation:.3g}, a {found.activation:.3g}"
        )
    return digit(_shaped(found.image, grid), ax=ax, title=title)


def outgoing(
    weights: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    ax: Axes | None = None,
    palette: str = DEFAULT_PALETTE,
    title: str = "",
) -> Axes:
    """Draw the weights that the neurons of the next layer give to a neuron, as bars.

    Parameters
    ----------
    weights : array_like of float, shape (size of the next layer,)
        A column of that layer's weights.
    names, ax, palette, title
        As in :func:`toolkit.plots.incoming`.
    """
    return incoming(weights, names=names, ax=ax, palette=palette,
                    label="weight to it in the next layer", title=title)  # fmt: skip


def ablation_by_digit(found: Ablated, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw what the accuracy on each digit falls by without some neurons.

    Parameters
    ----------
    found : Ablated
    ax : Axes, optional
        By default of a new figure.
    title : str, optional
        By default which neurons, held at what, and the accuracy before and after.

    Returns
    -------
    Axes
        Points of a hundred; below zero the digit is read better without.
    """
    ax = _axes(ax)
    ax.bar(range(len(found.per_digit)), 100 * np.nan_to_num(found.per_digit), color=_OTHERS)
    ax.axhline(0, color="black", linewidth=0.6)
    fall = 100 * (found.before.accuracy - found.after.accuracy)
    ax.axhline(fall, color=_WINNER, linewidth=0.8, linestyle="--")
    _named(ax, len(found.per_digit))
    _written(ax, "digit (dashed: all)", "fall of accuracy, points", _without(found, title, "\n"))
    return ax


def ablation_by_pair(
    found: Ablated,
    *,
    ax: Axes | None = None,
    palette: str = DEFAULT_PALETTE,
    title: str | None = None,
) -> Axes:
    """Draw what telling each two digits apart falls by without some neurons.

    Parameters
    ----------
    found : Ablated
    ax, palette, title
        As in :func:`ablation_by_digit` and :func:`toolkit.plots.weight_map`.

    Returns
    -------
    Axes
        A cell a pair: points of a hundred among the digits of these two when only their outputs
        compete; the diagonal, and pairs without digits, are zero.
    """
    names = [str(each) for each in range(len(found.per_digit))]
    return _matrix(
        100 * np.nan_to_num(found.pair_falls), names, ax=ax, palette=palette, scale=None,
        label="fall of accuracy, points", across="digit", down="digit",
        title=_without(found, title, "\n"),
    )  # fmt: skip


def pair_need_bars(
    found: PairNeeds, *, layer: int = 1, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw which neurons of a layer two digits are told apart by.

    Parameters
    ----------
    found : PairNeeds
    layer : int
    ax : Axes, optional
        By default of a new figure.
    title : str, optional
        By default the two digits and how well they are told apart.

    Raises
    ------
    ValueError
        If there is no such layer.
    """
    if not 1 <= layer <= len(found.falls):
        raise ValueError(f"layer: expected 1 to {len(found.falls)}; got {layer}")
    ax, falls = _axes(ax), found.falls[layer - 1]
    ax.barh(range(len(falls)), 100 * falls, color=_OTHERS)
    ax.axvline(0, color="black", linewidth=0.6)
    if len(falls) <= 32:
        ax.set_yticks(range(len(falls)), [f"{layer}.{at}" for at in range(len(falls))])
    ax.invert_yaxis()
    said = f"{found.one} against {found.other}: {found.accuracy:.2%} right"
    _written(ax, "fall of accuracy without it, points", "neuron", said if title is None else title)
    return ax


def twins_matrix(
    found: Twins,
    *,
    by: str = "activations",
    ax: Axes | None = None,
    palette: str = DEFAULT_PALETTE,
    title: str = "",
) -> Axes:
    """Draw how alike each two neurons of a layer are, on a scale from -1 to 1.

    Parameters
    ----------
    found : Twins
    by : {"activations", "weights"}
        What they say over the digits, or what they look at.
    ax, palette, title
        As in :func:`toolkit.plots.weight_map`.

    Raises
    ------
    ValueError
        If `by` is neither.
    """
    if by not in ("activations", "weights"):
        raise ValueError(f"by: expected activations or weights; got {by!r:.60}")
    said = by == "activations"
    names = [f"{found.layer}.{at}" for at in range(len(found.nearest))]
    return _matrix(
        found.by_activations if said else found.by_weights, names, ax=ax, palette=palette,
        scale=Scale("fixed", 1.0),
        label="correlation of activations" if said else "cosine of weights",
        across="neuron", down="neuron", title=title,
    )  # fmt: skip


def _matrix(
    values: NDArray[np.float64],
    names: list[str],
    *,
    ax: Axes | None,
    palette: str,
    scale: Scale | None,
    label: str,
    across: str,
    down: str,
    title: str,
) -> Axes:
    ax = weight_map(values, ax=ax, scale=scale, palette=palette, label=label)
    if len(names) <= 32:
        ax.set_xticks(range(len(names)), names, rotation=90 if len(names) > 10 else 0)
        ax.set_yticks(range(len(names)), names)
    _written(ax, across, down, title)
    return ax


def _without(found: Ablated, title: str | None, end: str) -> str:
    if title is not None:
        return title
    named = ", ".join(f"{layer}.{index}" for layer, index in found.neurons) or "none"
    held = "its mean" if found.replacement == "mean" else "zero"
    return (
        f"without {named} (held at {held}){end}{found.before.accuracy:.2%} → "
        f"{found.after.accuracy:.2%}"
    )


def _of_classes(values: ArrayLike, what: str) -> NDArray[np.float64]:
    array = np.asarray(values, np.float64)
    if array.ndim != 1 or not array.size:
        raise ValueError(f"{what}: expected shape (classes,); got {array.shape}")
    return array


def _named(ax: Axes, classes: int) -> None:
    """Write the classes' numbers below an axis, some of them where there are many."""
    step = -(-classes // _MOST_NAMED)
    ax.set_xticks(range(0, classes, step), [str(each) for each in range(0, classes, step)])


def _shaped(values: ArrayLike, grid: Grid | None) -> NDArray[np.float32]:
    with np.errstate(over="ignore", invalid="ignore"):
        array = np.asarray(values, np.float32)
    if array.ndim != 1 or (grid is not None and grid.cells != array.size):
        wanted = "(pixels,)" if grid is None else f"({grid.cells},)"
        raise ValueError(f"values: expected shape {wanted}; got {array.shape}")
    picture: NDArray[np.float32] = as_maps(array[None], grid)[0]
    return picture
