"""From a click on the next neuron to all figures of the page Neuron that need no analysis."""

from __future__ import annotations

from functools import partial

from tests.benchmarks.browsing import browser, from_ms
from tests.browser.server import chromium, dashboard
from toolkit.benchmarks import Job, Part, Result, Setting

_WALK = """async () => {
  const within = (tree) => [...tree.querySelectorAll('*')].flatMap(
    (each) => each.shadowRoot ? [...each.shadowRoot.querySelectorAll('.looking')] : []);
  const [root] = within(document), waits = new Set(['ideal', 'tuning', 'maximised']);
  const stale = () => [...root.querySelectorAll('.figure.stale')].some(
    (each) => !each.hidden && !waits.has(each.dataset.figure));
  const taken = [];
  for (let k = 0; k < 25; k++) {
    const begun = performance.now();
    root.looking.step(1);
    do await new Promise((resolve) => setTimeout(resolve)); while (stale());
    taken.push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return taken.slice(5);
}"""


def _measure(setting: Setting) -> dict[str, Result]:
    source = setting.test.source
    with chromium(browser()) as running, dashboard("mnist-sigmoid", source) as address:
        page = running.new_page(viewport={"width": 1366, "height": 768})
        page.goto(f"{address}/neuron?neuron=1.0")
        page.locator(".looking:not(.waiting)").wait_for()
        page.locator(".analysis").wait_for(state="hidden", timeout=120_000)
        return {"looking.neuron": from_ms(page.evaluate(_WALK))}


def _jobs(setting: Setting) -> list[Job]:
    browser()
    return [
        Job({"looking.neuron": "another neuron → all that it does"}, partial(_measure, setting))
    ]


PART = Part("looking", "another neuron on its page", _jobs)
