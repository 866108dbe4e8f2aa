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


@pytest.mark.parametrize(
    ("activation", "largest", "sharpen"),
    [("sigmoid", 0.8, 5), ("sigmoid", 2, None), ("tanh", 0.8, 2.5), ("relu", 0.1, None),
     ("sigmoid", 0, None)],
)  # fmt: skip
def test_a_faint_answer_is_told_with_what_sharpens_it(
    activation: str, largest: float, sharpen: float | None
) -> None:
    found = steepness(np.array([-largest, largest / 2], np.float32), activation)
    assert found is not None
    assert found.sharpen == (None if sharpen is None else pytest.approx(sharpen))


def test_how_large_the_typical_sum_of_a_hard_step_is_can_be_said() -> None:
    z = np.array([-40, -40, 12], np.float32)
    hard, fair = steepness(z, "sigmoid"), steepness(z, "sigmoid", 12)
    assert hard is not None and fair is not None
    assert (hard.soften, fair.soften) == (pytest.approx(0.1), None)


def test_of_no_digits_and_of_sums_that_are_no_numbers_nothing_is_told() -> None:
    assert steepness(np.zeros(0, np.float32), "sigmoid") is None
    assert steepness(np.array([np.nan, 1], np.float32), "sigmoid") is None
