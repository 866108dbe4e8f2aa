"""Views: each takes an array first, draws on an ``ax`` and returns it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from toolkit.network import winner
from toolkit.palette import (
    DEFAULT_PALETTE,
    PALETTES,
    Colour,
    Scale,
    as_maps,
    check_palette,
    colour,
    lookup_table,
)

LABEL_SIZE = 7.0
LINE_HEIGHT = 0.16
"""Of a label above a map, in widths of one."""
"""Points; titles are a little larger."""

_MOST_ENLARGED = 128
_WINNER, _OTHERS = "#2a6fdb", "#a9b2bf"


def _as_map(values: ArrayLike, what: str) -> NDArray[np.float32]:
    array = np.asarray(values, dtype=np.float32)
    if array.ndim == 1:
        array = as_maps(array[None])[0]
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"{what}: expected shape (inputs,) or (rows, columns); got {array.shape}")
    return array


def _axes(ax: Axes | None) -> Axes:
    return Figure(figsize=(4, 3.4), layout="constrained").subplots() if ax is None else ax


def _rgb(end: Colour) -> tuple[float, float, float]:
    return end[0] / 255, end[1] / 255, end[2] / 255


def _colour_bar(
    ax: Axes, maps: NDArray[np.float32], scale: Scale, palette: str, label: str
) -> None:
    """Put a bar beside `ax`: in units of the weights, or of each map's own limit."""
    limits = scale.limits(maps)
    own = scale.kind == "neuron" and len(maps) > 1
    limit = 1.0 if own else float(limits[0])
    ends = PALETTES[palette]
    colours = ListedColormap(lookup_table(palette, scale.gamma) / 255.0).with_extremes(
        under=_rgb(ends.clipped_negative), over=_rgb(ends.clipped_positive)
    )
    finite = np.isfinite(maps)
    above = bool((finite & (maps > limits[:, None, None])).any())
    below = bool((finite & (maps < -limits[:, None, None])).any())
    extend = {(True, True): "both", (True, False): "max", (False, True): "min"}.get(
        (above, below), "neither"
    )
    bar = ax.get_figure(root=False).colorbar(  # type: ignore[union-attr]
        ScalarMappable(Normalize(-limit, limit), colours),
        ax=ax, extend=extend, fraction=0.046, pad=0.03, ticks=[-limit, 0, limit],
    )  # fmt: skip
    bar.ax.set_yticklabels(
        ["−limit", "0", "+limit"] if own else [f"−{limit:.3g}", "0", f"{limit:.3g}"]
    )
    bar.ax.tick_params(labelsize=LABEL_SIZE)
    bar.set_label(f"{label}, each map's own limit" if own else label, size=LABEL_SIZE + 1)


def weight_map(
    weights: ArrayLike,
    *,
    ax: Axes | None = None,
    scale: Scale | None = None,
    palette: str = DEFAULT_PALETTE,
    never_lit: ArrayLike | None = None,
    colour_bar: bool = True,
    label: str = "weight",
    title: str = "",
) -> Axes:
    """Draw one weight map.

    Parameters
    ----------
    weights : array_like of float, shape (inputs,) or (rows, columns)
    ax : Axes, optional
        By default of a new figure.
    scale : Scale, optional
        By default the brightest weight is the largest finite one.
    palette : str
        A key of :data:`toolkit.palette.PALETTES`.
    never_lit : array_like of bool, shape (rows, columns) or (inputs,), optional
        Pixels to grey.
    colour_bar : bool
        Beside the map; its ends are pointed where weights are clipped.
    label : str
        What the numbers are, beside the bar.
    title : str

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If a shape or a name does not fit.
    """
    values = _as_map(weights, "weights")
    check_palette(palette)
    ax, chosen = _axes(ax), scale or Scale()
    mask = None if never_lit is None else np.asarray(never_lit, bool).reshape(values.shape)
    image = colour(
        values, limit=chosen.limits(values[None])[0],
        palette=palette, gamma=chosen.gamma, never_lit=mask,
    )  # fmt: skip
    ax.imshow(image, interpolation="nearest")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_title(title, size=LABEL_SIZE + 2)
    if colour_bar:
        _colour_bar(ax, values[None], chosen, palette, label)
    return ax


