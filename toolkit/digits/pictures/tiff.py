"""TIFF as far as a decoder needs it: the first picture's tags, and none but those."""

from __future__ import annotations

import struct

from toolkit.digits.pictures.skimmed import MOST_PARTS, ORIENTATION, DamagedError, Skimmed

_MOST_STRIPS = 65_536

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _MEANING, _FILL = 256, 257, 258, 259, 262, 266
_STRIPS, _SAMPLES, _ROWS, _TILE_WIDE, _TILE_HIGH, _TILES = (
    273, 277, 278, 322, 323, 324,
)  # fmt: skip
# ... and byte counts, planes, fax options, predictor, palette, what further samples mean.
_NEEDED = {
    _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _MEANING, _FILL, _STRIPS, _SAMPLES, _ROWS, 279, 284,
    292, 293, 317, 320, _TILE_WIDE, _TILE_HIGH, _TILES, 325, 338, 339,
}  # fmt: skip
# Those of one value; a second one could be what a decoder goes by.
_SINGLE = {_WIDTH, _HEIGHT, _COMPRESSION, _MEANING, _FILL, ORIENTATION, _SAMPLES, _ROWS, 284,
           _TILE_WIDE, _TILE_HIGH}  # fmt: skip
_UNITS = {1: "B", 3: "H", 4: "I"}  # bytes, shorts and longs
# None, fax of three kinds, LZW, Deflate of two, PackBits.
_PACKINGS = {1, 2, 3, 4, 5, 8, 32773, 32946}


def skim_tiff(data: bytes) -> Skimmed:
    """Skim a TIFF; raises DamagedError, LookupError or struct.error if it is damaged."""
    order = "<" if data[:2] == b"II" else ">"
    tags: dict[int, tuple[int, ...]] = {}
    entries: list[bytes] = []
    (at,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, at)
    for entry in range(at + 2, at + 2 + 12 * min(count, MOST_PARTS), 12):
        tag, unit, many = struct.unpack_from(order + "HHI", data, entry)
        if tag not in _NEEDED and tag != ORIENTATION:
            continue
        form = f"{order}{many}{_UNITS.get(unit, 'x')}"
        most = 1 if tag in _SINGLE else 4 * _MOST_STRIPS
        if unit not in _UNITS or not 0 < many <= most or tag in tags:
            raise DamagedError(f"its tag {tag} is not as it should be")
        where = entry + 8
        if struct.calcsize(form) > 4:
            (where,) = struct.unpack_from(order + "I", data, where)
        tags[tag] = struct.unpack_from(form, data, where)
        if tag in _NEEDED:
            entries.append(data[entry : entry + 12])
    listed = struct.pack(order + "H", len(entries)) + b"".join(entries) + bytes(4)
    new = len(data) + len(data) % 2
    content = b"".join(
        (data[:4], struct.pack(order + "I", new), memoryview(data)[8:], bytes(new - len(data)),
         listed)
    )  # fmt: skip
    width, height = tags[_WIDTH][0], tags[_HEIGHT][0]
    orientation = tags.get(ORIENTATION, (1,))[0]
    decoded = _decoded(tags, width, height, len(data))
    return Skimmed("TIFF", content, width, height, decoded, orientation)


def _decoded(tags: dict[int, tuple[int, ...]], width: int, height: int, size: int) -> int:
    packing, meaning = tags.get(_COMPRESSION, (1,))[0], tags.get(_MEANING, (1,))[0]
    if packing not in _PACKINGS or meaning not in (0, 1, 2, 3, 5):
        raise DamagedError(
            "a TIFF is read if it is grey, RGB, CMYK or of a palette, and plain or packed as LZW, "
            "Deflate, PackBits or fax"
        )
    if max(len(tags.get(_STRIPS, ())), len(tags.get(_TILES, ()))) > _MOST_STRIPS:
        raise DamagedError("it has too many strips")
    samples, bits = tags.get(_SAMPLES, (1,))[0], max(tags.get(_BITS, (1,)))
    decoded = width * height * (1 if samples == 1 and bits <= 8 else 4)
    if packing != 1:
        # One strip or tile is unpacked at a time, and a single strip may be all.
        wide = max(width, *tags.get(_TILE_WIDE, (0,)))
        high = max(min(height, tags.get(_ROWS, (height,))[0]), *tags.get(_TILE_HIGH, (0,)))
        decoded += wide * high * samples * bits // 8
        decoded += size if tags.get(_FILL, (1,))[0] != 1 else 0
    return decoded
