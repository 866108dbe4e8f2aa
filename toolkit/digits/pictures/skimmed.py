"""What skimming a picture file gives, and what skimmers of several formats share."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Literal

Kind = Literal["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]

MAX_PIXELS = 40_000_000
"""The most pixels of a picture that is opened, but for a sequential JPEG."""
MOST_PARTS = 20_000
"""Of a file: chunks, segments or tags: a few hundred are many."""
ORIENTATION = 274
"""The tag of EXIF and TIFF that says how a picture was turned."""


class DamagedError(ValueError):
    """A picture file is not as its format has it; the text says where."""


@dataclass(frozen=True)
class Skimmed:
    """A picture file, skimmed.

    Attributes
    ----------
    kind : str
        The decoder to give it to, and no other.
    content : bytes
        The file without what decoding does not need.
    width, height : int
        In pixels, as stored: not yet turned.
    decoded : int
        Bytes that decoding takes at most, beside the content.
    orientation : int
        1 to 8, as in EXIF.
    """

    kind: Kind
    content: bytes
    width: int
    height: int
    decoded: int
    orientation: int = 1
    most_pixels: int = MAX_PIXELS


def exif_orientation(exif: bytes) -> int:
    """Return how EXIF says the picture was turned, 1 (not at all) to 8; 1 if it does not say."""
    try:
        order = {b"II*\0": "<", b"MM\0*": ">"}[exif[:4]]
        (at,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, at)
        for entry in range(at + 2, at + 2 + 12 * min(count, MOST_PARTS), 12):
            tag, unit, _, value = struct.unpack_from(order + "HHIH", exif, entry)
            if tag == ORIENTATION and unit == 3:
                return int(value)
    except (KeyError, struct.error):
        pass
    return 1
