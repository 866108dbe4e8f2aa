"""How much a file may ask for; checked before memory is taken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What is read at most.

    Attributes
    ----------
    file_bytes : int
        Of the file itself.
    decoded_bytes : int
        Of all its content, unpacked.
    tensors : int
        Arrays, archive members, datasets or graph nodes.
    header_bytes : int
        Of the part that describes the rest.
    rank : int
        Dimensions of an array.
    work_bytes : int
        Gone over while reading: what is used twice counts twice.
    """

    file_bytes: int = 64 << 20
    decoded_bytes: int = 256 << 20
    tensors: int = 4096
    header_bytes: int = 1 << 20
    rank: int = 8
    work_bytes: int = 1 << 30


LIMITS = Limits()
"""What :func:`toolkit.formats.load` uses unless told otherwise."""
