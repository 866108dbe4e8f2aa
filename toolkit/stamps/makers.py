"""Stamps by their shape's name: ``edge(at=(6, 14), angle=90)``.

What each number means, and its range, stands at :class:`toolkit.stamps.Stamp`.
"""

from __future__ import annotations

from collections.abc import Iterable

from toolkit.stamps.stamp import Stamp

_Place = tuple[float, float]


def edge(
    at: _Place = (14, 14),
    angle: float = 0,
    length: float = 12,
    width: float = 3,
    *,
    curvature: float = 0,
    surround: float = 1,
    flank: float | None = None,
    soft: float = 1,
    strength: float = 1,
    zero_sum: bool = False,
) -> Stamp:
    """Make a bright band beside a dark one, the bright one above at angle 0.

    Examples
    --------
    >>> bright_left = edge(at=(14, 8), angle=90)
    >>> bright_left.render()[14, 5:11].tolist()
    [1.0, 1.0, 1.0, -1.0, -1.0, -1.0]
    """
    return Stamp(
        "edge", at, angle, length, width, curvature=curvature, surround=surround, flank=flank,
        soft=soft, strength=strength, zero_sum=zero_sum,
    )  # fmt: skip


def line(
    at: _Place = (14, 14),
    angle: float = 0,
    length: float = 12,
    width: float = 3,
    *,
    curvature: float = 0,
    surround: float = 0.5,
    flank: float | None = None,
    soft: float = 1,
    strength: float = 1,
    zero_sum: bool = False,
) -> Stamp:
    """Make a stroke with a dark flank on either side.

    Examples
    --------
    >>> line(at=(14, 14.5), angle=90, width=1, flank=2).render()[14, 11:18].tolist()
    [0.0, -0.5, -0.5, 1.0, -0.5, -0.5, 0.0]
    """
    return Stamp(
        "line", at, angle, length, width, curvature=curvature, surround=surround, flank=flank,
        soft=soft, strength=strength, zero_sum=zero_sum,
    )  # fmt: skip


def arc(
    at: _Place = (14, 14),
    angle: float = 0,
    length: float = 14,
    width: float = 3,
    *,
    curvature: float = 0.15,
    surround: float = 0.5,
    flank: float | None = None,
    soft: float = 1,
    strength: float = 1,
    zero_sum: bool = False,
) -> Stamp:
    """Make a bent stroke with dark flanks: at angle 0 as ∩, where `curvature` is negative as ∪.

    Examples
    --------
    >>> top_of_a_loop = arc(at=(6, 14), length=12, curvature=1 / 5)
    >>> bowl = arc(at=(22, 14), length=12, curvature=-1 / 5)
    """
    return Stamp(
        "arc", at, angle, length, width, curvature=curvature, surround=surround, flank=flank,
        soft=soft, strength=strength, zero_sum=zero_sum,
    )  # fmt: skip


def ring(
    at: _Place = (14, 14),
    angle: float = 0,
    length: float = 12,
    height: float | None = None,
    width: float = 3,
    *,
    radius: float | None = None,
    surround: float = 0.5,
    flank: float | None = None,
    soft: float = 1,
    strength: float = 1,
    zero_sum: bool = False,
) -> Stamp:
    """Make a circle of diameter `length`, or an ellipse of `length` along and `height` across.

    The diameter is that of the stroke's middle; `radius` gives half of it.

    Examples
    --------
    >>> ring(radius=5) == ring(length=10, height=10)
    True
    >>> tall = ring(length=10, height=18)
    """
    if radius is not None:
        length, height = 2 * radius, 2 * radius
    return Stamp(
        "ring", at, angle, length, width, height, surround=surround, flank=flank, soft=soft,
        strength=strength, zero_sum=zero_sum,
    )  # fmt: skip


def blob(
    at: _Place = (14, 14),
    angle: float = 0,
    length: float = 6,
    height: float | None = None,
    *,
    surround: float = 0,
    flank: float = 3,
    strength: float = 1,
    zero_sum: bool = False,
) -> Stamp:
    """Make a soft spot, half as bright at its rim; with a `surround`, a bright one in a dark one.

    Examples
    --------
    >>> float(blob(at=(14.5, 14.5), length=6).render()[14, 17])  # half of 6 cells away
    0.5
    """
    return Stamp(
        "blob", at, angle, length, height=height, surround=surround, flank=flank,
        strength=strength, zero_sum=zero_sum,
    )  # fmt: skip


def gabor(
    at: _Place = (14, 14),
    angle: float = 0,
    length: float = 12,
    height: float | None = None,
    width: float = 4,
    *,
    phase: float = 0,
    surround: float = 1,
    strength: float = 1,
    zero_sum: bool = False,
) -> Stamp:
    """Make stripes of `width`, bright and dark by turns, that fade outwards.

    They lie left to right at angle 0.  `phase` 0 has a bright stripe in the middle, 90 an edge.

    Examples
    --------
    >>> upright = gabor(at=(14, 14), angle=90, width=3, phase=90)
    """
    return Stamp(
        "gabor", at, angle, length, width, height, surround=surround, phase=phase,
        strength=strength, zero_sum=zero_sum,
    )  # fmt: skip


def gradient(
    at: _Place = (14, 14),
    angle: float = 0,
    length: float = 28,
    height: float = 28,
    *,
    surround: float = 1,
    soft: float = 1,
    strength: float = 1,
    zero_sum: bool = False,
) -> Stamp:
    """Make a slope from dark to bright, bright above at angle 0.

    Examples
    --------
    >>> brighter_to_the_left = gradient(angle=90)
    """
    return Stamp(
        "gradient", at, angle, length, height=height, surround=surround, soft=soft,
        strength=strength, zero_sum=zero_sum,
    )  # fmt: skip


def rectangle(
    at: _Place = (14, 14),
    angle: float = 0,
    length: float = 10,
    height: float = 6,
    *,
    surround: float = 0.5,
    flank: float = 2,
    soft: float = 1,
    strength: float = 1,
    zero_sum: bool = False,
) -> Stamp:
    """Make a filled rectangle with a dark surround.

    Examples
    --------
    >>> float(rectangle(at=(14, 14), length=10, height=6).render().max())
    1.0
    """
    return Stamp(
        "rectangle", at, angle, length, height=height, surround=surround, flank=flank, soft=soft,
        strength=strength, zero_sum=zero_sum,
    )  # fmt: skip


def picture(levels: Iterable[float], *, strength: float = 1, zero_sum: bool = False) -> Stamp:
    """Make a stamp of levels given one by one, row by row, each from -1 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> picture(np.full(784, 0.25), strength=2).render()[0, :3].tolist()
    [0.5, 0.5, 0.5]
    """
    given = tuple(levels)
    return Stamp("picture", levels=given, strength=strength, zero_sum=zero_sum)  # type: ignore[arg-type]
