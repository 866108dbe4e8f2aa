"""Views of a whole network: what it misreads, how surely, and what it cannot bear."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from toolkit.analysis.whole import SURE, Calibration, Curve, Mistake, Nonsense, Unlit
from toolkit.grid import Grid
from toolkit.palette import as_maps
from toolkit.plots.views import _OTHERS, _WINNER, LABEL_SIZE, LINE_HEIGHT, _axes

_COLOURS = (_WINNER, "#d9822b", "#2f9e63", "#a34fb5", "#7a6a53", "#444444")
_FAINT = "#8a93a0"
_RIGHT = "#e9ebee"
_STRIP = "Blues"
_MOST_WRITTEN = 32  # classes: in cells of more there is no room


def confusion(counts: ArrayLike, *, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw what is read as what: a row a label, a column an answer.

    Parameters
    ----------
    counts : array_like of int, shape (n, n)
        As :attr:`toolkit.scoring.Score.confusion` has them.
    ax : Axes, optional
        By default of a new figure.
    title : str

    Returns
    -------
    Axes
        Each cell says how many digits it has, and nothing for none or where there are more than
        32 classes.  The darker, the larger the share of the row's digits; those read right, on the
        diagonal, are grey and off the scale, which would hide the others.

    Raises
    ------
    ValueError
        If the counts are not square.
    """
    table = np.asarray(counts)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not table.size:
        raise ValueError(f"counts: expected shape (n, n); got {table.shape}")
    with np.errstate(invalid="ignore"):
        shares = 100 * np.nan_to_num(table / table.sum(axis=1, keepdims=True))
    wrong = np.where(np.eye(len(table), dtype=bool), 0, shares)
    ax = _axes(ax)
    _cells(
        ax, np.ma.masked_array(wrong, np.eye(len(table), dtype=bool)),
        [[f"{each:,}" if each and len(table) <= _MOST_WRITTEN else "" for each in row]
         for row in table.tolist()],
        largest=float(wrong.max()) or 1.0, bar="read wrong, % of the label's digits",
    )  # fmt: skip
    ax.set_facecolor(_RIGHT)
    _written(ax, "read as", "label", title)
    return ax


