"""Files written whole or not at all, and read without being held up.

A path may name other things than a file: what is written replaces none of them, and what is
read from them has an end.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import secrets
import select
import stat
import time
from pathlib import Path
from typing import Any, BinaryIO

WAIT_SECONDS = 3.0
"""How long a FIFO may be without anybody at its other end."""
SILENCE_SECONDS = 60.0
"""How long somebody at the other end of a FIFO may say nothing."""

_PIECE = 1 << 20
_LOOK_SECONDS = 0.05
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)
_NO_TERMINAL = getattr(os, "O_NOCTTY", 0)  # opening one must not make it this process's own
_BINARY = getattr(os, "O_BINARY", 0)
_DESCRIPTOR = re.compile(r"/(?:proc/(?P<process>self|\d+)(?:/task/\d+)?|dev)/fd/(?P<number>\d+)")
_MOST_LINKS = 40


class SpecialFileError(OSError):
    """What a path names is no file that can be read or replaced; the message says what to do."""


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Write `data` to `path`, replacing what is there only once all of it is on the disk.

    A file that is there keeps its permissions and its owner.  A symbolic link stays, and what it
    points to is replaced, or made; a FIFO, a device such as ``/dev/null``, or a stream of this
    process such as ``/dev/stdout`` is written into.

    Parameters
    ----------
    path : path
    data : bytes

    Raises
    ------
    SpecialFileError
        If `path` names what cannot be replaced: a file of several names (hard links) or one that
        is read-only, a terminal, a socket, a disk, a FIFO that nobody reads, or somebody else's
        link in a folder open to all.
    OSError
        If it cannot be written; what was there stays, and nothing half-written beside it.
    """
    path = Path(path)
    target = _target(path)
    if isinstance(target, int):
        with os.fdopen(os.dup(target), "wb") as stream:
            _check_no_terminal(stream, path)
            stream.write(data)
        return
    there = _check_replaceable(path)
    if there is not None and not stat.S_ISREG(there.st_mode):
        _write_into(path, stat.S_ISFIFO(there.st_mode), data)
        return
    temporary = target.parent / f".{target.name[:40]}.{secrets.token_hex(4)}.part"
    # The system gives a new file the permissions that are usual here: to ask for the umask would
    # be to change it, and what another thread makes meanwhile would be open to all.
    mode = 0o666 if there is None else 0o600
    try:
        handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, mode)
    except OSError as error:  # about a name that nobody has given
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        with os.fdopen(handle, "wb") as file:
            if there is not None:
                _take_over(file.fileno(), temporary, there)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raise what `write_whole` would, before the work rather than after it.

    Raises
    ------
    SpecialFileError
        If `path` names what cannot be replaced, or is in no folder that can be written to.
    OSError
        If it cannot be looked at.
    """
    path = Path(path)
    there, target = _check_replaceable(path), _target(path)
    if isinstance(target, int) or (there is not None and not stat.S_ISREG(there.st_mode)):
        return
    folder = target.parent
    if not folder.is_dir():
        raise SpecialFileError(f"{path}: there is no folder {folder}")
    if not os.access(folder, os.W_OK):
        raise SpecialFileError(f"{path}: the folder {folder} cannot be written to")


def _check_replaceable(path: Path) -> os.stat_result | None:
    """Return what `path` names, links followed, or None if nothing is there yet."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return None
    mode = there.st_mode
    if stat.S_ISDIR(mode):
        raise SpecialFileError(f"{path}: a folder; expected a file's name")
    if stat.S_ISSOCK(mode) or stat.S_ISBLK(mode):
        what = "a socket" if stat.S_ISSOCK(mode) else "a disk or another block device"
        raise SpecialFileError(f"{path}: {what}, which is not written to; name another file")
    if isinstance(_target(path), int) or not stat.S_ISREG(mode):
        return there
    if there.st_nlink > 1:
        raise SpecialFileError(
            f"{path}: a file of {there.st_nlink} names (hard links), which would be parted; name "
            "another, or remove this name first"
        )
    if not os.access(path, os.W_OK):
        raise SpecialFileError(f"{path}: read-only; make it writable, or name another file")
    return there


