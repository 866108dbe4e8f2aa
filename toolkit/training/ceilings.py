"""How far a network's first layers could carry it: upper layers trained on what they give.

What is found is a lower bound of the best that is possible, a close one as a rule:
how close depends on the digits and epochs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolkit.digits.digitset import DigitSet
from toolkit.network import Network, winner
from toolkit.training.arguments import check_digits, check_numbers, split
from toolkit.training.backpropagation import wanted_outputs
from toolkit.training.tops import BATCH, RATE, Top, features


@dataclass(frozen=True, eq=False)
class Ceiling:
    """What upper layers of the network's own shape reached from its first layers.

    Attributes
    ----------
    layers : int
        How many were held, from the first.
    accuracy : float
        On the digits measured, 0 to 1.
    falls : ndarray of float64, shape (neurons of the last layer held,), or None
        By how much the accuracy falls without each neuron, once the layers above have got used
        to it; None where it was not asked for.  What is below a few thousandths is chance.
    """

    layers: int
    accuracy: float
    falls: NDArray[np.float64] | None = None

    @property
    def name(self) -> str:
        """For example ``layer 1`` or ``layers 1–2``."""
        return "layer 1" if self.layers == 1 else f"layers 1–{self.layers}"


@dataclass(frozen=True)
class Ceilings:
    """What each number of first layers could reach.

    Attributes
    ----------
    accuracy : float
        Of the network as it is, on the digits measured.
    ceilings : tuple of Ceiling
        From the first layer alone to all but the output layer; none for a network of one layer.
    learned, measured : int
        How many digits the upper layers learned, and how many others were read.
    learned_from, measured_on : str
        Names of those digits.
    """

    accuracy: float
    ceilings: tuple[Ceiling, ...]
    learned: int
    measured: int
    learned_from: str
    measured_on: str


def ceilings(
    network: Network,
    digits: DigitSet,
    *,
    measure_on: DigitSet | float = 0.25,
    epochs: int | None = None,
    without: bool = False,
    seed: int = 0,
    on_ceiling: Callable[[Ceiling], None] | None = None,
) -> Ceilings:
    """Train the best upper layers that a network's first layers allow, and tell how they read.

    Takes about 0.2 s a ceiling for 10,000 digits and 784-16-16-10.

    Parameters
    ----------
    network : Network
        Its own upper weights do not count; its shape and activation functions do.
    digits : DigitSet
        What the upper layers learn.
    measure_on : DigitSet or float
        Digits to measure on, none of them among `digits`; a fraction between 0 and 1 takes as
        many away from `digits`, by the seed.
    epochs : int, optional
        Passes through the digits, at least 1; by default 20, more for fewer than 10,000 digits.
    without : bool
        Whether to measure the fall without each neuron too; for sixteen neurons that
        takes about as long as the ceiling.
    seed : int
        The same arguments give the same figures (on the same machine and libraries).
    on_ceiling : callable, optional
        Called with each as soon as it is known.

    Raises
    ------
    ValueError
        If an argument does not fit; the message names it.

    Examples
    --------
    >>> digits = DigitSet(np.repeat(np.eye(10, dtype=np.uint8) * 255, 20, 0), np.arange(200) // 20)
    >>> found = ceilings(Network.random((10, 8, 10), seed=1), digits, epochs=60)
    >>> found.ceilings[0].name, found.ceilings[0].accuracy
    ('layer 1', 1.0)
    """
    check_numbers(1 if epochs is None else epochs, BATCH, RATE, None, None, seed)
    check_digits("digits", digits, network)
    if isinstance(measure_on, DigitSet):
        check_digits("measure_on", measure_on, network)
    else:
        keep, aside = split(measure_on, len(digits), np.random.default_rng(seed))
        measure_on, digits = digits.subset(aside), digits.subset(keep)
    # Those of a network that is not finite say nothing; the layers above see zeros for them.
    learned, measured = list(features(network, digits)), list(features(network, measure_on))
    wanted = wanted_outputs(digits.labels, len(digits), network.sizes[-1], "digits")
    found = []
    for held in range(1, len(network.layers)):
        # The answer is the highest output whatever function it goes through.
        top = Top(network, held, "softmax", seed, learned[held - 1])
        x, y = top.scaled(learned[held - 1]), top.scaled(measured[held - 1])
        top.learn(x, wanted, epochs)
        falls = top.falls(x, wanted, y, measure_on.labels) if without else None
        found.append(Ceiling(held, top.accuracy(y, measure_on.labels), falls))
        if on_ceiling is not None:
            on_ceiling(found[-1])
    read = winner(measured[-1], activation=network.activations[-1])
    return Ceilings(
        float(np.mean(read == measure_on.labels)), tuple(found),
        len(digits), len(measure_on), digits.name, measure_on.name,
    )  # fmt: skip
