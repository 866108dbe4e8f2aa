"""The project's own format: a NumPy ``.npz`` archive without pickle.

Members, all plain arrays: ``format`` and ``version``; ``name``; ``provenance``
(JSON text); ``activations`` (text, one a layer); then ``weights_1`` of shape
(out, in) and ``biases_1`` of shape (out,), ``weights_2`` and so on, float32.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.errors import NetworkFileError
from toolkit.network import Layer, Network

FORMAT = "weight-map-toolkit network"
VERSION = 1

MAX_FILE_BYTES = 64 << 20
MAX_DECODED_BYTES = 256 << 20
MAX_MEMBERS = 4096
_MAX_HEADER_BYTES = 4096
_ENCRYPTED = 0x1


def dumps(network: Network) -> bytes:
    """Return the network as the bytes of an ``.npz`` file; the same network gives the same bytes.

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
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **members)
    return buffer.getvalue()


def loads(data: bytes, where: str = "file") -> Network:
    """Read a network from the bytes of an ``.npz`` file.

    Sizes are checked against what each header declares before memory is taken,
    and nothing in the file is executed.

    Parameters
    ----------
    data : bytes
    where : str
        What to call the file in an error.

    Raises
    ------
    NetworkFileError
        If it is damaged or not of this format.
    """
    arrays = _read_members(data, where)
    if str(arrays.get("format")) != FORMAT:
        raise NetworkFileError(
            f"{where}: an .npz archive, but not a network of this toolkit (no member 'format' that "
            f"says '{FORMAT}'); it holds {_listing(arrays)}"
        )
    if _scalar(arrays, "version", where, "iu") != VERSION:
        raise NetworkFileError(
            f"{where}: expected version {VERSION} of the format; got {arrays['version']}; "
            "a newer toolkit may read it"
        )
    activations = arrays.get("activations")
    if activations is None or activations.ndim != 1 or activations.dtype.kind != "U":
        raise NetworkFileError(f"{where}: 'activations' should be a list of names, one a layer")
    layers = []
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
            parts.append(array)
        try:
            layers.append(Layer(parts[0], parts[1], activation))
        except ValueError as error:
            raise NetworkFileError(f"{where}: layer {number}: {error}") from error
    try:
        provenance = json.loads(str(arrays.get("provenance", "{}")))
        provenance = {str(key): str(value) for key, value in provenance.items()}
    except (ValueError, AttributeError, RecursionError) as error:
        raise NetworkFileError(f"{where}: 'provenance' should be JSON text of a dict") from error
    try:
        return Network(tuple(layers), str(arrays.get("name", "network")), provenance)
    except ValueError as error:
        raise NetworkFileError(f"{where}: {error}") from error


def _read_members(data: bytes, where: str) -> dict[str, NDArray[Any]]:
    if len(data) > MAX_FILE_BYTES:
        raise NetworkFileError(
            f"{where}: {len(data) >> 20} MiB; at most {MAX_FILE_BYTES >> 20} MiB are read"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check_directory(infos, where)
            return {
                info.filename.removesuffix(".npy"): _read_array(archive, info, where)
                for info in infos
            }
    except NetworkFileError:
        raise
    except Exception as error:  # zipfile and zlib raise a dozen kinds on damaged input
        raise NetworkFileError(
            f"{where}: damaged, or not an .npz file ({type(error).__name__}: {error}); "
            "save or download it again"
        ) from error


def _check_directory(infos: list[zipfile.ZipInfo], where: str) -> None:
    if len(infos) > MAX_MEMBERS:
        raise NetworkFileError(f"{where}: {len(infos)} members; at most {MAX_MEMBERS} are read")
    names = [info.filename for info in infos]
    if len(set(names)) != len(names):
        raise NetworkFileError(f"{where}: holds two members of one name")
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        raise NetworkFileError(f"{where}: is encrypted; save it without a password")
    declared = sum(info.file_size for info in infos)
    if declared > MAX_DECODED_BYTES:
        raise NetworkFileError(
            f"{where}: would unpack to {declared >> 20} MiB; at most "
            f"{MAX_DECODED_BYTES >> 20} MiB are read"
        )


def _read_array(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> NDArray[Any]:
    with archive.open(info) as member:
        raw = member.read(info.file_size + 1)
    stream = io.BytesIO(raw)
    version = np.lib.format.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise NetworkFileError(f"{where}: {info.filename!r} has .npy version {version}")
    read_header = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    shape, _, dtype = read_header(stream, max_header_size=_MAX_HEADER_BYTES)
    if dtype.hasobject:
        raise NetworkFileError(
            f"{where}: {info.filename!r} contains Python objects that would have to be executed; "
            "save plain arrays"
        )
    expected = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or expected != len(raw) - stream.tell():
        raise NetworkFileError(
            f"{where}: {info.filename!r} declares shape {shape} of {dtype}, {expected} bytes; "
            f"it holds {len(raw) - stream.tell()}"
        )
    stream.seek(0)
    array: NDArray[Any] = np.lib.format.read_array(
        stream, allow_pickle=False, max_header_size=_MAX_HEADER_BYTES
    )
    return array


def _scalar(arrays: dict[str, NDArray[Any]], key: str, where: str, kinds: str) -> Any:
    array = arrays.get(key)
    if array is None or array.ndim != 0 or array.dtype.kind not in kinds:
        raise NetworkFileError(f"{where}: {key!r} is missing or of the wrong kind")
    return array.item()


def _listing(arrays: dict[str, NDArray[Any]]) -> str:
    names = [repr(name[:40]) for name in list(arrays)[:6]]
    return (", ".join(names) + (", ..." if len(arrays) > 6 else "")) or "nothing"
