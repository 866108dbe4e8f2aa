"""HDF5 files, read as data: groups, arrays of floats and text attributes, and nothing beyond.

HDF5's own library trusts what it reads: of some nine thousand damaged files one made
it loop for ever and others allocate gigabytes, and it follows links out of the file.  Keras writes
a small and old part of the format, which this reads by itself: superblocks 0 and 1, version 1
object headers, symbol-table groups, contiguous, compact and chunked arrays (*HDF5 File Format
Specification*).  Every address and length is checked against the file, every step is counted, and
links that lead elsewhere, arrays kept in other files and objects in place of numbers are refused
by name.
"""

from __future__ import annotations

import itertools
import math
import struct
import zlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, as_float32, mebibytes, quoted, shown_shape
from toolkit.formats.limits import LIMITS, Limits

MAGIC = b"\x89HDF\r\n\x1a\n"

_NOWHERE = 0xFFFFFFFFFFFFFFFF
_DEEPEST = 64
_STEPS_AN_OBJECT = 64
_DESCRIBED_AT_MOST = 16  # times the limit of one header: all objects' headers together
# Messages of an object header.
_SPACE, _LINK_INFO, _TYPE, _EXTERNAL, _LINK, _LAYOUT = 0x1, 0x2, 0x3, 0x7, 0x6, 0x8
_FILTERS, _ATTRIBUTE, _CONTINUATION, _SYMBOLS = 0xB, 0xC, 0x10, 0x11
_SHARED = 0x2
_INTEGER, _FLOAT, _TEXT, _ENUM, _ANY_LENGTH = 0, 1, 3, 8, 9
_KINDS = {2: "times", 3: "text", 4: "bit fields", 5: "opaque bytes", 6: "records",
          7: "references", 9: "lists of any length", 10: "arrays"}  # fmt: skip
_COMPACT, _CONTIGUOUS, _CHUNKED, _VIRTUAL = 0, 1, 2, 3
_DEFLATE, _SHUFFLE, _FLETCHER32 = 1, 2, 3
_SOFT_ENTRY, _SOFT_LINK, _EXTERNAL_LINK = 2, 1, 64
# Where sign, exponent and mantissa lie in an IEEE float, as the format writes it.
_FLOATS = {
    struct.pack("<B3BI2H4BI", 0x11, 0x20 | big, bits - 1, 0, bits // 8, 0, bits, mantissa,
                bits - 1 - mantissa, 0, mantissa, bias): f"{'<>'[big]}f{bits // 8}"
    for bits, mantissa, bias in ((16, 10, 15), (32, 23, 127), (64, 52, 1023))
    for big in (0, 1)
}  # fmt: skip


@dataclass
class _Array:
    """What an array's header says."""

    shape: tuple[int, ...]
    kind: bytes
    layout: int
    address: int = 0
    size: int = 0
    content: bytes = b""
    chunk: tuple[int, ...] = ()
    filters: list[int] = field(default_factory=list)


