"""Deciding what a file leaves open: orientation, activation functions, how pixels were scaled.

There are few possibilities for each, so all are tried on digits, and the one
that reads most of them right is proposed first.  Whatever scaling a network
was trained with is folded into its first layer, so that here every network
takes pixels in [0, 1], ink bright.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from toolkit.digits.digitset import DigitSet
from toolkit.fits import WORKBENCH, Budget, Fit, fits
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.meaning.reading import RawLayer, Reading
from toolkit.grid import Grid
from toolkit.network import Layer, Network

INPUT_MAPS: dict[str, tuple[float, float]] = {
    "pixels from 0 to 1": (1.0, 0.0),
    "pixels less 0.1307, over 0.3081": (1 / 0.3081, -0.1307 / 0.3081),
    "pixels from −1 to 1": (2.0, -1.0),
    "pixels from 0 to 255": (255.0, 0.0),
}
"""What a first layer may have been fed, as ``(scale, shift)`` of a pixel in [0, 1].

0.1307 and 0.3081 are mean and standard deviation of MNIST's training pixels, the usual
normalisation in PyTorch's examples.
"""

_HIDDEN = ("sigmoid", "relu", "tanh")
_TRIED_ON = 2000  # digits: enough to tell the possibilities apart, few enough not to wait
_FEWEST_TRIED = 100
_SHOWN_NAMES = 8
_TRIAL_WORK = 10_000_000_000  # multiplications over all possibilities: a second or so


@dataclass(frozen=True, eq=False)
class Interpretation:
    """One way to understand a file.

    Attributes
    ----------
    reading : Reading
        What the file says.
    inputs_first : bool
        Whether the file's weights are taken for (in, out).
    hidden : str
        Activation of the hidden layers of which the file does not say it.
    input : str
        What the first layer was fed, in words.
    input_map : (float, float)
        The same as ``(scale, shift)`` of a pixel in [0, 1].
    grid : Grid
        Of the pictures that it takes.
    accuracy : float or None
        On the digits tried, in [0, 1]; None where none could be.
    """

    reading: Reading
    inputs_first: bool
    hidden: str
    input: str
    input_map: tuple[float, float]
    grid: Grid
    accuracy: float | None = None

    @property
    def sizes(self) -> tuple[int, ...]:
        """Neurons per layer, the input first."""
        return _sizes(self.reading, self.inputs_first)

    @property
    def activations(self) -> tuple[str, ...]:
        """Activation of each layer, the input not counted."""
        return _activations(self.reading, self.hidden)

    @property
    def summary(self) -> str:
        """Say it in one line."""
        orientation = "weights (in, out)" if self.inputs_first else "weights (out, in)"
        return f"{_listed(self.activations)}; {self.input}; {orientation}"

    @cached_property
    def network(self) -> Network:
        """Takes pixels in [0, 1], ink bright; made when first asked for."""
        return self.build()

    def build(self) -> Network:
        """Make the network, which is not kept here."""
        layers = _layers(self)
        provenance = {**self.reading.provenance, "read from": self.reading.format}
        if self.input_map != (1.0, 0.0):
            layers[0] = _fold(layers[0], *self.input_map)
            provenance["first layer"] = f"was fed {self.input}; folded into its weights here"
        origin = self.reading.origin
        if origin is not None:
            origin = origin.fed(*self.input_map)
            if self.reading.layers[0].inputs_first is None:
                origin = origin.lying(self.inputs_first)
        return Network(tuple(layers), self.reading.name, provenance, self.reading.names, origin)


def interpret(reading: Reading, digits: DigitSet | None = None) -> Interpretation:
    """Return the likeliest way to understand a file; see :func:`possibilities`."""
    return possibilities(reading, digits)[0]


def possibilities(
    reading: Reading, digits: DigitSet | None = None, budget: Budget = WORKBENCH
) -> list[Interpretation]:
    """Return the ways to understand what a file says, the likeliest first.

    Parameters
    ----------
    reading : Reading
    digits : DigitSet, optional
        What to try on; without it, or where the network does not fit them, conventions decide.
        A network that takes as many pixels as they have gets their grid.
    budget : Budget
        What a network may cost that is tried.

    Returns
    -------
    list of Interpretation
        At least one.  Where digits were tried, by accuracy; among equals the more usual first.

    Raises
    ------
    NetworkFileError
        If the layers' shapes do not follow one another in any orientation.
    """
    orientations = _orientations(reading)
    if digits is not None:
        some = digits.subset(slice(_TRIED_ON))
        found = {
            flag: fits(_sizes(reading, flag), some, budget, _grid(reading, flag, some))
            for flag in orientations
        }
        fitting = {flag: fit for flag, fit in found.items() if fit}
        if fitting:
            return _tried(reading, some, fitting)
    return [
        way
        for flag in orientations
        for way in _ways(reading, flag, _grid(reading, flag, digits), tried=False)
    ]


def _tried(reading: Reading, digits: DigitSet, fitting: dict[bool, Fit]) -> list[Interpretation]:
    ways = {flag: list(_ways(reading, flag, fit.grid, tried=True)) for flag, fit in fitting.items()}
    weights = sum(layer.weights.size for layer in reading.layers)
    most = max(_FEWEST_TRIED, _TRIAL_WORK // (weights * sum(map(len, ways.values()))))
    found = []
    for flag, fit in fitting.items():
        trial = fit.lay(digits)
        trial = trial.subset(slice(most))
        found += [replace(way, accuracy=_accuracy(way.build(), trial)) for way in ways[flag]]
    return sorted(found, key=lambda each: -(each.accuracy or 0.0))


def _ways(
    reading: Reading, inputs_first: bool, grid: Grid, *, tried: bool
) -> Iterator[Interpretation]:
    for hidden in _hidden_choices(reading, tried):
        for name, input_map in _input_maps(reading, tried):
            yield Interpretation(reading, inputs_first, hidden, name, input_map, grid)


def _grid(reading: Reading, inputs_first: bool, digits: DigitSet | None) -> Grid:
    inputs = _sizes(reading, inputs_first)[0]
    said = reading.layers[0].grid
    if said is not None:
        return said
    return digits.grid if digits is not None and digits.grid.cells == inputs else Grid.of(inputs)


def _sizes(reading: Reading, inputs_first: bool) -> tuple[int, ...]:
    shapes = [layer.weights.shape[:: -1 if inputs_first else 1] for layer in reading.layers]
    return (shapes[0][1], *(out for out, _ in shapes))


def _listed(names: tuple[str, ...]) -> str:
    shown = names if len(names) <= _SHOWN_NAMES else (*names[: _SHOWN_NAMES - 2], "…", names[-1])
    return ", ".join(shown)


def _orientations(reading: Reading) -> list[bool]:
    said = {layer.inputs_first for layer in reading.layers} - {None}
    asked = [flag for flag in (False, True) if not said or said == {flag}]
    if len(said) == 2:
        raise NetworkFileError(
            f"{reading.format}: some layers hold weights as (in, out), others as (out, in)"
        )
    chained = [flag for flag in asked if _chains(reading.layers, flag)]
    if not chained:
        shapes = ", ".join(
            f"{layer.name or number}: {' × '.join(map(str, layer.weights.shape))}"
            for number, layer in enumerate(reading.layers[:8], 1)
        )
        raise NetworkFileError(
            f"{reading.format}: expected layers of which each takes what the one before gives; "
            f"got weights of shapes {shapes}"
        )
    return chained


def _chains(layers: tuple[RawLayer, ...], inputs_first: bool) -> bool:
    shapes = [layer.weights.shape[:: -1 if inputs_first else 1] for layer in layers]
    return all(
        layer.biases is None or len(layer.biases) == out
        for layer, (out, _) in zip(layers, shapes, strict=True)
    ) and all(below[0] == above[1] for below, above in pairwise(shapes))


def _hidden_choices(reading: Reading, tried: bool) -> tuple[str, ...]:
    if all(layer.activation for layer in reading.layers[:-1]):
        return ("",)
    return _HIDDEN if tried else ("relu",)


def _input_maps(reading: Reading, tried: bool) -> list[tuple[str, tuple[float, float]]]:
    if reading.input_map is not None:
        known = {value: name for name, value in INPUT_MAPS.items()}
        scale, shift = reading.input_map
        name = known.get(reading.input_map, f"{scale:g} × pixel {shift:+g}, as the file says")
        return [(name, reading.input_map)]
    if not tried:
        return [next(iter(INPUT_MAPS.items()))]
    dark = [
        (f"{name}, ink dark", (-scale, scale + shift))
        for name, (scale, shift) in INPUT_MAPS.items()
    ]
    return [*INPUT_MAPS.items(), *dark]


def _activations(reading: Reading, hidden: str) -> tuple[str, ...]:
    found: list[str] = []
    for number, raw in enumerate(reading.layers, 1):
        activation = raw.activation
        if activation is None and number < len(reading.layers):
            activation = hidden
        if activation is None:
            # An output of sigmoids goes with hidden sigmoids; the order of the outputs, and so
            # the accuracy, is the same either way.
            below = found[-1] if found else "softmax"
            activation = "sigmoid" if below == "sigmoid" else "softmax"
        found.append(activation)
    return tuple(found)


def _layers(way: Interpretation) -> list[Layer]:
    layers: list[Layer] = []
    for raw, activation in zip(way.reading.layers, way.activations, strict=True):
        weights = raw.weights.T if way.inputs_first else raw.weights
        biases = np.zeros(len(weights), np.float32) if raw.biases is None else raw.biases
        grid = raw.grid if layers else way.grid
        layers.append(Layer(weights, biases, activation, grid))  # type: ignore[arg-type]
    return layers


def _fold(layer: Layer, scale: float, shift: float) -> Layer:
    """Let a layer that takes ``scale * x + shift`` take x."""
    if (scale, shift) == (1.0, 0.0):
        return layer
    weights = layer.weights.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        biases = layer.biases + shift * weights.sum(axis=1)
        return replace(
            layer,
            weights=(scale * weights).astype(np.float32),
            biases=biases.astype(np.float32),
        )


def _accuracy(network: Network, digits: DigitSet) -> float:
    with np.errstate(all="ignore"):
        predictions = network.forward(digits.images).predictions
    return float(np.mean(predictions == digits.labels))
