"""Stamps and moves of a whole map: by mouse, by keyboard and by touch, the edit is Python's."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import CDPSession

from tests.browser.bench_page import BenchPage, until
from toolkit.digits import open_digits
from toolkit.edits import Combine, Edit, Move, PutStamp
from toolkit.experiments import read_recipe
from toolkit.stamps import FAMILIES, SHAPES, class_difference

DRAWN = [shape for shape in SHAPES if shape != "picture"]

END = "bench.stamping.shownHandles().find(each => each.name === 'end').at"


def made(bench: BenchPage) -> list[PutStamp]:
    """Return the stamps that the server has laid, in order; page, server and replay agree."""
    bench.settle()
    place = urlsplit(bench.page.url)
    url = f"{place.scheme}://{place.netloc}/weight-maps/download/{bench.state['experiment']}"
    with urllib.request.urlopen(f"{url}?what=recipe", timeout=20) as answer:
        experiment = read_recipe(answer.read())
    assert experiment.network == bench.stored == bench.network()
    laid = [step.edit for step in experiment.steps[: experiment.cursor]]
    return [edit for edit in laid if isinstance(edit, PutStamp)]


def rendered(edits: list[PutStamp], neuron: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Lay stamps on a blank neuron with what Python renders of each."""
    row = np.zeros(784, np.float32)
    for edit in edits:
        if edit.neuron == neuron:
            row += edit.stamp.render().ravel()
    return row


def shown(bench: BenchPage, neuron: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(bench.js("j => [...bench.store.row(1, j)]", neuron), np.float32)


def choose(bench: BenchPage, shape: str) -> None:
    bench.page.get_by_role("combobox", name="Shape").select_option(shape)


def finger(cdp: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    places = [{"x": x, "y": y} for x, y in points]
    cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})


def fires_as_often_as_said(bench: BenchPage, neuron: int) -> None:
    """The panel says how often the neuron fires with the weights on show, laid or not."""
    digits = open_digits("drawn")
    z = bench.network().forward(digits.images).pre_activations[0][:, neuron]
    share = 100 * float((z > 0).mean())
    text = f"{share:.1f}" if 0 < share < 10 else f"{min(share + 0.5, 99.5) // 1:.0f}"
    said = "text => bench.root.querySelector('.firing').textContent === `fires on ${text}%`"
    until(bench.page, said, text)


def test_every_shape_is_laid_by_mouse_keyboard_and_touch(
    open_page: Callable[..., BenchPage],
) -> None:
    bench = open_page("blank", query="?network=blank&neuron=1.2", has_touch=True)
    page = bench.page

    # By mouse: place and end are dragged, and it is seen before it is laid.
    page.get_by_role("radio", name="stamp").click()
    places = [(6.25 + 2 * k, 16.75 - k) for k in range(len(DRAWN))]
    for shape, (row, column) in zip(DRAWN, places, strict=True):
        choose(bench, shape)
        bench.stroke(tuple(bench.js("bench.stamping.stamp.at")), (row, column), steps=1)
        bench.stroke(tuple(bench.js(END)), (row - 5, column + 3), steps=1)
        np.testing.assert_allclose(bench.js(END), (row - 5, column + 3), atol=0.4)
        preview = shown(bench, 2)
        assert bench.js("bench.store.preview.shape") == shape
        if shape == DRAWN[0]:
            fires_as_often_as_said(bench, 2)
        page.get_by_role("button", name="stamp", exact=True).click()
        np.testing.assert_array_equal(shown(bench, 2), preview)
    bench.settle()
    fires_as_often_as_said(bench, 2)
    # Where three has ink and seven has none, from the means of training digits.
    choose(bench, "difference")
    until(page, "bench.stamping.stands")
    page.get_by_role("checkbox", name="zero-sum").check()
    page.get_by_role("button", name="stamp", exact=True).click()
    *edits, difference = made(bench)
    training = open_digits("drawn", "train", 10_000)
    assert difference.stamp == class_difference(training, 3, 7, strength=1, zero_sum=True)
    assert abs(difference.stamp.render().sum()) < 1e-3
    page.keyboard.press("Control+z")
    bench.settle()
    assert [edit.stamp.shape for edit in edits] == DRAWN
    assert [edit.stamp.at for edit in edits] == places
    np.testing.assert_allclose(shown(bench, 2), rendered(edits, 2), atol=1e-5)
    page.keyboard.press("Control+z")
    assert made(bench) == edits[:-1]
    np.testing.assert_allclose(shown(bench, 2), rendered(edits[:-1], 2), atol=1e-5)

    # By keyboard alone.
    page.keyboard.press("b")
    bench.select(1, 3)
    bench.select(1, 4)
    page.keyboard.press("s")
    choose(bench, DRAWN[0])
    page.get_by_role("textbox", name="angle").fill("20")
    page.keyboard.press("Enter")
    start = bench.js("bench.stamping.stamp.at")
    for _ in DRAWN:
        for key in ("ArrowDown", "ArrowLeft", "Alt+ArrowLeft", "Alt+ArrowUp", "]", "}"):
            page.keyboard.press(key)
        page.keyboard.press("Enter")
        page.keyboard.press("s")
    page.keyboard.press("Escape")
    edits = [edit for edit in made(bench) if edit.neuron == 4]
    assert [edit.stamp.shape for edit in edits] == DRAWN
    for k, edit in enumerate(edits, 1):
        assert edit.stamp.number("angle") == 20 + 5 * k
        assert edit.stamp.at == (start[0] + k / 2, start[1] - k / 2)
    np.testing.assert_allclose(shown(bench, 4), rendered(edits, 4), atol=1e-5)

    # By touch: a finger drags it, and a double tap lays it where it stands.
    page.set_viewport_size({"width": 390, "height": 844})
    bench.select(1, 5)
    cdp = page.context.new_cdp_session(page)
    page.wait_for_timeout(400)  # it scrolls to the map
    for k, shape in enumerate(DRAWN):
        choose(bench, shape)
        page.locator("canvas.map").scroll_into_view_if_needed()
        at, to = tuple(bench.js("bench.stamping.stamp.at")), (8.5 + k, 18.5 - k)
        finger(cdp, "touchStart", bench.at(*at))
        finger(cdp, "touchMove", bench.at((at[0] + to[0]) / 2, (at[1] + to[1]) / 2))
        finger(cdp, "touchMove", bench.at(*to))
        finger(cdp, "touchEnd")
        for _ in range(2):
            finger(cdp, "touchStart", bench.at(*to))
            finger(cdp, "touchEnd")
        until(page, "!bench.store.preview")
    touched = [edit for edit in made(bench) if edit.neuron == 5]
    assert [edit.stamp.shape for edit in touched] == DRAWN
    assert [edit.stamp.at for edit in touched] == [(8.5 + k, 18.5 - k) for k in range(len(DRAWN))]
    np.testing.assert_allclose(shown(bench, 5), rendered(touched, 5), atol=1e-5)


