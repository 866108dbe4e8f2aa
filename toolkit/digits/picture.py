"""Pictures of digits: photographs, scans and drawings brought to MNIST's form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageFilter

from .decoding import WORKING_SIDE, Grey, open_grey
from .form import BOX, place

_FAINT = 0.15  # of the darkest ink: below it paper grain and noise
_VISIBLE = 0.85  # of full brightness: fainter lines are broadened
_SPECK = 0.03  # of the largest piece of ink: below it dust
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
        If it is no such picture, damaged, or takes too much to decode, as `open_grey` says.
    """
    return ink_of(open_grey(data))


def ink_of(grey: ArrayLike) -> Grey:
    """Tell ink from its ground.

    Parameters
    ----------
    grey : array_like of float, shape (h, w), in [0, 1], light bright

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
    image = _check_grey(grey)
    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    middle = float(np.median(border))
    # Ink is on the side of the border's tone that reaches further away from it.
    dark_on_light = middle - float(image.min()) > float(image.max()) - middle
    ink = 1 - image if dark_on_light else image
    if max(ink.shape) <= _SMALL and float(ink.min()) == 0 and float(np.median(ink)) == 0:
        return np.asarray(ink, np.float32)
    ink = ink - _ground(ink)
    top = max(float(np.quantile(ink, 0.995)), 0.6 * float(ink.max()))
    if top < _CONTRAST:
        return np.zeros_like(ink)
    return _without_specks(np.clip((ink / top - _FAINT) / (1 - 2 * _FAINT), 0, 1))


def _ground(ink: Grey) -> Grey:
    """Return the ground's brightness under the ink, smooth over the picture.

    A plane is fitted to the tones, again and again without what stands out above it:
    light falls on paper smoothly, ink does not.
    """
    h, w = ink.shape
    rows, columns = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    terms = np.stack([np.ones_like(rows), rows, columns, rows * columns, rows**2, columns**2], -1)
    terms = terms.reshape(-1, 6).astype(np.float32)
    values = ink.ravel()
    thin = slice(None, None, max(1, values.size // 20_000))
    few, tones = terms[thin], values[thin]
    kept = tones <= np.quantile(tones, 0.8)
    fitted = np.zeros_like(tones)
    for _ in range(6):
        factors, *_ = np.linalg.lstsq(few[kept], tones[kept], rcond=None)
        fitted = few @ factors
        spread = float(np.std(tones[kept] - fitted[kept]))
        kept = tones - fitted <= max(2.5 * spread, 0.02)
    return np.asarray((terms @ factors).reshape(h, w), np.float32)


def _without_specks(ink: Grey) -> Grey:
    """Return the ink without its small separate pieces, which would widen its box."""
    step = max(1, -(-max(ink.shape) // 96))
    h, w = (-(-side // step) for side in ink.shape)
    coarse = np.zeros((h * step, w * step), np.float32)
    coarse[: ink.shape[0], : ink.shape[1]] = ink
    mass = coarse.reshape(h, step, w, step).sum(axis=(1, 3))
    unseen = {(int(r), int(c)) for r, c in np.argwhere(mass > 0)}
    pieces: list[tuple[float, list[tuple[int, int]]]] = []
    while unseen:
        piece = [unseen.pop()]
        for r, c in piece:  # grows while it is walked
            near = {(r + i, c + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & unseen
            unseen -= near
            piece.extend(near)
        pieces.append((float(sum(mass[cell] for cell in piece)), piece))
    largest = max((weight for weight, _ in pieces), default=0.0)
    keep = np.ones((h, w), np.float32)
    for weight, piece in pieces:
        if weight < _SPECK * largest:
            keep[tuple(np.array(piece).T)] = 0
    fine = keep.repeat(step, axis=0).repeat(step, axis=1)
    return np.asarray(ink * fine[: ink.shape[0], : ink.shape[1]], np.float32)


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
    ink = np.rint(_check_grey(grey) * 255).astype(np.uint8)
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


def _check_grey(grey: ArrayLike) -> Grey:
    image = np.asarray(grey)
    if image.ndim != 2 or 0 in image.shape:
        raise ValueError(f"grey: expected shape (h, w), at least 1 × 1; got {image.shape}")
    if image.dtype.kind != "f":
        raise ValueError(f"grey: expected floats from 0 to 1; got {image.dtype}")
    image = image.astype(np.float32)
    # Written so that not-a-number fails too.
    if not (image.min() >= 0 and image.max() <= 1):
        raise ValueError(
            f"grey: expected floats from 0 to 1; got {image.min():g} to {image.max():g}"
        )
    return image
