"""Digits in batches: each epoch in a new order, as a step of gradient descent takes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.network import Float
from toolkit.training.augmentation import Augmentation


class Batches:
    """Inputs and what is wanted of each, in batches; ``len()`` counts those of an epoch.

    Parameters
    ----------
    rows : ndarray of uint8 or float32, shape (n, inputs)
        Pixels from 0 to 255, or inputs as they are.
    wanted : ndarray of float32, shape (n, outputs)
    size : int
        Of a batch; an epoch's last one may be smaller.
    augment : Augmentation, optional
        Deform pixels anew whenever they come up.

    Attributes
    ----------
    unit : float
        What the values of a batch are to be multiplied by to be inputs.
    """

    def __init__(
        self,
        rows: NDArray[Any],
        wanted: Float,
        size: int,
        augment: Augmentation | None = None,
    ) -> None:
        self.rows, self.wanted, self.size, self.augment = rows, wanted, size, augment
        self.unit = 1 / 255 if rows.dtype == np.uint8 and augment is None else 1.0
        self.room = np.empty((min(size, len(rows)), rows.shape[1]), np.float32)

    def __len__(self) -> int:
        return -(-len(self.rows) // self.size)

    def epoch(self, rng: np.random.Generator) -> Iterator[tuple[Float, Float]]:
        """Give each batch's inputs, in memory that the next one uses too, and wanted outputs."""
        order = rng.permutation(len(self.rows))
        wanted = self.wanted.take(order, axis=0)
        for at in range(0, len(order), self.size):
            chosen = order[at : at + self.size]
            x = self.room[: len(chosen)]
            # Positions of a permutation are in range; without "clip" NumPy takes rows into memory
            # of its own first, for the case that one is not.
            if self.rows.dtype != np.uint8:
                self.rows.take(chosen, axis=0, out=x, mode="clip")
            elif self.augment is None:
                x[:] = self.rows.take(chosen, axis=0, mode="clip")
            else:
                x = self.augment.deform(self.rows[chosen], rng)
            yield x, wanted[at : at + self.size]
