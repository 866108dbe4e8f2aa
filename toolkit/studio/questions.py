"""Questions that a page asks once, each with a reply of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.studio.desk import Desk
    from toolkit.studio.view import View

_WIDE = 300_000  # weights and biases


@dataclass(frozen=True)
class Question:
    """What answers a kind of question.

    Parameters
    ----------
    reply : callable
        Given the desk, the view and the question's fields, which nobody vouches for: returns plain
        data (JSON), and bytes for what is no text.  Raises ValueError where there is no answer.
    long : bool or callable
        Whether it may take more than a moment; then it has a thread of its own.  A callable
        tells, given the question's fields and the desk.
    awaited : bool
        Whether it may take many seconds, of which most is waiting for another process.
    """

    reply: Callable[[Desk, View, Mapping[str, Any]], tuple[dict[str, Any], bytes]]
    long: bool | Callable[[Mapping[str, Any], Desk], bool] = False
    awaited: bool = False


QUESTIONS: dict[str, Question] = {}


def question_of(head: Mapping[str, Any]) -> Question:
    """Return what answers a frame's question.

    Raises
    ------
    ValueError
        If there is no question of that name.
    """
    what = head.get("what")
    if not isinstance(what, str) or what not in QUESTIONS:
        raise ValueError(f"ask: expected one of {', '.join(QUESTIONS) or 'none'}; got {what!r:.60}")
    return QUESTIONS[what]


def is_long(head: Mapping[str, Any], desk: Desk | None) -> bool:
    """Tell whether a frame's question, at a desk, may take more than a moment."""
    question = _named(head)
    if question is None:
        return False
    if callable(question.long):
        return desk is not None and question.long(head, desk)
    return question.long


def of_wide(asked: Mapping[str, Any], desk: Desk) -> bool:
    """Tell whether a desk's network is so large that what is quick elsewhere takes a while."""
    return desk.network.parameters > _WIDE


def is_awaited(head: Mapping[str, Any]) -> bool:
    """Tell whether a frame's question may wait for many seconds."""
    question = _named(head)
    return question is not None and question.awaited


def _named(head: Mapping[str, Any]) -> Question | None:
    what = head.get("what")
    return QUESTIONS.get(what) if isinstance(what, str) else None
