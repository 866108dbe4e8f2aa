"""Who may talk to the server, and what browsers may do with what it serves.

All of it is decided here, before Streamlit sees a request or a handshake: of an
Origin that it does not know, Streamlit would ask a host outside for this
machine's address.
"""

from __future__ import annotations

import logging
import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose
from streamlit import config
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

log = logging.getLogger(__name__)

_NOT_ALLOWED = 1008
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
# Streamlit's own, which these pages do not use: files kept in memory as long as a session lives, a
# way in for programs, numbers about everybody's sessions, and signing in elsewhere.
_CLOSED = re.compile("/(?:_stcore/(?:upload_file|agent|metrics)|auth|oauth2callback)(?:/|$)")
_PORTS = {"http": 80, "https": 443}
_SECURE = {"https", "wss"}

# What the page needs to run: scripts from here (Streamlit hands a component's to the browser as a
# blob), the line of script that stands in its page, by its hash, pictures made in the page, and
# sockets to here.  Styles are written into the page by Streamlit and by the page's own parts.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' blob: 'wasm-unsafe-eval' {scripts}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self'",
        "font-src 'self' data:",
        "media-src 'self'",
        "connect-src 'self' {sockets}",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
# Which of a browser's powers the page uses: none of these.
_UNUSED = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture",
    "geolocation", "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment",
    "publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{power}=()" for power in _UNUSED),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def why_refused(headers: Headers, *, secure: bool = False) -> str | None:
    """Return why a request is refused by its Host or Origin, None if it is not.

    A request without an Origin is no page of another site: browsers send one
    with whatever such a page could do here.

    Parameters
    ----------
    headers : Headers
    secure : bool
        Whether it came by TLS.
    """
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]) or not is_host_allowed(hosts[0]):
        return "This server does not go by that name."
    if not origins:
        return None
    if len(origins) > 1 or not _is_known(origins[0], hosts[0], secure=secure):
        return "Pages of another site may not ask this server for anything."
    return None


def _is_known(origin: str, host: str, *, secure: bool) -> bool:
    allowed = config.get_option("server.corsAllowedOrigins") or ()
    if origin in {each.strip() for each in allowed}:
        return True
    scheme, _, name = origin.partition("://")
    if scheme not in _PORTS or (secure and scheme != "https") or not _HOST.fullmatch(name):
        return False
    return _place(scheme, name) == _place(scheme, host)


def _place(scheme: str, host: str) -> tuple[str | None, int]:
    parts = urlsplit(f"{scheme}://{host}")
    try:
        return parts.hostname, parts.port or _PORTS[scheme]
    except ValueError:  # a port that there is not
        return None, -1


class Guard:
    """ASGI middleware: who is let in, and headers on all that is served.

    Parameters
    ----------
    app : callable
        The ASGI application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request or a handshake on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        secure = scope.get("scheme") in _SECURE
        reason = why_refused(headers, secure=secure)
        host = headers.get("host", "") if reason is None else ""
        begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal begun
            begun = True
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                sent = MutableHeaders(scope=message)
                sent["Content-Security-Policy"] = _policy(host)
                for name, value in _HEADERS.items():
                    sent[name] = value
            await send(message)

        answer: ASGIApp | Response = self._app
        if reason is not None:
            answer = _refusal(scope, reason)
        elif scope["type"] == "http" and _CLOSED.search(scope["path"]):
            answer = PlainTextResponse("There is nothing here.", 404)
        elif scope["type"] == "websocket":
            scope = _of_this_host(scope, host, secure=secure)
        try:
            await answer(scope, receive, send_guarded)
        except Exception:
            if begun or scope["type"] == "websocket":
                raise
            # Starlette's own answer would be made outside of here, without the headers.
            log.exception("a request could not be answered")
            sorry = PlainTextResponse("This server made a mistake; its log says which.", 500)
            await sorry(scope, receive, send_guarded)


def _refusal(scope: Scope, reason: str) -> ASGIApp | Response:
    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        return PlainTextResponse(reason, 403)
    return WebSocketClose(_NOT_ALLOWED, reason)


def _policy(host: str) -> str:
    # Some browsers do not take a socket of the page's own host for 'self'.
    sockets = f"ws://{host} wss://{host}" if host else ""
    return _POLICY.format(scripts=_scripts_in_page(), sockets=sockets)


@cache
def _scripts_in_page() -> str:
    """Return the hashes of the scripts that stand in Streamlit's own page, as a policy has them."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    hashes = (
        sha256(text.encode()).digest() for text in re.findall("(?s)<script>(.*?)</script>", page)
    )
    return " ".join(f"'sha256-{b64encode(each).decode()}'" for each in hashes)


def _of_this_host(scope: Scope, host: str, *, secure: bool) -> Scope:
    """Return a handshake that was let in as Streamlit takes it for one of its own page.

    Of any other, though allowed, it would compare the Origin with this machine's addresses, the
    outer one among them, for which it asks outside.
    """
    own = f"{'https' if secure else 'http'}://{host}".encode("latin-1")
    headers = [(name, own if name == b"origin" else value) for name, value in scope["headers"]]
    return {**scope, "headers": headers}
