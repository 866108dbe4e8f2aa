"""Exercises in the workbench: the list, and what their checks measure on an experiment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from toolkit.exercises import Exercise, list_exercises, mark, names, open_exercise
from toolkit.studio.answer import bits
from toolkit.studio.origins import marks_soon
from toolkit.studio.questions import QUESTIONS, Question

if TYPE_CHECKING:
    from toolkit.studio.desk import Desk
    from toolkit.studio.view import View

START = "exercise:"
"""What a start's name begins with where an exercise gives it."""
_SHOWN_TRIES = 3


def exercise_named(name: object) -> Exercise:
    """Return an exercise that ships.

    Raises
    ------
    ValueError
        If there is none of that name: what a browser says is never a path.
    """
    if not isinstance(name, str) or name not in names():
        raise ValueError(f"exercise: expected one of {', '.join(names())}; got {name!r:.40}")
    return open_exercise(name)


def _listed(desk: Desk, view: View, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    found, wrong = list_exercises()
    return {
        "exercises": [
            {
                "name": exercise.name,
                "title": exercise.title,
                "goal": exercise.goal,
                "minutes": exercise.minutes,
                "select": ".".join(map(str, exercise.select)),
                "hints": list(exercise.hints),
                "checks": [[check.says, check.wanted] for check in exercise.checks],
                "notice": exercise.notice,
            }
            for exercise in found
        ],
        "wrong": wrong,
    }, b""


def _checked(desk: Desk, view: View, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    exercise = exercise_named(asked.get("exercise"))
    marks_soon(desk)  # which some checks count, and a fork then knows
    with desk.lock:
        experiment = desk.experiment.fork()
    measured = {
        "experiment": experiment.id,
        "cursor": experiment.cursor,
        "bits": bits(experiment.network),
    }
    return {**mark(exercise, experiment).to_dict(), **measured}, b""


def _tries(desk: Desk, view: View, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Tell what whoever asks has begun with an exercise, but for what is shown."""
    origin = f"{START}{exercise_named(asked.get('exercise')).name}"
    begun = [
        {"id": entry.id, "steps": entry.cursor, "changed": entry.changed}
        for entry in desk.workspace.entries(ids=asked["may_list"])
        if entry.origin == origin and entry.id != desk.experiment.id
    ]
    return {"tries": begun[:_SHOWN_TRIES]}, b""


QUESTIONS["exercise-tries"] = Question(_tries, long=True)
QUESTIONS["exercises"] = Question(_listed, long=True)
QUESTIONS["check-exercise"] = Question(_checked, long=True)
