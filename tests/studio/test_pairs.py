"""Two networks side by side, as a page asks for them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.studio.conftest import DIGITS, Page
from toolkit.apart import pairing
from toolkit.apart.parent import Bounds
from toolkit.formats import dumps
from toolkit.network import Layer, Network
from toolkit.scoring import score
from toolkit.shipped import open_network
from toolkit.studio import pairs
from toolkit.studio.studio import Studio


def ask(page: Page, what: str, **fields: Any) -> tuple[dict[str, Any], bytes]:
    return page.visit.ask({"what": what, "experiment": page.id, **fields})


def unpacked(body: bytes, sizes: list[int]) -> list[np.ndarray[Any, Any]]:
    values, at, layers = np.frombuffer(body, "<f4"), 0, []
    for into, out in pairwise(sizes):
        layers.append(values[at : at + out * into].reshape(out, into))
        at += out * (into + 1)
    assert at == len(values)
    return layers


def test_a_shipped_network_is_compared_on_the_digits_shown(page: Page) -> None:
    page.open(network="mnist-sigmoid")
    one, other = open_network("mnist-sigmoid"), open_network("handmade")
    reply, body = ask(page, "pair", other={"network": "handmade"})
    first, second = reply["sides"]
    found, theirs = score(one, DIGITS), score(other, DIGITS)
    assert (first["accuracy"], second["accuracy"]) == (found.accuracy, theirs.accuracy)
    assert second["name"] == "handmade" and second["sizes"] == list(other.sizes)
    assert first["digits"] == found.gained_since(theirs).tolist()[:200]
    assert first["read"] == theirs.predictions[first["digits"]].tolist(), "as what the other reads"
    assert first["alone"] == len(found.gained_since(theirs))
    assert reply["images"] == reply["compared_on"] == len(DIGITS)
    np.testing.assert_array_equal(unpacked(body, second["sizes"])[0], other.layer(1).weights)
    assert [len(row) for row in reply["cka"]] == [3, 3, 3]
    for by in ("weights", "activations"):
        (layer, *_) = reply["matches"][by]["layers"]
        assert sorted(layer["order"]) == list(range(16))


def test_neurons_of_a_permuted_network_are_found_whichever_way_they_are_matched(
    studio: Studio, page: Page
) -> None:
    page.open(network="mnist-sigmoid")
    network = open_network("mnist-sigmoid")
    order = np.random.default_rng(5).permutation(16)
    first, second, third = network.layers
    shuffled = Network(
        (
            Layer(first.weights[order], first.biases[order]),
            Layer(second.weights[:, order], second.biases),
            third,
        ),
        "shuffled",
    )
    id = studio.upload(dumps(shuffled, ".npz"), "shuffled.npz", None)
    reply, _ = ask(page, "pair", other={"experiment": id})
    assert reply["sides"][0]["alone"] == reply["sides"][1]["alone"] == 0
    assert not reply["same"]
    for by in ("weights", "activations"):
        found = reply["matches"][by]["layers"][0]
        assert order[found["order"]].tolist() == list(range(16))
        np.testing.assert_allclose(found["similarity"], 1, atol=1e-5)
        assert found["distance"] == pytest.approx([0] * 16, abs=1e-6)
    assert np.diagonal(reply["cka"]) == pytest.approx(1, abs=1e-5)


def test_a_point_of_the_experiment_is_compared_with_now(page: Page) -> None:
    page.edit(kind="bias", layer=3, neuron=4, value=50)
    page.do("save-point", name="all fours")
    page.do("undo")
    reply, _ = ask(page, "pair", other={"point": "all fours"})
    assert reply["sides"][1]["name"] == "all fours"
    assert reply["sides"][1]["accuracy"] == np.mean(DIGITS.labels == 4)
    reply, _ = ask(page, "pair", other={"step": 0})
    assert reply["same"] and reply["sides"][1]["name"] == "as loaded"


def test_other_hidden_sizes_other_pictures_and_numbers_that_are_none(
    studio: Studio, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.open(network="mnist-sigmoid")
    wide = Network.random((784, 130, 10), ("relu", "softmax"), seed=1, name="wide")
    broken = wide.layer(1).weights.copy()
    broken[3] = np.nan
    wide = wide.with_layer(1, weights=broken)
    small = Network.random((196, 5, 10), seed=1, name="14×14")
    ids = [studio.upload(dumps(each, ".npz"), "it.npz", None) for each in (wide, small)]

    # So wide that it is done apart, which comes to the same.
    reply, _ = ask(page, "pair", other={"experiment": ids[0]})
    with monkeypatch.context() as patch:
        patch.setattr(pairs, "_WIDEST_HERE", 1000)
        here, _ = ask(page, "pair", other={"experiment": ids[0]})
    for each in here["matches"]:
        apart = reply["matches"][each]["layers"][0]
        assert apart["order"] == here["matches"][each]["layers"][0]["order"]
    (layer,) = reply["matches"]["weights"]["layers"]
    assert len(layer["order"]) == 16 and -1 not in layer["order"]
    assert [len(row) for row in reply["cka"]] == [2, 2, 2]

    # Where that takes too much, the rest of the page stands, and says why.
    with monkeypatch.context() as patch:
        patch.setattr(pairing, "_BOUNDS", Bounds(memory_bytes=1 << 20))
        reply, _ = ask(page, "pair", other={"experiment": ids[0]})
    assert "toolkit compare" in reply["matches"]["weights"]["error"]
    assert reply["cka"] == [[None, None]] * 3
    assert reply["sides"][1]["sizes"] == [784, 130, 10]

    reply, body = ask(page, "pair", other={"experiment": ids[1]})
    assert "784" in reply["matches"]["weights"]["error"], "pictures of other sizes"
    order = reply["matches"]["activations"]["layers"][0]["order"]
    assert sorted(each for each in order if each >= 0) == list(range(5))
    assert reply["matches"]["activations"]["layers"][0]["distance"] == [None] * 16
    assert reply["sides"][1]["grid"] == [14, 14]
    assert unpacked(body, [196, 5, 10])[0].shape == (5, 196)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        {},
        {"network": "/etc/passwd"},
        {"network": ["mnist-relu"]},
        {"experiment": "0" * 32},
        {"experiment": "../x"},
        {"point": "none"},
        {"step": 99},
    ],
)
def test_what_there_is_not_is_said(page: Page, wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        ask(page, "pair", other=wrong)
