"""Small valid files of every format of the core, made by hand, and what bad ones are made from."""

from __future__ import annotations

import argparse
import collections
import gzip
import io
import json
import pickle
import zipfile
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats import dumps
from toolkit.network import Network

NETWORK = Network.random((6, 4, 3), seed=1)


def columns(
    network: Network = NETWORK,
) -> tuple[list[NDArray[Any]], list[NDArray[Any]]]:
    """Return the network's weights and biases as Nielsen's code keeps them."""
    layers = network.layers
    return (
        [layer.weights.astype(np.float64) for layer in layers],
        [layer.biases.astype(np.float64)[:, None] for layer in layers],
    )


def old_string(data: bytes) -> bytes:
    """Write bytes as Python 2's ``repr`` does, which its protocol 0 uses."""
    named = {0x5C: b"\\\\", 0x27: b"\\'", 0x0A: b"\\n", 0x0D: b"\\r", 0x09: b"\\t"}
    return b"'" + b"".join(
        named.get(byte, bytes([byte]) if 32 <= byte < 127 else b"\\x%02x" % byte) for byte in data
    ) + b"'"  # fmt: skip


def old_array(array: NDArray[Any], memo: int) -> bytes:
    """Write one array as Python 2's cPickle does with protocol 0; uses memo numbers from `memo`."""
    shape = b"".join(b"I%d\n" % n for n in array.shape)
    return (
        b"cnumpy.core.multiarray\n_reconstruct\np%d\n(cnumpy\nndarray\np%d\n(I0\ntS'b'\ntRp%d\n"
        b"(I1\n(%stcnumpy\ndtype\np%d\n(S'f8'\nI0\nI1\ntRp%d\n"
        b"(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\nS%s\ntb"
        % (memo, memo + 1, memo + 2, shape, memo + 3, memo + 4, old_string(array.tobytes()))
    )


def protocol_0(weights: list[NDArray[Any]], biases: list[NDArray[Any]]) -> bytes:
    """Write ``[weights, biases]`` as Python 2's cPickle does with protocol 0."""
    out, memo = b"(lp0\n", 1
    for part in (weights, biases):
        out += b"(lp%d\n" % memo
        memo += 1
        for array in part:
            out += old_array(array, memo) + b"a"
            memo += 5
        out += b"a"
    return out + b"."


def text(value: str) -> bytes:
    raw = value.encode()
    return b"X" + len(raw).to_bytes(4, "little") + raw


def whole(value: int) -> bytes:
    if 0 <= value < 256:
        return b"K" + bytes([value])
    raw = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(raw)]) + raw


def tensor(
    key: str,
    count: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...] | None = None,
    offset: int = 0,
    kind: str = "Float",
) -> bytes:
    """Write a tensor's description as torch.save does."""
    if strides is None:
        strides = tuple(int(np.prod(shape[n + 1 :])) for n in range(len(shape)))
    return (
        b"ctorch._utils\n_rebuild_tensor_v2\n(("
        + text("storage") + b"ctorch\n" + kind.encode() + b"Storage\n" + text(key) + text("cpu")
        + whole(count) + b"tQ" + whole(offset)
        + b"(" + b"".join(map(whole, shape)) + b"t(" + b"".join(map(whole, strides)) + b"t"
        + b"\x89ccollections\nOrderedDict\n)RtR"
    )  # fmt: skip


def state_dict(entries: dict[str, bytes]) -> bytes:
    """Write a state_dict's pickle: tensors' descriptions by name."""
    items = b"".join(text(name) + entry for name, entry in entries.items())
    return (
        b"\x80\x02ccollections\nOrderedDict\n)R(" + items + b"u"
        b"}" + text("_metadata") + b"ccollections\nOrderedDict\n)Rsb."
    )


