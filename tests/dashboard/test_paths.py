"""Of no file is it told to a browser where it lies, whatever is asked and whatever goes wrong."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Iterator

import numpy as np
import pytest

from tests.browser.server import Server
from tests.dashboard.talk import Talk, fetch
from toolkit.digits import generate
from toolkit.formats import save
from toolkit.network import Network

SECRET = "s3cret-folder"


@pytest.fixture(scope="module", params=["whole", "damaged"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("home") / SECRET / "a b"
    home.mkdir(parents=True)
    digits, network = home / "digits.npz", home / "network.npz"
    some = generate(50, seed=1)
    images = some.pixels.reshape(-1, 28, 28)
    np.savez(digits, x_train=images, y_train=some.labels, x_test=images, y_test=some.labels)
    save(Network.random(name="mine"), network)
    if request.param == "damaged":
        for path in (digits, network):
            path.write_bytes(path.read_bytes()[:500])
    found = Server(home / "work space.sqlite", str(network), str(digits)).start()
    yield found
    found.close()


def _frames(talk: Talk) -> Iterator[bytes]:
    """Yield what came until a ping is answered."""
    talk.send(kind="ping")
    while True:
        frame = talk.socket.recv(timeout=30)
        assert isinstance(frame, bytes)
        yield frame
        head = json.loads(frame[4 : 4 + int.from_bytes(frame[:4], "little")])
        if "experiment" in head and head["kind"] == "answer":
            talk.state = head
        if head["kind"] == "pong":
            return


def test_no_frame_and_no_answer_holds_a_path(server: Server) -> None:
    talk = Talk(server.address)
    seen = []
    for visit in (None, {"network": "file"}, {"network": "/x/none"}):
        talk.send(kind="visit", experiment=None, start=visit, view={"digits": "elsewhere"})
        seen += list(_frames(talk))
    here = talk.state["experiment"]
    items = [
        {"kind": "edit", "edit": {"kind": "bias", "layer": 1, "neuron": 0, "value": 1.0}},
        {"kind": "digits", "source": "drawn"},
        *({"kind": "digits", "source": each["name"]} for each in talk_sources(seen)),
        {"kind": "save-point", "name": "a"},
    ]  # fmt: skip
    for seq, item in enumerate(items, 1):
        talk.send(kind="letters", experiment=here, start=talk.state["start"], client=talk.client,
                  items=[{"seq": seq, **item}])  # fmt: skip
    talk.send(kind="history", experiment=here)
    talk.send(kind="list")
    talk.send(kind="manage", what="delete", experiment="0" * 32)
    seen += list(_frames(talk))
    root = f"{server.address}/weight-maps"
    for path in (f"download/{here}?what=recipe", f"download/{here}", f"download/{'0' * 32}",
                 f"picture/{here}.png", "here", "modules/0/x"):  # fmt: skip
        _, headers, body = fetch(f"{root}/{path}")
        seen += [body, json.dumps(headers).encode()]
    marked = {"x_weight_maps": "1", "Origin": server.address}
    for data, kind in ((b"no network", ""), (b"%PDF-1.7", "&kind=picture")):
        _, _, body = fetch(f"{root}/upload?name=x&client={talk.client}{kind}", data, **marked)
        seen.append(body)
    talk.close()
    assert any(b"digits.npz" in each for each in seen), "its own name is told"
    told = [each for each in seen if SECRET.encode() in urllib.parse.unquote_to_bytes(each)]
    assert not told, told[0][:3000]


def talk_sources(frames: list[bytes]) -> list[dict[str, str]]:
    for frame in reversed(frames):
        at = frame.find(b'"sources":')
        if at >= 0:
            return list(
                json.JSONDecoder().raw_decode(frame[at + 10 :].decode(errors="replace").lstrip())[0]
            )
    raise AssertionError("no sources were listed")
