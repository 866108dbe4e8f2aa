"""Makes the README's pictures, and one of each page at each size and theme: ``make screenshots``.

All show drawn digits.  The README's go to ``.github/pictures``, the others to ``screenshots``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.bench_page import BenchPage
from tests.browser.server import ROOT, browser_path, chromium, dashboard

README_PICTURES = ROOT / ".github" / "pictures"
LOOK_AT = ROOT / "screenshots"
SIZES = {"laptop": (1366, 768), "desktop": (1920, 1080), "phone": (390, 844)}


def workbench(
    browser: Browser, address: str, query: str, size: tuple[int, int], theme: str
) -> BenchPage:
    window = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=theme  # type: ignore[arg-type]
    )  # fmt: skip
    window.add_init_script("localStorage.setItem('weight-map-toolkit.hint', 'seen')")
    page = window.new_page()
    page.goto(f"{address}/{query}")
    return BenchPage(page)


def paint_edge_detector(bench: BenchPage) -> None:
    """Green where the ink should be, red just above it, and a threshold: an edge detector."""
    page = bench.page
    page.keyboard.press("l")
    page.locator(".size").fill("2")
    page.locator(".soft").uncheck()
    bench.stroke((9, 10), (9, 18))
    page.keyboard.press("x")
    bench.stroke((6, 10), (6, 18))
    bias = page.get_by_role("textbox", name="Bias")
    bias.fill("-8")
    bias.press("Enter")
    bench.settle()
    page.get_by_role("combobox", name="Class").select_option("7")
    bench.settle()
    page.locator("[data-overlay=ghost]").check()
    page.mouse.move(*bench.at(9.5, 14.5))
    page.wait_for_timeout(300)


def readme(browser: Browser, address: str) -> None:
    README_PICTURES.mkdir(parents=True, exist_ok=True)
    bench = workbench(
        browser, address, "?network=mnist-sigmoid&neuron=1.3&digit=6", (1366, 768), "dark"
    )
    bench.page.locator(".mode").select_option("add")
    bench.page.locator(".strength").fill("-0.9")
    bench.stroke((17, 8), (20, 12), (20, 17))
    bench.settle()
    bench.page.wait_for_timeout(400)
    bench.page.screenshot(path=README_PICTURES / "workbench.png")
    bench = workbench(browser, address, "?network=blank&neuron=1.0", (1366, 768), "light")
    paint_edge_detector(bench)
    bench.page.screenshot(path=README_PICTURES / "edge-detector.png")


def all_sizes(browser: Browser, address: str) -> None:
    LOOK_AT.mkdir(exist_ok=True)
    for name, size in SIZES.items():
        for theme in ("light", "dark"):
            query = "?network=mnist-sigmoid&neuron=1.5&digit=11"
            bench = workbench(browser, address, query, size, theme)
            page = bench.page
            bench.stroke((9, 7), (13, 14), (11, 21))
            bench.settle()
            page.wait_for_timeout(300)
            page.screenshot(path=LOOK_AT / f"workbench-{name}-{theme}.png")
            if name == "phone":  # the page scrolls inside: a tall window shows all of it
                page.set_viewport_size({"width": size[0], "height": 2100})
                page.wait_for_timeout(300)
                page.screenshot(path=LOOK_AT / f"workbench-whole-{name}-{theme}.png")
                page.set_viewport_size({"width": size[0], "height": size[1]})
            bench.select(2, 4)
            page.wait_for_timeout(300)
            page.screenshot(path=LOOK_AT / f"later-{name}-{theme}.png")
            page.goto(f"{address}/atlas{query}")
            page.wait_for_timeout(4000)
            page.screenshot(path=LOOK_AT / f"atlas-{name}-{theme}.png")
            page.context.close()


def main() -> None:
    path = browser_path()
    if not path:
        sys.exit("no browser")
    with chromium(path) as browser, dashboard("mnist-sigmoid", "drawn") as address:
        readme(browser, address)
        if "--readme" not in sys.argv:
            all_sizes(browser, address)
    for folder in (README_PICTURES, LOOK_AT):
        for picture in sorted(Path(folder).glob("*.png")):
            print(picture.relative_to(ROOT))


if __name__ == "__main__":
    main()
