"""Views of how long things take: what they cost as they grow, and beside others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator
from numpy.typing import ArrayLike, NDArray

from toolkit.plots.views import _WINNER, LABEL_SIZE, _axes

_PEERS = ("#d9822b", "#a34fb5", "#2f9e63", "#7a6a53", "#8a93a0")
_MARKS = "osD^v"
_LIMIT = "#444444"


def cost_curve(
    at: ArrayLike,
    ours: ArrayLike,
    peers: Mapping[str, ArrayLike],
    *,
    least: ArrayLike | None = None,
    ax: Axes | None = None,
    along: str = "",
    title: str = "",
) -> Axes:
    """Draw how long a thing takes as it grows, beside others at it.

    Parameters
    ----------
    at : array_like of float, shape (n,), each above 0
        How large it is.
    ours : array_like of float, shape (n, 3), each above 0
        Seconds: first quartile, median, third quartile.
    peers : mapping of str to array_like of float, shape (n, 3)
        The same of others by name; nan where one was not measured.
    least : array_like of float, shape (n,), optional
        Seconds below which the machine cannot do it.
    ax : Axes, optional
        By default of a new figure.
    along : str
        What grows.
    title : str

    Returns
    -------
    Axes
        Both axes logarithmic, times in ms: ours a thick line, each peer a thin one, between
        quartiles a band; the least a dashed line.

    Raises
    ------
    ValueError
        If shapes do not fit.
    """
    ax = _axes(ax)
    places = np.asarray(at, float)
    for number, (name, given) in enumerate({"toolkit": ours, **peers}.items()):
        low, middle, high = 1e3 * _threes(name, given, len(places)).T
        colour = _PEERS[(number - 1) % len(_PEERS)] if number else _WINNER
        ax.plot(places, middle, color=colour, linewidth=1 if number else 2.2, marker=".",
                markersize=4, label=name, zorder=2 if number else 3)  # fmt: skip
        ax.fill_between(places, low, high, color=colour, alpha=0.18, linewidth=0)
    if least is not None:
        ax.plot(places, 1e3 * np.asarray(least, float), color=_LIMIT, linewidth=0.9,
                linestyle="--", label="what the machine allows")  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xticks(places, [f"{each:,.0f}" for each in places])
    ax.minorticks_off()
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    _plain(ax, along, "ms", title)
    return ax


def times_as_long(
    names: Sequence[str],
    peers: Mapping[str, ArrayLike],
    *,
    ax: Axes | None = None,
    title: str = "",
) -> Axes:
    """Draw how many times as long others take, a row for each thing they do.

    Parameters
    ----------
    names : sequence of str
        What is done.
    peers : mapping of str to array_like of float, shape (len(names), 3)
        By name: first quartile, median and third quartile of the ratio; nan where there is none.
    ax : Axes, optional
        By default of a new figure.
    title : str

    Returns
    -------
    Axes
        A mark each, with its quartiles as a line, on a logarithmic axis; right of the line at 1
        the toolkit is the faster.

    Raises
    ------
    ValueError
        If shapes do not fit.
    """
    ax = _axes(ax)
    rows = np.arange(len(names))
    ax.axvline(1, color=_LIMIT, linewidth=0.9)
    for number, (name, given) in enumerate(peers.items()):
        low, middle, high = _threes(name, given, len(names)).T
        ax.errorbar(
            middle, rows, xerr=np.stack([middle - low, high - middle]), fmt=_MARKS[number % 5],
            color=_PEERS[number % len(_PEERS)], markersize=4, linewidth=1, label=name,
        )  # fmt: skip
    ax.set_xscale("log")
    ax.minorticks_off()
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"×{value:,.3g}"))
    ax.set_yticks(rows, names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    _plain(ax, "times as long as the toolkit", "", title)
    return ax


def figure_costs(
    curves: Sequence[tuple[str, ArrayLike, ArrayLike, Mapping[str, ArrayLike], ArrayLike | None]],
) -> Figure:
    """Lay several cost curves out side by side, with one legend.

    Parameters
    ----------
    curves : sequence of tuple
        Of each, what grows, `at`, `ours`, `peers` and `least`, as :func:`cost_curve` takes them.
    """
    figure = Figure(figsize=(3.3 * len(curves), 3.4), layout="constrained", facecolor="white")
    axes = figure.subplots(1, len(curves), squeeze=False)[0]
    for ax, (along, at, ours, peers, least) in zip(axes, curves, strict=True):
        cost_curve(at, ours, peers, least=least, ax=ax, along=along)
    _legend_below(figure, *axes)
    return figure


def figure_times_as_long(names: Sequence[str], peers: Mapping[str, ArrayLike]) -> Figure:
    """Give :func:`times_as_long` a figure as tall as its rows need."""
    size = (7.6, 1.1 + 0.24 * len(names))
    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    ax = times_as_long(names, peers, ax=figure.subplots())
    _legend_below(figure, ax)
    return figure


def _legend_below(figure: Figure, *axes: Axes) -> None:
    """Put the first one's legend below all, in place of each one's own."""
    handles, labels = axes[0].get_legend_handles_labels()
    for ax in axes:
        ax.get_legend().remove()  # type: ignore[union-attr]
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=LABEL_SIZE + 1,
                  frameon=False)  # fmt: skip


def _threes(name: str, given: ArrayLike, count: int) -> NDArray[np.float64]:
    array = np.asarray(given, float)
    if array.shape != (count, 3):
        raise ValueError(f"{name}: expected shape ({count}, 3); got {array.shape}")
    return array


def _plain(ax: Axes, along: str, up: str, title: str) -> None:
    ax.set_xlabel(along, fontsize=LABEL_SIZE + 1)
    ax.set_ylabel(up, fontsize=LABEL_SIZE + 1)
    ax.set_title(title, fontsize=LABEL_SIZE + 2)
    ax.tick_params(labelsize=LABEL_SIZE)
    ax.grid(visible=True, which="major", color="#e3e6ea", linewidth=0.6)
    ax.set_axisbelow(True)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.legend(fontsize=LABEL_SIZE, frameon=False)
