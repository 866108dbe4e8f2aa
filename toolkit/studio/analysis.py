"""The analysis of a whole network, as extras: ``analysis``, how far it is, and ``report``.

It is made in a child process, for the network as it is, anew once edits pause; what is
stale is broken off.  Until then a page keeps what was found before, and is told that it is of
the network as it was.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, ref

import numpy as np

from toolkit.apart import ApartError, Leash
from toolkit.apart.analyses import analyse_apart
from toolkit.fits import sample
from toolkit.network import Network
from toolkit.studio.extras import EXTRAS
from toolkit.studio.worker import Worker

if TYPE_CHECKING:
    from toolkit.network import Layer
    from toolkit.studio.desk import Desk
    from toolkit.studio.library import Laid
    from toolkit.studio.view import View

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.5
"""So long after the last edit it is begun; at once for a network that one comes to."""
ABSENT_SECONDS = 2.0
"""So long it is gone on with though nobody looks: a page that is reloaded is there again soon."""
MOST_DIGITS = 10_000
"""It is measured on no more: a sample of a larger set."""
MOST_KNOWN, MOST_KNOWN_BYTES = 32, 16 << 20
"""Networks that are not analysed again: a class opens the same one, and people undo."""
_NEWS_SECONDS = 0.25
_EARLIEST = 0.04
"""Of the work, before a time left is told: what is guessed from less is no guess."""


@dataclass(eq=False)
class _Desk:
    """What is known at one desk, and what is being worked out."""

    layers: tuple[Layer, ...] | None = None
    laid: Laid | None = None
    leash: Leash = field(default_factory=Leash)
    timer: threading.Timer | None = None
    state: str = "waiting"
    done: float = 0.0
    left: float | None = None
    error: str | None = None
    fresh: bool = False
    found: bytes | None = None
    # What was found last, whose names it was told with, and how it reads with them.
    told: tuple[bytes, object, bytes] | None = None


class _Analyses:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._desks: WeakKeyDictionary[Desk, _Desk] = WeakKeyDictionary()
        self._known: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._worker = Worker("analysis")

    def of(self, desk: Desk) -> _Desk:
        """Return what is known, and see to it that it is of the network as it is now."""
        network, laid = desk.network, desk.laid
        with self._lock:
            mine = self._desks.setdefault(desk, _Desk())
            if mine.layers is not network.layers or mine.laid is not laid:
                if mine.timer is not None:
                    mine.timer.cancel()
                mine.leash.pull()
                edited = mine.layers is not None
                mine.layers, mine.laid, mine.fresh = network.layers, laid, False
                mine.state, mine.done, mine.left, mine.error = "waiting", 0.0, None, None
                mine.leash = Leash()
                work = self._work, ref(desk), mine, mine.leash, network, laid
                mine.timer = threading.Timer(
                    PAUSE_SECONDS if edited else 0.0, self._worker.submit, work
                )
                mine.timer.daemon = True
                mine.timer.start()
            return mine

    def _work(
        self, wanted: ref[Desk], mine: _Desk, leash: Leash, network: Network, laid: Laid
    ) -> None:
        desk = wanted()
        # Nobody looks any more, or it was changed again: what is newest has its own turn.
        if desk is None or leash.pulled or not _looked_at(desk):
            self._give_up(mine, leash)
            return
        digits = laid.digits
        key = network.checksum, network.activations, network.grid, digits.checksum, digits.name
        with self._lock:
            found = self._known.get(key)
        error = None
        try:
            if found is None:
                found = self._made(desk, mine, leash, network, laid)
            self._keep(key, found)
        except ApartError as problem:
            if problem.code == "stopped":
                self._give_up(mine, leash)
                desk.touch()
                return
            error = str(problem)
        except (ValueError, OSError) as problem:
            error = str(problem) if isinstance(problem, ValueError) else "no digits"
        except Exception:
            log.exception("a network could not be analysed")
            error = "This could not be worked out, through a fault of this program."
        with self._lock:
            if mine.leash is not leash:
                return
            mine.found = found if error is None else mine.found
            mine.state, mine.error = "done" if error is None else "failed", error
            mine.fresh, mine.done, mine.left = error is None, 1.0, None
        desk.touch()

    def _give_up(self, mine: _Desk, leash: Leash) -> None:
        """Let who looks at it next have it begun anew, unless that was done already."""
        with self._lock:
            if mine.leash is leash:
                mine.layers = None

    def _made(self, desk: Desk, mine: _Desk, leash: Leash, network: Network, laid: Laid) -> bytes:
        begun = last = time.monotonic()

        def told(news: dict[str, Any]) -> None:
            nonlocal last
            now, done = time.monotonic(), min(1.0, max(0.0, float(news.get("done", 0))))
            with self._lock:
                if mine.leash is not leash:
                    return
                mine.done = done
                mine.left = (now - begun) * (1 - done) / done if done > _EARLIEST else None
            if now - last >= _NEWS_SECONDS:
                last = now
                desk.touch()

        with self._lock:
            if mine.leash is leash:
                mine.state = "working"
        desk.touch()
        digits, numbers = laid.digits, laid.numbers
        if len(digits) > MOST_DIGITS:
            some = sample(len(digits), MOST_DIGITS)
            digits, numbers = digits.subset(some), numbers[some]
        whole = np.array_equal(numbers, np.arange(len(numbers)))
        # Others with the same weights are shown it too: how somebody calls them is not in it.
        nameless = Network(network.layers)
        over = threading.Event()
        threading.Thread(
            target=_break_off, args=(ref(desk), leash, over), name="looked at", daemon=True
        ).start()
        try:
            return analyse_apart(
                nameless, digits, None if whole else numbers.tolist(), leash, told,
                unlit=desk.library.unlit(laid),
            )  # fmt: skip
        finally:
            over.set()

    def _keep(self, key: tuple[object, ...], found: bytes) -> None:
        with self._lock:
            known = self._known
            known[key] = found
            known.move_to_end(key)
            while len(known) > 1 and (
                len(known) > MOST_KNOWN or sum(map(len, known.values())) > MOST_KNOWN_BYTES
            ):
                known.popitem(last=False)


def _break_off(wanted: ref[Desk], leash: Leash, over: threading.Event) -> None:
    """End it once nobody has looked at it for a while, so that the next one begins."""
    seen = time.monotonic()
    while not over.wait(ABSENT_SECONDS / 4):
        desk = wanted()
        if desk is not None and _looked_at(desk):
            seen = time.monotonic()
        elif time.monotonic() - seen >= ABSENT_SECONDS:
            leash.pull()
            return
        del desk


def _looked_at(desk: Desk) -> bool:
    return any("analysis" in seat.wants for seat in tuple(desk.seats))


_ANALYSES = _Analyses()


def analysis(desk: Desk, view: View, which: str) -> dict[str, Any]:
    """Return how far the analysis is, and whether the report is of the network as it is."""
    mine = _ANALYSES.of(desk)
    return {
        "state": mine.state,
        "done": round(mine.done, 3),
        "left": None if mine.left is None else round(mine.left, 1),
        "fresh": mine.fresh,
        **({} if mine.error is None else {"error": mine.error}),
    }


def report(desk: Desk, view: View, which: str) -> bytes | None:
    """Return the last report, as JSON: ``network``, ``neurons``, ``details``; None before one.

    Neurons and network are called what they are called at this desk now.
    """
    mine = _ANALYSES.of(desk)
    found, told = mine.found, mine.told
    if found is None:
        return None
    names = {f"{layer}.{index}": name for (layer, index), name in desk.network.names.items()}
    called = desk.experiment.name, names
    if told is None or told[0] is not found or told[1] != called:
        said = json.loads(found)
        said["network"]["name"] = desk.experiment.name
        for row in said["neurons"]:
            row["name"] = names.get(row["neuron"], "")
        text = json.dumps(said, allow_nan=False, separators=(",", ":"))
        mine.told = told = found, called, text.encode()
    return told[2]


EXTRAS["analysis"] = analysis
EXTRAS["report"] = report
