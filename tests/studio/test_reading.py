"""How a network reads, as the page of the whole network asks for it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.studio.conftest import DIGITS, Page
from toolkit.analysis.ablation import ablation
from toolkit.analysis.remarks import ALIKE
from toolkit.analysis.whole import nonsense
from toolkit.dashboard import modules
from toolkit.formats import dumps
from toolkit.network import Network
from toolkit.report.record import COLUMNS
from toolkit.shipped import open_network
from toolkit.studio.reading import _affordable
from toolkit.studio.studio import Studio

PAGES = Path(modules.__file__).parent / "page" / "network"


def ask(page: Page, what: str, **fields: object) -> tuple[dict[str, Any], bytes]:
    return page.visit.ask({"what": what, "experiment": page.id, **fields})


def test_mistakes_come_with_their_pictures_the_surest_first(page: Page) -> None:
    page.open(network="handmade")
    reply, body = ask(page, "reading")
    outputs = open_network("handmade").forward(DIGITS.images).outputs
    wrong = np.flatnonzero(outputs.argmax(1) != DIGITS.labels)
    assert reply["correct"] == len(DIGITS) - len(wrong)
    numbers = [number for number, *_ in reply["mistakes"]]
    assert set(numbers) <= set(wrong.tolist()) and len(numbers) == min(60, len(wrong))
    sure = [each[3] for each in reply["mistakes"]]
    assert sure == sorted(sure, reverse=True)
    number, label, read, _, second = reply["mistakes"][0]
    assert label == DIGITS.labels[number] and read == outputs[number].argmax()
    assert second == np.argsort(outputs[number])[-2]
    pictures = np.frombuffer(body, np.uint8).reshape(len(numbers), 784)
    np.testing.assert_array_equal(pictures, DIGITS.pixels[numbers])


def test_calibration_counts_every_digit_and_layers_every_weight(page: Page) -> None:
    page.open(network="mnist-sigmoid")
    reply, _ = ask(page, "reading")
    found = reply["calibration"]
    assert sum(found["counts"]) == len(DIGITS)
    shares = [
        (count, right)
        for count, right in zip(found["counts"], found["accuracy"], strict=True)
        if count
    ]
    right = sum(count * right for count, right in shares) / len(DIGITS)
    assert right == pytest.approx(reply["accuracy"])
    assert [(each["neurons"], each["inputs"]) for each in reply["layers"]] == [
        (16, 784), (16, 16), (10, 16),
    ]  # fmt: skip


def test_nonsense_is_told_by_kind_with_examples(page: Page) -> None:
    reply, body = ask(page, "nonsense")
    kinds = {each["kind"]: each for each in reply["kinds"]}
    assert set(kinds) == {"noise", "blank", "inverted", "shifted", "scrambled"}
    taken = re.search(r"\(\{ (kind, count, .*?) \}\) =>", (PAGES / "nonsense.js").read_text())
    assert taken is not None
    for each in kinds.values():
        assert sum(each["answers"]) == each["count"]
        assert all(each[name] is not None for name in taken[1].split(", "))
    found = nonsense(Network.random(), DIGITS.pixels)
    assert [each["sure"] for each in kinds.values()] == [each.sure for each in found], "as reports"
    shown = sum(len(each["examples"]) for each in kinds.values())
    pictures = np.frombuffer(body, np.uint8).reshape(shown, 784)
    blank = len(kinds["noise"]["examples"])
    assert not pictures[blank].any(), "the one after those of noise"
    network = Network.random()
    said = network.forward(pictures / np.float32(255)).predictions
    told = [read for each in reply["kinds"] for read, _ in each["examples"]]
    assert np.mean(said == told) > 0.7, "but for what rounding of noise and shades changes"


def test_what_tells_two_digits_apart_is_what_each_neuron_left_out_alone_loses(page: Page) -> None:
    page.open(network="mnist-sigmoid")
    network = open_network("mnist-sigmoid")
    responses = network.forward(DIGITS.images)
    for replacement in ("mean", "zero"):
        asked = {"one": 4, "other": 9, "replacement": replacement}
        reply, _ = ask(page, "pair-needs", **asked)
        assert [len(layer) for layer in reply["falls"]] == [16, 16], "hidden neurons"
        without = ablation(network, responses, DIGITS.labels, [(1, 3)], replacement)
        assert reply["falls"][0][3] == pytest.approx(without.pair_falls[4, 9])
    assert reply["images"] == np.isin(DIGITS.labels, (4, 9)).sum()
    assert _affordable((512, 512, 10), 10_000) > 2000, "a wide one is measured on some"
    with pytest.raises(ValueError, match="too wide"):
        _affordable((5000, 5000, 10), 10_000)
    for one, other, replacement in ((4, 4, "mean"), (4, 10, "mean"), ("4", 9, "mean"), (4, 9, 1)):
        with pytest.raises(ValueError):
            ask(page, "pair-needs", one=one, other=other, replacement=replacement)


def test_the_closest_neurons_of_each_layer_are_told(page: Page) -> None:
    page.open(network="mnist-sigmoid")
    reply, _ = ask(page, "closest")
    a = open_network("mnist-sigmoid").forward(DIGITS.images).activations[0]
    alike = np.triu(np.corrcoef(a.T.astype(float)), 1)
    layer, one, other, correlation = reply["pairs"][0]
    assert (layer, abs(correlation)) == (1, pytest.approx(np.abs(alike).max(), abs=1e-3))
    assert correlation == pytest.approx(alike[one, other], abs=1e-3)
    assert reply["threshold"] == ALIKE


def test_a_network_of_numbers_that_are_none_is_told_of_all_the_same(
    studio: Studio, page: Page
) -> None:
    network = Network.random((784, 4, 10), seed=3)
    biases = network.layer(2).biases.copy()
    biases[2] = np.nan
    id = studio.upload(dumps(network.with_layer(2, biases=biases), ".npz"), "nan.npz", None)
    page.open(id)
    reply, _ = ask(page, "reading")
    assert {read for _, _, read, _, _ in reply["mistakes"]} <= set(range(10))
    assert reply["layers"][1]["not_finite"] == 1
    assert ask(page, "nonsense")[0]["kinds"]
    assert ask(page, "closest")[0]["pairs"]
    needs, _ = ask(page, "pair-needs", one=0, other=1, replacement="mean")
    assert len(needs["falls"][0]) == 4


def test_what_the_table_of_neurons_shows_and_writes_is_in_the_report() -> None:
    shown = re.findall(
        r'^  \{ key: "(\w+)"|^    key: "(\w+)"', (PAGES / "finding.js").read_text(), re.M
    )
    written = re.search(r"const MORE = \[(.*?)\];", (PAGES / "table.js").read_text(), re.S)
    assert written is not None
    keys = {one or other for one, other in shown} - {"health"}
    keys |= set(re.findall(r'"(\w+)"', written[1])) | {"name", "dead", "saturated", "always_on"}
    assert len(keys) > 20
    assert keys <= set(COLUMNS)
