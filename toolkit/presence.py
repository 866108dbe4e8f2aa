"""Which dashboards of this person run on this machine, and how each proves that it is one.

Whoever starts a dashboard leaves a note, readable by its owner alone: port, settings, and a key
that the server has too.  Whoever looks for one sends a word that was never used before, and gets
the answer that only the key can make.  So another program that listens on the port by now, or
another person's server, is not taken for ours.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import toolkit
from toolkit.digits.cache import cache_folder
from toolkit.files import read_whole, write_whole

ADDRESS = "127.0.0.1"
KEY_VARIABLE = "TOOLKIT_PRESENCE_KEY"
"""Environment variable in which a server is handed its key."""
PATH = "/weight-maps/here"
"""Where the server answers, under its own address."""
SECONDS = 3.0
"""How long it may take to answer."""

_SETTINGS = (
    "TOOLKIT_WORKSPACE",
    "TOOLKIT_NETWORK",
    "TOOLKIT_DIGITS",
    "TOOLKIT_CACHE",
    "TOOLKIT_EXERCISES",
)
_MOST_BYTES = 1 << 12
_WORD_BYTES = 16

# Handed on to nobody: a process that the server starts has no business with it.
_key = os.environ.pop(KEY_VARIABLE, "")

State = Literal["here", "silent", "gone"]


@dataclass(frozen=True)
class Note:
    """What is known of a dashboard that was started.

    Attributes
    ----------
    port, process : int
    settings : str
        As :func:`settings_of` gives them.
    version : str
        The toolkit's.
    key : str
    """

    port: int
    process: int
    settings: str
    version: str
    key: str

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://{ADDRESS}:{self.port}/"

    def leave(self) -> None:
        """Write it down; where that cannot be done nobody will find the dashboard, no more."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Made for its owner alone, and then filled.
            os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600))
            write_whole(self._path, json.dumps(asdict(self)).encode())
        except OSError:
            return

    def remove(self) -> None:
        """Take it back."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return

    @property
    def _path(self) -> Path:
        return folder() / f"{self.port}.json"

    def look(self) -> State:
        """Ask whether the dashboard is there, silent, or gone."""
        word = secrets.token_hex(_WORD_BYTES)
        connection = http.client.HTTPConnection(ADDRESS, self.port, timeout=SECONDS)
        try:
            connection.request("GET", f"{PATH}?word={word}")
            answer = connection.getresponse().read(_MOST_BYTES)
        except TimeoutError:
            return "silent" if _runs(self.process) else "gone"
        except (OSError, http.client.HTTPException):
            return "gone"
        finally:
            connection.close()
        return "here" if hmac.compare_digest(answer, proof(self.key, word).encode()) else "gone"


def folder() -> Path:
    """Return where the notes are; it may not exist."""
    return cache_folder() / "running"


def notes() -> list[Note]:
    """Return the notes that were left, by port; what cannot be read is passed over."""
    found = []
    for path in folder().glob("*.json"):
        try:
            note = Note(**json.loads(read_whole(path, _MOST_BYTES)))
        except (OSError, ValueError, TypeError):
            continue
        if type(note.port) is int and type(note.process) is int and path.stem == str(note.port):
            found.append(note)
    return sorted(found, key=lambda note: note.port)


def settings_of(environment: Mapping[str, str]) -> str:
    """Return a digest of what a dashboard shows, where it keeps its work, and of whose code."""
    code = str(Path(__file__).resolve().parent)
    told = json.dumps([code, *(environment.get(name) for name in _SETTINGS)])
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()


def note_of(port: int, process: int, environment: Mapping[str, str]) -> Note:
    """Return the note for a server started with an environment."""
    key = environment[KEY_VARIABLE]
    return Note(port, process, settings_of(environment), toolkit.__version__, key)


def proof(key: str, word: str) -> str:
    """Return what the server that has `key` answers to a word."""
    return hmac.new(key.encode(), word.encode(), hashlib.sha256).hexdigest()


def answer(word: str) -> str | None:
    """Return this server's answer to a word; None if it has no key or the word is none."""
    fits = len(word) == 2 * _WORD_BYTES and word.isascii() and word.isalnum()
    return proof(_key, word) if _key and fits else None


def _runs(process: int) -> bool:
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
