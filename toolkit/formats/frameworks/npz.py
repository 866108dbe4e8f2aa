"""The project's own format: a NumPy ``.npz`` archive without pickle.

Members, all plain arrays: ``format`` and ``version``; ``name``; ``provenance``
(JSON text); ``activations`` (text, one a layer); then ``weights_1`` of shape
(out, in) and ``biases_1`` of shape (out,), ``weights_2`` and so on, float32.
Where a layer's weights are laid out on another grid than the usual one for so many,
``grids`` of shape (layers, 2) has each layer's rows and columns.  Where neurons have names,
``names`` is JSON text of a dict: ``{"1.3": "top bar"}``.  Where the network was read from another
format's file, the bytes of ``origin`` say how that looked, so that it can go back; see
:mod:`toolkit.origin`.
"""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.containers import npy
from toolkit.formats.containers.zip import Archive
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks.plain import listing
from toolkit.formats.guard import Budget, mebibytes, quoted
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning.reading import RawLayer, Reading
from toolkit.grid import Grid
from toolkit.network import Layer, Network
from toolkit.neuronnames import names_of, names_told
from toolkit.origin import Origin

FORMAT = "weight-map-toolkit network"
VERSION = 1


def dumps(network: Network) -> bytes:
    """Return the network as the bytes of an ``.npz`` file; the same network gives the same bytes.

    Between machines its arrays are the same; the archive around them is as Python's release and
    its zlib write it.

    Parameters
    ----------
    network : Network
    """
    members: dict[str, NDArray[Any]] = {
        "format": np.array(FORMAT),
        "version": np.array(VERSION),
        "name": np.array(network.name),
        "provenance": np.array(json.dumps(dict(network.provenance), ensure_ascii=False)),
        "activations": np.array(network.activations),
    }
    for number, layer in enumerate(network.layers, 1):
        members[f"weights_{number}"] = layer.weights
        members[f"biases_{number}"] = layer.biases
    if any(_unusual(layer) for layer in network.layers):
        members["grids"] = np.array([tuple(layer.grid) for layer in network.layers])
    if network.names:
        called = names_told(network.names)
        members["names"] = np.array(json.dumps(called, ensure_ascii=False))
    if network.origin is not None:
        members["origin"] = np.frombuffer(network.origin.to_bytes(), np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **members)
    return buffer.getvalue()


def is_ours(arrays: dict[str, NDArray[Any]]) -> bool:
    """Tell whether an archive's arrays are of this format."""
    said = arrays.get("format")
    return said is not None and _text_of(said) == FORMAT


def reading_of(network: Network) -> Reading:
    """Return a network of this format as what its file says: everything."""
    return Reading(
        "weight-map toolkit .npz",
        tuple(
            RawLayer(
                layer.weights,
                layer.biases,
                layer.activation,
                False,
                f"layer {number}",
                layer.grid if _unusual(layer) else None,
            )
            for number, layer in enumerate(network.layers, 1)
        ),
        network.name,
        network.provenance,
        (),
        (1.0, 0.0),
        network.names,
        network.origin,
    )


def loads(data: bytes, where: str = "file", limits: Limits = LIMITS) -> Network:
    """Read a network from the bytes of an ``.npz`` file.

    Sizes are checked against what each header declares before memory is taken,
    and nothing in the file is executed.

    Parameters
    ----------
    data : bytes
    where : str
        What to call the file in an error.
    limits : Limits

    Raises
    ------
    NetworkFileError
        If it is damaged or not of this format.
    """
    return network_of(members(Archive(data, where, limits), where, limits), where, limits)


