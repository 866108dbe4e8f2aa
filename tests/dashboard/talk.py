"""A client of the page's socket, without a browser."""

from __future__ import annotations

import asyncio
import json
import secrets
import ssl
import urllib.error
import urllib.request
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, TypeVar

from websockets.sync.client import ClientConnection, connect

from toolkit.dashboard import modules
from toolkit.studio.frames import encode

T = TypeVar("T")


def complete(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, in a thread: a browser's tests leave a loop in this one."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, work).result()


class Talk:
    """One connection to a dashboard's socket.

    Parameters
    ----------
    address : str
        The dashboard's, ``http://localhost:8501`` and so on.
    hello : bool
        Whether to introduce itself at once.
    at : str
        Scheme, host and port, where the address goes on after them.
    """

    def __init__(
        self,
        address: str,
        *,
        hello: bool = True,
        client: str | None = None,
        trust: ssl.SSLContext | None = None,
        at: str = "",
    ) -> None:
        self.client = client or secrets.token_hex(6)
        self.seq = 0
        self.state: dict[str, Any] = {}
        url = f"ws{address.removeprefix('http')}/weight-maps/socket"
        with ExitStack() as stack:
            self.socket: ClientConnection = stack.enter_context(
                connect(url, origin=at or address, max_size=None, ssl=trust)  # type: ignore[arg-type]
            )
            self._stack = stack.pop_all()
        if hello:
            self.send(kind="hello", client=self.client, modules=modules.version(), known=[])

    def send(self, **head: Any) -> None:
        self.socket.send(encode(head))

    def receive(self, kind: str, timeout: float = 20) -> dict[str, Any]:
        """Return the next frame of a kind; others before it are dropped."""
        while True:
            frame = self.socket.recv(timeout=timeout)
            assert isinstance(frame, bytes)
            head: dict[str, Any] = json.loads(frame[4 : 4 + int.from_bytes(frame[:4], "little")])
            head["bytes"] = len(frame)
            if head["kind"] == kind:
                return head

    def visit(self, experiment: str | None = None, network: str = "random") -> dict[str, Any]:
        start = {"network": network} if network else None
        before = self.state.get("experiment") if experiment is not None else None
        self.send(kind="visit", experiment=experiment, start=start, view={})
        self.state = self.receive("answer")
        # What was known late of the one before, as the classes' means, may still be on its way.
        while before not in (None, experiment) and self.state["experiment"] == before:
            self.state = self.receive("answer")
        return self.state

    def letters(self, *items: dict[str, Any]) -> dict[str, Any]:
        """Send items and return the answer that acknowledges the last of them."""
        numbered = []
        for item in items:
            self.seq += 1
            numbered.append({"seq": self.seq, **item})
        self.send(
            kind="letters", experiment=self.state["experiment"], start=self.state["start"],
            client=self.client, items=numbered,
        )  # fmt: skip
        while True:
            self.state = self.receive("answer")
            if self.state["acks"].get(self.client, 0) >= self.seq or self.state["unsaved"]:
                return self.state

    def stroke(self, cell: int = 0, put: float = 1.0, neuron: int = 0) -> dict[str, Any]:
        edit = {
            "kind": "stroke", "layer": 1, "neuron": neuron, "cells": [cell], "keep": 0,
            "put": put, "tool": "brush",
        }  # fmt: skip
        return self.letters({"kind": "edit", "edit": edit})

    def close(self) -> None:
        self._stack.close()


def fetch(
    url: str, data: bytes | None = None, trust: ssl.SSLContext | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers (names in lower case) and body, whatever the status."""
    request = urllib.request.Request(
        url, data, {name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=20, context=trust) as answer:
            return answer.status, _lower(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, _lower(error.headers), error.read()


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
