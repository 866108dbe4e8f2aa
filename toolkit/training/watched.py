"""A training that is watched: the network as it was at each epoch, beside the curves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from toolkit.digits.digitset import DigitSet
from toolkit.network import Network
from toolkit.training.arguments import check_numbers
from toolkit.training.descent import Epoch, TrainingResult, train

MOST_KEPT_BYTES = 32 << 20
"""Of networks that are kept: 784-16-16-10 at 640 epochs, 784-512-10 at 20."""
_FEWEST_KEPT = 3


@dataclass(frozen=True)
class Learning:
    """How a network learned.

    Attributes
    ----------
    result : TrainingResult
        With the network that was chosen and a record for each epoch, as :func:`train` gives it.
    start_accuracy : float or None
        Of the network that came in, on the validation digits, 0 to 1.
    epochs : tuple of int
        Those of which the network is kept, rising: 0, which is the start, the last that was
        completed and :attr:`best` among them.
    networks : tuple of Network
        The networks at these epochs, as they were validated.
    every : int
        Between one that is kept and the next lie so many epochs; 1 where all are kept.
    """

    result: TrainingResult
    start_accuracy: float | None
    epochs: tuple[int, ...]
    networks: tuple[Network, ...]
    every: int = 1

    @property
    def records(self) -> tuple[Epoch, ...]:
        """One for each completed epoch."""
        return self.result.records

    @property
    def best(self) -> int:
        """The epoch whose network was chosen; 0 where none was completed."""
        scored = [
            (each.accuracy, -each.number) for each in self.records if each.accuracy is not None
        ]
        return -max(scored)[1] if scored else len(self.records)

    @property
    def brightest(self) -> float:
        """The weight that is shown brightest, at every epoch: above 0.

        At none of the epochs kept are more than one in a hundred of the first layer's finite
        weights larger: a scale by the largest one of all would leave the rest in the dark.
        """
        return max(self._limits, default=0) or 1.0

    @property
    def brightest_at(self) -> tuple[float, ...]:
        """The same of each epoch that was kept, for itself."""
        return tuple(each or 1.0 for each in self._limits)

    @property
    def _limits(self) -> list[float]:
        sizes = [np.abs(each.layers[0].weights) for each in self.networks]
        finite = [each[np.isfinite(each)] for each in sizes]
        return [float(np.quantile(each, 0.99)) if each.size else 0.0 for each in finite]

    def accuracy(self, epoch: int) -> float | None:
        """Return the validation accuracy at an epoch, that of the start at 0."""
        return self.records[epoch - 1].accuracy if epoch else self.start_accuracy

    def loss(self, epoch: int) -> float | None:
        """Return the mean loss over an epoch's batches; None for the start."""
        return self.records[epoch - 1].loss if epoch else None


def watch(
    network: Network,
    digits: DigitSet,
    *,
    epochs: int = 30,
    most_bytes: int = MOST_KEPT_BYTES,
    told: Callable[[Epoch], bool | None] | None = None,
    **training: Any,
) -> Learning:
    """Train a network and keep what it was like on the way.

    Parameters
    ----------
    network : Network
        Where to start.
    digits : DigitSet
        What to learn.
    epochs : int
        At least 1.
    most_bytes : int
        Hardly more is kept of networks; of a wide one each second epoch's, or third's, and so on,
        but never fewer than the start, one between, the best and the last.
    told : callable, optional
        As ``on_epoch`` of :func:`train`: called with each record, and stops by returning False.
    **training
        All else that :func:`train` takes, with the same defaults: ``validation``, ``rate``,
        ``weight_decay``, ``batch_size``, ``seed`` and so on.  The same arguments give the same
        network as there, bit for bit.

    Returns
    -------
    Learning
        Also when interrupted: as far as it came.

    Raises
    ------
    ValueError
        If an argument does not fit; the message names it.

    Examples
    --------
    >>> import numpy as np
    >>> digits = DigitSet(np.eye(10, dtype=np.uint8) * 255, np.arange(10))
    >>> learning = watch(Network.random((10, 8, 10)), digits, epochs=4, batch_size=5)
    >>> learning.epochs
    (0, 1, 2, 3, 4)
    """
    check_numbers(epochs, 1, 1.0, None, None, 0)
    most = max(_FEWEST_KEPT, most_bytes // max(1, 4 * network.parameters)) - 1
    every = -(-epochs // most)
    kept: dict[int, Network] = {}
    accuracies: list[float | None] = []

    def keep(number: int, now: Network, accuracy: float | None) -> None:
        kept[number] = now
        accuracies.append(accuracy)
        # The last, and the earliest of the best, as the trainer has it, while they are that.
        scored = [
            (right, -each) for each, right in enumerate(accuracies) if each and right is not None
        ]
        best = -max(scored)[1] if scored else number
        for each in [each for each in kept if each % every and each not in (best, number)]:
            del kept[each]

    result = train(network, digits, epochs=epochs, on_epoch=told, on_network=keep, **training)
    return Learning(
        result, accuracies[0] if accuracies else None, tuple(kept), tuple(kept.values()), every
    )  # fmt: skip
