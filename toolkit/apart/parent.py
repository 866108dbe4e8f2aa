"""The parent's side: start a child, hand it a job, take its answer or say why there is none."""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO

from toolkit.apart.wire import NEWS, Array, Message, pack

log = logging.getLogger(__name__)

_START = Path(__file__).with_name("start.py")
_PIECE = 1 << 20
_AT_ONCE = 2
_KEPT_WORDS = 4096  # bytes of what a child says on standard error


@dataclass(frozen=True)
class Bounds:
    """What one job may take.

    Attributes
    ----------
    seconds : float
        On the clock, and of computing.
    memory_bytes : int
        Of address space, the interpreter and its libraries included.
    answer_bytes : int
    waiting_seconds : float
        For its turn: two jobs are done at once.
    alone : bool
        Whether it may write no file and start nothing.
    """

    seconds: float = 12.0
    memory_bytes: int = 2 << 30
    answer_bytes: int = 32 << 20
    waiting_seconds: float = 6.0
    alone: bool = True


@dataclass(frozen=True)
class Lane:
    """Work of one kind, which waits for no other: how errors speak of it, and its turns."""

    do: str
    doing: str
    done: str
    turns: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(_AT_ONCE)
    )


READING = Lane("read", "reading", "read")


class Leash:
    """By which a job is ended before it is done, from any thread; one leash a job."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self.pulled = False

    def pull(self) -> None:
        """End the job now, or as soon as it begins."""
        with self._lock:
            self.pulled = True
            if self._process is not None:
                self._process.kill()

    def ask(self) -> None:
        """Ask the job to come to an end with what it has: one that has told that it began."""
        with self._lock:
            if self._process is not None and self._process.stdin is not None:
                with contextlib.suppress(OSError, ValueError):
                    self._process.stdin.write(b"\n")
                    self._process.stdin.flush()

    def hold(self, process: subprocess.Popen[bytes] | None) -> None:
        """Take hold of the job's process, or let go of it."""
        with self._lock:
            self._process = process
            if self.pulled and process is not None:
                process.kill()


