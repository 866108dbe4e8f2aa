"""The verdict on each neuron: edge, line, arc, blob, template, diffuse, noise or dead."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.analysis.digits import class_means, never_lit
from toolkit.analysis.neurons import composed_maps
from toolkit.analysis.remarks import silence
from toolkit.analysis.shapes.matching import Match, Matches, match_maps
from toolkit.analysis.shapes.probing import Tuning, tunings
from toolkit.grid import Grid
from toolkit.network import ACTIVATIONS, Network, Responses
from toolkit.stamps import Stamp

VERDICTS = ("edge", "line", "arc", "blob", "template", "diffuse", "noise", "dead")
"""What a neuron may turn out to be."""

ALIKE = 0.75
"""Correlation with what the map is without its noise, from which on an ideal shape or a digit's
mean is what the map is.  On the networks that it was chosen on: of 90 smooth random fields, which
are like no shape, 39 reach 0.7, 19 reach 0.75, 7 reach 0.8; of true shapes and means none is below
0.75 while there is as much signal as noise, and with half as much 3 in 100 (below 0.8, 8)."""
ALLOWANCE: Mapping[str, float] = MappingProxyType(
    {"template": 0.0, "blob": 0.01, "edge": 0.02, "line": 0.02, "arc": 0.04}
)
"""What is taken off a correlation before it is compared with others: with more numbers to turn, a
shape comes nearer to any map."""
NEARLY = 0.1
"""So far below :data:`ALIKE` a verdict of ``diffuse`` says what it is short of."""
CHANCE = 6.7
"""Correlation, times the root of the number of cells, that chance finds: nothing is a shape or a
template below it.  0.25 on the 717 pixels of MNIST; of 400 maps of white noise none, of 28×28,
14×14, 64×64 or 10×10 cells, came above 6.6, half of them above 4.8."""
NOISY = 0.7
"""Share of noise above which a map that is like nothing is noise; of maps of white noise, 99 of 100
have an estimated share of 0.85 and more on 28×28, of 0.77 on 14×14."""
LEAST_SIGNAL = 0.15
"""Smallest share of signal that a correlation is divided by the root of: below it, the estimate of
the share decides more than the match."""
AGREED = 30.0
"""Degrees between match and measured tuning up to which they say the same."""


@dataclass(frozen=True)
class Verdict:
    """What a neuron is.

    Attributes
    ----------
    layer, index : int
    kind : str
        One of :data:`VERDICTS`.
    edge_score : float, 0 to 1
        The best correlation of its map with an ideal edge or line, the noise taken out; of what is
        so little alike that it is chance, the correlation as it is.
    score : float, 0 to 1
        By which it is of its kind: of a shape or a template the correlation with the ideal one,
        noise taken out (see :func:`verdicts`); of ``noise`` the share of noise; of ``diffuse`` the
        best correlation, noise taken out, which was not enough; of ``dead`` 1.
    angle : float
        In degrees, counter-clockwise; of an edge 0 to 360, at 0 bright above; of a line 0 to 180,
        at 0 lying; of an arc 0 to 360, at 0 bent as ∩; nan of all else and of a ring.
    text : str
        A sentence with these numbers.
    matches : Matches
    tuning : Tuning
        Measured.
    """

    layer: int
    index: int
    kind: str
    edge_score: float
    score: float
    angle: float
    text: str
    matches: Matches
    tuning: Tuning

    @property
    def match(self) -> Match | None:
        """The ideal shape of its kind, or, where it is none, the nearest that its text names."""
        by_shape = self.matches.by_shape
        return by_shape.get(self.kind) or by_shape.get(_nearest(_alike(by_shape)))


def verdicts(
    network: Network,
    *,
    images: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    responses: Responses | None = None,
    layers: Sequence[int] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[tuple[Verdict, ...], ...]:
    """Say of each neuron what it is.

    In this order:

    - ``dead``: it has no weights, or says nothing of the digits, as
      :func:`toolkit.analysis.remarks.silence` has it;
    - ``noise``: nothing correlates by :data:`CHANCE` / √cells or more, and more than :data:`NOISY`
      of the map's variance is not shared by neighbours;
    - ``edge``, ``line``, ``arc``, ``blob`` or ``template``: what the map correlates best with, if
      the correlation r with the map without its noise is :data:`ALIKE` or more.  That is
      r / √(1 − share of noise), the correction for attenuation (Spearman 1904), the estimated
      signal being :data:`LEAST_SIGNAL` at least;
    - ``diffuse``: none of these, and what correlates by chance alone but is no noise.

    Of the first layer, the map is its weights; of a later one its composed linear map, which the
    real network need not follow: where the measured tuning prefers an angle more than
    :data:`AGREED` from that of the edge or line, the verdict is ``diffuse``.

    Parameters
    ----------
    network : Network
    images : array_like, shape (n, pixels), optional
        Digits, in [0, 1] or as uint8: pixels that none of them lights do not count.  Without them
        all do, and of the dead only blank ones are found.
    labels : array_like of int, shape (n,), optional
        With them there are digits' means to compare with; without, nothing is a template.
    responses : Responses, optional
        The network's to some digits; by default to `images`.
    layers : sequence of int, optional
        By default all.
    progress : callable, optional
        Called with how many neurons are done, and of how many.

    Returns
    -------
    tuple of tuple of Verdict
        One a layer asked for, in that order.

    Raises
    ------
    ValueError
        If there is no such layer, or images, labels or responses are not of these sizes.
    """
    numbers = list(range(1, len(network.layers) + 1)) if layers is None else list(layers)
    sizes = [network.layer(number).size for number in numbers]
    grid, lit, means = network.grid, None, None
    if images is not None:
        pixels = np.asarray(images)
        if pixels.ndim != 2 or pixels.shape[1] != grid.cells or not len(pixels):
            raise ValueError(f"images: expected shape (n, {grid.cells}), one or more; "
                             f"got {pixels.shape}")  # fmt: skip
        lit = ~never_lit(pixels)
        if labels is not None:
            means = class_means(pixels, labels)
        if responses is None:
            responses = _responses(network, pixels)
    elif labels is not None:
        raise ValueError("labels: expected images with them; got labels alone")
    if responses is not None:
        there = tuple(values.shape[-1] for values in responses.activations)
        if there != network.sizes[1:] or responses.logits.ndim != 2 or not len(responses.logits):
            raise ValueError(
                f"responses: expected those of {network.sizes[1:]} neurons to one digit or more; "
                f"got {[values.shape for values in responses.activations]}"
            )
    measured, found, done = tunings(network, numbers), [], 0
    total = sum(sizes)
    for number, size, tuned in zip(numbers, sizes, measured, strict=True):
        before = done

        def told(some: int, _: int, before: int = before) -> None:
            if progress is not None:
                progress(before + some, total)

        maps = composed_maps(network, number).reshape(size, grid.rows, grid.columns)
        matched = match_maps(maps, grid, lit, means, progress=told)
        dead = _why_dead(network, number, responses)
        found.append(
            tuple(_verdict(number, k, grid, matched[k], tuned[k], dead[k]) for k in range(size))
        )
        done += size
    return tuple(found)


def _responses(network: Network, pixels: NDArray[np.generic], at_once: int = 2000) -> Responses:
    scale = np.float32(1 / 255 if pixels.dtype == np.uint8 else 1)
    with np.errstate(all="ignore"):
        parts = [
            network.forward(pixels[first : first + at_once].astype(np.float32) * scale)
            for first in range(0, len(pixels), at_once)
        ]
    return Responses(
        tuple(map(np.concatenate, zip(*(part.pre_activations for part in parts), strict=True))),
        tuple(map(np.concatenate, zip(*(part.activations for part in parts), strict=True))),
        function=network.activations[-1],
    )


def _why_dead(network: Network, number: int, responses: Responses | None) -> tuple[str, ...]:
    """Return a sentence of each neuron that says nothing of a digit, and nothing of the others."""
    layer = network.layer(number)
    z = a = None
    if responses is not None:
        z, a = responses.pre_activations[number - 1], responses.activations[number - 1]
    answers = a
    if answers is None and layer.activation != "softmax":
        with np.errstate(all="ignore"):
            answers = ACTIVATIONS[layer.activation](layer.biases[None])
    told = []
    for index, how in enumerate(silence(layer, z, a)):
        text = _DEAD[how]
        if how == "blank" and answers is not None:
            given = answers[:, index]
            # Behind a softmax, even what has no weights moves with the others.
            if np.isfinite(given).all() and np.ptp(given) == 0:
                text += f" and always answers {given[0]:.3g}"
        told.append(text)
    return tuple(told)


def without_noise(correlation: float, noise_share: float) -> float:
    """Return the correlation with a map's signal, from that with the map and its share of noise.

    Spearman 1904: noise that nothing correlates with takes √(1 − share) off.
    """
    return min(abs(correlation) / math.sqrt(max(1 - noise_share, LEAST_SIGNAL)), 1.0)


def _verdict(
    layer: int, index: int, grid: Grid, matches: Matches, tuning: Tuning, dead: str
) -> Verdict:
    by_shape, noise = matches.by_shape, matches.noise_share
    straight = [by_shape[kind].correlation for kind in ("edge", "line") if kind in by_shape]
    plainly = CHANCE / math.sqrt(max(matches.cells, 1))
    edge_score = max(straight, default=0.0)
    if edge_score >= plainly:
        edge_score = without_noise(edge_score, noise)

    def made(kind: str, score: float, text: str, angle: float = math.nan) -> Verdict:
        return Verdict(layer, index, kind, edge_score, score, angle, text, matches, tuning)

    if dead:
        return made("dead", 1.0, dead)
    alike = _alike(by_shape)
    nearest = _nearest(alike)
    alike["template"] = abs(matches.template_correlation)
    kind = _nearest(alike)
    best = alike[kind]
    chance = max(alike.values()) < plainly
    if chance and noise > NOISY:
        return made("noise", noise, f"noise: {noise:.0%} of it is not shared by neighbouring "
                    f"pixels, and nothing correlates by more than {best:.2f}")  # fmt: skip
    score = without_noise(best, noise)
    if chance or score < ALIKE:
        shape = f"{_article(nearest)} with correlation {alike[nearest]:.2f}" if nearest else ""
        told = f"the nearest is {shape}" if best else "nothing is near"
        if kind == "template" and best:
            told = f"the nearest is digit {matches.template}'s mean with correlation {best:.2f}"
            told += f", of shapes {shape}" if shape else ""
        near = not chance and score >= ALIKE - NEARLY
        # Cut off, not rounded: what is short of it does not say that it is there.
        short = f"{math.floor(100 * score) / 100:.2f} with its noise taken out, short of {ALIKE}"
        why = short if near else "nothing explains it"
        return made(
            "diffuse", score, f"diffuse: {told}, {why}" if near else f"diffuse: {why}, {told}"
        )
    if kind == "template":
        dark = ", dark where it is" if matches.template_correlation < 0 else ""
        return made("template", score, f"a template of digit {matches.template}{dark}: "
                    f"correlation {best:.2f} with its mean")  # fmt: skip
    stamp = by_shape[kind].stamp
    angle = shape_angle(kind, stamp)
    if layer > 1 and kind in ("edge", "line") and not _agree(kind, angle, tuning):
        measured = tuning.preferred_edge if kind == "edge" else tuning.preferred_angle
        return made("diffuse", score, f"diffuse: its composed map is like {_article(kind)} at "
                    f"{angle:.0f}°, but what is shown to it is answered most at "
                    f"{measured:.0f}°")  # fmt: skip
    text = f"{_described(kind, stamp, angle, grid)}: correlation {best:.2f} with the ideal one"
    if kind in ("edge", "line"):
        text += f", selectivity {tuning.selectivity:.2f}"
    return made(kind, score, text, angle)


def shape_angle(kind: str, stamp: Stamp) -> float:
    """Return the angle that :class:`Verdict` speaks of, of a stamp that counts as a kind."""
    if kind == "blob" or stamp.shape == "ring" or stamp.angle is None:
        return math.nan
    angle, dark = stamp.angle, stamp.strength < 0
    if stamp.shape == "gabor":
        if kind == "line":
            return angle % 180
        # −sin: at phase 90 the bright half of the stripes is the one below.
        dark = (math.sin(math.radians(stamp.number("phase"))) > 0) != dark
    if kind == "edge" and dark:
        angle += 180
    return angle % (180 if kind == "line" else 360)


def is_dark(kind: str, stamp: Stamp) -> bool:
    """Tell whether a line, arc or blob is a dark one; an edge has both sides."""
    dark = stamp.strength < 0
    if stamp.shape == "gabor":
        dark = (math.cos(math.radians(stamp.number("phase"))) < 0) != dark
    return dark and kind != "edge"


_DEAD = {
    "": "",
    "blank": "dead: it has no weights",
    "silent": "dead: it never fires",
    "constant": "dead: it answers the same to every digit",
}
_SIDES = ("above", "above left", "on the left", "below left", "below", "below right",
          "on the right", "above right")  # fmt: skip


def _described(kind: str, stamp: Stamp, angle: float, grid: Grid) -> str:
    assert stamp.at is not None
    dark = "dark " if is_dark(kind, stamp) else ""
    if kind == "edge":
        side = _SIDES[round(angle / 45) % 8]
        return f"an edge at {round(angle) % 360}°, bright {side}"
    if kind == "line":
        return f"a {dark}line at {round(angle) % 180}°"
    where = f"around row {stamp.at[0]:.0f}, column {stamp.at[1]:.0f}"
    if stamp.shape == "ring":
        return f"a {dark}ring {where}"
    if kind == "arc":
        return f"{'a dark' if dark else 'an'} arc at {round(angle) % 360}° {where}"
    return f"a {dark}blob {where}"


def _alike(by_shape: Mapping[str, Match]) -> dict[str, float]:
    return {kind: match.correlation for kind, match in by_shape.items()}


def _nearest(alike: Mapping[str, float]) -> str:
    """Return the kind that a map is most like, the simpler counting for more; "" of none."""
    return max(alike, key=lambda each: alike[each] - ALLOWANCE[each], default="")


def _article(kind: str) -> str:
    return f"an {kind}" if kind in ("edge", "arc") else f"a {kind}"


def _agree(kind: str, angle: float, tuning: Tuning) -> bool:
    measured = tuning.preferred_edge if kind == "edge" else tuning.preferred_angle
    turn = 360 if kind == "edge" else 180
    if math.isnan(measured):
        return True
    return abs((measured - angle + turn / 2) % turn - turn / 2) <= AGREED
