"""Loaded by each Python process whose path begins with this folder: notes what it asks outside.

Each attempt to reach another machine, or to look one up, is a line in the file that the variable
``TOOLKIT_TEST_OUTSIDE`` names.  None succeeds: it hangs for a while, as on a network that drops
packets, and fails.
"""

from __future__ import annotations

import ipaddress
import os
import sys
import time
from pathlib import Path
from typing import Any

_ASKED = {
    "socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1, "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0, "socket.gethostbyaddr": 0, "socket.getnameinfo": 0,
}  # fmt: skip
_HANG_SECONDS = 2.0


def _is_here(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _ASKED:
        return
    address = arguments[_ASKED[event]]
    if event not in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        if not isinstance(address, tuple):  # a socket of this machine's file system
            return
        address = address[0]
    if _is_here(address):
        return
    with Path(os.environ["TOOLKIT_TEST_OUTSIDE"]).open("a") as file:
        file.write(f"{event} {address}\n")
    time.sleep(_HANG_SECONDS)
    raise OSError(f"{event}: this network drops packets")


if "TOOLKIT_TEST_OUTSIDE" in os.environ:
    sys.addaudithook(_watch)
