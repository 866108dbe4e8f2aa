"""What stands out in a network's neurons: saturated, silent, unheard, twice there, of no use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.activations import fires_above
from toolkit.network import Layer, Network, Responses

ENDS: Mapping[str, tuple[float, float]] = {
    "sigmoid": (0.01, 0.99),
    "tanh": (-0.98, 0.98),
    "softmax": (0.01, 0.99),
    "hard_sigmoid": (0.01, 0.99),
}
"""Below and above which an activation is at an end of its function's range."""
STEEP: Mapping[str, float] = {"sigmoid": 1.0, "tanh": 0.5, "hard_sigmoid": 0.7}
"""With how much of the pre-activation that takes a sigmoid near its ends others are as near."""
SATURATED = 0.9
"""Share of the digits at an end from which on a neuron is called saturated."""
ALIKE = 0.98
"""Correlation from which on two neurons say the same."""
NO_FALL = 0.002
"""A fall of the ceiling below this is chance."""
STILL = 1e-3
"""Spread of an activation up to which it stands still."""
LIVELY = 0.1
"""Range of an activation from which on it tells digits apart below the threshold too."""

_CLEAR = 3.0  # pre-activation of a sigmoid that is clear and not at an end: 0.95
_MOST_COMPARED = 128  # neurons of a layer
_DIGITS_COMPARED = 4000
_COLUMNS_AT_ONCE = 256


@dataclass(frozen=True)
class Remark:
    """One thing about one neuron.

    Attributes
    ----------
    layer, neuron : int
    code : {"blank", "silent", "always", "saturated", "unheard", "same", "opposite", "useless"}
    share : float
        Of the digits, 0 to 1, where the code is about digits.
    other : int or None
        The neuron of the same layer that says the same or the opposite.
    correlation : float or None
    factor : float or None
        By which weights and bias are to be multiplied so that it tells more: it fires on the same
        digits, and is at an end of its range on fewer.
    """

    layer: int
    neuron: int
    code: str
    share: float = 0.0
    other: int | None = None
    correlation: float | None = None
    factor: float | None = None

    @property
    def name(self) -> str:
        """For example ``1.4``."""
        return f"{self.layer}.{self.neuron}"

    @property
    def text(self) -> str:
        """The remark as one sentence."""
        share = f"{self.share:.0%} of the digits"
        scaled = f"; its strength × {self.factor:.2g} would tell more" if self.factor else ""
        twin = f"{self.layer}.{self.other}"
        return {
            "blank": f"{self.name} is blank",
            "silent": f"{self.name} never fires: raise its bias, or its weights where there is ink",
            "always": f"{self.name} is at its upper end on {share}{scaled}",
            "saturated": f"{self.name} is at either end of its range on {share}{scaled}",
            "unheard": f"{self.name} fires, but nothing listens to it: "
            f"give layer {self.layer + 1} weights from it",
            "same": f"{self.name} says the same as {twin} (correlation {self.correlation})",
            "opposite": f"{self.name} says the opposite of {twin} (correlation {self.correlation})",
            "useless": f"{self.name} adds nothing: without it the ceiling stays",
        }[self.code]


def remarks(
    network: Network,
    responses: Responses,
    falls: Mapping[int, ArrayLike] | None = None,
) -> tuple[Remark, ...]:
    """Return what stands out in the hidden neurons, layer by layer.

    At most one remark a neuron: the first that holds of

    - ``blank``: no weight, and nothing but its bias;
    - ``silent``: it fires (sigmoids: above 0.5; softplus: above 0.69; others: above 0) on none of
      the digits and says much the same of each, or, where the function has no upper end as ReLU
      has none, exactly the same;
    - ``always`` and ``saturated``: on 90% of the digits or more it is at the upper end, or at one
      of the two ends, of its range (sigmoid: below 0.01, above 0.99);
    - ``unheard``: all weights that the next layer gives it are zero;
    - ``same``, ``opposite``: its correlation with a neuron before it is 0.98 or more, or -0.98 or
      less;
    - ``useless``: the ceiling falls by less than 0.2 points without it.

    Parameters
    ----------
    network : Network
    responses : Responses of n digits, n at least 1
    falls : mapping of int to array_like of float, optional
        By the number of a layer, the fall of the ceiling without each neuron, as
        :attr:`toolkit.training.Ceiling.falls` has it.

    Raises
    ------
    ValueError
        If the responses are not the network's, or are of no digits.
    """
    sizes = tuple(values.shape[-1] for values in responses.activations)
    if sizes != network.sizes[1:] or responses.logits.ndim != 2 or not len(responses.logits):
        raise ValueError(
            f"responses: expected those of {network.sizes[1:]} neurons to one digit or more; "
            f"got {[values.shape for values in responses.activations]}"
        )
    found: list[Remark] = []
    for number in range(1, len(network.layers)):
        fall = None if falls is None or number not in falls else np.asarray(falls[number])
        found += _of_layer(network, responses, number, fall)
    return tuple(found)


