"""What is said of how a file was understood: what was taken, and what reads as well."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from toolkit.formats.meaning.reading import Reading
from toolkit.formats.meaning.trying import Tried
from toolkit.formats.meaning.ways import Chosen, Way, sizes

_READS_WELL = 0.8  # of ten digits, as nearly all that learned to do; of more classes fewer
_MANY_READ_WELL = 0.6
_MANY = 11  # outputs
_ABOUT_AS_WELL = 0.01
_MOST_NAMED = 6


def aspects(way: Way) -> list[str]:
    """Say what was taken besides functions, a few words each."""
    found = [way.pixels.name, f"weights {_orientation(way)}"]
    if way.norm:
        found.append(_normalised(way))
    if way.grid.rows == 3 * way.grid.columns:
        found.append(_channels(way))
    return found


def by_convention(way: Way, why: str) -> str:
    """Say what was taken where nothing could be tried."""
    return (
        f"What the file does not say was taken by convention, since {why}: "
        f"{', '.join(way.activations)}; {'; '.join(aspects(way))}."
    )


def guess_of(reading: Reading, found: Sequence[Tried]) -> str:
    """Say why what was taken is a guess; empty where it reads well enough not to be."""
    most = max(each.accuracy for each in found)
    outputs = sizes(reading, found[0].way.inputs_first)[-1]
    if most >= (_READS_WELL if outputs < _MANY else _MANY_READ_WELL):
        return ""
    return f"no way to understand it reads more than {most:.0%} of the digits it was tried on"


def taken(reading: Reading, found: Sequence[Tried], index: int, chosen: Chosen) -> tuple[str, ...]:
    """Say what was taken by trial, and what reads as well, a sentence for each thing left open.

    Parameters
    ----------
    reading : Reading
    found : sequence of Tried
    index : int
        Which of them was taken.
    chosen : Chosen
        What needs no telling, since a person chose it.
    """
    first = found[index]
    sentences = []
    aspects_open: list[tuple[str, Callable[[Way], object], Callable[[Way], str]]] = [
        ("its hidden layers' functions", lambda way: way.activations[:-1], _functions),
        ("how pixels were scaled", lambda way: way.pixels, lambda way: way.pixels.name),
        ("which side of its weights is the input", lambda way: way.inputs_first, _orientation),
        ("where its normalisations stand", lambda way: way.norm, _normalised),
        ("how its colours lie", lambda way: way.channels_last, _channels),
    ]
    for what, aspect, words in aspects_open:
        rivals = [each for each in found if _differs_in(aspect, each.way, first.way)]
        if rivals:
            sentences.append(
                f"The file does not say {what}: tried on digits, {words(first.way)} was taken; "
                f"{_rivals(rivals, first, words)}."
            )
    if reading.layers[-1].activation is None and len(chosen.hidden or ()) != len(reading.layers):
        sentences.append(
            f"The file does not say its output's function: {first.way.activations[-1]} was taken; "
            "which digit wins is the same under each."
        )
    return tuple(sentences)


def _differs_in(aspect: Callable[[Way], object], way: Way, other: Way) -> bool:
    """Tell whether two ways differ in this alone, outputs' functions aside."""
    if aspect(way) == aspect(other):
        return False
    parts = (way.activations[:-1], way.pixels, way.inputs_first, way.norm, way.channels_last)
    others = (
        other.activations[:-1], other.pixels, other.inputs_first, other.norm, other.channels_last
    )  # fmt: skip
    return sum(part != given for part, given in zip(parts, others, strict=True)) == 1


def _rivals(rivals: Sequence[Tried], first: Tried, words: Callable[[Way], str]) -> str:
    ordered = sorted(rivals, key=lambda each: -each.accuracy)
    near = [each for each in ordered if each.accuracy >= first.accuracy - _ABOUT_AS_WELL]
    parts = [
        f"{words(each.way)} reads {_difference(each.accuracy - first.accuracy)}"
        for each in (near or ordered[:1])[:_MOST_NAMED]
    ]
    more = len(near) - _MOST_NAMED
    return ", ".join(parts) + (f", and {more} more read about as many" if more > 0 else "")


def _difference(accuracy: float) -> str:
    if abs(accuracy) < 0.0005:
        return "as many"
    return f"{abs(accuracy):.1%} {'more' if accuracy > 0 else 'less'}"


def _functions(way: Way) -> str:
    hidden = way.activations[:-1]
    return hidden[0] if len(set(hidden)) == 1 else " then ".join(hidden)


def _orientation(way: Way) -> str:
    return "(in, out)" if way.inputs_first else "(out, in)"


def _normalised(way: Way) -> str:
    return f"normalised {way.norm.replace(', ', ', then ')} the functions"


def _channels(way: Way) -> str:
    lying = "three numbers a pixel" if way.channels_last else "three pictures"
    return f"inputs are {lying}, shown one under another"
