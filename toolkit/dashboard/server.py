"""What the dashboard serves beside Streamlit's pages: its socket, files and headers."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import socket
from collections.abc import AsyncIterator
from typing import Any

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from streamlit import config

from toolkit import presence
from toolkit.dashboard import behind, modules
from toolkit.dashboard.ending import Ending
from toolkit.dashboard.firstpaint import FirstPaint
from toolkit.dashboard.guard import Guard
from toolkit.dashboard.places import Places, Usher
from toolkit.dashboard.settings import idle_seconds, most_pages, most_scored_bytes
from toolkit.studio.memory import share_arenas

FOLDER = "weight-maps"
"""Under the page's own address: where all of this is served."""
_TIDY_SECONDS = 1.0
log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def _lifespan(app: object) -> AsyncIterator[None]:
    ending = Ending()
    ending.watch()
    _send_at_once()
    behind.begin()
    tidying = asyncio.create_task(_tidy())
    yield
    tidying.cancel()
    if behind.studio.made is not None:
        behind.studio.made.workspace.close()
    ending.end()


def _send_at_once() -> None:
    """Let no small frame wait until the browser has confirmed the one before, some 40 ms later.

    asyncio sees to that where a socket says that it speaks TCP; the one that Streamlit listens on
    says nothing.  What comes in by a socket takes such options from it.
    """
    for each in gc.get_objects():
        # By its type: to ask a weak reference's stand-in is to ask what may be gone.
        if issubclass(type(each), socket.socket):
            with contextlib.suppress(OSError):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


async def _here(request: Request) -> Response:
    """Prove to who started this server that it is the one."""
    answer = presence.answer(request.query_params.get("word", ""))
    return PlainTextResponse(answer or "", 200 if answer else 404)


async def _tidy() -> None:
    while True:
        await asyncio.sleep(_TIDY_SECONDS)
        if behind.studio.made is not None:
            try:
                # Not behind letters: it is when many are answered that there is much to let go.
                await asyncio.to_thread(behind.studio.made.tidy)
            except Exception:
                log.exception("nothing could be let go")


def options() -> dict[str, Any]:
    """Return what ``streamlit.App`` takes: routes, middleware, and what to do at the end."""
    # One that makes no sense is told at once, and not to the first page.
    idle_seconds(), most_scored_bytes()
    share_arenas()
    places = Places(most_pages())
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    root = f"/{base}/{FOLDER}" if base else f"/{FOLDER}"
    return {
        "routes": [
            WebSocketRoute(f"{root}/socket", behind.talk),
            Route(f"{root}/modules/{{version}}/{{name:path}}", modules.serve),
            Route(f"{root}/here", _here),
            Route(f"{root}/room", places.room),
            Route(f"{root}/upload", behind.to_files("upload"), methods=["POST"]),
            Route(f"{root}/download/{{id}}", behind.to_files("download")),
            Route(f"{root}/figure/{{name}}", behind.to_files("figure")),
            Route(f"{root}/learning/{{name}}", behind.to_files("learning")),
            Route(f"{root}/picture/{{id}}.png", behind.to_files("picture")),
            Route(f"{root}/digits/{{name}}", behind.to_files("digits")),
        ],
        "middleware": [Middleware(Guard), Middleware(FirstPaint), Middleware(Usher, places=places)],
        "lifespan": _lifespan,
    }
