"""Weights on pixels that no digit lights: whether noise of initialisation is left on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.network import Network


@dataclass(frozen=True, eq=False)
class Unlit:
    """The first layer's weights on pixels that are never lit, and on the others.

    Attributes
    ----------
    pixels, of : int
        How many are never lit, and how many there are.
    share : ndarray of float64, shape (size,), 0..1
        Of each neuron's sum of absolute weights, how much is on never-lit pixels; 0 where it has
        no weight at all, nan where one is not finite.
    inside, outside : float
        Spread (standard deviation) of the layer's finite weights on never-lit pixels, and on the
        others; nan where there are none.
    """

    pixels: int
    of: int
    share: NDArray[np.float64]
    inside: float
    outside: float

    @property
    def expected(self) -> float:
        """The share that weights of one spread everywhere, as at the start, have: of pixels."""
        return self.pixels / self.of


def unlit_weights(network: Network, never_lit: ArrayLike) -> Unlit:
    """Measure what a network has on pixels that no digit lights.

    A weight times zero is zero: nothing in training moves such a weight but its decay (the
    gradient of a weight is its input times the error of its neuron: Rumelhart, Hinton & Williams
    1986, eq. 6).  Without decay the noise that it started with stays; with decay it shrinks towards
    zero.  It is a mark of how a network was trained more than a fault: networks that are sure of
    noise are as sure of it once these weights are zero.

    Parameters
    ----------
    network : Network
    never_lit : array_like of bool, shape (pixels,) or the network's grid
        As :func:`toolkit.analysis.never_lit` tells it, of the digits that it was trained on.

    Returns
    -------
    Unlit

    Raises
    ------
    ValueError
        If there is not one for each input.
    """
    weights = network.layers[0].weights.astype(np.float64)
    dark = np.asarray(never_lit)
    if dark.size != weights.shape[1] or dark.dtype != np.bool_:
        raise ValueError(
            f"never_lit: expected {weights.shape[1]} of true or false, one for each input; "
            f"got shape {dark.shape} of {dark.dtype}"
        )
    dark = dark.ravel()
    sizes = np.abs(weights)
    total = sizes.sum(axis=1)
    with np.errstate(invalid="ignore"):
        share = sizes[:, dark].sum(axis=1) / np.where(total > 0, total, 1)
    share = np.where(np.isfinite(total), share, np.nan)
    inside, outside = (_spread(weights[:, which]) for which in (dark, ~dark))
    return Unlit(int(dark.sum()), len(dark), share, inside, outside)


def _spread(weights: NDArray[np.float64]) -> float:
    finite = weights[np.isfinite(weights)]
    return float(finite.std()) if finite.size else float("nan")
