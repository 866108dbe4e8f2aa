"""How far first layers could carry, as pages see it: once edits pause, and of this network."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.studio.conftest import Page
from toolkit.analysis import Remark
from toolkit.apart import ApartError, Leash
from toolkit.apart.lessons import Outlook
from toolkit.digits import DigitSet
from toolkit.network import Network
from toolkit.studio import ahead
from toolkit.training import Ceiling, Ceilings


def told(page: Page) -> dict[str, Any]:
    page.read()
    found: dict[str, Any] = json.loads(page.blocks["extra/ahead"])
    return found


def until(page: Page, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while not holds(found := told(page)):
        assert time.monotonic() < deadline, found
        time.sleep(0.01)
    return found


def bias_of(network: Network) -> float:
    return float(network.layer(1).biases[0])


def test_it_is_worked_out_once_edits_pause_and_what_is_stale_is_broken_off(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[float] = []
    broken: list[float] = []

    def look(
        network: Network, learned: DigitSet, measured: DigitSet | None, leash: Leash | None
    ) -> Outlook:
        begun.append(bias_of(network))
        deadline = time.monotonic() + (10 if bias_of(network) == 2 else 0)
        while time.monotonic() < deadline:
            if leash is not None and leash.pulled:
                broken.append(bias_of(network))
                raise ApartError("stopped", "stopped")
            time.sleep(0.005)
        assert measured is not None
        assert learned.name != measured.name
        figure = Ceilings(0.1, (Ceiling(1, bias_of(network) / 10, np.zeros(16)),), 9, 4, "a", "b")
        return Outlook(figure, (Remark(1, 0, "silent"),))

    monkeypatch.setattr(ahead, "look_ahead", look)
    monkeypatch.setattr(ahead, "PAUSE_SECONDS", 0.15)
    page.do("want", what=["ahead"])
    assert told(page) == {"fresh": False}
    for value in (0.5, 1.0):
        page.edit(kind="bias", layer=1, neuron=0, value=value)
    found = until(page, lambda found: bool(found["fresh"]))
    # Of quick edits the last alone is looked at.
    assert begun == [1.0]
    assert found["ceilings"] == [{"layers": 1, "accuracy": 0.1}]
    assert found["remarks"][0]["text"].startswith("1.0 never fires")
    page.edit(kind="bias", layer=1, neuron=0, value=2.0)
    stale = told(page)
    assert not stale["fresh"]
    assert stale["ceilings"] == found["ceilings"]
    until(page, lambda _: begun == [1.0, 2.0])
    page.edit(kind="bias", layer=1, neuron=0, value=3.0)
    found = until(page, lambda found: bool(found["fresh"]))
    assert (begun, broken) == ([1.0, 2.0, 3.0], [2.0])
    assert found["ceilings"] == [{"layers": 1, "accuracy": 0.3}]
    # Who comes back to what was looked at before waits for nothing to be worked out.
    page.edit(kind="bias", layer=1, neuron=0, value=1.0)
    found = until(page, lambda found: bool(found["fresh"]))
    assert found["ceilings"] == [{"layers": 1, "accuracy": 0.1}]
    assert begun == [1.0, 2.0, 3.0]


def test_one_that_cannot_be_worked_out_says_so(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(ahead, "MOST_WORK", 10)
    page.do("want", what=["ahead"])
    assert "too wide" in until(page, lambda found: bool(found["fresh"]))["error"]
