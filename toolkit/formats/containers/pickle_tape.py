"""A pickle's bytes, its numbers and texts, and the stack that its instructions work on."""

from __future__ import annotations

import codecs
import re
from typing import Any

from toolkit.formats.containers.stand_ins import StandIns
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget

LONGEST_NUMBER = 64
"""Characters of a number's text."""
_LONGEST_WHOLE = 16  # bytes of a whole number
_BEYOND_LATIN = re.compile(rb"[\xc4-\xff]")
# A backslash that starts no escape of Python 2's strings.
_WRONG_ESCAPE = re.compile(
    rb"\\(?![abfnrtv'\"\n]|x[0-9a-fA-F]{2}|[0-3][0-7]{0,2}|[4-7](?![0-7]{2}))"
)


class Tape(StandIns):
    """A pickle's bytes and the stack that its instructions work on.

    Parameters
    ----------
    data : bytes
    budget : Budget
    torch : bool
    """

    def __init__(self, data: bytes, budget: Budget, torch: bool) -> None:
        super().__init__(budget, torch)
        self.data = data
        self.at = 0
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    # What goes wrong.

    def damaged(self, how: str) -> NetworkFileError:
        """Return the error for a pickle that is none, and where it shows."""
        return super().damaged(f"{how}, byte {self.at}")

    # Bytes of the pickle.

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        end = self.at + count
        if end > len(self.data):
            raise self.damaged("it breaks off")
        found = self.data[self.at : end]
        self.at = end
        return found

    def number(self, width: int) -> int:
        """Return a whole number of so many bytes, lowest first."""
        return int.from_bytes(self.take(width), "little")

    def line(self, longest: int) -> bytes:
        """Return the bytes up to the end of the line, which is passed."""
        end = self.data.find(b"\n", self.at)
        if end < 0:
            raise self.damaged("a line breaks off")
        if end - self.at > longest:
            raise self.damaged("a line is too long for what it should hold")
        found = self.data[self.at : end]
        self.at = end + 1
        return found

    def text_number(self, kind: type[int] | type[float], text: bytes) -> Any:
        """Return a number that is written as text."""
        try:
            return kind(text)
        except ValueError as error:
            raise self.damaged("a number is none") from error

    # The stack.

    def push(self, value: Any) -> None:
        """Put a value on the stack."""
        self.stack.append(value)

    def floor(self) -> int:
        """Return how much of the stack the last mark keeps."""
        return self.marks[-1] if self.marks else 0

    def pop(self) -> Any:
        """Take the value on top."""
        if len(self.stack) <= self.floor():
            raise self.damaged("it takes more than it put")
        return self.stack.pop()

    def top(self) -> Any:
        """Return the value on top."""
        if len(self.stack) <= self.floor():
            raise self.damaged("it takes more than it put")
        return self.stack[-1]

    def pop_mark(self) -> list[Any]:
        """Take all values down to the last mark."""
        if not self.marks:
            raise self.damaged("a mark is missing")
        start = self.marks.pop()
        found = self.stack[start:]
        del self.stack[start:]
        return found

    def text(self, raw: bytes) -> str:
        """Return UTF-8 as text."""
        self.budget.take(len(raw))
        # One character beyond Latin-1 makes each of them take up to four bytes.
        if len(raw) > self.budget.limits.header_bytes and _BEYOND_LATIN.search(raw):
            raise self.damaged("text longer than any name")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise self.damaged("text is not UTF-8") from error

    def counted(self, raw: bytes) -> bytes:
        """Return bytes, counted."""
        self.budget.take(len(raw))
        return raw

    def old_text(self, raw: bytes) -> str:
        """Python 2's str: bytes or text, which its reader has to know."""
        return self.counted(raw).decode("latin-1")

    def string_line(self) -> None:
        """Push a string in quotes, as Python 2's first protocol has it."""
        raw = self.line(len(self.data))
        if len(raw) < 2 or raw[:1] != raw[-1:] or raw[:1] not in (b"'", b'"'):
            raise self.damaged("a string without quotes")
        raw = raw[1:-1]
        # Escapes are checked first: the decoder's warning about an unknown one would open files.
        if _WRONG_ESCAPE.search(raw.replace(b"\\\\", b"__")):
            raise self.damaged("a string with an unknown escape")
        try:
            self.push(self.old_text(codecs.escape_decode(raw)[0]))
        except ValueError as error:
            raise self.damaged("a string with a broken escape") from error

    def unicode_line(self) -> None:
        """Push text that ends with its line."""
        raw = self.counted(self.line(len(self.data)))
        try:
            decoded = codecs.raw_unicode_escape_decode(raw)[0]
            if len(decoded) > self.budget.limits.header_bytes and not decoded.isascii():
                raise self.damaged("text longer than any name")
            self.push(decoded)
        except ValueError as error:
            raise self.damaged("text with a broken escape") from error

    def int_line(self) -> None:
        """Push a whole number or a truth value."""
        raw = self.line(LONGEST_NUMBER)
        flags = {b"00": False, b"01": True}
        self.push(flags[raw] if raw in flags else self.text_number(int, raw))

    def long_line(self) -> None:
        """Push a whole number of any length that is read."""
        self.push(self.text_number(int, self.line(LONGEST_NUMBER).removesuffix(b"L")))

    def long_bytes(self, count: int) -> None:
        """Push a whole number of so many bytes."""
        if count > _LONGEST_WHOLE:
            raise self.damaged(f"a whole number of {count} bytes")
        self.push(int.from_bytes(self.take(count), "little", signed=True))
