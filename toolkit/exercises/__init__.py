"""Exercises: a goal, a network to start from, and checks that measure what somebody made of it.

An exercise is a TOML file that a teacher writes by hand; seven come with the toolkit.  A check
never compares with one solution: it measures what the network does, on drawn digits and on bars and
rings that every machine has, or what it is made of.
"""

from toolkit.exercises.exercise import (
    EXERCISE_FORMAT,
    Check,
    Exercise,
    ExerciseError,
    list_exercises,
    names,
    open_exercise,
    read_exercise,
)
from toolkit.exercises.marking import Mark, Marked, mark

__all__ = [
    "EXERCISE_FORMAT",
    "Check",
    "Exercise",
    "ExerciseError",
    "Mark",
    "Marked",
    "list_exercises",
    "mark",
    "names",
    "open_exercise",
    "read_exercise",
]