def test_a_whole_map_is_moved_seen_first_and_undone(open_page: Callable[..., BenchPage]) -> None:
    bench = open_page("blank", query="?network=random&neuron=1.2")
    page = bench.page
    start = bench.network()

    def choose_move(name: str) -> None:
        page.locator("[data-menu=map]").click()
        page.get_by_role("menuitem", name=name).click()

    def find(written: str) -> None:
        page.keyboard.press("Control+k")
        page.keyboard.type(written)
        page.keyboard.press("Enter")

    def shown_as(edit: Edit) -> None:
        """What is tried is what Python makes of it, and the server has not heard of it."""
        np.testing.assert_array_equal(
            bench.network().layer(1).weights, edit.apply(before).layer(1).weights
        )
        assert not bench.js("bench.store.outbox.length")

    # A number with a slider: seen, left, tried again by keyboard, done.
    before = start
    choose_move("rotate…")
    page.get_by_role("slider", name="degrees, by slider").fill("40")
    shown_as(Move(1, 2, "rotate", angle=40))
    page.keyboard.press("Escape")
    assert bench.network() == start
    find("rotate")
    page.keyboard.type("-30")
    page.keyboard.press("ArrowDown")
    shown_as(Move(1, 2, "rotate", angle=-31))
    page.keyboard.press("Enter")
    find("flip left")
    # A region drawn on the map.
    choose_move("keep or clear a region…")
    bench.stroke((3.5, 4.5), (20.5, 11.5), steps=1)
    page.get_by_role("button", name="do it").click()
    # Copied into another neuron, and two neurons exchanged with all that they feed.
    page.locator("canvas.map").focus()
    page.keyboard.press("Control+c")
    bench.select(1, 7)
    page.locator("canvas.map").focus()
    page.keyboard.press("Control+v")
    choose_move("swap with another…")
    page.get_by_role("combobox", name="with").select_option("3")
    page.get_by_role("checkbox", name="what they feed, too").check()
    page.get_by_role("button", name="do it").click()
    # All of the layer in one step.
    bench.js("bench.setTool('stamp')")
    assert bench.js("bench.stamping.seen")
    find("stamp a whole")
    assert not bench.js("bench.stamping.seen"), "its handles lie over no family's preview"
    page.get_by_role("radio", name="rings and arcs").click()
    family = FAMILIES["loops"].on_layer()
    before = bench.network()
    page.get_by_role("button", name="do it").click()
    bench.settle()

    paste = start
    for edit in (
        Move(1, 2, "rotate", angle=-31),
        Move(1, 2, "flip", axis="left-right"),
        Move(1, 2, "mask", region=(3, 4, 21, 12)),
    ):
        paste = edit.apply(paste)
    weights, biases = paste.layer(1).weights.copy(), paste.layer(1).biases.copy()
    weights[7], biases[7] = weights[2], biases[2]
    pasted = paste.with_layer(1, weights=weights, biases=biases)
    swapped = Combine("swap", 1, 3, 7, outgoing=True).apply(pasted)
    assert bench.stored == bench.network() == family.apply(swapped)
    called = FAMILIES["loops"].members[7][0]
    assert bench.stored.names[1, 7] == called
    assert page.get_by_text(called).count() or page.get_by_title(called).count()
    for expected in (swapped, pasted, paste):
        page.keyboard.press("Control+z")
        bench.settle()
        assert bench.stored == bench.network() == expected
    for _ in range(3):
        page.keyboard.press("Control+z")
    bench.settle()
    assert bench.stored == bench.network() == start
