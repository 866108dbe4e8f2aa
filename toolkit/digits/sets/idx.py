"""IDX files: the format MNIST and its relatives come in.

Two zero bytes, a type code, the number of dimensions; each dimension as a big-endian
32-bit number; then the values, row-major.  Read gzip-compressed or not, told apart by
content; here only unsigned bytes (code 8), the one type these sets use.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable
from math import prod
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from toolkit.digits.digitset import USUAL_CLASSES, DigitSet
from toolkit.files import SpecialFileError, open_whole, write_whole

MAX_BYTES = 256 * 2**20
"""The most an IDX file may hold, decoded."""
MAX_DIMENSIONS = 4
UNSIGNED_BYTE = 0x08
_HEADER_BYTES = 4 + 4 * MAX_DIMENSIONS

_GZIP = b"\x1f\x8b"
_TYPES = {
    0x08: "uint8", 0x09: "int8", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64",
}  # fmt: skip
_PREFIXES = {"test": "t10k", "train": "train"}
_DIGITS, _LETTERS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MERGED = tuple(f"{_DIGITS}{_LETTERS}abdefghnqrt")
# Parts of EMNIST with what their labels mean (Cohen, Afshar, Tapson & van Schaik 2017); the first
# that is there is read, those of ten classes before the others.  Letters begin at 1.
_EMNIST: dict[str, tuple[str, ...]] = {
    "digits": (), "mnist": (), "balanced": _MERGED, "bymerge": _MERGED,
    "byclass": tuple(f"{_DIGITS}{_LETTERS}{_LETTERS.lower()}"), "letters": ("–", *_LETTERS),
}  # fmt: skip


def read_idx(path: str | Path, dimensions: int | None = None) -> NDArray[np.uint8]:
    """Read an IDX file of unsigned bytes, gzip-compressed or not.

    Parameters
    ----------
    path : str or Path
    dimensions : int, optional
        How many dimensions the array must have: 3 for images, 1 for labels.

    Returns
    -------
    ndarray of uint8
        Of the shape that the file names.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is not IDX, of another type or shape, cut short, longer than its
        header says, damaged, or would hold more than 256 MiB; or if it is no file but a
        device, a socket, or a FIFO to which nobody writes.
    """
    path = Path(path)
    try:
        file = open_whole(path, MAX_BYTES + _HEADER_BYTES)
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: no such file; check the path of the IDX file") from None
    except SpecialFileError as error:
        raise ValueError(str(error)) from error
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror or error}") from error
    with file:
        zipped = file.read(2) == _GZIP
        file.seek(0)
        if not zipped:
            return _decode(file, path, dimensions)
        try:
            with gzip.GzipFile(fileobj=file) as inner:
                return _decode(inner, path, dimensions)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(
                f"{path}: expected a whole gzip file; got a damaged or cut one ({error}); "
                "fetch or copy it again"
            ) from error


def _decode(
    file: gzip.GzipFile | BinaryIO, path: Path, dimensions: int | None
) -> NDArray[np.uint8]:
    shape = _read_header(file, path)
    if dimensions is not None and len(shape) != dimensions:
        kinds = {1: " (labels)", 3: " (images)"}
        raise ValueError(
            f"{path}: expected {dimensions} dimensions{kinds.get(dimensions, '')}; "
            f"got {len(shape)}{kinds.get(len(shape), '')}; are images and labels mixed up?"
        )
    size = prod(shape)
    if size > MAX_BYTES:
        raise ValueError(
            f"{path}: expected at most {MAX_BYTES // 2**20} MiB; its header announces "
            f"{' × '.join(map(str, shape))} values, {size / 2**20:,.0f} MiB; split the file"
        )
    # Read piece by piece: a header that lies takes no memory.
    values = bytearray()
    while len(values) < size:
        piece = file.read(min(size - len(values), 2**20))
        if not piece:
            raise ValueError(
                f"{path}: expected {size:,} values ({' × '.join(map(str, shape))}); "
                f"got {len(values):,}; the file is cut short, fetch or copy it again"
            )
        values += piece
    if file.read(1):
        raise ValueError(
            f"{path}: expected to end after {size:,} values ({' × '.join(map(str, shape))}); "
            "got more bytes behind them; the header or the file is damaged, fetch it again"
        )
    return np.frombuffer(bytes(values), np.uint8).reshape(shape)


def _read_header(file: gzip.GzipFile | BinaryIO, path: Path) -> tuple[int, ...]:
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _TYPES:
        raise ValueError(
            f"{path}: expected an IDX file, which begins 00 00 08; "
            f"got {magic.hex(' ') or 'an empty file'}; is it the right file?"
        )
    if magic[2] != UNSIGNED_BYTE:
        raise ValueError(
            f"{path}: expected values of type uint8; got {_TYPES[magic[2]]}; "
            "save grey values 0 to 255 as unsigned bytes"
        )
    count = magic[3]
    if not 1 <= count <= MAX_DIMENSIONS:
        raise ValueError(
            f"{path}: expected 1 to {MAX_DIMENSIONS} dimensions; got {count}; "
            "labels have 1, images 3"
        )
    sizes = file.read(4 * count)
    if len(sizes) < 4 * count:
        raise ValueError(
            f"{path}: expected a header of {4 + 4 * count} bytes; got {4 + len(sizes)}; "
            "the file is cut short, fetch or copy it again"
        )
    return tuple(int(size) for size in np.frombuffer(sizes, ">u4"))


def write_idx(path: str | Path, values: NDArray[np.uint8]) -> None:
    """Write an array of unsigned bytes as IDX; compressed if the name ends in ``.gz``.

    Parameters
    ----------
    path : str or Path
        A file already there is replaced.
    values : ndarray of uint8
        1 to 4 dimensions.

    Raises
    ------
    ValueError
        If the type or the number of dimensions does not fit.
    """
    path, values = Path(path), np.asarray(values)
    if values.dtype != np.uint8:
        raise ValueError(f"values: expected uint8; got {values.dtype}")
    if not 1 <= values.ndim <= MAX_DIMENSIONS:
        raise ValueError(f"values: expected 1 to {MAX_DIMENSIONS} dimensions; got {values.ndim}")
    header = bytes([0, 0, UNSIGNED_BYTE, values.ndim]) + np.array(values.shape, ">u4").tobytes()
    content = header + values.tobytes()
    # No time stamp: the same values give the same file.
    write_whole(path, gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def load_folder(folder: str | Path, split: str = "test") -> DigitSet:
    """Read images and labels from a folder that holds them under MNIST's or EMNIST's names.

    Parameters
    ----------
    folder : str or Path
        Holds, for ``split="test"``, ``t10k-images-idx3-ubyte`` and
        ``t10k-labels-idx1-ubyte`` (``train-…`` for ``"train"``), as MNIST, Fashion-MNIST
        and KMNIST come, or EMNIST's ``emnist-digits-test-images-idx3-ubyte`` and so on,
        whose images lie on their side and are set upright; a dot in place of the last
        hyphen but one and ``.gz`` at the end are accepted.  Of several parts of EMNIST one of
        ten classes is read; the classes of the others are called as EMNIST calls them.
    split : "test" or "train"

    Returns
    -------
    DigitSet
        Named after the folder, or ``"EMNIST digits test"``.

    Raises
    ------
    FileNotFoundError
        If the folder or one of the two files is not there.
    ValueError
        If `split` is another word, a file is broken (see `read_idx`), images are not
        28×28, labels are no class of that part, or images and labels differ in number.
    """
    check_split(split)
    folder = Path(folder).expanduser()
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "no such folder"
        raise FileNotFoundError(
            f"{folder}: {what}; expected a folder that holds {_name(_PREFIXES[split], 'images')}"
        )
    prefix, images_path, labels_path = _find_both(folder, split)
    # Labels first: they are small, and say whether the images are worth reading.
    labels = read_idx(labels_path, 1)
    part = prefix.removeprefix("emnist-").removesuffix(f"-{split}")
    names = _EMNIST.get(part, ())
    classes = len(names) or USUAL_CLASSES
    if prefix != _PREFIXES[split] and len(labels) and labels.max() >= classes:
        raise ValueError(
            f"{labels_path}: expected labels from 0 to {classes - 1}, the classes of EMNIST's "
            f"part {part}; got {labels.max()}; take both files from the same set"
        )
    images = read_idx(images_path, 3)
    if images.shape[1:] != (28, 28):
        raise ValueError(
            f"{images_path}: expected images of 28 × 28 pixels; "
            f"got {images.shape[1]} × {images.shape[2]}; bring them to MNIST's form first"
        )
    if len(images) != len(labels):
        raise ValueError(
            f"{labels_path}: expected {len(images):,} labels, one for each image in "
            f"{images_path.name}; got {len(labels):,}; take both files from the same set"
        )
    if prefix == _PREFIXES[split]:
        return DigitSet(images, labels, f"{folder.resolve().name} {split}", str(folder))
    name = prefix.replace("emnist-", "EMNIST ").replace("-", " ")
    upright = images.transpose(0, 2, 1)
    return DigitSet(upright, labels, name, str(folder), classes=classes, class_names=names)


def check_split(split: str) -> None:
    """Raise ValueError unless `split` is "test" or "train"."""
    if split not in _PREFIXES:
        raise ValueError(f"split: expected 'test' or 'train'; got {split!r}")


def holds_idx(folder: Path, split: str = "test") -> bool:
    """Tell whether both files are there under MNIST's names; their content is not looked at."""
    prefix = _PREFIXES[split]
    return all(_present(folder, _name(prefix, what)) is not None for what in ("images", "labels"))


