"""Pickles read as data: nothing is imported, called or executed.

A pickle is a program for a small stack machine.  This module runs those of its
instructions that put numbers, text, lists, tuples and dicts together, and
treats the few names that stand for an array (NumPy's) or a tensor (PyTorch's)
as words to compare with, never as things to fetch.  Any other name ends the
reading, but for the data beside a checkpoint's tensors, which become opaque
records (:mod:`toolkit.formats.containers.opaque`).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from toolkit.formats.containers.advice import ADVICE
from toolkit.formats.containers.opaque import SET, Name, Opaque
from toolkit.formats.containers.pickle_tape import LONGEST_NUMBER, Tape
from toolkit.formats.containers.stand_ins import (
    MOST_INSTRUCTIONS,
    WRAPPER,
    Dtype,
    Shell,
    Storage,
    Wrapped,
)
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget

_MOST_DEPTH = 200_000
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
        Whether PyTorch's names are read as well, and other objects become opaque.

    Returns
    -------
    None, bool, int, float, str, bytes, ndarray, Name, Storage, StoredTensor, Opaque,
    or lists, tuples and dicts (whose keys are str, small whole numbers as text) of these
        Containers may share parts or hold themselves: walk them with a bound.

    Raises
    ------
    NetworkFileError
        If it holds any other object, is damaged, or asks for too much.
    """
    machine = _Machine(bytes(data), budget, torch)
    value = machine.run()
    if machine.at != len(machine.data):
        raise machine.damaged(f"{len(machine.data) - machine.at} bytes trail behind its end")
    return value


def load_one(data: bytes, start: int, budget: Budget) -> tuple[Any, int, dict[str, Storage]]:
    """Read one of several pickles of PyTorch's that follow one another.

    Parameters
    ----------
    data : bytes
    start : int
        Where it begins.
    budget : Budget

    Returns
    -------
    value : as for :func:`loads`
    end : int
        Where the next begins.
    storages : dict of str to Storage
        What it says of storages, by their keys.

    Raises
    ------
    NetworkFileError
        As for :func:`loads`.
    """
    machine = _Machine(data, budget, True)
    machine.at = start
    return machine.run(), machine.at, machine.storages


class _Machine(Tape):
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
        return self.stack[0]

    def unknown(self, code: int) -> NetworkFileError:
        if code in _OBJECT_INSTRUCTIONS:
            return self.refused(_OBJECT_INSTRUCTIONS[code])
        return self.damaged(f"instruction {code:#04x} is unknown")

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

    def set_items(self, pairs: list[Any]) -> None:
        target = self.top()
        if isinstance(target, Opaque):
            return
        if not isinstance(target, dict) or len(pairs) % 2:
            raise self.damaged("it fills a dict that is none")
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            target[self.key(key, len(target))] = value

    def append(self, values: list[Any]) -> None:
        target = self.top()
        if isinstance(target, Opaque):
            return
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
        found = self.named(module.decode("latin-1"), name.decode("latin-1"))
        self.pop_mark()
        self.instance(found)

    def instance_of_mark(self) -> None:
        values = self.pop_mark()
        self.instance(values[0] if values else None)

    def instance_of(self, arguments: int) -> None:
        for _ in range(arguments):
            self.pop()
        self.instance(self.pop())

    def instance(self, found: Any) -> None:
        """Push an instance of a class, whose arguments are taken from the stack."""
        if isinstance(found, Opaque):
            self.push(Opaque(found.name))
        elif isinstance(found, Name) and found == WRAPPER:
            self.push(Wrapped())
        else:
            raise self.refused("an instance of a class")

    def set_of(self, values: list[Any]) -> None:
        if not self.torch:
            raise self.refused("a set")
        self.push(Opaque(SET))

    def add_to_set(self) -> None:
        self.pop_mark()
        if not isinstance(self.top(), Opaque):
            raise self.refused("a set")

    def stack_global(self) -> None:
        name, module = self.pop(), self.pop()
        self.global_name(module, name)

    def persistent(self) -> None:
        self.push(self.stored(self.pop()))

    def build(self) -> None:
        state = self.pop()
        match self.top():
            case Shell() as shell:
                wrapped = isinstance(shell, Wrapped)
                array = self.wrapped(state) if wrapped else self.array(state)
                self.stack[-1] = array
                for key in shell.memo_keys:
                    if self.memo.get(key) is shell:
                        self.memo[key] = array
            case Dtype() as dtype:
                self.set_order(dtype, state)
            case dict() if isinstance(state, dict):
                pass  # what an OrderedDict holds beside its items, such as PyTorch's _metadata
            case Opaque() as opaque:
                if isinstance(state, tuple) and len(state) == 2:
                    state = state[0]  # the other half is of slots
                opaque.state = state if isinstance(state, dict) else None
            case _:
                raise self.refused("an object's own state")

    def wrapped(self, state: Any) -> Any:
        """Return an array of joblib's, whose numbers stand here between the instructions."""
        match state:
            case {
                "subclass": Name("numpy", "ndarray"),
                "shape": tuple(shape),
                "order": str(order),
                "dtype": Dtype() as dtype,
            } if order in ("C", "F") and dtype.code != "O":
                size = self.budget.check(shape, dtype.of_numpy().itemsize, "an array")
                if state.get("numpy_array_alignment_bytes") is not None:
                    self.take(self.number(1))
                return self.filled(dtype, shape, self.take(size), order)
            case _:
                raise self.refused(str(WRAPPER))

    def reduce(self) -> None:
        arguments, function = self.pop(), self.pop()
        if isinstance(function, Opaque):
            self.push(Opaque(function.name))
            return
        if not isinstance(function, Name) or not isinstance(arguments, tuple):
            raise self.damaged("it calls what is no name")
        self.push(self.stand_in(function, arguments))


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
        "F": lambda m: m.push(m.text_number(float, m.line(LONGEST_NUMBER))),
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
        "p": lambda m: m.put(m.text_number(int, m.line(LONGEST_NUMBER))),
        "q": lambda m: m.put(m.number(1)),
        "r": lambda m: m.put(m.number(4)),
        "\x94": lambda m: m.put(len(m.memo)),
        "g": lambda m: m.get(m.text_number(int, m.line(LONGEST_NUMBER))),
        "h": lambda m: m.get(m.number(1)),
        "j": lambda m: m.get(m.number(4)),
        "c": _Machine.global_line,
        "i": _Machine.instance_line,
        "\x93": _Machine.stack_global,
        "R": _Machine.reduce,
        "b": _Machine.build,
        "Q": _Machine.persistent,
        "o": _Machine.instance_of_mark,
        "\x81": lambda m: m.instance_of(1),
        "\x92": lambda m: m.instance_of(2),
        "\x8f": lambda m: m.set_of([]),
        "\x90": _Machine.add_to_set,
        "\x91": lambda m: m.set_of(m.pop_mark()),
    }.items()
}

# Instructions that only serve objects, and what to call them in the refusal.
_OBJECT_INSTRUCTIONS = {
    ord(key): name
    for key, name in {
        "P": "a reference to an object outside the pickle",
        "\x82": "an object from the extension registry",
        "\x83": "an object from the extension registry",
        "\x84": "an object from the extension registry",
        "\x97": "a buffer outside the pickle",
        "\x98": "a buffer outside the pickle",
    }.items()
}
