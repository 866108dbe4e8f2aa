"""What pages ask for, and what they are answered, without a browser between."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.studio.conftest import DIGITS, Page
from toolkit.edits import from_dict
from toolkit.experiments import Experiment, WorkspaceError
from toolkit.formats.frameworks.npz import dumps
from toolkit.network import Layer, Network
from toolkit.scoring import score
from toolkit.studio import listing
from toolkit.studio.frames import FrameError, decode, encode
from toolkit.studio.letters import MOST_ITEMS, check_letters, is_heavy
from toolkit.studio.studio import Studio

ID = "0" * 32


def bias(value: float, neuron: int = 0) -> dict[str, Any]:
    return {"kind": "bias", "layer": 1, "neuron": neuron, "value": value}


def biases(studio: Studio, page: Page) -> list[float]:
    steps = studio.desk(page.id).experiment.steps
    return [step.edit.to_dict()["value"] for step in steps]


def test_an_outbox_sent_twice_is_done_once(studio: Studio, page: Page) -> None:
    items = [page.item("edit", edit=bias(value)) for value in (1, 2, 3)]
    page.send(*items[:2])
    state = page.send(*items)
    page.send(*items)
    assert state["acks"] == {"one": 3}
    assert biases(studio, page) == [1, 2, 3]


def test_letters_of_a_page_that_is_gone_are_taken_up_by_another_once(
    studio: Studio, page: Page
) -> None:
    items = [page.item("edit", edit=bias(value)) for value in (1, 2, 3)]
    page.send(items[0])
    other = Page(studio, "two")
    other.open(page.id)
    state = other.send(*items, client="one")
    assert state["acks"] == {"one": 3}
    page.send(*items)
    assert biases(studio, page) == [1, 2, 3]


def test_what_was_acknowledged_is_known_after_a_restart(studio: Studio, page: Page) -> None:
    items = [page.item("edit", edit=bias(value)) for value in (1, 2)]
    page.send(*items)
    again = Studio(studio.workspace, studio.library)
    late = Page(again, "one")
    late.open(page.id)
    late.send(*items, late_item(3))
    assert biases(again, late) == [1, 2, 3]


def late_item(seq: int) -> dict[str, Any]:
    return {"seq": seq, "kind": "edit", "edit": bias(seq)}


def test_looking_makes_no_entry_and_the_first_edit_does(studio: Studio, page: Page) -> None:
    assert page.state["draft"]
    assert studio.workspace.entries() == []
    page.do("select", layer=2, neuron=3)
    page.do("digit", how="random")
    assert studio.workspace.entries() == []
    assert not page.edit(**bias(1))["draft"]
    (entry,) = studio.workspace.entries()
    assert entry.id == page.id
    assert entry.accuracy == page.state["score"]["accuracy"]


def test_a_draft_that_the_server_forgot_is_made_again_from_its_start(
    studio: Studio, page: Page
) -> None:
    fresh = Studio(studio.workspace, studio.library)
    late = Page(fresh, "two")
    late.open()
    item = {"seq": 1, "kind": "edit", "edit": bias(5)}
    letters = check_letters(
        {"experiment": page.id, "start": page.state["start"], "client": "x", "items": [item]}
    )
    told, _ = late.visit.take(letters, fresh.desk(letters.experiment, letters.start))
    assert told is not None
    assert told["acks"] == {"x": 1}
    assert studio.workspace.load(page.id).network.layer(1).biases[0] == 5


def test_a_draft_of_another_network_than_it_was_is_not_made(studio: Studio, page: Page) -> None:
    start = {**page.state["start"], "checksum": "0" * 16}
    with pytest.raises(ValueError, match="another one than it was"):
        Studio(studio.workspace, studio.library).desk(ID, start)


def test_a_letter_names_its_experiment_and_lands_there_and_nowhere_else(
    studio: Studio, page: Page
) -> None:
    first = page.id
    page.edit(**bias(1))
    page.open(network="blank")
    assert page.id != first
    told = page.send(page.item("edit", edit=bias(2)), to=first)
    assert told["kind"] == "acked"
    assert told["experiment"] == first
    assert studio.desk(first).network.layer(1).biases[0] == 2
    assert not studio.desk(page.id).network.layer(1).biases.any()


def test_pages_on_one_experiment_see_each_other_and_are_in_one_order(
    studio: Studio, page: Page
) -> None:
    other = Page(studio, "two")
    other.open(page.id)
    page.edit(**bias(1))
    assert other.read()["history"] == {"cursor": 1, "count": 1}
    other.edit(**bias(2, neuron=5))
    assert page.read()["others"] == 1
    assert page.network() == other.network()
    assert page.network().layer(1).biases[[0, 5]].tolist() == [1, 2]
    studio.exit(other.visit)
    assert page.read()["others"] == 0


def test_undo_does_not_take_what_another_page_did_unless_it_is_meant(
    studio: Studio, page: Page
) -> None:
    other = Page(studio, "two")
    other.open(page.id)
    other.edit(**bias(2))
    refused = page.do("undo")["refused"]
    assert refused[0]["notice"]["code"] == "undo-others"
    assert studio.desk(page.id).experiment.cursor == 1
    page.do("undo", any=True)
    assert studio.desk(page.id).experiment.cursor == 0
    other.edit(**bias(3))
    studio.exit(other.visit)
    page.do("undo")
    assert studio.desk(page.id).experiment.cursor == 0, "nobody else is here to miss it"


def test_the_answer_holds_the_very_weights_and_the_library_s_score(
    studio: Studio, page: Page
) -> None:
    state, desk = page.edit(**bias(40, neuron=3)), studio.desk(page.id)
    assert page.network() == desk.network
    assert page.network("original") == desk.experiment.start
    found = score(desk.network, DIGITS)
    assert state["score"]["accuracy"] == found.accuracy
    step = desk.experiment.steps[0]
    assert step.name == "bias of 1.3 to 40"
    before = score(Network.random(), DIGITS).accuracy
    assert step.change == pytest.approx(found.accuracy - before)


def test_a_stroke_is_answered_by_what_it_touched(studio: Studio, page: Page) -> None:
    for cell in range(5):
        page.edit(kind="stroke", layer=1, neuron=cell, cells=[cell, 400], keep=0.5, put=2.0,
                  tool="brush")  # fmt: skip
        assert page.received <= 25_000
        assert page.network() == studio.desk(page.id).network
    page.do("undo")
    assert page.network() == studio.desk(page.id).network


def test_on_a_wide_network_too(studio: Studio, page: Page) -> None:
    wide = Network.random((784, 512, 512, 10), seed=3)
    page.open(studio.upload(dumps(wide), "wide.npz", page.visit))
    assert page.received > 2_000_000
    page.edit(kind="stroke", layer=1, neuron=7, cells=[5], keep=0, put=1, tool="brush")
    assert page.received <= 25_000
    page.edit(kind="stroke", layer=2, neuron=7, cells=[5], keep=0, put=1, tool="brush")
    assert page.received <= 25_000
    assert page.network() == studio.desk(page.id).network


def test_a_page_that_misses_a_block_gets_everything(page: Page) -> None:
    small = page.edit(**bias(1)) and page.received
    page.visit.forget_held()
    page.read()
    assert page.received > 50_000 > small


def test_an_edit_that_does_not_fit_is_refused_and_leaves_the_outbox(
    studio: Studio, page: Page
) -> None:
    page.edit(**bias(1))
    before = studio.desk(page.id).network
    bad: list[Any] = [None, {"kind": "bias"}, {**bias(1), "layer": 99}, {**bias(1), "value": "x"}]
    for number, edit in enumerate(bad, 2):
        state = page.do("edit", edit=edit)
        assert state["refused"][0]["seq"] == number
        assert state["refused"][0]["notice"]["kind"] == "error"
        assert state["acks"] == {"one": number}
        assert studio.desk(page.id).network is before
    state = page.send({"seq": 3, "kind": "edit", "edit": bad[1]})
    assert state["refused"], "why, once more, to a page that missed the answer"


HALF = "half a smile \ud83d and \0"
STROKE = {
    "kind": "stroke", "layer": 1, "neuron": 0, "cells": [1], "keep": 0, "put": 1.0, "tool": HALF,
}  # fmt: skip


@pytest.mark.parametrize(
    "item",
    [
        {"kind": "edit", "edit": STROKE},
        {"kind": "edit", "edit": {"kind": "several", "label": HALF, "edits": [STROKE]}},
        {"kind": "edit", "edit": {"kind": "layers", "label": HALF, "by": HALF, "layers": {}}},
        {"kind": "edit", "edit": {"kind": "name", "layer": 1, "neuron": 0, "text": HALF}},
        {"kind": "edit", "edit": {"kind": "clause", "layer": 2, "neuron": 0, "text": HALF}},
        {"kind": "rename", "name": HALF},
        {"kind": "save-point", "name": HALF},
        {"kind": "restore", "name": HALF},
        {"kind": "why", "step": 1, "text": HALF},
        {"kind": "branch", "name": HALF},
        {"kind": "digits", "source": HALF},
        {"kind": "reset", "layer": HALF},
    ],
    ids=lambda item: str(item.get("edit", item)["kind"]),
)
def test_text_that_ends_in_half_a_character_keeps_no_letter_waiting(
    studio: Studio, page: Page, item: dict[str, Any]
) -> None:
    page.edit(**bias(1))
    page.send(dict(item, seq=2))
    page.seq = 2
    assert page.state["unsaved"] is None
    page.edit(**bias(2))
    assert page.network().layer(1).biases[0] == 2


def test_a_page_whose_name_is_no_text_is_none(studio: Studio, page: Page) -> None:
    with pytest.raises(FrameError, match="client: expected"):
        page.send(page.item("edit", edit=bias(1)), client=HALF)


def test_what_cannot_be_saved_did_not_happen_and_is_taken_later(
    studio: Studio, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.edit(**bias(1))
    before = page.network()

    def full(*arguments: object, **more: object) -> None:
        raise WorkspaceError("disk-full", {"file": "x"})

    with monkeypatch.context() as patch:
        patch.setattr(studio.workspace, "commit", full)
        items = [page.item("edit", edit=bias(2)), page.item("undo")]
        state = page.send(*items)
        assert state["unsaved"]["fields"]["code"] == "disk-full"
        assert state["acks"] == {"one": 1}
        assert page.network() == before
        assert state["score"]["accuracy"] == score(before, DIGITS).accuracy
    state = page.send(*items)
    assert state["unsaved"] is None
    assert state["acks"] == {"one": 3}
    assert biases(studio, page) == [1, 2]


@pytest.mark.parametrize(
    "head",
    [
        {}, {"experiment": ID}, {"experiment": "../x", "client": "a", "items": []},
        {"experiment": ID, "client": 5, "items": []}, {"experiment": ID, "client": "", "items": []},
        {"experiment": ID, "client": "x" * 100, "items": []},
        {"experiment": ID, "client": "a", "items": "y"},
        {"experiment": ID, "client": "a", "items": [5]},
        {"experiment": ID, "client": "a", "items": [{"kind": "undo"}]},
        {"experiment": ID, "client": "a", "items": [{"seq": True, "kind": "undo"}]},
        {"experiment": ID, "client": "a", "items": [{"seq": 10**50, "kind": "undo"}]},
        {"experiment": ID, "client": "a", "items": [{"seq": 2, "kind": "undo"}] * 2},
        {"experiment": ID, "client": "a", "items": [{"seq": 1, "kind": ["undo"]}]},
        {"experiment": ID, "client": "a", "items": [], "start": "blank"},
    ],
)  # fmt: skip
def test_letters_that_make_no_sense_are_refused_whole(head: dict[str, Any]) -> None:
    with pytest.raises(FrameError):
        check_letters(head)


@pytest.mark.parametrize(
    "frame",
    [
        b"", b"\x01", b"\xff\xff\xff\xff", b"\x02\0\0\0[]", b"\x01\0\0\0x",
        (300_000).to_bytes(4, "little") + b"[" * 300_000,
    ],
)  # fmt: skip
def test_what_is_no_frame_is_refused(frame: bytes) -> None:
    with pytest.raises(FrameError):
        decode(frame)


def test_a_frame_comes_back() -> None:
    assert decode(encode({"kind": "x", "blocks": []}, [b"abc"])) == {"kind": "x", "blocks": []}


@pytest.mark.parametrize(
    "item",
    [
        {"kind": "palette", "name": {}}, {"kind": "palette", "gamma": [1]}, {"kind": "digit"},
        {"kind": "digit", "how": ["next"]}, {"kind": "digit", "how": "next", "class": "x"},
        {"kind": "digit", "how": "index", "index": True}, {"kind": "digits", "source": {}},
        {"kind": "digit", "how": "drawing", "pixels": 5}, {"kind": "select", "layer": []},
        {"kind": "interpret", "way": 0}, {"kind": "jump", "step": 10**400}, {"kind": "jump"},
        {"kind": "rename", "name": []}, {"kind": "rename", "name": " \n"}, {"kind": "__class__"},
        {"kind": "restore", "name": "no such"}, {"kind": "reset", "layer": "x", "neuron": None},
    ],
)  # fmt: skip
def test_an_item_that_makes_no_sense_is_refused_and_the_page_goes_on(
    page: Page, item: dict[str, Any]
) -> None:
    state = page.do(**item)
    assert state["refused"][0]["notice"]["code"] == "refused"
    assert page.edit(**bias(1))["history"]["cursor"] == 1


def test_undo_redo_jump_and_reset(studio: Studio, page: Page) -> None:
    start = page.network()
    for value in (1, 2, 3):
        page.edit(**bias(value))
    page.do("undo")
    assert page.network().layer(1).biases[0] == 2
    page.do("redo")
    assert page.network().layer(1).biases[0] == 3
    page.do("jump", step=1)
    assert page.network().layer(1).biases[0] == 1
    assert page.do("jump", step=77)["refused"]
    page.do("reset", layer=1, neuron=0)
    assert page.network() == start
    steps = page.do("reset", layer=None, neuron=None)["history"]["count"]
    assert steps == 2, "resetting what is as loaded is no step"
    page.edit(kind="name", layer=1, neuron=0, name="top")
    page.do("reset", layer=1, neuron=None)
    assert page.state["names"] == []


def test_what_an_edit_made_after_undoing_leaves_out_is_said_and_done_again_at_a_click(
    studio: Studio, page: Page
) -> None:
    for value in (1, 2):
        page.edit(**bias(value))
    page.do("why", step=2, text="brighter")
    page.edit(kind="name", layer=1, neuron=2, name="top")
    page.do("undo")
    page.edit(kind="name", layer=1, neuron=3, name="a")
    assert not any(each["code"] == "left-out" for each in page.heard), "one step in another's place"
    page.edit(kind="name", layer=1, neuron=4, name="top")
    page.edit(**bias(7, neuron=5))
    page.do("jump", step=1)
    page.edit(kind="name", layer=1, neuron=0, name="a")
    told = page.heard[-1]
    assert told["code"] == "left-out" and told["fields"] == {"count": 4}
    (button,) = told["actions"]
    assert page.state["history"]["count"] == 2
    again = page.item(**button["letter"])
    state = page.send(again)
    assert page.heard[-1]["code"] == "laid-again"
    assert page.heard[-1]["fields"] == {"done": 3, "skipped": 1}, "a is called another by now"
    assert state["history"]["cursor"] == state["history"]["count"] == 5
    steps = studio.desk(page.id).experiment.steps
    assert [step.why for step in steps] == ["", "", "brighter", "", ""]
    layer = page.network().layer(1)
    assert (layer.biases[0], layer.biases[5]) == (2, 7)
    assert studio.desk(page.id).network.names == {(1, 0): "a", (1, 4): "top"}
    assert page.send(again)["history"]["count"] == 5, "once"
    page.do("undo")
    assert page.network().layer(1).biases[5] != 7 and page.network().layer(1).biases[0] == 2
    stale = page.do(**button["letter"])["refused"]
    assert "not kept any more" in stale[0]["notice"]["fields"]["text"]
    assert page.state["history"] == {**page.state["history"], "cursor": 4, "count": 5}


def test_a_point_is_named_and_gone_back_to_and_that_can_be_undone(page: Page) -> None:
    page.edit(**bias(1))
    point = page.network()
    page.do("save-point", name="good")
    page.edit(**bias(2))
    later = page.network()
    page.do("restore", name="good")
    assert page.network() == point
    page.do("undo")
    assert page.network() == later


def test_digits_are_picked_by_index_class_and_error(studio: Studio, page: Page) -> None:
    assert page.do("digit", how="index", index=17)["digit"] == {
        "index": 17, "label": int(DIGITS.labels[17]),
        "title": {"code": "digit", "fields": {"index": 17}}, "class": None,
    }  # fmt: skip
    state = page.do("digit", how="class", **{"class": 4})
    assert state["digit"]["label"] == 4
    after = page.do("digit", how="next", **{"class": 4})["digit"]
    assert after["label"] == 4
    assert after["index"] > state["digit"]["index"]
    assert page.do("digit", how="previous", **{"class": 4})["digit"] == state["digit"]
    wrong = page.do("digit", how="wrong")["digit"]["index"]
    assert wrong in score(page.network(), DIGITS).wrong
    assert page.do("digit", how="random", **{"class": 8})["digit"]["label"] == 8
    assert page.do("digit", how="noise")["digit"]["label"] is None
    drawing = base64.b64encode(bytes(784)).decode()
    assert page.do("digit", how="raw", pixels=drawing)["digit"]["title"]["code"] == "drawing"
    assert not any(page.blocks["digit"])


def test_a_picture_of_dark_ink_on_paper_becomes_a_bright_centred_digit(page: Page) -> None:
    paper = np.full((200, 150), 240, np.uint8)
    paper[40:160, 70:82] = 20
    buffer = io.BytesIO()
    Image.fromarray(paper).save(buffer, "PNG")
    assert page.visit.view is not None
    page.studio.show_picture(buffer.getvalue(), "one.png", page.visit)
    image = page.visit.view.digit.reshape(28, 28)
    assert image[14, 14] > 200
    assert not image[:, :8].any()


def test_an_address_shows_what_it_names_and_says_what_it_cannot(studio: Studio) -> None:
    page = Page(studio, "one")
    state = page.open(network="blank", neuron="2.7", digit=41, palette="blue-orange")
    assert state["name"] == "blank"
    assert state["selected"] == [2, 7]
    assert state["digit"]["index"] == 41
    assert state["palette"] == "blue-orange"
    assert not page.heard
    page.open(network="../../etc/passwd", neuron="9.99", digit=-5, palette="beige")
    codes = {notice["code"] for notice in page.heard}
    assert codes == {"no-such-network", "no-such-neuron", "no-such-digit", "no-such-palette"}
    assert page.edit(**bias(1))["history"]["cursor"] == 1


def test_an_id_that_nobody_knows_is_said_and_a_new_one_given(studio: Studio) -> None:
    page = Page(studio, "one")
    state = page.open(ID)
    assert state["experiment"] != ID
    assert page.heard[0]["code"] == "no-such-experiment"


def test_opening_another_network_keeps_the_work_for_going_back(studio: Studio, page: Page) -> None:
    page.edit(**bias(5))
    made, id = page.network(), page.id
    page.open(network="blank")
    assert page.heard[-1]["code"] == "opened-kept"
    assert page.heard[-1]["actions"][0]["visit"] == id
    assert page.state["earlier"][0]["id"] == id
    assert not page.network().layer(1).weights.any()
    page.open(id)
    assert page.network() == made
    assert page.do("undo")["history"]["cursor"] == 0


def test_a_bare_address_offers_the_last_experiment(studio: Studio, page: Page) -> None:
    page.edit(**bias(5))
    other = Page(studio, "two")
    other.open()
    assert other.heard[0]["code"] == "last-experiment"
    assert other.heard[0]["fields"]["id"] == page.id
    studio.alone = False
    stranger = Page(studio, "three")
    stranger.open()
    assert not stranger.heard, "whoever is not alone on the machine is shown only their own"
    own = Page(studio, "four", known=[page.id])
    own.open()
    assert own.heard[0]["fields"]["id"] == page.id
    assert listing.experiments(studio.workspace, studio.library, [])["entries"] == []
    assert len(listing.experiments(studio.workspace, studio.library, [page.id])["entries"]) == 1


def test_a_file_comes_in_as_an_experiment_of_its_own(studio: Studio, page: Page) -> None:
    page.edit(**bias(1))
    work, network = page.id, Network.random(seed=9, name="a/../b <i>")
    page.open(studio.upload(dumps(network), "net.npz", page.visit))
    assert page.id != work
    assert page.network() == network
    assert page.heard[-1]["code"] == "uploaded"
    assert page.facts["understood"]["file"] == "net.npz"
    assert studio.workspace.load(page.id).network == network, "kept at once: no link brings it back"
    assert studio.desk(work).experiment.cursor == 1


def test_another_reading_is_another_experiment_and_the_unused_one_is_not_listed(
    studio: Studio, page: Page
) -> None:
    weights = np.random.default_rng(0).normal(size=(10, 784)).astype(np.float32)
    buffer = io.BytesIO()
    np.savez(buffer, weights, np.zeros(10, np.float32))
    page.open(studio.upload(buffer.getvalue(), "plain.npz", page.visit))
    first, ways = page.id, page.facts["understood"]["ways"]
    assert len(ways) > 1
    assert page.facts["understood"]["guess"].startswith("no way to understand it reads more than")
    assert page.heard[-1]["fields"]["guess"] == page.facts["understood"]["guess"]
    page.do("interpret", way=1)
    assert page.id != first
    assert page.facts["understood"]["chosen"] == 1
    assert first not in [entry.id for entry in studio.workspace.entries()]
    told = page.send(page.item("edit", edit=bias(7)), to=first)
    assert not told["refused"], "a stroke that was on its way is kept where it was made"
    assert studio.workspace.load(first).cursor == 1


def test_a_recipe_comes_in_with_its_history(
    studio: Studio, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in (1, 2, 3):
        page.edit(**bias(value))
    page.do("undo")
    recipe = json.dumps(studio.desk(page.id).experiment.recipe()).encode()
    before = page.network()
    # A long one takes a while to be read from the workspace, and it is at hand.
    monkeypatch.setattr(studio.workspace, "load", lambda id: pytest.fail("read again"))
    page.open(studio.upload(recipe, "mine.recipe.json", page.visit))
    monkeypatch.undo()
    assert page.network() == before
    assert page.state["history"] == {"cursor": 2, "count": 3}
    last = studio.workspace.last()
    assert last is not None
    assert last.accuracy == page.state["score"]["accuracy"]
    assert page.do("redo")["history"]["cursor"] == 3


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (Network.blank((61, 10)), "expected inputs that fill a grid; got 61-10"),
        (Network.blank((784, 300)), "at most 256 outputs, one a class; got 784-300"),
    ],
)
def test_a_network_of_another_shape_is_refused(
    studio: Studio, page: Page, network: Network, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        studio.upload(dumps(network), "net.npz", page.visit)
    with pytest.raises(ValueError, match=message):
        recipe = json.dumps(Experiment(network, origin="file").recipe())
        studio.upload(recipe.encode(), "net.json", page.visit)
    assert studio.workspace.entries() == []


def test_a_network_with_weights_that_are_not_numbers_can_be_looked_at_and_mended(
    studio: Studio, page: Page
) -> None:
    weights = np.zeros((10, 784), np.float32)
    weights[2, :3] = [np.nan, np.inf, -np.inf]
    broken = Network((Layer(weights, np.zeros(10), "identity"),))
    page.open(studio.upload(dumps(broken), "broken.npz", page.visit))
    assert page.do("select", layer=1, neuron=2)["selected"] == [1, 2]
    page.edit(kind="stroke", layer=1, neuron=2, cells=[0], keep=1, put=1, tool="brush")
    assert page.network().layer(1).weights[2, 0] == 1
    page.do("undo")
    assert page.network() == broken


def test_a_new_palette_and_other_digits(studio: Studio, page: Page) -> None:
    before = page.blocks["colours"]
    assert page.do("palette", name="blue-orange")["palette"] == "blue-orange"
    assert page.blocks["colours"] != before
    before = page.blocks["colours"]
    assert page.do("palette", gamma=0.5)["palette"] == "blue-orange"
    assert page.blocks["colours"] != before
    assert page.do("palette", gamma=7)["refused"]
    assert page.do("digits", source="/etc")["refused"]
    assert page.do("digits", source="drawn")["digits"]["source"] == "drawn"


def test_a_network_for_pictures_of_another_size_sees_the_digits_on_its_own_grid(
    studio: Studio, page: Page
) -> None:
    small = dumps(Network.random((64, 8, 10)))
    page.open(studio.upload(small, "small.npz", page.visit))
    assert page.state["grid"] == [8, 8]
    assert len(page.blocks["digit"]) == 64
    assert page.means().shape == (10, 64)
    assert page.state["score"]["images"] == len(DIGITS)
    assert not page.do("digit", how="noise")["refused"]


def test_the_list_renames_copies_bins_and_brings_back(studio: Studio, page: Page) -> None:
    page.edit(**bias(1))
    id = page.id
    studio.manage({"what": "rename", "experiment": id, "name": "  edges \n by hand "})
    assert page.read()["name"] == "edges by hand"
    copy = studio.manage({"what": "duplicate", "experiment": id})
    assert copy is not None
    assert studio.workspace.load(copy).network == page.network()
    one, other = studio.workspace.entries()
    assert one.accuracy == other.accuracy == page.state["score"]["accuracy"]
    studio.manage({"what": "bin", "experiment": id})
    listed = listing.experiments(studio.workspace, studio.library, None)
    assert [entry["id"] for entry in listed["entries"]] == [copy]
    assert [entry["id"] for entry in listed["bin"]] == [id]
    studio.manage({"what": "unbin", "experiment": id})
    assert len(listing.experiments(studio.workspace, studio.library, None)["entries"]) == 2
    for bad in ({}, {"what": "rename", "experiment": id, "name": ""}, {"experiment": id}):
        with pytest.raises(ValueError):
            studio.manage(bad)


def test_forty_pages_come_and_go_while_one_works(studio: Studio, page: Page) -> None:
    for number in range(40):
        page.edit(**bias(number))
        other = Page(studio, f"other {number}")
        other.open(network="blank")
        if number % 2:
            other.edit(**bias(1))
        studio.exit(other.visit)
    assert page.state["history"]["cursor"] == 40
    assert page.network() == studio.workspace.load(page.id).network
    assert len(studio._desks) <= 10


def test_what_is_no_finite_number_in_a_file_is_counted_for_the_person(page: Page) -> None:
    layers = Network.random((784, 3, 10), seed=1).layers
    weights = layers[0].weights.copy()
    weights[0, :5] = np.nan
    weights[1, 7] = np.inf
    broken = Network((Layer(weights, layers[0].biases, "sigmoid"), layers[1]))
    page.open(page.studio.upload(dumps(broken), "broken.npz", page.visit))
    assert page.heard[-1]["fields"]["broken"] == 6
    page.open(page.studio.upload(dumps(Network.random(seed=2)), "whole.npz", page.visit))
    assert "broken" not in page.heard[-1]["fields"]


@pytest.mark.parametrize("filling", [b"[],", b"{},", b'{"a":[]},'])
def test_a_frame_of_many_small_parts_is_refused_before_it_is_read(filling: bytes) -> None:
    text = b'{"kind":"letters","items":[' + filling * 300_000 + b"0]}"
    with pytest.raises(FrameError, match="at most 100,000 lists and objects"):
        decode(len(text).to_bytes(4, "little") + text)


def test_going_back_and_forth_is_heavy_where_the_steps_are() -> None:
    experiment = Experiment(Network.blank())
    for _ in range(20):
        experiment.apply(from_dict(bias(1)))
    assert not is_heavy(
        [{"kind": "undo"}, {"kind": "redo"}, {"kind": "jump", "step": 4}], experiment
    )
    assert is_heavy([{"kind": "jump", "step": 3}], experiment)
    copies = [{"kind": "move", "layer": 1, "neuron": k, "move": "blur"} for k in range(16)]
    much = {"kind": "several", "edits": [*copies, *copies]}
    assert is_heavy([{"kind": "edit", "edit": much}], experiment)
    experiment.apply(from_dict(much))
    experiment.apply(from_dict(bias(2)))
    experiment.add_save_point("behind it")
    undo, redo = {"kind": "undo"}, {"kind": "redo"}
    assert not is_heavy([undo, redo, undo, undo], experiment), "one step puts all of it back"
    assert is_heavy([undo, undo, redo], experiment)
    experiment.jump(20)
    assert is_heavy([redo], experiment)
    assert is_heavy([{"kind": "jump", "step": 22}], experiment)
    back = {"kind": "restore", "name": "behind it"}
    assert is_heavy([back], experiment), "its steps are done again"
    assert not is_heavy([{"kind": "edit", "edit": bias(3)}, back], experiment)
    assert not is_heavy([{"kind": "edit", "edit": bias(3)}, redo, undo, redo], experiment)
    assert not is_heavy([None, {"kind": "jump", "step": "4"}, {"kind": "edit"}], experiment)
    assert is_heavy([{"kind": "lay-again", "since": 1.5}], experiment), "whatever they are"
    assert not is_heavy(None, experiment)


def test_as_many_letters_as_a_frame_may_hold_are_read() -> None:
    edit = {"kind": "stroke", "layer": 1, "neuron": 0, "cells": [1, 2], "keep": [0.5, 0.5],
            "put": [1.0, 2.0], "tool": "brush"}  # fmt: skip
    items = [{"seq": seq, "kind": "edit", "edit": edit} for seq in range(1, MOST_ITEMS + 1)]
    assert len(decode(encode({"items": items}))["items"]) == MOST_ITEMS
