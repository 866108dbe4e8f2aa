"""Two networks side by side, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.analysis import compare
from toolkit.digits import DigitSet
from toolkit.network import Layer, Network


def reader(*rows: tuple[float, float]) -> Network:
    """Two pixels in; the first outputs have these weights, the others are far below."""
    weights = np.full((10, 2), -9, np.float32)
    weights[: len(rows)] = rows
    return Network((Layer(weights, np.zeros(10, np.float32), "identity"),))


DIGITS = DigitSet(
    np.array([[255, 0], [0, 255], [255, 255]], np.uint8), np.array([0, 1, 1], np.uint8)
)


def test_digits_that_one_alone_reads_and_how_far_neurons_are_apart() -> None:
    one = reader((1, 0), (0, 1))  # of equals the first wins: reads 0, 1, 0
    other = reader((1, -3), (4, 1))  # reads 1, 1, 1
    found = compare(one, other, DIGITS)
    assert (found.one.correct, found.other.correct) == (2, 2)
    assert found.only_one.tolist() == [0]
    assert found.only_other.tolist() == [2]
    assert found.distances[0][:3].tolist() == [3, 4, 0]
    assert found.furthest(5) == [(1, 1, 4.0), (1, 0, 3.0)]


def test_the_same_network_is_no_distance_away_whatever_it_holds() -> None:
    wild = reader((float("inf"), float("nan")), (0, 1))
    assert compare(wild, wild, DIGITS).furthest(5) == []
    twin = reader((float("inf"), float("nan")), (0, 1))
    assert compare(wild, twin, DIGITS).furthest(5) == [(1, 0, float("inf"))]


def test_networks_of_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="expected a network of sizes"):
        compare(reader((1, 0)), Network.blank((2, 3, 10)), DIGITS)
