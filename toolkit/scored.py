"""What a network made of a digit set: how much of it was read right, and as what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolkit.digits.digitset import USUAL_CLASSES
from toolkit.fits import UnfitError, unscored
from toolkit.scoretable import ScoreTable


@dataclass(frozen=True, eq=False, repr=False)
class Score(ScoreTable):
    """How well a network reads a digit set.

    A network that has another number of outputs than the digits have classes answers, and is not
    scored: `unscored` says so, no digit counts as read right or wrong, and what would be a share
    of them is nan.

    Attributes
    ----------
    predictions : ndarray of uint8, shape (n,)
        The output that wins.
    labels : ndarray of uint8, shape (n,)
    outputs, classes : int
        Of the network, and of the digits.
    """

    predictions: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    outputs: int = USUAL_CLASSES
    classes: int = USUAL_CLASSES

    @property
    def unscored(self) -> str:
        """Why there is no accuracy, in words; empty where there is one."""
        return unscored(self.outputs, self.classes)

    @property
    def _right(self) -> NDArray[np.bool_]:
        if self.outputs != self.classes:
            return np.zeros(len(self.labels), bool)
        right: NDArray[np.bool_] = self.predictions == self.labels
        return right

    @property
    def images(self) -> int:
        """Number of digits."""
        return len(self.labels)

    @property
    def correct(self) -> int:
        """Number of digits read as their label."""
        return int(np.count_nonzero(self._right))

    @property
    def known_accuracy(self) -> float | None:
        """The accuracy; None where there is none."""
        return self.accuracy if self.images and not self.unscored else None

    @property
    def accuracy(self) -> float:
        """Share read right, in [0, 1]; nan for an empty set, and where it is not scored."""
        if not self.images or self.outputs != self.classes:
            return float("nan")
        return self.correct / self.images

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Counts of shape (classes, outputs): row the label, column the answer."""
        pairs = self.outputs * self.labels.astype(np.int64) + self.predictions
        cells = self.classes * self.outputs
        return np.bincount(pairs, minlength=cells).reshape(self.classes, self.outputs)

    @property
    def per_digit(self) -> NDArray[np.float64]:
        """Accuracy on each class, shape (classes,); nan where the set has none of it."""
        if self.outputs != self.classes:
            return np.full(self.classes, np.nan)
        confusion = self.confusion
        counts = confusion.sum(axis=1)
        with np.errstate(invalid="ignore"):
            result: NDArray[np.float64] = np.diagonal(confusion) / counts
        return result

    def check_scored(self) -> None:
        """Raise UnfitError, with `unscored`, where there is no accuracy."""
        if self.unscored:
            raise UnfitError(self.unscored)

    @property
    def wrong(self) -> NDArray[np.intp]:
        """Positions of the digits read wrong."""
        if self.outputs != self.classes:
            return np.empty(0, np.intp)
        return np.flatnonzero(self.predictions != self.labels)

    def gained_since(self, before: Score) -> NDArray[np.intp]:
        """Positions read right now and wrong before."""
        if self.unscored or before.unscored:
            return np.empty(0, np.intp)
        return np.flatnonzero(self._right & ~before._right)

    def lost_since(self, before: Score) -> NDArray[np.intp]:
        """Positions read wrong now and right before."""
        return before.gained_since(self)
