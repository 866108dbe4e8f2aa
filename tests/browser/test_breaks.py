"""Whatever breaks between hand and disk, the work is there afterwards, and it is said in words."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.bench_page import BenchPage, until
from tests.browser.line import Line
from tests.browser.server import Server
from toolkit.experiments import Experiment, Workspace, replay
from toolkit.network import Network

SESSION_SECONDS = 1


class World:
    """A server, a line to it, and browser windows."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "workspace.sqlite"
        self.server = Server(self.workspace, session_seconds=SESSION_SECONDS).start()
        self.line = Line(self.server.port)
        self.take: Callable[..., Page]
        self._window: BrowserContext | None = None

    def begin(self, take: Callable[..., Page]) -> None:
        """Begin anew, with windows in which nobody was here; the workspace stays."""
        self.take, self._window = take, None

    def new_page(self) -> Page:
        """Return a page of one and the same window."""
        page = self._window.new_page() if self._window else self.take(self.line.address)
        self._window = page.context
        return page

    def open(self, query: str = "?network=random", page: Page | None = None) -> BenchPage:
        page = page or self.new_page()
        page.goto(f"{self.line.address}/{query}")
        return BenchPage(page)

    def stored(self, id: str) -> Experiment:
        workspace = Workspace(self.workspace)
        try:
            return workspace.load(id)
        finally:
            workspace.close()

    def mend(self) -> None:
        """Let all be whole again, whatever a test broke."""
        self.line.delay = 0.0
        self.line.mend()
        if self.server.process is None or self.server.process.poll() is not None:
            self.server.start()

    def close(self) -> None:
        self.line.__exit__(None, None, None)
        self.server.close()


@pytest.fixture(scope="module")
def one_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    found = World(tmp_path_factory.mktemp("world"))
    yield found
    found.close()


@pytest.fixture
def world(one_world: World, take: Callable[..., Page]) -> Iterator[World]:
    one_world.begin(take)
    yield one_world
    one_world.mend()


