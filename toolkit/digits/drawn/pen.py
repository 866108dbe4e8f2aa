"""The styles of writing as arrays: a curve is a linear function of its control points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from toolkit.digits.drawn.strokes import SHARP, STYLES, Shape, Stroke

SAMPLES = 88
"""Points along a digit's strokes; about 0.7 pixels apart in the finished image."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Pen:
    """Every style's shapes, and the bases that turn control points into curves.

    `rounded[s] @ points` and `cornered[s] @ points` are the curve of style *s* with
    its corners smoothed and kept.
    """

    shapes: Array  # (styles, most shapes, most points, 2)
    rounded: Array  # (styles, SAMPLES, most points)
    cornered: Array
    along: Array  # (styles, SAMPLES): 0 at the start of a stroke, 1 at its end
    by_digit: tuple[tuple[NDArray[np.intp], NDArray[np.float64]], ...]  # styles, their shares


@cache
def pen() -> Pen:
    """Return the styles as arrays; made when first asked for."""
    most_shapes = max(len(style.shapes) for style in STYLES)
    most_points = max(sum(map(len, style.shapes[0])) for style in STYLES)
    count = len(STYLES)
    shapes = np.zeros((count, most_shapes, most_points, 2))
    rounded = np.zeros((count, SAMPLES, most_points))
    cornered = np.zeros_like(rounded)
    along = np.zeros((count, SAMPLES))
    for s, style in enumerate(STYLES):
        for k in range(most_shapes):
            points = _positions(style.shapes[k % len(style.shapes)])
            shapes[s, k, : len(points)] = points
        basis, along[s] = _curve_basis(style.shapes[0], keep_corners=False)
        rounded[s, :, : basis.shape[1]] = basis
        basis, _ = _curve_basis(style.shapes[0], keep_corners=True)
        cornered[s, :, : basis.shape[1]] = basis
    by_digit = []
    for digit in range(10):
        which = np.array([s for s, style in enumerate(STYLES) if style.digit == digit])
        share = np.array([STYLES[s].share for s in which], np.float64)
        by_digit.append((which, share / share.sum()))
    return Pen(shapes, rounded, cornered, along, tuple(by_digit))


def _positions(shape: Shape) -> NDArray[np.float64]:
    return np.array([point[:2] for stroke in shape for point in stroke], np.float64)


def _curve_basis(
    shape: Shape, *, keep_corners: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (SAMPLES, points) weights of the points in each sample, and how far along it is."""
    lengths = [_length(stroke) for stroke in shape]
    cuts = np.rint(np.cumsum([0.0, *lengths]) / sum(lengths) * SAMPLES).astype(int)
    basis = np.zeros((SAMPLES, sum(map(len, shape))))
    along = np.zeros(SAMPLES)
    first = 0
    for stroke, start, stop in zip(shape, cuts[:-1], cuts[1:], strict=True):
        along[start:stop] = np.linspace(0, 1, stop - start)
        columns = slice(first, first + len(stroke))
        basis[start:stop, columns] = _stroke_basis(stroke, stop - start, keep_corners)
        first += len(stroke)
    return basis, along


def _length(stroke: Stroke) -> float:
    points = _positions([stroke])
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def _stroke_basis(stroke: Stroke, samples: int, keep_corners: bool) -> Array:
    """Cubic Hermite pieces whose slopes come from the neighbouring points."""
    points = _positions([stroke])
    count = len(points)
    # Knots by the root of the distance: curves through unevenly spaced points don't loop.
    steps = np.hypot(*np.diff(points, axis=0).T)
    knots = np.concatenate([[0.0], np.cumsum(np.sqrt(steps))])
    corner = [keep_corners and len(point) == 3 and point[-1] == SHARP for point in stroke]
    at = np.interp(
        np.linspace(0, 1, samples), np.concatenate([[0.0], np.cumsum(steps)]) / steps.sum(), knots
    )
    basis = np.zeros((samples, count))
    identity = np.eye(count)

    def slope(i: int, piece: int) -> Array:
        if 0 < i < count - 1 and not corner[i]:
            return np.asarray((identity[i + 1] - identity[i - 1]) / (knots[i + 1] - knots[i - 1]))
        # At an end or a corner the slope is what makes the piece bend evenly.
        other = piece + 1 if i == piece else piece
        chord: Array = np.asarray(
            (identity[piece + 1] - identity[piece]) / (knots[piece + 1] - knots[piece])
        )
        if 0 < other < count - 1 and not corner[other]:
            return np.asarray(1.5 * chord - 0.5 * slope(other, piece))
        return chord

    for piece in range(count - 1):
        width = knots[piece + 1] - knots[piece]
        inside = (at >= knots[piece]) & (at <= knots[piece + 1])
        t = ((at[inside] - knots[piece]) / width)[:, None]
        basis[inside] = (
            (2 * t**3 - 3 * t**2 + 1) * identity[piece]
            + (t**3 - 2 * t**2 + t) * width * slope(piece, piece)
            + (3 * t**2 - 2 * t**3) * identity[piece + 1]
            + (t**3 - t**2) * width * slope(piece + 1, piece)
        )
    return basis
