"""Whether a network can be shown digits: on which grid, on how many of them, or why not.

What a network costs is known from its shape, before anything is made for it:
the digits are laid on its grid, and every neuron's response to every digit is
kept.  A wide network is therefore scored on fewer digits, a sample of the
set, and one so wide that too few would be left does not fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from toolkit.digits.digitset import MOST_CLASSES, USUAL_CLASSES, DigitSet
from toolkit.grid import Grid
from toolkit.network import Network

FEWEST_DIGITS = 1000
"""On fewer an accuracy would say little: its error would be above one point in a hundred."""

_ROUND = 50  # digits: networks of much the same width share a set
_SHOWN_SIZES = 8


@dataclass(frozen=True)
class Budget:
    """What a network may cost.

    Attributes
    ----------
    pixels : int
        Inputs × digits.
    response_bytes : int
        Of all neurons' responses to all digits, as a :class:`~toolkit.scoring.Scorer` keeps them.
    map_cells : int
        Inputs × neurons: each neuron has its map.
    neurons, parameters, layers : int
        In all; the input is no layer.
    """

    pixels: int
    response_bytes: int
    map_cells: int
    neurons: int
    parameters: int
    layers: int


WORKBENCH = Budget(8_000_000, 104_000_000, 2_500_000, 3072, 2_500_000, 64)
"""In a server that many share, and in a browser that draws a map for each neuron."""
SHELL = Budget(200_000_000, 1_000_000_000, 200_000_000, 65_536, 64_000_000, 1024)
"""In a command of its own."""


class UnfitError(ValueError):
    """A network cannot be shown digits; the message says why."""


@dataclass(frozen=True)
class Fit:
    """How a network is shown digits; true unless it cannot be.

    Attributes
    ----------
    grid : Grid
        Of the pictures that it takes.
    count : int
        How many digits are used.
    of : int
        How many the set has.
    why : str
        Why it cannot be shown any, in one sentence; empty where it can.
    unscored : str
        Why what it answers cannot be scored, as :func:`unscored` says; empty where it can.
    classes : int
        Of the digits as it is shown them, as :func:`classes_for` says.
    """

    grid: Grid
    count: int
    of: int
    why: str = ""
    unscored: str = ""
    classes: int = USUAL_CLASSES

    def __bool__(self) -> bool:
        return not self.why

    @property
    def share(self) -> str:
        """Say on how many digits it is scored; empty where on all."""
        if self.why or self.count == self.of:
            return ""
        return f"scored on {self.count:,} of {self.of:,} digits, since the network is wide"

    def check(self) -> None:
        """Raise UnfitError, with `why`, unless the network fits."""
        if self.why:
            raise UnfitError(self.why)

    @property
    def numbers(self) -> NDArray[np.intp]:
        """Which digits of the set are used, in order."""
        return sample(self.of, self.count)

    def check_scored(self) -> None:
        """Raise UnfitError, with `why` or `unscored`, unless the network can be scored."""
        self.check()
        if self.unscored:
            raise UnfitError(self.unscored)

    def lay(self, digits: DigitSet) -> DigitSet:
        """Return the digits that are used, on the network's grid and of `classes` classes.

        Raises
        ------
        UnfitError
            If the network does not fit; the message is `why`.
        """
        self.check()
        if self.count < len(digits):
            digits = digits.subset(self.numbers)
        return digits.of_classes(self.classes).fitted(self.grid)


def fits(
    network: Network | Sequence[int],
    digits: DigitSet,
    budget: Budget = WORKBENCH,
    grid: Grid | None = None,
) -> Fit:
    """Tell how a network is shown digits, or why it cannot be.

    Parameters
    ----------
    network : Network or sequence of int
        A network, or the sizes of one, the input first, where nothing is made of it yet.
    digits : DigitSet
    budget : Budget
    grid : Grid, optional
        Of the pictures that it takes, where only sizes are given; by default as the digits', where
        they have as many pixels, or as usual.

    Examples
    --------
    >>> digits = DigitSet(np.zeros((10_000, 784)), np.zeros(10_000, int))
    >>> fits((784, 16, 16, 10), digits).count
    10000
    >>> fits((784, 3000, 10), digits).count
    2150
    >>> fits((61, 10), digits).why
    'network: expected inputs that fill a grid; got 61-10'
    >>> fits((784, 16, 2), digits).unscored
    ''
    >>> fits((784, 16, 2), DigitSet(np.zeros((3, 784)), [0, 1, 2])).unscored
    'not scored: 2 outputs, the digits have 10 classes'
    """
    if isinstance(network, Network):
        sizes, grid, name = network.sizes, network.grid, f"network {network.name!r}"
    else:
        sizes, name = tuple(network), "network"
        own = digits.grid.cells == sizes[0]
        grid = grid or (digits.grid if own else Grid.of(sizes[0]))
    total = len(digits)

    def refused(expected: str, more: str = "") -> Fit:
        return Fit(grid, 0, total, f"{name}: expected {expected}; got {_shape(sizes)}{more}")

    if not grid.is_picture:
        return refused("inputs that fill a grid")
    if sizes[-1] > MOST_CLASSES:
        return refused(f"at most {MOST_CLASSES} outputs, one a class")
    if not total:
        return Fit(grid, 0, 0, f"digits {digits.name!r}: expected at least one image; got none")
    parameters = sum((into + 1) * out for into, out in pairwise(sizes))
    for what, has, most in (
        ("layers", len(sizes) - 1, budget.layers),
        ("neurons", sum(sizes[1:]), budget.neurons),
        ("weights and biases", parameters, budget.parameters),
        ("pixels in all neurons' maps", sizes[0] * sum(sizes[1:]), budget.map_cells),
    ):
        if has > most:
            return refused(f"at most {most:,} {what}", f", with {has:,}")
    # Digits as they come are never too many: whoever opened them has them already.
    most_pixels = max(budget.pixels, digits.pixels.size)
    count = min(total, most_pixels // sizes[0], budget.response_bytes // bytes_a_digit(sizes))
    if count < total:
        if count < min(FEWEST_DIGITS, total):
            return refused(
                f"a network that {FEWEST_DIGITS:,} digits can be shown to",
                f", too wide for more than {count:,}",
            )
        count -= count % _ROUND
    classes = classes_for(sizes[-1], digits)
    why = unscored(sizes[-1], classes)
    return Fit(grid, count, total, unscored=why, classes=classes)


def classes_for(outputs: int, digits: DigitSet) -> int:
    """Return of how many classes digits are for a network of so many outputs.

    As many as the set has; as many as there are outputs where these are fewer and every label is
    one of them: digits of which all are 0 or 1 are of two classes, for who tells just these.
    """
    fewer = outputs < digits.classes and 0 < digits.reach() <= outputs
    return outputs if fewer else digits.classes


def unscored(outputs: int, classes: int) -> str:
    """Say why a network's answers cannot be scored; empty where it has an output for each class."""
    if outputs == classes:
        return ""
    many = "1 output" if outputs == 1 else f"{outputs} outputs"
    of = "1 class" if classes == 1 else f"{classes} classes"
    return f"not scored: {many}, the digits have {of}"


