"""How the commands say things, and what they check before long work.

Names, notes and errors may come from a stranger's file, and a terminal obeys what it is sent.
So all that the commands print goes through here, and nothing through `print`.
"""

from __future__ import annotations

import json
import math
import re
import sys
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from toolkit import files

STANDARD = "-"
"""What stands for standard input and output."""
_TEXTS = {".json", ".csv", ".svg", ".html"}
_BAR_WIDTH = 24
_SPACES = " \u00a0\u202f\u3000"
# Not said aloud by JSON's own escapes, and yet obeyed or hidden by terminals: DEL and C1, marks
# that turn the direction, hidden ones, line separators, halves of pairs, tags.
_UNSEEN = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def plain(text: str) -> str:
    r"""Return one line as it may be shown: what is not seen, or turns what is, is written out.

    Examples
    --------
    >>> print(plain("a\x1b[2Jname\u202e, in two\nlines"))
    a\x1b[2Jname\u202e, in two\nlines
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() or character in _SPACES
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def print_line(text: str) -> None:
    """Print one line of a result."""
    print(plain(text), flush=True)


def say(text: str) -> None:
    """Print a line of progress, or of what went wrong."""
    print(plain(text), file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """Print a result as JSON; numbers that are not finite become null."""
    text = json.dumps(_for_json(value), indent=2, ensure_ascii=False, allow_nan=False)
    print(_UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1], text), flush=True)


def _for_json(value: Any) -> Any:
    """Return `value` as JSON can hold it; numbers that are not finite become null."""
    if isinstance(value, Mapping):
        return {key: _for_json(item) for key, item in value.items()}
    if hasattr(value, "tolist"):  # an array
        return _for_json(value.tolist())
    if isinstance(value, list | tuple):
        return [_for_json(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def kind_by_name(output: Path, kinds: Collection[str]) -> str:
    """Return a file's ending, where nothing but its name may say how to write it.

    Raises
    ------
    ValueError
        If it is none of `kinds`.
    """
    if output.suffix.lower() not in kinds:
        raise ValueError(f"{output}: expected a name that ends in {', '.join(kinds)}")
    return output.suffix.lower()


def kind_of(output: Path, to: str | None, kinds: Collection[str]) -> str:
    """Return the ending that says how to write a file: the one asked for, else the file's own.

    Raises
    ------
    ValueError
        If it is none of `kinds`.
    """
    from toolkit.formats.writing import SAME_KIND

    kind = f".{to.lstrip('.').lower()}" if to else output.suffix.lower()
    kind = SAME_KIND.get(kind, kind)
    if kind not in kinds:
        listed = ", ".join(kinds)
        raise ValueError(
            f"standard output has no name to go by; expected --to with one of {listed}"
            if to is None and str(output) == STANDARD
            else f"{output}: expected a name that ends in {listed}, or --to with one of them"
            if to is None
            else f"--to: expected one of {listed}; got {to!r}"
        )
    return kind


def check_writable(path: Path, kind: str | None = None) -> None:
    """Raise before the work, rather than after it, where the result cannot be written.

    Parameters
    ----------
    path : Path
        ``-`` for standard output.
    kind : str, optional
        The ending that says what is written.
    """
    if str(path) != STANDARD:
        files.check_writable(path)
    elif kind not in _TEXTS and sys.stdout.isatty():
        raise ValueError(
            f"standard output is a terminal, which {kind or 'this'} is not for; send it to a file "
            "(> FILE) or to a program (| PROGRAM)"
        )


def write_output(path: Path, data: bytes) -> None:
    """Write a result whole to a file, or to standard output for ``-``."""
    if str(path) != STANDARD:
        files.write_whole(path, data)
    elif sys.stdout.isatty():
        for line in data.decode("utf-8", "backslashreplace").splitlines():
            print_line(line)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def read_input(most: int) -> bytes:
    """Return what comes through standard input.

    Raises
    ------
    ValueError
        If it is a terminal, or more than `most` bytes.
    """
    if sys.stdin is None or sys.stdin.isatty():
        raise ValueError("standard input is a terminal; send it a file (< FILE)")
    data = sys.stdin.buffer.read(most + 1)
    if len(data) > most:
        raise ValueError(f"standard input: holds more; at most {most >> 20} MiB are read")
    return data


def duration(seconds: float) -> str:
    """Return seconds as people say them."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def images_of(count: int, of: int) -> str:
    """Return on how many images of how many something was measured."""
    return f"{count:,} images" + (f", a sample of {of:,}" if count < of else "")


class Bar:
    """A bar of progress with the time left, on a terminal; elsewhere a line at each stage."""

    def __init__(self) -> None:
        self._start, self._stage, self._width = time.monotonic(), "", 0
        self._drawn = sys.stderr is not None and sys.stderr.isatty()

    def __call__(self, done: float, doing: str) -> None:
        """Show how much is done, 0 to 1, and what comes."""
        if not self._drawn:
            if doing != self._stage:
                self._stage = doing
                say(f"{done:4.0%} {doing}")
            return
        passed = time.monotonic() - self._start
        left = f", {duration(passed / done - passed)} left" if done > 0.05 else ""
        full = round(_BAR_WIDTH * done)
        line = plain(f"[{'#' * full}{'.' * (_BAR_WIDTH - full)}] {done:4.0%} {doing}{left}")
        sys.stderr.write(f"\r{line:<{self._width}}")
        sys.stderr.flush()
        self._width = len(line)

    def clear(self) -> None:
        """Take the bar away until more is done, to print what is known by now."""
        if self._drawn:
            sys.stderr.write(f"\r{'':<{self._width}}\r")
            sys.stderr.flush()

    def end(self) -> None:
        """Take the bar away, and say how long it took."""
        self.clear()
        say(f"done in {duration(time.monotonic() - self._start)}")
