"""Writing networks: in a format's plain form, or as the file looked that a network came from."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

from toolkit.files import write_whole
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.recognition import extra
from toolkit.network import Network

WRITABLE = {
    ".npz": "the toolkit's own NumPy archive",
    ".pt": "PyTorch state_dict, named as nn.Sequential names it",
    ".safetensors": "safetensors, named as PyTorch's nn.Sequential names them",
    ".json": "JSON: Nielsen's form where all is sigmoid, else a list of layers",
    ".csv": "matrices as text, one file",
    ".h5": "Keras model (HDF5), for Keras 2 and 3",
    ".keras": "Keras 3 model",
    ".onnx": "ONNX model",
}
"""What :func:`save` writes, by suffix."""

_ROOMS = {
    ".npz": "npz",
    ".pt": "torch",
    ".safetensors": "safetensors",
    ".json": "json_forms",
    ".csv": "tables",
    ".h5": "keras",
    ".weights.h5": "keras",
    ".keras": "keras.archive",
    ".onnx": "onnx",
}
_EXTRAS = {"keras", "keras.archive", "onnx"}
_PLAIN_ROOMS = {".npz": "plain"}
"""Where the form that came is written by another module than ours of the same ending."""
_OURS = {".npz", ".json", ".csv"}
"""Kinds of which ours says more than what came: they are written as it came only when asked."""
SAME_KIND = {".pth": ".pt"}
"""Other endings of the same kind."""
_STATE_DICTS = {".pt", ".safetensors"}


def dumps(network: Network, kind: str, *, plain: bool | None = None) -> bytes:
    """Return the bytes of a network's file.

    Parameters
    ----------
    network : Network
    kind : str
        A key of :data:`WRITABLE`, or the kind of file that the network came from.
    plain : bool, optional
        Whether in the kind's plain form, or as it came: under the names, shapes and types that its
        file had, whatever was folded into its layers taken out again, so that the framework loads
        it into the model it came from.  By default as it came where the kind is the framework's own
        and the network was read from such a file.

    Raises
    ------
    NetworkFileError
        If it is no such kind, if the form cannot say what the network is, or if what writes it is
        not installed.
    """
    kind = SAME_KIND.get(kind, kind)
    if goes_back(network, kind, plain):
        try:
            return bytes(_room(_PLAIN_ROOMS.get(kind, _ROOMS[kind])).dumps_back(network))
        except NetworkFileError:
            raise
        except ValueError as error:
            raise NetworkFileError(f"cannot go back as it came: {error}") from error
    if plain is False:
        raise NetworkFileError(
            "cannot go back as it came: the form of the file that it was read from is not kept; "
            "write it in its plain form"
            if network.origin is None
            else f"cannot go back as it came in {kind}: it came as {network.origin.form}, "
            f"{network.origin.kind}"
        )
    if kind not in WRITABLE:
        raise NetworkFileError(f"expected a name that ends in {', '.join(WRITABLE)}; got {kind!r}")
    return bytes(_room(_ROOMS[kind]).dumps(network))


def goes_back(network: Network, kind: str, plain: bool | None = None) -> bool:
    """Tell whether :func:`dumps` writes a network as it came."""
    kind = SAME_KIND.get(kind, kind)
    came = _came_as(network, kind)
    return came and (plain is False or (plain is None and kind not in _OURS))


def described(network: Network, kind: str, plain: bool | None = None) -> str:
    """Return what :func:`dumps` writes, for people."""
    if network.origin is not None and goes_back(network, kind, plain):
        return f"{network.origin.form}, as it came"
    return WRITABLE[kind]


def save(network: Network, path: str | os.PathLike[str], *, plain: bool | None = None) -> None:
    """Write a network to a file; an existing one is replaced whole or not at all.

    Parameters
    ----------
    network : Network
    path : path
        Ends in a key of :data:`WRITABLE`, which decides the format.
    plain : bool, optional
        As for :func:`dumps`.

    Raises
    ------
    NetworkFileError
        If the ending is another, or the format cannot say what the network is.
    OSError
        If the file cannot be written; what was there stays.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    suffix = SAME_KIND.get(suffix, suffix)
    if suffix not in WRITABLE:
        raise NetworkFileError(f"{path.name}: expected a name that ends in {', '.join(WRITABLE)}")
    try:
        data = dumps(network, suffix, plain=plain)
    except NetworkFileError as error:
        raise NetworkFileError(f"{path.name}: {error}") from error
    write_whole(path, data)


def _came_as(network: Network, kind: str) -> bool:
    """Tell whether a network came in a file of this kind, or of one that holds the same."""
    if network.origin is None:
        return False
    own = network.origin.kind
    if own in _STATE_DICTS:
        return kind in _STATE_DICTS
    return kind == own or (kind == ".h5" and own == ".weights.h5")


def _room(name: str):  # type: ignore[no-untyped-def]  # a module; they share no base
    if name in _EXTRAS:
        return extra(name)
    return importlib.import_module(f"toolkit.formats.frameworks.{name}")