def network_of(arrays: dict[str, NDArray[Any]], where: str, limits: Limits = LIMITS) -> Network:
    """Return the network that an archive's arrays hold.

    Raises
    ------
    NetworkFileError
        If they are not of this format, or layers would be too large.
    """
    if not is_ours(arrays):
        raise NetworkFileError(
            f"{where}: an .npz archive, but not a network of this toolkit (no member 'format' that "
            f"says '{FORMAT}'); it holds {listing(arrays)}"
        )
    if _scalar(arrays, "version", where, "iu") != VERSION:
        raise NetworkFileError(
            f"{where}: expected version {VERSION} of the format; "
            f"got {quoted(str(arrays['version']))[1:-1]}; "
            "a newer toolkit may read it"
        )
    activations = arrays.get("activations")
    if activations is None or activations.ndim != 1 or activations.dtype.kind != "U":
        raise NetworkFileError(f"{where}: 'activations' should be a list of names, one a layer")
    if activations.size > limits.tensors:
        raise NetworkFileError(
            f"{where}: {activations.size:,} layers; at most {limits.tensors} are read"
        )
    layers, budget = [], Budget(limits, where)
    grids = _grids(arrays, activations.size, where)
    for number, activation in enumerate(activations.tolist(), 1):
        parts = []
        for part in ("weights", "biases"):
            array = arrays.get(f"{part}_{number}")
            if array is None:
                raise NetworkFileError(f"{where}: '{part}_{number}' is missing")
            if array.dtype.kind != "f":
                raise NetworkFileError(
                    f"{where}: '{part}_{number}' should hold floats; it holds {array.dtype}"
                )
            budget.tensor(array.shape, 4, f"'{part}_{number}'")  # as single precision
            parts.append(array)
        try:
            layers.append(Layer(parts[0], parts[1], activation, grids[number - 1]))  # type: ignore[arg-type]  # None: as usual
        except ValueError as error:
            raise NetworkFileError(f"{where}: layer {number}: {error}") from error
    try:
        provenance = json.loads(_text(arrays, "provenance", "{}", where, limits))
        provenance = {str(key): str(value) for key, value in provenance.items()}
    except (ValueError, AttributeError, RecursionError) as error:
        raise NetworkFileError(f"{where}: 'provenance' should be JSON text of a dict") from error
    names = _names(_text(arrays, "names", "{}", where, limits), where)
    try:
        name = _text(arrays, "name", "network", where, limits)
        found = Network(tuple(layers), name, provenance, names)
    except ValueError as error:
        raise NetworkFileError(f"{where}: {error}") from error
    said = arrays.get("origin")
    if said is None:
        return found
    if said.ndim != 1 or said.dtype != np.uint8 or said.nbytes > limits.header_bytes:
        raise NetworkFileError(f"{where}: 'origin' should be bytes that say how a file looked")
    try:
        return replace(found, origin=Origin.from_bytes(said.tobytes(), found.sizes))
    except ValueError as error:
        raise NetworkFileError(f"{where}: 'origin': {error}") from error


def _names(text: str, where: str) -> dict[tuple[int, int], str]:
    """Return what neurons are called, from a file's JSON text."""
    try:
        return names_of(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise NetworkFileError(
            f"{where}: 'names' should be JSON text of a dict by neuron, such as \"1.3\""
        ) from error


def _unusual(layer: Layer) -> bool:
    return layer.grid != Grid.of(layer.inputs)


def _grids(arrays: dict[str, NDArray[Any]], count: int, where: str) -> list[Grid | None]:
    """Return each layer's grid where the archive has them, else None for each."""
    given = arrays.get("grids")
    if given is None:
        return [None] * count
    if given.shape != (count, 2) or given.dtype.kind not in "iu":
        raise NetworkFileError(
            f"{where}: 'grids' should be whole numbers of shape ({count}, 2); it is "
            f"{given.dtype} of shape {given.shape}"
        )
    try:
        return [Grid(int(rows), int(columns)) for rows, columns in given]
    except ValueError as error:
        raise NetworkFileError(f"{where}: 'grids': {error}") from error


def members(archive: Archive, where: str, limits: Limits = LIMITS) -> dict[str, NDArray[Any]]:
    """Return an archive's arrays by name, without ``.npy``.

    Raises
    ------
    NetworkFileError
        If one is damaged, holds Python objects or asks for too much.
    """
    budget = Budget(limits, where)
    return {
        name.removesuffix(".npy"): npy.loads(archive.read(name), quoted(name), budget)
        for name in archive.members
    }


def _text_of(array: NDArray[Any]) -> str | None:
    """Return the text that an array of one text holds; None for another."""
    return str(array) if array.ndim == 0 and array.dtype.kind == "U" else None


def _text(arrays: dict[str, NDArray[Any]], key: str, usual: str, where: str, limits: Limits) -> str:
    """Return a member of text, or what is usual where there is none."""
    array = arrays.get(key)
    if array is None:
        return usual
    text = _text_of(array) if array.nbytes <= 4 * limits.header_bytes else None
    if text is None:
        raise NetworkFileError(
            f"{where}: {key!r} should be one text of at most {mebibytes(limits.header_bytes)}"
        )
    return text


def _scalar(arrays: dict[str, NDArray[Any]], key: str, where: str, kinds: str) -> Any:
    array = arrays.get(key)
    if array is None or array.ndim != 0 or array.dtype.kind not in kinds:
        raise NetworkFileError(f"{where}: {key!r} is missing or of the wrong kind")
    return array.item()