def atlas(
    maps: ArrayLike,
    *,
    labels: Sequence[str] | None = None,
    ax: Axes | None = None,
    columns: int = 8,
    scale: Scale | None = None,
    palette: str = DEFAULT_PALETTE,
    never_lit: ArrayLike | None = None,
    colour_bar: bool = True,
    label: str = "weight",
    title: str = "",
) -> Axes:
    """Draw many maps side by side, in reading order.

    Parameters
    ----------
    maps : array_like of float, shape (n, rows, columns) or (n, inputs)
    labels : sequence of str, one a map, optional
        Written above each, in one line or more.
    columns : int, at least 1
        Maps a row.
    scale : Scale, optional
        By default each map has its own, and the bar says so.
    ax, palette, never_lit, colour_bar, label, title
        As in :func:`weight_map`.

    Returns
    -------
    Axes
        Its images are the maps, its texts the labels, both in order.

    Raises
    ------
    ValueError
        If a shape, a count or a name does not fit.
    """
    array = np.asarray(maps, dtype=np.float32)
    array = as_maps(array) if array.ndim == 2 else array
    if array.ndim != 3 or array.size == 0:
        raise ValueError(f"maps: expected shape (n, rows, columns); got {array.shape}")
    if labels is not None and len(labels) != len(array):
        raise ValueError(f"labels: expected {len(array)}, one a map; got {len(labels)}")
    if columns < 1:
        raise ValueError(f"columns: expected 1 or more; got {columns}")
    check_palette(palette)
    ax, chosen = _axes(ax), scale or Scale()
    count, height, width = array.shape
    mask = None if never_lit is None else np.asarray(never_lit, bool).reshape(height, width)
    images = colour(
        array, limit=chosen.limits(array)[:, None, None],
        palette=palette, gamma=chosen.gamma, never_lit=mask,
    )  # fmt: skip
    # Enlarged in the file, cells have sharp edges in every reader of PDF; of very many maps that is
    # half a megabyte each, and their readers enlarge them.
    way = "nearest" if count <= _MOST_ENLARGED else "none"
    gap = 0.08 * width
    lines = 0 if labels is None else 1 + max(text.count("\n") for text in labels)
    room = LINE_HEIGHT * lines * width
    step, drop = width + gap, height + gap + room
    for place, image in enumerate(images):
        left, top = place % columns * step, place // columns * drop
        ax.imshow(image, interpolation=way, extent=(left, left + width, top + height, top))
        if labels is not None:
            ax.text(left, top - 0.03 * width, labels[place], size=LABEL_SIZE, va="bottom")
    across, down = min(columns, count), -(-count // columns)
    ax.set_xlim(0, across * step - gap)
    ax.set_ylim((down - 1) * drop + height, -room)
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.set_title(title, size=LABEL_SIZE + 2, loc="left")
    if colour_bar:
        _colour_bar(ax, array, chosen, palette, label)
    return ax


def incoming(
    weights: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    ax: Axes | None = None,
    palette: str = DEFAULT_PALETTE,
    label: str = "weight",
    title: str = "",
) -> Axes:
    """Draw the weights from each neuron of the layer below as bars.

    Parameters
    ----------
    weights : array_like of float, shape (in,)
        NaN and infinite ones are written beside the axis.
    names : sequence of str, one a weight, optional
    label : str
        What the numbers are.
    ax, palette, title
        As in :func:`weight_map`.

    Returns
    -------
    Axes
    """
    values = np.asarray(weights, dtype=np.float64)
    if values.ndim != 1 or (names is not None and len(names) != len(values)):
        raise ValueError(f"weights, names: expected shape (in,) and as many names; got "
                         f"{values.shape}, {None if names is None else len(names)}")  # fmt: skip
    ends, ax = PALETTES[check_palette(palette)], _axes(ax)
    finite = np.isfinite(values)
    colours = [_rgb(ends.positive if value > 0 else ends.negative) for value in values]
    ax.barh(range(len(values)), np.where(finite, values, 0.0), color=colours, height=0.8)
    for place in np.flatnonzero(~finite).tolist():
        ax.text(0, place, f" {values[place]}", size=LABEL_SIZE, va="center")
    ax.axvline(0, color="black", linewidth=0.6)
    ax.set_yticks(
        range(len(values)), names if names is not None else [str(k) for k in range(len(values))]
    )
    ax.invert_yaxis()
    ax.set_xlabel(label, size=LABEL_SIZE + 1)
    ax.tick_params(labelsize=LABEL_SIZE)
    ax.set_title(title, size=LABEL_SIZE + 2)
    return ax


def outputs(
    activations: ArrayLike,
    *,
    predicted: int | None = None,
    label: int | None = None,
    ax: Axes | None = None,
    title: str = "",
) -> Axes:
    """Draw the output neurons' activations as bars, the winner in a colour of its own.

    Parameters
    ----------
    activations : array_like of float, shape (outputs,)
    predicted : int, optional
        Who won, where it is known from the pre-activations; by default who wins among the
        activations, which may be equal where pre-activations are not.
    label : int, optional
        What the digit is; marked with a star.
    ax, title
        As in :func:`weight_map`.

    Returns
    -------
    Axes
    """
    values = np.asarray(activations, dtype=np.float64)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"activations: expected shape (outputs,); got {values.shape}")
    ax = _axes(ax)
    won = int(winner(values)) if predicted is None else predicted
    shown = np.where(np.isfinite(values), values, 0.0)
    ax.barh(
        range(len(values)), shown,
        color=[_WINNER if place == won else _OTHERS for place in range(len(values))],
    )  # fmt: skip
    ax.set_yticks(
        range(len(values)),
        [f"★ {place}" if place == label else str(place) for place in range(len(values))],
    )
    ax.invert_yaxis()
    ax.set_xlim(min(0.0, float(shown.min())), max(1.0, float(shown.max())))
    ax.set_xlabel("activation", size=LABEL_SIZE + 1)
    ax.tick_params(labelsize=LABEL_SIZE)
    ax.set_title(title, size=LABEL_SIZE + 2)
    return ax


