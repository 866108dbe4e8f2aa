"""Questions that a page asks once, each with a reply of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.studio.desk import Desk
    from toolkit.studio.view import View


@dataclass(frozen=True)
class Question:
    """What answers a kind of question.

    Parameters
    ----------
    reply : callable
        Given the desk, the view and the question's fields, which nobody vouches for: returns plain
        data (JSON), and bytes for what is no text.  Raises ValueError where there is no answer.
    long : bool
        Whether it may take more than a moment; then it has a thread of its own.
    """

    reply: Callable[[Desk, View, Mapping[str, Any]], tuple[dict[str, Any], bytes]]
    long: bool = False


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


def is_long(head: Mapping[str, Any]) -> bool:
    """Tell whether a frame's question may take more than a moment."""
    what = head.get("what")
    return isinstance(what, str) and what in QUESTIONS and QUESTIONS[what].long
