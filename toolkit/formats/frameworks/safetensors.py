"""The ``.safetensors`` form: a JSON header, then the numbers."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from toolkit.formats.containers.json_text import json_of
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, bfloat16, natural, quoted
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning import mark
from toolkit.formats.meaning.pairing import LONGEST_NAME, is_part_of_a_layer
from toolkit.formats.meaning.reading import Reading
from toolkit.formats.meaning.state_dict import arrays_back, mark_back, reading_of_tensors, same_back
from toolkit.formats.meaning.tensors import Tensor
from toolkit.network import ACTIVATIONS, Network

FORMAT = "weight-map-toolkit network"

_CODES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2",
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "<i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "<u1", "BOOL": "b1",
}  # fmt: skip
_NAMES = {code.lstrip("|"): name for name, code in _CODES.items() if name != "BF16"}
_NAMES |= {"i1": "I8", "u1": "U8", "b1": "BOOL"}
_SEQUENTIAL = re.compile(r"[0-9]{1,6}\.(?:weight|bias)")


def looks_like(data: bytes) -> bool:
    """Tell whether bytes begin as the form does: a length, then a JSON object."""
    return data[8:9] == b"{" and data[4:8] == b"\0\0\0\0"


def read(data: bytes, where: str = "file", limits: Limits = LIMITS) -> Reading:
    """Read a network's tensors.

    Raises
    ------
    NetworkFileError
        Also if the header declares tensors that overlap, leave gaps or do not fill the file.
    """
    metadata = _check_header(data, where, limits)
    try:
        tensors = safetensors.deserialize(data)  # type: ignore[no-untyped-call]
    except safetensors.SafetensorError as error:
        raise NetworkFileError(
            f"{where}: damaged ({str(error)[:100]}); save or download it again"
        ) from error
    left_out = _left_out(tensors, metadata)
    same = {name: metadata[name] for name, _ in left_out}
    tensors += left_out
    found = [
        Tensor(name, _array(tensor), "bfloat16" if tensor["dtype"] == "BF16" else
               _CODES[tensor["dtype"]], (same.get(name, name), 0, _strides(tensor["shape"])))
        for name, tensor in sorted(tensors, key=lambda pair: natural(pair[0]))
    ]  # fmt: skip
    said, own = {}, None
    if mark.KEY in metadata:
        said = json_of(metadata[mark.KEY].encode(), f"{where}: {mark.KEY}", limits)
        own = mark.of(said, where)
    reading = reading_of_tensors(
        "safetensors", ".safetensors", found, where, limits,
        linear=_lies_as_in_torch(found, metadata), in_order=False,
        told=said,
    )  # fmt: skip
    if own is not None:
        return own.on(reading)
    if metadata.get("format") != FORMAT:
        return reading
    # As it was written before there was a mark.
    names = metadata.get("activations", "").split(",")
    if len(names) == len(reading.layers) and set(names) <= set(ACTIVATIONS):
        reading = reading.with_activations(names)
    provenance = {key: value for key, value in metadata.items()
                  if key not in ("format", "name", "activations")}  # fmt: skip
    name = metadata.get("name", "network")[:LONGEST_NAME]
    return replace(reading, name=name, provenance=provenance, input_map=(1.0, 0.0))


def _left_out(tensors: list[Any], metadata: dict[str, str]) -> list[Any]:
    """Return tensors that are others once more, which the metadata tells alone.

    ``safetensors.torch.save_model`` keeps one of tied layers' weights, and under the name of each
    of the others the name of the one that it is.
    """
    held = dict(tensors)
    return [
        (name, held[first])
        for name, first in metadata.items()
        if first in held and name not in held and is_part_of_a_layer(name)
    ]


def _strides(shape: list[int]) -> tuple[int, ...]:
    return tuple(math.prod(shape[n + 1 :]) for n in range(len(shape)))


def _lies_as_in_torch(tensors: list[Tensor], metadata: dict[str, str]) -> bool | None:
    """Tell whether weights are known to be (out, in): PyTorch's names or ours say so."""
    if metadata.get("format") == FORMAT or mark.KEY in metadata:
        return True
    return all(_SEQUENTIAL.fullmatch(tensor.name) for tensor in tensors) or (
        None if metadata.get("format") == "pt" else False
    )


