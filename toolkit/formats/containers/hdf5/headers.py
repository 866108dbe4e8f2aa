"""Headers of HDF5 objects: where the root is, and what messages describe an object."""

from __future__ import annotations

import struct

from toolkit.formats.containers.hdf5.source import Source

# Messages of an object header.
SPACE, LINK_INFO, TYPE, EXTERNAL, LINK, LAYOUT = 0x1, 0x2, 0x3, 0x7, 0x6, 0x8
FILTERS, ATTRIBUTE, CONTINUATION, SYMBOLS = 0xB, 0xC, 0x10, 0x11
ATTRIBUTE_INFO = 0x15
SHARED = 0x2
"""The flag of a message that stands elsewhere."""

_MESSAGE, _NEWER_MESSAGE = struct.Struct("<HHB"), struct.Struct("<BHB")
# Flags of a header of version 2.
_ORDERED, _PHASES, _TIMES = 0x4, 0x10, 0x20


def root_of(source: Source) -> int:
    """Return the address of the root group's header.

    Raises
    ------
    NetworkFileError
        If the file is shorter than it says, or of a newer form.
    """
    version = source.at(8, 1)[0]
    if version > 3:
        raise source.newer("", f"superblock {version}")
    newer = version > 1
    if source.at(9 if newer else 13, 2) != b"\x08\x08":
        raise source.damaged("its addresses are not of 8 bytes")
    at = 12 if newer else 24 + 4 * version
    base, _, end, last = source.numbers("<4Q", at)
    if base != 0:
        raise source.damaged("it does not begin at its beginning")
    if end > len(source.data):
        raise source.damaged(f"it should be {end} bytes; it breaks off at "
                            f"{len(source.data)}")  # fmt: skip
    return last if newer else source.numbers("<Q", at + 40)[0]


def messages_of(source: Source, path: str, address: int) -> list[tuple[int, int, bytes]]:
    """Return the type, flags and content of each message in an object's header."""
    if source.at(address, 4) == b"OHDR":
        return _newer_messages(source, address)
    version, _, count, _, size = source.numbers("<BBHII", address)
    if version != 1:
        raise source.damaged(f"an object header of version {version}")
    found: list[tuple[int, int, bytes]] = []
    blocks, seen = [(address + 16, size)], {address + 16}
    while blocks:
        raw, at = _block(source, *blocks.pop(0)), 0
        while at + 8 <= len(raw) and len(found) < count:
            kind, length, flags = _MESSAGE.unpack_from(raw, at)
            at += 8
            if at + length > len(raw):
                raise source.damaged("a message is longer than its header")
            content = raw[at : at + length]
            at += length
            found.append((kind, flags, content))
            if kind == CONTINUATION:
                block = struct.unpack("<QQ", source.first(content, 16))
                if block[0] in seen:
                    raise source.damaged("an object header goes in a circle")
                seen.add(block[0])
                blocks.append(block)
    return found


def _block(source: Source, address: int, size: int) -> bytes:
    """Return a piece of a header, counted before it is copied."""
    if address + size > len(source.data):
        raise source.damaged("an object header points past its end")
    source.describe(size)
    return source.at(address, size)


def is_dense(content: bytes, width: int) -> bool:
    """Tell whether a message about links or attributes says that they stand in a heap elsewhere.

    `width` is that of the counter which may stand before the heap's address.
    """
    at = 2 + width * (content[1:2] in (b"\1", b"\3"))
    return content[at : at + 8] not in (b"\xff" * 8, b"")


def _newer_messages(source: Source, address: int) -> list[tuple[int, int, bytes]]:
    """Return the same of a header of version 2: one that says what it begins with."""
    version, flags = source.numbers("<BB", address + 4)
    if version != 2:
        raise source.damaged(f"an object header of version {version}")
    at = address + 6 + 16 * bool(flags & _TIMES) + 4 * bool(flags & _PHASES)
    width = 1 << (flags & 3)
    size = int.from_bytes(source.at(at, width), "little")
    head = 4 + 2 * bool(flags & _ORDERED)
    found: list[tuple[int, int, bytes]] = []
    blocks, seen = [(at + width, size)], {address}
    while blocks:
        raw, at = _block(source, *blocks.pop(0)), 0
        while at + head <= len(raw):
            kind, length, marks = _NEWER_MESSAGE.unpack_from(raw, at)
            at += head
            if at + length > len(raw):
                raise source.damaged("a message is longer than its header")
            content = raw[at : at + length]
            at += length
            found.append((kind, marks, content))
            if kind == CONTINUATION:
                place, size = struct.unpack("<QQ", source.first(content, 16))
                if place in seen:
                    raise source.damaged("an object header goes in a circle")
                if source.at(place, 4) != b"OCHK" or size < 8:
                    raise source.damaged("an object header is not where it goes on")
                seen.add(place)
                blocks.append((place + 4, size - 8))  # between its mark and its checksum
    return found


def shape_in(source: Source, content: bytes) -> tuple[int, ...]:
    """Return the shape that a message describes."""
    version, rank = source.first(content, 2)
    if version not in (1, 2) or rank > 32:
        raise source.damaged(f"a shape of version {version} and rank {rank}")
    if version == 2 and source.first(content, 4)[3] == 2:
        return (0,)
    at = 8 if version == 1 else 4
    return struct.unpack(f"<{rank}Q", source.first(content, at + 8 * rank)[at:])
