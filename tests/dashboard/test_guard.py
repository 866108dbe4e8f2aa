"""Who is let in, on every route and socket, and that strangers make the server ask nobody."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import Headers
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.browser.server import ROOT, _wait, free_port
from tests.dashboard.talk import Talk, complete, fetch
from toolkit.dashboard import modules
from toolkit.dashboard.guard import Guard, why_refused

WATCH = Path(__file__).parent / "watch"
STREAM, OWN = "/_stcore/stream", "/weight-maps/socket"
WAYS: dict[str, Callable[[int], list[str]]] = {
    "streamlit run": lambda port: ["-m", "streamlit", "run", "app.py", "--server.port", str(port)],
    "toolkit app": lambda port: ["-m", "toolkit", "app", "--no-browser", "--port", str(port)],
    "uvicorn": lambda port: ["-m", "uvicorn", "app:app", "--port", str(port)],
}


class Watched:
    """A dashboard whose every attempt to reach another machine is noted, and hangs."""

    def __init__(self, port: int, noted: Path) -> None:
        self.port = port
        self.address = f"http://localhost:{port}"
        self._noted = noted

    @property
    def asked_outside(self) -> list[str]:
        return self._noted.read_text().splitlines() if self._noted.exists() else []

    def raw(self, *lines: str, connection: str = "close") -> str:
        """Send a request's head as it stands; return the head of the answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            line.sendall(
                "\r\n".join([*lines, f"Connection: {connection}", "", ""]).encode("latin-1")
            )
            data = b""
            while b"\r\n\r\n" not in data and (piece := line.recv(4096)):
                data += piece
        return data.partition(b"\r\n\r\n")[0].decode("latin-1")

    def handshake(self, path: str, *headers: str) -> str:
        """Ask for a socket; return the answer's status line and headers."""
        return self.raw(
            f"GET {path} HTTP/1.1", *headers, "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", connection="Upgrade",
        )  # fmt: skip


@contextmanager
def watched(folder: Path, way: str, *options: str) -> Iterator[Watched]:
    port, noted = free_port(), folder / "outside"
    environment = {
        **os.environ, "TOOLKIT_WORKSPACE": str(folder / "workspace.sqlite"),
        "TOOLKIT_DIGITS": "drawn", "TOOLKIT_NETWORK": "random",
        "TOOLKIT_TEST_OUTSIDE": str(noted), "PYTHONPATH": str(WATCH),
    }  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *WAYS[way](port), *options], cwd=ROOT, env=environment,
            stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _wait(process, f"http://localhost:{port}", lambda: (folder / "log").read_text())
            yield Watched(port, noted)
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with watched(tmp_path_factory.mktemp("guard"), "streamlit run") as found:
        yield found


def test_the_watch_sees_what_asks_outside_and_lets_it_hang(tmp_path: Path) -> None:
    noted = tmp_path / "outside"
    lines = "import socket\ntry: socket.create_connection(('192.0.2.1', 9))\nexcept OSError: pass"
    environment = {**os.environ, "TOOLKIT_TEST_OUTSIDE": str(noted), "PYTHONPATH": str(WATCH)}
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", lines], env=environment, check=True)
    assert noted.read_text().splitlines() == ["socket.getaddrinfo 192.0.2.1"]
    assert time.monotonic() - began >= 2


@pytest.mark.parametrize("way", WAYS)
def test_a_refused_origin_asks_nobody_outside_and_keeps_nobody_waiting(
    way: str, tmp_path: Path
) -> None:
    """Streamlit alone would ask for this machine's outer address, in each handshake anew."""
    with watched(tmp_path, way) as server:
        talk = Talk(server.address)
        talk.visit()
        began = time.monotonic()
        for number in range(5):
            origin = f"Origin: http://192.0.2.{number}:8501"
            for path in (STREAM, OWN):
                answer = server.handshake(path, f"Host: localhost:{server.port}", origin)
                assert answer.startswith("HTTP/1.1 403")
            assert talk.stroke(number)["history"]["cursor"] == number + 1
        assert time.monotonic() - began < 10, "each look-up would hang for two seconds"
        talk.close()
        assert server.asked_outside == []


