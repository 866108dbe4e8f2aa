"""Telling a file's format from its content, and handing it to the format's reader."""

from __future__ import annotations

import importlib
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from toolkit.files import read_whole
from toolkit.formats import foreign
from toolkit.formats.beside import Beside, among, in_folder, nothing
from toolkit.formats.containers import gzip, npy
from toolkit.formats.containers.zip import Archive
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks import json_forms, npz, pickles, plain, safetensors, tables, torch
from toolkit.formats.guard import INSTALL, check_size, quoted
from toolkit.formats.limits import Limits
from toolkit.formats.meaning.reading import Reading

_MODEL = ".onnx"
_WHOLE = (".pt", ".pth", ".safetensors", ".keras", ".h5", ".hdf5", ".npz", ".onnx", ".json", ".pkl",
          ".pickle", ".joblib")  # fmt: skip
"""What files are called that hold a network each."""
_NUMBERS = (".onnx.data", ".onnx_data")
_HDF5 = b"\x89HDF\r\n\x1a\n"
_KERAS_MEMBERS = {"config.json", "model.weights.h5"}
_UNFORESEEN = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError,
               MemoryError, EOFError, struct.error, zlib.error)  # fmt: skip


def read_bytes(data: bytes, where: str, limits: Limits, beside: Beside = nothing) -> Reading:
    """Read a file's bytes as whatever format they are of.

    Parameters
    ----------
    data : bytes
    where : str
    limits : Limits
    beside : callable
        Returns the content of the file of a plain name that stands beside this one, or None.

    Raises
    ------
    NetworkFileError
        If they are of none, damaged, too large, or no fully connected network.
    """
    check_size(len(data), where, limits)
    try:
        # NumPy's warning about an odd number would open files to say where it stands.
        with np.errstate(all="ignore"):
            return _read(data, where, limits, beside)
    except NetworkFileError:
        raise
    except _UNFORESEEN as error:
        # No file may bring a page down, not even by a fault of the reader's.
        raise NetworkFileError(
            f"{where}: damaged in a way that was not foreseen ({type(error).__name__}); save or "
            "download it again"
        ) from error


def read_together(files: Mapping[str, bytes], where: str | None, limits: Limits) -> Reading:
    """Read files that were given together: an ONNX model and what it keeps its numbers in.

    Raises
    ------
    NetworkFileError
        If they are no such files, or too large together.
    """
    check_size(sum(map(len, files.values())), where or "the files", limits)
    models = [name for name in files if name.lower().endswith(_MODEL)]
    models = models or [name for name, data in files.items() if _looks_like_onnx(data)]
    models = list(files) if len(files) == 1 else models
    if len(models) != 1:
        shown = ", ".join(quoted(name) for name in list(files)[:6]) or "none"
        raise NetworkFileError(
            f"{where or 'the files'}: expected one file, or an ONNX model (.onnx) and the files "
            f"with its numbers; got {shown}"
        )
    (model,) = models
    return read_bytes(files[model], where or model, limits, among(files))


def read_folder(path: Path, where: str, limits: Limits) -> Reading:
    """Read a folder of ``.npy`` files, or one of texts, one array each.

    A folder with one ONNX model is read as that model.

    Raises
    ------
    NetworkFileError
        If it holds neither, both, or too much.
    OSError
        If a file cannot be read.
    """
    models = [file for file in path.iterdir() if file.suffix.lower() == _MODEL and file.is_file()]
    if len(models) == 1:
        data = read_whole(models[0], limits.file_bytes, models[0].name)
        return read_bytes(data, models[0].name, limits, in_folder(path, models[0].name, limits))
    if models:
        raise NetworkFileError(
            f"{where}: a folder with {len(models)} ONNX models; name one of them"
        )
    found = {
        file: file.suffix.lower()
        for file in path.iterdir()
        if file.suffix.lower() in (".npy", *tables.SUFFIXES) and file.is_file()
    }
    arrays = [file for file, suffix in found.items() if suffix == ".npy"]
    texts = [file for file in found if file not in arrays]
    if not found or (arrays and texts):
        foreign.refuse_members([file.name for file in path.iterdir()], where)
        raise NetworkFileError(
            f"{where}: a folder with {'both' if found else 'no'} .npy {'and' if found else 'or'} "
            ".csv files; expected a file, or a folder of arrays, one a file"
        )
    if len(found) > limits.tensors:
        raise NetworkFileError(f"{where}: {len(found)} files; at most {limits.tensors} are read")
    total = sum(file.stat().st_size for file in found)
    check_size(total, where, limits)
    files = [(file.name, read_whole(file, limits.file_bytes, file.name)) for file in sorted(found)]
    reader = plain.read_files if arrays else tables.read_files
    return reader(files, where, limits)


