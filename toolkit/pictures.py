"""Arrays of colours as picture files."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def to_png(image: NDArray[np.uint8]) -> bytes:
    """Encode a picture as PNG; the same picture gives the same bytes.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3) or (height, width)
        RGB or grey.

    Raises
    ------
    ValueError
        If type or shape does not fit.
    """
    array = np.asarray(image)
    if array.dtype != np.uint8 or not (
        array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3)
    ):
        raise ValueError(f"image: expected uint8 of shape (height, width, 3) or (height, width); "
                         f"got {array.dtype} of shape {array.shape}")  # fmt: skip
    buffer = io.BytesIO()
    # Flat squares compress well at any level; the lowest is several times as fast.
    Image.fromarray(np.ascontiguousarray(array)).save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue()
