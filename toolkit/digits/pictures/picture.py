"""Pictures of digits: photographs, scans and drawings brought to MNIST's form."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageFilter

from toolkit.digits.form import BOX, place
from toolkit.digits.pictures.decoding import WORKING_SIDE, Grey, open_picture
from toolkit.digits.pictures.ground import blurred, darkening, slopes, without_rulings
from toolkit.digits.pictures.pieces import digit_pieces

_FAINT = 0.15  # of the darkest ink: below it paper grain and noise
_VISIBLE = 0.85  # of full brightness: fainter lines are broadened
_REACH = 0.25  # of the longer side: no stroke is as broad
_STROKES = 3  # strokes' breadths that the ground is looked for within
_EVEN = 0.01  # what an even ground's tones differ by at most
_PLAIN = 0.2  # of full range: so much darker than what is around, it is ink
_LEAST = 0.03  # of the longer side: what is smaller is grain
_NOISY = 0.04  # of the paper's tone
_SMALL = 64  # pixels a side up to which a picture on a clean ground is no photograph
_CONTRAST = 0.08  # less between ink and paper than this share of full range is no ink


def read_picture(data: bytes | str | Path) -> Grey:
    """Read a picture of one digit as ink on nothing.

    Transparent parts count as paper, a photograph's EXIF rotation is applied, dark ink
    on light paper is told from bright ink on a dark ground by the border, uneven
    lighting of the paper is taken away and the darkest ink is made 1.  Pictures above
    512 pixels a side come back reduced.

    Parameters
    ----------
    data : bytes, str or Path
        The content or path of a PNG, JPEG, WebP, GIF, BMP or TIFF.

    Returns
    -------
    ndarray of float32, shape (h, w)
        Ink in [0, 1], bright; all 0 if the picture is one even tone.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no such picture, damaged, or takes too much to decode, as `open_picture` says.
    """
    return find_digit(open_picture(data)).tones


def ink_of(picture: ArrayLike) -> Grey:
    """Tell ink from its ground.

    Parameters
    ----------
    picture : array_like of float, shape (h, w) or (h, w, 3), in [0, 1], light bright

    Returns
    -------
    ndarray of float32, shape (h, w)
        Ink in [0, 1], bright.  A picture of up to 64 pixels a side on a ground of pure
        black or white is taken as a digit's pixels and keeps its tones.

    Raises
    ------
    ValueError
        If the shape or range does not fit.
    """
    return find_digit(picture).tones


@dataclass(frozen=True)
class Found:
    """Ink on a picture.

    Attributes
    ----------
    tones : ndarray of float32, shape (h, w)
        The digit's ink, as :func:`ink_of` tells it.
    weight : float
        How much it looks like a digit's.
    another : bool
        Whether there may be another digit beside it, which was left out.
    """

    tones: Grey
    weight: float = 0.0
    another: bool = False


def find_digit(picture: ArrayLike) -> Found:
    """Tell a digit's ink from its ground, and from other digits; see :func:`ink_of`."""
    image = _check(picture)
    even = _on_even_ground(image)
    if even is not None:
        return even
    dark = _found(image)
    if dark.weight > _PLAIN:
        return dark
    # On bright paper shares of what is left to white would be mere grain.
    bright = _found(1 - 0.7 * image)
    return dark if dark.weight >= bright.weight else bright


def _on_even_ground(image: Grey) -> Found | None:
    """Return the ink of a drawing whose ground is one tone; None if it is a photograph."""
    grey: Grey = np.asarray(image.mean(axis=2))
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    middle = float(np.median(border))
    # Ink is on the side of the border's tone that reaches further away from it.
    ink = 1 - grey if middle - grey.min() > grey.max() - middle else grey
    if max(ink.shape) <= _SMALL and float(ink.min()) == 0 and float(np.median(ink)) == 0:
        return Found(np.asarray(ink, np.float32))
    if float(np.abs(border - middle).max()) > _EVEN or np.mean(np.abs(grey - middle) < _EVEN) < 0.5:
        return None
    ink = np.asarray(np.abs(grey - middle), np.float32)
    top = max(float(np.quantile(ink, 0.995)), 0.6 * float(ink.max()))
    if top < _CONTRAST:
        return Found(np.zeros_like(ink))
    tones = np.clip((ink / top - _FAINT) / (1 - 2 * _FAINT), 0, 1).astype(np.float32)
    kept, another = digit_pieces(tones)
    return Found(np.where(kept, tones, np.float32(0)), another=another)


Mask = NDArray[np.bool_]


