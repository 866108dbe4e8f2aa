"""Marking: every check of an exercise on what somebody made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from toolkit.exercises.exercise import Check, Exercise
from toolkit.exercises.measures import MEASURES, Made
from toolkit.experiments import Experiment
from toolkit.network import Network


@dataclass(frozen=True)
class Mark:
    """What a check came to.

    Attributes
    ----------
    check : Check
    value : float or None
        None where it could not be measured.
    error : str
        Why not.
    """

    check: Check
    value: float | None
    error: str = ""

    @property
    def met(self) -> bool:
        """Whether the figure is within what is wanted."""
        value = self.value
        return value is not None and self.check.at_least <= value <= self.check.at_most

    @property
    def figure(self) -> str:
        """The value as it is shown."""
        return "–" if self.value is None else self.check.figure(self.value)


@dataclass(frozen=True)
class Marked:
    """What all checks of an exercise came to."""

    exercise: Exercise
    marks: tuple[Mark, ...]

    @property
    def solved(self) -> bool:
        """Whether every check is met."""
        return all(mark.met for mark in self.marks)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data (JSON)."""
        return {
            "exercise": self.exercise.name,
            "solved": self.solved,
            "checks": [
                {
                    "says": mark.check.says,
                    "wanted": mark.check.wanted,
                    "figure": mark.figure,
                    "met": mark.met,
                    "error": mark.error,
                }
                for mark in self.marks
            ],
        }


def mark(exercise: Exercise, made: Experiment | Network) -> Marked:
    """Measure what was made by every check of an exercise.

    Parameters
    ----------
    exercise : Exercise
    made : Experiment or Network
        An experiment is marked as it is at its cursor, and tells its steps as well.

    Returns
    -------
    Marked
        A check that cannot be measured is not met, and says why.

    Examples
    --------
    >>> from toolkit.exercises import open_exercise
    >>> mark(open_exercise("bias"), Network.blank()).solved
    False
    """
    network = made.network if isinstance(made, Experiment) else made
    steps = made if isinstance(made, Experiment) else None
    what = Made(network, exercise.begun, steps)
    return Marked(exercise, tuple(_mark(check, what) for check in exercise.checks))


def _mark(check: Check, made: Made) -> Mark:
    try:
        return Mark(check, MEASURES[check.measure].of(made, check.parts))
    except ValueError as error:
        return Mark(check, None, str(error))
