"""Whether a neuron is dead, saturated, always on or twice there, and what its map looks like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.analysis.neuron.twins import activations_of
from toolkit.analysis.neurons import composed_maps
from toolkit.analysis.remarks import (
    ALIKE,
    ENDS,
    SATURATED,
    correlations,
    correlations_with,
    silence,
)
from toolkit.grid import Grid
from toolkit.network import Network, Responses

Double = NDArray[np.float64]


@dataclass(frozen=True)
class Health:
    """How one neuron is.

    Attributes
    ----------
    layer, index : int
    dead : bool
        It says nothing of a digit, as :func:`toolkit.analysis.remarks.silence` has it: it has no
        weights, or fires on none of the digits and says much the same of each, or its
        pre-activation is the same on all.
    always_on : bool
        On 90% of the digits or more it is at the upper end of its range (sigmoids and
        softmax: above 0.99, tanh: above 0.98); ReLU and those that have no upper end either, if
        it fires on all.
    saturated : bool
        On 90% of the digits or more it is at either end of its range (the lower one below 0.01,
        tanh: below -0.98).  Functions without two ends, as ReLU and identity, never are.
    fires : float, in [0, 1]
        Share of digits on which its pre-activation is above zero.
    redundant_with : int or None
        The neuron of its layer that it correlates with most, if by 0.98 or more, or -0.98 or less:
        of two duplicates each names the other.
    never_lit_share : float, in [0, 1]
        Of the sum of its map's absolute values, what lies on pixels that are never lit; nan where
        those are not known or a weight is not finite.
    smoothness : float, in [0, 1]
        How alike neighbouring cells of its map are: 1 for one flat tone, about 0 for white noise.
        ``1 - sum((u - v)²) / sum(u² + v²)`` over pairs of neighbours, 0 where that is below;
        a Geary's C (*The contiguity ratio and statistical mapping*, 1954) about zero, the value
        that says nothing, instead of about the mean.  nan where a weight is not finite.
    symmetry : (float, float), in [-1, 1]
        Correlation of its map with its mirror image, left to right and upside down; 0 for a flat
        one, nan where a weight is not finite.

    Notes
    -----
    A later layer's map is the composed one, see :func:`toolkit.analysis.composed_maps`.
    """

    layer: int
    index: int
    dead: bool
    always_on: bool
    saturated: bool
    fires: float
    redundant_with: int | None
    never_lit_share: float
    smoothness: float
    symmetry: tuple[float, float]


def health(
    network: Network, responses: Responses, layer: int, never_lit: ArrayLike | None = None
) -> tuple[Health, ...]:
    """Return how each neuron of a layer is.

    Parameters
    ----------
    network : Network
    responses : Responses
        Its own, to n digits, n at least 1.
    layer : int
    never_lit : array_like of bool, shape (inputs,), optional
        As :func:`toolkit.analysis.never_lit` finds them.

    Raises
    ------
    ValueError
        If the network has no such layer, or a shape does not fit.
    """
    a = activations_of(network, responses, layer)
    dark = _dark(network, never_lit)
    with np.errstate(all="ignore"):
        maps = composed_maps(network, layer).astype(np.float64)
        twin = _redundant(a)
    return _healths(network, responses, layer, range(a.shape[1]), maps, twin, dark)


def health_of(
    network: Network,
    responses: Responses,
    layer: int,
    index: int,
    never_lit: ArrayLike | None = None,
) -> Health:
    """Return how one neuron is, as :func:`health` does, in time and memory of its layer's size.

    Parameters
    ----------
    network, responses, layer, never_lit
        As :func:`health` takes them.
    index : int

    Raises
    ------
    ValueError
        If the network has no such neuron, or a shape does not fit.
    """
    network.check_neuron(layer, index)
    a = activations_of(network, responses, layer)
    dark = _dark(network, never_lit)
    alike = np.abs(correlations_with(a, index))
    alike[index] = 0
    (twin,) = _doubles(alike[None])
    with np.errstate(all="ignore"):
        row = network.layer(layer).weights[index : index + 1]
        for below in reversed(network.layers[: layer - 1]):
            row = row @ below.weights
        maps = row.astype(np.float64)
    return _healths(network, responses, layer, range(index, index + 1), maps, [twin], dark)[0]


def _dark(network: Network, never_lit: ArrayLike | None) -> NDArray[np.bool_] | None:
    dark = None if never_lit is None else np.asarray(never_lit, bool).ravel()
    if dark is not None and dark.shape != (network.sizes[0],):
        raise ValueError(
            f"never_lit: expected {network.sizes[0]}, one for each pixel; got {dark.size}"
        )
    return dark


def _healths(
    network: Network,
    responses: Responses,
    layer: int,
    which: range,
    maps: Double,
    twin: list[int | None],
    dark: NDArray[np.bool_] | None,
) -> tuple[Health, ...]:
    """Return how some neurons are, given their maps and whose doubles they are."""
    found, some = network.layer(layer), slice(which.start, which.stop)
    a = responses.activations[layer - 1][:, some]
    with np.errstate(all="ignore"):
        fires = np.asarray((responses.pre_activations[layer - 1][:, some] > 0).mean(axis=0))
        z = responses.pre_activations[layer - 1]
        quiet = silence(found, z, responses.activations[layer - 1], some)
        always_on, saturated = _at_ends(found.activation, a, fires)
        shares = _shares(maps, dark)
        smooth = smoothness(maps, network.grid)
        mirrored = symmetry(maps, network.grid)
    return tuple(
        Health(
            layer=layer,
            index=index,
            dead=bool(quiet[at]),
            always_on=bool(always_on[at]),
            saturated=bool(saturated[at]),
            fires=float(fires[at]),
            redundant_with=twin[at],
            never_lit_share=float(shares[at]),
            smoothness=float(smooth[at]),
            symmetry=(float(mirrored[at, 0]), float(mirrored[at, 1])),
        )
        for at, index in enumerate(which)
    )


def smoothness(maps: ArrayLike, grid: Grid) -> Double:
    """Return how alike neighbouring cells of each map are, 0 to 1, as :class:`Health` has it.

    Parameters
    ----------
    maps : array_like of float, shape (n, cells)
    grid : Grid
    """
    pictures = _pictures(maps, grid)
    with np.errstate(all="ignore"):
        pairs = [
            (pictures[:, 1:], pictures[:, :-1]),
            (pictures[:, :, 1:], pictures[:, :, :-1]),
        ]
        apart = sum(((u - v) ** 2).sum(axis=(1, 2)) for u, v in pairs)
        size = sum((u**2 + v**2).sum(axis=(1, 2)) for u, v in pairs)
        flat = size == 0
        found = np.clip(1 - np.where(flat, 0, apart) / np.where(flat, 1, size), 0, 1)
    return np.where(np.isfinite(pictures).all(axis=(1, 2)), found, np.nan)


def symmetry(maps: ArrayLike, grid: Grid) -> Double:
    """Return each map's correlation with its mirror images, as :class:`Health` has it.

    Parameters
    ----------
    maps : array_like of float, shape (n, cells)
    grid : Grid

    Returns
    -------
    ndarray of float64, shape (n, 2)
        Left to right, and upside down.
    """
    pictures = _pictures(maps, grid)
    with np.errstate(all="ignore"):
        middle = pictures - pictures.mean(axis=(1, 2), keepdims=True)
        size = (middle**2).sum(axis=(1, 2))
        # What is left of one flat tone once its mean is taken is rounding.
        flat = size <= 1e-24 * (pictures**2).sum(axis=(1, 2))
        both = [(middle * each).sum(axis=(1, 2)) for each in (middle[:, :, ::-1], middle[:, ::-1])]
        found = np.stack([np.where(flat, 0, one / np.where(flat, 1, size)) for one in both], axis=1)
    finite = np.asarray(np.isfinite(pictures).all(axis=(1, 2)))
    return np.where(finite[:, None], np.clip(found, -1, 1), np.nan)


def _pictures(maps: ArrayLike, grid: Grid) -> Double:
    """Lay the maps out and bring each to 1 at most, so that no square is too large or small."""
    array = np.asarray(maps, np.float64)
    if array.ndim != 2 or array.shape[1] != grid.cells:
        raise ValueError(f"maps: expected shape (n, {grid.cells}); got {array.shape}")
    with np.errstate(all="ignore"):
        largest = np.abs(array).max(axis=1, keepdims=True)
        scaled = array / np.where(largest == 0, 1, largest)
    return np.asarray(scaled.reshape(len(array), *grid))


def _at_ends(
    activation: str, a: NDArray[np.float32], fires: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    if activation not in ENDS:
        never = np.zeros(a.shape[1], bool)
        return (never if activation == "identity" else np.asarray(fires == 1)), never
    low, high = ENDS[activation]
    above, below = (a > high).mean(axis=0), (a < low).mean(axis=0)
    finite = np.isfinite(a).all(axis=0)
    return finite & (above >= SATURATED), finite & (above + below >= SATURATED)


def _redundant(a: NDArray[np.float32]) -> list[int | None]:
    alike = np.abs(correlations(a))
    np.fill_diagonal(alike, 0)
    return _doubles(alike)


def _doubles(alike: Double) -> list[int | None]:
    # Of several copies the first: which correlates most would be decided by rounding.
    nearest = np.argmax(alike >= alike.max(axis=1, keepdims=True) - 1e-9, axis=1)
    return [int(at) if alike[index, at] >= ALIKE else None for index, at in enumerate(nearest)]


def _shares(maps: Double, dark: NDArray[np.bool_] | None) -> Double:
    if dark is None:
        return np.full(len(maps), np.nan)
    sizes = np.abs(maps)
    total = sizes.sum(axis=1)
    share = sizes[:, dark].sum(axis=1) / np.where(total == 0, 1, total)
    return np.where(np.isfinite(total), share, np.nan)
