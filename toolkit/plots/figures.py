"""Figures: several views on a page, and a page as a file."""

from __future__ import annotations

import io
import math
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from toolkit.analysis import composed_maps, contributions
from toolkit.network import Network
from toolkit.palette import DEFAULT_PALETTE, Scale, as_maps
from toolkit.plots.views import (
    LABEL_SIZE,
    LINE_HEIGHT,
    atlas,
    contribution_map,
    digit,
    incoming,
    outputs,
    weight_map,
)

FORMATS = ("png", "svg", "pdf")
"""What :func:`figure_bytes` writes."""

MOST_MAPS = 4096
"""More are not laid out on one page."""
_MOST_PIXELS = 16_000_000  # of a PNG: a page may be metres high

_saving = threading.Lock()


def figure_atlas(
    network: Network,
    *,
    layers: Sequence[int] | None = None,
    order: Mapping[int, Sequence[int]] | None = None,
    captions: Mapping[tuple[int, int], str] | None = None,
    columns: int = 8,
    scale: Scale | None = None,
    palette: str = DEFAULT_PALETTE,
    never_lit: ArrayLike | None = None,
) -> Figure:
    """Lay out the maps of all neurons, layer by layer; later layers' are composed maps.

    Parameters
    ----------
    network : Network
    layers : sequence of int, optional
        By default all.
    order : mapping of int to sequence of int, optional
        For a layer, the indices of its neurons in the order in which to show them.
    captions : mapping of (int, int) to str, optional
        What stands below a neuron's name, above its map.
    scale : Scale, optional
        A shared one is shared within a layer: composed maps have other units than weights.
    columns, palette, never_lit
        As in :func:`atlas`.

    Returns
    -------
    Figure
        One ax a layer, colour bars apart.

    Raises
    ------
    ValueError
        If the network has no such layer, a name or count does not fit, or there are more than
        :data:`MOST_MAPS` neurons to show.
    """
    shown = list(layers) if layers is not None else list(range(1, len(network.layers) + 1))
    chosen = {
        layer: list((order or {}).get(layer, range(network.layer(layer).size))) for layer in shown
    }
    count = sum(map(len, chosen.values()))
    if count > MOST_MAPS:
        raise ValueError(
            f"atlas: expected at most {MOST_MAPS:,} neurons on a page; got {count:,}; "
            "draw one layer, or one neuron"
        )
    rows = [-(-len(chosen[layer]) // columns) for layer in shown]
    # Inches: a map with a line above it is about 1.15 high, a layer's title 0.4.
    height = 1.15 + (LINE_HEIGHT if captions else 0.0)
    heights = [height * count + 0.4 for count in rows]
    figure = Figure(figsize=(1.12 * columns + 0.9, sum(heights) + 0.4), layout="constrained")
    figure.suptitle(_describe(network), size=LABEL_SIZE + 3)
    grid = figure.subplots(len(shown), 1, squeeze=False, height_ratios=heights)
    for ax, layer in zip(grid[:, 0], shown, strict=True):
        neurons = chosen[layer]
        names = [
            f"{layer}.{index}\n{(captions or {}).get((layer, index), '')}".rstrip()
            for index in neurons
        ]
        atlas(
            as_maps(composed_maps(network, layer)[neurons], network.grid),
            labels=names, ax=ax, columns=columns, scale=scale, palette=palette,
            never_lit=never_lit, title=_layer_title(network, layer),
            label="weight" if layer == 1 else "composed weight",
        )  # fmt: skip
    return figure


def figure_neuron(
    network: Network,
    layer: int,
    index: int,
    *,
    scale: Scale | None = None,
    palette: str = DEFAULT_PALETTE,
    never_lit: ArrayLike | None = None,
) -> Figure:
    """Show one neuron: its map, and for later layers its incoming weights beside it.

    Parameters
    ----------
    network : Network
    layer, index : int
        The neuron.
    scale, palette, never_lit
        As in :func:`weight_map`.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        If the network has no such neuron.
    """
    network.check_neuron(layer, index)
    bias = float(network.layer(layer).biases[index])
    name = f"neuron {layer}.{index}, bias {bias:.3g}"
    (values,) = as_maps(composed_maps(network, layer)[[index]], network.grid)
    figure = Figure(figsize=(4.2, 3.6) if layer == 1 else (8, 3.8), layout="constrained")
    axes = figure.subplots(1, 1 if layer == 1 else 2, squeeze=False)[0]
    weight_map(
        values, ax=axes[0], scale=scale, palette=palette, never_lit=never_lit,
        label="weight" if layer == 1 else "composed weight",
        title=name if layer == 1 else f"{layer}.{index}, {_composition(layer)}",
    )  # fmt: skip
    if layer > 1:
        below = network.layer(layer).inputs
        incoming(
            network.layer(layer).weights[index],
            names=[f"{layer - 1}.{k}" for k in range(below)],
            ax=axes[1], palette=palette, title=name,
        )  # fmt: skip
    return figure


def figure_contributions(
    network: Network,
    image: ArrayLike,
    layer: int,
    index: int,
    *,
    label: int | None = None,
    palette: str = DEFAULT_PALETTE,
) -> Figure:
    """Show a digit, what each of its pixels contributes to a neuron, and the outputs.

    Parameters
    ----------
    network : Network
    image : array_like of float, shape (inputs,), in [0, 1]
    layer, index : int
        The neuron; for later layers the contributions come from the neurons below.
    label : int, optional
        What the digit is.
    palette : str

    Returns
    -------
    Figure
    """
    trace = network.forward(np.ravel(np.asarray(image, dtype=np.float32)))
    products = contributions(network, trace, layer, index)
    figure = Figure(figsize=(11, 3.4), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    digit(
        trace.inputs.reshape(tuple(network.grid)),
        ax=left,
        title="digit" if label is None else f"digit: a {label}",
    )
    bias = float(network.layer(layer).biases[index])
    if layer == 1:
        contribution_map(
            products.reshape(tuple(network.grid)), bias=bias, ax=middle, palette=palette
        )
        middle.set_xlabel(f"into neuron {layer}.{index}", size=LABEL_SIZE + 1)
    else:
        incoming(
            products, names=[f"{layer - 1}.{k}" for k in range(len(products))],
            ax=middle, palette=palette, label="weight × activation",
            title=f"into neuron {layer}.{index}, bias {bias:.3g}",
        )  # fmt: skip
    outputs(trace.outputs, predicted=int(trace.predictions), label=label, ax=right, title="outputs")
    return figure


def figure_bytes(figure: Figure, kind: str = "png", *, dpi: float = 150) -> bytes:
    """Return a figure as a file's bytes; the same figure gives the same bytes.

    Parameters
    ----------
    figure : Figure
    kind : {"png", "svg", "pdf"}
    dpi : float
        Dots per inch of PNG, fewer where the page is very large, and of pictures inside the
        others.

    Raises
    ------
    ValueError
        If `kind` is another.
    """
    if kind not in FORMATS:
        raise ValueError(f"kind: expected one of {', '.join(FORMATS)}; got {kind!r}")
    metadata: dict[str, Any] = {
        "png": {"Software": None},
        "svg": {"Date": None},
        "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    }[kind]
    if kind == "png":
        width, height = figure.get_size_inches()
        dpi = min(dpi, math.sqrt(_MOST_PIXELS / (width * height)))
    # Put together to one, as they are otherwise, pictures cost the square of their number.
    figure.suppressComposite = True
    buffer = io.BytesIO()
    # The salt of an SVG's ids can be set in matplotlib's global parameters alone.
    with _saving, mpl.rc_context({"svg.hashsalt": "weight maps"}):
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=metadata)
    return buffer.getvalue()


def _describe(network: Network) -> str:
    return f"{network.name}: {'-'.join(map(str, network.sizes))}"


def _layer_title(network: Network, layer: int) -> str:
    place = "output layer" if layer == len(network.layers) else f"layer {layer}"
    kind = "incoming weights" if layer == 1 else _composition(layer)
    return f"{place} ({network.layer(layer).activation}): {kind}"


def _composition(layer: int) -> str:
    product = "·".join(f"W{number}" for number in range(layer, 0, -1))
    return f"composed maps {product}, a linear approximation"
