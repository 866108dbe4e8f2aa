"""Arrays of an HDF5 file: contiguous, compact or in chunks, packed with gzip or not."""

from __future__ import annotations

import itertools
import math
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.containers.hdf5 import headers
from toolkit.formats.containers.hdf5.chunks import Chunks, Place, chunks_in, places_of
from toolkit.formats.containers.hdf5.headers import shape_in
from toolkit.formats.containers.hdf5.source import NOWHERE, Source
from toolkit.formats.guard import as_float32, quoted, shown_shape

_INTEGER, _FLOAT, _ENUM = 0, 1, 8
_KINDS = {2: "times", 3: "text", 4: "bit fields", 5: "opaque bytes", 6: "records",
          7: "references", 9: "lists of any length", 10: "arrays"}  # fmt: skip
_COMPACT, _CONTIGUOUS, _CHUNKED, _VIRTUAL = 0, 1, 2, 3
_DEFLATE, _SHUFFLE, _FLETCHER32 = 1, 2, 3
# Where sign, exponent and mantissa lie in an IEEE float, as the format writes it.
_FLOATS = {
    struct.pack("<B3BI2H4BI", 0x11, 0x20 | big, bits - 1, 0, bits // 8, 0, bits, mantissa,
                bits - 1 - mantissa, 0, mantissa, bias): f"{'<>'[big]}f{bits // 8}"
    for bits, mantissa, bias in ((16, 10, 15), (32, 23, 127), (64, 52, 1023))
    for big in (0, 1)
}  # fmt: skip


@dataclass
class Array:
    """What an array's header says."""

    shape: tuple[int, ...]
    kind: bytes
    layout: int
    address: int = 0
    size: int = 0
    content: bytes = b""
    chunks: Chunks | None = None
    filters: list[int] = field(default_factory=list)


def describe(source: Source, path: str, messages: list[tuple[int, int, bytes]]) -> Array:
    """Return what an array's messages say of it, checked as far as they go.

    Raises
    ------
    NetworkFileError
        If it is damaged, too large, or kept in a way that is not read.
    """
    parts: dict[int, bytes] = {}
    for kind, flags, content in messages:
        if kind == headers.EXTERNAL:
            raise source.refuse(path, "keeps its numbers in another file; save them inside")
        if kind in (headers.SPACE, headers.TYPE, headers.LAYOUT, headers.FILTERS):
            if flags & headers.SHARED:
                raise source.newer(path, "shared descriptions")
            parts[kind] = content
    layout = parts[headers.LAYOUT]
    version, form = source.first(layout, 2)
    if version > 3 and form == _VIRTUAL:
        raise source.refuse(path, "is a virtual array, put together from other files")
    if version not in (3, 4, 5) or form > _CHUNKED:
        raise source.newer(path, f"layout {version}")
    element = source.first(parts[headers.TYPE], 8)
    family, size = element[0] & 0xF, int.from_bytes(element[4:], "little")
    if family not in (_INTEGER, _FLOAT, _ENUM):
        raise source.refuse(path, f"holds {_KINDS.get(family, 'objects')}, not numbers")
    shape = shape_in(source, parts[headers.SPACE])
    source.budget.check(shape, max(size, 4), quoted(path))
    array = Array(shape, parts[headers.TYPE], form)
    if form == _COMPACT:
        length = int.from_bytes(source.first(layout, 4)[2:], "little")
        array.content = layout[4 : 4 + length]
    elif form == _CONTIGUOUS:
        array.address, array.size = struct.unpack("<QQ", source.first(layout, 18)[2:])
    else:
        array.chunks = chunks_in(source, path, layout, shape, size)
    if headers.FILTERS in parts:
        array.filters = _filters_in(source, path, parts[headers.FILTERS])
    return array


