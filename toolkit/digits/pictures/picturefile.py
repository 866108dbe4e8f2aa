"""Picture files as far as a decoder needs them: six formats, judged before a pixel is decoded.

A decoder is given the parts of the file that hold the first picture's pixels and no others:
texts, colour profiles, EXIF and further pictures are passed over here, each in one step, so
that none of them can cost memory or time.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator

from toolkit.digits.pictures.skimmed import (
    MAX_PIXELS,
    MOST_PARTS,
    DamagedError,
    Skimmed,
    exif_orientation,
)
from toolkit.digits.pictures.tiff import skim_tiff

FORMATS = "PNG, JPEG, WebP, GIF, BMP or TIFF"
MAX_BYTES = 64 * 2**20
"""The largest picture file that is opened."""
MAX_JPEG_PIXELS = 120_000_000
"""The most of a sequential JPEG, which is decoded at an eighth of its size."""
MAX_SIDE = 65_535
DRAFT_SIDE = 1024
"""A JPEG is decoded at a half, quarter or eighth of its size if no side falls below this."""
MAX_TAKEN = 224 * 2**20
"""The most bytes that a picture's file, its copy and its decoding may take together."""

_MOST_BLOCKS = 300_000  # of a GIF's data, 255 bytes each
_MOST_SCANNED = 100_000_000  # blocks of a JPEG, times the scans that refine them
_MOST_RLE_PIXELS, _MOST_RLE_BYTES = 4_000_000, 4 * 2**20  # decoded in Python, run by run

_OTHERS = {
    b"%!PS": "PostScript (EPS)",
    b"\xc5\xd0\xd3\xc6": "PostScript (EPS)",
    b"%PDF": "a PDF document",
    b"8BPS": "a Photoshop file (PSD)",
    b"\0\0\1\0": "an icon (ICO)",
    b"SIMPLE": "a FITS file",
    b"icns": "an icon (ICNS)",
    b"II+\0": "a BigTIFF",
    b"MM\0+": "a BigTIFF",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cjP": "JPEG 2000",
    b"PK\3\4": "a ZIP archive",
    b"<svg": "a drawing (SVG)",
    b"<?xml": "XML, perhaps a drawing (SVG)",
    b"\x93NUMPY": "a NumPy array",
}


def skim(data: bytes, name: str) -> Skimmed:
    """Tell a picture's format and what decoding it will take, and drop what is not needed.

    Parameters
    ----------
    data : bytes
        A file's content.
    name : str
        What errors call it.

    Raises
    ------
    ValueError
        If it is in none of the six formats, damaged, or takes too much.
    """
    if len(data) > MAX_BYTES:
        raise ValueError(
            f"{name}: expected a file of at most {MAX_BYTES >> 20} MiB; got "
            f"{len(data) / 2**20:,.0f} MiB; make the picture smaller"
        )
    reader = next((each for start, each in _READERS if start.match(data)), None)
    if reader is None:
        raise ValueError(
            f"{name}: expected a picture as {FORMATS}; got {_what_else(data)}; save it as PNG or "
            "JPEG and try again"
        )
    try:
        found = reader(data)
        if not (0 < found.width <= MAX_SIDE and 0 < found.height <= MAX_SIDE):
            raise DamagedError(
                f"it says that it is {found.width} × {found.height} pixels, of at most "
                f"{MAX_SIDE:,} a side"
            )
    except (DamagedError, struct.error, LookupError) as error:
        why = error if isinstance(error, DamagedError) else "it ends too early"
        raise ValueError(
            f"{name}: expected a whole picture; got a damaged or cut one ({why}); save it as PNG "
            "and try again"
        ) from error
    _check_size(found, len(data), name)
    return found


def _check_size(found: Skimmed, size: int, name: str) -> None:
    if found.width * found.height > found.most_pixels:
        raise ValueError(
            f"{name}: expected at most {found.most_pixels // 10**6} megapixels; got "
            f"{found.width} × {found.height}; make the picture smaller"
        )
    taken = size + len(found.content) * (found.kind != "BMP") + found.decoded
    if taken > MAX_TAKEN:
        raise ValueError(
            f"{name}: expected a picture that takes at most {MAX_TAKEN >> 20} MiB to decode; got "
            f"{found.width} × {found.height} pixels that take {taken / 2**20:,.0f} MiB; make the "
            "picture smaller, or save it as JPEG"
        )


def _what_else(data: bytes) -> str:
    if not data:
        return "an empty file"
    if data[4:8] == b"ftyp":
        return "a film" if data[8:11] in (b"mp4", b"iso", b"qt ") else "HEIC or AVIF"
    for start, what in _OTHERS.items():
        if data.startswith(start):
            return what
    return "something else"


