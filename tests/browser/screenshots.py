"""Makes the README's pictures, and one of each page at each size and theme: ``make screenshots``.

All show drawn digits.  The README's go to ``.github/pictures``, the others to ``screenshots``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.bench_page import BenchPage, until
from tests.browser.server import ROOT, browser_path, chromium, dashboard

README_PICTURES = ROOT / ".github" / "pictures"
LOOK_AT = ROOT / "screenshots"
SIZES = {"laptop": (1366, 768), "small": (1024, 700), "desktop": (1920, 1080), "phone": (390, 844)}
# Each part of the page in use: which neuron is shown, and the command that opens it.
PARTS = {
    "palette": ("1.5", ""),
    "stamp": ("1.5", "stamp"),
    "families": ("1.5", "family"),
    "classes": ("1.5", "neuron ×"),
    "confusion": ("1.5", "confusion"),
    "compare": ("1.5", "compare two"),
    "why": ("1.5", "why this answer"),
    "coach": ("1.5", "coach: what"),
    "coach-later": ("2.4", "coach: what"),
    "provenance": ("1.5", "where the weights"),
    "later": ("2.4", None),
    "clause": ("2.4", "clause"),
    "matrix": ("2.4", "matrix"),
    "column": ("2.4", "column"),
    "fit": ("1.5", "fit the rest"),
    "exercises": ("1.5", "exercises"),
    "walk": ("1.5", "walk through"),
}
LOOKING = {"neuron": 3700, "network": 4200, "compare": 2600}
"""Pages that look into a network, and how high a window shows all of it; twice that on a phone."""


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
    by_hand(browser, address)


def by_hand(browser: Browser, address: str) -> None:
    """A network set by hand: a sentence about features with names, and which class fires which."""
    bench = workbench(browser, address, "?network=handmade&neuron=2.0&digit=0", (1366, 768), "dark")
    bench.js("bench.commands.open('clause')")
    bench.page.keyboard.press("Enter")
    bench.page.locator(".layer").first.get_by_role("button", name="classes").click()
    bench.page.mouse.move(700, 500)
    until(bench.page, "Boolean(bench.store.extra('ahead')?.fresh)", timeout=90_000)
    bench.settle()
    bench.page.wait_for_timeout(500)
    bench.page.screenshot(path=README_PICTURES / "by-hand.png")


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


def all_looking(browser: Browser, address: str) -> None:
    """What looks into a network, at every size: what is in sight first, and the whole."""
    LOOK_AT.mkdir(exist_ok=True)
    for page_name, whole in LOOKING.items():
        for number, (name, size) in enumerate(SIZES.items()):
            theme = "dark" if number % 2 else "light"
            window = browser.new_context(
                viewport={"width": size[0], "height": size[1]}, color_scheme=theme  # type: ignore[arg-type]
            )  # fmt: skip
            page = window.new_page()
            page.goto(f"{address}/{page_name}?network=mnist-sigmoid&neuron=1.8&digit=11")
            page.locator(".looking:not(.waiting)").wait_for()
            page.locator(".analysis").wait_for(state="hidden", timeout=90_000)
            page.locator("figure.stale").first.wait_for(state="detached")
            page.wait_for_timeout(600)
            page.screenshot(path=LOOK_AT / f"{page_name}-{name}-{theme}.png")
            height = whole * (2 if name == "phone" else 1)
            page.set_viewport_size({"width": size[0], "height": height})
            page.wait_for_timeout(900)
            page.screenshot(path=LOOK_AT / f"{page_name}-whole-{name}-{theme}.png")
            window.close()


def all_learning(browser: Browser, address: str) -> None:
    """A training: under way, and its last epoch, at every size."""
    LOOK_AT.mkdir(exist_ok=True)
    for number, (name, size) in enumerate(SIZES.items()):
        theme = "dark" if number % 2 else "light"
        window = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=theme  # type: ignore[arg-type]
        )  # fmt: skip
        page = window.new_page()
        page.goto(f"{address}/learning?network=random")
        page.get_by_role("button", name="Train", exact=True).click()
        page.locator(".under-way", has_text="left").wait_for(timeout=60_000)
        page.wait_for_timeout(600)
        page.screenshot(path=LOOK_AT / f"learning-under-way-{name}-{theme}.png")
        page.locator(".scrub:not([hidden])").wait_for(timeout=90_000)
        page.wait_for_timeout(600)
        page.screenshot(path=LOOK_AT / f"learning-{name}-{theme}.png")
        page.set_viewport_size({"width": size[0], "height": 2400})
        page.wait_for_timeout(600)
        page.screenshot(path=LOOK_AT / f"learning-whole-{name}-{theme}.png")
        window.close()


def all_parts(browser: Browser, address: str, wanted: list[str]) -> None:
    """Every part at every size, in light or dark, or those that are named."""
    LOOK_AT.mkdir(exist_ok=True)
    for part, (neuron, command) in PARTS.items():
        if wanted and part not in wanted:
            continue
        for number, (name, size) in enumerate(SIZES.items()):
            theme = "dark" if number % 2 else "light"
            query = f"?network=mnist-sigmoid&neuron={neuron}&digit=11"
            bench = workbench(browser, address, query, size, theme)
            bench.stroke((9, 7), (13, 14), (11, 21))
            bench.settle()
            if command is not None:
                bench.js("text => bench.commands.open(text)", command)
                if command:
                    bench.page.keyboard.press("Enter")
            bench.page.wait_for_timeout(900)
            bench.page.screenshot(path=LOOK_AT / f"part-{part}-{name}-{theme}.png")
            bench.page.context.close()


def main() -> None:
    path = browser_path()
    if not path:
        sys.exit("no browser")
    with chromium(path) as browser, dashboard("mnist-sigmoid", "drawn") as address:
        if "--parts" in sys.argv:
            all_parts(browser, address, sys.argv[sys.argv.index("--parts") + 1 :])
        elif "--looking" in sys.argv:
            all_looking(browser, address)
        elif "--learning" in sys.argv:
            all_learning(browser, address)
        else:
            readme(browser, address)
        if not {"--readme", "--parts", "--looking", "--learning"} & set(sys.argv):
            all_sizes(browser, address)
            all_looking(browser, address)
            all_learning(browser, address)
            all_parts(browser, address, [])
    for folder in (README_PICTURES, LOOK_AT):
        for picture in sorted(Path(folder).glob("*.png")):
            print(picture.relative_to(ROOT))


if __name__ == "__main__":
    main()
