"""All seven exercises solved in the page, by mouse and keys, and walked through step by step."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.browser.bench_page import BenchPage, until
from toolkit.exercises import names

# Minus half the squared length of each digit's mean, times the strength it is stamped with.
BIASES = (-7.4, -2.7, -5.4, -5.3, -4.4, -4.0, -5.7, -4.0, -5.5, -4.4)


# The next question is answered when the page is told so.
LATE = """(() => {
  const {post} = bench, {ask} = post, told = new Promise((now) => { bench.late = now; });
  post.ask = async (question) => {
    post.ask = ask;
    const reply = await post.ask(question);
    await told;
    return reply;
  };
})()"""


class Pupil:
    """Somebody at the page."""

    def __init__(self, bench: BenchPage) -> None:
        self.bench, self.page = bench, bench.page

    def command(self, written: str) -> None:
        self.page.keyboard.press("Control+k")
        self.page.keyboard.type(written)
        self.page.keyboard.press("Enter")

    def choose(self, name: str) -> None:
        self.command("Exercises")
        rows = self.page.locator(f".exercises [data-exercise={name}]")
        back = self.page.get_by_role("button", name="‹ all")
        rows.or_(back).first.wait_for()
        if back.is_visible():
            back.click()
        rows.click()

    def begin(self, name: str) -> None:
        self.choose(name)
        self.page.get_by_role("button", name=re.compile("^start (it|anew)$")).click()
        until(self.page, "name => bench.store.state.origin === `exercise:${name}`", name)
        self.bench.settle()

    def check(self) -> bool:
        """Press the button; return whether it says that it is solved."""
        self.bench.settle()
        self.page.get_by_role("button", name="check", exact=True).click()
        verdict = self.page.locator(".results .verdict")
        verdict.wait_for()
        return verdict.inner_text() == "Solved."

    def strength(self, value: float) -> None:
        field = self.page.get_by_role("textbox", name="strength")
        field.fill(str(value))
        field.press("Enter")

    def box(self, rows: tuple[int, int], columns: tuple[int, int], strength: float) -> None:
        self.strength(strength)
        self.page.keyboard.press("r")
        ends = ((rows[0] + 0.5, columns[0] + 0.5), (rows[1] + 0.5, columns[1] + 0.5))
        self.bench.stroke(*ends, steps=2)

    def bias(self, value: float) -> None:
        field = self.page.get_by_role("textbox", name="Bias")
        field.fill(str(value))
        field.press("Enter")

    def weight(self, cell: int) -> None:
        """Paint one weight of a later layer, whose sixteen inputs are tiles."""
        self.page.mouse.click(*self.bench.at(cell // 4 + 0.5, cell % 4 + 0.5, 4, 4))


def test_all_seven_are_solved_with_what_a_person_has(open_page: Callable[..., BenchPage]) -> None:
    bench = open_page("blank", query="?network=blank&neuron=1.0")
    page, pupil = bench.page, Pupil(bench)

    pupil.begin("edge")
    assert not pupil.check()
    pupil.box((8, 10), (5, 22), 1)
    pupil.box((3, 6), (5, 22), -1)
    pupil.bias(-9)
    assert pupil.check()
    assert "That is an edge" in page.locator(".to-notice").inner_text()

    # Begun anew, the first try is there to go on with, and so is the second from the first.
    tried, first = bench.state["history"]["count"], bench.network().checksum
    pupil.begin("edge")
    until(page, "bench.store.state.draft")
    assert bench.js("bench.dock.focused?.textContent") == "start anew"
    page.get_by_role("button", name=f"go on after {tried} steps").click()
    until(page, "!bench.store.state.draft")
    bench.settle()
    assert bench.network().checksum == first and pupil.check()

    pupil.begin("one-or-zero")
    assert not pupil.check()
    pupil.box((5, 23), (12, 16), 1)
    for columns in ((7, 9), (18, 20)):
        pupil.box((8, 20), columns, -1)
    pupil.bias(-10)
    assert pupil.check()

    pupil.begin("bias")
    page.get_by_role("button", name="a hint").click()
    page.get_by_role("button", name="last hint").click()
    assert page.locator(".hints li").count() == 2
    assert not pupil.check()
    pupil.bias(-38)
    assert pupil.check()

    # What was measured is said of nothing else.
    page.locator("canvas.map").focus()
    page.keyboard.press("Control+z")
    page.locator(".results.past").wait_for()
    assert page.locator(".results .verdict").inner_text().startswith("It is another network now")
    page.keyboard.press("Control+Shift+z")
    page.locator(".results:not(.past) .verdict.solved").wait_for()
    # By keys it is measured again and again; one that is chosen meanwhile is told nothing of it.
    button = page.get_by_role("button", name="check", exact=True)
    button.focus()
    button.press("Enter")
    page.locator(".results .verdict.solved").wait_for()
    assert bench.js("bench.dock.focused?.textContent") == "check"
    bench.js(LATE)
    button.press("Enter")
    pupil.choose("loop")
    bench.js("bench.late()")
    page.get_by_role("button", name="a hint").click()
    assert not page.locator(".results .verdict").count()

    pupil.begin("loop")
    assert bench.state["names"], "the strokes are called what they are"
    page.keyboard.press("b")
    for cell in range(5):
        if cell in (0, 4):
            pupil.strength(-4 if cell == 4 else 4)
        pupil.weight(cell)
    pupil.bias(-14)
    assert pupil.check()

    pupil.begin("repair")
    assert not pupil.check()
    bench.select(1, 9)
    page.locator(".mode").select_option("add")
    pupil.box((8, 20), (8, 20), -1.5)
    page.locator(".mode").select_option("set")
    assert pupil.check()

    # Means of digits as templates, which the layers above pass on.
    pupil.begin("eight-stamps")
    page.keyboard.press("s")
    page.get_by_role("combobox", name="Shape").select_option("mean")
    pupil.strength(0.2)

    def template(digit: int) -> None:
        page.get_by_role("combobox", name="Digit", exact=True).select_option(str(digit))
        page.get_by_role("button", name="stamp", exact=True).click()
        pupil.bias(BIASES[digit])

    def passed_on(digits: range) -> None:
        page.locator(".dock header button").last.click()  # it may lie over the outputs
        page.keyboard.press("b")
        pupil.strength(1)
        for layer in (2, 3):
            bench.select(layer, digits[0])
            for digit in digits:
                pupil.weight(digit)
                page.keyboard.press(".")

    for digit in range(8):
        bench.button(f"Neuron 1.{digit}").click()
        template(digit)
    passed_on(range(8))
    pupil.command("Exercises")
    assert pupil.check()

    pupil.choose("reader")
    assert not pupil.check(), "two digits are read as others"
    page.keyboard.press("s")
    pupil.strength(0.2)
    for digit in (8, 9):
        bench.button(f"Neuron 1.{digit}").click()
        template(digit)
    passed_on(range(8, 10))
    pupil.command("Exercises")
    assert pupil.check()
    page.get_by_role("button", name="‹ all").click()
    assert page.locator(".exercises .solved").count() == len(names())

    # Back a step at a time, with the neuron of each.
    made = bench.network()
    steps = bench.state["history"]["count"]
    pupil.command("Walk through")
    page.locator(".walk .at", has_text=f"{steps} of {steps}").wait_for()
    page.keyboard.press("<")
    page.locator(".walk .at", has_text=f"{steps - 1} of {steps}").wait_for()
    until(page, "bench.store.selected.join('.') === '3.8'")
    said = page.get_by_role("textbox", name="What this step is for")
    said.fill("an eight looks like its mean")
    page.keyboard.press("Enter")
    page.keyboard.press(">")
    page.locator(".walk .at", has_text=f"{steps} of {steps}").wait_for()
    page.keyboard.press("<")
    until(page, "bench.root.querySelector('.walk textarea')?.value.startsWith('an eight')")
    page.keyboard.press(">")
    page.locator(".walk .at", has_text=f"{steps} of {steps}").wait_for()
    bench.settle()
    assert bench.network() == made

    # What z, a and the rest mean stands in a list, and beside the thing itself.
    page.locator(".readout").click()
    assert page.locator(".dock dt.here").all_inner_texts() == ["brightest", "z", "a"]
    page.keyboard.press("?")
    told = page.locator("dialog.keys dt:visible").all_inner_texts()
    assert {"z", "a", "brightest", "ridges", "composed", "ceiling", "provenance"} <= set(told)
