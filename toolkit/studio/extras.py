"""What a page is shown only while it wants it: tables, overlays, ceilings.

An extra is named ``kind`` or ``kind/which``; the kind stands in :data:`EXTRAS`.
Each one wanted becomes a block ``extra/NAME`` of the page's answers, and is
not sent again while it stays the same.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.studio.desk import Desk
    from toolkit.studio.view import View

log = logging.getLogger(__name__)

MOST_WANTED = 64
_LONGEST_NAME = 60

Extra = Callable[["Desk", "View", str], "dict[str, Any] | bytes | None"]
"""Makes an extra for a desk and a view, given what stands behind the slash of its name.

It is called with the desk's lock held, for each answer: what takes longer than a few milliseconds
is made elsewhere, with None returned until it is there and ``desk.touch()`` called then.  Raises
ValueError where it cannot be had; the page is told so in its place.
"""

EXTRAS: dict[str, Extra] = {}


def check_wanted(names: object) -> tuple[str, ...]:
    """Return the names of extras that a page wants, those that there are, the first 64.

    Raises
    ------
    ValueError
        If it is no list of texts.
    """
    if not isinstance(names, list):
        raise ValueError("want: expected a list of names")
    names = names[:MOST_WANTED]  # a network of very many layers has no tables of the last
    if not all(isinstance(name, str) and len(name) <= _LONGEST_NAME for name in names):
        raise ValueError(f"want: expected names of at most {_LONGEST_NAME} characters")
    return tuple(dict.fromkeys(name for name in names if name.partition("/")[0] in EXTRAS))


def wanted(desk: Desk, view: View) -> Iterator[tuple[str, bytes]]:
    """Give name and bytes of each extra that a view wants, as far as it is there."""
    for name in view.wanted:
        kind, _, which = name.partition("/")
        made: dict[str, Any] | bytes | None
        try:
            made = EXTRAS[kind](desk, view, which)
        except ValueError as error:
            made = {"error": str(error)}
        except Exception:
            log.exception("an extra could not be made: %s", name)
            made = {"error": "This could not be worked out, through a fault of this program."}
        if made is not None:
            data = made if isinstance(made, bytes) else json.dumps(made, allow_nan=False).encode()
            yield name, data
