"""What one neuron does, as the page that looks into it is answered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.studio.conftest import DIGITS, Page
from toolkit.formats import dumps
from toolkit.network import Network
from toolkit.scoring import score
from toolkit.studio.questions import is_long
from toolkit.studio.studio import Studio


def ask(page: Page, what: str, **fields: Any) -> tuple[dict[str, Any], bytes]:
    assert page.visit.desk is not None
    head = {"what": what, "experiment": page.visit.desk.experiment.id, **fields}
    return page.visit.ask(head)


def network(page: Page) -> Network:
    assert page.visit.desk is not None
    return page.visit.desk.network


def test_a_neuron_s_digits_are_those_with_the_highest_lowest_and_nearest_weighted_sum(
    page: Page,
) -> None:
    found, body = ask(page, "neuron", layer=1, neuron=3)
    z = network(page).forward(DIGITS.images).pre_activations[0][:, 3]
    numbers = {kind: [each[0] for each in digits] for kind, digits in found["digits"].items()}
    assert numbers["most"] == np.argsort(-z, kind="stable")[:12].tolist()
    assert numbers["least"] == np.argsort(z, kind="stable")[:12].tolist()
    assert numbers["threshold"][0] == np.argmin(np.abs(z))
    assert found["fires"] == pytest.approx((z > 0).mean())
    firing = DIGITS.images[z > 0].mean(axis=0) - DIGITS.images[z <= 0].mean(axis=0)
    np.testing.assert_allclose(np.frombuffer(body, "<f4", 784), firing, atol=1e-5)
    pixels = np.frombuffer(body, np.uint8, offset=4 * 784).reshape(-1, 784)
    shown = [number for kind in ("most", "least", "threshold") for number in numbers[kind]]
    np.testing.assert_array_equal(pixels, DIGITS.pixels[shown])


def test_the_split_of_a_lead_adds_up_and_the_gradient_is_that_of_the_digit_at_hand(
    page: Page,
) -> None:
    page.do("digit", how="index", index=7)
    z = network(page).forward(DIGITS.images[7]).pre_activations
    found, body = ask(page, "neuron-why", winner=9, other=4)
    assert found["difference"] == pytest.approx(float(z[-1][9] - z[-1][4]), abs=1e-4)
    assert sum(found["neurons"]) + found["biases"] == pytest.approx(found["difference"], abs=1e-4)
    blank = network(page).forward(np.zeros(784, np.float32)).pre_activations[-1]
    moved = found["difference"] - float(blank[9] - blank[4])
    assert np.frombuffer(body, "<f4", 784).sum() == pytest.approx(moved, abs=1e-4)
    gradient = np.frombuffer(ask(page, "neuron-digit", layer=1, neuron=3)[1], "<f4")
    np.testing.assert_array_equal(gradient, network(page).layer(1).weights[3])
    with pytest.raises(ValueError, match="two different outputs"):
        ask(page, "neuron-why", winner=4, other=4)


def test_without_it_is_a_full_evaluation_of_the_network_with_the_neuron_held(page: Page) -> None:
    whole = network(page)
    found, _ = ask(page, "without", layer=1, neuron=3, replacement="zero")
    above = whole.layer(2).weights.copy()
    above[:, 3] = 0  # what a neuron held at zero sends on
    held = whole.with_layer(2, weights=above)
    assert found["after"] == pytest.approx(score(held, DIGITS).accuracy)
    assert found["before"] == pytest.approx(score(whole, DIGITS).accuracy)
    np.testing.assert_allclose(found["a"], held.forward(DIGITS.images[0]).outputs, atol=1e-5)
    with pytest.raises(ValueError, match="mean or zero"):
        ask(page, "without", layer=1, neuron=3, replacement="half")


def test_a_copy_of_a_neuron_is_its_twin_and_a_broken_one_is_told_without_a_number(
    page: Page,
) -> None:
    copied = {"kind": "combine", "how": "copy", "layer": 1, "from": 3, "to": 8, "with_bias": True}
    page.edit(**copied)
    found, _ = ask(page, "neighbours", layer=1, neuron=3)
    assert found["twins"][0]["index"] == 8
    assert found["twins"][0]["activations"] == pytest.approx(1, abs=1e-4)
    assert ask(page, "neighbours", layer=1, neuron=8)[0]["health"]["redundant_with"] == 3
    # Of another network than the one they were made of they are made anew.
    page.edit(kind="weights", layer=1, neuron=8, cells=list(range(784)), values=[0.0] * 784)
    found, _ = ask(page, "neighbours", layer=1, neuron=8)
    assert found["health"]["dead"]
    with pytest.raises(ValueError, match="neuron"):
        ask(page, "neighbours", layer=1, neuron=16)


def test_an_address_names_the_digits_and_what_is_not_to_be_had_is_said(page: Page) -> None:
    state = page.open(network="handmade", digits="drawn", digit=7)
    assert (state["digits"]["source"], state["digit"]["index"]) == ("drawn", 7)
    heard = len(page.heard)
    for name in ("../../etc", "sets"):
        state = page.open(network="handmade", digits=name, digit=7)
        assert state["digit"]["index"] == 0, "digit 7 of another set was not asked for"
    assert [(each["code"], each["fields"]["name"]) for each in page.heard[heard:]] == [
        ("digits-replaced", "../../etc"), ("digits-replaced", "sets"),
    ]  # fmt: skip
    # A kept experiment has its digits itself.
    page.edit(kind="bias", layer=1, neuron=0, value=1.0)
    heard = len(page.heard)
    state = page.open(page.id, digits="sets", digit=7)
    assert state["digit"]["index"] == 7 and len(page.heard) == heard


def test_of_a_wide_network_what_is_quick_elsewhere_keeps_no_click_of_others_waiting(
    studio: Studio, page: Page
) -> None:
    kinds = ("neuron", "neuron-digit", "neuron-why", "without", "neighbours")
    desk = page.visit.desk
    assert not any(is_long({"what": kind}, desk) for kind in kinds)
    assert is_long({"what": "maximise"}, desk) and not is_long({"what": "maximise!"}, desk)
    wide = Network.random((784, 400, 10), seed=1)
    page.open(studio.upload(dumps(wide, ".npz"), "wide.npz", None))
    assert all(is_long({"what": kind}, page.visit.desk) for kind in kinds)
    # To stop a training is quick everywhere, and waits for nothing that is not.
    assert not is_long({"what": "learning", "do": "stop"}, page.visit.desk)
    assert is_long({"what": "learning", "do": "maps"}, page.visit.desk)
