"""What a person sees of what they built: classes, confusion, ridges, digits behind each figure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.browser.bench_page import BenchPage, until
from toolkit.analysis import class_tables
from toolkit.analysis.comparison import compare
from toolkit.digits import open_digits
from toolkit.scoring import score

Open = Callable[..., BenchPage]


def test_every_figure_is_current_and_the_digits_behind_it_one_click_away(open_page: Open) -> None:
    bench = open_page(query="?network=mnist-sigmoid&neuron=1.5&digit=3")
    page, digits = bench.page, open_digits("drawn")
    sheet = page.locator(".sheet-digits .thumb")

    def click(selector: str, x: float, y: float) -> None:
        box = page.locator(selector).bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])

    def counted() -> int:
        until(page, "!bench.root.querySelector('.sheet p').textContent.includes('…')")
        said = page.locator(".sheet p").inner_text()
        return 0 if said == "None." else int(said.split()[0].replace(",", ""))

    # The table of layer 1, in the place of its maps: a head selects, a cell shows its digits.
    page.locator(".hidden-layers .class-switch").first.click()
    until(page, "bench.root.querySelector('canvas.class-table')")
    box = page.locator("canvas.class-table").bounding_box()
    assert box is not None
    wide, high = (box["width"] - 14) / 16, (box["height"] - 13) / 10
    page.mouse.click(box["x"] + 14 + 2.5 * wide, box["y"] + 5)
    bench.settle()
    assert bench.js("bench.store.selected") == [1, 2]
    bench.stroke((4, 8), (22, 20))
    bench.settle()
    tables = class_tables(bench.network().forward(digits.images), digits.labels)
    fires = tables[0].fires
    at = int(np.abs(fires[:, 6:8] - 0.5).max(axis=1).argmin())  # fires on some, and not on others
    page.mouse.move(box["x"] + 14 + (at + 0.5) * wide, box["y"] + 13 + 7.5 * high)
    said = page.locator(".class-says").first.inner_text()
    assert said.startswith(f"1.{at} fires on {100 * fires[at, 7]:.1f}% of the 7s; mean a ")
    assert float(said.split()[-1]) == round(float(tables[0].means[at, 7]), 2)
    page.mouse.down()
    page.mouse.up()
    assert counted() == round(1000 * fires[at, 7])
    # The same by the keyboard, on another cell.
    page.locator("canvas.class-table").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.locator(".dock header", has_text=f"6s on which 1.{at} fires").wait_for()
    page.locator(".sheet-ways button", has_text="does not").click()
    until(page, "bench.dock.title.textContent.includes('does not')")
    assert counted() == 1000 - round(1000 * fires[at, 6])
    sheet.first.click()
    bench.settle()
    assert bench.state["digit"]["index"] == int(sheet.first.get_attribute("value") or -1)
    assert bench.state["digit"]["label"] == 6

    # Confusion in the place of the bars; what is behind a cell stays current.
    page.keyboard.press("Escape")
    page.locator(".per-digit-head .class-switch").click()
    until(page, "bench.store.extra('confusion')")
    confusion = score(bench.network(), digits).confusion
    assert bench.js("bench.store.extra('confusion').counts") == confusion.tolist()
    np.fill_diagonal(confusion, 0)
    label, read = (int(each) for each in np.unravel_index(confusion.argmax(), (10, 10)))
    table = page.locator("canvas.confusion")
    box = table.bounding_box()
    assert box is not None
    wide, high = (box["width"] - 14) / 10, (box["height"] - 13) / 10
    page.mouse.click(box["x"] + 14 + (read + 0.5) * wide, box["y"] + 13 + (label + 0.5) * high)
    page.locator(".dock header", has_text=f"{label}s read as {read}").wait_for()
    assert counted() == confusion[label, read]
    page.keyboard.press("Control+z")
    bench.settle()
    undone = int(score(bench.network(), digits).confusion[label, read])
    until(
        page, f"bench.root.querySelector('.sheet p').textContent.startsWith('{undone or 'None'}')"
    )

    # Chosen classes: scored beside the whole, in the address, and there after a reload.
    page.locator(".per-digit-head .class-switch").click()
    for which in (0, 1, 7):
        page.locator(".class-choice").nth(which).click()
    page.locator(".subset", has_text="with no other").wait_for()
    before = score(bench.network(), digits)
    kept = np.isin(digits.labels, [0, 1, 7])
    share = (before.predictions == digits.labels)[kept].mean()
    until(page, f"bench.root.querySelector('.subset').innerText.includes('{share:.2%}')")
    assert "classes=017" in page.url
    page.locator(".per-digit > div").nth(9).click()
    page.locator(".dock header", has_text="9s read wrong").wait_for()
    assert counted() == (before.predictions != digits.labels)[digits.labels == 9].sum()

    # Ridges: they show digits, and the threshold's handle alone moves the bias.
    steps = bench.state["history"]["count"]
    layer, neuron = bench.js("bench.store.selected")
    click(".bias-view", 0.75, 0.5)
    until(page, "bench.dock.title.textContent.includes('near a weighted sum of')")
    assert bench.state["history"]["count"] == steps
    page.locator(".ridge-ways button", has_text="least").click()
    page.locator(".dock header", has_text="least").wait_for()
    counted()
    z = bench.network().forward(digits.images).pre_activations[layer - 1][:, neuron]
    assert z[int(sheet.first.get_attribute("value") or -1)] == z.min()
    view = page.locator(".bias-view").bounding_box()
    assert view is not None
    at, y = bench.js("bench.bias.threshold"), view["y"] + 40
    page.mouse.move(view["x"] + 0.75 * view["width"], view["y"] + 50)
    page.locator(".ridge-digits canvas").first.wait_for()
    page.mouse.move(view["x"] + at + 2, y)
    page.mouse.down()
    page.mouse.move(view["x"] + at + 60, y, steps=4)
    until(page, "!bench.pending && bench.store.biasDrag")
    shown = page.locator(".accuracy")
    moved = bench.network()  # with the bias as it is dragged
    wanted = f"{score(moved, digits).accuracy:.2%}"
    until(page, f"bench.root.querySelector('.accuracy').textContent === '{wanted}'")
    assert bench.state["history"]["count"] == steps
    page.mouse.up()
    bench.settle()
    assert bench.network() == moved == bench.stored
    assert shown.inner_text() == f"{bench.accuracy:.2%}"

    # The best so far is one click away, and goes when one is there.
    best = page.locator(".bar .best")
    best.wait_for()
    assert best.inner_text() == f"best {before.accuracy:.2%}"
    best.click()
    bench.settle()
    assert bench.accuracy == before.accuracy and best.is_hidden()
    page.reload()
    bench.find()
    bench.settle()
    page.locator(".subset", has_text="0 1 7 alone").wait_for()


def test_what_a_newcomer_looks_for_is_found_and_says_what_it_is(
    open_page: Callable[..., BenchPage],
) -> None:
    bench = open_page("handmade", query="?network=handmade", size=(1024, 700))
    page = bench.page

    def command(written: str) -> None:
        page.keyboard.press("Control+k")
        page.keyboard.type(written)
        page.keyboard.press("Enter")

    # Confusion keeps its figures at this size, and is drawn anew at another.
    command("Confusion")
    drawn = "(c => [c.width, c.clientWidth, c.height, c.clientHeight])"
    drawn += "(bench.root.querySelector('canvas.confusion'))"
    until(page, f"(([w, cw]) => w === cw && cw > 0)({drawn})")
    _, wide, _, high = bench.js(drawn)
    assert (wide - 14) / 10 >= 15 and (high - 13) / 10 > 8, "there is room for figures"
    bench.js("bench.receive = () => {}")  # no answer draws it meanwhile
    page.set_viewport_size({"width": 1500, "height": 900})
    until(page, f"(([w, cw, h, ch]) => cw > {wide} && w === cw && h === ch)({drawn})")
    bench.js("(() => { delete bench.receive; bench.receive(); })()")
    command("Score chosen")
    page.locator(".subset", has_text="Click on a class below its bar").wait_for()
    page.keyboard.press("Enter")
    page.locator(".subset", has_text="0 alone").wait_for()

    assert not bench.js("bench.root.querySelector('.hint.deaf')"), "its answers change"
    # A sharpness, and neurons by name and number.
    command("2.3")
    until(page, "bench.store.selected.join('.') === '2.3'")
    # The card of a neuron's threshold is another's then, and has no keys that are for the map.
    command("Find a threshold")
    page.keyboard.press("F6")
    command("3.4")
    until(page, "bench.store.selected.join('.') === '3.4'")
    assert "3.4" in page.locator(".dock header").inner_text()
    assert not bench.js("bench.dock.hasKeyboard")
    command("sharpness")
    assert bench.js("bench.root.getRootNode().activeElement.title").startswith("How far")
    page.keyboard.press("Escape")
    # A network that ships with a recipe is walked through from where it is chosen.
    command("Walk through")
    page.get_by_role("button", name="Open its 134 steps").click()
    page.locator(".walk .at", has_text="134 of 134").wait_for()
    command("belly")
    until(page, "bench.store.selected.join('.') === '1.11'")


def test_of_two_points_the_digits_that_one_alone_reads_are_pictures(open_page: Open) -> None:
    bench = open_page(query="?network=handmade&neuron=2.3&digit=3", size=(390, 844))
    page, digits, before = bench.page, open_digits("drawn"), bench.network()
    bias = page.get_by_role("textbox", name="Bias")
    bias.fill("-3")
    bias.press("Enter")
    bench.settle()
    found = compare(before, bench.network(), digits)
    page.keyboard.press("Control+k")
    page.keyboard.type("compare two")
    page.keyboard.press("Enter")
    for which, alone, other, by in (
        (0, found.only_one, found.other, "now"),
        (1, found.only_other, found.one, "by “as loaded”"),
    ):
        side = page.locator(".compare .alone").nth(which)
        side.locator(".thumb").first.wait_for()
        assert side.locator(".thumb").count() == min(16, len(alone)) > 0
        said = side.locator(".thumb").first.get_attribute("title")
        label, read = digits.labels[alone[0]], other.predictions[alone[0]]
        assert said == f"digit {alone[0]}: a {label}, read as {read} {by}"
    assert page.locator(".compare .pairs button").all_inner_texts() == ["2.3 · two bows"]
    more = page.locator(".compare .more").first
    assert more.inner_text() == f"16 more of {len(found.only_one) - 16}"
    more.click()
    thumbs = page.locator(".compare .alone").first.locator(".thumb")
    thumbs.nth(31).wait_for()
    thumbs.nth(20).click()
    until(page, "bench.root.querySelectorAll('.compare .thumb.here').length === 1")
    assert bench.state["digit"]["index"] == found.only_one[20]

    # Tables of classes say which neuron is which, and what it is called where it was cut short.
    page.keyboard.press("Escape")
    page.locator(".hidden-layers .class-switch").nth(1).click()
    table = page.locator("canvas.class-table")
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    x, says = box["x"] + 14 + 5.5 * (box["width"] - 14) / 16, page.locator(".class-says").nth(1)
    page.mouse.move(x, box["y"] + 20)
    assert says.inner_text() == "2.5 · hook over belly" == table.get_attribute("title")
    page.mouse.move(x, box["y"] + box["height"] - 5)
    of = class_tables(bench.network().forward(digits.images), digits.labels)[1].fires[5, 9]
    assert says.inner_text().startswith(f"2.5 · hook over belly fires on {100 * of:.1f}% of the 9s")
    page.mouse.click(x, box["y"] + 20)
    assert bench.js("bench.store.selected") == [2, 5]
    # It is whole above the map as well, and so is what stands beside it.
    whole = "(all) => all.every((each) => each.scrollWidth <= each.clientWidth)"
    until(page, "bench.root.querySelector('.neuron-name').value === 'hook over belly'")
    assert page.locator(".neuron-name, .map-panel .readout").evaluate_all(whole)
    # Of a sentence's view nothing is cut off, however many names there are to choose from.
    page.locator(".views button", has_text="clause").click()
    page.locator(".clause .chips button").last.wait_for()
    for part in ("", " .chips button"):
        box = page.locator(f".clause{part}").last.bounding_box()
        around = page.locator(".surface").bounding_box()
        assert box is not None and around is not None
        assert box["y"] + box["height"] <= around["y"] + around["height"] + 1
    assert page.locator(".clause").evaluate("it => it.scrollHeight <= it.clientHeight")
