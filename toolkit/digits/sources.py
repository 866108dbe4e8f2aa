"""Where digits come from: drawn, MNIST, or somebody's files."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from toolkit.digits.cache import mnist_folder
from toolkit.digits.digitset import DigitSet
from toolkit.digits.drawn import drawing
from toolkit.digits.parts import part_of, parted
from toolkit.digits.sets.byclass import holds_pictures, holds_split, load_pictures
from toolkit.digits.sets.idx import check_split, holds_any_idx, holds_idx, load_folder
from toolkit.digits.sets.npz import holds_arrays, is_npz, load_npz

VARIABLE = "TOOLKIT_DIGITS"
"""Environment variable that names the source to take when none is given."""

DRAWN_COUNT = {"test": 10_000, "train": 60_000}
_DRAWN_SEED = {"test": 0, "train": 1}


def open_digits(
    source: str | Path | None = None, split: str = "test", count: int | None = None
) -> DigitSet:
    """Open a digit set.

    Parameters
    ----------
    source : str or Path, optional
        ``"drawn"`` for drawn digits, ``"mnist"`` for MNIST in the toolkit's cache
        folder (`fetch_mnist` puts it there), or a path: a folder of IDX files
        (`load_folder`) or of pictures by class (`load_pictures`), or an ``.npz``
        (`load_npz`), told apart by what is there; `default_source` if none is given.
        ``:train`` behind it, as in ``"mnist:train"``, takes the training digits in the place of
        those to test, ``:all`` these and then the training digits.
    split : "test" or "train"
        What the source names, or its training digits.
    count : int, optional, 1 or more
        The first so many digits.  For files at most what they hold, which is also what
        comes without a count; of drawn digits 10,000 to test and 60,000 to train.

    Returns
    -------
    DigitSet
        Named for people: ``"MNIST test"``, ``"drawn digits test"``, ``"MNIST test and train"``;
        its `source` says which part it is.

    Raises
    ------
    FileNotFoundError
        If MNIST, the path, or a file in the folder is not there.
    ValueError
        If `split` or `count` does not fit, a file is broken, the set has more than 256
        classes, or has no training digits of its own.

    Examples
    --------
    >>> open_digits("drawn:train", count=20).name
    'drawn digits train'
    """
    check_split(split)
    if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
        raise ValueError(f"count: expected a whole number of 1 or more; got {count!r}")
    if source is not None or not os.environ.get(VARIABLE):
        digits = _open(default_source() if source is None else source, split, count)
    else:
        digits = _open_named_by_environment(split, count)
    if count is None or count == len(digits):
        return digits
    if count > len(digits):
        raise ValueError(
            f"count: expected at most {len(digits):,}, all of {digits.name}; got {count:,}"
        )
    return digits.subset(slice(count))


def default_source() -> str:
    """Return what TOOLKIT_DIGITS names, else "mnist" if MNIST is there, else "drawn"."""
    named = os.environ.get(VARIABLE)
    if named:
        return named
    return "drawn" if find_mnist() is None else "mnist"


def find_mnist() -> Path | None:
    """Return the folder that holds MNIST's test files, ``mnist`` in the cache, or None."""
    folder = mnist_folder()
    return folder if holds_idx(folder, "test") else None


def has_training(source: str | Path) -> bool:
    """Tell whether a source has training digits, as far as its outside tells."""
    base, _ = parted(source)
    if base == "drawn":
        return True
    path = mnist_folder() if base == "mnist" else Path(base).expanduser()
    try:
        if path.is_dir():
            if holds_any_idx(path):
                return holds_any_idx(path, ("train",))
            return holds_split(path, "train")
        return path.is_file() and holds_arrays(path, "train")
    except (OSError, ValueError):
        return False


def kind_of(source: str | Path) -> str:
    """Return in a word or two what a folder or file of digits is, as far as its outside tells."""
    path = Path(parted(source)[0]).expanduser()
    try:
        if path.is_dir():
            if holds_any_idx(path):
                return "IDX folder"
            return "folder of pictures" if holds_pictures(path) else "folder without digits"
        if path.is_file():
            return ".npz file" if is_npz(path) else "file of another kind"
    except OSError:
        return "cannot be read"
    return "not there"


def _open_named_by_environment(split: str, count: int | None) -> DigitSet:
    source = os.environ[VARIABLE]
    try:
        return _open(source, split, count)
    except (FileNotFoundError, ValueError) as error:
        raise type(error)(
            f"{error} (the source comes from the environment variable {VARIABLE}={source})"
        ) from error


def _open(source: str | Path, split: str, count: int | None) -> DigitSet:
    """Open all of a source, but of drawn digits, which have no end, only `count`."""
    base, part = parted(source)
    if split == "train":
        part = "train"
    if part == "all":
        return _both(base, count)
    digits = _open_part(base, part, count)
    return digits if part == "test" else replace(digits, source=part_of(digits.source, part))


def _open_part(base: str, split: str, count: int | None) -> DigitSet:
    if base == "drawn":
        digits = drawing.load(count or DRAWN_COUNT[split], _DRAWN_SEED[split])
        return digits.subset(slice(None), f"drawn digits {split}")
    return _open_mnist(split) if base == "mnist" else _open_files(base, split)


def _both(base: str, count: int | None) -> DigitSet:
    """Return digits to test, and then those to train: a digit to test keeps its number."""
    test = _open_part(base, "test", None)
    name, source = f"{test.name.removesuffix(' test')} test and train", part_of(test.source, "all")
    if count is not None and count <= len(test):
        return replace(test, name=name, source=source)
    train = _open_part(base, "train", None)
    if (train.grid, train.class_names) != (test.grid, test.class_names):
        raise ValueError(
            f"{base}: expected training digits of the size and the classes that those to test "
            f"have; got {train!r} beside {test!r}"
        )
    more = max(test, train, key=lambda each: each.classes)
    return replace(
        more,
        pixels=np.concatenate([test.pixels, train.pixels]),
        labels=np.concatenate([test.labels, train.labels]),
        name=name,
        source=source,
    )


def _open_files(source: str | Path, split: str) -> DigitSet:
    path = Path(source).expanduser()
    if not path.exists():
        raise FileNotFoundError(
            "source: expected 'drawn', 'mnist' or a folder of IDX files or of pictures by class, "
            f"or an .npz; got {str(source)!r}, and there is no such folder or file"
        )
    if not path.is_dir():
        # What can be read but once, a FIFO, is left to its one reader.
        if not path.is_file() or is_npz(path):
            return load_npz(path, split)
        raise ValueError(
            f"{path}: expected an .npz, or a folder of IDX files or of pictures by class; got "
            "another file; for IDX, name the folder that holds the files"
        )
    if holds_any_idx(path):
        return load_folder(source, split)
    if holds_pictures(path):
        return load_pictures(source, split)
    raise FileNotFoundError(
        f"{path}: expected IDX files such as t10k-images-idx3-ubyte, or pictures in folders 0 to "
        "9, or A to Z; found neither"
    )


def _open_mnist(split: str) -> DigitSet:
    folder = mnist_folder()
    if not holds_idx(folder, split):
        raise FileNotFoundError(
            f"{folder}: MNIST's {split} files are not there; fetch them (toolkit digits fetch), "
            "name the folder that holds them as the source, or take the source 'drawn'"
        )
    try:
        digits = load_folder(folder, split)
    except ValueError as error:
        raise ValueError(f"MNIST is damaged; toolkit digits fetch mends it ({error})") from error
    return replace(digits, name=f"MNIST {split}", source="mnist")
