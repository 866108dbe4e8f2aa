"""Files and digits that come from elsewhere, in the page."""

from __future__ import annotations

import base64
import gzip
import threading
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from playwright.sync_api import Browser
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save

from tests.browser.bench_page import BenchPage, until
from tests.browser.server import dashboard
from tests.formats import samples
from toolkit.digits import generate, open_digits
from toolkit.formats import WRITABLE, dumps, load
from toolkit.network import Layer, Network
from toolkit.scoring import score
from toolkit.shipped import open_network

Open = Callable[..., BenchPage]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        pass


@pytest.mark.mnist
def test_mnist_is_fetched_at_a_click_and_used(
    browser: Browser, mnist_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(mnist_folder)))
    threading.Thread(target=mirror.serve_forever, daemon=True).start()
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path))
    monkeypatch.setenv("TOOLKIT_MNIST_MIRROR", f"http://127.0.0.1:{mirror.server_port}/")
    try:
        with dashboard("random", "drawn") as address:
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            page.goto(address)
            bench = BenchPage(page)
            page.get_by_role("button", name="Got it").click()
            page.locator("[data-menu=digits]").click()
            page.get_by_role("menuitem", name="MNIST").click()
            page.get_by_role("button", name="Use it").click(timeout=60_000)
            until(page, "bench.store.state.digits.source === 'mnist'")
            bench.settle()
            assert bench.state["digits"]["count"] == 10_000
            assert "MNIST" in page.locator(".digits-name").inner_text()
            assert page.evaluate("bench.store.digit.some((p) => p > 0.9)")
            page.locator("[data-menu=digits]").click()
            page.get_by_role("menuitem", name="MNIST, all digits").click()
            until(page, "bench.store.state.digits.source === 'mnist:all'", timeout=60_000)
            bench.settle()
            assert page.locator(".digits-name").inner_text().startswith("MNIST test and train")
            said = page.locator(".accuracy").get_attribute("title") or ""
            assert "a network that has learned from them" in said
            network, digits = Network.random(), open_digits(f"{mnist_folder}:all")
            assert bench.state["score"]["images"] == len(digits) == 70_000
            assert bench.accuracy == score(network, digits).accuracy
            page.close()
    finally:
        mirror.shutdown()


def trained_on_normalised_pixels() -> Network:
    network = open_network("mnist-relu")
    first = network.layers[0]
    weights = first.weights.astype(np.float64) * 0.3081
    biases = first.biases + 0.1307 / 0.3081 * weights.sum(axis=1)
    return Network((Layer(weights, biases, "relu"), *network.layers[1:]), "from a framework")


def state_dict(network: Network) -> bytes:
    """Return what PyTorch would save: weights and biases, and not a word of the rest."""
    return save(
        {
            f"{2 * number}.{name}": np.ascontiguousarray(part)
            for number, layer in enumerate(network.layers)
            for name, part in (("weight", layer.weights), ("bias", layer.biases))
        }
    )


def test_a_framework_s_file_is_understood_corrected_painted_and_taken_out_again(
    open_page: Open, tmp_path: Path
) -> None:
    bench = open_page("blank")
    page, path = bench.page, tmp_path / "model.safetensors"
    path.write_bytes(state_dict(trained_on_normalised_pixels()))
    bench.js("bench.fileKind = 'upload'")
    page.locator(".file").set_input_files(path)
    until(page, "bench.store.state.understood !== null", timeout=30_000)
    bench.settle()
    notice = page.locator(".notice").inner_text()
    assert "model.safetensors" in notice
    assert "0.1307" in notice
    assert bench.accuracy > 0.95
    page.get_by_role("button", name="How it was read").click()
    ways = page.get_by_role("menuitem").all_inner_texts()
    assert [way.partition(". ")[0] for way in ways[:12]] == [str(n) for n in range(1, 13)]
    count = bench.js("bench.store.state.understood.ways.length")
    assert ways[12:] == [f"all {count} ways…"]
    page.get_by_role("menuitem", name="all").click()
    assert page.get_by_role("menuitem").count() == count
    page.get_by_role("menuitem").nth(1).click()
    until(page, "bench.store.state.understood?.chosen === 1")
    bench.settle()
    page.locator("[data-menu=network]").click()
    page.get_by_role("menuitem", name="how the file was read").click()
    page.get_by_role("menuitem").nth(0).click()
    until(page, "bench.store.state.understood?.chosen === 0")
    bench.settle()
    assert bench.accuracy > 0.95
    bench.stroke((6, 6), (20, 20))
    bench.settle()
    with page.expect_download() as waiting:
        page.locator("[data-menu=download]").click()
        page.get_by_role("menuitem", name=".onnx").click()
    out = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(out)
    again = load(out)
    for ours, theirs in zip(again.layers, bench.network().layers, strict=True):
        np.testing.assert_array_equal(ours.weights, theirs.weights)
    with page.expect_download() as waiting:
        page.locator("[data-menu=download]").click()
        page.get_by_role("menuitem", name="as it came").click()
    assert waiting.value.suggested_filename.endswith(".safetensors")
    waiting.value.save_as(out)
    before, after = load_arrays(path.read_bytes()), load_arrays(out.read_bytes())
    assert {name: array.shape for name, array in after.items()} == {
        name: array.shape for name, array in before.items()
    }
    # The file's first layer takes normalised pixels, the page's takes them as they are.
    shown = bench.network().layer(1)
    np.testing.assert_allclose(
        after["0.weight"], 0.3081 * shown.weights.astype(np.float64), rtol=1e-6
    )
    assert (after["0.weight"] != before["0.weight"]).any()


