"""The picture that a neuron likes best, of pictures that are plain and smooth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolkit.analysis.neuron.gradients import back, double, forward
from toolkit.analysis.neurons import composed_maps
from toolkit.grid import Grid
from toolkit.network import Network

Double = NDArray[np.float64]

_STILL = 1e-4  # of a pixel: a step that moves none by more is the last
_SHORTEST = 1e-3  # on the edge of a ReLU no step is short enough


@dataclass(frozen=True, eq=False)
class Maximised:
    """The picture found.

    Attributes
    ----------
    layer, index : int
        The neuron.
    image : ndarray of float32, shape (inputs,), in [0, 1]
    pre_activation, activation : float
        What the neuron answers to it.
    steps : int
        Of the ascent; as many as were allowed where it had not come to rest.
    size, smoothness : float
        The prior.
    """

    layer: int
    index: int
    image: NDArray[np.float32]
    pre_activation: float
    activation: float
    steps: int
    size: float
    smoothness: float


def maximise(
    network: Network,
    layer: int,
    index: int,
    *,
    smoothness: float = 1.0,
    size: float = 1.0,
    steps: int = 200,
) -> Maximised:
    """Return the picture in [0, 1] that a neuron likes best under a prior.

    Climbs from the bright part of the neuron's composed map along the gradient of ::

        z / g  -  size / 2 * sum(x**2)  -  smoothness / 2 * sum((x - neighbour)**2)

    where *g* is the root mean square over the pixels of the gradient of *z* at the start, so that
    the same prior suits neurons of any strength: with no smoothness, a pixel of the first layer
    with that weight is as bright as ``1 / size``.  Regularised activation maximisation (Simonyan,
    Vedaldi & Zisserman, *Deep Inside Convolutional Networks*, 2013, equation 1; Mahendran &
    Vedaldi, *Understanding Deep Image Representations by Inverting Them*, 2015, section 2, for the
    smoothness) by accelerated projected gradients (Beck & Teboulle, *A Fast Iterative
    Shrinkage-Thresholding Algorithm*, 2009, section 4), begun anew where they would lead down
    (O'Donoghue & Candès, *Adaptive Restart for Accelerated Gradient Schemes*, 2012).  For the
    first layer it is the one best picture; further up one that no small change betters.

    Parameters
    ----------
    network : Network
    layer, index : int
        The neuron.
    smoothness, size : float, at least 0
        How much neighbouring pixels that differ cost, and ink.
    steps : int, at least 1
        At most so many.

    Raises
    ------
    ValueError
        If the network has no such neuron, or a value does not fit.
    """
    network.check_neuron(layer, index)
    for name, value in (("smoothness", smoothness), ("size", size)):
        if not 0 <= value < np.inf:
            raise ValueError(f"{name}: expected a finite number, 0 or more; got {value!r}")
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or steps < 1:
        raise ValueError(f"steps: expected a whole number of 1 or more; got {steps!r}")
    with np.errstate(all="ignore"):
        x = _start(network, layer, index)
        answer = _answer(network, layer, index)
        gradient = answer(x)[1]
        scale = float(np.sqrt(np.mean(gradient**2)))
        taken = 0
        if 0 < scale < np.inf:
            goal = _goal(answer, scale, network.grid, float(size), float(smoothness))
            x, taken = _climb(goal, x, 1 / (1 + size + 8 * smoothness), int(steps))
        image = x.astype(np.float32)
        trace = network.forward(image)
    return Maximised(
        layer=int(layer),
        index=int(index),
        image=image,
        pre_activation=float(trace.pre_activations[layer - 1][index]),
        activation=float(trace.activations[layer - 1][index]),
        steps=taken,
        size=float(size),
        smoothness=float(smoothness),
    )


Answer = Callable[[Double], tuple[float, Double]]


def _start(network: Network, layer: int, index: int) -> Double:
    """Return the bright part of the composed map, at most 1."""
    guess = np.maximum(composed_maps(network, layer)[index].astype(np.float64), 0)
    brightest = guess.max()
    return guess / brightest if 0 < brightest < np.inf else np.zeros(len(guess))


def _answer(network: Network, layer: int, index: int) -> Answer:
    """Return what gives a neuron's pre-activation for a picture, and its gradient."""
    layers = network.layers[:layer]
    weights = [double(each) for each in layers]
    top = np.zeros((1, layers[-1].size))
    top[0, index] = 1

    def answer(x: Double) -> tuple[float, Double]:
        zs, activations = forward(layers, (weights[0] @ x + layers[0].biases)[None], weights)
        return float(zs[-1][0, index]), back(layers, top, zs, activations, weights)[0] @ weights[0]

    return answer


def _goal(answer: Answer, scale: float, grid: Grid, size: float, smoothness: float) -> Answer:
    """Return what gives the cost of a picture, to be made small, and its gradient."""

    def goal(x: Double) -> tuple[float, Double]:
        z, slope = answer(x)
        picture = x.reshape(*grid)
        down, right = np.diff(picture, axis=0), np.diff(picture, axis=1)
        rough = np.zeros_like(picture)
        rough[1:] += down
        rough[:-1] -= down
        rough[:, 1:] += right
        rough[:, :-1] -= right
        rest = size * (x @ x) + smoothness * (np.sum(down**2) + np.sum(right**2))
        cost = float(rest / 2 - z / scale)
        return cost, size * x + smoothness * rough.ravel() - slope / scale

    return goal


def _climb(goal: Answer, x: Double, step: float, steps: int) -> tuple[Double, int]:
    """Make the cost small within [0, 1], and return the picture and the steps it took."""
    cost, ahead, speed = goal(x)[0], x, 1.0
    for taken in range(1, steps + 1):
        here, slope = goal(ahead)
        while True:
            found = np.clip(ahead - step * slope, 0, 1)
            change = found - ahead
            there = goal(found)[0]
            # Where the parabola that a step trusts in is above the cost, the step is short enough.
            trusted = here + slope @ change + change @ change / (2 * step)
            if there <= trusted + 1e-12 * abs(here) or step < _SHORTEST:
                break
            step /= 2
        if not there < cost:
            if ahead is x:  # a plain step does not help either
                return x, taken
            ahead, speed = x, 1.0
            continue
        moved = found - x
        faster = (1 + np.sqrt(1 + 4 * speed**2)) / 2
        ahead = np.clip(found + (speed - 1) / faster * moved, 0, 1)
        x, cost, speed = found, there, faster
        if np.abs(moved).max() < _STILL:
            return x, taken
    return x, steps
