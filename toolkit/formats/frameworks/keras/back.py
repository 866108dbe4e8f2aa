"""The way back: a Keras file as it came, with a network's weights and biases in it."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.containers.hdf5 import Tree
from toolkit.formats.containers.json_text import json_of
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks.keras.held import Store
from toolkit.formats.guard import INSTALL
from toolkit.formats.limits import LIMITS
from toolkit.formats.meaning.chain import Back
from toolkit.network import Network

KINDS = (".keras", ".h5", ".weights.h5")
WEIGHTS = "model.weights.h5"
MEMBERS = {"config.json", "metadata.json"}
"""What stands beside the weights in an archive, and goes back with them."""
_MOST_FOLDERS = 20_000
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def back_of(
    kind: str, tree: Tree, store: Store, members: dict[str, bytes], used: set[str]
) -> Back | None:
    """Return what a file holds besides its layers' weights and biases.

    What its optimizer holds is left out: it is no part of the network, and is about weights that
    are others once they are edited.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`.
    tree : Tree
    store : Store
    members : dict of str to bytes
        What stands beside the weights in an archive.
    used : set of str
        Paths of weights and biases.

    Returns
    -------
    Back or None
        None where the file is of a form that cannot be written.
    """
    paths = [path for held in store.layers for path in held.arrays] + store.beside
    if store.linked:
        return None
    try:
        kept = {path: tree.read_as_stored(path) for path in paths if path not in used}
        groups = sorted(group for group in tree.groups if store.is_kept(group))
        skeleton = {
            "members": {name: data.decode("utf-8") for name, data in members.items()},
            "attributes": {group: tree.attributes(group) for group in groups},
        }
    except (NetworkFileError, UnicodeDecodeError):
        return None
    return Back(kind, json.dumps(skeleton).encode(), kept, tuple(paths))


def dumps_back(network: Network) -> bytes:
    """Return a network as the Keras file that it came from: Keras loads it where it loaded that.

    Parameters
    ----------
    network : Network
        Its `origin` is of a kind among :data:`KINDS`.

    Raises
    ------
    NetworkFileError
        If it came from elsewhere, is now what the file's form cannot say, or h5py is missing.
    """
    origin = network.origin
    if origin is None or origin.kind not in KINDS:
        raise NetworkFileError("expected a network that was read from a file of Keras's")
    try:
        arrays = origin.arrays(network)
    except ValueError as error:
        raise NetworkFileError(f"{origin.form}: {error}") from error
    said = json_of(origin.skeleton, origin.form, LIMITS)
    try:
        attributes, members = said["attributes"], said["members"]
        if set(members) - MEMBERS or sum(path.count("/") for path in attributes) > _MOST_FOLDERS:
            raise ValueError("members or groups that no such file has")
        weights = _hdf5(attributes, arrays)
        if origin.kind != ".keras":
            return weights
        return zipped({name: text.encode() for name, text in members.items()} | {WEIGHTS: weights})
    except (KeyError, TypeError, AttributeError, ValueError, OSError, RuntimeError) as error:
        raise NetworkFileError(
            f"{origin.form}: how the file looked is not known any more ({type(error).__name__}); "
            "save in another format"
        ) from error


def h5py_module() -> Any:
    """Return h5py, which writes HDF5.

    Raises
    ------
    NetworkFileError
        If it is not installed.
    """
    try:
        import h5py
    except ImportError as error:
        raise NetworkFileError(f"a Keras file is written by h5py: {INSTALL}") from error
    return h5py


def _hdf5(attributes: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> bytes:
    h5py = h5py_module()
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for path, texts in attributes.items():
            group = file.require_group(path) if path else file
            for name, text in texts.items():
                group.attrs[name] = text if isinstance(text, str) else _list_of(h5py, text)
        for path, array in arrays.items():
            file.create_dataset(path, data=array)
    return buffer.getvalue()


def _list_of(h5py: Any, texts: list[str]) -> NDArray[Any]:
    return np.array(texts, h5py.string_dtype()) if texts else np.array([], "S1")


def zipped(members: dict[str, bytes]) -> bytes:
    """Return a zip archive of members, the same bytes for the same members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), data)
    return buffer.getvalue()