def test_a_model_and_the_numbers_beside_it_are_dropped_painted_and_go_back(
    open_page: Open, tmp_path: Path
) -> None:
    model = onnx.load_model_from_string(dumps(SIGMOID, ".onnx"))
    del model.metadata_props[:]
    model.producer_name = "another"
    for at, name in (("input", "image"), ("output", "scores")):
        for node in model.graph.node:
            names = getattr(node, at)
            names[:] = [name if each in ("pixels", "outputs") else each for each in names]
    model.graph.input[0].name, model.graph.output[0].name = "image", "scores"
    onnx.save_model(
        model, tmp_path / "m.onnx", save_as_external_data=True, location="m.onnx.data",
        size_threshold=0,
    )  # fmt: skip
    bench = open_page("blank")
    files = [
        [name, base64.b64encode((tmp_path / name).read_bytes()).decode()]
        for name in ("m.onnx.data", "m.onnx")
    ]
    bench.page.evaluate(_DROP, files)
    until(bench.page, "bench.store.state.understood !== null", timeout=30_000)
    bench.settle()
    bench.stroke((6, 6), (20, 20))
    bench.settle()
    with bench.page.expect_download() as waiting:
        bench.page.locator("[data-menu=download]").click()
        bench.page.get_by_role("menuitem", name="as it came").click()
    out = tmp_path / "back.onnx"
    waiting.value.save_as(out)
    digits = generate(200, seed=1).images
    (scores,) = onnxruntime.InferenceSession(out).run(["scores"], {"image": digits})
    shown = bench.network()
    assert shown != SIGMOID
    np.testing.assert_allclose(scores, shown.forward(digits).outputs, atol=1e-6)


SIGMOID = open_network("mnist-sigmoid")
FILES: dict[str, Callable[[], bytes]] = {
    **{suffix: partial(dumps, SIGMOID, suffix) for suffix in sorted(WRITABLE)},
    ".pt": partial(samples.torch_file, network=SIGMOID),
    ".pkl.gz": lambda: gzip.compress(samples.protocol_0(*samples.columns(SIGMOID))),
    # Named as nobody would: its content tells.
    ".jpg": lambda: samples.zipped({f"{n}.npy": samples.npy(part) for n, part in enumerate(PARTS)}),
}
PARTS = [part for layer in SIGMOID.layers for part in (layer.weights, layer.biases)]

# A file let go over the page, as a browser reports it.
_DROP = """(files) => {
  const transfer = new DataTransfer();
  for (const [name, text] of files)
    transfer.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
  bench.root.dispatchEvent(new DragEvent('drop', {dataTransfer: transfer, bubbles: true}));
}"""


def test_files_of_each_format_are_dropped_on_the_page(open_page: Open) -> None:
    bench = open_page("blank")
    for suffix, make in FILES.items():
        shown = bench.state["experiment"]
        bench.page.evaluate(_DROP, [[f"net{suffix}", base64.b64encode(make()).decode()]])
        until(
            bench.page, "before => bench.store.state.experiment !== before && "
            "bench.store.state.understood !== null", arg=shown,
        )  # fmt: skip
        bench.settle()
        assert bench.accuracy > 0.96, suffix
        np.testing.assert_array_equal(
            bench.network().layer(1).weights, SIGMOID.layer(1).weights, suffix
        )


def test_two_sessions_that_differ_in_one_weight_download_each_its_own_file(
    open_page: Open, tmp_path: Path
) -> None:
    network = Network.random((784, 640, 10), seed=3)
    assert network.parameters * 4 > 2_000_000
    big = tmp_path / "big.npz"
    big.write_bytes(dumps(network, ".npz"))
    pages = [open_page("blank"), open_page("blank")]
    for number, bench in enumerate(pages):
        bench.js("bench.fileKind = 'upload'")
        bench.page.locator(".file").set_input_files(big)
        until(bench.page, "bench.store.state.understood !== null", timeout=60_000)
        bench.settle()
        bench.page.locator(".size").fill("1")
        bench.stroke((10.5, 10.5 + number))
        bench.settle()
    names = set()
    for bench in pages:
        with bench.page.expect_download() as waiting:
            bench.page.locator("[data-menu=download]").click()
            bench.page.get_by_role("menuitem", name=".npz").click()
        out = tmp_path / f"{bench.state['experiment']}.npz"
        waiting.value.save_as(out)
        names.add(waiting.value.suggested_filename)
        assert load(out) == bench.network()
    assert len(names) == 2
