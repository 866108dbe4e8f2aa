"""Shapes as weight maps: edges, lines, arcs, rings, spots, stripes, pictures.

A :class:`Stamp` is a shape with its numbers.  ``stamp.render()`` is its map, ``stamp.on(1, 3)``
the edit that lays it on neuron 1.3.  What it renders has the same bits on every machine.

Examples
--------
>>> import toolkit
>>> from toolkit import stamps
>>> net = toolkit.Network.blank()
>>> top = stamps.edge(at=(6, 14), angle=0, length=14, width=3, strength=2)
>>> net = top.on(1, 3).apply(net)
>>> float(net.layer(1).weights[3].reshape(28, 28)[4, 14])
2.0
"""

from toolkit.stamps.families import FAMILIES, Family
from toolkit.stamps.makers import (
    arc,
    blob,
    edge,
    gabor,
    gradient,
    line,
    picture,
    rectangle,
    ring,
)
from toolkit.stamps.pictures import class_difference, class_mean
from toolkit.stamps.stamp import RANGES, SHAPES, Stamp

__all__ = [
    "FAMILIES",
    "RANGES",
    "SHAPES",
    "Family",
    "Stamp",
    "arc",
    "blob",
    "class_difference",
    "class_mean",
    "edge",
    "gabor",
    "gradient",
    "line",
    "picture",
    "rectangle",
    "ring",
]
