"""Plain NumPy arrays: an ``.npz`` of arrays in order, one ``.npy``, or a folder of them."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from toolkit.formats.containers import npy
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, quoted
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning.pairing import in_natural_order, layers_of
from toolkit.formats.meaning.reading import Reading


def read_arrays(arrays: dict[str, NDArray[Any]], where: str, limits: Limits = LIMITS) -> Reading:
    """Read a network from an archive's arrays, in its order.

    Parameters
    ----------
    arrays : dict of str to ndarray
    where : str
        What to call the file in an error.
    limits : Limits

    Raises
    ------
    NetworkFileError
        If they are not the layers of a fully connected network.
    """
    notes: list[str] = []
    try:
        layers = layers_of(list(arrays.items()), where, limits, notes=notes)
    except NetworkFileError as error:
        raise NetworkFileError(
            f"{error} (an .npz archive, but not a network of this toolkit; it holds "
            f"{listing(arrays)})"
        ) from error
    return Reading("plain .npz", layers, notes=tuple(notes))


def read_one(data: bytes, where: str = "file", limits: Limits = LIMITS) -> Reading:
    """Read one ``.npy`` matrix as a network of one layer."""
    array = npy.loads(data, "the array", Budget(limits, where))
    notes = ["One matrix: a network of one layer."]
    layers = layers_of([("weights", array)], where, limits, notes=notes)
    return Reading("single .npy", layers, notes=tuple(notes))


def read_files(files: list[tuple[str, bytes]], where: str, limits: Limits = LIMITS) -> Reading:
    """Read a network from ``.npy`` files of a folder, by their names.

    Parameters
    ----------
    files : list of (str, bytes)
        In any order: sorted by name, numbers by value.
    where : str
    limits : Limits

    Raises
    ------
    NetworkFileError
        As :func:`read_arrays`.
    """
    budget = Budget(limits, where)
    arrays = [
        (name.rpartition(".")[0], npy.loads(data, quoted(name), budget)) for name, data in files
    ]
    notes: list[str] = []
    layers = layers_of(in_natural_order(arrays), where, limits, notes=notes)
    return Reading("folder of .npy", layers, notes=tuple(notes))


def listing(arrays: dict[str, NDArray[Any]]) -> str:
    """Return the first few names, for an error."""
    names = [quoted(name) for name in list(arrays)[:6]]
    return (", ".join(names) + (", ..." if len(arrays) > 6 else "")) or "nothing"