def digit(
    image: ArrayLike, *, ax: Axes | None = None, colour_bar: bool = True, title: str = ""
) -> Axes:
    """Draw a digit, ink white on black.

    Parameters
    ----------
    image : array_like of float, shape (pixels,) or (rows, columns), in [0, 1]
    ax, colour_bar, title
        As in :func:`weight_map`.

    Returns
    -------
    Axes
    """
    values, ax = _as_map(image, "image"), _axes(ax)
    drawn = ax.imshow(values, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_title(title, size=LABEL_SIZE + 2)
    if colour_bar:
        bar = ax.get_figure(root=False).colorbar(  # type: ignore[union-attr]
            drawn, ax=ax, fraction=0.046, pad=0.03, ticks=[0, 0.5, 1]
        )
        bar.ax.tick_params(labelsize=LABEL_SIZE)
        bar.set_label("ink", size=LABEL_SIZE + 1)
    return ax


def contribution_map(
    products: ArrayLike,
    *,
    bias: float | None = None,
    ax: Axes | None = None,
    scale: Scale | None = None,
    palette: str = DEFAULT_PALETTE,
    colour_bar: bool = True,
    title: str | None = None,
) -> Axes:
    """Draw weight times input for each pixel.

    Parameters
    ----------
    products : array_like of float, shape (inputs,) or (rows, columns)
        As :func:`toolkit.analysis.contributions` returns them.
    bias : float, optional
        The neuron's; the default title then gives the pre-activation.
    title : str, optional
        By default what the contributions add up to.
    ax, scale, palette, colour_bar
        As in :func:`weight_map`.

    Returns
    -------
    Axes
    """
    values = _as_map(products, "products")
    if title is None:
        total = float(values.sum(dtype=np.float64))
        title = f"w·x = {total:.3g}"
        if bias is not None:
            title += f", bias {bias:.3g}, z = {total + bias:.3g}"
    return weight_map(
        values, ax=ax, scale=scale, palette=palette, colour_bar=colour_bar,
        label="weight × input", title=title,
    )  # fmt: skip


def training_curve(
    losses: ArrayLike,
    *,
    accuracies: ArrayLike | None = None,
    ax: Axes | None = None,
    title: str = "",
) -> Axes:
    """Draw loss, and accuracy on an axis of its own at the right, against the epoch.

    Parameters
    ----------
    losses : array_like of float, shape (epochs,)
    accuracies : array_like of float, shape (epochs,), in [0, 1], optional
        Of the validation digits.
    ax, title
        As in :func:`weight_map`.

    Returns
    -------
    Axes
        The one of the loss.
    """
    values, ax = np.asarray(losses, dtype=np.float64), _axes(ax)
    epochs = np.arange(1, len(values) + 1)
    ax.plot(epochs, values, color="#444444", linewidth=1.2, marker=".", markersize=3)
    ax.set_xlabel("epoch", size=LABEL_SIZE + 1)
    ax.set_ylabel("loss", size=LABEL_SIZE + 1)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.tick_params(labelsize=LABEL_SIZE)
    ax.set_title(title, size=LABEL_SIZE + 2)
    if accuracies is not None:
        shares = np.asarray(accuracies, dtype=np.float64)
        if shares.shape != values.shape:
            raise ValueError(f"accuracies: expected shape {values.shape}; got {shares.shape}")
        right = ax.twinx()
        right.plot(epochs, 100 * shares, color=_WINNER, linewidth=1.2, marker=".", markersize=3)
        right.set_ylabel("validation accuracy, %", size=LABEL_SIZE + 1, color=_WINNER)
        right.tick_params(labelsize=LABEL_SIZE)
    return ax
