"""The page Neuron in a real browser."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.bench_page import BenchPage, until
from toolkit import open_digits, open_network
from toolkit.scoring import score

Open = Callable[..., BenchPage]
_FIND = """() => {
  for (const host of document.querySelectorAll('*')) {
    const root = host.shadowRoot?.querySelector('.looking:not(.waiting)');
    if (root?.looking?.store?.state) { window.looking = root.looking; return true; }
  }
  return false;
}"""
# The report alone may be on its way.
_SETTLED = """() => [...looking.root.querySelectorAll('.figure.stale')].every(
  ({ dataset, hidden }) => hidden || ['ideal', 'tuning', 'maximised'].includes(dataset.figure))"""


def settle(page: Page) -> None:
    until(page, _SETTLED)


def taken(page: Page, figure: str, kind: str) -> bytes:
    menu = page.locator(f"[data-figure={figure}] .take")
    menu.locator("summary").click()
    with page.expect_download() as found:
        menu.get_by_role("button", name=kind).click()
    assert re.match(rf"[\w.-]*1\.3-{figure}\.\w+$", found.value.suggested_filename)
    data: bytes = found.value.path().read_bytes()
    return data


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_what_a_neuron_does_is_told_in_numbers_that_numpy_has_too(open_page: Open) -> None:
    bench = open_page(query="?network=mnist-sigmoid&neuron=1.3&digit=11")
    page = bench.page
    page.get_by_role("button", name="what does it do?").click()
    until(page, _FIND)
    settle(page)
    network, digits = open_network("mnist-sigmoid"), open_digits("drawn")
    trace = network.forward(digits.images)
    z, weights = trace.pre_activations[0][:, 3], network.layer(1).weights

    # The digits, the classes, and what adds up for the digit at hand.
    found = rows(taken(page, "most", "CSV"))
    assert [int(each["digit"]) for each in found] == np.argsort(-z, kind="stable")[:12].tolist()
    boxes = rows(taken(page, "classes", "CSV"))
    median = [float(np.quantile(z[digits.labels == each], 0.5)) for each in range(10)]
    np.testing.assert_allclose([float(each["50%"]) for each in boxes], median, atol=1e-3)
    parts = np.array([float(each["w·x"]) for each in rows(taken(page, "contributions", "CSV"))])
    np.testing.assert_allclose(parts, weights[3] * digits.images[11], atol=1e-6)
    said = page.locator(".sum").inner_text().replace("−", "-")
    told = float(re.findall(r"z = (-?[\d.]+)", said)[0])
    assert told == float(f"{z[11]:.5g}")
    assert abs(parts.sum() + float(network.layer(1).biases[3]) - z[11]) < 1e-5

    # A picture stands alone; a map's is sharp.
    svg = ElementTree.fromstring(taken(page, "weights", "SVG"))
    assert svg.find("{http://www.w3.org/2000/svg}image") is not None
    assert "var(" not in ElementTree.tostring(svg, "unicode")
    picture = Image.open(io.BytesIO(taken(page, "weights", "PNG"))).convert("RGB")
    assert picture.width > 400
    assert len(np.unique(np.asarray(picture).reshape(-1, 3), axis=0)) > 50

    # Switched off: what is left of the accuracy, and the outputs for this digit.
    page.locator(".place select").select_option("zero")
    page.get_by_label("Switch it off for this digit").check()
    until(page, "looking.root.querySelector('.without-said').textContent.includes('zero')")
    settle(page)
    above = network.layer(2).weights.copy()
    above[:, 3] = 0
    held = network.with_layer(2, weights=above)
    after = f"{100 * score(held, digits).accuracy:.1f}%"
    expect(page.locator(".without-said")).to_contain_text(f"to {after}")
    outputs = rows(taken(page, "outputs", "CSV"))
    np.testing.assert_allclose(
        [float(each["without it"]) for each in outputs],
        held.forward(digits.images[11]).outputs, atol=1e-5,
    )  # fmt: skip

    # A lead, split: over the last hidden layer exactly.
    page.locator("select.winner").select_option("9")
    page.locator("select.other").select_option("4")
    until(page, "looking.root.querySelector('.lead').textContent.startsWith('z(9) − z(4)')")
    settle(page)
    parts = np.array([float(each["part of the lead"]) for each in
                      rows(taken(page, "why-neurons", "CSV"))])  # fmt: skip
    logits = trace.pre_activations[-1][11]
    assert abs(parts.sum() - float(logits[9] - logits[4])) < 1e-4

    # The verdict comes by itself, once all is worked out.
    until(page, "looking.analysis?.fresh", timeout=90_000)
    row: dict[str, Any] = page.evaluate("looking.analysis.neurons[3]")
    assert row["neuron"] == "1.3"
    expect(page.locator(".verdict b")).to_contain_text(row["verdict"])
    tuning: dict[str, list[float]] = page.evaluate("looking.analysis.details[3].tuning")
    curve = [float(each["rise of pre-activation z"]) for each in rows(taken(page, "tuning", "CSV"))]
    assert curve == [*tuning["bars"], *tuning["edges"]]

    # The way back to the workbench asks the same there, of the same digit of the same set.
    here = "[store.experiment, store.state.digits.source, store.state.digit.index]"
    until(page, "location.search.includes('digits=')")
    was = page.evaluate(here.replace("store", "looking.store"))
    page.locator("select.winner").select_option("9")
    page.locator("select.other").select_option("4")
    page.get_by_role("button", name="layer by layer").click()
    expect(page.locator(".dock header b")).to_have_text("Why 9 and not 4")
    assert page.evaluate(here.replace("store", "weightMapPost.store")) == was


def test_one_goes_about_by_keys_and_clicks_and_back_and_hears_of_what_others_change(
    open_page: Open,
) -> None:
    bench = open_page()
    bench.select(1, 3)
    bench.stroke((9, 7), (13, 14))
    bench.settle()
    id = bench.js("bench.store.experiment")
    other = open_page(query=f"?experiment={id}&neuron=1.3", size=(390, 844))
    page = other.page
    other.js("bench.place.goTo('neuron')")
    until(page, _FIND)
    settle(page)
    wide: int = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    cut = page.evaluate(
        "[...looking.root.querySelectorAll('.figure')].filter((each) => each.scrollWidth > "
        "each.clientWidth + 1).map((each) => each.dataset.figure)"
    )
    assert cut == []
    # By keys to the next one, by a bar to one above; the address says where one is.
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text("Neuron 1.4, sigmoid")
    settle(page)
    bars = page.locator("[data-figure=outgoing] svg")
    bars.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("h1")).to_have_text("Neuron 2.2, sigmoid")
    until(page, "location.search.includes('neuron=2.2')")
    page.locator(".which").select_option("1.3")
    settle(page)
    # What is done in the workbench is seen here, and what was found before is told to be of then.
    before = page.evaluate("[...looking.store.row(1, 3)]")
    bench.stroke((20, 7), (20, 20))
    bench.settle()
    until(page, "before => [...looking.store.row(1, 3)].some((w, k) => w !== before[k])", before)
    until(page, "looking.analysis && !looking.analysis.fresh")
    settle(page)
    data = rows(taken(page, "weights", "CSV"))
    np.testing.assert_array_equal(
        np.array([each["weight"] for each in data], np.float32), bench.network().layer(1).weights[3]
    )
    page.get_by_role("button", name="← workbench").click()
    other.find()
    assert page.evaluate("bench.store.selected") == [1, 3]
