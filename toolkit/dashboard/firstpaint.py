"""What stands in a page's head before Streamlit's scripts have run, which takes half a second.

Streamlit's own page is white until then, a flash in a dark room: here it is dark from its first
moment on where the person's screen is.  And what the page will need is asked for meanwhile.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from toolkit.dashboard import modules

_HEAD = b"<head>"
# Covered by Streamlit's own colours as soon as they are there.
_STYLE = (
    b"<style>@media (prefers-color-scheme: dark) "
    b"{ html { background: #171614; color-scheme: dark } }</style>"
)
_MOST = 1 << 16


_AHEAD = """
<link rel="modulepreload" href="weight-maps/modules/{version}/linked/{module}">
<link rel="preload" as="style" href="weight-maps/modules/{version}/linked/{style}">
"""


class FirstPaint:
    """ASGI middleware: gives the page that Streamlit serves a background, and a start.

    Parameters
    ----------
    app : callable
        The ASGI application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and what comes back, with a style in its head if it is a page."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        start: Message | None = None

        async def send_styled(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_page(message):
                start = message  # its length is known with what follows
                return
            if start is not None and message["type"] == "http.response.body":
                body: bytes = message.get("body", b"")
                whole = not message.get("more_body") and len(body) <= _MOST
                if whole and body.count(_HEAD) == 1:
                    body = body.replace(_HEAD, _HEAD + _STYLE + _ahead(scope["path"]))
                    MutableHeaders(scope=start)["content-length"] = str(len(body))
                    message = {**message, "body": body}
                first, start = start, None
                await send(first)
            await send(message)

        await self._app(scope, receive, send_styled)


def _is_page(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    return (
        message["status"] == 200
        and headers.get("content-type", "").startswith("text/html")
        and "content-encoding" not in headers
    )


def _ahead(path: str) -> bytes:
    """Return links to what draws the page of an address, relative to it."""
    module = modules.PAGES.get(path.rpartition("/")[2])
    if module is None:
        return b""
    style = modules.style_of(module)
    return _AHEAD.format(version=modules.version(), module=module, style=style).encode()
