"""Where a neuron's threshold should lie: to part chosen digits from others, or to fire so often."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Threshold:
    """A threshold for a neuron's weighted sums, and what it does.

    Attributes
    ----------
    bias : float
        Of float32: with it the neuron fires above the threshold.
    share : float
        Of all digits, those on which it fires, in [0, 1].
    chosen, others : float
        Of the chosen digits and of the others, those on which it fires; nan where none are chosen.
    """

    bias: float
    share: float
    chosen: float = math.nan
    others: float = math.nan

    @property
    def balanced_accuracy(self) -> float:
        """Mean of the share of chosen digits that fire and the share of others that do not."""
        return (self.chosen + 1 - self.others) / 2


def separate(sums: ArrayLike, chosen: ArrayLike) -> Threshold:
    """Return the threshold that parts chosen digits from the others best.

    Every threshold between two different sums is tried: the best has the highest balanced
    accuracy; of several the one with the widest gap about it.  The neuron fires above it.

    Parameters
    ----------
    sums : array_like of float, shape (n,)
        A neuron's weighted sums without its bias.
    chosen : array_like of bool, shape (n,)

    Raises
    ------
    ValueError
        If none or all are chosen, or a sum is not finite, or all sums are the same, or the
        chosen digits have the smaller sums, so that no threshold is of use.
    """
    values, wanted = _sums(sums), np.asarray(chosen, bool)
    if wanted.shape != values.shape:
        raise ValueError(f"chosen: expected shape {values.shape}; got {wanted.shape}")
    if wanted.all() or not wanted.any():
        raise ValueError("chosen: expected some digits and some others; "
                         f"got {'all' if wanted.all() else 'none'}")  # fmt: skip
    order = np.argsort(values, kind="stable")
    values, wanted = values[order], wanted[order]
    cuts = np.flatnonzero(np.diff(values) > 0)
    if not len(cuts):
        raise ValueError("sums: expected some that differ; all are the same, so no threshold parts "
                         "them")  # fmt: skip
    below = np.cumsum(wanted)[cuts]  # chosen digits that would not fire
    fires = 1 - below / wanted.sum()
    wrong = 1 - (cuts + 1 - below) / (~wanted).sum()
    gaps = values[cuts + 1] - values[cuts]
    best = np.lexsort((-gaps, -np.round(fires - wrong, 12)))[0]
    found = _at(values, wanted, int(cuts[best]))
    if found.chosen <= found.others:
        raise ValueError(
            "chosen: no threshold has it fire more often on the chosen digits than on the others; "
            "turn the weights round, or choose the others"
        )
    return found


def firing_on(sums: ArrayLike, share: float) -> Threshold:
    """Return the threshold above which the share of the sums is nearest to `share`.

    Parameters
    ----------
    sums : array_like of float, shape (n,)
    share : float, 0 to 1

    Raises
    ------
    ValueError
        If the share is none, or a sum is not finite, or there are no sums.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share: expected 0 to 1; got {share:g}")
    values = np.sort(_sums(sums))
    cuts = np.concatenate(([-1], np.flatnonzero(np.diff(values) > 0), [len(values) - 1]))
    firing = 1 - (cuts + 1) / len(values)
    best = int(cuts[np.argmin(np.abs(firing - share))])
    return _at(values, None, best)


def _sums(sums: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(sums, np.float64)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"sums: expected some, in one dimension; got shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("sums: expected finite numbers; some weights are too large, or none")
    return values


def _at(values: NDArray[np.float64], wanted: NDArray[np.bool_] | None, cut: int) -> Threshold:
    """Return the threshold after sorted sum number `cut`, -1 being before all of them."""
    spread = max(1.0, float(values[-1] - values[0])) / 20
    low = values[cut] if cut >= 0 else values[0] - spread
    high = values[cut + 1] if cut + 1 < len(values) else values[-1] + spread
    bias = float(np.float32(-(low + high) / 2))
    fires = values + bias > 0
    if wanted is None:
        return Threshold(bias, float(fires.mean()))
    return Threshold(
        bias, float(fires.mean()), float(fires[wanted].mean()), float(fires[~wanted].mean())
    )
