"""Text attributes of HDF5 groups."""

from __future__ import annotations

import itertools
import math
import struct

from toolkit.formats.containers.hdf5.headers import shape_in
from toolkit.formats.containers.hdf5.source import Source
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import mebibytes

_TEXT, _ANY_LENGTH = 3, 9
_BYTES_A_TEXT = 64


class Attributes:
    """The attributes of a file's groups, read when they are asked for.

    Parameters
    ----------
    source : Source
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._held: dict[str, dict[str, bytes]] = {}
        self._heaps: dict[int, dict[int, tuple[int, int]]] = {}

    def keep(self, path: str, content: bytes) -> None:
        """Take an attribute's message of the group at a path."""
        name = _name_in(self._source, content)
        self._held.setdefault(path, {})[name] = content

    def text(self, path: str, name: str) -> bytes | None:
        """Return a text, or None where there is none; see :meth:`Tree.text`."""
        content = self._held.get(path, {}).get(name)
        if content is None:
            return None
        values = self._texts_in(path, name, content)
        if len(values) != 1:
            raise self._source.refuse(path, f"has an attribute {name!r} that is no text")
        return values[0]

    def texts(self, path: str, name: str) -> list[str] | None:
        """Return a list of texts, or None where there is none; see :meth:`Tree.texts`."""
        held = self._held.get(path, {})
        names = [name] if name in held else []
        if not names:
            numbered = (f"{name}{number}" for number in itertools.count())
            names = list(itertools.takewhile(held.__contains__, numbered))
        if not names:
            return None
        values = [value for each in names for value in self._texts_in(path, each, held[each])]
        limits = self._source.limits
        if sum(map(len, values)) > limits.header_bytes or len(values) > limits.tensors:
            raise self._too_long(path, name)
        return [value.decode("utf-8", "replace") for value in values]

    def _too_long(self, path: str, name: str) -> NetworkFileError:
        most = mebibytes(self._source.limits.header_bytes)
        return self._source.refuse(
            path, f"has an attribute {name!r} of more than {most}, the most read"
        )

    def all(self, path: str) -> dict[str, str | list[str]]:
        """Return those that are texts or lists of them, by name."""
        found: dict[str, str | list[str]] = {}
        for name, content in self._held.get(path, {}).items():
            kind, shape, _ = self._parts(path, content)
            text = kind[0] & 0xF == _TEXT or (kind[0] & 0xF == _ANY_LENGTH and kind[1] & 0xF == 1)
            if not text and 0 not in shape:
                continue
            values = [
                value.decode("utf-8", "replace") for value in self._texts_in(path, name, content)
            ]
            found[name] = values if shape or not values else values[0]
        return found

    def _parts(self, path: str, content: bytes) -> tuple[bytes, tuple[int, ...], bytes]:
        """Return an attribute's type, its shape and its value."""
        source = self._source
        version, flags, *sizes = struct.unpack("<BBHHH", content[:8])
        if version > 1 and flags:
            raise source.newer(path, "shared descriptions")
        at = 8 + (version == 3)
        parts = []
        for size in sizes:
            parts.append(content[at : at + size])
            at += -(-size // 8) * 8 if version == 1 else size
        return source.first(parts[1], 8), shape_in(source, parts[2]), content[at:]

    def _texts_in(self, path: str, name: str, content: bytes) -> list[bytes]:
        source = self._source
        kind, shape, raw = self._parts(path, content)
        size = int.from_bytes(source.first(kind, 8)[4:8], "little")
        count = math.prod(shape)
        if count == 0:
            return []
        if count > source.limits.tensors:
            raise self._too_long(path, name)
        if size * count > len(raw) or size == 0:
            raise source.damaged(f"attribute {name!r} breaks off")
        source.budget.take(count * (size + len(path) + _BYTES_A_TEXT))
        entries = [raw[index * size : (index + 1) * size] for index in range(count)]
        if kind[0] & 0xF == _TEXT:
            return [entry.rstrip(b"\0") for entry in entries]
        if kind[0] & 0xF != _ANY_LENGTH or kind[1] & 0xF != 1 or size != 16:
            raise source.refuse(path, f"has an attribute {name!r} that is no text")
        values, total = [], 0
        for entry in entries:
            length, address, index = struct.unpack("<IQI", entry)
            total += length
            if total > source.limits.header_bytes:
                raise self._too_long(path, name)
            at, held = self._heap(address).get(index, (0, 0)) if length else (0, 0)
            if held < length:
                raise source.damaged(f"attribute {name!r} is not where it should be")
            # Many attributes may name one text, and each gets a copy of it, with its path.
            source.budget.take(length + len(path) + _BYTES_A_TEXT)
            values.append(source.at(at, length))
        return values

    def _heap(self, address: int) -> dict[int, tuple[int, int]]:
        """Return where the texts of a global heap stand, and their lengths, by number."""
        source = self._source
        if address not in self._heaps:
            found = self._heaps[address] = {}
            mark, size = struct.unpack("<8sQ", source.at(address, 16))
            if mark[:5] != b"GCOL\1":
                raise source.damaged("the heap that holds its texts is missing")
            at, end = address + 16, min(address + size, len(source.data))
            while at + 16 <= end:
                index, _, _, length = source.numbers("<HHIQ", at)
                if index == 0:
                    break
                if at + 16 + length > end:
                    raise source.damaged("a text is longer than the heap that holds it")
                found[index] = (at + 16, length)
                at += 16 + -(-length // 8) * 8
        return self._heaps[address]


def _name_in(source: Source, content: bytes) -> str:
    version, _, name, _, _ = struct.unpack("<BBHHH", source.first(content, 8))
    if version not in (1, 2, 3):
        raise source.damaged(f"an attribute of version {version}")
    at = 8 + (version == 3)
    raw = content[at : at + name].split(b"\0")[0]
    return raw.decode("utf-8", "replace")
