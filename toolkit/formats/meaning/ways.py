"""The ways in which a file can be understood: what it leaves open, and what is usual for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

from toolkit.activations import ACTIVATIONS
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.meaning import pixels
from toolkit.formats.meaning.pixels import Pixels
from toolkit.formats.meaning.reading import RawLayer, Reading
from toolkit.grid import Grid

USUAL = ("relu", "sigmoid", "tanh")
"""Hidden activation functions that are tried first, the most usual first."""
RARER = tuple(
    name for name in ("gelu", "leaky_relu", "elu", "silu", "softplus", "hard_sigmoid")
    if name in ACTIVATIONS
)  # fmt: skip
"""Those that are taken only where none of the usual ones reads about as well."""

CHANNELS = 3
"""Numbers a pixel of a coloured picture."""

_MOST_MIXTURES = 24
_MOST_PLACED = 4  # normalisations of which each is tried by itself on both sides
_LEAST_SIDE = 8  # pixels: of a picture that comes three times


@dataclass(frozen=True)
class Way:
    """One way to understand a file.

    Attributes
    ----------
    inputs_first : bool
        Whether the file's weights are taken for (in, out).
    grid : Grid
        Of the pictures that it takes; three maps of one picture stand one under another.
    activations : tuple of str
        Of each layer.
    pixels : Pixels
        What the first layer was fed.
    norm : str
        Whether normalisations stand ``"before"`` or ``"after"`` activations, or for each in turn
        where they differ, as in ``"before, after"``; empty where there are none.
    channels_last : bool
        Whether the file's inputs are three numbers a pixel, not three pictures.
    """

    inputs_first: bool
    grid: Grid
    activations: tuple[str, ...]
    pixels: Pixels
    norm: str = ""
    channels_last: bool = False

    def ending_in(self, output: str) -> Way:
        """Return it with another function of the output layer."""
        return replace(self, activations=(*self.activations[:-1], output))

    def normed_after(self, layers: Sequence[RawLayer]) -> list[bool]:
        """Return for each layer whether a normalisation stands after its activation."""
        places = self.norm.split(", ")
        given = iter(places * len(layers) if len(places) == 1 else places)
        return [raw.norm is not None and next(given) == "after" for raw in layers[:-1]] + [False]


@dataclass(frozen=True)
class Chosen:
    """What a person chose of what a file leaves open; None where they did not.

    Attributes
    ----------
    hidden : tuple of str, or None
        One function for all hidden layers, or one for each layer, the output's too; where there is
        one layer alone, its own.
    pixels : Pixels or None
    inputs_first : bool or None
    """

    hidden: tuple[str, ...] | None = None
    pixels: Pixels | None = None
    inputs_first: bool | None = None


NOTHING_CHOSEN = Chosen()


def sizes(reading: Reading, inputs_first: bool) -> tuple[int, ...]:
    """Return neurons per layer, the input first."""
    shapes = [layer.weights.shape[:: -1 if inputs_first else 1] for layer in reading.layers]
    return (shapes[0][1], *(out for out, _ in shapes))


def orientations(reading: Reading, chosen: Chosen) -> list[bool]:
    """Return in which orientations the layers follow one another, (out, in) first.

    Raises
    ------
    NetworkFileError
        If in none.
    """
    said = {layer.inputs_first for layer in reading.layers} - {None}
    if len(said) == 2:
        raise NetworkFileError(
            f"{reading.format}: some layers hold weights as (in, out), others as (out, in)"
        )
    asked = [flag for flag in (False, True) if not said or said == {flag}]
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
    if chosen.inputs_first is None:
        return chained
    if chosen.inputs_first not in chained:
        named = {False: "out-in", True: "in-out"}
        raise NetworkFileError(
            f"{reading.format}: orientation: expected {named[chained[0]]}, the only one in which "
            f"it is a network; got {named[chosen.inputs_first]}"
        )
    return [chosen.inputs_first]


def _chains(layers: tuple[RawLayer, ...], inputs_first: bool) -> bool:
    shapes = [layer.weights.shape[:: -1 if inputs_first else 1] for layer in layers]
    return all(
        layer.biases is None or len(layer.biases) == out
        for layer, (out, _) in zip(layers, shapes, strict=True)
    ) and all(below[0] == above[1] for below, above in pairwise(shapes))


def grids(reading: Reading, inputs_first: bool, digits: Grid | None) -> list[tuple[Grid, bool]]:
    """Return on which grids a file's pictures may be, and whether channels come last.

    Parameters
    ----------
    reading : Reading
    inputs_first : bool
    digits : Grid or None
        Of the digits that will be shown to it.
    """
    inputs = sizes(reading, inputs_first)[0]
    said = reading.layers[0].grid
    if said is not None:
        return [(said, False)]
    if digits is not None and digits.cells == inputs:
        return [(digits, False)]
    side = round((inputs / CHANNELS) ** 0.5)
    if side >= _LEAST_SIDE and CHANNELS * side * side == inputs:
        stacked = Grid(CHANNELS * side, side)
        return [(stacked, False), (stacked, True)]
    return [(Grid.of(inputs), False)]


def scalings(reading: Reading, grid: Grid, chosen: Chosen) -> list[Pixels]:
    """Return how pixels may have been scaled, the most usual first.

    Raises
    ------
    NetworkFileError
        If the file says it, and another was chosen.
    """
    if reading.input_map is not None:
        found = pixels.said(*reading.input_map)
        if chosen.pixels is not None and chosen.pixels != found:
            raise NetworkFileError(
                f"{reading.format}: pixels: the file says that it takes {found.name}; got "
                f"{chosen.pixels.name}"
            )
        return [found]
    return pixels.usual(grid) if chosen.pixels is None else [chosen.pixels]


def norms(reading: Reading) -> list[str]:
    """Return where normalisations may stand; see :class:`Way`.

    On the same side of each layer's activation, the more usual first; then of few each on its own.
    """
    count = sum(layer.norm is not None for layer in reading.layers[:-1])
    alike = ["before", "after"]
    if not count:
        return alike[: any(layer.norm is not None for layer in reading.layers)] or [""]
    mixed = product(alike, repeat=count) if 1 < count <= _MOST_PLACED else ()
    return [*alike, *(", ".join(places) for places in mixed if len(set(places)) > 1)]


def functions(reading: Reading, chosen: Chosen) -> list[list[tuple[str, ...]]]:
    """Return which activation functions hidden layers may have, as the usual, the rarer and mixed.

    The three lists hold a function for each hidden layer; what the file says stands in all.

    Raises
    ------
    NetworkFileError
        If the file says other functions than were chosen, or has another number of layers.
    """
    said = [layer.activation for layer in reading.layers[:-1]]
    if chosen.hidden is not None:
        return [[_as_chosen(reading, chosen.hidden)], [], []]
    unsaid = [number for number, name in enumerate(said) if name is None]

    def filled(names: Sequence[str]) -> tuple[str, ...]:
        given = iter(names)
        return tuple(name or next(given) for name in said)

    if not unsaid:
        return [[filled(())], [], []]
    alike = [[filled([name] * len(unsaid)) for name in names] for names in (USUAL, RARER)]
    return [*alike, [filled(names) for names in _mixtures(len(unsaid))]]


def _as_chosen(reading: Reading, names: tuple[str, ...]) -> tuple[str, ...]:
    hidden = len(reading.layers) - 1
    if len(names) not in (1, hidden, hidden + 1):
        raise NetworkFileError(
            f"{reading.format}: activations: expected one for all hidden layers, or one for each "
            f"of the {hidden + 1} layers; got {len(names)}"
        )
    wanted = names * hidden if len(names) == 1 else names[:hidden]
    wanted = (*wanted, *names[hidden : hidden + 1]) if len(names) == hidden + 1 else wanted
    for number, (layer, name) in enumerate(zip(reading.layers, wanted, strict=False), 1):
        if layer.activation not in (None, name):
            raise NetworkFileError(
                f"{reading.format}: activations: the file says that layer {number} is "
                f"{layer.activation}; got {name}"
            )
    said = [layer.activation for layer in reading.layers[:-1]]
    return tuple(known or name for known, name in zip(said, wanted, strict=False))


def _mixtures(count: int) -> Iterator[tuple[str, ...]]:
    """Yield functions that differ by layer: all ways of a few layers, of more one change."""
    if len(USUAL) ** count - len(USUAL) <= _MOST_MIXTURES:
        yield from (each for each in product(USUAL, repeat=count) if len(set(each)) > 1)
        return
    found = (
        (below,) * at + (above,) * (count - at)
        for at in (1, count - 1, *range(2, count - 1))
        for below, above in product(USUAL, repeat=2)
        if below != above
    )
    yield from (each for each, _ in zip(found, range(_MOST_MIXTURES), strict=False))


def outputs(reading: Reading, chosen: Chosen) -> tuple[str, ...]:
    """Return the functions that the output layer may have; none where there is no choice."""
    said = reading.layers[-1].activation is not None
    if said or len(chosen.hidden or ()) == len(reading.layers):
        return ()
    alone = min(reading.layers[-1].weights.shape) == 1
    return ("sigmoid", "identity") if alone else ("softmax", "sigmoid", "identity")


def output(reading: Reading, chosen: Chosen, hidden: tuple[str, ...]) -> str:
    """Return the output layer's function as the file says it, or chosen, or by convention."""
    said = reading.layers[-1].activation
    if said is not None:
        return said
    if chosen.hidden is not None and len(chosen.hidden) == len(reading.layers):
        return chosen.hidden[-1]
    alone = min(reading.layers[-1].weights.shape) == 1
    return "sigmoid" if alone or (hidden and hidden[-1] == "sigmoid") else "softmax"
