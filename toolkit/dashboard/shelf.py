"""Desks that a browser may come back to after a reload, kept while the server runs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock

from toolkit.dashboard.desk import Desk

_KEPT = 32


class Shelf:
    """The desks last used, by their unguessable id."""

    def __init__(self) -> None:
        self._desks: OrderedDict[str, Desk] = OrderedDict()
        self._lock = Lock()

    def put(self, desk: Desk) -> None:
        """Keep a desk; the one longest unused gives way."""
        with self._lock:
            self._desks[desk.id] = desk
            while len(self._desks) > _KEPT:
                self._desks.popitem(last=False)

    def asked_for(self, payload: object, network: str | None) -> Desk | None:
        """Return the desk that a payload's first item asks to adopt.

        Parameters
        ----------
        payload : object
            What the browser sent.
        network : str or None
            The network that the page's URL named: a link to another one wins over the desk left.
        """
        items = payload.get("items") if isinstance(payload, Mapping) else None
        first = items[0] if isinstance(items, list) and items else None
        if not isinstance(first, Mapping) or first.get("kind") != "adopt":
            return None
        with self._lock:
            desk = self._desks.get(str(first.get("desk")))
            if desk is None or desk.fresh or desk.origin != network:
                return None
            self._desks.move_to_end(desk.id)
            return desk
