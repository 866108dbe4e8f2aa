"""What is let go so that many can work at once; all of it can be made again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from toolkit.scoring import Score
from toolkit.studio.desk import SMALL_BYTES, Desk
from toolkit.studio.library import Library
from toolkit.studio.memory import give_back_soon

ANSWER_SECONDS = 0.5
"""So long after a stroke its answer is still being made."""


@dataclass(frozen=True)
class Resting:
    """What a page looked at when it was last heard of, to go on from there."""

    id: str
    start: Mapping[str, Any]
    source: str
    before_score: Score | None


def spare(
    desks: Iterable[Desk], library: Library, most_bytes: int, before: float = math.inf
) -> None:
    """Let scorers go until the others fit.

    Parameters
    ----------
    desks : iterable of Desk
    library : Library
        Knows what desks share.
    most_bytes : int
    before : float
        What was used since then is left alone.
    """
    at_work = sorted((each for each in desks if each.is_at_work), key=lambda each: each.used)
    # The one used last stays, however large: else it would be made anew at each stroke.  Who only
    # looks shares an origin, which goes with the last who does; small ones would make no room.
    for desk in sorted(at_work[:-1], key=lambda each: each.held_bytes < SMALL_BYTES):
        if library.origin_bytes() + sum(each.bytes for each in at_work) <= most_bytes:
            return
        if desk.used < before and desk.rest():
            give_back_soon()
