"""Deciding what a file leaves open: orientation, activation functions, how pixels were scaled.

There are few possibilities for each, so all are tried on digits; the most usual of those that read
them about as well as the best is taken, and what reads as well is said.  Whatever scaling a network
was trained with is folded into its first layer, so that here every network takes pixels in [0, 1],
ink bright.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from toolkit.digits.digitset import DigitSet
from toolkit.fits import WORKBENCH, Budget, fits, unscored
from toolkit.formats.meaning import notes, orders, trying
from toolkit.formats.meaning.pixels import INPUT_MAPS, PIXELS, Pixels
from toolkit.formats.meaning.reading import Reading
from toolkit.formats.meaning.trying import TRIED_ON, Tried
from toolkit.formats.meaning.ways import (
    NOTHING_CHOSEN,
    Chosen,
    Way,
    functions,
    grids,
    norms,
    orientations,
    output,
    outputs,
    scalings,
    sizes,
)
from toolkit.grid import Grid
from toolkit.network import Network
from toolkit.origin import Origin

__all__ = ["INPUT_MAPS", "TRIED_ON", "Chosen", "Interpretation", "interpret", "possibilities"]

_MOST_WAYS = 300
_SHOWN_NAMES = 8


@dataclass(frozen=True, eq=False)
class Interpretation:
    """One way to understand a file.

    Attributes
    ----------
    reading : Reading
        What the file says.
    way : Way
        How what it leaves open is understood.
    accuracy : float or None
        On the digits tried, in [0, 1]; None where none could be.
    notes : tuple of str
        What was taken without the file saying it, and what reads as well, a sentence each.
    guess : str
        Why it is no more than a guess; empty where the file or digits decide.
    """

    reading: Reading
    way: Way
    accuracy: float | None = None
    notes: tuple[str, ...] = ()
    guess: str = ""

    @property
    def inputs_first(self) -> bool:
        """Whether the file's weights are taken for (in, out)."""
        return self.way.inputs_first

    @property
    def grid(self) -> Grid:
        """Of the pictures that it takes."""
        return self.way.grid

    @property
    def input(self) -> str:
        """What the first layer was fed, in words."""
        return self.way.pixels.name

    @property
    def input_map(self) -> tuple[float, float]:
        """The same as ``(scale, shift)`` of a pixel in [0, 1]."""
        return self.way.pixels.scale, self.way.pixels.shift

    @property
    def sizes(self) -> tuple[int, ...]:
        """Neurons per layer, the input first."""
        return sizes(self.reading, self.inputs_first)

    @property
    def activations(self) -> tuple[str, ...]:
        """Activation of each layer, the input not counted."""
        return self.way.activations

    @property
    def summary(self) -> str:
        """Say it in one line."""
        names = self.activations
        if len(names) > _SHOWN_NAMES:
            names = (*names[: _SHOWN_NAMES - 2], "…", names[-1])
        return f"{', '.join(names)}; {'; '.join(notes.aspects(self.way))}"

    @cached_property
    def network(self) -> Network:
        """Takes pixels in [0, 1], ink bright; made when first asked for."""
        return self.build()

    def build(self) -> Network:
        """Make the network, which is not kept here."""
        reading = self.reading
        provenance = {**reading.provenance, "read from": reading.format}
        if self.input_map != (1.0, 0.0):
            provenance["first layer"] = f"was fed {self.input}; folded into its weights here"
        layers = tuple(trying.parts(reading, self.way))
        return Network(layers, reading.name, provenance, reading.names, self._origin())

    def _origin(self) -> Origin | None:
        origin = self.reading.origin
        if origin is None or self.way.channels_last:  # whose inputs stand in another order here
            return None
        if self.reading.layers[0].inputs_first is None:
            origin = origin.lying(self.inputs_first)
        return trying.returning(origin, self.reading, self.way).sound(self.sizes)

    def to_data(self) -> list[Any]:
        """Return all but the reading, as data."""
        way = self.way
        pixels = [way.pixels.key, way.pixels.name, way.pixels.scale, way.pixels.shift]
        return [
            [way.inputs_first, [*way.grid], way.activations, way.norm, way.channels_last],
            pixels if PIXELS.get(way.pixels.key) != way.pixels else way.pixels.key,
            self.accuracy,
            self.notes,
            self.guess,
        ]

    @classmethod
    def of_data(cls, reading: Reading, data: Sequence[Any]) -> Interpretation:
        """Return what :meth:`to_data` said of a reading."""
        (inputs_first, grid, names, norm, last), pixels, accuracy, notes, guess = data
        scaling = PIXELS[pixels] if isinstance(pixels, str) else Pixels(*pixels)
        way = Way(inputs_first, Grid(*grid), tuple(names), scaling, norm, last)
        return cls(reading, way, accuracy, tuple(notes), guess)


