"""The main job, end to end: paint, and see the answer change."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.browser.bench_page import BenchPage, until
from toolkit.digits import load_drawn, open_digits
from toolkit.experiments import read_recipe
from toolkit.formats import load
from toolkit.network import Network
from toolkit.scoring import score

Open = Callable[..., BenchPage]


@pytest.mark.mnist
def test_a_stroke_shows_before_release_scores_after_it_and_undoes_to_the_same_bits(
    open_page: Open, mnist_folder: Path
) -> None:
    bench = open_page("mnist-sigmoid", str(mnist_folder), "?neuron=1.5&digit=12")
    before, outputs, accuracy = bench.network(), bench.shown_outputs, bench.accuracy
    assert before == load(Path("weights/mnist-sigmoid.npz"))

    bench.stroke((10, 8), (13, 20), release=False)
    until(bench.page, "!bench.pending")
    assert bench.shown_outputs != outputs
    assert bench.state["history"]["count"] == 0, "Python hears of a stroke when it ends"

    bench.page.mouse.up()
    bench.settle()
    digits = open_digits(mnist_folder, "test")
    assert len(digits) == 10_000
    assert bench.accuracy != accuracy
    assert bench.accuracy == score(bench.network(), digits).accuracy
    assert bench.page.locator(".accuracy").inner_text() == f"{100 * bench.accuracy:.2f}%"
    assert bench.network().checksum == bench.stored.checksum != before.checksum

    bench.page.keyboard.press("Control+z")
    bench.settle()
    assert bench.network() == before
    assert bench.stored.checksum == before.checksum
    assert bench.accuracy == accuracy
    assert bench.shown_outputs == outputs


def test_twenty_quick_strokes_with_undos_between_are_none_of_them_lost(open_page: Open) -> None:
    bench, rng, undone = open_page(), random.Random(5), 0
    for number in range(20):
        row, column = rng.uniform(2, 24), rng.uniform(2, 22)
        bench.stroke((row, column), (row + 2, column + 4), steps=3)
        bench.page.wait_for_timeout(rng.choice([0, 0, 5, 20, 60, 120, 250]))
        if number % 4 == 3:
            bench.page.keyboard.press("Control+z")
            undone += 1
            bench.page.wait_for_timeout(rng.choice([0, 0, 15, 100]))
    bench.settle()
    assert bench.state["history"]["cursor"] == 20 - undone
    assert bench.network().checksum == bench.stored.checksum
    for _ in range(3):
        bench.page.keyboard.press("Control+z")
    bench.settle()
    assert bench.state["history"]["cursor"] == 20 - undone - 3, "three quick undos are three undos"
    assert bench.network().checksum == bench.stored.checksum
    # A stroke among them leaves out what comes after it, unless one wants it all the same.
    count, later = bench.state["history"]["cursor"], bench.state["history"]["count"]
    later -= count
    bench.stroke((24, 4), (24, 20))
    left = bench.page.locator(".notice .said", has_text=f"{later} later steps")
    left.get_by_role("button", name="Do them again after it").click()
    bench.page.locator(".notice .said", has_text=f"{later} steps were done again").wait_for()
    bench.settle()
    assert bench.state["history"]["cursor"] == bench.state["history"]["count"] == count + 1 + later
    assert bench.network().checksum == bench.stored.checksum
    bench.page.keyboard.press("Control+z")
    bench.settle()
    assert bench.state["history"]["cursor"] == count + later
    bench.page.locator("[data-menu=history]").click()
    bench.page.get_by_role("menuitem", name="as loaded").click()
    bench.settle()
    assert bench.network().checksum == bench.stored.checksum
    assert bench.network() == Network.random()
    # What it left out is no matter of another experiment.
    bench.stroke((24, 4), (24, 20))
    bench.page.get_by_role("button", name="Do them again after it").wait_for()
    bench.js("bench.open({start: {network: 'blank'}})")
    until(bench.page, "bench.store.state.origin === 'blank'")
    assert not bench.page.get_by_role("button", name="Do them again after it").count()


def test_from_blank_a_person_paints_a_horizontal_edge_detector_that_fires_on_such_digits(
    open_page: Open, tmp_path: Path
) -> None:
    bench = open_page("blank", query="?neuron=1.0")
    page = bench.page
    assert not bench.network().layer(1).weights.any()

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

    network, digits = bench.network(), load_drawn(10_000, seed=1)
    shape = network.layer(1).weights[0].reshape(28, 28)
    assert (shape[8:10, 10:18] == 1).all(), "green where the ink should be"
    assert (shape[5:7, 10:18] == -1).all(), "red where it should not"
    assert network.layer(1).biases[0] == -8

    # What an edge is, said without any network: ink in the two rows, none above them.
    images = digits.images.reshape(-1, 28, 28)
    under, over = images[:, 8:10, 10:18].mean((1, 2)), images[:, 5:7, 10:18].mean((1, 2))
    has_edge, has_none = (under > 0.75) & (over < 0.1), under - over < 0.3
    assert has_edge.sum() > 300
    assert has_none.sum() > 3000
    fires = network.forward(digits.images).activations[0][:, 0] > 0.5
    assert fires[has_edge].mean() > 0.99
    assert fires[has_none].mean() < 0.01

    # And on the page: pick a digit that has the edge, and one that has not.
    shown = page.evaluate("bench.store.state.digits.count")
    assert shown == 10_000
    seen = {}
    for name, which in (("edge", "7"), ("none", "1")):
        page.get_by_role("combobox", name="Class").select_option(which)
        bench.settle()
        for _ in range(60):
            image = np.array(bench.js("[...bench.store.digit]")).reshape(28, 28)
            lower, upper = image[8:10, 10:18].mean(), image[5:7, 10:18].mean()
            if (lower > 0.75 and upper < 0.1) if name == "edge" else lower - upper < 0.3:
                break
            page.keyboard.press("n")
            bench.settle()
        seen[name] = bench.js("bench.store.trace.a[0][0]")
    assert seen["edge"] > 0.5 > seen["none"]
    assert bench.js("bench.store.trace.a[0][1]") == 0.5, "the neurons left blank do not care"


def test_all_of_it_can_be_done_from_the_keyboard(open_page: Open) -> None:
    bench = open_page("blank")
    page = bench.page
    page.locator("canvas.map").focus()
    page.keyboard.press("ArrowDown")  # shows the cursor, in the middle
    for key in ("ArrowUp", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    for _ in range(3):
        page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("-")
    bench.settle()
    row = bench.network().layer(1).weights[0].reshape(28, 28)
    assert row[12, 13] == pytest.approx(0.3)
    assert row[12, 14] == pytest.approx(-0.1)
    assert np.count_nonzero(row) == 2
    page.keyboard.press("e")
    page.keyboard.press("[")
    page.keyboard.press("[")
    page.locator("canvas.map").focus()
    page.keyboard.press("Space")
    bench.settle()
    assert bench.network().layer(1).weights[0, 12 * 28 + 14] == 0
    page.keyboard.press(".")
    bench.settle()
    assert bench.state["selected"] == [1, 1]
    page.keyboard.press("?")
    assert page.locator("dialog.keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("dialog.keys").is_visible()


def test_mirroring_has_its_axis_between_two_cells(open_page: Open) -> None:
    bench = open_page("blank")
    bench.page.locator(".size").fill("1")
    for mirror, expected in {
        "none": {(5, 3)},
        "left-right": {(5, 3), (5, 24)},
        "top-bottom": {(5, 3), (22, 3)},
        "both": {(5, 3), (5, 24), (22, 3), (22, 24)},
    }.items():
        bench.page.locator(".mirror").select_option(mirror)
        bench.stroke((5.5, 3.5))
        bench.settle()
        row = bench.network().layer(1).weights[0].reshape(28, 28)
        assert {tuple(map(int, cell)) for cell in np.argwhere(row)} == expected, mirror
        bench.button("Undo").click()
        bench.settle()


def test_each_tool_and_mode_does_what_it_says(open_page: Open) -> None:
    bench = open_page("blank")
    page = bench.page

    def row() -> np.ndarray:
        bench.settle()
        return bench.network().layer(1).weights[0].reshape(28, 28)

    page.keyboard.press("r")
    bench.stroke((4.5, 4.5), (7.5, 9.5))
    assert (row()[4:8, 4:10] == 1).all()
    assert np.count_nonzero(row()) == 24
    page.locator(".mode").select_option("add")
    bench.stroke((4.5, 4.5), (4.5, 5.5))
    assert row()[4, 4] == row()[4, 5] == 2
    page.locator(".mode").select_option("scale")
    page.locator(".strength").fill("0.477")  # ×3, on a scale of powers of ten
    bench.stroke((4.5, 4.5), (4.5, 4.5))
    assert row()[4, 4] == pytest.approx(6, rel=0.02)
    page.locator(".mode").select_option("smooth")
    bench.stroke((7.5, 9.5), (7.5, 9.5))
    assert row()[7, 9] == pytest.approx(4 / 9), "the mean of four ones and five zeros"
    page.locator(".mode").select_option("set")
    page.keyboard.press("g")
    page.keyboard.press("x")
    bench.stroke((20.5, 20.5))
    np.testing.assert_allclose(row()[10:], -3.0, rtol=0.02)
    assert row()[5, 5] == 1, "a fill stops where the weights change"
    page.keyboard.press("i")
    bench.stroke((5.5, 5.5))
    assert bench.js("bench.settings.strength") == pytest.approx(1)
    assert bench.js("bench.settings.tool") == "brush"
    page.keyboard.press("e")
    page.locator(".size").fill("1")
    bench.stroke((5.5, 5.5))
    assert row()[5, 5] == 0


def test_a_soft_brush_fades_and_does_not_depend_on_how_often_the_pointer_reports(
    open_page: Open,
) -> None:
    bench = open_page("blank")
    bench.page.locator(".size").fill("6")
    bench.stroke((10, 5), (10, 20), steps=60)
    bench.settle()
    fine = bench.network().layer(1).weights[0]
    bench.page.keyboard.press("Control+z")
    bench.stroke((10, 5), (10, 20), steps=2)
    bench.settle()
    coarse = bench.network().layer(1).weights[0]
    np.testing.assert_allclose(fine, coarse, atol=0.06)
    profile = fine.reshape(28, 28)[6:14, 12]
    assert profile.argmax() in (3, 4)
    assert 0 < profile[2] < profile[3]


def test_a_later_neuron_shows_where_its_weights_come_from_and_is_painted_too(
    open_page: Open,
) -> None:
    bench = open_page("random")
    bench.select(2, 5)
    assert "linear approximation" in bench.page.locator(".composed-note").inner_text()
    expected = bench.network().layer(2).weights[5] @ bench.network().layer(1).weights
    shown = np.array(bench.js("[...bench.store.maps.map(2, 5)]"))
    np.testing.assert_allclose(shown, expected, atol=1e-5)
    before = bench.network().layer(2).weights.copy()
    bench.page.mouse.move(*bench.at(1.5, 2.5, 4, 4))
    bench.page.mouse.down()
    bench.page.mouse.up()
    bench.settle()
    before[5, 6] = 1
    np.testing.assert_array_equal(bench.network().layer(2).weights, before)
    # Pointing at a tile says what it is called, all of it.
    bench.js("bench.edit({kind: 'name', layer: 1, neuron: 6, name: 'upper left of the ring'})")
    bench.settle()
    says = "bench.root.querySelector('.readout').textContent.startsWith('from 1.6 · upper left of')"
    until(bench.page, says)
    assert bench.page.locator("canvas.map").get_attribute("title") == "1.6 · upper left of the ring"


def test_dragging_the_threshold_moves_the_answer_at_once_and_the_bias_in_the_end(
    open_page: Open,
) -> None:
    bench = open_page("random")
    outputs = bench.shown_outputs
    box = bench.page.locator(".bias-view").bounding_box()
    assert box is not None
    mouse, middle = bench.page.mouse, box["y"] + box["height"] / 2
    # Elsewhere a click shows digits; the threshold alone is taken.
    mouse.move(box["x"] + bench.js("bench.bias.threshold") + 3, middle)
    mouse.down()
    mouse.move(box["x"] + 0.7 * box["width"], middle, steps=5)
    until(bench.page, "!bench.pending")
    assert bench.shown_outputs != outputs
    assert bench.state["history"]["count"] == 0
    mouse.up()
    bench.settle()
    low, high = bench.js("bench.bias.range")
    assert bench.state["history"]["count"] == 1
    assert low <= -bench.network().layer(1).biases[0] <= high
    assert bench.network().checksum == bench.stored.checksum


def test_switching_an_activation_is_an_edit_like_any_other(open_page: Open) -> None:
    bench = open_page("random")
    before = bench.outputs
    bench.page.get_by_role("combobox", name="Activation of layer 1").select_option("relu")
    bench.settle()
    assert bench.network().activations == ("relu", "sigmoid", "sigmoid")
    assert bench.outputs != before
    bench.button("Undo").click()
    bench.settle()
    assert bench.outputs == before
    for layer, name in ((1, "elu"), (2, "leaky_relu"), (3, "gelu")):
        box = bench.page.get_by_role("combobox", name=f"Activation of layer {layer}")
        box.select_option(name)
    bench.settle()
    assert "GELU: z times the share of a normal distribution" in (box.get_attribute("title") or "")
    trace = bench.stored.forward(np.float32(bench.js("[...bench.store.digit]")))
    assert bench.outputs == pytest.approx(trace.outputs, abs=1e-6)
    assert bench.js("bench.store.winner") == trace.predictions


def test_holding_a_key_shows_the_network_as_loaded(open_page: Open) -> None:
    bench = open_page("random")
    loaded = bench.shown_outputs
    bench.stroke((6, 6), (20, 20))
    bench.settle()
    painted = bench.shown_outputs
    assert painted != loaded
    bench.page.keyboard.down("c")
    until(bench.page, "!bench.pending")
    assert bench.shown_outputs == loaded
    bench.page.keyboard.up("c")
    until(bench.page, "!bench.pending")
    assert bench.shown_outputs == painted


def test_reset_brings_back_a_neuron_and_leaves_the_others(open_page: Open) -> None:
    bench = open_page("random")
    loaded = bench.network()
    bench.stroke((6, 6), (20, 20))
    bench.select(1, 1)
    bench.stroke((6, 6), (20, 20))
    bench.page.locator("[data-menu=reset]").click()
    bench.page.get_by_role("menuitem", name="neuron 1.1").click()
    bench.settle()
    now = bench.network().layer(1).weights
    np.testing.assert_array_equal(now[1], loaded.layer(1).weights[1])
    assert (now[0] != loaded.layer(1).weights[0]).any()
    bench.page.locator("[data-menu=reset]").click()
    bench.page.get_by_role("menuitem", name="all").click()
    bench.settle()
    assert bench.network() == loaded
    bench.page.keyboard.press("Control+z")
    bench.settle()
    assert bench.network() != loaded


def test_the_network_goes_out_as_a_file_and_comes_in_again(open_page: Open, tmp_path: Path) -> None:
    bench = open_page("random")
    bench.stroke((6, 6), (20, 20))
    bench.settle()
    made, paths = bench.network(), {}
    for item in (".npz", "recipe of your edits"):
        with bench.page.expect_download() as waiting:
            bench.page.locator("[data-menu=download]").click()
            bench.page.get_by_role("menuitem", name=item).click()
        paths[item] = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(paths[item])
    assert load(paths[".npz"]) == made
    assert made.checksum[:8] in paths[".npz"].name
    assert read_recipe(paths["recipe of your edits"].read_bytes()).network == made

    bench.page.locator("[data-menu=network]").click()
    bench.page.get_by_role("menuitem", name="blank", exact=True).click()
    until(bench.page, "bench.store.state.name === 'blank'")
    bench.settle()
    assert not bench.network().layer(1).weights.any()
    bench.page.locator(".notice .said", has_text="is kept").wait_for()
    bench.js("bench.fileKind = 'upload'")
    bench.page.locator(".file").set_input_files(paths[".npz"])
    until(bench.page, "bench.store.state.understood !== null")
    bench.settle()
    assert bench.state["history"]["count"] == 0
    assert bench.network() == made


def test_a_file_that_is_no_network_changes_nothing_and_says_why(
    open_page: Open, tmp_path: Path
) -> None:
    bench = open_page("random")
    bench.stroke((6, 6), (20, 20))
    bench.settle()
    before, bad = bench.network(), tmp_path / "<b>bad.npz"
    bad.write_bytes(b"PK\x03\x04 nothing of use")
    bench.js("bench.fileKind = 'upload'")
    bench.page.locator(".file").set_input_files(bad)
    bench.page.locator(".notice .error").wait_for()
    said = bench.page.locator(".notice .error").inner_text()
    assert "<b>bad.npz: damaged, or no zip archive" in said, "shown as text, never as HTML"
    assert bench.network() == before
    assert bench.state["history"]["count"] == 1


def test_the_url_holds_the_view(open_page: Open) -> None:
    bench = open_page("random", query="?network=blank&neuron=2.7&digit=41&palette=blue-orange")
    state = bench.state
    assert state["name"] == "blank"
    assert state["selected"] == [2, 7]
    assert state["digit"]["index"] == 41
    assert state["palette"] == "blue-orange"
    bench.select(1, 4)
    bench.page.keyboard.press("n")
    bench.settle()
    bench.page.wait_for_url("**/?*neuron=1.4*digit=42*")


def test_a_url_that_asks_for_nonsense_is_told_so_and_the_page_works(open_page: Open) -> None:
    bench = open_page(
        "random", query="?network=../../etc/passwd&neuron=9.99&digit=-5&palette=beige"
    )
    said = bench.page.locator(".notice").inner_text()
    for part in ("../../etc/passwd", "9.99", "-5", "beige"):
        assert part in said
    bench.page.keyboard.press("Escape")
    bench.stroke((6, 6), (20, 20))
    bench.settle()
    assert bench.state["history"]["count"] == 1


def test_a_digit_drawn_by_hand_is_read_live_and_brought_to_mnist_form(open_page: Open) -> None:
    bench = open_page("random")
    page = bench.page
    bench.button("draw").click()
    assert bench.js("bench.store.digit.every((p) => p === 0)")
    box = page.locator(".digit-view").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 26, box["y"] + 90, steps=5)
    assert bench.js("bench.store.digit.some((p) => p > 0.9)")
    page.mouse.up()
    bench.settle()
    assert page.locator(".digit-title").inner_text() == "your drawing"
    bench.button("centre").click()
    bench.settle()
    image = np.array(bench.js("[...bench.store.digit]")).reshape(28, 28)
    rows = np.flatnonzero((image > 0.1).any(1))
    assert rows.max() - rows.min() + 1 in range(18, 22)
    centre = np.array([(image.sum(1) @ np.arange(28)), (image.sum(0) @ np.arange(28))])
    np.testing.assert_allclose(centre / image.sum(), 14, atol=0.75)


def test_painting_works_by_touch(open_page: Open) -> None:
    bench = open_page("blank", size=(390, 844), has_touch=True, is_mobile=True)
    bench.page.locator("canvas.map").scroll_into_view_if_needed()
    bench.page.touchscreen.tap(*bench.at(10.5, 10.5))
    bench.settle()
    assert bench.network().layer(1).weights[0, 10 * 28 + 10] > 0.5


def test_digits_gained_and_lost_are_shown_and_clickable(open_page: Open) -> None:
    bench = open_page("random")
    bench.page.get_by_role("combobox", name="Activation of layer 3").select_option("identity")
    bench.select(3, 8)
    bias = bench.page.get_by_role("textbox", name="Bias")
    bias.fill("-3")
    bias.press("Enter")
    bench.settle()
    score_ = bench.state["score"]
    assert score_["gained"]["count"] + score_["lost"]["count"] > 0
    side = "lost" if score_["lost"]["count"] else "gained"
    which = score_[side]["digits"][0]
    bench.page.locator(f".thumbs[data-side={side}] button").first.click()
    bench.settle()
    assert bench.state["digit"]["index"] == which


def test_a_newcomer_is_told_three_steps_and_only_once(open_page: Open) -> None:
    bench = open_page("random", hint=True)
    hint = bench.page.locator(".hint")
    assert hint.locator("li").count() == 3
    bench.button("Got it").click()
    assert not hint.is_visible()
    bench.page.reload()
    bench.find()
    assert not hint.is_visible()


def test_a_reload_brings_the_work_back_and_a_link_elsewhere_does_not(open_page: Open) -> None:
    bench = open_page("random")
    bench.stroke((6, 6), (20, 20))
    bench.select(1, 2)
    made = bench.network()
    bench.page.wait_for_url("**neuron=1.2**")
    # How it was looked at comes back as well, and the tools as they were set.
    bench.page.locator(".hidden-layers .class-switch").nth(1).click()
    bench.page.locator(".per-digit-head .class-switch").click()
    bench.page.get_by_role("radio", name="stamp").click()
    bench.page.get_by_role("combobox", name="Shape").select_option("ring")
    bench.page.get_by_role("textbox", name="length").fill("9")
    strength = bench.page.get_by_role("textbox", name="Strength", exact=True)
    strength.fill("0.7")
    strength.press("Enter")
    bench.page.locator(".views button", has_text="column").click()
    bench.page.reload()
    bench.find()
    until(bench.page, "bench.store.state.history.count === 1")
    bench.settle()
    assert bench.network() == made, "no stamp is tried before it is asked for"
    assert bench.js("[bench.views.view, bench.tool.name]") == ["column", "stamp"]
    assert bench.js(
        "(({shape, length, strength}) => [shape, length, strength])(bench.stamping.stamp)"
    ) == ["ring", 9, 0.7]
    assert bench.page.locator(".network-panel canvas.class-table").count() == 1
    assert bench.page.locator("canvas.confusion").is_visible()
    # A branch is said to be one and looked at as what it goes on from; Back finds that as it was
    # looked at last.
    here = bench.state["experiment"]
    bench.page.locator(".views button").first.click()
    bench.page.locator("[data-menu=history]").click()
    menu = bench.page.locator(".menu")
    menu.evaluate("menu => { menu.style.height = '60px'; menu.scrollTop = 40; }")
    bench.page.keyboard.press("Escape")
    bench.page.locator("[data-menu=tools]").click()
    assert menu.evaluate("menu => menu.scrollTop") == 0
    menu.evaluate("menu => { menu.style.height = ''; }")
    bench.page.keyboard.press("Escape")
    bench.page.keyboard.press("Control+k")
    bench.page.keyboard.type("branch from here")
    bench.page.keyboard.press("Enter")
    until(bench.page, f"bench.store.state?.experiment !== '{here}'")
    bench.settle()
    assert bench.js("[bench.store.selected, bench.views.view]") == [[1, 2], "map"]
    assert any(each.startswith("This is a branch of random") for each in bench.js("bench.heard"))
    bench.page.locator(".views button", has_text="column").click()
    bench.page.go_back()
    until(bench.page, f"bench.store.state?.experiment === '{here}'")
    bench.settle()
    assert bench.js("bench.views.view") == "map"
    bench.page.keyboard.press("Control+z")
    bench.settle()
    assert bench.network() == Network.random()
    bench.page.goto(bench.page.url.partition("?")[0] + "?network=blank")
    bench.find()
    bench.settle()
    assert not bench.network().layer(1).weights.any()
