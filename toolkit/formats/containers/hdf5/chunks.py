"""Where the chunks of an HDF5 array stand: the format has six ways to say so."""

from __future__ import annotations

import itertools
import math
import struct
from dataclasses import dataclass

from toolkit.formats.containers.hdf5.source import NOWHERE, Source
from toolkit.formats.guard import quoted, shown_shape

_TREE, _SINGLE, _IMPLICIT, _FIXED = 0, 1, 2, 3
_OTHERS = {4: "an extensible index of chunks", 5: "a newer tree of chunks"}
_FILTERED = 0x2


@dataclass(frozen=True)
class Chunks:
    """How an array is cut, and where that is said.

    Attributes
    ----------
    shape : tuple of int
        Of one chunk.
    index : int
        Which of the format's ways; 0 is the older one.
    address : int
    size, skipped : int
        Of a single chunk: its packed bytes, and which filters it skips.
    itemsize : int
    """

    shape: tuple[int, ...]
    index: int
    address: int
    itemsize: int
    size: int = 0
    skipped: int = 0

    @property
    def unpacked(self) -> int:
        """Bytes of one chunk."""
        return math.prod(self.shape) * self.itemsize


@dataclass(frozen=True)
class Place:
    """Where one chunk stands, its packed bytes, and which filters it skips, a bit each."""

    address: int
    size: int
    skipped: int


def chunks_in(
    source: Source, path: str, layout: bytes, shape: tuple[int, ...], itemsize: int
) -> Chunks:
    """Return what the layout of an array in chunks says.

    Raises
    ------
    NetworkFileError
        If its chunks do not go with its shape, are too large, or stand in an index that is not
        read.
    """
    if layout[0] == 3:
        rank = source.first(layout, 3)[2]
        (address,) = struct.unpack("<Q", source.first(layout, 11)[3:])
        sizes = struct.unpack(f"<{rank}I", source.first(layout, 11 + 4 * rank)[11:])
        chunks = Chunks(sizes[:-1], _TREE, address, itemsize)
    else:
        flags, rank, width = source.first(layout, 5)[2:]
        at = 5 + rank * width
        raw = source.first(layout, at + 1)
        sizes = tuple(
            int.from_bytes(raw[5 + width * n : 5 + width * (n + 1)], "little") for n in range(rank)
        )
        chunks = _newer_index(source, path, layout, at, flags, sizes, itemsize)
    if len(chunks.shape) != len(shape) or 0 in chunks.shape or sizes[-1] != itemsize:
        raise source.damaged(f"{quoted(path)} is cut into chunks of another rank")
    if chunks.unpacked > source.limits.decoded_bytes:
        raise source.refuse(
            path, f"is cut into chunks of shape {shown_shape(chunks.shape)}, too large to read"
        )
    return chunks


def _newer_index(
    source: Source,
    path: str,
    layout: bytes,
    at: int,
    flags: int,
    sizes: tuple[int, ...],
    itemsize: int,
) -> Chunks:
    index, at = layout[at], at + 1
    size = skipped = 0
    if index == _SINGLE and flags & _FILTERED:
        size, skipped = struct.unpack("<QI", source.first(layout, at + 12)[at:])
        at += 12
    elif index == _FIXED:
        at += 1  # how its pages are made, which it says again itself
    elif index not in (_SINGLE, _IMPLICIT):
        raise source.newer(path, _OTHERS.get(index, f"index {index} of chunks"))
    (address,) = struct.unpack("<Q", source.first(layout, at + 8)[at:])
    return Chunks(sizes[:-1], index, address, itemsize, size, skipped)


def places_of(
    source: Source, path: str, shape: tuple[int, ...], chunks: Chunks | None, filtered: bool
) -> dict[tuple[int, ...], Place]:
    """Return where each chunk stands, by its first corner; those never written are left out.

    Raises
    ------
    NetworkFileError
        If the index is damaged or of a form that is not read.
    """
    assert chunks is not None
    if chunks.index == _TREE:
        return _in_tree(source, path, chunks)
    if chunks.address == NOWHERE:
        return {}
    grid = [range(0, length, step) for length, step in zip(shape, chunks.shape, strict=True)]
    count, whole = math.prod(map(len, grid)), chunks.unpacked
    if count > len(source.data):
        raise source.damaged(f"{quoted(path)} has more chunks than the file bytes")
    if chunks.index == _FIXED:
        places = _in_fixed_array(source, path, chunks, count, filtered)
    elif chunks.index == _IMPLICIT:
        places = [Place(chunks.address + whole * number, whole, 0) for number in range(count)]
    else:
        places = [Place(chunks.address, chunks.size or whole, chunks.skipped)]
    return {
        corner: place
        for corner, place in zip(itertools.product(*grid), places, strict=False)
        if place.address != NOWHERE
    }


def _in_tree(source: Source, path: str, chunks: Chunks) -> dict[tuple[int, ...], Place]:
    """Return what the older form's tree of chunks holds."""
    found: dict[tuple[int, ...], Place] = {}
    rank = len(chunks.shape)
    width = 8 + 8 * (rank + 1)
    waiting, seen = [chunks.address], {chunks.address}
    while waiting:
        at = waiting.pop()
        mark, kind, level, count = struct.unpack("<4sBBH", source.at(at, 8))
        if mark != b"TREE" or kind != 1:
            raise source.damaged(f"the chunks of {quoted(path)} have no index")
        for index in range(count):
            key = at + 24 + index * (width + 8)
            size, skipped = source.numbers("<II", key)
            corner = source.numbers(f"<{rank}Q", key + 8)
            (child,) = source.numbers("<Q", key + width)
            if level == 0:
                found[corner] = Place(child, size, skipped)
            elif child in seen:
                raise source.damaged(f"the chunks of {quoted(path)} go in a circle")
            else:
                seen.add(child)
                waiting.append(child)
    return found


def _in_fixed_array(
    source: Source, path: str, chunks: Chunks, count: int, filtered: bool
) -> list[Place]:
    """Return what an array of places holds, which is as long as there are chunks."""
    mark, _, client, width, bits, held, block = struct.unpack(
        "<4sBBBBQQ", source.at(chunks.address, 24)
    )
    if mark != b"FAHD" or held != count or client != filtered or width < 8 + 5 * filtered:
        raise source.damaged(f"the chunks of {quoted(path)} have no index")
    if count > 1 << min(bits, 63):
        raise source.newer(path, "an index of chunks in pages")
    if source.at(block, 4) != b"FADB":
        raise source.damaged(f"the chunks of {quoted(path)} are not where their index says")
    raw = source.at(block + 14, count * width)
    places = []
    for start in range(0, len(raw), width):
        entry = raw[start : start + width]
        address = int.from_bytes(entry[:8], "little")
        size = int.from_bytes(entry[8 : width - 4], "little") if filtered else chunks.unpacked
        places.append(Place(address, size, int.from_bytes(entry[width - 4 :], "little") * filtered))
    return places
