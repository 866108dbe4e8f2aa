"""What scoring again after a stroke costs as digits, neurons and the brush grow."""

from __future__ import annotations

from functools import partial

import numpy as np

from toolkit.benchmarks.parts.rescoring import CELLS, after, compared, needs_after, stroke
from toolkit.benchmarks.records import Job, Part, Result, job
from toolkit.benchmarks.setting import Setting
from toolkit.network import Network
from toolkit.shipped import open_network

DIGITS = (1_000, 3_000, 10_000, 30_000, 70_000)
NEURONS = (16, 64, 256, 1024, 4096)
BRUSH = (1, 5, 21, 81, 256, 784)


def _against_digits(setting: Setting, count: int) -> Result:
    network, digits = open_network("mnist-sigmoid"), setting.all.subset(slice(count))
    return compared(setting, after(stroke, network, digits), network, digits,
                    needs_after(network, count))  # fmt: skip


def _against_neurons(setting: Setting, size: int) -> Result:
    network, digits = Network.random((784, size, 10)), setting.test
    return compared(setting, after(stroke, network, digits), network, digits,
                    needs_after(network, len(digits)))  # fmt: skip


def _against_brush(setting: Setting, cells: int) -> Result:
    def change(network: Network, rng: np.random.Generator) -> Network:
        return stroke(network, rng, cells)

    network, digits = open_network("mnist-sigmoid"), setting.test
    return compared(setting, after(change, network, digits), network, digits,
                    needs_after(network, len(digits), cells))  # fmt: skip


def _jobs(setting: Setting) -> list[Job]:
    there = len(setting.test)
    most = len(setting.train) + there
    found = [
        job(f"cost.digits.{count}", f"{count:,} digits after a stroke of {CELLS} cells",
            partial(_against_digits, setting, count))
        for count in sorted({min(count, most) for count in DIGITS})
    ]  # fmt: skip
    found += [
        job(f"cost.neurons.{size}", f"{there:,} digits, 784-{size}-10, a stroke of {CELLS} cells",
            partial(_against_neurons, setting, size))
        for size in NEURONS
    ]  # fmt: skip
    found += [
        job(f"cost.brush.{cells}",
            f"{there:,} digits after a stroke of {cells} cell{'s' if cells > 1 else ''}",
            partial(_against_brush, setting, cells))
        for cells in BRUSH
    ]  # fmt: skip
    return found


PART = Part("cost", "what scoring costs as digits, neurons and the brush grow", _jobs)
