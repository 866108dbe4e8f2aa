"""Is it an edge?  A verdict on each neuron, with the numbers that it rests on.

The thresholds are set on made networks whose maps are known
(:mod:`toolkit.analysis.shapes.truth`), and tried on others; the tables are in
this folder's README.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from toolkit.analysis.digits import class_means, never_lit
from toolkit.analysis.neurons import composed_maps
from toolkit.analysis.shapes.matching import Match, Matches, match_maps
from toolkit.analysis.shapes.probing import Tuning, orientation_tuning
from toolkit.network import Network, Responses

VERDICTS = ("edge", "line", "arc", "blob", "template", "diffuse", "noise", "dead")
"""What a neuron may be."""

ALIKE = 0.78
"""Correlation from which on a map is called what it is like, the noise in it taken out."""
PLAINLY = 6.7
"""Correlation, noise and all, times the root of the number of cells, below which a likeness is
chance: of a thousand maps of white noise none comes so near to any shape of the family.  On the 717
pixels that MNIST lights that is 0.25."""
NOISY = 0.75
"""Share of noise in a map from which on it is called noise, if it is like no shape."""
SIMPLER = 0.02
"""What a shape that has more to be turned must gain to be preferred: an arc, a line with a bend of
its own, fits each line at least as well as the line itself."""
STILL = 1e-3
"""Spread of an activation over the digits below which a neuron says the same of each."""

_ORDER = ("edge", "line", "blob", "arc")  # the plainer first


@dataclass(frozen=True, eq=False)
class Verdict:
    """What one neuron is.

    Attributes
    ----------
    layer, index : int
    kind : str
        One of :data:`VERDICTS`.
    score : float, 0 to 1
        The likeness that decided: of the shape or the template; of `noise` the share of noise; of
        `diffuse` what likeness there is; 1 of `dead`.
    edge_score : float, 0 to 1
        Likeness to the best edge or line, the noise taken out; of what is so little alike that it
        is chance, the correlation as it is.
    angle : float
        Of the shape that it is like, degrees counter-clockwise from lying: 0 to 180, of an edge to
        360, the bright side being above at 0; nan where it is like none.
    text : str
        The verdict as a sentence.
    matches : Matches
        Of the map; of later layers that of the composed map.
    tuning : Tuning
    """

    layer: int
    index: int
    kind: str
    score: float
    edge_score: float
    angle: float
    text: str
    matches: Matches
    tuning: Tuning

    @property
    def match(self) -> Match | None:
        """The ideal shape of its kind, or the best of any where it is none."""
        return self.matches.by_shape.get(self.kind, self.matches.best)


def verdicts(
    network: Network,
    *,
    images: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    responses: Responses | None = None,
    layers: Sequence[int] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[tuple[Verdict, ...], ...]:
    """Tell what each neuron is: edge, line, arc, blob, template of a digit, diffuse, noise or dead.

    A neuron of a later layer is judged by its composed map, what it would look for if all below
    were linear, and by what it answers to bars and edges, which is measured.

    Parameters
    ----------
    network : Network
    images : array_like, shape (n, pixels), optional
        Digits: they say which pixels are ever lit, and with labels what templates look like.
    labels : array_like of int, shape (n,), optional
    responses : Responses, optional
        The network's to digits; without them a neuron that never moves is not found out.
    layers : sequence of int, optional
        By default all.
    progress : callable, optional
        Told how much of how much is done.

    Returns
    -------
    tuple of tuple of Verdict
        One tuple a layer that was asked for.

    Raises
    ------
    ValueError
        If a shape does not fit, or there is no such layer.
    """
    wanted = tuple(range(1, len(network.layers) + 1)) if layers is None else tuple(layers)
    lit = means = None
    if images is not None and len(np.asarray(images)):
        lit = ~never_lit(images)
        if lit.shape != (network.sizes[0],):
            raise ValueError(f"images: expected {network.sizes[0]} pixels each; got {lit.shape[0]}")
        means = None if labels is None else class_means(images, labels)
    tunings = orientation_tuning(network, wanted)
    maps = np.concatenate([composed_maps(network, layer) for layer in wanted])
    matches = iter(match_maps(maps, network.grid, lit, means, progress=progress))
    return tuple(
        tuple(
            _verdict(network, layer, index, next(matches), tuning, responses)
            for index, tuning in enumerate(measured)
        )
        for layer, measured in zip(wanted, tunings, strict=True)
    )


def likeness(correlation: float, noise_share: float) -> float:
    """Return a correlation as it would be without the noise in the map, at most 1.

    The noise is independent of any shape, so it only divides the correlation by the square root of
    the share of variance that is not noise (Spearman's correction for attenuation, 1904).
    """
    return min(1.0, abs(correlation) / math.sqrt(max(1 - noise_share, 0.05)))


def _verdict(
    network: Network, layer: int, index: int, matches: Matches, tuning: Tuning,
    responses: Responses | None,
) -> Verdict:  # fmt: skip
    alike = {
        shape: likeness(match.correlation, matches.noise_share)
        for shape, match in matches.by_shape.items()
    }
    edge_score = max(_score(matches, shape) for shape in ("edge", "line"))
    kind, score = _kind(network, layer, index, matches, alike, responses)
    angle = float("nan")
    if kind in ("edge", "line", "arc"):
        angle = float(matches.by_shape[kind].stamp.angle or 0.0)
    text = _text(kind, score, angle, matches, tuning)
    return Verdict(layer, index, kind, score, edge_score, angle, text, matches, tuning)


def _plainly(matches: Matches) -> float:
    return PLAINLY / math.sqrt(max(1, matches.cells))


def _score(matches: Matches, shape: str) -> float:
    match = matches.by_shape.get(shape)
    if match is None:
        return 0.0
    if match.correlation < _plainly(matches):
        return match.correlation
    return likeness(match.correlation, matches.noise_share)


def _kind(
    network: Network, layer: int, index: int, matches: Matches, alike: dict[str, float],
    responses: Responses | None,
) -> tuple[str, float]:  # fmt: skip
    weights = network.layer(layer).weights[index]
    if not weights.any() or _still(responses, layer, index):
        return "dead", 1.0
    plainly = _plainly(matches)
    template = likeness(matches.template_correlation, matches.noise_share)
    best = ""
    for shape in _ORDER:
        if shape in alike and (not best or alike[shape] > alike[best] + SIMPLER):
            best = shape
    plain = matches.by_shape[best].correlation if best else 0.0
    if template >= ALIKE and abs(matches.template_correlation) >= max(plainly, plain):
        return "template", template
    if best and alike[best] >= ALIKE and plain >= plainly:
        return best, alike[best]
    if matches.noise_share >= NOISY or matches.best is None:
        return "noise", matches.noise_share
    return "diffuse", max(alike.values(), default=0.0)


def _still(responses: Responses | None, layer: int, index: int) -> bool:
    """Tell whether a neuron says the same of each digit."""
    if responses is None:
        return False
    values = responses.activations[layer - 1]
    values = values[:, index] if values.ndim == 2 else values[index : index + 1]
    if len(values) < 2:
        return False
    with np.errstate(all="ignore"):
        spread = float(np.ptp(values.astype(np.float64)))
    return spread < STILL


def _text(kind: str, score: float, angle: float, matches: Matches, tuning: Tuning) -> str:
    measured = ""
    if math.isfinite(tuning.selectivity):
        measured = (
            f"; answers most to bars at {tuning.preferred_angle:.0f}°, "
            f"selectivity {tuning.selectivity:.2f}"
        )
    match kind:
        case "dead":
            return "dead: it says the same of each digit"
        case "noise":
            return f"noise: {score:.0%} of its map's variance is noise from cell to cell"
        case "template":
            sign = "" if matches.template_correlation > 0 else ", dark where the digit is bright"
            return f"template of a {matches.template}{sign}: likeness {score:.2f}{measured}"
        case "diffuse":
            best = matches.best
            near = f"{_a(best.shape)}, the nearest, {score:.2f}" if best else "none"
            return f"diffuse: like no single shape ({near}){measured}"
    return f"{_a(kind)}{_lying(kind, angle, matches)}: likeness {score:.2f}{measured}"


def _a(shape: str) -> str:
    return f"{'an' if shape[0] in 'ae' else 'a'} {shape}"


def _lying(kind: str, angle: float, matches: Matches) -> str:
    dark = (matches.by_shape[kind].stamp.strength or 0) < 0
    if kind == "edge":
        return f" at {angle % 180:.0f}°, bright {_side(angle)}"
    place = "" if kind == "blob" else f" at {angle:.0f}°"
    return f"{place}{', dark' if dark else ''}"


def _side(angle: float) -> str:
    """Return on which side an edge is bright: above at 0, and turning counter-clockwise."""
    sides = ("above", "above left", "left", "below left", "below", "below right", "right",
             "above right")  # fmt: skip
    return sides[round((angle % 360) / 45) % 8]
