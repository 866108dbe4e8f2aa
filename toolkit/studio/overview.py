"""What the atlas shows: the order of the neurons, their captions, and their maps as colours.

Knows nothing of Streamlit.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.analysis import Usefulness, composed_maps, never_lit, norms, usefulness
from toolkit.digits import DigitSet
from toolkit.fits import classes_for, sample, unscored
from toolkit.network import Network
from toolkit.palette import Scale, as_maps, colour, lookup_table

SORTS: Mapping[str, str] = {
    "index": "index",
    "size": "size of weights",
    "usefulness": "usefulness",
}
"""Ways to sort, and how the page calls them."""

MEASURED_DIGITS = 10_000
"""Usefulness is measured on at most so many digits of a set, a sample of more."""

MOST_SHOWN = 768
"""Maps that are shown at most of all layers, the first in the order chosen; of one, a third."""

_LEAST_DIGITS = 100
# Sums over a network's neurons of the activations above each, times the digits: a few seconds.
_WORK = 300_000_000

Layers = Mapping[int, list[int]]


@dataclass(frozen=True)
class Overview:
    """A network's neurons in numbers.

    Attributes
    ----------
    network : Network
    norms : tuple of ndarray, one a layer, each of shape (size,)
        Length of each neuron's incoming weights.
    usefulness : Usefulness or None
        None where there are no digits to measure it on.
    digits : str
        Name of those digits.
    never_lit : ndarray of bool, shape (pixels,), or None
    unscored : str
        Why digits do not say how useful a neuron is, where they do not.
    """

    network: Network
    norms: tuple[NDArray[np.float32], ...]
    usefulness: Usefulness | None
    digits: str
    never_lit: NDArray[np.bool_] | None
    unscored: str = ""

    def order(self, sort: str) -> Layers:
        """Return for each layer its neurons' indices, the largest first unless by index.

        Of a wide layer the first in that order alone: :data:`MOST_SHOWN`.

        Ties, and numbers that are NaN, which come last, stay in the order of
        the index; so does everything where usefulness is not known.

        Raises
        ------
        ValueError
            If `sort` is not one of :data:`SORTS`.
        """
        if sort not in SORTS:
            raise ValueError(f"sort: expected one of {', '.join(SORTS)}; got {sort!r}")
        order = {}
        most = max(1, min(MOST_SHOWN // 3, MOST_SHOWN // len(self.network.layers)))
        for number, layer in enumerate(self.network.layers, 1):
            keys: NDArray[Any] = np.zeros(layer.size)
            if sort == "size":
                keys = self.norms[number - 1]
            elif sort == "usefulness" and self.usefulness is not None:
                keys = self.usefulness.falls[number - 1]
            order[number] = np.argsort(-keys, kind="stable")[:most].tolist()
        return order

    def size_of(self, layer: int, index: int) -> str:
        """Return the length of a neuron's weights, as a caption."""
        return f"‖w‖ {_short(float(self.norms[layer - 1][index]))}"

    def change_without(self, layer: int, index: int) -> str:
        """Return the change of accuracy without a neuron, as a caption; empty if not known."""
        if self.usefulness is None:
            return ""
        change = -100 * self.usefulness.of(layer, index)
        # Rounded first, so that what is shown as nothing has no sign.
        text = f"{change:.1f}" if abs(change) < 9.95 else f"{change:.0f}"
        if float(text) == 0:
            return "±0 %"
        return f"{'−' if change < 0 else '+'}{text.lstrip('-')} %"

    def captions(self) -> dict[tuple[int, int], str]:
        """Return each neuron's caption for a figure, the name left out."""
        return {
            (layer, index): "  ".join(
                filter(None, (self.size_of(layer, index), self.change_without(layer, index)))
            )
            for layer, size in enumerate(self.network.sizes[1:], 1)
            for index in range(size)
        }

    def pack(self, *, sort: str, scale: Scale, palette: str, grey: bool, large: bool) -> bytes:
        """Return all that the grid shows as one block of bytes.

        Four bytes, little-endian, give the length of the JSON text that
        follows; after it come the colours of the maps, in the order of the
        text, 3 bytes a cell, and the 511 of the palette.
        """
        mask = None
        layers, blocks = [], []
        for number, indices in self.order(sort).items():
            maps = as_maps(composed_maps(self.network, number)[indices], self.network.grid)
            if grey and self.never_lit is not None:
                mask = self.never_lit.reshape(maps.shape[1:])
            colours = colour(
                maps, limit=scale.limits(maps)[:, None, None],
                palette=palette, gamma=scale.gamma, never_lit=mask,
            )  # fmt: skip
            blocks.append(colours.tobytes())
            layers.append(
                {
                    "title": self._title(number, len(indices)),
                    "note": self._note(number),
                    "scale": scale.describe(maps),
                    "rows": maps.shape[1],
                    "columns": maps.shape[2],
                    "neurons": [self._neuron(number, index) for index in indices],
                }
            )
        blocks.append(lookup_table(palette, scale.gamma).tobytes())
        finite = all(np.isfinite(layer.weights).all() for layer in self.network.layers)
        header = json.dumps(
            {
                "layers": layers,
                "large": large,
                "marks": "" if finite else "magenta: not a number · white: +∞ · yellow: −∞",
                "legend": self._legend(),
            }
        ).encode()
        return b"".join([len(header).to_bytes(4, "little"), header, *blocks])

    def _neuron(self, layer: int, index: int) -> dict[str, Any]:
        name, size = f"{layer}.{index}", self.size_of(layer, index)
        change = self.change_without(layer, index)
        useful = f"; accuracy {change} with it held at its mean" if change else ""
        last = layer == len(self.network.layers)
        return {
            "layer": layer,
            "index": index,
            "name": name,
            "size": size,
            "change": change,
            "told": f"{'Output' if last else 'Neuron'} {name}: weights' length "
            f"{size.removeprefix('‖w‖ ')}{useful}. Open in the workbench",
        }

    def _title(self, number: int, shown: int) -> str:
        layer, last = self.network.layer(number), number == len(self.network.layers)
        name = f"Layer {number}{', the output' if last else ''}"
        part = f"; the first {shown:,} neurons in this order" if shown < layer.size else ""
        return f"{name}: {layer.size} × {layer.inputs}, {layer.activation}{part}"

    def _note(self, number: int) -> str:
        if number == 1:
            return "the weights themselves"
        product = "·".join(f"W{below}" for below in range(number, 0, -1))
        return f"composed maps {product}, a linear approximation"

    def _legend(self) -> str:
        text = "‖w‖: length of the incoming weights"
        if self.usefulness is None:
            return f"{text} · {self.unscored}" if self.unscored else text
        return (
            f"{text} · %: change of accuracy, in points, with the neuron held at its mean "
            f"activation, so that it says nothing about the digit: mean ablation "
            f"(now {self.usefulness.accuracy:.2%} on {self.digits})"
        )


