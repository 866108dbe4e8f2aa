"""A fully connected network as a value: layers of weights and biases, and what runs through them.

Layers are numbered as in the literature: 0 is the input, 1 the first hidden
layer.  A :class:`Network` never changes; each edit returns a new one that
shares the arrays it did not touch.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.activations import (
    ACTIVATIONS,
    Float,
    activation_named,
    check_activation,
    family,
    winner,
)
from toolkit.doors import Doors
from toolkit.grid import Grid
from toolkit.neuronnames import check_names
from toolkit.shown import shown

if TYPE_CHECKING:
    from toolkit.origin import Origin

__all__ = [
    "ACTIVATIONS",
    "DEFAULT_SIZES",
    "Float",
    "Layer",
    "Network",
    "Responses",
    "Trace",
    "activation_named",
    "check_activation",
    "winner",
]

DEFAULT_SIZES = (784, 16, 16, 10)


def _frozen(values: ArrayLike, what: str, ndim: int) -> Float:
    try:
        array = np.array(values, dtype=np.float32, order="C")
    except (TypeError, ValueError) as error:
        raise ValueError(f"{what}: expected numbers; got {type(values).__name__}") from error
    if array.ndim != ndim:
        raise ValueError(f"{what}: expected {ndim} dimension(s); got shape {array.shape}")
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer: ``a = f(W x + b)``.

    Parameters
    ----------
    weights : array_like of float, shape (out, in)
        Row *j* holds the incoming weights of neuron *j*.  Copied, as float32, read-only.
        NaN and infinite values are kept: looking at a broken network is a use of this project.
    biases : array_like of float, shape (out,)
    activation : str
        A key of :data:`ACTIVATIONS`; kept as :func:`check_activation` returns it.
    grid : Grid, optional
        How each neuron's weights are laid out as a picture; by default ``Grid.of(in)``.

    Raises
    ------
    ValueError
        If a shape or the activation's name does not fit.
    """

    weights: Float
    biases: Float
    activation: str = "sigmoid"
    grid: Grid = None  # type: ignore[assignment]  # always one once made

    def __post_init__(self) -> None:
        for name, ndim in (("weights", 2), ("biases", 1)):
            value = getattr(self, name)
            if not (isinstance(value, np.ndarray) and _is_ours(value, ndim)):
                object.__setattr__(self, name, _frozen(value, name, ndim))
        if 0 in self.weights.shape:
            raise ValueError(f"weights: expected at least one neuron and one input; got shape "
                             f"{self.weights.shape}")  # fmt: skip
        if len(self.biases) != len(self.weights):
            raise ValueError(
                f"biases: expected {len(self.weights)}, one for each row of weights; "
                f"got {len(self.biases)}"
            )
        object.__setattr__(self, "activation", check_activation(self.activation))
        if self.grid is None:
            object.__setattr__(self, "grid", Grid.of(self.inputs))  # type: ignore[unreachable]
        if self.grid.cells != self.inputs:
            raise ValueError(
                f"grid: expected {self.inputs} cells, one for each input; got {self.grid}"
            )

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for array in (self.weights, self.biases):  # a pickle does not say that they are read-only
            array.setflags(write=False)

    @property
    def size(self) -> int:
        """Number of neurons."""
        return len(self.weights)

    @property
    def inputs(self) -> int:
        """Number of incoming weights of each neuron."""
        return int(self.weights.shape[1])

    def activate(self, z: Float) -> Float:
        """Apply the activation function to pre-activations of shape (..., size)."""
        return ACTIVATIONS[self.activation](z)


def _is_ours(array: Float, ndim: int) -> bool:
    """Tell whether an array is already float32, row by row, and read-only down to its base."""
    base = array.base
    return (
        array.dtype == np.float32
        and array.ndim == ndim
        and array.flags.c_contiguous
        and not array.flags.writeable
        and (base is None or (isinstance(base, np.ndarray) and not base.flags.writeable))
    )


@dataclass(frozen=True, eq=False)
class Responses:
    """Every pre-activation and activation of a network over some digits.

    Attributes
    ----------
    pre_activations : tuple of ndarray of float32, each (size,) or (n, size)
        ``pre_activations[k]`` belongs to layer ``k + 1``; one row a digit.
    activations : tuple of ndarray of float32, shapes as above
    function : str or None
        The output layer's activation function, where the winner may depend on it.
    won : ndarray of int or None, shape (n,)
        Which output wins, where that is known better than from these float32.
    """

    pre_activations: tuple[Float, ...]
    activations: tuple[Float, ...]
    function: str | None = field(default=None, kw_only=True)
    won: NDArray[np.integer] | None = field(default=None, kw_only=True)

    @property
    def logits(self) -> Float:
        """Pre-activations of the output layer."""
        return self.pre_activations[-1]

    @property
    def outputs(self) -> Float:
        """Activations of the output layer."""
        return self.activations[-1]

    @property
    def predictions(self) -> NDArray[np.intp]:
        """Index of the winning output neuron, as :func:`winner` says."""
        if self.won is not None:
            return self.won.astype(np.intp)
        return winner(self.logits, activation=self.function)


