"""What a person is told, as a code with fields: the words live at the page's edge."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

_LONGEST_TEXT = 600


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
        Buttons: ``label``, a code too, and what it does: ``letter``, ``visit``, ``menu``, ``page``.
    """

    code: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    kind: Literal["info", "error"] = "info"
    actions: Sequence[Mapping[str, Any]] = ()
    id: str = field(default_factory=lambda: secrets.token_hex(4))

    def to_dict(self) -> dict[str, Any]:
        """Return it as the page takes it."""
        fields = {
            key: value[: _LONGEST_TEXT - 1] + "…"
            if isinstance(value, str) and len(value) > _LONGEST_TEXT
            else value
            for key, value in self.fields.items()
        }
        return {
            "id": self.id, "code": self.code, "fields": fields, "kind": self.kind,
            "actions": [dict(action) for action in self.actions],
        }  # fmt: skip


def refused(error: Exception) -> Notice:
    """Return the notice that something could not be done, in the library's own words."""
    return Notice("refused", {"text": str(error)}, "error")


FAULT = Notice("fault", {}, "error", id="fault")
"""The program itself is at fault; the log says how."""
