"""What a person is told, as a code with fields: the words live at the page's edge."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from toolkit.experiments import WorkspaceError
from toolkit.fits import UnfitError

if TYPE_CHECKING:
    from toolkit.experiments import Experiment

_LONGEST_TEXT = 600
_PLACES = ("DIGITS", "NETWORK", "WORKSPACE", "CACHE")
# A slash or a drive that begins a path, and all up to its last part; no address's.
_FOLDERS = re.compile(r"(?<![\w.:/\\~)])(?:[A-Za-z]:[\\/]|~?[\\/])(?:[^\s/\\'\"“”<>|:;,()]+[\\/])+")


@dataclass(frozen=True)
class Notice:
    """One thing to tell.

    Attributes
    ----------
    code : str
        What happened, for example ``"undo-others"``; the page has the words for it.
    fields : mapping
        What the words are about: names, numbers, or a sentence of the library as ``text``.
    kind : {"info", "error"}
    actions : sequence of mapping
        Buttons: ``label``, a code too, and what it does: ``letter``, ``visit``, ``menu``, ``page``,
        ``command``.
    """

    code: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    kind: Literal["info", "error"] = "info"
    actions: Sequence[Mapping[str, Any]] = ()
    id: str = field(default_factory=lambda: secrets.token_hex(4))

    def to_dict(self) -> dict[str, Any]:
        """Return it as the page takes it."""
        fields = {
            key: _shortened(without_folders(value)) if isinstance(value, str) else value
            for key, value in self.fields.items()
        }
        return {
            "id": self.id, "code": self.code, "fields": fields, "kind": self.kind,
            "actions": [dict(action) for action in self.actions],
        }  # fmt: skip


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def without_folders(text: str) -> str:
    """Return a text in which each file or folder goes by its own name: where it is, is nobody's.

    Paths are known by their look, and those with spaces in them by where this server's are.
    """
    for folder in _folders():
        text = text.replace(folder, f"{os.sep}-{os.sep}")  # and folders in that one go too
    return _FOLDERS.sub("", text)


def _folders() -> tuple[str, ...]:
    """Return the folders above what this server was told to use, the longest first."""
    named = tuple(os.environ.get(f"TOOLKIT_{what}", "") for what in _PLACES)
    here = []
    for where in (Path.home, Path.cwd):
        with contextlib.suppress(OSError, RuntimeError):  # there may be neither
            here.append(where())
    return _above(named, *here)


@lru_cache(maxsize=16)
def _above(named: tuple[str, ...], *here: Path) -> tuple[str, ...]:
    paths = [Path(each) for each in named if each and "://" not in each]
    above = {path.parent for each in paths for path in (each, each.expanduser().absolute())}
    above |= set(here)
    return tuple(sorted(
        (f"{each}{os.sep}" for each in above if each.is_absolute() and each != each.parent),
        key=len, reverse=True,
    ))  # fmt: skip


def refused(error: Exception) -> Notice:
    """Return the notice that something could not be done, in the library's own words."""
    return Notice("refused", {"text": str(error)}, "error")


def not_opened(error: Exception) -> Notice:
    """Return the notice that an experiment could not be opened."""
    if isinstance(error, WorkspaceError) and error.code != "no-such":
        return Notice("unsaved", {"code": error.code, "text": str(error)}, "error")
    actions = [{"label": "experiments", "page": "experiments"}]
    if isinstance(error, UnfitError):
        return Notice("unfit-experiment", {"text": str(error)}, "error", actions)
    return Notice("no-such-experiment", {"text": str(error)}, "error", actions)


def opened(experiment: Experiment, earlier: Experiment | None) -> Notice:
    """Return the notice that a page is at another experiment now; its earlier one may be kept."""
    if earlier is None:
        return Notice("opened", {"name": experiment.name})
    fields = {"name": experiment.name, "earlier": earlier.name}
    back = {"label": "back-to", "fields": {"name": earlier.name}, "visit": earlier.id}
    return Notice("opened-kept", fields, actions=[back])


def branched(twin: Experiment, earlier: Experiment, at: Mapping[str, Any]) -> Notice:
    """Return the notice that a page is at a branch now, and of what."""
    fields = {"name": twin.name, "earlier": earlier.name}
    fields |= {key: at[key] for key in ("point", "step") if at.get(key) is not None}
    back = {"label": "back-to", "fields": {"name": earlier.name}, "visit": earlier.id}
    return Notice("branched", fields, actions=[back])


FAULT = Notice("fault", {}, "error", id="fault")
"""The program itself is at fault; the log says how."""
