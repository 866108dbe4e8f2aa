"""How long it takes to look into a network from a shell."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.browser.server import ROOT
from toolkit.analysis.ablation import ablations
from toolkit.digits import DigitSet
from toolkit.network import Network, winner
from toolkit.shipped import open_network


def report(digits: DigitSet, show: Callable[..., None], in_turn: Callable[..., list[list[float]]],
           source: str) -> None:  # fmt: skip
    """The whole report from a shell, process and all; and every neuron left out in turn."""
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("html", "json"):
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, "-P", "-m", "toolkit", "analyse", "mnist-sigmoid", "--digits",
                 source, "-o", str(Path(folder) / f"report.{kind}")],
                check=True, stderr=subprocess.DEVNULL, cwd=ROOT,
            )  # fmt: skip
            show(f"toolkit analyse, {len(digits):,} digits, .{kind}", [time.perf_counter() - start])
    network = open_network("mnist-sigmoid")
    responses = network.forward(digits.images)
    ours, theirs = in_turn(
        3,
        lambda: ablations(network, responses, digits.labels, "mean"),
        lambda: _one_by_one(network, digits),
    )
    show("accuracy without each of 42 neurons", ours, "a full pass for each", theirs)


def _one_by_one(network: Network, digits: DigitSet) -> list[float]:
    """Return the accuracy with each hidden neuron at its mean, by a full forward pass for each."""
    found = []
    for layer in range(1, len(network.layers)):
        for index in range(network.layer(layer).size):
            a = digits.images
            for number, each in enumerate(network.layers, 1):
                z = a @ each.weights.T + each.biases
                a = each.activate(z)
                if number == layer:
                    a[:, index] = a[:, index].mean()
            found.append(float(np.mean(winner(z) == digits.labels)))
    return found
