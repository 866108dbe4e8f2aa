"""Drawn digits: pen strokes, varied as hands vary, brought to MNIST's form.

They stand in for handwriting where MNIST is not at hand: the same size, the same
placing, the same greys, and deterministic by seed.  How widely they vary was set so
that networks of 784-16-16-10 pass both ways: taught by 60,000 drawn digits they read
91% of MNIST's test digits, and taught by MNIST about 95% of these.

A seed gives the same digits on every machine.  Matrix products and functions such as
sine differ in their last digit from processor to processor, so paths are reckoned in
float64 and rounded to float32 before they are inked: what differs is a billionth of
what the rounding takes away.  Inking is sums, products and comparisons of float32
alone, which are the same everywhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from toolkit.digits.cache import cache_folder
from toolkit.digits.digitset import DigitSet
from toolkit.digits.drawn.pen import SAMPLES, Array, pen
from toolkit.digits.drawn.strokes import HALF_WIDTH, LEAN
from toolkit.digits.form import BOX, SIDE, place
from toolkit.files import write_whole

_SOURCES = ("drawn/drawing.py", "drawn/pen.py", "drawn/strokes.py", "form.py")
_BLOCK = 500  # digits drawn from one stream of random numbers
_CHUNK = 50  # digits inked together: their pixels fit the processor's cache

Progress = Callable[[float], None]


def generate(count: int = 10_000, seed: int = 0, progress: Progress | None = None) -> DigitSet:
    """Draw digits.

    Parameters
    ----------
    count : int, 0 or more
        How many.  Every ten in a row hold each label once, in random order; digit
        *i* is the same whatever the count.
    seed : int, 0 or more
    progress : callable, optional
        Called with the fraction done, from above 0 to 1.

    Returns
    -------
    DigitSet
        `count` images of 28×28 pixels, ink bright, the ink's box 20 pixels on its
        longer side, its centre of mass within half a pixel of pixel (14, 14).

    Raises
    ------
    ValueError
        If `count` or `seed` is not a whole number of 0 or more.
    """
    count, seed = _check_natural("count", count), _check_natural("seed", seed)
    pixels = np.zeros((count, SIDE * SIDE), np.uint8)
    labels = np.zeros(count, np.uint8)
    for block, start in enumerate(range(0, count, _BLOCK)):
        stop = min(start + _BLOCK, count)
        block_pixels, block_labels = _draw_block(np.random.default_rng([seed, block]))
        pixels[start:stop] = block_pixels[: stop - start]
        labels[start:stop] = block_labels[: stop - start]
        if progress is not None:
            progress(stop / count)
    return DigitSet(pixels, labels, "drawn digits", "drawn")


def load(count: int = 10_000, seed: int = 0, progress: Progress | None = None) -> DigitSet:
    """Return ``generate(count, seed)``, kept on disk from the first time on.

    A cache that is damaged, belongs to another version or cannot be written is
    passed over: the digits are drawn anew.

    Parameters
    ----------
    count, seed, progress
        As in `generate`.

    Returns
    -------
    DigitSet

    Raises
    ------
    ValueError
        As in `generate`.
    """
    count, seed = _check_natural("count", count), _check_natural("seed", seed)
    path = cache_path(count, seed)
    kept = _read_cache(path, count)
    if kept is not None:
        if progress is not None:
            progress(1.0)
        return kept
    digits = generate(count, seed, progress)
    with contextlib.suppress(OSError):
        _write_cache(path, digits)
    return digits


def cache_path(count: int, seed: int) -> Path:
    """Return where `load` keeps the digits of this count and seed."""
    return cache_folder() / f"drawn-{generator_version()}-{count}-seed{seed}.npz"


@cache
def generator_version() -> str:
    """Return eight hex digits that name what draws: these modules' text and NumPy's release.

    Part of the cache's file names, so that digits of another generator are never taken for
    this one's.
    """
    digest = hashlib.sha256(np.__version__.encode())
    for name in _SOURCES:
        digest.update((files("toolkit.digits") / name).read_bytes())
    return digest.hexdigest()[:8]


def _read_cache(path: Path, count: int) -> DigitSet | None:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            pixels, labels, checksum = arrays["pixels"], arrays["labels"], str(arrays["checksum"])
    except Exception:  # not there, or damaged, for which zip, zlib and NumPy have many names
        return None
    if pixels.shape != (count, SIDE * SIDE) or pixels.dtype != np.uint8:
        return None
    try:
        digits = DigitSet(pixels, labels, "drawn digits", "drawn")
    except ValueError:
        return None
    return digits if digits.checksum == checksum else None


def _write_cache(path: Path, digits: DigitSet) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    archive = io.BytesIO()
    np.savez_compressed(
        archive, pixels=digits.pixels, labels=digits.labels, checksum=np.array(digits.checksum)
    )
    write_whole(path, archive.getvalue())


def _check_natural(name: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
        raise ValueError(f"{name}: expected a whole number of 0 or more; got {value!r}")
    return int(value)


def _draw_block(rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    labels = rng.permuted(np.tile(np.arange(10), (_BLOCK // 10, 1)), axis=1).ravel()
    curves, along = _curves(rng, labels)
    half_widths = _half_widths(rng, labels, curves, along)
    boxes = _ink(rng, curves, half_widths)
    images = place(np.rint(boxes * 255).astype(np.uint8))
    return images.reshape(_BLOCK, SIDE * SIDE), labels.astype(np.uint8)


def _curves(rng: np.random.Generator, labels: NDArray[np.intp]) -> tuple[Array, Array]:
    """Return each digit's pen path, (n, SAMPLES, 2), and how far along its stroke each point is.

    Units are the digit's height, but for what the distortions do to it.
    """
    styles = pen()
    n = len(labels)
    style = np.empty(n, np.intp)
    pick = rng.random(n)
    for digit, (which, share) in enumerate(styles.by_digit):
        here = labels == digit
        style[here] = which[np.minimum(np.searchsorted(share.cumsum(), pick[here]), len(which) - 1)]

    # Somewhere among the style's shapes, mostly near one of them or between two.
    mix = rng.dirichlet(np.full(styles.shapes.shape[1], 0.5), n)
    points = np.einsum("nk,nkpc->npc", mix, styles.shapes[style])
    # A hand errs smoothly: neighbouring points go astray together, in part.
    astray = rng.normal(0, 0.035, points.shape)
    astray[:, 1:] = 0.75 * astray[:, 1:] + 0.5 * astray[:, :-1]
    points = points + astray
    round_off = rng.beta(0.8, 1.2, (n, 1, 1))
    basis = round_off * styles.rounded[style] + (1 - round_off) * styles.cornered[style]
    path = np.matmul(basis, points)

    def each(spread: float, middle: float = 0.0) -> Array:
        return rng.normal(middle, spread, (n, 1))

    x, y = path[..., 0] - 0.3, path[..., 1] - 0.5
    # What hands do to the whole: a larger head or foot, a bow, a taper.
    bulge = np.cos(np.pi * y)
    y = y + each(0.07) * bulge
    x = x * (1 + each(0.32) * y) + each(0.05) * bulge
    # A small elastic wobble, slower than the strokes.
    for _ in range(2):
        across, down, phase = each(3.0), each(3.0), rng.uniform(0, 2 * np.pi, (n, 1))
        wave = np.sin(across * x + down * y + phase)
        x, y = x + each(0.022) * wave, y + each(0.022) * wave
    width = np.exp(each(0.19, 0.10))
    x = x * width
    lean = np.array(LEAN)[labels][:, None] + each(0.24)
    x = x - lean * y  # slant: the top leans to the right
    turn = each(0.10)
    x, y = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
    return np.stack([x, y], axis=-1), styles.along[style]


def _half_widths(
    rng: np.random.Generator, labels: NDArray[np.intp], curves: Array, along: Array
) -> Array:
    """Return half the line's width in final pixels at each point, (n, SAMPLES)."""
    n = len(curves)
    width = np.array(HALF_WIDTH)[labels][:, None] * np.exp(rng.normal(0, 0.28, (n, 1)))
    width = np.clip(width, 0.6, 2.3)
    # A broad nib: wider in one direction than across it.
    step = np.gradient(curves, axis=1)
    direction = np.arctan2(step[..., 1], step[..., 0])
    nib = rng.normal(0, 0.10, (n, 1)) * np.cos(2 * direction - rng.uniform(0, 2 * np.pi, (n, 1)))
    pressure = rng.normal(0, 0.08, (n, 1)) * np.cos(
        rng.uniform(1, 5, (n, 1)) * along + rng.uniform(0, 2 * np.pi, (n, 1))
    )
    return np.asarray(width * np.clip(1 + nib + pressure, 0.65, 1.4))