def _check_header(data: bytes, where: str, limits: Limits) -> dict[str, str]:
    """Check all that the header declares; return its metadata."""
    length = int.from_bytes(data[:8], "little")
    if length > limits.header_bytes:
        raise NetworkFileError(
            f"{where}: declares a header of {length} bytes; at most {limits.header_bytes} are read"
        )
    if len(data) < 8 or 8 + length > len(data):
        raise NetworkFileError(
            f"{where}: damaged: breaks off in its header; save or download it again"
        )
    header = json_of(data[8 : 8 + length], where, limits)
    if not isinstance(header, dict):
        raise NetworkFileError(f"{where}: damaged: its header is no JSON object")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise NetworkFileError(f"{where}: its metadata should be text by name")
    budget = Budget(limits, where)
    places = [
        (*_check_entry(entry, quoted(name), budget), quoted(name)) for name, entry in header.items()
    ]
    end = 0
    for start, stop, shown in sorted(places):
        if start != end:
            raise NetworkFileError(
                f"{where}: {shown} "
                + ("overlaps another tensor" if start < end else "leaves a gap before it")
                + f": starts at {start}, the one before ends at {end}"
            )
        end = stop
    if end != len(data) - 8 - length:
        raise NetworkFileError(
            f"{where}: declares {end} bytes of tensors; it holds {len(data) - 8 - length}; "
            "save or download it again"
        )
    return metadata


def _check_entry(entry: Any, shown: str, budget: Budget) -> tuple[int, int]:
    """Check one tensor's description; return where its numbers start and stop."""
    where = budget.where
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise NetworkFileError(
            f"{where}: {shown} should have 'dtype', 'shape' and 'data_offsets', and nothing else"
        )
    code, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(code, str) or code not in _CODES:
        raise NetworkFileError(f"{where}: {shown} is of type {quoted(code)}, which is not read")
    if not isinstance(shape, list):
        raise NetworkFileError(f"{where}: {shown} declares a shape that is none")
    match offsets:
        case [int(start), int(stop)] if 0 <= start <= stop <= budget.limits.file_bytes:
            pass
        case _:
            raise NetworkFileError(f"{where}: {shown} declares offsets that are none")
    itemsize = np.dtype(_CODES[code]).itemsize
    if stop - start != budget.tensor(shape, itemsize, shown):
        raise NetworkFileError(
            f"{where}: {shown} of shape {shape} takes {math.prod(shape) * itemsize} bytes; its "
            f"offsets span {stop - start if stop - start < 10**12 else '10^12 or more'}"
        )
    return start, stop


def _array(tensor: Any) -> NDArray[Any]:
    flat = np.frombuffer(tensor["data"], np.dtype(_CODES[tensor["dtype"]]))
    array: NDArray[Any] = flat.reshape(tensor["shape"])
    return bfloat16(array) if tensor["dtype"] == "BF16" else array


def dumps(network: Network) -> bytes:
    """Return the network with the names that ``nn.Sequential`` gives linear layers.

    ``0.weight``, ``0.bias``, ``2.weight`` and so on: what stands between two of them is the
    activation.  All else travels as metadata, see :mod:`toolkit.formats.meaning.mark`.

    Parameters
    ----------
    network : Network
    """
    tensors = {}
    for number, layer in enumerate(network.layers):
        tensors[f"{2 * number}.weight"] = np.ascontiguousarray(layer.weights)
        tensors[f"{2 * number}.bias"] = np.ascontiguousarray(layer.biases)
    metadata = {"format": FORMAT, mark.KEY: mark.text_of(network)}
    return _with_sorted_metadata(safetensors.numpy.save(tensors, metadata))


def dumps_back(network: Network) -> bytes:
    """Return the tensors that a network came from, as they are now, under their own names.

    Parameters
    ----------
    network : Network
        Its origin is a state_dict's.

    Raises
    ------
    NetworkFileError
        If it has none.
    ValueError
        If the tensors have no place for what the network is.
    """
    arrays = arrays_back(network)
    text = mark_back(network, arrays)
    told = {mark.KEY: text} if text else {}
    same = same_back(network, arrays)
    header: dict[str, Any] = {"__metadata__": {"format": "pt", **same, **told}}
    content, at = [], 0
    for name, array in arrays.items():
        if name in same:  # told by the metadata alone, as the format's own `save_model` does
            continue
        low = array if array.dtype.kind == "V" else array.astype(array.dtype.newbyteorder("<"))
        header[name] = {
            "dtype": "BF16" if array.dtype.kind == "V" else _NAMES[low.dtype.str.lstrip("|")],
            "shape": list(array.shape),
            "data_offsets": [at, at + array.nbytes],
        }
        content.append(low.tobytes())
        at += array.nbytes
    return b"".join([_head(header), *content])


def _head(header: dict[str, Any]) -> bytes:
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def _with_sorted_metadata(data: bytes) -> bytes:
    """Rewrite the header in one order: the writer's own differs from call to call."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    return _head(header) + data[8 + length :]
