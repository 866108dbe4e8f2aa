"""Training in a child process: the same figures as in this one, told as it goes, and ended."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from tests.training.test_descent import blobs
from toolkit.analysis import remarks
from toolkit.apart import ApartError, Leash
from toolkit.apart.lessons import fit_apart, look_ahead
from toolkit.network import Network
from toolkit.training import ceilings, fit_rest
from toolkit.training.parts import masks_of

NETWORK = Network.random((36, 5, 4, 10), seed=3)
PLAN = {"epochs": 2, "anew": False, "compare": ["blank"], "seed": 4}


def test_what_is_ahead_is_the_same_as_worked_out_here() -> None:
    learned, measured = blobs(200), blobs(100, seed=1)
    found = look_ahead(NETWORK, learned, measured)
    here = ceilings(NETWORK, learned, measure_on=measured, without=True)
    assert [each.accuracy for each in found.ceilings.ceilings] == [
        each.accuracy for each in here.ceilings
    ]
    falls = {each.layers: each.falls for each in here.ceilings if each.falls is not None}
    assert np.array_equal(found.ceilings.ceilings[0].falls, falls[1])  # type: ignore[arg-type]
    assert found.remarks == remarks(NETWORK, NETWORK.forward(measured.images), falls)
    assert (found.ceilings.learned, found.ceilings.measured) == (200, 100)


def test_a_fit_apart_is_the_same_as_here_and_tells_of_each_epoch() -> None:
    digits, seen = blobs(), list[dict[str, Any]]()
    masks = masks_of("1", NETWORK)
    fitted, said = fit_apart(NETWORK, digits, PLAN, list(masks.values()), told=seen.append)
    here = fit_rest(NETWORK, digits, hold="1", **PLAN)  # type: ignore[arg-type]
    assert fitted.checksum == here.network.checksum != NETWORK.checksum
    assert (said["after"], said["compared"]) == (here.after, here.compared)
    assert seen[0] == {"begun": True}
    assert [each["stage"] for each in seen[1:]] == ["", "", "blank", "blank"]
    assert seen[2]["accuracy"] is not None


def test_a_job_on_a_leash_is_ended_at_once_whether_it_has_begun_or_not() -> None:
    leash, begun = Leash(), threading.Event()
    pulled = threading.Thread(target=lambda: (begun.wait(20), leash.pull()))
    pulled.start()
    masks = list(masks_of("1", NETWORK).values())
    with pytest.raises(ApartError, match="stopped") as caught:
        fit_apart(
            NETWORK, blobs(), {**PLAN, "epochs": 100_000}, masks, leash, lambda _: begun.set()
        )
    assert caught.value.code == "stopped"
    pulled.join()
    early = Leash()
    early.pull()
    with pytest.raises(ApartError, match="stopped"):
        look_ahead(NETWORK, blobs(), None, early)
    with pytest.raises(ValueError, match="something left to train"):
        fit_apart(NETWORK, blobs(), PLAN, list(masks_of(("1", "2", "3"), NETWORK).values()))
