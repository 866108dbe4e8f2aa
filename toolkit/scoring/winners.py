"""Which output wins, for each digit: decided from float32 where that is certain.

An output that leads every other by more than both may be off wins in the shared arithmetic of
:mod:`toolkit.scoring.resolving` as well.  Digits of which none does are few; of a wide network they
are computed once more in float64, whose sums come in BLAS's order but are off a billion times less,
and what is then still open is decided in the shared arithmetic itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from toolkit.activations import non_decreasing, ranking, winner
from toolkit.network import Layer
from toolkit.scoring import bounds, resolving
from toolkit.scoring.passing import Pass
from toolkit.scoring.sums import Double, Rows

MOST = 1e37
"""Where a number may be larger, float32 may have none for it, and says nothing."""
_CELLS = 1 << 17  # of one layer at once
_ALIKE = 4
_CHEAP = 4096  # products a digit, up to which the shared arithmetic is done at once


def winners(kept: Pass, layers: Sequence[Layer], start: int) -> NDArray[np.uint8]:
    """Return the output that wins for each digit, shape (n,).

    Of a network that is beyond what :func:`toolkit.scoring.resolving.reach` may be the float32 of a
    full pass say it.

    Parameters
    ----------
    kept : Pass
    layers : sequence of Layer
        What it was updated with.
    start : int
        What the update returned.
    """
    last, most = layers[-1], kept.reach(layers)
    if not most <= resolving.MOST:
        return winner(kept.z(layers, len(layers) - 1), 0, last.activation).astype(np.uint8)
    contenders = _contenders(last)
    found = np.full(kept.n, contenders[0], np.uint8)
    if len(contenders) == 1:
        return found
    near = np.arange(kept.n)
    if most <= MOST:
        near = _certain(kept, layers, start, contenders, found)
    step = max(1, _CELLS // max(layer.size for layer in layers))
    for begin in range(0, len(near), step):
        some = near[begin : begin + step]
        found[some] = _closely(kept, layers, contenders, some)
    return found


def _contenders(last: Layer) -> Rows:
    """Return the outputs that can win: one that is the same as an earlier one never does."""
    both = np.column_stack([last.weights, last.biases]) + np.float32(0)  # no minus zero
    first: dict[bytes, int] = {}
    for number, row in enumerate(both):
        first.setdefault(row.tobytes(), number)
    return np.array([*first.values()], np.intp)


def _certain(
    kept: Pass, layers: Sequence[Layer], start: int, contenders: Rows, found: NDArray[np.uint8]
) -> Rows:
    """Write which outputs win for certain; return the digits for which none does."""
    near: list[Rows] = [np.empty(0, np.intp)]
    for part, z, off in kept.run(layers, start):
        ranked = ranking(z, layers[-1].activation)
        if len(contenders) < len(ranked):
            ranked = ranked[contenders]
        near.append(leading(ranked, off[contenders], contenders, found[part]) + part.start)
    return np.concatenate(near)


def leading(
    ranked: NDArray[np.floating], off: Double, numbers: Rows, found: NDArray[np.uint8]
) -> Rows:
    """Write which output leads by more than it and the others may be off; tell where none does.

    Parameters
    ----------
    ranked : ndarray, shape (k, digits)
        What outputs are ranked by; it is written to.
    off : ndarray of float64, shape (k,)
        How far it may be off, with what comparing rounds; see
        :func:`toolkit.scoring.bounds.of_ranks`.
    numbers : ndarray of int, shape (k,)
        Which outputs these are, 0 to 255.
    found : ndarray of uint8, shape (digits,)
        Gets one of the numbers; any where none leads.

    Returns
    -------
    ndarray of int
        Positions of the digits of which none leads.
    """
    width = off.astype(ranked.dtype)
    if width.max() <= _ALIKE * width.min():  # then one for all is as good, and less work
        least = ranked.max(axis=0) - 2 * width.max()
    else:
        ranked -= width[:, None]
        least = ranked.max(axis=0)  # of the one that wins
        ranked += 2 * width[:, None]
    can = (ranked >= least).view(np.uint8)
    # Where just one can, the sum over its number alone is that number.
    count = np.add.reduce(can, axis=0, dtype=np.uint8)
    can *= numbers[:, None].astype(np.uint8)
    np.add.reduce(can, axis=0, dtype=np.uint8, out=found)
    near: Rows = np.flatnonzero(count != 1)
    return near


def _closely(kept: Pass, layers: Sequence[Layer], numbers: Rows, digits: Rows) -> NDArray[np.intp]:
    """Return which output wins for some digits, whose outputs may nearly tie."""
    z = kept.first.z(layers[0], np.arange(layers[0].size), digits)
    if sum(layer.weights.size for layer in layers[1:]) <= _CHEAP:
        return resolving.resolve(layers, z)
    last = layers[-1]
    outputs, off = _in_double(kept, layers, z)
    if not non_decreasing(last.activation):
        outputs = resolving.activate(last.activation, outputs)
    found = np.empty(len(digits), np.uint8)
    near = leading(outputs[numbers], off[numbers], numbers, found)
    won = found.astype(np.intp)
    if len(near):
        won[near] = resolving.resolve(layers, z[:, near])
    return won


def _in_double(kept: Pass, layers: Sequence[Layer], z: Double) -> tuple[Double, Double]:
    """Return the outputs' pre-activations in float64, and how far what ranks them may be off."""
    off, reach = np.zeros(len(z)), np.abs(z).max(axis=1)
    for at, (below, layer) in enumerate(pairwise(layers)):
        a = resolving.activate(below.activation, z)
        most = np.abs(a).max(axis=1)
        if at:  # the first layer's are the same
            off = bounds.of_activations(below, off, most, bounds.DOUBLE)
        z = layer.weights.astype(np.float64) @ a + layer.biases[:, None]
        off, reach = bounds.of_products(kept.sizes[at + 1], off, most, unit=bounds.DOUBLE)
    return z, bounds.of_ranks(layers[-1], off, reach, bounds.DOUBLE)
