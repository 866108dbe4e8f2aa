"""Train networks whose files leave everything open, and count how many open as what they are.

A development script, run where PyTorch is::

    python -m tests.formats.openings train FOLDER MNIST
    python -m tests.formats.openings count FOLDER MNIST

``train`` keeps each network as arrays beside what is true of it: the function of each layer and
how pixels were scaled.  ``count`` reads the arrays as a ``state_dict`` and compares the network
that is proposed with the true one, digit by digit, with MNIST's test digits to try on and with the
drawn ones.  The first seeds are for choosing how it is decided, the last for telling how well.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.activations import ACTIVATIONS
from toolkit.digits import load_drawn, open_digits
from toolkit.formats.meaning.interpretation import possibilities
from toolkit.formats.meaning.reading import RawLayer, Reading
from toolkit.network import Network

PIXELS = {
    "unit": (1.0, 0.0),
    "standard": (1 / 0.3081, -0.1307 / 0.3081),
    "both signs": (2.0, -1.0),
    "bytes": (255.0, 0.0),
    "dark": (-1.0, 1.0),
    "dark standard": (-1 / 0.3081, (1 - 0.1307) / 0.3081),
}
MAIN_SIZES = ((784, 16, 16, 10), (784, 32, 10), (784, 128, 64, 10))
MAIN_PIXELS = ("unit", "standard", "both signs")


def specs() -> Iterator[dict[str, Any]]:
    """Yield what is true of each network: the 81 of the usual kinds with each seed, then others."""
    rng = np.random.default_rng(10)
    for seed in range(3):
        for sizes, hidden, pixels in product(MAIN_SIZES, ("relu", "sigmoid", "tanh"), MAIN_PIXELS):
            output = str(rng.choice(("softmax", "softmax", "sigmoid")))
            yield _spec("main", sizes, [hidden] * (len(sizes) - 2), pixels, output, seed, rng)
    for seed in (0,):
        for sizes, hidden in product(MAIN_SIZES[:2], ("relu", "sigmoid", "tanh")):
            yield _spec("bytes", sizes, [hidden] * (len(sizes) - 2), "bytes", "softmax", seed, rng)
            yield _spec("dark", sizes, [hidden] * (len(sizes) - 2), "dark", "softmax", seed, rng)
        for pixels in PIXELS:
            yield _spec("linear", (784, 10), [], pixels, "softmax", seed, rng)
        for kind, pixels in product(("gelu", "leaky_relu", "elu", "silu"), ("unit", "standard")):
            yield _spec("new", (784, 16, 16, 10), [kind] * 2, pixels, "softmax", seed, rng)
            yield _spec("new", (784, 64, 10), [kind], pixels, "softmax", seed, rng)
        for pair in (
            ("relu", "sigmoid"), ("relu", "tanh"), ("sigmoid", "relu"), ("tanh", "relu"),
            ("tanh", "sigmoid"),
        ):  # fmt: skip
            for pixels in ("unit", "standard"):
                yield _spec("mixed", (784, 16, 16, 10), list(pair), pixels, "softmax", seed, rng)
        for hidden in ("relu", "tanh"):
            yield _spec(
                "deep", (784, 64, 32, 16, 10), [hidden] * 3, "standard", "softmax", seed, rng
            )
        for hidden in ("relu", "sigmoid"):
            yield _spec("small", (784, 16, 16, 10), [hidden] * 2, "unit", "identity", seed, rng)


def _spec(
    group: str, sizes: Any, hidden: list[str], pixels: str, output: str, seed: int, rng: Any
) -> dict[str, Any]:
    return {
        "group": group, "sizes": list(sizes), "activations": [*hidden, output], "pixels": pixels,
        "seed": seed, "epochs": int(rng.integers(1, 5)),
        "optimizer": str(rng.choice(("adam", "adam", "sgd"))),
    }  # fmt: skip


def train(folder: Path, mnist: str) -> None:
    """Train every network that is not there yet."""
    import torch

    torch.set_num_threads(1)
    digits = open_digits(mnist, "train")
    images, labels = torch.tensor(digits.images), torch.tensor(digits.labels.astype(np.int64))
    for number, spec in enumerate(specs()):
        path = folder / f"{number:03}.npz"
        if not path.exists():
            began = time.perf_counter()
            arrays = _trained(spec, images, labels, torch)
            np.savez(path, spec=json.dumps(spec), **arrays)
            print(path.name, spec, f"{time.perf_counter() - began:.1f} s", flush=True)


def _trained(spec: dict[str, Any], images: Any, labels: Any, torch: Any) -> dict[str, Any]:
    torch.manual_seed(spec["seed"] * 1000 + len(repr(spec)))
    sizes, (scale, shift) = spec["sizes"], PIXELS[spec["pixels"]]
    functions = torch.nn.functional
    linear = [torch.nn.Linear(a, b) for a, b in pairwise(sizes)]
    parameters = [p for layer in linear for p in layer.parameters()]
    if spec["optimizer"] == "adam":
        step = torch.optim.Adam(parameters, 1e-3)
    else:
        step = torch.optim.SGD(parameters, 1e-4 if scale == 255 else 0.05, momentum=0.9)
    output = spec["activations"][-1]
    for _ in range(spec["epochs"]):
        for which in torch.randperm(len(images)).split(100):
            x = images[which] * scale + shift
            for layer, name in zip(linear, spec["activations"], strict=True):
                x = layer(x)
                if layer is not linear[-1]:
                    x = getattr(torch if name == "tanh" else functions, name)(x)
            y = labels[which]
            if output == "softmax":
                loss = functions.cross_entropy(x, y)
            elif output == "sigmoid":
                loss = functions.binary_cross_entropy_with_logits(
                    x, functions.one_hot(y, 10).float()
                )
            else:
                loss = functions.mse_loss(x, functions.one_hot(y, 10).float())
            step.zero_grad()
            loss.backward()
            step.step()
    return {
        f"{number}.{what}": getattr(layer, what).detach().numpy()
        for number, layer in enumerate(linear)
        for what in ("weight", "bias")
    }


def count(folder: Path, mnist: str) -> None:
    """Say how many of each group open as what they are, and which do not."""
    sets = {"MNIST": open_digits(mnist), "drawn": load_drawn(2000)}
    images = sets["MNIST"].images[:500]
    right: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as archive:
            spec = json.loads(str(archive["spec"]))
            layers = [
                (archive[f"{number}.weight"], archive[f"{number}.bias"])
                for number in range(len(spec["activations"]))
            ]
        expected = _answers(spec, layers, images)
        reading = Reading("state_dict", tuple(RawLayer(*arrays, None, False) for arrays in layers))
        for name, digits in sets.items():
            began = time.perf_counter()
            ways = possibilities(reading, digits)
            seconds = time.perf_counter() - began
            network = ways[0].network
            good = _same(network, spec, images, expected)
            named = network.activations == tuple(spec["activations"])
            right[spec["group"], name].append(good)
            right[f"{spec['group']}, seed {spec['seed']}", name].append(good)
            right[f"{spec['group']}, function of outputs", name].append(
                network.activations[-1] == spec["activations"][-1]
            )
            if not (good and named):
                print(
                    f"{path.name} {name}: {spec['activations']}, {spec['pixels']} opens as "
                    f"{ways[0].summary}: {ways[0].accuracy:.1%}, {seconds:.2f} s"
                    f"{'' if good else ', WRONG'}"
                )
    for (group, name), each in sorted(right.items()):
        print(f"{group}, {name}: {sum(each)} of {len(each)}")


def _answers(
    spec: dict[str, Any], layers: list[tuple[Any, Any]], images: NDArray[Any]
) -> NDArray[Any]:
    scale, shift = PIXELS[spec["pixels"]]
    a = images.astype(np.float64) * scale + shift
    for (weights, biases), name in zip(
        layers, [*spec["activations"][:-1], "identity"], strict=True
    ):
        a = ACTIVATIONS[name]((a @ weights.T + biases).astype(np.float32))
    return a


def _same(
    network: Network, spec: dict[str, Any], images: NDArray[Any], expected: NDArray[Any]
) -> bool:
    """Tell whether a network's last sums are the framework's, as far as float32 goes."""
    got = network.forward(images).logits
    return bool(np.abs(got - expected).max() < 1e-3 * max(1.0, np.abs(expected).max()))


if __name__ == "__main__":
    {"train": train, "count": count}[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
