"""What the page shows of a stroke and what the toolkit keeps are the same numbers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tests.page.make_cases import COLOURS, PLACE, cases, colours, number
from toolkit.edits import from_dict
from toolkit.network import Layer, Network

CASES: list[dict[str, Any]] = json.loads(PLACE.read_text())


def single(values: list[Any]) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.array([number(value) for value in values], np.float32)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_an_edit_makes_the_weights_that_its_rule_says(case: dict[str, Any]) -> None:
    row = single(case["row"])
    network = Network((Layer(np.stack([row, row]), np.zeros(2, np.float32), "identity"),))
    after = from_dict(case["edit"]).apply(network).layer(1).weights
    expected = row.copy()
    expected[case["edit"]["cells"]] = single(case["after"])
    assert after[0].tobytes() == expected.tobytes()
    assert after[1].tobytes() == row.tobytes()


def test_the_cases_are_those_that_are_made() -> None:
    assert cases() == CASES


def test_the_colours_are_those_of_today() -> None:
    assert colours() == json.loads(COLOURS.read_text())
