"""Steps left out: undone ones that an edit made before them dropped, and how they come back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from toolkit.edits import EditError
from toolkit.experiments import Experiment
from toolkit.studio.notices import Notice

if TYPE_CHECKING:
    from toolkit.studio.desk import Seat

_FEWEST = 2
"""Who takes back one step and makes another means that one in its place."""


def lay_again(trial: Experiment, item: Mapping[str, Any], client: str) -> None:
    """Do the steps again that were left out, after all in force, but for what no longer fits.

    Parameters
    ----------
    trial : Experiment
    item : mapping
        ``since``, when the first of them was made: others may have been left out by now.
    client : str
        Who wants it.

    Raises
    ------
    EditError
        If they are not kept any more.
    """
    steps = trial.left_out
    if not steps or steps[0].made != item.get("since"):
        raise EditError("steps: those that were left out are not kept any more")
    trial.left_out = ()
    for step in steps:
        try:
            trial.apply(step.edit, client, step.why)
        except EditError:
            continue  # counted by who compares


def told(before: Experiment, after: Experiment, kind: object) -> Notice | None:
    """Return what a letter did to undone steps, where that is to be told.

    Parameters
    ----------
    before, after : Experiment
        As it was and as it is.
    kind : object
        The letter's.
    """
    if kind == "lay-again":
        done = after.cursor - before.cursor
        fields = {"done": done, "skipped": len(before.left_out) - done}
        return Notice("laid-again", fields) if before is not after else None
    left = after.left_out
    if left is before.left_out or len(left) < _FEWEST:
        return None
    letter = {"kind": "lay-again", "since": left[0].made}
    return Notice(
        "left-out", {"count": len(left)}, actions=[{"label": "lay-again", "letter": letter}]
    )


def tell(before: Experiment, after: Experiment, client: str, seats: Collection[Seat]) -> None:
    """Tell what an edit left out that was worked out here: its page, or all where that has gone."""
    undone = told(before, after, "edit")
    if undone is not None:
        for seat in [seat for seat in seats if seat.client == client] or seats:
            seat.say(undone)
