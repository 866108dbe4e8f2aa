from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from toolkit.digits import DigitSet
from toolkit.network import Layer, Network
from toolkit.palette import NAN, Scale, colour, lookup_table
from toolkit.studio.overview import Overview, Surveys, survey

# Neuron 1.1 copies the pixel that tells 0 from 1, 1.0 and 1.2 one that nobody listens to.
NETWORK = Network(
    (
        Layer([[0, 0, 0, 3], [2, 0, 0, 0], [0, 0, 0, 4]], [0, 0, 0], "relu"),
        Layer([[0, -2, 0], [0, 2, 0]], [1, -1], "identity"),
    ),
    "small",
)
PIXELS = np.array([[0, 0, 0, 9], [0, 0, 0, 0], [255, 0, 0, 0], [255, 0, 0, 9]], np.uint8)
DIGITS = DigitSet(PIXELS, [0, 0, 1, 1], "four digits", classes=2)


def unpack(packed: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(packed[:4], "little")
    return json.loads(packed[4 : 4 + length]), packed[4 + length :]


def shown(overview: Overview, **changes: Any) -> tuple[dict[str, Any], bytes]:
    settings: dict[str, Any] = {
        "sort": "index", "scale": Scale(), "palette": "green-red", "grey": False, "large": False,
    }  # fmt: skip
    return unpack(overview.pack(**{**settings, **changes}))


def test_neurons_are_sorted_by_index_size_and_usefulness() -> None:
    overview = survey(NETWORK, DIGITS)
    assert overview.order("index") == {1: [0, 1, 2], 2: [0, 1]}
    assert overview.order("size")[1] == [2, 0, 1]
    assert overview.order("usefulness")[1] == [1, 0, 2]
    with pytest.raises(ValueError, match="sort: expected one of index, size, usefulness"):
        overview.order("beauty")


def test_weights_that_are_not_numbers_come_last() -> None:
    broken = NETWORK.with_layer(1, weights=[[np.nan] * 4, [1, 0, 0, 0], [np.inf, 0, 0, 0]])
    overview = survey(broken, None)
    assert overview.order("size")[1] == [2, 1, 0]
    assert overview.size_of(1, 0) == "‖w‖ not a number"
    assert overview.size_of(1, 2) == "‖w‖ ∞"
    header, colours = shown(overview)
    assert "not a number" in header["marks"]
    assert tuple(colours[:3]) == NAN


def test_captions_tell_size_and_what_the_accuracy_does_without_the_neuron() -> None:
    overview = survey(NETWORK, DIGITS)
    assert overview.size_of(1, 2) == "‖w‖ 4.00"
    # Held at its mean the neuron says nothing; of four digits two are then right.
    assert overview.change_without(1, 1) == "−50 %"
    assert overview.change_without(1, 0) == "±0 %"
    assert overview.captions()[1, 1] == "‖w‖ 2.00  −50 %"


def test_without_digits_usefulness_is_unknown_and_the_order_stays() -> None:
    overview = survey(NETWORK, None)
    assert overview.usefulness is None
    assert overview.order("usefulness") == overview.order("index")
    assert overview.change_without(1, 1) == ""
    assert overview.captions()[1, 1] == "‖w‖ 2.00"
    header, _ = shown(overview, sort="usefulness", grey=True)
    assert "without" not in header["legend"]


@pytest.mark.parametrize(
    "digits", [DigitSet(np.zeros((0, 4), np.uint8), np.zeros(0, int)), DigitSet([[0.5]], [1])]
)
def test_digits_that_do_not_fit_leave_usefulness_unknown(digits: DigitSet) -> None:
    assert survey(NETWORK, digits).usefulness is None


def test_the_page_is_sent_the_maps_colours_in_order_and_the_palettes() -> None:
    header, colours = shown(survey(NETWORK, DIGITS), sort="size", palette="blue-orange")
    first, second = header["layers"]
    assert [neuron["name"] for neuron in first["neurons"]] == ["1.2", "1.0", "1.1"]
    assert (first["rows"], first["columns"]) == (2, 2)
    assert "linear approximation" in second["note"]
    assert "linear approximation" not in first["note"]
    expected = colour([0, 0, 0, 4], limit=4, palette="blue-orange").tobytes()
    assert colours[:12] == expected
    assert len(colours) == 3 * (5 * 4 + 511)
    assert colours[-3 * 511 :] == lookup_table("blue-orange").tobytes()
    assert header["marks"] == ""
    assert "four digits" in header["legend"]


def test_pixels_never_lit_are_greyed_when_asked_for() -> None:
    overview = survey(NETWORK, DIGITS)
    assert overview.never_lit is not None
    assert overview.never_lit.tolist() == [False, True, True, False]
    _, plain = shown(overview)
    _, greyed = shown(overview, grey=True)
    changed = [at for at in range(4) if plain[3 * at : 3 * at + 3] != greyed[3 * at : 3 * at + 3]]
    assert changed == [1, 2]


def test_a_survey_is_made_once_and_the_oldest_forgotten() -> None:
    made: list[str] = []

    def make(network: Network, digits: DigitSet | None, of: int | None) -> Overview:
        made.append(network.name)
        return survey(network, digits, of)

    surveys = Surveys(kept=2, make=make)
    networks = [Network.random((4, 3, 2), seed=seed, name=str(seed)) for seed in range(3)]
    for network in [*networks[:2], *networks]:
        surveys.of(network, None)
    assert made == ["0", "1", "2"]
    surveys.of(networks[0], None)
    assert made == ["0", "1", "2", "0"]
    surveys.of(networks[0], DIGITS)
    assert len(made) == 5


def test_a_wide_network_is_measured_on_fewer_digits_and_the_legend_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = DigitSet(np.zeros((300, 4), np.uint8), np.zeros(300, int), "many digits", classes=2)
    assert survey(NETWORK, many).digits == "many digits"
    # Each of three neurons has two above it, each of these counts as one: eight a digit.
    monkeypatch.setattr("toolkit.studio.overview._WORK", 8 * 150)
    header, _ = shown(survey(NETWORK, many))
    assert "on 150 of 300 digits, a sample of many digits" in header["legend"]


def test_an_accuracy_on_a_sample_says_of_how_many() -> None:
    few = DigitSet(np.zeros((30, 4), np.uint8), np.zeros(30, int), "many digits", classes=2)
    header, _ = shown(survey(NETWORK, few, 2000))
    assert "on 30 of 2,000 digits, a sample of many digits" in header["legend"]
    header, _ = shown(survey(NETWORK, few, 30))
    assert header["legend"].endswith("on many digits)")


def test_usefulness_is_measured_on_all_classes_though_the_set_be_in_their_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    many = DigitSet(rng.integers(0, 256, (300, 4), np.uint8), np.repeat([0, 1], 150), classes=2)
    monkeypatch.setattr("toolkit.studio.overview._WORK", 8 * 150)
    always_zero = Network.blank((4, 3, 2)).with_layer(2, biases=[1, 0])
    found = survey(always_zero, many).usefulness
    assert found is not None
    assert 0.3 < found.accuracy < 0.7


def test_of_a_wide_layer_the_first_in_the_order_chosen_are_shown_and_that_is_said() -> None:
    wide = Network.random((4, 300, 2), seed=1)
    overview = survey(wide, None)
    by_size = overview.order("size")
    assert [len(indices) for indices in by_size.values()] == [256, 2]
    lengths = np.linalg.norm(wide.layer(1).weights, axis=1)
    assert set(by_size[1]) == set(np.argsort(-lengths)[:256].tolist())
    header, _ = shown(overview)
    assert "the first 256 neurons in this order" in header["layers"][0]["title"]
    assert "first" not in header["layers"][1]["title"]
    assert len(header["layers"][0]["neurons"]) == 256
