"""What the neurons of a network became while it learned: their verdicts at some of its epochs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from toolkit.network import Network

MOST_EPOCHS, MOST_VERDICTS = 20, 400
"""Each verdict takes some hundredths of a second."""


def kinds_while_learning(
    networks: Mapping[int, Network],
    images: ArrayLike,
    labels: ArrayLike,
    *,
    best: int | None = None,
    told: Callable[[int, int], bool] | None = None,
) -> dict[int, list[str]]:
    """Tell what each neuron of the first layer was at some of the epochs that were kept.

    Parameters
    ----------
    networks : mapping of int to Network
        By epoch, all of one shape.
    images : array_like, shape (n, pixels), in [0, 1]
    labels : array_like of int, shape (n,)
    best : int, optional
        An epoch that is to be among them.
    told : callable, optional
        Called with how many of how many are done, before each; returning False ends it.

    Returns
    -------
    dict of int to list of str
        By epoch, rising, verdicts as :func:`toolkit.analysis.shapes.verdicts` gives them: at most
        20 epochs, and 400 verdicts in all, the first epoch and the last among them; empty for a
        layer of more than 200 neurons, where that would take too long.
    """
    from toolkit.analysis.shapes import verdicts

    epochs = sorted(networks)
    size = networks[epochs[0]].layers[0].size
    most = min(MOST_EPOCHS, MOST_VERDICTS // size, len(epochs))
    if most < min(2, len(epochs)):
        return {}
    chosen = {epochs[at] for at in np.rint(np.linspace(0, len(epochs) - 1, most)).astype(int)}
    if best is not None and best in networks and best not in chosen:
        between = chosen - {epochs[0], epochs[-1]}
        chosen -= {min(between, key=lambda each: abs(each - best))} if between else set()
        chosen |= {best} if len(chosen) < most else set()
    # The last first: what is broken off has the most telling ones.
    order = sorted(chosen, reverse=True)
    pictures, found = np.asarray(images, np.float32), dict[int, list[str]]()
    for number, epoch in enumerate(order):
        if told is not None and told(number, len(order)) is False:
            break
        network = networks[epoch]
        (layer,) = verdicts(
            network, images=pictures, labels=labels, responses=network.forward(pictures),
            layers=(1,),
        )  # fmt: skip
        found[epoch] = [each.kind for each in layer]
    return dict(sorted(found.items()))
