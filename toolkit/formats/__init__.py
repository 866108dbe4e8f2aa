"""Networks in files: one :func:`read`, one :func:`load`, one :func:`save`.

A file is recognised by its content.  What it says is a :class:`Reading`; what
it leaves open is decided by :mod:`toolkit.formats.meaning.interpretation`.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from toolkit.files import SpecialFileError, read_stream, read_whole
from toolkit.formats.beside import in_folder
from toolkit.formats.errors import GuessWarning, NetworkFileError
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
    "GuessWarning",
    "Limits",
    "NetworkFileError",
    "RawLayer",
    "Reading",
    "dumps",
    "load",
    "read",
    "save",
    "settled",
    "understood",
]

READABLE = {
    ".npz": "NumPy archive: the toolkit's own, or plain arrays in order",
    ".npy": "one NumPy matrix, or a folder of them",
    ".safetensors": "safetensors",
    ".json": "JSON: Nielsen's form, a list of layers, or arrays by name",
    ".pkl": "pickled lists or dicts of arrays, gzip or not; nothing in it is executed",
    ".pt": "PyTorch state_dict; nothing in it is executed",
    ".pth": "PyTorch state_dict; nothing in it is executed",
    ".h5": "Keras weights or model, or arrays by name (HDF5)",
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
    activations: str | Sequence[str] | None = None,
    pixels: str | tuple[float, float] | None = None,
    orientation: str | None = None,
) -> Network:
    """Read a network from a file, and decide what the file leaves open.

    Parameters
    ----------
    source, where, limits
        As for :func:`read`.
    digits : DigitSet, optional
        What to try on where the file leaves something open; by default drawn ones.
    activations : str or sequence of str, optional
        Functions where the file does not say them: one for all hidden layers, or one for each
        layer; keys of :data:`toolkit.network.ACTIVATIONS`.
    pixels : str or (float, float), optional
        What the network was fed where the file does not say it: ``"unit"`` (0 to 1), ``"mnist"``
        (less 0.1307, over 0.3081), ``"signed"`` (−1 to 1), ``"bytes"`` (0 to 255) or ``"sixteen"``
        (0 to 16), each also with ``-dark`` behind it, for ink dark on bright paper; or mean and
        standard deviation of its normalisation.
    orientation : str, optional
        ``"out-in"`` where each row of weights is a neuron's, ``"in-out"`` where each column is;
        only where the file does not say it.

    Raises
    ------
    NetworkFileError
        If the content is damaged, too large, or no fully connected network, or if the file says
        another thing than was chosen.
    ValueError
        If what was chosen is nothing that is known.
    OSError
        If the file cannot be read.

    Warns
    -----
    GuessWarning
        If neither the file nor trying decides: no way to understand it reads most of the digits,
        or they cannot be shown to it.
    """
    reading = read(source, where, limits=limits)
    return understood(
        reading, where, 3, digits=digits, activations=activations, pixels=pixels,
        orientation=orientation,
    )  # fmt: skip


def understood(
    reading: Reading,
    where: str | None = None,
    stacklevel: int = 2,
    *,
    digits: DigitSet | None = None,
    activations: str | Sequence[str] | None = None,
    pixels: str | tuple[float, float] | None = None,
    orientation: str | None = None,
) -> Network:
    """Return the network that a reading describes, and decide what it leaves open.

    Parameters
    ----------
    reading : Reading
    where : str, optional
        What to call the source in an error.
    stacklevel : int
        Whose line a warning names, as for :func:`warnings.warn`.
    digits, activations, pixels, orientation
        As for :func:`load`.

    Raises
    ------
    NetworkFileError, ValueError
        As :func:`load` does.

    Warns
    -----
    GuessWarning
        As :func:`load` does.
    """
    unasked = activations is None and pixels is None and orientation is None
    network = settled(reading) if unasked else None
    if network is not None:
        return network
    # They know digits, pictures and palettes, which reading a complete file does without.
    from toolkit.formats.meaning.choices import chosen
    from toolkit.formats.meaning.interpretation import TRIED_ON, interpret

    asked = chosen(activations, pixels, orientation)
    if digits is None:
        from toolkit.digits import load_drawn

        digits = load_drawn(TRIED_ON)
    found = interpret(reading, digits, asked)
    if found.guess:
        warnings.warn(
            f"{where or reading.format}: {found.guess}; taken was: {found.summary}. Choose by "
            "activations=, pixels= and orientation=, or give the digits it reads as digits=",
            GuessWarning,
            stacklevel=stacklevel,
        )
    return found.network


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
        or reading.orders
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
    found = Network(tuple(layers), reading.name, reading.provenance, reading.names)
    origin = reading.origin and reading.origin.sound(found.sizes)
    return found if origin is None else replace(found, origin=origin)


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
