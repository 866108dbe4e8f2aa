"""Mirrors on this machine, each with a failing of its own, and a small set for them to hold."""

from __future__ import annotations

import gzip
import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from toolkit.digits.fetching.fetch import RemoteFile

FIRST_PART = 40_000  # bytes that a mirror sends before it cuts or holds the connection


def _idx(values: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes()
    return header + values.tobytes()


def _contents() -> dict[str, bytes]:
    rng = np.random.default_rng(0)
    contents = {}
    for prefix, count in (("train", 200), ("t10k", 100)):
        images = rng.integers(0, 256, (count, 28, 28), np.uint8)
        labels = (np.arange(count) % 10).astype(np.uint8)
        contents[f"{prefix}-images-idx3-ubyte.gz"] = _idx(images)
        contents[f"{prefix}-labels-idx1-ubyte.gz"] = _idx(labels)
    return contents


CONTENTS = _contents()
"""What each file holds, decoded; images do not compress, so they come in several pieces."""
PACKED = {name: gzip.compress(content, mtime=0) for name, content in CONTENTS.items()}
FILES = tuple(
    RemoteFile(name, len(PACKED[name]), len(content), hashlib.sha256(content).hexdigest())
    for name, content in CONTENTS.items()
)


@dataclass
class Mirrors:
    """Addresses are ``mirrors["good"]`` and so on; what was asked for stands in `asked`."""

    port: int
    asked: list[str] = field(default_factory=list)
    holding: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    def __getitem__(self, kind: str) -> str:
        return f"http://127.0.0.1:{self.port}/{kind}/"


def _answer(kind: str, name: str) -> tuple[int, bytes, dict[str, str]]:
    """Return status, body and headers."""
    body = PACKED[name]
    if kind == "missing":
        return 404, b"", {}
    if kind == "busy":
        return 503, b"later", {}
    if kind == "page":
        return 200, b"<!doctype html><title>Sign in</title>", {}
    if kind == "wrong":
        return 200, gzip.compress(CONTENTS[name][::-1], mtime=0), {}
    if kind == "damaged":
        return 200, body[: len(body) // 2] + bytes(4) + body[len(body) // 2 + 4 :], {}
    if kind == "short":
        return 200, body[:-9], {}
    if kind == "trailing":
        return 200, body + b"more", {}
    if kind == "endless":
        return 200, bytes(len(CONTENTS[name]) + 200_000), {}
    if kind == "bomb":
        return 200, gzip.compress(bytes(50_000_000), 1), {}
    if kind == "plain":
        return 200, CONTENTS[name], {}
    if kind == "other level":
        return 200, gzip.compress(CONTENTS[name], 1), {}
    if kind == "encoded":
        return 200, body, {"Content-Encoding": "gzip"}
    if kind == "nonsense length":
        return 200, body, {"Content-Length": "many"}
    return 200, body, {}


@contextmanager
def mirrors() -> Iterator[Mirrors]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, name = self.path.strip("/").replace("%20", " ").split("/")
            here.asked.append(f"{kind}/{name}")
            if kind == "hung up":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if kind == "redirect":
                self.send_response(302)
                self.send_header("Location", f"/good/{name}")
                self.end_headers()
                return
            if kind == "to a file":
                self.send_response(302)
                self.send_header("Location", "file:///etc/hostname")
                self.end_headers()
                return
            status, body, headers = _answer(kind, name)
            self.send_response(status)
            for key, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(key, value)
            self.end_headers()
            if kind in ("cut", "held"):
                self.wfile.write(body[: min(FIRST_PART, len(body) - 1)])
                self.wfile.flush()
                if kind == "cut":
                    return
                here.holding.set()
                here.release.wait(60)
                body = body[min(FIRST_PART, len(body) - 1) :]
            try:
                self.wfile.write(body)
            except OSError:
                return  # who asked has gone

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    here = Mirrors(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield here
    finally:
        here.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def dead_mirror() -> Iterator[str]:
    """Yield the address of a port that is taken and answers nobody."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"
