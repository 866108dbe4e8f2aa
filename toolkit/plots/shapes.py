"""Views of what a neuron's weights look like and what it answers to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from toolkit.analysis.shapes import Tuning, Verdict
from toolkit.analysis.shapes.verdicts import ALIKE
from toolkit.grid import Grid
from toolkit.palette import DEFAULT_PALETTE
from toolkit.plots.views import LABEL_SIZE, weight_map

_BARS, _EDGES = "#2a6fdb", "#c9741a"


def best_match(
    verdict: Verdict, grid: Grid, *, ax: Axes | None = None, palette: str = DEFAULT_PALETTE
) -> Axes:
    """Draw the ideal shape that a neuron's map is most like.

    Parameters
    ----------
    verdict : Verdict
    grid : Grid
        Of the map.
    ax : Axes, optional
        By default of a new figure.
    palette : str

    Returns
    -------
    Axes
        Blank, with a title that says so, where there is no likeness.
    """
    match = verdict.match
    if match is None:
        return weight_map(np.zeros(tuple(grid)), ax=ax, colour_bar=False, title="like no shape")
    title = f"ideal {match.shape}, correlation {match.correlation:.2f}"
    return weight_map(match.stamp.render(grid), ax=ax, palette=palette, title=title, label="level")


def tuning_curve(tuning: Tuning, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw a neuron's answers to bars and edges by angle.

    Parameters
    ----------
    tuning : Tuning
    ax : Axes, optional
        By default of a new figure.
    title : str, optional
        By default preferred angle and selectivity.

    Returns
    -------
    Axes
        Two lines, bars over half a turn and edges over a whole one, and a mark at the preferred
        angle.
    """
    ax = _axes(ax)
    ax.plot(tuning.angles, tuning.bars, color=_BARS, marker=".", label="bars")
    ax.plot(tuning.edge_angles, tuning.edges, color=_EDGES, marker=".", label="edges")
    if np.isfinite(tuning.preferred_angle):
        ax.axvline(tuning.preferred_angle, color=_BARS, linewidth=0.8, linestyle="--")
        said = f"prefers {tuning.preferred_angle:.0f}°, selectivity {tuning.selectivity:.2f}"
    else:
        said = "no bar raises it"
    ax.set_xlim(0, 360)
    ax.set_xticks(range(0, 361, 45))
    ax.set_ylim(bottom=0)
    ax.set_xlabel("angle of the bar or edge (degrees, 0 lying)", size=LABEL_SIZE + 1)
    ax.set_ylabel("rise of the pre-activation", size=LABEL_SIZE + 1)
    ax.tick_params(labelsize=LABEL_SIZE)
    ax.legend(fontsize=LABEL_SIZE)
    ax.set_title(said if title is None else title, size=LABEL_SIZE + 2)
    return ax


def score_distribution(
    scores: Mapping[str, Sequence[float]], *, ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw the edge scores of several networks' first layers, a row a network.

    Parameters
    ----------
    scores : mapping of str to sequence of float, each 0 to 1
        By the network's name, the first on top.
    ax : Axes, optional
        By default of a new figure.
    title : str

    Returns
    -------
    Axes
        A point a neuron, a bar at each network's median, and a dashed line where the verdict
        begins.
    """
    ax = _axes(ax)
    for at, each in enumerate(scores.values()):
        values = np.asarray(each, float)
        ax.scatter(values, np.full(len(values), at), s=22, alpha=0.5, color=_BARS, linewidths=0)
        ax.plot([np.median(values)] * 2, [at - 0.3, at + 0.3], color="black", linewidth=1.6)
    ax.axvline(ALIKE, color="grey", linestyle="--", linewidth=0.8)
    ax.set_yticks(range(len(scores)), list(scores), size=LABEL_SIZE + 1)
    ax.set_ylim(len(scores) - 0.5, -0.5)
    ax.set_xlim(0, 1.02)
    ax.set_xlabel("edge score: likeness to the best edge or line", size=LABEL_SIZE + 1)
    ax.tick_params(labelsize=LABEL_SIZE)
    ax.set_title(title, size=LABEL_SIZE + 2)
    return ax


def _axes(ax: Axes | None) -> Axes:
    return Figure(figsize=(4.6, 3.2), layout="constrained").subplots() if ax is None else ax