def _png(data: bytes) -> Skimmed:
    kept: list[bytes] = [data[:8]]
    orientation, at = 1, 8
    width, height, depth, colour = 0, 0, 0, 0
    for number in range(MOST_PARTS):
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise DamagedError("it ends too early")
        if (number == 0) != (name == b"IHDR"):
            raise DamagedError("its header is not where it belongs")
        if number == 0:
            width, height, depth, colour = struct.unpack_from(">IIBB", data, at + 8)
        if name in (b"IHDR", b"IDAT") or (name in (b"PLTE", b"tRNS") and length <= 768):
            kept.append(data[at:end])
        elif name == b"eXIf":
            orientation = exif_orientation(data[at + 8 : end - 4])
        elif name == b"IEND":
            kept.append(data[at:end])
            break
        at = end
    else:
        raise DamagedError("it has too many chunks")
    stored = 4 if colour not in (0, 3) else 2 if depth == 16 else 1
    return Skimmed("PNG", b"".join(kept), width, height, width * height * stored, orientation)


_NEXT_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
_NOT_FILL = re.compile(rb"[^\xff]", re.DOTALL)
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def _jpeg(data: bytes) -> Skimmed:
    kept: list[bytes] = [data[:2]]
    frame = b""
    progressive, orientation = False, 1
    for marker, start, end in _segments(data):
        if marker == 0xDA:
            break
        segment = data[start:end]
        if marker in _FRAMES:
            if frame:
                raise DamagedError("it has two frames")
            frame, progressive = segment[4:], marker not in (0xC0, 0xC1)
        if marker == 0xE1 and segment[4:10] == b"Exif\0\0":
            orientation = exif_orientation(segment[10:])
        # Of what applications put in, the colours' meaning alone counts.
        elif not (0xE0 <= marker <= 0xEF or marker == 0xFE) or (
            segment[4:8] == b"JFIF" or segment[4:9] == b"Adobe"
        ):
            kept.append(segment)
    _, height, width, components = struct.unpack_from(">BHHB", frame)
    samplings = [frame[7 + 3 * i] for i in range(components)]
    scans, end = _scans(data, start)
    kept.append(data[start:end])
    several = progressive or scans > 1
    blocks = _blocks(width, height, samplings)
    if blocks * scans > _MOST_SCANNED:
        raise DamagedError("it has too many scans")
    shrunk = jpeg_scale(width, height)
    stored = 4 * (width // shrunk + 1) * (height // shrunk + 1)
    decoded = stored + 128 * blocks * several  # several scans are put together at full size
    most = MAX_PIXELS if several else MAX_JPEG_PIXELS
    return Skimmed("JPEG", b"".join(kept), width, height, decoded, orientation, most)


def jpeg_scale(width: int, height: int) -> int:
    """Return by how much a JPEG is shrunk while it is decoded: 1, 2, 4 or 8."""
    room = min(width, height) // DRAFT_SIDE
    return next(scale for scale in (8, 4, 2, 1) if scale <= max(room, 1))


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of each segment before the pixels, and of the first scan's."""
    at = 2
    for _ in range(MOST_PARTS):
        found = _NOT_FILL.search(data, at)
        if data[at] != 0xFF or found is None:
            raise DamagedError("a segment is not where it belongs")
        at = found.start() - 1
        (length,) = struct.unpack_from(">H", data, at + 2)
        yield data[at + 1], at, at + 2 + length
        at += 2 + length
    raise DamagedError("it has too many segments")


def _scans(data: bytes, at: int) -> tuple[int, int]:
    """Return how many scans follow, and where the picture ends."""
    scans = 0
    for _ in range(MOST_PARTS):
        found = _NEXT_MARKER.search(data, at)
        if found is None:
            return scans, len(data)
        marker, at = found[1][0], found.end()
        if marker == 0xD9:
            return scans, at
        if marker in _FRAMES:
            raise DamagedError("it has two frames")
        scans += marker == 0xDA
        at += struct.unpack_from(">H", data, at)[0]
    raise DamagedError("it has too many scans")


def _blocks(width: int, height: int, samplings: list[int]) -> int:
    """Return how many blocks of 8×8 the components have together."""
    across = max((each >> 4 for each in samplings), default=0)
    down = max((each & 15 for each in samplings), default=0)
    if min(across, down, *((each >> 4) * (each & 15) for each in samplings)) < 1:
        raise DamagedError("its components have no size")
    wide, high = -(-width // (8 * across)), -(-height // (8 * down))
    return wide * high * sum((each >> 4) * (each & 15) for each in samplings)


def _webp(data: bytes) -> Skimmed:
    kept: list[bytes] = []
    size: tuple[int, int] | None = None
    at, orientation, frames = 12, 1, 0
    for _ in range(MOST_PARTS):
        if at + 8 > len(data):
            break
        name, length = struct.unpack_from("<4sI", data, at)
        start, end = at + 8, at + 8 + length + length % 2
        if name == b"EXIF":
            content = data[start : start + length]
            orientation = exif_orientation(content.removeprefix(b"Exif\0\0"))
        elif name == b"VP8X":
            wide, high = data[start + 4 : start + 7], data[start + 7 : start + 10]
            size = 1 + int.from_bytes(wide, "little"), 1 + int.from_bytes(high, "little")
            # Its flags no longer promise what is dropped.
            kept.append(data[at:start] + bytes([data[start] & 0b10010]) + data[start + 1 : end])
        elif name in (b"VP8 ", b"VP8L"):
            size = size or _webp_size(name, data, start)
            kept.append(data[at:end])
        elif name in (b"ALPH", b"ANIM") or (name == b"ANMF" and not frames):
            kept.append(data[at:end])
            frames += name == b"ANMF"
        at = end
    else:
        raise DamagedError("it has too many chunks")
    if size is None:
        raise DamagedError("it has no picture")
    body = b"WEBP" + b"".join(kept)
    content = b"RIFF" + struct.pack("<I", len(body)) + body
    # The canvas and the one before it, its copy and Pillow's picture; without loss, one more.
    lossy = not any(part[:4] in (b"VP8L", b"ALPH", b"ANMF") for part in kept)
    decoded = (16 if lossy else 20) * size[0] * size[1]
    return Skimmed("WEBP", content, *size, decoded, orientation)


def _webp_size(name: bytes, data: bytes, start: int) -> tuple[int, int]:
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, start + 6)
        return width & 0x3FFF, height & 0x3FFF
    (bits,) = struct.unpack_from("<I", data, start + 1)
    return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)


