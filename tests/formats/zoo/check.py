"""Open each file of a zoo by itself and with MNIST at hand, and compare with what it answers.

``right`` is equal to its framework's answers.  What no trial can tell is counted apart: ``right in
its answers`` is another network with the same answers, ``open, said`` is one of which the file
leaves open what it is, where the network as it was trained is among the ways offered and the notes
say that what was taken was tried, or is a guess.  ``wrong`` is whatever else opens as another.
"""

from __future__ import annotations

import io
import os
import time
import warnings
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from tests.formats.zoo.pen import Animal, animals
from toolkit.digits import DigitSet, load_drawn, open_digits
from toolkit.formats import load, read
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.meaning.interpretation import TRIED_ON, possibilities
from toolkit.network import Network

EQUAL = 1e-5
ROUNDED = 3e-4
"""As far as float32 goes where pixels to 255 cancel and saturate; no two functions are as near."""
SAME_ANSWERS = 0.999


def inputs(folder: Path, kind: str) -> np.ndarray:
    """Return the inputs, pixels in [0, 1], that answers of a kind are for."""
    array: np.ndarray = np.load(folder / "inputs" / f"{kind}.npy")
    return array


def agreement(
    network: Network, pixels: np.ndarray, answers: dict[str, np.ndarray], equal: float = EQUAL
) -> str:
    """Say how a network's answers agree with its file's: ``equal``, ``answers``, or how far off."""
    logits = answers["logits"]
    if (network.sizes[0], network.sizes[-1]) != (pixels.shape[1], logits.shape[1]):
        return f"other sizes: {network.sizes}"
    with np.errstate(all="ignore"):
        trace = network.forward(pixels)
    size = max(1.0, float(np.abs(logits).max()))
    far = float(np.abs(trace.logits - logits).max()) / size
    # What only a softmax sees is the same up to one number added to all.
    with np.errstate(all="ignore"):
        apart = trace.logits - logits
        moved = float(np.abs(apart - apart.mean(axis=1, keepdims=True)).max()) / size
    said = answers.get("outputs")
    off = 0.0
    if said is not None:
        off = float(np.abs(trace.outputs - said).max()) / max(1.0, float(np.abs(said).max()))
    if off > equal:
        return f"outputs {off:.1e} off, logits {far:.1e}; read as {network.activations}"
    if min(far, moved) <= equal:
        return "equal"
    same = float(np.mean(trace.predictions == logits.argmax(axis=1)))
    if same >= SAME_ANSWERS:
        return "answers"
    return f"{same:.1%} of its answers, logits {far:.1e} off; read as {network.activations}"


def offered(path: Path, digits: DigitSet | None, pixels: np.ndarray, answers: Any) -> str:
    """Say which way of those offered is what a file is, and what was taken; else nothing."""
    ways = possibilities(read(path), digits or load_drawn(TRIED_ON))
    told = ways[0].guess or any(note.startswith("The file does not say") for note in ways[0].notes)
    for number, way in enumerate(ways, 1):
        if told and agreement(way.network, pixels, answers, ROUNDED) == "equal":
            return f"taken was {ways[0].summary}; it is way {number} of {len(ways)}: {way.summary}"
    return ""


def verdict(folder: Path, animal: Animal, digits: DigitSet | None) -> tuple[str, str]:
    """Return what became of a file, and more words: an error, or how far off it is."""
    path = folder / animal.path
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network = load(path, digits=digits)
    except NetworkFileError as error:
        text = str(error)
        if animal.expect == "right":
            return "missing", text
        told = not animal.words or any(word.lower() in text.lower() for word in animal.words)
        return ("refused" if told else "refused, other words"), text
    except Exception as error:
        return "FAULT", f"{type(error).__name__}: {error}"
    if animal.expect == "refused":
        return "wrong", f"opened as {network.sizes} {network.activations}"
    answers = dict(np.load(io.BytesIO((folder / animal.answers).read_bytes())))
    pixels = inputs(folder, animal.inputs)
    found = agreement(network, pixels, answers)
    if found == "equal":
        return "right", ""
    if found == "answers" and animal.open:
        return "right in its answers", str(network.activations)
    said = offered(path, digits, pixels, answers)
    return ("open, said", f"{found}; {said}") if said else ("wrong", found)


def main(folder: Path, parts: list[str]) -> int:
    """Check a zoo, print its table, and write what is not right beside it."""
    mnist = open_digits(os.environ["TOOLKIT_TEST_MNIST"])
    findings: list[str] = []
    wrong = 0
    for way, digits in (("by itself", None), ("with MNIST at hand", mnist)):
        began = time.monotonic()
        table: dict[str, Counter[str]] = defaultdict(Counter)
        for animal in animals(folder, parts):
            what, more = verdict(folder, animal, digits)
            table[animal.maker][what] += 1
            if what not in ("right", "refused", "right in its answers"):
                findings.append(f"{animal.room} | {way} | {what} | {animal.path} | {more[:500]}")
        kinds = ("right", "right in its answers", "open, said", "refused", "refused, other words",
                 "missing", "wrong", "FAULT")  # fmt: skip
        total: Counter[str] = Counter()
        print(f"\n{way} ({time.monotonic() - began:.0f} s)\n")
        print(
            "| made by | files |", " | ".join(kinds), "|\n|---|", "---|" * (len(kinds) + 1), sep=""
        )
        for maker, counts in sorted(table.items()):
            total += counts
            _row(maker, counts, kinds)
        _row("all", total, kinds)
        wrong += total["wrong"] + total["FAULT"]
    text = "\n".join(sorted(findings)) + "\n"
    (folder / "findings.txt").write_text(text, encoding="utf-8")
    return int(wrong > 0)


def _row(name: str, counts: Counter[str], kinds: tuple[str, ...]) -> None:
    cells = [str(sum(counts.values())), *(str(counts[kind] or "") for kind in kinds)]
    print(f"| {name} |", " | ".join(cells), "|")
