"""The workbench as a test drives it: by mouse and keys, and by looking into what it holds."""

from __future__ import annotations

import base64
import time
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Locator, Page

from toolkit.formats import load
from toolkit.network import Layer, Network

# The bench hangs on its root element, inside the component's shadow tree.
FIND = """() => {
  for (const host of document.querySelectorAll('*')) {
    const root = host.shadowRoot?.querySelector('.bench');
    if (root?.bench?.store?.state) { window.bench = root.bench; return true; }
  }
  return false;
}"""


def until(page: Page, expression: str, arg: Any = None, timeout: float = 30_000) -> None:
    """Wait until an expression holds in the page.

    Playwright's own wait evaluates it from within the page, which the page's policy forbids.
    """
    deadline = time.monotonic() + timeout / 1000
    while not page.evaluate(expression, arg):
        assert time.monotonic() < deadline, f"waited in vain for {expression}"
        page.wait_for_timeout(20)


class BenchPage:
    """One open workbench."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.find()

    def find(self) -> None:
        until(self.page, FIND, timeout=60_000)
        until(self.page, "bench.frames.length > 0")

    def js(self, expression: str, argument: Any = None) -> Any:
        return self.page.evaluate(expression, argument)

    @property
    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.js("bench.store.state")
        return state

    @property
    def outputs(self) -> list[float]:
        return list(self.js("[...bench.store.trace.a.at(-1)]"))

    @property
    def shown_outputs(self) -> list[str]:
        return self.page.locator(".output .amount").all_inner_texts()

    @property
    def accuracy(self) -> float:
        return float(self.js("bench.store.state.score.accuracy"))

    def settle(self) -> None:
        """Wait until Python has answered everything."""
        until(
            self.page,
            "!bench.store.outbox.length && !bench.store.stroke && !bench.pending && !bench.showing",
            timeout=20_000,
        )

    def network(self) -> Network:
        """Rebuild the network from the very bytes that the browser holds."""
        text = self.js(
            "(() => { let t = ''; for (const b of bench.store.packed) t += String.fromCharCode(b);"
            " return btoa(t); })()"
        )
        return unpack(base64.b64decode(text), self.state)

    @property
    def stored(self) -> Network:
        """Fetch the network as the server has it."""
        place = urlsplit(self.page.url)
        id = self.state["experiment"]
        url = f"{place.scheme}://{place.netloc}/weight-maps/download/{id}?what=.npz"
        with urllib.request.urlopen(url, timeout=20) as answer:
            return load(answer.read())

    def map_box(self) -> dict[str, float]:
        box = self.page.locator("canvas.map").bounding_box()
        assert box is not None
        return {**box}

    def at(
        self, row: float, column: float, rows: int = 28, columns: int = 28
    ) -> tuple[float, float]:
        """Return the page's x, y of a point on the map, in cells."""
        box = self.map_box()
        return box["x"] + box["width"] * column / columns, box["y"] + box["height"] * row / rows

    def stroke(self, *points: tuple[float, float], steps: int = 6, release: bool = True) -> None:
        """Drag over the map through points given as (row, column) in cells."""
        mouse = self.page.mouse
        mouse.move(*self.at(*points[0]))
        mouse.down()
        for point in points[1:]:
            mouse.move(*self.at(*point), steps=steps)
        if release:
            mouse.up()

    def select(self, layer: int, neuron: int) -> None:
        self.button(
            f"Output {neuron}" if self.is_last(layer) else f"Neuron {layer}.{neuron}"
        ).click()
        self.settle()

    def is_last(self, layer: int) -> bool:
        return layer == len(self.state["sizes"]) - 1

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)


def unpack(data: bytes, state: dict[str, Any]) -> Network:
    values, at, layers = np.frombuffer(data, "<f4"), 0, []
    sizes = state["sizes"]
    for into, out, activation in zip(sizes, sizes[1:], state["activations"], strict=False):
        weights = values[at : at + out * into].reshape(out, into)
        at += out * into
        layers.append(Layer(weights, values[at : at + out], activation))
        at += out
    assert at == len(values)
    return Network(tuple(layers))
