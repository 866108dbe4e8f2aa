"""How hard a neuron decides on digits."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.analysis import steepness


@pytest.mark.parametrize(
    ("activation", "typical", "soften"),
    [
        ("sigmoid", 40, 0.1),
        ("sigmoid", 11, None),
        ("tanh", 40, 0.05),
        ("tanh", 11, 2 / 11),
        ("relu", 4000, None),
        ("softmax", 4000, None),
    ],
)
def test_a_hard_step_is_told_with_what_softens_it(
    activation: str, typical: float, soften: float | None
) -> None:
    z = np.array([-typical - 1, typical, 0], np.float32)
    found = steepness(z, activation)
    assert found is not None
    assert (found.low, found.high, found.typical) == (-typical - 1, typical, typical)
    assert found.soften == (None if soften is None else pytest.approx(soften))


def test_of_no_digits_and_of_sums_that_are_no_numbers_nothing_is_told() -> None:
    assert steepness(np.zeros(0, np.float32), "sigmoid") is None
    assert steepness(np.array([np.nan, 1], np.float32), "sigmoid") is None