def _filters_in(source: Source, path: str, content: bytes) -> list[int]:
    version, count = source.first(content, 2)
    at, found = (8 if version == 1 else 2), []
    for _ in range(count):
        (number,) = struct.unpack("<H", source.first(content, at + 2)[at:])
        if number not in (_DEFLATE, _SHUFFLE, _FLETCHER32) or version not in (1, 2):
            raise source.refuse(
                path, f"is compressed by filter {number}, which is not read; only gzip is"
            )
        found.append(number)
        if version == 1:
            _, name, _, values = struct.unpack("<4H", source.first(content, at + 8)[at:])
            at += 8 + -(-name // 8) * 8 + 4 * (values + values % 2)
        else:
            _, _, values = struct.unpack("<3H", source.first(content, at + 6)[at:])
            at += 6 + 4 * values
    return found


def code_of(array: Array) -> str | None:
    """Return NumPy's code of an array's numbers, or None where they are of an unusual form."""
    known = bytes([array.kind[0] & 0xF | 0x10]) + array.kind[1:20]
    if known in _FLOATS:
        return _FLOATS[known]
    size = int.from_bytes(array.kind[4:8], "little")
    if array.kind[0] & 0xF == _INTEGER and size in (1, 2, 4, 8):
        return f"{'<>'[array.kind[1] & 1]}{'iu'[not array.kind[1] & 8]}{size}"
    return None


def read(source: Source, path: str, array: Array) -> NDArray[np.float32]:
    """Return an array of floats, whatever their size in the file.

    It is counted each time: a file may link one array from many places, and each becomes a copy.

    Raises
    ------
    NetworkFileError
        If it holds no floats, less or more than its shape says, or too much with those before.
    """
    code = code_of(array)
    if code is None or code[1] != "f":
        raise source.refuse(
            path, "should hold floats of 16, 32 or 64 bits; save it in single precision"
        )
    dtype = np.dtype(code)
    source.budget.tensor(array.shape, max(dtype.itemsize, 4), quoted(path))
    return as_float32(_stored(source, path, array, dtype))


def read_as_stored(source: Source, path: str, array: Array) -> NDArray[Any]:
    """Return an array of numbers, of the type that it has in the file; counted each time.

    Raises
    ------
    NetworkFileError
        As :func:`read`, if its numbers are of another form than NumPy's.
    """
    code = code_of(array)
    if code is None:
        raise source.refuse(path, "should hold whole numbers or floats of a usual size")
    dtype = np.dtype(code)
    source.budget.tensor(array.shape, dtype.itemsize, quoted(path))
    return np.array(_stored(source, path, array, dtype))


def _stored(source: Source, path: str, array: Array, dtype: np.dtype[Any]) -> NDArray[Any]:
    shape = array.shape
    if array.layout == _CHUNKED:
        return _read_chunks(source, path, array, dtype)
    declared = math.prod(shape) * dtype.itemsize
    raw = array.content
    if array.layout == _CONTIGUOUS:
        array_size = 0 if array.address == NOWHERE else array.size
        raw = source.at(array.address, array_size) if array_size == declared else b""
    else:
        array_size = len(raw)
    if array_size != declared or array.filters:
        raise source.refuse(
            path, f"declares shape {shown_shape(shape)}, {declared} bytes; the file holds "
            f"{array_size}",
        )  # fmt: skip
    return np.frombuffer(raw, dtype).reshape(shape)


def _read_chunks(source: Source, path: str, array: Array, dtype: np.dtype[Any]) -> NDArray[Any]:
    assert array.chunks is not None
    shape, chunk = array.shape, array.chunks.shape
    corners = [range(0, length, step) for length, step in zip(shape, chunk, strict=True)]
    places = places_of(source, path, array.shape, array.chunks, len(array.filters) > 0)
    if len(places) != math.prod(map(len, corners)):
        raise source.refuse(path, "lacks some of its chunks, or has too many")
    values = np.empty(shape, dtype)
    for corner in itertools.product(*corners):
        if corner not in places:
            raise source.refuse(path, "lacks some of its chunks")
        raw = _unpack(source, path, places[corner], chunk, array.filters, dtype.itemsize)
        block = np.frombuffer(raw, dtype).reshape(chunk)
        ends = [min(at + step, length)
                for at, step, length in zip(corner, chunk, shape, strict=True)]  # fmt: skip
        place = tuple(itertools.starmap(slice, zip(corner, ends, strict=True)))
        values[place] = block[tuple(slice(end - at) for at, end in zip(corner, ends, strict=True))]
    return values


def _unpack(
    source: Source,
    path: str,
    place: Place,
    chunk: tuple[int, ...],
    filters: list[int],
    itemsize: int,
) -> bytes:
    """Undo a chunk's filters, the last applied first, to its declared size and no further."""
    count = math.prod(chunk)
    expected = count * itemsize
    source.budget.spend(place.size + expected * (1 + len(filters)))
    raw = source.at(place.address, place.size)
    for index, number in reversed(list(enumerate(filters))):
        if place.skipped >> index & 1:
            continue
        if number == _FLETCHER32:
            raw = raw[:-4]
        elif number == _DEFLATE:
            try:
                raw = zlib.decompressobj().decompress(raw, expected + 5)
            except zlib.error as error:
                raise source.damaged(f"{quoted(path)}: {error}") from error
        elif len(raw) == expected:
            raw = np.frombuffer(raw, np.uint8).reshape(itemsize, count).T.tobytes()
    if len(raw) != expected:
        raise source.refuse(path, f"has a chunk that does not unpack to its {expected} bytes")
    return raw
