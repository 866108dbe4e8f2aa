"""What all parts of a run share: the digits, how often, how many threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from toolkit.digits import DigitSet
from toolkit.network import DEFAULT_SIZES

ROUNDS = 15
SECONDS = 8.0


@dataclass
class Setting:
    """What a run works on.

    Attributes
    ----------
    test : DigitSet
    open_train : callable
        Returns the training digits; called when a part first wants them.
    rounds : int
        How often each figure is measured at most.
    seconds : float
        How long one may take before its rounds are fewer.
    threads : int
        Of BLAS and of each peer.
    """

    test: DigitSet
    open_train: Callable[[], DigitSet]
    rounds: int = ROUNDS
    seconds: float = SECONDS
    threads: int = 1

    @cached_property
    def train(self) -> DigitSet:
        """The training digits."""
        return self.open_train()

    @cached_property
    def all(self) -> DigitSet:
        """Training and test digits together."""
        return DigitSet(
            np.concatenate([self.train.pixels, self.test.pixels]),
            np.concatenate([self.train.labels, self.test.labels]),
            name="all",
        )

    @property
    def digits(self) -> str:
        """What is scored, by a name without a path, and by content."""
        named = "drawn digits" if self.test.source == "drawn" else self.test.name
        return f"{named.removesuffix(' test')}, {self.test.checksum}"


def open_setting(
    open_split: Callable[[str], DigitSet],
    *,
    rounds: int = ROUNDS,
    seconds: float = SECONDS,
    threads: int = 1,
) -> Setting:
    """Return the setting of a run.

    Parameters
    ----------
    open_split : callable
        Returns the digits of a split, ``"test"`` or ``"train"``.
    rounds, seconds, threads
        As :class:`Setting` has them.

    Raises
    ------
    ValueError
        If the digits are not of 28×28 pixels in ten classes, as the networks that are measured.
    """
    test = open_split("test")
    if (test.pixels.shape[1], test.classes) != (DEFAULT_SIZES[0], DEFAULT_SIZES[-1]):
        raise ValueError(
            f"digits: expected 28×28 pixels in 10 classes, which the networks that are measured "
            f"take; {test.name} has {test.grid} in {test.classes}"
        )
    return Setting(test, lambda: open_split("train"), rounds, seconds, threads)
