"""Ceilings beside the accuracy, and the rest fitted, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.bench_page import BenchPage, until


def test_a_painted_neuron_has_a_ceiling_and_the_rest_is_fitted_and_undone(
    open_page: Callable[..., BenchPage],
) -> None:
    bench = open_page(query="?network=blank&neuron=1.0")
    page = bench.page
    bench.stroke((9, 10), (9, 18))
    page.keyboard.press("F2")
    page.keyboard.type("bar")
    page.keyboard.press("Enter")
    bench.settle()
    painted = bench.network()
    fresh = "(() => { const it = bench.store.extra('ahead'); return it?.fresh && it.ceilings; })()"
    until(page, fresh, timeout=60_000)
    # One stroke tells some digits apart, though nothing listens to it and accuracy is chance.
    assert bench.accuracy < 0.11
    assert bench.js("bench.store.extra('ahead').ceilings[0].accuracy") > 0.13
    shown = page.locator(".ceilings")
    assert "from layer 1 · layer 2 is blank" in shown.inner_text()
    shown.click()
    dock = page.locator(".dock")
    assert "Nothing listens to layer 1 yet" in dock.inner_text()
    step = "bench.root.querySelector('.hint.deaf span.deaf')?.textContent"
    assert bench.js(step).startswith("Watch the map and the ridges")

    # What stands out and can be mended at a click is: a neuron that is always on.
    bias = page.get_by_role("textbox", name="Bias")
    bias.fill("20")
    bias.press("Enter")
    anew = "bench.root.querySelector('.ceilings').textContent.startsWith('ceiling … was ')"
    # And no dot looks as if it held of what is there now.
    until(page, f"{anew} && bench.root.querySelector('.network-panel.remarks-stale')")
    assert "… was " in dock.inner_text()
    until(
        page,
        "bench.store.extra('ahead')?.remarks?.some((each) => each.code === 'always')",
        timeout=60_000,
    )
    marked = page.locator(".neuron[data-remark=always]")
    title = marked.get_attribute("title")
    assert title is not None and title.startswith("neuron 1.0 · bar: is at its upper end on ")
    dock.get_by_role("button", name="turn it down").click()
    bench.settle()
    assert 0 < bench.network().layer(1).biases[0] < 20
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    bench.settle()
    assert bench.network().checksum == painted.checksum
    until(page, "!bench.root.querySelector('.neuron[data-remark=always]')", timeout=60_000)
    assert bench.button("Neuron 1.0").get_attribute("title") == "neuron 1.0 · bar"

    # Found by its name; what was made by hand is held from the start.
    page.keyboard.press("Control+k")
    page.keyboard.type("fit the rest")
    page.keyboard.press("Enter")
    hold = dock.get_by_label("neurons that I made (1;")
    hold.wait_for()
    assert hold.is_checked()
    assert bench.js("bench.dock.hasKeyboard"), "also when what was made has been counted"
    dock.get_by_label("passes").fill("3")
    dock.get_by_role("button", name="fit", exact=True).click()
    until(page, "bench.store.extra('fit')?.status === 'laid'", timeout=120_000)
    bench.settle()
    fitted = bench.network()
    assert fitted.layer(1).weights[0].tobytes() == painted.layer(1).weights[0].tobytes()
    assert fitted.checksum == bench.stored.checksum != painted.checksum
    assert bench.accuracy > 0.6
    assert "after" in dock.inner_text()
    assert "one step" in dock.inner_text()
    page.keyboard.press("Control+z")
    bench.settle()
    assert bench.network().checksum == painted.checksum
    # What is told of it is of another network now, and no step to take back.
    until(page, "bench.root.querySelector('.fitting .bars.past')")
    assert "another network now" in dock.inner_text() and "one step" not in dock.inner_text()
    # A card that comes by keys has the keyboard, and gives it back.
    inside = "bench.dock.hasKeyboard"
    page.keyboard.press("Escape")
    page.locator("canvas.map").focus()
    page.keyboard.press("Control+k")
    page.keyboard.type("compare two")
    page.keyboard.press("Enter")
    until(page, inside)
    page.keyboard.press("F6")
    assert bench.js(f"!{inside} && bench.dock.isOpen && bench.dock.focused === bench.surface.map")
    page.keyboard.press("F6")
    assert bench.js(inside)
    page.keyboard.press("Escape")
    assert bench.js("!bench.dock.isOpen && bench.dock.focused === bench.surface.map")
    # A fit that ended with its server says so, in a card that comes by itself.
    hear = """status => {
      const bytes = new TextEncoder().encode(JSON.stringify({ status }));
      bench.store.received.set("extra/fit", { hash: status, bytes });
      bench.bell.ring("answer");
    }"""
    bench.js(hear, "running")
    assert bench.js("!bench.dock.isOpen"), "one may go on painting"
    bench.js(hear, "none")
    dock.get_by_text("with the old one the fit ended; nothing was changed").wait_for()
    dock.get_by_role("button", name="fit again…").click()
    dock.get_by_label("passes").wait_for()
    assert "with the old one" not in dock.inner_text()
    # Also one that is empty at first, once there is something in it.
    page.keyboard.press("Control+k")
    page.keyboard.type("walk through")
    page.keyboard.press("Enter")
    until(page, "bench.dock.body.contains(bench.dock.focused)")
