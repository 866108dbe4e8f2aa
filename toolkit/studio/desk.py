"""One experiment in use: its edits saved as they come, its score kept current.

Every page on the experiment shares the desk; the order in which letters reach
it is the order of the edits.  A change is tried on a fork, saved, and only
then takes the experiment's place: what could not be saved did not happen.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from toolkit.edits import Edit, EditError, from_dict, reset
from toolkit.experiments import Experiment, Workspace, WorkspaceError
from toolkit.fits import bytes_a_digit
from toolkit.network import Network
from toolkit.scoring import Score, Scorer
from toolkit.studio.leftout import lay_again
from toolkit.studio.library import Laid, Library
from toolkit.studio.notices import Notice
from toolkit.studio.uploads import Understood

_KEPT_REFUSALS = 200
_LONGEST_NAME = 60
_POLITE_SECONDS, _TRY_SECONDS = 1.0, 0.002
SMALL_BYTES = 8 << 20
"""With less there would be no room made by letting a scorer go."""


class Seat(Protocol):
    """A page on the desk, as much of it as the desk knows."""

    client: str

    @property
    def wants(self) -> tuple[str, ...]:
        """Names of the extras that it is shown."""

    def touch(self) -> None:
        """Tell the page that there is something new."""

    def say(self, notice: Notice) -> None:
        """Tell the page something in words."""


class Desk:
    """One experiment, saved and scored.

    Parameters
    ----------
    experiment : Experiment
    workspace : Workspace or None
        None, or one that fails: nothing can be saved, and each edit is told so.
    library : Library
        Opens digits.
    stored : bool
        Whether the workspace has it already; if not, the first change puts it there.
    """

    def __init__(
        self, experiment: Experiment, workspace: Workspace, library: Library, *, stored: bool
    ) -> None:
        self.lock = threading.RLock()
        self.experiment = experiment
        self.workspace = workspace
        self.stored = stored
        self.seats: set[Seat] = set()
        self.understood: Understood | None = None
        self.before_score: Score | None = None
        self._library = library
        self._refusals: dict[tuple[str, int], Notice] = {}
        self._seen: dict[str, int] = workspace.acknowledged(experiment.id) if stored else {}
        self._scorer: Scorer | None = None
        self._laying = False
        self._heavy, self._counting = 0, threading.Lock()
        self.used = time.monotonic()
        self.measured_on = experiment.digits
        self._lay(library.laid_or_drawn(experiment.digits, experiment.start))

    @property
    def library(self) -> Library:
        """What opens digits."""
        return self._library

    @property
    def network(self) -> Network:
        """The network as it is now."""
        return self.experiment.network

    @property
    def draft(self) -> bool:
        """Tell whether it is in no list yet, nothing having been done to it."""
        return not self.stored

    def _lay(self, laid: Laid) -> None:
        self.laid = laid
        self._make_room()
        self.before_score = None
        self._scorer = self._library.scorer(laid, self.experiment.start)
        assert self._scorer.score is not None
        self.start_score = self._scorer.score
        self.score = self._scorer.update(self.network)
        self._scorer.part()
        self.experiment.digits = laid.source
        self.used = time.monotonic()

    @property
    def scorer(self) -> Scorer:
        """Holds the responses of every neuron to every digit; made again if it was let go."""
        self.used = time.monotonic()
        with self.lock:
            if self._scorer is None:
                self._make_room()
                self._scorer = self._library.scorer(self.laid, self.experiment.start)
                self._scorer.update(self.network)
                self._scorer.part()
                self.used = time.monotonic()
            return self._scorer

    def _make_room(self) -> None:
        self.used = time.monotonic()
        if self.held_bytes >= SMALL_BYTES:
            self._library.make_room()

    @property
    def is_at_work(self) -> bool:
        """Tell whether it has a scorer."""
        return self._scorer is not None

    @property
    def is_ready(self) -> bool:
        """Tell whether a stroke is scored at once."""
        return self.is_at_work and not self._laying

    @property
    def is_busy(self) -> bool:
        """Tell whether letters are done, or wait to be done, that are a lot of work in one piece.

        Whoever comes to it then waits for them.
        """
        return self._heavy > 0

    def await_heavy(self, count: int) -> None:
        """Note that so many more of such letters are coming, or fewer."""
        with self._counting:
            self._heavy += count

    @contextlib.contextmanager
    def after_others(self) -> Iterator[None]:
        """Have it for heavy work, once those who have come to it before are done.

        Who waits for a lock gets it before who only tries it now and then.
        """
        give_up = time.monotonic() + _POLITE_SECONDS
        while not self.lock.acquire(blocking=False):
            if time.monotonic() > give_up:
                self.lock.acquire()
                break
            time.sleep(_TRY_SECONDS)
        try:
            yield
        finally:
            self.lock.release()

    @property
    def bytes(self) -> int:
        """How much memory its scorer takes that no other shares."""
        scorer = self._scorer
        return 0 if scorer is None else scorer.bytes

    @property
    def held_bytes(self) -> int:
        """How much memory goes with it, near enough, where no other shares it."""
        network = self.network
        return bytes_a_digit(network.sizes) * len(self.laid.digits) + 12 * network.parameters

    def rest(self) -> bool:
        """Let the scorer go, and tell whether that could be done: not while it is at work."""
        if not self.lock.acquire(blocking=False):
            return False
        try:
            self._scorer = None
        finally:
            self.lock.release()
        return True

    # Who is at it

    def join(self, seat: Seat) -> None:
        """Let a page hear of changes."""
        with self.lock:
            self.seats.add(seat)
        self.touch()

    def leave(self, seat: Seat) -> None:
        """Let a page go."""
        with self.lock:
            self.seats.discard(seat)
        self.touch()

    def touch(self) -> None:
        """Tell every page that there is something new."""
        for seat in tuple(self.seats):
            seat.touch()

    # What is done to it

    def seen(self, client: str) -> int:
        """Return the number of the last letter of `client` that was answered for good."""
        return self._seen.get(client, 0)

    def refusal(self, client: str, seq: int) -> Notice | None:
        """Return why a letter was refused, if it was."""
        return self._refusals.get((client, seq))

    def take(self, client: str, seq: int, item: Mapping[str, Any]) -> Notice | None:
        """Do what a durable letter asks for, once.

        Parameters
        ----------
        client : str
        seq : int
            A letter already seen is not done again.
        item : mapping
            ``kind`` and what belongs to it.

        Returns
        -------
        Notice or None
            Why it was refused; None if it was done.

        Raises
        ------
        WorkspaceError
            If it could not be saved: then it was not done either, and may be sent again.
        """
        with self.lock:
            if seq <= self.seen(client):
                return self.refusal(client, seq)
            try:
                refusal = self._do(client, seq, item)
            except (EditError, ValueError) as error:
                refusal = Notice("refused", {"text": str(error)}, "error")
            if refusal is not None:
                self.refuse(client, seq, refusal)
            return refusal

    def refuse(self, client: str, seq: int, why: Notice) -> None:
        """Note that a letter was seen and cannot be done."""
        with self.lock:
            if self.stored:
                self.workspace.acknowledge(self.experiment.id, client, seq)
            self.note(client, seq)
            self._refusals[client, seq] = why
            while len(self._refusals) > _KEPT_REFUSALS:
                self._refusals.pop(next(iter(self._refusals)))

    def note(self, client: str, seq: int) -> None:
        """Note that a letter was answered."""
        self._seen[client] = max(seq, self.seen(client))

    def make(self, client: str, edit: Edit) -> None:
        """Make an edit that was worked out here, for the page that asked for it.

        Raises
        ------
        WorkspaceError
            If it could not be saved, or another server on the workspace has changed the experiment
            meanwhile: then it was not made.
        EditError
            If it does not fit.
        """
        with self.lock:
            trial = self.experiment.fork()
            trial.apply(edit, client)
            try:
                self._save(trial, client, self.seen(client))
            except WorkspaceError as error:
                if error.code == "stale":
                    self._take_over()
                self.score = self.scorer.update(self.network)
                self.touch()
                raise
        self.touch()

    def _do(self, client: str, seq: int, item: Mapping[str, Any]) -> Notice | None:
        action = _ACTIONS[str(item["kind"])]
        if item["kind"] == "undo" and not item.get("any"):
            other = self._step_of_another(client)
            if other is not None:
                return other
        for attempt in (1, 2):
            trial = self.experiment.fork()
            try:
                action(trial, item, client)
                self._save(trial, client, seq)
            except WorkspaceError as error:
                # Another server on the same workspace was faster: lay it on what that one made.
                if error.code != "stale" or attempt == 2:
                    self.score = self.scorer.update(self.network)
                    raise
                self._take_over()
                self.score = self.scorer.update(self.network)
                if seq <= self.seen(client):
                    return None
            else:
                return None
        return None

    def _take_over(self) -> None:
        """Go on from what another server on the workspace has made of the experiment."""
        self.experiment = self.workspace.load(self.experiment.id)
        self._seen = self.workspace.acknowledged(self.experiment.id)

    def _save(self, trial: Experiment, client: str, seq: int) -> None:
        before, before_network = self.score, self.network
        changed = trial.network.layers is not before_network.layers
        if changed:
            self._make_room()
        score = self.scorer.update(trial.network) if changed else before
        self.used = time.monotonic()
        last = trial.steps[-1] if trial.cursor and trial.cursor == len(trial.steps) else None
        if last is not None and changed and last.accuracy_after is None and not score.unscored:
            # What many steps did that one has gone through is not what the last of them did.
            was = before.accuracy if trial.cursor - self.experiment.cursor <= 1 else None
            trial.measured(trial.cursor, was, score.accuracy, self.laid.source)
        keep = self.workspace.commit if self.stored else self.workspace.create
        keep(trial, client=client, seq=seq, accuracy=score.known_accuracy)
        self.experiment, self.stored = trial, True
        self.note(client, seq)
        self.score = score
        if changed:
            self.before_score = before

    def _step_of_another(self, client: str) -> Notice | None:
        """Return a notice where the step that would be undone is of another page here now."""
        if not self.experiment.cursor:
            return None
        step = self.experiment.steps[self.experiment.cursor - 1]
        if step.client == client or all(seat.client != step.client for seat in self.seats):
            return None
        action = {"label": "undo-it", "letter": {"kind": "undo", "any": True}}
        return Notice("undo-others", {"name": step.name}, actions=[action])

    def use_digits(self, source: str) -> None:
        """Score on other digits; raises ValueError or OSError if they cannot be opened."""
        laid = self._library.laid(source, self.experiment.start)
        if laid is self.laid:
            return
        self._laying = True
        try:
            with self.lock:
                # Nothing but its digits told so far what steps from before they said it were on.
                self.experiment.say_measured(self.measured_on)
                self._lay(laid)
                if self.stored:
                    self.workspace.commit(self.experiment, accuracy=self.score.known_accuracy)
        finally:
            self._laying = False

    def renamed(self, name: str) -> None:
        """Give the experiment another name, for a list that shows it and not for a page on it."""
        with self.lock:
            self._save_renamed(name)
        self.touch()

    def _save_renamed(self, name: str) -> None:
        trial = self.experiment.fork()
        trial.rename(check_name(name))
        self.workspace.commit(trial, accuracy=self.score.known_accuracy)
        self.experiment = trial


def check_name(name: object) -> str:
    """Return a name as people may give it: some text, on one line, not too long.

    Raises
    ------
    ValueError
        If it is no text, or nothing of it is left.
    """
    if not isinstance(name, str):
        raise ValueError(f"name: expected some text; got {type(name).__name__}")
    shown = " ".join(part for part in name.split() if part.isprintable())[:_LONGEST_NAME].strip()
    if not shown:
        raise ValueError("name: expected some text; got none")
    return shown


def _edit(trial: Experiment, item: Mapping[str, Any], client: str) -> None:
    trial.apply(from_dict(item.get("edit")), client)


def _undo(trial: Experiment, item: Mapping[str, Any], client: str) -> None:
    trial.undo()


def _redo(trial: Experiment, item: Mapping[str, Any], client: str) -> None:
    trial.redo()


def _jump(trial: Experiment, item: Mapping[str, Any], client: str) -> None:
    trial.jump(item.get("step", -1))


def _reset(trial: Experiment, item: Mapping[str, Any], client: str) -> None:
    today = trial.network
    edit = reset(today, trial.start, item.get("layer"), item.get("neuron"))
    then = edit.apply(today)
    if then != today or then.names != today.names:
        trial.apply(edit, client)


def _rename(trial: Experiment, item: Mapping[str, Any], client: str) -> None:
    trial.rename(check_name(item.get("name")))


def _save_point(trial: Experiment, item: Mapping[str, Any], client: str) -> None:
    trial.add_save_point(check_name(item.get("name")))


def _restore(trial: Experiment, item: Mapping[str, Any], client: str) -> None:
    trial.restore(check_name(item.get("name")), client)


def _why(trial: Experiment, item: Mapping[str, Any], client: str) -> None:
    why = item.get("text")
    if not isinstance(why, str):
        raise ValueError(f"text: expected a sentence; got {type(why).__name__}")
    said = " ".join(part for part in why.split() if part.isprintable())
    trial.say(item.get("step", -1), said)


_ACTIONS: dict[str, Callable[[Experiment, Mapping[str, Any], str], None]] = {
    "edit": _edit,
    "undo": _undo,
    "redo": _redo,
    "jump": _jump,
    "reset": _reset,
    "rename": _rename,
    "save-point": _save_point,
    "restore": _restore,
    "lay-again": lay_again,
    "why": _why,
}
DURABLE = frozenset(_ACTIONS)
"""Kinds of letters that change the experiment and are saved."""