def interpret(
    reading: Reading, digits: DigitSet | None = None, chosen: Chosen = NOTHING_CHOSEN
) -> Interpretation:
    """Return the likeliest way to understand a file; see :func:`possibilities`."""
    return possibilities(reading, digits, chosen=chosen)[0]


def possibilities(
    reading: Reading,
    digits: DigitSet | None = None,
    budget: Budget = WORKBENCH,
    chosen: Chosen = NOTHING_CHOSEN,
    reach: int | None = None,
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
    chosen : Chosen
        What a person chose of what the file leaves open.
    reach : int, optional
        One more than the largest label of the set that the digits are the first of.

    Returns
    -------
    list of Interpretation
        At least one: first the one that is taken, then it with other output functions, then the
        others, by accuracy where digits were tried; among equals the more usual first.

    Raises
    ------
    NetworkFileError
        If the layers' shapes do not follow one another in any orientation, or if the file says
        another thing than was chosen.
    """
    if reading.orders:
        return orders.tried(
            reading, lambda each: possibilities(each, digits, budget, chosen, reach)
        )
    some = None if digits is None else digits.subset(slice(TRIED_ON))
    shown = None if some is None else some.grid
    reach = reach or (0 if digits is None else digits.reach())
    found: list[Tried] = []
    conventional: list[Way] = []
    why = "there were no digits to try it on"
    for flag in orientations(reading, chosen):
        for grid, ways in _by_grid(reading, flag, shown, chosen).items():
            conventional += [way for rank, way in ways if rank == 0]
            if some is None:
                continue
            fit = fits(sizes(reading, flag), some, budget, grid)
            # The first digits of a set that is in order are all of one class.
            beyond = reach > fit.classes
            lacking = unscored(fit.classes, some.classes) if beyond else fit.unscored
            if not fit or lacking:
                why = f"it could not be tried on digits ({fit.why or lacking})"
                continue
            ends_open = bool(outputs(reading, chosen))
            found += trying.tried(reading, ways, fit.lay(some), ends_open=ends_open)
    if not found:
        return _untried(reading, conventional, chosen, why)
    taken = trying.best(found, reading)
    order = sorted(range(len(found)), key=lambda number: (number != taken, -found[number].accuracy))
    first, *others = (Interpretation(reading, found[n].way, found[n].accuracy) for n in order)
    first = replace(
        first,
        notes=notes.taken(reading, found, taken, chosen),
        guess=notes.guess_of(reading, found) if len(found) > 1 else "",
    )
    return [first, *_with_other_outputs(first, chosen), *others]


def _untried(
    reading: Reading, conventional: list[Way], chosen: Chosen, why: str
) -> list[Interpretation]:
    first, *others = (Interpretation(reading, way) for way in conventional)
    if others:
        first = replace(first, guess=why, notes=(notes.by_convention(first.way, why),))
    return [first, *_with_other_outputs(first, chosen), *others]


def _with_other_outputs(first: Interpretation, chosen: Chosen) -> list[Interpretation]:
    return [
        replace(first, way=first.way.ending_in(name), notes=(), guess="")
        for name in outputs(first.reading, chosen)
        if name != first.activations[-1]
    ]


def _by_grid(
    reading: Reading, inputs_first: bool, digits: Grid | None, chosen: Chosen
) -> dict[Grid, list[tuple[int, Way]]]:
    """Return ways with each its rank, the most usual first, by the grid that pictures come on."""
    found: dict[Grid, list[tuple[int, Way]]] = {}
    for grid, channels_last in grids(reading, inputs_first, digits):
        some = [
            (
                rank,
                Way(
                    inputs_first, grid, (*hidden, output(reading, chosen, hidden)), pixels, norm,
                    channels_last,
                ),
            )
            for norm in norms(reading)
            for pixels in scalings(reading, grid, chosen)
            for rank, alike in enumerate(functions(reading, chosen))
            if rank == 0 or "," not in norm  # one of the two mixed is unusual enough
            for hidden in alike
        ]  # fmt: skip
        for rank in (1, 0):
            if len(some) > _MOST_WAYS:
                some = [each for each in some if each[0] <= rank]
        found.setdefault(grid, []).extend(some)
    return found
