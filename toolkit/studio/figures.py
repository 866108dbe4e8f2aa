"""The atlas as a file: a figure, drawn in a process of its own, or the maps alone."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakValueDictionary

from toolkit import apart
from toolkit.palette import Scale
from toolkit.pictures import maps_png
from toolkit.studio.overview import Overview

MAPS = "maps"
KINDS = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf", MAPS: "image/png"}
"""What it can be drawn as; ``maps`` is the maps alone, as a PNG."""
_LONGEST_STEM = 60


@dataclass(frozen=True)
class Choices:
    """What of an overview is drawn, and how.

    Attributes
    ----------
    overview : Overview
        The very one: overviews are not compared by what is in them.
    sort : str
    scale : Scale
    palette : str
    grey : bool
        Whether pixels never lit are.
    """

    overview: Overview
    sort: str
    scale: Scale
    palette: str
    grey: bool

    def are(self, other: Choices) -> bool:
        """Tell whether these are the same."""
        return self.overview is other.overview and (
            (self.sort, self.scale, self.palette, self.grey)
            == (other.sort, other.scale, other.palette, other.grey)
        )


@dataclass(frozen=True, eq=False)
class AtlasFigure:
    """An atlas that a page offers as a file.

    Attributes
    ----------
    choices : Choices
    name : str
        Nobody knows it but who was told it.
    """

    choices: Choices
    name: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def file_name(self, kind: str) -> str:
        """Return what to call the file."""
        network = self.choices.overview.network
        stem = re.sub(r"[^\w.-]+", "-", network.name).strip(".-")[:_LONGEST_STEM] or "network"
        # The checksum keeps two networks' files of one name apart.
        what = "maps.png" if kind == MAPS else f"atlas.{kind}"
        return f"{stem}-{network.checksum[:8]}-{what}"

    def draw(self, kind: str) -> bytes:
        """Return the file's bytes.

        Raises
        ------
        ValueError
            If `kind` is not one of :data:`KINDS`.
        ApartError
            If drawing takes too much memory or time, or could not be done now.
        """
        if kind not in KINDS:
            raise ValueError(f"figure: expected one of {', '.join(KINDS)}; got {kind[:20]!r}")
        overview, choices = self.choices.overview, self.choices
        order = overview.order(choices.sort)
        never_lit = overview.never_lit if choices.grey else None
        if kind == MAPS:
            return maps_png(
                overview.network, order=order, scale=choices.scale, palette=choices.palette,
                never_lit=never_lit,
            )  # fmt: skip
        return apart.draw_atlas(
            overview.network, kind, self.file_name(kind), order=order,
            captions=overview.captions(), scale=choices.scale, palette=choices.palette,
            never_lit=never_lit,
        )  # fmt: skip


class Figures:
    """The figures on offer: each as long as somebody keeps it."""

    def __init__(self) -> None:
        self._offered: WeakValueDictionary[str, AtlasFigure] = WeakValueDictionary()
        self._lock = Lock()

    def offer(self, choices: Choices, before: AtlasFigure | None = None) -> AtlasFigure:
        """Return a figure that can be asked for by its name while the caller keeps it.

        Parameters
        ----------
        choices : Choices
        before : AtlasFigure, optional
            What was offered last; the same again goes on under its name.
        """
        if before is not None and before.choices.are(choices):
            return before
        figure = AtlasFigure(choices)
        with self._lock:
            self._offered[figure.name] = figure
        return figure

    def of(self, name: str) -> AtlasFigure | None:
        """Return the figure of a name, None where it is no more on offer."""
        with self._lock:
            return self._offered.get(name)