def survey(network: Network, digits: DigitSet | None, of: int | None = None) -> Overview:
    """Measure a network's neurons.

    Parameters
    ----------
    network : Network
    digits : DigitSet or None
        What to measure usefulness on; None, none at all, or digits of another size leave it
        unknown.
    of : int, optional
        How many the set has that they are a sample of.
    """
    found, mask, name, why = None, None, "", ""
    if digits is not None and len(digits) and digits.pixels.shape[1] == network.sizes[0]:
        count = _affordable(network)
        measured = digits
        if count < len(digits):
            measured = digits.subset(sample(len(digits), count))
        why = unscored(network.sizes[-1], classes_for(network.sizes[-1], digits))
        found = None if why else usefulness(network, measured.images, measured.labels)
        mask = never_lit(digits.pixels)
        name, of = digits.name, of or len(digits)
        if len(measured) < of:
            name = f"{len(measured):,} of {of:,} digits, a sample of {name}"
    return Overview(
        network, tuple(norms(layer.weights) for layer in network.layers), found, name, mask, why
    )


def _affordable(network: Network) -> int:
    """Return on how many digits usefulness can be measured while somebody waits."""
    sizes = network.sizes[1:]
    work = sum(size * max(1, sum(sizes[at + 1 :])) for at, size in enumerate(sizes))
    return min(MEASURED_DIGITS, max(_LEAST_DIGITS, _WORK // work))


class Surveys:
    """Keeps the last few surveys of a session."""

    def __init__(
        self,
        kept: int = 4,
        make: Callable[[Network, DigitSet | None, int | None], Overview] = survey,
    ) -> None:
        self._kept, self._make = kept, make
        self._known: dict[tuple[str, str, str], Overview] = {}

    def of(self, network: Network, digits: DigitSet | None, of: int | None = None) -> Overview:
        """Return the survey of a network on digits, measured if it is not yet known.

        The parameters are those of :func:`survey`.
        """
        key = (network.checksum, network.name, digits.checksum if digits is not None else "")
        found = self._known.pop(key, None) or self._make(network, digits, of)
        self._known[key] = found
        while len(self._known) > self._kept:
            self._known.pop(next(iter(self._known)))
        return found


def _short(value: float) -> str:
    if not math.isfinite(value):
        return {math.inf: "∞"}.get(value, "not a number")
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 999.5 else f"{value:.1e}"
