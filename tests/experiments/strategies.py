"""Small networks, edits of every kind, and sessions made of them, for all tests here."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import strategies as st

from toolkit.edits import (
    Combine,
    Edit,
    Move,
    NameNeuron,
    SetActivation,
    SetBias,
    SetClause,
    SetColumn,
    SetNeurons,
    SetWeights,
    Several,
    Smooth,
    Stroke,
    reset,
)
from toolkit.edits.combine import HOWS
from toolkit.edits.moves import AXES, MEASURES, SIGNS
from toolkit.experiments import Experiment
from toolkit.network import ACTIVATIONS, Network
from toolkit.stamps import RANGES, SHAPES, Stamp

SIZES = (6, 4, 3)
NETWORK = Network.random(SIZES, seed=1)
TOOLS = ("set", "paste", "coach")
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
    match rng.randrange(15):
        case 0 | 1 | 2:
            keep = tuple(rng.choice((0, 0.5, 1)) for _ in cells)
            return Stroke(layer, neuron, cells, keep, values)
        case 3:
            return Smooth(
                layer, neuron, cells, (rng.random(),) * len(cells), rng.randint(1, inputs)
            )
        case 4:
            return SetWeights(layer, neuron, cells, values, rng.choice(TOOLS))
        case 5:
            return SetActivation(layer, rng.choice([*ACTIVATIONS, "leaky_relu(0.2)"]))
        case 6:
            other = Network.random(network.sizes, seed=rng.randrange(5))
            if rng.random() < 0.3:
                return SetNeurons.of(other, layer, (neuron,), "as elsewhere")
            return reset(network, other, layer, rng.choice((None, neuron)))
        case 7:
            return Several(tuple(single(rng, network) for _ in range(rng.randint(1, 4))), "a few")
        case 12:
            text = rng.choice(("1.0 and not 1.2", "at least 2 of (1.0, 1.1, 1.3)", "1.2 > 0.5"))
            return SetClause(2, rng.randrange(3), text, rng.choice((2, 4.5)))
        case 13:
            value = rng.uniform(-2, 2)
            return SetColumn(layer, rng.randrange(inputs), (neuron,), (value,), rng.choice(TOOLS))
        case 8:
            # Names are one of a kind, and a swap takes them along.
            name = f"N {rng.randrange(10**9)} ü"
            return NameNeuron(layer, neuron, rng.choice(("", name, name)))
        case 11:
            return SetBias(layer, neuron, rng.uniform(-2, 2), rng.choice(TOOLS))
        case 9:
            return a_stamp(rng, network)
        case 10:
            return a_move(rng, network, layer, neuron)
        case _:
            other = rng.choice([each for each in range(out) if each != neuron] or [1 - neuron])
            outgoing = layer < len(network.layers) and rng.random() < 0.5
            return Combine(rng.choice(HOWS), layer, neuron, other, outgoing, rng.random() < 0.7)


def a_stamp(rng: random.Random, network: Network) -> Edit:
    """Return some stamp on the first layer, each of its numbers given or left out."""
    grid, neuron = network.grid, rng.randrange(network.layer(1).size)
    shape = rng.choice(list(SHAPES))
    numbers: dict[str, object] = {"strength": rng.uniform(-2, 2), "zero_sum": rng.random() < 0.3}
    if shape == "picture":
        numbers["levels"] = [rng.uniform(-1, 1) for _ in range(grid.cells)]
    else:
        numbers["at"] = rng.uniform(-1, grid.rows + 1), rng.uniform(-1, grid.columns + 1)
    for name in SHAPES[shape]:
        if rng.random() < 0.7:
            low, high = RANGES[name]
            numbers[name] = rng.uniform(max(low, -8), min(high, 12))
    stamp = Stamp.from_dict({"shape": shape, **numbers})
    return stamp.on(1, neuron, rng.choice(("add", "replace", "blend")), rng.random())


def a_move(rng: random.Random, network: Network, layer: int, neuron: int) -> Edit:
    """Return some move of a map; above the first layer one that needs no picture."""
    rows, columns = network.grid
    top, left = rng.randrange(rows), rng.randrange(columns)
    region = top, left, rng.randint(top + 1, rows), rng.randint(left + 1, columns)
    flag = rng.random() < 0.5
    anywhere: list[tuple[str, dict[str, object]]] = [
        ("scale", {"factor": rng.uniform(-2, 2), "with_bias": flag}),
        ("normalise", {"size": rng.uniform(0, 3), "measure": rng.choice(MEASURES)}),
        ("threshold", {"level": rng.random(), "keep": rng.choice(SIGNS)}),
        ("invert", {"with_bias": flag}),
    ]
    pictures: list[tuple[str, dict[str, object]]] = [
        ("flip", {"axis": rng.choice(AXES)}),
        ("rotate", {"angle": rng.choice((90, rng.uniform(-360, 360)))}),
        ("shift", {"rows": rng.uniform(-2, 2), "columns": rng.choice((1, 0.25))}),
        ("blur", {"radius": rng.uniform(0.1, 2)}),
        ("sharpen", {"amount": rng.uniform(0, 2)}),
        ("mask", {"region": region, "outside": flag}),
        ("mask", {"cells": sorted(rng.sample(range(rows * columns), 3))}),
    ]
    move, numbers = rng.choice(anywhere + pictures if layer == 1 else anywhere)
    return Move(layer, neuron, move, **numbers)


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
