"""What a network's file of our own says in our own words, whatever the format around it.

Most formats have no room for all that a network is: none says how pixels are scaled, some not even
what a layer's activation function is.  Each has room for a text, though, in which the rest stands
as JSON, so that what was written here is never guessed at when it is read again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from toolkit.activations import ACTIVATIONS, check_activation
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import quoted
from toolkit.formats.meaning.reading import RawLayer, Reading
from toolkit.grid import Grid
from toolkit.network import Network
from toolkit.neuronnames import check_names, names_of, names_told

KEY = "weight_map_toolkit"
"""Under what name a format keeps the mark: an attribute, a member, an entry of its metadata."""

_PIXELS = "0 to 1"
_AS_THEY_ARE = (1.0, 0.0)
_MOST = 1e30  # of what pixels may be scaled by
_CHANGED = (
    "Written here, but its layers are others than its own note says: what it leaves open is tried."
)


def told(network: Network, fed: tuple[float, float] | None = _AS_THEY_ARE) -> dict[str, Any]:
    """Return what a network is beside its weights and biases, as JSON has it.

    ``name``, ``provenance``, ``sizes``, ``activations``; ``pixels``, the range that the first
    layer takes; where they are not the usual ones ``grids``, and ``names`` of neurons.

    Parameters
    ----------
    network : Network
    fed : (scale, shift) or None
        The file's first layer is fed ``scale * pixel + shift``; None where that is not known, and
        so not said.
    """
    content: dict[str, Any] = {
        "name": network.name,
        "provenance": dict(network.provenance),
        "sizes": list(network.sizes),
        "activations": list(network.activations),
    }
    if fed is not None:
        content["pixels"] = _PIXELS if fed == _AS_THEY_ARE else list(fed)
    if any(layer.grid != Grid.of(layer.inputs) for layer in network.layers):
        content["grids"] = [list(layer.grid) for layer in network.layers]
    if network.names:
        content["names"] = names_told(network.names)
    return content


def text_of(network: Network, fed: tuple[float, float] | None = _AS_THEY_ARE) -> str:
    """Return the mark as one line of ASCII."""
    return json.dumps(told(network, fed))


@dataclass(frozen=True, eq=False)
class Mark:
    """A mark that was read.

    Attributes
    ----------
    name : str or None
    provenance : mapping of str to str, or None
    sizes, activations, grids, names
        As :func:`told` returns them, not checked yet; None where there are none.
    pixels : (scale, shift) or None
        What the first layer is fed, of pixels from 0 to 1; None where that is not said.
    """

    name: str | None = None
    provenance: Mapping[str, str] | None = None
    sizes: Any = None
    activations: Any = None
    grids: Any = None
    names: Any = None
    pixels: tuple[float, float] | None = None

    def on(self, reading: Reading) -> Reading:
        """Return a file's reading with what its mark says of it.

        Where both say something of the layers and contradict one another, the file was changed
        since: its layers count, and a note says so.
        """
        name = reading.name if self.name is None else self.name
        provenance = reading.provenance if self.provenance is None else self.provenance
        reading = replace(reading, name=name, provenance=provenance)
        if self.activations is None and self.pixels is None:
            return reading
        # Where a form leaves open how weights lie, they lie as we write them.
        layers = [replace(raw, inputs_first=bool(raw.inputs_first)) for raw in reading.layers]
        shapes = [raw.weights.shape[:: -1 if raw.inputs_first else 1] for raw in layers]
        sizes = [shapes[0][1], *(out for out, _ in shapes)]
        try:
            if (self.sizes is not None and self.sizes != sizes) or (
                self.pixels == _AS_THEY_ARE and reading.input_map not in (None, _AS_THEY_ARE)
            ):
                raise ValueError
            names = _activations(self.activations, layers)
            grids = _grids(self.grids, layers, sizes)
            called = check_names(names_of(self.names or {}), sizes)
        except ValueError:
            return replace(reading, notes=(*reading.notes, _CHANGED))
        layers = [
            replace(raw, activation=activation, grid=grid)
            for raw, activation, grid in zip(layers, names, grids, strict=True)
        ]
        input_map = reading.input_map if self.pixels is None else self.pixels
        return replace(reading, layers=tuple(layers), input_map=input_map, names=called)


def of(said: object, where: str) -> Mark:
    """Return the mark that parsed JSON holds; what does not stand in it is None.

    Raises
    ------
    NetworkFileError
        If it is no JSON object, or names an activation function that is not known: without it
        the network would open as another.
    """
    if not isinstance(said, dict):
        raise NetworkFileError(f"{where}: its {KEY} should be a JSON object")
    functions = said.get("activations")
    for number, function in enumerate(functions if isinstance(functions, list) else (), 1):
        if isinstance(function, str) and function not in ACTIVATIONS:
            raise NetworkFileError(
                f"{where}: layer {number}: activation {quoted(function)} is none that is known "
                "here; open it with the version that wrote it, or a newer one"
            )
    name, provenance = said.get("name"), said.get("provenance")
    return Mark(
        name if isinstance(name, str) else None,
        {str(key): str(value) for key, value in provenance.items()}
        if isinstance(provenance, dict)
        else None,
        said.get("sizes"),
        said.get("activations"),
        said.get("grids"),
        said.get("names"),
        _fed(said.get("pixels")),
    )


def _fed(said: object) -> tuple[float, float] | None:
    match said:
        case [float() | int() as scale, float() | int() as shift]:
            finite = abs(scale) < _MOST and abs(shift) < _MOST
            return (float(scale), float(shift)) if finite else None
    return _AS_THEY_ARE if said == _PIXELS else None


def _activations(said: object, layers: Sequence[RawLayer]) -> list[str | None]:
    found = [raw.activation for raw in layers]
    if said is None:
        return found
    if not isinstance(said, list) or len(said) != len(layers):
        raise ValueError
    names = [check_activation(name) for name in said]
    if any(own is not None and own != name for own, name in zip(found, names, strict=True)):
        raise ValueError
    return list(names)


def _grids(said: object, layers: Sequence[RawLayer], sizes: Sequence[int]) -> list[Grid | None]:
    if said is None:
        return [raw.grid for raw in layers]
    if not isinstance(said, list) or len(said) != len(layers):
        raise ValueError
    grids = []
    for entry, inputs in zip(said, sizes[:-1], strict=True):
        if not isinstance(entry, list) or len(entry) != 2:
            raise ValueError
        grid = Grid(*entry)
        if grid.cells != inputs:
            raise ValueError
        grids.append(grid if grid != Grid.of(grid.cells) else None)
    return list(grids)
