"""How many pages the server has at once, and what the one too many is told.

A page is let in when its document is asked for, and has its place from then on:
nobody gets half of one.  What sockets do later is counted, and a browser that
comes back from a reload or a short break finds room although all is taken.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from http.cookies import CookieError, SimpleCookie
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

COOKIE = "weight-maps-place"
"""Names a browser, for as long as it is open, by a random word."""
RETRY_SECONDS = 5
_ON_ITS_WAY_SECONDS = 15.0
_AWAY_SECONDS = 60.0
_TRY_LATER = 1013
_MOST_REMEMBERED = 1000
_FULL = Path(__file__).parent / "full.html"
_SOCKETS = {"/_stcore/stream": "page", "/weight-maps/socket": "own"}


class Places:
    """Who is here, on their way, or away for a moment.

    Parameters
    ----------
    most : int
        Pages at once.  A quarter more is held for those who had a place already.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._returning = most + max(2, most // 4)
        self._open: dict[str, Counter[str]] = {"page": Counter(), "own": Counter()}
        self._coming: dict[str, float] = {}
        self._away: dict[str, float] = {}

    def is_known(self, browser: str) -> bool:
        """Tell whether a browser has a place, or had one a moment ago."""
        self._forget()
        return bool(browser) and (
            self._open["page"][browser] > 0 or browser in self._away or browser in self._coming
        )

    def has_room(self, browser: str = "") -> bool:
        """Tell whether another page of a browser would be let in."""
        self._forget()
        taken = self._open["page"].total() + sum(each != browser for each in self._coming)
        return taken < (self._returning if self.is_known(browser) else self.most)

    def expect(self, browser: str) -> None:
        """Keep a place for a page that is on its way."""
        self._coming[browser] = time.monotonic() + _ON_ITS_WAY_SECONDS

    def enter(self, kind: str, browser: str) -> bool:
        """Count a socket in; False where there is no room for it."""
        if kind == "page":
            if not self.has_room(browser):
                return False
            self._coming.pop(browser, None)
        elif self._open[kind].total() >= self._returning:
            return False
        self._open[kind][browser] += 1
        return True

    def leave(self, kind: str, browser: str) -> None:
        """Count a socket out."""
        sockets = self._open[kind]
        sockets[browser] -= 1
        if sockets[browser] <= 0:
            del sockets[browser]
            if kind == "page" and browser:
                self._away.pop(browser, None)
                self._away[browser] = time.monotonic() + _AWAY_SECONDS

    def _forget(self) -> None:
        now = time.monotonic()
        for known in (self._coming, self._away):
            over = [each for each, until in known.items() if until < now]
            for each in over + list(known)[: max(0, len(known) - _MOST_REMEMBERED)]:
                known.pop(each, None)

    async def room(self, request: Request) -> Response:
        """Tell a page that is not connected whether that is for want of room."""
        full = not self.has_room(_browser(Headers(scope=request.scope)))
        return JSONResponse({"full": full}, headers={"Cache-Control": "no-store"})


class Usher:
    """ASGI middleware that lets pages in as long as there are places.

    Parameters
    ----------
    app : callable
        The ASGI application behind it.
    places : Places
    """

    def __init__(self, app: ASGIApp, places: Places) -> None:
        self._app = app
        self._places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a page or a socket in, or tell it that there is no room."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http" and _is_document(scope):
            await self._document(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = next((_SOCKETS[end] for end in _SOCKETS if scope["path"].endswith(end)), None)
        if kind is None:
            await self._app(scope, receive, send)
            return
        browser = _browser(Headers(scope=scope))
        if not self._places.enter(kind, browser):
            answer: ASGIApp | Response = WebSocketClose(_TRY_LATER, "full")
            if "websocket.http.response" in scope.get("extensions", {}):
                answer = PlainTextResponse("This server is full.", 503, headers=_later())
            await answer(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            self._places.leave(kind, browser)

    async def _document(self, scope: Scope, receive: Receive, send: Send) -> None:
        browser = _browser(Headers(scope=scope))
        if not self._places.has_room(browser):
            text = _FULL.read_text("utf-8").replace("MOST", str(self._places.most))
            text = text.replace("RETRY", str(RETRY_SECONDS))
            await HTMLResponse(text, 503, headers=_later())(scope, receive, send)
            return
        new = "" if browser else secrets.token_urlsafe(12)
        self._places.expect(browser or new)

        async def send_named(message: Message) -> None:
            if new and message["type"] == "http.response.start":
                named = f"{COOKIE}={new}; Path=/; HttpOnly; SameSite=Strict"
                MutableHeaders(scope=message).append("Set-Cookie", named)
            await send(message)

        await self._app(scope, receive, send_named)


def _later() -> dict[str, str]:
    return {"Retry-After": str(RETRY_SECONDS), "Cache-Control": "no-store"}


def _browser(headers: Headers) -> str:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(headers.get("cookie", ""))
    except CookieError:
        return ""
    found = cookies.get(COOKIE)
    return found.value[:40] if found is not None else ""


def _is_document(scope: Scope) -> bool:
    """Tell whether a browser asks for a page, to show it."""
    headers = Headers(scope=scope)
    if scope["method"] != "GET" or "text/html" not in headers.get("accept", ""):
        return False
    return headers.get("sec-fetch-dest", "document") == "document"
