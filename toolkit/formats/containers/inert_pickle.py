"""Pickles read as data: nothing is imported, called or executed.

A pickle is a program for a small stack machine.  This module runs those of its
instructions that put numbers, text, lists, tuples and dicts together, and
treats the few names that stand for an array (NumPy's) or a tensor (PyTorch's)
as words to compare with, never as things to fetch.  Any other name ends the
reading.
"""

from __future__ import annotations

import codecs
import re
import struct
from collections.abc import Callable
from typing import Any

from toolkit.formats.containers.stand_ins import (
    ADVICE,
    MOST_INSTRUCTIONS,
    Dtype,
    Name,
    Shell,
    StandIns,
)
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget

_MOST_DEPTH = 200_000
_LONGEST_NUMBER = 64  # characters of a number's text
_LONGEST_WHOLE = 16  # bytes of a whole number
_LONGEST_NAME = 200


def loads(data: bytes | memoryview, budget: Budget, *, torch: bool = False) -> Any:
    """Read a pickle.

    Parameters
    ----------
    data : bytes
        One pickle, and nothing behind it.
    budget : Budget
        Counts what text, bytes and arrays take.
    torch : bool
        Whether PyTorch's names are read as well.

    Returns
    -------
    None, bool, int, float, str, bytes, ndarray, Name, Storage, StoredTensor,
    or lists, tuples and dicts (whose keys are str, small whole numbers as text) of these
        Containers may share parts or hold themselves: walk them with a bound.

    Raises
    ------
    NetworkFileError
        If it holds any other object, is damaged, or asks for too much.
    """
    return _Machine(bytes(data), budget, torch).run()


