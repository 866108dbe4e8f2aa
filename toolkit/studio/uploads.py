"""Files that a person brings: networks of any format, and experiments as recipes."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from toolkit import apart
from toolkit.digits import DigitSet
from toolkit.experiments import Experiment
from toolkit.experiments.recipes import is_recipe_text
from toolkit.formats.limits import LIMITS
from toolkit.formats.meaning.interpretation import Interpretation
from toolkit.formats.meaning.reading import Reading
from toolkit.network import Network

MOST_BYTES = LIMITS.file_bytes
"""No larger file is taken."""
MOST_RECIPE_BYTES = 16 << 20
_LISTED_WAYS = 120
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Understood:
    """How a file was read, and how else it could be."""

    file: str
    reading: Reading
    ways: list[Interpretation]
    chosen: int = 0

    @property
    def network(self) -> Network:
        """The network in the reading chosen, made anew: what a file says is kept once."""
        return self.ways[self.chosen].build()

    @property
    def held_bytes(self) -> int:
        """How much memory it takes."""
        return sum(layer.weights.nbytes for layer in self.reading.layers)

    def otherwise(self, way: object) -> Understood:
        """Return the same file in another reading; raises ValueError if there is none such."""
        if isinstance(way, bool) or not isinstance(way, int):
            raise ValueError(f"way: expected a whole number; got {way!r:.40}")
        if not 0 <= way < len(self.ways):
            raise ValueError(f"way: expected 0 to {len(self.ways) - 1}; got {way}")
        return replace(self, chosen=way)

    def listing(self) -> dict[str, Any]:
        """Return it as the page shows it."""
        return {
            "file": self.file,
            "format": self.reading.format,
            "notes": [*self.reading.notes, *self.ways[self.chosen].notes],
            "guess": self.ways[self.chosen].guess,
            "ways": [[way.summary, way.accuracy] for way in self.ways[:_LISTED_WAYS]],
            "chosen": self.chosen,
        }


def is_recipe(file: BinaryIO, name: str = "") -> bool:
    """Tell whether a file is an experiment as text, and not a network."""
    file.seek(0)
    return is_recipe_text(file.read(4096), name)


def read_recipe(file: BinaryIO, name: str, digits: DigitSet) -> Experiment:
    """Replay a recipe in a process of its own; return its experiment, under a new id.

    Parameters
    ----------
    file : binary file
    name : str
        The file's name, for its messages.
    digits : DigitSet
        What its network must fit.

    Raises
    ------
    ValueError
        If it is too large, no JSON, or no recipe, or takes too long.
    """
    size = file.seek(0, io.SEEK_END)
    if size > MOST_RECIPE_BYTES:
        raise ValueError(
            f"recipe: expected at most {MOST_RECIPE_BYTES >> 20} MiB; got {size / 2**20:.0f}"
        )
    return apart.read_recipe(file, name[:_LONGEST_NAME], digits)


def read_network(file: bytes | BinaryIO, name: str, digits: DigitSet) -> Understood:
    """Read a network's file in a process of its own, and try what it leaves open on digits.

    Parameters
    ----------
    file : bytes or binary file
    name : str
        The file's name, for its messages.
    digits : DigitSet
        On the grid they come in.

    Raises
    ------
    ValueError
        If it is no network that can be read.
    """
    name = name[:_LONGEST_NAME]
    ways = apart.read_network(file, name, digits)
    reading = ways[0].reading
    if reading.name == "network":  # the file does not say
        reading = replace(reading, name=name.rpartition(".")[0] or name)
        ways = [replace(way, reading=reading) for way in ways]
    return Understood(name, reading, ways)


def read_picture(file: bytes | BinaryIO, name: str) -> tuple[NDArray[np.uint8], bool]:
    """Read a picture of a digit in a process of its own; return it in MNIST's form, (784,).

    And whether there may be another digit on it, which was left out.

    Raises
    ------
    ValueError
        If it is no picture, or a blank one.
    """
    return apart.read_picture(file, name[:_LONGEST_NAME])