def zipped(content: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return buffer.getvalue()


def torch_zip(pickled: bytes, storages: dict[str, bytes], **others: bytes) -> bytes:
    """Write an archive as torch.save does."""
    return zipped(
        {
            "archive/data.pkl": pickled,
            "archive/byteorder": b"little",
            **{f"archive/data/{key}": data for key, data in storages.items()},
            "archive/version": b"3\n",
            **{f"archive/{key}": data for key, data in others.items()},
        }
    )


def torch_file(dtype: str = "<f4", kind: str = "Float", network: Network = NETWORK) -> bytes:
    entries, storages = {}, {}
    for number, layer in enumerate(network.layers):
        for part, array in (("weight", layer.weights), ("bias", layer.biases)):
            key = str(len(storages))
            raw = array.astype(dtype)
            if kind == "BFloat16":
                raw = (array.view(np.uint32) >> 16).astype(np.uint16)
            storages[key] = raw.tobytes()
            entries[f"{2 * number}.{part}"] = tensor(key, array.size, array.shape, kind=kind)
    return torch_zip(state_dict(entries), storages)


def checkpoint(legacy: bool = False) -> bytes:
    """Write a checkpoint with objects of several kinds beside its tensors."""
    from tests.formats.torch_files import saved

    tensors = {
        f"{2 * number}.{part}": array
        for number, layer in enumerate(NETWORK.layers)
        for part, array in (("weight", layer.weights), ("bias", layer.biases))
    }
    beside = {
        "args": argparse.Namespace(rate=0.1, out=PurePosixPath("runs/1")), "classes": {1, 2},
        "history": collections.defaultdict(list, {"loss": [0.5]}), (1, 2): np.float64(0.9),
    }  # fmt: skip
    return saved({"epoch": 3, **beside, "model": tensors}, legacy=legacy)


def npy(array: NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def plain_npz(compress: bool = False) -> bytes:
    buffer = io.BytesIO()
    arrays = [part for layer in NETWORK.layers for part in (layer.weights, layer.biases)]
    (np.savez_compressed if compress else np.savez)(buffer, *arrays)
    return buffer.getvalue()


def csv_text(array: NDArray[Any], separator: str = ",") -> str:
    return "\n".join(separator.join(map(str, row)) for row in np.atleast_2d(array)) + "\n"


def csv_zip() -> bytes:
    return zipped(
        {
            f"{part}_{number}.csv": csv_text(array).encode()
            for number, layer in enumerate(NETWORK.layers, 1)
            for part, array in (("weights", layer.weights), ("biases", layer.biases))
        },
        zipfile.ZIP_DEFLATED,
    )


def safetensors(header: Any, content: bytes) -> bytes:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(raw).to_bytes(8, "little") + raw + content


def as_dict() -> dict[str, NDArray[Any]]:
    return {
        f"{letter}{number}": array
        for number, layer in enumerate(NETWORK.layers, 1)
        for letter, array in (("W", layer.weights), ("b", layer.biases))
    }


def _by_joblib(value: object) -> bytes:
    import joblib

    buffer = io.BytesIO()
    joblib.dump(value, buffer)
    return buffer.getvalue()


def others() -> dict[str, bytes]:
    """Return more valid files of :data:`NETWORK`, whichever way their weights lie."""
    layers = NETWORK.layers
    flax = {f"Dense_{n}": {"bias": layer.biases, "kernel": layer.weights.T}
            for n, layer in enumerate(layers)}  # fmt: skip
    mlp = {"coefs_": [layer.weights.T for layer in layers],
           "intercepts_": [layer.biases for layer in layers], "activation": "relu"}  # fmt: skip
    listed = [
        {"weights": layer.weights.tolist(), "bias": layer.biases.tolist(), "activation": "relu"}
        for layer in layers
    ]
    neurons = [
        [{"weights": row, "bias": bias} for row, bias in zip(each["weights"], each["bias"],
                                                             strict=True)]
        for each in listed
    ]  # fmt: skip
    heads = [";".join(["", *map(str, range(layer.inputs))]) for layer in layers]
    frames = {}
    for number, (head, layer) in enumerate(zip(heads, layers, strict=True), 1):
        rows = [f"{row};{csv_text(values, ';').strip()}".replace(".", ",")
                for row, values in enumerate(layer.weights)]  # fmt: skip
        frames[f"W{number}.csv"] = "\n".join([head, *rows]).encode()
        frames[f"b{number}.csv"] = f"bias\n{csv_text(layer.biases[:, None])}".encode()
    return {
        "Flax's parameters": pickle.dumps({"params": flax}),
        "scikit-learn's lists": pickle.dumps(mlp),
        "joblib's arrays": _by_joblib(mlp),
        "JSON of layers": json.dumps({"layers": listed}).encode(),
        "JSON of neurons": json.dumps({"layers": neurons}).encode(),
        "JSON by name": json.dumps(
            {key: part.tolist() for key, part in as_dict().items()}
        ).encode(),
        "our JSON of layers": dumps(
            Network(tuple(replace(layer, activation="tanh") for layer in layers)), ".json"
        ),
        "frames": zipped(frames),
        "HDF5 by name": hdf5(),
    }


def hdf5() -> bytes:
    """Write a file of h5py's that is none of Keras's."""
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for name, part in as_dict().items():
            file[f"net/{name}"] = part
    return buffer.getvalue()


def samples() -> dict[str, bytes]:
    """Return valid files that all hold :data:`NETWORK`, by what they are."""
    weights, biases = columns()
    blank = "\n".join(
        csv_text(array, " ") for layer in NETWORK.layers for array in (layer.weights, layer.biases)
    )
    return {
        "npz": dumps(NETWORK, ".npz"),
        "plain npz": plain_npz(),
        "plain compressed npz": plain_npz(compress=True),
        "safetensors": dumps(NETWORK, ".safetensors"),
        "json": dumps(NETWORK, ".json"),
        "pickle of protocol 0": protocol_0(weights, biases),
        "pickle of protocol 0, gzip": gzip.compress(protocol_0(weights, biases), mtime=0),
        "pickle of protocol 2": pickle.dumps([weights, biases], 2),
        "pickle of protocol 4": pickle.dumps([weights, biases], 4),
        "pickle of protocol 5": pickle.dumps([weights, biases], 5),
        "pickled tuple": pickle.dumps((weights, biases)),
        "pickled dict": pickle.dumps({"weights": weights, "biases": biases}),
        "pickled dict of arrays": pickle.dumps(as_dict()),
        "pickled pairs": pickle.dumps(list(zip(weights, biases, strict=True))),
        "pickled object arrays": pickle.dumps(
            [np.array(weights, dtype=object), np.array(biases, dtype=object)]
        ),
        "pickled numbers": pickle.dumps(
            [[matrix.tolist() for matrix in weights], [vector.tolist() for vector in biases]]
        ),
        "torch": torch_file(),
        "torch double": torch_file("<f8", "Double"),
        "torch checkpoint": checkpoint(),
        "torch legacy": checkpoint(legacy=True),
        "csv": dumps(NETWORK, ".csv"),
        "text with blank lines": blank.encode(),
        "zip of csv": csv_zip(),
    }
