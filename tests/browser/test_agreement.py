"""The browser's arithmetic and Python's are the same."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route

from toolkit.dashboard import modules
from toolkit.digits import generate
from toolkit.network import ACTIVATIONS, Network
from toolkit.palette import PALETTES, colour, lookup_table

COUNT = 1_000
DIGITS = generate(COUNT, seed=1)
PLACE = "http://page.test/"


@pytest.fixture(scope="module")
def arithmetic(browser: Browser) -> Page:
    """A page that holds the workbench's modules, with no server behind."""
    page = browser.new_page()

    def serve(route: Route) -> None:
        name = route.request.url.removeprefix(PLACE)
        body = modules.files().get(name, b"<p>nothing</p>")
        route.fulfill(body=body, content_type=modules.media_type(name or "index.html"))

    page.route(f"{PLACE}**", serve)
    page.goto(PLACE)
    page.evaluate(
        "Promise.all([import('/core/network.js'), import('/workbench/draw.js')])"
        ".then((parts) => { Object.assign(window, ...parts); })"
    )
    page.evaluate("window.fromBase64 = (t) => Uint8Array.from(atob(t), (c) => c.charCodeAt(0))")
    text = base64.b64encode(DIGITS.pixels.tobytes()).decode()
    page.evaluate("text => { window.pixels = fromBase64(text); }", text)
    return page


def packed(network: Network) -> str:
    parts = [part for layer in network.layers for part in (layer.weights, layer.biases)]
    return base64.b64encode(b"".join(part.tobytes() for part in parts)).decode()


ALIKE = [(name,) * 3 for name in ("sigmoid", "relu", "tanh", "identity", "softmax")]
MIXED = [
    ("leaky_relu(0.2)", "gelu", "silu"),
    ("elu", "softplus", "hard_sigmoid"),
    ("gelu_tanh", "elu(0.5)", "leaky_relu"),
]


def test_each_function_is_compared() -> None:
    assert set(ACTIVATIONS) <= {name for names in ALIKE + MIXED for name in names}


@pytest.mark.parametrize("activations", ALIKE + MIXED, ids=", ".join)
def test_forward_agrees_on_1000_digits(arithmetic: Page, activations: tuple[str, ...]) -> None:
    network = Network.random(activations=activations, seed=3)
    found = arithmetic.evaluate(
        """([text, sizes, activations]) => {
          const layers = unpack(fromBase64(text), sizes);
          return Array.from({length: pixels.length / 784}, (_, n) => {
            const row = pixels.subarray(784 * n, 784 * n + 784);
            const digit = Float32Array.from(row, (p) => p / 255);
            const trace = forward(layers, activations, digit);
            return [trace.z.flatMap((z) => [...z]), trace.a.flatMap((a) => [...a]),
                    winner(trace, activations)];
          });
        }""",
        [packed(network), list(network.sizes), list(network.activations)],
    )
    trace = network.forward(DIGITS.images)
    assert len(found) == COUNT
    for column, expected in ((0, trace.pre_activations), (1, trace.activations)):
        theirs = np.array([row[column] for row in found])
        np.testing.assert_allclose(theirs, np.concatenate(expected, axis=1), rtol=1e-5, atol=1e-5)
    assert [row[2] for row in found] == trace.predictions.tolist()


def test_packing_is_the_inverse_of_unpacking(arithmetic: Page) -> None:
    network = Network.random()
    again = arithmetic.evaluate(
        """([text, sizes]) => { const given = fromBase64(text), bytes = pack(unpack(given, sizes));
          return bytes.every((b, i) => b === given[i]) && bytes.length; }""",
        [packed(network), list(network.sizes)],
    )
    assert again == 4 * 13_002


@pytest.mark.parametrize("palette", PALETTES)
def test_a_weight_has_one_colour_on_both_sides(arithmetic: Page, palette: str) -> None:
    values = np.float32([0, 0.25, -0.25, 1, -1, 0.001, 1.5, -1.5, 0.6, -0.7])
    entry = PALETTES[palette]
    marks = {"clipped_positive": entry.clipped_positive, "clipped_negative": entry.clipped_negative}
    theirs = arithmetic.evaluate(
        """([table, marks, values]) => {
          const look = makeLook(fromBase64(table), marks);
          return values.map((value) => colourOf(value, 1, look));
        }""",
        [base64.b64encode(lookup_table(palette).tobytes()).decode(),
         json.loads(json.dumps(marks)), values.tolist()],
    )  # fmt: skip
    ours = colour(values, limit=1.0, palette=palette)
    np.testing.assert_allclose(theirs, ours, atol=1)
