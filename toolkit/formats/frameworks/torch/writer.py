"""Writing a state_dict in PyTorch's zip form, without PyTorch."""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import quoted
from toolkit.formats.meaning import mark
from toolkit.formats.meaning.state_dict import arrays_back, mark_back, same_back

if TYPE_CHECKING:
    from toolkit.network import Network

MARK = "weight_map_toolkit.json"
"""The member that says what a state_dict has no place for; PyTorch passes it over."""

_KINDS = {
    "f4": "Float", "f8": "Double", "f2": "Half", "V2": "BFloat16", "i8": "Long", "i4": "Int",
    "i2": "Short", "i1": "Char", "u1": "Byte", "b1": "Bool",
}  # fmt: skip
_ROOT = "archive"
_ALIGNED = 64  # bytes, so that PyTorch can map the numbers where they lie
_LOCAL_HEADER = 30
_PADDING = 0x4246  # an extra field that PyTorch writes for this
_ALL_APART: Mapping[str, str] = MappingProxyType({})
_WHEN = (1980, 1, 1, 0, 0, 0)


def dumps(network: Network) -> bytes:
    """Return the state_dict of an ``nn.Sequential`` with an activation behind each layer.

    ``0.weight``, ``0.bias``, ``2.weight`` and so on.  Name, activations and all else travel in a
    member that PyTorch passes over, see :mod:`toolkit.formats.meaning.mark`.

    Parameters
    ----------
    network : Network
    """
    arrays: dict[str, NDArray[Any]] = {}
    for number, layer in enumerate(network.layers):
        arrays[f"{2 * number}.weight"] = layer.weights
        arrays[f"{2 * number}.bias"] = layer.biases
    return _archive(arrays, {MARK: mark.text_of(network).encode()})


def dumps_back(network: Network) -> bytes:
    """Return the state_dict that a network came from, as it is now.

    Parameters
    ----------
    network : Network
        Its origin is a state_dict's.

    Raises
    ------
    NetworkFileError
        If it has none.
    ValueError
        If the state_dict has no place for what the network is.
    """
    arrays = arrays_back(network)
    text = mark_back(network, arrays)
    others = {MARK: text.encode()} if text else {}
    return _archive(arrays, others, same_back(network, arrays))


def _archive(
    arrays: Mapping[str, NDArray[Any]],
    others: Mapping[str, bytes],
    same: Mapping[str, str] = _ALL_APART,
) -> bytes:
    import zipfile

    storages = {name: str(number) for number, name in enumerate(arrays) if name not in same}
    storages |= {name: storages[first] for name, first in same.items()}
    members = {"data.pkl": _pickle(arrays, storages), "byteorder": b"little"}
    for name, array in arrays.items():
        if name in same:
            continue
        low = array if array.dtype.kind == "V" else array.astype(array.dtype.newbyteorder("<"))
        members[f"data/{storages[name]}"] = low.tobytes()
    members["version"] = b"3\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in (members | dict(others)).items():
            info = zipfile.ZipInfo(f"{_ROOT}/{name}", _WHEN)
            info.create_system = 3  # the same bytes on every machine
            start = buffer.tell() + _LOCAL_HEADER + len(info.filename) + 4
            padding = -start % _ALIGNED
            info.extra = struct.pack("<HH", _PADDING, padding) + b"Z" * padding
            archive.writestr(info, content)
    return buffer.getvalue()


def _pickle(arrays: Mapping[str, NDArray[Any]], storages: Mapping[str, str]) -> bytes:
    """Return an ordered dict of tensors, each the whole of a storage, in protocol 2."""
    ordered_dict = b"ccollections\nOrderedDict\n)R"
    parts = [b"\x80\x02", ordered_dict, b"("]
    for name, array in arrays.items():
        kind = _KINDS.get(array.dtype.str[1:])
        if kind is None:
            raise NetworkFileError(
                f"{quoted(name)} holds {array.dtype}, of which PyTorch's form keeps no tensors; "
                "save it as .safetensors"
            )
        strides = [math.prod(array.shape[n + 1 :]) for n in range(array.ndim)]
        parts += [
            _text(name), b"ctorch._utils\n_rebuild_tensor_v2\n((",
            _text("storage"), f"ctorch\n{kind}Storage\n".encode(), _text(storages[name]),
            _text("cpu"), _whole(array.size), b"tQ", _whole(0),
            _tuple(array.shape), _tuple(strides), b"\x89", ordered_dict, b"tR",
        ]  # fmt: skip
    return b"".join([*parts, b"u."])


def _text(value: str) -> bytes:
    raw = value.encode("utf-8", "surrogatepass")
    return b"X" + len(raw).to_bytes(4, "little") + raw


def _whole(value: int) -> bytes:
    return b"J" + value.to_bytes(4, "little", signed=True)


def _tuple(values: Any) -> bytes:
    return b"(" + b"".join(map(_whole, values)) + b"t"
