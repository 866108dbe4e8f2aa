"""Decoding pictures to small grey ones, in little memory whatever the file says of itself."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from toolkit.digits.pictures.picturefile import DRAFT_SIDE, MAX_BYTES, skim
from toolkit.digits.pictures.skimmed import Kind, Skimmed

WORKING_SIDE = 512
"""Pixels of the longer side up to which a picture is kept: a digit needs no more."""

_BAND = 1_000_000  # pixels converted at a time
# Each is called by name: Pillow's own choice would try programs and formats without end.
_DECODERS: dict[Kind, type[ImageFile.ImageFile]] = {
    "PNG": PngImageFile,
    "JPEG": JpegImageFile,
    "WEBP": WebPImageFile,
    "GIF": GifImageFile,
    "BMP": BmpImageFile,
    "TIFF": TiffImageFile,
}
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Grey = NDArray[np.float32]
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
"""What red, green and blue count for in grey."""


def open_picture(data: bytes | str | Path) -> Grey:
    """Decode a picture, transparent parts as paper.

    Parameters
    ----------
    data : bytes, str or Path
        A PNG, JPEG, WebP, GIF, BMP or TIFF, or the path of one; of several pictures in it
        the first.

    Returns
    -------
    ndarray of float32, shape (h, w), or (h, w, 3) if it has colours
        In [0, 1], light bright; at most 512 pixels a side.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no such picture, damaged, or takes too much to decode: more than 64 MiB,
        40 megapixels (120 of an ordinary JPEG) or 224 MiB of memory.
    """
    if isinstance(data, bytes):
        return _decode(data, "picture")
    try:
        if not Path(data).is_file() and Path(data).exists():
            raise ValueError(f"{data}: cannot be read: expected a file, found something else")
        with Path(data).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise FileNotFoundError(f"{data}: no such file; check the picture's path") from None
    except OSError as error:
        raise ValueError(f"{data}: cannot be read: {error.strerror or error}") from error
    return _decode(content, str(data))


def _decode(data: bytes, name: str) -> Grey:
    skimmed = skim(data, name)
    try:
        with _DECODERS[skimmed.kind](io.BytesIO(skimmed.content)) as picture:
            if picture.width > skimmed.width or picture.height > skimmed.height:
                raise ValueError("it is not as large as it says")
            picture.draft(None, (DRAFT_SIDE, DRAFT_SIDE))
            picture.load()
            return _small(picture, skimmed)
    except Exception as error:  # decoders raise many kinds on damaged files
        raise ValueError(
            f"{name}: expected a whole picture; got a damaged or cut one ({str(error)[:200]}); "
            "save it as PNG and try again"
        ) from error


def _small(picture: Image.Image, skimmed: Skimmed) -> Grey:
    """Return the picture reduced and turned; a few rows are converted at a time."""
    see_through = picture.has_transparency_data
    mode = "RGBA" if see_through else "L" if picture.mode in ("1", "L") else "RGB"
    deep = picture.mode in ("I", "F") or picture.mode.startswith("I;16")
    factor = max(1, max(picture.size) // WORKING_SIDE)
    rows = factor * max(1, _BAND // (factor * picture.width))
    parts, most = [], 0.0
    for top in range(0, picture.height, rows):
        band = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        if deep:
            values = np.nan_to_num(np.asarray(band, np.float32), posinf=0, neginf=0)
            most = max(most, float(values.max()))
            band = Image.fromarray(values)
        else:
            # Palettes are resolved before reducing: their numbers cannot be averaged.
            band = band.convert(mode)
        parts.append(np.asarray(band.reduce(factor)))
    whole = np.concatenate(parts)
    if deep:
        full = 65535.0 if most > 255 else 1.0 if picture.mode == "F" and most <= 1 else 255.0
        whole = np.clip(whole * np.float32(255 / full), 0, 255).astype(np.uint8)
    small = Image.fromarray(whole)
    small.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX)
    if skimmed.orientation in _TURNS:
        small = small.transpose(_TURNS[skimmed.orientation])
    values = np.asarray(small, np.float32) / np.float32(255)
    if not see_through or deep:
        return values
    colours, alpha = values[..., :3], values[..., 3:]
    grey = colours @ LUMINANCE
    # Paper is whatever the ink is not: white ink on nothing must not vanish.
    mean = float((grey * alpha[..., 0]).sum() / max(float(alpha.sum()), 1e-6))
    paper = 0.0 if mean > 0.5 and alpha.min() < 0.5 else 1.0
    return np.asarray(colours * alpha + paper * (1 - alpha), np.float32)


def grey_of(picture: Grey) -> Grey:
    """Return a picture of shape (h, w) or (h, w, 3) as grey of shape (h, w)."""
    return picture if picture.ndim == 2 else np.asarray(picture @ LUMINANCE, np.float32)
