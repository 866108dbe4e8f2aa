"""What a list shows of an experiment."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Entry:
    """An experiment in a list.

    Attributes
    ----------
    id, name, origin, digits : str
    sizes : tuple of int
    created, changed : float
        Unix seconds.
    binned : float or None
        When it was put into the bin.
    cursor, steps, revision : int
    accuracy : float or None
        As measured last, in [0, 1].
    """

    id: str
    name: str
    origin: str
    sizes: tuple[int, ...]
    digits: str
    created: float
    changed: float
    binned: float | None
    cursor: int
    steps: int
    accuracy: float | None
    revision: int

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**asdict(self), "sizes": list(self.sizes)}
