"""Names, weights as numbers, clauses and thresholds: by mouse, by keyboard and by touch."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Page

from tests.browser.bench_page import BenchPage, until
from toolkit.edits import Edit, SetClause
from toolkit.experiments import read_recipe
from toolkit.network import Network

PASTE = """text => {
  const given = new DataTransfer();
  given.setData('text/plain', text);
  bench.views.cells.node.dispatchEvent(new ClipboardEvent('paste', {clipboardData: given}));
}"""


# A view, and a key of it, with no frame drawn between them.
KEY_AT_ONCE = """([view, key]) => {
  const {views} = bench, {cells} = views;
  views.buttons.get(view).click();
  const focused = bench.root.getRootNode().activeElement;
  focused.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
  return {focused: focused === cells.canvas, cursor: cells.cursor,
          grid: [cells.grid.rows, cells.grid.columns]};
}"""


def made(bench: BenchPage) -> list[Edit]:
    """Return the steps in force; page, server and what a recipe replays agree."""
    bench.settle()
    place = urlsplit(bench.page.url)
    url = f"{place.scheme}://{place.netloc}/weight-maps/download/{bench.state['experiment']}"
    with urllib.request.urlopen(f"{url}?what=recipe", timeout=20) as answer:
        experiment = read_recipe(answer.read())
    assert experiment.network == bench.stored == bench.network()
    assert experiment.network.names == bench.stored.names
    return [step.edit for step in experiment.steps[: experiment.cursor]]


def until_drawn(page: Page, expression: str) -> None:
    """Wait until it holds and the page shows it."""
    until(page, f"({expression}) && !bench.pending")


def view(bench: BenchPage, name: str) -> None:
    bench.page.get_by_role("radio", name=name, exact=True).click()
    until_drawn(bench.page, f"bench.views.view === {name!r}")


def cell(bench: BenchPage, row: int, column: int) -> tuple[float, float]:
    """Return the page's x, y of the middle of a cell of column or matrix."""
    box = bench.page.locator(".cells canvas").bounding_box()
    assert box is not None
    x, y, w, h = (bench.js("bench.views.cells.area")[key] for key in "xywh")
    return box["x"] + x + (column + 0.5) * w, box["y"] + y + (row + 0.5) * h


