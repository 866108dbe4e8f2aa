"""An experiment: a network, the edits that made it, a cursor, save points."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from toolkit.edits import Edit, EditError, Marks, ReplaceLayers, from_dict, same_layer
from toolkit.experiments.provenance import Tracker
from toolkit.experiments.steps import (
    LONGEST_WHY,
    SavePoint,
    Step,
    StoredNetwork,
    check_id,
    new_id,
    opened,
    storable,
)
from toolkit.network import Network
from toolkit.shown import shown

LANDMARK_EVERY = 200
"""After so many steps a network is kept, so that no jump replays thousands."""
LANDMARK_EFFORT = 2048
"""After as much work too, where steps are many edits each."""
_MUCH = 32


@dataclass
class Kept:
    """What a store has of an experiment.

    Attributes
    ----------
    revision : int
    stored : int
        How many steps the store has.
    steps : int
        How many of them, from the first, are the experiment's own.
    save_points : int
    last : Step or None
        The step before the cursor, and `measured`, what was known of its accuracies.
    """

    revision: int
    stored: int
    steps: int
    save_points: int
    last: Step | None
    measured: tuple[float | None, float | None] | None


class Experiment:
    """A network and the edits that made it.

    Parameters
    ----------
    start : Network
        Where it starts.
    id : str, optional
        32 lowercase hex digits; by default 128 random bits.
    name : str, optional
        By default the network's.
    origin : str
        Where the start comes from: the name of a network that ships, ``"random:SEED"`` or
        ``"file"``.
    digits : str
        Name of the digit set that it is scored on.

    Attributes
    ----------
    start, network : Network
        As loaded, and as it is at the cursor, under the experiment's name.
    steps : list of Step
        Oldest first; those from `cursor` on have been undone.
    cursor : int
        How many steps are in force, 0 to ``len(steps)``.
    save_points : list of SavePoint
        Oldest first, each of another name.
    left_out : tuple of Step
        Undone steps that an edit dropped last; nothing keeps them but this object.
    created, changed : float
        Unix seconds.
    revision : int
        One more with each change of anything above.
    tracker : Tracker
        Works out :meth:`provenance`, and remembers it.

    Examples
    --------
    >>> from toolkit.edits import SetBias
    >>> experiment = Experiment(Network.blank())
    >>> experiment.apply(SetBias(1, 3, -2.5)).layer(1).biases[3]
    np.float32(-2.5)
    >>> experiment.undo() == experiment.start
    True
    """

    def __init__(
        self,
        start: Network,
        *,
        id: str | None = None,
        name: str | None = None,
        origin: str = "",
        digits: str = "",
    ) -> None:
        self.id = new_id() if id is None else check_id(id)
        self.start = start
        self.origin = storable(origin)
        self._name = storable(start.name if name is None else name)
        self._digits = storable(digits)
        self.network = self._named(start)
        self.steps: list[Step] = []
        self.cursor = 0
        self.save_points: list[SavePoint] = []
        self.left_out: tuple[Step, ...] = ()
        self.created = self.changed = time.time()
        self.revision = 0
        self.kept: Kept | None = None
        self._landmarks: dict[int, Network | StoredNetwork] = {0: start}
        self.tracker = Tracker()

    @property
    def name(self) -> str:
        """What it is called."""
        return self._name

    @property
    def digits(self) -> str:
        """Name of the digit set that it is scored on."""
        return self._digits

    @digits.setter
    def digits(self, source: str) -> None:
        source = storable(source)
        if source != self._digits:
            self._digits = source
            self._touch()

    @property
    def can_undo(self) -> bool:
        """Tell whether a step is in force."""
        return self.cursor > 0

    @property
    def can_redo(self) -> bool:
        """Tell whether a step has been undone."""
        return self.cursor < len(self.steps)

    def apply(self, edit: Edit, client: str = "", why: str = "") -> Network:
        """Apply an edit; steps undone before are dropped.

        Parameters
        ----------
        edit : Edit
        client : str
            Who makes it.
        why : str
            What it is for, a sentence.

        Raises
        ------
        EditError
            If it does not fit; nothing changes then.
        """
        after, inverse = edit.made(self.network)
        step = Step(edit, inverse, storable(client), time.time(), why=storable(why, LONGEST_WHY))
        if self.can_redo:
            self.left_out = tuple(self.steps[self.cursor :])
            del self.steps[self.cursor :]
            for position in [each for each in self._landmarks if each > self.cursor]:
                del self._landmarks[position]
            if self.kept is not None:
                self.kept.steps = min(self.kept.steps, self.cursor)
        self.steps.append(step)
        self._move(self.cursor + 1, after)
        if self.cursor % LANDMARK_EVERY == 0 or (edit.effort > _MUCH and self._is_far()):
            self._landmarks[self.cursor] = after
        return self.network

    def _is_far(self) -> bool:
        """Tell whether it is much work to come here from the landmark before."""
        last = max(self._landmarks)
        return sum(step.edit.effort for step in self.steps[last : self.cursor]) >= LANDMARK_EFFORT

    def undo(self) -> Network:
        """Take back the step before the cursor; with none, nothing happens."""
        if self.can_undo:
            self._move(self.cursor - 1, self.steps[self.cursor - 1].inverse.apply(self.network))
        return self.network

    def redo(self) -> Network:
        """Apply the step after the cursor again; with none, nothing happens."""
        if self.can_redo:
            self._move(self.cursor + 1, self.steps[self.cursor].edit.apply(self.network))
        return self.network

    def jump(self, cursor: int) -> Network:
        """Undo or redo until `cursor` steps are in force.

        Raises
        ------
        EditError
            If there are not that many steps.
        """
        if isinstance(cursor, bool) or not isinstance(cursor, int):
            raise EditError(f"step: expected a whole number; got {type(cursor).__name__}")
        if not 0 <= cursor <= len(self.steps):
            raise EditError(f"step: expected 0 to {len(self.steps)}; got {shown(cursor)}")
        if cursor != self.cursor:
            self._move(cursor, self.network_at(cursor))
        return self.network

    def network_at(self, cursor: int) -> Network:
        """Return the network with `cursor` steps in force, going there by the shortest way."""
        known: dict[int, Network | StoredNetwork] = {**self._landmarks, self.cursor: self.network}
        here = min(known, key=lambda position: abs(position - cursor))
        network = opened(known[here])
        for step in self.steps[here:cursor]:
            network = step.edit.apply(network)
        for step in reversed(self.steps[cursor:here]):
            network = step.inverse.apply(network)
        return network

    def provenance(self) -> Marks:
        """Return where each weight and bias comes from, with the steps that are in force.

        A start whose weights and biases are all zero is blank, any other loaded.  Each step marks
        what it touches; an undone step is not in force.  What a reset brings back is what it was
        at the start, and what going back to a save point brings, what it was there.
        """
        return self.tracker.at(self, self.cursor)

    def rename(self, name: str) -> None:
        """Call it something else."""
        name = storable(name)
        if name != self._name:
            self._name = name
            self.network = self._named(self.network)
            self._touch()

    def add_save_point(self, name: str) -> SavePoint:
        """Keep the network as it is now under a name.

        Raises
        ------
        EditError
            If there is a save point of that name.
        """
        name = storable(name)
        if any(point.name == name for point in self.save_points):
            raise EditError(f"save point: expected a name of its own; there is {_quoted(name)}")
        point = SavePoint(name, time.time(), self.cursor, self.network)
        self.save_points.append(point)
        self._touch()
        return point

    def restore(self, name: str, client: str = "") -> Network:
        """Put layers and names of a save point in the place of today's, as an edit to be undone.

        Where they are the same already, nothing happens.  Where the steps that lead to it were
        undone and are still there to be done again, they are: nothing of them is lost.

        Raises
        ------
        EditError
            If there is no save point of that name.
        """
        point = next((each for each in self.save_points if each.name == storable(name)), None)
        if point is None:
            raise EditError(f"save point: there is none called {_quoted(name)}")
        then = point.network
        layers = {
            number: layer
            for number, layer in enumerate(then.layers, 1)
            if not same_layer(layer, self.network.layer(number))
        }
        names = None if then.names == self.network.names else then.names
        if not layers and names is None:
            return self.network
        if self.cursor < point.cursor <= len(self.steps):
            there = self.network_at(point.cursor)
            if there.names == then.names and all(map(same_layer, there.layers, then.layers)):
                self._move(point.cursor, there)
                return self.network
        self.apply(ReplaceLayers(layers, f"back to {point.name}", "restore", names), client)
        return self.network

    def say(self, number: int, why: str) -> None:
        """Say what a step is for, the first being 1; empty takes what was said away.

        Raises
        ------
        EditError
            If there is no such step.
        """
        if isinstance(number, bool) or not isinstance(number, int):
            raise EditError(f"step: expected a whole number; got {type(number).__name__}")
        if not 1 <= number <= len(self.steps):
            raise EditError(f"step: expected 1 to {len(self.steps)}; got {shown(number)}")
        step, said = self.steps[number - 1], storable(why, LONGEST_WHY)
        if said == step.why:
            return
        self._put(number, step.saying(said))
        self._touch()

    def measured(self, number: int, before: float | None, after: float, on: str) -> None:
        """Note the accuracies before and after a step, the first being 1.

        Parameters
        ----------
        number : int
        before : float or None
            None where it is not known.
        after : float
        on : str
            Source of the digits.
        """
        self._put(number, self.steps[number - 1].measured(before, after, storable(on)))

    def say_measured(self, on: str) -> None:
        """Note of all steps with an accuracy that say no digits which those were."""
        for number, step in enumerate(self.steps, 1):
            if step.accuracy_after is not None and not step.on:
                self.measured(number, step.accuracy_before, step.accuracy_after, on)

    def _put(self, number: int, step: Step) -> None:
        # A step of its own: forks share them.
        self.steps[number - 1] = step
        if self.kept is not None:
            self.kept.steps = min(self.kept.steps, number - 1)

    def fork(self) -> Experiment:
        """Return a copy of the same id that shares steps and networks, to try a change on."""
        twin = copy.copy(self)
        twin.steps = list(self.steps)
        twin.save_points = list(self.save_points)
        twin._landmarks = dict(self._landmarks)
        twin.kept = None if self.kept is None else replace(self.kept)
        return twin

    def copy(self, name: str) -> Experiment:
        """Return an experiment of its own, with the same steps and save points."""
        twin = self.fork()
        twin.id, twin.kept, twin.revision = new_id(), None, 0
        twin.created = time.time()
        twin.tracker = Tracker()
        twin.rename(name)
        twin.changed = twin.created
        return twin

    def recipe(self) -> dict[str, Any]:
        """Return the experiment as plain data (JSON) that :meth:`from_recipe` takes."""
        # A recipe is read by what knows files and shipped networks, which an experiment does not.
        from toolkit.experiments.recipes import record_of

        return record_of(self)

    @classmethod
    def from_recipe(cls, record: object, start: Network | None = None) -> Experiment:
        """Read an experiment, under a new id, from its recipe.

        Parameters
        ----------
        record : object
            What :meth:`recipe` returns, after a way through JSON or a person's hands.
        start : Network, optional
            What to start from, in place of what the recipe names.

        Raises
        ------
        RecipeError
            If it is none, or its start is not to be had, or an edit does not fit.
        """
        from toolkit.experiments.recipes import experiment_of

        return experiment_of(record, start)

    @property
    def landmarks(self) -> Mapping[int, Network | StoredNetwork]:
        """Networks by the number of steps in force; 0 is the start."""
        return self._landmarks

    @classmethod
    def assembled(
        cls,
        experiment: Experiment,
        steps: list[Step],
        cursor: int,
        save_points: list[SavePoint],
        landmarks: Mapping[int, Network | StoredNetwork],
    ) -> Experiment:
        """Return a fresh experiment with what a store has of it laid in.

        The network is replayed from the landmark next to the cursor.
        """
        experiment.steps = steps
        experiment.save_points = save_points
        experiment._landmarks = {**landmarks, 0: experiment.start}
        network = experiment.network_at(cursor)
        experiment.cursor = cursor
        experiment.network = experiment._named(network)
        return experiment

    def _move(self, cursor: int, network: Network) -> None:
        self.cursor = cursor
        self.network = self._named(network)
        self._touch()

    def _touch(self) -> None:
        self.revision += 1
        self.changed = time.time()

    def _named(self, network: Network) -> Network:
        return network if network.name == self._name else network.renamed(self._name)

    def __repr__(self) -> str:
        return (
            f"Experiment {self.name!r}: {self.cursor} of {len(self.steps)} steps in force, "
            f"{len(self.save_points)} save points; {self.network!r}"
        )


def _quoted(name: object) -> str:
    return f"{name[:60]!r}" if isinstance(name, str) else type(name).__name__


def replay(network: Network, edits: Iterable[Edit | Mapping[str, Any]]) -> Experiment:
    """Apply edits, or their dict forms, one after another.

    Raises
    ------
    EditError
        If one does not fit; the message says which.
    """
    experiment = Experiment(network)
    for number, edit in enumerate(edits, 1):
        try:
            experiment.apply(edit if isinstance(edit, Edit) else from_dict(edit))
        except EditError as error:
            raise EditError(f"edit {number}: {error}") from error
    return experiment