class Tree:
    """What an HDF5 file holds.

    Parameters
    ----------
    data : bytes
        The file; begins with :data:`MAGIC`.
    where : str
        What to call it in an error.
    limits : Limits

    Attributes
    ----------
    groups : set of str
        By path without a leading slash; the root is ``""``.
    arrays : list of str

    Raises
    ------
    NetworkFileError
        If it is damaged, of a form that Keras does not write, reaches outside itself, or holds
        more than the limits allow.
    """

    def __init__(self, data: bytes, where: str, limits: Limits = LIMITS) -> None:
        self._data, self._where, self._limits = data, where, limits
        self._budget = Budget(limits, where)
        self._steps = _STEPS_AN_OBJECT * limits.tensors
        self._objects = 0
        self._arrays: dict[str, _Array] = {}
        self._attributes: dict[str, dict[str, bytes]] = {}
        self._described = _DESCRIBED_AT_MOST * limits.header_bytes
        self._heaps: dict[int, dict[int, tuple[int, int]]] = {}
        self._groups_at: dict[int, str] = {}
        self._arrays_at: dict[int, _Array] = {}
        waiting = [("", self._root(), 1)]
        while waiting:
            path, address, depth = waiting.pop()
            for name, child in self._open_group(path, address):
                inner = f"{path}/{name}".lstrip("/")
                if depth > _DEEPEST:
                    raise self._refuse(inner, f"is nested more than {_DEEPEST} groups deep")
                if self._open(inner, child):
                    waiting.append((inner, child, depth + 1))

    @property
    def groups(self) -> set[str]:
        """Paths of all groups."""
        return set(self._attributes)

    @property
    def arrays(self) -> list[str]:
        """Paths of all arrays."""
        return list(self._arrays)

    # The file's bytes.

    def _damaged(self, how: str) -> NetworkFileError:
        return NetworkFileError(
            f"{self._where}: damaged, or no HDF5 file ({how}); save or download it again"
        )

    def _refuse(self, path: str, why: str) -> NetworkFileError:
        return NetworkFileError(f"{self._where}: {quoted(path or '/')} {why}")

    def _newer(self, path: str, what: str) -> NetworkFileError:
        return self._refuse(
            path, f"is in a newer form of HDF5 ({what}) than Keras writes; save it with Keras, or "
            "with h5py's own settings",
        )  # fmt: skip

    def _at(self, address: int, size: int) -> bytes:
        self._steps -= 1
        if self._steps < 0:
            raise NetworkFileError(f"{self._where}: describes more objects than are read")
        if address + size > len(self._data):
            raise self._damaged("it points past its end")
        return self._data[address : address + size]

    def _numbers(self, form: str, address: int) -> tuple[int, ...]:
        size = struct.calcsize(form)
        return struct.unpack(form, self._at(address, size))

    def _root(self) -> int:
        version = self._at(8, 1)[0]
        if version > 1:
            raise self._newer("", f"superblock {version}")
        if self._at(13, 2) != b"\x08\x08":
            raise self._damaged("its addresses are not of 8 bytes")
        at = 24 + 4 * version
        base, _, end, _ = self._numbers("<4Q", at)
        if base != 0:
            raise self._damaged("it does not begin at its beginning")
        if end > len(self._data):
            raise self._damaged(f"it should be {end} bytes; it breaks off at "
                                f"{len(self._data)}")  # fmt: skip
        return self._numbers("<Q", at + 40)[0]

    def _messages(self, path: str, address: int) -> list[tuple[int, int, bytes]]:
        """Return the type, flags and content of each message in an object's header."""
        if self._at(address, 4) == b"OHDR":
            raise self._newer(path, "object header 2")
        version, _, count, _, size = self._numbers("<BBHII", address)
        if version != 1:
            raise self._damaged(f"an object header of version {version}")
        found: list[tuple[int, int, bytes]] = []
        blocks, seen = [(address + 16, size)], {address + 16}
        while blocks:
            at, size = blocks.pop(0)
            end = at + size
            if end > len(self._data):
                raise self._damaged("an object header points past its end")
            while at + 8 <= end and len(found) < count:
                kind, length, flags = struct.unpack("<HHB", self._at(at, 5))
                if at + 8 + length > end:
                    raise self._damaged("a message is longer than its header")
                self._described -= length
                if self._described < 0:
                    raise NetworkFileError(f"{self._where}: describes more than is read")
                content = self._at(at + 8, length)
                at += 8 + length
                found.append((kind, flags, content))
                if kind == _CONTINUATION:
                    block = struct.unpack("<QQ", _first(content, 16, self))
                    if block[0] in seen:
                        raise self._damaged("an object header goes in a circle")
                    seen.add(block[0])
                    blocks.append(block)
        return found

    # Groups.

    def _open(self, path: str, address: int) -> bool:
        """Look at an object; return whether it is a group, still to be opened."""
        self._objects += 1
        if self._objects > self._limits.tensors:
            raise NetworkFileError(
                f"{self._where}: more than {self._limits.tensors} groups and arrays"
            )
        if path in self._arrays or path in self._attributes:
            raise self._refuse(path, "is there twice")
        known = self._arrays_at.get(address)
        if known is not None:
            self._arrays[path] = known
            return False
        messages = self._messages(path, address)
        kinds = {kind for kind, _, _ in messages}
        if kinds & {_SYMBOLS, _LINK_INFO, _LINK}:
            return True
        if not {_SPACE, _TYPE, _LAYOUT} <= kinds:
            raise self._refuse(path, "is neither a group nor an array")
        self._arrays[path] = self._arrays_at[address] = self._describe(path, messages)
        return False

    def _open_group(self, path: str, address: int) -> list[tuple[str, int]]:
        if address in self._groups_at:
            raise self._refuse(path, "is linked from two places, or from inside itself")
        self._groups_at[address] = path
        attributes = self._attributes[path] = {}
        members: list[tuple[bytes, int]] = []
        for kind, flags, content in self._messages(path, address):
            if kind == _SYMBOLS:
                members += self._symbols(path, *struct.unpack("<QQ", _first(content, 16, self)))
            elif kind == _LINK:
                members.append(self._link(path, content))
            elif kind == _LINK_INFO and content[2 + 8 * (content[1:2] == b"\1") :][:8] not in (
                b"\xff" * 8, b"",
            ):  # fmt: skip
                raise self._newer(path, "dense links")
            elif kind == _ATTRIBUTE and not flags & _SHARED:
                name, rest = self._split_attribute(content)
                attributes[name] = rest
        result = []
        for raw, child in members:
            if not raw or b"/" in raw or raw in (b".", b".."):
                raise self._refuse(path, "holds a name that is a path")
            result.append((raw.decode("utf-8", "replace"), child))
        return result

    def _symbols(self, path: str, tree: int, heap: int) -> list[tuple[bytes, int]]:
        """Return names and addresses of a group's members, from its B-tree of symbols."""
        if self._at(heap, 4) != b"HEAP":
            raise self._damaged("a group's names are missing")
        size, _, start = self._numbers("<3Q", heap + 8)
        if start + size > len(self._data):
            raise self._damaged("a group's names point past its end")
        members: list[tuple[bytes, int]] = []
        waiting, seen = [tree], {tree}
        while waiting:
            at = waiting.pop(0)
            mark = self._at(at, 4)
            if mark == b"TREE":
                kind, _, count = struct.unpack("<BBH", self._at(at + 4, 4))
                if kind != 0:
                    raise self._damaged("a group's index is of another kind")
                for index in range(count):
                    (child,) = self._numbers("<Q", at + 32 + 16 * index)
                    if child in seen:
                        raise self._damaged("a group's index goes in a circle")
                    seen.add(child)
                    waiting.append(child)
            elif mark == b"SNOD":
                (count,) = struct.unpack("<H", self._at(at + 6, 2))
                for index in range(count):
                    name_at, child, kind = self._numbers("<QQI", at + 8 + 40 * index)
                    end = self._data.find(b"\0", start + name_at, start + size)
                    if name_at >= size or end < 0 or end - start - name_at > 4096:
                        raise self._damaged("a group holds a name without an end")
                    name = self._data[start + name_at : end]
                    if kind == _SOFT_ENTRY:
                        raise self._refuse(self._inside(path, name), _SOFT)
                    members.append((name, child))
                if len(members) > self._limits.tensors:
                    raise self._refuse(path, f"holds more than {self._limits.tensors} members")
            else:
                raise self._damaged("a group's index is missing")
        return members

    def _link(self, path: str, content: bytes) -> tuple[bytes, int]:
        flags, at = _first(content, 2, self)[1], 2
        kind = 0
        if flags & 0x8:
            kind, at = _first(content, at + 1, self)[at], at + 1
        at += 8 * bool(flags & 0x4) + bool(flags & 0x10)
        width = 1 << (flags & 3)
        length = int.from_bytes(_first(content, at + width, self)[at:], "little")
        at += width
        name = content[at : at + length]
        if kind == _EXTERNAL_LINK:
            raise self._refuse(
                self._inside(path, name), "is a link into another file; save the weights themselves"
            )
        if kind != 0:
            raise self._refuse(self._inside(path, name), _SOFT)
        at += length
        return name, int.from_bytes(_first(content, at + 8, self)[at:], "little")

    def _inside(self, path: str, name: bytes) -> str:
        return f"{path}/{name.decode('utf-8', 'replace')}".lstrip("/")

    # Arrays.

    def _describe(self, path: str, messages: list[tuple[int, int, bytes]]) -> _Array:
        parts: dict[int, bytes] = {}
        for kind, flags, content in messages:
            if kind == _EXTERNAL:
                raise self._refuse(path, "keeps its numbers in another file; save them inside")
            if kind in (_SPACE, _TYPE, _LAYOUT, _FILTERS):
                if flags & _SHARED:
                    raise self._newer(path, "shared descriptions")
                parts[kind] = content
        layout = parts[_LAYOUT]
        version, form = _first(layout, 2, self)
        if version == 4 and form == _VIRTUAL:
            raise self._refuse(path, "is a virtual array, put together from other files")
        if version != 3 or form > _CHUNKED:
            raise self._newer(path, f"layout {version}")
        element = _first(parts[_TYPE], 8, self)
        family, size = element[0] & 0xF, int.from_bytes(element[4:], "little")
        if family not in (_INTEGER, _FLOAT, _ENUM):
            raise self._refuse(path, f"holds {_KINDS.get(family, 'objects')}, not numbers")
        shape = self._shape_in(parts[_SPACE])
        self._budget.tensor(shape, max(size, 4), quoted(path))
        array = _Array(shape, parts[_TYPE], form)
        if form == _COMPACT:
            length = int.from_bytes(_first(layout, 4, self)[2:], "little")
            array.content = layout[4 : 4 + length]
        elif form == _CONTIGUOUS:
            array.address, array.size = struct.unpack("<QQ", _first(layout, 18, self)[2:])
        else:
            rank = _first(layout, 3, self)[2]
            (array.address,) = struct.unpack("<Q", _first(layout, 11, self)[3:])
            sizes = struct.unpack(f"<{rank}I", _first(layout, 11 + 4 * rank, self)[11:])
            array.chunk = sizes[:-1]
            if len(array.chunk) != len(shape) or 0 in array.chunk or sizes[-1] != size:
                raise self._damaged(f"{quoted(path)} is cut into chunks of another rank")
            if math.prod(sizes) > self._limits.decoded_bytes:
                raise self._refuse(
                    path, f"is cut into chunks of shape {shown_shape(array.chunk)}, too large to "
                    "read",
                )  # fmt: skip
        if _FILTERS in parts:
            array.filters = self._filters_in(path, parts[_FILTERS])
        return array

    def _shape_in(self, content: bytes) -> tuple[int, ...]:
        version, rank = _first(content, 2, self)
        if version not in (1, 2) or rank > 32:
            raise self._damaged(f"a shape of version {version} and rank {rank}")
        if version == 2 and _first(content, 4, self)[3] == 2:
            return (0,)
        at = 8 if version == 1 else 4
        return struct.unpack(f"<{rank}Q", _first(content, at + 8 * rank, self)[at:])

    def _filters_in(self, path: str, content: bytes) -> list[int]:
        version, count = _first(content, 2, self)
        at, found = (8 if version == 1 else 2), []
        for _ in range(count):
            (number,) = struct.unpack("<H", _first(content, at + 2, self)[at:])
            if number not in (_DEFLATE, _SHUFFLE, _FLETCHER32) or version not in (1, 2):
                raise self._refuse(
                    path, f"is compressed by filter {number}, which is not read; only gzip is"
                )
            found.append(number)
            if version == 1:
                _, name, _, values = struct.unpack("<4H", _first(content, at + 8, self)[at:])
                at += 8 + -(-name // 8) * 8 + 4 * (values + values % 2)
            else:
                _, _, values = struct.unpack("<3H", _first(content, at + 6, self)[at:])
                at += 6 + 4 * values
        return found

    def shape(self, path: str) -> tuple[int, ...]:
        """Return an array's shape.

        Raises
        ------
        NetworkFileError
            If there is no array of that path.
        """
        if path not in self._arrays:
            raise NetworkFileError(f"{self._where}: the array {quoted(path)} is missing")
        return self._arrays[path].shape

    def read(self, path: str) -> NDArray[np.float32]:
        """Return an array of floats, whatever their size in the file.

        Raises
        ------
        NetworkFileError
            If there is none, it holds no floats, or less or more than its shape says.
        """
        shape, array = self.shape(path), self._arrays[path]
        known = bytes([array.kind[0] & 0xF | 0x10]) + array.kind[1:20]
        if known not in _FLOATS:
            raise self._refuse(
                path, "should hold floats of 16, 32 or 64 bits; save it in single precision"
            )
        dtype = np.dtype(_FLOATS[known])
        if array.layout == _CHUNKED:
            return as_float32(self._read_chunks(path, array, dtype))
        declared = math.prod(shape) * dtype.itemsize
        raw = array.content
        if array.layout == _CONTIGUOUS:
            array_size = 0 if array.address == _NOWHERE else array.size
            raw = self._at(array.address, array_size) if array_size == declared else b""
        else:
            array_size = len(raw)
        if array_size != declared or array.filters:
            raise self._refuse(
                path, f"declares shape {shown_shape(shape)}, {declared} bytes; the file holds "
                f"{array_size}",
            )  # fmt: skip
        return as_float32(np.frombuffer(raw, dtype).reshape(shape))

    def _read_chunks(self, path: str, array: _Array, dtype: np.dtype[np.floating]) -> NDArray[
        np.floating
    ]:  # fmt: skip
        shape, chunk = array.shape, array.chunk
        corners = [range(0, length, step) for length, step in zip(shape, chunk, strict=True)]
        places = self._chunks(path, array)
        if len(places) != math.prod(map(len, corners)):
            raise self._refuse(path, "lacks some of its chunks, or has too many")
        values = np.empty(shape, dtype)
        for corner in itertools.product(*corners):
            if corner not in places:
                raise self._refuse(path, "lacks some of its chunks")
            raw = self._unpack(path, *places[corner], array, dtype.itemsize)
            block = np.frombuffer(raw, dtype).reshape(chunk)
            ends = [min(at + step, length)
                    for at, step, length in zip(corner, chunk, shape, strict=True)]  # fmt: skip
            place = tuple(itertools.starmap(slice, zip(corner, ends, strict=True)))
            values[place] = block[
                tuple(slice(end - at) for at, end in zip(corner, ends, strict=True))
            ]
        return values

    def _chunks(self, path: str, array: _Array) -> dict[tuple[int, ...], tuple[int, int, int]]:
        """Return each chunk's address, size and skipped filters, by its first corner."""
        found: dict[tuple[int, ...], tuple[int, int, int]] = {}
        rank = len(array.shape)
        width = 8 + 8 * (rank + 1)
        waiting, seen = [array.address], {array.address}
        while waiting:
            at = waiting.pop()
            mark, kind, level, count = struct.unpack("<4sBBH", self._at(at, 8))
            if mark != b"TREE" or kind != 1:
                raise self._damaged(f"the chunks of {quoted(path)} have no index")
            for index in range(count):
                key = at + 24 + index * (width + 8)
                size, skipped = self._numbers("<II", key)
                corner = self._numbers(f"<{rank}Q", key + 8)
                (child,) = self._numbers("<Q", key + width)
                if level == 0:
                    found[corner] = (child, size, skipped)
                elif child in seen:
                    raise self._damaged(f"the chunks of {quoted(path)} go in a circle")
                else:
                    seen.add(child)
                    waiting.append(child)
        return found

    def _unpack(
        self, path: str, address: int, size: int, skipped: int, array: _Array, itemsize: int
    ) -> bytes:
        """Undo a chunk's filters, the last applied first, to its declared size and no further."""
        count = math.prod(array.chunk)
        expected = count * itemsize
        raw = self._at(address, size)
        for index, number in reversed(list(enumerate(array.filters))):
            if skipped >> index & 1:
                continue
            if number == _FLETCHER32:
                raw = raw[:-4]
            elif number == _DEFLATE:
                try:
                    raw = zlib.decompressobj().decompress(raw, expected + 5)
                except zlib.error as error:
                    raise self._damaged(f"{quoted(path)}: {error}") from error
            elif len(raw) == expected:
                raw = np.frombuffer(raw, np.uint8).reshape(itemsize, count).T.tobytes()
        if len(raw) != expected:
            raise self._refuse(path, f"has a chunk that does not unpack to its {expected} bytes")
        return raw

    # Attributes.

    def _split_attribute(self, content: bytes) -> tuple[str, bytes]:
        version, _, name, _, _ = struct.unpack("<BBHHH", _first(content, 8, self))
        if version not in (1, 2, 3):
            raise self._damaged(f"an attribute of version {version}")
        at = 8 + (version == 3)
        raw = content[at : at + name].split(b"\0")[0]
        return raw.decode("utf-8", "replace"), content

    def text(self, path: str, name: str) -> bytes | None:
        """Return a text attribute of a group, or None where there is none.

        Raises
        ------
        NetworkFileError
            If it is no text, or longer than the limits' `header_bytes`.
        """
        content = self._attributes.get(path, {}).get(name)
        if content is None:
            return None
        values = self._texts_in(path, name, content)
        if len(values) != 1:
            raise self._refuse(path, f"has an attribute {name!r} that is no text")
        return values[0]

    def texts(self, path: str, name: str) -> list[str] | None:
        """Return an attribute that lists texts, or None where there is none.

        Keras cuts long lists into ``name0``, ``name1`` and so on; they are joined.

        Raises
        ------
        NetworkFileError
            As :meth:`text`.
        """
        held = self._attributes.get(path, {})
        names = [name] if name in held else []
        if not names:
            numbered = (f"{name}{number}" for number in itertools.count())
            names = list(itertools.takewhile(held.__contains__, numbered))
        if not names:
            return None
        values = [value for each in names for value in self._texts_in(path, each, held[each])]
        if sum(map(len, values)) > self._limits.header_bytes or len(values) > self._limits.tensors:
            raise self._too_long(path, name)
        return [value.decode("utf-8", "replace") for value in values]

    def _too_long(self, path: str, name: str) -> NetworkFileError:
        most = mebibytes(self._limits.header_bytes)
        return self._refuse(path, f"has an attribute {name!r} of more than {most}, the most read")

    def _texts_in(self, path: str, name: str, content: bytes) -> list[bytes]:
        version, flags, *sizes = struct.unpack("<BBHHH", content[:8])
        if version > 1 and flags:
            raise self._newer(path, "shared descriptions")
        at = 8 + (version == 3)
        parts = []
        for size in sizes:
            parts.append(content[at : at + size])
            at += -(-size // 8) * 8 if version == 1 else size
        kind, shape, raw = parts[1], self._shape_in(parts[2]), content[at:]
        size = int.from_bytes(_first(kind, 8, self)[4:8], "little")
        count = math.prod(shape)
        if count == 0:
            return []
        if count > self._limits.tensors:
            raise self._too_long(path, name)
        if size * count > len(raw) or size == 0:
            raise self._damaged(f"attribute {name!r} breaks off")
        entries = [raw[index * size : (index + 1) * size] for index in range(count)]
        if kind[0] & 0xF == _TEXT:
            return [entry.rstrip(b"\0") for entry in entries]
        if kind[0] & 0xF != _ANY_LENGTH or kind[1] & 0xF != 1 or size != 16:
            raise self._refuse(path, f"has an attribute {name!r} that is no text")
        values, total = [], 0
        for entry in entries:
            length, address, index = struct.unpack("<IQI", entry)
            total += length
            if total > self._limits.header_bytes:
                raise self._too_long(path, name)
            at, held = self._heap(address).get(index, (0, 0)) if length else (0, 0)
            if held < length:
                raise self._damaged(f"attribute {name!r} is not where it should be")
            values.append(self._at(at, length))
        return values

    def _heap(self, address: int) -> dict[int, tuple[int, int]]:
        """Return where the texts of a global heap stand, and their lengths, by number."""
        if address not in self._heaps:
            found = self._heaps[address] = {}
            mark, size = struct.unpack("<8sQ", self._at(address, 16))
            if mark[:5] != b"GCOL\1":
                raise self._damaged("the heap that holds its texts is missing")
            at, end = address + 16, min(address + size, len(self._data))
            while at + 16 <= end:
                index, _, _, length = self._numbers("<HHIQ", at)
                if index == 0:
                    break
                if at + 16 + length > end:
                    raise self._damaged("a text is longer than the heap that holds it")
                found[index] = (at + 16, length)
                at += 16 + -(-length // 8) * 8
        return self._heaps[address]


_SOFT = "is a soft link; save the weights themselves"


def _first(content: bytes, size: int, tree: Tree) -> bytes:
    """Return the first bytes of a message, or raise if it has not as many."""
    if len(content) < size:
        raise tree._damaged("a message breaks off")
    return content[:size]
