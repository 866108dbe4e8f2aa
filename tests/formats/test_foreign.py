"""What is brought in place of a network is known by its content, and told what to do."""

from __future__ import annotations

import bz2
import io
import json
import lzma
import pickle
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.formats.samples import NETWORK, as_dict, npy, text, zipped
from toolkit.formats import NetworkFileError, read

SKLEARN = r'np\.savez\("network\.npz", \*clf\.coefs_, \*clf\.intercepts_\)'
KERAS = r'model\.save\("network\.keras"\)'
FLAX = "flax.traverse_util.flatten_dict"
TABLE_END = bytes.fromhex("57fb808b247547db")


def instance(module: str, name: str) -> bytes:
    """Write the pickle of an object without a state."""
    return b"\x80\x04" + text(module) + text(name) + b"\x93)\x81."


def field(number: int, content: bytes) -> bytes:
    """Write a field of Protocol Buffers that holds bytes."""
    key, out = number << 3 | 2, b""
    while key > 0x7F:
        out, key = out + bytes([key & 0x7F | 0x80]), key >> 7
    return out + bytes([key, len(content)]) + content


def npz_of_objects() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, coefs=np.array([np.eye(2), np.eye(3)], dtype=object))
    return buffer.getvalue()


CLASSIFIER = ("sklearn.neural_network._multilayer_perceptron", "MLPClassifier")
PICKLED = instance(*CLASSIFIER)
SAVED = {"saved_model.pb": b"\x08\x01", "variables/variables.index": b"", "fingerprint.pb": b""}
PACKAGE = {"archive_format": b"pt2", "models/model.json": b"{}", "byteorder": b"little"}

FOREIGN: dict[str, tuple[bytes, str]] = {
    # scikit-learn, by pickle and by joblib however packed.
    "scikit-learn": (PICKLED, rf"MLPClassifier\); save the arrays.*{SKLEARN}"),
    "a pipeline": (instance("sklearn.pipeline", "Pipeline"), "skl2onnx.to_onnx.*scaling"),
    "a search": (instance("sklearn.model_selection._search", "GridSearchCV"), "best_estimator_"),
    "a forest": (instance("sklearn.ensemble._forest", "RandomForestClassifier"), "only those of"),
    "joblib's arrays of objects": (
        instance("joblib.numpy_pickle", "NumpyArrayWrapper")[:-1] + b"}b.", SKLEARN
    ),
    "joblib, zlib": (zlib.compress(PICKLED, 3), f"packed with zlib, as joblib does.*{SKLEARN}"),
    "joblib, bz2": (bz2.compress(PICKLED), f"packed with bzip2.*{SKLEARN}"),
    "joblib, xz": (lzma.compress(PICKLED), f"packed with xz.*{SKLEARN}"),
    "joblib, lzma": (lzma.compress(PICKLED, lzma.FORMAT_ALONE), f"packed with LZMA.*{SKLEARN}"),
    "joblib, lz4": (b"\x04\x22\x4d\x18" + bytes(20), f"packed with LZ4.*{SKLEARN}"),
    "arrays of objects": (npz_of_objects(), r"save each array by itself: np\.savez"),
    "pandas": (instance("pandas.core.frame", "DataFrame"), "to_csv"),
    # TensorFlow and Keras.
    "a pickled Keras model": (instance("keras.src.models.sequential", "Sequential"), KERAS),
    "SavedModel": (zipped(SAVED), "SavedModel; m = tf.saved_model.load.*m.variables"),
    "SavedModel's graph": (b"\x08\x01" + field(2, b"\x0a\x05serve"), "SavedModel .saved_model.pb"),
    "TensorFlow Lite": (b"\x1c\0\0\0TFL3" + bytes(40), f"TensorFlow Lite model.*{KERAS}"),
    "checkpoint, index": (b"\0\0\x06\x08\x01\x1a\x02\x08" + bytes(40) + TABLE_END, KERAS),
    "checkpoint, list": (b'model_checkpoint_path: "ckpt"\n', KERAS),
    "checkpoint, zip": (zipped({"c.index": b"", "c.data-00000-of-00001": b""}), KERAS),
    "frozen graph": (b"\x0a\x20\x0a\x01x\x12\x0bPlaceholder" + bytes(9), "TensorFlow graph"),
    "TensorFlow.js": (b'{"modelTopology": {}, "weightsManifest": []}', "TensorFlow.js model"),
    "TensorFlow.js, zip": (zipped({"model.json": b"{}", "w.bin": b""}), "TensorFlow.js model"),
    "architecture": (b'{"class_name": "Sequential", "config": {"layers": []}}', "without its wei"),
    # PyTorch, JAX and others.
    "torch.export": (zipped({f"m/{k}": v for k, v in PACKAGE.items()}), r"\.pt2.*state_dict\(\)"),
    "MessagePack": (b"\x81\xa6params\x82\xa7Dense_1\x82\xa6kernel\xc7\xce", FLAX),
    "Orbax": (zipped({"c/_METADATA": b"", "c/manifest.ocdbt": b""}), "Orbax checkpoint"),
    "bfloat16 of JAX": (instance("ml_dtypes", "bfloat16"), "arrays of float32"),
    "a Flax state": (instance("flax.training.train_state", "TrainState"), FLAX),
    "index": (b'{"weight_map": {"a.weight": "1.safetensors"}}', "give one of them"),
    "settings": (b'{"architectures": ["Bert"], "model_type": "bert"}', "without its weights"),
    "Core ML": (b"\x08\x04" + field(2, b"\x0a\x00") + field(500, b"\x0a\x00"), "Core ML model"),
    "Core ML, package": (zipped({"a.mlpackage/Data/m/model.mlmodel": b""}), "Core ML model"),
    "XGBoost": (b'{"learner": {"trees": []}}', "decision trees"),
    "XGBoost, UBJSON": (b"{L\0\0\0\0\0\0\0\x07learner", "decision trees"),
    "LightGBM": (b"tree\nversion=v4\nnum_class=1\n", "LightGBM's, a model of decision trees"),
    "MATLAB 5": (b"MATLAB 5.0 MAT-file, Platform: posix".ljust(128), "scipy.io.loadmat"),
    "MATLAB 7.3": (b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512), "'-v7'.*scipy.io.loadmat"),
    "MATLAB 4": (struct.pack("<5i", 0, 2, 2, 0, 3) + b"W1\0" + bytes(32), r"MATLAB file \(v4\)"),
    "R": (b"X\n\0\0\0\3\0\4\3\0", r'write\.csv\(W1, "W1\.csv"\)'),
    "PMML": (b'<?xml version="1.0"?>\n<PMML xmlns="http://www.dmg.org/PMML-4_4">', "in PMML"),
    # What is no model at all.
    "Python": (b"#!/usr/bin/env python\nimport torch\nmodel = 1\n", "a program in Python; run it"),
    "notebook": (b'{"cells": [], "nbformat": 4}', "a notebook; run it"),
    ".DS_Store": (b"\0\0\0\1Bud1\0\0", r"\.DS_Store"),
    "SVG": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG picture"),
    "BMP": (b"BM" + struct.pack("<IHHI", 90, 0, 0, 54) + bytes(40), "a BMP picture"),
    "WebP": (b"RIFF\x24\0\0\0WEBPVP8 ", "a WebP picture"),
    "Excel": (zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), "each sheet"),
    "Parquet": (b"PAR1\x15\x04", "Parquet"),
}  # fmt: skip


