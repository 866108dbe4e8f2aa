"""Learning, watched, in a real browser: trained, gone through, taken away, opened, ended."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.bench_page import BenchPage, until
from tests.browser.conftest import watch


def plan(page: Page, **fields: str) -> None:
    for label, value in fields.items():
        field = page.get_by_label(label.replace("_", " "), exact=True)
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def map_pixels(page: Page) -> np.ndarray:
    """The first of the maps as it is on the screen."""
    data = page.locator("[data-figure=maps] .plot").screenshot()
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)[:96, :96]


def test_a_training_is_watched_gone_through_taken_away_and_opened(
    take: Callable[..., Page], serve: Callable[..., str], tmp_path: Path
) -> None:
    expect.set_options(timeout=30_000)  # whatever else the machine does
    address = serve("random", "drawn")
    page = take(address)
    page.goto(f"{address}/learning?network=random")
    expect(page.locator(".coming")).to_contain_text("Nothing was trained here yet")
    train = page.get_by_role("button", name="Train", exact=True)
    plan(page, epochs="0")
    train.click()
    expect(page.get_by_role("alert").first).to_contain_text(
        "epochs: expected a whole number from 1"
    )

    plan(page, epochs="4", learn_from="500", weight_decay="0")
    page.get_by_label("epochs", exact=True).press("Enter")
    here = page.locator(".scrub .here")
    expect(here).to_contain_text("epoch 4 of 4")
    expect(page.locator(".wrong")).to_be_hidden()
    expect(page.locator("[data-figure=maps] svg text").first).to_contain_text("1.0")
    last = map_pixels(page)
    # Noise at first; each map has its verdict below it, and how many have which is a chart.
    names = page.locator("[data-figure=maps] svg text").all_text_contents()
    assert len([name for name in names if ": " in name]) == 16, names
    assert "0 weight" in names, "a bar says which colour is which weight"
    expect(page.locator("[data-figure=verdicts] svg")).to_contain_text("noise")

    # Slider, arrow keys and a click on a chart go through the epochs.
    page.get_by_role("slider", name="Epoch").press("Home")
    expect(here).to_contain_text("epoch 0 of 4 · the start")
    first = map_pixels(page)
    assert last.shape == first.shape
    assert last.sum() > 1.3 * first.sum(), "weights grow, at one scale"
    page.get_by_label("scale:").select_option("each")
    assert map_pixels(page).sum() > 1.1 * first.sum(), "the start at its own"
    page.get_by_label("scale:").select_option("all")
    page.locator("[data-figure=maps] h3").click()
    page.keyboard.press("ArrowRight")
    expect(here).to_contain_text("epoch 1 of 4")
    chart = page.locator("[data-figure=accuracy] svg")
    box = chart.bounding_box()
    assert box is not None
    chart.click(position={"x": box["width"] - 16, "y": 90})
    expect(here).to_contain_text("epoch 4 of 4")
    page.get_by_role("button", name="Play").click()
    expect(here).to_contain_text("epoch 0 of 4")
    expect(here).to_contain_text("epoch 4 of 4")
    expect(page.get_by_role("button", name="Play")).to_be_visible()

    with page.expect_download() as taken:
        page.get_by_role("button", name="Film, GIF").click()
    taken.value.save_as(tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as film:
        assert (film.format, film.n_frames) == ("GIF", 5)  # type: ignore[attr-defined]
    assert taken.value.suggested_filename.endswith("-learning.gif")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Figures, CSV").click()
    assert Path(taken.value.path()).read_text().startswith("epoch,loss,accuracy")

    # A page that is loaded anew finds it; another that waits is told so, and can stop it.
    page.reload()
    expect(here).to_contain_text("epoch 4 of 4")
    plan(page, epochs="100", digits_to_a_step="1", learn_from="2000")
    page.get_by_role("button", name="Train again").click()
    expect(page.locator(".under-way")).to_contain_text("left")
    other = page.context.new_page()
    errors: list[str] = []
    watch(other, address, errors)
    other.set_viewport_size({"width": 390, "height": 844})
    other.goto(f"{address}/learning?network=blank")
    expect(other.locator(".coming")).to_be_visible()
    other.get_by_role("button", name="Train", exact=True).click()
    expect(other.locator(".under-way")).to_contain_text("Waits for 1 other training")
    assert other.evaluate("document.documentElement.scrollWidth") <= 390
    other.get_by_role("button", name="Cancel: do not begin").click()
    expect(other.locator(".news")).to_contain_text("stopped before it began")
    other.close()
    page.get_by_role("button", name="Stop after this epoch, keep what was learned").click()
    expect(here).to_be_visible()
    reached = here.inner_text()
    assert reached.startswith("epoch ") and " of 100" not in reached

    page.get_by_role("button", name="Open in the workbench").click()
    bench = BenchPage(page)
    until(page, "bench.store.state.name.includes(', epoch ')")
    bench.settle()
    assert bench.accuracy > 0.2
    assert not errors, errors