def _gif(data: bytes) -> Skimmed:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + _colours(flags)
    kept: list[bytes] = [data[:at]]
    blocks = _MOST_BLOCKS
    for _ in range(MOST_PARTS):
        if data[at] == 0x2C:
            break
        if data[at] != 0x21:
            raise DamagedError("a block is not where it belongs")
        end, blocks = _after_blocks(data, at + 2, blocks)
        if data[at + 1] == 0xF9 and end - at < 32:  # says which colour is transparent
            kept.append(data[at:end])
        at = end
    else:
        raise DamagedError("it has too many blocks")
    left, top, wide, high, flags = struct.unpack_from("<HHHHB", data, at + 1)
    end, _ = _after_blocks(data, at + 11 + _colours(flags), blocks)
    kept += [data[at:end], b";"]
    width, height = max(width, left + wide), max(height, top + high)
    return Skimmed("GIF", b"".join(kept), width, height, 2 * width * height)


def _colours(flags: int) -> int:
    return 3 * 2 ** (1 + (flags & 7)) if flags & 0x80 else 0


def _after_blocks(data: bytes, at: int, most: int) -> tuple[int, int]:
    """Return where blocks end, and how many more there may be."""
    for number in range(most):
        if data[at] == 0:
            return at + 1, most - number
        at += 1 + data[at]
    raise DamagedError("it has too many blocks")


def _bmp(data: bytes) -> Skimmed:
    (header,) = struct.unpack_from("<I", data, 14)
    if header == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        packing = 0
    elif header in (40, 52, 56, 64, 108, 124):
        width, height, _, bits, packing = struct.unpack_from("<iiHHI", data, 18)
    else:
        raise DamagedError("its header is of no known kind")
    height = abs(height)
    pixels = width * height
    if packing in (1, 2) and (pixels > _MOST_RLE_PIXELS or len(data) > _MOST_RLE_BYTES):
        raise DamagedError(
            f"as run lengths a BMP has at most {_MOST_RLE_PIXELS // 10**6} megapixels and "
            f"{_MOST_RLE_BYTES >> 20} MiB"
        )
    decoded = pixels * (1 if bits <= 8 else 4) + 2 * pixels * (packing in (1, 2))
    return Skimmed("BMP", data, width, height, decoded)


_READERS: list[tuple[re.Pattern[bytes], Callable[[bytes], Skimmed]]] = [
    (re.compile(rb"\x89PNG\r\n\x1a\n"), _png),
    (re.compile(rb"\xff\xd8\xff"), _jpeg),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), _webp),
    (re.compile(rb"GIF8[79]a"), _gif),
    (re.compile(rb"BM"), _bmp),
    (re.compile(rb"II\*\0|MM\0\*"), skim_tiff),
]
