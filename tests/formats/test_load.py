"""``load``: what a file leaves open is tried without being asked, chosen, or said to be a guess."""

from __future__ import annotations

import io
import pickle
import warnings
from typing import Any

import numpy as np
import pytest

from tests.formats.test_interpretation import RELU, SIGMOID
from toolkit.digits import DigitSet
from toolkit.formats import GuessWarning, NetworkFileError, dumps, load
from toolkit.network import Network


def plain(network: Network) -> bytes:
    """Return an archive of weights and biases that says nothing else."""
    file = io.BytesIO()
    np.savez(file, *(part for each in network.layers for part in (each.weights, each.biases)))
    return file.getvalue()


def as_python_2_pickles(network: Network, protocol: int) -> bytes:
    """Return ``[weights, biases]`` as Python 2 pickles them: NumPy's old names, text as bytes."""
    lists = [
        [each.weights.astype(np.float64) for each in network.layers],
        [each.biases.astype(np.float64)[:, None] for each in network.layers],
    ]

    def save_text(pickler: Any, text: str | bytes) -> None:
        content = text if isinstance(text, bytes) else text.encode("latin-1")
        if protocol == 0:
            plain = bytes(range(32, 127)).replace(b"'", b"").replace(b"\\", b"")
            shown = "".join(chr(b) if b in plain else f"\\x{b:02x}" for b in content)
            pickler.write(b"S'" + shown.encode() + b"'\n")
        elif len(content) < 256:
            pickler.write(b"U" + bytes([len(content)]) + content)
        else:
            pickler.write(b"T" + len(content).to_bytes(4, "little") + content)

    file = io.BytesIO()
    pickler = pickle._Pickler(file, protocol, fix_imports=True)  # type: ignore[attr-defined]
    pickler.dispatch = {**pickler.dispatch, str: save_text, bytes: save_text}
    pickler.dump(lists)
    return file.getvalue().replace(b"numpy._core", b"numpy.core")


@pytest.mark.parametrize("protocol", [0, 2])
def test_networks_that_python_2_pickled_open_as_what_they_are(protocol: int) -> None:
    data = as_python_2_pickles(SIGMOID, protocol)
    assert b"numpy.core.multiarray" in data
    with warnings.catch_warnings():
        warnings.simplefilter("error", GuessWarning)
        found = load(data)
    assert found.activations == ("sigmoid",) * 3
    for got, expected in zip(found.layers, SIGMOID.layers, strict=True):
        np.testing.assert_array_equal(got.weights, expected.weights)
        np.testing.assert_array_equal(got.biases, expected.biases)


@pytest.mark.parametrize("network", [SIGMOID, RELU], ids=["sigmoid", "relu"])
def test_without_digits_what_a_file_leaves_open_is_tried_on_drawn_ones(network: Network) -> None:
    assert load(plain(network)) == network


@pytest.mark.filterwarnings("ignore::toolkit.formats.GuessWarning")
def test_who_opens_it_chooses() -> None:
    data = plain(RELU)
    assert load(data, activations="tanh").activations[:2] == ("tanh", "tanh")
    names = ("elu", "leaky_relu(0.2)", "identity")
    assert load(data, activations=names).activations == names
    alone = plain(Network.random((784, 10), seed=1))
    assert load(alone, activations=["identity"]).activations == ("identity",)
    scaled = load(data, pixels=(0.5, 0.25))
    np.testing.assert_allclose(scaled.layers[0].weights, RELU.layers[0].weights / 0.25, rtol=1e-6)
    expected = RELU.layers[0].biases - 2 * RELU.layers[0].weights.sum(axis=1, dtype=np.float64)
    np.testing.assert_allclose(scaled.layers[0].biases, expected, rtol=1e-5, atol=1e-5)
    dark = load(data, pixels="unit-dark")
    np.testing.assert_array_equal(dark.layers[0].weights, -RELU.layers[0].weights)
    square = io.BytesIO()
    np.savez(square, np.arange(100, dtype=np.float32).reshape(10, 10))
    with pytest.warns(GuessWarning):
        turned = load(square.getvalue(), orientation="in-out")
    assert turned.layers[0].weights[0, 1] == 10


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"activations": "prelu"}, "relu"),
        ({"pixels": "bright"}, "expected one of unit, mnist, signed, bytes"),
        ({"pixels": (0.5, 0.0)}, "a mean and a standard deviation"),
        ({"orientation": "across"}, "expected one of out-in, in-out; got 'across'"),
        ({"activations": ["relu"] * 2 + ["tanh"] * 5}, "each of the 3 layers; got 7"),
        ({"orientation": "in-out"}, "expected out-in, the only one in which it is a network"),
    ],
)
def test_what_cannot_be_chosen_is_refused_with_what_can(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        load(plain(RELU), **asked)


def test_a_file_that_says_it_is_not_overruled() -> None:
    whole = dumps(SIGMOID, ".npz")
    assert load(whole, activations="sigmoid", pixels="unit", orientation="out-in") == SIGMOID
    with pytest.raises(NetworkFileError, match="pixels: the file says that it takes pixels from 0"):
        load(whole, pixels="bytes")
    with pytest.raises(NetworkFileError, match="the file says that layer 1 is sigmoid; got relu"):
        load(whole, activations="relu")


def test_a_guess_warns_and_says_how_to_choose() -> None:
    noise = plain(Network.random((784, 10), seed=1))
    with pytest.warns(GuessWarning, match=r"reads more than .* taken was: softmax; .*pixels="):
        load(noise, "noise.npz")
    unfit = plain(Network.random((61, 10), seed=1))
    with pytest.warns(GuessWarning, match="could not be tried on digits"):
        load(unfit)
    alike = DigitSet(np.zeros((50, 784)), np.zeros(50, int))
    with warnings.catch_warnings():
        warnings.simplefilter("error", GuessWarning)
        load(dumps(SIGMOID, ".npz"))
        load(dumps(Network.random((61, 10)), ".npz"))
        load(plain(SIGMOID), digits=None)
        assert load(dumps(RELU, ".npz"), digits=alike) == RELU
