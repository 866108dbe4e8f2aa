from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from toolkit.dashboard.desk import Desk
from toolkit.dashboard.library import Library
from toolkit.digits import DigitSet, generate
from toolkit.formats import load
from toolkit.formats.npz import dumps
from toolkit.network import Layer, Network
from toolkit.scoring import score

DIGITS = generate(400, seed=2)


@pytest.fixture
def desk() -> Desk:
    return Desk(Network.random(seed=1), DIGITS, Library())


class Client:
    """A browser that numbers what it sends."""

    def __init__(self, desk: Desk, name: str = "one") -> None:
        self.desk, self.name, self.seq = desk, name, 0

    def item(self, kind: str, **more: Any) -> dict[str, Any]:
        self.seq += 1
        return {"seq": self.seq, "kind": kind, **more}

    def send(self, *items: dict[str, Any]) -> dict[str, Any]:
        self.desk.receive({"client": self.name, "items": list(items)})
        return unpack(self.desk)[0]

    def do(self, kind: str, **more: Any) -> dict[str, Any]:
        return self.send(self.item(kind, **more))


def unpack(desk: Desk) -> tuple[dict[str, Any], dict[str, bytes]]:
    answer = desk.answer()
    at = 4 + int.from_bytes(answer[:4], "little")
    state, blocks = json.loads(answer[4:at]), {}
    for name, size in state["blocks"]:
        blocks[name] = answer[at : at + size]
        at += size
    assert at == len(answer)
    return state, blocks


def bias(value: float, neuron: int = 0) -> dict[str, Any]:
    return {"kind": "bias", "layer": 1, "neuron": neuron, "value": value}


def test_an_outbox_sent_twice_is_done_once(desk: Desk) -> None:
    client = Client(desk)
    items = [client.item("edit", edit=bias(value)) for value in (1, 2, 3)]
    client.send(*items[:2])
    state = client.send(*items)
    client.send(*items)
    assert state["acks"] == {"one": 3}
    assert [step.edit.to_dict()["value"] for step in desk.history.steps] == [1, 2, 3]


def test_what_was_said_is_said_until_the_page_shows_that_it_heard(desk: Desk) -> None:
    client = Client(desk)
    download = client.item("download", what=".npz")
    state = client.send(download)
    bad = client.item("edit", edit=None)
    again = client.send(download, bad)
    assert again["file"]["id"] == state["file"]["id"], "the answer to the first may have been lost"
    assert again["notice"]["kind"] == "error"
    assert client.send(download, bad)["notice"] == again["notice"]
    state = client.do("undo")
    assert state["notice"] is None
    assert state["file"] is None


def test_two_pages_on_one_desk_count_for_themselves(desk: Desk) -> None:
    one, two = Client(desk, "one"), Client(desk, "two")
    one.do("edit", edit=bias(1))
    state = two.do("edit", edit=bias(2, neuron=5))
    assert state["acks"] == {"one": 1, "two": 1}
    assert desk.network.layer(1).biases[[0, 5]].tolist() == [1, 2]


def test_the_answer_holds_the_very_weights_and_the_library_s_score(desk: Desk) -> None:
    client = Client(desk)
    state = client.do("edit", edit=bias(40, neuron=3))
    blocks = unpack(desk)[1]
    parts = [p for layer in desk.network.layers for p in (layer.weights, layer.biases)]
    assert blocks["weights"] == b"".join(part.tobytes() for part in parts)
    assert blocks["original"] != blocks["weights"]
    found = score(desk.network, DIGITS)
    assert state["score"]["accuracy"] == found.accuracy
    assert state["network"]["checksum"] == desk.network.checksum
    step = state["history"]["steps"][0]
    assert step[0] == "bias of 1.3 to 40"
    assert step[1] == pytest.approx(found.accuracy - score(Network.random(seed=1), DIGITS).accuracy)


def test_an_edit_that_does_not_fit_is_answered_and_changes_nothing(desk: Desk) -> None:
    client, before = Client(desk), desk.network
    for edit in (None, {"kind": "bias"}, bias(float("nan")), {**bias(1), "layer": 99}):
        state = client.do("edit", edit=edit)
        assert state["notice"]["kind"] == "error"
        assert desk.network is before
    assert state["acks"] == {"one": 4}, "answered all the same, or the page would send it for ever"


@pytest.mark.parametrize(
    "payload",
    [
        "text", 7, [], {}, {"client": 5, "items": []}, {"client": "x", "items": "y"},
        {"client": "x", "items": [5]}, {"client": "x", "items": [{"kind": "undo"}]},
        {"client": "x" * 1000, "items": []},
    ],
)  # fmt: skip
def test_a_payload_that_makes_no_sense_is_survived(desk: Desk, payload: object) -> None:
    desk.receive(payload)
    assert unpack(desk)[0]["notice"]["kind"] == "error"


def test_undo_redo_jump_and_reset(desk: Desk) -> None:
    client, start = Client(desk), desk.network
    for value in (1, 2, 3):
        client.do("edit", edit=bias(value))
    client.do("undo")
    assert desk.network.layer(1).biases[0] == 2
    client.do("redo")
    assert desk.network.layer(1).biases[0] == 3
    client.do("jump", step=1)
    assert desk.network.layer(1).biases[0] == 1
    assert client.do("jump", step=77)["notice"]["kind"] == "error"
    client.do("reset", layer=1, neuron=0)
    assert desk.network == start
    steps = client.do("reset", layer=None, neuron=None)["history"]["count"]
    assert steps == 2, "resetting what is as loaded is no step"


