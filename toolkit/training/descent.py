"""Mini-batch gradient descent, with parts held fixed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from toolkit.digits.digitset import DigitSet
from toolkit.network import Network
from toolkit.training.arguments import (
    check_choice,
    check_decay,
    check_digits,
    check_numbers,
    split,
)
from toolkit.training.augmentation import Augmentation
from toolkit.training.backpropagation import check_loss, wanted_outputs
from toolkit.training.batches import Batches
from toolkit.training.parts import Parts, held_parts
from toolkit.training.steps import Descent, flatten, rates, rebuild

OPTIMIZERS = ("adamw", "sgd")
"""How a gradient becomes a step."""

SCHEDULES = ("one-cycle", "constant")
"""How the learning rate runs over the training."""


@dataclass(frozen=True)
class Epoch:
    """What one pass through the training digits gave.

    Attributes
    ----------
    number : int
        From 1.
    epochs : int
        How many were asked for.
    loss : float
        Mean over the epoch's batches, each before its step.
    accuracy : float or None
        On the validation digits, 0 to 1; None without validation.
    seconds, seconds_left : float
        Since training began; and what the remaining epochs will take at this pace.
    stage : str
        Which part of a plan this is; empty for a plain training.
    """

    number: int
    epochs: int
    loss: float
    accuracy: float | None
    seconds: float
    seconds_left: float
    stage: str = ""


@dataclass(frozen=True)
class TrainingResult:
    """A trained network and how it came about.

    Attributes
    ----------
    network : Network
        With validation, the one after the epoch of highest validation accuracy (the earliest of
        several); without, the one after the last completed epoch.  The network that came in, if
        no epoch was completed.
    records : tuple of Epoch
        One for each completed epoch.
    stopped_because : str
        In words.
    finished : bool
        Whether it ran to its end or was stopped by `patience`, the two ways that are meant.
    """

    network: Network
    records: tuple[Epoch, ...]
    stopped_because: str
    finished: bool


def train(
    network: Network,
    digits: DigitSet,
    *,
    epochs: int = 30,
    batch_size: int = 100,
    rate: float = 0.01,
    weight_decay: float | Sequence[float] = 0.05,
    loss: str = "cross-entropy",
    optimizer: str = "adamw",
    schedule: str = "one-cycle",
    validation: DigitSet | float | None = None,
    patience: int | None = None,
    frozen: Parts = (),
    augment: Augmentation | None = None,
    average: float | None = None,
    targets: ArrayLike | None = None,
    seed: int = 0,
    on_epoch: Callable[[Epoch], bool | None] | None = None,
    on_network: Callable[[int, Network, float | None], object] | None = None,
    stage: str = "",
) -> TrainingResult:
    """Train a network by mini-batch gradient descent.

    The network that comes in is left as it was.  The same arguments give the same bits (on the
    same machine and libraries).

    Parameters
    ----------
    network : Network
        Where to start, for example ``Network.random(seed=0)``.
    digits : DigitSet
        What to learn.
    epochs : int
        Passes through the digits, at least 1; each takes them in a new order.
    batch_size : int
        Digits to a step, at least 1.
    rate : float
        Learning rate, greater than 0; with ``"one-cycle"``, its peak.  Around 0.01 suits
        ``"adamw"``, 0.3 to 3 ``"sgd"``.
    weight_decay : float or sequence of float, one a layer
        Decoupled from the gradient (Loshchilov & Hutter 2019, "Decoupled weight decay
        regularization"): each step also multiplies the weights by ``1 - rate * weight_decay``.
        Biases do not decay.
    loss : {"cross-entropy", "mse"}
        As :func:`~toolkit.training.gradients` defines them.
    optimizer : {"adamw", "sgd"}
        Adam (Kingma & Ba 2015, beta 0.9 and 0.999, epsilon 1e-8), or plain descent.
    schedule : {"one-cycle", "constant"}
        ``"one-cycle"`` (Smith & Topin 2019, "Super-convergence"): the rate rises from 1/25 of
        its peak over the first 30 % of the steps and falls to 1/10,000 by the end, both along
        a cosine; momentum stays.
    validation : DigitSet or float, optional
        Digits to choose the best epoch by; a fraction between 0 and 1 takes as many, drawn by
        the seed, away from `digits`.
    patience : int, optional
        Stop after so many epochs in a row without a higher validation accuracy.
    frozen : iterable of str or tuple, or mapping of int to (mask, mask)
        Parts to hold fixed, bit for bit: layers (``"1"``), neurons (``"1.3"`` or ``(1, 3)``; a
        neuron's incoming weights and its bias), cells of a neuron's map (``"1.3:4-10x6-20"``, its
        rows and columns, or ``(1, 3, cells)``), biases (``"biases"``, ``"2.biases"``).  Or masks
        by the layer's number: of its weights, shape (out, in), and of its biases.
    augment : Augmentation, optional
        Deform each digit anew whenever it comes up.
    average : float, optional
        Between 0 and 1: validate and return an exponential moving average of the weights that
        keeps this share each step (Polyak & Juditsky 1992), for example 0.999.
    targets : array_like of float, shape (n, outputs), optional
        The wanted outputs of each of `digits`, each in [0, 1], in place of its label: another
        network's answers, to be distilled (Hinton, Vinyals & Dean 2015).
    seed : int
        For order, split and deformations.
    on_epoch : callable, optional
        Called with each :class:`Epoch`; returning False or raising KeyboardInterrupt stops.
    on_network : callable, optional
        Called with 0, the network that came in and its validation accuracy (None without
        validation) before the first epoch, and after each with its number, the network as it is
        then and its accuracy; before `on_epoch`.
    stage : str
        Copied into each record.

    Returns
    -------
    TrainingResult
        Also when interrupted (Ctrl+C) or when the loss is no longer finite: with the best
        network so far.

    Raises
    ------
    ValueError
        If an argument does not fit; the message names it.

    Examples
    --------
    >>> digits = DigitSet(np.eye(10, dtype=np.uint8) * 255, np.arange(10))
    >>> result = train(Network.random((10, 8, 10)), digits, epochs=100, batch_size=5, rate=0.1)
    >>> result.stopped_because
    'all 100 epochs done'
    >>> bool((result.network.forward(digits.images).predictions == digits.labels).all())
    True
    """
    check_numbers(epochs, batch_size, rate, patience, average, seed)
    check_choice("optimizer", optimizer, OPTIMIZERS)
    check_choice("schedule", schedule, SCHEDULES)
    check_loss(loss, network)
    decays = check_decay(weight_decay, len(network.layers))
    check_digits("digits", digits, network)
    wanted = wanted_outputs(
        digits.labels if targets is None else np.asarray(targets, np.float32),
        len(digits), network.sizes[-1], "digits" if targets is None else "targets",
    )  # fmt: skip
    if augment is not None and not isinstance(augment, Augmentation):
        raise ValueError(f"augment: expected an Augmentation; got {augment!r}")
    if patience is not None and validation is None:
        raise ValueError("patience: expected validation digits to judge by; got none")
    rng = np.random.default_rng(seed)
    pixels = digits.pixels
    if isinstance(validation, DigitSet):
        check_digits("validation", validation, network)
    elif validation is not None:
        keep, held_out = split(validation, len(digits), rng)
        validation = digits.subset(held_out, f"{digits.name}, validation")
        pixels, wanted = pixels[keep], wanted[keep]

    start = flatten(network)
    held = held_parts(frozen, network, len(start))
    descent = Descent(network, start, held, decays, loss, optimizer, average)
    batches = Batches(pixels, wanted, batch_size, augment)
    pace = rates(schedule, rate, epochs * len(batches))

    best, best_accuracy, best_number = start, -1.0, 0
    records: list[Epoch] = []
    finished, stopped = True, f"all {epochs} epochs done"
    began = time.perf_counter()
    try:
        if on_network is not None:
            on_network(0, network, None if validation is None else _accuracy(network, validation))
        for number in range(1, epochs + 1):
            total = descent.epoch(batches, rng, pace)
            candidate = descent.current()
            if not (math.isfinite(total) and np.isfinite(candidate[~held]).all()):
                finished = False
                stopped = (
                    f"the loss or a weight was no longer finite in epoch {number}; "
                    "a lower rate may help"
                )
                break
            accuracy, today = None, rebuild(network, candidate)
            if validation is None:
                best = candidate
            else:
                accuracy = _accuracy(today, validation)
                if accuracy > best_accuracy:
                    best, best_accuracy, best_number = candidate, accuracy, number
            seconds = time.perf_counter() - began
            records.append(
                Epoch(number, epochs, total / len(pixels), accuracy, seconds,
                      seconds / number * (epochs - number), stage)
            )  # fmt: skip
            if on_network is not None:
                on_network(number, today, accuracy)
            if on_epoch is not None and on_epoch(records[-1]) is False:
                finished, stopped = False, f"stopped by on_epoch after epoch {number}"
                break
            if patience is not None and number - best_number >= patience:
                stopped = f"no higher validation accuracy for {patience} epochs"
                break
    except KeyboardInterrupt:
        finished, stopped = False, f"interrupted after {len(records)} of {epochs} epochs"
    return TrainingResult(rebuild(network, best), tuple(records), stopped, finished)


def _accuracy(network: Network, digits: DigitSet) -> float:
    return float((network.forward(digits.images).predictions == digits.labels).mean())
