"""How well a network reads digits that are shifted, turned, thicker, thinner, or noisy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.analysis.whole.mistakes import check_labels
from toolkit.digits.digitset import DigitSet
from toolkit.fits import sample
from toolkit.grid import Grid
from toolkit.network import Float, Network

Progress = Callable[[float, float], object]
"""Told how much is done, of how much."""

SHIFTS = (0, 1, 2, 3, 4)
ANGLES = tuple(range(-45, 46, 5))
WIDTHS = (-2, -1, 0, 1, 2, 3, 4)
NOISES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)

_BLOCK, _BLOCK_CELLS = 500, 4_000_000  # digits, pixels: some at a time, to stay in the caches
_WAYS = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))


@dataclass(frozen=True, eq=False)
class Curve:
    """Accuracy as digits are changed more and more.

    Attributes
    ----------
    kind : str
        "shift", "rotation", "thickness" or "noise".
    unit : str
        What `amounts` are measured in.
    amounts : ndarray of float64, shape (k,)
        Ascending; 0, the digits as they are, is among them.
    accuracy : ndarray of float64, shape (k,), 0..1
    images : int
        How many digits were used.
    """

    kind: str
    unit: str
    amounts: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    images: int

    @property
    def plain(self) -> float:
        """Accuracy on the digits as they are."""
        return float(self.accuracy[self.amounts == 0][0])


def robustness(
    network: Network,
    digits: DigitSet,
    *,
    most: int = 2000,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[Curve, ...]:
    """Measure accuracy on digits that are changed, as curves over how much.

    - ``shift``: by 0 to 4 pixels, the mean over eight directions (a diagonal one moves by as many
      pixels down as across); what leaves the picture is lost.
    - ``rotation``: about the middle by -45 to 45 degrees, counter-clockwise above 0, sampled
      bilinearly (as Simard, Steinkraus & Platt 2003 deform digits).
    - ``thickness``: strokes wider by -2 to 4 pixels, roughly.  Grey-scale dilation or erosion by a
      cross of five pixels (Serra 1982, ch. 12) moves every edge by one pixel and so a stroke's
      width by two; the odd widths are the mean of those beside them, half a pixel at each edge.
    - ``noise``: Gaussian, of standard deviation 0 to 0.8, added to each pixel and clipped to
      [0, 1] (as Hendrycks & Dietterich, "Benchmarking neural network robustness to common
      corruptions and perturbations", 2019).  One draw, scaled, serves all amounts.

    Parameters
    ----------
    network : Network
    digits : DigitSet
        Laid out for the network; on another grid of as many pixels, they are taken as its own.
    most : int, at least 1
        Of more digits so many are used, the same ones each time.
    seed : int, at least 0
        Of the noise.
    progress : callable, optional
        Told now and then how much is done, and of how much.

    Returns
    -------
    tuple of Curve
        Of the kinds above, in this order.  At amount 0 the accuracy is the plain one of the digits
        used; all are nan where there are none.

    Raises
    ------
    ValueError
        If the digits do not fit the network, or most or seed is out of range.
    """
    inputs = network.sizes[0]
    if digits.pixels.shape[1] != inputs:
        raise ValueError(
            f"digits: expected images of {inputs} pixels; got {digits.pixels.shape[1]}"
        )
    if most < 1 or seed < 0:
        raise ValueError(f"most, seed: expected 1 or more and 0 or more; got {most}, {seed}")
    if len(digits) > most:
        digits = digits.subset(sample(len(digits), most))
    labels = check_labels(digits.labels, len(digits))

    def right(images: Float, of: slice) -> int:
        with np.errstate(all="ignore"):
            return int(np.count_nonzero(network.forward(images).predictions == labels[of]))

    counts = [np.zeros(len(amounts)) for _, _, amounts, _ in _KINDS]
    rng = np.random.default_rng(seed)
    step = max(1, min(_BLOCK, _BLOCK_CELLS // inputs))
    parts = [slice(start, start + step) for start in range(0, len(digits), step)]
    for number, part in enumerate(parts):
        # One contiguous row a pixel: whatever moves pixels moves rows.
        columns = np.ascontiguousarray(digits.images[part].T)
        noise = rng.standard_normal(columns.shape, np.float32)
        for at, (_, _, amounts, changed) in enumerate(_KINDS):
            for place, amount in enumerate(amounts):
                if amount:
                    ways = changed(columns, network.grid, amount, noise)
                    counts[at][place] += np.mean([right(images.T, part) for images in ways])
            if progress is not None:
                progress(number * len(_KINDS) + at + 1, len(parts) * len(_KINDS))
    curves = []
    # All at once, as anybody else reads them: a sum's rounding may depend on how many there are.
    plain = right(digits.images, slice(None))
    for (kind, unit, amounts, _), rights in zip(_KINDS, counts, strict=True):
        values = np.array(amounts, np.float64)
        with np.errstate(invalid="ignore"):
            accuracy = np.where(values == 0, plain, rights) / np.float64(len(digits))
        curves.append(Curve(kind, unit, values, accuracy, len(digits)))
    return tuple(curves)


def changed(
    images: ArrayLike, kind: str, amount: float, *, grid: Grid, seed: int = 0
) -> NDArray[np.float32]:
    """Return digits as :func:`robustness` shows them to a network.

    Parameters
    ----------
    images : array_like of float, shape (n, pixels), in [0, 1]
    kind : {"shift", "rotation", "thickness", "noise"}
    amount : float
        As in :class:`Curve`; whole pixels of a shift or a stroke's width.
    grid : Grid
        Of an image.
    seed : int, at least 0
        Of the noise.

    Returns
    -------
    ndarray of float32, shape (ways, n, pixels), in [0, 1]
        Eight ways of a shift (right, right and down, down, and so on clockwise), one of any other
        kind.

    Raises
    ------
    ValueError
        If there is no such kind, or the images are not of this grid.
    """
    pixels = np.asarray(images, np.float32)
    if pixels.ndim != 2 or pixels.shape[1] != grid.cells:
        raise ValueError(f"images: expected shape (n, {grid.cells}); got {pixels.shape}")
    found = {name: make for name, _, _, make in _KINDS}
    if kind not in found:
        raise ValueError(f"kind: expected one of {', '.join(found)}; got {kind!r}")
    noise = np.random.default_rng(seed).standard_normal(pixels.T.shape, np.float32)
    return np.stack([each.T for each in found[kind](pixels.T.copy(), grid, amount, noise)])


def _shifted(columns: Float, grid: Grid, amount: float, _: Float) -> Iterator[Float]:
    pictures = columns.reshape(*grid, -1)
    for down, across in _WAYS:
        moved = np.zeros_like(pictures)
        to_rows, from_rows = _overlap(int(amount) * down, grid.rows)
        to_columns, from_columns = _overlap(int(amount) * across, grid.columns)
        moved[to_rows, to_columns] = pictures[from_rows, from_columns]
        yield moved.reshape(columns.shape)


def _overlap(by: int, size: int) -> tuple[slice, slice]:
    """Return where what is moved by so many places arrives, and where it came from."""
    by = max(-size, min(size, by))
    return slice(max(0, by), size + min(0, by)), slice(max(0, -by), size - max(0, by))


def _turned(columns: Float, grid: Grid, amount: float, _: Float) -> Iterator[Float]:
    rows, across = np.indices(tuple(grid)).reshape(2, -1)
    down, right = rows - (grid.rows - 1) / 2, across - (grid.columns - 1) / 2
    cosine, sine = np.cos(np.radians(amount)), np.sin(np.radians(amount))
    from_rows = cosine * down + sine * right + (grid.rows - 1) / 2
    from_columns = cosine * right - sine * down + (grid.columns - 1) / 2
    top, left = np.floor(from_rows).astype(int), np.floor(from_columns).astype(int)
    low, far = from_rows - top, from_columns - left
    # What comes from outside the picture comes from a row of zeros behind it.
    padded = np.vstack([columns, np.zeros_like(columns[:1])])
    turned, corner = np.zeros_like(columns), np.empty_like(columns)
    for row, column, weight in (
        (top, left, (1 - low) * (1 - far)),
        (top, left + 1, (1 - low) * far),
        (top + 1, left, low * (1 - far)),
        (top + 1, left + 1, low * far),
    ):
        inside = (row >= 0) & (row < grid.rows) & (column >= 0) & (column < grid.columns)
        source = np.where(inside, row * grid.columns + column, grid.cells)
        np.take(padded, source, axis=0, out=corner, mode="clip")
        corner *= weight[:, None].astype(np.float32)
        turned += corner
    yield turned


def _thickened(columns: Float, grid: Grid, amount: float, _: Float) -> Iterator[Float]:
    # Thinner ink is thicker ground.
    sign = np.float32(-1 if amount < 0 else 1)
    whole, half = divmod(abs(int(amount)), 2)
    pictures = sign * columns.reshape(*grid, -1)
    for _step in range(whole):
        pictures = _dilated(pictures, sign)
    if half:
        pictures = (pictures + _dilated(pictures, sign)) / 2
    yield (sign * pictures).reshape(columns.shape)


def _dilated(pictures: Float, sign: np.float32) -> Float:
    wide = pictures.copy()
    np.maximum(wide[1:], pictures[:-1], out=wide[1:])
    np.maximum(wide[:-1], pictures[1:], out=wide[:-1])
    np.maximum(wide[:, 1:], pictures[:, :-1], out=wide[:, 1:])
    np.maximum(wide[:, :-1], pictures[:, 1:], out=wide[:, :-1])
    if sign < 0:  # around the picture is ground, which is 0
        for edge in (wide[0], wide[-1], wide[:, 0], wide[:, -1]):
            edge[:] = 0
    return wide


def _noisy(columns: Float, _: Grid, amount: float, noise: Float) -> Iterator[Float]:
    grey = noise * np.float32(amount)
    grey += columns
    yield np.clip(grey, 0, 1, out=grey)


_KINDS = (
    ("shift", "pixels", SHIFTS, _shifted),
    ("rotation", "degrees", ANGLES, _turned),
    ("thickness", "pixels of stroke width", WIDTHS, _thickened),
    ("noise", "standard deviation of a pixel", NOISES, _noisy),
)