@pytest.mark.parametrize("case", FOREIGN)
def test_it_is_known_and_told_what_to_do(case: str) -> None:
    data, message = FOREIGN[case]
    with pytest.raises(NetworkFileError, match=message) as caught:
        read(data, "gift.bin")
    assert str(caught.value).startswith("gift.bin: ")
    assert len(str(caught.value)) < 500


def test_a_folder_is_known_too(tmp_path: Path) -> None:
    for name in ("saved_model.pb", "fingerprint.pb"):
        (tmp_path / name).write_bytes(b"\x08\x01")
    with pytest.raises(NetworkFileError, match="a TensorFlow SavedModel"):
        read(tmp_path)


def test_a_shard_of_a_checkpoint_has_nothing_but_its_name() -> None:
    raw = np.float32([0.6, 0.5]).tobytes()
    with pytest.raises(NetworkFileError, match="a TensorFlow checkpoint"):
        read(raw, "ckpt.data-00000-of-00001")
    with pytest.raises(NetworkFileError, match="its first bytes are"):
        read(raw, "ckpt")


@pytest.mark.parametrize(
    "advice",
    [
        lambda clf, path: np.savez(path, *clf["coefs_"], *clf["intercepts_"]),
        lambda clf, path: np.savez(path, W1=clf["coefs_"][0], b1=clf["intercepts_"][0],
                                   W2=clf["coefs_"][1], b2=clf["intercepts_"][1]),
        lambda clf, path: np.savez(path, **{
            f"params/Dense_{n}/{part}": clf[key][n]
            for n in range(2) for part, key in (("bias", "intercepts_"), ("kernel", "coefs_"))
        }),
    ],
    ids=["scikit-learn", "by name", "Flax"],
)  # fmt: skip
def test_who_follows_the_advice_gets_the_network(advice: Any, tmp_path: Path) -> None:
    fitted = {
        "coefs_": [layer.weights.T for layer in NETWORK.layers],
        "intercepts_": [layer.biases for layer in NETWORK.layers],
    }
    advice(fitted, tmp_path / "network.npz")
    for raw, layer in zip(read(tmp_path / "network.npz").layers, NETWORK.layers, strict=True):
        assert raw.inputs_first
        np.testing.assert_array_equal(raw.weights.T, layer.weights)
        np.testing.assert_array_equal(raw.biases, layer.biases)


def test_valid_files_are_not_taken_for_others() -> None:
    """A dict's first bytes, a matrix of text, JSON with the words of others in it."""
    arrays = as_dict()
    for data in (
        pickle.dumps(arrays),
        npy(arrays["W1"]),
        json.dumps({"cells": 1, **{key: part.tolist() for key, part in arrays.items()}}).encode(),
        b"# import numpy\n1.5,2\n",
    ):
        assert read(data).layers