class ApartError(ValueError):
    """A job came to no end of its own: the message says what happened to it.

    Attributes
    ----------
    code : {"busy", "start", "time", "memory", "signal", "answer", "fault", "stopped"}
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class RefusedError(ValueError):
    """What the job itself says against what it was handed."""


def run(
    job: str,
    where: str,
    said: dict[str, Any] | None = None,
    arrays: Sequence[Array] = (),
    file: BinaryIO | None = None,
    bounds: Bounds | None = None,
    lane: Lane = READING,
    leash: Leash | None = None,
    told: Callable[[dict[str, Any]], None] | None = None,
) -> Message:
    """Do a job in a child process.

    Parameters
    ----------
    job : str
        A key of :data:`toolkit.apart.jobs.JOBS`.
    where : str
        What to call the matter in an error.
    said, arrays
        What the job takes.
    file : binary file, optional
        Its bytes, from the first to the last, are handed over a piece at a time.
    bounds : Bounds, optional
    lane : Lane
        What kind of work it is.
    leash : Leash, optional
        To end it by.
    told : callable, optional
        Called, from a thread of its own, with what the child tells of how far it is.

    Raises
    ------
    RefusedError
        With the job's own words.
    ApartError
        If it ended otherwise.
    """
    bounds = bounds or Bounds()
    if not lane.turns.acquire(timeout=bounds.waiting_seconds):
        text = f"{where}: others' files are being {lane.done}; try again in a moment"
        raise ApartError("busy", text)
    child = _Child(where, bounds, lane, leash or Leash(), told)
    try:
        # Only now: who waits for a turn holds nothing.
        size = 0 if file is None else file.seek(0, os.SEEK_END)
        head = pack({**(said or {}), "job": job, "where": where}, arrays, size)
        data = child.work(head, file, sum(map(len, head)) + size)
    finally:
        lane.turns.release()
    try:
        message = Message(data)
    except (ValueError, LookupError, TypeError) as error:
        raise ApartError("answer", f"{where}: its {lane.doing} gave no whole answer") from error
    failed = message.said.get("failed")
    if failed == "MemoryError":
        raise _too_much_memory(where, bounds, lane)
    if failed is not None:
        log.error("the job %s failed on %s: %s", job, where[:80], child.words)
        raise ApartError("fault", f"{where}: {lane.doing} it failed, by a fault of this program")
    if "refused" in message.said:
        raise RefusedError(str(message.said["refused"]))
    return message


class _Child:
    """One child, from its start to its end."""

    def __init__(
        self,
        where: str,
        bounds: Bounds,
        lane: Lane,
        leash: Leash,
        told: Callable[[dict[str, Any]], None] | None,
    ) -> None:
        self._where = where
        self._bounds = bounds
        self._lane = lane
        self._leash = leash
        self._told = told
        self._late = False
        self._words = b""

    def work(self, head: Iterable[bytes], file: BinaryIO | None, size: int) -> bytes:
        """Return the whole answer."""
        try:
            process = _start(self._bounds)
        except OSError as error:
            raise self._error(
                "start",
                f"a process to {self._lane.do} it could not be started: {error.strerror or error}",
            ) from error
        clock = threading.Timer(self._bounds.seconds, self._end, [process])
        listener = threading.Thread(target=self._listen, args=[process.stderr], daemon=True)
        with process:
            self._leash.hold(process)
            clock.start()
            listener.start()
            try:
                # A child that ends early says why on its other pipes.
                with contextlib.suppress(BrokenPipeError, ConnectionError):
                    _hand_over(process.stdin, head, file, size)
                assert process.stdout is not None
                answer = process.stdout.read(self._bounds.answer_bytes + 1)
                if len(answer) <= self._bounds.answer_bytes:
                    process.wait()
            finally:
                self._leash.hold(None)
                process.kill()
                clock.cancel()
                # Only now: it takes the end of this pipe for the end of this process.
                with contextlib.suppress(OSError):
                    assert process.stdin is not None
                    process.stdin.close()
                process.wait()
                listener.join(1)
        if self._leash.pulled:
            raise self._error("stopped", f"its {self._lane.doing} was stopped")
        if len(answer) > self._bounds.answer_bytes:
            raise self._error(
                "answer",
                f"comes to more than {self._bounds.answer_bytes >> 20} MiB when {self._lane.done}",
            )
        if process.returncode:
            raise self._why(process.returncode)
        return answer

    @property
    def words(self) -> str:
        """The last of what it said on standard error."""
        return self._words.decode("utf-8", "replace").strip()

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        self._late = True
        process.kill()

    def _listen(self, words: IO[bytes]) -> None:
        # Read line by line, but none longer than is kept.
        while piece := words.readline(_KEPT_WORDS):
            if self._told is None or not piece.startswith(NEWS):
                self._words = (self._words + piece)[-_KEPT_WORDS:]
                continue
            try:
                self._told(json.loads(piece[len(NEWS) :]))
            except Exception:
                log.exception("what a child told was not understood")

    def _why(self, status: int) -> ApartError:
        seconds, do = f"{self._bounds.seconds:g} seconds", self._lane.do
        if self._late or -status == getattr(signal, "SIGALRM", None):
            return self._error("time", f"took longer than {seconds} to {do}")
        if -status == getattr(signal, "SIGXCPU", None):
            return self._error("time", f"took more than {seconds} of computing to {do}")
        lines = self.words.splitlines()
        last = "".join(each for each in lines[-1] if each.isprintable())[:200] if lines else ""
        if last.startswith("MemoryError"):
            return _too_much_memory(self._where, self._bounds, self._lane)
        if status < 0:
            name = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
            killed = "; the machine may be short of memory" if name == "SIGKILL" else ""
            return self._error("signal", f"the process to {do} it was ended by {name}{killed}")
        return self._error(
            "start", f"the process to {do} it could not start: {last or f'status {status}'}"
        )

    def _error(self, code: str, text: str) -> ApartError:
        return ApartError(code, f"{self._where}: {text}")


def _too_much_memory(where: str, bounds: Bounds, lane: Lane) -> ApartError:
    most = f"{bounds.memory_bytes >> 20} MiB"
    return ApartError("memory", f"{where}: took more memory to {lane.do} than the {most} allowed")


def _start(bounds: Bounds) -> subprocess.Popen[bytes]:
    # With -P neither the current folder nor the script's is searched for modules; nor does
    # standing elsewhere leave a relative entry of PYTHONPATH that leads here.
    command = [
        sys.executable, "-P", str(_START), str(os.getpid()), str(math.ceil(bounds.seconds)),
        str(bounds.memory_bytes), *([] if bounds.alone else ["writes"]),
    ]  # fmt: skip
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=_START.anchor,
        env=_environment(),
        # A group of its own, with its parent outside: where that goes while the child is stopped,
        # be it before its first line, the system wakes the child, which then ends.  (Not where
        # what takes in orphans is of this same session, as in some containers.)
        process_group=0,
    )


def _environment() -> dict[str, str]:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    here = Path.cwd() if _has_a_folder() else None
    found = [Path(each) for each in environment.pop("PYTHONPATH", "").split(os.pathsep) if each]
    kept = [str(each.absolute()) for each in found if here is not None or each.is_absolute()]
    kept = [each for each in kept if here is None or Path(each).resolve() != here.resolve()]
    if kept:
        environment["PYTHONPATH"] = os.pathsep.join(kept)
    return environment


def _has_a_folder() -> bool:
    """Tell whether the folder that this process stands in still exists."""
    try:
        Path.cwd()
    except OSError:
        return False
    return True


def _hand_over(
    pipe: IO[bytes] | None, head: Iterable[bytes], file: BinaryIO | None, size: int
) -> None:
    """Write a message, and leave the pipe open."""
    assert pipe is not None
    pipe.write(size.to_bytes(8, "little"))
    pipe.writelines(head)
    if file is not None:
        file.seek(0)
        while piece := file.read(_PIECE):
            pipe.write(piece)
    pipe.flush()