class _Machine(StandIns):
    def __init__(self, data: bytes, budget: Budget, torch: bool) -> None:
        super().__init__(budget, torch)
        self.data = data
        self.at = 0
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def run(self) -> Any:
        for _ in range(MOST_INSTRUCTIONS):
            if self.at >= len(self.data):
                raise self.damaged("it breaks off")
            code = self.data[self.at]
            self.at += 1
            if code == _STOP:
                break
            instruction = _INSTRUCTIONS.get(code)
            if instruction is None:
                raise self.unknown(code)
            instruction(self)
        else:
            raise NetworkFileError(
                f"{self.where}: a pickle of more than {MOST_INSTRUCTIONS:,} instructions; {ADVICE}"
            )
        if len(self.stack) != 1 or self.marks:
            raise self.damaged("it ends with something left over")
        if self.at != len(self.data):
            raise self.damaged(f"{len(self.data) - self.at} bytes trail behind its end")
        return self.stack[0]

    # What goes wrong.

    def damaged(self, how: str) -> NetworkFileError:
        return super().damaged(f"{how}, byte {self.at}")

    def unknown(self, code: int) -> NetworkFileError:
        if code in _OBJECT_INSTRUCTIONS:
            return self.refused(_OBJECT_INSTRUCTIONS[code])
        return self.damaged(f"instruction {code:#04x} is unknown")

    # Bytes of the pickle.

    def take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            raise self.damaged("it breaks off")
        found = self.data[self.at : end]
        self.at = end
        return found

    def number(self, width: int) -> int:
        return int.from_bytes(self.take(width), "little")

    def line(self, longest: int) -> bytes:
        end = self.data.find(b"\n", self.at)
        if end < 0:
            raise self.damaged("a line breaks off")
        if end - self.at > longest:
            raise self.damaged("a line is too long for what it should hold")
        found = self.data[self.at : end]
        self.at = end + 1
        return found

    def text_number(self, kind: type[int] | type[float], text: bytes) -> Any:
        try:
            return kind(text)
        except ValueError as error:
            raise self.damaged("a number is none") from error

    # The stack.

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def floor(self) -> int:
        return self.marks[-1] if self.marks else 0

    def pop(self) -> Any:
        if len(self.stack) <= self.floor():
            raise self.damaged("it takes more than it put")
        return self.stack.pop()

    def top(self) -> Any:
        if len(self.stack) <= self.floor():
            raise self.damaged("it takes more than it put")
        return self.stack[-1]

    def pop_mark(self) -> list[Any]:
        if not self.marks:
            raise self.damaged("a mark is missing")
        start = self.marks.pop()
        found = self.stack[start:]
        del self.stack[start:]
        return found

    # Instructions.

    def protocol(self) -> None:
        if self.number(1) > 5:
            raise self.damaged("of a protocol newer than 5")

    def frame(self) -> None:
        if self.number(8) > len(self.data) - self.at:
            raise self.damaged("a frame breaks off")

    def drop_to_mark(self) -> None:
        self.pop_mark()

    def mark(self) -> None:
        if len(self.marks) >= _MOST_DEPTH:
            raise self.damaged("it is nested too deeply")
        self.marks.append(len(self.stack))

    def pop_one(self) -> None:
        if self.marks and len(self.stack) == self.marks[-1]:
            self.marks.pop()
        else:
            self.pop()

    def text(self, raw: bytes) -> str:
        self.budget.take(len(raw))
        # One character beyond Latin-1 makes each of them take up to four bytes.
        if len(raw) > self.budget.limits.header_bytes and _BEYOND_LATIN.search(raw):
            raise self.damaged("text longer than any name")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise self.damaged("text is not UTF-8") from error

    def counted(self, raw: bytes) -> bytes:
        self.budget.take(len(raw))
        return raw

    def old_text(self, raw: bytes) -> str:
        """Python 2's str: bytes or text, which its reader has to know."""
        return self.counted(raw).decode("latin-1")

    def string_line(self) -> None:
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
        raw = self.counted(self.line(len(self.data)))
        try:
            decoded = codecs.raw_unicode_escape_decode(raw)[0]
            if len(decoded) > self.budget.limits.header_bytes and not decoded.isascii():
                raise self.damaged("text longer than any name")
            self.push(decoded)
        except ValueError as error:
            raise self.damaged("text with a broken escape") from error

    def int_line(self) -> None:
        raw = self.line(_LONGEST_NUMBER)
        flags = {b"00": False, b"01": True}
        self.push(flags[raw] if raw in flags else self.text_number(int, raw))

    def long_line(self) -> None:
        self.push(self.text_number(int, self.line(_LONGEST_NUMBER).removesuffix(b"L")))

    def long_bytes(self, count: int) -> None:
        if count > _LONGEST_WHOLE:
            raise self.damaged(f"a whole number of {count} bytes")
        self.push(int.from_bytes(self.take(count), "little", signed=True))

    def set_items(self, pairs: list[Any]) -> None:
        target = self.top()
        if not isinstance(target, dict) or len(pairs) % 2:
            raise self.damaged("it fills a dict that is none")
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            target[self.key(key)] = value

    def append(self, values: list[Any]) -> None:
        target = self.top()
        if not isinstance(target, list):
            raise self.damaged("it fills a list that is none")
        target.extend(values)

    def new_dict(self) -> None:
        pairs = self.pop_mark()
        self.push({})
        self.set_items(pairs)

    def tuple_of(self, count: int) -> None:
        values = [self.pop() for _ in range(count)]
        self.push(tuple(reversed(values)))

    def put(self, key: int) -> None:
        if not 0 <= key < MOST_INSTRUCTIONS:
            raise self.damaged(f"it remembers something as number {key}")
        value = self.top()
        if isinstance(value, Shell):
            value.memo_keys.append(key)
        self.memo[key] = value

    def get(self, key: int) -> None:
        if key not in self.memo:
            raise self.damaged(f"it recalls number {key}, which it never remembered")
        self.push(self.memo[key])

    def global_name(self, module: Any, name: Any) -> None:
        if type(module) is not str or type(name) is not str:
            raise self.damaged("a name that is no text")
        self.push(self.named(module, name))

    def global_line(self) -> None:
        module, name = self.line(_LONGEST_NAME), self.line(_LONGEST_NAME)
        self.global_name(module.decode("latin-1"), name.decode("latin-1"))

    def instance_line(self) -> None:
        module, name = self.line(_LONGEST_NAME), self.line(_LONGEST_NAME)
        raise self.refused(str(Name(module.decode("latin-1"), name.decode("latin-1"))))

    def stack_global(self) -> None:
        name, module = self.pop(), self.pop()
        self.global_name(module, name)

    def persistent(self) -> None:
        self.push(self.stored(self.pop()))

    def build(self) -> None:
        state = self.pop()
        match self.top():
            case Shell() as shell:
                array = self.array(state)
                self.stack[-1] = array
                for key in shell.memo_keys:
                    if self.memo.get(key) is shell:
                        self.memo[key] = array
            case Dtype() as dtype:
                self.set_order(dtype, state)
            case dict() if isinstance(state, dict):
                pass  # what an OrderedDict holds beside its items, such as PyTorch's _metadata
            case _:
                raise self.refused("an object's own state")

    def reduce(self) -> None:
        arguments, function = self.pop(), self.pop()
        if not isinstance(function, Name) or not isinstance(arguments, tuple):
            raise self.damaged("it calls what is no name")
        self.push(self.stand_in(function, arguments))


