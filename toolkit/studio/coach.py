"""The loss's gradient for the neuron on show, as an extra of a page: ``gradient/WHICH``.

It is over training digits where the source has them, and worked out apart from
the letters, one at a time: whoever paints waits for none.
"""

from __future__ import annotations

import base64
import logging
import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from toolkit.digits.digitset import MOST_CLASSES
from toolkit.fits import check_scored
from toolkit.studio.extras import EXTRAS
from toolkit.training.coaching import Advice, advise

if TYPE_CHECKING:
    from toolkit.network import Layer
    from toolkit.studio.desk import Desk
    from toolkit.studio.view import View

log = logging.getLogger(__name__)

_PAUSE = 0.015  # seconds
_FEWEST_KEPT = 3  # of one desk: pages may ask about different digits
_KEPT_BYTES = 32 << 20  # of one desk: of all but the widest networks every kind there is


@dataclass(frozen=True)
class _Known:
    """What came of one question: advice, or why there is none."""

    layers: tuple[Layer, ...]
    source: str
    digits: str
    advice: Advice | None
    error: str = ""


class _Coach:
    """Works out gradients one after another, each desk's newest."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: WeakKeyDictionary[Desk, dict[str, _Known]] = WeakKeyDictionary()
        self._asked: WeakKeyDictionary[Desk, set[str]] = WeakKeyDictionary()
        self._worker = ThreadPoolExecutor(1, "coach")

    def of(self, desk: Desk, which: str) -> _Known | None:
        """Return what is known of the network as it is now, or None and see to it.

        Raises
        ------
        ValueError
            If there is no such gradient, or of so wide a network as many are wanted as are kept.
        """
        of = _which(which)
        with self._lock:
            kept = self._known.setdefault(desk, {})
            known = kept.get(which)
            if known and _is_of(known, desk):
                return known
            asked = self._asked.setdefault(desk, set())
            if which not in asked:
                # What is wanted stays until it is not: were it to make room, it would be asked
                # for again at once, and so without end.
                wanted = _wanted(desk)
                here = asked | {one for one in kept if one in wanted and _is_of(kept[one], desk)}
                if len(here) >= _room(desk):
                    raise ValueError(
                        f"Of a network as wide as this, {_room(desk)} gradients are worked out at "
                        f"a time, and the pages here want {', '.join(sorted(here))} already."
                    )
                asked.add(which)
                self._worker.submit(self._work, desk, which, of, time.monotonic() + _PAUSE)
        return None

    def _work(self, desk: Desk, which: str, of: str | int, begin: float) -> None:
        # The answer that asked for this goes out first; what is done meanwhile counts too.
        time.sleep(max(0, begin - time.monotonic()))
        network, source = desk.network, desk.laid.source
        digits, advice, error = "", None, ""
        try:
            taught = desk.library.training(source, network)
            check_scored(network, taught)
            digits, advice = taught.name, advise(network, taught.images, taught.labels, of)
        except (ValueError, OSError) as problem:
            error = str(problem) if isinstance(problem, ValueError) else "no digits to learn from"
        except Exception:
            log.exception("a gradient could not be worked out")
            error = "This could not be worked out, through a fault of this program."
        with self._lock:
            known = self._known.setdefault(desk, {})
            known.pop(which, None)
            known[which] = _Known(network.layers, source, digits, advice, error)
            wanted = _wanted(desk)
            # Those of another network go first, then those that nobody wants any more.
            order = sorted(known, key=lambda one: (_is_of(known[one], desk), one in wanted))
            for one in order[: max(0, len(known) - _room(desk))]:
                del known[one]
            self._asked.setdefault(desk, set()).discard(which)
        desk.touch()


def _is_of(known: _Known, desk: Desk) -> bool:
    return known.layers is desk.network.layers and known.source == desk.laid.source


def _wanted(desk: Desk) -> set[str]:
    names = (name.partition("/") for seat in tuple(desk.seats) for name in seat.wants)
    return {which for kind, _, which in names if kind == "gradient"}


def _room(desk: Desk) -> int:
    return max(_FEWEST_KEPT, _KEPT_BYTES // (4 * desk.network.parameters))


def _which(which: str) -> str | int:
    if which in ("all", "wrong"):
        return which
    kind, _, digit = which.partition("-")
    number = digit.isascii() and digit.isdigit() and len(digit) < 4
    if kind == "class" and number and int(digit) < MOST_CLASSES and str(int(digit)) == digit:
        return int(digit)
    raise ValueError(f"gradient: expected all, wrong or class-0, class-1 …; got {which!r:.40}")


_COACH = _Coach()


def gradient(desk: Desk, view: View, which: str) -> dict[str, Any] | None:
    """Return the slopes by the selected neuron's weights and bias; None until they are there."""
    known = _COACH.of(desk, which)
    if known is None:
        return None
    if known.advice is None:
        raise ValueError(known.error)
    layer, neuron = view.selected
    slopes, bias = known.advice.of(layer, neuron)
    return {
        "layer": layer,
        "neuron": neuron,
        "loss": _number(known.advice.loss),
        "name": known.advice.name,
        "digits": known.advice.digits,
        "set": known.digits,
        "slopes": base64.b64encode(slopes.astype("<f4").tobytes()).decode("ascii"),
        "bias": _number(bias),
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


EXTRAS["gradient"] = gradient
