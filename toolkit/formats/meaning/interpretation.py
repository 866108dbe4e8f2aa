"""Deciding what a file leaves open: orientation, activation functions, how pixels were scaled.

There are few possibilities for each, so all are tried on digits, and the one
that reads most of them right is proposed first.  Whatever scaling a network
was trained with is folded into its first layer, so that here every network
takes pixels in [0, 1], ink bright.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from toolkit.digits.digitset import DigitSet
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


@dataclass(frozen=True, eq=False)
class Interpretation:
    """One way to understand a file.

    Attributes
    ----------
    network : Network
        Takes pixels in [0, 1], ink bright.
    inputs_first : bool
        Whether the file's weights were (in, out).
    input : str
        What the first layer was fed, in words.
    accuracy : float or None
        On the digits tried, in [0, 1]; None where none could be.
    """

    network: Network
    inputs_first: bool
    input: str
    accuracy: float | None = None

    @property
    def summary(self) -> str:
        """Say it in one line."""
        orientation = "weights (in, out)" if self.inputs_first else "weights (out, in)"
        return f"{', '.join(self.network.activations)}; {self.input}; {orientation}"


def interpret(reading: Reading, digits: DigitSet | None = None) -> Interpretation:
    """Return the likeliest way to understand a file; see :func:`possibilities`."""
    return possibilities(reading, digits)[0]


def possibilities(reading: Reading, digits: DigitSet | None = None) -> list[Interpretation]:
    """Return the ways to understand what a file says, the likeliest first.

    Parameters
    ----------
    reading : Reading
    digits : DigitSet, optional
        What to try on; without it, or where the network has not ten outputs or an input that is
        no picture, conventions decide.  A network that takes as many pixels as they have gets
        their grid.

    Returns
    -------
    list of Interpretation
        At least one.  Where digits were tried, by accuracy; among equals the more usual first.

    Raises
    ------
    NetworkFileError
        If the layers' shapes do not follow one another in any orientation.
    """
    trial = _trial(reading, digits)
    found = [
        Interpretation(network, inputs_first, name, _accuracy(network, trial))
        for network, inputs_first, name in _ways(reading, trial is not None, digits)
    ]
    return sorted(found, key=lambda each: -(each.accuracy or 0.0))


def _ways(
    reading: Reading, tried: bool, digits: DigitSet | None
) -> Iterator[tuple[Network, bool, str]]:
    for inputs_first in _orientations(reading):
        for hidden in _hidden_choices(reading, tried):
            layers = _layers(reading, inputs_first, hidden)
            unsaid = reading.layers[0].grid is None
            if unsaid and digits is not None and digits.grid.cells == layers[0].inputs:
                layers[0] = replace(layers[0], grid=digits.grid)
            for name, (scale, shift) in _input_maps(reading, tried):
                folded = (_fold(layers[0], scale, shift), *layers[1:])
                provenance = {**reading.provenance, "read from": reading.format}
                if (scale, shift) != (1.0, 0.0):
                    provenance["first layer"] = f"was fed {name}; folded into its weights here"
                yield Network(folded, reading.name, provenance), inputs_first, name


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


def _layers(reading: Reading, inputs_first: bool, hidden: str) -> list[Layer]:
    layers: list[Layer] = []
    for number, raw in enumerate(reading.layers, 1):
        activation = raw.activation
        if activation is None and number < len(reading.layers):
            activation = hidden
        if activation is None:
            # An output of sigmoids goes with hidden sigmoids; the order of the outputs, and so
            # the accuracy, is the same either way.
            below = layers[-1].activation if layers else "softmax"
            activation = "sigmoid" if below == "sigmoid" else "softmax"
        weights = raw.weights.T if inputs_first else raw.weights
        biases = np.zeros(len(weights), np.float32) if raw.biases is None else raw.biases
        layers.append(Layer(weights, biases, activation, raw.grid))  # type: ignore[arg-type]  # None: as usual
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


def _trial(reading: Reading, digits: DigitSet | None) -> DigitSet | None:
    if digits is None or 10 not in reading.layers[-1].weights.shape:
        return None
    some = digits.subset(slice(_TRIED_ON))
    inputs = {
        reading.layers[0].weights.shape[0 if first else 1] for first in _orientations(reading)
    }
    if digits.pixels.shape[1] in inputs:
        return some
    grid = Grid.of(max(inputs))
    return some.resized(*grid) if grid.is_picture else None


def _accuracy(network: Network, digits: DigitSet | None) -> float | None:
    if digits is None or network.sizes[0] != digits.pixels.shape[1] or network.sizes[-1] != 10:
        return None
    with np.errstate(all="ignore"):
        predictions = network.forward(digits.images).predictions
    return float(np.mean(predictions == digits.labels))