_BEYOND_LATIN = re.compile(rb"[\xc4-\xff]")
# A backslash that starts no escape of Python 2's strings.
_WRONG_ESCAPE = re.compile(
    rb"\\(?![abfnrtv'\"\n]|x[0-9a-fA-F]{2}|[0-3][0-7]{0,2}|[4-7](?![0-7]{2}))"
)

_STOP = 0x2E
_INSTRUCTIONS: dict[int, Callable[[_Machine], None]] = {
    ord(key): run
    for key, run in {
        "\x80": _Machine.protocol,
        "\x95": _Machine.frame,
        "(": _Machine.mark,
        "0": _Machine.pop_one,
        "1": _Machine.drop_to_mark,
        "2": lambda m: m.push(m.top()),
        "N": lambda m: m.push(None),
        "\x88": lambda m: m.push(True),
        "\x89": lambda m: m.push(False),
        "I": _Machine.int_line,
        "L": _Machine.long_line,
        "F": lambda m: m.push(m.text_number(float, m.line(_LONGEST_NUMBER))),
        "J": lambda m: m.push(int.from_bytes(m.take(4), "little", signed=True)),
        "K": lambda m: m.push(m.number(1)),
        "M": lambda m: m.push(m.number(2)),
        "G": lambda m: m.push(struct.unpack(">d", m.take(8))[0]),
        "\x8a": lambda m: m.long_bytes(m.number(1)),
        "\x8b": lambda m: m.long_bytes(m.number(4)),
        "S": _Machine.string_line,
        "T": lambda m: m.push(m.old_text(m.take(m.number(4)))),
        "U": lambda m: m.push(m.old_text(m.take(m.number(1)))),
        "V": _Machine.unicode_line,
        "X": lambda m: m.push(m.text(m.take(m.number(4)))),
        "\x8c": lambda m: m.push(m.text(m.take(m.number(1)))),
        "\x8d": lambda m: m.push(m.text(m.take(m.number(8)))),
        "B": lambda m: m.push(m.counted(m.take(m.number(4)))),
        "C": lambda m: m.push(m.counted(m.take(m.number(1)))),
        "\x8e": lambda m: m.push(m.counted(m.take(m.number(8)))),
        "\x96": lambda m: m.push(m.counted(m.take(m.number(8)))),
        "]": lambda m: m.push([]),
        "l": lambda m: m.push(m.pop_mark()),
        "a": lambda m: m.append([m.pop()]),
        "e": lambda m: m.append(m.pop_mark()),
        ")": lambda m: m.push(()),
        "t": lambda m: m.push(tuple(m.pop_mark())),
        "\x85": lambda m: m.tuple_of(1),
        "\x86": lambda m: m.tuple_of(2),
        "\x87": lambda m: m.tuple_of(3),
        "}": lambda m: m.push({}),
        "d": _Machine.new_dict,
        "s": lambda m: m.set_items([m.pop(), m.pop()][::-1]),
        "u": lambda m: m.set_items(m.pop_mark()),
        "p": lambda m: m.put(m.text_number(int, m.line(_LONGEST_NUMBER))),
        "q": lambda m: m.put(m.number(1)),
        "r": lambda m: m.put(m.number(4)),
        "\x94": lambda m: m.put(len(m.memo)),
        "g": lambda m: m.get(m.text_number(int, m.line(_LONGEST_NUMBER))),
        "h": lambda m: m.get(m.number(1)),
        "j": lambda m: m.get(m.number(4)),
        "c": _Machine.global_line,
        "i": _Machine.instance_line,
        "\x93": _Machine.stack_global,
        "R": _Machine.reduce,
        "b": _Machine.build,
        "Q": _Machine.persistent,
    }.items()
}

# Instructions that only serve objects, and what to call them in the refusal.
_OBJECT_INSTRUCTIONS = {
    ord(key): name
    for key, name in {
        "o": "an instance of a class",
        "\x81": "an instance of a class",
        "\x92": "an instance of a class",
        "P": "a reference to an object outside the pickle",
        "\x82": "an object from the extension registry",
        "\x83": "an object from the extension registry",
        "\x84": "an object from the extension registry",
        "\x8f": "a set",
        "\x90": "a set",
        "\x91": "a set",
        "\x97": "a buffer outside the pickle",
        "\x98": "a buffer outside the pickle",
    }.items()
}
