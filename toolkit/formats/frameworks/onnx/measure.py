"""Measuring a model's message before it is parsed."""

from __future__ import annotations

from toolkit.formats.containers.protobuf import fields
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import mebibytes
from toolkit.formats.limits import Limits

_GRAPH, _NODE, _INITIALIZER, _ATTRIBUTE, _TENSOR = (7,), (7, 1), (7, 5), (7, 1, 5), (7, 1, 5, 5)
_WALKED = {_GRAPH, _NODE, _INITIALIZER, _ATTRIBUTE, _TENSOR}
_PAYLOADS = {(*tensor, field) for tensor in (_INITIALIZER, _TENSOR) for field in (4, 9, 10)}
"""Where a message keeps weights: float_data, raw_data and double_data, as large parsed as not."""


def measure(data: bytes, where: str, limits: Limits) -> None:
    """Refuse a message that describes too much for what it holds.

    A node of two bytes takes a hundred parsed; sixty-four megabytes of them would take more than
    the machine has.
    """
    counts = {_NODE: 0, _INITIALIZER: 0}
    described = 0
    waiting: list[tuple[tuple[int, ...], int, int]] = [((), 0, len(data))]
    while waiting:
        path, start, end = waiting.pop()
        for field, at, stop, after in fields(data, start, end, where):
            place = (*path, field)
            described += (at - start) if place in _PAYLOADS else (after - start)
            start = after
            if place in counts:
                counts[place] += 1
                if counts[place] > limits.tensors:
                    raise NetworkFileError(f"{where}: more than {limits.tensors} nodes or arrays")
            if place in _WALKED:
                described -= stop - at
                waiting.append((place, at, stop))
            if described > limits.header_bytes:
                raise NetworkFileError(
                    f"{where}: all but its weights takes more than "
                    f"{mebibytes(limits.header_bytes)}, the most that is read"
                )
