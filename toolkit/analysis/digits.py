"""What a set of digits looks like, pixel by pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.digits.digitset import classes_of


def class_means(images: ArrayLike, labels: ArrayLike) -> NDArray[np.float32]:
    """Return the mean image of each class.

    Parameters
    ----------
    images : array_like, shape (n, pixels)
        float in [0, 1], or uint8 in 0..255.
    labels : array_like of int, shape (n,)

    Returns
    -------
    ndarray of float32, shape (classes, pixels), in [0, 1]
        A row of zeros for a class of which there are none; 10, or more where labels reach
        further.

    Raises
    ------
    ValueError
        If shapes do not fit.
    """
    pixels, classes = np.asarray(images), np.asarray(labels)
    if pixels.ndim != 2 or classes.shape != pixels.shape[:1]:
        raise ValueError(
            f"images, labels: expected shapes (n, pixels) and (n,); "
            f"got {pixels.shape} and {classes.shape}"
        )
    means = np.zeros((classes_of(classes), pixels.shape[1]), np.float64)
    for digit in range(len(means)):
        chosen = pixels[classes == digit]
        if len(chosen):
            means[digit] = chosen.mean(axis=0, dtype=np.float64)
    return (means / 255 if pixels.dtype == np.uint8 else means).astype(np.float32)


def never_lit(images: ArrayLike) -> NDArray[np.bool_]:
    """Return which pixels are zero in every image; weights on them never matter nor learn.

    Parameters
    ----------
    images : array_like, shape (n, pixels)

    Returns
    -------
    ndarray of bool, shape (pixels,)
        All true where there are no images.
    """
    pixels = np.asarray(images)
    if pixels.ndim != 2:
        raise ValueError(f"images: expected shape (n, pixels); got {pixels.shape}")
    return np.asarray(~pixels.any(axis=0))
