"""What a stranger's picture may do: be read as one of six formats, in bounded memory and time."""

import io
import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toolkit.digits import load_pictures, read_picture
from toolkit.digits.pictures.picturefile import MAX_BYTES, skim

MOST_MEMORY = 250  # MiB above the reading process's rest
LONG = 20  # seconds: far above what any takes, far below what hung


def picture(side=64):
    grey = np.full((side, side), 230, np.uint8)
    grey[side // 4 : -side // 4, side // 2 - side // 16 : side // 2 + side // 16] = 20
    return Image.fromarray(grey)


def encode(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_six_formats_are_read(kind):
    image = picture().convert("RGB" if kind in ("JPEG", "WEBP") else "L")
    ink = read_picture(encode(image, kind))
    assert ink.shape == (64, 64)
    assert ink[32, 32] == 1
    assert not ink[:10].any()


OTHERS = {
    "EPS": "PostScript",
    "PDF": "a PDF document",
    "ICO": "an icon",
    "ICNS": "an icon",
    "PPM": "something else",
    "TGA": "something else",
    "PCX": "something else",
    "SGI": "something else",
    "DDS": "something else",
    "JPEG2000": "JPEG 2000",
    "AVIF": "HEIC or AVIF",
}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_formats_are_refused_by_name(kind, tmp_path):
    try:
        data = encode(picture().convert("RGB"), kind)
    except (KeyError, OSError):
        pytest.skip(f"this Pillow writes no {kind}")
    expected = f"expected a picture as PNG, JPEG, WebP, GIF, BMP or TIFF; got {OTHERS[kind]}"
    with pytest.raises(ValueError, match=expected):
        read_picture(data)
    (tmp_path / "3").mkdir()
    (tmp_path / "3" / "three.png").write_bytes(data)  # whatever it is called
    with pytest.raises(ValueError, match=f"three.png: {expected}"):
        load_pictures(tmp_path)


def test_a_photograph_in_the_phones_own_format_is_told_what_to_do():
    heic = b"\0\0\0\x24ftypheic\0\0\0\0mif1heic" + bytes(500)
    with pytest.raises(ValueError, match=r"got HEIC or AVIF.*save it as PNG or JPEG"):
        read_picture(heic)


def test_no_picture_starts_a_program(tmp_path, monkeypatch):
    ran = tmp_path / "ran"
    for name in ("gs", "gswin32c", "xv"):
        (tmp_path / name).write_text(f"#!/bin/sh\ntouch {ran}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 28 28\n%%EndComments\n{ } loop\n"
    # As it is, and behind the first bytes of each format that is read.
    for start in (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM", b"II*\0",
                  b"RIFF\0\0\0\0WEBP"):  # fmt: skip
        with pytest.raises(ValueError, match="expected a"):
            read_picture(start + eps)
    assert not ran.exists()


def test_of_several_pictures_the_first_is_read():
    frames = [picture(), picture().rotate(90), picture().rotate(45)]
    first = read_picture(encode(frames[0], "PNG"))
    for kind in ("GIF", "TIFF", "PNG", "WEBP"):
        options = {"lossless": True} if kind == "WEBP" else {}
        data = encode(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        np.testing.assert_allclose(read_picture(data), first, atol=0.01)
    jpeg = encode(frames[0], "JPEG", quality=95)
    np.testing.assert_array_equal(read_picture(jpeg + jpeg), read_picture(jpeg))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_what_a_decoder_does_not_need_never_reaches_it(kind):
    image = picture().convert("RGB")
    tags = Image.Exif()
    tags[0x0112], tags[0x010E] = 6, "a long description " * 500
    options = {"exif": tags, "icc_profile": b"profile" * 2000}
    if kind == "TIFF":
        options = {"tiffinfo": {0x0112: 6, 0x010E: "a long description " * 500}}
    data = encode(image, kind, **options)
    skimmed = skim(data, "it")
    assert skimmed.orientation == 6
    assert (skimmed.width, skimmed.height) == (64, 64)
    with Image.open(io.BytesIO(skimmed.content)) as left:
        left.load()
        assert 0x010E not in left.getexif()
        assert "icc_profile" not in left.info
    # Upright as stored, it lies once turned.
    turned = read_picture(data)
    assert turned[32, 16] > 0.9 > 0.1 > turned[16, 32]


def png_chunk(name, content):
    body = name + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def with_chunks(data, *chunks):
    """Put chunks behind a PNG's header."""
    return data[:33] + b"".join(png_chunk(*each) for each in chunks) + data[33:]


def greedy_exif(size=60 << 20, tags=5000):
    """Return EXIF of which each tag points at the same tens of megabytes."""
    entry = struct.pack("<HII", 7, size - 100_000, 90_000)
    entries = b"".join(struct.pack("<H", 0x8000 + i) + entry for i in range(tags))
    return (b"II*\0\x08\0\0\0" + struct.pack("<H", tags) + entries).ljust(size, b"\0")


def scan_bomb():
    """Return a progressive JPEG that goes over all of its blocks again and again."""
    data = encode(Image.new("L", (6000, 6000), 200), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    scan = data[last:-2]
    return data[:last] + scan * ((60 << 20) // len(scan)) + data[-2:]


def gif_of_comments():
    data = encode(picture(), "GIF")
    at = data.index(b"\x2c", 13 + 3 * 2 ** (1 + (data[10] & 7)))
    return data[:at] + b"\x21\xfe" + (b"\xff" + b"c" * 255) * 240_000 + b"\0" + data[at:]


def rle_of_line_ends():
    head = struct.pack("<2sIHHI", b"BM", 0, 0, 0, 1078)
    info = struct.pack("<IiiHHIIiiII", 40, 40_000_000, 1, 1, 8, 1, 0, 0, 0, 256, 0)
    return head + info + bytes(1024) + b"\1\5\0\0" * (15 << 20)


def tiff(width, height, rows, *, bits=8, tile=None, compression=8):
    """Return a TIFF of zeros whose header says what it is told to say."""
    content = zlib.compress(bytes(1 << 20))
    tags = [
        (256, 4, width), (257, 4, height), (258, 3, bits), (259, 3, compression), (262, 3, 1),
        (273, 4, 8), (277, 3, 1), (278, 4, rows), (279, 4, len(content)),
    ]  # fmt: skip
    if tile is not None:
        tags = [each for each in tags if each[0] not in (273, 278, 279)]
        tags += [(322, 4, tile), (323, 4, tile), (324, 4, 8), (325, 4, len(content))]
    entries = b"".join(
        struct.pack("<HHI", tag, unit, 1) + struct.pack("<I", value) for tag, unit, value in tags
    )
    at = 8 + len(content)
    return (
        b"II*\0" + struct.pack("<I", at) + content + struct.pack("<H", len(tags)) + entries
        + bytes(4)
    )  # fmt: skip


def large(mode, kind, size=(8000, 5000), **options):
    full = {"I;16": 65535, "F": 1.0}.get(mode, 255)
    image = Image.new(mode, size, full if len(mode) == 1 or mode == "I;16" else (255,) * len(mode))
    return encode(image, kind, **options)


def noise(width, height, kind, **options):
    """Return pixels that no compression makes much less of."""
    pixels = np.frombuffer(np.random.default_rng(0).bytes(width * height * 3), np.uint8)
    return encode(Image.fromarray(pixels.reshape(height, width, 3)), kind, **options)


def bits(side):
    """Return a BMP of one bit a pixel, which are all zero."""
    row = -(-side // 32) * 4
    head = struct.pack("<2sIHHI", b"BM", 62 + row * side, 0, 0, 62)
    info = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 1, 0, 0, 0, 0, 2, 0)
    return head + info + b"\0\0\0\0\xff\xff\xff\0" + bytes(row * side)


GREEDY = {
    "a 16-bit PNG": lambda: large("I;16", "PNG", compress_level=1),
    "an RGBA PNG": lambda: large("RGBA", "PNG", compress_level=1),
    "a PNG of noise": lambda: noise(4600, 4600, "PNG", compress_level=0),
    "a float TIFF": lambda: large("F", "TIFF", compression="tiff_adobe_deflate"),
    "a float TIFF in one strip": lambda: tiff(8000, 5000, 5000, bits=32),
    "a TIFF of one great tile": lambda: tiff(8, 8, 8, tile=60_000),
    "a TIFF one pixel wide": lambda: tiff(1, 40_000_000, 1),
    "an LZMA TIFF": lambda: tiff(800, 800, 800, compression=34925),
    "an icon": lambda: b"\0\0\1\0\1\0" + struct.pack("<BBBBHHII", 0, 0, 0, 0, 1, 32, 1 << 26, 22)
    + large("RGBA", "PNG", (400, 400)),
    "a progressive JPEG": lambda: large("RGB", "JPEG", (6000, 4500), progressive=True),
    "a large progressive JPEG": lambda: large("RGB", "JPEG", progressive=True, subsampling=0),
    "a JPEG of a hundred megapixels": lambda: large("RGB", "JPEG", (12_000, 9000)),
    "a JPEG without end": scan_bomb,
    "a JPEG of EXIF": lambda: b"\xff\xd8" + (b"\xff\xe1\xff\xffExif\0\0" + bytes(65527)) * 900
    + encode(picture(), "JPEG")[2:],
    "a JPEG of empty segments": lambda: b"\xff\xd8" + b"\xff\xe5\0\2" * (15 << 20),
    "a JPEG of fill": lambda: b"\xff\xd8" + b"\xff" * (60 << 20),
    "a WebP without loss": lambda: noise(2900, 2900, "WEBP", lossless=True, method=0, quality=0),
    "a WebP at its largest": lambda: large("RGB", "WEBP", (4000, 2800), method=0),
    "a PNG of EXIF": lambda: with_chunks(encode(picture(), "PNG"), (b"eXIf", greedy_exif())),
    "a PNG of texts": lambda: with_chunks(
        encode(picture(), "PNG"), *[(b"zTXt", b"k\0\0" + zlib.compress(bytes(1 << 20)))] * 15_000
    ),
    "a PNG of empty chunks": lambda: with_chunks(
        encode(picture(), "PNG"), *[(b"IDAT", b"")] * 500_000
    ),
    "a TIFF of EXIF": greedy_exif,
    "a GIF of comments": gif_of_comments,
    "a GIF of small blocks": lambda: b"GIF89a" + bytes(7) + b"\x21\xfe" + b"\1c" * (30 << 20),
    "a large GIF": lambda: large("L", "GIF"),
    "a BMP of line ends": rle_of_line_ends,
    "a one-bit BMP": lambda: bits(20_000),
}  # fmt: skip

_READER = """
import json, os, sys, time
from pathlib import Path
from toolkit.digits import read_picture

def kib(key):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(key))

read_picture(Path(sys.argv[1], "first").read_bytes())
for path in sorted(Path(sys.argv[1]).iterdir()):
    if os.fork():  # each in a process of its own
        os.wait()
        continue
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    rest, start = kib("VmRSS"), time.monotonic()
    try:
        said = f"ok {read_picture(path.read_bytes()).shape}"
    except ValueError as error:
        said = str(error)
    taken = (kib("VmHWM") - rest) / 1024, time.monotonic() - start
    print(json.dumps([path.name, *taken, said]), flush=True)
    os._exit(0)
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="reads Linux's /proc")
def test_no_picture_takes_much_memory_or_time(tmp_path):
    (tmp_path / "first").write_bytes(encode(picture(), "PNG"))
    for name, make in GREEDY.items():
        data = make()
        assert len(data) <= MAX_BYTES, name
        (tmp_path / name).write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", _READER, str(tmp_path)], capture_output=True, text=True, check=True,
        timeout=LONG * len(GREEDY),
    )  # fmt: skip
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {name for name, *_ in found} == {"first", *GREEDY}
    for name, mebibytes, seconds, said in found:
        print(f"{name:32s} {mebibytes:6.0f} MiB {seconds:6.2f} s  {said[:90]}")
        assert mebibytes < MOST_MEMORY, name
        assert seconds < LONG, name
        assert said.startswith("ok ") or ": expected " in said, said
        assert len(said) < 300


def test_a_file_too_large_is_refused_before_it_is_looked_at():
    with pytest.raises(ValueError, match=r"expected a file of at most 64 MiB; got 64 MiB"):
        read_picture(b"\x89PNG\r\n\x1a\n".ljust(MAX_BYTES + 1, b"\0"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_damage_anywhere_gives_a_picture_or_one_clear_error(kind):
    whole = encode(picture(40).convert("RGB" if kind in ("JPEG", "WEBP") else "L"), kind)
    rng = np.random.default_rng(3)
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(rng.integers(1, 4)):
            data[rng.integers(len(data))] = rng.integers(256)
        cut = bytes(data[: rng.integers(len(data))]) if rng.random() < 0.3 else bytes(data)
        try:
            assert read_picture(cut).ndim == 2
        except ValueError as error:
            assert "picture: expected" in str(error)