def _found(image: Grey) -> Found:
    """Find ink darker than its ground: first however broad its strokes are, then closely."""
    reach = max(5, round(_REACH * max(image.shape[:2])))
    across = None
    for certain in (0.65, 0.4):
        share, noise = darkening(image, reach)
        across = across or slopes(share)
        share = without_rulings(share, across)
        if noise > _NOISY:
            share, noise = blurred(share, 3), noise / 2
        count = max(8, share.size // 2000)
        top = float(np.partition(share.ravel(), -count)[-count:].mean())
        if top < max(_CONTRAST, 5.5 * noise):
            return Found(np.zeros_like(share))
        strong = share > max(certain * top, 4 * noise)
        kept, another = digit_pieces(np.where(strong, share, 0))
        own = strong & kept
        if _extent(own) < _LEAST * max(own.shape):
            return Found(np.zeros_like(share))
        edge = own & ~(
            np.roll(own, 1, 0) & np.roll(own, -1, 0) & np.roll(own, 1, 1) & np.roll(own, -1, 1)
        )
        breadth = 2 * float(own.sum()) / max(float(edge.sum()), 1)
        closer = round(_STROKES * breadth) + 4
        if closer > 0.6 * reach:
            break
        reach = max(5, closer)
    top = float(np.quantile(share[own], 0.85))
    low = max(_FAINT, 2 * noise / top)
    tones = np.clip((share / top - low) / max(1 - _FAINT - low, 0.2), 0, 1) * kept
    weight = _contrast(image.mean(axis=2), own, kept)
    return Found(tones.astype(np.float32), weight, another)


def _extent(own: Mask) -> int:
    """Return the longer side of the box around all that is set."""
    return max(int(np.ptp(np.flatnonzero(own.any(axis=axis)))) + 1 for axis in (0, 1))


def _contrast(grey: Grey, own: Mask, kept: Mask) -> float:
    """Return how much darker ink is than what lies around it, for the most part.

    What strokes enclose is as bright as the paper outside, so it does not pass for bright ink.
    """
    rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
    margin = 4 + _extent(own) // 2
    box = (
        slice(max(0, rows[0] - margin), rows[-1] + margin),
        slice(max(0, columns[0] - margin), columns[-1] + margin),
    )
    around = grey[box][~kept[box]]
    return float(np.median(around) - np.median(grey[own])) if around.size else 0.0


def to_mnist_form(grey: ArrayLike) -> NDArray[np.float32]:
    """Bring one digit to MNIST's form.

    Its ink is cut out, scaled to 20 pixels on the longer side with its proportions
    kept, and set by whole pixels into 28×28 so that its centre of mass comes nearest
    to pixel (14, 14).  Lines so fine that they would fade are broadened.  A digit in
    that form already comes back unchanged.

    Parameters
    ----------
    grey : array_like of float, shape (h, w), in [0, 1], ink bright on black

    Returns
    -------
    ndarray of float32, shape (784,)
        Multiples of 1/255 in [0, 1].

    Raises
    ------
    ValueError
        If the shape or range does not fit, or there is no ink.
    """
    given = np.asarray(grey)
    if given.ndim != 2:
        raise ValueError(f"grey: expected shape (h, w); got {given.shape}")
    ink = np.rint(_check(given)[..., 0] * 255).astype(np.uint8)
    if not ink.any():
        raise ValueError("digit: expected some ink; got none, the picture is blank")
    cut = _scaled_to_box(_cut_out(ink))
    height, width = cut.shape
    box = np.zeros((1, BOX, BOX), np.uint8)
    top, left = (BOX - height) // 2, (BOX - width) // 2
    box[0, top : top + height, left : left + width] = cut
    return place(box).ravel().astype(np.float32) / np.float32(255)


def _cut_out(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _scaled_to_box(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Scale the ink to BOX pixels on its longer side, a fine pen's lines made broader first."""
    if max(ink.shape) == BOX:
        return ink
    if max(ink.shape) > WORKING_SIDE:
        ink = _cut_out(_reduced(ink))
    for _ in range(6):
        scaled = _scale(ink)
        if scaled.max() >= _VISIBLE * ink.max():
            return scaled
        # The line is so fine that reduced it fades: broaden it by half a final pixel.
        width = 2 * max(1, round(max(ink.shape) / BOX / 4)) + 1
        broader = Image.fromarray(np.pad(ink, width // 2)).filter(ImageFilter.MaxFilter(width))
        ink = _cut_out(np.asarray(broader))
    return scaled


def _reduced(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bring ink to the working size, by areas' means, or their maxima if means fade."""
    picture = Image.fromarray(ink)
    picture.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX)
    small = np.asarray(picture)
    if small.max() >= _VISIBLE * ink.max():
        return small
    step = -(-max(ink.shape) // WORKING_SIDE)
    h, w = (-(-side // step) for side in ink.shape)
    whole = np.zeros((h * step, w * step), np.uint8)
    whole[: ink.shape[0], : ink.shape[1]] = ink
    return np.asarray(whole.reshape(h, step, w, step).max(axis=(1, 3)))


def _scale(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = ink.shape
    scale = BOX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # Averaging over areas when reducing, smooth when enlarging.
    way = Image.Resampling.BOX if scale < 0.5 else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(ink).resize(size, way))


def _check(grey: ArrayLike) -> Grey:
    """Return the picture as (h, w, channels)."""
    image = np.asarray(grey)
    if 0 in image.shape or not (image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)):
        raise ValueError(
            f"grey: expected shape (h, w) or (h, w, 3), at least 1 × 1; got {image.shape}"
        )
    if image.dtype.kind != "f":
        raise ValueError(f"grey: expected floats from 0 to 1; got {image.dtype}")
    image = image.astype(np.float32)
    # Written so that not-a-number fails too.
    if not (image.min() >= 0 and image.max() <= 1):
        raise ValueError(
            f"grey: expected floats from 0 to 1; got {image.min():g} to {image.max():g}"
        )
    return image if image.ndim == 3 else image[..., None]
