"""How pictures in MNIST's form are laid on the grids that other digit sets and networks have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from toolkit.grid import Grid

MNIST = Grid(28, 28)
_FILLED = {Grid(16, 16), Grid(20, 20)}  # as USPS and MNIST's digits before they got their margin
_MARGIN = 4
_MOST_PADDED = 32  # as LeNet takes them
_OWN_BOX = Grid(8, 8)  # of the digits that scikit-learn holds, made so from each one's own box
_WIDTH = 1.2  # of such a box, by its height
_INK = 64
_AT_ONCE = 2000  # pictures


def box(images: NDArray[np.uint8], grid: Grid) -> NDArray[np.uint8]:
    """Return what of pictures in MNIST's form belongs on a grid, before they are resized.

    The margin is cut off where the grid's digits have none; where the grid is a little larger, they
    are padded and not stretched.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, 28, 28)
    grid : Grid

    Returns
    -------
    ndarray of uint8, shape (n, rows, columns)
    """
    if grid in _FILLED:
        return images[:, _MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
    if all(MNIST.rows < side <= _MOST_PADDED for side in grid):
        around = [((side - MNIST.rows) // 2, (side - MNIST.rows + 1) // 2) for side in grid]
        return np.pad(images, ((0, 0), *around))
    return images


def has_own_box(grid: Grid) -> bool:
    """Tell whether each digit fills such a grid's height, wherever it stood and however large."""
    return grid == _OWN_BOX


def from_own_boxes(images: NDArray[np.uint8], grid: Grid) -> NDArray[np.uint8]:
    """Return each picture's ink, from its highest row to its lowest, on a grid.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, rows, columns)
    grid : Grid

    Returns
    -------
    ndarray of uint8, shape (n, cells)
    """
    made = np.empty((len(images), grid.cells), np.uint8)
    for start in range(0, len(images), _AT_ONCE):
        part = images[start : start + _AT_ONCE]
        (top, bottom), (left, right) = (_ends(part.max(axis=axis)) for axis in (2, 1))
        width = np.maximum(right - left, _WIDTH * (bottom - top))
        middle = (left + right) / 2
        down = _shares(top, bottom, grid.rows, part.shape[1])
        across = _shares(middle - width / 2, middle + width / 2, grid.columns, part.shape[2])
        means = down @ part.astype(np.float32) @ across.swapaxes(1, 2)
        made[start : start + _AT_ONCE] = np.clip(np.rint(means), 0, 255).reshape(len(part), -1)
    return made


def _ends(brightest: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where ink begins and ends in each row; the whole where there is none."""
    inked = brightest >= _INK
    inked |= ~inked.any(axis=1, keepdims=True)
    length = inked.shape[1]
    return np.argmax(inked, axis=1), length - np.argmax(inked[:, ::-1], axis=1)


def _shares(
    start: NDArray[np.number], end: NDArray[np.number], new: int, old: int
) -> NDArray[np.float32]:
    """Return how much of each old pixel each new one covers, (n, new, old); beyond is paper."""
    step = ((end - start) / new)[:, None]
    first = start[:, None] + step * np.arange(new)
    cell = np.arange(old)
    upper = np.minimum((first + step)[:, :, None], cell + 1)
    covered = np.clip(upper - np.maximum(first[:, :, None], cell), 0, None)
    shares: NDArray[np.float32] = (covered / step[:, :, None]).astype(np.float32)
    return shares
