"""The dashboard's own socket and routes, on a real server."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import io
import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustme
from PIL import Image
from starlette.requests import Request
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.browser.server import ROOT, Server, _wait, free_port
from tests.dashboard.talk import Talk, complete, fetch
from toolkit.dashboard import modules
from toolkit.dashboard.files import _receive
from toolkit.digits import open_digits
from toolkit.experiments import Workspace, read_recipe
from toolkit.formats import load
from toolkit.formats.frameworks.npz import dumps
from toolkit.network import Network
from toolkit.studio.frames import encode


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(tmp_path_factory.mktemp("server") / "workspace.sqlite").start()
    yield found
    assert "Traceback" not in found.said()
    found.close()


@pytest.fixture
def talk(server: Server) -> Iterator[Talk]:
    found = Talk(server.address)
    found.visit()
    yield found
    found.close()


def test_a_stroke_is_saved_before_it_is_acknowledged(server: Server, talk: Talk) -> None:
    answer = talk.stroke(5, 2.5)
    assert answer["history"] == {"cursor": 1, "count": 1}
    assert answer["bytes"] <= 25_000
    workspace = Workspace(server.workspace)
    stored = workspace.load(answer["experiment"])
    workspace.close()
    assert stored.network.layer(1).weights[0, 5] == 2.5


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://evil.example", None), ("http://localhost:1", None), ("null", None),
        ("http://evil.example", "evil.example"), (None, "evil.example"),
    ],
)  # fmt: skip
def test_strangers_are_not_let_in(server: Server, origin: str | None, host: str | None) -> None:
    url = f"ws://localhost:{server.port}/weight-maps/socket"
    headers = {"Host": host} if host else {}
    with pytest.raises(InvalidStatus):
        connect(url, origin=origin, additional_headers=headers)  # type: ignore[arg-type]


def test_modules_are_kept_for_ever_and_only_by_today_s_address(server: Server) -> None:
    here = f"{server.address}/weight-maps/modules"
    status, headers, body = fetch(f"{here}/{modules.version()}/workbench/main.js")
    assert status == 200
    assert "immutable" in headers["cache-control"]
    assert headers["content-type"].startswith("text/javascript")
    assert body == modules.files()["workbench/main.js"]
    assert fetch(f"{here}/{'0' * 16}/workbench/main.js")[0] == 404
    assert fetch(f"{here}/{modules.version()}/../modules.py")[0] in (400, 404)
    assert fetch(f"{here}/{modules.version()}/..%2Fmodules.py")[0] in (400, 404)


def test_digits_in_use_go_out_once_as_a_file_named_by_what_is_in_it_and_no_others(
    server: Server, talk: Talk
) -> None:
    of, digits = talk.state["digits"], open_digits("drawn", "test")
    here = f"{server.address}/weight-maps/digits/{of['file']}"
    status, headers, body = fetch(here, Accept_Encoding="gzip")
    assert status == 200
    assert headers["content-encoding"] == "gzip"
    assert "immutable" in headers["cache-control"]
    plain = gzip.decompress(body)
    count, pixels = digits.pixels.shape
    assert np.frombuffer(plain, "<u4", 4).tolist() == [count, pixels, count, 1]
    assert plain[16:] == digits.labels.tobytes() + digits.pixels.tobytes()
    assert fetch(here)[2] == plain
    assert len(fetch(f"{here}?most=2000")[2]) == 16 + 2000 * (4 + 1 + pixels)
    for other in (f"{here}?most=2001", f"{here}?most=", here[:-1], f"{here[:-12]}{'0' * 12}"):
        assert fetch(other)[0] == 404


def test_a_page_of_another_version_is_asked_to_reload(server: Server) -> None:
    talk = Talk(server.address, hello=False)
    talk.send(kind="hello", client="old", modules="0" * 16, known=[])
    assert talk.receive("reload")
    talk.close()


@pytest.mark.parametrize(
    "frame",
    [
        b"", b"x", b"\xff\xff\xff\x7f{}", encode({"kind": "nonsense"}), encode({"kind": ["x"]}),
        encode({}), encode({"kind": "letters"}), encode({"kind": "manage", "what": {}}),
        encode({"kind": "history", "experiment": 5}), b"\x01\0\0\0[",
        encode({"kind": "letters", "experiment": "0" * 32, "client": "a",
                "items": [{"seq": 1, "kind": "edit", "edit": {"kind": "stroke"}}]}),
        (2_000_000).to_bytes(4, "little") + b"[" * 2_000_000,
    ],
)  # fmt: skip
def test_a_frame_that_makes_no_sense_is_answered_and_the_socket_goes_on(
    talk: Talk, frame: bytes
) -> None:
    talk.socket.send(frame)
    assert talk.stroke()["history"]["cursor"] == 1


def test_before_hello_nothing_is_done(server: Server) -> None:
    talk = Talk(server.address, hello=False)
    talk.send(kind="list")
    assert talk.receive("notice")["notice"]["code"] == "unreadable"
    talk.close()


def test_a_frame_too_large_or_a_flood_ends_that_socket_alone(server: Server, talk: Talk) -> None:
    large, flood = Talk(server.address), Talk(server.address)
    large.socket.send(bytes((8 << 20) + 1))
    with pytest.raises(ConnectionClosed) as closed:
        large.receive("never")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009
    with pytest.raises(ConnectionClosed):
        for _ in range(20_000):
            flood.send(kind="ping")
            if flood.seq:
                break
        flood.receive("never")
    assert talk.stroke()["history"]["cursor"] == 1


def test_text_frames_are_not_spoken(server: Server) -> None:
    talk = Talk(server.address)
    talk.socket.send("hello?")
    with pytest.raises(ConnectionClosed):
        talk.receive("never")


def test_who_does_not_know_an_id_gets_nothing_of_it(server: Server, talk: Talk) -> None:
    talk.stroke(3, 7.0)
    stranger = Talk(server.address)
    answer = stranger.visit("f" * 32, network="")
    assert answer["experiment"] not in ("f" * 32, talk.state["experiment"])
    assert fetch(f"{server.address}/weight-maps/download/{'f' * 32}")[0] == 404
    assert fetch(f"{server.address}/weight-maps/picture/{'f' * 32}.png")[0] == 404
    assert fetch(f"{server.address}/weight-maps/download/..%2F..")[0] in (400, 404, 422)
    stranger.close()


def test_a_file_goes_up_and_comes_down(server: Server, talk: Talk) -> None:
    network = Network.random((784, 12, 10), seed=5, name="a small one")
    where = f"{server.address}/weight-maps/upload?kind=network&name=x.npz&client={talk.client}"
    status, _, body = fetch(where, dumps(network), X_Weight_Maps="1", Origin=server.address)
    assert status == 200, body
    id = json.loads(body)["experiment"]
    assert talk.visit(id, network="")["sizes"] == [784, 12, 10]
    talk.stroke(1, 9.0)
    status, headers, data = fetch(f"{server.address}/weight-maps/download/{id}?what=.npz")
    assert status == 200
    assert "attachment" in headers["content-disposition"]
    assert load(data).layer(1).weights[0, 1] == 9
    status, _, data = fetch(f"{server.address}/weight-maps/download/{id}?what=recipe")
    again = read_recipe(data)
    assert again.network.layer(1).weights[0, 1] == 9
    assert again.start == network
    status, _, data = fetch(f"{server.address}/weight-maps/download/{id}?what=history")
    assert status == 200 and b"\nmade = " in data
    assert read_recipe(data).network == again.network
    assert fetch(f"{server.address}/weight-maps/download/{id}?what=.exe")[0] == 422
    status, headers, data = fetch(f"{server.address}/weight-maps/picture/{id}.png?revision=1")
    assert (status, data[:4]) == (200, b"\x89PNG")


def test_an_upload_from_another_site_or_too_large_is_refused(server: Server) -> None:
    where = f"{server.address}/weight-maps/upload?kind=network&name=x.npz"
    assert fetch(where, b"x")[0] == 403, "without the header that a form cannot send"
    assert fetch(where, b"x", X_Weight_Maps="1", Origin="http://evil.example")[0] == 403
    status, _, body = fetch(where, b"PK\3\4 nothing", X_Weight_Maps="1")
    assert status == 422
    assert json.loads(body)["notice"]["code"] == "upload-failed"
    connection = http.client.HTTPConnection("localhost", server.port, timeout=20)
    headers = {"X-Weight-Maps": "1", "Content-Length": str((64 << 20) + 1)}
    connection.request("POST", where.removeprefix(server.address), headers=headers)
    assert connection.getresponse().status == 413, "refused before the bytes come"
    connection.close()


def test_a_picture_is_shown_to_the_page_that_sent_it(server: Server, talk: Talk) -> None:
    where = f"{server.address}/weight-maps/upload?kind=picture&name=p.png&client={talk.client}"
    status, _, body = fetch(where, b"no picture", X_Weight_Maps="1")
    assert status == 422, body
    buffer = io.BytesIO()
    paper = Image.new("L", (60, 60), 250)
    paper.paste(10, (28, 10, 34, 50))
    paper.save(buffer, "PNG")
    assert fetch(where, buffer.getvalue(), X_Weight_Maps="1")[0] == 200
    shown = {"code": "picture", "fields": {"name": "p.png"}}
    while talk.receive("answer")["digit"]["title"] != shown:
        pass  # the class means come in an answer of their own


def test_thirty_who_open_at_once_are_all_let_in_and_paint_their_own(server: Server) -> None:
    gate = threading.Barrier(30)

    def person(number: int) -> tuple[str, int]:
        gate.wait()
        talk = Talk(server.address)
        talk.visit()
        for cell in range(10):
            talk.stroke(cell, number + 1.0)
        talk.close()
        again = Talk(server.address)
        answer = again.visit(talk.state["experiment"], network="")
        again.close()
        return talk.state["experiment"], answer["history"]["cursor"]

    with ThreadPoolExecutor(30) as people:
        found = list(people.map(person, range(30)))
    assert len({id for id, _ in found}) == 30
    assert {cursor for _, cursor in found} == {10}
    workspace = Workspace(server.workspace)
    for number, (id, _) in enumerate(found):
        assert (workspace.network(id).layer(1).weights[0, :10] == number + 1).all()
    workspace.close()


def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    server = Server(tmp_path / "workspace.sqlite").start()
    talk = Talk(server.address)
    talk.visit()
    for cell in range(8):
        talk.stroke(cell, 3.0)
    server.kill()
    server.start()
    again = Talk(server.address)
    answer = again.visit(talk.state["experiment"], network="")
    assert answer["history"]["cursor"] == 8
    again.close()
    server.close()


@pytest.mark.parametrize("under", ["", "maps"])
def test_it_works_at_the_root_and_under_a_path(tmp_path: Path, under: str) -> None:
    server = Server(
        tmp_path / "workspace.sqlite", "random", "drawn", 120,
        *(["--server.baseUrlPath", under] if under else []), health=f"{under}/" if under else "",
    )  # fmt: skip
    server.start()
    try:
        talk = Talk(f"{server.address}/{under}" if under else server.address,
                    hello=True, at=server.address)  # fmt: skip
        talk.visit()
        assert talk.stroke()["history"]["cursor"] == 1
        talk.close()
    finally:
        server.close()


def test_any_asgi_server_runs_it(tmp_path: Path) -> None:
    _serves(tmp_path, ["-m", "uvicorn", "app:app", "--port"], "http")


def test_it_works_behind_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    made = authority.issue_cert("localhost")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made.private_key_pem.write_to_path(key)
    for blob in made.cert_chain_pems:
        blob.write_to_path(certificate, append=True)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    options = [f"--ssl-keyfile={key}", f"--ssl-certfile={certificate}", "--port"]
    _serves(tmp_path, ["-m", "uvicorn", "app:app", *options], "https", trust)


def _serves(
    folder: Path, command: list[str], scheme: str, trust: ssl.SSLContext | None = None
) -> None:
    port = free_port()
    address = f"{scheme}://localhost:{port}"
    environment = {
        **os.environ, "TOOLKIT_WORKSPACE": str(folder / "workspace.sqlite"),
        "TOOLKIT_DIGITS": "drawn",
    }  # fmt: skip
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, *command, str(port)], cwd=ROOT, env=environment, stdout=log, stderr=log
    )
    try:
        said: Callable[[], str] = lambda: (folder / "log").read_text()  # noqa: E731
        _wait(process, address, said, trust)
        talk = Talk(address, trust=trust)
        talk.visit()
        assert talk.stroke()["history"]["cursor"] == 1
        talk.close()
        assert fetch(address, trust=trust)[0] == 200
    finally:
        process.terminate()
        process.wait(20)
        log.close()


@pytest.mark.parametrize("pause", [60.0, 0.01])
def test_an_upload_that_does_not_go_on_or_hardly_is_given_up(
    pause: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.dashboard.files.SILENCE_SECONDS", 0.1)
    came = 0

    async def trickle() -> dict[str, Any]:
        nonlocal came
        await asyncio.sleep(pause)
        came += 1
        assert came < 1000, "it goes on for ever"
        return {"type": "http.request", "body": b"x", "more_body": True}

    request = Request({"type": "http", "method": "POST", "headers": []}, trickle)
    with pytest.raises(TimeoutError):
        complete(_receive(request, io.BytesIO()))


def test_a_slow_upload_is_taken_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.dashboard.files.SILENCE_SECONDS", 0.3)
    monkeypatch.setattr("toolkit.dashboard.files._LEAST_BYTES", 4)
    left = [b"ab"] * 40

    async def slowly() -> dict[str, Any]:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": left.pop(), "more_body": bool(left)}

    file = io.BytesIO()
    request = Request({"type": "http", "method": "POST", "headers": []}, slowly)
    assert complete(_receive(request, file))
    assert file.getvalue() == b"ab" * 40, "longer in all than any part may take"