@dataclass(frozen=True, eq=False)
class Trace(Responses):
    """The responses of one forward pass, and `inputs`, (inputs,) or (n, inputs): what went in."""

    inputs: Float


@dataclass(frozen=True, eq=False)
class Network(Doors):
    """A fully connected network.

    Parameters
    ----------
    layers : sequence of Layer
        The first takes the input; each next takes as many inputs as the one before has neurons.
    name : str
        What to call it.
    provenance : mapping of str to str
        Where it came from, in the maker's words (method, data, date, ...).
    names : mapping of (int, int) to str
        What neurons are called, by layer and index: ``{(1, 3): "top bar"}``; see
        :mod:`toolkit.neuronnames`.
    origin : Origin, optional
        How the file looked that it was read from, so that it can go back; no part of its value.

    Raises
    ------
    ValueError
        If there is no layer, or neighbours' sizes do not fit, or a name is none.

    Examples
    --------
    >>> net = Network.random(seed=0)
    >>> net
    Network 784-16-16-10 'random': sigmoid, sigmoid, sigmoid; 13,002 parameters
    >>> net.forward(np.zeros(784)).outputs.shape
    (10,)
    """

    layers: tuple[Layer, ...]
    name: str = "network"
    provenance: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[tuple[int, int], str] = field(default_factory=dict)
    origin: Origin | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        object.__setattr__(self, "provenance", MappingProxyType(dict(self.provenance)))
        if not self.layers:
            raise ValueError("layers: expected at least one; got none")
        for number, (below, above) in enumerate(zip(self.layers, self.layers[1:], strict=False), 2):
            if above.inputs != below.size:
                raise ValueError(
                    f"layer {number}: expected {below.size} inputs, the neurons of layer "
                    f"{number - 1}; got {above.inputs}"
                )
        if not isinstance(self.names, MappingProxyType):  # such a one has been checked
            names = check_names(self.names, self.sizes) if self.names else {}
            object.__setattr__(self, "names", MappingProxyType(names))

    def __getstate__(self) -> dict[str, Any]:
        # A mappingproxy has no form as a pickle, and the picture's cache need not travel.
        return {"layers": self.layers, "name": self.name, "provenance": dict(self.provenance),
                "names": dict(self.names), "origin": self.origin}  # fmt: skip

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]  # checks what an edited pickle may hold

    @classmethod
    def blank(
        cls,
        sizes: Sequence[int] = DEFAULT_SIZES,
        activations: str | Sequence[str] = "sigmoid",
        name: str = "blank",
    ) -> Network:
        """Make a network whose weights and biases are all zero.

        Parameters
        ----------
        sizes : sequence of int
            Neurons per layer, the input first.
        activations : str or sequence of str
            One for all layers, or one each, the input not counted.
        name : str
        """
        sizes, names = _check_shape(sizes, activations)
        return cls(
            tuple(
                Layer(np.zeros((out, into), np.float32), np.zeros(out, np.float32), activation)
                for into, out, activation in zip(sizes, sizes[1:], names, strict=False)
            ),
            name,
        )

    @classmethod
    def random(
        cls,
        sizes: Sequence[int] = DEFAULT_SIZES,
        activations: str | Sequence[str] = "sigmoid",
        seed: int = 0,
        name: str = "random",
    ) -> Network:
        """Make a network with normally distributed weights and zero biases.

        The spread is ``sqrt(2 / in)`` for ReLU and those that are nearly it, ELU, GELU and SiLU
        (He et al. 2015, eq. 10), ``sqrt(2 / ((1 + slope²) in))`` for leaky ReLU (eq. 15 there)
        and ``sqrt(2 / (in + out))`` otherwise (Glorot & Bengio 2010, eq. 12).

        Parameters
        ----------
        sizes, activations, name
            As in :meth:`blank`.
        seed : int
            The same seed gives the same bits.
        """
        sizes, names = _check_shape(sizes, activations)
        rng = np.random.default_rng(seed)
        layers = []
        for into, out, activation in zip(sizes, sizes[1:], names, strict=False):
            spread = _spread(activation, into, out)
            weights = rng.normal(0, spread, (out, into)).astype(np.float32)
            layers.append(Layer(weights, np.zeros(out, np.float32), activation))
        return cls(tuple(layers), name, {"origin": f"random, seed {seed}"})

    @property
    def sizes(self) -> tuple[int, ...]:
        """Neurons per layer, the input first."""
        return (self.layers[0].inputs, *(layer.size for layer in self.layers))

    @property
    def grid(self) -> Grid:
        """Rows and columns of the pictures that it takes."""
        return self.layers[0].grid

    @property
    def activations(self) -> tuple[str, ...]:
        """Activation of each layer, the input not counted."""
        return tuple(layer.activation for layer in self.layers)

    @property
    def parameters(self) -> int:
        """Number of weights and biases."""
        return sum(layer.weights.size + layer.biases.size for layer in self.layers)

    @cached_property
    def checksum(self) -> str:
        """Sixteen hex digits that name the shape, activations, weights and biases, bit for bit."""
        import hashlib  # OpenSSL with it: not for those who never ask

        digest = hashlib.sha256(repr((self.sizes, self.activations)).encode())
        for layer in self.layers:
            digest.update(layer.weights.astype("<f4").tobytes())
            digest.update(layer.biases.astype("<f4").tobytes())
        return digest.hexdigest()[:16]

    def layer(self, number: int) -> Layer:
        """Return layer `number`, 1 being the first hidden one.

        Raises
        ------
        ValueError
            If there is none of that number.
        """
        if isinstance(number, bool) or not isinstance(number, int | np.integer):
            raise ValueError(f"layer: expected a whole number; got {shown(number)}")
        if not 1 <= number <= len(self.layers):
            raise ValueError(f"layer: expected 1 to {len(self.layers)}; got {shown(number)}")
        return self.layers[number - 1]

    def check_neuron(self, layer: int, index: int) -> None:
        """Raise ValueError unless the network has a neuron ``layer.index``."""
        size = self.layer(layer).size
        if isinstance(index, bool) or not isinstance(index, int | np.integer):
            raise ValueError(f"neuron: expected a whole number; got {shown(index)}")
        if not 0 <= index < size:
            raise ValueError(f"neuron: expected {layer}.0 to {layer}.{size - 1}; "
                             f"got {layer}.{shown(index)}")  # fmt: skip

    def with_layer(self, number: int, **changes: Any) -> Network:
        """Return a network in which layer `number` has other weights, biases or activation."""
        layer = replace(self.layer(number), **changes)
        if layer.weights.shape != self.layer(number).weights.shape:
            raise ValueError(
                f"layer {number} weights: expected shape {self.layer(number).weights.shape}; "
                f"got {layer.weights.shape}"
            )
        layers = (*self.layers[: number - 1], layer, *self.layers[number:])
        return replace(self, layers=layers)

    def renamed(self, name: str, **provenance: str) -> Network:
        """Return the same network under another name, with more said of where it came from."""
        return replace(self, name=name, provenance={**self.provenance, **provenance})

    def called(self, layer: int, index: int) -> str:
        """Return what a neuron is called, or ``layer.index`` where it has no name."""
        return self.names.get((layer, index), f"{layer}.{index}")

    def forward(self, inputs: ArrayLike) -> Trace:
        """Run one digit or a batch through the network.

        Parameters
        ----------
        inputs : array_like of float, shape (inputs,) or (n, inputs)
            Pixels in [0, 1], ink bright.  An image of shape (28, 28) is to be raveled first.

        Returns
        -------
        Trace

        Raises
        ------
        ValueError
            If the shape does not fit the first layer.
        """
        x = np.asarray(inputs, dtype=np.float32)
        if x.ndim not in (1, 2) or x.shape[-1] != self.sizes[0]:
            raise ValueError(
                f"inputs: expected shape ({self.sizes[0]},) or (n, {self.sizes[0]}); got {x.shape}"
            )
        a, zs, activations = x, [], []
        for layer in self.layers:
            z = a @ layer.weights.T + layer.biases
            a = layer.activate(z)
            zs.append(z)
            activations.append(a)
        return Trace(tuple(zs), tuple(activations), x, function=self.activations[-1])

    def __eq__(self, other: object) -> bool:
        """Compare shape, activations, weights and biases bit for bit; names do not count."""
        return isinstance(other, Network) and self.checksum == other.checksum

    def __hash__(self) -> int:
        return hash(self.checksum)

    def __repr__(self) -> str:
        return (
            f"Network {'-'.join(map(str, self.sizes))} {self.name!r}: "
            f"{', '.join(self.activations)}; {self.parameters:,} parameters"
        )

    def _repr_png_(self) -> bytes:
        # The package's: this module knows nothing of pictures.
        png: bytes = sys.modules["toolkit"].picture_of(self)
        return png


def _spread(activation: str, into: int, out: int) -> float:
    kind, parameter = family(activation)
    if kind == "leaky_relu":
        return float(np.sqrt(2 / ((1 + parameter**2) * into)))
    if kind in ("relu", "elu", "gelu", "gelu_tanh", "silu"):
        return float(np.sqrt(2 / into))
    return float(np.sqrt(2 / (into + out)))


def _check_shape(
    sizes: Sequence[int], activations: str | Sequence[str]
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    try:
        checked = tuple(int(size) for size in sizes)
    except (TypeError, ValueError) as error:
        raise ValueError(f"sizes: expected whole numbers; got {sizes!r}") from error
    if len(checked) < 2 or min(checked) < 1:
        raise ValueError(f"sizes: expected at least two, each 1 or more; got {checked}")
    layers = len(checked) - 1
    names = (activations,) * layers if isinstance(activations, str) else tuple(activations)
    if len(names) != layers:
        raise ValueError(f"activations: expected {layers}, one a layer; got {len(names)}")
    return checked, tuple(check_activation(name) for name in names)