def test_digits_are_picked_by_index_class_and_error(desk: Desk) -> None:
    client = Client(desk)
    assert client.do("digit", how="index", index=17)["digit"] == {
        "index": 17, "label": int(DIGITS.labels[17]), "title": "digit 17", "class": None,
    }  # fmt: skip
    state = client.do("digit", how="class", **{"class": 4})
    assert state["digit"]["label"] == 4
    after = client.do("digit", how="next", **{"class": 4})["digit"]
    assert after["label"] == 4
    assert after["index"] > state["digit"]["index"]
    assert client.do("digit", how="previous", **{"class": 4})["digit"] == state["digit"]
    wrong = client.do("digit", how="wrong")["digit"]["index"]
    assert wrong in score(desk.network, DIGITS).wrong
    assert client.do("digit", how="random", **{"class": 8})["digit"]["label"] == 8
    noise = client.do("digit", how="noise")["digit"]
    assert noise["label"] is None
    for bad in ({"how": "index", "index": 400}, {"how": "index", "index": "1"}, {"how": "magic"},
                {"how": "next", "class": 12}, {"how": "picture", "data": "%%%"},
                {"how": "drawing", "pixels": base64.b64encode(b"123").decode()},
                {"how": "picture", "data": base64.b64encode(b"no picture").decode()}):  # fmt: skip
        assert client.do("digit", **bad)["notice"]["kind"] == "error"
        assert desk.digit_index is None


def test_a_picture_of_dark_ink_on_paper_becomes_a_bright_centred_digit(desk: Desk) -> None:
    page = np.full((200, 150), 240, np.uint8)
    page[40:160, 70:82] = 20
    buffer = io.BytesIO()
    Image.fromarray(page).save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode()
    state = Client(desk).do("digit", how="picture", name="one.png", data=data)
    assert state["digit"]["title"] == "one.png"
    image = desk.digit.reshape(28, 28)
    assert image[14, 14] > 200
    assert not image[:, :8].any()


def test_opening_another_network_keeps_the_work_for_going_back(desk: Desk) -> None:
    client = Client(desk)
    client.do("edit", edit=bias(5))
    made = desk.network
    state = client.do("open", name="blank")
    assert state["notice"]["actions"][0]["ask"] == {"kind": "back"}
    assert not desk.network.layer(1).weights.any()
    client.do("back")
    assert desk.network == made
    assert client.do("undo")["history"]["cursor"] == 0
    assert client.do("open", name="../secret")["notice"]["kind"] == "error"


def test_files_come_in_and_go_out(desk: Desk) -> None:
    client, network = Client(desk), Network.random(seed=9, name="a/../b <i>")
    data = base64.b64encode(dumps(network)).decode()
    client.do("upload", name="net.npz", data=data)
    assert desk.network == network
    state = client.do("download", what=".npz")
    assert load(unpack(desk)[1]["file"]) == network
    assert state["file"]["name"] == f"a-..-b-i-{network.checksum[:8]}.npz"
    assert client.do("undo")["file"] is None, "a file is handed over once"


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (Network.blank((61, 10)), "expected inputs that fill a grid, and 10 outputs; got 61-10"),
        (Network.blank((784, 5)), "got 784-5"),
    ],
)
def test_a_network_of_another_shape_is_refused(desk: Desk, network: Network, message: str) -> None:
    before, data = desk.network, base64.b64encode(dumps(network)).decode()
    state = Client(desk).do("upload", name="net.npz", data=data)
    assert message in state["notice"]["text"]
    assert desk.network is before


def test_a_network_with_weights_that_are_not_numbers_can_be_looked_at() -> None:
    weights = np.zeros((10, 784), np.float32)
    weights[2, :3] = [np.nan, np.inf, -np.inf]
    desk = Desk(Network((Layer(weights, np.zeros(10), "identity"),)), DIGITS, Library())
    state = Client(desk).do("select", layer=1, neuron=2)
    assert state["selected"] == [1, 2]
    json.dumps(state, allow_nan=False)


def test_a_new_palette_and_other_digits(desk: Desk) -> None:
    client = Client(desk)
    assert client.do("palette", name="blue-orange")["palette"] == "blue-orange"
    before = unpack(desk)[1]["colours"]
    assert client.do("palette", gamma=0.5)["palette"] == "blue-orange"
    assert unpack(desk)[1]["colours"] != before
    assert client.do("palette", gamma=7)["notice"]["kind"] == "error"
    assert client.do("palette", name="mauve")["notice"]["kind"] == "error"
    assert client.do("digits", source="/etc")["notice"]["kind"] == "error"
    desk.use_digits(DigitSet(DIGITS.pixels[:50], DIGITS.labels[:50], "fifty"))
    state = unpack(desk)[0]
    assert state["digits"]["count"] == state["score"]["images"] == 50
    assert state["score"]["start"] == 0


def test_a_network_for_pictures_of_another_size_sees_the_digits_on_its_own_grid(desk: Desk) -> None:
    client, data = Client(desk), base64.b64encode(dumps(Network.random((64, 8, 10)))).decode()
    state = client.do("upload", name="small.npz", data=data)
    assert state["grid"] == [8, 8]
    blocks = unpack(desk)[1]
    assert len(blocks["digit"]) == 64
    assert len(blocks["means"]) == 640
    assert state["score"]["images"] == len(DIGITS)
    assert client.do("digit", how="noise")["notice"] is None
    client.do("open", name="blank")
    assert desk.digits is DIGITS, "back on the grid they came in, none the worse"
