"""Help that plays no move of its own: the coach, where weights come from, why an answer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.browser.bench_page import BenchPage, until
from toolkit.analysis import blame
from toolkit.digits import open_digits
from toolkit.palette import colour
from toolkit.training import advise

Open = Callable[..., BenchPage]


def test_a_person_sees_the_slope_takes_a_step_finds_it_marked_and_asks_why(open_page: Open) -> None:
    bench = open_page(query="?network=mnist-sigmoid&neuron=1.5&digit=3")
    page, before = bench.page, bench.network()

    # The coach's slopes are the trainer's gradient over the digits that it names.
    page.get_by_label("coach", exact=True).check()
    until(page, "bench.store.extra('gradient/all')")
    page.get_by_text("Over 10,000 digits of drawn digits train").wait_for()
    digits = open_digits("drawn", "train", 10_000)
    advice = advise(before, digits.images, digits.labels)
    slope, bias = advice.of(1, 5)
    pushed = np.array(bench.js("[...bench.slope()]"))
    np.testing.assert_allclose(pushed, 0.1 * slope / np.abs(slope).max(), atol=1e-5)
    sign = page.locator(".coach-bias")
    assert sign.inner_text() == ("▼" if bias > 0 else "▲")
    assert f"{abs(bias):.4f}" in (sign.get_attribute("title") or "")

    # A small step of it stays under the brush.
    page.get_by_role("button", name="small steps with the brush").click()
    bench.stroke((14.5, 14.5), release=False)
    until(page, "bench.root.querySelector('.coach .measured.stale')")
    page.mouse.up()
    bench.settle()
    until(page, "!bench.root.querySelector('.coach .measured.stale')")
    after = bench.network()
    changed = before.layer(1).weights != after.layer(1).weights
    cells = np.flatnonzero(changed[5])
    rows, columns = np.divmod(cells, 28)
    assert 4 <= len(cells) == changed.sum()
    assert (np.hypot(rows - 14, columns - 14) < 2.5).all()
    moved = after.layer(1).weights[5, 14 * 28 + 14] - before.layer(1).weights[5, 14 * 28 + 14]
    assert moved == pytest.approx(-pushed[14 * 28 + 14], rel=1e-3)

    # The same by keys, on a cell of its own.
    page.locator("canvas.map").focus()
    for key in ("ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "Space"):
        page.keyboard.press(key)
    bench.settle()
    cells = np.flatnonzero(before.layer(1).weights[5] != bench.network().layer(1).weights[5])
    assert {10 * 28 + 14, 14 * 28 + 14} <= set(cells.tolist())

    # Its cells, and they alone, are marked as coached; the legend counts them.
    page.get_by_label("provenance", exact=True).check()
    coached = page.locator("[data-provenance=coached] td").first
    coached.wait_for()
    until(
        page, f"bench.root.querySelector('[data-provenance=coached] td').innerText == {len(cells)}"
    )
    codes = bench.js(
        "[...bench.store.extra('provenance').codes].flatMap((code, cell) => code === 5 ? cell : [])"
    )
    assert codes == cells.tolist()
    assert not page.get_by_label("coach", exact=True).is_checked()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    bench.settle()
    until(page, "bench.root.querySelector('[data-provenance=coached] td').innerText === '·'")
    assert bench.network() == before

    # Why this answer: found by its name; the parts are Python's, and each culprit a click away.
    page.keyboard.press("Control+k")
    page.keyboard.type("why this")
    page.keyboard.press("Enter")
    until(page, "bench.dock.name === 'why'")
    page.get_by_role("button", name="wrong", exact=False).first.click()
    bench.settle()
    until(page, "bench.root.querySelector('.why .culprits button')")
    read, label = bench.js("bench.store.winner"), bench.state["digit"]["label"]
    assert read != label
    assert page.locator(".dock header").inner_text().startswith(f"Why {read} and not {label}")
    shown = page.locator(".why .culprits button").all_inner_texts()
    means = np.array(bench.js("[...bench.store.blocks.means]")).reshape(10, 784)
    digit = np.array(bench.js("[...bench.store.digit]"))
    found = blame(before, digit, label, reference=means.mean(axis=0) / 4096)
    for text, (layer, neuron, part) in zip(shown, found.most(3), strict=True):
        name, amount = text.replace("−", "-").split()
        assert name == f"{layer}.{neuron}"
        assert float(amount) == pytest.approx(part, abs=0.006)
    page.locator(".why .culprits button").first.click()
    assert tuple(bench.js("bench.store.selected")) == found.most(1)[0][:2]
    assert page.locator(".neuron.blamed").count() == len(shown)
    page.keyboard.press("Escape")
    assert page.locator(".neuron.blamed").count() == 0

    # What each neuron below adds: weight times activation, in a later layer too.
    bench.select(2, 4)
    page.get_by_label("w·x", exact=True).check()
    until(page, "!bench.pending")
    below = np.array(bench.js("[...bench.store.trace.a[0]]"), np.float32)
    added = before.layer(2).weights[4] * below
    edges = bench.js(
        """() => {
          const { map } = bench.surface, { rows, columns } = bench.store.grid;
          const w = map.width / columns, h = map.height / rows;
          return Array.from({ length: rows * columns }, (_, cell) => {
            const x = (cell % columns + 0.05) * w, y = (Math.floor(cell / columns) + 0.05) * h;
            return [...map.getContext("2d").getImageData(x, y, 1, 1).data.slice(0, 3)];
          });
        }"""
    )
    wanted = colour(added, limit=float(np.abs(added).max()))
    np.testing.assert_allclose(np.array(edges, int), wanted.astype(int), atol=1)
