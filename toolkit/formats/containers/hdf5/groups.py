"""Groups of an HDF5 file: what stands in them, by name."""

from __future__ import annotations

import struct

from toolkit.formats.containers.hdf5 import headers
from toolkit.formats.containers.hdf5.source import Source

_SOFT_ENTRY, _EXTERNAL_LINK = 2, 64
_SYMBOL = struct.Struct("<QQI20x")
_SOFT = "is a soft link; save the weights themselves"


def members_of(
    source: Source, path: str, messages: list[tuple[int, int, bytes]]
) -> list[tuple[str, int]]:
    """Return names and addresses of what stands in a group.

    Raises
    ------
    NetworkFileError
        If it is damaged, or a member is a link or has a path for a name.
    """
    members: list[tuple[bytes, int]] = []
    for kind, _, content in messages:
        if kind == headers.SYMBOLS:
            members += _symbols(source, path, *struct.unpack("<QQ", source.first(content, 16)))
        elif kind == headers.LINK:
            members.append(_link(source, path, content))
        elif kind == headers.LINK_INFO and headers.is_dense(content, 8):
            raise source.newer(path, "dense links")
    result = []
    for raw, child in members:
        if not raw or b"/" in raw or raw in (b".", b".."):
            raise source.refuse(path, "holds a name that is a path")
        result.append((raw.decode("utf-8", "replace"), child))
    return result


def _symbols(source: Source, path: str, tree: int, heap: int) -> list[tuple[bytes, int]]:
    """Return names and addresses of a group's members, from its B-tree of symbols."""
    if source.at(heap, 4) != b"HEAP":
        raise source.damaged("a group's names are missing")
    size, _, start = source.numbers("<3Q", heap + 8)
    if start + size > len(source.data):
        raise source.damaged("a group's names point past its end")
    members: list[tuple[bytes, int]] = []
    waiting, seen = [tree], {tree}
    while waiting:
        at = waiting.pop(0)
        mark = source.at(at, 4)
        if mark == b"TREE":
            kind, _, count = struct.unpack("<BBH", source.at(at + 4, 4))
            if kind != 0:
                raise source.damaged("a group's index is of another kind")
            for index in range(count):
                (child,) = source.numbers("<Q", at + 32 + 16 * index)
                if child in seen:
                    raise source.damaged("a group's index goes in a circle")
                seen.add(child)
                waiting.append(child)
        elif mark == b"SNOD":
            (count,) = struct.unpack("<H", source.at(at + 6, 2))
            for name_at, child, kind in _SYMBOL.iter_unpack(source.at(at + 8, 40 * count)):
                end = source.data.find(b"\0", start + name_at, start + size)
                if name_at >= size or end < 0 or end - start - name_at > 4096:
                    raise source.damaged("a group holds a name without an end")
                name = source.data[start + name_at : end]
                if kind == _SOFT_ENTRY:
                    raise source.refuse(_inside(path, name), _SOFT)
                members.append((name, child))
            if len(members) > source.limits.tensors:
                raise source.refuse(path, f"holds more than {source.limits.tensors} members")
        else:
            raise source.damaged("a group's index is missing")
    return members


def _link(source: Source, path: str, content: bytes) -> tuple[bytes, int]:
    flags, at = source.first(content, 2)[1], 2
    kind = 0
    if flags & 0x8:
        kind, at = source.first(content, at + 1)[at], at + 1
    at += 8 * bool(flags & 0x4) + bool(flags & 0x10)
    width = 1 << (flags & 3)
    length = int.from_bytes(source.first(content, at + width)[at:], "little")
    at += width
    name = content[at : at + length]
    if kind == _EXTERNAL_LINK:
        raise source.refuse(
            _inside(path, name), "is a link into another file; save the weights themselves"
        )
    if kind != 0:
        raise source.refuse(_inside(path, name), _SOFT)
    at += length
    return name, int.from_bytes(source.first(content, at + 8)[at:], "little")


def _inside(path: str, name: bytes) -> str:
    return f"{path}/{name.decode('utf-8', 'replace')}".lstrip("/")