def _ink(rng: np.random.Generator, curves: Array, half_widths: Array) -> NDArray[np.float32]:
    """Scale each path so that its ink fills the box on the longer side, and ink it.

    Returns grey in [0, 1], shape (n, BOX, BOX).
    """
    n = len(curves)
    slack = rng.uniform(0.0, 0.3, (n, 1))  # the outermost pixels are grey more or less
    extent = np.maximum(np.ptp(curves, axis=1), 1e-6)
    scale = (BOX - slack - 2 * half_widths.mean(axis=1, keepdims=True)) / extent.max(
        axis=1, keepdims=True
    )
    reach = half_widths[..., None]
    for _ in range(3):  # the line's width does not scale along, so come closer step by step
        points = curves * scale[:, None]
        inked = (points + reach).max(axis=1) - (points - reach).min(axis=1)
        scale = scale + (BOX - slack - inked.max(axis=1, keepdims=True)) / extent.max(
            axis=1, keepdims=True
        )
    points = curves * scale[:, None]
    low, high = (points - reach).min(axis=1), (points + reach).max(axis=1)
    points = points + ((BOX - low - high) / 2)[:, None]
    soft = rng.uniform(0.7, 1.05, n)
    return _inked(
        points.astype(np.float32),
        half_widths.astype(np.float32),
        (2 * half_widths.mean(axis=1) * soft).astype(np.float32),
    )


def _inked(
    points: NDArray[np.float32], half_widths: NDArray[np.float32], edges: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Ink paths of given half widths; from full ink to none is `edges` wide, squared."""
    n = len(points)
    grey = np.empty((n, BOX, BOX), np.float32)
    centres = np.arange(BOX, dtype=np.float32) + np.float32(0.5)
    squared = half_widths**2
    for start in range(0, n, _CHUNK):
        part = slice(start, start + _CHUNK)
        dx2 = (centres - points[part, :, 0, None]) ** 2 - squared[part, :, None]
        dy2 = (centres - points[part, :, 1, None]) ** 2
        # Distance to the path in the power metric: one addition where a true distance to
        # a line of varying width takes a root.  Near the edge the two agree.
        nearest = np.full((len(dx2), BOX, BOX), np.inf, np.float32)
        apart = np.empty_like(nearest)
        for m in range(SAMPLES):
            np.add(dy2[:, m, :, None], dx2[:, m, None, :], out=apart)
            np.minimum(nearest, apart, out=nearest)
        grey[part] = np.clip(0.5 - nearest / edges[part, None, None], 0, 1)
    return grey
