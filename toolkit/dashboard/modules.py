"""The page's own files, served from a folder whose name is a hash of all that is in it.

Whoever has an address of that folder has these very bytes: they may be kept
for ever, and an upgraded toolkit is never served yesterday's modules.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from toolkit.dashboard.linking import link, link_style

FOLDER = Path(__file__).parent / "page"
LINKED = "linked/"
"""Under this, in the folder, what a page needs is served in one piece."""
PAGES = {
    "": "workbench/main.js",
    **{
        name: f"{name}/main.js"
        for name in ("neuron", "network", "compare", "learning", "experiments")
    },
}
"""What draws each page, by its path; the atlas is drawn by Streamlit."""
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}
_ENTRIES = {"main.js", "downloads.js", "worker.js"}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
_LEAST_ZIPPED = 1000  # bytes


@cache
def files() -> dict[str, bytes]:
    """Return the page's files by their path in its folder."""
    return {
        path.relative_to(FOLDER).as_posix(): path.read_bytes()
        for path in sorted(FOLDER.rglob("*"))
        if path.suffix in _TYPES
    }


@cache
def version() -> str:
    """Return the hash that names the folder."""
    digest = hashlib.sha256()
    for name, data in files().items():
        digest.update(f"{name} {len(data)} ".encode() + data)
    return digest.hexdigest()[:16]


def media_type(name: str) -> str:
    """Return a file's type by its name."""
    return _TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "text/plain"


def text(name: str) -> str:
    """Return one file's text."""
    return files()[name].decode()


def style_of(module: str) -> str:
    """Return the style sheet of a part of the page, by its module."""
    folder = module.rpartition("/")[0]
    return f"{folder}/{folder.rpartition('/')[2]}.css"


@cache
def linked(name: str) -> bytes | None:
    """Return a script that a page begins with, or a style sheet, and all that it imports."""
    if name not in files():
        return None
    texts = {each: data.decode() for each, data in files().items()}
    if name.endswith(".css"):
        return link_style(texts, name).encode()
    return link(texts, name, version()).encode() if Path(name).name in _ENTRIES else None


@cache
def _served(name: str, zipped: bool) -> bytes | None:
    whole = name.startswith(LINKED)
    data = linked(name.removeprefix(LINKED)) if whole else files().get(name)
    return gzip.compress(data, 6, mtime=0) if zipped and data is not None else data


async def serve(request: Request) -> Response:
    """Serve one of the page's files, for ever, from the folder named by its hash."""
    name, version_asked = request.path_params["name"], request.path_params["version"]
    data = await asyncio.to_thread(_served, name, False) if version_asked == version() else None
    if data is None:
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    headers = dict(_FOR_EVER)
    if len(data) >= _LEAST_ZIPPED and "gzip" in request.headers.get("accept-encoding", ""):
        data = await asyncio.to_thread(_served, name, True)
        headers["Content-Encoding"] = "gzip"
    return Response(data, media_type=media_type(name), headers=headers)
