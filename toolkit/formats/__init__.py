"""Networks in files: one :func:`read`, one :func:`load`, one :func:`save`.

A file is recognised by its content.  What it says is a :class:`Reading`; what
it leaves open is decided by :mod:`toolkit.formats.meaning.interpretation`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from toolkit.files import SpecialFileError, read_stream, read_whole
from toolkit.formats.beside import in_folder
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning.reading import RawLayer, Reading
from toolkit.formats.recognition import read_bytes, read_folder, read_together
from toolkit.formats.writing import WRITABLE, dumps, save
from toolkit.network import Layer, Network

if TYPE_CHECKING:
    from toolkit.digits.digitset import DigitSet

__all__ = [
    "LIMITS",
    "READABLE",
    "WRITABLE",
    "Limits",
    "NetworkFileError",
    "RawLayer",
    "Reading",
    "dumps",
    "load",
    "read",
    "save",
    "settled",
]

READABLE = {
    ".npz": "NumPy archive: the toolkit's own, or plain arrays in order",
    ".npy": "one NumPy matrix, or a folder of them",
    ".safetensors": "safetensors",
    ".json": "JSON: Nielsen's form, a list of layers, or arrays by name",
    ".pkl": "pickled [weights, biases] of NumPy arrays, gzip or not; nothing in it is executed",
    ".pt": "PyTorch state_dict; nothing in it is executed",
    ".pth": "PyTorch state_dict; nothing in it is executed",
    ".h5": "Keras weights or model (HDF5)",
    ".keras": "Keras model",
    ".onnx": "ONNX model",
    ".csv": "matrices as text, in one file, a folder or a zip archive",
    ".txt": "matrices as text, in one file, a folder or a zip archive",
}
"""What :func:`read` understands, by the ending such files usually have; content decides."""

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | Mapping[str, bytes]


def read(source: Source, where: str | None = None, *, limits: Limits = LIMITS) -> Reading:
    """Read what a file says of a network; the format is recognised by content.

    Nothing in the file is executed, and what it declares is checked before memory is taken.

    Parameters
    ----------
    source : path, bytes, binary file, or mapping of str to bytes
        A file, a file's bytes, an open file (on the disk, in memory, in an archive; read from
        where it stands), or a folder of ``.npy`` or text files, one array each.  An ONNX
        model that keeps its numbers in a file beside it: its path, their folder, a zip archive of
        both, or both files' bytes by name.
    where : str, optional
        What to call the source in an error; by default the file's name.
    limits : Limits
        How much the file may ask for.

    Raises
    ------
    NetworkFileError
        If the content is damaged, too large, or no fully connected network.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> read(dumps(Network.blank((784, 16, 10)), ".json")).layers[0].weights.shape
    (16, 784)
    """
    if isinstance(source, Mapping):
        return read_together(source, where, limits)
    content, name = _content(source, where, limits)
    if isinstance(content, Path):
        return read_folder(content, name, limits)
    if isinstance(source, str | os.PathLike):
        return read_bytes(content, name, limits, in_folder(Path(source).parent, name, limits))
    return read_bytes(content, name, limits)


def load(
    source: Source,
    where: str | None = None,
    *,
    limits: Limits = LIMITS,
    digits: DigitSet | None = None,
) -> Network:
    """Read a network from a file, and decide what the file leaves open.

    Parameters
    ----------
    source, where, limits
        As for :func:`read`.
    digits : DigitSet, optional
        What to try on where the file leaves something open; without it, conventions decide.

    Raises
    ------
    NetworkFileError
        If the content is damaged, too large, or no fully connected network.
    OSError
        If the file cannot be read.
    """
    reading = read(source, where, limits=limits)
    network = settled(reading)
    if network is not None:
        return network
    # It knows digits, pictures and palettes, which reading a complete file does without.
    from toolkit.formats.meaning.interpretation import interpret

    return interpret(reading, digits).network


def settled(reading: Reading) -> Network | None:
    """Return the network that a reading describes which leaves nothing open, else None.

    Raises
    ------
    NetworkFileError
        If a layer of it is none.
    """
    flags = {raw.inputs_first for raw in reading.layers}
    if (
        reading.input_map != (1.0, 0.0)
        or any(raw.activation is None or raw.norm is not None for raw in reading.layers)
        or flags not in ({False}, {True})
    ):
        return None
    layers = []
    for number, raw in enumerate(reading.layers, 1):
        weights = raw.weights.T if raw.inputs_first else raw.weights
        biases = np.zeros(len(weights), np.float32) if raw.biases is None else raw.biases
        try:
            layers.append(Layer(weights, biases, raw.activation or "", raw.grid))  # type: ignore[arg-type]  # None: as usual
        except ValueError as error:
            raise NetworkFileError(f"{reading.format}: layer {number}: {error}") from error
    return Network(tuple(layers), reading.name, reading.provenance, reading.names, reading.origin)


def _content(
    source: str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes],
    where: str | None,
    limits: Limits,
) -> tuple[bytes | Path, str]:
    """Return a file's bytes, or a folder's path, and what to call it."""
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source), where or "data"
    try:
        if not isinstance(source, str | os.PathLike):
            named = getattr(source, "name", None)  # a number, where it was opened by one
            where = where or (Path(named).name if isinstance(named, str) else "data")
            if not hasattr(source, "read"):
                raise NetworkFileError(
                    f"{where}: expected a path, bytes or an open file; got {type(source).__name__}"
                )
            return read_stream(source, limits.file_bytes, where), where
        path = Path(source)
        where = where or path.name
        if path.is_dir():
            return path, where
        return read_whole(path, limits.file_bytes, where), where
    except SpecialFileError as error:
        raise NetworkFileError(str(error)) from error
