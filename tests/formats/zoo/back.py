"""Edit each network that a framework's file holds, write it back, and let the framework load it.

A weight and a bias of the first layer and one bias of the last are changed.  The framework loads
what is written with its strictest means into the model that the file came from, is fed what that
model is fed, and should answer as the edited network does here.
"""

from __future__ import annotations

import importlib.util
import io
import itertools
import os
import re
import subprocess
import sys
import tempfile
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.formats.zoo.check import inputs
from tests.formats.zoo.pen import Animal, animals
from toolkit.digits import open_digits
from toolkit.formats import dumps, load
from toolkit.network import ACTIVATIONS, Network

EQUAL = 1e-6
NARROW = 2e-2
"""What is asked of files whose numbers have two bytes: an edit is rounded to these."""
_PIPELINES = ((1.0, 0.0), (1 / 0.3081, -0.1307 / 0.3081), (2.0, -1.0), (255.0, 0.0), (-1.0, 1.0))
_LAID = ((-1, 784), (-1, 28, 28), (-1, 1, 28, 28), (-1, 28, 28, 1))
_SOME = 200
Run = Callable[[np.ndarray], np.ndarray]


def edited(network: Network) -> Network:
    """Return it with a weight and a bias of the first layer and a bias of the last changed."""
    first, last = network.layers[0], network.layers[-1]
    weights, biases = first.weights.copy(), first.biases.copy()
    weights[1, first.inputs // 2] += 0.25
    biases[0] += 0.125
    places = network.origin.places if network.origin is not None else ()
    if places and (places[0].biases is None and not places[0].spare):
        return network.with_layer(1, weights=weights)
    network = network.with_layer(1, weights=weights, biases=biases)
    if len(network.layers) > 1 and (not places or places[-1].biases is not None):
        network = network.with_layer(len(network.layers), biases=last.biases + np.float32(0.0625))
    return network


def outputs_of(network: Network, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return logits and outputs in double precision: how a float32 sum rounds is not asked."""
    a: Any = pixels.astype(np.float64)
    for layer in network.layers:
        z = a @ layer.weights.T.astype(np.float64) + layer.biases
        a = ACTIVATIONS[layer.activation](z)
    return z, a


def _softmax(z: np.ndarray) -> np.ndarray:
    raised = np.exp(z - z.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def difference(network: Network, pixels: np.ndarray, answers: np.ndarray) -> float:
    """Return the largest difference of outputs in [0, 1], whether the model ends in them or not."""
    logits, outputs = outputs_of(network, pixels)
    ways = [(outputs, answers), (_softmax(logits), _softmax(answers)),
            (_softmax(logits), np.exp(np.minimum(answers, 1)))]  # fmt: skip
    return min(float(np.abs(one - other).max()) for one, other in ways)


def of_torch(animal: Animal, folder: Path) -> Iterator[tuple[Run, Callable[[bytes], Run]]]:
    """PyTorch: the module is made anew, and loads with ``strict=True``."""
    import safetensors.torch
    import torch
    from torch import nn

    from tests.formats.zoo.networks import MODULES

    def state(data: bytes) -> Any:
        if animal.path.endswith(".safetensors"):
            return safetensors.torch.load(data)
        return torch.load(io.BytesIO(data), weights_only=False)

    data = (folder / animal.path).read_bytes()
    held = _tensors(state(data), torch.Tensor)
    roles = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    if not held or any(name.rpartition(".")[2] not in roles for name in held):
        return
    names = list(dict.fromkeys(name.rpartition(".")[0] for name in held))
    if not all(names):
        return

    def leaf(name: str) -> nn.Module:
        weights = held.get(f"{name}.weight")
        if weights is not None and weights.ndim == 2:
            bias = f"{name}.bias" in held
            return nn.Linear(*weights.shape[::-1], bias=bias, dtype=weights.dtype)
        return nn.BatchNorm1d(len(held[f"{name}.running_mean"]), affine=weights is not None)

    class Row(nn.Module):
        """Modules under the names that a file says, with functions where names leave room."""

        def __init__(self, activation: Any) -> None:
            super().__init__()
            numbers = [int(found[-1]) for name in names if (found := re.findall(r"\d+", name))]
            self.order: list[Any] = []
            for at, name in enumerate(names):
                inner: nn.Module = self
                *path, last = name.split(".")
                for part in path:
                    if part not in dict(inner.named_children()):
                        inner.add_module(part, nn.Module())
                    inner = inner.get_submodule(part)
                inner.add_module(last, leaf(name))
                self.order.append(inner.get_submodule(last))
                if at + 1 < len(names) and (
                    not name.isdigit() or numbers[at + 1] - numbers[at] > 1
                ):
                    self.order.append(activation())

        def forward(self, x: Any) -> Any:
            for each in self.order:
                x = each(x)
            return x

    def runs(model: nn.Module) -> Run:
        model = model.double().eval()

        def run(fed: np.ndarray) -> np.ndarray:
            with torch.no_grad():
                answers: np.ndarray = model(torch.from_numpy(fed.astype(np.float64))).numpy()
            return answers

        return run

    for activation in MODULES.values():

        def loaded(data: bytes, activation: Any = activation) -> Run:
            model = Row(activation)
            model.load_state_dict(_tensors(state(data), torch.Tensor), strict=True)
            return runs(model)

        yield loaded(data), loaded


def _tensors(value: Any, kind: type) -> dict[str, Any]:
    """Return the first dict of tensors within a checkpoint: what goes back is that alone."""
    waiting = [value]
    for found in waiting:
        if isinstance(found, dict):
            tensors = {name: each for name, each in found.items() if isinstance(each, kind)}
            if any("weight" in str(name) for name in tensors):
                return {name: each for name, each in tensors.items() if "." in str(name)}
            waiting += found.values()
        elif isinstance(found, list | tuple):
            waiting += found
    return {}


def of_keras(animal: Animal, folder: Path) -> Iterator[tuple[Run, Callable[[bytes], Run]]]:
    """Keras, of either version: ``load_model``, or ``load_weights`` into the model it came from."""
    if animal.path.startswith("tensorflow"):
        import tf_keras as keras
    else:
        import keras  # type: ignore[no-redef]

    suffix = re.sub(r".*?((\.weights)?\.(h5|keras))$", r"\1", animal.path)
    whole = folder / animal.path.replace(".weights.h5", ".keras")
    if not whole.exists() or "own-" in animal.path:
        return

    def run_of(model: Any) -> Run:
        def run(fed: np.ndarray) -> np.ndarray:
            # One row after another is not asked for: a model takes what shape it takes.
            return np.asarray(model.predict(fed.astype(np.float32), verbose=0), np.float64)

        return run

    def loaded(data: bytes) -> Run:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / f"back{suffix}"
            path.write_bytes(data)
            if suffix == ".weights.h5":
                model = keras.models.load_model(str(whole))
                model.load_weights(str(path))
            else:
                model = keras.models.load_model(str(path))
        return run_of(model)

    yield loaded((folder / animal.path).read_bytes()), loaded


def of_onnx(animal: Animal, folder: Path) -> Iterator[tuple[Run, Callable[[bytes], Run]]]:
    """ONNX: checked by onnx in full, and run by onnxruntime."""
    import onnx
    import onnxruntime

    def loaded(data: bytes) -> Run:
        onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])

        def run(fed: np.ndarray) -> np.ndarray:
            found = session.run(None, {session.get_inputs()[0].name: fed.astype(np.float32)})
            if isinstance(found[-1], list):  # a probability by class, for each digit
                return np.array([[row[key] for key in sorted(row)] for row in found[-1]])
            return np.asarray(found[-1], np.float64)

        return run

    yield loaded((folder / animal.path).read_bytes()), loaded


def _fed(run: Run, pixels: np.ndarray, logits: np.ndarray) -> Callable[[np.ndarray], Any] | None:
    """Return what makes of pixels what the model is fed: that which gives the file's answers."""
    for (scale, shift), shape in itertools.product(_PIPELINES, _LAID):
        if pixels.shape[1] != 784 and shape != (-1, 784):
            continue

        def fed(some: np.ndarray, scale: float = scale, shift: float = shift, shape: Any = shape
                ) -> np.ndarray:  # fmt: skip
            laid = (-1, some.shape[1]) if shape == (-1, 784) else shape
            return (some * scale + shift).reshape(laid)

        try:
            answers = run(fed(pixels))
        except Exception:  # of another shape than the model takes
            continue
        if answers.shape != logits.shape:
            continue
        if np.abs(_softmax(answers) - _softmax(logits)).max() < 1e-4 or (
            np.abs(answers - _softmax(logits)).max() < 1e-4
            or np.abs(answers - 1 / (1 + np.exp(-logits))).max() < 1e-4
        ):
            return fed
    return None


def verdict(folder: Path, animal: Animal, digits: Any) -> tuple[str, str]:
    """Return what became of a file on its way back, and by how much its answers differ."""
    kind = animal.back
    ways = of_onnx if kind == "onnx" else of_torch if kind in _TORCH else of_keras
    suffix = kind if kind.startswith(".") else f".{kind.removeprefix('torch')}".replace("..", ".")
    suffix = {"torch": ".pt", "onnx": ".onnx"}.get(kind, suffix)
    if ways is of_keras:
        suffix = kind[kind.index(".") :]
    pixels = inputs(folder, animal.inputs)[:_SOME]
    logits = np.load(folder / animal.answers)["logits"][:_SOME]
    for run, loaded in ways(animal, folder):
        fed = _fed(run, pixels, logits)
        if fed is None:
            continue
        network = load(folder / animal.path, digits=digits)
        before = difference(network, pixels, run(fed(pixels)))
        if before > 1e-4:
            return "opened as another", str(network.activations)
        changed = edited(network)
        far = difference(changed, pixels, loaded(dumps(changed, suffix, plain=False))(fed(pixels)))
        narrow = any(
            slot is not None and slot.dtype in ("<f2", "bfloat16")
            for place in (network.origin.places if network.origin else ())
            for slot in (place.weights, place.biases)
        )
        # What a framework sums in single precision is as far off before the edit.
        allowed = NARROW if narrow else max(EQUAL, 2 * before)
        return ("back" if far <= allowed else "WRONG"), f"{far:.1e}"
    return "no model was made for it", ""


_TORCH = ("torch", "pt", "pth", "safetensors")


def main(folder: Path, parts: list[str]) -> int:
    """Take each file of a zoo that a framework loads there and back; print a table."""
    os.environ["ZOO"] = str(folder)
    if len(parts) != 1:  # not all frameworks get on with one another in one process
        command = [sys.executable, "-m", "tests.formats.zoo", "back", str(folder)]
        kinds = parts or ["torch", "keras", "onnx", "tensorflow"]
        return max(subprocess.run([*command, part]).returncode for part in kinds)
    os.environ["KERAS_BACKEND"] = "tensorflow" if parts == ["tensorflow"] else "torch"
    mnist = open_digits(os.environ["TOOLKIT_TEST_MNIST"])
    table: dict[str, Counter[str]] = defaultdict(Counter)
    worst: dict[str, float] = defaultdict(float)
    for animal in animals(folder, parts):
        if not animal.back:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                what, more = verdict(folder, animal, mnist)
        except Exception as error:
            what, more = "refused", f"{type(error).__name__}: {error}"
        table[animal.maker][what] += 1
        if what == "back":
            worst[animal.maker] = max(worst[animal.maker], float(more))
        elif what != "no model was made for it":
            print(f"{what} | {animal.path} | {more[:200]}")
    print("\n| made by | back | largest difference | others |\n|---|---|---|---|")
    for maker, counts in sorted(table.items()):
        others = ", ".join(f"{n} {what}" for what, n in counts.items() if what != "back")
        print(f"| {maker} | {counts['back']} | {worst[maker]:.1e} | {others} |", flush=True)
    if parts == ["torch"]:
        _run_readme()
    return int(any(counts["WRONG"] for counts in table.values()))


def _run_readme() -> None:
    """Run README's code that needs PyTorch, which the tests pass over where it is not."""
    assert importlib.util.find_spec("torch") is not None
    text = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    for block in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL):
        if "import torch" in block:
            exec(compile(block, "README.md", "exec"), {})
            print("README's code with PyTorch runs.")