def check_scored(network: Network, digits: DigitSet) -> None:
    """Raise UnfitError where a network's answers to digits cannot be scored."""
    why = unscored(network.sizes[-1], classes_for(network.sizes[-1], digits))
    if why:
        raise UnfitError(f"network {network.name!r}: {why}")


def sample(of: int, count: int) -> NDArray[np.intp]:
    """Return the positions, in order, of some digits of a set, of no order that the set may have.

    They are the same ones each time, and of fewer all are among those of more.
    """
    return np.sort(np.random.default_rng(0).permutation(of)[:count]).astype(np.intp)


def bytes_a_digit(sizes: Sequence[int]) -> int:
    """Return what a scorer needs for one digit.

    It keeps the first layer's sums in float64 and activations in float32, later layers' where they
    are asked for; and of one layer pre-activations as well: the second's, or those it computes.
    """
    return 8 * sizes[1] + 4 * sum(sizes[1:]) + 4 * max(sizes[1:])


def _shape(sizes: Sequence[int]) -> str:
    if len(sizes) <= _SHOWN_SIZES:
        return "-".join(map(str, sizes))
    return f"{'-'.join(map(str, sizes[: _SHOWN_SIZES - 2]))}-…-{sizes[-1]}"


def check_laid(network: Network, digits: DigitSet) -> None:
    """Raise ValueError unless digits are laid on a network's grid, and its answers fit a byte.

    Parameters
    ----------
    network : Network
    digits : DigitSet
        As :meth:`Fit.lay` gives them.
    """
    pixels = digits.pixels.shape[1]
    if network.sizes[0] != pixels or network.sizes[-1] > MOST_CLASSES:
        raise ValueError(
            f"network: expected {pixels} inputs, the digits' pixels, and at most {MOST_CLASSES} "
            f"outputs; got {_shape(network.sizes)}"
        )
