"""Views of two networks: neurons that are matched, and layers that are alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from toolkit.analysis.whole import Matching
from toolkit.grid import Grid
from toolkit.palette import DEFAULT_PALETTE, Scale, as_maps
from toolkit.plots.views import _axes, atlas
from toolkit.plots.whole import _RIGHT, _cells, _written


def matched_maps(
    maps: ArrayLike,
    others: ArrayLike,
    matching: Matching,
    *,
    layer: int = 1,
    grid: Grid | None = None,
    neurons: Sequence[int] | None = None,
    columns: int = 2,
    palette: str = DEFAULT_PALETTE,
    ax: Axes | None = None,
    label: str = "weight",
    title: str = "",
) -> Axes:
    """Draw each neuron's map beside that of its match and the difference, all on one scale.

    Parameters
    ----------
    maps, others : array_like of float, shapes (n, pixels) and (m, pixels)
        Of the layer that was matched, in the order of each network's own neurons.
    matching : Matching
        Of the first network's n neurons.
    layer : int
        For what is written above the maps.
    grid : Grid, optional
        Of a map; by default ``Grid.of`` its pixels.
    neurons : sequence of int, optional
        Which of the first network's to draw; by default all that have a match, the most similar
        first.
    columns : int, at least 1
        Pairs a row.
    palette, ax, label, title
        As in :func:`toolkit.plots.atlas`.

    Returns
    -------
    Axes
        Three maps a pair: the first network's, the other's with its similarity (and a minus where
        it is the negative, drawn as such), and the other's less the first's.

    Raises
    ------
    ValueError
        If shapes do not fit, or no neuron with a match is asked for.
    """
    one, other = (np.asarray(each, np.float32) for each in (maps, others))
    if one.ndim != 2 or other.shape[1:] != one.shape[1:] or len(one) != len(matching.order):
        raise ValueError(
            f"maps, others: expected shapes ({len(matching.order)}, pixels) and (m, pixels); "
            f"got {one.shape} and {other.shape}"
        )
    if neurons is None:
        alike = np.nan_to_num(matching.similarity, nan=-2.0)
        neurons = np.argsort(-alike, kind="stable").tolist()
    chosen = [index for index in neurons if matching.order[index] >= 0]
    if not chosen:
        raise ValueError("neurons: expected one or more that have a match; got none")
    drawn, texts = [], []
    for index in chosen:
        place, sign = int(matching.order[index]), int(matching.sign[index])
        turned = other[place] * np.float32(sign)
        with np.errstate(invalid="ignore", over="ignore"):
            drawn += [one[index], turned, turned - one[index]]
        alike = matching.similarity[index]
        said = "?" if np.isnan(alike) else f"{alike:.2f}"
        texts += [f"{layer}.{index}", f"{'−' * (sign < 0)}{layer}.{place}  {said}", "difference"]
    return atlas(
        as_maps(np.stack(drawn), grid), labels=texts, ax=ax, columns=3 * columns,
        scale=Scale("shared"), palette=palette, label=f"{label}, one scale for all", title=title,
    )  # fmt: skip


def cka_matrix(
    values: ArrayLike,
    *,
    names: tuple[str, str] = ("one", "other"),
    ax: Axes | None = None,
    title: str = "",
) -> Axes:
    """Draw how much alike layers of two networks are.

    Parameters
    ----------
    values : array_like of float, shape (layers, layers), 0..1
        As :func:`toolkit.analysis.cka` returns them; nan is written as "?".
    names : tuple of two str
        Of the networks of the rows and of the columns.
    ax : Axes, optional
        By default of a new figure.
    title : str

    Returns
    -------
    Axes
        All cells on one scale from 0 to 1.

    Raises
    ------
    ValueError
        If it is no matrix.
    """
    table = np.asarray(values, np.float64)
    if table.ndim != 2 or not table.size:
        raise ValueError(f"values: expected shape (layers, layers); got {table.shape}")
    ax = _axes(ax)
    texts = [["?" if np.isnan(each) else f"{each:.2f}" for each in row] for row in table]
    _cells(ax, np.ma.masked_invalid(table), texts, largest=1, bar="linear CKA")
    ax.set_facecolor(_RIGHT)
    ax.set_xticks(range(table.shape[1]), [str(each + 1) for each in range(table.shape[1])])
    ax.set_yticks(range(len(table)), [str(each + 1) for each in range(len(table))])
    _written(ax, f"layer of {names[1]}", f"layer of {names[0]}", title)
    return ax
