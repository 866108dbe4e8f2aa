"""What stands behind the routes: loaded while the first page is on its way to a browser.

Streamlit's page takes a browser about as long to load and to begin with as this server its studio,
with all that reads networks, keeps experiments and scores.  So the server listens first, and loads
them in a thread meanwhile.  Whoever needs them earlier waits for them; the event loop never does.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from streamlit import config

from toolkit.dashboard.settings import idle_seconds, most_scored_bytes

if TYPE_CHECKING:
    from toolkit.dashboard.files import Files
    from toolkit.studio.figures import Figures
    from toolkit.studio.studio import Studio

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_TURN_SECONDS = 0.0002
log = logging.getLogger(__name__)
T = TypeVar("T")


class Later(Generic[T]):
    """Something that is made once, by whoever needs it first.

    Parameters
    ----------
    make : callable
        Makes it; what it raises comes to who asked, and the next one tries again.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self.made: T | None = None

    def __call__(self) -> T:
        """Return it, made if need be."""
        with self._lock:
            if self.made is None:
                self.made = self._make()
            return self.made

    async def wait(self) -> T:
        """Return it, made in a thread if need be."""
        return self.made if self.made is not None else await asyncio.to_thread(self)


def _make_studio() -> Studio:
    from toolkit.experiments import Workspace
    from toolkit.studio.studio import Studio

    alone = config.get_option("server.address") in _LOOPBACK
    return Studio(
        Workspace(), alone=alone, most_bytes=most_scored_bytes(), idle_seconds=idle_seconds()
    )


def _make_figures() -> Figures:
    from toolkit.studio.figures import Figures

    return Figures()


def _make_files() -> Files:
    from toolkit.dashboard.files import Files

    return Files(studio, figures())


def _make_endpoint() -> Callable[[WebSocket], Awaitable[Any]]:
    from toolkit.dashboard import sockets

    return sockets.endpoint(studio)


studio = Later(_make_studio)
"""This server's studio."""
figures = Later(_make_figures)
"""What this server's pages offer to have drawn."""
_files = Later(_make_files)
_endpoint = Later(_make_endpoint)


async def talk(socket: WebSocket) -> None:
    """Serve a page's own socket."""
    await (await _endpoint.wait())(socket)


def to_files(name: str) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of that name for files."""

    async def endpoint(request: Request) -> Response:
        found: Response = await getattr(await _files.wait(), name)(request)
        return found

    return endpoint


def begin() -> None:
    """Load all of it, in a thread."""
    # On its way a stroke lets go of the interpreter some forty times (disk, NumPy) and
    # waits so long to have it again where another thread computes: in all 43 ms with turns of 1 ms,
    # 12 with these.  Shorter ones would cost threads that compete a quarter of their time.
    sys.setswitchinterval(_TURN_SECONDS)
    threading.Thread(target=_load, name="studio", daemon=True).start()


def _load() -> None:
    gc.disable()  # nothing of what is loaded is garbage
    try:
        _endpoint()
        _files()
        studio().draft({})  # who comes first finds the digits read
    except Exception:
        # Whoever asks for it is told, in words.
        log.debug("not everything could be loaded ahead", exc_info=True)
    finally:
        # Streamlit collects garbage in full after each run, over everything imported; what lives
        # as long as the server is taken out of that.
        gc.enable()
        gc.collect()
        gc.freeze()
