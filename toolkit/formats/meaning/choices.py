"""What a person says of a file that does not say it: functions, pixels, orientation."""

from __future__ import annotations

import math
from collections.abc import Sequence

from toolkit.activations import check_activation
from toolkit.formats.meaning.pixels import PIXELS, Pixels
from toolkit.formats.meaning.ways import Chosen
from toolkit.shown import shown

ORIENTATIONS = {"out-in": False, "in-out": True}
"""How weights may lie: a row for each neuron, as PyTorch keeps them, or a column, as Keras does."""


def chosen(
    activations: str | Sequence[str] | None = None,
    pixels: str | Sequence[float] | None = None,
    orientation: str | None = None,
) -> Chosen:
    """Return what was chosen, checked; see :func:`toolkit.formats.load`.

    Raises
    ------
    ValueError
        If one of them names nothing that is known; the message lists what is.
    """
    names = None
    if activations is not None:
        each = activations.split(",") if isinstance(activations, str) else list(activations)
        names = tuple(check_activation(name.strip()) for name in each)
    if orientation is not None and orientation not in ORIENTATIONS:
        raise ValueError(
            f"orientation: expected one of {', '.join(ORIENTATIONS)}; got {shown(orientation)}"
        )
    return Chosen(
        names,
        None if pixels is None else _pixels(pixels),
        None if orientation is None else ORIENTATIONS[orientation],
    )


def _pixels(given: str | Sequence[float]) -> Pixels:
    if isinstance(given, str) and given in PIXELS:
        return PIXELS[given]
    parts = given.split(",") if isinstance(given, str) else given
    try:
        mean, spread = map(float, parts)
    except (TypeError, ValueError):
        mean = spread = math.nan
    if not (math.isfinite(mean) and math.isfinite(spread) and spread != 0):
        raise ValueError(
            f"pixels: expected one of {', '.join(PIXELS)}, or a mean and a standard deviation, as "
            f"in 0.5,0.5; got {shown(given)}"
        )
    return Pixels("", f"pixels less {mean:g}, over {spread:g}", 1 / spread, -mean / spread)
