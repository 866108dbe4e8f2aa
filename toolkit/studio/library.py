"""The digit sets on offer, opened and made ready once for all who use them."""

from __future__ import annotations

import contextlib
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary, WeakSet, WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from toolkit.analysis import never_lit
from toolkit.analysis.classes import shares_of_classes
from toolkit.digits import (
    DigitSet,
    FetchJob,
    default_source,
    open_digits,
    parted,
)
from toolkit.fits import fits, sample
from toolkit.grid import Grid
from toolkit.network import Float, Network
from toolkit.scoring import Scorer
from toolkit.stamps.pictures import mean_levels
from toolkit.studio.notices import Notice, without_folders
from toolkit.studio.sources import Source, public_name, source_of, sources, trace_of
from toolkit.studio.worker import Worker

_DOORS = 16
_MOST_TRAINING = 10_000
_KEPT_TRAINING = 2
_KEPT_MEANS = 16
_LISTED_SECONDS = 1.0
_AVERAGING = Worker("means")
_KEPT_LAID_BYTES = 64 << 20
"""Of digits on other grids than their own, or fewer of them."""


@dataclass(frozen=True, eq=False)
class Laid:
    """Digits on the grid that a network wants, and what pages show of the whole set.

    Attributes
    ----------
    source : str
        Name by which the library opens the set.
    digits : DigitSet
        Those that a network is scored on: all, or of a wide one a sample.
    whole : DigitSet
        All that the source has, on the grid they come in.
    numbers : ndarray of int, shape (len(digits),)
        Which of the whole the digits are, in order.  A digit is known by its number in the whole,
        on whichever network one looks at it.
    """

    source: str
    digits: DigitSet
    whole: DigitSet
    numbers: NDArray[np.intp]

    @property
    def of(self) -> int:
        """How many digits the source has."""
        return len(self.whole)

    @property
    def part(self) -> str:
        """Which of the source's digits these are: ``"test"``, ``"train"`` or ``"all"``."""
        return parted(self.source)[1]

    def picture(self, number: int) -> NDArray[np.uint8]:
        """Return a digit's pixels, whether it is among those scored or not."""
        found, at = self.digits, number
        if len(found) < self.of:
            found, at = self.whole.subset([number]).fitted(found.grid), 0
        pixels: NDArray[np.uint8] = found.pixels[at]
        return pixels

    @cached_property
    def file(self) -> str:
        """What these digits are called as a file of their own: by what is in it."""
        return f"{self.digits.checksum}-{self.of}"

    @property
    def held_bytes(self) -> int:
        """How much memory it takes: the pixels twice, once as columns."""
        return 2 * self.digits.pixels.nbytes

    @cached_property
    def shares_of_classes(self) -> Float:
        """For each digit that is scored one over the size of its class, in its class's column."""
        return shares_of_classes(self.digits.labels, self.digits.classes)

    @cached_property
    def by_class(self) -> list[NDArray[np.intp]]:
        """Numbers of each class's digits, of the whole."""
        return [np.flatnonzero(self.whole.labels == label) for label in range(self.whole.classes)]

    @cached_property
    def lit(self) -> bytes:
        """For each pixel 1 where some digit lights it, else 0."""
        return (~never_lit(self.digits.pixels)).astype(np.uint8).tobytes()


