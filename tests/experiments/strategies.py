"""Small networks, edits of every kind, and sessions made of them, for all tests here."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import strategies as st

from toolkit.edits import (
    Edit,
    NameNeuron,
    SetActivation,
    SetBias,
    SetWeights,
    Several,
    Smooth,
    Stroke,
    reset,
)
from toolkit.experiments import Experiment
from toolkit.network import ACTIVATIONS, Network

SIZES = (6, 4, 3)
NETWORK = Network.random(SIZES, seed=1)
BROKEN = NETWORK.with_layer(1, weights=np.full((4, 6), np.nan))
ODD_NAMES = [
    "plain", "", "ünï ✏️ 数字", "two\nlines", "nul\0inside", "ends in nul\0",
    "lone \ud800 surrogate",
    "'; DROP TABLE steps; --", "a" * 500, "\u202eright to left", " ", "../../etc/passwd",
]  # fmt: skip


def an_edit(rng: random.Random, network: Network) -> Edit:
    """Return some edit that fits."""
    layer = rng.randint(1, len(network.layers))
    out, inputs = network.layer(layer).weights.shape
    neuron = rng.randrange(out)
    cells = tuple(rng.sample(range(inputs), rng.randint(0, min(inputs, 25))))
    values = tuple(rng.uniform(-2, 2) for _ in cells)
    match rng.randrange(10):
        case 0 | 1 | 2:
            keep = tuple(rng.choice((0, 0.5, 1)) for _ in cells)
            return Stroke(layer, neuron, cells, keep, values)
        case 3:
            return Smooth(
                layer, neuron, cells, (rng.random(),) * len(cells), rng.randint(1, inputs)
            )
        case 4:
            return SetWeights(layer, neuron, cells, values, "set")
        case 5:
            return SetActivation(layer, rng.choice(list(ACTIVATIONS)))
        case 6:
            other = Network.random(network.sizes, seed=rng.randrange(5))
            return reset(network, other, layer, rng.choice((None, neuron)))
        case 7:
            return Several(tuple(single(rng, network) for _ in range(rng.randint(1, 4))), "a few")
        case 8:
            return NameNeuron(layer, neuron, rng.choice(("", f"n{neuron}", f"N {neuron} ü")))
        case _:
            return SetBias(layer, neuron, rng.uniform(-2, 2))


def single(rng: random.Random, network: Network) -> Edit:
    """Return some edit that fits and is not several."""
    while isinstance(edit := an_edit(rng, network), Several):
        pass
    return edit


edits = st.builds(lambda seed: an_edit(random.Random(seed), NETWORK), st.integers(0, 1 << 30))


def same(one: Experiment, other: Experiment) -> None:
    """Assert that two experiments are equal in all that is stored."""
    assert one.id == other.id
    assert one.revision == other.revision
    assert (one.created, one.changed) == (other.created, other.changed)
    assert alike(one, other)


def alike(one: Experiment, other: Experiment) -> bool:
    """Assert that two experiments are equal but for id, times and revision."""
    assert (one.name, one.origin, one.digits) == (other.name, other.origin, other.digits)
    assert one.start.checksum == other.start.checksum
    assert one.cursor == other.cursor
    assert one.network.names == other.network.names
    assert one.network.checksum == other.network.checksum
    assert one.network.name == other.network.name == one.name
    assert len(one.steps) == len(other.steps)
    for mine, theirs in zip(one.steps, other.steps, strict=True):
        assert (mine.edit, mine.inverse) == (theirs.edit, theirs.inverse)
        assert (mine.name, mine.change) == (theirs.name, theirs.change)
    assert [(point.name, point.cursor, point.network.checksum) for point in one.save_points] == [
        (point.name, point.cursor, point.network.checksum) for point in other.save_points
    ]
    return True
