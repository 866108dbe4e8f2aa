"""Who may talk to the server, and what browsers may do with what it serves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from streamlit import config
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# What the page needs to run: itself, scripts that Streamlit makes from text, pictures made in the
# page, and the sockets of its own host.  Nothing comes from elsewhere.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' blob: 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' {sockets}",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)


def is_allowed(headers: Headers) -> bool:
    """Tell whether a request is to a host that this server is, and from a page of its own.

    A request without an Origin is no page of another site: browsers send one
    with whatever such a page could do here.
    """
    host, origin = headers.get("host"), headers.get("origin")
    if not is_host_allowed(host):
        return False
    if origin is None:
        return True
    allowed = config.get_option("server.corsAllowedOrigins") or ()
    return urlsplit(origin).netloc.lower() == (host or "").lower() or origin in allowed


class Guard:
    """ASGI middleware: Host checked on HTTP as on the socket, and headers on all that is served."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not is_host_allowed(host):
            answer = PlainTextResponse("This server does not go by that name.", 403)
            await answer(scope, receive, send)
            return

        async def send_guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                sent = MutableHeaders(scope=message)
                sockets = f"ws://{host} wss://{host}"
                sent["Content-Security-Policy"] = _POLICY.format(sockets=sockets)
                sent["X-Content-Type-Options"] = "nosniff"
                sent["X-Frame-Options"] = "SAMEORIGIN"
                sent["Referrer-Policy"] = "same-origin"
            await send(message)

        await self._app(scope, receive, send_guarded)
