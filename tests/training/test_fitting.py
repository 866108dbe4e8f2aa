"""Fitting the rest beside what is held, and how parts are named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.test_descent import blobs
from toolkit.digits import DigitSet
from toolkit.edits import from_dict
from toolkit.grid import Grid
from toolkit.network import Float, Network
from toolkit.training import Epoch, fit_rest
from toolkit.training.parts import masks_of, region

SIZES = (36, 8, 6, 10)
DIGITS = blobs()


def bits(values: Float) -> np.ndarray:
    return values.view(np.uint32)


def test_parts_are_layers_neurons_regions_of_a_map_and_biases() -> None:
    network = Network.blank(SIZES)
    parts = ("1.3:1-2x4-5", "2", (1, 0), (3, 1, [5, 0]), "1.5:0x0", "3.biases")
    held = masks_of(parts, network)
    expected = np.zeros((8, 36), bool)
    expected[0] = True
    expected[3, [10, 11, 16, 17]] = True  # rows 1 and 2 of six, columns 4 and 5
    expected[5, 0] = True
    assert np.array_equal(held[1][0], expected)
    assert held[1][1].tolist() == [True] + 7 * [False]
    assert held[2][0].all()
    assert held[2][1].all()
    assert np.argwhere(held[3][0]).tolist() == [[1, 0], [1, 5]]
    assert held[3][1].all()
    assert [pair[1].all() for pair in masks_of("biases", network).values()] == [True] * 3
    again = masks_of(held, network)
    assert all(np.array_equal(again[n][k], held[n][k]) for n in held for k in (0, 1))
    assert region("1-2x4-5", Grid(6, 6)).tolist() == [10, 11, 16, 17]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("1.3:6x0", "hold: cells: expected rows from 0 to 5"),
        ("1.3:2-1x0", "hold: cells: expected rows from 0 to 5, the lower first"),
        ("1.3:0x4-6", "hold: cells: expected columns from 0 to 5"),
        ("1.3:left", "hold: cells: expected rows x columns"),
        ("1:0x0", "hold: expected layers such as '1' or neurons"),
        ("1.9", "hold: neuron: expected 1.0 to 1.7"),
        ("4.biases", "hold: layer: expected 1 to 3"),
        ((1, 3, [36]), "hold: cells: expected 0 to 35; got 36 to 36"),
        ((1, 3, [0.5]), "hold: cells: expected whole numbers"),
    ],
)
def test_a_part_that_is_none_is_told(part: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fit_rest(Network.blank(SIZES), DIGITS, hold=[part])  # type: ignore[list-item]
    with pytest.raises(
        ValueError, match=r"frozen: expected a mask of layer 1's weights.*\(8, 36\)"
    ):
        masks_of({1: (np.ones(3, bool), np.ones(8, bool))}, Network.blank(SIZES))


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1 << 30))
def test_whatever_is_held_keeps_its_bits_and_the_fit_is_one_edit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = Network.random(SIZES, seed=seed)
    strange = network.layer(1).weights.copy()
    strange[0, 0] = -0.0
    network = network.with_layer(1, weights=strange)
    held = {
        number: (rng.random(layer.weights.shape) < 0.5, rng.random(layer.size) < 0.5)
        for number, layer in enumerate(network.layers, 1)
    }
    held[1][0][0, 0] = True
    fitted = fit_rest(network, DIGITS, hold=held, epochs=1, seed=seed % 9)
    for number, (weights, biases) in held.items():
        old, new = network.layer(number), fitted.network.layer(number)
        assert np.array_equal(bits(old.weights)[weights], bits(new.weights)[weights])
        assert np.array_equal(bits(old.biases)[biases], bits(new.biases)[biases])
    assert fitted.held + fitted.trained == network.parameters
    edit = fitted.edit(network, "fit")
    assert edit.by == "fit"
    assert from_dict(edit.to_dict()).apply(network) == fitted.network
    assert edit.inverse(network).apply(fitted.network).checksum == network.checksum


def painted() -> Network:
    """A first layer that is good, and all above it blank."""
    good = fit_rest(
        Network.random(SIZES, seed=1), DIGITS, epochs=12, batch_size=20, rate=0.05
    ).network
    return Network.blank(SIZES).with_layer(
        1, weights=good.layer(1).weights, biases=good.layer(1).biases
    )


def test_the_layers_above_a_painted_one_learn_from_nothing_and_tell_what_it_was_worth() -> None:
    network = painted()
    seen: list[Epoch] = []
    fitted = fit_rest(
        network, DIGITS, hold="1", epochs=12, batch_size=20, rate=0.05, compare=("blank", "free"),
        on_epoch=seen.append,
    )  # fmt: skip
    assert fitted.before < 0.2
    assert fitted.after > 0.8
    assert sorted(fitted.edit(network).layers) == [2, 3]
    assert fitted.started == 16
    # Of a blank first layer every digit looks alike; who learns it anew gets about as far.
    assert fitted.compared["blank"] < 0.2
    assert fitted.compared["free"] > 0.7
    assert [each.stage for each in seen] == [""] * 12 + ["blank"] * 12 + ["free"] * 12
    assert (fitted.learned, fitted.chosen_on) == (360, 40)


def test_only_biases_or_one_layer_are_trained_where_so_asked_and_held_ones_not() -> None:
    network = Network.random(SIZES, seed=2)
    biases = fit_rest(network, DIGITS, only="biases", epochs=3, rate=0.1).network
    for old, new in zip(network.layers, biases.layers, strict=True):
        assert np.array_equal(old.weights, new.weights)
        assert (old.biases != new.biases).any()
    layer = fit_rest(network, DIGITS, only="2", hold="2.1", epochs=5, rate=0.1)
    assert sorted(layer.edit(network).layers) == [2]
    moved = (layer.network.layer(2).weights != network.layer(2).weights).any(axis=1)
    assert moved.tolist() == [True, False, True, True, True, True]
    with pytest.raises(ValueError, match="hold: expected something left to train"):
        fit_rest(network, DIGITS, only="2", hold=("1", "2"))


def test_a_fit_repeats_is_stopped_at_once_and_never_makes_it_worse() -> None:
    network = painted()
    first, again = (
        fit_rest(network, DIGITS, hold="1", epochs=4, batch_size=20, rate=0.05).network
        for _ in range(2)
    )
    assert first.checksum == again.checksum != network.checksum
    stopped = fit_rest(
        network, DIGITS, hold="1", epochs=50, compare=("blank",), on_epoch=lambda _: False
    )
    assert len(stopped.result.records) == 1
    assert not stopped.result.finished
    assert stopped.compared == {}
    good = fit_rest(network, DIGITS, hold="1", epochs=12, batch_size=20, rate=0.05).network
    spoiled = fit_rest(good, DIGITS, hold="1", epochs=1, rate=10)
    assert spoiled.after >= spoiled.before
    # Pixels that are never lit get no weights.
    dark = DigitSet(
        np.where(np.arange(36) < 6, 0, DIGITS.pixels).astype(np.uint8), DIGITS.labels
    )  # fmt: skip
    assert not fit_rest(Network.blank(SIZES), dark, epochs=2).network.layer(1).weights[:, :6].any()
