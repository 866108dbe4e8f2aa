"""A set of labelled digit images."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.digits import laying
from toolkit.grid import Grid

USUAL_CLASSES = 10
MOST_CLASSES = 256
"""Labels are kept in a byte each."""

_RESIZED_CELLS = 784 * 1000  # at once
_LONGEST_NAME = 40  # of a class


def classes_of(labels: ArrayLike) -> int:
    """Return how many classes labels are of: 10, or more where one reaches further."""
    found = np.asarray(labels)
    return max(USUAL_CLASSES, int(found.max()) + 1) if found.size else USUAL_CLASSES


def check_classes(labels: ArrayLike) -> NDArray[np.intp]:
    """Return labels as whole numbers.

    Raises
    ------
    ValueError
        If they are none, or not from 0 to 255.
    """
    found = np.asarray(labels)
    if found.size and (
        found.dtype.kind not in "iu" or found.min() < 0 or found.max() >= MOST_CLASSES
    ):
        raise ValueError(
            f"labels: expected whole numbers, 0 to {MOST_CLASSES - 1}; got {found.dtype} of "
            f"{found.min()} to {found.max()}"
        )
    return found.astype(np.intp)


@dataclass(frozen=True, eq=False)
class DigitSet:
    """Images with their labels.

    Kept as 8-bit grey, the form MNIST comes in; float pixels in [0, 1] are
    rounded to the nearest 1/255.

    Parameters
    ----------
    pixels : array_like, shape (n, pixels) or (n, rows, columns)
        uint8 in 0..255, or float in [0, 1]; ink is bright.
    labels : array_like of int, shape (n,), each 0..classes - 1
    name : str
        What the dashboard and the commands call it, for example ``"MNIST test"``.
    source : str
        One of ``"drawn"``, ``"mnist"`` or the path of a folder or file.
    grid : Grid, optional
        Rows and columns of an image, 28×28 for MNIST; by default those of `pixels`, or
        ``Grid.of`` where its images are rows of pixels.
    classes : int, optional
        1 to 256; by default 10, or more where labels reach further.
    class_names : tuple of str
        What each class is called, such as ``"A"``; empty where it is its number.

    Raises
    ------
    ValueError
        If shapes, ranges or counts do not fit.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    name: str = "digits"
    source: str = ""
    grid: Grid = None  # type: ignore[assignment]  # always one once made
    classes: int = None  # type: ignore[assignment]  # always one once made
    class_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        given = np.shape(self.pixels)
        pixels = _to_uint8(self.pixels)
        found = Grid(*given[1:]) if len(given) == 3 else None
        if self.grid is None:
            fallback = found or Grid.of(pixels.shape[1])  # type: ignore[unreachable]
            object.__setattr__(self, "grid", fallback)
        if self.grid != (found or self.grid) or self.grid.cells != pixels.shape[1]:
            raise ValueError(
                f"grid: expected {found or f'{pixels.shape[1]} cells'}, the pixels of an image; "
                f"got {self.grid}"
            )
        labels = np.asarray(self.labels)
        if labels.ndim != 1 or len(labels) != len(pixels):
            raise ValueError(
                f"labels: expected shape ({len(pixels)},), one for each image; got {labels.shape}"
            )
        if labels.dtype.kind not in "iu":
            raise ValueError(f"labels: expected whole numbers; got {labels.dtype}")
        most = MOST_CLASSES - 1 if self.classes is None else self.classes - 1
        if len(labels) and (labels.min() < 0 or labels.max() > most):
            raise ValueError(f"labels: expected 0 to {most}; got {labels.min()} to {labels.max()}")
        labels = labels.astype(np.uint8)
        if self.classes is None:
            object.__setattr__(self, "classes", classes_of(labels))  # type: ignore[unreachable]
        self._check_classes()
        for array in (pixels, labels):
            array.setflags(write=False)
        object.__setattr__(self, "pixels", pixels)
        object.__setattr__(self, "labels", labels)

    def _check_classes(self) -> None:
        if not 1 <= self.classes <= MOST_CLASSES:
            raise ValueError(f"classes: expected 1 to {MOST_CLASSES}; got {self.classes}")
        names = tuple(self.class_names)
        object.__setattr__(self, "class_names", names)
        if names and len(names) != self.classes:
            raise ValueError(
                f"class_names: expected one for each of {self.classes} classes; got {len(names)}"
            )
        for name in names:
            if not (0 < len(name) <= _LONGEST_NAME and name.isprintable()):
                raise ValueError(
                    f"class_names: expected 1 to {_LONGEST_NAME} letters that can be printed; "
                    f"got {name!r:.60}"
                )

    def __getstate__(self) -> dict[str, Any]:
        # What was made when asked for is made again where it is asked for.
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]  # checked, and read-only, as any other

    def __len__(self) -> int:
        return len(self.labels)

    def called(self, label: int) -> str:
        """Return what a class is called: its name, or its number where it has none."""
        return self.class_names[label] if self.class_names else str(label)

    def reach(self) -> int:
        """Return one more than the largest label, 0 of an empty set; at most `classes`."""
        return int(self.labels.max(initial=0)) + 1 if len(self) else 0

    def of_classes(self, classes: int) -> DigitSet:
        """Return the same digits as of fewer classes, the last of which no label is of.

        Raises
        ------
        ValueError
            If a label is of none of them.
        """
        if classes == self.classes:
            return self
        return replace(self, classes=classes, class_names=self.class_names[:classes])

    def image(self, index: int) -> NDArray[np.float32]:
        """Return one digit as float32 of shape (pixels,) in [0, 1]."""
        return np.asarray(self.pixels[index] / np.float32(255), np.float32)

    @cached_property
    def images(self) -> NDArray[np.float32]:
        """All digits as float32 of shape (n, pixels) in [0, 1]; made when first asked for."""
        images = self.pixels.astype(np.float32) / np.float32(255)
        images.setflags(write=False)
        return images

    @cached_property
    def columns(self) -> NDArray[np.uint8]:
        """Transposed pixels, shape (pixels, n), one contiguous row a pixel; made when asked for."""
        columns = np.ascontiguousarray(self.pixels.T)
        columns.setflags(write=False)
        return columns

    @cached_property
    def brightest(self) -> NDArray[np.uint8]:
        """Each pixel's largest value in any digit, shape (pixels,); made when asked for."""
        brightest: NDArray[np.uint8] = self.pixels.max(axis=0, initial=0)
        brightest.setflags(write=False)
        return brightest

    def subset(self, which: slice | ArrayLike, name: str | None = None) -> DigitSet:
        """Return the digits at the given positions as a set of their own."""
        index = which if isinstance(which, slice) else np.asarray(which)
        return replace(
            self, pixels=self.pixels[index], labels=self.labels[index], name=name or self.name
        )

    def resized(self, rows: int, columns: int) -> DigitSet:
        """Return the same digits on another grid, each new pixel the mean of what it covers."""
        grid = Grid(rows, columns)
        if grid == self.grid:
            return self
        down, across = (
            _covering(old, new) for old, new in zip(self.grid, (rows, columns), strict=True)
        )
        pixels = np.empty((len(self), grid.cells), np.uint8)
        # As floats, and several times over, they are much larger: some digits at a time.
        step = max(1, _RESIZED_CELLS // max(grid.cells, self.grid.cells))
        for start in range(0, len(self), step):
            part = self.pixels[start : start + step]
            images = part.reshape(len(part), *self.grid).astype(np.float32)
            means = np.einsum("ri,nij,cj->nrc", down, images, across, optimize=True)
            pixels[start : start + step] = np.clip(np.rint(means), 0, 255).reshape(len(part), -1)
        name = f"{self.name}, {grid}"
        return replace(self, pixels=pixels, name=name, grid=grid)

    def fitted(self, grid: Grid) -> DigitSet:
        """Return the same digits laid on a network's grid, unless it has as many cells.

        As many pixels on another grid are taken for the network's own: a file may not say which.
        A grid three times as tall as wide takes three equal pictures, one under another: colours.
        Those in MNIST's form are laid on some grids as other sets have their digits: 8×8 is filled
        by each digit, 16×16 and 20×20 by the box without its margin, and up to 32×32 they are
        padded.  Any others are resized.
        """
        if self.grid.cells == grid.cells:
            return self
        name = f"{self.name}, {grid}"
        if grid.rows == 3 * grid.columns:
            pixels = np.tile(self.fitted(Grid(grid.columns, grid.columns)).pixels, (1, 3))
            return replace(self, pixels=pixels, name=name, grid=grid)
        if self.grid != laying.MNIST:
            return self.resized(*grid)
        images = self.pixels.reshape(len(self), *self.grid)
        if laying.has_own_box(grid):
            return replace(self, pixels=laying.from_own_boxes(images, grid), name=name, grid=grid)
        boxed = laying.box(images, grid)
        laid = replace(self, pixels=boxed, grid=Grid(*boxed.shape[1:])).resized(*grid)
        return replace(laid, name=name)

    @cached_property
    def checksum(self) -> str:
        """Sixteen hex digits that name pixels and labels."""
        digest = hashlib.sha256(str(self.pixels.shape).encode())
        digest.update(np.ascontiguousarray(self.pixels).data)
        digest.update(np.ascontiguousarray(self.labels).data)
        return digest.hexdigest()[:16]

    def __repr__(self) -> str:
        few = "" if self.classes == USUAL_CLASSES else f", {self.classes} classes"
        return f"DigitSet {self.name!r}: {len(self):,} images of {self.grid} pixels{few}"


def _covering(old: int, new: int) -> NDArray[np.float32]:
    """Return shares (new, old), rows summing to 1: how much of each old pixel a new one covers."""
    edges = np.linspace(0, old, new + 1)
    start, end = edges[:-1, None], edges[1:, None]
    cell = np.arange(old)
    shares = np.clip(np.minimum(end, cell + 1) - np.maximum(start, cell), 0, None)
    result: NDArray[np.float32] = (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)
    return result


def _to_uint8(pixels: ArrayLike) -> NDArray[np.uint8]:
    array = np.asarray(pixels)
    if array.ndim not in (2, 3):
        raise ValueError(
            f"pixels: expected shape (n, pixels) or (n, rows, columns); got {array.shape}"
        )
    array = array.reshape(len(array), int(np.prod(array.shape[1:])))
    if array.dtype == np.uint8:
        return array.view()
    if array.dtype.kind != "f":
        raise ValueError(f"pixels: expected uint8 or float; got {array.dtype}")
    if array.size and not (array.min() >= 0 and array.max() <= 1):
        raise ValueError(
            f"pixels: expected floats from 0 to 1; got {array.min():g} to {array.max():g}"
        )
    return np.asarray(np.rint(array * 255), np.uint8)
