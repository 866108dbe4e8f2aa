"""Ours and each peer in turn, made into a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from toolkit.benchmarks.clock import in_turn, ratios, spread_of
from toolkit.benchmarks.limits import Needs, limit_of, shared
from toolkit.benchmarks.records import Beside, Result
from toolkit.benchmarks.setting import Setting

Way = Callable[[], float]
"""Does a thing once and returns the seconds it took."""


def beside(
    setting: Setting,
    ours: Way,
    peers: Mapping[str, Way | str],
    *,
    accuracy: float | None = None,
    accuracies: Mapping[str, float] | None = None,
    needs: Sequence[Needs] = (),
    times_as_long: float = 1,
    note: str = "",
) -> Result:
    """Measure ours and its peers in turn.

    Parameters
    ----------
    setting : Setting
    ours : callable
    peers : mapping of str to callable or str
        By name; a text says why one is absent.
    accuracy, accuracies
        What the work comes to, ours and each peer's.
    needs : sequence of Needs
        What it has to do, by each way that there is to do it.
    times_as_long : float
        How much more time than the setting's it may take, where a single round takes seconds.
    note : str
    """
    there = {name: way for name, way in peers.items() if not isinstance(way, str)}
    mine, *others = in_turn(
        [ours, *there.values()], setting.rounds, seconds=times_as_long * setting.seconds
    )
    theirs = dict(zip(there, others, strict=True))
    found = spread_of(mine)
    return Result(
        found,
        beside=tuple(
            Beside(name, absent=way)
            if isinstance(way, str)
            else Beside(name, spread_of(theirs[name]), spread_of(ratios(mine, theirs[name])),
                        (accuracies or {}).get(name))
            for name, way in peers.items()
        ),
        accuracy=accuracy,
        limit=shared(limit_of(needs), found) if needs else None,
        note=note,
    )  # fmt: skip
