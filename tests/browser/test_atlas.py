"""The atlas in a real browser."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.bench_page import BenchPage


def open_atlas(bench: BenchPage) -> Page:
    page = bench.page
    page.get_by_text("Atlas", exact=True).first.click()
    page.locator(".maps button").first.wait_for()
    return page


def names(page: Page) -> list[str]:
    found: list[str] = page.locator(".maps button").evaluate_all(
        "all => all.map(button => button.dataset.neuron)"
    )
    return found


def test_every_neuron_is_shown_sorted_and_opens_in_the_workbench(
    open_page: Callable[..., BenchPage],
) -> None:
    bench = open_page()
    page = open_atlas(bench)
    by_index = names(page)
    assert len(by_index) == 42
    assert by_index[:2] == ["1.0", "1.1"]
    page.get_by_text("size of weights", exact=True).click()
    expect(page.locator(".maps button").first).not_to_have_attribute("data-neuron", "1.0")
    by_size = names(page)
    assert sorted(by_size) == sorted(by_index)
    page.locator('[data-neuron="1.7"]').focus()
    page.keyboard.press("Enter")
    bench.find()
    assert bench.state["selected"] == [1, 7]


def test_the_maps_are_drawn_black_on_every_theme_and_fit_the_page(
    open_page: Callable[..., BenchPage],
) -> None:
    for scheme, size in (("light", (1366, 768)), ("dark", (390, 844))):
        bench = open_page("blank", size=size, color_scheme=scheme)
        if size[0] < 500:
            page = bench.page
            page.goto(page.url.split("?")[0] + "atlas")
            page.locator(".maps button").first.wait_for()
        else:
            page = open_atlas(bench)
        shot = page.locator(".maps canvas").first.screenshot()
        colours = Image.open(io.BytesIO(shot)).convert("RGB")
        middle = colours.getpixel((colours.width // 2, colours.height // 2))
        assert middle == (0, 0, 0)
        wide: int = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size[0]


def test_the_atlas_downloads_as_a_figure(open_page: Callable[..., BenchPage]) -> None:
    page = open_atlas(open_page())
    page.get_by_test_id("stPopoverButton").click()
    for kind, head in (("PNG", b"\x89PNG"), ("SVG", b"<?xml"), ("PDF", b"%PDF")):
        with page.expect_download() as found:
            page.get_by_role("button", name=kind, exact=True).click()
        assert found.value.suggested_filename.endswith(f"-atlas.{kind.lower()}")
        path = found.value.path()
        assert path.read_bytes().startswith(head)
