"""What the zoo is kept in: files, the frameworks' own answers, and what should become of each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

DIGITS = 1000
"""How many digits each answer is for."""


@dataclass
class Animal:
    """One file of the zoo.

    Attributes
    ----------
    path : str
        In the zoo's folder; a file, or a folder of files.
    maker : str
        The framework that wrote it, for the table.
    room : str
        Whose module reads it, for the findings.
    expect : str
        ``"right"``, ``"refused"``, or ``"either"``: right or refused, but nothing else.
    words : list of str
        One of which is in a refusal.
    answers : str
        Name of the file of answers: ``logits`` and, where the file says its last activation,
        ``outputs``; each (DIGITS, classes).
    inputs : str
        Which inputs the answers are for.
    open : bool
        Whether the file leaves open how pixels were scaled, so that trying decides.
    back : str
        How a framework loads what is written back; empty where none does.
    """

    path: str
    maker: str
    room: str
    expect: str = "right"
    words: list[str] = field(default_factory=list)
    answers: str = ""
    inputs: str = "mnist"
    open: bool = False
    back: str = ""


class Zoo:
    """Writes files, answers and the list of both."""

    def __init__(self, folder: Path, part: str) -> None:
        self.folder = folder
        self.part = part
        self.animals: list[Animal] = []
        self._answers = 0

    def answers(self, logits: Any, outputs: Any = None) -> str:
        """Keep a framework's answers; return their name."""
        name = f"answers/{self.part}-{self._answers:03d}.npz"
        self._answers += 1
        (self.folder / "answers").mkdir(parents=True, exist_ok=True)
        parts = {"logits": np.asarray(logits, np.float64)}
        if outputs is not None:
            parts["outputs"] = np.asarray(outputs, np.float64)
        np.savez(self.folder / name, **parts)
        return name

    def place(self, name: str) -> Path:
        """Return where a file goes; its folder is there."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def add(self, path: str, maker: str, room: str, answers: str = "", **more: Any) -> None:
        """List a file that was written."""
        assert (self.folder / path).exists(), path
        self.animals.append(Animal(path, maker, room, answers=answers, **more))

    def refused(
        self, path: str, maker: str, room: str, *words: str, expect: str = "refused"
    ) -> None:
        """List a file that should not open."""
        assert (self.folder / path).exists(), path
        self.animals.append(Animal(path, maker, room, expect, list(words)))

    def write(self) -> None:
        """Write the list of what was made."""
        from tests.formats.zoo.pictures import inputs

        (self.folder / "inputs").mkdir(exist_ok=True)
        for kind in {animal.inputs for animal in self.animals}:
            np.save(self.folder / "inputs" / f"{kind}.npy", inputs(kind)[0])
        text = json.dumps([asdict(animal) for animal in self.animals], indent=1)
        (self.folder / f"{self.part}.json").write_text(text, encoding="utf-8")


def animals(folder: Path, parts: Sequence[str] = ()) -> list[Animal]:
    """Read the lists of a zoo."""
    return [
        Animal(**entry)
        for path in sorted(folder.glob("*.json"))
        if not parts or path.stem in parts
        for entry in json.loads(path.read_text(encoding="utf-8"))
    ]
