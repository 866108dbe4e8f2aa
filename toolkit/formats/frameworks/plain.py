"""Plain NumPy arrays: an ``.npz`` of arrays in order, one ``.npy``, or a folder of them."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from toolkit.formats.containers import npy
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, quoted
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning.pairing import from_arrays, in_natural_order
from toolkit.formats.meaning.reading import Reading


def read_arrays(arrays: dict[str, NDArray[Any]], where: str, limits: Limits = LIMITS) -> Reading:
    """Read a network from an archive's arrays, in its order; sorted names count by value."""
    listed = list(arrays.items())
    if list(arrays) == sorted(arrays):
        listed = in_natural_order(listed)  # sorted as text, as JAX does, ten stands before two
    try:
        return from_arrays("plain .npz", listed, where, limits)
    except NetworkFileError as error:
        raise NetworkFileError(
            f"{error} (an .npz archive, but not a network of this toolkit; it holds "
            f"{listing(arrays)})"
        ) from error


def read_one(data: bytes, where: str = "file", limits: Limits = LIMITS) -> Reading:
    """Read one ``.npy`` matrix as a network of one layer."""
    array = npy.loads(data, "the array", Budget(limits, where))
    notes = ["One matrix: a network of one layer."]
    return from_arrays("single .npy", [("weights", array)], where, limits, notes=notes)


def read_files(files: list[tuple[str, bytes]], where: str, limits: Limits = LIMITS) -> Reading:
    """Read a network from ``.npy`` files of a folder by their names, numbers by value."""
    budget = Budget(limits, where)
    arrays = [
        (name.rpartition(".")[0], npy.loads(data, quoted(name), budget)) for name, data in files
    ]
    return from_arrays("folder of .npy", in_natural_order(arrays), where, limits)


def listing(arrays: dict[str, NDArray[Any]]) -> str:
    """Return the first few names, for an error."""
    names = [quoted(name) for name in list(arrays)[:6]]
    return (", ".join(names) + (", ..." if len(arrays) > 6 else "")) or "nothing"
