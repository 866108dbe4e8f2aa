"""Which pieces of ink on a picture are the digit's."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]

_CELLS = 128  # of the longer side, on which pieces are told apart
_SPECK = 0.03  # of the main piece's ink: below it dust
_NEAR = 0.3  # of the main piece's longer side: further off it is something else
_LEAST = 0.08  # of the picture's longer side: a smaller piece is no digit beside larger ones
_ANOTHER = 0.3  # of the digit's ink, and of its longer side: what is left over may be one more


class Pieces(NamedTuple):
    """What was told apart.

    Attributes
    ----------
    kept : ndarray of bool, shape (h, w)
        Where the digit may have ink, a little beyond what was given.
    another : bool
        Whether something else on the picture may be a digit as well.
    """

    kept: NDArray[np.bool_]
    another: bool


def digit_pieces(ink: Grey) -> Pieces:
    """Tell which places belong to the digit: its main piece, and those near it.

    Parameters
    ----------
    ink : ndarray of float32, shape (h, w), 0 where there is none for certain

    Returns
    -------
    Pieces
    """
    step = max(1, -(-max(ink.shape) // _CELLS))
    h, w = (-(-side // step) for side in ink.shape)
    coarse = np.zeros((h * step, w * step), np.float32)
    coarse[: ink.shape[0], : ink.shape[1]] = ink
    mass = coarse.reshape(h, step, w, step).sum(axis=(1, 3))
    pieces = [_Piece(cells, mass) for cells in _pieces(mass)]
    if not pieces:
        return Pieces(np.zeros(ink.shape, bool), another=False)
    # What the picture's edge cuts is a table or a neighbour, if there is something whole.
    whole = [piece for piece in pieces if not piece.cut and piece.extent >= _LEAST * max(h, w)]
    main = max(whole or pieces, key=lambda piece: piece.worth)
    low, high = main.low, main.high
    left = [p for p in pieces if p is not main and p.mass >= _SPECK * main.mass]
    if not main.cut:
        left = [piece for piece in left if not piece.cut]
    own = [main]
    reach = _NEAR * max(high - low + 1)
    while near := [p for p in left if np.maximum(p.low - high, low - p.high).max() <= reach]:
        own += near
        left = [piece for piece in left if piece not in near]
        low = np.min([piece.low for piece in own], axis=0)
        high = np.max([piece.high for piece in own], axis=0)
    kept = np.zeros((h + 2, w + 2), bool)
    for piece in own:
        for i in (0, 1, 2):
            for j in (0, 1, 2):
                kept[piece.cells[:, 0] + i, piece.cells[:, 1] + j] = True
    fine = kept[1:-1, 1:-1].repeat(step, axis=0).repeat(step, axis=1)
    mass, extent = sum(piece.mass for piece in own), max(high - low + 1)
    another = any(
        not piece.cut and piece.mass >= _ANOTHER * mass and piece.extent >= _ANOTHER * extent
        for piece in left
    )
    return Pieces(np.asarray(fine[: ink.shape[0], : ink.shape[1]]), another)


class _Piece:
    """Cells that hang together."""

    def __init__(self, cells: NDArray[np.intp], mass: Grey) -> None:
        self.cells = cells
        self.low, self.high = cells.min(axis=0), cells.max(axis=0)
        self.mass = float(mass[cells[:, 0], cells[:, 1]].sum())
        self.extent = int((self.high - self.low).max()) + 1
        size = np.array(mass.shape)
        self.cut = bool((self.low == 0).any() or (self.high == size - 1).any())
        off = float((((self.low + self.high) / 2 / (size - 1).clip(1) - 0.5) ** 2).sum())
        self.worth = self.mass * (1 - off)


def _pieces(mass: Grey) -> list[NDArray[np.intp]]:
    unseen = {(int(r), int(c)) for r, c in np.argwhere(mass > 0)}
    pieces = []
    while unseen:
        piece = [unseen.pop()]
        for r, c in piece:  # grows while it is walked
            near = {(r + i, c + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & unseen
            unseen -= near
            piece.extend(near)
        pieces.append(np.array(piece))
    return pieces
