"""Digit sets as folders of pictures: ``0/…png`` to ``9/…png``, or on to ``Z`` and ``z``."""

from __future__ import annotations

import string
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from toolkit.digits.digitset import MOST_CLASSES, USUAL_CLASSES, DigitSet
from toolkit.digits.form import SIDE
from toolkit.digits.pictures.decoding import grey_of, open_picture
from toolkit.digits.pictures.picture import ink_of, to_mnist_form
from toolkit.digits.sets.idx import check_split

MAX_PICTURES = 100_000
MAX_PICTURE_BYTES = 32 * 2**20
MAX_BYTES = 2**30
"""The most that all pictures may hold together, as files."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff")

_LETTERS = frozenset(string.ascii_letters)


def holds_pictures(folder: Path) -> bool:
    """Tell whether a folder has folders named as classes, itself or in ``test`` or ``train``."""
    return any(_has_classes(folder / part) for part in ("", "test", "train"))


def load_pictures(folder: str | Path, split: str = "test") -> DigitSet:
    """Read pictures that lie in a folder for each digit.

    Pictures of 28×28 pixels are taken as they are, all of them turned to bright ink on
    black if their edges are bright for the most part; others are brought to MNIST's
    form, each for itself.

    Parameters
    ----------
    folder : str or Path
        Holds folders ``0`` to ``9`` (some may be missing) or on to ``255``, or such in
        ``test`` and ``train``; without those two, all pictures are digits to test.  Folders
        named by a letter are classes too, which come after the digits, capitals first, and
        are called by their letter.  Hidden files and files with other names than a picture's
        are passed over.
    split : "test" or "train"

    Returns
    -------
    DigitSet
        Named after the folder, in the order of file names: each digit's first picture,
        each digit's second, and so on.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, or none of its folders is named as a class.
    ValueError
        If there is no picture, more than 100,000 of them, one above 32 MiB or 40
        megapixels, more than 1 GiB of them, one that cannot be read or is blank, a class
        above 255, or one of a letter beside one above 9.
    """
    check_split(split)
    folder = Path(folder).expanduser()
    root, name = _root(folder, split)
    classes = _classes(folder)
    found = _listed(root, classes)
    grey = np.zeros((len(found), SIDE, SIDE), np.float32)
    as_they_are = np.zeros(len(found), bool)
    for position, (_, _, path) in enumerate(found):
        picture = open_picture(path)
        if picture.shape[:2] == (SIDE, SIDE):
            grey[position], as_they_are[position] = grey_of(picture), True
            continue
        try:
            grey[position] = to_mnist_form(ink_of(picture)).reshape(SIDE, SIDE)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
    if _dark_on_bright(grey[as_they_are]):
        grey[as_they_are] = 1 - grey[as_they_are]
    labels = np.array([label for _, label, _ in found], np.uint8)
    names = classes if any(each in _LETTERS for each in classes) else ()
    return DigitSet(
        np.rint(grey * 255).astype(np.uint8), labels, name, str(folder),
        classes=len(classes), class_names=names,
    )  # fmt: skip


def holds_split(folder: Path, split: str) -> bool:
    """Tell whether a folder holds pictures of a split, by class, in a folder of their own."""
    return _has_classes(folder / split)


def _has_classes(folder: Path) -> bool:
    return folder.is_dir() and any(_is_class(entry) for entry in folder.iterdir())


def _is_class(entry: Path) -> bool:
    name = entry.name
    number = name.isascii() and name.isdigit() and str(int(name[:9])) == name
    return (number or name in _LETTERS) and entry.is_dir()


def _classes(folder: Path) -> tuple[str, ...]:
    """Return the names of the classes, by label: those that to test and to learn from have."""
    parts = [part for part in (folder / "test", folder / "train") if _has_classes(part)] or [folder]
    named = {entry.name for part in parts for entry in part.iterdir() if _is_class(entry)}
    letters = sorted(named & _LETTERS)
    numbers = sorted(int(name) for name in named - _LETTERS)
    largest = numbers[-1] if numbers else -1
    if largest >= MOST_CLASSES or (letters and largest >= USUAL_CLASSES):
        most = USUAL_CLASSES - 1 if letters else MOST_CLASSES - 1
        beside = ", since others are letters" if letters else ""
        raise ValueError(f"{folder}: expected classes 0 to {most}{beside}; got {largest}")
    if letters:
        return (*map(str, numbers), *letters)
    return tuple(map(str, range(max(USUAL_CLASSES, largest + 1))))


def _root(folder: Path, split: str) -> tuple[Path, str]:
    """Return the folder that holds the classes, and what to call the set."""
    name = folder.resolve().name
    if _has_classes(folder / split):
        return folder / split, f"{name} {split}"
    if not _has_classes(folder):
        raise FileNotFoundError(
            f"{folder}: expected pictures in folders 0 to 9, or in {split}/0 to {split}/9; "
            "found no such folder; letters name classes too"
        )
    if split == "train":
        raise ValueError(
            f"{folder}: its pictures are digits to test; to learn from them, put the folders 0 "
            "to 9 into a folder train"
        )
    return folder, name


def _listed(root: Path, classes: tuple[str, ...]) -> list[tuple[int, int, Path]]:
    """Return each picture's place in its class, its label and its path, in the set's order."""
    found: list[tuple[int, int, Path]] = []
    size = 0
    for label, name in enumerate(classes):
        if not (root / name).is_dir():
            continue
        paths = sorted(
            (path for path in (root / name).iterdir()
             if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")),
            key=lambda path: path.name,
        )  # fmt: skip
        for place, path in enumerate(paths):
            if not path.is_file():  # nor asked what it is by opening it: that may never end
                raise ValueError(f"{path}: cannot be read: expected a picture's file")
            size += (one := path.stat().st_size)
            if one > MAX_PICTURE_BYTES:
                raise ValueError(
                    f"{path}: expected at most {MAX_PICTURE_BYTES // 2**20} MiB; got "
                    f"{one / 2**20:,.0f} MiB; make the picture smaller"
                )
            found.append((place, label, path))
        if len(found) > MAX_PICTURES or size > MAX_BYTES:
            raise ValueError(
                f"{root}: expected at most {MAX_PICTURES:,} pictures of {MAX_BYTES // 2**20:,} "
                "MiB in all; got more; take a part of them"
            )
    if not found:
        raise ValueError(
            f"{root}: expected pictures such as PNG in the folders 0 to 9, or of letters; got none"
        )
    # One digit after the other, so that the first hundred are not all zeros.
    return sorted(found, key=lambda item: item[:2])


def _dark_on_bright(images: NDArray[np.float32]) -> bool:
    """Judge a set as a whole: single pictures of clothes or dense ink fill their edges."""
    if not len(images):
        return False
    edges = [images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]]
    return float(np.median(np.concatenate(edges, axis=1))) > 0.5
