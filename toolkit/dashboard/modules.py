"""The page's own files, served from a folder whose name is a hash of all that is in it.

Whoever has an address of that folder has these very bytes: they may be kept
for ever, and an upgraded toolkit is never served yesterday's modules.
"""

from __future__ import annotations

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "page"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}


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
