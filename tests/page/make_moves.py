"""Write the moves, and what is done between neurons, on which page and Python must agree.

The weights afterwards are the toolkit's own; ``tests/test_moves.py`` says what they mean.  Run
``python -m tests.page.make_moves`` to write them anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.page.make_cases import number, plain
from toolkit.edits import from_dict
from toolkit.grid import Grid
from toolkit.network import Layer, Network

PLACE = Path(__file__).with_name("moves.json")
GRID = Grid(4, 5)
_ODD = ["nan", "inf", "-inf", 3e38, -3e38, 1e-45, -0.0, 0.5]


def network(layers: list[dict[str, list[Any]]]) -> Network:
    """Return the network of a case: layers of weights, a list a neuron, and biases."""
    made = []
    for place, part in enumerate(layers):
        weights = [[number(value) for value in row] for row in part["weights"]]
        biases = [number(value) for value in part["biases"]]
        made.append(Layer(weights, biases, "sigmoid", None if place else GRID))
    return Network(tuple(made))


def written(network: Network) -> list[dict[str, list[Any]]]:
    return [
        {
            "weights": [[plain(value) for value in row] for row in layer.weights],
            "biases": [plain(value) for value in layer.biases],
        }
        for layer in network.layers
    ]


def some_move(rng: np.random.Generator, layer: int = 1) -> dict[str, Any]:
    """Return the dict of some move that fits a map of 4×5 or, above it, any weights."""
    names = ["scale", "normalise", "threshold", "invert"]
    if layer == 1:
        names += ["flip", "rotate", "shift", "blur", "sharpen", "mask"]
    move = str(rng.choice(names))

    def some(low: float, high: float) -> float:
        return round(float(rng.uniform(low, high)), 3)

    signs = ["both", "positive", "negative"]
    flag = bool(rng.integers(2))
    top, left = int(rng.integers(4)), int(rng.integers(5))
    region = [top, left, int(rng.integers(top + 1, 5)), int(rng.integers(left + 1, 6))]
    cells = [int(cell) for cell in rng.choice(20, rng.integers(20), replace=False)]
    numbers: dict[str, Any] = {
        "flip": {"axis": str(rng.choice(["left-right", "top-bottom"]))},
        "rotate": {"angle": float(rng.choice([90, 180, -90, some(-400, 400)]))},
        "shift": {"rows": some(-3, 3), "columns": float(rng.integers(-2, 3))},
        "scale": {"factor": some(-2, 2), "with_bias": flag},
        "normalise": {
            "size": some(0, 3), "measure": str(rng.choice(["largest", "sum", "length"])),
            "with_bias": flag,
        },
        "blur": {"radius": some(0.1, 3)},
        "sharpen": {"radius": some(0.1, 2), "amount": some(0, 3)},
        "threshold": {"level": some(0, 1), "keep": str(rng.choice(signs))},
        "invert": {"with_bias": flag},
        "mask": {"cells": cells} if flag else {"region": region, "outside": bool(rng.integers(2))},
    }[move]  # fmt: skip
    return {"move": move, **numbers}


def cases() -> list[dict[str, Any]]:
    rng = np.random.default_rng(11)
    made = []

    def add(edit: dict[str, Any], odd: bool) -> None:
        before = written(Network.random((20, 3, 2), seed=len(made)))
        if odd:
            before[0]["weights"][1][2:10] = _ODD
            before[0]["biases"][1] = before[1]["weights"][0][1] = "nan"
        after = from_dict(edit).apply(network(before))
        made.append({"edit": edit, "before": before, "after": written(after)})

    seen: dict[str, int] = {}
    while len(seen) < 10 or min(seen.values()) < 4:
        numbers = some_move(rng)
        count = seen[numbers["move"]] = seen.get(numbers["move"], 0) + 1
        if count <= 5:
            add({"kind": "move", "layer": 1, "neuron": 1, **numbers}, odd=count % 2 == 0)
    for _ in range(6):
        add({"kind": "move", "layer": 2, "neuron": 0, **some_move(rng, 2)}, odd=False)
    add({"kind": "move", "layer": 1, "neuron": 1, "move": "scale", "factor": 1e6}, odd=True)
    for how in ("copy", "swap", "average"):
        for outgoing in (False, True):
            add({"kind": "combine", "how": how, "layer": 1, "from": 0, "to": 1,
                 "outgoing": outgoing}, odd=outgoing)  # fmt: skip
    return made


def main() -> None:
    lines = ",\n".join(json.dumps(case, allow_nan=False) for case in cases())
    PLACE.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
