"""How long a click takes on the pages Network and Compare, until all that it changes is drawn."""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.server import browser_path, chromium, dashboard
from toolkit import save
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


def clicks() -> None:
    """From a click on the pages Network and Compare to what it shows, of a wide network too."""
    path = browser_path()
    if not path:
        return
    digits = os.environ.get("TOOLKIT_TEST_MNIST", "drawn")
    with tempfile.TemporaryDirectory() as folder, chromium(path) as browser:
        wide = Path(folder) / "wide.npz"
        save(Network.random((784, 512, 10), ("relu", "softmax"), name="wide"), wide)
        for network, named in (("mnist-sigmoid", "784-16-16-10"), (str(wide), "784-512-10")):
            with dashboard(network, digits) as address:
                page, shown = browser.new_page(viewport={"width": 1366, "height": 768}), ""
                for name, (where, what) in _WAYS.items():
                    if where != shown:
                        _open(page, f"{address}/{where}")
                        shown = where
                    taken = sorted(page.evaluate(_TIMED, [name, _RUNS]))
                    print(f"{f'{what}, {named}':<60} {statistics.median(taken):9.2f} ms   "
                          f"longest {taken[-1]:.1f} ms")  # fmt: skip
                page.close()


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(".looking:not(.waiting)").wait_for()
    if address.endswith("network"):
        page.locator(".analysis").wait_for(state="hidden", timeout=180_000)
    page.locator(".figure.stale").first.wait_for(state="detached")
    page.wait_for_timeout(1500)
