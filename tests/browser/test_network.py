"""The pages Network and Compare in a real browser."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.bench_page import until
from toolkit import open_digits, open_network, score
from toolkit.analysis import compare
from toolkit.analysis.ablation import pair_needs
from toolkit.formats import dumps
from toolkit.network import Network

Open = Callable[..., Page]
_FIND = """(name) => {
  for (const host of document.querySelectorAll('*')) {
    const root = host.shadowRoot?.querySelector('.looking:not(.waiting)');
    const found = root?.looking;
    if (found?.store?.state && (!name || found.page === name)) {
      window.looking = found;
      return true;
    }
  }
  return false;
}"""


@pytest.fixture
def open_looking(take: Callable[..., Page], serve: Callable[..., str]) -> Open:
    """Return a function that opens a page that looks into a network."""

    def open_(
        path: str,
        size: tuple[int, int] = (1366, 768),
        scheme: Literal["light", "dark"] = "light",
    ) -> Page:
        page = take(serve(), size)
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{serve()}/{path}")
        until(page, _FIND, timeout=60_000)
        return page

    return open_


def figure(id: str) -> str:
    return f"[data-figure={id}]"


def analysed(network: Network) -> dict[str, Any]:
    """Return what an analysis would have found, as the page takes it."""
    kinds = {"1.0": ("edge", 0.5), "1.4": ("line", 0.8), "2.1": ("line", 0.9)}
    rows = []
    for layer, size in enumerate(network.sizes[1:], 1):
        for index in range(size):
            neuron = f"{layer}.{index}"
            verdict, edge = kinds.get(neuron, ("diffuse", 0.95))
            rows.append(
                {
                    "neuron": neuron, "layer": layer, "index": index, "verdict": verdict,
                    "name": network.names.get((layer, index), ""), "edge_score": edge,
                    "redundant_with": None, "dead": False,
                }
            )  # fmt: skip
    hope = {"edges": 1, "lines": 1, "of": 16, "threshold": 0.75, "scores": [0.95] * 14 + [0.8, 0.5]}
    counted = [{"edge": 1, "line": 1, "diffuse": 14}, {"edge": 0, "line": 1, "diffuse": 15}]
    shift = {"kind": "shift", "unit": "pixels", "amounts": [0, 1], "accuracy": [0.9, None]}
    whole = {
        "hope": {**hope, "others": {"random": {**hope, "edges": 0, "lines": 0}}},
        "kinds": counted, "robustness": [{**shift, "images": 100}], "images": 100,
    }  # fmt: skip
    return {"state": "done", "fresh": True, "neurons": rows, "network": whole, "details": []}


def nothing_is_cut_off(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, "the page does not scroll sideways"
    over = page.evaluate(
        """[...looking.root.querySelectorAll('.figure')].filter((figure) => {
             const box = figure.getBoundingClientRect();
             return box.right > innerWidth + 1 || [...figure.querySelectorAll('svg')].some(
               (svg) => svg.getBoundingClientRect().right > box.right + 1);
           }).map((figure) => figure.dataset.figure)"""
    )
    assert not over


def test_the_whole_network_is_told_of_and_leads_to_digits_and_neurons(open_looking: Open) -> None:
    page = open_looking("network?network=handmade&digit=3")
    network, digits = open_network("handmade"), open_digits("drawn")
    found = score(network, digits)
    assert page.locator(".lead .large").inner_text() == f"{found.accuracy:.2%}"

    # Confusion by the keyboard: the digits behind a cell, as many as it says.
    page.locator(f"{figure('confusion')} svg").focus()
    page.keyboard.press("ArrowRight")
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    count = found.confusion[4, 9]
    said = page.locator(f"{figure('confusion')} .readout").inner_text()
    assert said.startswith(f"{count} digits that are a 4 are read as 9, ")
    page.keyboard.press("Enter")
    behind = page.locator(figure("digits"))
    behind.get_by_text("a 4, read as 9").wait_for()
    until(page, f"looking.root.querySelectorAll('{figure('digits')} svg text').length >= 40")
    assert behind.get_by_role("button", name=f"40 more of {count - 40}").is_visible()

    # And which neurons tell the two apart.
    needed = pair_needs(network, network.forward(digits.images), digits.labels, 4, 9).most(1)
    needs = page.locator(figure("needs"))
    needs.locator("h3", has_text="tell 4 from 9").wait_for()
    ((layer, index, fall),) = needed
    needs.locator("svg text", has_text=f"{100 * fall:.2f}").first.wait_for()
    needs.get_by_role("combobox", name="Another digit").select_option("4")
    needs.locator(".none", has_text="two different digits").wait_for()

    # Every neuron: maps at once, and their figures; searched, sorted, walked through, opened.
    table = page.locator(".neuron-table")
    assert table.locator(".row").first.locator("canvas").evaluate("it => it.width") == 28
    search = table.get_by_role("searchbox")
    search.fill("layer 2 not 2.3")
    table.locator(".count", has_text="15 of 42").wait_for()
    until(page, "[...looking.root.querySelectorAll('.neuron-table .row')].length === 15")
    with page.expect_download() as download:
        table.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    assert [row["neuron"] for row in rows[:4]] == ["2.0", "2.1", "2.2", "2.4"]
    search.fill("4 vs 9")
    table.locator(".count", has_text="32 of 42").wait_for()
    until(
        page,
        f"looking.root.querySelector('.neuron-table .row').dataset.neuron === '{layer}.{index}'",
    )
    search.fill("")
    table.locator(".count", has_text="42 neurons").first.wait_for()
    assert table.locator(".row").count() < 42, "rows out of sight are not in the page"

    # Their figures, once the analysis has them: the buttons, and a cell that lists its neurons.
    page.evaluate(
        """(found) => {
             Object.defineProperty(looking, 'analysis', {get: () => found, configurable: true});
             looking.bell.ring('analysis', found);
           }""",
        analysed(network),
    )
    table.get_by_role("button", name="edges and lines").click()
    table.locator(".count", has_text="3 of 42").wait_for()
    names = (
        "[...looking.root.querySelectorAll('.neuron-table .row')].map((it) => it.dataset.neuron)"
    )
    assert page.evaluate(names) == ["2.1", "1.4", "1.0"], "the most edge-like first"
    assert table.locator(".row").first.inner_text().split("\n")[:3] == [
        "2.1 lone upright",
        "line",
        "0.90",
    ]
    table.get_by_role("button", name="show the dead ones").click()
    table.locator(".none", has_text="No neuron is dead").wait_for()
    table.get_by_role("button", name="duplicates").click()
    table.locator(".none", has_text="by 0.98 or more over the digits (closest: 1.").wait_for()
    page.locator(".lead", has_text="2 are edges or lines (1 edge, 1 line)").wait_for()
    page.locator(figure("edge-scores"), has_text="at 0.75, is where the verdict begins").wait_for()
    kinds = page.locator(f"{figure('verdicts')} svg")
    kinds.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    table.locator(".count", has_text="1 of 42").wait_for()
    assert search.input_value() == "line layer 2"
    page.locator(f"{figure('robustness-shift')} svg text", has_text="pixels").wait_for()
    table.get_by_role("button", name="show all").click()

    # Nonsense, with the pictures that were shown.
    page.locator(f"{figure('nonsense')} svg text", has_text="uniform noise").wait_for()

    # A layer as matrices: the row under the pointer shows its map, a click its terms.
    page.get_by_role("button", name="As matrices").click()
    page.locator(f"{figure('matrix')} svg text", has_text="a⁽¹⁾ = σ(W").wait_for()
    z = network.forward(digits.image(3)).pre_activations
    page.locator(
        f"{figure('row')} svg text", has_text=f"{z[0][0]:+.3f}".replace("-", "−")
    ).wait_for()
    page.get_by_role("combobox", name="Layer").select_option("2")
    spot = page.evaluate(
        """(() => {
             const svg = looking.root.querySelector('[data-figure=matrix] svg');
             svg.scrollIntoView({block: 'center', behavior: 'instant'});
             return svg.getBoundingClientRect().toJSON();
           })()"""
    )
    page.mouse.move(spot["x"] + spot["width"] / 2, spot["y"] + 42 + 22 * 5 + 11)
    until(
        page,
        "looking.root.querySelector('[data-figure=row-map] h3').textContent === 'Neuron 2.5'",
    )
    page.mouse.click(spot["x"] + spot["width"] / 2, spot["y"] + 42 + 22 * 5 + 11)
    page.locator(
        f"{figure('row')} svg text", has_text=f"{z[1][5]:+.3f}".replace("-", "−")
    ).wait_for()
    nothing_is_cut_off(page)

    # A row's click opens the neuron.
    page.get_by_role("button", name="Every neuron").click()
    table.locator(".rows").focus()
    for _ in range(18):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    until(page, _FIND, "neuron")
    until(page, "looking.store.selected.join('.') === '2.2'")


def test_two_networks_stand_side_by_side(open_looking: Open) -> None:
    page = open_looking("compare?network=mnist-sigmoid&with=network:mnist-relu", (390, 844), "dark")
    digits = open_digits("drawn")
    one, other = open_network("mnist-sigmoid"), open_network("mnist-relu")
    found = compare(one, other, digits)
    alone = page.locator(figure("only-other"))
    alone.locator("h3", has_text=f"{len(found.only_other)} digits that only mnist-relu").wait_for()
    alone.locator("svg text").first.wait_for()
    alone.locator("svg").focus()
    page.keyboard.press("ArrowRight")
    number = int(found.only_other[0])
    label, read = digits.labels[number], found.one.predictions[number]
    said = alone.locator(".readout").inner_text()
    assert said == f"digit {number}: a {label}, read as {read} by mnist-sigmoid"
    nothing_is_cut_off(page)

    pairs = page.locator(figure("pairs"))
    written = pairs.locator("svg").text_content
    before = written()
    pairs.get_by_role("button", name="activations").click()
    assert pairs.locator("figcaption", has_text="correlation").count() == 1
    assert written() != before
    pairs.get_by_role("combobox", name="Layer").select_option("2")
    assert pairs.locator("figcaption", has_text="composed maps").count() == 1

    # A file that is dropped or chosen is the other one, of other hidden sizes too.
    small = Network.random((784, 7, 10), seed=4, name="seven")
    page.locator(".choose input[type=file]").set_input_files(
        {
            "name": "seven.npz",
            "mimeType": "application/octet-stream",
            "buffer": dumps(small, ".npz"),
        }
    )
    page.locator(".lead", has_text="and seven").wait_for()
    right = np.mean(small.forward(digits.images).predictions == digits.labels)
    assert f"{right:.2%}" in page.locator(".lead").inner_text()
    assert "with=experiment" in page.url
    pairs.get_by_role("combobox", name="Sort by").select_option("least alike")
    page.locator(f"{figure('pairs')} svg text", has_text="without a partner").first.wait_for()
    page.reload()
    until(page, _FIND)
    page.locator(".lead", has_text="and seven").wait_for()

    # The digit is shown in the workbench.
    alone.locator("svg text").first.wait_for()
    alone.locator("svg").focus()
    page.keyboard.press("ArrowRight")
    shown = alone.locator(".readout").inner_text().split(":")[0].removeprefix("digit ")
    page.keyboard.press("Enter")
    page.locator(".bench").wait_for()
    until(page, f"new URLSearchParams(location.search).get('digit') === '{shown}'")
