"""Letters of a page: what it asks for, checked before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from toolkit.edits import ReplaceLayers, Several
from toolkit.experiments import Experiment, check_id
from toolkit.experiments.steps import Step, storable
from toolkit.studio.frames import FrameError

MOST_ITEMS = 2000
_LONGEST_CLIENT = 32
_KEPT_KNOWN = 500
_LIGHT_EDITS, _LIGHT_CLAUSES = 16, 2
_NEW = Step(ReplaceLayers({}, ""), ReplaceLayers({}, ""))  # that a letter makes
_LARGEST_SEQ = 1 << 53  # the largest whole number up to which the page can count


@dataclass(frozen=True)
class Letters:
    """What a page wants done to one experiment.

    Attributes
    ----------
    experiment : str
        Its id.
    start : mapping
        How to make it again if it is a draft that nobody knows any more.
    client : str
        The page that wrote them, which may be an earlier one of the same browser.
    items : list of mapping
        Each with ``seq``, rising, and ``kind``.
    """

    experiment: str
    start: Mapping[str, Any]
    client: str
    items: list[Mapping[str, Any]]


def check_client(client: object) -> str:
    """Return a page's name for itself; raises FrameError if it is none."""
    if not isinstance(client, str) or not 0 < len(client) <= _LONGEST_CLIENT:
        raise FrameError("client: expected a text of 1 to 32 characters")
    if client != storable(client):
        raise FrameError("client: expected whole characters; got half a one")
    return client


def check_letters(head: Mapping[str, Any]) -> Letters:
    """Return the letters that a frame holds.

    Raises
    ------
    FrameError
        If a part is missing or of the wrong kind; nothing of it was done.
    """
    start, items = head.get("start") or {}, head.get("items")
    try:
        experiment = check_id(head.get("experiment"))
    except ValueError as error:
        raise FrameError(str(error)) from error
    if not isinstance(start, Mapping):
        raise FrameError("start: expected an object")
    if not isinstance(items, list) or len(items) > MOST_ITEMS:
        raise FrameError(f"items: expected a list of at most {MOST_ITEMS}")
    last = 0
    for item in items:
        seq = item.get("seq") if isinstance(item, Mapping) else None
        if isinstance(seq, bool) or not isinstance(seq, int) or not last < seq < _LARGEST_SEQ:
            raise FrameError("items: expected objects, each with a seq above that before it")
        if not isinstance(item.get("kind"), str):
            raise FrameError("items: expected a kind in each")
        last = seq
    return Letters(experiment, start, check_client(head.get("client")), items)


def kinds_of(items: object) -> set[str]:
    """Return what kinds of letters a frame's items are, as far as they can be made out."""
    kinds = (mapping_of(each).get("kind") for each in (items if isinstance(items, list) else []))
    return {kind for kind in kinds if isinstance(kind, str)}


def is_heavy(items: object, experiment: Experiment) -> bool:
    """Tell whether a frame's items are more than a moment's work in one piece.

    Parameters
    ----------
    items : object
        As a page sends them; anything.
    experiment : Experiment
        What they are for, as it is before them.
    """
    cursor, steps = experiment.cursor, [*experiment.steps]
    for item in map(mapping_of, items if isinstance(items, list) else []):
        there = cursor
        match item.get("kind"):
            case "restore" if ahead := _ahead(item, experiment, cursor, len(steps)):
                there = ahead
            case "edit" | "reset" | "restore":
                if _is_much(mapping_of(item.get("edit"))):
                    return True
                steps[cursor:] = [_NEW]
                cursor = there = cursor + 1
            case "lay-again":  # whatever the steps are that it does
                return True
            case "undo":
                there = max(cursor - 1, 0)
            case "redo":
                there = min(cursor + 1, len(steps))
            case "jump":
                step = item.get("step")
                there = step if isinstance(step, int) and 0 <= step <= len(steps) else cursor
        if abs(there - cursor) > _LIGHT_EDITS or _take_long(steps, cursor, there):
            return True
        cursor = there
    return False


def _ahead(item: Mapping[str, Any], experiment: Experiment, cursor: int, steps: int) -> int:
    """Return where a save point lies that steps may be done again to get to; 0 if none is ahead."""
    points = [each.cursor for each in experiment.save_points if each.name == item.get("name")]
    return next((point for point in points if cursor < point <= steps), 0)


def _take_long(steps: list[Step], here: int, there: int) -> bool:
    try:
        way = [step.edit for step in steps[here:there]]
        way += [step.inverse for step in steps[there:here]]
    except ValueError:  # damaged; who does it is told
        return True
    several = [edit for edit in way if isinstance(edit, Several)]
    return any(_is_much({"edits": [{"kind": one.kind} for one in each.edits]}) for each in several)


def _is_much(edit: Mapping[str, Any]) -> bool:
    edits = edit.get("edits")
    if not isinstance(edits, list):
        return False
    clauses = sum(mapping_of(each).get("kind") == "clause" for each in edits)
    return len(edits) > _LIGHT_EDITS or clauses > _LIGHT_CLAUSES


def mapping_of(value: object) -> Mapping[str, Any]:
    """Return a part of a frame that should be an object, an empty one where it is none."""
    return value if isinstance(value, Mapping) else {}


def ids_of(known: object) -> list[str]:
    """Return the ids of experiments in a list that a page sends, the first of them."""
    found = []
    for each in known[:_KEPT_KNOWN] if isinstance(known, list) else []:
        try:
            found.append(check_id(each))
        except ValueError:
            continue
    return found
