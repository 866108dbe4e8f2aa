"""Digit sets in NumPy's archives, such as the ``mnist.npz`` that Keras hands out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.digits.digitset import MOST_CLASSES, DigitSet, classes_of
from toolkit.digits.sets.idx import check_split
from toolkit.files import SpecialFileError, open_whole

if TYPE_CHECKING:
    from toolkit.digits.sets.archive import ArrayArchive

_MAX_FILE = 1 << 30  # two splits of images and labels, stored as they are
_ZIP = b"PK\x03\x04"


def is_npz(path: Path) -> bool:
    """Tell by the first bytes whether a file is an archive.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with open_whole(path, _MAX_FILE) as file:
        try:
            return file.read(4) == _ZIP
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from error


def holds_arrays(path: Path, split: str) -> bool:
    """Tell whether an archive has images and labels of a split, by the names in it.

    Raises
    ------
    OSError, ValueError
        If it cannot be read.
    """
    with open_whole(path, _MAX_FILE) as file:
        names = _archive(file.read(), path).names
    return {f"x_{split}", f"y_{split}"} <= set(names)


def _archive(data: bytes, path: Path) -> ArrayArchive:
    # The readers of networks' files come with it, which drawing digits does without.
    from toolkit.digits.sets.archive import ArrayArchive

    return ArrayArchive(data, path)


def load_npz(path: str | Path, split: str = "test") -> DigitSet:
    """Read images and labels from an ``.npz``.

    Parameters
    ----------
    path : str or Path
        Holds ``x_test`` and ``y_test`` (``x_train`` and ``y_train`` for ``"train"``), or
        ``images`` and ``labels``, which are digits to test.  Images have the shape
        (n, 28, 28), (n, 784), (n, 28, 28, 1) or (n, 1, 28, 28), as whole numbers 0 to
        255, floats 0 to 1 or 0 to 255, or booleans; labels the shape (n,) or (n, 1), each 0 to
        255.  ``classes``, if it is there, says how many classes the set has.
    split : "test" or "train"

    Returns
    -------
    DigitSet
        Named after the file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is no such archive, is damaged, lacks the arrays, would take more
        than 256 MiB an array, holds Python objects, or shapes, ranges or counts do not
        fit.
    """
    check_split(split)
    path = Path(path).expanduser()
    try:
        file = open_whole(path, _MAX_FILE)
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: no such file; check the path of the .npz") from None
    except SpecialFileError as error:
        raise ValueError(str(error)) from error
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror or error}") from error
    with file:
        data = file.read()
    archive = _archive(data, path)
    images_key, labels_key, name = _which(archive.names, split, path)
    labels = _labels(archive.read(labels_key), path, labels_key)
    said = "classes" in archive.names
    classes = _classes(archive.read("classes"), path) if said else classes_of(labels)
    images = _images(archive.read(images_key), path, images_key)
    if len(images) != len(labels):
        raise ValueError(
            f"{path}: expected {len(images):,} {labels_key}, one for each of {images_key}; "
            f"got {len(labels):,}"
        )
    try:
        return DigitSet(images, labels, name, str(path), classes=classes)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _which(members: list[str], split: str, path: Path) -> tuple[str, str, str]:
    """Return the names of images and labels, and what to call the set."""
    images, labels = f"x_{split}", f"y_{split}"
    if images in members and labels in members:
        return images, labels, f"{path.stem} {split}"
    if "images" in members and "labels" in members:
        if split == "test":
            return "images", "labels", path.stem
        raise ValueError(
            f"{path}: its images are digits to test; to learn from them, call them x_train and "
            "y_train"
        )
    found = ", ".join(sorted(members)[:8]) or "nothing"
    raise ValueError(
        f"{path}: expected the arrays {images} and {labels}, or images and labels; found {found}"
    )


def _images(images: NDArray[Any], path: Path, key: str) -> NDArray[np.uint8]:
    shape = images.shape
    fits = shape[1:] in ((28, 28), (784,), (28, 28, 1), (1, 28, 28))
    if not fits:
        raise ValueError(
            f"{path}: {key}: expected images of 28 × 28 pixels, shape (n, 28, 28) or (n, 784); "
            f"got {shape}"
        )
    images = images.reshape(len(images), 784)
    if images.dtype == np.uint8 or not len(images):
        return images.astype(np.uint8)
    if images.dtype.kind == "b":
        return images.astype(np.uint8) * np.uint8(255)
    least, most = float(images.min()), float(images.max())
    if not (least >= 0 and most <= 255):  # so written that not-a-number fails too
        raise ValueError(
            f"{path}: {key}: expected grey values 0 to 255, or 0 to 1; got {least:g} to {most:g}"
        )
    scale = 255 if images.dtype.kind == "f" and most <= 1 else 1
    return np.asarray(np.rint(images * scale), np.uint8)


def _labels(labels: NDArray[Any], path: Path, key: str) -> NDArray[np.uint8]:
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise ValueError(
            f"{path}: {key}: expected one label an image, shape (n,); got {labels.shape}"
        )
    if not len(labels):
        return labels.astype(np.uint8)
    if labels.dtype.kind == "f" and not np.array_equal(labels, np.rint(labels)):
        raise ValueError(f"{path}: {key}: expected whole numbers; got fractions")
    if labels.min() < 0 or labels.max() >= MOST_CLASSES:
        raise ValueError(
            f"{path}: {key}: expected labels from 0 to {MOST_CLASSES - 1}; got {labels.min():g} "
            f"to {labels.max():g}; number the classes from 0"
        )
    return labels.astype(np.uint8)


def _classes(said: NDArray[Any], path: Path) -> int:
    if said.size != 1 or said.dtype.kind not in "iu":
        raise ValueError(
            f"{path}: classes: expected one whole number, how many there are; got "
            f"{said.dtype} of shape {said.shape}"
        )
    return int(said.reshape(())[()])
