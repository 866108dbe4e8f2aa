"""What a network says of pictures that are no digit, and how sure it is of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.analysis.whole.mistakes import confidences
from toolkit.grid import Grid
from toolkit.network import Float, Network

KINDS = ("noise", "blank", "inverted", "shifted", "scrambled")
"""In the order in which they are returned."""

SURE = 0.8
"""From this confidence on an answer counts as sure."""

LEVELS = (5, 25, 50, 75, 95)
"""Which quantiles of the confidence are told, in percent."""

_BINS = 20
_MOST_CELLS = 16_000_000  # pixels of one kind: as float32 64 MB
_EXAMPLES = 4


@dataclass(frozen=True, eq=False)
class Nonsense:
    """Answers to pictures of one kind.

    Attributes
    ----------
    kind : str
        One of :data:`KINDS`.
    count : int
        How many pictures were shown.
    answers : ndarray of int64, shape (outputs,)
        How often each output won.
    mean : float, 0..1
        Mean confidence, as :func:`~toolkit.analysis.whole.confidences` says; nan where no answer
        has one.
    quantiles : ndarray of float64, shape (5,)
        Of the confidence, at :data:`LEVELS`; nan where no answer has one.
    sure : float, 0..1
        Share of the pictures answered with a confidence of :data:`SURE` or more.
    histogram : ndarray of int64, shape (20,)
        How many confidences are in each of 20 bins, evenly spaced from 0 to 1; one that is nan is
        in none.
    examples : ndarray of uint8, shape (k, pixels), k at most 4
        The first pictures shown, 0..255.
    read : ndarray of int64, shape (k,)
    confidence : ndarray of float64, shape (k,)
        What was said of the examples.
    """

    kind: str
    count: int
    answers: NDArray[np.int64]
    mean: float
    quantiles: NDArray[np.float64]
    sure: float
    histogram: NDArray[np.int64]
    examples: NDArray[np.uint8]
    read: NDArray[np.int64]
    confidence: NDArray[np.float64]

    @property
    def favourite(self) -> int:
        """The answer given most often, the lowest of several."""
        return int(np.argmax(self.answers))

    @property
    def median(self) -> float:
        """The confidence that half of the answers reach."""
        return float(self.quantiles[LEVELS.index(50)])


def nonsense(
    network: Network, images: ArrayLike, *, seed: int = 0, count: int = 1000
) -> tuple[Nonsense, ...]:
    """Show a network what is no digit.

    - ``noise``: each pixel drawn evenly from 0 to 1;
    - ``blank``: the one picture without ink;
    - ``inverted``: digits, ink dark on bright, ``1 - x``;
    - ``shifted``: digits moved by half the picture, up, down, left and right in turn, so that half
      of it is gone (in a single row of pixels: left and right);
    - ``scrambled``: digits whose pixels stand in another order, each in its own: as much ink, and
      no shape.

    That networks are sure of such pictures is the finding of Nguyen, Yosinski & Clune, "Deep
    neural networks are easily fooled" (2015); inputs that are noise, and the confidence of the
    winner as the measure, are those of Hendrycks & Gimpel, "A baseline for detecting
    misclassified and out-of-distribution examples" (2017).

    Parameters
    ----------
    network : Network
    images : array_like, shape (n, pixels)
        Digits to distort: float in [0, 1], or uint8 in 0..255.  Of more than `count` as many are
        drawn, none twice.  Without any, the kinds that need digits are left out.
    seed : int, at least 0
        The same seed shows the same pictures.
    count : int, at least 1
        Pictures of each kind, at most; of blank ones there is one.  Fewer where pictures are very
        large: 244 of 256×256 pixels.

    Returns
    -------
    tuple of Nonsense
        One a kind, in the order of :data:`KINDS`.

    Raises
    ------
    ValueError
        If the images do not fit the network, or count or seed is out of range.
    """
    pixels = np.asarray(images)
    inputs = network.sizes[0]
    if pixels.ndim != 2 or pixels.shape[1] != inputs:
        raise ValueError(f"images: expected shape (n, {inputs}); got {pixels.shape}")
    if count < 1 or seed < 0:
        raise ValueError(f"count, seed: expected 1 or more and 0 or more; got {count}, {seed}")
    count = min(count, max(1, _MOST_CELLS // inputs))
    rng = np.random.default_rng(seed)
    noise = rng.random((count, inputs), np.float32)
    chosen = pixels[rng.permutation(len(pixels))[:count]]
    digits = chosen.astype(np.float32)
    if pixels.dtype == np.uint8:
        digits /= np.float32(255)
    return tuple(
        _asked(network, kind, shown) for kind, shown in _pictures(noise, digits, network.grid, rng)
    )


def _pictures(
    noise: Float, digits: Float, grid: Grid, rng: np.random.Generator
) -> Iterator[tuple[str, Float]]:
    yield "noise", noise
    yield "blank", np.zeros((1, noise.shape[1]), np.float32)
    if len(digits):
        yield "inverted", 1 - digits
        yield "shifted", _half_gone(digits, grid)
        yield "scrambled", rng.permuted(digits, axis=1)


def _half_gone(digits: Float, grid: Grid) -> Float:
    pictures = digits.reshape(-1, *grid)
    moved = np.zeros_like(pictures)
    down, across = (grid.rows + 1) // 2, (grid.columns + 1) // 2
    ways = 4 if grid.is_picture else 2
    for way in range(ways):
        part, to = pictures[way::ways], moved[way::ways]
        match way:
            case 0:
                to[:, :, : grid.columns - across] = part[:, :, across:]
            case 1:
                to[:, :, across:] = part[:, :, : grid.columns - across]
            case 2:
                to[:, : grid.rows - down] = part[:, down:]
            case _:
                to[:, down:] = part[:, : grid.rows - down]
    return moved.reshape(digits.shape)


def _asked(network: Network, kind: str, shown: Float) -> Nonsense:
    with np.errstate(all="ignore"):
        responses = network.forward(shown)
    sure, read = confidences(responses, activation=network.activations[-1]), responses.predictions
    known = sure[~np.isnan(sure)]
    bins, _ = np.histogram(known, _BINS, (0, 1))
    return Nonsense(
        kind=kind,
        count=len(shown),
        answers=np.bincount(read, minlength=network.sizes[-1]),
        mean=float(known.mean()) if len(known) else np.nan,
        quantiles=np.percentile(known, LEVELS) if len(known) else np.full(len(LEVELS), np.nan),
        sure=float(np.count_nonzero(known >= SURE) / len(shown)),
        histogram=bins,
        examples=np.rint(255 * shown[:_EXAMPLES]).astype(np.uint8),
        read=read[:_EXAMPLES].astype(np.int64),
        confidence=sure[:_EXAMPLES],
    )
