"""A walk through everything that is on the pages: nobody else is asked for anything.

Every test that opens a page through ``open_page`` watches it in the same way (``watch`` in
``conftest.py``); this one watches the server too, and goes everywhere.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.bench_page import BenchPage
from tests.browser.conftest import watch
from tests.dashboard.test_guard import watched

# A script in the page, a script from elsewhere, a word to elsewhere.
_FORBIDDEN = """() => {
  document.head.append(Object.assign(document.createElement('script'), {text: 'window.done = 1'}));
  document.head.append(Object.assign(document.createElement('script'), {src: 'http://192.0.2.1/'}));
  fetch('http://192.0.2.1/').catch(() => {});
}"""


def test_a_walk_through_all_pages_and_tools_asks_no_other_host(
    browser: Browser, tmp_path: Path
) -> None:
    problems: list[str] = []
    with watched(tmp_path, "toolkit app") as server:
        window = browser.new_context(viewport={"width": 1366, "height": 768})
        page = window.new_page()
        watch(page, server.address, problems)
        page.goto(f"{server.address}/")
        bench = BenchPage(page)
        _work(bench)
        _the_other_pages(bench)
        assert problems == []
        page.evaluate(_FORBIDDEN)
        page.wait_for_timeout(500)
        for what in ("inline script", "Loading the script", "Connecting to", "another host"):
            assert any(what in each for each in problems), f"it is noticed: {problems}"
        window.close()
        assert server.asked_outside == []


def _work(bench: BenchPage) -> None:
    page = bench.page
    for number in range(page.locator("[data-tool]:visible").count()):
        page.locator("[data-tool]:visible").nth(number).click()
        bench.stroke((5, 5), (12, 9 + number))
    bench.settle()
    for number in range(page.locator("[data-menu]:visible").count()):
        page.locator("[data-menu]:visible").nth(number).click()
        page.keyboard.press("Escape")
    page.locator("[data-menu=download]").click()
    with page.expect_download():
        page.get_by_role("menuitem").first.click()
    page.keyboard.press("Control+z")
    bench.settle()


def _the_other_pages(bench: BenchPage) -> None:
    page = bench.page
    page.get_by_role("link", name="Atlas").click()
    # The workbench has a button of that name too, and is there until the atlas comes.
    page.get_by_text("usefulness").first.wait_for()
    page.get_by_role("button", name="Download").click()
    with page.expect_download():
        page.get_by_role("button", name="PNG", exact=True).click()
    page.keyboard.press("Escape")
    page.get_by_text("usefulness").first.click()
    for name, shown in (
        ("Neuron", "What it looks for"), ("Network", "What it reads"),
        ("Compare", "Whose neuron is whose?"), ("Learning", "weight decay"),
    ):  # fmt: skip
        page.get_by_role("link", name=name, exact=True).first.click()
        page.get_by_text(shown, exact=True).first.wait_for()
    page.get_by_role("link", name="Experiments").click()
    page.locator(".card").first.wait_for()
    page.get_by_role("link", name="Workbench").click()
    bench.find()
