"""Edits with a cursor: apply, undo, redo, jump, replay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from toolkit.edits import Edit, EditError, from_dict
from toolkit.network import Network

RECIPE_FORMAT = "weight-map-toolkit recipe"


@dataclass
class Step:
    """One applied edit.

    Attributes
    ----------
    edit, inverse : Edit
    accuracy_before, accuracy_after : float or None
        In [0, 1], as far as somebody measured them.
    """

    edit: Edit
    inverse: Edit
    accuracy_before: float | None = None
    accuracy_after: float | None = None

    @property
    def name(self) -> str:
        """The edit's name."""
        return self.edit.name

    @property
    def change(self) -> float | None:
        """Accuracy gained by the step, in [−1, 1]; None where it was not measured."""
        if self.accuracy_before is None or self.accuracy_after is None:
            return None
        return self.accuracy_after - self.accuracy_before


class History:
    """A network and the edits that made it.

    Parameters
    ----------
    network : Network
        Where it starts.

    Attributes
    ----------
    start, network : Network
        As loaded, and as it is at the cursor.
    steps : list of Step
        Oldest first; those from `cursor` on have been undone.
    cursor : int
        How many steps are in force, 0 to ``len(steps)``.

    Examples
    --------
    >>> from toolkit.edits import SetBias
    >>> history = History(Network.blank())
    >>> history.apply(SetBias(1, 3, -2.5)).layer(1).biases[3]
    np.float32(-2.5)
    >>> history.undo() == history.start
    True
    """

    def __init__(self, network: Network) -> None:
        self.start = network
        self.network = network
        self.steps: list[Step] = []
        self.cursor = 0

    @property
    def can_undo(self) -> bool:
        """Tell whether a step is in force."""
        return self.cursor > 0

    @property
    def can_redo(self) -> bool:
        """Tell whether a step has been undone."""
        return self.cursor < len(self.steps)

    def apply(self, edit: Edit) -> Network:
        """Apply an edit; steps undone before are dropped.

        Raises
        ------
        EditError
            If it does not fit; nothing changes then.
        """
        after = edit.apply(self.network)
        step = Step(edit, edit.inverse(self.network))
        del self.steps[self.cursor :]
        self.steps.append(step)
        self.cursor += 1
        self.network = after
        return after

    def undo(self) -> Network:
        """Take back the step before the cursor; with none, nothing happens."""
        if self.can_undo:
            self.cursor -= 1
            self.network = self.steps[self.cursor].inverse.apply(self.network)
        return self.network

    def redo(self) -> Network:
        """Apply the step after the cursor again; with none, nothing happens."""
        if self.can_redo:
            self.network = self.steps[self.cursor].edit.apply(self.network)
            self.cursor += 1
        return self.network

    def jump(self, cursor: int) -> Network:
        """Undo or redo until `cursor` steps are in force.

        Raises
        ------
        EditError
            If there are not that many steps.
        """
        if isinstance(cursor, bool) or not isinstance(cursor, int):
            raise EditError(f"step: expected a whole number; got {cursor!r}")
        if not 0 <= cursor <= len(self.steps):
            raise EditError(f"step: expected 0 to {len(self.steps)}; got {cursor}")
        while self.cursor > cursor:
            self.undo()
        while self.cursor < cursor:
            self.redo()
        return self.network

    def recipe(self) -> dict[str, Any]:
        """Return the steps in force as plain data (JSON) that :func:`replay` takes."""
        return {
            "format": RECIPE_FORMAT,
            "start": {"name": self.start.name, "checksum": self.start.checksum},
            "edits": [step.edit.to_dict() for step in self.steps[: self.cursor]],
        }


def replay(network: Network, edits: Iterable[Edit | dict[str, Any]]) -> History:
    """Apply edits, or their dict forms, one after another.

    Raises
    ------
    EditError
        If one does not fit; the message says which.
    """
    history = History(network)
    for number, edit in enumerate(edits, 1):
        try:
            history.apply(edit if isinstance(edit, Edit) else from_dict(edit))
        except EditError as error:
            raise EditError(f"edit {number}: {error}") from error
    return history