def reliability(found: Calibration, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw how often a network is right against how sure it is.

    Parameters
    ----------
    found : Calibration
    ax : Axes, optional
        By default of a new figure.
    title : str, optional
        By default the expected calibration error.

    Returns
    -------
    Axes
        A bar a bin is the share read right, as pale as its digits are few; a dot stands at its
        mean confidence.  Below the dashed line the network is surer than it is right.
    """
    ax = _axes(ax)
    filled = np.flatnonzero(found.counts)
    most = found.counts.max(initial=1)
    for place in filled.tolist():
        low, high = found.edges[place], found.edges[place + 1]
        ax.bar(
            low, 100 * found.accuracy[place], high - low, align="edge", color=_WINNER,
            alpha=0.25 + 0.75 * (found.counts[place] / most) ** 0.5, edgecolor="white",
            linewidth=0.5,
        )  # fmt: skip
    ax.plot([0, 1], [0, 100], color="#444444", linewidth=0.9, linestyle="--")
    ax.plot(
        found.confidence[filled], 100 * found.accuracy[filled], "o", color="black", markersize=2.5
    )
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 100)
    if title is None:
        error = f"expected calibration error {found.error:.1%}, {found.counts.sum():,} digits"
        title = error if len(filled) else "no digits"
    _written(ax, "confidence in the answer", "read right, %", title)
    return ax


def mistaken(
    found: Sequence[Mistake],
    pictures: ArrayLike,
    *,
    grid: Grid | None = None,
    columns: int = 10,
    ax: Axes | None = None,
    title: str = "",
) -> Axes:
    """Draw digits that are read wrong, each below its label, what it is read as, and how surely.

    Parameters
    ----------
    found : sequence of Mistake
    pictures : array_like, shape (k, pixels)
        One for each mistake: uint8, or float in [0, 1].
    grid : Grid, optional
        Of a picture; by default ``Grid.of`` its pixels.
    columns : int, at least 1
        Pictures a row.
    ax : Axes, optional
        By default of a new figure.
    title : str

    Returns
    -------
    Axes
        Its images are the pictures, ink white on black, its texts what is said of them.

    Raises
    ------
    ValueError
        If there is not one picture for each, or a count does not fit.
    """
    pixels = np.asarray(pictures)
    if pixels.ndim != 2 or len(pixels) != len(found) or columns < 1:
        raise ValueError(
            f"pictures, columns: expected shape ({len(found)}, pixels) and 1 or more; "
            f"got {pixels.shape} and {columns}"
        )
    ax = _axes(ax)
    ax.set_axis_off()
    ax.set_title(title, size=LABEL_SIZE + 2, loc="left")
    if not len(found):
        ax.text(0.5, 0.5, "none", size=LABEL_SIZE + 2, ha="center", transform=ax.transAxes)
        return ax
    whole = 255 if pixels.dtype == np.uint8 else 1
    maps = as_maps(pixels / whole, grid)
    height, width = maps.shape[1:]
    across, down = width * 1.15, height + LINE_HEIGHT * 1.6 * width
    for place, (each, picture) in enumerate(zip(found, maps, strict=True)):
        left, top = place % columns * across, place // columns * down
        ax.imshow(
            picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest",
            extent=(left, left + width, top + height, top),
        )  # fmt: skip
        said = f"{each.label} → {each.read}  {each.confidence:.0%}"
        ax.text(left, top - 0.03 * width, said, size=LABEL_SIZE, va="bottom")
    rows = -(-len(found) // columns)
    ax.set_xlim(0, min(columns, len(found)) * across)
    ax.set_ylim(rows * down - (down - height), height - down)
    ax.set_aspect("equal")
    return ax


def nonsense_confidence(
    found: Sequence[Nonsense], *, ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw how sure a network is of pictures that are no digit: a row of bars a kind.

    Parameters
    ----------
    found : sequence of Nonsense
    ax : Axes, optional
        By default of a new figure.
    title : str

    Returns
    -------
    Axes
        A bar's height is the share of the kind's pictures in a twentieth of the confidence, each
        row on a scale of its own; right of the dashed line answers are sure, and the row's end
        says how many are, and what is answered most.
    """
    ax = _axes(ax)
    for row, each in enumerate(found):
        bins = len(each.histogram)
        shares = each.histogram / max(1, each.histogram.max())
        ax.bar(
            np.arange(bins) / bins, -0.85 * shares, 1 / bins, bottom=row, align="edge",
            color=_COLOURS[row % len(_COLOURS)], edgecolor="white", linewidth=0.4,
        )  # fmt: skip
        ax.axhline(row, color=_FAINT, linewidth=0.6)
        often = each.answers.max() / each.count
        said = f"{each.sure:.0%} sure\n{each.favourite}: {often:.0%}"
        ax.text(1.02, row - 0.4, said, size=LABEL_SIZE, va="center")
    ax.axvline(SURE, color="#444444", linewidth=0.8, linestyle="--")
    ax.set_xlim(0, 1)
    ax.set_ylim(max(len(found), 1) - 0.9, -1)
    ax.set_yticks(np.arange(len(found)) - 0.4, [f"{each.kind}\n{each.count:,}" for each in found])
    _written(ax, "confidence in the answer", "kind, pictures shown", title)
    return ax


def nonsense_answers(found: Sequence[Nonsense], *, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw what a network says of pictures that are no digit: a row a kind, a column an answer.

    Parameters
    ----------
    found : sequence of Nonsense, at least one
    ax : Axes, optional
        By default of a new figure.
    title : str

    Returns
    -------
    Axes
        A cell is the share of the kind's pictures in percent, all on one scale from 0 to 100.

    Raises
    ------
    ValueError
        If there is none.
    """
    if not found:
        raise ValueError("found: expected one kind of pictures or more; got none")
    shares = np.array([100 * each.answers / each.count for each in found])
    ax = _axes(ax)
    _cells(
        ax, np.ma.masked_array(shares),
        [[f"{each:.0f}" if each >= 0.5 else "" for each in row] for row in shares],
        largest=100, bar="of the kind's pictures, %",
    )  # fmt: skip
    ax.set_yticks(range(len(found)), [each.kind for each in found])
    _written(ax, "answer", "", title)
    return ax


def robustness_curve(
    found: Curve | Sequence[Curve],
    *,
    labels: Sequence[str] | None = None,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw accuracy as digits are changed more and more, of one network or of several.

    Parameters
    ----------
    found : Curve, or sequence of Curve of one kind
    labels : sequence of str, one a curve, optional
        Whose each is, for a legend.
    ax : Axes, optional
        By default of a new figure.
    title : str, optional
        By default the kind of change.

    Returns
    -------
    Axes
        From 0 to 100%; the dotted line is the digits as they are.

    Raises
    ------
    ValueError
        If there is no curve, they are of several kinds, or there is not a label for each.
    """
    curves = [found] if isinstance(found, Curve) else list(found)
    kinds = sorted({each.kind for each in curves})
    if len(kinds) != 1 or (labels is not None and len(labels) != len(curves)):
        raise ValueError(
            f"found, labels: expected curves of one kind, and as many labels; got {kinds}, "
            f"{len(curves)} curves and {None if labels is None else len(labels)} labels"
        )
    ax = _axes(ax)
    for place, each in enumerate(curves):
        ax.plot(
            each.amounts, 100 * each.accuracy, color=_COLOURS[place % len(_COLOURS)],
            linewidth=1.4, marker=".", markersize=4, label=labels[place] if labels else None,
        )  # fmt: skip
    first = curves[0]
    ax.xaxis.set_major_locator(MaxNLocator(integer=bool((first.amounts % 1 == 0).all())))
    ax.axvline(0, color=_FAINT, linewidth=0.8, linestyle=":")
    ax.set_ylim(0, 100)
    if labels:
        ax.legend(fontsize=LABEL_SIZE, frameon=False)
    shown = first.kind if title is None else title
    _written(ax, f"{first.kind}, {first.unit}", f"read right of {first.images:,}, %", shown)
    return ax


def unlit_shares(found: Unlit, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw how much of each first-layer neuron's weight is on pixels that no digit lights.

    Parameters
    ----------
    found : Unlit
    ax : Axes, optional
        By default of a new figure.
    title : str, optional
        By default the spread of weights on those pixels, and on the others.

    Returns
    -------
    Axes
        A bar a neuron; the dashed line is the share of pixels, which weights that are as large
        everywhere would have.
    """
    ax = _axes(ax)
    shares = 100 * np.nan_to_num(found.share)
    ax.bar(range(len(shares)), shares, color=_OTHERS)
    for place in np.flatnonzero(np.isnan(found.share)).tolist():
        ax.text(place, 0, "nan", size=LABEL_SIZE, ha="center", va="bottom")
    ax.axhline(100 * found.expected, color="#444444", linewidth=0.9, linestyle="--")
    ax.set_ylim(0, 1.15 * max(100 * found.expected, shares.max(initial=0), 1e-3))
    if len(shares) <= 32:
        ax.set_xticks(range(len(shares)), [str(each) for each in range(len(shares))])
    if title is None:
        title = (
            f"spread of weights {found.inside:.3g} on {found.pixels} pixels never lit,\n"
            f"{found.outside:.3g} on the others"
        )
    _written(ax, "neuron of layer 1", "of its weight on pixels never lit, %", title)
    return ax


def _cells(
    ax: Axes,
    values: np.ma.MaskedArray[tuple[int, ...], np.dtype[np.float64]],
    texts: list[list[str]],
    *,
    largest: float,
    bar: str,
) -> None:
    """Draw a table of shares from 0 to `largest`, with what is written in each cell."""
    image = ax.imshow(values, cmap=_STRIP, vmin=0, vmax=largest, interpolation="nearest")
    for (row, column), text in np.ndenumerate(np.array(texts, dtype=object)):
        colour = "black"
        if not np.ma.getmaskarray(values)[row, column]:
            colour = _readable(image.to_rgba(values[row, column]))
        ax.text(column, row, text, size=LABEL_SIZE - 1, ha="center", va="center", color=colour)
    for axis, count in ((ax.xaxis, values.shape[1]), (ax.yaxis, values.shape[0])):
        axis.set_ticks(range(0, count, 1 + count // _MOST_WRITTEN))
    strip = ax.get_figure(root=False).colorbar(image, ax=ax, fraction=0.046, pad=0.03)  # type: ignore[union-attr]
    strip.ax.tick_params(labelsize=LABEL_SIZE)
    strip.set_label(bar, size=LABEL_SIZE + 1)


def _readable(colour: ArrayLike) -> str:
    return "black" if np.asarray(colour)[:3] @ (0.3, 0.59, 0.11) > 0.5 else "white"


def _written(ax: Axes, across: str, down: str, title: str) -> None:
    ax.set_xlabel(across, size=LABEL_SIZE + 1)
    ax.set_ylabel(down, size=LABEL_SIZE + 1)
    ax.tick_params(labelsize=LABEL_SIZE)
    ax.set_title(title, size=LABEL_SIZE + 2)
