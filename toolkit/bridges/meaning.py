"""Deciding what an object leaves open, as for a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.formats import settled
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.meaning.reading import Reading
from toolkit.network import Network

if TYPE_CHECKING:
    from toolkit.digits.digitset import DigitSet

_PIXELS = {
    "unit": (1.0, 0.0), "mnist": (1 / 0.3081, -0.1307 / 0.3081), "signed": (2.0, -1.0),
    "bytes": (255.0, 0.0), "sixteen": (16.0, 0.0),
}  # fmt: skip
_PIXELS |= {f"{name}-dark": (-scale, scale + shift) for name, (scale, shift) in _PIXELS.items()}
_ORIENTATIONS = {"out-in": False, "in-out": True}


def decided(
    reading: Reading,
    *,
    digits: DigitSet | None = None,
    activations: str | Sequence[str] | None = None,
    pixels: str | None = None,
    orientation: str | None = None,
) -> Network:
    """Return the network that a reading describes; choices as for :func:`toolkit.formats.load`."""
    if activations is not None:
        count = len(reading.layers)
        names = (
            [*[activations] * (count - 1), reading.layers[-1].activation]
            if isinstance(activations, str)
            else list(activations)
        )
        if len(names) != count:
            raise NetworkFileError(
                f"activations: expected one, or {count}, one a layer; got {len(names)}"
            )
        reading = reading.with_activations(names)  # type: ignore[arg-type]  # None: not said
    if pixels is not None:
        scale, shift = _PIXELS[_among(pixels, _PIXELS, "pixels")]
        reading = replace(reading, input_map=(scale, shift))
    if orientation is not None:
        turned = _ORIENTATIONS[_among(orientation, _ORIENTATIONS, "orientation")]
        layers = tuple(replace(layer, inputs_first=turned) for layer in reading.layers)
        reading = replace(reading, layers=layers)
    network = settled(reading)
    if network is not None:
        return network
    from toolkit.formats.meaning.interpretation import interpret

    return interpret(reading, digits).network


def _among(value: str, known: Iterable[str], what: str) -> str:
    names = list(known)
    if value not in names:
        raise NetworkFileError(f"{what}: expected one of {', '.join(names)}; got {value!r:.60}")
    return value
