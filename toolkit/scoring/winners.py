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
from toolkit.scoring.leads import Leads
from toolkit.scoring.passing import Change, Pass
from toolkit.scoring.sums import Double, Rows

MOST = 1e37
"""Where a number may be larger, float32 may have none for it, and says nothing."""
_CELLS = 1 << 17  # of one layer at once
_ALIKE = 4
_CHEAP = 4096  # products a digit, up to which the shared arithmetic is done at once


def winners(kept: Pass, leads: Leads, layers: Sequence[Layer], change: Change) -> NDArray[np.uint8]:
    """Return the output that wins for each digit, shape (n,).

    Of a network that is beyond what :func:`toolkit.scoring.resolving.reach` may be the float32 of a
    full pass say it.

    Parameters
    ----------
    kept : Pass
    leads : Leads
        Of the network before; they are brought up to date.
    layers : sequence of Layer
        What the pass was updated with.
    change : Change
        What the update returned.
    """
    last, most = layers[-1], kept.reach(layers)
    numbers = kept.sizes[-1].distinct
    if most <= MOST and len(numbers) > 1:
        return _by_leads(kept, leads, layers, change, numbers)
    leads.forget()
    if not most <= resolving.MOST:
        return winner(kept.z(layers, len(layers) - 1), 0, last.activation).astype(np.uint8)
    found = np.full(kept.n, numbers[0], np.uint8)
    if len(numbers) > 1:
        _resolve(kept, layers, numbers, np.arange(kept.n), found)
    return found


def _by_leads(
    kept: Pass, leads: Leads, layers: Sequence[Layer], change: Change, numbers: Rows
) -> NDArray[np.uint8]:
    """Decide the digits whose winner may be another."""
    known = None if kept.second is not None else leads.open_after(change, kept, layers, numbers)
    if known is None:
        which, found, lead = None, np.empty(kept.n, np.uint8), np.empty(kept.n, np.float32)
    else:
        (which, lead), found = known, leads.won.copy()
    near: list[Rows] = [np.empty(0, np.intp)]
    for part, z, off in kept.run(layers, change.start, which):
        ranked = ranking(z, layers[-1].activation)
        if len(numbers) < len(ranked):
            ranked = ranked[numbers]
        found[part], ahead = leading(ranked, off[numbers], numbers)
        lead[part] = ahead
        ties = np.flatnonzero(ahead <= 0)
        near.append(ties + part.start if isinstance(part, slice) else part[ties])
    _resolve(kept, layers, numbers, np.concatenate(near), found)
    if kept.second is None:
        leads.keep(layers, numbers, found, lead)
    return found


def _resolve(
    kept: Pass, layers: Sequence[Layer], numbers: Rows, which: Rows, found: NDArray[np.uint8]
) -> None:
    """Write which outputs win for some digits, whose outputs may nearly tie."""
    step = max(1, _CELLS // max(layer.size for layer in layers))
    for begin in range(0, len(which), step):
        some = which[begin : begin + step]
        found[some] = _closely(kept, layers, numbers, some)


def leading(
    ranked: NDArray[np.floating], off: Double, numbers: Rows
) -> tuple[NDArray[np.uint8], NDArray[np.floating]]:
    """Return which output leads every other, and by how much at least.

    Parameters
    ----------
    ranked : ndarray, shape (k, digits)
        What outputs are ranked by; it is written to.
    off : ndarray of float64, shape (k,)
        How far it may be off, with what comparing rounds; see
        :func:`toolkit.scoring.bounds.of_ranks`.
    numbers : ndarray of int, shape (k,)
        Which outputs these are, 0 to 255.

    Returns
    -------
    won : ndarray of uint8, shape (digits,)
        One of the numbers; any where none leads.
    lead : ndarray of the type of `ranked`, shape (digits,)
        At most 0 where none leads.
    """
    width = off.astype(ranked.dtype)
    if width.max() <= _ALIKE * width.min():  # then one for all is as good, and less work
        least, twice = None, 2 * width.max()
    else:
        least, twice = (ranked - width[:, None]).max(axis=0), 0
        ranked += width[:, None]
    # Of the first outputs the largest and the next, then of one more each time.
    best, next_ = ranked[0].copy(), np.full_like(ranked[0], -np.inf)
    smaller = np.empty_like(best)
    for row in ranked[1:]:
        np.minimum(best, row, out=smaller)
        np.maximum(next_, smaller, out=next_)
        np.maximum(best, row, out=best)
    # Where just one is the largest, the sum over its number alone is that number.
    largest = (ranked >= best).view(np.uint8)
    largest *= numbers[:, None].astype(np.uint8)
    won = np.add.reduce(largest, axis=0, dtype=np.uint8)
    lead = best if least is None else least
    lead -= next_
    lead -= twice
    return won, lead


def _closely(kept: Pass, layers: Sequence[Layer], numbers: Rows, digits: Rows) -> NDArray[np.intp]:
    """Return which output wins for some digits, whose outputs may nearly tie."""
    z = kept.first.z(layers[0], np.arange(layers[0].size), digits)
    if sum(layer.weights.size for layer in layers[1:]) <= _CHEAP:
        return resolving.resolve(layers, z)
    last = layers[-1]
    outputs, off, needed = _in_double(kept, layers, z)
    if not non_decreasing(last.activation):
        outputs = resolving.activate(last.activation, outputs)
    found, lead = leading(outputs[numbers], off[numbers], numbers)
    won, near = found.astype(np.intp), np.flatnonzero(lead <= 0)
    if len(near):
        won[near] = resolving.resolve(_without_the_dark(layers, needed), z[:, near])
    return won


def _in_double(kept: Pass, layers: Sequence[Layer], z: Double) -> tuple[Double, Double, list[Rows]]:
    """Return the outputs in float64.

    Returns
    -------
    z : ndarray of float64, shape (outputs, digits)
        Their pre-activations.
    off : ndarray of float64, shape (outputs,)
        How far what ranks them may be off.
    needed : list of ndarray of int
        Of each layer the neurons that are not certain to be 0 for all these digits.
    """
    off, reach = np.zeros(len(z)), np.abs(z).max(axis=1)
    needed = []
    for at, (below, layer) in enumerate(pairwise(layers)):
        lit = z.max(axis=1) > -off if below.activation == "relu" else np.full(len(z), True)
        needed.append(np.flatnonzero(lit))
        a = resolving.activate(below.activation, z)
        most = np.abs(a).max(axis=1)
        if at:  # the first layer's are the same
            off = bounds.of_activations(below, off, most, bounds.DOUBLE)
        z = layer.weights.astype(np.float64) @ a + layer.biases[:, None]
        off, reach = bounds.of_products(kept.sizes[at + 1], off, most, unit=bounds.DOUBLE)
    needed.append(np.arange(layers[-1].size))
    return z, bounds.of_ranks(layers[-1], off, reach, bounds.DOUBLE), needed


def _without_the_dark(layers: Sequence[Layer], needed: Sequence[Rows]) -> list[Layer]:
    """Return later layers without neurons that are 0, which add nothing to any sum."""
    found, into = [layers[0]], np.arange(layers[0].size)
    for layer, rows in zip(layers[1:], needed[1:], strict=True):
        some = rows if len(rows) else np.arange(1)
        found.append(Layer(layer.weights[some][:, into], layer.biases[some], layer.activation))
        into = some
    return found
