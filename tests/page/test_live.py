"""What the page finds while one paints is what Python finds: winners, to the last digit."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.page.test_page import HERE, node
from toolkit import shipped
from toolkit.activations import ACTIVATIONS
from toolkit.digits import DigitSet, open_digits
from toolkit.network import Layer, Network
from toolkit.scoring import Scorer, resolving
from toolkit.scoring.sums import fixed_point
from toolkit.studio.answer import ridges
from toolkit.studio.digitfile import pack
from toolkit.studio.library import Laid

STROKES = 100
NETWORKS = ("mnist-sigmoid", "mnist-relu", "handmade", "blank", "random")
FUNCTIONS = [*(name for name in ACTIVATIONS if "(" not in name), "elu(2)", "leaky_relu(-0.5)"]


def run(script: str, *arguments: object) -> None:
    command = [node(), script, *map(str, arguments)]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]


def laid(digits: DigitSet) -> Laid:
    return Laid(digits.source, digits, digits, np.arange(len(digits)))


class Job:
    """A network's states one after another, as the page's worker would be told of them."""

    def __init__(self, folder: Path, digits: DigitSet, network: Network) -> None:
        self.folder, self.digits = folder, digits
        self.network: Network | None = None
        self.steps: list[dict[str, Any]] = []
        self.weights: list[bytes] = []
        self.at = 0
        self.told = {"sizes": network.sizes, "classes": digits.classes, "steps": self.steps}
        self.add(network)

    def add(self, network: Network, selected: tuple[int, int] | None = None) -> None:
        layers: list[Any] = []
        for number, layer in enumerate(network.layers, 1):
            known = self.network.layer(number) if self.network else None
            rows = np.arange(layer.size)
            if known is not None:
                same = (known.weights == layer.weights).all(axis=1)
                rows = np.flatnonzero(~same | (known.biases != layer.biases))
            layers.append([self.at, rows.tolist()] if len(rows) else None)
            data = layer.weights[rows].tobytes() + layer.biases[rows].tobytes()
            self.weights.append(data)
            self.at += len(data)
        self.network = network
        step = {"activations": network.activations, "layers": layers, "selected": selected}
        self.steps.append(step)

    def run(self) -> tuple[np.ndarray, list[Any]]:
        """Return winners, shape (steps, digits), and what was told of each step."""
        (self.folder / "job.json").write_text(json.dumps(self.told))
        (self.folder / "weights.bin").write_bytes(b"".join(self.weights))
        (self.folder / "digits.bin").write_bytes(pack(laid(self.digits)))
        run("score_job.js", self.folder)
        winners = np.fromfile(self.folder / "winners.bin", np.uint8)
        told = json.loads((self.folder / "told.json").read_text())
        return winners.reshape(len(self.steps), -1), told


def replaced(network: Network, number: int, layer: Layer) -> Network:
    layers = [*network.layers]
    layers[number - 1] = layer
    return Network(tuple(layers))


def brushed(random: np.random.Generator, weights: np.ndarray) -> np.ndarray:
    """Return a map after a dab of a brush of 21 cells or less."""
    rows, columns = np.mgrid[:28, :28]
    row, column = random.uniform(3, 25, 2)
    inside = (rows - row) ** 2 + (columns - column) ** 2 <= random.choice([1, 4, 6.8])
    result = weights.copy()
    result[inside.ravel()] += np.float32(random.normal(0, 0.5))
    return result


def strokes(network: Network, count: int, seed: int) -> Iterator[Network]:
    """Give the network after each of so many changes as people make them, most of them strokes."""
    random = np.random.default_rng(seed)
    before = [network]
    for _ in range(count):
        kind = random.choice(["brush", "bias", "later", "map", "layer", "function", "undo"],
                             p=[0.6, 0.12, 0.16, 0.04, 0.02, 0.02, 0.04])  # fmt: skip
        number = 1 if kind in ("brush", "map") else int(random.integers(1, 4))
        number = int(random.integers(2, 4)) if kind == "later" else number
        layer = network.layer(number)
        weights, biases, function = layer.weights.copy(), layer.biases.copy(), layer.activation
        row = int(random.integers(layer.size))
        if kind == "brush":
            weights[row] = brushed(random, weights[row])
        elif kind == "bias":
            biases[row] += np.float32(random.normal())
        elif kind == "later":
            cells = random.integers(layer.inputs, size=random.integers(1, 4))
            weights[row, cells] = random.normal(0, 2, len(cells)).astype(np.float32).round(1)
        elif kind == "map":
            weights[row] = np.roll(weights[row], 28) * random.choice([0, 1, -1])
        elif kind == "layer":
            weights *= np.float32(0.9)
        elif kind == "function":
            function = str(random.choice(["sigmoid", "relu", "tanh", "gelu"]))
        before.append(network)
        network = (
            before[int(random.integers(len(before)))] if kind == "undo"
            else replaced(network, number, Layer(weights, biases, function))
        )  # fmt: skip
        yield network


@pytest.fixture(scope="module", params=["drawn", "mnist"])
def digits(request: pytest.FixtureRequest) -> DigitSet:
    if request.param == "mnist":
        return open_digits(str(request.getfixturevalue("mnist_folder")), "test")
    return open_digits("drawn", "test")


@pytest.mark.parametrize("name", NETWORKS)
def test_live_winners_are_python_s_after_every_stroke(
    name: str, digits: DigitSet, tmp_path: Path
) -> None:
    start = shipped.open_network(name)
    job, scorer = Job(tmp_path, digits, start), Scorer(digits)
    expected = [scorer.update(start).predictions]
    for network in strokes(start, STROKES, len(digits.name) + len(name)):
        job.add(network)
        expected.append(scorer.update(network).predictions)
    winners, told = job.run()
    for step, (found, wanted) in enumerate(zip(winners, expected, strict=True)):
        wrong = np.flatnonzero(found != wanted)
        assert not len(wrong), f"step {step}: digits {wrong[:5]} are read otherwise"
        assert told[step]["correct"] == np.count_nonzero(wanted == digits.labels)


def test_ridges_firing_and_flips_are_those_of_the_server_at_rest(
    digits: DigitSet, tmp_path: Path
) -> None:
    start = shipped.open_network("mnist-relu")
    job, scorer = Job(tmp_path, digits, start), Scorer(digits)
    before = scorer.update(start)
    wanted: list[dict[str, Any]] = [{}]
    for at, network in enumerate(strokes(start, 12, 5)):
        selected = (1 + at % 3, at % 10)
        job.add(network, selected)
        score = scorer.update(network)
        sums, counts = ridges(network, *selected, scorer, digits)
        kind = "<u4" if sums["wide"] else "<u2"
        rows = np.frombuffer(counts, kind).reshape(digits.classes, -1)
        fires = [
            [np.bincount(digits.labels[each], minlength=10) for each in scorer.activations(k)[0].T]
            for k in (1, 2, 3)
        ]
        flips = [score.gained_since(before), score.lost_since(before)]
        wanted.append({"sums": sums, "rows": rows, "fires": fires, "flips": flips,
                       "confusion": score.confusion})  # fmt: skip
    _, told = job.run()
    for found, expected in zip(told[1:], wanted[1:], strict=True):
        ridge, sums = found["ridges"], expected["sums"]
        # What the first layer sums to is exact; later, activations are off by a little.
        some = 0 if sums["layer"] == 1 else 4
        for name in ("layer", "neuron", "bins", "bias", "of", "zeros"):
            assert ridge[name] == sums[name], name
        for name in ("low", "high"):
            assert ridge[name] == pytest.approx(sums[name], rel=1e-5 if some else 0, abs=0)
        assert np.abs(np.array(ridge["counts"]) - expected["rows"]).sum() <= 2 * some
        assert np.abs(np.subtract(ridge["fired"], sums["fired"])).sum() <= some
        for layer, of in zip(found["fires"], expected["fires"], strict=True):
            assert np.abs(np.array(layer).reshape(-1, 10) - of).sum() <= 4
        assert found["confusion"] == expected["confusion"].ravel().tolist()
        for side, which in zip(("gained", "lost"), expected["flips"], strict=True):
            assert found[side] == {"count": len(which), "digits": which[:10].tolist()}
        for digit, pixels in found["pictures"]:
            assert pixels == digits.pixels[digit].tolist()


def test_sums_and_outputs_have_the_same_bits(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    brightest = random.integers(0, 256, 40).astype(np.uint8)
    scales = 10.0 ** random.integers(-20, 20, (60, 1))
    rows = (random.normal(0, 1, (60, 40)) * scales).astype(np.float32)
    rows[:3] = [[0], [1], [0.1]]
    fixed, bits = fixed_point(rows, brightest)
    job: dict[str, Any] = {
        "rows": rows.tolist(), "brightest": brightest.tolist(), "fixed": fixed.tolist(),
        "bits": bits.tolist(), "networks": [],
    }  # fmt: skip
    for function in FUNCTIONS:
        layers = tuple(
            Layer(random.normal(0, 2, (out, into)), random.normal(0, 1, out), function)
            for into, out in ((5, 6), (6, 4), (4, 3))
        )
        z = np.concatenate([random.normal(0, 3, (6, 40)), 80 * random.normal(0, 1, (6, 5))], axis=1)
        z[:, 0] = 0
        outputs = resolving.outputs(layers, z)
        job["networks"].append({
            "activations": [function] * 3,
            "layers": [
                {"in": each.inputs, "out": each.size, "weights": each.weights.ravel().tolist(),
                 "biases": each.biases.tolist()} for each in layers
            ],
            "z": z.T.tolist(),
            "outputs": outputs.T.tolist(),
            "ranked": resolving.activate(function, outputs).T.tolist(),
            "winners": resolving.resolve(layers, z).tolist(),
        })  # fmt: skip
    (tmp_path / "job.json").write_text(json.dumps(job))
    run("same_bits.js", tmp_path / "job.json")