class Library:
    """Opens digit sets by name; shared between sessions, so what it gives is never changed."""

    def __init__(self) -> None:
        self._open: dict[str, DigitSet] = {}
        # Training digits are many: they are there no longer than somebody uses them, and after that
        # what tells how they fit a network.
        self._lent: WeakValueDictionary[str, DigitSet] = WeakValueDictionary()
        self._outlines: dict[str, DigitSet] = {}
        self._opening: dict[object, Lock] = {}
        self._training: dict[tuple[str, tuple[int, ...], Grid], DigitSet] = {}
        self._taught: dict[str, DigitSet] = {}
        self._means: dict[tuple[str, Grid], bytes] = {}
        self._unlit: dict[tuple[str, Grid], NDArray[np.bool_] | None] = {}
        self._training_door = Lock()
        self._laid: OrderedDict[tuple[str, Grid, int, int], Laid] = OrderedDict()
        self._alive: WeakSet[Laid] = WeakSet()
        self._origins: WeakKeyDictionary[Laid, WeakValueDictionary[str, Scorer]]
        self._origins = WeakKeyDictionary()
        self._lock = Lock()
        self._doors = [Lock() for _ in range(_DOORS)]
        self._job: FetchJob | None = None
        self._broken: dict[str, tuple[object, ...]] = {}
        self._listed: tuple[object, float, list[dict[str, Any]]] | None = None
        self.make_room: Callable[[], None] = lambda: None
        """Called before a wide network is scored: lets others' scorers go until there is room."""

    def fetch(self) -> None:
        """Begin to download MNIST, if no download is under way.

        From the mirror that the environment variable ``TOOLKIT_MNIST_MIRROR`` names, if it is
        set: a class behind a wall may have one of its own.
        """
        with self._lock:
            if self._job is None or self._job.state.status != "running":
                own = os.environ.get("TOOLKIT_MNIST_MIRROR")
                self._job = FetchJob(mirrors=[own] if own else None)
                self._job.start()

    def cancel_fetch(self) -> None:
        """Stop a download that is under way."""
        if self._job is not None:
            self._job.cancel()

    def fetching(self) -> dict[str, Any] | None:
        """Return how far the last download is, as plain data; None before the first."""
        if self._job is None:
            return None
        state = self._job.state
        return {**asdict(state), "message": without_folders(state.message)}

    def sources(self) -> list[Source]:
        """Return what can be opened on this machine, the preferred one first."""
        return sources(self._is_broken)

    def troubles(self, in_use: str) -> list[Notice]:
        """Return what to tell where drawn digits are in use since others cannot be read.

        Parameters
        ----------
        in_use : str
            The source that is shown.
        """
        preferred = default_source()
        if in_use != "drawn" or not self._is_broken(preferred):
            return []
        source = next(each for each in self.sources() if each.name == public_name(preferred))
        again = [{"label": "fetch-again", "letter": {"kind": "fetch"}}] if source.fetchable else []
        return [Notice("digits-broken", {"name": source.label}, "error", again, "digits-broken")]

    def _is_broken(self, name: str) -> bool:
        return name in self._broken and self._broken[name] == trace_of(name)

    def listing(self) -> list[dict[str, Any]]:
        """Return the sources as plain data, as they were a second ago at the most."""
        # Each answer lists them, and where they are is looked for on the disk.
        known, now = self._listed, (self._job and self._job.state.status, dict(self._broken))
        if known is None or known[0] != now or time.monotonic() > known[1]:
            found = [asdict(source) for source in self.sources()]
            self._listed = known = now, time.monotonic() + _LISTED_SECONDS, found
        return known[2]

    def open(self, name: str | None = None) -> DigitSet:
        """Return the digits of a source that networks are scored on, by default the preferred one.

        Raises
        ------
        ValueError
            If it is not one of :meth:`sources`, or its files are no digits.
        OSError
            If its files cannot be read.
        """
        name = source_of(name)
        known = self._known(name)
        if known is not None:
            return known
        with self._door(name):
            known = self._known(name)
            if known is not None:
                return known
            trace = trace_of(name)
            try:
                digits = open_digits(name, split="test")
            except (ValueError, OSError):
                self._broken[name] = trace
                raise
            _ = digits.columns  # the scorer's form, made once here and not at a first stroke
            with self._lock:
                if parted(name)[1] == "test":
                    self._open[name] = digits
                else:
                    self._lent[name], self._outlines[name] = digits, _outline(digits)
                self._broken.pop(name, None)
            return digits

    def _known(self, name: str) -> DigitSet | None:
        with self._lock:
            return self._open.get(name) or self._lent.get(name)

    def _door(self, what: object) -> Lock:
        """Return what lets one in at a time: only those wait who want the same."""
        with self._lock:
            return self._opening.setdefault(what, Lock())

    def training(self, source: str, network: Network) -> DigitSet:
        """Return up to 10,000 of a source's training digits, on the grid of a network.

        Where it has none of its own, or they cannot be read, those that networks are scored on:
        its name says which.

        Raises
        ------
        ValueError
            If there is no such source, or the network is not one for digits.
        OSError
            If not even its other digits can be read.
        """
        name, _ = parted(source_of(source))
        with self._training_door:
            known = self._training.get((name, network.sizes, network.grid))
            if known is None:
                digits = self._of_training(name)
                known = fits(network, digits).lay(digits)
                self._training[name, network.sizes, network.grid] = known
                while len(self._training) > _KEPT_TRAINING:
                    self._training.pop(next(iter(self._training)))
            return known

    def _of_training(self, name: str) -> DigitSet:
        """Return a source's training digits on their own grid; the door is held."""
        known = self._taught.get(name)
        if known is None:
            known = self._taught[name] = self._open_training(name)
            while len(self._taught) > _KEPT_TRAINING:
                self._taught.pop(next(iter(self._taught)))
        return known

    def _open_training(self, name: str) -> DigitSet:
        try:
            # Of the drawn ones no more are drawn than are used.
            count = _MOST_TRAINING if name == "drawn" else None
            digits = open_digits(name, "train", count)
        except (ValueError, OSError):
            digits = self.open(name)
        if len(digits) > _MOST_TRAINING:
            digits = digits.subset(sample(len(digits), _MOST_TRAINING))
        return digits

    def unlit(self, laid: Laid) -> NDArray[np.bool_] | None:
        """Return the pixels that no training digit of a source lights, shape (pixels,).

        None where it has none of its own on the grid of `laid`: then only these say which.  The
        drawn ones' are drawn as the others are, and as many as one likes.
        """
        name, grid = parted(source_of(laid.source))[0], laid.digits.grid
        if name == "drawn":
            return None
        with self._training_door:
            if (name, grid) not in self._unlit:
                found = None
                with contextlib.suppress(ValueError, OSError):
                    found = self._unlit_of(name, grid)
                self._unlit[name, grid] = found
                while len(self._unlit) > _KEPT_MEANS:
                    self._unlit.pop(next(iter(self._unlit)))
            return self._unlit[name, grid]

    def _unlit_of(self, name: str, grid: Grid) -> NDArray[np.bool_] | None:
        digits = open_digits(name, "train")
        return never_lit(digits.pixels) if digits.grid == grid else None

    def means(self, laid: Laid, heard: Callable[[], None]) -> bytes:
        """Return each class's mean picture in 4096ths of full ink, two bytes a pixel.

        They are of training digits, as all is that labels teach: no network is scored on what its
        stamps were made of.

        Parameters
        ----------
        laid : Laid
            Of whose source, and on whose grid.
        heard : callable
            Called once they are there, if they are not: then what is returned is empty.
        """
        key = parted(laid.source)[0], laid.digits.grid
        with self._lock:
            known = self._means.get(key)
        if known is None:
            _AVERAGING.submit(self._average, key, heard)
        return known or b""

    def _average(self, key: tuple[str, Grid], heard: Callable[[], None]) -> None:
        source, grid = key
        if key not in self._means:
            try:
                with self._training_door:
                    taught = self._of_training(source_of(source)).fitted(grid)
            except (ValueError, OSError):  # not even those that it is scored on, by now
                return
            levels = [mean_levels(taught, digit) for digit in range(taught.classes)]
            with self._lock:
                self._means[key] = np.array(levels, "<u2").tobytes()
                while len(self._means) > _KEPT_MEANS:
                    self._means.pop(next(iter(self._means)))
        heard()

    def laid(self, source: str | None, network: Network) -> Laid:
        """Return a source's digits on the grid of a network.

        Raises
        ------
        ValueError
            If there is no such source, its files are no digits or hold none, or the network is
            not one for digits.
        OSError
            If its files cannot be read.
        """
        digits = self.open(source)
        source = public_name(source_of(source))
        fit = fits(network, digits)
        key = source, fit.grid, fit.count, fit.classes
        with self._door(key):
            with self._lock:
                found = self._laid.get(key)
            if found is None or found.whole is not digits:
                found = Laid(source, fit.lay(digits), digits, fit.numbers)
                _ = found.digits.columns, found.lit, found.file
            with self._lock:
                self._alive.add(found)
                self._laid[key] = found
                self._laid.move_to_end(key)
                self._forget_laid()
            return found

    def in_use(self, file: str) -> Laid | None:
        """Return the digits that a file's name is of, where somebody uses them."""
        with self._lock:
            return next((laid for laid in self._alive if laid.file == file), None)

    def _forget_laid(self) -> None:
        """Forget what was used longest ago; who still uses it keeps it."""
        own = {id(digits.pixels) for digits in self._open.values()}
        while len(self._laid) > 1:
            held = sum(
                each.held_bytes for each in self._laid.values() if id(each.digits.pixels) not in own
            )
            if held <= _KEPT_LAID_BYTES:
                return
            self._laid.popitem(last=False)

    def share(self, sizes: Sequence[int], source: str) -> tuple[int, int] | None:
        """Return on how many of a source's digits a network is scored, and how many there are.

        None where it is on all, or the digits cannot be read now.
        """
        try:
            if self._is_broken(source_of(source)):
                return None
            fit = fits(sizes, self._outlines.get(source_of(source)) or self.open(source))
        except (ValueError, OSError):
            return None
        return (fit.count, fit.of) if fit and fit.count < fit.of else None

    def laid_or_drawn(self, source: str | None, network: Network) -> Laid:
        """Return a source's digits, or its test digits or the drawn ones where there are none."""
        for instead in (source, parted(source or "")[0], "drawn"):
            with contextlib.suppress(ValueError, OSError):
                return self.laid(instead, network)
        return self.laid("drawn", network)

    def scorer(self, laid: Laid, start: Network) -> Scorer:
        """Return a scorer of a network as it was loaded.

        All that is scored of a network is shared by those who use it at the same time, until they
        change it, and then what still is the same.
        """
        checksum = start.checksum
        with self._lock:
            known = self._origins.setdefault(laid, WeakValueDictionary())
        # Two who open one network wait for one another, and nobody else does.
        with self._doors[int(checksum[:2], 16) % _DOORS]:
            origin = known.get(checksum)
            if origin is None:
                origin = Scorer(laid.digits)
                origin.update(start)
                known[checksum] = origin
            return origin.fork()

    def origin_bytes(self) -> int:
        """Return how much memory the scorers take that others share parts of."""
        with self._lock:
            known = list(self._origins.values())
        return sum(each.bytes for origins in known for each in list(origins.values()))


def _outline(digits: DigitSet) -> DigitSet:
    """Return a set of the same shape and labels that holds the pixels of one digit."""
    return replace(digits, pixels=np.broadcast_to(digits.pixels[:1], digits.pixels.shape))
