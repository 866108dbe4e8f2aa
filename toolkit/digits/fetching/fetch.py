"""MNIST from the network: several mirrors in turn, checked, whole or not at all.

MNIST was made by Yann LeCun, Corinna Cortes and Christopher J. C. Burges from NIST's
Special Databases 1 and 3; it first stood at http://yann.lecun.com/exdb/mnist/ and is
usually passed on under CC BY-SA 3.0.  None of it travels with the toolkit.
"""

from __future__ import annotations

import errno
import hashlib
import io
import shutil
import socket
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from toolkit.digits.cache import mnist_folder
from toolkit.digits.sets.idx import variants
from toolkit.files import SpecialFileError, read_whole, write_whole

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
"""Folders on the web that hold the four files, asked in this order."""

CONNECT_SECONDS = 10.0
"""How long a mirror may take to answer the call."""
SILENCE_SECONDS = 20.0
"""How long a mirror may say nothing while it sends."""

_CHUNK = 16 * 1024  # bytes between two looks at the clock and at whether to go on
_SLACK = 64 * 1024  # bytes by which a mirror's compression may be worse than none


@dataclass(frozen=True)
class RemoteFile:
    """A file that the mirrors hold.

    Parameters
    ----------
    name : str
        On the mirrors and in the cache.
    size : int
        Bytes of the usual gzip file; only what progress is reckoned with.
    decoded_size : int
        Bytes of the IDX file within.
    sha256 : str
        Of the IDX file within, 64 hex digits: mirrors that compress differently, or
        not at all, are as good as the first.
    """

    name: str
    size: int
    decoded_size: int
    sha256: str