def test_neurons_are_named_and_made_by_clauses_and_numbers_with_every_hand(
    open_page: Callable[..., BenchPage],
) -> None:
    bench = open_page("blank", query="?network=blank&neuron=1.0", has_touch=True)
    page, key = bench.page, bench.page.keyboard

    # Names, by keyboard: F2, and on to the next neuron.
    for name in ("top arc", "left side", "middle bar"):
        key.press("F2")
        key.type(name)
        key.press("Enter")
        key.press(".")
    bench.settle()
    assert bench.button("Neuron 1.1").get_attribute("title") == "neuron 1.1 · left side"
    assert dict(bench.stored.names) == {
        (1, 0): "top arc", (1, 1): "left side", (1, 2): "middle bar",
    }  # fmt: skip

    # A weight of the map: typed into the cell under the pointer, into the cursor's, and wheeled.
    bench.select(1, 0)
    page.locator("canvas.map").focus()
    page.mouse.move(*bench.at(4.5, 10.5))
    key.type("3.5")
    key.press("Enter")
    key.press("ArrowDown")
    key.type("-")  # by a tenth of the strength
    key.press("ArrowDown")
    key.press("Enter")
    key.type("1,25")
    key.press("Enter")
    page.mouse.move(*bench.at(20.5, 3.5))
    page.mouse.wheel(0, -100)
    until(page, "bench.store.row(1, 0)[563] > 0 && !bench.store.preview")
    bench.settle()
    weights = bench.stored.layer(1).weights[0].reshape(28, 28)
    assert weights[4:7, 10].tolist() == [3.5, np.float32(-0.1), 1.25]
    assert weights[20, 3] == np.float32(0.1)

    # A clause: a name is offered while it is written, what is wrong is marked, and it is tried
    # before it is made.
    bench.select(2, 4)
    view(bench, "clause")
    text = page.get_by_role("textbox", name="When it should fire")
    text.fill("")
    key.type("top a")
    assert page.locator(".completions button").all_inner_texts() == ["top arc"]
    key.press("Tab")
    key.type(" and not midle bar")
    until_drawn(page, "bench.views.clause.wrong")
    assert page.locator(".echo u").inner_text() == "midle bar"
    assert "did you mean 'middle bar'?" in page.locator(".says").inner_text()
    assert page.get_by_role("button", name="Make it so").is_disabled()
    for _ in "midle bar":
        key.press("Backspace")
    page.get_by_role("button", name="middle bar", exact=True).click()
    until_drawn(page, "bench.views.clause.tried")
    assert (
        "2.4 fires when top arc is on and middle bar is off." in page.locator(".says").inner_text()
    )
    # Of a vote that misreads short inputs, one that does not is a click away.
    kept = text.input_value()
    text.fill("100*1.0 + 99*1.1 + 98*1.2 > 197.5")
    steadier = page.get_by_role("button", name="Steadier: ")
    steadier.wait_for()
    assert steadier.evaluate("node => node.scrollWidth <= node.clientWidth")
    assert page.get_by_role("button", name="Make it so").is_enabled()
    steadier.click()
    until_drawn(page, "bench.views.clause.tried?.tolerance === 0.1")
    assert text.input_value().startswith("2*") and text.input_value().endswith("> 2.5")
    assert not page.get_by_role("button", name="Steadier: ").is_visible()
    # A number as it stands is not taken for the beginning of another.
    text.fill("")
    key.type("not 1.1")
    assert page.locator(".completions button").first.inner_text() == "1.10"
    assert page.locator(".completions .here").count() == 0
    key.press("Backspace")
    assert page.locator(".completions .here").count() == 1
    text.fill(kept)
    until_drawn(page, "bench.views.clause.tried?.sentence.includes('on and')")
    # What it speaks of is called something else meanwhile, as in another window, and again so.
    bench.js("bench.edit({kind: 'name', layer: 1, neuron: 2, name: 'bar'})")
    until(page, "bench.views.clause.wrong?.text.includes('no neuron of layer 1 is called that')")
    bench.js("bench.ask({kind: 'undo'})")
    until_drawn(page, "bench.views.clause.tried?.sentence.includes('on and')")
    # Another neuron is looked at; what was written is there still.
    bench.select(2, 5)
    assert text.input_value() == ""
    bench.select(2, 4)
    until_drawn(page, "bench.views.clause.tried")
    tried = bench.js("[...bench.store.row(2, 4), bench.store.bias(2, 4)]")
    assert bench.stored.layer(2).weights[4].any() == np.False_
    page.get_by_role("textbox", name="sharpness").fill("6")
    key.press("Enter")
    until(page, "!bench.views.clause.typed")
    edit = made(bench)[-1]
    assert isinstance(edit, SetClause)
    assert (edit.text, edit.sharpness) == ("top arc and not middle bar", 6)
    shown = bench.js("[...bench.store.row(2, 4), bench.store.bias(2, 4)]")
    np.testing.assert_allclose(shown, np.array(tried) * 1.5, rtol=1e-3)
    until_drawn(page, "bench.store.extra('clause').made")
    assert "Its weights are this clause." in page.locator(".says").inner_text()

    # Its bias is set: the sentence stays and says so, and that it takes its own again when changed.
    bias = page.get_by_role("textbox", name="Bias")
    bias.fill("-3")
    key.press("Enter")
    since = "Its weights are this clause; its bias has been set since, to −3.00."
    until(page, f"bench.views.clause.says.textContent.endsWith({since!r})")
    assert text.input_value() == edit.text
    sharpness = page.get_by_role("textbox", name="sharpness")
    sharpness.fill("0.2")
    key.press("Tab")
    until_drawn(page, "bench.views.clause.tried?.sharper")
    assert "its bias is the sentence's again" in page.locator(".says").inner_text()
    assert page.locator(".steep").inner_text().startswith("A faint answer: z from −")
    page.get_by_role("button", name="sharpen to").click()
    until_drawn(page, "bench.views.clause.tried?.sharper === null")
    page.get_by_role("button", name="Discard").click()

    # The sharpness goes along to the next neuron.  How hard a sentence of fine numbers is is said,
    # and one click softens it; all of it is in sight, and what paints maps is not.
    bench.select(2, 5)
    assert sharpness.input_value() == "6"
    text.fill("1.37*top arc + 1.21*left side - 0.43*middle bar" + " + 0.01*1.7" * 8 + " > 2.03")
    until_drawn(page, "bench.views.clause.tried")
    assert text.evaluate("node => node.scrollHeight - node.clientHeight") == 0
    assert "A hard step, it answers yes or no: z from −" in page.locator(".steep").inner_text()
    page.get_by_role("button", name="soften to").click()
    until_drawn(page, "bench.views.clause.tried?.softer === null")
    assert page.locator(".steep").inner_text().startswith("z from −")
    assert 0.001 < float(sharpness.input_value()) < 6
    assert (
        not page.locator(".strength-label, .brush-settings, .overlays").filter(visible=True).all()
    )
    sharpness.fill("0")
    key.press("Enter")
    until_drawn(page, "bench.views.clause.wrong")
    said = page.locator(".says").inner_text()
    assert said == "sharpness: expected 0.001 to 100; got 0"
    page.get_by_role("button", name="Discard").click()
    until(page, "bench.views.clause.sharpness.value === 6")

    # As a number of a weighted sentence changes, the others weigh what they did; one that was
    # chosen counts.
    text.fill("1.2*top arc + 0.5*left side - 0.5*middle bar > 0.9")
    key.press("Enter")
    until(page, "!bench.views.clause.typed")
    weights = np.array(bench.js("bench.store.row(2, 5)"))
    text.fill("1.25*top arc + 0.5*left side - 0.5*middle bar > 0.9")
    until_drawn(page, "bench.views.clause.tried")
    found = np.array(bench.js("bench.store.row(2, 5)"))
    np.testing.assert_allclose(found[found < found.max()], weights[weights < weights.max()], 1e-3)
    assert float(sharpness.input_value()) < 6
    text.fill("100*top arc + 99*left side + 98*middle bar > 197.5")
    until_drawn(page, "bench.views.clause.tried?.steadier")
    was = sharpness.input_value()
    page.get_by_role("button", name="Steadier: ").click()
    until_drawn(page, "bench.views.clause.tried?.steadier === ''")
    assert sharpness.input_value() == was, "the decision stays as sharp, whatever its numbers"
    text.fill("1.25*top arc + 0.5*left side - 0.5*middle bar > 0.9")
    sharpness.fill("6")
    key.press("Enter")
    until(page, "!bench.views.clause.typed")
    assert bench.js("bench.store.row(2, 5)")[0] != found[0]
    for _ in range(2):
        page.get_by_role("button", name="Undo", exact=True).click()
    bench.settle()

    # Enter twice, before the server has said what it comes to, makes what is written, once.
    bench.select(2, 6)
    text.fill("top arc")
    until(page, "bench.views.clause.tried")
    steps = bench.state["history"]["cursor"]
    text.press("End")
    key.type(" and not left side")
    key.press("Enter")
    key.press("Enter")
    until(page, "!bench.views.clause.typed")
    edit = made(bench)[-1]
    assert isinstance(edit, SetClause) and edit.text == "top arc and not left side"
    assert text.input_value() == edit.text and bench.state["history"]["cursor"] == steps + 1
    page.get_by_role("button", name="Undo", exact=True).click()
    bench.select(2, 4)

    # The matrix: by keyboard, by a table that is pasted, by dragging, and by touch.
    view(bench, "matrix")
    until(page, "bench.views.cells.cursor.join() === '4,0'")
    page.locator(".cells canvas").focus()
    key.press("Control+k")
    key.type("type weight")
    found = page.locator(".found [role=option]").all_inner_texts()
    assert [each.replace("\n", " ") for each in found] == ["Type a weight into the cell map 0–9, ↵"]
    key.press("Enter")
    page.get_by_role("textbox", name="Weight", exact=True).wait_for()
    key.press("Escape")
    for each in ("ArrowDown", "ArrowRight", "2", ".", "5", "Enter", "-", "1", "Tab", "7", "Escape"):
        key.press(each)
    page.evaluate(PASTE, "1\t2\t3\n-1\t\t0,5\n")
    cut = np.zeros((16, 16), np.float32)
    cut[5, 1], cut[6, 1] = 2.5, -1
    cut[6, 2:5], cut[7, 2], cut[7, 4] = (1, 2, 3), -1, 0.5
    bench.settle()
    matrix = bench.stored.layer(2).weights.copy()
    matrix[4] = 0
    np.testing.assert_array_equal(matrix, cut)
    # The wheel changes a weight where one works on them; else it moves the page.
    page.mouse.move(*cell(bench, 10, 8))
    steps = bench.state["history"]["count"]
    view(bench, "row")
    view(bench, "matrix")
    page.mouse.move(*cell(bench, 10, 8))
    page.mouse.wheel(0, -100)
    page.wait_for_timeout(50)
    assert not bench.js("bench.store.preview")
    page.mouse.click(*cell(bench, 10, 8))
    page.mouse.wheel(0, -100)
    until(page, "bench.store.row(2, 10)[8] > 0 && !bench.store.preview")
    key.press("Control+z")
    bench.settle()
    assert bench.state["history"]["cursor"] == steps
    page.mouse.down()
    page.mouse.move(*(np.array(cell(bench, 10, 8)) - (0, 30)), steps=4)
    page.mouse.up()
    bench.settle()
    assert bench.stored.layer(2).weights[10, 8] == np.float32(0.2)
    # Said is what the cell has, and bias and ridges are those of its row.
    assert page.locator(".readout").inner_text() == "weight +0.200 · 1.8 into 2.10"
    assert bench.js("bench.store.selected") == [2, 10]
    assert page.locator(".bias-of").inner_text() == "of 2.10"
    # The line tool sets all cells from one to another; no other tool of maps is there.
    shown = "nodes => nodes.filter(each => each.offsetWidth).map(each => each.ariaLabel)"
    assert page.locator(".tool-grid button").evaluate_all(shown) == ["drag", "line"]
    assert "0.02 every 3 pixels" in page.locator(".tools-note").inner_text()
    assert not page.locator(".size").is_visible()
    page.get_by_role("radio", name="line").click()
    page.mouse.move(*cell(bench, 9, 9))
    page.mouse.down()
    page.mouse.move(*cell(bench, 15, 15), steps=3)
    page.mouse.up()
    bench.settle()
    block = bench.stored.layer(2).weights[9:, 9:]
    np.testing.assert_array_equal(block, np.eye(7, dtype=np.float32))
    page.get_by_role("radio", name="drag").click()
    for _ in range(2):
        page.touchscreen.tap(*cell(bench, 12, 3))
    key.type("4")
    key.press("Enter")
    bench.settle()
    assert bench.stored.layer(2).weights[12, 3] == 4

    # Also a layer of thousands of neurons is few enough edits: by rows or by columns.
    many = bench.js("(size) => bench.views.cells.grid.edit(Array.from({length: 8 * size},"
                    " (_, k) => [k % size, Math.floor(k / size), 0])).edits", 4096)  # fmt: skip
    assert [(each["kind"], each["input"], len(each["neurons"])) for each in many] == [
        ("column", k, 4096) for k in range(8)
    ]

    # The column: where 1.0 goes.  And its threshold, where it parts what it is for from the rest.
    # Keys that come before it is drawn are meant for it.
    bench.select(1, 0)
    at = bench.js(KEY_AT_ONCE, ["column", "End"])
    assert (at["focused"], at["cursor"], at["grid"]) == (True, [0, 3], [4, 4])
    key.press("Enter")
    key.type("-2")
    key.press("Enter")
    assert made(bench)[-1].to_dict() == {
        "kind": "column", "layer": 2, "input": 0, "neurons": [3], "values": [-2.0],
    }  # fmt: skip
    page.get_by_role("button", name="find…").click()
    page.get_by_role("textbox", name="Share in %").fill("30")
    page.get_by_role("button", name="Set by share").click()
    until(page, "bench.store.bias(1, 0) !== 0")
    assert made(bench)[-1].to_dict()["kind"] == "bias"
    page.get_by_role("button", name="Set all of layer 1").click()
    until(page, "/^1 neuron: /.test(bench.root.querySelector('.thresholds .told').innerText)")
    bench.settle()
    edits = made(bench)
    assert edits[-1].to_dict()["label"] == "layer 1: each fires on 30%"

    # All of it undoes.
    for _ in edits:
        key.press("Control+z")
    bench.settle()
    assert bench.stored == Network.blank()
    assert not bench.stored.names
