"""Files that a person brings: networks of any format, and experiments as recipes."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from toolkit.digits import DigitSet
from toolkit.experiments import RECIPE_FORMAT, Experiment
from toolkit.formats.apart import read_apart
from toolkit.formats.limits import LIMITS
from toolkit.formats.meaning.interpretation import Interpretation, possibilities
from toolkit.formats.meaning.reading import Reading
from toolkit.network import Network

MOST_BYTES = LIMITS.file_bytes
"""No larger file is taken."""
MOST_RECIPE_BYTES = 16 << 20
_SHOWN_WAYS = 12
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
        """The network in the reading chosen."""
        return self.ways[self.chosen].network

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
            "notes": list(self.reading.notes),
            "ways": [[way.summary, way.accuracy] for way in self.ways[:_SHOWN_WAYS]],
            "chosen": self.chosen,
        }


def is_recipe(data: bytes) -> bool:
    """Tell whether a file is an experiment as text, and not a network."""
    return data[:4096].lstrip()[:1] == b"{" and RECIPE_FORMAT.encode() in data[:4096]


def read_recipe(data: bytes) -> Experiment:
    """Return the experiment that a recipe holds, under a new id.

    Raises
    ------
    ValueError
        If it is too large, no JSON, or no recipe.
    """
    if len(data) > MOST_RECIPE_BYTES:
        raise ValueError(
            f"recipe: expected at most {MOST_RECIPE_BYTES >> 20} MiB; got {len(data) / 2**20:.0f}"
        )
    try:
        record = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"recipe: expected JSON; {str(error)[:200]}") from error
    return Experiment.from_recipe(record)


def read_network(data: bytes, name: str, digits: DigitSet) -> Understood:
    """Read a network's file in a process of its own, and try what it leaves open on digits.

    Parameters
    ----------
    data : bytes
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
    reading = read_apart(data, name)
    if reading.name == "network":  # the file does not say
        reading = replace(reading, name=name.rpartition(".")[0] or name)
    return Understood(name, reading, possibilities(reading, digits))
