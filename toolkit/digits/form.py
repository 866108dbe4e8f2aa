"""MNIST's form: ink in a box of 20 pixels, set into 28×28 by its centre of mass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BOX = 20
"""Pixels of the longer side of the ink."""
SIDE = 28
"""Pixels of the image's side."""


def place(boxes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Set boxes into images by whole pixels, the centre of mass nearest to pixel (14, 14).

    Parameters
    ----------
    boxes : ndarray of uint8, shape (n, BOX, BOX), each with some ink

    Returns
    -------
    ndarray of uint8, shape (n, SIDE, SIDE)
        No ink falls off the edge: a box goes no further out than it fits.
    """
    n = len(boxes)
    mass = boxes.sum(axis=(1, 2), dtype=np.float64)
    position = np.arange(BOX)
    row = (boxes.sum(axis=2, dtype=np.float64) @ position) / mass
    column = (boxes.sum(axis=1, dtype=np.float64) @ position) / mass
    most = SIDE - BOX
    top = np.clip(np.rint(SIDE / 2 - row), 0, most).astype(int)
    left = np.clip(np.rint(SIDE / 2 - column), 0, most).astype(int)
    images = np.zeros((n, SIDE, SIDE), np.uint8)
    rows = (top[:, None] + position)[:, :, None]
    columns = (left[:, None] + position)[:, None, :]
    images[np.arange(n)[:, None, None], rows, columns] = boxes
    return images
