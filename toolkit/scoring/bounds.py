"""How far what was computed fast may be from what :mod:`toolkit.scoring.resolving` would say.

Every bound is of one neuron and holds for all digits.  Write z, a for the numbers of the shared
arithmetic, z', a' for those computed fast in float32, whose unit roundoff is u = 2^-24, and
g(k) = k u / (1 - k u).  Then, layer after layer:

- A sum of products of which each term goes through at most k roundings, in any order, fused or
  not, is within g(k) times the sum of the terms' sizes (Higham 2002, section 3.1 and lemma 3.1).
  So |z' - (W a' + b)| <= g(k) (|W| |a'| + |b|); and by as much as is added when only a change is
  added to it, see :func:`of_a_change`.  The ordered float64 sum is within the same with
  u = 2^-53.
- W a' + b is within |W| |a' - a| of W a + b.
- A function computed in float32 is within a few u max(1, |a|) of that of the shared arithmetic at
  the same z', more of them where it is of more operations.  A test measures a quarter of what is
  reckoned with: a machine's own ``exp`` and ``tanh`` may be four units in the last place off.
  And f(z') is within L |z' - z| of f(z), where L is the function's steepest slope.
- Of the first layer z is exact but for its rounding to float32, which moves f(z) by u |z f'(z)|.
  That is at most u max(1, |a|), or 1.3 times that; of softmax it is bounded by all neurons' |z|.

|a'| is at most the largest that was met over the digits; 1 for functions that squash.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from toolkit.activations import family, non_decreasing
from toolkit.network import Layer
from toolkit.scoring.kernels import TERMS
from toolkit.scoring.resolving import extent
from toolkit.scoring.sums import Double, Rows

SINGLE = 2.0**-24
DOUBLE = 2.0**-53
_TINY = 2.0**-125  # more than what is lost of a product too small for float32
_NOISE = 1e-12  # of a float64 function: on two neighbours it may differ by this, times 1 + |a|
_CELLS = 1 << 19  # of weights at once

_CURVES = {
    # name: steepest slope; error of the float32 function; what rounding z moves it by; in units
    "sigmoid": (0.25, 3, 0.25),
    "hard_sigmoid": (1 / 6, 2, 0.5),
    "tanh": (1, 5, 0.5),
    "relu": (1, 0, 1),
    "identity": (1, 0, 1),
    "leaky_relu": (1, 1, 1),
    "elu": (1, 8, 1),
    "gelu": (1.13, 12, 1.3),
    "gelu_tanh": (1.13, 12, 1.3),
    "silu": (1.1, 12, 1.3),
    "softplus": (1, 12, 1),
    "softmax": (0.5, 16, 0),
}


_GENTLEST = {"gelu": -0.13, "gelu_tanh": -0.13, "silu": -0.1}


def gamma(roundings: int, unit: float) -> float:
    """Return by what share a sum may be off whose terms go through so many roundings."""
    return roundings * unit / (1 - roundings * unit) if roundings * unit < 1 else np.inf


def curve(name: str) -> tuple[float, float, float]:
    """Return the steepest slope of a function, and two errors in units of u max(1, |a|).

    Returns
    -------
    slope : float
        Of softmax, of each of a layer's by all of them.
    rounded : float
        How far what float32 makes of some z may be from the shared arithmetic's.
    moved : float
        How far it may move where z is rounded to float32 first.
    """
    kind, parameter = family(name)
    slope, rounded, moved = _CURVES[kind]
    factor = abs(parameter) if abs(parameter) > 1 else 1.0
    return slope * factor, rounded * factor, moved * factor


def slopes(name: str) -> tuple[float, float]:
    """Return the least and the greatest slope of a function; of softmax these of :func:`curve`."""
    kind, parameter = family(name)
    if kind in ("leaky_relu", "identity"):
        ends = [1.0] if kind == "identity" else [1.0, parameter]
    elif kind == "elu":
        ends = [0.0, 1.0, parameter]
    else:
        ends = [_GENTLEST.get(kind, 0.0), curve(name)[0]]
    return min(ends), max(ends)


class Sizes:
    """How large a layer's weights and biases are: what bounds need, made once for a layer.

    Attributes
    ----------
    layer : Layer
    biases : ndarray of float64, shape (size,)
        |b|.
    extent : tuple of two floats
        As :func:`toolkit.scoring.resolving.extent` has it.
    """

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self.biases: Double = np.abs(layer.biases).astype(np.float64)
        self.extent = extent(layer)

    @cached_property
    def distinct(self) -> Rows:
        """Neurons that are not the same as an earlier one: of outputs, those that can win."""
        both = np.column_stack([self.layer.weights, self.layer.biases]) + np.float32(0)  # no −0
        first: dict[bytes, int] = {}
        for number, row in enumerate(both):
            first.setdefault(row.tobytes(), number)
        return np.array([*first.values()], np.intp)

    @cached_property
    def weights(self) -> Double:
        """The weights in float64."""
        return self.layer.weights.astype(np.float64)

    @cached_property
    def _turned(self) -> Double:
        return self._some_turned(slice(None))

    def _some_turned(self, rows: slice) -> Double:
        return np.abs(self.layer.weights[rows].T).astype(np.float64)

    def times(self, *vectors: Double) -> Double:
        """Return |W| times each vector over the inputs, shape (vectors, size)."""
        both = np.array(vectors)
        product: Double
        if self.layer.weights.size <= _CELLS:
            product = both @ self._turned
        else:  # in float64 too many to keep
            step = max(1, _CELLS // self.layer.inputs)
            rows = [slice(at, at + step) for at in range(0, self.layer.size, step)]
            product = np.concatenate([both @ self._some_turned(part) for part in rows], axis=1)
        return product


def of_first(sizes: Sizes, largest: Double) -> Double:
    """Return how far the first layer's float32 activations may be off, shape (size,).

    Parameters
    ----------
    sizes : Sizes
    largest : ndarray of float64, shape (size,)
        Of its activations in size, over the digits.
    """
    layer = sizes.layer
    _, _, moved = curve(layer.activation)
    off = moved * SINGLE * np.maximum(1, largest)
    if layer.activation == "softmax":  # whose share of one depends on all others' z
        off = off + 0.5 * SINGLE * sum(sizes.extent)
    return off + rounded(layer, largest + off, SINGLE)


def of_activations(layer: Layer, off: Double, largest: Double, unit: float = SINGLE) -> Double:
    """Return how far activations may be off whose pre-activations may be by `off`."""
    if layer.activation == "softmax":
        off = np.full_like(off, off.max(initial=0))
    slope, _, _ = curve(layer.activation)
    return slope * off + rounded(layer, largest + slope * off, unit)


def rounded(layer: Layer, largest: Double, unit: float) -> Double:
    """Return how far a function may be from the shared one at the same pre-activations.

    In float64 they are the same one, which may be so far from a smooth function.
    """
    _, units, _ = curve(layer.activation)
    if unit == DOUBLE:
        share = _NOISE * max(1.0, units)
    elif layer.activation == "softmax":
        share = (layer.size + units) * SINGLE
    else:
        share = units * SINGLE
    return share * np.maximum(1, largest)


def of_products(
    sizes: Sizes, below: Double, largest: Double, own: Double | None = None, unit: float = SINGLE
) -> tuple[Double, Double]:
    """Return how far pre-activations may be off, and how large they are at most.

    Parameters
    ----------
    sizes : Sizes
        Of a layer that is not the first.
    below, largest : ndarray of float64, shape (inputs,)
        How far the activations it takes may be off, and their largest size.
    own : ndarray of float64, shape (size,), optional
        How far the pre-activations are from what just these activations give; by default as far
        as sums may be off that were taken anew.
    unit : float
        Of what they were computed in; in float64 a sum is one product, by BLAS.
    """
    carried, terms = sizes.times(below, largest + below)
    terms += sizes.biases
    inputs = sizes.layer.inputs
    if own is None:
        own = of_a_sum(inputs, terms, unit)
    off = carried + own + gamma(inputs + 2, DOUBLE) * terms
    return off, terms + off


def of_ranks(last: Layer, off: Double, reach: Double, unit: float) -> Double:
    """Return how far what outputs are ranked by may be off, and what comparing them rounds.

    Parameters
    ----------
    last : Layer
    off, reach : ndarray of float64, shape (outputs,)
        How far their pre-activations may be off, and how large they are at most.
    unit : float
        The unit roundoff of what they were computed in.
    """
    if not non_decreasing(last.activation):
        slope, _, _ = curve(last.activation)
        reach = slope * (reach + 1)
        off = of_activations(last, off, reach, unit)
    # A bound is taken away, twice added, and what is left compared, each rounded; and it itself is.
    return (off + 8 * unit * reach) * (1 + 2.0**-20) + _TINY


def of_a_sum(inputs: int, terms: Double, unit: float = SINGLE) -> Double:
    """Return how far sums of products, and a bias, may be off that were taken in one go.

    Parameters
    ----------
    inputs : int
        How many products each is of.
    terms : ndarray of float64, shape (size,)
        What these and the bias are in size, added up.
    unit : float
        In float32 as :func:`toolkit.scoring.kernels.multiply` takes them, in float64 in any order.
    """
    # A product, the sum it is in, the sums after that, and the bias.
    roundings = min(inputs, TERMS) + -(-inputs // TERMS) if unit == SINGLE else inputs
    return gamma(roundings + 1, unit) * terms + inputs * _TINY


def of_a_change(layer: Layer, by: Rows, moved: Double, reach: Double) -> Double:
    """Return how much farther sums may be off once a change of some inputs is added to them.

    Parameters
    ----------
    layer : Layer
    by : ndarray of int
        The inputs that changed.
    moved : ndarray of float64, shape (len(by),)
        By how much, at most.
    reach : ndarray of float64, shape (size,)
        How large the sums are at most.
    """
    # The difference of two activations, a product, its sum with others; and the sum with what was.
    added = np.abs(layer.weights[:, by]).astype(np.float64) @ moved
    return gamma(len(by) + 3, SINGLE) * added + SINGLE * (reach + added) + len(by) * _TINY
