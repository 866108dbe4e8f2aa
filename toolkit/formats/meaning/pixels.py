"""How pixels may have been scaled before a network's first layer took them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from toolkit.grid import Grid

MNIST_MEAN, MNIST_SPREAD = 0.1307, 0.3081
"""Of MNIST's training pixels: the usual normalisation in PyTorch's examples."""


@dataclass(frozen=True)
class Pixels:
    """What a first layer was fed of pixels in [0, 1], ink bright.

    Attributes
    ----------
    key : str
        What a person writes to choose it.
    name : str
        In words.
    scale, shift : float
        It was fed ``scale * pixel + shift``.
    """

    key: str
    name: str
    scale: float
    shift: float

    @property
    def dark(self) -> Pixels:
        """The same with ink dark on bright paper."""
        return Pixels(
            f"{self.key}-dark", f"{self.name}, ink dark", -self.scale, self.scale + self.shift
        )


_BRIGHT = (
    Pixels("unit", "pixels from 0 to 1", 1.0, 0.0),
    Pixels(
        "mnist", f"pixels less {MNIST_MEAN}, over {MNIST_SPREAD}", 1 / MNIST_SPREAD,
        -MNIST_MEAN / MNIST_SPREAD,
    ),
    Pixels("signed", "pixels from −1 to 1", 2.0, -1.0),
    Pixels("bytes", "pixels from 0 to 255", 255.0, 0.0),
)  # fmt: skip
_SIXTEEN = Pixels("sixteen", "pixels from 0 to 16", 16.0, 0.0)
_SIXTEEN_GRID = Grid(8, 8)  # of the digits that scikit-learn holds

PIXELS: Mapping[str, Pixels] = MappingProxyType(
    {
        each.key: each
        for each in (*_BRIGHT, _SIXTEEN, *(bright.dark for bright in (*_BRIGHT, _SIXTEEN)))
    }
)
"""All that are known, by key."""

INPUT_MAPS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {each.name: (each.scale, each.shift) for each in _BRIGHT}
)
"""The usual ones with ink bright, as ``(scale, shift)`` by name."""


def usual(grid: Grid) -> list[Pixels]:
    """Return what is usual for pictures of a grid, the most usual first."""
    bright = [_SIXTEEN, *_BRIGHT] if grid == _SIXTEEN_GRID else list(_BRIGHT)
    return [*bright, *(each.dark for each in bright)]


def said(scale: float, shift: float) -> Pixels:
    """Return what a file itself says of its pixels, in words."""
    for each in PIXELS.values():
        if (each.scale, each.shift) == (scale, shift):
            return each
    return Pixels("", f"{scale:g} × pixel {shift:+g}, as the file says", scale, shift)
