"""Deformed digits: the same digit shifted, turned, scaled, slanted, bent.

After Simard, Steinkraus & Platt, "Best practices for convolutional neural
networks applied to visual document analysis" (2003): affine and elastic
distortions, sampled bilinearly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from toolkit.network import Float


@dataclass(frozen=True)
class Augmentation:
    """How far a digit may be deformed; each amount is drawn evenly from minus to plus.

    Parameters
    ----------
    shift : float, default 1
        Pixels, down and across.
    rotation : float, default 8
        Degrees.
    scale : float, default 0.08
        Fraction, height and width each for itself: 0.08 is 92 % to 108 %.
    slant : float, default 0.1
        Pixels across for each pixel down.
    bend : float, default 0
        Pixels; the standard deviation of a smooth displacement, changing over some 7 pixels.

    Raises
    ------
    ValueError
        If an amount is negative, not finite, or so large that nothing of a digit remains.
    """

    shift: float = 1
    rotation: float = 8
    scale: float = 0.08
    slant: float = 0.1
    bend: float = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{field.name}: expected 0 or more; got {value!r}")
        if self.scale >= 1:
            raise ValueError(f"scale: expected a fraction less than 1; got {self.scale!r}")

    def deform(self, pixels: NDArray[np.uint8], rng: np.random.Generator) -> Float:
        """Return the digits deformed, each by its own chance.

        Parameters
        ----------
        pixels : ndarray of uint8, shape (n, side * side)
        rng : numpy.random.Generator

        Returns
        -------
        ndarray of float32, shape (n, side * side)
            In [0, 1]; what comes from outside the picture is black.

        Raises
        ------
        ValueError
            If the pictures are not square.
        """
        count, size = pixels.shape
        side = math.isqrt(size)
        if side * side != size:
            raise ValueError(f"pixels: expected square pictures; got {size} pixels")
        rows, columns = self._sources(count, side, rng)
        # A black ring of one pixel around each picture stands for all that is outside.
        wide = side + 2
        padded = np.zeros((count, wide, wide), np.float32)
        padded[:, 1:-1, 1:-1] = pixels.reshape(count, side, side)
        flat = padded.ravel()
        for coordinate in (rows, columns):
            coordinate += 1
            np.clip(coordinate, 0, wide - 1.001, out=coordinate)
        top, left = rows.astype(np.int32), columns.astype(np.int32)
        rows -= top
        columns -= left
        corner = top * np.int32(wide) + left
        corner += (np.arange(count, dtype=np.int32) * np.int32(wide * wide))[:, None]
        upper = flat[corner]
        upper += (flat[corner + 1] - upper) * columns
        corner += wide
        lower = flat[corner]
        lower += (flat[corner + 1] - lower) * columns
        lower -= upper
        lower *= rows
        upper += lower
        upper /= np.float32(255)
        result: Float = np.minimum(upper, np.float32(1), out=upper)
        return result

    def _sources(self, count: int, side: int, rng: np.random.Generator) -> tuple[Float, Float]:
        """Return for each pixel the row and column, shape (count, side * side), it is read from."""

        def drawn(limit: float) -> Float:
            return rng.uniform(-limit, limit, (count, 1)).astype(np.float32)

        middle = (side - 1) / 2
        row, column = (axis.ravel() for axis in np.indices((side, side), np.float32) - middle)
        angle = drawn(math.radians(self.rotation))
        sine, cosine = np.sin(angle), np.cos(angle)
        tall, wide, slant = 1 + drawn(self.scale), 1 + drawn(self.scale), drawn(self.slant)
        rows = (cosine / tall) * row - (sine / tall) * column
        columns = (sine / wide + slant * cosine) * row + (cosine / wide - slant * sine) * column
        rows += drawn(self.shift) + np.float32(middle)
        columns += drawn(self.shift) + np.float32(middle)
        if self.bend:
            bumps = _bumps(side)
            for coordinate in (rows, columns):
                heights = rng.normal(0, self.bend, (count, len(bumps))).astype(np.float32)
                coordinate += heights @ bumps
        return rows, columns


def _bumps(side: int) -> Float:
    """Return smooth bumps on a grid, shape (bumps, side * side), of unit joint spread."""
    centres = np.linspace(0, side - 1, 5)
    width = (side - 1) / 4
    line = np.exp(-0.5 * ((np.arange(side) - centres[:, None]) / width) ** 2 * 2)
    plane = np.einsum("ir,jc->ijrc", line, line).reshape(len(centres) ** 2, side * side)
    bumps: Float = (plane / np.sqrt((plane**2).sum(axis=0).mean())).astype(np.float32)
    return bumps
