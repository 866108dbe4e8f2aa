"""Frames between page and server: a JSON head and blocks of bytes, in one piece.

Four bytes, little-endian, give the length of the UTF-8 text that follows; it
is a JSON object whose ``blocks`` says what the bytes after it are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

MOST_CONTAINERS = 100_000
"""Lists and objects in a head: as text each may be two bytes, in memory it is a hundred.  As many
letters as a frame may hold have a tenth of that."""


class FrameError(ValueError):
    """What came is no frame."""


def encode(head: Mapping[str, Any], blocks: Iterable[bytes] = ()) -> bytes:
    """Return a frame.

    Parameters
    ----------
    head : mapping
        Plain data (JSON), no NaN and no infinity in it.
    blocks : iterable of bytes
        In the order in which ``head["blocks"]`` lists them.
    """
    text = json.dumps(head, separators=(",", ":"), allow_nan=False).encode()
    return b"".join([len(text).to_bytes(4, "little"), text, *blocks])


def decode(frame: bytes) -> dict[str, Any]:
    """Return the head of a frame that the page sent.

    Raises
    ------
    FrameError
        If it is no frame, or its head no JSON object, or one of too many parts.
    """
    if len(frame) < 4:
        raise FrameError(f"frame: expected four bytes and a text; got {len(frame)} bytes")
    end = 4 + int.from_bytes(frame[:4], "little")
    text = frame[4:end]
    containers = text.count(b"[") + text.count(b"{")
    if containers > MOST_CONTAINERS:
        raise FrameError(
            f"frame: expected at most {MOST_CONTAINERS:,} lists and objects; got {containers:,}"
        )
    try:
        head = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FrameError("frame: expected a JSON text; got something else") from error
    if not isinstance(head, dict):
        raise FrameError(f"frame: expected a JSON object; got {type(head).__name__}")
    return head
