"""Neuron × class, confusion, and the digits behind a figure, as pages are sent them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tests.studio.conftest import DIGITS, Page
from toolkit.analysis import class_tables
from toolkit.scoring import score


def digits_of(page: Page, **of: Any) -> tuple[list[list[int]], bytes, int]:
    found, pixels = page.visit.ask({"what": "digits", "experiment": page.id, "of": of})
    return found["digits"], pixels, found["count"]


def test_the_tables_are_those_of_the_network_after_each_stroke(page: Page) -> None:
    page.do("want", what=["classes/1", "classes/2", "confusion"])
    for bias in (0.0, 2.5):
        page.edit(kind="bias", layer=1, neuron=3, value=bias)
        network = page.network()
        tables = class_tables(network.forward(DIGITS.images), DIGITS.labels)
        for layer in (1, 2):
            data = page.blocks[f"extra/classes/{layer}"]
            fires = np.frombuffer(data, "<u2", 160).reshape(16, 10) / 10_000
            means = np.frombuffer(data, "<f4", offset=320).reshape(16, 10)
            np.testing.assert_allclose(fires, tables[layer - 1].fires, atol=1e-2)
            np.testing.assert_allclose(means, tables[layer - 1].means, atol=1e-4)
        counts = json.loads(page.blocks["extra/confusion"])["counts"]
        assert counts == score(network, DIGITS).confusion.tolist()


def test_a_table_of_no_layer_is_said(page: Page) -> None:
    page.do("want", what=["classes/9", "classes/x", "classes/1/16", "classes/1/0/0"])
    for name in ("9", "x", "1/16", "1/0/0"):
        assert "expected" in json.loads(page.blocks[f"extra/classes/{name}"])["error"]


def test_of_a_wide_layer_some_neurons_are_told_at_a_time(page: Page) -> None:
    page.do("want", what=["classes/1/9"])
    fires = np.frombuffer(page.blocks["extra/classes/1/9"], "<u2", 70).reshape(7, 10) / 10_000
    table = class_tables(page.network().forward(DIGITS.images), DIGITS.labels)[0]
    np.testing.assert_allclose(fires, table.fires[9:], atol=1e-2)


def test_the_digits_behind_a_figure_are_all_of_that_kind(page: Page) -> None:
    scored = score(page.network(), DIGITS)
    label, read = 4, int(np.bincount(scored.predictions[scored.labels == 4]).argmax())
    digits, pixels, count = digits_of(page, label=label, read=read)
    assert count == scored.confusion[label, read] > 0
    assert all((is_, as_) == (label, read) for _, is_, as_ in digits)
    first = digits[0][0]
    assert pixels[:784] == DIGITS.pixels[first].tobytes()
    _wrong, _, count = digits_of(page, right=False, label=7)
    assert count == np.sum((scored.labels == 7) & (scored.predictions != 7))
    named, _, _ = digits_of(page, numbers=[5, 3, 9999])
    assert [number for number, *_ in named] == [3, 5]


def test_digits_stand_in_the_order_of_a_neuron_s_sum(page: Page) -> None:
    page.edit(kind="bias", layer=1, neuron=2, value=-0.3)
    z = page.network().forward(DIGITS.images).pre_activations[0][:, 2]
    most, _, _ = digits_of(page, neuron=[1, 2], order="most")
    least, _, _ = digits_of(page, neuron=[1, 2], order="least")
    near, _, _ = digits_of(page, neuron=[1, 2], order="near")
    assert most[0][0] == z.argmax()
    assert least[0][0] == z.argmin()
    assert near[0][0] == np.abs(z).argmin()
    _firing, _, count = digits_of(page, neuron=[1, 2], fires=True)
    assert count == np.sum(z > 0)
    there, _, _ = digits_of(page, neuron=[1, 2], near=float(z[17] + 0.3))
    assert there[0][0] == 17


@pytest.mark.parametrize(
    "wrong",
    [{"label": 10}, {"label": "4"}, {"neuron": 3}, {"neuron": [9, 0]}, {"numbers": "all"},
     {"neuron": [1, 0], "order": "x"}, {"neuron": [1, 0], "near": "x"}, {"read": True}],
)  # fmt: skip
def test_a_description_that_is_none_is_refused(page: Page, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        digits_of(page, **wrong)


def test_digits_come_some_at_a_time(page: Page) -> None:
    asked = {"what": "digits", "experiment": page.id, "of": {}, "first": 398, "count": 60}
    found, pixels = page.visit.ask(asked)
    assert found["count"] == 400
    assert [number for number, *_ in found["digits"]] == [398, 399]
    assert len(pixels) == 2 * 784
    with pytest.raises(ValueError, match="count: expected"):
        page.visit.ask({**asked, "count": 61})
