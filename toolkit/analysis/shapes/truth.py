"""Networks whose first-layer maps are known, to find out how often a verdict is right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.grid import Grid
from toolkit.network import Layer, Network
from toolkit.stamps import Stamp, arc, blob, edge, line

KINDS = ("edge", "edge", "edge", "line", "line", "line", "arc", "arc", "arc", "blob", "blob",
         "template", "template", "diffuse", "noise", "dead")  # fmt: skip
"""What the sixteen neurons of a made network are, before they are mixed."""

_GRID = Grid(28, 28)
_SIZE = 0.03
_BLACKED_OUT = -1e4  # a bias that no digit overcomes


@dataclass(frozen=True, eq=False)
class Truth:
    """A made network, and what its neurons are.

    Attributes
    ----------
    network : Network
        784-16-10; its outputs are random.
    kinds : tuple of str
        One of :data:`toolkit.analysis.shapes.VERDICTS` a neuron.
    stamps : tuple of Stamp or None
        What was laid on each, before the noise.
    """

    network: Network
    kinds: tuple[str, ...]
    stamps: tuple[Stamp | None, ...]


def truth_network(
    seed: int, signal_to_noise: float, lit: ArrayLike, class_means: ArrayLike
) -> Truth:
    """Make a network whose first layer is known.

    Stamps lie anywhere where their middle is 8 to 20 cells from the map's corner, at any angle and
    of either sign (a dark line as often as a bright one); lengths are 8 to 20 cells, widths 2 to 5,
    radii of arcs 4 to 9 cells along a third of a turn or more, blobs 5 to 10 cells wide.  A
    template is a class's mean, less the mean of all in every second network.  `diffuse` is white
    noise through a Gauss of 1.5 to 2.5 cells.  One `dead` neuron in two has no weight, the other a
    bias that no digit overcomes.

    Parameters
    ----------
    seed : int
        The same seed gives the same network.
    signal_to_noise : float, above 0
        Root of the mean square of the map over that of the white noise which is added to it, over
        the pixels that digits light; infinite for none.
    lit : array_like of bool, shape (784,)
    class_means : array_like of float, shape (10, 784)

    Returns
    -------
    Truth
    """
    rng = np.random.default_rng(seed)
    shown, means = np.asarray(lit, bool), np.asarray(class_means, np.float64)
    kinds = [KINDS[at] for at in rng.permutation(len(KINDS))]
    weights = np.zeros((len(kinds), _GRID.cells))
    biases = np.zeros(len(kinds))
    stamps: list[Stamp | None] = []
    for at, kind in enumerate(kinds):
        stamp = _stamp(kind, rng)
        stamps.append(stamp)
        weights[at] = _map(kind, stamp, rng, means)
        if kind == "dead":
            if rng.random() < 0.5:
                weights[at] = 0
                continue
            biases[at] = _BLACKED_OUT
        size = np.sqrt((weights[at, shown] ** 2).mean())
        weights[at] /= size
        if kind != "noise":
            weights[at] += rng.normal(0, 1 / signal_to_noise, _GRID.cells)
    votes = rng.normal(0, 0.5, (10, len(kinds))).astype(np.float32)
    outputs = Layer(votes, np.zeros(10, np.float32), "softmax")
    # So small that a sigmoid stays within its range.
    first = Layer((_SIZE * weights).astype(np.float32), biases.astype(np.float32), "sigmoid")
    return Truth(Network((first, outputs), f"truth {seed}"), tuple(kinds), tuple(stamps))


def _stamp(kind: str, rng: np.random.Generator) -> Stamp | None:
    at = (float(rng.uniform(8, 20)), float(rng.uniform(8, 20)))
    angle, length = float(rng.uniform(0, 360)), float(rng.uniform(8, 20))
    width, sign = float(rng.uniform(2, 5)), float(rng.choice([-1, 1]))
    match kind:
        case "edge":
            return edge(at, angle, length, width, flank=width, strength=sign)
        case "line":
            depth = float(rng.uniform(0, 1))
            return line(at, angle, length, min(width, 4), surround=depth, strength=sign)
        case "arc":
            radius = float(rng.uniform(4, 9))
            along = radius * float(rng.uniform(2 * np.pi / 3, 1.5 * np.pi))
            return arc(at, angle, along, min(width, 3.5), curvature=1 / radius, strength=sign)
        case "blob":
            return blob(at, 0, float(rng.uniform(5, 10)), strength=sign,
                        surround=float(rng.uniform(0, 0.6)))  # fmt: skip
    return None


def _map(
    kind: str, stamp: Stamp | None, rng: np.random.Generator, means: NDArray[np.float64]
) -> NDArray[np.float64]:
    if stamp is not None:
        return stamp.render(_GRID).ravel().astype(np.float64)
    if kind == "template":
        less = means.mean(axis=0) if rng.random() < 0.5 else 0.0
        found: NDArray[np.float64] = means[int(rng.integers(10))] - less
        return found
    noise = rng.normal(0, 1, tuple(_GRID))
    if kind != "diffuse":
        return noise.ravel()
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(noise, rng.uniform(1.5, 2.5)), np.float64).ravel()
