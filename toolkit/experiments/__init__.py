"""Experiments: a start, the edits made to it, save points; and the workspace that keeps them.

An :class:`Experiment` knows no database; a :class:`Workspace` keeps experiments
in one file, each edit in a transaction of its own; a recipe is an experiment
as a text that a person can read, and which brings it back.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from toolkit.experiments.errors import NoSuchExperiment, StaleExperiment, WorkspaceError
from toolkit.experiments.experiment import Experiment, replay
from toolkit.experiments.recipes import RECIPE_FORMAT, RecipeError, read_recipe, write_recipe
from toolkit.experiments.steps import SavePoint, Step, check_id

if TYPE_CHECKING:
    from toolkit.experiments.entry import Entry
    from toolkit.experiments.workspace import Workspace, default_location

__all__ = [
    "RECIPE_FORMAT",
    "Entry",
    "Experiment",
    "NoSuchExperiment",
    "RecipeError",
    "SavePoint",
    "StaleExperiment",
    "Step",
    "Workspace",
    "WorkspaceError",
    "check_id",
    "default_location",
    "read_recipe",
    "replay",
    "write_recipe",
]

# What knows the database is loaded by those who keep something.
_LATER = {"Entry", "Workspace", "default_location"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.workspace"), name)
    globals()[name] = value
    return value