def test_an_origin_that_is_allowed_asks_nobody_outside_either(tmp_path: Path) -> None:
    with watched(
        tmp_path, "streamlit run", "--server.corsAllowedOrigins", "https://school.example",
        "--server.allowedHosts", "maps.school.example", "--server.allowedHosts", "localhost",
    ) as server:  # fmt: skip
        for host, origin in (
            ("maps.school.example", "https://school.example"),
            ("maps.school.example", "https://MAPS.school.example"),
            ("Maps.school.example.:8501", "http://maps.school.example.:8501"),
        ):
            for path in (STREAM, OWN):
                answer = server.handshake(path, f"Host: {host}", f"Origin: {origin}")
                assert answer.startswith("HTTP/1.1 101"), (host, origin, answer)
            assert server.raw("GET / HTTP/1.1", f"Host: {host}").startswith("HTTP/1.1 200")
        refused = server.handshake(STREAM, "Host: localhost", "Origin: https://other.example")
        assert refused.startswith("HTTP/1.1 403")
        assert server.asked_outside == []


@pytest.mark.skipif(sys.platform != "linux", reason="others' 127.0.0.2 is no address of theirs")
def test_only_this_machine_is_served(server: Watched, tmp_path: Path) -> None:
    """All of 127.0.0.0/8 is this machine's, so a server on every address answers there too."""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", server.port), timeout=20)
    with watched(tmp_path, "streamlit run", "--server.address", "0.0.0.0") as open_to_all:
        assert fetch(open_to_all.address)[0] == 200
        socket.create_connection(("127.0.0.2", open_to_all.port), timeout=20).close()
        assert open_to_all.asked_outside == [], "though Streamlit would print its outer address"


@pytest.mark.parametrize(
    ("headers", "let_in"),
    [
        (["Host: localhost:{port}"], True),
        (["Host: localhost"], True),
        (["Host: LocalHost:{port}"], True),
        (["Host: localhost.:{port}"], True),
        (["Host: 127.0.0.1:{port}"], True),
        (["Host: [::1]:{port}"], True),
        (["Host: [::1]"], True),
        (["Host: localhost:{port}", "Origin: http://localhost:{port}"], True),
        (["Host: localhost:{port}", "Origin: http://LOCALHOST:{port}"], True),
        (["Host: localhost", "Origin: http://localhost:80"], True),
        (["Host: localhost", "Origin: https://localhost"], True),
        ([], False),
        (["Host:"], False),
        (["Host: evil.example"], False),
        (["Host: evil.example:{port}"], False),
        (["Host: localhost.evil.example"], False),
        (["Host: localhost:{port}@evil.example"], False),
        (["Host: evil.example@localhost:{port}"], False),
        (["Host: localhost:99999"], False),
        (["Host: localhost:{port}, evil.example"], False),
        (["Host: localhost/"], False),
        (["Host: [::2]:{port}"], False),
        (["Host: [::1"], False),
        (["Host: localhost:{port}", "Host: evil.example"], False),
        (["Host: localhost:{port}", "Host: localhost:{port}"], False),
        (["Host: localhost:{port}", "Origin: http://localhost:1"], False),
        (["Host: localhost:{port}", "Origin: http://127.0.0.1:{port}"], False),
        (["Host: localhost:{port}", "Origin: https://localhost"], False),
        (["Host: localhost:{port}", "Origin: http://localhost:{port}/"], False),
        (["Host: localhost:{port}", "Origin: http://a@localhost:{port}"], False),
        (["Host: localhost:{port}", "Origin: null"], False),
        (["Host: localhost:{port}", "Origin:"], False),
        (["Host: localhost:{port}", "Origin: file://"], False),
        (["Host: localhost:{port}", "Origin: http://evil.example"], False),
        (["Host: localhost:{port}", "Origin: http://localhost:{port}", "Origin: http://e.example"],
         False),
    ],
)  # fmt: skip
def test_host_and_origin_are_checked_alike_on_http_and_on_sockets(
    server: Watched, headers: list[str], let_in: bool
) -> None:
    sent = [line.format(port=server.port) for line in headers]
    refused = re.compile("HTTP/1.1 40[03]")
    for path in ("/", "/_stcore/health", "/_stcore/host-config", "/static/none.js"):
        answer = server.raw(f"GET {path} HTTP/1.1", *sent)
        assert bool(refused.match(answer)) is not let_in, answer
        assert "access-control-allow-origin" not in answer.lower()
    for path in (STREAM, OWN):
        answer = server.handshake(path, *sent)
        expected = re.compile("HTTP/1.1 101") if let_in else refused
        assert expected.match(answer), answer