def _of_layer(
    network: Network, responses: Responses, number: int, falls: NDArray[np.float64] | None
) -> list[Remark]:
    layer = network.layer(number)
    z, a = responses.pre_activations[number - 1], responses.activations[number - 1]
    spread = a.std(axis=0, dtype=np.float64)
    heard = np.asarray(network.layer(number + 1).weights.any(axis=0))
    alike = correlations(a) if 1 < layer.size <= _MOST_COMPARED else None
    quiet = silence(layer, z, a)
    found = []
    for index in range(layer.size):
        remark = None
        if quiet[index] in ("blank", "silent"):
            remark = Remark(number, index, quiet[index])
        elif np.isfinite(a[:, index]).all():
            remark = _of_range(layer.activation, z[:, index], a[:, index], number, index)
        if remark is None and spread[index] > STILL and not heard[index]:
            remark = Remark(number, index, "unheard")
        if remark is None and alike is not None:
            twin = int(np.argmax(np.abs(alike[index, :index]))) if index else 0
            value = float(alike[index, twin]) if index else 0.0
            if abs(value) >= ALIKE:
                code = "same" if value > 0 else "opposite"
                remark = Remark(
                    number, index, code, other=twin, correlation=round(value, 3)
                )  # fmt: skip
        if remark is None and falls is not None and falls[index] < NO_FALL:
            remark = Remark(number, index, "useless")
        if remark is not None:
            found.append(remark)
    return found


def silence(
    layer: Layer,
    z: NDArray[np.float32] | None = None,
    a: NDArray[np.float32] | None = None,
    which: slice = slice(None),
) -> tuple[str, ...]:
    """Tell which neurons of a layer say nothing of a digit, and how.

    Parameters
    ----------
    layer : Layer
    z, a : ndarray of float, shape (n, size), optional
        Its pre-activations and activations on n digits, n at least 1.
    which : slice
        Of its neurons; by default all.

    Returns
    -------
    tuple of str
        A neuron each: ``blank``, no weight is other than 0; ``silent``, it fires on none of the
        digits and says much the same of each (within 0.1, or 0.001 where its function has no two
        ends, as ReLU has none: the next layer's weights may make much of little);
        ``constant``, of two digits and more, the pre-activation is one and the same; or nothing.
        A weight that is no number is a weight, and what is not finite is not silent.
    """
    blank = ~np.asarray(layer.weights[which].any(axis=1))
    silent = constant = np.zeros(len(blank), bool)
    if z is not None and a is not None:
        z, a = z[:, which], a[:, which]
        with np.errstate(invalid="ignore", over="ignore"):
            spread, still = np.ptp(a, axis=0), np.ptp(z, axis=0) == 0
        finite = np.isfinite(a).all(axis=0)
        constant = still & finite & (len(z) > 1)
        above = 0.5 if layer.activation == "softmax" else fires_above(layer.activation)
        if above is not None and layer.activation != "identity":
            # What stays below the threshold may still tell digits apart.
            moves = spread >= (LIVELY if layer.activation in ENDS else STILL)
            silent = finite & ~moves & ~(a > np.float32(above)).any(axis=0)
    return tuple(
        "blank" if blank[k] else "silent" if silent[k] else "constant" if constant[k] else ""
        for k in range(len(blank))
    )


def _of_range(
    activation: str, z: NDArray[np.float32], a: NDArray[np.float32], layer: int, index: int
) -> Remark | None:
    if activation not in ENDS:
        return None
    low, high = ENDS[activation]
    above, below = float((a > high).mean()), float((a < low).mean())
    if above + below < SATURATED:
        return None
    largest = float(np.quantile(np.abs(z.astype(np.float64)), 0.9))
    factor = float(f"{min(1.0, _CLEAR / largest):.2g}") if 0 < largest < np.inf else None
    if factor is not None:
        factor *= STEEP.get(activation, 1.0)
    code = "always" if above >= SATURATED else "saturated"
    return Remark(layer, index, code, above if code == "always" else above + below, factor=factor)


def correlations(
    activations: NDArray[np.float32], *, most: int | None = _DIGITS_COMPARED
) -> NDArray[np.float64]:
    """Return the correlation of each pair of neurons, 0 with one that stands still or is broken.

    Parameters
    ----------
    activations : ndarray of float, shape (n, size), n at least 1
    most : int or None
        Compared on about so many of the digits, evenly taken; None for all.

    Returns
    -------
    ndarray of float64, shape (size, size), in [-1, 1]
    """
    step = 1 if most is None else max(1, len(activations) // most)
    with np.errstate(all="ignore"):
        scaled, _ = _scaled(activations[::step])
    found: NDArray[np.float64] = np.clip(scaled.T @ scaled / len(scaled), -1, 1)
    return found


def correlations_with(
    activations: NDArray[np.float32], index: int, *, most: int | None = _DIGITS_COMPARED
) -> NDArray[np.float64]:
    """Return one row of :func:`correlations`: of neuron `index` with each, itself included.

    Parameters
    ----------
    activations, most
        As :func:`correlations` takes them.
    index : int

    Returns
    -------
    ndarray of float64, shape (size,), in [-1, 1]
    """
    step = 1 if most is None else max(1, len(activations) // most)
    some, size = activations[::step], activations.shape[1]
    found = np.zeros(size)
    with np.errstate(all="ignore"):
        own, moves = _scaled(some[:, index : index + 1])
        if not moves[0]:
            return found
        # Some columns at a time: a wide layer's activations are not held twice.
        for first in range(0, size, _COLUMNS_AT_ONCE):
            values, _ = _scaled(some[:, first : first + _COLUMNS_AT_ONCE])
            found[first : first + values.shape[1]] = own[:, 0] @ values / len(values)
    return np.clip(found, -1, 1)


def _scaled(activations: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return columns of mean 0 and variance 1, zeros where they stand still; and which do not."""
    values = activations.astype(np.float64)
    values -= values.mean(axis=0)
    lengths = np.sqrt((values**2).mean(axis=0))
    good = np.isfinite(lengths) & (lengths > STILL)
    return np.where(good, values, 0) / np.where(good, lengths, 1), good
