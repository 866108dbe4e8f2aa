"""A studio with a workspace of its own, and pages that talk to it without a browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from toolkit.digits import DigitSet, generate
from toolkit.experiments import Workspace
from toolkit.grid import Grid
from toolkit.network import Layer, Network
from toolkit.studio.letters import check_letters
from toolkit.studio.library import Laid, Library
from toolkit.studio.studio import Studio

DIGITS = generate(400, seed=2)
TRAINING = generate(300, seed=3).subset(slice(None), "drawn digits train")


class FewDigits(Library):
    """Drawn digits, and few of them."""

    def open(self, name: str | None = None) -> DigitSet:
        if name not in (None, "drawn", "mnist"):
            raise ValueError(f"digits: expected one of the sources listed; got {name!r}")
        return DIGITS

    def _open_training(self, name: str) -> DigitSet:
        return TRAINING

    def _unlit_of(self, name: str, grid: Grid) -> NDArray[np.bool_]:
        return np.asarray(TRAINING.brightest == 0)

    def means(self, laid: Laid, heard: Callable[[], None]) -> bytes:
        """Give them at once, so that no page is told of them at a time of their own."""
        self._average((laid.source, laid.digits.grid), lambda: None)
        return super().means(laid, heard)


class Page:
    """As much of the browser's page as the server sees: what it sends, and what it then holds."""

    def __init__(self, studio: Studio, name: str, known: list[str] | None = None) -> None:
        self.studio, self.name, self.seq = studio, name, 0
        self.visit = studio.enter(name, known or [], lambda: None)
        self.state: dict[str, Any] = {}
        self.blocks: dict[str, bytes] = {}
        self.heard: list[dict[str, Any]] = []
        self._by_hash: dict[str, bytes] = {}
        self.received = 0

    def open(self, experiment: str | None = None, network: str = "", **view: Any) -> dict[str, Any]:
        start = {"network": network} if network else None
        self.studio.open(self.visit, {"experiment": experiment, "start": start, "view": view})
        return self.read()

    @property
    def id(self) -> str:
        return str(self.state["experiment"])

    def item(self, kind: str, **more: Any) -> dict[str, Any]:
        self.seq += 1
        return {"seq": self.seq, "kind": kind, **more}

    def send(
        self, *items: dict[str, Any], to: str | None = None, client: str | None = None
    ) -> dict[str, Any]:
        """Send letters; return the page's state, or what is told of another experiment."""
        head = {
            "experiment": to or self.id, "start": self.state.get("start"),
            "client": client or self.name, "items": list(items),
        }  # fmt: skip
        letters = check_letters(json.loads(json.dumps(head)))
        told, left = self.visit.take(letters, self.studio.desk(letters.experiment, letters.start))
        assert left is None
        gone = self.visit.going()
        if gone is not None:
            return self.open(gone["experiment"])
        return self.read() if told is None else told

    def do(self, kind: str, **more: Any) -> dict[str, Any]:
        return self.send(self.item(kind, **more))

    def edit(self, **edit: Any) -> dict[str, Any]:
        return self.do("edit", edit=edit)

    def read(self) -> dict[str, Any]:
        """Take what is pushed, as the page's own code does."""
        while (frame := self.visit.answer()) is not None:
            self.received = len(frame)
            at = 4 + int.from_bytes(frame[:4], "little")
            self.state = json.loads(frame[4:at])
            held: dict[str, bytes] = {}
            for name, digest, size, *patch in self.state["blocks"]:
                if size is None:
                    held[digest] = held[digest] if digest in held else self._by_hash[digest]
                else:
                    data = frame[at : at + size]
                    at += size
                    held[digest] = (
                        lay(self._by_hash[patch[0]["from"]], data, patch[0]["rows"], self, name)
                        if patch
                        else data
                    )
                self.blocks[name] = held[digest]
            assert at == len(frame)
            thumbs = {key: data for key, data in self._by_hash.items() if key.startswith("t")}
            self._by_hash = {**thumbs, **held}
            if self.state["notice"]:
                self.heard.append(self.state["notice"])
        return self.state

    def means(self) -> NDArray[np.uint16]:
        """Return each class's mean picture in 4096ths."""
        return np.frombuffer(self.blocks["means"], "<u2").reshape(10, -1)

    @property
    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.blocks["facts"])
        return found

    def network(self, of: str = "layer") -> Network:
        sizes, layers = self.state["sizes"], []
        for number, activation in enumerate(self.state["activations"], 1):
            out, inputs = sizes[number], sizes[number - 1]
            values = np.frombuffer(self.blocks[f"{of}/{number}"], "<f4")
            weights = values[: out * inputs].reshape(out, inputs)
            layers.append(Layer(weights, values[out * inputs :], activation))
        return Network(tuple(layers))


def lay(before: bytes, patch: bytes, rows: list[int], page: Page, name: str) -> bytes:
    inputs = page.state["sizes"][int(name.partition("/")[2]) - 1]
    values = np.frombuffer(before, "<f4").copy()
    news = np.frombuffer(patch, "<f4")
    out = len(values) // (inputs + 1)
    weights, biases = values[: out * inputs].reshape(out, inputs), values[out * inputs :]
    weights[rows] = news[: len(rows) * inputs].reshape(len(rows), inputs)
    biases[rows] = news[len(rows) * inputs :]
    return values.tobytes()


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    workspace = Workspace(tmp_path / "workspace.sqlite")
    yield Studio(workspace, FewDigits(), started_with="random")
    workspace.close()


@pytest.fixture
def page(studio: Studio) -> Page:
    found = Page(studio, "one")
    found.open(network="random")
    return found
