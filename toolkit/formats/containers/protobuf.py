"""Protocol Buffers' wire form: where a message's fields stand, without parsing it."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.formats.errors import NetworkFileError

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5


def fields(data: bytes, at: int, end: int, where: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield each field's number, where its content starts and stops, and where the next begins.

    A field that holds a number, and so nothing to walk, is yielded by its number's negative.

    Raises
    ------
    NetworkFileError
        If the message breaks off or has fields of a kind that there is not.
    """
    while at < end:
        key, at = _varint(data, at, end, where)
        field, kind = key >> 3, key & 7
        if kind == _VARINT:
            start = at
            _, at = _varint(data, at, end, where)
        elif kind == _LENGTH:
            length, start = _varint(data, at, end, where)
            at = start + length
        elif kind in (_FIXED32, _FIXED64):
            start = at
            at += 4 if kind == _FIXED32 else 8
        else:
            raise damaged(where, f"a field of wire type {kind}")
        if at > end:
            raise damaged(where, "it breaks off")
        yield field if kind == _LENGTH else -field, start, at, at


def _varint(data: bytes, at: int, end: int, where: str) -> tuple[int, int]:
    value = shift = 0
    while at < end:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise damaged(where, "a number of more than 64 bits")
    raise damaged(where, "it breaks off")


def damaged(where: str, how: str) -> NetworkFileError:
    """Return the error for bytes that are no such message."""
    return NetworkFileError(f"{where}: damaged, or no ONNX file ({how}); save or download it again")