def holds_any_idx(folder: Path, splits: Iterable[str] = _PREFIXES) -> bool:
    """Tell whether any file of some splits is there, under MNIST's or EMNIST's names."""
    return any(
        _present(folder, _name(prefix, what)) is not None
        for split in splits for prefix in _prefixes(split) for what in ("images", "labels")
    )  # fmt: skip


def variants(name: str) -> list[str]:
    """Return the names under which an IDX file may lie, in the order they are looked for."""
    hyphen = name.removesuffix(".gz").replace(".idx", "-idx")
    dot = hyphen.replace("-idx", ".idx")
    return [hyphen, f"{hyphen}.gz", dot, f"{dot}.gz"]


def _prefixes(split: str) -> list[str]:
    return [_PREFIXES[split], *(f"emnist-{part}-{split}" for part in _EMNIST)]


def _name(prefix: str, what: str) -> str:
    return f"{prefix}-{what}-idx{3 if what == 'images' else 1}-ubyte"


def _present(folder: Path, name: str) -> Path | None:
    return next((folder / each for each in variants(name) if (folder / each).is_file()), None)


def _find_both(folder: Path, split: str) -> tuple[str, Path, Path]:
    """Return the first set of which both files are there: its names' beginning, and they."""
    lacking = None
    for prefix in _prefixes(split):
        images, labels = (_present(folder, _name(prefix, what)) for what in ("images", "labels"))
        if images and labels:
            return prefix, images, labels
        if (images or labels) and lacking is None:
            lacking = (prefix, "labels" if images else "images")
    prefix, what = lacking or (_PREFIXES[split], "images")
    raise FileNotFoundError(
        f"{folder}: expected the {split} {what} as {_name(prefix, what)} "
        f"(or with .idx, or with .gz); found no such file; put it there or name another folder"
    )
