"""Plain NumPy arrays: an ``.npz`` of arrays in order, one ``.npy``, or a folder of them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.containers import npy
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, quoted
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning.pairing import (
    LONGEST_NAME,
    Part,
    chained,
    from_arrays,
    in_natural_order,
    paired,
    raw_layers,
)
from toolkit.formats.meaning.reading import Reading
from toolkit.formats.meaning.strangers import digits, layers_only
from toolkit.network import Network
from toolkit.origin import MOST_BYTES, Origin, Place, Slot

_FORM = "plain .npz"
_FEWEST_PIXELS = 64
"""Of pictures of bytes, in a row each: 8 x 8, the smallest that digits are kept as."""


def read_arrays(arrays: dict[str, NDArray[Any]], where: str, limits: Limits = LIMITS) -> Reading:
    """Read a network from an archive's arrays, in its order; sorted names count by value."""
    listed = list(arrays.items())
    if list(arrays) == sorted(arrays):
        listed = in_natural_order(listed)  # sorted as text, as JAX does, ten stands before two
    notes: list[str] = []
    try:
        parts = paired(layers_only(listed, where, notes), where, notes)
        parts, known, several = chained(parts, where, limits, ways=(False, True), notes=notes)
    except NetworkFileError as error:
        raise NetworkFileError(
            f"{error} (an .npz archive, but not a network of this toolkit; it holds "
            f"{listing(arrays)})"
        ) from error
    layers, origin = raw_layers(parts, known), _origin(arrays, parts, bool(known))
    return Reading(_FORM, layers, notes=tuple(notes), origin=origin, orders=several)


def _origin(
    arrays: Mapping[str, NDArray[Any]], parts: Sequence[Part], turned: bool
) -> Origin | None:
    """Return how an archive looks; None where it could not be written as it is."""
    slots = {
        name: Slot(name, array.shape, array.dtype.str, turned and array.ndim == 2)
        for name, array in arrays.items()
    }
    places = tuple(
        Place(
            slots[weights],
            None if biases is None else replace(slots[biases], turned=False),
        )
        for weights, biases in (part.names for part in parts)
    )
    used = {name for part in parts for name in part.names if name is not None}
    kept = {name: array for name, array in arrays.items() if name not in used}
    origin = Origin(".npz", _FORM, places, order=tuple(arrays), kept=kept)
    writable = (
        origin.size <= MOST_BYTES
        and all(arrays[name].dtype.kind == "f" for name in used)
        and all(array.dtype.kind in "fiub" for array in kept.values())
        and max(map(len, arrays)) <= LONGEST_NAME
    )
    return origin if writable else None


def dumps_back(network: Network) -> bytes:
    """Return the archive that a network came from, with what the arrays are now.

    Parameters
    ----------
    network : Network
        Its origin is such an archive.

    Raises
    ------
    ValueError
        If it has none, or the arrays have no place for what the network is.
    """
    if network.origin is None:
        raise ValueError("it came from no archive of arrays")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in network.origin.arrays(network).items():
            member = io.BytesIO()
            np.save(member, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue())
    return buffer.getvalue()


def read_one(data: bytes, where: str = "file", limits: Limits = LIMITS) -> Reading:
    """Read one ``.npy`` matrix as a network of one layer."""
    array = npy.loads(data, "the array", Budget(limits, where))
    if array.ndim == 1:
        raise NetworkFileError(
            f"{where}: one vector of {array.size:,} numbers, such as labels or biases; a layer's "
            "weights are a matrix"
        )
    if array.ndim > 2 or (array.dtype == np.uint8 and array.shape[-1] >= _FEWEST_PIXELS):
        raise digits("one array", array.shape, where)
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
