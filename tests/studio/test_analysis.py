"""The analysis of a whole network, as pages see it: how far it is, and of which network."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.studio.conftest import DIGITS, Page
from toolkit.apart import ApartError, Leash
from toolkit.apart.analyses import analyse_apart
from toolkit.digits import DigitSet
from toolkit.network import Network
from toolkit.report import analyse
from toolkit.studio import analysis
from toolkit.studio.studio import Studio

UNLIT = np.arange(64) < 8


def told(page: Page) -> dict[str, Any]:
    page.read()
    found: dict[str, Any] = json.loads(page.blocks["extra/analysis"])
    return found


def until(page: Page, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while not holds(found := told(page)):
        assert time.monotonic() < deadline, found
        time.sleep(0.01)
    return found


def bias_of(network: Network) -> float:
    return float(network.layer(1).biases[0])


class Pause:
    """A timer whose time is over when the test says so."""

    def __init__(self, then: Callable[..., Any], given: tuple[Any, ...]) -> None:
        self._then: Callable[[], Any] | None = lambda: then(*given)

    def start(self) -> None:
        assert self._then is not None

    def cancel(self) -> None:
        self._then = None

    def end(self) -> None:
        if self._then is not None:
            self._then()


def test_what_is_stale_is_broken_off_and_what_was_found_is_kept_and_told_to_be_of_before(
    page: Page, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[float] = []
    broken: list[float] = []

    def work(
        network: Network,
        digits: DigitSet,
        numbers: list[int] | None,
        leash: Leash,
        news: Callable[[dict[str, Any]], None],
        **more: object,
    ) -> bytes:
        begun.append(bias_of(network))
        assert numbers is None, "all of the set"
        deadline = time.monotonic() + (60 if bias_of(network) == 2 else 0)
        news({"done": 0.5, "doing": "half"})
        while time.monotonic() < deadline:
            if leash.pulled:
                broken.append(bias_of(network))
                raise ApartError("stopped", "stopped")
            time.sleep(0.005)
        return json.dumps({"network": {"bias": bias_of(network)}, "neurons": []}).encode()

    monkeypatch.setattr(analysis, "analyse_apart", work)
    monkeypatch.setattr(analysis, "_NEWS_SECONDS", 0.0)
    page.do("want", what=["analysis", "report"])
    assert told(page)["state"] in ("waiting", "working", "done")
    until(page, lambda found: bool(found["fresh"]))
    assert json.loads(page.blocks["extra/report"])["network"]["bias"] == begun[0]
    # Not before edits pause: of quick ones the last alone is looked at.
    pauses: list[Pause] = []

    def begin(seconds: float, then: Callable[..., Any], given: tuple[Any, ...]) -> Pause:
        pauses.append(Pause(then, given))
        return pauses[-1]

    with monkeypatch.context() as patch:
        patch.setattr(analysis, "threading", SimpleNamespace(Timer=begin))
        for value in (1.0, 2.0):
            page.edit(kind="bias", layer=1, neuron=0, value=value)
    for each in pauses:
        each.end()
    assert not told(page)["fresh"]
    assert json.loads(page.blocks["extra/report"])["network"]["bias"] == begun[0]
    working = until(page, lambda found: found["state"] == "working" and found["done"] == 0.5)
    assert working["left"] is not None
    page.edit(kind="bias", layer=1, neuron=0, value=3.0)
    until(page, lambda found: bool(found["fresh"]))
    assert (begun[1:], broken) == ([2.0, 3.0], [2.0])
    assert json.loads(page.blocks["extra/report"])["network"]["bias"] == 3.0
    # Another who comes to a network that was looked at waits for nothing.
    other = Page(studio, "two")
    other.open(network="random")
    other.do("want", what=["analysis", "report"])
    until(other, lambda found: bool(found["fresh"]))
    assert len(begun) == 3


def test_what_nobody_looks_at_any_more_is_broken_off_and_the_next_one_begins(
    page: Page, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[float] = []

    def work(
        network: Network, digits: DigitSet, numbers: object, leash: Leash, news: Any, **more: object
    ) -> bytes:
        begun.append(bias_of(network))
        deadline = time.monotonic() + 20
        while len(begun) == 1 and not leash.pulled:
            assert time.monotonic() < deadline, "still gone on with"
            time.sleep(0.005)
        if leash.pulled:
            raise ApartError("stopped", "stopped")
        return json.dumps({"network": {}}).encode()

    monkeypatch.setattr(analysis, "analyse_apart", work)
    monkeypatch.setattr(analysis, "ABSENT_SECONDS", 0.1)
    page.edit(kind="bias", layer=1, neuron=0, value=11.0)
    page.do("want", what=["analysis"])
    until(page, lambda found: found["state"] == "working")
    time.sleep(0.3)
    assert told(page)["state"] == "working", "as long as somebody looks"
    other = Page(studio, "two")
    other.open(network="random")
    other.edit(kind="bias", layer=1, neuron=0, value=12.0)
    other.do("want", what=["analysis"])
    page.do("want", what=[])
    until(other, lambda found: bool(found["fresh"]))
    # Who looks again has it begun anew.
    page.do("want", what=["analysis"])
    until(page, lambda found: bool(found["fresh"]))
    assert begun == [11.0, 12.0, 11.0]


def test_what_two_look_at_is_worked_out_once_and_each_sees_but_names_of_their_own(
    page: Page, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def work(network: Network, *given: object, **more: object) -> bytes:
        made.append(network.name)
        rows = [{"neuron": f"1.{j}", "name": network.names.get((1, j), "")} for j in range(2)]
        return json.dumps({"network": {"name": network.name}, "neurons": rows}).encode()

    def report(at: Page) -> tuple[str, list[str]]:
        found = json.loads(at.blocks["extra/report"])
        return found["network"]["name"], [row["name"] for row in found["neurons"]]

    monkeypatch.setattr(analysis, "analyse_apart", work)
    monkeypatch.setattr(analysis, "PAUSE_SECONDS", 0.0)
    other = Page(studio, "two")
    for each, name, bias in ((page, "Anna's secret", 0.5), (other, "Bob's own", 0.5)):
        each.open(network="random")
        each.edit(kind="bias", layer=1, neuron=1, value=bias)
        each.edit(kind="name", layer=1, neuron=0, name=name)
        each.do("rename", name=f"{name} network")
        each.do("want", what=["analysis", "report"])
        until(each, lambda found: bool(found["fresh"]))
        assert report(each) == (f"{name} network", [name, ""])
    assert len(made) == 1
    # Another name is told at once, of what was found before.
    page.edit(kind="name", layer=1, neuron=1, name="right")
    until(page, lambda found: bool(found["fresh"]))
    assert (report(page)[1], len(made)) == (["Anna's secret", "right"], 1)
    assert report(other)[1] == ["Bob's own", ""]


def test_one_that_cannot_be_made_says_why(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(*given: object, **more: object) -> bytes:
        raise ValueError("no digits fit")

    monkeypatch.setattr(analysis, "analyse_apart", work)
    page.edit(kind="bias", layer=1, neuron=0, value=9.0)
    page.do("want", what=["analysis"])
    found = until(page, lambda found: found["state"] == "failed")
    assert (found["error"], found["fresh"]) == ("no digits fit", False)


def test_made_apart_it_is_the_report_made_here_with_digits_by_their_own_numbers() -> None:
    digits = DIGITS.resized(8, 8).subset(slice(60))
    network = Network.random((64, 3, 10), seed=4)
    numbers = list(range(1000, 1060))
    news: list[float] = []
    found = json.loads(
        analyse_apart(
            network, digits, numbers, told=lambda each: news.append(each["done"]), unlit=UNLIT
        )
    )
    here = json.loads(analyse(network, digits, unlit=UNLIT).to_json())
    assert found["network"]["never_lit"]["pixels"] == 8
    assert found["neurons"] == here["neurons"]
    assert [each["digit"] - 1000 for each in found["network"]["mistakes"]] == [
        each["digit"] for each in here["network"]["mistakes"]
    ]
    assert np.all(np.diff(news) >= 0)
    assert news[-1] == pytest.approx(1)
