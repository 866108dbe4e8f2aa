"""Where digits come from: drawn, MNIST, or a folder of IDX files."""

from __future__ import annotations

import os
from pathlib import Path

from . import drawn
from .cache import cache_folder
from .digitset import DigitSet
from .idx import check_split, holds_idx, load_folder

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
        folder, or a folder of IDX files; `default_source` if none is given.
    split : "test" or "train"
    count : int, optional, 1 or more
        The first so many digits.  For files at most what they hold, which is also what
        comes without a count; of drawn digits 10,000 to test and 60,000 to train.

    Returns
    -------
    DigitSet
        Named for people: ``"MNIST test"``, ``"drawn digits test"``, ``"folder test"``.

    Raises
    ------
    FileNotFoundError
        If MNIST, the folder, or a file in it is not there.
    ValueError
        If `split` or `count` does not fit or a file is broken.
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
    folder = _mnist_folder()
    return folder if holds_idx(folder, "test") else None


def _mnist_folder() -> Path:
    return cache_folder() / "mnist"


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
    if source == "drawn":
        digits = drawn.load(count or DRAWN_COUNT[split], _DRAWN_SEED[split])
        return digits.subset(slice(None), f"drawn digits {split}")
    return _open_mnist(split) if source == "mnist" else _open_folder(source, split)


def _open_folder(source: str | Path, split: str) -> DigitSet:
    if not Path(source).expanduser().exists():
        raise FileNotFoundError(
            f"source: expected 'drawn', 'mnist' or a folder of IDX files; got {str(source)!r}, "
            "and there is no such folder"
        )
    return load_folder(source, split)


def _open_mnist(split: str) -> DigitSet:
    folder = _mnist_folder()
    if not holds_idx(folder, split):
        raise FileNotFoundError(
            f"{folder}: MNIST's {split} files are not there; put its IDX files in that folder, "
            "name the folder that holds them as the source, or take the source 'drawn'"
        )
    digits = load_folder(folder, split)
    return DigitSet(digits.pixels, digits.labels, f"MNIST {split}", "mnist")
