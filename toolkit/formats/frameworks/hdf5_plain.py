"""HDF5 files that are no framework's: arrays by name, written with h5py or PyTables.

``W1`` and ``b1`` at the top, ``fc1/weight`` and ``fc1/bias`` in groups, at whatever depth.
"""

from __future__ import annotations

from toolkit.formats.containers.hdf5 import Tree
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import shown_shape
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning.pairing import from_arrays, in_natural_order
from toolkit.formats.meaning.reading import Reading

_KERAS_ROOTS = ("", "model_weights")


def looks_like(tree: Tree) -> bool:
    """Tell whether a file holds arrays, and nothing that Keras writes beside them."""
    if tree.text("", "model_config") is not None or not tree.arrays:
        return False
    if any(tree.texts(root, "layer_names") is not None for root in _KERAS_ROOTS):
        return False
    return not any("vars" in path.split("/")[:-1] for path in tree.arrays)


def read(tree: Tree, where: str = "file", limits: Limits = LIMITS) -> Reading:
    """Read a network from a file's arrays; numbers in their paths count by value.

    Raises
    ------
    NetworkFileError
        If they are not those of fully connected layers.
    """
    shapes = {path: tree.shape(path) for path in tree.arrays}
    kept = [path for path, shape in shapes.items() if shape]
    single = sorted(set(shapes) - set(kept))
    notes = [f"Left out {name!r}: a single number." for name in single[:6]]
    try:
        arrays = in_natural_order([(path, tree.read(path)) for path in kept])
        return from_arrays("HDF5 of arrays by name", arrays, where, limits, notes=notes)
    except NetworkFileError as error:
        listed = ", ".join(f"{path[:40]!a} {shown_shape(shapes[path])}" for path in kept[:6])
        raise NetworkFileError(
            f"{error} (an HDF5 file, but not one of Keras's; it holds {listed or 'no array'})"
        ) from error