def strokes(bench: BenchPage, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        row, column = 3 + (5 * number) % 20, 3 + (7 * number) % 17
        bench.stroke((row, column), (row + 2, column + 4), steps=2)


def experiment_of(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query)["experiment"][0]


def back_again(bench: BenchPage) -> BenchPage:
    """Look at the page again after it was loaded anew."""
    bench.find()
    bench.settle()
    return bench


def check(world: World, bench: BenchPage, steps: int, start: Network | None = None) -> Experiment:
    """Page, disk, and the same edits in Python are one network, to the bit."""
    bench.settle()
    stored = world.stored(experiment_of(bench.page))
    assert stored.cursor == steps
    assert bench.state["history"]["cursor"] == steps
    edits = [step.edit for step in stored.steps[: stored.cursor]]
    assert replay(start or Network.random(), edits).network == stored.network
    assert bench.network() == stored.network
    return stored


def said(bench: BenchPage, words: str) -> None:
    """Wait until the page has said something."""
    until(
        bench.page,
        "words => (bench.heard ?? []).some((text) => text.includes(words))", arg=words,
        timeout=15_000,
    )  # fmt: skip


def test_killed_after_the_accuracy_was_shown_it_opens_as_it_was(world: World) -> None:
    bench = world.open()
    strokes(bench, 8)
    bench.settle()
    made = bench.network()
    world.server.kill()
    world.server.start()
    bench.page.reload()
    back_again(bench)
    check(world, bench, 8)
    assert bench.network() == made


def test_a_server_restarted_under_the_open_page_gets_what_was_painted_meanwhile(
    world: World,
) -> None:
    bench = world.open()
    strokes(bench, 8)
    bench.settle()
    world.server.kill()
    strokes(bench, 3, first=8)
    bench.page.wait_for_timeout(1500)
    assert bench.page.locator(".connection").is_visible(), "said while it lasts"
    world.server.start()
    said(bench, "Connected again")
    check(world, bench, 11)


def test_a_line_cut_for_longer_than_a_session_lives_loses_nothing(world: World) -> None:
    bench = world.open()
    strokes(bench, 10)
    bench.settle()
    world.line.cut()
    strokes(bench, 3, first=10)
    bench.page.wait_for_timeout(1000 * SESSION_SECONDS + 2500)
    world.line.mend()
    said(bench, "Connected again")
    check(world, bench, 13)
    bench.page.reload()
    check(world, back_again(bench), 13)


@pytest.mark.parametrize("how", ["reload", "close"])
def test_strokes_made_while_cut_off_outlive_the_page(world: World, how: str) -> None:
    bench = world.open()
    world.line.cut()
    strokes(bench, 5)
    bench.page.wait_for_timeout(300)
    address = bench.page.url
    if how == "close":
        bench.page.close()
        world.line.mend()
        bench = world.open(address.partition("/?")[2] and "?" + address.partition("/?")[2])
    else:
        world.line.mend()
        bench.page.reload()
        back_again(bench)
    said(bench, "5")
    check(world, bench, 5)


def test_a_bare_address_offers_to_go_on(world: World) -> None:
    bench = world.open()
    strokes(bench, 6)
    bench.settle()
    id = experiment_of(bench.page)
    bench.page.goto(f"{world.line.address}/")
    bench.find()
    bench.page.get_by_role("button", name="Go on").click()
    until(bench.page, "id => bench.store.state?.experiment === id", arg=id)
    check(world, bench, 6)


def test_the_same_address_opens_the_same_work_in_a_new_tab(world: World) -> None:
    bench = world.open()
    strokes(bench, 6)
    bench.settle()
    query = bench.page.url.partition("/?")[2]
    bench.page.close()
    check(world, world.open(f"?{query}", world.take(world.line.address)), 6)


def test_a_reload_on_the_atlas_keeps_the_work(world: World) -> None:
    bench = world.open()
    strokes(bench, 6)
    bench.settle()
    page = bench.page
    page.get_by_text("Atlas", exact=True).first.click()
    page.locator(".maps button").first.wait_for()
    page.reload()
    page.locator(".maps button").first.wait_for()
    page.locator('[data-neuron="1.2"]').click()
    bench.find()
    check(world, bench, 6)
    assert bench.state["selected"] == [1, 2]


def test_a_reload_right_after_opening_another_network_loses_neither(world: World) -> None:
    bench = world.open()
    strokes(bench, 4)
    bench.settle()
    id, page = experiment_of(bench.page), bench.page
    page.locator("[data-menu=network]").click()
    page.get_by_role("menuitem", name="blank", exact=True).click()
    page.wait_for_timeout(100)
    page.reload()
    back_again(bench)
    assert world.stored(id).cursor == 4
    page.goto(f"{world.line.address}/?experiment={id}")
    bench.find()
    check(world, bench, 4)


@pytest.mark.parametrize("delay", [0.0, 0.15])
def test_back_right_after_the_pointer_is_up_loses_nothing(world: World, delay: float) -> None:
    bench = world.open()
    page = bench.page
    strokes(bench, 1)
    bench.settle()
    page.get_by_text("Atlas", exact=True).first.click()
    page.locator(".maps button").first.wait_for()
    page.locator('[data-neuron="1.3"]').click()
    bench.find()
    id = experiment_of(page)
    world.line.delay = delay
    strokes(bench, 7, first=1)
    page.evaluate("setTimeout(() => history.back(), 15)")
    page.locator(".maps button").first.wait_for()
    page.wait_for_timeout(1000)
    world.line.delay = 0.0
    page.goto(f"{world.line.address}/?experiment={id}")
    bench.find()
    check(world, bench, 8)


def test_three_experiments_in_a_row_are_all_within_reach(world: World) -> None:
    bench, ids = world.open("?network=blank"), []
    page = bench.page
    for number, name in enumerate(("A", "B", "C")):
        strokes(bench, number + 1)
        bench.settle()
        page.locator("[data-menu=network]").click()
        page.get_by_role("menu").get_by_role("textbox", name="Name").fill(name)
        page.get_by_role("button", name="rename").click()
        bench.settle()
        ids.append(experiment_of(page))
        page.locator("[data-menu=network]").click()
        page.get_by_role("menuitem", name="blank", exact=True).click()
        until(page, "id => bench.store.state?.experiment !== id", arg=ids[-1])
        bench.settle()
    page.locator("[data-menu=network]").click()
    for name in ("A", "B", "C"):
        assert page.get_by_role("menuitem", name=re.compile(rf"^back to {name}\b")).count() > 0
    page.get_by_role("menuitem", name=re.compile(r"^back to A\b")).click()
    until(page, "id => bench.store.state?.experiment === id", arg=ids[0])
    assert check(world, bench, 1, Network.blank()).name == "A"


def test_two_tabs_see_each_other_and_undo_their_own(world: World) -> None:
    one = world.open()
    strokes(one, 1)
    one.settle()
    two = world.open(f"?experiment={experiment_of(one.page)}")
    strokes(two, 1, first=1)
    two.settle()
    until(one.page, "bench.store.state.history.cursor === 2")
    assert one.network() == two.network()
    one.page.keyboard.press("Control+z")
    said(one, "another window")
    assert one.state["history"]["cursor"] == 2
    one.page.get_by_role("button", name="Undo it").click()
    until(two.page, "bench.store.state.history.cursor === 1")
    one.page.locator("[data-menu=network]").click()
    one.page.get_by_role("menuitem", name="blank", exact=True).click()
    until(one.page, "!bench.store.layers[0].weights.some(Boolean)")
    strokes(two, 1, first=2)
    two.settle()
    assert check(world, two, 2).start == Network.random()
    assert not one.network().layer(1).weights.any()


def test_painting_while_another_network_is_opened_wedges_nothing(
    world: World, tmp_path: Path
) -> None:
    from toolkit.formats import save

    save(Network.random((784, 12, 10), seed=4), tmp_path / "two.npz")
    bench = world.open()
    bench.select(3, 4)
    id = bench.state["experiment"]
    mouse, (x, y) = bench.page.mouse, bench.at(1.5, 1.5, 4, 4)
    bench.js("bench.fileKind = 'upload'")
    bench.page.locator("input.file").set_input_files(tmp_path / "two.npz")
    mouse.move(x, y)
    mouse.down()
    until(bench.page, "id => bench.store.state?.experiment !== id", arg=id)
    mouse.up()
    bench.settle()
    assert bench.state["sizes"] == [784, 12, 10]
    bench.select(1, 3)
    strokes(bench, 2)
    bench.settle()
    assert bench.state["history"]["cursor"] == 2
    assert bench.network() == world.stored(experiment_of(bench.page)).network


def test_people_who_open_the_page_at_once_all_get_it(world: World) -> None:
    pages = [world.take(world.line.address) for _ in range(4)]
    for page in pages:
        page.goto(f"{world.line.address}/", wait_until="commit")
    for page in pages:
        BenchPage(page)
        assert "encountered an error" not in page.inner_text("body")


def test_a_stroke_is_answered_in_less_than_25_kilobytes(world: World) -> None:
    sizes: list[int] = []
    page = world.new_page()

    def watch(socket: Any) -> None:
        if "weight-maps" in socket.url:
            socket.on("framereceived", lambda frame: sizes.append(len(frame)))

    page.on("websocket", watch)
    page.goto(f"{world.line.address}/?network=random")
    bench = BenchPage(page)
    until(page, "bench.store.means.levels.length")  # which come once, when they are worked out
    bench.settle()
    for number in range(6):
        sizes.clear()
        strokes(bench, 1, first=number)
        bench.settle()
        page.wait_for_timeout(100)
        assert 0 < sum(sizes) <= 25_000, sizes
    page.remove_listener("websocket", watch)


def test_100_strokes_and_25_undos_through_every_break(world: World) -> None:
    bench, rng = world.open(), random.Random(7)
    page = bench.page
    made = undone = 0
    while made < 100:
        row, column = rng.uniform(2, 24), rng.uniform(2, 22)
        bench.stroke((row, column), (row + 2, column + 4), steps=2)
        made += 1
        if made % 4 == 0:
            page.keyboard.press("Control+z")
            undone += 1
        if made % 12:
            continue
        match (made // 12) % 5:
            case 1:  # in the middle of a stroke, which then never was
                bench.stroke((5, 5), (9, 9), release=False)
                page.reload()
                page.mouse.up()
            case 2:
                page.wait_for_timeout(20)
                page.reload()
            case 3:
                world.line.cut()
                bench.stroke((12, 4), (14, 9), steps=2)
                made += 1
                page.wait_for_timeout(1000 * SESSION_SECONDS + 1500)
                world.line.mend()
                page.wait_for_timeout(100)
            case 4:
                world.server.kill()
                world.server.start()
            case _:
                query = page.url.partition("/?")[2]
                page.close()
                bench = world.open(f"?{query}")
                page = bench.page
        back_again(bench)
    stored = check(world, bench, made - undone)
    assert sum(np.count_nonzero(layer.weights) for layer in stored.network.layers) > 0