def _read(data: bytes, where: str, limits: Limits, beside: Beside) -> Reading:
    if not data:
        raise NetworkFileError(f"{where}: is empty; save or download it again")
    if data.startswith(gzip.MAGIC):
        data = gzip.unzipped(data, where, limits)
        if data.startswith(gzip.MAGIC):
            raise NetworkFileError(f"{where}: gzip within gzip; unpack it first")
        if not data:
            raise NetworkFileError(f"{where}: is empty but for its gzip; save it again")
    if data.startswith(b"PK"):
        return _read_archive(data, where, limits)
    if data.startswith(npy.MAGIC):
        return plain.read_one(data, where, limits)
    if data.startswith(_HDF5):
        return _extra("keras", data, where, limits)
    if torch.is_legacy_tar(data):
        raise torch.refuse_tar(where)
    if torch.is_legacy(data):
        return torch.read_legacy(data, where, limits)
    foreign.refuse(data, where)
    if safetensors.looks_like(data):
        return safetensors.read(data, where, limits)
    if data[:256].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return json_forms.read(data, where, limits)
    if pickles.looks_like(data):
        return pickles.read(data, where, limits)
    if data[:256].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"[":
        return json_forms.read(data, where, limits)
    if tables.looks_like(data):
        return tables.read(data, where, limits)
    if _looks_like_onnx(data):
        foreign.refuse_model(data, where)
        return _onnx(data, where, limits, beside)
    foreign.refuse_text(data, where)
    if where.lower().endswith(_NUMBERS):
        raise NetworkFileError(
            f"{where}: the numbers of an ONNX model, which says what they are; give both files "
            "together, in one folder or a zip archive"
        )
    raise NetworkFileError(
        f"{where}: not a network this version reads (its first bytes are "
        f"{data[:8].hex(' ')}); expected .npz, .npy, .safetensors, "
        "JSON, a pickle, PyTorch's .pt, Keras's .h5, ONNX or CSV"
    )


def _read_archive(data: bytes, where: str, limits: Limits) -> Reading:
    archive = Archive(data, where, limits)
    names = [name for name in archive.members if not _is_clutter(name)]
    if torch.is_torch(archive):
        return torch.read(archive, where, limits)
    if _KERAS_MEMBERS & set(names):
        return _extra("keras", data, where, limits)
    if names and all(name.endswith(".npy") for name in names):
        arrays = npz.members(archive, where, limits)
        if npz.is_ours(arrays):
            return npz.reading_of(npz.network_of(arrays, where, limits))
        return plain.read_arrays(arrays, where, limits)
    models = [name for name in names if name.lower().endswith(_MODEL)]
    if len(models) == 1:
        return _read_model(archive, models[0], where, limits)
    texts = [name for name in names if name.lower().endswith(tables.SUFFIXES)]
    if names and texts == names:
        return tables.read_files([(name, archive.read(name)) for name in names], where, limits)
    foreign.refuse_members(names, where)
    if len(names) > 1 and all(name.lower().endswith(_WHOLE) for name in names):
        raise NetworkFileError(
            f"{where}: several networks ({foreign.shown(names)}); open one at a time"
        )
    raise NetworkFileError(
        f"{where}: a zip archive, but not a network this version reads; expected .npy or .csv "
        f"members, or PyTorch's or Keras's; it holds {foreign.shown(names)}"
    )


def _read_model(archive: Archive, name: str, where: str, limits: Limits) -> Reading:
    """Read an ONNX model out of an archive, with what stands beside it there."""
    folder = name[: name.rfind("/") + 1]

    def beside(wanted: str) -> bytes | None:
        member = folder + wanted
        return archive.read(member) if member in archive.members else None

    data = archive.read(name)
    check_size(len(data), where, limits)
    return _onnx(data, where, limits, beside)


def _onnx(data: bytes, where: str, limits: Limits, beside: Beside) -> Reading:
    return cast(Reading, extra("onnx").read(data, where, limits, beside))


def _is_clutter(name: str) -> bool:
    """Tell whether a member is a folder's own entry, or what macOS adds."""
    return name.endswith(("/", "/.DS_Store")) or name.startswith("__MACOSX/")


def _extra(module: str, data: bytes, where: str, limits: Limits) -> Reading:
    reader: Any = extra(module)
    return cast(Reading, reader.read(data, where, limits))


def extra(module: str) -> Any:
    """Return a format's module that needs more than the core installs.

    Raises
    ------
    NetworkFileError
        If what it needs is missing.
    """
    try:
        return importlib.import_module(f"toolkit.formats.frameworks.{module}")
    except ImportError as error:
        raise NetworkFileError(
            f"{module} files need more than the core installs: {INSTALL}"
        ) from error


def _looks_like_onnx(data: bytes) -> bool:
    """Tell whether bytes begin as ONNX does: a small version number, then the next field.

    Protocol Buffers have no magic number; field 1 of a model is its IR version.
    """
    if len(data) < 8 or data[0] != 0x08 or not 1 <= data[1] <= 32:
        return False
    field, wire = data[2] >> 3, data[2] & 7
    return 2 <= field <= 20 and wire in (0, 2) and data[2] < 0x80
