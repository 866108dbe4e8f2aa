"""There and back by the page: a framework's file is opened, painted on, taken back as it came.

``python -m tests.formats.zoo page FOLDER``: each file is one that the framework itself wrote; what
comes back is loaded strictly into the model it came from, and asked about digits that the page's
network is asked about, too.  It needs the frameworks, the toolkit and a browser in one environment.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
import onnxruntime
import safetensors.torch
import torch
from numpy.typing import NDArray
from playwright.sync_api import sync_playwright
from sklearn.neural_network import MLPClassifier
from torch import nn

from tests.browser.bench_page import BenchPage, until
from tests.browser.server import dashboard
from tests.formats.zoo.networks import fit, run, trained
from tests.formats.zoo.pictures import TRANSFORMS, mnist

Answers = Callable[[Path], NDArray[np.float64]]
Case = tuple[str, list[Path], Answers]
"""What it is, its files, and what the framework answers of a file that came back."""


def _digits() -> NDArray[np.float32]:
    return mnist("t10k")[0][:500]


def _torch(folder: Path) -> Iterator[Case]:
    standard = TRANSFORMS["standard"]

    def state_dict(model: nn.Module, fed: Any, tensors: bool = False) -> Answers:
        def answers(path: Path) -> NDArray[np.float64]:
            state = (
                safetensors.torch.load_file(path)
                if tensors
                else torch.load(path, weights_only=True)
            )
            before = model.state_dict()
            assert list(state) == list(before) or tensors, "other names"
            for name, tensor in state.items():
                assert tensor.dtype == before[name].dtype, f"{name}: {tensor.dtype}"
            print("   ", model.load_state_dict(state, strict=True), end=" ")
            return run(model, fed)

        return answers

    net = trained((784, 16, 16, 10), "relu", "standard", seed=1)
    path = folder / "sequential-standard.pt"
    torch.save(net.state, path)
    fed = _digits() * standard[0] + standard[1]
    yield (
        "PyTorch, nn.Sequential, pixels less mean over deviation",
        [path],
        state_dict(net.model, fed),
    )
    path = folder / "sequential-standard.safetensors"
    safetensors.torch.save_file(net.state, path)
    yield "PyTorch, the same as safetensors", [path], state_dict(net.model, fed, tensors=True)

    torch.manual_seed(4)
    normed = nn.Sequential(
        nn.Linear(784, 16, bias=False), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(),
        nn.BatchNorm1d(16), nn.Linear(16, 10),
    )  # fmt: skip
    fit(normed, *mnist("train"), epochs=1)
    path = folder / "batch-normalised.pt"
    torch.save({"epoch": 1, "model_state_dict": normed.state_dict()}, path)
    yield "PyTorch, batch normalisation, in a checkpoint", [path], state_dict(normed, _digits())

    double = trained((784, 32, 10), "tanh", "half", seed=2).model.double()
    path = folder / "double.pt"
    torch.save(double.state_dict(), path, _use_new_zipfile_serialization=False)
    yield "PyTorch, double precision, legacy form", [path], state_dict(double, _digits() * 2 - 1)


def _onnx(folder: Path) -> Iterator[Case]:
    def answers(path: Path) -> NDArray[np.float64]:
        session = onnxruntime.InferenceSession(path)
        (given,) = session.get_inputs()
        return np.concatenate(
            [session.run(None, {given.name: digit[None]})[0] for digit in _digits()]
        ).astype(np.float64)

    model = trained((784, 16, 16, 10), "sigmoid").model
    path = folder / "dynamo.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, (torch.zeros(1, 784),), path, dynamo=True, verbose=False)
    data = path.with_name("dynamo.onnx.data")
    yield "ONNX, PyTorch's own exporter", [path, *([data] if data.exists() else [])], answers


def _keras(folder: Path) -> Iterator[Case]:
    keras.utils.set_random_seed(5)
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((28, 28)), layers.Flatten(), layers.Rescaling(2.0, -1.0),
        layers.Dense(16), layers.BatchNormalization(), layers.Activation("gelu"),
        layers.Dense(16, "sigmoid"), layers.Dense(10, "softmax"),
    ])  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy")
    images, labels = mnist("train")
    model.fit(images.reshape(-1, 28, 28), labels, batch_size=100, epochs=1, verbose=0)

    def outputs(loaded: Any) -> NDArray[np.float64]:
        found: Any = loaded.predict(_digits().reshape(-1, 28, 28), verbose=0)
        return np.asarray(found, np.float64)

    for suffix in (".keras", ".h5"):
        path = folder / f"keras{suffix}"
        model.save(path)
        yield f"Keras 3, {suffix}", [path], lambda path: outputs(keras.models.load_model(path))
    # Weights alone do not say behind which of two layers of 16 a normalisation stands.
    bare = keras.Sequential([
        keras.Input((784,)), layers.Dense(16, "relu"), layers.Dense(16, "relu"),
        layers.Dense(10, "softmax"),
    ])  # fmt: skip
    bare.compile("adam", "sparse_categorical_crossentropy")
    bare.fit(images, labels, batch_size=100, epochs=2, verbose=0)

    def alone(path: Path) -> NDArray[np.float64]:
        bare.load_weights(path)
        return np.asarray(bare.predict(_digits(), verbose=0), np.float64)

    path = folder / "keras.weights.h5"
    bare.save_weights(path)
    yield "Keras 3, .weights.h5", [path], alone


def _sklearn(folder: Path) -> Iterator[Case]:
    images, labels = mnist("train")
    mlp = MLPClassifier((16, 16), "relu", max_iter=4, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlp.fit(images[:5000].astype(np.float64), labels[:5000])
    path = folder / "sklearn.npz"
    np.savez(path, *mlp.coefs_, *mlp.intercepts_)

    def answers(path: Path) -> NDArray[np.float64]:
        arrays = list(np.load(path).values())
        count = len(mlp.coefs_)
        assert [a.shape for a in arrays] == [a.shape for a in (*mlp.coefs_, *mlp.intercepts_)]
        mlp.coefs_, mlp.intercepts_ = arrays[:count], arrays[count:]
        found: NDArray[np.float64] = mlp.predict_proba(_digits().astype(np.float64))
        return found

    yield "scikit-learn, np.savez of coefs_ and intercepts_", [path], answers


def _softmax(z: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = np.exp(z - z.max(axis=1, keepdims=True))
    softmax: NDArray[np.float64] = shifted / shifted.sum(axis=1, keepdims=True)
    return softmax


def main(folder: Path, parts: list[str]) -> int:
    """Go there and back with one file a framework; tell how far answers are apart."""
    os.environ["ZOO"] = str(folder)
    place = folder / "page"
    place.mkdir(parents=True, exist_ok=True)
    makers = {"torch": _torch, "onnx": _onnx, "keras": _keras, "sklearn": _sklearn}
    failed = 0
    with (
        sync_playwright() as playwright,
        dashboard("blank", os.environ["TOOLKIT_TEST_MNIST"]) as address,
    ):
        options = {
            "executable_path": os.environ.get("TOOLKIT_TEST_BROWSER"),
            "args": ["--no-sandbox"],
        }
        browser = playwright.chromium.launch(**options)
        for part in parts or makers:
            for what, files, answers in makers[part](place):
                page = browser.new_page(viewport={"width": 1366, "height": 768})
                page.goto(address)
                bench = BenchPage(page)
                bench.js("bench.files.input.multiple = true")  # as a choice of networks sets it
                page.locator(".file").set_input_files(files)
                until(page, "bench.store.state.understood !== null", timeout=60_000)
                bench.settle()
                read = bench.state["understood"]["ways"][bench.state["understood"]["chosen"]][0]
                bench.stroke((6, 6), (20, 20))
                bench.settle()
                page.locator("[data-menu=download]").click()
                with page.expect_download() as waiting:
                    page.get_by_role("menuitem", name="as it came").click()
                suffix = "".join(files[0].suffixes)
                back = place / f"back-{files[0].name.partition('.')[0]}{suffix}"
                waiting.value.save_as(back)
                shown = bench.network().forward(_digits()).outputs.astype(np.float64)
                page.close()
                theirs = answers(back)
                theirs = theirs if abs(theirs.sum(1) - 1).max() < 1e-3 else _softmax(theirs)
                ours = shown if abs(shown.sum(1) - 1).max() < 1e-3 else _softmax(shown)
                apart = float(np.abs(theirs - ours).max())
                failed += apart > 1e-6
                print(f"{what}: read as {read}; {apart:.1e} apart", flush=True)
        browser.close()
    return int(failed > 0)
