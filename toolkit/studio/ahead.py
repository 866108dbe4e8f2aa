"""How far a network's first layers could carry it, and what stands out, as an extra: ``ahead``.

It is worked out anew once edits pause, in a child process, for one network at a
time; what is not of use any more is broken off.  Until then a page keeps
what was found before, and is told that it is of before.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, ref

from toolkit.apart import ApartError, Leash
from toolkit.apart.lessons import Outlook, look_ahead
from toolkit.fits import check_scored
from toolkit.studio.extras import EXTRAS
from toolkit.studio.worker import Worker

if TYPE_CHECKING:
    from toolkit.network import Layer, Network
    from toolkit.studio.desk import Desk
    from toolkit.studio.library import Laid
    from toolkit.studio.view import View

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
"""So long after the last edit it is begun."""
MOST_WORK = 400_000_000
"""Weights above the first layer × digits: with more it would take too long."""


_MOST_KNOWN = 32
"""Networks that are not looked at again: a class opens the same one, and people undo."""


@dataclass(eq=False)
class _Desk:
    """What is known at one desk, and what is being worked out."""

    layers: tuple[Layer, ...] | None = None
    laid: Laid | None = None
    leash: Leash = field(default_factory=Leash)
    timer: threading.Timer | None = None
    found: dict[str, Any] = field(default_factory=dict)
    fresh: bool = False


class _Ahead:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._desks: WeakKeyDictionary[Desk, _Desk] = WeakKeyDictionary()
        self._known: OrderedDict[tuple[object, ...], dict[str, Any]] = OrderedDict()
        self._worker = Worker("ahead")

    def of(self, desk: Desk) -> dict[str, Any]:
        """Return what is known, and see to it that it is of the network as it is now."""
        network, laid = desk.network, desk.laid
        with self._lock:
            mine = self._desks.setdefault(desk, _Desk())
            if mine.layers is not network.layers or mine.laid is not laid:
                if mine.timer is not None:
                    mine.timer.cancel()
                mine.leash.pull()
                mine.layers, mine.laid, mine.fresh = network.layers, laid, False
                mine.leash = Leash()
                work = self._work, ref(desk), mine, mine.leash, network, laid
                mine.timer = threading.Timer(PAUSE_SECONDS, self._worker.submit, work)
                mine.timer.daemon = True
                mine.timer.start()
            return {**mine.found, "fresh": mine.fresh}

    def _work(
        self, wanted: ref[Desk], mine: _Desk, leash: Leash, network: Network, laid: Laid
    ) -> None:
        desk = wanted()
        # Nobody looks any more, or it was changed again: what is newest has its own turn.
        if desk is None or leash.pulled or not desk.seats:
            with self._lock:
                mine.layers = None
            return
        key = network.checksum, network.activations, laid.digits.checksum
        try:
            found = self._known.get(key) or _said(_found(desk, network, laid, leash))
            self._known[key] = found
            self._known.move_to_end(key)
            while len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        except ApartError as error:
            if error.code == "stopped":
                return
            found = {"error": str(error)}
        except (ValueError, OSError) as error:
            found = {"error": str(error) if isinstance(error, ValueError) else "no digits"}
        except Exception:
            log.exception("nothing could be found about what is ahead")
            found = {"error": "This could not be worked out, through a fault of this program."}
        with self._lock:
            if mine.layers is not network.layers or mine.laid is not laid:
                return
            mine.found, mine.fresh = found, True
        desk.touch()


def _found(desk: Desk, network: Network, laid: Laid, leash: Leash) -> Outlook:
    learned = desk.library.training(laid.source, network)
    check_scored(network, laid.digits)
    check_scored(network, learned)
    # What the layers above learn from they are not measured on: then a part of it is held out.
    alone = learned.name == laid.digits.name or laid.part != "test"
    above = network.parameters - network.layers[0].weights.size
    if above * (len(learned) + (0 if alone else len(laid.digits))) > MOST_WORK:
        raise ValueError("the network is too wide to train its upper layers beside the work")
    return look_ahead(network, learned, None if alone else laid.digits, leash)


def _said(outlook: Outlook) -> dict[str, Any]:
    found = outlook.ceilings
    return {
        "accuracy": found.accuracy,
        "ceilings": [{"layers": each.layers, "accuracy": each.accuracy} for each in found.ceilings],
        "learned": found.learned,
        "measured": found.measured,
        "learned_from": found.learned_from,
        "measured_on": found.measured_on,
        "remarks": [{**asdict(each), "text": each.text} for each in outlook.remarks],
    }


_AHEAD = _Ahead()


def ahead(desk: Desk, view: View, which: str) -> dict[str, Any]:
    """Return what is known of the ceilings, and whether it is of the network as it is."""
    return _AHEAD.of(desk)


EXTRAS["ahead"] = ahead
