"""Where the toolkit keeps what it can make or fetch again."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path

VARIABLE = "TOOLKIT_CACHE"
"""Environment variable that names another folder."""


def cache_folder() -> Path:
    """Return the cache folder: what TOOLKIT_CACHE names, else the platform's; it may not exist."""
    named = os.environ.get(VARIABLE)
    return Path(named).expanduser() if named else user_cache_path("weight-map-toolkit")


def mnist_folder() -> Path:
    """Return the folder in the cache where MNIST is looked for; it may not exist."""
    return cache_folder() / "mnist"
