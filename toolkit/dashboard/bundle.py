"""The workbench's scripts as the one module that a component takes."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "workbench"
MODULES = (
    "network.js",
    "tools.js",
    "store.js",
    "draw.js",
    "bias.js",
    "menus.js",
    "bench.js",
    "gestures.js",
)
_IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)(?:\{[^}]*\};\n)?", re.MULTILINE)


def script(modules: tuple[str, ...] = MODULES) -> str:
    """Join modules, in an order in which each stands after those it imports.

    Their imports name each other only, so joined they need none.
    """
    return "\n".join(
        _EXPORT.sub("", _IMPORT.sub("", (FOLDER / name).read_text(encoding="utf-8")))
        for name in modules
    )


def style() -> str:
    """Return the workbench's style sheet."""
    return (FOLDER / "workbench.css").read_text(encoding="utf-8")


def markup() -> str:
    """Return the workbench's HTML."""
    return (FOLDER / "workbench.html").read_text(encoding="utf-8")


def courier() -> str:
    """Return the script of the mount that carries data between page and Python."""
    return (FOLDER / "courier.js").read_text(encoding="utf-8")
