"""What a file says of a network, before what it leaves open is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.errors import NetworkFileError
from toolkit.grid import Grid
from toolkit.origin import Origin


@dataclass(frozen=True, eq=False)
class RawLayer:
    """One fully connected layer as a file holds it.

    Attributes
    ----------
    weights : ndarray of float32, 2-D
        In the file's own orientation.
    biases : ndarray of float32, 1-D, or None
        None where the file has none: they are zero.
    activation : str or None
        A key of :data:`toolkit.network.ACTIVATIONS`; None where the file does not say.
    inputs_first : bool or None
        True where weights are (in, out) as Keras keeps them, False where (out, in) as PyTorch
        does, None where only trying tells.
    name : str
        What the file calls the layer, for messages and for writing it back; never a path.
    grid : Grid or None
        How its weights are laid out; None where the file does not say.
    norm : (ndarray, ndarray) or None
        ``(scale, shift)``, float64 of shape (out,) each: an affine step per neuron that the file
        has after this layer (a batch normalisation at rest), where it does not say whether before
        or after the layer's activation.  None where there is none.
    """

    weights: NDArray[np.float32]
    biases: NDArray[np.float32] | None
    activation: str | None = None
    inputs_first: bool | None = None
    name: str = ""
    grid: Grid | None = None
    norm: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None


@dataclass(frozen=True, eq=False)
class Reading:
    """What a file says.

    Attributes
    ----------
    format : str
        For people: ``"PyTorch state_dict"``.
    layers : tuple of RawLayer
        From the input to the output.
    name : str
    provenance : mapping of str to str
    notes : tuple of str
        What was understood, changed or left out, a sentence each.
    input_map : (float, float) or None
        ``(scale, shift)`` where the file itself says that the first layer takes
        ``scale * pixel + shift`` of pixels in [0, 1]; None where it does not say.
    names : mapping of (int, int) to str
        What neurons are called, by layer and index.
    origin : Origin or None
        How the file looks around these layers, so that they can go back; None where that is not
        kept.
    orders : tuple of tuple of int
        In which orders, by index, the layers may follow one another, their own among them, where
        the file does not say it; empty where there is but one.
    """

    format: str
    layers: tuple[RawLayer, ...]
    name: str = "network"
    provenance: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[str, ...] = ()
    input_map: tuple[float, float] | None = None
    names: Mapping[tuple[int, int], str] = field(default_factory=lambda: MappingProxyType({}))
    origin: Origin | None = None
    orders: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        if not self.layers:
            raise NetworkFileError(f"{self.format}: expected at least one layer; got none")

    def in_order(self, order: Sequence[int]) -> Reading:
        """Return it with its layers in another order, which is the one."""
        origin = self.origin
        if origin is not None:
            origin = replace(origin, places=tuple(origin.places[n] for n in order))
        layers = tuple(self.layers[n] for n in order)
        return replace(self, layers=layers, origin=origin, orders=())

    def with_activations(self, names: Sequence[str]) -> Reading:
        """Return it with what is now known of the layers' activations, one for each."""
        layers = tuple(
            replace(raw, activation=name) for raw, name in zip(self.layers, names, strict=True)
        )
        return replace(self, layers=layers)
