"""How hard a neuron decides on the digits in use: by degrees, or as a step."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from toolkit.analysis.remarks import STEEP
from toolkit.network import Float

TYPICAL = 4.0
"""Half of the digits stay nearer to the threshold once a step is softened: with sigmoid between
0.02 and 0.98."""

_HARD = 3.0
_FAINT = 0.5


@dataclass(frozen=True)
class Steepness:
    """Where a neuron's z lies over some digits.

    Attributes
    ----------
    low, high : float
        The least and the largest z.
    typical : float
        The median of z without its sign.
    soften : float or None
        By which to multiply weights and bias so that the typical z comes to 4, or 2 for tanh and
        2.8 for hard_sigmoid;
        None where it is not much larger, and where the activation has no ends to be at.
    sharpen : float or None
        By which to multiply them so that the largest z, of either sign, comes to 4 (tanh: 2,
        hard_sigmoid: 2.8); None where it is half of that at least: the neuron says much the same
        of every digit.
    """

    low: float
    high: float
    typical: float
    soften: float | None
    sharpen: float | None = None


def steepness(z: Float, activation: str, hard: float = _HARD) -> Steepness | None:
    """Return how hard a neuron decides on some digits; None where its z are not finite.

    Parameters
    ----------
    z : ndarray, shape (n,)
        Its weighted sum plus bias for each digit.
    activation : str
        The neuron's.
    hard : float
        How many times 4 (tanh: 2, hard_sigmoid: 2.8) the typical z must be above to be called hard.

    Examples
    --------
    >>> steepness(np.array([-40, 10, 16], np.float32), "sigmoid")
    Steepness(low=-40.0, high=16.0, typical=16.0, soften=0.25, sharpen=None)
    """
    if not len(z) or not np.isfinite(z).all():
        return None
    typical, bound = float(np.median(np.abs(z))), TYPICAL * STEEP.get(activation, math.inf)
    soften = bound / typical if typical > hard * bound else None
    largest = float(np.abs(z).max())
    faint = math.isfinite(bound) and 0 < largest < _FAINT * bound
    return Steepness(
        float(z.min()), float(z.max()), typical, soften, bound / largest if faint else None
    )
