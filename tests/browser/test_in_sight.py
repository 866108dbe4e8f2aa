"""What one looks at is in sight: the outputs of a wide network, and all of it beside notices."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.bench_page import BenchPage
from toolkit.formats import dumps
from toolkit.network import Network

SIZES = {"laptop": (1366, 768), "desktop": (1920, 1080), "phone": (390, 844)}
SMALL = ((1280, 640), (1024, 700))
SHORT = {"code": "opened", "fields": {"name": "random"}}
LONG = {
    "code": "upload-failed",
    "kind": "error",
    "fields": {"file": "mine.pt", "text": "expected fully connected layers alone; got more " * 2},
}


def upload(address: str, network: Network) -> str:
    """Open a network as a file is, and return its experiment."""
    request = urllib.request.Request(
        f"{address}/weight-maps/upload?name=x.npz", dumps(network, ".npz"), {"X-Weight-Maps": "1"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return str(json.load(answer)["experiment"])


def boxes(page: Page, selector: str) -> list[dict[str, float]]:
    found: list[dict[str, float]] = page.locator(selector).evaluate_all(
        "all => all.map(each => each.getBoundingClientRect().toJSON())"
    )
    return [box for box in found if box["width"]]


def bottom(box: dict[str, float]) -> float:
    return box["y"] + box["height"]


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    return (
        one["x"] < other["x"] + other["width"] and other["x"] < one["x"] + one["width"]
        and one["y"] < bottom(other) and other["y"] < bottom(one)
    )  # fmt: skip


def test_a_wide_network_s_outputs_and_accuracy_are_in_sight(
    open_page: Callable[..., BenchPage], serve: Callable[..., str]
) -> None:
    id = upload(serve(), Network.random((784, 120, 120, 10), seed=1))
    bench = open_page(query=f"?experiment={id}&neuron=1.110")
    page = bench.page
    for width, height in (SIZES["laptop"], SIZES["desktop"]):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(200)
        rows = boxes(page, ".output")
        assert len(rows) == 10
        for each in [*rows, *boxes(page, ".accuracy"), *boxes(page, ".bias-view")]:
            assert each["y"] > 0 and bottom(each) <= height
        assert all(each["height"] > 100 for each in boxes(page, ".neurons"))
        (chosen,), (layer, _) = boxes(page, ".neuron.selected"), boxes(page, ".neurons")
        assert layer["y"] <= chosen["y"] and bottom(chosen) <= bottom(layer) + 1


def test_all_is_in_sight_and_notices_cover_neither_map_nor_menu(
    open_page: Callable[..., BenchPage],
) -> None:
    bench = open_page(hint=True)
    page = bench.page
    for width, height in SMALL:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(200)
        (map_,) = boxes(page, "canvas.map")
        assert map_["width"] >= 13 * 28
        shown = boxes(page, ".output") + boxes(page, ".bias-view") + boxes(page, ".tools label")
        (hint,) = boxes(page, ".hint")
        for each in [*shown, *boxes(page, ".neuron"), hint]:
            assert each["y"] > 0 and bottom(each) <= height
            assert each["x"] > 0 and each["x"] + each["width"] <= width
        assert not [each for each in [*shown, map_] if overlap(hint, each)], "it is in no way"
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(400)  # the page is laid out anew
        bench.js("bench.notices.clear()")
        bench.js("""notices => notices.forEach((each) => bench.say(each))""", [SHORT, LONG])
        for menu in ("network", "digits", "download"):
            page.locator(f"[data-menu={menu}]").click()
            said = boxes(page, ".said")
            assert len(said) == 2
            work = boxes(page, "canvas.map") + boxes(page, ".menu") + boxes(page, ".accuracy")
            assert len(work) == 3
            work += boxes(page, ".hint")
            assert not [(one, other) for one in said for other in work if overlap(one, other)]
            page.keyboard.press("Escape")
        # Nothing lies over a notice either: its button can be pressed.
        page.locator(".said", has_text="mine.pt").get_by_role("button", name="Close").click()
        assert len(boxes(page, ".said")) == 1


def test_a_card_covers_nothing_of_what_one_looks_at(open_page: Callable[..., BenchPage]) -> None:
    bench = open_page(query="?network=handmade&neuron=1.4&digit=3")
    page = bench.page
    look_at = ("canvas.map", ".digit-view", ".verdict", ".bias-view", ".neuron", ".output")
    for width, height in (SIZES["laptop"], *SMALL):
        page.set_viewport_size({"width": width, "height": height})
        page.keyboard.press("Control+k")
        page.keyboard.type("stamp a whole layer")
        page.keyboard.press("Enter")
        page.wait_for_timeout(100)
        (dock,), (done,) = boxes(page, ".dock"), boxes(page, ".trying .primary")
        assert dock["x"] > 0 and bottom(dock) <= height and dock["width"] > 270
        assert bottom(done) <= bottom(dock), "what lays it is in sight"
        seen = [each for selector in look_at for each in boxes(page, selector)]
        assert len(seen) > 45 and not [each for each in seen if overlap(dock, each)]
        page.keyboard.press("Escape")
    # What lies over the map is turned off among the tools again: its card stands elsewhere.
    page.get_by_label("coach", exact=True).check()
    (coach,) = boxes(page, ".dock")
    for each in [*boxes(page, ".tools *"), *boxes(page, ".bias-view"), *boxes(page, ".map")]:
        assert not overlap(coach, each)
    page.get_by_label("coach", exact=True).uncheck()
    assert not boxes(page, ".dock")
    # A card on a phone has the lower half; what is said meanwhile does not lie over it.
    page.set_viewport_size({"width": SIZES["phone"][0], "height": SIZES["phone"][1]})
    page.keyboard.press("Control+k")
    page.keyboard.type("fit the rest")
    page.keyboard.press("Enter")
    bench.js("notice => bench.say(notice)", SHORT)
    (dock,), (said,) = boxes(page, ".dock"), boxes(page, ".said")
    assert not overlap(dock, said) and said["y"] >= 0


def test_on_a_phone_the_drawer_of_pages_closes_when_one_is_chosen(
    open_page: Callable[..., BenchPage],
) -> None:
    page = open_page("blank", size=SIZES["phone"], has_touch=True, is_mobile=True).page
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("link", name="Atlas").click()
    page.get_by_text("Sort by").wait_for()
    page.get_by_test_id("stExpandSidebarButton").wait_for()


def test_a_dark_screen_is_dark_before_any_script_has_run(serve: Callable[..., str]) -> None:
    with urllib.request.urlopen(serve(), timeout=20) as answer:
        page, length = answer.read(), int(answer.headers["Content-Length"])
    assert len(page) == length
    head = page.partition(b"<head>")[2]
    assert head.startswith(b"<style>@media (prefers-color-scheme: dark)")
    assert page.count(b"</html>") == 1
