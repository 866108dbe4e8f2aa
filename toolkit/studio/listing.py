"""The list of experiments, and what its cards do that no desk need know of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from toolkit.experiments import Entry, Workspace
from toolkit.studio.desk import check_name
from toolkit.studio.library import Library
from toolkit.studio.notices import without_folders
from toolkit.studio.pace import Pace, copying

_TELLING = re.compile(r"-[0-9a-f]{8}$")


def experiments(workspace: Workspace, library: Library, ids: list[str] | None) -> dict[str, Any]:
    """Return the list of experiments as the page of that name takes it.

    Parameters
    ----------
    workspace : Workspace
    library : Library
        Knows on how many of a set's digits a network is scored.
    ids : list of str or None
        Of these alone; None for all of the workspace.
    """
    listed = workspace.entries(ids=ids)
    binned = workspace.entries(ids=ids, binned=True)
    return {
        "kind": "experiments",
        "entries": [_shown(entry, library) for entry in listed],
        "bin": [_shown(entry, library) for entry in binned],
        "location": without_folders(str(workspace.location)) if ids is None else None,
        "all": ids is None,
    }


def _shown(entry: Entry, library: Library) -> dict[str, Any]:
    # Where digits lie was once kept with an experiment; what tells them from others is for us.
    digits = _TELLING.sub("", without_folders(entry.digits))
    share = library.share(entry.sizes, entry.digits)
    return {**entry.to_dict(), "digits": digits, "share": share}


def manage(
    workspace: Workspace, id: str, what: object, name: object, paces: Sequence[Pace]
) -> str | None:
    """Duplicate an experiment, put it into the bin or take it out; return the id of a new one.

    Raises
    ------
    ValueError
        If `what` is none of these, or too many were duplicated a moment ago.
    WorkspaceError
        If it cannot be done.
    """
    match what:
        case "duplicate":
            note = copying(*paces)
            whole = workspace.load(id)
            note(whole)
            twin = whole.copy(check_name(name or f"{whole.name}, copy"))
            (known,) = workspace.entries(ids=[id]) or (None,)
            workspace.create(twin, accuracy=known.accuracy if known else None)
            return twin.id
        case "bin":
            workspace.bin(id)
        case "unbin":
            workspace.unbin(id)
        case _:
            raise ValueError(f"what: expected something to do; got {what!r:.40}")
    return None
