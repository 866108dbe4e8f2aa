"""Write the stamps on which the page and Python must agree to the bit.

The levels are the toolkit's own; ``test_stamps.py`` works the same shapes out with the standard
library's sines, one cell at a time.  Run ``python -m tests.page.make_stamps`` to write them anew.
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
from toolkit.stamps import FAMILIES, RANGES, SHAPES, Stamp
from toolkit.stamps.shapes import levels

PLACE = Path(__file__).with_name("stamps.json")
_USUAL = {
    "angle": (-400, 400), "length": (0.1, 20), "width": (0.1, 6), "height": (0.1, 20),
    "curvature": (-0.5, 0.5), "surround": (0, 3), "flank": (0, 6), "soft": (0.1, 5),
    "phase": (-300, 300),
}  # fmt: skip


def some_stamp(rng: np.random.Generator, shape: str) -> dict[str, Any]:
    """Return the dict of some stamp, with a number left out here and there."""
    record: dict[str, Any] = {
        "shape": shape,
        "at": [round(float(x), 3) for x in rng.uniform(0, 8, 2)],
    }
    for name in SHAPES[shape]:
        if rng.random() < 0.8:
            record[name] = round(float(rng.uniform(*_USUAL[name])), 3)
    record["strength"] = round(float(rng.normal(0, 2)), 2)
    record["zero_sum"] = bool(rng.integers(2))
    return record


def renderings() -> list[dict[str, Any]]:
    rng = np.random.default_rng(8)
    drawn = [shape for shape in SHAPES if shape != "picture"]
    chosen = [({"shape": shape}, (28, 28)) for shape in drawn]
    chosen += [(some_stamp(rng, shape), (7, 9)) for shape in drawn for _ in range(5)]
    chosen += [({"shape": "picture", "levels": [0.5, -1, 1, 1e-5, 0.3, 0]}, (2, 3))]
    chosen += [({"shape": "blob", "length": 300, "zero_sum": True}, (3, 4))]
    chosen += [({"shape": "arc", "curvature": bend}, (4, 6)) for bend in (1e-300, -1.01e-6, 1, -1)]
    chosen += [({"shape": "edge", "at": [-1, 3], "zero_sum": True}, (4, 6))]
    return [
        {"stamp": stamp, "grid": list(grid), "levels": whole(Stamp.from_dict(stamp), grid)}
        for stamp, grid in chosen
    ]


def whole(stamp: Stamp, grid: tuple[int, int]) -> list[int]:
    return [int(level) for level in levels(stamp, Grid(*grid))]


def edits() -> list[dict[str, Any]]:
    odd = [plain(v) for v in (np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-45, -0.0, 0.5, 1.0)]
    shapes = [
        {"shape": "line", "at": [1.5, 1.5], "length": 2, "width": 1, "strength": 0.3},
        {"shape": "blob", "at": [1, 1], "length": 2, "strength": -1.7, "zero_sum": True},
    ]
    made = []
    for shape in shapes:
        for mode, amount in (("add", 1), ("replace", 1), ("blend", 0.3), ("blend", 0)):
            edit = {
                "kind": "stamp",
                "layer": 1,
                "neuron": 0,
                **shape,
                "mode": mode,
                "amount": amount,
            }
            row = np.array([number(value) for value in odd], np.float32)
            layer = Layer(row[None], np.zeros(1, np.float32), "identity", Grid(3, 3))
            after = from_dict(edit).apply(Network((layer,))).layer(1).weights[0]
            made.append({"edit": edit, "row": odd, "after": [plain(value) for value in after]})
    return made


def families() -> list[dict[str, Any]]:
    return [
        {
            "key": family.key,
            "name": family.name,
            "description": family.description,
            "members": [{"name": name, "stamp": stamp.to_dict()} for name, stamp in family.members],
            "small": family.on_layer([0] * 16, grid=(9, 14)).to_dict(),
            "step": family.on_layer([3, 1], strength=2, zero_sum=True, named=True).to_dict(),
        }
        for family in FAMILIES.values()
    ]


def everything() -> dict[str, Any]:
    return {
        "shapes": {shape: dict(numbers) for shape, numbers in SHAPES.items()},
        "ranges": {name: list(limits) for name, limits in RANGES.items()},
        "renderings": renderings(),
        "edits": edits(),
        "families": families(),
    }


def main() -> None:
    parts = []
    for name, part in everything().items():
        rows = part if isinstance(part, list) else [part]
        lines = ",\n".join(json.dumps(row, allow_nan=False) for row in rows)
        parts.append(f'"{name}": [\n{lines}\n]' if part is rows else f'"{name}": {lines}')
    PLACE.write_text("{" + ",\n".join(parts) + "}\n")


if __name__ == "__main__":
    main()
