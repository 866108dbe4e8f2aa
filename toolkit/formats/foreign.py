"""What is often brought in place of a network: known by its content, and what to do instead."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Collection
from itertools import islice

from toolkit.formats.containers.advice import FLAX, KERAS, SKLEARN, TORCH
from toolkit.formats.containers.protobuf import fields
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import quoted

_LFS = b"version https://git-lfs.github.com/spec/"
_WEB = (b"<!doctype", b"<html", b"<head", b"<body")
_FULL_ONLY = "only fully connected networks are read"
_TREES = f"a model of decision trees; {_FULL_ONLY}"
_SAVED = (
    'm = tf.saved_model.load("folder"); np.savez("network.npz", *[v.numpy() for v in m.variables])'
)
_MATLAB = (
    'in Python: m = scipy.io.loadmat("file.mat"); '
    'np.savez("network.npz", W1=m["W1"], b1=m["b1"], W2=m["W2"], b2=m["b2"])'
)
_PACKED = f"unpack it first; where joblib packed a scikit-learn model: {SKLEARN}"
_STARTS: dict[bytes, str] = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"II*\0": "a TIFF picture",
    b"MM\0*": "a TIFF picture",
    b"%PDF": "a PDF document",
    b"Rar!": "a RAR archive; unpack it first",
    b"7z\xbc\xaf": "a 7-Zip archive; unpack it first",
    b"BZh": f"packed with bzip2; {_PACKED}",
    b"\xfd7zXZ": f"packed with xz; {_PACKED}",
    b"\x5d\0\0": f"packed with LZMA; {_PACKED}",
    b"\x04\x22\x4d\x18": f"packed with LZ4; {_PACKED}",
    b"ZF0x": f"packed by an old joblib; load it there: {SKLEARN}",
    b"\x28\xb5\x2f\xfd": "packed with Zstandard; unpack it first",
    b"\0\0\x08\x03": "a set of digits (IDX), not a network",
    b"\0\0\x08\x01": "a set of labels (IDX), not a network",
    b"\0\0\0\1Bud1": "a folder's settings of macOS (.DS_Store); choose the file beside it",
    b"MATLAB 7.3": "a MATLAB file (v7.3); in MATLAB: save('file.mat', '-v7'), then " + _MATLAB,
    b"MATLAB": f"a MATLAB file; {_MATLAB}",
    b"X\n\0\0\0": 'R\'s data (.rds); in R, for each matrix: write.csv(W1, "W1.csv"), '
    "and give the folder or a zip of these",
    b"RDX": 'R\'s data (.RData); in R, for each matrix: write.csv(W1, "W1.csv"), '
    "and give the folder or a zip of these",
    b"GGUF": f"a GGUF model; {_FULL_ONLY}",
    b"SQLite": "an SQLite database",
    b"PAR1": "a table (Parquet); write it as CSV",
    b"ARROW1": "a table (Arrow); write it as CSV",
    b"binf": f"XGBoost's, {_TREES}",
    b"booster[0]": f"XGBoost's, {_TREES}",
    b"{L\0\0\0\0\0\0\0": f"XGBoost's, {_TREES}",
    b"tree\nversion=": f"LightGBM's, {_TREES}",
    b"CBM1": f"CatBoost's, {_TREES}",
    b"model_checkpoint_path:": "the list of TensorFlow's checkpoints (checkpoint), not one of "
    f"them, whose variables have names alone; make the model, load_weights, then {KERAS}",
}
_TABLE_END = bytes.fromhex("57fb808b247547db")
_CHECKPOINT = (
    "a TensorFlow checkpoint (.index and .data), whose variables have names alone; make the model, "
    f"load_weights, then {KERAS}"
)
_PYTHON = re.compile(rb"^(?:import [a-z_.]+|from [a-z_.]+ import |def \w+\(|class \w+)", re.M)
_SAVED_MODEL, _GRAPH, _COREML_FROM = {1, 2}, 7, 200
_HEAD = 1 << 12
_FEW = 1000


def refuse(data: bytes, where: str) -> None:
    """Raise if bytes are of a kind that is known and no network that is read.

    Raises
    ------
    NetworkFileError
        Says what they are, and what to do.
    """
    if data.startswith(_LFS):
        raise NetworkFileError(
            f"{where}: a Git LFS pointer, not the file itself; run 'git lfs pull', or download "
            "the file from its page"
        )
    head = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<?xml", b"<svg", b"<pmml", b"<net")):
        raise _but(_xml(data[:_HEAD].lower()), where)
    if head.startswith(_WEB):
        raise _but("a web page; download the file itself (on GitHub: 'raw')", where)
    for magic, name in _STARTS.items():
        if data.startswith(magic):
            raise _but(name, where)
    said = _by_places(data)
    if said is not None:
        raise _but(said, where)


def refuse_text(data: bytes, where: str) -> None:
    """Raise if bytes that no reader knows are a program's text, or packed.

    Raises
    ------
    NetworkFileError
        Says what they are, and what to do.
    """
    head = data[:_HEAD]
    if b"\0" not in head and _PYTHON.search(head):
        raise _but(
            f"a program in Python; run it and save what it trains: {TORCH}, or {KERAS}", where
        )
    if ".data-0000" in where:
        raise _but(_CHECKPOINT, where)


def refuse_model(data: bytes, where: str) -> None:
    """Raise if bytes that begin as ONNX does are another model in Protocol Buffers.

    Raises
    ------
    NetworkFileError
        Says what they are, and what to do.
    """
    found = set()
    for field, _, _, _ in islice(fields(data, 0, len(data), where), _FEW):
        found.add(abs(field))
        if field == _GRAPH:
            return
    if found == _SAVED_MODEL:
        raise _but(f"the graph of a TensorFlow SavedModel (saved_model.pb); {_SAVED}", where)
    if any(field >= _COREML_FROM for field in found):
        raise _but("a Core ML model (.mlmodel); give the model that it was converted from", where)


def refuse_members(names: Collection[str], where: str) -> None:
    """Raise if an archive's members, or a folder's files, are those of a model that is not read.

    Raises
    ------
    NetworkFileError
        Says what they are, and what to do.
    """
    last = {name.rpartition("/")[2] for name in names}
    if "saved_model.pb" in last:
        raise _but(f"a TensorFlow SavedModel; {_SAVED}", where)
    if "archive_format" in last or any("/models/model.json" in name for name in names):
        raise _but(
            f"a program that torch.export saved (.pt2); in PyTorch: {TORCH}, of the model that "
            "was exported",
            where,
        )
    if any(name.endswith((".mlmodel", "weight.bin")) for name in last) or (
        "Manifest.json" in last and any("CoreML" in name for name in names)
    ):
        raise _but("a Core ML model (.mlpackage); give the model that it was converted from", where)
    if "model.json" in last and any(name.endswith(".bin") for name in last):
        raise _but(_TFJS, where)
    if any(name.endswith(".index") for name in last) and any(".data-0000" in n for n in last):
        raise _but(_CHECKPOINT, where)
    if last & {"_METADATA", "manifest.ocdbt", "_CHECKPOINT_METADATA"}:
        raise _but(f"an Orbax checkpoint; restore it, then {FLAX}", where)
    if "[Content_Types].xml" in last:
        raise _but("an Office document; save each sheet with a matrix as .csv", where)


_TFJS = (
    "a TensorFlow.js model, whose weights are in .bin files; convert it back "
    "(tensorflowjs_converter --input_format tfjs_layers_model --output_format keras_saved_model), "
    f"then {KERAS}"
)


def refuse_json(content: object, where: str) -> None:
    """Raise if parsed JSON is of a kind that is known and no network that is read.

    Raises
    ------
    NetworkFileError
        Says what it is, and what to do.
    """
    if not isinstance(content, dict):
        return
    keys = content.keys()
    if {"modelTopology", "weightsManifest"} & keys:
        raise _but(_TFJS, where)
    if "class_name" in keys and "config" in keys:
        raise _but(f"a Keras model's configuration without its weights; save both: {KERAS}", where)
    if {"cells", "nbformat"} <= keys:
        raise _but(f"a notebook; run it and save what it trains: {TORCH}, or {KERAS}", where)
    if "learner" in keys or "tree_info" in keys or "oblivious_trees" in keys:
        raise _but(_TREES, where)
    if isinstance(content.get("weight_map"), dict):
        raise _but("the index of a model in several .safetensors files; give one of them", where)
    if "architectures" in keys or "model_type" in keys:
        raise _but("a model's configuration without its weights; give the .safetensors", where)


def _but(what: str, where: str) -> NetworkFileError:
    return NetworkFileError(f"{where}: not a network this version reads, but {what}")


def _xml(head: bytes) -> str:
    if b"<svg" in head:
        return "an SVG picture"
    if b"<pmml" in head:
        return f"a model in PMML; from scikit-learn: {SKLEARN}"
    if b"<net " in head:
        return "an OpenVINO model (.xml); give the ONNX model that it was converted from"
    return "a web page; download the file itself (on GitHub: 'raw')"


def _by_places(data: bytes) -> str | None:
    """Name what is told by bytes elsewhere than at the start."""
    if data[4:8] == b"TFL3":
        return f"a TensorFlow Lite model; give the Keras model that it was made from: {KERAS}"
    if data[-8:] == _TABLE_END:
        return _CHECKPOINT
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "a WebP picture"
    if data[:2] == b"BM" and data[6:10] == bytes(4):
        return "a BMP picture"
    if data[4:8] == b"ftyp":
        return "a picture or film (HEIC, MP4)"
    if data[:1] == b"x" and data[1:2] in b"\x01\x5e\x9c\xda" and _is_zlib(data):
        return f"packed with zlib, as joblib does; load it there: {SKLEARN}"
    if _is_matlab_4(data):
        return f"a MATLAB file (v4); {_MATLAB}"
    if _is_msgpack(data):
        return f"MessagePack, as Flax saves it; read it with flax.serialization, then {FLAX}"
    if data[:1] == b"\x0a" and b"Placeholder" in data[:_HEAD]:
        return f"a TensorFlow graph (.pb); {_SAVED}"
    return None


def _is_zlib(data: bytes) -> bool:
    try:
        return bool(zlib.decompressobj().decompress(data[:_HEAD], 64))
    except zlib.error:
        return False


def _is_matlab_4(data: bytes) -> bool:
    if len(data) < 24:
        return False
    kind, rows, columns, imaginary, length = struct.unpack_from("<5i", data)
    name = data[20 : 20 + length] if 1 < length <= 64 else b""
    return (
        0 <= kind < 100
        and min(rows, columns) > 0
        and imaginary in (0, 1)
        and name[-1:] == b"\0"
        and name[:-1].decode("latin-1").isidentifier()
    )


def _is_msgpack(data: bytes) -> bool:
    """Tell whether bytes begin with a small map whose first key is short text."""
    if len(data) < 4 or not 0x81 <= data[0] <= 0x8F or not 0xA1 <= data[1] <= 0xBF:
        return False
    key = data[2 : 2 + (data[1] & 0x1F)]
    return len(key) == data[1] & 0x1F and key.isascii() and key.decode("ascii").isprintable()


def shown(names: Collection[str]) -> str:
    """Return the first few names, for an error."""
    listed = list(names)
    first = ", ".join(map(quoted, listed[:6])) or "nothing"
    return f"{first}{', ...' if len(listed) > 6 else ''}"
