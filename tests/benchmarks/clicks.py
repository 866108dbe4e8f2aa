"""How long a click takes on the pages Network and Compare, until all that it changes is drawn."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from playwright.sync_api import Page

from tests.benchmarks.browsing import browser, from_ms
from tests.browser.server import chromium, dashboard
from toolkit import save
from toolkit.benchmarks import Job, Part, Result, Setting
from toolkit.network import Network

_RUNS = 8
# Does a thing in the page and waits until it is drawn, and nothing in the page waits any more.
_TIMED = """async ([name, runs]) => {
  const trees = [...document.querySelectorAll('*')].map((each) => each.shadowRoot).filter(Boolean);
  const root = trees.map((tree) => tree.querySelector('.looking')).find(Boolean);
  const at = (selector) => root.querySelector(selector);
  const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const stale = () => root.querySelector('.figure.stale, .pair.stale');
  const choose = (select, value) => {
    select.value = value;
    select.dispatchEvent(new Event('change'));
  };
  const ways = {
    sort: (k) => root.querySelectorAll('.heads button')[2 + (k % 5)].click(),
    edges: (k) => root.querySelectorAll('.ways button')[k % 2 ? 3 : 0].click(),
    layer: (k) => choose(at('.choice select'), String(1 + (k % 2))),
    cell: (k) => {
      const plot = at('[data-figure=confusion] .plot'), box = plot.getBoundingClientRect();
      const where = {clientX: box.x + 60 + 37 * (k % 8), clientY: box.y + 60 + 30 * (k % 8)};
      plot.dispatchEvent(new MouseEvent('click', {...where, bubbles: true}));
    },
    switch: (k) => root.querySelectorAll('[data-figure=pairs] .choice button')[(k + 1) % 2].click(),
    other: (k) => choose(at('select.other'), ['network:handmade', 'network:drawn-sigmoid'][k % 2]),
  };
  if (name === 'layer') at('.matrix').scrollIntoView();
  await new Promise((resolve) => setTimeout(resolve, 600));
  const taken = [];
  for (let k = 0; k < runs + 2; k++) {
    const begun = performance.now();
    ways[name](k);
    do await drawn(); while (stale());
    taken.push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return taken.slice(2);
}"""
_WAYS = {
    "sort": ("network", "the table sorted by another column"),
    "edges": ("network", "“edges and lines”, and all again"),
    "cell": ("network", "a cell of the confusion → its digits"),
    "layer": ("network", "another layer as matrices"),
    "switch": ("compare", "matched by weights, by activations"),
    "other": ("compare", "compared with another network"),
}


_SIZES = {"narrow": "784-16-16-10", "wide": "784-512-10"}


def _measure(setting: Setting) -> dict[str, Result]:
    """From a click on the pages Network and Compare to what it shows, of a wide network too."""
    found = {}
    with tempfile.TemporaryDirectory() as folder, chromium(browser()) as running:
        wide = Path(folder) / "wide.npz"
        save(Network.random((784, 512, 10), ("relu", "softmax"), name="wide"), wide)
        for size, network in (("narrow", "mnist-sigmoid"), ("wide", str(wide))):
            with dashboard(network, setting.test.source) as address:
                page, shown = running.new_page(viewport={"width": 1366, "height": 768}), ""
                for name, (where, _) in _WAYS.items():
                    if where != shown:
                        _open(page, f"{address}/{where}")
                        shown = where
                    taken = page.evaluate(_TIMED, [name, _RUNS])
                    found[f"clicks.{size}.{name}"] = from_ms(taken)
                page.close()
    return found


def _jobs(setting: Setting) -> list[Job]:
    browser()
    figures = {
        f"clicks.{size}.{name}": f"{what}, {said}"
        for size, said in _SIZES.items()
        for name, (_, what) in _WAYS.items()
    }
    return [Job(figures, partial(_measure, setting))]


PART = Part("clicks", "a click on the pages Network and Compare, until it is drawn", _jobs)


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(".looking:not(.waiting)").wait_for()
    if address.endswith("network"):
        page.locator(".analysis").wait_for(state="hidden", timeout=180_000)
    page.locator(".figure.stale").first.wait_for(state="detached")
    page.wait_for_timeout(1500)