# The test digits come last: MNIST counts as present once those are there.
FILES = (
    RemoteFile(
        "train-images-idx3-ubyte.gz", 9_912_422, 47_040_016,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    RemoteFile(
        "train-labels-idx1-ubyte.gz", 28_881, 60_008,
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    RemoteFile(
        "t10k-images-idx3-ubyte.gz", 1_648_877, 7_840_016,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    RemoteFile(
        "t10k-labels-idx1-ubyte.gz", 4_542, 10_008,
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)  # fmt: skip
"""MNIST: 60,000 digits to train, 10,000 to test."""

Reason = Literal["offline", "mirrors", "wrong file", "cut", "disk full", "folder", "cancelled"]
Progress = Callable[[int, int, float | None, str], None]
Cancelled = Callable[[], bool]


class FetchError(OSError):
    """MNIST could not be fetched; the message says why and what to do.

    Parameters
    ----------
    message : str
    reason : str
        One word for it: ``"offline"`` (no mirror can be reached), ``"cut"`` (every
        connection broke off), ``"wrong file"`` (every mirror sent another file),
        ``"mirrors"`` (each failed in its own way), ``"disk full"``, ``"folder"`` (the
        cache cannot be written) or ``"cancelled"``.
    """

    def __init__(self, message: str, reason: Reason) -> None:
        super().__init__(message)
        self.reason: Reason = reason


class FetchCancelled(FetchError):  # noqa: N818  # a wish fulfilled is no error
    """Somebody asked to stop; files that were complete by then are kept."""

    def __init__(self) -> None:
        super().__init__("cancelled; what was complete is kept for the next time", "cancelled")


def fetch_mnist(
    *,
    mirrors: Sequence[str] | None = None,
    files: Sequence[RemoteFile] | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Path:
    """Download MNIST into the toolkit's cache, where `open_digits` finds it.

    Each file is taken from the first mirror that sends it whole and unaltered, held in
    memory until its SHA-256 is right, and only then written, under a temporary name
    first.  Files that are there and right already are kept, so that a fetch that was
    broken off goes on with the file it had reached.

    Parameters
    ----------
    mirrors : sequence of str, optional
        ``http`` or ``https`` addresses of folders, asked in turn; `MIRRORS` by default.
    files : sequence of RemoteFile, optional
        What to fetch; MNIST's four `FILES` by default.
    progress : callable, optional
        Called with bytes done, bytes in all, seconds left (None while unknown) and the
        name of the file, after every piece received; never with less done than before,
        but for a mirror that fails midway.
    cancelled : callable, optional
        Asked before every piece; the fetch stops when it returns True.

    Returns
    -------
    Path
        The folder that holds the files, ``mnist`` in the cache.

    Raises
    ------
    FetchCancelled
        If `cancelled` returned True.
    FetchError
        If no mirror gave a file, the disk is full or the folder cannot be written.
    ValueError
        If `mirrors` is empty or holds something else than http and https addresses.
    """
    order = [_checked_mirror(mirror) for mirror in (MIRRORS if mirrors is None else mirrors)]
    if not order:
        raise ValueError("mirrors: expected one address or more; got none")
    files = FILES if files is None else files
    folder = mnist_folder()
    _make_folder(folder)
    missing = [file for file in files if not _complete(folder, file)]
    _check_space(folder, sum(file.size for file in missing))
    meter = _Meter(files, missing, progress, cancelled)
    for file in missing:
        data, order = _from_first_that_has_it(file, order, meter)
        _put(folder, file, data)
        meter.finished(file)
    return folder


def _checked_mirror(mirror: str) -> str:
    parts = urlsplit(mirror)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"mirrors: expected http or https addresses; got {mirror!r}")
    return mirror if mirror.endswith("/") else f"{mirror}/"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_written(folder, error) from error


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise FetchError(
            f"{folder}: the disk is full: {needed / 1e6:.1f} MB are needed, {free / 1e6:.1f} MB "
            "are free; make room, or name another folder in TOOLKIT_CACHE",
            "disk full",
        )


def _complete(folder: Path, file: RemoteFile) -> bool:
    """Tell whether the file that a reader would open is there and the right one."""
    for name in variants(file.name):
        try:
            data = read_whole(folder / name, file.decoded_size + _SLACK)
            return _fault(file, data) is None
        except FileNotFoundError:
            continue
        except SpecialFileError:  # too long, or no file at all
            return False
        except OSError as error:
            raise _not_written(folder / name, error) from error
    return False


def _put(folder: Path, file: RemoteFile, data: bytes) -> None:
    path = folder / file.name
    try:
        write_whole(path, data)
        # A broken file under another of the usual names would be read in its place.
        for name in variants(file.name):
            if name != file.name:
                (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise _not_written(path, error) from error


def _not_written(path: Path, error: OSError) -> FetchError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FetchError(
            f"{path}: the disk is full; make room and fetch again, or name another folder in "
            "TOOLKIT_CACHE",
            "disk full",
        )
    return FetchError(
        f"{path}: {error.strerror or error}; make it writable, or name another folder in "
        "TOOLKIT_CACHE",
        "folder",
    )


@dataclass(frozen=True)
class _Failure:
    """Why one mirror did not give a file."""

    mirror: str
    reason: Reason
    words: str

    def __str__(self) -> str:
        host = urlsplit(self.mirror).netloc.rpartition("@")[2]  # no password is said aloud
        return f"{host}: {self.words}"


def _from_first_that_has_it(
    file: RemoteFile, mirrors: list[str], meter: _Meter
) -> tuple[bytes, list[str]]:
    """Return the file, and the mirrors in the order to ask them for the next one."""
    failures: list[_Failure] = []
    for position, mirror in enumerate(mirrors):
        meter.begin(file)
        got = _download(file, mirror, meter)
        if isinstance(got, bytes):
            # Those that failed go to the end: a dead one's silence is waited for once.
            return got, mirrors[position:] + mirrors[:position]
        failures.append(got)
    reasons = {failure.reason for failure in failures}
    said = "; ".join(str(failure) for failure in failures)
    reason: Reason = reasons.pop() if len(reasons) == 1 else "mirrors"
    what = {
        "offline": "no mirror can be reached; this machine is offline, or they are down",
        "cut": "every connection broke off",
        "wrong file": "every mirror sent another file than MNIST's",
    }.get(reason, "no mirror could give it")
    raise FetchError(
        f"{file.name}: {what} ({said}); try again later, or bring the four files in a folder and "
        "start with `make app DIGITS=folder`; the drawn digits need no network",
        reason,
    )


def _download(file: RemoteFile, mirror: str, meter: _Meter) -> bytes | _Failure:
    from pooch import HTTPDownloader

    received = _Received(file, meter)
    download = HTTPDownloader(
        chunk_size=_CHUNK,
        timeout=(CONNECT_SECONDS, SILENCE_SECONDS),
        # The file as it lies there: unpacked on the way it would lose its length.
        headers={"Accept-Encoding": "identity"},
    )
    try:
        download(f"{mirror}{file.name}", received, None)
    except _TooLongError:
        return _Failure(mirror, "wrong file", f"sent more than {file.decoded_size:,} bytes")
    except (OSError, ValueError) as error:  # the network's troubles, and answers that are no HTTP
        if error is received.stopped_by:
            raise
        return _failure(mirror, error, received.tell())
    data = received.getvalue()
    fault = _fault(file, data)
    return data if fault is None else _Failure(mirror, "wrong file", fault)


def _failure(mirror: str, error: Exception, received: int) -> _Failure:
    response = getattr(error, "response", None)
    if response is not None:
        return _Failure(mirror, "mirrors", f"answered {response.status_code} {response.reason}")
    root = _root(error)
    if received:
        return _Failure(mirror, "cut", f"the connection broke off after {received:,} bytes")
    unreachable = isinstance(root, socket.gaierror | ConnectionRefusedError | TimeoutError) or (
        isinstance(root, OSError)
        and root.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN)
    )
    words = (isinstance(root, OSError) and root.strerror) or str(root) or type(root).__name__
    if unreachable:
        return _Failure(mirror, "offline", words)
    if "IncompleteRead" in repr(root) or isinstance(root, ConnectionError):
        return _Failure(mirror, "cut", "the connection broke off before the file began")
    return _Failure(mirror, "mirrors", words)


def _root(error: BaseException) -> BaseException:
    """Return what lies at the bottom of an error that was wrapped several times."""
    while (below := error.__cause__ or error.__context__) is not None:
        error = below
    return error


def _fault(file: RemoteFile, data: bytes) -> str | None:
    """Return what is wrong with a file's bytes, gzip-compressed or not, or None."""
    if data[:2] == b"\x1f\x8b":
        try:
            data = _unpacked(data, file.decoded_size + 1)
        except zlib.error as error:
            return f"sent a damaged gzip file ({error})"
    found = hashlib.sha256(data).hexdigest()
    if found == file.sha256:
        return None
    if data.lstrip()[:1] == b"<":
        return "sent a web page, perhaps a network's sign-in"
    return f"SHA-256 {found[:12]}… where {file.sha256[:12]}… was expected"


def _unpacked(data: bytes, most: int) -> bytes:
    """Return at most `most` bytes of what a gzip file holds, however much that is."""
    decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)
    content = decoder.decompress(data, most)
    if len(content) < most and (not decoder.eof or decoder.unused_data):
        raise zlib.error("cut short" if not decoder.eof else "more bytes behind its end")
    return content


class _TooLongError(Exception):
    """More arrives than the file can hold."""


class _Received(io.BytesIO):
    """What has arrived of a file; each piece is told to the meter."""

    def __init__(self, file: RemoteFile, meter: _Meter) -> None:
        super().__init__()
        self._file, self._meter = file, meter
        self.stopped_by: Exception | None = None
        """What the caller's own functions raised: not the mirror's fault."""

    def write(self, piece: bytes) -> int:  # type: ignore[override]  # only bytes arrive
        count = super().write(piece)
        if self.tell() > self._file.decoded_size + _SLACK:
            raise _TooLongError
        try:
            self._meter.arrived(self._file, count, self.tell())
        except Exception as error:
            self.stopped_by = error
            raise
        return count


class _Meter:
    """Reckons how far the whole fetch is, and asks whether to go on."""

    def __init__(
        self,
        files: Sequence[RemoteFile],
        missing: Sequence[RemoteFile],
        progress: Progress | None,
        cancelled: Cancelled | None,
    ) -> None:
        self._total = sum(file.size for file in files)
        self._done = self._total - sum(file.size for file in missing)
        self._progress, self._cancelled = progress, cancelled
        self._arrived = 0  # bytes over the network, those of failed attempts too
        self._began: float | None = None

    def begin(self, file: RemoteFile) -> None:
        self._ask()
        self._tell(self._done, file)

    def arrived(self, file: RemoteFile, count: int, so_far: int) -> None:
        self._ask()
        if self._began is None:
            self._began = time.monotonic()  # the speed is reckoned from the first piece on
        else:
            self._arrived += count
        self._tell(self._done + min(so_far, file.size), file)

    def finished(self, file: RemoteFile) -> None:
        self._done += file.size
        self._tell(self._done, file)

    def _ask(self) -> None:
        if self._cancelled is not None and self._cancelled():
            raise FetchCancelled

    def _tell(self, done: int, file: RemoteFile) -> None:
        if self._progress is None:
            return
        seconds_left = None
        if done >= self._total:
            seconds_left = 0.0
        elif self._began is not None and self._arrived:
            took = time.monotonic() - self._began
            seconds_left = (self._total - done) * took / self._arrived
        self._progress(done, self._total, seconds_left, file.name)
