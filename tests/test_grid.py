from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from toolkit.digits import DigitSet
from toolkit.edits import Stroke
from toolkit.formats import dumps, load
from toolkit.grid import Grid
from toolkit.network import Layer, Network
from toolkit.scoring import score
from toolkit.training import train
from toolkit.training.plans import with_sigmoid


@pytest.mark.parametrize(
    ("cells", "expected"),
    [(784, (28, 28)), (16, (4, 4)), (10, (2, 5)), (2048, (32, 64)), (7, (1, 7))],
)
def test_a_grid_is_as_near_a_square_as_divides_evenly(
    cells: int, expected: tuple[int, int]
) -> None:
    assert tuple(Grid.of(cells)) == expected
    assert Grid.of(cells).is_picture == (cells != 7)


def test_digits_and_layers_carry_theirs() -> None:
    digits = DigitSet(np.zeros((3, 20, 30), np.uint8), np.zeros(3, np.uint8))
    assert digits.grid == Grid(20, 30)
    assert digits.subset(slice(2)).grid == Grid(20, 30)
    assert digits.resized(10, 15).grid == Grid(10, 15)
    layer = Layer(np.zeros((2, 600)), np.zeros(2), grid=Grid(20, 30))
    assert Network((layer,)).with_layer(1, biases=np.ones(2)).grid == Grid(20, 30)
    with pytest.raises(ValueError, match="expected 600 cells"):
        Layer(np.zeros((2, 600)), np.zeros(2), grid=Grid(20, 20))
    with pytest.raises(ValueError, match="expected 20×30, the pixels of an image; got 30×20"):
        DigitSet(digits.pixels.reshape(3, 20, 30), digits.labels, grid=Grid(30, 20))
    with pytest.raises(ValueError, match="expected 600 cells"):
        DigitSet(digits.pixels, digits.labels, grid=Grid(20, 20))


def test_digits_are_fitted_to_a_network_by_their_pixels_alone_where_these_are_as_many() -> None:
    digits = DigitSet(np.zeros((3, 20, 30), np.uint8), np.zeros(3, np.uint8))
    assert digits.fitted(Grid.of(600)) is digits
    assert digits.fitted(Grid(28, 28)).grid == Grid(28, 28)


@pytest.mark.parametrize("wrong", [0, -1, 2.5, True, "4", None])
def test_rows_columns_and_cells_are_whole_numbers_from_one(wrong: Any) -> None:
    with pytest.raises(ValueError, match="rows: expected a whole number of 1 or more"):
        Grid(wrong, 3)
    with pytest.raises(ValueError, match="cells: expected a whole number of 1 or more"):
        Grid.of(wrong)
    assert Grid(*np.zeros((2, 3)).shape) == Grid(np.int64(2), np.int64(3))  # type: ignore[arg-type]


def test_networks_trained_and_read_for_pictures_of_a_grid_have_it() -> None:
    rng = np.random.default_rng(0)
    digits = DigitSet(rng.integers(0, 256, (40, 3, 8), dtype=np.uint8), np.arange(40) % 10)
    start = Network.random((24, 4, 10)).with_layer(1, grid=digits.grid)
    assert train(start, digits, epochs=1, validation=None).network.grid == Grid(3, 8)
    assert with_sigmoid(start.with_layer(1, activation="tanh")).grid == Grid(3, 8)
    opened = load(dumps(start, ".json"), digits=digits)
    assert opened.grid == Grid(3, 8)


NETWORK = Network.random((6, 4, 10), seed=1).renamed("n", origin="a test")
DIGITS = DigitSet(np.arange(60, dtype=np.uint8).reshape(10, 6), np.arange(10))


@pytest.mark.parametrize("again", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_values_survive_copying_and_pickling(again: Any) -> None:
    network = again(NETWORK)
    assert network == NETWORK
    assert network.name == "n"
    assert dict(network.provenance) == {"origin": "a test"}
    with pytest.raises(ValueError, match="read-only"):
        network.layers[0].weights[0, 0] = 1
    assert DIGITS.images.any()  # kept once made, and no part of what travels
    digits = again(DIGITS)
    assert "images" not in vars(digits)
    assert (digits.checksum, digits.grid) == (DIGITS.checksum, DIGITS.grid)
    with pytest.raises(ValueError, match="read-only"):
        digits.pixels[0, 0] = 1
    assert again(NETWORK.forward(DIGITS.images)).predictions.shape == (10,)
    assert again(score(NETWORK, DIGITS)).accuracy == score(NETWORK, DIGITS).accuracy
    assert again(Stroke(1, 0, (1,), (0.5,), (2,))) == Stroke(1, 0, (1,), (0.5,), (2,))
