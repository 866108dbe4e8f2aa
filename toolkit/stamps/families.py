"""Families: stamps for a whole layer at once, made for maps of 28×28 and fitted to others.

The page's ``core/families.js`` has the same lists, number by number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from toolkit.grid import Grid
from toolkit.stamps.exact import cosine_sine
from toolkit.stamps.makers import arc, blob, edge, gabor, line, ring
from toolkit.stamps.stamp import Stamp, hundredths

if TYPE_CHECKING:
    from toolkit.edits import PutStamp, Several


@dataclass(frozen=True)
class Family:
    """Stamps that make a layer's features together.

    Attributes
    ----------
    key : str
        A short name, as ``FAMILIES`` has it.
    name, description : str
        A few words, and a sentence.
    members : tuple of (str, Stamp)
        What each is called, and the stamp.

    Examples
    --------
    >>> FAMILIES["segments"].name
    'segments of a display'
    >>> step = FAMILIES["edges"].on_layer(strength=2)
    >>> step.name
    'sixteen edges around the frame on layer 1'
    """

    key: str
    name: str
    description: str
    members: tuple[tuple[str, Stamp], ...]

    @property
    def stamps(self) -> tuple[Stamp, ...]:
        """The stamps alone."""
        return tuple(stamp for _, stamp in self.members)

    def edits(
        self,
        neurons: Iterable[int] | None = None,
        *,
        mode: str = "replace",
        strength: float | None = None,
        zero_sum: bool | None = None,
        grid: Grid | tuple[int, int] = (28, 28),
    ) -> list[PutStamp]:
        """Return one edit for each neuron of layer 1, the members in order.

        Parameters
        ----------
        neurons : iterable of int, optional
            As many as one likes; by default as many as there are members, from 0.  Where there
            are more of one kind than of the other, the rest is left.
        mode : str
            As in :meth:`Stamp.on`.
        strength : float, optional
            Of all, in place of each one's own, which is 1.
        zero_sum : bool, optional
            The same.
        grid : Grid or (int, int)
            Of the maps, to which the stamps are fitted.

        Raises
        ------
        ValueError
            If a number is out of its range.
        """
        chosen = range(len(self.members)) if neurons is None else neurons
        made = []
        for neuron, stamp in zip(chosen, self.stamps, strict=False):
            if strength is not None:
                stamp = replace(stamp, strength=strength)
            if zero_sum is not None:
                stamp = replace(stamp, zero_sum=zero_sum)
            made.append(stamp.fitted(grid).on(1, neuron, mode))
        return made

    def on_layer(
        self,
        neurons: Iterable[int] | None = None,
        *,
        mode: str = "replace",
        strength: float | None = None,
        zero_sum: bool | None = None,
        grid: Grid | tuple[int, int] = (28, 28),
        named: bool = False,
    ) -> Several:
        """Return the same edits as one step; `named` calls each neuron what its stamp is called."""
        from toolkit.edits import NameNeuron, Several

        edits = self.edits(neurons, mode=mode, strength=strength, zero_sum=zero_sum, grid=grid)
        # First no name is left, so that none that is given is another's.
        unnamed = [NameNeuron(1, edit.neuron, "") for edit in edits] if named else []
        names = [
            NameNeuron(1, edit.neuron, name)
            for edit, (name, _) in zip(edits if named else [], self.members, strict=False)
        ]
        return Several((*edits, *unnamed, *names), f"{self.name} on layer 1")


_AROUND = (
    "right", "right-upper", "upper-right", "top-right", "top", "top-left", "upper-left",
    "left-upper", "left", "left-lower", "lower-left", "bottom-left", "bottom", "bottom-right",
    "lower-right", "right-lower",
)  # fmt: skip
_CORNERS = (("upper-left", 9, 9), ("upper-right", 9, 19), ("lower-left", 19, 9),
            ("lower-right", 19, 19))  # fmt: skip
_WAYS = (("flat", 0), ("rising", 45), ("upright", 90), ("falling", 135))


def _edges() -> Sequence[tuple[str, Stamp]]:
    made = []
    for k, where in enumerate(_AROUND):
        cosine, sine = (float(each[0]) for each in cosine_sine(np.array([22.5 * k])))
        at = hundredths(14 - 9 * sine), hundredths(14 + 7 * cosine)
        # The bright side lies inwards: it turns with the place.
        made.append((f"{where} edge", edge(at=at, angle=22.5 * k + 90, length=8, width=3)))
    return made


def _segments() -> Sequence[tuple[str, Stamp]]:
    """Return the sixteen bars of a display that shows letters too, 18 high and 14 wide."""
    flat = [("top", 5), ("middle", 14), ("bottom", 23)]
    upright = [("left", 7), ("middle", 14), ("right", 21)]
    made = [
        (f"{height}-{side} bar", line(at=(row, column), length=7))
        for height, row in flat
        for side, column in (("left", 10.5), ("right", 17.5))
    ]
    made += [
        (f"{half} {side} side" if side != "middle" else f"{half} middle post",
         line(at=(row, column), angle=90, length=9))
        for side, column in upright
        for half, row in (("upper", 9.5), ("lower", 18.5))
    ]  # fmt: skip
    made += [
        ("upper-left slant", line(at=(9.5, 10.5), angle=-52, length=10)),
        ("upper-right slant", line(at=(9.5, 17.5), angle=52, length=10)),
        ("lower-left slant", line(at=(18.5, 10.5), angle=52, length=10)),
        ("lower-right slant", line(at=(18.5, 17.5), angle=-52, length=10)),
    ]
    return made


def _strokes() -> Sequence[tuple[str, Stamp]]:
    return [
        (f"{where} {way} stroke", line(at=(row, column), angle=angle, length=9))
        for where, row, column in _CORNERS
        for way, angle in _WAYS
    ]


def _gabors() -> Sequence[tuple[str, Stamp]]:
    return [
        (f"{size} {way} {sort}",
         gabor(angle=angle, length=12, width=width, phase=phase))
        for size, width in (("narrow", 3), ("wide", 5))
        for sort, phase in (("stripes", 0), ("steps", 90))
        for way, angle in _WAYS
    ]  # fmt: skip


def _rings_and_arcs() -> Sequence[tuple[str, Stamp]]:
    made = [
        ("large ring", ring(at=(14, 14), length=12, height=17)),
        ("upper ring", ring(at=(9.5, 14), length=9, height=8)),
        ("lower ring", ring(at=(18.5, 14), length=9, height=8)),
        ("small ring", ring(at=(14, 14), length=6)),
    ]
    turns = (("top", 0, -1, 0), ("left side", 90, 0, -1), ("bottom", 180, 1, 0),
             ("right side", 270, 0, 1))  # fmt: skip
    for which, row, reach, curvature, length in (
        ("upper loop", 9.5, 4.5, 0.22, 10), ("lower loop", 18.5, 4.5, 0.22, 10),
        ("large loop", 14, 7.5, 0.14, 15),
    ):  # fmt: skip
        made += [
            (f"{which} {part}",
             arc(at=(row + down * reach, 14 + right * reach), angle=angle, length=length,
                 curvature=curvature))
            for part, angle, down, right in turns
        ]  # fmt: skip
    return made


def _spots() -> Sequence[tuple[str, Stamp]]:
    return [
        (f"spot row {row + 1} column {column + 1}",
         blob(at=(6.5 + 5 * row, 6.5 + 5 * column), length=5, surround=0.5))
        for row in range(4)
        for column in range(4)
    ]  # fmt: skip


def _listed(*found: tuple[str, str, str, Sequence[tuple[str, Stamp]]]) -> Mapping[str, Family]:
    return MappingProxyType(
        {key: Family(key, name, said, tuple(members)) for key, name, said, members in found}
    )


FAMILIES = _listed(
    ("edges", "sixteen edges around the frame",
     "Where does the digit end? Bright inside, dark outside, all the way round.", _edges()),
    ("segments", "segments of a display",
     "The sixteen bars of a display that shows digits and letters, each with dark flanks.",
     _segments()),
    ("strokes", "sixteen strokes",
     "Flat, rising, upright and falling, one of each in every quarter of the map.", _strokes()),
    ("gabors", "Gabor bank",
     "Stripes in four directions, narrow and wide, with a bright middle or an edge there.",
     _gabors()),
    ("loops", "rings and arcs",
     "Four rings, and top, bottom and sides of an upper, a lower and a large loop.",
     _rings_and_arcs()),
    ("spots", "sixteen spots",
     "Is there ink here? Four rows of four soft spots, each a little dark around.", _spots()),
)  # fmt: skip
"""Families by their key."""
