"""The atlas in a real browser."""

from __future__ import annotations

import io
import json
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.bench_page import BenchPage, until
from toolkit.formats import dumps
from toolkit.network import Network


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
    until(page, "bench.store.state?.selected.join() === '1,7'")


def test_the_maps_are_drawn_black_on_every_theme_and_fit_the_page(
    open_page: Callable[..., BenchPage],
) -> None:
    page = open_atlas(open_page("blank"))
    for scheme, size in (("light", (1366, 768)), ("dark", (390, 844))):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=scheme)
        page.reload()
        page.locator(".maps button").first.wait_for()
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
    with page.expect_download() as found:
        page.get_by_role("button", name="Maps alone (PNG)").click()
    assert found.value.suggested_filename.endswith("-maps.png")
    assert Image.open(found.value.path()).width == 8 * (4 * 28 + 6) + 6
    page.route("**/figure/*", lambda route: route.abort())
    page.get_by_role("button", name="PDF", exact=True).click()
    expect(page.locator(".failed")).to_have_text("The server is away. Try again when it is back.")
    expect(page.get_by_role("button", name="PDF", exact=True)).to_be_enabled()


def server_of(address: str) -> Path:
    """Return where /proc tells of the process that serves an address."""
    port = address.rpartition(":")[2].encode()
    for each in Path("/proc").glob("[0-9]*"):
        try:
            words = (each / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"streamlit" in words and port in words:
            return each
    raise AssertionError(f"no server of {address}")


def mebibytes(process: Path, name: str) -> float:
    lines = (process / "status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_what_a_figure_takes_is_not_the_server_s(
    open_page: Callable[..., BenchPage], serve: Callable[..., str]
) -> None:
    address, page = serve(), open_page().page
    data = dumps(Network.random((784, 300, 10), seed=1), ".npz")
    request = urllib.request.Request(
        f"{address}/weight-maps/upload?name=wide.npz", data, {"X-Weight-Maps": "1"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        id = json.load(answer)["experiment"]
    page.goto(f"{address}/atlas?experiment={id}")
    page.locator(".maps button").nth(265).wait_for()
    page.get_by_test_id("stPopoverButton").click()
    process = server_of(address)
    time.sleep(1.5)  # what was let go before is given back
    (process / "clear_refs").write_text("5")
    rest = mebibytes(process, "VmRSS")
    with page.expect_download() as found:
        page.get_by_role("button", name="PDF", exact=True).click()
    assert found.value.path().stat().st_size > 300_000
    assert mebibytes(process, "VmHWM") - rest < 40
    assert "matplotlib" not in (process / "maps").read_text()
