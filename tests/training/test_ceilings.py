"""What first layers could reach."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.digits import DigitSet
from toolkit.network import Layer, Network
from toolkit.training import Ceiling, ceilings

LABELS = np.arange(400) % 10
ONE_LIT = DigitSet(np.eye(10, dtype=np.uint8)[LABELS] * 255, LABELS, "one lit")
"""Ten pixels, of which the one of the class is lit: each class is one picture."""


def network(first: np.ndarray, activation: str = "sigmoid") -> Network:
    hidden = len(first)
    return Network(
        (
            Layer(first, np.full(hidden, -2.0), activation),
            Layer(np.zeros((8, hidden)), np.zeros(8)),
            Layer(np.zeros((10, 8)), np.zeros(10)),
        )
    )


def halves() -> np.ndarray:
    """Neuron 1.0 fires for 0 to 4; 1.1 sees nothing."""
    first = np.zeros((2, 10))
    first[0, :5] = 4
    return first


def test_a_feature_that_tells_two_halves_apart_reads_two_digits_of_ten() -> None:
    found = ceilings(network(halves()), ONE_LIT, measure_on=ONE_LIT, without=True)
    assert [each.layers for each in found.ceilings] == [1, 2]
    assert found.ceilings[0].name == "layer 1"
    # Of either half one digit can be answered right; of all, one of ten without the feature.
    assert found.ceilings[0].accuracy == pytest.approx(0.2)
    falls = found.ceilings[0].falls
    assert falls is not None
    assert falls.tolist() == pytest.approx([0.1, 0.0])
    # The second layer is blank: it passes nothing on.
    assert found.ceilings[1].accuracy == pytest.approx(0.1)
    assert found.accuracy == pytest.approx(0.1)
    assert (found.learned, found.measured, found.measured_on) == (400, 400, "one lit")


@pytest.mark.parametrize("activation", ["sigmoid", "relu", "tanh"])
def test_features_that_tell_all_digits_apart_read_all_and_each_of_them_can_be_missed(
    activation: str,
) -> None:
    # Strength does not count, nor does how far from the middle they lie.
    for strength in (4, 40):
        wired = network(np.eye(10) * strength, activation)
        found = ceilings(wired, ONE_LIT, measure_on=ONE_LIT, epochs=60, without=True)
        assert found.ceilings[0].accuracy == 1
        # Nine say which of ten it is.
        assert found.ceilings[0].falls is not None
        assert np.abs(found.ceilings[0].falls).max() <= 0.1
    linear = Network((Layer(np.eye(10), np.zeros(10)),))
    assert ceilings(linear, ONE_LIT, measure_on=ONE_LIT).ceilings == ()


def test_the_same_seed_gives_the_same_figures_and_weights_above_do_not_count() -> None:
    start = Network.random((10, 3, 8, 10), seed=4)
    above = start.with_layer(2, weights=start.layer(2).weights * 3)
    seen: list[Ceiling] = []
    first, again, other = (
        ceilings(each, ONE_LIT, epochs=2, without=True, seed=5, on_ceiling=seen.append)
        for each in (start, start, above)
    )
    assert [each.accuracy for each in seen[:2]] == [each.accuracy for each in first.ceilings]
    for one, two in zip(first.ceilings, again.ceilings, strict=True):
        assert one.accuracy == two.accuracy
        assert np.array_equal(one.falls, two.falls)  # type: ignore[arg-type]
    assert first.ceilings[0].accuracy == other.ceilings[0].accuracy
    # Set aside by the seed: a quarter is not learned.
    assert (first.learned, first.measured) == (300, 100)


def test_what_is_not_finite_says_nothing_and_stops_nothing() -> None:
    broken = halves()
    broken[1, 3] = np.nan
    found = ceilings(network(broken), ONE_LIT, measure_on=ONE_LIT)
    assert found.ceilings[0].accuracy == pytest.approx(0.2)


def test_arguments_are_checked() -> None:
    for wrong, said in (
        ({"epochs": 0}, "epochs: expected a whole number"),
        ({"measure_on": 2.0}, "validation: expected a DigitSet or a fraction"),
        ({"measure_on": DigitSet(np.zeros((1, 4)), [0])}, "measure_on: expected images of 10"),
    ):
        with pytest.raises(ValueError, match=said):
            ceilings(network(halves()), ONE_LIT, **wrong)  # type: ignore[arg-type]
