"""Write the strokes and smoothings on which the page and Python must agree to the bit.

The expected weights are worked out here, one number at a time, from what an edit is said to do;
neither the toolkit nor the page takes part.  Colours, in ``colours.json``, are the toolkit's own,
which the page has to meet.  Run ``python -m tests.page.make_cases`` to write both anew.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.palette import (
    DEFAULT_PALETTE,
    MINUS_INFINITY,
    NAN,
    NEVER_LIT,
    PALETTES,
    PLUS_INFINITY,
    colour,
    lookup_table,
)

PLACE = Path(__file__).with_name("cases.json")
COLOURS = Path(__file__).with_name("colours.json")
_WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def number(value: Any) -> float:
    """Return a number that JSON may hold as a word."""
    return _WORDS[value] if isinstance(value, str) else float(value)


def plain(value: float) -> float | str:
    """Return a float32 as JSON can hold it, in as few digits as tell it from every other."""
    single = np.float32(value)
    if math.isfinite(single):
        return float(str(single))
    return str(single)


def rounded(value: float, old: float) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        single = float(np.float32(value))
    return single if math.isfinite(single) else old


def after(row: list[float], edit: dict[str, Any]) -> list[float]:
    """Return the new weights of the edit's cells, by the rule as it is written down."""

    def given(name: str, k: int) -> float:
        value = edit[name]
        return float(value[k] if isinstance(value, list) else value)

    result = []
    for k, cell in enumerate(edit["cells"]):
        old = row[cell] if math.isfinite(row[cell]) else 0.0
        if edit["kind"] == "stroke":
            new = given("keep", k) * old
            new = new + given("put", k)
        else:
            columns, total, count = edit["columns"], 0.0, 0
            for r in range(cell // columns - 1, cell // columns + 2):
                for c in range(cell % columns - 1, cell % columns + 2):
                    if r >= 0 and 0 <= c < columns and r * columns + c < len(row):
                        total, count = total + row[r * columns + c], count + 1
            step = total / count - old
            step = given("amounts", k) * step
            new = old + step
        result.append(rounded(new, old))
    return result


def cases() -> list[dict[str, Any]]:
    rng = np.random.default_rng(20)
    made = []

    def add(name: str, row: list[float], **edit: Any) -> None:
        single = [float(np.float32(value)) for value in row]
        record = {"layer": 1, "neuron": 0, "tool": "brush", **edit}
        expected = [plain(value) for value in after(single, record)]
        shown = [plain(value) for value in single]
        made.append({"name": name, "row": shown, "edit": record, "after": expected})

    def some(count: int, scale: float = 1.0) -> list[float]:
        return [float(v) for v in rng.normal(0, scale, count)]

    for columns, inputs in ((28, 784), (5, 23), (4, 16), (1, 7), (12, 60)):
        for scale in (1.0,) if inputs > 100 else (1.0, 1e-3, 1e30):
            row = some(inputs, scale)
            count = min(inputs, 20)
            cells = [int(c) for c in rng.choice(inputs, count, replace=False)]
            amounts = [float(a) / 256 for a in rng.integers(1, 257, count)]
            strength = float(rng.normal(0, 2))
            where = f"{inputs} inputs of about {scale:g}"
            keep = [1 - a for a in amounts]
            put = [a * strength for a in amounts]
            add(f"set, {where}", row, kind="stroke", cells=cells, keep=keep, put=put)
            add(f"add, {where}", row, kind="stroke", cells=cells, keep=1, put=put)
            scales = [1 + a * (abs(strength) - 1) for a in amounts]
            add(f"scale, {where}", row, kind="stroke", cells=cells, keep=scales, put=0)
            add(f"erase, {where}", row, kind="stroke", cells=cells, keep=0, put=0)
            add(f"any numbers, {where}", row, kind="stroke", cells=cells,
                keep=some(count), put=some(count, scale))  # fmt: skip
            add(f"smooth, {where}", row, kind="smooth", cells=cells, amounts=amounts,
                columns=columns)  # fmt: skip
            add(f"smooth wholly, {where}", row, kind="smooth", cells=cells, amounts=1,
                columns=columns)  # fmt: skip

    odd = [math.nan, math.inf, -math.inf, 3e38, -3e38, 1e-45, -0.0, 0.5, 1.0]
    every = list(range(9))
    add("strokes on what is not finite", odd, kind="stroke", cells=every, keep=0.5, put=0.25)
    add("no result past float32's range", odd, kind="stroke", cells=every, keep=2, put=1e38)
    add("nor in double precision", odd, kind="stroke", cells=every, keep=1e308, put=1e308)
    add("smoothing beside what is not finite", odd, kind="smooth", cells=every, amounts=0.5,
        columns=3)  # fmt: skip
    add("smoothing large weights", [3.4e38] * 9, kind="smooth", cells=every, amounts=1, columns=3)
    add("minus zero", [-0.0] * 4, kind="stroke", cells=[0, 1, 2, 3], keep=[1, 1, 0, -1],
        put=[0, 1, 0, 0])  # fmt: skip
    add("a third, which is no float32", [1 / 3] * 2, kind="stroke", cells=[0, 1],
        keep=[1 / 3, 2 / 3], put=[0.1, 0.7])  # fmt: skip
    return made


def colours() -> dict[str, Any]:
    """Return weights of every kind, and the colours that Python gives them."""
    palette = PALETTES[DEFAULT_PALETTE]
    kinds = [0.0, 0.01, -0.3, 0.5, -0.5, 0.7, -0.7, math.nan, math.inf, -math.inf]
    values, lit = kinds + kinds, [1] * len(kinds) + [0] * len(kinds)
    dark = np.array(lit) == 0
    return {
        "marks": {
            "clipped_positive": list(palette.clipped_positive),
            "clipped_negative": list(palette.clipped_negative),
            "nan": list(NAN), "plus_infinity": list(PLUS_INFINITY),
            "minus_infinity": list(MINUS_INFINITY), "never_lit": list(NEVER_LIT),
        },
        "table": lookup_table(DEFAULT_PALETTE, 1.0).ravel().tolist(),
        "limit": 0.5,
        "values": [plain(value) for value in values],
        "lit": lit,
        "plain": colour(np.float32(values), limit=0.5).tolist(),
        "greyed": colour(np.float32(values), limit=0.5, never_lit=dark).tolist(),
    }  # fmt: skip


def main() -> None:
    COLOURS.write_text(json.dumps(colours(), allow_nan=False) + "\n")
    lines = ",\n".join(json.dumps(case, allow_nan=False) for case in cases())
    PLACE.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
