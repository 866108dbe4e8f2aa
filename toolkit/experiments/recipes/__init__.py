"""Recipes: an experiment as a text that a person can read and write, and which replays.

Written as TOML, one step after another; read as TOML or as JSON, which holds the same.
"""

from __future__ import annotations

from toolkit.experiments.recipes.places import Places
from toolkit.experiments.recipes.reading import is_recipe_text, read_recipe
from toolkit.experiments.recipes.record import (
    RECIPE_FORMAT,
    RecipeError,
    experiment_of,
    record_of,
)
from toolkit.experiments.recipes.texts import TextError, read_toml
from toolkit.experiments.recipes.writing import write_recipe

__all__ = [
    "RECIPE_FORMAT",
    "Places",
    "RecipeError",
    "TextError",
    "experiment_of",
    "is_recipe_text",
    "read_recipe",
    "read_toml",
    "record_of",
    "write_recipe",
]