def _target(path: Path) -> Path | int:
    """Return where a path leads through links, or the number of the stream it stands for."""
    for _ in range(_MOST_LINKS):
        # The folder's own links first; a name within /proc/self/fd leads to no other name.
        path = Path(os.path.realpath(path.parent)) / path.name
        found = _DESCRIPTOR.fullmatch(str(path))
        if found is not None:
            if found["process"] in (None, "self", str(os.getpid())):
                return int(found["number"])
            raise SpecialFileError(f"{path}: a stream of another process; name a file")
        if not path.is_symlink():
            return path
        _check_link(path)
        path = path.parent / path.readlink()
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))


def _check_link(path: Path) -> None:
    """Raise where a link in a folder open to all, such as /tmp, is somebody else's: a trap.

    Many systems do not follow such a link either; here it is followed step by step.
    """
    folder, link = path.parent.stat(), path.lstat()
    open_to_all = folder.st_mode & stat.S_ISVTX and folder.st_mode & stat.S_IWOTH
    if open_to_all and os.name == "posix" and link.st_uid not in (os.geteuid(), folder.st_uid):
        raise SpecialFileError(
            f"{path}: somebody else's link, in a folder open to all; name another file"
        )


def _take_over(handle: int, temporary: Path, there: os.stat_result) -> None:
    """Give a new file the owner and the permissions of the one whose place it takes."""
    made = os.fstat(handle)
    if os.name == "posix" and (made.st_uid, made.st_gid) != (there.st_uid, there.st_gid):
        with contextlib.suppress(PermissionError):  # whoever may not give files away keeps it
            os.fchown(handle, there.st_uid, there.st_gid)
    temporary.chmod(there.st_mode & 0o777)


def _write_into(path: Path, is_fifo: bool, data: bytes) -> None:
    flags = os.O_WRONLY | _NO_TERMINAL | (_NONBLOCK if is_fifo else 0)
    give_up = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            handle = os.open(path, flags)
            break
        except OSError as error:
            if error.errno != errno.ENXIO or not is_fifo:
                raise
            if time.monotonic() > give_up:
                raise SpecialFileError(
                    f"{path}: a FIFO that nobody reads from; start its reader first"
                ) from None
            time.sleep(_LOOK_SECONDS)
    try:
        with os.fdopen(handle, "wb") as stream:
            if is_fifo:
                os.set_blocking(handle, True)
            _check_no_terminal(stream, path)
            stream.write(data)
    except (BrokenPipeError, SpecialFileError):
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _check_no_terminal(stream: BinaryIO, path: Path) -> None:
    if stream.isatty():
        raise SpecialFileError(f"{path}: a terminal; name a file, or send the output to a program")


def read_whole(path: str | os.PathLike[str], most: int, where: str | None = None) -> bytes:
    """Return a file's bytes, or what a FIFO holds until its writer is done.

    Parameters
    ----------
    path : path
    most : int
        Bytes that it may hold.
    where : str, optional
        What to call it in an error; by default its path.

    Raises
    ------
    SpecialFileError
        As `open_whole` does, or if it holds more than `most`.
    OSError
        If it cannot be read.
    """
    with open_whole(path, most, where) as file:
        try:
            data: bytes | None = file.read(most + 1)
        except OSError as error:
            raise OSError(error.errno, error.strerror, where or str(path)) from error
    if data is None:  # one of the system's own that would have us wait
        raise SpecialFileError(f"{where or path}: expected a file; got one with no end")
    if len(data) > most:  # some of the system's own files tell no size
        raise _too_large(where or str(path), None, most)
    return data