def test_streamlit_s_uploads_and_media_are_closed_to_another_port_of_this_machine(
    server: Watched,
) -> None:
    origin, host = "Origin: http://localhost:1", f"Host: localhost:{server.port}"
    for head in (
        "PUT /_stcore/upload_file/session/file", "DELETE /_stcore/upload_file/session/file",
        "OPTIONS /_stcore/upload_file/session/file", "GET /media/x.png",
        "POST /_stcore/agent/interact", "POST /weight-maps/upload?kind=network",
    ):  # fmt: skip
        answer = server.raw(f"{head} HTTP/1.1", host, origin, "Content-Length: 0")
        assert answer.startswith("HTTP/1.1 403"), answer
        assert "access-control-allow" not in answer.lower()


@pytest.mark.parametrize(
    ("status", "path", "headers"),
    [
        (200, "/", {}), (200, "/_stcore/health", {}), (200, "/_stcore/host-config", {}),
        (200, "/favicon.png", {}), (200, f"/weight-maps/modules/{modules.version()}/boot.js", {}),
        (403, "/", {"Host": "evil.example"}), (403, "/", {"Origin": "http://localhost:1"}),
        (404, "/media/none.png", {}), (200, "/nothing/here", {}),
        (404, f"/weight-maps/download/{'f' * 32}", {}), (404, "/weight-maps/modules/0/a.js", {}),
    ],
)  # fmt: skip
def test_every_answer_says_what_a_browser_may_do_with_it(
    server: Watched, status: int, path: str, headers: dict[str, str]
) -> None:
    found, said, _ = fetch(f"{server.address}{path}", **headers)
    assert found == status
    _says_what_may_be_done(said)


def test_so_do_an_upload_too_large_and_a_refused_handshake(server: Watched) -> None:
    for answer in (
        server.raw(
            "POST /weight-maps/upload?kind=network HTTP/1.1", f"Host: localhost:{server.port}",
            "X-Weight-Maps: 1", f"Content-Length: {(64 << 20) + 1}",
        ),
        server.handshake(OWN, f"Host: localhost:{server.port}", "Origin: http://e.example"),
    ):  # fmt: skip
        assert re.match("HTTP/1.1 4(13|03)", answer)
        lines = (line.partition(": ") for line in answer.splitlines()[1:])
        _says_what_may_be_done({name.lower(): value for name, _, value in lines})


@pytest.mark.parametrize(
    "head",
    [
        "PUT /_stcore/upload_file/session/file", "POST /_stcore/agent/interact",
        "POST /_stcore/agent/mcp", "GET /_stcore/metrics", "GET /auth/login", "GET /oauth2callback",
    ],
)  # fmt: skip
def test_what_of_streamlit_s_the_pages_do_not_use_is_closed(server: Watched, head: str) -> None:
    host = f"Host: localhost:{server.port}"
    assert server.raw(f"{head} HTTP/1.1", host, "Content-Length: 0").startswith("HTTP/1.1 404")


def test_a_page_keeps_no_more_than_a_little_in_its_session(server: Watched) -> None:
    message = BackMsg()
    message.rerun_script.query_string = "x" * 2_000_000
    url = f"ws://localhost:{server.port}{STREAM}"
    with connect(url, origin=server.address) as stream:  # type: ignore[arg-type]
        stream.send(message.SerializeToString())
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                stream.recv(timeout=20)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def _says_what_may_be_done(said: dict[str, str]) -> None:
    policy = said["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe-inline" not in scripts
    assert "'unsafe-eval'" not in scripts
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert said["x-frame-options"] == "DENY"
    assert said["x-content-type-options"] == "nosniff"
    assert said["referrer-policy"] == "same-origin"
    assert "camera=()" in said["permissions-policy"]
    assert said["cross-origin-opener-policy"] == "same-origin"
    assert said["cross-origin-resource-policy"] == "same-origin"


def test_so_does_an_answer_that_could_not_be_made(caplog: pytest.LogCaptureFixture) -> None:
    sent: list[dict[str, Any]] = []

    async def fails(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("what went wrong")

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    scope = {
        "type": "http", "method": "GET", "path": "/", "scheme": "http",
        "headers": [(b"host", b"localhost")],
    }  # fmt: skip
    complete(Guard(fails)(scope, receive, send))
    assert sent[0]["status"] == 500
    _says_what_may_be_done(dict(Headers(raw=sent[0]["headers"])))
    assert b"went wrong" not in sent[1]["body"]
    assert "went wrong" in caplog.text


def test_by_tls_a_page_that_came_without_is_another_s() -> None:
    headers = Headers({"host": "localhost", "origin": "http://localhost"})
    assert why_refused(headers) is None, "what is in front of the server may have made it plain"
    assert why_refused(headers, secure=True) is not None
