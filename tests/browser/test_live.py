"""While a hand is on the map the page counts how the network reads, and counts as Python does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.bench_page import BenchPage, until
from tests.browser.conftest import watch
from toolkit.digits import DigitSet, open_digits
from toolkit.scoring import Score, score

_READY = "bench.following.live?.status.state === 'ready' && bench.following.live.current"
_SHOWN = (
    "bench.readings.live && bench.following.live.current"
    " && !bench.following.later && !bench.pending"
)


@pytest.fixture(scope="module")
def digits() -> DigitSet:
    return open_digits("drawn")


@pytest.fixture(scope="module")
def bench(browser: Browser, serve: Callable[..., str]) -> Iterator[BenchPage]:
    """Give one workbench for all of them, each on a network of its own."""
    window = browser.new_context(viewport={"width": 1366, "height": 768})
    window.add_init_script("localStorage.setItem('weight-map-toolkit.hint', 'seen')")
    page, problems, address = window.new_page(), list[str](), serve()
    watch(page, address, problems)
    page.on("console", lambda said: said.text.startswith("live") and problems.append(said.text))
    page.goto(f"{address}/?network=mnist-sigmoid&neuron=1.5")
    bench = BenchPage(page)
    until(page, _READY)
    yield bench
    assert not problems, problems
    assert bench.js("bench.following.disagreements") == 0
    window.close()


@pytest.fixture(autouse=True)
def again(bench: BenchPage) -> None:
    """Begin anew from what ships."""
    bench.js("bench.open({start: {network: 'mnist-sigmoid'}})")
    until(bench.page, "bench.store.state.draft && bench.store.state.origin === 'mnist-sigmoid'")
    bench.settle()
    until(bench.page, _READY)


def shown_is(bench: BenchPage, found: Score, before: Score) -> None:
    """Assert that all the page shows of how the network reads is what Python finds."""
    page = bench.page
    assert page.locator(".accuracy").inner_text() == f"{100 * found.accuracy:.2f}%"
    change = 100 * (found.accuracy - before.accuracy)
    last = page.locator(".delta[data-of=last]").inner_text().split(" ")[0]
    assert float(last.replace("−", "-")) == pytest.approx(change, abs=0.0051)
    bars = bench.js(
        "bench.digits.columns.map(({fill}) => Number(fill.style.transform.slice(7, -1)))"
    )
    assert bars == pytest.approx(found.per_digit.tolist())
    for side, which in {
        "gained": found.gained_since(before),
        "lost": found.lost_since(before),
    }.items():
        count = f"{len(which):,}" if len(which) else "none"
        assert page.locator(f".{side}-title").inner_text().startswith(f"{count} {side} ")
        reading = bench.js(f"bench.readings.now.{side}.digits")
        assert reading == which[:10].tolist()


def held(bench: BenchPage, digits: DigitSet, before: Score) -> Score:
    """Assert that what is in hand is read as Python reads it, and return that."""
    until(bench.page, _SHOWN)
    assert "live" in (bench.page.locator(".accuracy").get_attribute("class") or "")
    network = bench.network()
    found = score(network, digits)
    shown_is(bench, found, before)

    layer, neuron = bench.js("bench.store.selected")
    fires = network.forward(digits.images).pre_activations[layer - 1][:, neuron] > 0
    by_class = np.bincount(digits.labels[fires], minlength=10)
    said = bench.page.locator(".firing").inner_text()
    assert float(said.split()[-1].rstrip("%")) == pytest.approx(100 * fires.mean(), abs=1)
    assert bench.js("bench.readings.live.sums.fired") == pytest.approx(by_class, abs=1)
    row = bench.js("([l, j]) => [...bench.readings.live.fires[l - 1].slice(10 * j, 10 * j + 10)]",
                   [layer, neuron])  # fmt: skip
    assert row == pytest.approx(by_class, abs=1)

    lost = found.lost_since(before)
    picture = bench.js(
        "() => { const {canvas} = bench.digits.lost.places[0];"
        " return [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data]; }"
    )
    assert picture[::4] == digits.pixels[lost[0]].tolist()
    return found


def test_under_the_brush_all_figures_follow_and_stay_when_it_is_lifted(
    bench: BenchPage, digits: DigitSet
) -> None:
    before, seen = score(bench.network(), digits), set()
    said = bench.page.locator(".score-said").text_content()
    bench.stroke((8, 8), (9, 9), release=False)
    for point in ((12, 12), (14, 18), (20, 18)):
        bench.page.mouse.move(*bench.at(*point), steps=4)
        seen.add(held(bench, digits, before).correct)
    assert len(seen) == 3, "each move changes how many are read right"
    assert bench.accuracy == before.accuracy, "Python does not know of it yet"
    assert bench.page.locator(".score-said").text_content() == said, "nobody is talked at"
    assert np.array_equal(
        bench.js("bench.readings.live.confusion"), score(bench.network(), digits).confusion
    )

    bench.page.mouse.up()
    bench.settle()
    until(bench.page, _READY)
    after = score(bench.network(), digits)
    assert bench.accuracy == after.accuracy
    shown_is(bench, after, before)
    expect(bench.page.locator(".accuracy.live")).to_have_count(0)
    expect(bench.page.locator(".score-said")).to_contain_text(f"{100 * after.accuracy:.2f}%")


def test_a_dragged_threshold_a_stamp_and_a_weight_of_a_later_layer_are_counted_as_they_stand(
    bench: BenchPage, digits: DigitSet
) -> None:
    page, before = bench.page, score(bench.network(), digits)
    box = page.locator(".bias-view").bounding_box()
    assert box is not None
    across = box["x"] + bench.js("bench.bias.threshold")
    page.mouse.move(across, box["y"] + box["height"] - 8)
    page.mouse.down()
    page.mouse.move(across + 40, box["y"] + box["height"] - 8, steps=3)
    held(bench, digits, before)
    page.mouse.up()
    bench.settle()

    before = score(bench.network(), digits)
    page.keyboard.press("s")
    held(bench, digits, before)
    page.mouse.move(*bench.at(14, 14))
    page.mouse.down()
    page.mouse.move(*bench.at(9, 11), steps=3)
    moved = held(bench, digits, before)
    page.mouse.up()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    until(page, "!bench.readings.now.live && !bench.pending")
    assert page.locator(".accuracy").inner_text() == f"{100 * before.accuracy:.2f}%"
    assert moved.correct != before.correct

    bench.select(2, 4)
    bench.js("bench.views.choose('matrix')")
    cells = page.locator(".cells canvas").bounding_box()
    assert cells is not None
    page.mouse.move(cells["x"] + cells["width"] / 2, cells["y"] + cells["height"] / 2)
    page.mouse.down()
    page.mouse.move(cells["x"] + cells["width"] / 2, cells["y"] - 400, steps=3)
    held(bench, digits, before)
    page.mouse.up()
    bench.settle()
    shown_is(bench, score(bench.network(), digits), before)
    bench.js("bench.views.choose('map')")


def test_turned_off_the_accuracy_waits_for_the_hand_to_let_go_and_that_is_remembered(
    bench: BenchPage, digits: DigitSet
) -> None:
    page, before = bench.page, score(bench.network(), digits)
    page.locator("[data-menu=view]").click()
    page.get_by_role("menuitem", name="accuracy follows the hand").click()
    page.keyboard.press("Escape")
    assert page.evaluate("localStorage.getItem('weight-map-toolkit.live')") == "off"
    bench.stroke((8, 8), (12, 18), release=False)
    until(page, "!bench.pending")
    page.wait_for_timeout(100)
    assert page.locator(".accuracy").inner_text() == f"{100 * before.accuracy:.2f}%"
    page.mouse.up()
    bench.settle()
    shown_is(bench, score(bench.network(), digits), before)
    bench.js("bench.following.turn(true)")
    until(page, _READY)


def test_where_the_scorer_of_the_page_fails_painting_goes_on_and_the_page_says_so(
    bench: BenchPage, digits: DigitSet
) -> None:
    page, before = bench.page, score(bench.network(), digits)
    bench.stroke((8, 8), (12, 12), release=False)
    held(bench, digits, before)
    bench.js("bench.following.live.worker.dispatchEvent(new ErrorEvent('error'))")
    page.mouse.move(*bench.at(16, 18), steps=3)
    until(page, "!bench.pending && !bench.readings.now.live")
    expect(page.locator(".live-said")).to_have_text("not live")
    page.mouse.up()
    bench.settle()
    shown_is(bench, score(bench.network(), digits), before)
    bench.js("bench.following.turn(false); bench.following.turn(true)")
    until(page, _READY)
