"""What the dashboard serves beside Streamlit's pages: its socket, files and headers."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import socket
import sys
import threading
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from streamlit import config

from toolkit import presence
from toolkit.dashboard import modules, sockets
from toolkit.dashboard.ending import Ending
from toolkit.dashboard.files import Files
from toolkit.dashboard.firstpaint import FirstPaint
from toolkit.dashboard.guard import Guard
from toolkit.dashboard.places import Places, Usher
from toolkit.dashboard.settings import idle_seconds, most_pages, most_scored_bytes
from toolkit.experiments import Workspace
from toolkit.studio.figures import Figures
from toolkit.studio.memory import share_arenas
from toolkit.studio.studio import Studio

FOLDER = "weight-maps"
"""Under the page's own address: where all of this is served."""
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
FIGURES = Figures()
"""What this server's pages offer to have drawn."""
_TIDY_SECONDS = 1.0
_making = threading.Lock()
log = logging.getLogger(__name__)


@cache
def _made() -> Studio:
    alone = config.get_option("server.address") in _LOOPBACK
    made = Studio(
        Workspace(), alone=alone, most_bytes=most_scored_bytes(), idle_seconds=idle_seconds()
    )
    # Streamlit collects garbage in full after each run, over everything imported; what lives as
    # long as the server is taken out of that.
    gc.collect()
    gc.freeze()
    # On its way a stroke lets go of the interpreter some forty times (disk, NumPy) and
    # waits so long to have it again where another thread computes: in all 43 ms with turns of 1 ms,
    # 12 with these.  Shorter ones would cost threads that compete a quarter of their time.
    sys.setswitchinterval(0.0002)
    return made


def studio() -> Studio:
    """Return this server's studio; two who ask at once get the same."""
    with _making:
        return _made()


@contextlib.asynccontextmanager
async def _lifespan(app: object) -> AsyncIterator[None]:
    ending = Ending()
    ending.watch()
    _send_at_once()
    tidying = asyncio.create_task(_tidy())
    yield
    tidying.cancel()
    if _made.cache_info().currsize:
        _made().workspace.close()
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
        if _made.cache_info().currsize:
            try:
                # Not behind letters: it is when many are answered that there is much to let go.
                await asyncio.to_thread(_made().tidy)
            except Exception:
                log.exception("nothing could be let go")


def options() -> dict[str, Any]:
    """Return what ``streamlit.App`` takes: routes, middleware, and what to do at the end."""
    # One that makes no sense is told at once, and not to the first page.
    idle_seconds(), most_scored_bytes()
    share_arenas()
    files, places = Files(studio, FIGURES), Places(most_pages())
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    root = f"/{base}/{FOLDER}" if base else f"/{FOLDER}"
    return {
        "routes": [
            WebSocketRoute(f"{root}/socket", sockets.endpoint(studio)),
            Route(f"{root}/modules/{{version}}/{{name:path}}", modules.serve),
            Route(f"{root}/here", _here),
            Route(f"{root}/room", places.room),
            Route(f"{root}/upload", files.upload, methods=["POST"]),
            Route(f"{root}/download/{{id}}", files.download),
            Route(f"{root}/figure/{{name}}", files.figure),
            Route(f"{root}/learning/{{name}}", files.learning),
            Route(f"{root}/picture/{{id}}.png", files.picture),
            Route(f"{root}/digits/{{name}}", files.digits),
        ],
        "middleware": [Middleware(Guard), Middleware(FirstPaint), Middleware(Usher, places=places)],
        "lifespan": _lifespan,
    }
