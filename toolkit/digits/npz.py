"""Digit sets in NumPy's archives, such as the ``mnist.npz`` that Keras hands out."""

from __future__ import annotations

import math
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from toolkit.files import SpecialFileError, open_whole

from .digitset import DigitSet
from .idx import check_split

MAX_BYTES = 256 * 2**20
"""The most that one array may hold, decoded."""

_MAX_FILE = 4 * MAX_BYTES  # two splits of images and labels, stored as they are
_MAX_MEMBERS = 64
_MAX_HEADER = 4096  # characters; real ones have about a hundred
_MAX_DIRECTORY = 64 * 1024  # bytes; a megabyte of it already names ten thousand members
_ZIP = b"PK\x03\x04"
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError,
    SyntaxError, TypeError, ValueError, tokenize.TokenError, OverflowError, MemoryError,
    RecursionError, OSError, struct.error,
)  # fmt: skip


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


def load_npz(path: str | Path, split: str = "test") -> DigitSet:
    """Read images and labels from an ``.npz``.

    Parameters
    ----------
    path : str or Path
        Holds ``x_test`` and ``y_test`` (``x_train`` and ``y_train`` for ``"train"``), or
        ``images`` and ``labels``, which are digits to test.  Images have the shape
        (n, 28, 28), (n, 784), (n, 28, 28, 1) or (n, 1, 28, 28), as whole numbers 0 to
        255, floats 0 to 1 or 0 to 255, or booleans; labels the shape (n,) or (n, 1).
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
        try:
            _check_directory(file)
            archive = zipfile.ZipFile(file)
        except _BROKEN as error:
            raise ValueError(
                f"{path}: expected an .npz archive; got something else or a damaged one ({error})"
            ) from error
        with archive:
            members = _members(archive, path)
            images_key, labels_key, name = _which(members, split, path)
            labels = _labels(_read(archive, members[labels_key], path), path, labels_key)
            images = _images(_read(archive, members[images_key], path), path, images_key)
    if len(images) != len(labels):
        raise ValueError(
            f"{path}: expected {len(images):,} {labels_key}, one for each of {images_key}; "
            f"got {len(labels):,}"
        )
    return DigitSet(images, labels, name, str(path))


def _check_directory(file: BinaryIO) -> None:
    """Raise unless the archive's list of members is short: reading it would build all of them."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 2**16 - 22))
    end = file.read()
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) < at + 22:
        raise zipfile.BadZipFile("its list of members is missing")
    if int.from_bytes(end[at + 12 : at + 16], "little") > _MAX_DIRECTORY:
        raise zipfile.BadZipFile("its list of members is far too long")
    if b"PK\x06\x06" in end:  # a second list for archives of many members or above 4 GiB
        raise zipfile.BadZipFile("it is a ZIP64 archive")
    file.seek(0)


def _members(archive: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > _MAX_MEMBERS:
        raise ValueError(
            f"{path}: expected at most {_MAX_MEMBERS} arrays; got {len(infos)}; is it the right "
            "file?"
        )
    members = {info.filename.removesuffix(".npy"): info for info in infos}
    if len(members) != len(infos):
        raise ValueError(f"{path}: expected every array once; two have one name")
    return members


def _which(members: dict[str, zipfile.ZipInfo], split: str, path: Path) -> tuple[str, str, str]:
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


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> NDArray[Any]:
    where = f"{path}: {info.filename.removesuffix('.npy')}"
    try:
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError("expected a member stored or deflated; got another compression")
        with archive.open(info) as file:
            shape, fortran, dtype = _header(file)
            if dtype.kind not in "uifb":
                what = "Python objects, which are not read" if dtype.hasobject else str(dtype)
                raise ValueError(f"expected numbers; got {what}")
            size = math.prod(shape) * dtype.itemsize
            if size > MAX_BYTES:
                raise ValueError(
                    f"expected at most {MAX_BYTES // 2**20} MiB; its header announces "
                    f"{size / 2**20:,.0f} MiB; save it as uint8, or a part of it"
                )
            # Piece by piece: a header that lies takes no memory.
            values = bytearray()
            while len(values) < size and (piece := file.read(min(size - len(values), 2**20))):
                values += piece
            if len(values) < size or file.read(1):
                raise ValueError(f"expected {size:,} bytes; got fewer or more; save it again")
    except _BROKEN as error:
        words = " ".join(str(error).split())[:120]
        if not words.startswith("expected"):
            words = f"expected an array; got a damaged one ({words or type(error).__name__})"
        raise ValueError(f"{where}: {words}") from error
    array = np.frombuffer(bytes(values), dtype)
    return array.reshape(shape, order="F" if fortran else "C")


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"expected .npy version 1 or 2; got {version[0]}.{version[1]}")
    read = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    shape, fortran, dtype = read(file, max_header_size=_MAX_HEADER)
    if len(shape) > 4 or any(length < 0 for length in shape):
        raise ValueError(f"expected 1 to 4 dimensions; got shape {shape}")
    return shape, fortran, dtype


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
    if labels.min() < 0 or labels.max() > 9:
        raise ValueError(
            f"{path}: {key}: expected labels from 0 to 9; got {labels.min():g} to "
            f"{labels.max():g}; only sets of ten classes can be read"
        )
    return labels.astype(np.uint8)
