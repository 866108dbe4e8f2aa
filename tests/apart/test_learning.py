"""A training watched in a child process: the same as in this one, and ended when asked."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from tests.training.test_descent import blobs
from toolkit.apart import ApartError, Leash
from toolkit.apart.learning import film_apart, learn_apart
from toolkit.network import Network
from toolkit.training import watch

NETWORK = Network.random((36, 5, 4, 10), seed=3)


def test_a_training_apart_is_the_same_as_here_and_becomes_a_film() -> None:
    plan, seen = {"epochs": 3, "validation": 0.2, "seed": 4}, list[dict[str, Any]]()
    found = learn_apart(NETWORK, blobs(), plan, told=seen.append)
    here = watch(NETWORK, blobs(), epochs=3, validation=0.2, seed=4)
    assert found.learning.networks == here.networks
    assert found.learning.result.network == here.result.network
    assert found.learning.start_accuracy == here.start_accuracy
    assert [(each.loss, each.accuracy) for each in found.learning.records] == [
        (each.loss, each.accuracy) for each in here.records
    ]
    assert [each["number"] for each in seen if "number" in each] == [1, 2, 3]
    with Image.open(io.BytesIO(film_apart(found, "film", "green-red"))) as image:
        assert (image.format, image.n_frames) == ("GIF", 4)  # type: ignore[attr-defined]
    assert list(found.kinds) == [0, 1, 2, 3]
    assert {"looking": 0, "of": 4} in seen


def test_who_asks_for_an_end_gets_what_was_learned_so_far() -> None:
    leash = Leash()

    def told(news: dict[str, Any]) -> None:
        # And asked again while it looks at what neurons became, it ends with what it has.
        if news.get("number") == 2 or news.get("looking") == 0:
            leash.ask()

    found = learn_apart(NETWORK, blobs(), {"epochs": 20_000}, leash, told)
    learning = found.learning
    assert not learning.result.finished
    assert 2 <= len(learning.records) < 20_000
    assert learning.epochs[-1] == len(learning.records)
    assert len(found.kinds) <= 2 < len(learning.epochs)
    pulled = Leash()
    pulled.pull()
    with pytest.raises(ApartError, match="stopped"):
        learn_apart(NETWORK, blobs(), {"epochs": 1}, pulled)
