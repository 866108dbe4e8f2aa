"""Two networks side by side, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.analysis import compare, match_neurons
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


def test_matched_neurons_are_held_beside_their_matches_whatever_their_number() -> None:
    hidden, last = Layer([[3, 4], [0, 2]], [1, 0]), np.zeros((10, 2))
    last[:, 0] = 2
    one = Network((hidden, Layer(last, np.zeros(10))))
    # The second comes first, the first is twice as long, and between them there is one more.
    wider = Layer([[0, 2], [-7, 1], [6, 8]], [0, 0, 1])
    other = Network((wider, Layer(np.insert(last[:, ::-1], 1, 0, axis=1), np.zeros(10))))
    found = compare(one, other, DIGITS, match_neurons(one, other))
    assert found.distances[0].tolist() == [5, 0]
    assert found.distances[1].tolist() == [0] * 10
    back = compare(other, one, DIGITS, match_neurons(other, one))
    np.testing.assert_array_equal(back.distances[0], [0, np.nan, 5])
    assert back.furthest(2) == [(1, 1, np.inf), (1, 2, 5.0)]
    with pytest.raises(ValueError, match="matchings: expected those of"):
        compare(one, other, DIGITS, match_neurons(other, one))