def read_stream(stream: Any, most: int, where: str) -> bytes:
    """Return what is left of an open binary file: one on the disk, in memory or in an archive.

    Parameters
    ----------
    stream : binary file
        Read from where it stands; it need not be seekable, and stays open.
    most : int
        Bytes that it may hold.
    where : str
        What to call it in an error.

    Raises
    ------
    SpecialFileError
        If it is open as text, has nothing left, holds more than `most`, or waits for a writer.
    OSError
        If it cannot be read.
    """
    pieces, size = [], 0
    while True:
        # What is open as text would stumble over the first byte that is none.
        piece = "" if isinstance(stream, io.TextIOBase) else stream.read(_PIECE)
        if isinstance(piece, str):
            raise SpecialFileError(f"{where}: is open as text; open it as binary, with mode 'rb'")
        if piece is None:
            raise SpecialFileError(f"{where}: nothing to read yet, and it does not wait for it")
        if not piece:
            break
        size += len(piece)
        pieces.append(bytes(piece))
        if size > most:
            raise _too_large(where, None, most)
    if not size:
        raise SpecialFileError(
            f"{where}: nothing is left to read; if it was read or written before, seek(0) first"
        )
    return b"".join(pieces)


def open_whole(path: str | os.PathLike[str], most: int, where: str | None = None) -> BinaryIO:
    """Open a file to be read; of a FIFO all is read at once, until its writer is done.

    Parameters
    ----------
    path, most, where
        As for `read_whole`; what tells no size may hold more.

    Raises
    ------
    SpecialFileError
        If `path` names a folder, a device, a terminal, a socket, or a FIFO to which nobody writes,
        or if it is larger.
    OSError
        If it cannot be opened or read.
    """
    path = Path(path)
    where = where or str(path)
    _check_readable(path.stat(), where)  # before it is opened: a device may act upon that
    handle = os.open(path, os.O_RDONLY | _NONBLOCK | _NO_TERMINAL | _BINARY)
    file = os.fdopen(handle, "rb")
    try:
        there = os.fstat(handle)
        _check_readable(there, where)
        if stat.S_ISFIFO(there.st_mode):
            with file:
                return io.BytesIO(_all_of_fifo(handle, most, where))
        if there.st_size > most:
            raise _too_large(where, there.st_size, most)
    except BaseException:
        file.close()
        raise
    return file


def _check_readable(there: os.stat_result, where: str) -> None:
    mode = there.st_mode
    if stat.S_ISREG(mode) or stat.S_ISFIFO(mode):
        return
    what = {
        stat.S_IFDIR: "a folder", stat.S_IFSOCK: "a socket", stat.S_IFBLK: "a disk's device",
        stat.S_IFCHR: "a device or a terminal",
    }.get(stat.S_IFMT(mode), "no file")  # fmt: skip
    raise SpecialFileError(f"{where}: expected a file; got {what}")


def _too_large(where: str, size: int | None, most: int) -> SpecialFileError:
    got = "holds more" if size is None else f"{size >> 20:,} MiB"
    return SpecialFileError(f"{where}: {got}; at most {most >> 20:,} MiB are read")


def _all_of_fifo(handle: int, most: int, where: str) -> bytes:
    data = bytearray()
    began = heard = time.monotonic()
    while True:
        try:
            piece = os.read(handle, _PIECE)
        except BlockingIOError:  # there is a writer, and nothing from it yet
            if time.monotonic() - heard > SILENCE_SECONDS:
                raise SpecialFileError(
                    f"{where}: nothing came through this FIFO for {SILENCE_SECONDS:.0f} seconds"
                ) from None
            select.select([handle], [], [], 1.0)
            continue
        heard = time.monotonic()
        data += piece
        if len(data) > most:
            raise _too_large(where, None, most)
        if piece:
            continue
        if data:
            return bytes(data)
        if heard - began > WAIT_SECONDS:
            raise SpecialFileError(f"{where}: a FIFO to which nobody writes")
        time.sleep(_LOOK_SECONDS)
