"""Plain archives of arrays go back as they came: names, order, shapes, types."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from tests.formats.samples import NETWORK
from toolkit.edits import SetBias
from toolkit.formats import NetworkFileError, dumps, load

LAYERS = NETWORK.layers


def archive(arrays: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def numbered(*arrays: Any) -> dict[str, Any]:
    return {f"arr_{number}": array for number, array in enumerate(arrays)}


FORMS: dict[str, dict[str, Any]] = {
    "in order": numbered(*(part for layer in LAYERS for part in (layer.weights, layer.biases))),
    "scikit-learn's": numbered(*(layer.weights.T.astype(np.float64) for layer in LAYERS),
                               *(layer.biases.astype(np.float64) for layer in LAYERS)),
    "columns": {f"{part}{n}": array for n, layer in enumerate(LAYERS, 1)
                for part, array in (("w", layer.weights), ("b", layer.biases[:, None]))},
    "big endian, last first": {
        name: array for n, layer in reversed(list(enumerate(LAYERS, 1)))
        for name, array in ((f"b{n}", layer.biases.astype(">f8")),
                            (f"W{n}", layer.weights.astype(">f4")))
    },
    "Flax's, and a count": {
        "step": np.array(7),
        **{f"params/Dense_{n}/{part}": array for n, layer in enumerate(LAYERS)
           for part, array in (("bias", layer.biases), ("kernel", layer.weights.T))},
    },
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_an_archive_goes_back_as_it_came_with_what_was_edited(form: str) -> None:
    came = FORMS[form]
    network = load(archive(came), activations=["sigmoid", "sigmoid"], pixels="unit")
    with np.load(io.BytesIO(dumps(network, ".npz", plain=False))) as back:
        assert list(back) == list(came)
        for name, array in came.items():
            assert (back[name].dtype, back[name].shape) == (array.dtype, array.shape)
            np.testing.assert_array_equal(back[name], array)
    edited = SetBias(2, 1, 4.5).apply(network)
    with np.load(io.BytesIO(dumps(edited, ".npz", plain=False))) as back:
        changed = [name for name in came if not np.array_equal(back[name], came[name])]
        assert len(changed) == 1
        assert np.ravel(back[changed[0]]).tolist() == [NETWORK.layers[1].biases[0], 4.5,
                                                       NETWORK.layers[1].biases[2]]  # fmt: skip


def test_a_scaling_that_was_folded_comes_out_again() -> None:
    came = FORMS["in order"]
    network = load(archive(came), activations=["relu", "softmax"], pixels="signed")
    assert not np.allclose(network.layers[0].weights, LAYERS[0].weights)
    with np.load(io.BytesIO(dumps(network, ".npz", plain=False))) as back:
        for name, array in came.items():
            np.testing.assert_allclose(back[name], array, rtol=1e-5, atol=1e-6)


def test_our_own_archive_is_what_is_written_unless_asked() -> None:
    network = load(archive(FORMS["in order"]), activations=["relu", "softmax"], pixels="unit")
    assert load(dumps(network, ".npz")) == network
    whole = numbered(*(np.rint(part * 9).astype(np.int64) for part in FORMS["in order"].values()))
    network = load(archive(whole), activations=["relu", "softmax"], pixels="unit")
    with pytest.raises(NetworkFileError, match="the file that it was read from is not kept"):
        dumps(network, ".npz", plain=False)
