"""The weights on their way: what one step of gradient descent does to them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from toolkit.network import Float, Layer, Network
from toolkit.training.arguments import views
from toolkit.training.backpropagation import backpropagate
from toolkit.training.batches import Batches

_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-8


class Descent:
    """The weights on their way: all in one vector, so that a step is a few vector operations.

    Parameters
    ----------
    network : Network
        Whose shapes and activation functions count.
    start : ndarray of float32
        All weights and biases, as :func:`flatten` gives them.
    held : ndarray of bool
        Those that stay as they are, bit for bit.
    decays, loss, optimizer, average
        As :func:`toolkit.training.train` takes them.
    """

    def __init__(
        self,
        network: Network,
        start: Float,
        held: NDArray[np.bool_],
        decays: Sequence[float],
        loss: str,
        optimizer: str,
        average: float | None,
    ) -> None:
        self.activations = network.activations
        self.loss, self.optimizer, self.average = loss, optimizer, average
        self.start = start
        self.held = held if held.any() else None
        self.flat = start.copy()
        self.gradient = np.zeros_like(start)
        self.parameters = views(self.flat, network)
        self.gradients = views(self.gradient, network)
        self.decaying = [
            (weights, decay)
            for (weights, _), decay in zip(self.parameters, decays, strict=True)
            if decay
        ]
        self.first, self.second = np.zeros_like(start), np.zeros_like(start)
        self.scratch = np.empty_like(start)
        self.mean = start.copy()
        self.steps = 0

    def epoch(self, batches: Batches, rng: np.random.Generator, pace: Sequence[float]) -> float:
        """Take a step for each batch, at the rate that `pace` has for it of all steps.

        Return the sum over the digits of the loss before their step; not finite as soon as one is.
        """
        total = 0.0
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            for x, targets in batches.epoch(rng):
                total += self._step(x, targets, pace[self.steps], batches.unit) * len(x)
                if not math.isfinite(total):
                    break
        return total

    def _step(self, x: Float, targets: Float, rate: float, unit: float) -> float:
        """Take one step and return the mean loss before it."""
        value = backpropagate(
            self.parameters, self.activations, x, targets, self.loss, self.gradients, unit
        )
        self.steps += 1
        for weights, decay in self.decaying:
            weights *= np.float32(1 - rate * decay)
        if self.optimizer == "adamw":
            self._adam(rate)
        else:
            self.gradient *= np.float32(rate)
            self.flat -= self.gradient
        if self.held is not None:
            np.copyto(self.flat, self.start, where=self.held)
        if self.average is not None:
            # A young average forgets faster, so that the start leaves it soon.
            keep = min(self.average, (1 + self.steps) / (10 + self.steps))
            np.subtract(self.flat, self.mean, out=self.scratch)
            self.scratch *= np.float32(1 - keep)
            self.mean += self.scratch
        return value

    def _adam(self, rate: float) -> None:
        first, second, scratch = self.first, self.second, self.scratch
        # The moments are kept without the factors 1 - beta that Kingma & Ba give each gradient, and
        # these factors and the corrections for a start at zero stand in two numbers.
        first *= np.float32(_BETA1)
        first += self.gradient
        second *= np.float32(_BETA2)
        np.multiply(self.gradient, self.gradient, out=scratch)
        second += scratch
        root = math.sqrt((1 - _BETA2**self.steps) / (1 - _BETA2))
        np.sqrt(second, out=scratch)
        scratch += np.float32(_EPSILON * root)
        np.divide(first, scratch, out=scratch)
        scratch *= np.float32(rate * root * (1 - _BETA1) / (1 - _BETA1**self.steps))
        self.flat -= scratch

    def current(self) -> Float:
        """Return a copy of the weights, averaged if so asked."""
        if self.average is None:
            return self.flat.copy()
        result = self.mean.copy()
        if self.held is not None:
            np.copyto(result, self.start, where=self.held)
        return result


def flatten(network: Network) -> Float:
    """Return all weights and biases as one vector, layer by layer."""
    return np.concatenate(
        [part.ravel() for layer in network.layers for part in (layer.weights, layer.biases)]
    )


def rebuild(network: Network, flat: Float) -> Network:
    """Return the network with the weights and biases of such a vector."""
    layers = tuple(
        Layer(weights, biases, layer.activation, layer.grid)
        for layer, (weights, biases) in zip(network.layers, views(flat, network), strict=True)
    )
    return replace(network, layers=layers)


def rates(schedule: str, rate: float, steps: int) -> list[float]:
    """Return the learning rate of every step."""
    if schedule == "constant":
        return [rate] * steps
    position = (np.arange(steps) + 0.5) / steps
    rising = (1 - np.cos(np.pi * np.minimum(position / 0.3, 1))) / 2
    falling = (1 + np.cos(np.pi * (position - 0.3).clip(0) / 0.7)) / 2
    up = rate / 25 + (rate - rate / 25) * rising
    down = rate / 1e4 + (rate - rate / 1e4) * falling
    return [float(value) for value in np.where(position < 0.3, up, down)]
