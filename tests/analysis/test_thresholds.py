"""Where a threshold should lie, against every threshold there is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from toolkit.analysis import firing_on, separate


def test_worked_by_hand() -> None:
    # Above 2.5 fire 3 and 5, both chosen, and 4, which is not; one chosen digit, at 0, does not.
    found = separate([1, 5, 3, 0, 2, 4], [False, True, True, True, False, False])
    assert found.bias == -2.5
    assert (found.share, found.chosen, found.others) == (0.5, 2 / 3, 1 / 3)
    assert found.balanced_accuracy == pytest.approx(2 / 3)
    assert separate([0, 1, 2, 10], [False, False, False, True]).bias == -6
    half = firing_on([4, 1, 3, 2], 0.5)
    assert (half.bias, half.share) == (-2.5, 0.5)
    assert math.isnan(half.chosen)
    assert firing_on([1, 1, 1, 9], 0.6).share == 0.25  # of 0, a quarter and 1 the nearest
    assert firing_on([1, 2], 0).share == 0
    assert firing_on([1, 2], 1).share == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-8, 8), st.booleans()), min_size=2, max_size=30))
def test_none_parts_them_better(digits: list[tuple[int, bool]]) -> None:
    sums, chosen = np.array([each for each, _ in digits]), np.array([each for _, each in digits])
    assume(0 < chosen.sum() < len(chosen) and len(set(sums)) > 1)
    overs = [sums > value for value in np.arange(-8.5, 9)]
    scores = [(over[chosen].mean() + (~over[~chosen]).mean()) / 2 for over in overs]
    if max(scores) <= 0.5:
        with pytest.raises(ValueError, match="no threshold has it fire more often"):
            separate(sums, chosen)
        return
    found = separate(sums, chosen)
    fires = sums + found.bias > 0
    assert fires.mean() == pytest.approx(found.share)
    got = (fires[chosen].mean() + (~fires[~chosen]).mean()) / 2
    assert got == pytest.approx(found.balanced_accuracy)
    assert got == pytest.approx(max(scores))


@pytest.mark.parametrize(
    ("sums", "chosen", "said"),
    [
        ([1, 2], [True, True], "got all"),
        ([1, 2], [False, False], "got none"),
        ([1, 1], [True, False], "all are the same"),
        ([1, math.nan], [True, False], "finite"),
        ([1, 2, 3], [True, False], "expected shape"),
        ([], [], "expected some"),
    ],
)
def test_what_cannot_be_parted_is_said(sums: list[float], chosen: list[bool], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        separate(sums, chosen)


def test_a_share_is_between_none_and_all() -> None:
    with pytest.raises(ValueError, match=r"expected 0 to 1; got 1\.5"):
        firing_on([1, 2], 1.5)
