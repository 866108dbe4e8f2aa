"""Clauses and thresholds as a page asks about them."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.studio.conftest import DIGITS, TRAINING, Page
from toolkit.analysis.thresholds import separate
from toolkit.edits import SetClause
from toolkit.experiments import read_recipe
from toolkit.studio.studio import Studio

HANDMADE = Path(__file__).parents[2] / "weights/handmade.toml"


def ask(page: Page, what: str, **fields: Any) -> tuple[dict[str, Any], bytes]:
    return page.visit.ask({"what": what, "experiment": page.id, **fields})


def extra(page: Page) -> Any:
    for _ in range(500):  # of many steps it comes after the answer
        if any(name == "extra/clause" for name, *_ in page.state["blocks"]):
            break
        time.sleep(0.01)
        page.read()
    return json.loads(page.blocks["extra/clause"])


def test_a_clause_is_tried_then_made_and_told_as_long_as_it_is_what_the_neuron_does(
    page: Page,
) -> None:
    page.open(network="blank")
    page.edit(kind="name", layer=1, neuron=0, name="top arc")
    page.edit(kind="weights", layer=1, neuron=0, cells=[400], values=[5.0])
    page.do("select", layer=2, neuron=3)
    page.do("want", what=["clause"])
    assert (extra(page)["text"], extra(page)["made"]) == ("", False)
    text = "top arc and not 1.1"
    said, row = ask(page, "clause", layer=2, neuron=3, text=text, sharpness=3)
    assert said["sentence"] == "top arc is on and 1.1 is off"
    low, high = said["edit"]["ranges"][0]
    assert 0.4 < low < 0.7 < high < 1, "measured over the digits"
    assert said["edit"]["ranges"][1] == [0, 1], "of one that does nothing the usual range"
    page.edit(**said["edit"])
    weights = np.frombuffer(row, "<f4")
    made = page.network().layer(2)
    assert (made.weights[3] == weights).all()
    assert made.biases[3] == said["bias"]
    assert (extra(page)["text"], extra(page)["made"], extra(page)["sharpness"]) == (text, True, 3)
    page.edit(kind="bias", layer=2, neuron=3, value=said["bias"] - 0.01)
    assert (extra(page)["text"], extra(page)["made"], extra(page)["sharpness"]) == (text, True, 3)
    assert extra(page)["biased"] == pytest.approx(said["bias"] - 0.01)
    assert extra(page)["sentence"] == "top arc is on and 1.1 is off"
    page.do("undo")
    assert extra(page)["biased"] is None
    page.edit(kind="name", layer=1, neuron=0, name="top")
    assert (extra(page)["text"], extra(page)["made"]) == ("top and not 1.1", False)
    assert extra(page)["sharpness"] == 3, "that of the weights, which a change of a word keeps"


def test_a_weighted_sentence_is_told_as_written_with_the_threshold_that_its_bias_means(
    page: Page,
) -> None:
    page.open(network="blank")
    page.edit(kind="name", layer=1, neuron=0, name="top-left bar")
    page.do("select", layer=2, neuron=3)
    page.do("want", what=["clause"])
    text = ".7*top-left bar + .4*1.1 - .3*1.2 > .5"
    said, _ = ask(page, "clause", layer=2, neuron=3, text=text, sharpness=0.25)
    assert said["sentence"] == "0.7·top-left bar + 0.4·1.1 − 0.3·1.2 comes to more than 0.5"
    page.edit(**said["edit"])
    made = page.network().layer(2)
    bias = -0.62 * float(made.weights[3, 1]) / 0.4
    page.edit(kind="bias", layer=2, neuron=3, value=bias)
    told = extra(page)
    assert (told["made"], told["biased"]) == (True, pytest.approx(bias))
    assert told["text"] == ".7*top-left bar + .4*1.1 - .3*1.2 > 0.62"
    assert told["sentence"] == "0.7·top-left bar + 0.4·1.1 − 0.3·1.2 comes to more than 0.62"
    _, row = ask(page, "clause", layer=2, neuron=3, text=told["text"],
                     sharpness=told["sharpness"])  # fmt: skip
    np.testing.assert_allclose(np.frombuffer(row, "<f4"), made.weights[3], rtol=0.01)
    page.edit(kind="bias", layer=2, neuron=3, value=50)  # always so: yet that is what it says
    assert extra(page)["text"].startswith(".7*top-left bar + .4*1.1 - .3*1.2 > -")
    page.edit(kind="weights", layer=2, neuron=3, cells=[5], values=[1.0])
    assert not extra(page)["made"]


def test_every_sentence_of_the_hand_made_network_reads_as_written(
    page: Page, studio: Studio
) -> None:
    recipe = HANDMADE.read_bytes()
    written = {
        (edit.layer, edit.neuron): edit
        for step in read_recipe(recipe).steps
        for edit in step.edit.singles
        if isinstance(edit, SetClause)
    }
    assert len(written) == 26
    page.open(studio.upload(recipe, "handmade.toml", page.visit))
    page.do("want", what=["clause"])
    for (layer, neuron), edit in written.items():
        page.do("select", layer=layer, neuron=neuron)
        told = extra(page)
        assert (told["text"], told["sharpness"]) == (edit.text, edit.sharpness)
        assert told["made"] and not told.get("sharper") and not told.get("softer")
    last = page.network().layer(3)
    said, row = ask(page, "clause", layer=3, neuron=9, text=edit.text, sharpness=edit.sharpness)
    assert np.frombuffer(row, "<f4").tolist() == last.weights[9].tolist(), "typed again"
    assert said["bias"] != last.biases[9]


@pytest.mark.parametrize("made", [True, False])
def test_where_numbers_of_a_sentence_change_the_others_weigh_what_they_did(
    page: Page, studio: Studio, made: bool
) -> None:
    recipe = studio.upload(HANDMADE.read_bytes(), "handmade.toml", page.visit)
    page.open(recipe if made else None, network="handmade")
    page.do("want", what=["clause"])
    for neuron, term, one in ((0, "hole", 1.2), (10, "roof", 1), (2, "belly", 0.9)):
        page.do("select", layer=2, neuron=neuron)
        told, own = extra(page), page.network().layer(2).weights[neuron]
        assert told["made"] == made
        told_of = {"layer": 2, "neuron": neuron, "as_strong": True}
        changed = int(np.frombuffer(ask(page, "clause", text=term, **told_of)[1], "<f4").argmax())
        for number in (1.4, 1.45, 0.333):
            text = re.sub(
                rf"([\d.]+\*)?{term}",
                f"{number if made else number / one:.4f}*{term}",
                told["text"],
            )
            said, row = ask(page, "clause", text=text, sharpness=told["sharpness"], **told_of)
            weights = np.frombuffer(row, "<f4").copy()
            assert weights[changed] / own[changed] == pytest.approx(number / one, rel=0.01)
            weights[changed] = own[changed]
            np.testing.assert_allclose(weights, own, atol=1e-4 if made else 0.1)
            assert (said["softer"], said["sharper"]) == (None, None)
        said, _ = ask(page, "clause", text=told["text"], sharpness=4, **told_of)
        assert said["edit"]["sharpness"] == told["sharpness"]
        # Other sentences have the sharpness that they are given, and so has one that was chosen.
        for text in ("3*1.15 + 1.14 > 1", "hole and knee"):
            said, _ = ask(page, "clause", text=text, sharpness=5, **told_of)
            assert said["edit"]["sharpness"] == 5
        said, _ = ask(page, "clause", layer=2, neuron=neuron, text=told["text"], sharpness=5)
        assert said["edit"]["sharpness"] == 5


def test_a_clause_is_told_as_written_however_many_steps_ago_it_was_made(
    page: Page, studio: Studio
) -> None:
    strokes = "b set 1 0\n" * 501
    recipe = (
        'format = "weight-map-toolkit recipe"\nstart = "blank"\n'
        "[[step]]\nneuron = '2.3'\nclause = '1.0 and not 1.2'\n"
        f"[[step]]\nneuron = '1.0'\npaint = '''\n{strokes}'''\n"
    )
    page.open(studio.upload(recipe.encode(), "long.toml", page.visit))
    page.do("select", layer=2, neuron=3)
    page.do("want", what=["clause"])
    assert (extra(page)["made"], extra(page)["text"]) == (True, "1.0 and not 1.2")


def test_the_usual_sharpness_of_plain_words_is_not_called_hard_and_a_faint_one_is_told(
    page: Page,
) -> None:
    page.open(network="drawn-sigmoid")
    page.do("select", layer=2, neuron=3)
    for text in ("1.0 and 1.3 and not 1.5 and 1.7", "1.1 or 1.2", "1.4 and (1.5 or 1.6)"):
        told, _ = ask(page, "clause", layer=2, neuron=3, text=text)
        assert (told["softer"], told["sharper"]) == (None, None)
    told, _ = ask(page, "clause", layer=2, neuron=3, text=text, sharpness=90)
    assert told["softer"] == 4
    told, _ = ask(page, "clause", layer=2, neuron=3, text=text, sharpness=0.05)
    assert told["softer"] is None and max(-told["z"][0], told["z"][1]) < 2
    again, _ = ask(page, "clause", layer=2, neuron=3, text=text, sharpness=told["sharper"])
    assert max(-again["z"][0], again["z"][1]) == pytest.approx(4, rel=0.1)


def test_of_a_vote_that_misreads_short_inputs_steadier_weights_are_told(page: Page) -> None:
    page.open(network="blank")
    page.edit(kind="name", layer=1, neuron=2, name="top arc")
    for text, better in (
        ("100*1.0 + 99*1.1 + 98*top arc > 197.5", "2*1.0 + 1.1 + top arc > 2.5"),
        ("2*1.0 + 1.1 + top arc > 2.5", ""),
        ("1.0 and top arc", ""),
    ):
        said, _ = ask(page, "clause", layer=2, neuron=3, text=text)
        assert said["edit"]["text"] == text
        assert said["steadier"] == better
        assert (said["tolerance"] == 0.1) == (not better)


def test_where_z_would_lie_is_told_and_a_sharpness_with_which_the_step_is_less_hard(
    page: Page,
) -> None:
    page.open(network="blank")
    for neuron, cell in enumerate((400, 410, 420)):
        page.edit(kind="weights", layer=1, neuron=neuron, cells=[cell], values=[5.0])
    text = "2.23*1.0 + 1.71*1.1 - 0.38*1.2 > 1.67"
    told, row = ask(page, "clause", layer=2, neuron=3, text=text)
    below = page.network().forward(DIGITS.images).activations[0]
    z = below @ np.frombuffer(row, "<f4") + told["bias"]
    assert told["z"] == pytest.approx([z.min(), z.max()], rel=1e-3)
    assert np.median(np.abs(z)) > 12
    assert 0 < told["softer"] < 1
    again, row = ask(page, "clause", layer=2, neuron=3, text=text, sharpness=told["softer"])
    assert again["softer"] is None
    page.edit(**told["edit"])
    page.do("select", layer=2, neuron=3)
    page.do("want", what=["clause"])
    assert (extra(page)["softer"], extra(page)["z"]) == (told["softer"], told["z"])
    z = below @ np.frombuffer(row, "<f4") + again["bias"]
    assert np.median(np.abs(z)) == pytest.approx(4, rel=0.05)
    with pytest.raises(ValueError, match=r"sharpness: expected 0.001 to 100; got 0.0001"):
        ask(page, "clause", layer=2, neuron=3, text=text, sharpness=0.0001)


@pytest.mark.parametrize(
    ("fields", "said", "place"),
    [
        ({"text": "1.0 and xyz"}, "'xyz'", (8, 11)),
        ({"text": "1.0 or"}, "it ends there", (6, 6)),
        ({"layer": 1}, "layer from 2 on", (0, 0)),
        ({"neuron": 99}, "got 2.99", (0, 0)),
    ],
)
def test_what_is_wrong_with_a_clause_is_answered_with_its_place(
    page: Page, fields: dict[str, Any], said: str, place: tuple[int, int]
) -> None:
    answer, _ = ask(page, "clause", **{"layer": 2, "neuron": 3, "text": "1.0", **fields})
    assert said in answer["wrong"]
    assert (answer["start"], answer["end"]) == place


def test_a_threshold_by_classes_is_found_on_training_digits_and_says_so(page: Page) -> None:
    page.open(network="random")
    page.edit(kind="bias", layer=1, neuron=3, value=4.5)
    for layer, neuron in ((1, 3), (2, 5)):
        found, _ = ask(page, "threshold", layer=layer, neuron=neuron, classes=[0, 2, 6])
        trace, bias = page.network().forward(TRAINING.images), page.network().layer(layer).biases
        sums = trace.pre_activations[layer - 1][:, neuron] - bias[neuron]
        chosen = np.isin(TRAINING.labels, [0, 2, 6])
        best = separate(sums, chosen)
        assert found["digits"] == TRAINING.name
        assert found["bias"] == pytest.approx(best.bias, abs=1e-3)
        assert (found["chosen"], found["others"]) == pytest.approx((best.chosen, best.others))


def test_a_threshold_is_worked_out_and_what_is_no_question_refused(page: Page) -> None:
    page.open(network="blank")
    page.edit(kind="weights", layer=1, neuron=0, cells=list(range(300, 480)), values=[1.0] * 180)
    found, _ = ask(page, "threshold", layer=1, neuron=0, classes=[0, *range(2, 10)])
    assert found["chosen"] + 1 - found["others"] >= 1
    found, _ = ask(page, "threshold", layer=1, neuron=0, share=0.2)
    page.edit(kind="bias", layer=1, neuron=0, value=found["bias"])
    fires = page.network().forward(DIGITS.images).pre_activations[0][:, 0] > 0
    assert fires.mean() == pytest.approx(0.2, abs=0.01)
    for wrong in ({"share": "x"}, {"share": 2}, {"classes": [10]}, {"classes": []}, {},
                  {"share": 0.5, "neuron": 99}, {"classes": [1], "layer": "x"}):  # fmt: skip
        with pytest.raises(ValueError, match="expected"):
            ask(page, "threshold", **{"layer": 1, "neuron": 0, **wrong})
    page.edit(kind="weights", layer=1, neuron=1, cells=list(range(784)), values=[1.0] * 784)
    found, _ = ask(page, "threshold", layer=1, neuron=0, share=0.3, whole_layer=True)
    assert [neuron for neuron, _ in found["biases"]] == [0, 1], "those that have weights"
    edits = [{"kind": "bias", "layer": 1, "neuron": k, "value": v} for k, v in found["biases"]]
    page.edit(kind="several", label="layer 1: each fires on 30%", edits=edits)
    fires = (page.network().forward(DIGITS.images).pre_activations[0][:, :2] > 0).mean(axis=0)
    assert fires == pytest.approx([0.3, 0.3], abs=0.01)
    assert [found["least"], found["most"]] == [fires.min(), fires.max()]
    with pytest.raises(ValueError, match="all are zero"):
        ask(page, "threshold", layer=2, neuron=0, share=0.3, whole_layer=True)
    with pytest.raises(ValueError, match="no threshold has it fire more often on the chosen"):
        ask(page, "threshold", layer=1, neuron=1, classes=[1])
    with pytest.raises(ValueError, match="all are the same"):
        ask(page, "threshold", layer=1, neuron=5, classes=[1])


HUGE = 10**400


@pytest.mark.parametrize(
    "asked",
    [
        {"what": "compare", "one": {"step": HUGE}, "other": {"step": 0}},
        {"what": "compare", "one": {"step": 0}, "other": {"step": -HUGE}},
        {"what": "threshold", "layer": 1, "neuron": 0, "share": HUGE},
        {"what": "threshold", "layer": 1, "neuron": HUGE, "share": 0.5},
        {"what": "ridges-as-loaded", "layer": HUGE, "neuron": 0},
        {"what": "ridges-as-loaded", "layer": 1, "neuron": "x" * 100_000},
        {"what": "ridges-as-loaded", "layer": [1] * 100_000, "neuron": 0},
        {"what": "digits", "of": {"neuron": [1, HUGE]}},
        {"what": "digits", "of": {"neuron": ["x" * 100_000, 0]}},
        {"what": "step", "step": HUGE},
        {"what": "bias", "layer": 1, "neuron": 0, "value": HUGE},
        {"what": "tried", "layer": 1, "neuron": 0, "edit": {
            "kind": "several", "edits": [{"kind": "bias", "layer": 1, "neuron": 0, "value": 1}] * 99
        }},
    ],
)  # fmt: skip
def test_what_is_far_outside_is_refused_in_a_few_words(page: Page, asked: dict[str, Any]) -> None:
    page.open(network="blank")
    with pytest.raises(ValueError, match=r"expected") as caught:
        page.visit.ask({**asked, "experiment": page.id})
    assert len(str(caught.value)) < 200
